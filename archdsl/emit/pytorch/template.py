"""Holds the common body of the instances of one definition: nodes that some or all have, and what differs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from archdsl.emit.pytorch.unify import FormLeaf
from archdsl.ir.graph import Graph, Ref
from archdsl.ops.base import Kind
from archdsl.ops.torch_form import TorchForm

InstanceMask = tuple[bool, ...]  # which instances, of all
CHOICE = -2  # Ref(CHOICE - i) is choice number i


@dataclass(frozen=True, slots=True)
class TensorChoice:
    """A tensor that is `then` in the instances of `mask` and `otherwise` in the rest.

    `when`: the instances in which it is defined at all, None for everywhere.
    """

    mask: InstanceMask
    then: Ref
    otherwise: Ref
    when: InstanceMask | None


@dataclass(frozen=True, slots=True)
class ScanForm:
    """How a step goes along a sequence: the names of the cell's inputs, the sizes of states that start at zero.

    A size is a number, or a FormLeaf. `has_output` says that the cell gives an output ahead of its states.
    """

    names: tuple[str, ...]
    zeros: tuple[tuple[Any, ...], ...]
    has_output: bool


@dataclass(slots=True)
class Site:
    """One site of the definition: the application that all (or, with `when`, some) instances make there."""

    label: tuple[str, ...]
    operands: tuple[Ref, ...]
    outputs: int
    form: TorchForm
    word: str
    kind: Kind | None  # None for a call
    slot: int | None  # the first row that shares this module, if several do
    when: InstanceMask | None
    owns: bool  # must be a module: it has weights, or no function does the same
    weights: bool
    spoken: tuple[str, ...]  # the variables that the statement assigns to
    nodes: tuple[int | None, ...]  # the node in each instance
    scan: ScanForm | None = None
    slot_kind: Kind | None = None  # of the first row that shares this module


@dataclass(slots=True)
class Template:
    """The common body of `graphs`; `sites` in order, `outputs` and operands as refs to sites, inputs or choices."""

    graphs: tuple[Graph, ...]
    sites: list[Site] = field(default_factory=list)
    choices: list[TensorChoice] = field(default_factory=list)
    outputs: tuple[Ref, ...] = ()
    counted: frozenset[str] = frozenset()  # containers with optional members, numbered anew
    leaves: list[FormLeaf] = field(default_factory=list)


def choice_number(ref: Ref) -> int | None:
    """Which choice `ref` names, or None."""
    return CHOICE - ref.node if ref.node <= CHOICE else None
