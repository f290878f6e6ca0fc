"""Names the modules of a finished body, or says which two of them would have one name."""

from __future__ import annotations

from archdsl.elaborate.session import Frame
from archdsl.source import Span


def names_fit(frame: Frame) -> bool:
    """Whether all module names of a body differ, and none is inside another's."""
    body = frame.body
    assert body is not None
    body.labels.finish()
    seen: dict[str, Span] = {}
    shared: set[int] = set()
    for leaf, node in zip(body.leaves, body.nodes, strict=True):
        if leaf is None or node.slot in shared:
            continue
        if node.slot is not None:
            shared.add(node.slot)
        if leaf.name in seen:
            return _clash(frame, leaf.name, node.spans[0], seen[leaf.name])
        seen[leaf.name] = node.spans[0]
    for name, span in seen.items():
        stem = name
        while "." in stem:
            stem = stem.rpartition(".")[0]
            if stem in seen:
                return _clash(frame, stem, span, seen[stem])
    return True


def _clash(frame: Frame, name: str, span: Span, first: Span) -> bool:
    problem = frame.problem(
        span,
        "duplicate-label",
        f"two modules are called {name}",
        notes=[f"the first is at line {first.line}: {first.text.splitlines()[0][:60]}"],
        help='give them different labels: `… as conv1`, or with a loop\'s variable: `… as "conv{i}"`',
    )
    frame.session.report(problem.diagnostic)
    return False
