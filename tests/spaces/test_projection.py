"""Graphs of designs that are made out of that of all alternatives are those of ordinary elaboration, node by node."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from random import Random

import pytest

import archdsl
from archdsl.analysis import registry
from archdsl.elaborate.spec import Spec
from archdsl.explore.settings import measured
from archdsl.ir.graph import Graph
from archdsl.ir.per_body import MOULD
from archdsl.source import Source
from archdsl.spaces.projection import Projection
from archdsl.spaces.space import Design, Space
from tests.few import few
from tests.space.random_spaces import space as random_space
from tests.spaces.test_space import DEEP, space

COUNT = int(os.environ.get("ARCHDSL_SPACES", few(12)))
# What a body may be otherwise than others: its types, its inputs, what it returns, its weights, its steps.
SPACES = {
    "choices in what is repeated": DEEP,
    "types": """
network n(x: [oneof([3, 4]), 8, 8]) {
    y = x -> conv(oneof([4, 8])) -> bn
    z = [y] + oneof([[], [y -> relu]]) -> concat
    return oneof([y, z]) -> conv(8, oneof([1, 3])) -> global_avg_pool
}
""",
    "a cell with other options elsewhere": """
cell c(x; stride = 1) = x -> oneof([conv(x.channels, 3, stride), avg_pool(3, stride)] + ([id] if stride == 1 else []))
network n(x: [4, 8, 8]) = x -> c -> c(2) -> c -> relu -> linear(2)
""",
    "what is returned": """
block two(x) {
    y = x -> oneof([relu, conv(4)])
    return oneof([[y, x -> tanh], [x -> bn, y]])
}
network n(x: [4, 8, 8]) {
    a, b = x -> two
    c, d = b -> two
    return oneof([[a, c], [d], [a + d, c, x]])
}
""",
    "what nobody takes": """
cell c(x) {
    y = x -> oneof([relu, conv(4), bn -> relu])
    z = y -> conv(4, oneof([1, 3]))
    return oneof([y, z, x])
}
network n(x: [4, 8, 8]) {
    x = x -> conv(4)
    y = x -> c -> c
    return [y] + oneof([[], [x]]) -> add
}
""",
    "loose ends": """
cell c(x) {
    states = [x]
    for i in range(3) { states = states + [oneof(states) -> oneof([relu, conv(4, 3)])] }
    return loose() -> concat
}
network n(x: [4, 8, 8]) = x -> c -> conv(4) -> c -> global_avg_pool
""",
    "shared weights": """
network n(x: [4, 8, 8]) {
    shared f = conv(4, 3) -> bn
    y = x -> f
    z = y -> oneof([f, conv(4), f -> relu -> f])
    return [y, z] + oneof([[], [x -> f]]) -> add
}
""",
    "steps": """
block step(x, h: [6]; act) = [x, h] -> concat -> linear(6) -> act
network n(x: [5, 4]) = x -> scan(step(oneof([tanh, sigmoid]))) -> oneof([id, scan(step(relu))])
""",
}


NODE = ("operands", "types", "length", "names")


def different(one: Graph, other: Graph, alike: tuple[str, ...] = NODE) -> Iterator[str]:
    """What the graphs of a design say otherwise, of nodes of what is to be alike; and sites that are not unique."""
    for name in ("name", "kind", "definition", "input_names", "inputs", "outputs", "doc"):
        if getattr(one, name) != getattr(other, name):
            yield f"{one.name}: {name}"
    slots: list[dict[int | None, int]] = [{}, {}]
    if len(one.nodes) != len(other.nodes):
        yield f"{one.name}: {[node.word for node in one.nodes]}, {[node.word for node in other.nodes]}"
    if len({node.site for node in one.nodes}) < len(one.nodes):
        yield f"{one.name}: sites"
    for index, (mine, its) in enumerate(zip(one.nodes, other.nodes, strict=False)):
        for name in alike:
            if getattr(mine, name) != getattr(its, name):
                yield f"{one.name}, node {index}: {name}"
        firsts = [first.setdefault(node.slot, index) for first, node in zip(slots, (mine, its), strict=True)]
        if (mine.slot is None) != (its.slot is None) or (mine.slot is not None and firsts[0] != firsts[1]):
            yield f"{one.name}, node {index}: slot"
        if isinstance(mine.target, Graph) and isinstance(its.target, Graph):
            yield from different(mine.target, its.target, alike)
        elif mine.target != its.target:
            yield f"{one.name}, node {index}: {mine.target}, {its.target}"


def some(found: Space, most: int, seed: int = 0) -> Iterable[Design]:
    rng = Random(seed)
    numbers = range(found.size) if found.size <= most else [rng.randrange(found.size) for _ in range(most)]
    return map(found.unrank, numbers)


@pytest.mark.parametrize("what", SPACES)
def test_graphs_are_those_of_elaboration(what: str) -> None:
    """And so are all numbers."""
    found = space(SPACES[what])
    projection = Projection(found.made)
    for design in some(found, 60):
        made, graph = projection.graph(design), found.network(design).graph
        assert not [*different(made, graph)]
        assert measured(made, registry.names()) == measured(graph, registry.names())


@pytest.mark.parametrize("seed", range(COUNT))
def test_graphs_of_random_spaces(seed: int) -> None:
    made = random_space(seed)
    found = archdsl.space(Spec(Source("n.arch", made.text)), made.network)
    projection = Projection(found.made)
    for design in some(found, 12, seed):
        assert not [*different(projection.graph(design), found.network(design).graph)]


def test_bodies_are_made_once() -> None:
    """Where picks are the same that they depend on, for all designs of a space."""
    found = space(
        "block unit(x) = x -> conv(4, oneof([1, 3])) -> bn\nblock head(x) = x -> relu -> linear(2)\n"
        "network n(x: [4, 8, 8]) = x -> unit -> unit -> oneof([relu, tanh]) -> head\n"
    )
    projection = Projection(found.made)
    graphs = [projection.graph(design) for design in found]
    bodies = {node.target for graph in graphs for node in graph.nodes if isinstance(node.target, Graph)}
    assert sorted(body.name for body in bodies) == ["head", "unit", "unit", "unit", "unit"]
    assert projection.graph(found.unrank(0)) is projection.graph(found.unrank(0))


def test_cells_of_one_mould() -> None:
    """Calls that differ in the body called alone are one place of a cell, whatever is picked; not what may be an op."""
    found = space(
        "block a(x) = x -> conv(4)\nblock b(x) = x -> conv(4, 3) -> relu\n"
        "cell c(x; ops) {\n    y = x -> ops[0]\n    return y + (y -> ops[1])\n}\n"
        "network n(x: [4, 8, 8]) {\n    x = x -> c([oneof([a, b]) for _ in range(2)])\n"
        "    y = x -> oneof([a, relu])\n    return x + y\n}\n"
    )
    projection = Projection(found.made)
    graphs = [projection.graph(design) for design in found]
    assert len(graphs) == 8
    cells = {body for graph in graphs for body, _ in graph.callees if body.name == "c"}
    assert len(cells) == 4 and len({id(cell._facts[MOULD]) for cell in cells}) == 1
    assert len({id(graph._facts[MOULD]) for graph in graphs}) == 2
