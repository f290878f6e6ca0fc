"""Holds the common body of the instances of one definition: nodes that some or all have, and what differs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from archdsl.emit.pytorch.designs import DesignMask, DesignTest
from archdsl.emit.pytorch.unify import FormLeaf
from archdsl.ir.graph import Graph, Ref
from archdsl.ops.base import Kind
from archdsl.ops.torch_form import TorchForm

InstanceMask = tuple[bool, ...]  # which instances, of all
Mask = InstanceMask | DesignMask
CHOICE = -2  # Ref(CHOICE - i) is choice number i


@dataclass(frozen=True, slots=True)
class TensorChoice:
    """A tensor that is `then` in the instances of `mask` and `otherwise` in the rest.

    `when`: the instances in which it is defined at all, None for everywhere. Both may be up to the design.
    """

    mask: Mask
    then: Ref
    otherwise: Ref
    when: Mask | None


@dataclass(frozen=True, slots=True)
class ScanForm:
    """How a step goes along a sequence: the names of the cell's inputs, the sizes of states that start at zero.

    A size is a number, or a FormLeaf. `has_output` says that the cell gives an output ahead of its states, `asks` that
    it takes the design last.
    """

    names: tuple[str, ...]
    zeros: tuple[tuple[Any, ...], ...]
    has_output: bool
    asks: bool


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
    when: Mask | None
    owns: bool  # must be a module: it has weights, or no function does the same
    weights: bool
    spoken: tuple[str, ...]  # the variables that the statement assigns to
    nodes: tuple[int | None, ...]  # the node in each instance
    scan: ScanForm | None = None
    each: str = ""  # the function that calls it for every element along an axis
    slot_kind: Kind | None = None  # of the first row that shares this module
    present: tuple[DesignMask | None, ...] = ()  # of the operands, where some are not always there

    @property
    def option(self) -> InstanceMask | None:
        """Which instances have it at all; None: all."""
        return None if isinstance(self.when, DesignMask) else self.when


@dataclass(slots=True)
class Template:
    """The common body of `graphs`; `sites` in order, `outputs` and operands as refs to sites, inputs or choices."""

    graphs: tuple[Graph, ...]
    sites: list[Site] = field(default_factory=list)
    choices: list[TensorChoice] = field(default_factory=list)
    outputs: tuple[Ref, ...] = ()
    counted: frozenset[str] = frozenset()  # containers with optional members, numbered anew
    leaves: list[FormLeaf] = field(default_factory=list)
    tests: dict[DesignMask, DesignTest] = field(default_factory=dict)
    keys: tuple[Any, ...] = ()  # as of `SpaceGraph`, united


def opposite(mask: Mask) -> Mask | None:
    """Where `mask` does not hold; None: that cannot be told from the design, which may weigh options."""
    return mask.opposite if isinstance(mask, DesignMask) else tuple([not is_in for is_in in mask])


def choice_number(ref: Ref) -> int | None:
    """Which choice `ref` names, or None."""
    return CHOICE - ref.node if ref.node <= CHOICE else None
