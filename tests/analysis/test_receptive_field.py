"""Receptive fields that compose over bodies: against every path of the flat graph, and against gradients."""

from __future__ import annotations

import os
import random
from fractions import Fraction
from math import floor
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings

import archdsl
from archdsl.analysis import registry, view_fold
from archdsl.analysis.fields import HEADER, Field, field_json, table
from archdsl.analysis.not_defined import NotDefined
from archdsl.analysis.receptive_field import field_at, field_rows, receptive_field
from archdsl.analysis.view_fold import fold
from archdsl.ir.graph import Graph, bodies
from archdsl.ir.verify import verify
from archdsl.network import Network
from tests.analysis import naive_receptive_field as naive
from tests.analysis.gradient_support import moved, support
from tests.analysis.random_windows import (
    GLOBAL,
    JOINS,
    PHASES,
    TURNED,
    UNDEFINED,
    WINDOWS,
    Program,
    graph_of,
    programs,
)
from tests.few import few

torch.set_num_threads(1)
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]


def agree(field: Field, expected: tuple[Any, ...]) -> None:
    undefined, whole, crossed, windows = expected
    assert (field.whole, field.crossed) == (whole, crossed)
    if field.undefined.startswith("its windows take more than"):
        return
    assert field.undefined == undefined
    assert [w.stride for w in field.windows] == sorted(windows)
    for w in field.windows:
        low, high, ends = windows[w.stride]
        assert (w.centre_low, w.centre_high) == (low, high)
        for position, interval in zip(naive.POSITIONS, ends, strict=True):
            found = w.seen.at(position)
            if w.exact:
                assert found == interval, (field, position)
            else:
                assert interval is None or (found and found[0] <= interval[0] and interval[1] <= found[1])


@given(programs(WINDOWS + PHASES + GLOBAL + UNDEFINED + TURNED * 3 + JOINS + JOINS))
@settings(max_examples=few(100), deadline=None, suppress_health_check=SLOW)
def test_composed_fields_are_those_of_the_paths(drawn: list[Program]) -> None:
    graph = graph_of(drawn, (23, 20))
    verify(graph)
    try:
        expected = naive.fields(graph)
    except naive.TooManyPathsError:
        assume(False)
    found = receptive_field(graph)
    for fields, by_axis in zip(found.outputs, expected, strict=True):
        assert {(f.input, f.axis) for f in fields} == set(by_axis)
        for field in fields:
            agree(field, by_axis[field.input, field.axis])
    rows = list(field_rows(graph, 1))  # from the inputs on, where the outputs are composed callees first
    for ref, fields in zip(graph.outputs, found.outputs, strict=True):
        assert ref.node < 0 or rows[ref.node].outputs[ref.output] == fields


def check_every_position(drawn: list[Program], size: tuple[int, ...]) -> int:
    """Every interval holds what moves the position, and is what moves it where no border is near. How many were?

    Where these positions take all forms of the windows, the field is the largest of what moves them.
    """
    graph = graph_of(drawn, size)
    found = receptive_field(graph)
    support = moved(Network(graph_of(drawn, size, norm="relu"), "random"))
    equal = 0
    for fields, by_input, y in zip(found.outputs, support, graph.output_types, strict=True):
        sharp = all(f.exact for f in fields)  # along every axis, or nothing may be seen along one
        for field in fields:
            if field.undefined:
                continue
            matrix = by_input[graph.input_names.index(field.input)][field.axis - 1]
            end = min(field.extent, *(floor(w.stride * y.shape[field.axis]) for w in field.windows))
            margin = min(field.extent // 4, 40)
            spans: dict[int, int] = {}
            for position, row in enumerate(matrix.tolist()):
                places = [i for i, moves in enumerate(row) if moves]
                interval = field.interval(position)
                if interval is None:
                    assert not places
                    continue
                first, last = interval
                assert all(first <= i <= last for i in places), (field, position)
                if sharp and margin <= first and last < end - margin:
                    assert places and (places[0], places[-1]) == interval, (field, position, places)
                    spans[position] = last - first + 1
            equal += len(spans)
            if field.only is not None and len({p % len(field.only.seen.first) for p in spans}) == len(
                field.only.seen.first
            ):
                assert field.rf_without_global == max(spans.values())
    return equal


COUNT = int(os.environ.get("FIELDS", few(30)))  # random networks of each kind


@pytest.mark.parametrize("size", [(200,), (72, 60)], ids=["one axis", "two axes"])
@pytest.mark.parametrize("kinds", [WINDOWS, WINDOWS + PHASES + ("norm",)], ids=["windows", "phases"])
def test_fields_are_what_moves_the_output_at_every_position(size: tuple[int, ...], kinds: tuple[str, ...]) -> None:
    met = []

    @given(programs(kinds + TURNED * 2 + JOINS, levels=2))
    @settings(max_examples=COUNT, deadline=None, suppress_health_check=SLOW)
    def check(drawn: list[Program]) -> None:
        met.append(check_every_position(drawn, size))

    check()
    assert sum(met) >= 10 * COUNT  # or the comparison would be hollow


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


def test_upsampling_has_a_fraction_as_stride() -> None:
    network = archdsl.loads("arch 1\nnetwork n(x: [3, 32]) = x -> conv(4, 3) -> upsample(2) -> conv(4, 3)\n")
    (field,) = receptive_field(network.graph).axes
    assert field.stride == Fraction(1, 2) and field_json(field)["windows"][0]["stride"] == "1/2"
    assert field.exact and table([field])[0][-2:] == ("", "yes")
    seen = support(network, 0, (16,))[0][0]  # 15..17 of the doubled are 7 and 8 of the convolved
    assert seen == {6, 7, 8, 9}
    assert field.interval(16) == (6, 9)
    assert field.rf == 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [  # the cases field-transposed, field-resized and field-behind-norm, and their like
        (
            "(x: [4, 64, 64]) = x -> conv(4, 3) -> max_pool(2) -> conv(4, 3) -> conv_transpose(4, 2, 2) -> conv(4, 3)",
            10,
        ),
        ("(x: [4, 64, 64]) = x -> conv_transpose(4, 2, 2)", 1),
        ("(x: [4, 64, 64]) = x -> conv_transpose(4, 4, 2)", 2),
        ("(x: [4, 64, 64]) = x -> conv_transpose(4, 5, 2)", 3),
        ("(x: [4, 64, 64]) = x -> conv_transpose(4, 3, 2, 0, dilation = 2)", 3),
        ("(x: [4, 64, 64]) = x -> upsample", 1),
        ('(x: [1, 16, 16]) = x -> conv(1, 1) -> upsample(1, mode = "bilinear")', 1),
        ('(x: [1, 16, 16]) = x -> conv(1, 1) -> upsample(0.5, mode = "bilinear")', 2),
        ('(x: [1, 16, 16]) = x -> upsample(size = 5, mode = "bilinear", align_corners = true)', 2),
        ('(x: [1, 17, 17]) = x -> upsample(size = 5, mode = "bilinear", align_corners = true)', 1),
        ("(x: [1, 7, 7]) = x -> adaptive_avg_pool(3)", 3),
        ("(x: [1, 16, 16]) = x -> conv_transpose(1, 1, 2) -> conv(1, 3)", 2),
        ("(x: [8, 16, 16]) = x -> conv(8, 3) -> pixel_shuffle(2) -> conv(8, 3)", 4),
    ],
)
def test_enlarging_and_resizing_are_exact(text: str, expected: int) -> None:
    network = archdsl.loads(f"arch 1\nnetwork n{text}\n")
    assert network.metric("receptive_field") == expected
    spans = [
        max(row.nonzero().max() - row.nonzero().min() for row in matrix if row.any()) + 1
        for matrix in moved(network)[0][0]
    ]
    assert spans == [expected, expected]


@pytest.mark.parametrize(
    ("text", "expected"),  # read off torch's forward, by elements that are not numbers
    [
        ("(x: [1, 9]) = x -> upsample(2.05) -> max_pool(2)", 2),
        ("(x: [1, 9, 9]) = x -> upsample(2.05) -> max_pool(2)", 1),
        ("(x: [1, 60, 60]) = x -> upsample(2.05) -> max_pool(2)", 2),
        ("(x: [1, 9, 9, 9]) = x -> upsample(2.05) -> max_pool(2)", 2),
        ('(x: [1, 3]) = x -> upsample(1.25, mode = "linear")', 1),
        ('(x: [1, 3, 3]) = x -> upsample((1.25, 1), mode = "bilinear")', 1),
    ],
)
def test_factors_near_one_and_two(text: str, expected: int) -> None:
    assert archdsl.loads(f"network n{text}").metric("receptive_field") == expected


def test_a_field_that_is_empty_along_one_axis_is_empty() -> None:
    """Random layers that read only holes of a transposed convolution along one axis: nothing moves with the input."""
    draw = random.Random(9)
    for _ in range(20):
        along, axes = draw.randrange(2), draw.choice([2, 3])
        steps = [(1, 2, 1, 1) if axis == along else (2, 1, 1, 2) for axis in range(axes)]
        kernel, stride, padding, dilation = zip(*steps, strict=True)
        after = draw.choice(["", " -> conv(2, 3)", " -> relu -> max_pool(3, 1)", " -> upsample"])
        shape = [2, *(draw.randint(4, 7) for _ in range(axes))]
        network = archdsl.loads(
            f"network n(x: {shape}) = x -> conv_transpose(2, 1, 2) -> "
            f"conv(2, {kernel}, {stride}, {padding}, {dilation}){after}"
        )
        assert not any(matrix.any() for matrix in moved(network)[0][0])
        fields = receptive_field(network.graph).axes
        assert len(fields) == axes and all(field.rf == 0 and field.interval(1) is None for field in fields)
        assert network.metric("receptive_field") == 0


def test_what_picks_from_unequal_channels_is_a_bound_unless_they_are_mixed_before() -> None:
    parts = "[x -> conv(4, 3), x -> conv(4, 7)] -> concat"
    for text, exact in ((f"({parts} -> chunk(2))[0]", False), (f"({parts} -> conv(4) -> chunk(2))[0]", True)):
        (field,) = receptive_field(load(f"(x: [4, 32]) = {text}")).axes
        assert (field.exact, field.at_most) == (exact, 7)


@pytest.mark.parametrize(("layers", "size", "stride"), [(1, 16, 2), (2, 34, 4), (3, 70, 8), (4, 142, 16), (5, 286, 32)])
@pytest.mark.parametrize("norm", ["bn", "instance_norm", "group_norm(8)"])
def test_fields_go_through_norms(layers: int, size: int, stride: int, norm: str) -> None:
    lines = "".join(f" -> conv(8, 4, {2 if i < layers else 1}, 1) -> {norm} -> relu" for i in range(1, layers + 1))
    (field, _) = receptive_field(load(f"(x: [6, 256, 256]) = x -> conv(8, 4, 2, 1){lines} -> conv(1, 4, 1, 1)")).axes
    assert (field.rf_without_global, field.stride, field.whole) == (size, stride, norm != "bn")


def test_a_unet_of_four_levels_sees_188_to_204_pixels() -> None:
    text = """arch 1
block double(x; width) = x -> conv(width, 3) -> relu -> conv(width, 3) -> relu
block level(x; depth, width = 4) {
    if depth == 0 { return x -> double(width) }
    y = x -> double(width)
    below = y -> max_pool(2) -> level(depth - 1) -> conv_transpose(width, 2, 2)
    return [y, below] -> concat -> double(width)
}
network unet(x: [1, 256, 256]) = x -> level(4) -> conv(2)
"""
    network = archdsl.loads(text)
    found = receptive_field(network.graph)
    assert [(f.rf, f.stride, f.aligned) for f in found.axes] == [(204, 1, True)] * 2
    (row,) = moved(archdsl.loads(text.replace("[1, 256, 256]", "[1, 640]")))[0][0]
    spans = [int(p.nonzero().max() - p.nonzero().min() + 1) for p in row[256:384]]
    windows = found.axes[0].windows[0]
    assert (min(spans), max(spans)) == (windows.smallest, windows.size) == (188, 204)
    assert not found.misaligned


def test_bounds_are_told_as_bounds() -> None:
    # The part of the channels that is taken sees 3, all of them together 7.
    network = archdsl.loads(
        "arch 1\nnetwork n(x: [4, 32]) = ([x -> conv(4, 3), x -> conv(4, 7)] -> concat -> chunk(2))[0]\n"
    )
    (field,) = receptive_field(network.graph).axes
    assert (field.rf, field.at_most, str(field)) == (None, 7, "at most 7")
    assert field_json(field)["rf"] is None and field_json(field)["at_most"] == 7
    with pytest.raises(NotDefined, match="known as a bound only: at most 7"):
        network.metric("receptive_field")


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

    monkeypatch.setattr(view_fold, "fold", counted)
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


def test_blocks_without_inputs_see_nothing() -> None:
    text = "block t() = learned([4, 8, 8]) -> conv(4, 3)\n"
    graph = archdsl.loads(f"{text}network n(x: [4, 8, 8], y: [4, 8, 8]) = x + y + t() -> conv(4, 3)\n").graph
    inside = [row for row in field_rows(graph) if row.path.startswith("t.")]
    assert [row.word for row in inside] == ["learned", "conv"]
    assert [row.outputs for row in inside] == [((),), ((),)]
    assert [str(f) for f in receptive_field(graph).outputs[0]] == ["3"] * 4
