"""Turns an expression of numbers, as data (archdsl/elaborate/spelling.py), into code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archdsl.emit.pytorch.code import Apply, Atom, Binary, Code, Index, ListFor, Negative, Not, SequenceDisplay, Ternary


def spelled_code(expression: Any, number: Callable[[Any], Code]) -> Code:
    """The code of an expression; `number` gives that of a number, or of what stands for one."""

    def code(part: Any) -> Code:
        match part:
            case ("var", str(name)):
                return Atom(name)
            case ("list", *items):
                return SequenceDisplay(tuple(map(code, items)))
            case ("for", item, *clauses):
                made = [(target, code(iterable), tuple(map(code, tests))) for target, iterable, *tests in clauses]
                return ListFor(code(item), tuple(made))
            case ("if", then, test, otherwise):
                return Ternary(code(then), code(test), code(otherwise))
            case ("op", operator, left, right):
                return Binary(operator, code(left), code(right))
            case ("neg", value):
                return Negative(code(value))
            case ("not", value):
                return Not(code(value))
            case ("at", value, index):
                return Index(code(value), code(index))
            case ("call", name, *arguments):
                return Apply(Atom(name), tuple([("", code(argument)) for argument in arguments]))
        return number(part)

    return code(expression)
