"""Holds how an op reads in PyTorch: an expression over its operands, as data that emitters compare and write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Operand:
    """Stands for the op's operand number `index` in an expression."""

    index: int = 0


@dataclass(frozen=True, slots=True)
class Operands:
    """Stands for the list of all operands: `[a, b, c]`."""


@dataclass(frozen=True, slots=True)
class Own:
    """Stands for the buffer that the op owns."""


@dataclass(frozen=True, slots=True)
class ListDisplay:
    """`[1, [2, 3]]`: nested tuples of numbers, written as lists."""

    values: Any


@dataclass(frozen=True, slots=True)
class Spelled:
    """An expression of Python without tensors, as data: archdsl/elaborate/spelling.py says what it may hold.

    It gives `values`, nested tuples; None where instances differ in them.
    """

    expression: Any
    values: Any


@dataclass(frozen=True, slots=True)
class NamedValues:
    """Values with names (or ""), one after the other: `Operand(i)` is the i-th, and the last is the value of all."""

    values: tuple[tuple[str, Any], ...]


class Channels(str):
    """torch's name of an argument that counts channels or features: what the emitter may work out from the input's."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Call:
    """`function(args…, name=value…)`; `function` is a dotted name ("nn.Conv2d", "torch.cat") or a helper's name.

    Arguments are values (int, float, bool, str, None, tuples of these) or expressions; the emitter formats them, and
    may replace a number that differs between instances of one block by a constructor parameter. It is called by torch's
    name of the argument: `names` gives those of `args`, as far as they may differ. A name that is a `Channels` says
    that the argument counts channels.
    """

    function: str
    args: tuple[Any, ...] = ()
    kwargs: tuple[tuple[str, Any], ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Method:
    """`target.name(args…)`, for example `x.flatten(1)`; `names` as in `Call`."""

    target: Any
    name: str
    args: tuple[Any, ...] = ()
    kwargs: tuple[tuple[str, Any], ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Infix:
    """`left op right`, for example `x + y` or `1.0 - x`; the emitter adds parentheses where needed."""

    operator: str
    left: Any
    right: Any


@dataclass(frozen=True, slots=True)
class SlicePart:
    """`lower:upper:step` of an index; None where nothing is written."""

    lower: int | None = None
    upper: int | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Subscript:
    """`target[index]`; `index` is written as given, for example ":, :, None, None"; or its parts, some expressions."""

    target: Any
    index: str | tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Keyed:
    """`target[key]`, for example `design["depth"]`; the key is a value. With `default`: `design.get("depth", "1")`."""

    target: Any
    key: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class OptionTable:
    """`{"a": x, "b": y}`: the operands behind the first, each with its text; `later`: functions that give them."""

    texts: tuple[str, ...]
    later: bool = False


Expression = (
    Call
    | Method
    | Infix
    | Subscript
    | Keyed
    | OptionTable
    | SlicePart
    | Operand
    | Own
    | ListDisplay
    | NamedValues
    | Spelled
)


@dataclass(frozen=True, slots=True)
class Helper:
    """A class or function that torch lacks, written into the emitted file once: its name and its source."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class TorchForm:
    """How an op reads in PyTorch. `torch` = torch, `nn` = torch.nn, `F` = torch.nn.functional are imported as needed.

    1. `module` alone: built in `__init__`, called with the operands in `forward` (conv, bn, dropout).
    2. `module` and `function`: no weights; a module inside an nn.Sequential, else the function (relu).
    3. `function` alone: an expression over the operands (add, concat).
    4. `parameter`: the shape of an nn.Parameter held by the block itself (learned), batch axis of 1 included; its
       expression is the attribute. `function` makes the initial value. `unbatched`: kept without a batch axis.
    5. `buffer`: the value of a buffer held by the block itself, for which `Own` stands in `function`; `persistent` says
       whether the state_dict has it.
    The function or module gives the tensor where there is one result, else a tuple (or list) in order of `results`.
    `before` is applied to operand 0 ahead of the module: the padding that the module itself cannot do.
    `stretched` are the operands that may have a batch of 1 beside others of any batch.
    """

    module: Call | None = None
    function: Expression | None = None
    parameter: tuple[int, ...] | None = None
    before: Expression | None = None
    helpers: tuple[Helper, ...] = ()
    unbatched: bool = False
    buffer: Expression | None = None
    persistent: bool = True
    stretched: tuple[int, ...] = ()


def holds(form: TorchForm) -> bool:
    """Whether the block itself holds a tensor for it: a parameter, or a buffer under a name of the spec."""
    return form.parameter is not None or (form.buffer is not None and form.persistent)


def compact(sizes: tuple[Any, ...]) -> Any:
    """`(3, 3)` as `3`, `(1, 7)` as it is."""
    return sizes[0] if all(s == sizes[0] for s in sizes) else sizes


def options(*given: tuple[str, Any, Any]) -> tuple[tuple[str, Any], ...]:
    """Keyword arguments from (name, value, torch's default), those equal to the default left out."""
    return tuple((name, value) for name, value, default in given if value != default)


def either(
    module: str,
    function: str,
    args: tuple[Any, ...] = (),
    kwargs: tuple[tuple[str, Any], ...] = (),
    names: tuple[str, ...] = (),
) -> TorchForm:
    """A module for nn.Sequential and the function of one tensor for everywhere else, with the same arguments."""
    return TorchForm(
        module=Call(module, args, kwargs, names),
        function=Call(function, (Operand(), *args), kwargs, ("input", *names)),
    )
