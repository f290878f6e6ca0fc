"""Holds the ops that only a supernet has: what the design picks, and the tensors that it picks by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from archdsl.ops.base import Kind, Op, Types
from archdsl.ops.torch_form import Call, Keyed, Method, Operand, Operands, OptionTable, TorchForm


@dataclass(frozen=True, slots=True)
class Picked(Op):
    """`design["kernel"]`."""

    name: ClassVar[str] = "picked"
    kind: ClassVar[Kind] = Kind.RESHAPE

    decision: str
    default: str | None

    def torch(self, inputs: Types) -> TorchForm:
        """An item of the design."""
        return TorchForm(function=Keyed(Operand(), self.decision, self.default))


@dataclass(frozen=True, slots=True)
class PickTensor(Op):
    """`pick(design["left"], {"h": h, "p": p})`; `later`: `run(design["op"], {"a": lambda: x + y, "b": lambda: x})`."""

    name: ClassVar[str] = "pick"
    kind: ClassVar[Kind] = Kind.CONCAT
    arity: ClassVar[tuple[int, int | None]] = (2, None)

    texts: tuple[str, ...]
    later: bool

    def torch(self, inputs: Types) -> TorchForm:
        """A call of a function of the file."""
        return TorchForm(
            function=Call("run" if self.later else "pick", (Operand(0), OptionTable(self.texts, self.later)))
        )


@dataclass(frozen=True, slots=True)
class Listed(Op):
    """A function of a list of tensors, of which some may be missing: `added([x, *([y] if … else [])])`."""

    name: ClassVar[str] = "listed"
    kind: ClassVar[Kind] = Kind.ARITHMETIC
    arity: ClassVar[tuple[int, int | None]] = (1, None)

    function: str

    def torch(self, inputs: Types) -> TorchForm:
        """A call of a function of the file."""
        return TorchForm(function=Call(self.function, (Operands(),)))


@dataclass(frozen=True, slots=True)
class Flat(Op):
    """What a linear does first, before the one for as many features is known."""

    name: ClassVar[str] = "flat"
    kind: ClassVar[Kind] = Kind.RESHAPE

    def torch(self, inputs: Types) -> TorchForm:
        """A method."""
        return TorchForm(function=Method(Operand(), "flatten", (1,)))


@dataclass(frozen=True, slots=True)
class Same(Op):
    """The option to leave a tensor as it is."""

    name: ClassVar[str] = "same"
    kind: ClassVar[Kind] = Kind.RESHAPE

    def torch(self, inputs: Types) -> TorchForm:
        """A module, since other options are."""
        return TorchForm(module=Call("nn.Identity"))
