"""Receptive fields that compose over bodies: against every path of the flat graph, and against gradients."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings

import archdsl
from archdsl.analysis import registry, views
from archdsl.analysis.fields import HEADER, Field, field_json, table
from archdsl.analysis.not_defined import NotDefined
from archdsl.analysis.receptive_field import field_at, field_rows, receptive_field
from archdsl.analysis.views import fold
from archdsl.ir.graph import Graph, bodies
from archdsl.ir.verify import verify
from archdsl.network import Network
from tests.analysis import naive_receptive_field as naive
from tests.analysis.gradient_support import support
from tests.analysis.random_windows import (
    BOUNDS,
    GLOBAL,
    JOINS,
    UNDEFINED,
    WINDOWS,
    Program,
    graph_of,
    programs,
)

torch.set_num_threads(1)
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]


def plain(field: Field) -> tuple[Any, ...]:
    windows = {w.stride: (w.begin, w.end, w.least, w.most, w.centre_low, w.centre_high, w.exact) for w in field.windows}
    return field.undefined, field.whole, field.crossed, windows


@given(programs(WINDOWS + BOUNDS + GLOBAL + UNDEFINED + JOINS + JOINS))
@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
def test_composed_fields_are_those_of_the_paths(drawn: list[Program]) -> None:
    graph = graph_of(drawn, (23, 20))
    verify(graph)
    try:
        expected = naive.fields(graph)
    except naive.TooManyPathsError:
        assume(False)
    found = receptive_field(graph)
    assert [{(f.input, f.axis): plain(f) for f in fields} for fields in found.outputs] == expected
    rows = list(field_rows(graph, 1))  # from the inputs on, where the outputs are composed callees first
    for ref, fields in zip(graph.outputs, found.outputs, strict=True):
        assert ref.node < 0 or rows[ref.node].outputs[ref.output] == fields


def check_against_gradients(graph: Graph, margin: int) -> bool:
    """Every interval holds what the gradient sees; equal where it is exact and no border is near. Were any equal?"""
    found = receptive_field(graph)
    network = Network(graph, "random")
    equal = False
    for output, (fields, x) in enumerate(zip(found.outputs, graph.output_types, strict=True)):
        middle = tuple(n // 2 for n in x.shape[1:])
        for index in {tuple(0 for _ in middle), middle, tuple(n - 1 for n in x.shape[1:])}:
            seen = dict(zip(graph.input_names, support(network, output, index), strict=True))
            for field in fields:
                moved = seen[field.input][field.axis - 1]
                if field.whole or field.undefined:
                    continue
                interval = field.interval(index[field.axis - 1])
                assert interval is not None
                first, last = interval
                assert all(first <= place <= last for place in moved), (field, index, moved)
                ends = [w.begin + w.stride * x.shape[field.axis] for w in field.windows]
                sharp = all(f.exact for f in fields)  # along every axis, or the gradient may be zero altogether
                if sharp and index == middle and margin <= first and last < min(ends) - margin:
                    assert (min(moved), max(moved)) == interval, (field, index)
                    equal = True
    return equal


@pytest.mark.parametrize(("size", "margin"), [((160,), 30), ((56, 48), 12)], ids=["one axis", "two axes"])
@pytest.mark.parametrize("kinds", [WINDOWS, WINDOWS + BOUNDS + GLOBAL], ids=["windows", "all"])
def test_fields_hold_what_the_gradient_sees(size: tuple[int, ...], margin: int, kinds: tuple[str, ...]) -> None:
    met = []

    @given(programs(kinds + JOINS, levels=2))
    @settings(max_examples=20, deadline=None, suppress_health_check=SLOW)
    def check(drawn: list[Program]) -> None:
        met.append(check_against_gradients(graph_of(drawn, size), margin))

    check()
    assert sum(met) >= 5  # or the comparison would be hollow


def load(text: str) -> Graph:
    return archdsl.loads(f"arch 1\nnetwork n{text}\n").graph


def shown(text: str) -> list[str]:
    return [str(field) for field in receptive_field(load(text)).axes]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(x: [3, 32, 32]) = x", ["1", "1"]),
        ("(x: [3, 32, 32]) = x -> conv(4, (3, 5), (1, 2))", ["3", "5"]),
        ("(x: [3, 32]) = x -> conv(4, 3, dilation = 4)", ["9"]),
        ("(x: [3, 8, 16, 16]) = x -> conv(4, (1, 3, 3)) -> conv(4, (3, 1, 1))", ["3", "3", "3"]),
        # An output of the transposed conv sees at most 2 of its inputs, which are 2 apart and see 3.
        ("(x: [3, 32]) = x -> conv(4, 3, 2) -> conv_transpose(4, 3, 2)", ["5"]),
        ("(x: [3, 16, 16]) = x -> conv(4, 3) -> global_avg_pool", ["whole input (3 without global ops)"] * 2),
        (
            "(x: [3, 16, 16]) = x -> conv(4, 3) -> global_avg_pool -> reshape([4]) -> linear(2)",
            ["whole input (3 without global ops)"] * 2,
        ),
        (
            "(x: [4, 16, 16]) {\n y = x -> conv(4, 3)\n return y * (y -> global_avg_pool -> conv(4)) -> conv(4, 3)\n}",
            ["whole input (5 without global ops)"] * 2,
        ),
        (
            "(x: [4, 16, 16]) = (x -> conv(4, 3)) * (x -> conv(4, 7) -> global_avg_pool)",
            ["whole input (3 without global ops)"] * 2,
        ),
        ("(x: [784]) = x -> linear(10)", ["whole input (1 without global ops)"]),
        ("(x: int[12]) = x -> embedding(100, 16)", ["not defined: embedding looks rows up by number"]),
        ("(x: [3, 8, 8]) = x -> conv(4, 3) -> reshape([16, 16])", ["not defined: reshape mixes axes"] * 2),
        (
            "(x: [3, 8, 8]) = (x -> conv(4, 3, 2)) + (x -> conv(4, 3) -> crop(((0, 4), (0, 4))))",
            ["not defined: paths of strides 1 and 2 meet"] * 2,
        ),
    ],
)
def test_what_is_said(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "(x: int[12]) = x -> embedding(100, 16)",
        "(x: [3, 8, 8]) = (x -> conv(4, 3, 2)) + (x -> conv(4, 3) -> crop(((0, 4), (0, 4))))",
        "(x: [3, 8, 8]) = x -> conv(4, 3) -> reshape([16, 16]) -> linear(3)",
    ],
)
def test_what_is_not_defined_is_no_number(text: str) -> None:
    graph = load(text)
    with pytest.raises(NotDefined, match="not defined: "):
        registry.metric("receptive_field")(graph)
    for field in receptive_field(graph).axes:
        assert field.rf is field.rf_without_global is field_json(field)["rf"] is None
        assert not any(cell[:1].isdigit() for row in table([field]) for cell in row)


def test_upsampling_has_a_fraction_as_stride_and_a_bound_as_size() -> None:
    network = archdsl.loads("arch 1\nnetwork n(x: [3, 32]) = x -> conv(4, 3) -> upsample(2) -> conv(4, 3)\n")
    (field,) = receptive_field(network.graph).axes
    assert field.stride == Fraction(1, 2) and field_json(field)["windows"][0]["stride"] == "1/2"
    assert not field.exact and table([field])[0][-1] == "no: a bound"
    seen = support(network, 0, (16,))[0][0]  # 15..17 of the doubled are 7 and 8 of the convolved
    assert seen == {6, 7, 8, 9}
    assert field.interval(16) == (6, 10)
    assert field.rf == 5


def test_fields_of_any_node_on_request() -> None:
    graph = archdsl.load("specs/resnet.arch:resnet50").graph
    assert [f.rf for f in field_at(graph, "layer4.2").outputs[0]] == [427, 427]
    assert [f.rf for f in field_at(graph, "layer1.0.conv2").outputs[0]] == [19, 19]
    assert [f.rf for f in field_at(graph, "conv1").outputs[0]] == [7, 7]
    with pytest.raises(KeyError):
        field_at(graph, "layer9")
    pool = next(row for row in field_rows(graph, 1) if row.word == "max_pool")
    assert pool.is_op and pool.span is not None and pool.span.text.startswith("max_pool")
    assert table(pool.outputs[0])[0] == ("x height", "11", "11", "4", "5", "yes", "11 to 11", "yes")
    assert len(HEADER) == len(table(pool.outputs[0])[0])


def test_each_body_is_folded_once_however_often_it_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = archdsl.load("specs/preresnet.arch:preresnet1001_cifar").graph
    folded: list[int] = []

    def counted(body: Graph, given: Any, joins: Any = None) -> Any:
        folded.append(id(body))
        return fold(body, given, joins)

    monkeypatch.setattr(views, "fold", counted)
    found = receptive_field(graph)
    receptive_field(graph)
    assert len(folded) == len(set(folded)) == len(list(bodies(graph)))
    # 3x3 stem; 111 units of one 3x3 at each of the strides 1, 2, 4, of which the first of a stage still steps by the
    # stride before it.
    assert found.axes[0].rf_without_global == 3 + 2 * (111 + 1) + 4 * (110 + 1) + 8 * 110


def test_misaligned_joins_are_named_by_line() -> None:
    text = """arch 1
block shortcut(x; width) {
    y = x -> conv(width, 3, 2) -> conv(width, 3)
    s = x -> avg_pool(2) -> conv(width)
    return y + s -> relu
}
network n(x: [3, 32, 32]) = x -> shortcut(4) -> shortcut(8) -> global_avg_pool
"""
    found = receptive_field(archdsl.loads(text).graph)
    assert not found.aligned
    assert [(join.block, join.name, join.span and join.span.line) for join in found.misaligned] == [
        ("shortcut", "height", 5),
        ("shortcut", "width", 5),
    ]
    assert found.misaligned[0].reason == "centres differ along height: 0 (line 3) and 0.5 (line 4)"
    assert [w.centre_high - w.centre_low for w in found.axes[0].windows] == [Fraction(3, 2)]


def test_a_scan_has_no_receptive_field_and_says_why() -> None:
    text = """
arch 1
block rnn(x, h: [4], other: [4]) = [x, h] -> concat -> linear(4) -> tanh, other
network net(x: [9, 8], y: [9, 8]) = x -> scan(rnn), y -> relu
"""
    graph = archdsl.loads(text).graph
    scanned, plain = receptive_field(graph).outputs
    assert [(field.input, field.rf, str(field)) for field in scanned] == [
        ("x", None, "not defined: a scan carries a state")
    ]
    assert [(field.input, field.rf) for field in plain] == [("y", 1)]
    assert [row.word for row in field_rows(graph)] == ["rnn", "relu"]
