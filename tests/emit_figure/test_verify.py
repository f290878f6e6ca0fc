"""Figures are the network: proved for the zoo and for random specs, and the proof fails where a figure is spoilt."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import pytest

import archdsl
from archdsl.emit.figure.scene import Scene
from archdsl.emit.figure.scenes import scene
from archdsl.emit.figure.verify import verify
from archdsl.ir.graph import Graph
from archdsl.network import networks
from tests.emit_figure import faults
from tests.emit_figure.random_specs import random_spec
from tests.emit_figure.spoils import FAULTS
from tests.few import few
from tests.zoo_sample import swept

# Cells of two states, branches side by side, many variants, growing channels.
NETWORKS = ("nasnet_mobile", "resnext50_32x4d", "mobilenet_v3_small", "densenet121")

# More variants of a block than are drawn: the others are told.
MANY_VARIANTS = """block unit(x; n) {{
    for i in range(n) {{ x = x + (x -> conv(8, 2 * i + 1)) }}
    return x
}}
network n(x: [8, 6, 6]) {{
    for n in range({}, {}) {{ x = x -> unit(n) }}
    return x
}}
"""


@cache
def scenes() -> list[Scene]:
    """What is spoilt."""
    graphs = [archdsl.load(name).graph for name in NETWORKS] + random_networks(range(36))
    graphs += [archdsl.loads(MANY_VARIANTS.format(first, first + 8)).graph for first in (1, 2, 3)]
    return [scene(graph) for graph in graphs]


def random_networks(seeds: range) -> list[Graph]:
    found = []
    for seed in seeds:
        try:
            found.append(archdsl.loads(random_spec(seed)).graph)
        except archdsl.ArchError:
            continue
    return found


def test_random_specs_are_drawn_as_they_are() -> None:
    graphs = random_networks(range(few(150)))
    assert len(graphs) > few(120)
    assert {seed: found for seed, graph in enumerate(graphs) if (found := verify(scene(graph)).differences)} == {}


@pytest.mark.slow
def test_two_thousand_random_specs_are_drawn_as_they_are() -> None:
    graphs = random_networks(range(1000, 3200))
    assert len(graphs) >= 2000
    assert {seed: found for seed, graph in enumerate(graphs) if (found := verify(scene(graph)).differences)} == {}


def test_blocks_drawn_in_place_and_blocks_left_out_are_proved_too() -> None:
    names = ["unit", "two", "state", "grow", "recursive", "gated", "many", "wide", "rnn"]
    for seed, graph in enumerate(random_networks(range(300, 300 + few(60)))):
        rng = random.Random(seed)
        inline, depth = rng.sample(names, rng.randint(1, 6)), rng.choice((None, None, 0, 1, 2))
        assert verify(scene(graph, inline=inline, depth=depth)).differences == (), (seed, inline, depth)
        alone, levels = rng.sample(names, rng.choice((0, 1, 2))), rng.randint(0, 4)
        made = scene(graph, inline=inline[:1], alone=alone, levels=levels)
        assert verify(made).differences == (), (seed, inline[:1], alone, levels)


@pytest.mark.parametrize("path", swept())
def test_the_last_network_of_a_spec_is_drawn_as_it_is(path: Path) -> None:
    assert verify(scene(archdsl.load(path, networks(path)[-1]).graph)).differences == ()


@pytest.mark.slow
def test_no_figure_of_the_zoo_has_a_fault_of_any_kind() -> None:
    count, faulty = faults.count()
    assert count > 350 and faulty == {}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_spoilt_figure_is_found_out(fault: str) -> None:
    rng = random.Random(fault)
    spoilt = [(right.root.name, wrong) for right in scenes() if (wrong := FAULTS[fault](rng, right)) is not None]
    assert len(spoilt) >= 3
    assert [
        name for name, wrong in rng.sample(spoilt, min(few(30), len(spoilt))) if not verify(wrong).differences
    ] == []
