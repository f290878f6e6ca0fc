"""A choice inside a loop over a list that is chosen has one name in the space and in each of its designs."""

from __future__ import annotations

import pytest

import archdsl
from archdsl.elaborate.spec import Spec
from archdsl.source import Source

HEAD = """network n(x: [8, 4, 4]) {
    states = [x -> conv(8), x -> conv(8, 3), x -> conv(8, 5)]
"""
METRICS = ("params", "macs")
OP = "oneof([relu, prelu])"
LOOPS = {
    "someof ints": "    return [states[j] -> OP for j in someof(range(3), 2)] -> add",
    "someof ints for": ("    h = x\n    for j in someof(range(3), 2) { h = h + (states[j] -> OP) }\n    return h"),
    "someof tensors": "    return [s -> OP for s in someof(states, 2)] -> add",
    "oneof lists": "    return [states[j] -> OP for j in oneof([[0,1],[1,2],[2,1]])] -> add",
    "oneof lists same order": "    return [states[j] -> OP for j in oneof([[0],[0,2],[1,2]])] -> add",
    "range": "    return [states[j] -> OP for j in range(1, oneof([2,3]))] -> add",
    "range start": "    return [states[j] -> OP for j in range(oneof([0,1]), 3)] -> add",
    "filter": ("    d = oneof([0,1])\n    return [states[j] -> OP for j in [k for k in range(3) if k != d]] -> add"),
    "filter tensors": (
        "    d = oneof([0,1])\n    return [s -> OP for s in [states[k] for k in range(3) if k != d]] -> add"
    ),
    "plus": ("    l = [0] + oneof([[], [1]]) + oneof([[], [2]])\n    return [states[j] -> OP for j in l] -> add"),
    "plus dup": ("    l = [0] + oneof([[], [0]]) + oneof([[], [2]])\n    return [states[j] -> OP for j in l] -> add"),
    "plus tensors": (
        "    l = [states[0]] + oneof([[], [states[1]]]) + oneof([[], [states[2]]])\n"
        "    return [s -> OP for s in l] -> add"
    ),
    "zip": "    return [states[j] -> op -> OP for j, op in zip(someof(range(3), 2), [id, gelu])] -> add",
    "zip2": "    return [states[j] -> op -> OP for op, j in zip([id, gelu], someof(range(3), 2))] -> add",
    "zip3": "    return [states[j] -> conv(8, k) -> OP for k, j in zip([1, 3], someof(range(3), 2))] -> add",
    "enumerate": "    return [states[j] -> OP for i, j in enumerate(someof(range(3), 2))] -> add",
    "reversed": "    return [states[j] -> OP for j in reversed(someof(range(3), 2))] -> add",
    "words": '    return [states[0] -> OP for j in someof(["a","b","c"], 2)] -> add',
    "mixed": "    return [states[j] -> OP for j in [0, oneof([1, 2])]] -> add",
    "slice": "    return [states[j] -> OP for j in range(3)[:oneof([1,2])]] -> add",
    "slice of someof": "    return [states[j] -> OP for j in someof(range(3),2)[1:]] -> add",
    "nested": "    return [states[j] -> OP for l in someof([[0,1],[1,2],[0,2]], 2) for j in l] -> add",
    "someof stages": "    return x -> someof([conv(8, oneof([1,3])), conv(8, oneof([5, 7])), relu], 2) -> add",
    "open stages": (
        "    fs = [conv(8, oneof([1,3]))] + oneof([[], [conv(8, oneof([5, 7]))]])\n    return x -> fs -> add"
    ),
    "repeat": ("    f = conv(8, oneof([1,3]))\n    return x -> [f] * oneof([1,2]) -> add"),
    "table": (
        "    for w, d in oneof([[(8, 1), (16, 2)], [(16, 1)]]) { x = x -> conv(w, oneof([1,3])) * d }\n    return x"
    ),
    "if in loop": (
        "    h = x\n    for i in range(3) { if i in someof(range(3), 2) { h = h + (states[i] -> OP) } }\n    return h"
    ),
    "if tensors": (
        "    l = [x]\n"
        "    for i in range(3) { if oneof([true,false]) { l = l + [states[i]] } }\n"
        "    return [s -> OP for s in l] -> add"
    ),
    "index": ("    l = someof(range(3), 2)\n    return (states[l[0]] -> OP) + (states[l[1]] -> OP)"),
}


@pytest.mark.parametrize("kind", LOOPS)
def test_each_design_is_asked_what_the_space_says(kind: str) -> None:
    text = f"{HEAD}{LOOPS[kind].replace('OP', OP)}\n}}\n"
    space = archdsl.space(Spec(Source("<text>", text)))
    designs, costs = list(space), space.costs.way(METRICS)
    assert len(designs) == space.size > 1 and not space.failing
    for design in designs:
        network = space.network(design)
        assert {name: choice.picked for name, choice in network.choices.items()} == design, text
        assert costs.of(design, METRICS) == (network.params, network.macs)


def test_steps_are_called_after_what_they_are_at() -> None:
    """By value where that tells them apart in a design, else by the place among what is there."""
    text = f"{HEAD}{LOOPS['someof ints'].replace('OP', OP)}\n}}\n"
    asked = {one.name: one.asked.text for one in archdsl.space(Spec(Source("<text>", text))).decisions}
    assert asked["0.out"] == "out_2 is 0 + 1 or 0 + 2" and asked["2.out"] == "out_2 is 0 + 2 or 1 + 2"
