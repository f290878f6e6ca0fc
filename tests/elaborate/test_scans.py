"""What a scan makes of a spec: one body for all steps, types, names, choices, and lengths without end."""

from __future__ import annotations

import pytest

from archdsl.analysis.not_defined import NotDefined
from archdsl.diagnostics.model import ArchError
from archdsl.elaborate.budget import Limits
from archdsl.ir.graph import Graph, bodies
from archdsl.ir.verify import verify
from archdsl.network import Network, loads
from tests.work import work

CELLS = """
arch 1
block rnn(x, h: [d]; d) = [x, h] -> concat -> linear(d) -> tanh
block either(x, h: [d]; d) = [x, h] -> concat -> linear(d) -> oneof([tanh, relu])
block doubling(x, h: [4]) = x + h + h
"""


def network(line: str, **options: object) -> Network:
    return loads(f"{CELLS}\nnetwork n{line}", "n", **options)  # type: ignore[arg-type]


def bodies_called(graph: Graph, name: str) -> int:
    return sum(body.name == name for body in bodies(graph))


def test_equal_scans_share_one_body_at_any_length() -> None:
    found = network("(x: [5, 4], y: [9, 4]) = [x -> scan(rnn(4)) -> scan(rnn(4)), y -> scan(rnn(4))] -> concat")
    assert bodies_called(found.graph, "rnn") == 1
    assert [node.length for node in found.graph.nodes] == [5, 5, 9, None]
    verify(found.graph)
    assert (found.params, found.macs) == (3 * 36, (5 + 5 + 9) * 32)


def test_a_body_runs_as_a_step_and_as_a_call() -> None:
    found = network("(x: [5, 3], one: [3], h: [4]) = x -> scan(rnn(4)), [one, h] -> rnn(4)")
    assert bodies_called(found.graph, "rnn") == 1
    assert [str(x) for x in found.graph.output_types] == ["[5, 4]", "[4]"]


def test_a_choice_in_a_cell_is_made_once_for_all_steps() -> None:
    line = "(x: [5, 4]) = x -> scan(either(4))"
    assert len(network(line).choices) == 1
    words = [node.word for node in network(line, picks={"either.out": "relu"}).graph.nodes[0].target.nodes]  # type: ignore[union-attr]
    assert words == ["concat", "linear", "relu"]


def test_a_shared_scan_has_one_slot() -> None:
    found = network("(x: [5, 4]) {\n    shared f = scan(rnn(4))\n    return x -> f -> f\n}")
    assert [node.slot for node in found.graph.nodes] == [0, 0]
    assert (found.params, found.macs) == (36, 2 * 5 * 32)


def test_a_long_scan_is_refused_at_once_and_works_where_the_limit_is_raised() -> None:
    line = "(x: [1_000_000_000, 4]) = x -> scan(doubling)"
    with pytest.raises(ArchError, match="this body would have over 1,000,000 ops"):
        network(line)
    found = network(line, limits=Limits(flat_ops=10**12))
    assert found.metric("ops") == 2 * 10**9
    assert found.metric("elementwise_ops") == 8 * 10**9
    assert found.metric("depth") == found.metric("critical_path_macs") == 0
    for name in ("paths", "peak_eager_bytes", "peak_ideal_bytes", "width"):
        with pytest.raises(NotDefined, match="not defined"):
            found.metric(name)


def test_the_length_of_a_scan_costs_nothing() -> None:
    def count(steps: int) -> None:
        found = network(f"(x: [{steps}, 4]) = x -> scan(doubling)", limits=Limits(flat_ops=10**12))
        assert found.metric("elementwise_ops") == 8 * steps

    count(1)  # what is done once in a process
    assert work(lambda: count(10**9)) < 1.1 * work(lambda: count(10))


def test_paths_through_a_long_scan_are_exact() -> None:
    """A step doubles the paths through the state: from element t there are 1 + 2 + … + 2^(T - t) to the outputs."""
    found = network("(x: [1000, 4]) = x -> scan(doubling)")
    assert found.metric("paths") == sum(2 ** (1000 - t + 1) - 1 for t in range(1, 1001))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("(x: []) = x -> scan(rnn(4))", "scan goes along the first axis"),
        ("(x: [5, 4]) = x -> scan(3)", "scan applies a block, this is an int"),
        ("(x: [5, 4]) = x -> scan(linear)", "a stage that is no block"),
        ("(x: [5, 4]) = x -> scan(rnn(4), last = 1)", "scan takes true or false as last, this is an int"),
        ("(x: [5, 4]) = x -> scan(rnn)", "rnn needs its argument d"),
        ("(x: [5, 4]) = x -> scan()", "scan needs its argument cell"),
        ("(x: [5, 4]) = x -> scan(x)", "the parentheses of scan hold compile-time values"),
        ("(x: [5, 4]) = x -> scan(rnn(0 - 4))", "a size is a positive int, this is -4"),
        ("(x: [5, 4]) = x -> scan(rnn(4) as f)", "a stage that is no block"),
        ("(x: [2_000_000, 3_000_000]) = x -> scan(rnn(4))", "this body would have over"),
    ],
)
def test_mistakes(line: str, message: str) -> None:
    with pytest.raises(ArchError) as caught:
        network(line)
    assert message in str(caught.value)


def test_a_scan_is_an_argument_like_any_stage() -> None:
    found = loads(f"{CELLS}\nblock twice(x; f) = x -> f -> f\nnetwork n(x: [5, 4]) = x -> twice(scan(rnn(4)))", "n")
    (block,) = (body for body in bodies(found.graph) if body.name == "twice")
    assert block.arguments == (("f", "scan(rnn(4))"),)
    assert [node.label for node in block.nodes] == ["f", "f_1"]
    assert found.params == 2 * 36
