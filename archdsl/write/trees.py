"""Makes the parts of a syntax tree that no text was parsed for."""

from __future__ import annotations

from collections.abc import Sequence
from math import isinf, isnan
from typing import Any

from archdsl.syntax import tree


class Unwritable(ValueError):
    """The language has no words for something in a graph; the message says what."""


def name(text: str) -> tree.Name:
    return tree.Name(0, 0, text)


def text(value: str) -> tree.Text:
    return tree.Text(0, 0, [value])


def integer(value: int) -> tree.Expr:
    number = tree.Number(0, 0, abs(value), str(abs(value)))
    return tree.Negate(0, 0, number) if value < 0 else number


def literal(value: Any) -> tree.Expr:
    """A compile-time value as it is written.

    Raises:
        Unwritable: there is no literal for it.
    """
    if isinstance(value, bool):
        return tree.Boolean(0, 0, value)
    if isinstance(value, int):
        return integer(int(value))
    if isinstance(value, float) and not isnan(value):
        number = name("inf") if isinf(value) else tree.Number(0, 0, abs(value), repr(abs(value)))
        return tree.Negate(0, 0, number) if value < 0 else number
    if isinstance(value, str):
        return text(value)
    if isinstance(value, tuple):
        return tree.ListExpr(0, 0, [literal(item) for item in value])
    raise Unwritable(f"no literal for {value!r}")


def call(callee: str, arguments: Sequence[tuple[str | None, tree.Expr]], bare: bool = True) -> tree.Expr:
    """`callee(…)`, or where `bare` is allowed the name alone without arguments."""
    if bare and not arguments:
        return name(callee)
    return tree.Call(0, 0, name(callee), [tree.Argument(key, value, 0, 0) for key, value in arguments])


def chain(items: list[tree.Expr]) -> tree.Expr:
    return items[0] if len(items) == 1 else tree.Chain(0, 0, items)


def labelled(value: tree.Expr, label: str, container: bool = False) -> tree.Expr:
    return tree.As(0, 0, value, text(label), container)


def assign(targets: Sequence[str], value: tree.Expr, shared: bool = False) -> tree.Assign:
    return tree.Assign(0, 0, [name(target) for target in targets], value, shared)


def arithmetic(left: tree.Expr, operator: str, right: tree.Expr) -> tree.Expr:
    return tree.Arithmetic(0, 0, left, [(operator, right)])
