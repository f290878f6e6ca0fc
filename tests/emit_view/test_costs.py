"""What the page says that boxes cost: of what a scan applies step by step, of a step and in all, and it adds up."""

from __future__ import annotations

import json
import re

import pytest

import archdsl
from archdsl.emit.view.data import page_data
from tests.emit_view.test_pair import machine

SCANS = """
block inner(x, h: [4]) = [x, h] -> concat -> linear(4) -> tanh
block outer(x: [6, 4], h: [4]) = (x -> scan(inner) -> slice(5, 6) -> reshape([4])) + h -> linear(4) -> tanh
block head(x) = x -> linear(8) -> relu -> linear(8)
network n(x: [5, 6, 4]) {
    all = x -> scan(outer)
    return all -> head
}
network m(x: [20, 4]) = x -> linear(4) -> scan(inner) -> head
"""
# By way to each box that does not open: how often its body's steps are applied, and what is said of each cost.
LEAVES = """
(function () {
  const found = [];
  const visit = (index, way, steps) => net.bodies[index].boxes.forEach((box, i) => {
    const place = [...way, i];
    if (box.open >= 0) visit(box.open, place, steps * box.steps);
    else if (!box.port) found.push([steps, [0, 1, 2, 3].map((k) => costWords(seatOf(net, place), k)),
                                    [0, 1, 2, 3].map((k) => partOf(net, seatOf(net, place), k))]);
  });
  visit(net.root, [], 1);
  return JSON.stringify(found);
})()
"""


@pytest.mark.parametrize("name", ["n", "m"])
def test_costs_of_steps_add_up_to_those_of_the_network(name: str) -> None:
    network = archdsl.loads(SCANS, name)
    context = machine(json.loads(json.dumps(page_data(network.graph))))
    leaves = json.loads(context.eval(LEAVES))
    assert max(steps for steps, _, _ in leaves) == {"n": 30, "m": 20}[name]
    for index, total in ((0, network.params), (1, network.macs)):
        whole = 0
        for steps, told, parts in leaves:
            numbers = [int(text.replace(",", "")) for text in re.findall(r"[\d,]*\d", told[index])]
            stepwise = index > 0 and steps > 1 and numbers != [0]
            assert told[index].endswith(" in all") == stepwise == (" a step, " in told[index])
            assert numbers[-1] == numbers[0] * (steps if stepwise else 1)
            assert parts[index] == pytest.approx(numbers[-1] / total)
            whole += numbers[-1]
        assert whole == total
