"""Finds the parameters of a definition that decide what its body consists of, and not only its numbers.

For example, in

    block unit(x; out, kernel = 3, gate = false, depth = 1) {
        wide = out > x.channels
        y = x -> conv(out, kernel) * depth
        return y -> se if gate and wide else y

they are `out` (by way of `wide`), `gate` and `depth`; `kernel` is a number of the body like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archdsl.syntax import tree
from archdsl.syntax.parts import inside, mentioned


def steering(definition: tree.Definition) -> tuple[str, ...]:
    """The parameters that conditions, loops and repetitions of a body ask for, or that are applied as stages.

    Arguments of calls are not followed into what is called.
    """
    found: set[str] = set()
    applied: set[str] = set()
    values: list[tuple[set[str], set[str]]] = []  # names that are set together, and what their value mentions
    for node in inside(definition.body):
        for asked in _asked(node):
            found |= mentioned(asked)
        if isinstance(node, tree.Chain):
            applied |= set(_stages(node.items))
        if isinstance(node, tree.Assign) and not any(isinstance(part, tree.Chain) for part in inside([node.value])):
            values.append(({target.id for target in tree.names_in(node.targets)}, mentioned(node.value)))
    before = -1
    while len(found) > before:
        before = len(found)
        for targets, names in values:
            if targets & found:
                found |= names
    return tuple(param.name for param in definition.params if param.name in found | applied)


def _asked(node: Any) -> Iterator[Any]:
    """What the parts of a body that a node stands for depend on."""
    if isinstance(node, tree.Ternary):
        yield node.condition
    elif isinstance(node, tree.If):
        yield from (condition for condition, _ in node.branches)
    elif isinstance(node, tree.For):
        yield node.iterable
    elif isinstance(node, tree.Clause):
        yield from (node.iterable, *node.conditions)
    elif isinstance(node, tree.Chain):
        for stage in node.items[1:]:
            if isinstance(stage, tree.Arithmetic):
                yield from (times for sign, times in stage.rest if sign == "*")


def _stages(items: list[Any]) -> Iterator[str]:
    """The names that stand for stages of a chain, as they are or one instead of another."""
    pending = [*items]
    while pending:
        node = pending.pop()
        if isinstance(node, tree.Name):
            yield node.id
        elif isinstance(node, tree.Ternary):
            pending += [node.then, node.otherwise]
        elif isinstance(node, tree.As):
            pending.append(node.value)
        elif isinstance(node, tree.Arithmetic):
            pending += [node.first, *(value for sign, value in node.rest if sign != "*")]
