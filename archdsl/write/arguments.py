"""Finds the shortest way to write ops: arguments without which the same op would be applied are left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archdsl.ops.base import Op, OpError, Parameter, Types, parameters
from archdsl.write.trees import Unwritable

Columns = list[tuple[str, list[Any]]]  # an argument's name, and its value in each instance


def written(ops: Sequence[Op], inputs: Sequence[Types]) -> Columns:
    """The arguments with which all of `ops`, of one class and applied to `inputs`, are written in one way.

    Raises:
        Unwritable: no arguments resolve to one of them.
    """
    signature = {p.name: p for p in parameters(type(ops[0]))}
    columns = {name: [getattr(op, name) for op in ops] for name in signature}

    def fits(tried: dict[str, list[Any]]) -> bool:
        rows = ({name: values[i] for name, values in tried.items()} for i in range(len(ops)))
        return all(_resolves(op, given, row, signature) for op, given, row in zip(ops, inputs, rows, strict=True))

    for name, parameter in reversed(signature.items()):
        values = columns[name]
        short = [_compact(value) for value in values]
        without = {key: other for key, other in columns.items() if key != name}
        if not parameter.required and fits(without):
            columns = without
        elif short != values and fits({**columns, name: short}):
            columns[name] = short
    if not fits(columns):
        raise Unwritable(f"no arguments make {ops[0]}")
    return list(columns.items())


def _compact(value: Any) -> Any:
    """One number for a tuple of equal ones."""
    return value[0] if isinstance(value, tuple) and value and all(item == value[0] for item in value) else value


def _resolves(op: Op, inputs: Types, given: dict[str, Any], signature: dict[str, Parameter]) -> bool:
    """Whether an op written with these arguments is applied as `op`."""
    try:
        made = type(op)(**{name: signature[name].type.accepts(value) for name, value in given.items()})
        return repr(made.resolve(inputs)) == repr(op)
    except (OpError, ValueError, TypeError):
        return False


def places(columns: Columns, op: type[Op]) -> list[str | None]:
    """For each argument None where it stands in its place, else its name: behind a gap, a third one, true and false."""
    names = [p.name for p in parameters(op)]
    found: list[str | None] = []
    for index, (name, values) in enumerate(columns):
        in_place = index < 3 and names[index] == name and not isinstance(values[0], bool) and None not in found[index:]
        in_place = in_place and not any(found)
        found.append(None if in_place else name)
    return found
