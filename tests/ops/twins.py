"""Gives every op of the package a twin: the same op as a plugin would bring it, by another name from another module."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from archdsl.analysis import registry as analyses
from archdsl.analysis.misreadings import misreadings
from archdsl.analysis.narrowest import narrowest
from archdsl.analysis.not_defined import NotDefined
from archdsl.analysis.receptive_field import field_rows, misaligned
from archdsl.analysis.report import report
from archdsl.diagnostics.model import ArchError
from archdsl.emit.figure.scenes import scene
from archdsl.emit.pytorch import source
from archdsl.ir.graph import Graph, Node, bodies
from archdsl.lint.driver import lint
from archdsl.ops import registry
from archdsl.ops.base import Op
from archdsl.presets import registry as presets
from archdsl.presets.count import count
from archdsl.write.spec import write_spec
from archdsl.write.trees import Unwritable

NAMES = registry.names()
ENDS = ("qq", "qx", "qz", "xq", "xx", "xz")


def _twin_names() -> dict[str, str]:
    """As long as the op's own, so that lines are broken in the same places."""
    found: dict[str, str] = {}
    for name in NAMES:
        found[name] = next(twin for end in ENDS if (twin := name[:-2] + end) not in found.values())
    return found


TWIN_NAMES = _twin_names()
_OPS = {twin: name for name, twin in TWIN_NAMES.items()}
_WORD = re.compile(rf"(?<![a-z])({'|'.join(sorted(_OPS, key=len, reverse=True)).replace('_', '[_ ]')})(?![a-z])")


def _twin(name: str) -> type[Op]:
    op = registry.load(name)
    assert op is not None
    body = {"name": TWIN_NAMES[name], "__slots__": (), "__module__": __name__, "__doc__": op.__doc__}
    return dataclass(frozen=True)(type(op.__name__, (op,), body))


TWINS = {TWIN_NAMES[name]: _twin(name) for name in NAMES}


def in_words_of_ops(text: str) -> str:
    """`text` with the names of ops in place of those of twins, and `bn` spelled as any other."""

    def back(found: re.Match[str]) -> str:
        op = _OPS[found[1].replace(" ", "_")]
        return op.replace("_", " ") if " " in found[1] else op

    return _WORD.sub(back, text).replace("batch norm", "bn")


def with_twins(root: Graph) -> Graph:
    """`root` with twins in place of its ops, but for those that operators apply: + is `add`, whatever else adds."""

    made: dict[Graph, Graph] = {}
    for body in bodies(root):
        made[body] = replace(body, nodes=tuple([_with_twin(node, made) for node in body.nodes]))
    return made[root]


def _with_twin(node: Node, made: dict[Graph, Graph]) -> Node:
    if isinstance(op := node.target, Graph):
        return node._replace(target=made[op])
    if not node.label:
        return node
    twin = TWIN_NAMES[op.name]
    # A module without a name is called by its op's.
    label = re.sub(rf"(^|\.){op.name}(_\d+)?$", rf"\g<1>{twin}\g<2>", node.label)
    return node._replace(target=TWINS[twin](*[getattr(op, field.name) for field in fields(op)]), label=label)


def answers(root: Graph) -> Iterator[tuple[str, Any]]:
    """All that can be asked of a network without running it, each answer as text, by what was asked."""
    for name in analyses.names():
        try:
            yield name, analyses.metric(name)(root)
        except NotDefined as reason:
            yield name, reason
    yield "rows", report(root)
    yield "fields", list(field_rows(root))
    yield "joins", list(misaligned(root))
    yield "channels", narrowest(root)
    yield "misreadings", list(misreadings(root))
    yield "advice", lint(root)
    yield (
        "figure",
        [
            (
                panel.title,
                panel.table,
                panel.words,
                panel.sketch.edges,
                [(b.lines, b.style) for b in panel.sketch.boxes],
            )
            for panel in scene(root).panels
        ],
    )
    for form in (source, write_spec):
        try:
            yield form.__name__, re.sub(r"\(hash \w+\)", "", form(root))
        except (ArchError, Unwritable) as error:
            yield form.__name__, error
    for tool in presets.names():
        yield tool, repr(count(root, tool))


def differences(root: Graph, other: Graph) -> list[str]:
    """What gets other answers of `other`, which is `root` but for names of ops."""
    pairs = zip(answers(root), answers(other), strict=True)
    return [asked for (asked, a), (_, b) in pairs if in_words_of_ops(str(a)) != in_words_of_ops(str(b))]
