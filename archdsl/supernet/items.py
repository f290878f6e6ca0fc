"""Holds what a body of a space consists of while it is made ready to be written: nodes, and tensors that are chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from archdsl.choices.nodes import Decision, Diagram
from archdsl.ir.alternatives import Alternatives, NodeForm
from archdsl.ir.graph import Node, Ref


@dataclass(eq=False, slots=True)
class MadeNode:
    """A node: an op or a call, made where `when` holds.

    `presents` are the conditions under which its operands are there. `forms` is what it may be, at different types of
    its operands; `nodes` are the alternatives that it stands for. `types` has a diagram for each output.
    """

    key: int
    when: Diagram
    operands: tuple[Ref, ...]
    presents: tuple[Diagram, ...]
    forms: tuple[NodeForm, ...]
    node: Node
    nodes: tuple[int, ...]
    types: tuple[Diagram, ...]

    @property
    def calls(self) -> tuple[Alternatives, ...]:
        """The bodies that it may call."""
        return tuple([form.target for form in self.forms if isinstance(form.target, Alternatives)])


class ChosenHow(Enum):
    """How a chosen tensor is written."""

    TENSORS = auto()  # pick(design["left"], {"h": h, "p": p})
    MODULES = auto()  # self.op(x, design["op"])
    RESULTS = auto()  # run(design["op"], {"a": lambda: x + y, "b": lambda: x})


@dataclass(eq=False, slots=True)
class ChosenTensor:
    """A tensor that one decision chooses: `options` by text.

    Where it is written as MODULES, `chains` are the nodes of each option, one after the other, behind `operand`.
    """

    key: int
    when: Diagram
    decision: Decision
    options: dict[str, Ref]
    types: tuple[Diagram, ...]
    way: ChosenHow = ChosenHow.RESULTS
    operand: Ref | None = None
    chains: Mapping[str, tuple[MadeNode, ...]] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Selected:
    """A tensor: the one where `condition` holds, else the other."""

    key: int
    when: Diagram
    condition: Diagram
    then: Ref
    otherwise: Ref


BodyItem = MadeNode | ChosenTensor | Selected


@dataclass(eq=False, slots=True)
class Body:
    """A body ready to be written: `items` in order, by key, and what it returns.

    `made_for` says of which pick, and for which of its options alone, an item is made.
    """

    source: Alternatives
    items: dict[int, BodyItem]
    outputs: tuple[Ref, ...]
    made_for: dict[int, tuple[int, str]] = field(default_factory=dict)


def read_by(item: BodyItem) -> tuple[Ref, ...]:
    """The tensors that an item reads."""
    if isinstance(item, MadeNode):
        return item.operands
    if isinstance(item, ChosenTensor):
        return tuple(item.options.values())
    return item.then, item.otherwise
