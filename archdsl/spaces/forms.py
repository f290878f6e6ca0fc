"""Makes one op, type or body of several that differ in numbers alone: a number that differs is `Several`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from archdsl.ir.chosen import Several, SeveralTexts
from archdsl.ir.graph import Graph, Node
from archdsl.ops.base import Op
from archdsl.types import TensorType

_SAID = 8  # values of an argument in words


def one_type(types: Sequence[TensorType]) -> TensorType:
    """One type for several; of different ranks, the first."""
    first = types[0]
    if all(type == first for type in types) or len({(type.dtype, type.rank) for type in types}) > 1:
        return first
    return first._replace(shape=tuple(map(_number, zip(*(type.shape for type in types), strict=True))))


def one_op(ops: Sequence[Op]) -> Op | None:
    """One op for several; None where they differ in more than numbers."""
    first = ops[0]
    if all(op == first for op in ops):
        return first
    if len({type(op) for op in ops}) > 1:
        return None
    values = {field.name: _value([getattr(op, field.name) for op in ops]) for field in fields(first)}
    return None if None in values.values() else replace(first, **values)


class Joined:
    """Makes one body of several, the same one of the same ones."""

    def __init__(self) -> None:
        self._known: dict[tuple[Graph, ...], Graph | None] = {}

    def target(self, targets: Sequence[Any]) -> Op | Graph | None:
        """One op or body for several; None where they differ in more than numbers."""
        if all(isinstance(target, Graph) for target in targets):
            return self.body(targets)
        return one_op(targets) if all(isinstance(target, Op) for target in targets) else None

    def body(self, bodies: Sequence[Graph]) -> Graph | None:
        """One body for several of one block; None where they are not the same nodes but for numbers."""
        key = tuple(dict.fromkeys(bodies))
        if key not in self._known:
            self._known[key] = self._body(key) if len(key) > 1 else key[0]
        return self._known[key]

    def _body(self, bodies: tuple[Graph, ...]) -> Graph | None:
        first = bodies[0]
        if len({(body.definition, body.name, body.kind, body.outputs, len(body.nodes)) for body in bodies}) > 1:
            return None
        nodes = []
        for column in zip(*(body.nodes for body in bodies), strict=True):
            made = self._node(column)
            if made is None:
                return None
            nodes.append(made)
        columns = zip(*(body.arguments for body in bodies), strict=True)
        return replace(
            first,
            arguments=tuple([(column[0][0], one_argument([value for _, value in column])) for column in columns]),
            inputs=tuple(map(one_type, zip(*(body.inputs for body in bodies), strict=True))),
            nodes=tuple(nodes),
        )

    def _node(self, nodes: Sequence[Node]) -> Node | None:
        first = nodes[0]
        if len({(node.operands, node.slot, node.length, node.each, len(node.types)) for node in nodes}) > 1:
            return None
        target = self.target([node.target for node in nodes])
        types = tuple(map(one_type, zip(*(node.types for node in nodes), strict=True)))
        return None if target is None else first._replace(target=target, types=types)


def one_argument(values: Sequence[Any]) -> Any:
    """One argument of a call for several: a number that is several, or all of them in words."""
    found = _value(values)
    if found is not None:
        return found
    if any(isinstance(value, SeveralTexts) and not value.values for value in values):
        return SeveralTexts(" or ".join(dict.fromkeys(map(_said, values))))
    each: list[Any] = []
    for value in values:
        each += [one for one in _each(value) if not any(one == other and type(one) is type(other) for other in each)]
    told = [_said(one) for one in each[:_SAID]] + ["…"] * (len(each) > _SAID)
    return SeveralTexts(" or ".join(told), tuple(each))


def _each(value: Any) -> Sequence[Any]:
    """All that an argument may be."""
    return value.values if isinstance(value, Several | SeveralTexts) else (value,)


def _said(value: Any) -> str:
    """An argument in words."""
    if isinstance(value, tuple):
        return f"({', '.join(map(_said, value))})"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(values: Sequence[int]) -> int:
    """One number for several."""
    plain = sorted({one for value in values for one in _each(value)})
    return plain[0] if len(plain) == 1 else Several(*plain)


def _value(values: Sequence[Any]) -> Any:
    """One value of an argument for several; None where they differ in more than numbers."""
    first = values[0]
    if all(value == first and type(value) is type(first) for value in values):
        return first
    if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return _number(values)
    if all(isinstance(value, tuple) and len(value) == len(first) for value in values):
        found = tuple(map(_value, zip(*values, strict=True)))
        return None if None in found else found
    return None
