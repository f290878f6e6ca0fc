"""Tells which forms the options of a decision have, and in which order these are said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, NamedTuple

from archdsl.choices.diagram import Diagrams
from archdsl.choices.nodes import Decision, Diagram
from archdsl.ir.alternatives import Alternative, Alternatives, NodeForm
from archdsl.ir.chosen import Choosing, Several
from archdsl.ir.graph import INPUT, Graph, Ref
from archdsl.ops.base import Op

_SMALL = 4  # ops of a body that its callers may show


class OptionForm(NamedTuple):
    """A form that an option may have: the tensor of the outline that has it, its numbers there, and when it has it."""

    ref: Ref
    numbers: tuple[int, ...]
    when: Diagram


@dataclass(frozen=True)
class OptionForms:
    """Reads the options of a body: `place` and `outlined` give what tensors and targets are in its outline."""

    diagrams: Diagrams
    body: Alternatives
    place: Callable[[Ref, NodeForm | None], Ref]
    outlined: Callable[[Any], Any]

    def of(self, refs: Diagram, decision: Decision) -> dict[str, list[OptionForm]]:
        """The forms of each option of a decision."""
        made = {}
        for text in decision.texts:
            below = self.diagrams.restrict(refs, decision, text)
            if below is not None:
                made[text] = self._column(below, decision, text)
        return made

    def _column(self, refs: Diagram, decision: Decision, text: str) -> list[OptionForm]:
        diagrams = self.diagrams
        found: dict[tuple[Ref, tuple[int, ...]], Diagram] = {}
        for ref, when in diagrams.cases(refs, diagrams.true):
            for form, also in self._forms(ref, decision, text):
                numbers = () if form is None else tuple(_numbers(self.outlined(form.target)))
                key = self.place(ref, form), numbers
                found[key] = diagrams.either(found.get(key, diagrams.false), diagrams.both(when, also))
        return [OptionForm(*key, when) for key, when in found.items() if when is not diagrams.false]

    def _forms(self, ref: Ref, decision: Decision, text: str) -> Iterator[tuple[NodeForm | None, Diagram]]:
        """What may make a tensor, each with when it does."""
        node = None if ref.node == INPUT else self.body.nodes[ref.node]
        if not isinstance(node, Alternative):
            yield None, self.diagrams.true
            return
        variants = self.diagrams.restrict(node.variants, decision, text)
        yield from [] if variants is None else self.diagrams.cases(variants, self.diagrams.true)


def in_one_order(columns: Sequence[list[OptionForm]]) -> list[Diagram]:
    """When options have the first form, the second and so on, where all that differ do so at once; else nothing.

    Numbers of several are written from the least on, so they say which form is the first; not where one form has more.
    """
    first = [case.when for case in columns[0]]
    order: list[Diagram] = []
    for column in columns:
        if {case.when for case in column} != set(first) or len(column) != len(first):
            return []
        written = len({case.ref for case in column})
        if written > 1:  # in any order
            if written < len(column):
                return []
            continue
        rising = sorted(column, key=lambda case: case.numbers)
        for numbers in zip(*(case.numbers for case in rising), strict=True):
            differ = len(set(numbers)) > 1
            if differ and (any(a >= b for a, b in pairwise(numbers)) or any(isinstance(n, Several) for n in numbers)):
                return []
        if order and order != [case.when for case in rising]:
            return []
        order = [case.when for case in rising]
    return order or first


def _numbers(target: Any) -> Iterator[int]:
    """The numbers that a box may say of an op or a call."""
    if isinstance(target, int):
        yield target if isinstance(target, Several) else int(target)
    elif isinstance(target, tuple):
        for item in target:
            yield from _numbers(item)
    elif isinstance(target, Op):
        yield from _numbers(tuple([getattr(target, field.name) for field in fields(target)]))
    elif isinstance(target, Graph):
        yield from _numbers(tuple([value for _, value in target.arguments]))
        if _is_small(target):
            yield from _numbers(tuple([node.target for node in target.nodes]))


def _is_small(body: Graph) -> bool:
    """Whether callers may show what a body does: few ops, none of which is chosen."""
    targets, count = [body], 0
    while targets and count <= _SMALL:
        for node in targets.pop().nodes:
            count += 1
            if isinstance(node.target, Choosing):
                return False
            if isinstance(node.target, Graph):
                targets.append(node.target)
    return count <= _SMALL
