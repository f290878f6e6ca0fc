"""Checks that the shapes that papers draw come out as they are drawn there: straight, side by side, centred."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from archdsl.emit.layered.layered import layered
from archdsl.emit.layered.model import LayeredLink, LayeredNode, LayeredPlan, Spot
from tests.emit_layered import graphs_of_papers as papers
from tests.emit_layered.judge import faults


def middles(plan: LayeredPlan) -> list[float]:
    """The x of the middle of each node."""
    return [x + width / 2 for (x, _), width in zip(plan.corners, plan.widths, strict=True)]


def bends(wire: Sequence[Spot]) -> int:
    """How often a wire bends."""
    return len(wire) - 2


def in_one_column(plan: LayeredPlan, nodes: Sequence[int]) -> bool:
    """Whether nodes stand exactly below each other."""
    columns = middles(plan)
    return max(abs(columns[k] - columns[nodes[0]]) for k in nodes) < 1e-6


def test_a_chain_is_a_column() -> None:
    nodes, links = papers.chain(40)
    plan = layered(nodes, links)
    assert in_one_column(plan, range(40))
    assert plan.width == max(node.width for node in nodes)
    assert not any(bends(wire) for wire in plan.wires)


def test_a_residual_network_is_a_column_with_ways_around() -> None:
    nodes, links = papers.residual(6)
    plan = layered(nodes, links)
    assert in_one_column(plan, range(len(nodes)))
    around = [wire for wire, link in zip(plan.wires, links, strict=True) if link.target - link.source > 1]
    assert {bends(wire) for wire in around} == {3}  # out, down, and into the side of the addition
    assert len({wire[2][0] for wire in around}) == 1  # all on one side, in one line


def test_the_long_way_of_a_projection_is_straight() -> None:
    nodes, links = papers.projection()
    assert in_one_column(layered(nodes, links), [0, 2, 3, 4])


def test_branches_start_in_one_row_and_are_centred() -> None:
    nodes, links = papers.inception()
    plan = layered(nodes, links)
    firsts = [link.target for link in links if link.source == 0]
    assert len({plan.corners[k][1] for k in firsts}) == 1
    columns = middles(plan)
    centre = (columns[firsts[0]] + columns[firsts[-1]]) / 2
    assert [round(columns[k] - centre, 6) for k in (0, len(nodes) - 2, len(nodes) - 1)] == [0, 0, 0]
    into_bar = [wire for wire, link in zip(plan.wires, links, strict=True) if link.target == len(nodes) - 2]
    assert not any(bends(wire) for wire in into_bar)


def test_what_joins_branches_is_centred_wherever_they_stand() -> None:
    """Two bars below forks of two, of which one is lower, and a bar that joins all: each is below its own branches."""
    fork = [(0, 1), (0, 2), (1, 3), (1, 4), (3, 5), (4, 5), (2, 6), (6, 7), (6, 8), (7, 9), (8, 9), (5, 10), (9, 10)]
    nodes = [papers.BAR if k in (5, 9, 10) else papers.BOX for k in range(11)]
    into = {(4, 5): 1, (8, 9): 1, (9, 10): 1}
    plan = layered(nodes, [LayeredLink(s, t, into=into.get((s, t), 0)) for s, t in fork])
    columns = middles(plan)
    for parted, left, right, joined in ((1, 3, 4, 5), (6, 7, 8, 9)):
        centre = (columns[left] + columns[right]) / 2
        assert abs(columns[parted] - centre) < 1e-6 and abs(columns[joined] - centre) < 1e-6
    assert not any(bends(wire) for wire, (_, target) in zip(plan.wires, fork, strict=True) if nodes[target].stretch)


def test_a_dense_block_is_a_column_with_trunks() -> None:
    nodes, links = papers.dense(6)
    plan = layered(nodes, links)
    assert in_one_column(plan, [k for k, node in enumerate(nodes) if not node.stretch])
    assert not any(bends(wire) for wire, link in zip(plan.wires, links, strict=True) if link.target == link.source + 1)
    assert max(bends(wire) for wire in plan.wires) <= 4


def test_an_hourglass_is_a_column_with_nested_ways_across() -> None:
    nodes, links = papers.hourglass(5)
    plan = layered(nodes, links)
    assert in_one_column(plan, [k for k, node in enumerate(nodes) if not node.stretch])
    assert max(bends(wire) for wire in plan.wires) == 2


def test_names_at_bars_bend_no_wire() -> None:
    """The ways across come down next to each other; their names find room to the left of them."""
    nodes, links = papers.hourglass(5)
    named = [replace(link, head=(9, 7)) if nodes[link.target].stretch else link for link in links]
    plan = layered(nodes, named)
    assert [bends(wire) for wire in plan.wires] == [bends(wire) for wire in layered(nodes, links).wires]
    assert not list(faults(nodes, named, plan))


def test_a_nasnet_cell_is_two_rows_of_ops() -> None:
    nodes, links = papers.nasnet_cell()
    plan = layered(nodes, links)
    tops = {k: plan.corners[k][1] for k, node in enumerate(nodes) if node == papers.BOX}
    assert len(set(tops.values())) == 1
    assert not list(faults(nodes, links, plan))


def test_a_skip_costs_no_row_and_little_room() -> None:
    nodes, links = papers.chain(30)
    plain = layered(nodes, links)
    plan = layered(nodes, [*links, LayeredLink(0, 29)])
    assert plan.width <= plain.width + 10
    assert plan.height <= plain.height + 10


def test_what_stands_alone_stands_above_its_use() -> None:
    """A learned tensor that the last but one of a long chain takes is not at the top."""
    nodes = [papers.BOX] * 12
    links = [LayeredLink(k, k + 1) for k in range(9)] + [LayeredLink(10, 11), LayeredLink(11, 9)]
    links = sorted(links, key=lambda link: link.target)
    order = [*range(9), 10, 11, 9]  # nodes are listed such that links go forward
    links = [LayeredLink(order.index(link.source), order.index(link.target)) for link in links]
    plan = layered(nodes, links)
    last = plan.corners[11][1]
    assert plan.corners[10][1] == plan.corners[8][1] < last
    assert plan.corners[9][1] == plan.corners[7][1]


def test_what_stands_alone_does_not_bend_the_main_way() -> None:
    """A learned tensor, 2, is added to what box 1 makes of an input; all but that is one column."""
    nodes = [papers.BOX, papers.BOX, LayeredNode(90, 20), papers.ADD, papers.BOX]
    links = [LayeredLink(0, 1), LayeredLink(1, 3), LayeredLink(2, 3), LayeredLink(3, 4)]
    plan = layered(nodes, links)
    assert in_one_column(plan, [0, 1, 3, 4])
    assert bends(plan.wires[2]) == 1


def test_twins_are_two_wires() -> None:
    for node in (papers.ADD, papers.BOX, LayeredNode(50, 20, ins=(10, 40))):
        links = [LayeredLink(0, 1), LayeredLink(0, 1, into=1 if node.ins else 0)]
        plan = layered([papers.BOX, node], links)
        assert abs(plan.wires[0][-1][0] - plan.wires[1][-1][0]) >= 4


@pytest.mark.parametrize("nodes", [[], [LayeredNode(0, 0)], [LayeredNode(10, 5)], [LayeredNode(0, 0)] * 3])
def test_few_nodes(nodes: list[LayeredNode]) -> None:
    links = [LayeredLink(k, k + 1) for k in range(len(nodes) - 1)]
    plan = layered(nodes, links)
    assert not list(faults(nodes, links, plan))
    assert plan.width == max((node.width for node in nodes), default=0)


def test_thousands_of_nodes_in_a_row_or_column() -> None:
    links = [LayeredLink(k, k + 1) for k in range(2999)]
    assert in_one_column(layered([papers.BOX] * 3000, links), range(3000))
    fan = layered([papers.BOX] * 500, [LayeredLink(0, k) for k in range(1, 500)])
    assert len({y for _, y in fan.corners}) == 2
