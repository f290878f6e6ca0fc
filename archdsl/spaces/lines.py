"""Finds the options that are one thing or another by an earlier choice, which a figure says in one line.

    h = oneof([x, y])
    y -> oneof([conv(8, stride = 2 if h is x else 1), id])

Where the first option is a convolution of one stride or the other, and both follow h, one choice has both as options of
one text, instead of a choice between them before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archdsl.choices.asked import Asked
from archdsl.choices.nodes import Decision, Diagram
from archdsl.ir.alternatives import Alternative, Alternatives, Selection
from archdsl.ir.graph import INPUT, Ref
from archdsl.spaces.reach import by_text, taken


@dataclass
class Lines:
    """The selections of a body: `refs` by number, of those among whose options other ones, `inner`, are."""

    asked: Asked
    body: Alternatives
    needed: Mapping[int, Diagram]

    def __post_init__(self) -> None:
        """Finds them."""
        diagrams = self.asked.diagrams
        self.refs: dict[int, Diagram] = {}
        self.inner: set[int] = set()
        self._users: defaultdict[int, set[int]] = defaultdict(set)
        for ref, user, _ in taken(diagrams, self.body, self.needed):
            self._users[ref.node].add(user)
        for index in self.needed:
            node = self.body.nodes[index]
            inner = self._inner(index, node)
            options = [(ref, index) for ref in by_text(node).values() if ref not in inner]
            options += [one for ref, refs in inner.items() for one in self._options(ref.node, refs)]
            if inner and isinstance(node, Selection) and self._follow_one(options):
                cases = diagrams.cases(node.refs, diagrams.true)
                found = diagrams.choose((inner.get(ref) or diagrams.leaf(ref), when) for ref, when in cases)
                assert found is not None
                self.refs[index] = found
                self.inner |= {ref.node for ref in inner}

    def _inner(self, index: int, node: Alternative | Selection) -> dict[Ref, Diagram]:
        """The options of a selection that are selections, which nothing else takes, by what is not chosen in them."""
        found = {}
        for ref in by_text(node).values():
            option = None if ref.node == INPUT else self.body.nodes[ref.node]
            if isinstance(option, Selection) and self._users[ref.node] == {index}:
                (decision,) = self.asked.diagrams.support(node.refs)  # type: ignore[union-attr]
                if not any(self._asked_by(one, decision) for one in self.asked.diagrams.support(option.refs)):
                    found[ref] = option.refs
        return found

    def _asked_by(self, decision: Decision, other: Decision) -> bool:
        """Whether a decision is asked, or what it offers, by what is picked of another."""
        domain = self.asked.domains.get(decision)
        return decision is other or domain is None or other in self.asked.diagrams.support(domain)

    def are_lines(self, index: int, refs: Diagram, support: frozenset[Decision], decision: Decision) -> bool:
        """Whether the options of one of the decisions of a selection may be one thing or another by the others."""
        asked = any(self._asked_by(one, decision) for one in support - {decision})
        return index in self.refs or (not asked and self._follow_one(self._options(index, refs)))

    def _options(self, index: int, refs: Diagram) -> list[tuple[Ref, int]]:
        """What a selection takes, and its number."""
        return [(ref, index) for ref, _ in self.asked.diagrams.cases(refs, self.needed[index])]

    def _follow_one(self, options: Sequence[tuple[Ref, int]]) -> bool:
        """Whether all options take the same, or are that, and nothing else takes them than those that are told."""
        sources, passed = set(), set()
        for ref, user in options:
            option = None if ref.node == INPUT else self.body.nodes[ref.node]
            if isinstance(option, Alternative) and self._users[ref.node] == {user}:
                sources.add(tuple([one for one, _ in option.operands]))
            else:
                passed.add((ref,))
        return len(sources) == 1 and passed <= sources
