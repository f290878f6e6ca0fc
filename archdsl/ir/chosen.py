"""Holds the ops by which a graph says what is chosen: which of several tensors, some of them, or one or none.

No network has them. A space as a graph does, so that its figure is made as that of any graph: all that its networks
consist of, in one body per block, and these ops where the networks part.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from archdsl.choices.nodes import Diagram
from archdsl.ir.graph import Graph
from archdsl.ir.per_body import per_body
from archdsl.ops.base import Kind, Op, Types
from archdsl.ops.torch_form import TorchForm

IF = "if "  # begins what is said of a condition that is no single decision of two options
_SHOWN = 3  # values that a number of several is written with


class Several(int):
    """A number that depends on what is picked: one of `values`; to whoever calculates it is the first."""

    values: tuple[int, ...]

    def __new__(cls, *values: int) -> Several:
        """One of these, at least two."""
        made = super().__new__(cls, values[0])
        made.values = values
        return made

    def __str__(self) -> str:
        shown = self.values if len(self.values) <= _SHOWN else (f"{min(self.values)}…{max(self.values)}",)
        return "|".join(map(str, shown))

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return str(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Several) and self.values == other.values

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.values)


class SeveralTexts(str):
    """An argument that depends on what is picked and is no number: one of `values`, which are not known if none are."""

    values: tuple[Any, ...]

    def __new__(cls, text: str, values: tuple[Any, ...] = ()) -> SeveralTexts:
        """One of these, in words."""
        made = super().__new__(cls, text)
        made.values = values
        return made


@dataclass(frozen=True, slots=True)
class Choosing(Op):
    """What all of them have: `decision` says by what it is chosen, in words; `ways` are how, as diagrams."""

    kind: ClassVar[Kind] = Kind.ARITHMETIC

    decision: str
    ways: tuple[Diagram, ...] = field(compare=False, repr=False)

    def torch(self, inputs: Types) -> TorchForm:
        """None: no network has it."""
        raise NotImplementedError


def is_taken(op: object, operand: int) -> bool:
    """Whether picks say that this operand is taken."""
    if isinstance(op, SomeOf):
        return operand in op.taken
    if isinstance(op, Maybe):
        return op.taken[operand : operand + 1] == (1,)
    return isinstance(op, OneOf) and op.taken == operand


@dataclass(frozen=True, slots=True)
class OneOf(Choosing):
    """One of its operands: one way gives which; `options` the texts by which each is picked, "" where none alone does.

    Operands of one text are forms of one option, of which an earlier choice says which it is: `forms` says how. `taken`
    is the operand that is picked already, -1 if none is.
    """

    name: ClassVar[str] = "one of"
    arity: ClassVar[tuple[int, int | None]] = (1, None)

    options: tuple[str, ...]
    taken: int = -1
    forms: str = ""

    @property
    def operands(self) -> tuple[str, ...]:  # type: ignore[override]
        """What figures call the operands."""
        return self.options


@dataclass(frozen=True, slots=True)
class SomeOf(Choosing):
    """So many of its operands, in their order, as so many results; one way gives which, `taken` those picked already.

    `options` are their texts, "" where those are not known.
    """

    name: ClassVar[str] = "some of"
    arity: ClassVar[tuple[int, int | None]] = (1, None)
    gives_list: ClassVar[bool] = True

    options: tuple[str, ...]
    count: int
    taken: tuple[int, ...] = ()

    @property
    def operands(self) -> tuple[str, ...]:  # type: ignore[override]
        """What figures call the operands."""
        return self.options


@dataclass(frozen=True, slots=True)
class Maybe(Choosing):
    """Each of its operands as a result, or nothing for who takes that; a way for each says whether it is there.

    `options` are their texts, "" where they have none; `taken` is 1 or 0 where that is picked already, else -1.
    """

    name: ClassVar[str] = "maybe"
    arity: ClassVar[tuple[int, int | None]] = (1, None)
    gives_list: ClassVar[bool] = True

    options: tuple[str, ...]
    taken: tuple[int, ...]

    @property
    def operands(self) -> tuple[str, ...]:  # type: ignore[override]
        """What figures call the operands."""
        return self.options


def has_choices(target: Any) -> bool:
    """Whether what a node applies is a body in which something is chosen."""
    return isinstance(target, Graph) and _chooses(target)


@per_body
def _chooses(graph: Graph) -> bool:
    return any(isinstance(node.target, Choosing) or has_choices(node.target) for node in graph.nodes)
