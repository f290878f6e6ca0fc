"""Holds what `forward` does, in order: what is computed from what, before it has names and lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from archdsl.emit.pytorch.code import Atom, Code
from archdsl.emit.pytorch.modules import Modules
from archdsl.emit.pytorch.template import Mask, Template, TensorChoice, choice_number
from archdsl.ir.graph import Ref


class Sort(Enum):
    """How an action reads, which decides what it may be nested in."""

    PICKED = auto()  # design["op"], which is always nested
    LAYER = auto()  # self.conv(x)
    BLOCK = auto()  # a class of the file, or an nn.Sequential
    ACTIVATION = auto()
    FUNCTION = auto()  # any other function of one tensor
    MERGE = auto()  # several tensors
    LATER = auto()  # run(design["op"], {"a": lambda: x + y}): runs one of its operands
    RETURN = auto()


@dataclass(slots=True)
class Action:
    """One application. `write` makes its code from the code of the operands; `depth` counts the calls it nests.

    `sites` are the sites of the template that it runs, several in an nn.Sequential or a loop.
    """

    operands: tuple[Ref, ...]
    results: tuple[Ref, ...]
    write: Callable[[Sequence[Code]], Code]
    sort: Sort
    depth: int = 1
    when: Mask | None = None
    hint: str = ""
    spoken: tuple[str, ...] = ()
    before: bool = False
    sites: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LoopVariable:
    """A variable of a loop: `source` is ("out", output) or ("slot", other slot); None when it never changes."""

    source: tuple[str, int] | None
    final: Ref


@dataclass(slots=True)
class Loop(Action):
    """`for module in self.modules:`, one slot per operand of the module."""

    slots: tuple[LoopVariable, ...] = ()
    outputs: int = 1
    variable: str = "block"
    over: str = ""


@dataclass(slots=True)
class Recurrence(Action):
    """`for x_t in x.unbind(1):`, a scan. Operands: the sequence and first states; results: outputs and last states.

    `names` are those of the cell's inputs; `zeros` the sizes of each state that starts at zero (then there are no
    operands for them); `has_output` says that the cell gives an output ahead of its states. `asks`: the last operand is
    the design, which the cell takes last.
    """

    cell: Code = field(default_factory=lambda: Atom(""))
    names: tuple[str, ...] = ()
    zeros: tuple[tuple[Code, ...], ...] = ()
    has_output: bool = False
    asks: bool = False


@dataclass
class Plan:
    """The actions of one class. `alias` replaces choices that became unconditional."""

    template: Template
    modules: Modules
    actions: list[Action] = field(default_factory=list)
    alias: dict[Ref, Ref] = field(default_factory=dict)

    def leaves(self, ref: Ref) -> Iterator[Ref]:
        """The tensors that reading `ref` may read: one, or those of a choice."""
        number = choice_number(ref)
        if ref in self.alias:
            yield from self.leaves(self.alias[ref])
        elif number is None:
            yield ref
        else:
            choice = self.template.choices[number]
            yield from self.leaves(choice.then)
            yield from self.leaves(choice.otherwise)

    def choices(self, ref: Ref) -> Iterator[TensorChoice]:
        """The choices that reading `ref` makes."""
        number = choice_number(ref)
        if ref in self.alias:
            yield from self.choices(self.alias[ref])
        elif number is not None:
            choice = self.template.choices[number]
            yield choice
            yield from self.choices(choice.then)
            yield from self.choices(choice.otherwise)

    def uses(self) -> Counter[Ref]:
        """How often each tensor is read."""
        return Counter(leaf for a in self.actions for ref in a.operands for leaf in self.leaves(ref))
