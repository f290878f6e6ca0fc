"""Turns ops, shapes and arguments into phrases: the few words of a figure, each of which may vary between instances."""

from __future__ import annotations

import dataclasses
import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from archdsl.emit.figure.pieces import Piece, Unit
from archdsl.emit.figure.scene import Phrase, Style
from archdsl.emit.marks.font import printable
from archdsl.ir.chosen import IF, Choosing, OneOf, SomeOf
from archdsl.ops.base import Kind, Op, OpError, Types
from archdsl.ops.constant import count_of
from archdsl.ops.windows import half_padding, resolve_padding
from archdsl.remembered import remembered
from archdsl.types import TensorType

STYLES = {
    Kind.CONVOLUTION: Style.CONVOLUTION,
    Kind.LINEAR: Style.LINEAR,
    Kind.MATMUL: Style.ATTENTION,
    Kind.POOL: Style.POOL,
    Kind.GLOBAL_POOL: Style.POOL,
    Kind.NORM: Style.NORM,
    Kind.ACTIVATION: Style.NORM,
    Kind.DROP: Style.NORM,
    Kind.ARITHMETIC: Style.MERGE,
    Kind.CONCAT: Style.MERGE,
    Kind.SPLIT: Style.MERGE,
    Kind.RESHAPE: Style.RESHAPE,
    Kind.RESAMPLE: Style.RESHAPE,
    Kind.EMBEDDING: Style.EMBEDDING,
    Kind.PARAMETER: Style.EMBEDDING,
}
_MOST_NUMBERS = 4  # of a list that a box says: a table's type says how large it is
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "{": "\\{", "}": "\\}"}  # in the texts of a spec
# Texts that read as a number, several arguments, or several values in a row.
_READS_OTHERWISE = re.compile(r".*([\";]| × |, then ).*|[-−+]?[\d.,/e√+-]*\d( to .*)?|true|false|\(.*")
TAKEN, LEFT = "● ", "○ "  # before the option that picks take, and before the others
OR = " | "  # between the forms of one option
STEPS, EACH = "↻ {} steps", "× {} elements"  # of a scan, and of `each`
_AFTER = " · "  # between an op and the one before it
_SIGNS = {"*": "×", "/": "÷", "-": "−"}
# Said even where a spec need not write them.
_SAID = frozenset({"out", "kernel", "p", "size"})
# Said as a value alone, without the argument's name.
_NAMELESS = frozenset({"out", "size", "p", "sections", "shape", "order", "how"})
_FIRST = ("out", "stride")  # said ahead of all others
# Sizes per axis, said as one number where they are equal.
_ALONG = frozenset({"dilation", "scale", "padding", "output_padding"})


def style_of(piece: Piece) -> Style:
    """The style of the box for a piece."""
    if isinstance(piece.target, Choosing):
        return Style.CHOICE
    return Style.BLOCK if piece.kind is None else STYLES[piece.kind]


def shape_text(x: TensorType) -> str:
    """`256 × 56 × 56`, `128 (int)`: the element type behind unless it is float, for `int 128` reads as one number."""
    return (" × ".join(map(str, x.shape)) or "scalar") + ("" if x.dtype == "float" else f" ({x.dtype})")


def op_phrases(op: Op, given: Types, step: str = "", normed: bool = False) -> tuple[Phrase, ...]:
    """What is said of a resolved op for these operands: all that it takes to write it.

    An argument is left out where a spec could leave it out, but for kernels, strides and sizes; so two ops that differ
    never read alike. A bias is what a reader expects except right before a norm (`normed`), where none is. Keys begin
    with `step`.
    """
    if isinstance(op, Choosing):
        return _choice(op, given, step)
    known, order = _arguments(type(op))
    if "operator" in known and "value" in known:
        return _scalar(op, step)
    phrases = []
    word = op.spelling or op.name.replace("_", " ")
    depthwise = op.kind is Kind.CONVOLUTION and 1 < getattr(op, "groups", 1) == given[0].shape[0]
    if depthwise:
        word = op.each_channel or f"depthwise {word}"
    if len(given) == 1 and op.arity[1] is None:
        word += " of 1"  # of a list of one: it changes nothing
    if "kernel" in known:
        phrases.append(_kernel(op.kernel, step))  # type: ignore[attr-defined]
    elif op.kind is Kind.CONVOLUTION:
        phrases.append(_kernel(op.kernel_shape(given)[2:], step))
    phrases.append(_op(op, word, step, " " if phrases else _AFTER))
    for name in order:
        if not (depthwise and name == "groups"):
            phrases.append(_phrase(op, name, known, given, step, normed))
    return tuple(phrases)


def _choice(op: Choosing, given: Types, step: str) -> tuple[Phrase, ...]:
    """By what is chosen: the decision, and of how many tensors how many are taken where that may be several."""
    name = Phrase(f"{step}decision {op.decision.rpartition('.')[2]}", op.decision, op.decision)
    if isinstance(op, OneOf):
        return name, Phrase(f"{step}forms", op.forms, op.forms, joint=": ")
    told = "" if op.decision.startswith(IF) else "or not" if len(given) == 1 else "each or not"
    if isinstance(op, SomeOf):
        told = f"{op.count} of {len(given)}"
    return name, Phrase(f"{step}op", told, told, joint=": ", fixed=True)


def option_text(text: str, unit: Unit) -> str:
    """What is said of an option before what it is: the text by which it is picked, unless that says the same."""
    return f"{text}:" if text and text.partition("(")[0] != unit.main.target.name else ""


def passed(text: str, form: bool = False) -> str:
    """What is said of an option that leaves a tensor as it is, or of a form of one, the text of which was said."""
    return "as it is" if form else text if text == "id" else f"{text}: as it is".removeprefix(": ")


def either(texts: Sequence[str]) -> str:
    """`2, 3 or 4`"""
    *first, last = texts
    return f"{', '.join(first)} or {last}" if first else last


def _op(op: Op, word: str, step: str, joint: str) -> Phrase:
    """What the op is called; that of an activation may differ between the instances of a panel."""
    if op.kind is Kind.ACTIVATION:
        return Phrase(f"{step}op", word, word, joint=joint)
    return Phrase(f"{step}op", word, op.kind, joint=joint, fixed=True)


def _scalar(op: Op, step: str) -> tuple[Phrase, ...]:
    """`× 0.17`, or `1 −` where the number comes first."""
    sign = _SIGNS.get(op.operator, op.operator)  # type: ignore[attr-defined]
    value = number(op.value)  # type: ignore[attr-defined]
    joints = (_AFTER, " ") if op.reverse else (" ", _AFTER)  # type: ignore[attr-defined]
    told = Phrase(f"{step}value", value, value, "{}", joints[0])
    shown = Phrase(f"{step}op", str(sign), joint=joints[1], fixed=True)
    return (told, shown) if op.reverse else (shown, told)  # type: ignore[attr-defined]


def _phrase(op: Op, name: str, known: dict[str, Any], given: Types, step: str, normed: bool) -> Phrase:
    """What is said of one argument; those that are `known` have these defaults."""
    value = getattr(op, name)
    words = name.replace("_", " ")
    if isinstance(value, bool):
        expected = not normed if name == "bias" else known[name]
        text = "" if value == expected else words if value else f"no {words}"
        if name == "count_padding" and not any(end for _, end in op.pads(given)):  # type: ignore[attr-defined]
            text = ""  # there is none
        return Phrase(f"{step}{name}", text, number(value), f"{words} {{}}", ", ")
    if name == "stride":
        one = _one(value)
        told = _size(value) if isinstance(one, tuple) else str(one)
        sign = "×" if op.enlarges else "/"
        return Phrase(f"{step}{name}", f"{sign}{told}" if one != 1 else "", told, f"{sign}{{}}", ", ")
    if name == "sections" and isinstance(value, tuple) and len(value) > 1 and isinstance(_one(value), int):
        return Phrase(f"{step}sections", f"{len(value)} × {value[0]}", str(value[0]), f"{len(value)} × {{}}", ", ")
    if name == "padding" and hasattr(op, "pads"):
        return _padding(op, given, step)
    if name == op.long_list and count_of(value) > _MOST_NUMBERS:
        return Phrase(f"{step}{name}", "", f"{count_of(value)} numbers", "{}", ", ")
    short = _size(value) if name == "size" else value_text(_one(value) if name in _ALONG else value)
    form = "{}" if name in _NAMELESS else "pad {}" if name == "padding" else f"{words} {{}}"
    if op.kind is Kind.RESAMPLE and name == "scale":
        form = "×{}"
    return Phrase(f"{step}{name}", "" if _is_silent(op, name, known, given) else form.format(short), short, form, ", ")


def _kernel(kernel: int | tuple[int, ...], step: str) -> Phrase:
    """`3×3`; the value of a square one is 3, so that a word may stand for it: `k×k`."""
    text = _size(kernel)
    if not isinstance(kernel, tuple):
        return Phrase(f"{step}kernel", text, text, joint=_AFTER)
    longer = [size for size in kernel if size > 1]
    if len(longer) == 1:
        form = "×".join("1" if size == 1 else "{0}" for size in kernel)
        return Phrase(f"{step}kernel", text, str(longer[0]), form, _AFTER)
    if isinstance(_one(kernel), tuple):
        return Phrase(f"{step}kernel", text, text, joint=_AFTER)
    return Phrase(f"{step}kernel", text, str(kernel[0]), "×".join(["{0}"] * len(kernel)), _AFTER)


def _padding(op: Op, given: Types, step: str) -> Phrase:
    """What is said of the padding: nothing where it is what the language gives by itself, at this input."""
    kernel: tuple[int, ...] = op.kernel if hasattr(op, "kernel") else op.kernel_shape(given)[2:]
    dilation: tuple[int, ...] = getattr(op, "dilation", (1,) * len(kernel))
    chosen, half = op.padding, half_padding(kernel, dilation)  # type: ignore[attr-defined]
    if chosen == "same":
        told = chosen
    elif chosen in ("valid", "half"):
        told = "half" if chosen == "half" and any(half) else "0"
    else:
        padding = op.pads(given)  # type: ignore[attr-defined]
        even = all(begin == end for begin, end in padding)
        told = _size(_one(tuple(begin for begin, _ in padding))) if even else "same"
        if even and any(end for _, end in padding) and padding == tuple((p, p) for p in half):
            told = "half"
    usual = resolve_padding("auto", kernel, op.stride, dilation, given[0])  # type: ignore[attr-defined]
    silent = chosen == usual or _pads_as_usual(op, given)
    text = {"0": "valid", "same": "same"}.get(told, f"pad {told}")
    return Phrase(f"{step}padding", "" if silent else text, told, "pad {}", ", ")


def _pads_as_usual(op: Op, given: Types) -> bool:
    """Whether the op would pad as much at this input if its padding were left out of the spec."""
    try:
        usual = dataclasses.replace(op, padding="auto").resolve(given)  # type: ignore[call-arg]
    except OpError:
        return False
    return bool(usual.pads(given) == op.pads(given))  # type: ignore[attr-defined]


def _is_silent(op: Op, name: str, known: dict[str, Any], given: Types) -> bool:
    """Whether an argument need not be said: left out of the spec, the op would be the same."""
    value = getattr(op, name)
    if name == "scale" and op.kind is Kind.RESAMPLE:
        return bool(value == 0)  # resized to a size, not by a factor
    if name in _SAID:
        return bool(isinstance(value, str) and value == known[name])  # a size that the scale gives
    pair = ("padding", "output_padding")
    if name not in pair and known[name] in (value, _one(value)):
        return True  # a resolved op has its defaults along each axis
    defaults = {n: known[n] for n in (pair if name in pair and pair[1] in known else (name,))}
    if dataclasses.MISSING in defaults.values():
        return False
    try:
        return bool(dataclasses.replace(op, **defaults).resolve(given) == op)
    except OpError:
        return False


@remembered
def _arguments(kind: type[Op]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The arguments of an op with their defaults, `MISSING` for those that have none; the order in which they are said.

    That is behind the op's kernel and its name.
    """
    known = {f.name: f.default for f in dataclasses.fields(kind) if f.metadata}
    return known, tuple(sorted((name for name in known if name != "kernel"), key=_FIRST.__contains__, reverse=True))


def _one(value: Any) -> Any:
    """A tuple of equal values as that value."""
    if isinstance(value, tuple) and value and value.count(value[0]) == len(value):
        return value[0]
    return value


def _size(value: Any) -> str:
    """`7×7` of (7, 7)."""
    return "×".join(map(value_text, value)) if isinstance(value, tuple) else value_text(value)


def number(value: Any) -> str:
    """A number as a reader writes it, to nine digits: `0.17`, `1e-05`, `√512`; true and false as in the language."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, float):
        return str(value)
    if _close(float(short := f"{value:g}"), value):
        return short
    square = value * value
    if 1e-6 < value < 1e6 and value == math.sqrt(round(square)):
        return f"√{round(square)}"
    if 1e-6 < value < 1e6 and round(1 / square) and value == 1 / math.sqrt(round(1 / square)):
        return f"1/√{round(1 / square)}"
    return f"{value:.9g}"


def _close(a: float, b: float) -> bool:
    """Whether two numbers differ by no more than rounding."""
    return abs(a - b) <= 1e-9 * abs(b)


def value_text(value: Any) -> str:
    """An argument's value, in full."""
    if isinstance(value, tuple):
        return "(" + ", ".join(map(value_text, value)) + ")"
    return _text(value) if isinstance(value, str) else number(value)


def _text(value: str) -> str:
    """A text as it is, or as a spec writes it where it would not be seen so or reads as something else."""
    if value and value == value.strip() and not _READS_OTHERWISE.fullmatch(value) and printable(value) == value:
        return value
    composed = unicodedata.is_normalized("NFC", value)  # else it would be seen as another text

    def plain(character: str) -> bool:
        if not character.isascii() and (not composed or unicodedata.combining(character)):
            return False  # a mark would go with the letter that an escape ends in
        return printable(character) == character

    return '"' + "".join(_ESCAPES.get(c) or (c if plain(c) else f"\\u{{{ord(c):x}}}") for c in value) + '"'
