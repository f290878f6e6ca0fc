"""Networks that are tapped, as PyTorch and as specs: beside their whole selves, in scans, of several inputs."""

from __future__ import annotations

from pathlib import Path

import pytest

import archdsl
from archdsl.emit.pytorch import source
from archdsl.ir.hashing import exact_hash
from tests.emit.check import check_function, check_style

BACKBONE = """
block unit(x; width) = x -> conv(width, 3) -> relu
network backbone(x: [3, 8, 8]; width = 4, repeats = 2) {
    x = x -> unit(width) as stem -> (unit(width) * repeats) as layer1
    return x -> (conv(3) -> tanh) as out
}
block two(x, h: [4]) {
    h = [x, h] -> concat -> linear(4) as hidden -> tanh
    return h -> linear(2) as out, h
}
"""
NETWORKS = {
    "beside itself": '= x -> backbone, x -> taps(backbone, ["stem", "layer1"]), x -> taps(backbone, ["out", "stem"])',
    "at other arguments": '= x -> taps(backbone(6), ["layer1.0"]), x -> taps(backbone(6, 3), ["layer1.0", "layer1.2"])',
    "repeated": '= x -> taps(backbone, ["out"]) * 3 as layers',
    "shared": """{
    shared f = taps(backbone, ["out"])
    return x -> f -> f
}""",
    "in a scan": '= x -> flatten(1) -> scan(taps(two, ["out", "hidden"]))',
    "of two inputs": """{
    a, b = x -> flatten -> [linear(3), linear(4)]
    return [a, b] -> taps(two, ["hidden"])
}""",
    "tapped again": '= x -> taps(taps(backbone, ["out"]), ["stem"])',
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_emitted_module_and_the_written_spec_are_the_graph(name: str, tmp_path: Path) -> None:
    network = archdsl.loads(f"{BACKBONE}\nnetwork n(x: [3, 8, 8]) {NETWORKS[name]}", "n")
    check_function(network.graph)
    check_style(tmp_path, [source(network.graph)])
    again = archdsl.loads(network.spec(), "n")
    assert exact_hash(again.graph) == exact_hash(network.graph)
    assert list(again.build().state_dict()) == list(network.build().state_dict())
