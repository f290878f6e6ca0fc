"""Scans written out: the same weights and the same function, whatever is scanned, as graph, text and module."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import torch

import archdsl
from archdsl.analysis.not_defined import NotDefined
from archdsl.analysis.registry import metric
from archdsl.emit.pytorch import build, source
from archdsl.ir.graph import Graph, bodies
from archdsl.ir.hashing import exact_hash
from archdsl.ir.read_text import read_graph
from archdsl.ir.text import print_graph
from archdsl.ir.verify import InvariantError, verify
from archdsl.ir.weights import keys
from archdsl.ops.base import Kind
from archdsl.transform.carry import carry
from archdsl.transform.fold_batch_norm import fold_batch_norm
from archdsl.transform.unroll import MOST_STEPS, TooManySteps, has_scans, unrolled
from tests.emit import test_each
from tests.emit.check import check_function, check_style, sample
from tests.emit.test_scans import LSTM, NETWORKS
from tests.few import few
from tests.oracle import plain

COUNT = int(os.environ.get("ARCHDSL_EXAMPLES", few(30)))
CELLS = ("lstm({d})", "gru({d})", "shown({d}, {out})", "typed({d})", "twice(gru(4))", "deep({d})")
# What the ops that take a sequence apart and put it together change nothing of.
ALIKE = ("params", "macs", "depth", "shortest_depth", "weighted_depth", "paths", "width", "critical_path_macs")
BLOCKS = f"""{LSTM}
block typed(x, h: [d]; d) = [x, h] -> concat -> linear(d) -> tanh
block twice(x, h: [4]; inner) {{
    shared f = linear(4)
    h = [x -> f, h -> f] -> add -> tanh
    return h -> repeated(2) -> scan(inner) -> slice(0, 1) -> reshape([4])
}}
block deep(x, h: [d]; d) = [x -> linear(d), h] -> stack -> scan(typed(d)) -> slice(1, 2) -> reshape([d])
block repeated(x; count) = [x] * count -> stack
block maybe(x; on, inner) = x -> scan(inner) -> linear(4) if on else x -> linear(4) -> relu
block halves(x; d) = x -> linear(d), x -> linear(d) -> tanh
block part(x; d, last, on) {{
    y, h = x -> scan(typed(d), last = true)
    y = y -> linear(4) if on else y -> linear(4) -> tanh
    return y + (h -> linear(4) -> reshape([1, 4])) if last else y
}}
"""


def spec(seed: int) -> str:
    """A network of scans: in blocks that differ, shared, from given states, nested, with results that nobody reads."""
    dice = Random(seed)
    length = dice.randrange(1, 5)

    def cell() -> str:
        d, out = dice.choice([3, 4]), dice.choice([2, 4])
        return dice.choice(CELLS).format(d=4 if dice.random() < 0.7 else d, out=out)

    def part() -> str:
        last, on = dice.choice(["true", "false"]), dice.choice(["true", "false"])
        return f"part({dice.choice([3, 4])}, {last}, {on})"

    lines = [f"shared f = scan({cell()}) -> linear(4)", "h = x -> slice(0, 1) -> reshape([4]) -> linear(4)"]
    for number in range(dice.randrange(1, 5)):
        lines.append(
            dice.choice(
                [
                    f"x = x -> scan({cell()}) -> linear(4)",
                    f"x = x -> (scan({cell()}) -> linear(4)) * 2 as layers{number}",
                    "x = x -> f",
                    f"x = x -> maybe({dice.choice(['true', 'false'])}, {cell()})",
                    f"x = x -> {part()}",
                    f"x = x -> slice(0, {dice.randrange(1, length + 1)}, axis = 0) -> {part()}",
                    "x, h = [x, h] -> scan(typed(4), last = true)",
                    "_, h = [x, h] -> scan(rnn(4), last = true)",
                    f"x = [x, h] -> scan(typed(4)) as named{number}",
                    "x = [x, x -> relu] -> each([linear(4), id] -> add)",
                    f"x = x -> each(halves({dice.choice([3, 4])})) -> concat(axis = 1) -> linear(4)",
                    f"x = [x, x] -> stack -> each(scan({cell()}) -> each(linear(4)) -> sigmoid) as pair{number}"
                    " -> unbind -> add",
                ]
            )
        )
    body = "\n    ".join(lines)
    return f"{BLOCKS}\nnetwork n(x: [{length}, 4]) {{\n    {body}\n    return x, h\n}}\n"


def check(graph: Graph) -> Graph:
    """Everything that `unrolled` promises of `graph`; what it made."""
    made = unrolled(graph)
    verify(made)
    assert not any(node.length for body in bodies(made) for node in body.nodes)
    assert len(list(bodies(made))) == len(list(bodies(graph)))
    assert keys(made) == keys(graph)
    again = read_graph(print_graph(made))
    assert exact_hash(again) == exact_hash(made)
    assert keys(again) == keys(made)
    assert source(again) == source(made)
    for name in ALIKE:
        assert _number(name, made) == _number(name, graph), name
    module = check_function(made)
    state = carry(module.state_dict(), made, {})
    other = build(graph).double().eval()
    other.load_state_dict(state)
    inputs = sample(graph)
    with torch.no_grad():
        for one, two in zip(_outputs(module(*inputs)), _outputs(other(*inputs)), strict=True):
            torch.testing.assert_close(one, two, rtol=1e-9, atol=1e-9, equal_nan=True)
    for one, two in zip(plain.run(made, inputs, state), plain.run(graph, inputs, state), strict=True):
        torch.testing.assert_close(one, two, rtol=1e-9, atol=1e-9, equal_nan=True)
    return made


def _number(name: str, graph: Graph) -> float | str:
    try:
        return metric(name)(graph)
    except NotDefined as error:
        return str(error).partition(":")[0]


def _outputs(found: torch.Tensor | tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
    return (found,) if isinstance(found, torch.Tensor) else tuple(found)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_form_of_a_scan(name: str, tmp_path: Path) -> None:
    made = check(archdsl.loads("arch 1\n" + LSTM + NETWORKS[name], "n").graph)
    check_style(tmp_path, [source(made)])


@pytest.mark.parametrize("name", test_each.NETWORKS)
def test_every_form_of_each(name: str) -> None:
    check(test_each.network(name).graph)


def test_random_networks(tmp_path: Path) -> None:
    sources = []
    for seed in range(COUNT):
        sources.append(source(check(archdsl.loads(spec(seed)).graph)))
    check_style(tmp_path, sources[:100])


HOSTILE = (
    'block f(x, h: [4]) = x + h\nnetwork n(x: [3, 4]) = x -> scan(f) as "a.b"',
    "block f(x, h: [4]) = [x, h] -> concat -> linear(4)\nnetwork n(x: [3, 4]) = x -> scan(f) as training",
    'block f(x, h: [4]) = x + h -> linear(4)\nnetwork n(x: [3, 4]) = x -> scan(f) as "l.0" -> scan(f) as "l.1"',
    "block f(x, h: [4]; g) = x + h -> linear(4) -> g\nnetwork n(x: [3, 4]) {\n    shared s = linear(4)\n"
    "    return x -> scan(f(relu)) -> s -> scan(f(tanh)) -> s\n}",
    "import std: lstm\nnetwork n(w: int[7]) {\n    shared e = embedding(11, 4)\n"
    "    return w -> e -> scan(lstm(4)) -> tied(e)\n}",
    "block f(x, h: [4]) = h, h\nnetwork n(x: [3, 4]) = x -> scan(f)",
    "block f(x, h: [4]) = x, x\nnetwork n(x: [3, 4]) = (x -> scan(f, last = true))[1]",
    "block f(x, h: [4]) = learned([4]), x\nnetwork n(x: [3, 4]) = (x -> scan(f, last = true))[0]",
    "block f(x, h: []) = x -> softmax, h\nnetwork n(x: [3, 4]) = (x -> scan(f, last = true))[0]",
    "block f(x, h: [4]) = h + 1\nnetwork n(x: [3]) = x -> scan(f)",
    "block b(; c) = learned([c])\nblock f(x, h: [4]) = x + h + b(4)\nnetwork n(x: [3, 4]) = x -> scan(f)",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_odd_scans(text: str) -> None:
    """Labels of many parts and of torch's own, shared and tied weights, what is never read or only handed on."""
    check(archdsl.loads(text).graph)


def test_folding_and_writing_out_commute() -> None:
    cell = "block f(x, h: [4]) = [x, h] -> concat -> linear(4) -> bn -> tanh"
    graph = archdsl.loads(f"{cell}\nnetwork n(x: [5, 3]) = x -> scan(f)").graph
    one, two = fold_batch_norm(unrolled(graph)).graph, unrolled(fold_batch_norm(graph).graph)
    assert exact_hash(one) == exact_hash(two)
    assert keys(one) == keys(two) == ["f.linear.weight", "f.linear.bias"]


def test_a_small_scan_reads_as_its_definition() -> None:
    graph = archdsl.loads("block f(x, h: [2]) = x + h\nnetwork n(x: [3, 2]) = x -> scan(f)").graph
    lines = [line.rpartition("  at ")[0].strip() for line in print_graph(unrolled(graph)).splitlines()]
    assert [line for line in lines if line.startswith("%")][1:] == [
        "%1 = unbind() %x : [2], [2], [2]",
        "%2 = zeros(shape = (2,)) %x : [2]",
        "%3 = call f %1.0 %2 : [2]  as f  slot 0",
        "%4 = call f %1.1 %3 : [2]  as f  slot 0",
        "%5 = call f %1.2 %4 : [2]  as f  slot 0",
        "%6 = stack(axis = 0) %3 %4 %5 : [3, 2]",
    ]


def test_without_scans_nothing_changes() -> None:
    graph = archdsl.load("resnet18").graph
    assert not has_scans(graph)
    assert unrolled(graph) is graph


def test_equal_bodies_stay_one_and_are_written_out_once() -> None:
    text = f"{LSTM}block f(x) = x -> scan(lstm(3))\nnetwork n(x: [5, 3]) = x -> f * 3 as layers"
    graph = archdsl.loads(text).graph
    made = unrolled(graph)
    assert made is unrolled(graph)
    assert len({node.target for node in made.nodes}) == 1


def test_too_many_steps_and_broken_graphs_are_refused() -> None:
    text = "block f(x, h: [8]) = x + h\nnetwork n(x: [{}, 8]) = x -> scan(f)\n"
    assert len(unrolled(archdsl.loads(text.format(MOST_STEPS)).graph).nodes) == MOST_STEPS + 3
    with pytest.raises(TooManySteps, match="a scan of 10,001 steps is over 10,000"):
        unrolled(archdsl.loads(text.format(MOST_STEPS + 1)).graph)
    graph = archdsl.loads(text.format(3)).graph
    with pytest.raises(InvariantError):
        unrolled(replace(graph, nodes=(graph.nodes[0]._replace(length=4),)))


def test_zeros_depend_on_nothing() -> None:
    """They ask for the batch and the element type alone: no path leads through them."""
    cell = "block f(x, h: [4, 6, 6]) = x + (h -> conv(4, 3))"
    text = f"{cell}\nnetwork n(x: [4, 6, 6]) = x -> conv(4, 3) -> reshape([1, 4, 6, 6]) -> scan(f)\n"
    network = archdsl.loads(text)
    assert any(node.op and node.op.kind is Kind.PARAMETER for node in unrolled(network.graph).nodes)
    assert network.metric("width") == 2
