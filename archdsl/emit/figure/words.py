"""Turns ops, shapes and arguments into the few words that a figure has room for."""

from __future__ import annotations

import dataclasses
from typing import Any

from archdsl.emit.figure.measure import shorten
from archdsl.emit.figure.pieces import Piece
from archdsl.emit.figure.scene import Style
from archdsl.ops.base import Kind, Op
from archdsl.types import TensorType

STYLES = {
    Kind.CONVOLUTION: Style.CONVOLUTION,
    Kind.LINEAR: Style.LINEAR,
    Kind.MATMUL: Style.LINEAR,
    Kind.EMBEDDING: Style.LINEAR,
    Kind.PARAMETER: Style.LINEAR,
    Kind.POOL: Style.POOL,
    Kind.GLOBAL_POOL: Style.POOL,
    Kind.RESAMPLE: Style.POOL,
    Kind.NORM: Style.NORM,
    Kind.ACTIVATION: Style.NORM,
    Kind.DROP: Style.NORM,
    Kind.ARITHMETIC: Style.MERGE,
    Kind.CONCAT: Style.MERGE,
    Kind.SPLIT: Style.MERGE,
    Kind.RESHAPE: Style.OTHER,
}
# Arguments that change neither the shape nor what a figure is about.
_SILENT = frozenset(
    {
        "bias",
        "eps",
        "momentum",
        "affine",
        "ceil",
        "count_padding",
        "align_corners",
        "output_padding",
        "init",
        "axis",
        "alpha",
        "beta",
        "k",
    }
)
_LONGEST = 40  # characters of a name or value


def style_of(piece: Piece) -> Style:
    """The style of the box for a piece."""
    return Style.BLOCK if piece.kind is None else STYLES.get(piece.kind, Style.OTHER)


def shape_text(x: TensorType) -> str:
    """`256 × 56 × 56`; the element type in front unless it is float."""
    return ("" if x.dtype == "float" else x.dtype + " ") + (" × ".join(map(str, x.shape)) or "scalar")


def op_text(piece: Piece) -> str:
    """An op with its parameters: `3×3 conv, 64, /2`."""
    op = piece.target
    assert isinstance(op, Op)
    values = {f.name: getattr(op, f.name) for f in dataclasses.fields(op)}
    if {"operator", "value"} <= values.keys():
        sign = {"*": "×", "/": "÷", "-": "−"}.get(values["operator"], values["operator"])
        return f"{number(values['value'])} {sign}" if values.get("reverse") else f"{sign} {number(values['value'])}"
    head = op.spelling or op.name.replace("_", " ")
    tail: list[str] = []
    kernel = values.pop("kernel", None)
    groups = values.get("groups", 1)
    if op.kind is Kind.CONVOLUTION and isinstance(groups, int) and 1 < groups == piece.given[0].shape[0]:
        head = f"depthwise {head}"
        values.pop("groups")
    if kernel is not None:
        head = f"{_size(kernel)} {head}"
    if "out" in values:
        tail.append(str(values.pop("out")))
    stride = values.pop("stride", None)
    if stride is not None and _one(stride) != 1:
        tail.append(
            f"{'×' if op.enlarges else '/'}{_size(stride) if isinstance(_one(stride), tuple) else _one(stride)}"
        )
    padding = values.pop("padding", None)
    tail += [] if op.enlarges and _grows(piece, stride) else _padding(padding, kernel, stride)
    tail += [_argument(op, name, value) for name, value in values.items() if _telling(op, name, value)]
    return shorten(", ".join([head, *tail]), 2 * _LONGEST)


def _grows(piece: Piece, stride: tuple[int, ...]) -> bool:
    """Whether an op that enlarges makes the map `stride` times as large, as a reader expects."""
    old, new = piece.given[0].shape[1:], piece.types[0].shape[1:]
    return all(m == n * s for n, m, s in zip(old, new, stride, strict=True))


def _padding(padding: Any, kernel: Any, stride: Any) -> list[str]:
    """The padding where it is not what a reader expects: half of the window, or none where windows do not overlap."""
    if padding is None or padding == "half" or _one(kernel) == 1:
        return []
    overlap = isinstance(_one(kernel), tuple) or isinstance(_one(stride), tuple) or _one(stride) < _one(kernel)
    odd = isinstance(_one(kernel), int) and _one(kernel) % 2 == 1
    if padding == "same" and _one(stride) == 1 and odd:  # then it is half of the window
        return []
    if isinstance(padding, str):
        return [] if padding == "valid" and not overlap else [padding]
    once = _one(padding)
    if isinstance(once, int):
        return [] if isinstance(_one(kernel), int) and 2 * once == _one(kernel) - 1 else [f"pad {once}"]
    return [f"pad {_size(padding)}"]


def _telling(op: Op, name: str, value: Any) -> bool:
    if name in _SILENT or (name == "scale" and value == 0):  # 0: resized to a size, not by a factor
        return False
    default = next(f.default for f in dataclasses.fields(op) if f.name == name)
    return bool(_one(value) != default)


def _argument(op: Op, name: str, value: Any) -> str:
    required = next(f.default for f in dataclasses.fields(op) if f.name == name) is dataclasses.MISSING
    if isinstance(value, bool):
        return name.replace("_", " ")
    if name in ("dilation", "scale"):
        value = _one(value)
    text = _size(value) if isinstance(value, tuple) and name in ("size", "kernel") else value_text(value)
    return text if required or name in ("size", "p") else f"{name.replace('_', ' ')} {text}"


def _one(value: Any) -> Any:
    """A tuple of equal values as that value."""
    if isinstance(value, tuple) and value and all(v == value[0] for v in value):
        return value[0]
    return value


def _size(value: Any) -> str:
    """`7×7` of (7, 7)."""
    return "×".join(map(str, value)) if isinstance(value, tuple) else str(value)


def number(value: Any) -> str:
    """A number as a reader writes it: `0.17`, `1e-05`; true and false as in the language."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def value_text(value: Any) -> str:
    """An argument's value, shortened."""
    if isinstance(value, tuple):
        return shorten("(" + ", ".join(map(value_text, value[:8])) + (", …" if len(value) > 8 else "") + ")", _LONGEST)
    return shorten(number(value), _LONGEST)
