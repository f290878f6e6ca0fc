"""Says of tensors that are taken in some designs alone in which: what nothing else takes, or by which decision."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from archdsl.choices.nodes import Diagram
from archdsl.ir.alternatives import Alternative, Alternatives
from archdsl.ir.chosen import IF
from archdsl.ir.graph import INPUT, Ref
from archdsl.spaces.reasons import Reasons

_ANY = "*"  # in the place of the part in which names differ


class PresentTensor(NamedTuple):
    """That a tensor is taken where `way` holds: `asked` says when, in words; None for both where that is always."""

    place: Ref
    asked: str | None = None
    way: Diagram | None = None


class Together(NamedTuple):
    """Tensors that one box lets through: what it says, and their numbers among the operands, each with its text."""

    asked: str
    members: dict[int, str]


@dataclass(frozen=True)
class Presence:
    """Words for when who takes what; `takers` are by tensor who takes it, and when."""

    reasons: Reasons
    body: Alternatives
    takers: Mapping[Ref, Mapping[int, Diagram]]

    def said(self, ref: Ref, present: Diagram, care: Diagram, by: Collection[int], way: Diagram) -> str:
        """When a tensor is taken by nodes that are one."""
        return self._left_over(ref, present, care, by) or self._asked(way)

    def _left_over(self, ref: Ref, present: Diagram, care: Diagram, by: Collection[int]) -> str:
        """That a tensor is taken where nothing else takes it, or the input that it is made of; "" where it is not."""
        diagrams, what = self.reasons.diagrams, "it"
        node = None if ref.node == INPUT else self.body.nodes[ref.node]
        if isinstance(node, Alternative) and self.takers[ref].keys() <= {*by} and len(node.operands) == 1:
            ref, by = node.operands[0].ref, (ref.node,)
            what = self.body.input_names[ref.output] if ref.node == INPUT else ""
        others = diagrams.either(*(when for user, when in self.takers[ref].items() if user not in by))
        wrong = diagrams.either(diagrams.both(present, others), diagrams.negate(diagrams.either(present, others)))
        if not what or others is diagrams.false or diagrams.both(care, wrong) is not diagrams.false:
            return ""
        return f"{IF}nothing else takes {what}"

    def _asked(self, way: Diagram) -> str:
        """By what a condition is decided: the decision where it has two options, else the condition in words."""
        support = self.reasons.diagrams.support(way)
        if len(support) == 1 and len(next(iter(support)).texts) == 2:
            return next(iter(support)).name
        return self.reasons.condition(self.reasons.diagrams.where(way, bool)) or self.reasons.names(support)


def together(operands: Sequence[PresentTensor]) -> list[Together]:
    """The operands that may be missing, those together of which the same is said, or which are asked one by one.

    `layer.0.skip` and `layer.1.skip` are `layer.*.skip`, with 0 and 1.
    """
    said: dict[str, dict[int, str]] = {}
    for number, one in enumerate(operands):
        if one.asked is not None:
            said.setdefault(one.asked, {})[number] = ""
    names = [name.split(".") for name in said if not name.startswith(IF)]
    apart = [place for place, column in enumerate(zip(*names, strict=False)) if len(set(column)) > 1]
    alike = len(names) > 1 and len({len(name) for name in names}) == 1 and len(apart) == 1
    if not alike or len({name[apart[0]] for name in names}) < len(names):
        return [Together(asked, members) for asked, members in said.items()]
    every = {number: name[apart[0]] for name in names for number in said.pop(".".join(name))}
    whole = ".".join([_ANY if place == apart[0] else part for place, part in enumerate(names[0])])
    return [Together(whole, dict(sorted(every.items()))), *(Together(*one) for one in said.items())]
