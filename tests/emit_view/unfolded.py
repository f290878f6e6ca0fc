"""Unfolds a network to its last op twice, from its page's data and from its bodies, to compare what each op takes."""

from __future__ import annotations

import dataclasses
import math
import re
from collections import Counter
from typing import Any

from archdsl.ir.graph import INPUT, Graph
from archdsl.ops.base import Op

# What a tensor is: the op that gives it, what that takes, and which of its results it is; or an input's number.
Tensor = int
Taken = Counter[Tensor]


class Numbers:
    """Equal facts get equal numbers, so that a tensor's whole history is compared as one number."""

    def __init__(self) -> None:
        self._known: dict[Any, int] = {}

    def __call__(self, *facts: Any) -> int:
        return self._known.setdefault(facts, len(self._known))


def of_graph(graph: Graph, numbers: Numbers) -> tuple[list[Tensor], Taken]:
    """The outputs of a network, and all its op applications, by what they take; a scan's step is applied once."""
    taken: Taken = Counter()

    def run(body: Graph, given: list[Any]) -> list[Any]:
        results: list[list[Any]] = []
        for node in body.nodes:
            operands = [given[k] if index == INPUT else results[index][k] for index, k in node.operands]
            if isinstance(node.target, Graph):
                operands += [None] * (len(node.target.inputs) - len(operands))
                results.append(run(node.target, operands))
            else:
                results.append(_apply(numbers, taken, _op(node.target), operands, len(node.types)))
        return [given[k] if index == INPUT else results[index][k] for index, k in body.outputs]

    return run(graph, list(range(-len(graph.inputs), 0))), taken


def of_page(data: dict[str, Any], numbers: Numbers) -> tuple[list[Tensor], Taken]:
    """The same of a page's data."""
    taken: Taken = Counter()
    text = data["strings"]

    def apply(piece: int, operands: list[Any]) -> list[Any]:
        op, _, _, _, types = data["pieces"][piece]
        name, *values = (text[number] for number in data["ops"][op])
        return _apply(numbers, taken, (name, *map(_exact, values)), operands, len(types))

    def run(number: int, given: list[Any]) -> list[Any]:
        _, _, _, _, _, inputs, outputs, boxes, edges, _ = data["bodies"][number]
        arriving: list[dict[int, Any]] = [{} for _ in boxes]
        leaving: list[list[tuple[int, int, int]]] = [[] for _ in boxes]
        for edge in edges:
            source, target, _label, _name, output, operand, _out, _into, *more = [*edge, *[0] * (8 - len(edge))]
            more += [0] * (len(more) % 2)
            pairs = [(output, operand), *zip(more[::2], more[1::2], strict=True)]
            leaving[source] += [(target, *pair) for pair in pairs]
        for index, row in enumerate(boxes):
            _, _, pieces, opens, *_ = [*row, *[0] * (8 - len(row))]
            operands = [arriving[index].get(k) for k in range(1 + max(arriving[index], default=-1))]
            if index in inputs:
                results = [given[inputs.index(index)]]
            elif index in outputs:
                results = operands
            elif opens:
                callee = data["bodies"][opens - 1]
                results = run(opens - 1, operands + [None] * (len(callee[5]) - len(operands)))
            else:
                results = operands
                for piece in pieces:
                    results = apply(piece, results)
            for target, output, operand in leaving[index]:
                assert operand not in arriving[target] or arriving[target][operand] == results[output]
                arriving[target][operand] = results[output]
        return [arriving[index].get(0) if index >= 0 else None for index in outputs]

    return run(data["root"], list(range(-len(data["bodies"][data["root"]][5]), 0))), taken


def _apply(numbers: Numbers, taken: Taken, op: tuple[str, ...], operands: list[Any], results: int) -> list[Tensor]:
    me = numbers(op, tuple(operands))
    taken[me] += 1
    return [numbers(me, output) for output in range(results)]


def _op(op: Op) -> tuple[str, ...]:
    said: list[str] = []
    for name in [f.name for f in dataclasses.fields(op) if f.metadata]:
        value = _shown(getattr(op, name))
        count = len(value.split(", "))
        said += [name, _exact(f"{count} numbers") if name == op.long_list and count > 16 else value]
    return (op.name, *said)


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_shown, value)) + ")"
    return str(value).lower() if isinstance(value, bool) else _exact(str(value))


def _exact(text: str) -> str:
    """`text` with each number in eight digits, whether it is written as 0.075, 7.5e-2, √512 or 1/√3."""

    def eight(found: re.Match[str]) -> str:
        inverse, root = found[0].startswith("1/"), "√" in found[0]
        value = float(found[0].removeprefix("1/").removeprefix("√"))
        value = math.sqrt(value) if root else value
        return f"{float(f'{1 / value if inverse else value:.9g}'):.8g}"  # pages have nine digits

    return re.sub(r"1/√\d+|√\d+|(?<![\w.])\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.])", eight, text)
