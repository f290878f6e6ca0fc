"""Turns the values that differ between the instances of a definition into its parameters (anti-unification)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from archdsl.syntax import tree
from archdsl.syntax.print_tree import is_name
from archdsl.write.trees import arithmetic, integer, literal, name


class Signature:
    """The parameters of one definition; a column is the value of one place in each instance.

    Places with equal columns share a parameter, and a column that is a multiple or a part of another is written so:
    of (64, 256) and (128, 512) the second is `4 * width`.
    """

    def __init__(self, taken: Collection[str], known: Mapping[str, list[Any]]) -> None:
        """`taken` are names for no parameter; `known` are those of the source's arguments, with their columns."""
        self.columns: dict[str, list[Any]] = {}
        self._known = {repr(column): parameter for parameter, column in reversed([*known.items()])}
        self._named: dict[str, str] = {}  # by what a column looks like: 1, 1.0 and true are equal to Python
        self._taken = set(taken)

    def expression(self, values: list[Any], hint: str, near: str = "") -> tree.Expr:
        """What stands at a place with this column.

        A new parameter is called as in the source where an argument had these values there, else `hint`, or if there is
        one with the label `near` in front: `out`, `conv2_out`.
        """
        if len(set(map(repr, values))) == 1:
            return literal(values[0])
        if repr(values) in self._named:
            return name(self._named[repr(values)])
        return self._multiple(values) or self._new(values, hint, near)

    def _multiple(self, values: list[Any]) -> tree.Expr | None:
        if not _are_counts(values):
            return None
        for parameter, column in self.columns.items():
            if _are_counts(column):
                times, rest = divmod(values[0], column[0])
                if not rest and all(value == times * other for value, other in zip(values, column, strict=True)):
                    return arithmetic(integer(times), "*", name(parameter))
                part, rest = divmod(column[0], values[0])
                if not rest and all(value * part == other for value, other in zip(values, column, strict=True)):
                    return arithmetic(name(parameter), "//", integer(part))
        return None

    def _new(self, values: list[Any], hint: str, near: str) -> tree.Expr:
        for value in values:
            literal(value)  # raises where there is none
        hint = self._known.get(repr(values), hint)
        parameter, number = hint, 1
        if hint in self.columns and near:
            hint = parameter = f"{near}_{hint}"
        while parameter in self._taken or parameter in self.columns or not is_name(parameter):
            number += 1
            parameter = f"{hint}_{number}" if is_name(hint) else f"number_{number}"
        self.columns[parameter] = values
        self._named[repr(values)] = parameter
        return name(parameter)

    def defaults(self) -> dict[str, Any]:
        """Parameters that have one value in more than half of the instances, with it."""
        found = {}
        for parameter, values in self.columns.items():
            (common, times), *_ = Counter(map(repr, values)).most_common(1)
            if 2 * times > len(values):
                found[parameter] = next(value for value in values if repr(value) == common)
        return found

    def ordered(self) -> list[str]:
        """The parameters, those with defaults last."""
        defaults = self.defaults()
        return sorted(self.columns, key=lambda parameter: parameter in defaults)


def _are_counts(values: list[Any]) -> bool:
    return all(type(value) is int and value > 0 for value in values)
