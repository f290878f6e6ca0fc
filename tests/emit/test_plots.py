"""Plots: what their marks say, read off the page, is what the analyses and naive twins say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import inf
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import archdsl
from archdsl.analysis.cost import kind_of
from archdsl.analysis.minimal_memory import minimal_peak
from archdsl.analysis.peak_memory import peak_ideal_bytes
from archdsl.analysis.receptive_field import field_rows
from archdsl.analysis.schedule import schedule
from archdsl.emit.figure.look import paper
from archdsl.emit.marks.font import text_width
from archdsl.emit.marks.formats import written
from archdsl.emit.marks.model import CircleMark, Drawing, GroupMark, Mark, PathMark, RectMark, TextMark
from archdsl.emit.plots import page as plots
from archdsl.emit.plots.depth import MOST_PLACES, deepest, layers, modules, placed_ops
from archdsl.emit.plots.paint import LEFT
from archdsl.emit.plots.paint import SMALL as SMALL_PRINT
from archdsl.emit.plots.scale import scale, short
from archdsl.ir.graph import Graph
from tests.analysis import flat as naive
from tests.analysis.random_graphs import graphs
from tests.analysis.test_peak_memory import naive_ideal
from tests.few import few

UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
SMALL = ["resnet50", "squeezenet1_1", "lstm_lm_medium", "efficientnet_b0", "transformer_base"]


def marks_in(marks: tuple[Mark, ...]) -> Iterator[Mark]:
    """All marks, groups and what is in them."""
    for mark in marks:
        yield mark
        if isinstance(mark, GroupMark):
            yield from marks_in(mark.marks)


def groups(drawing: Drawing, kind: str) -> list[GroupMark]:
    return [m for m in marks_in(drawing.leaves[0].marks) if isinstance(m, GroupMark) and m.kind == kind]


def number(text: str) -> int:
    """What a tick says."""
    if "e" in text:
        return int(Fraction(text))
    digits, _, unit = text.partition(" ")
    return int(Fraction(digits.replace(",", "")) * UNITS[unit])


@dataclass
class Axes:
    """One plot as a reader sees it: where its numbers and its ops stand."""

    plot: GroupMark

    def __post_init__(self) -> None:
        lines = [m for m in self.plot.marks if isinstance(m, PathMark) and m.stroke == "grid"]
        level = [m for m in lines if m.steps[0][2] == m.steps[1][2]]
        self.left, self.right = float(level[0].steps[0][1]), float(level[0].steps[1][1])
        ends = [m for m in self.plot.marks if isinstance(m, TextMark) and m.anchor == "end"]
        ticks = [m for m in ends if m.x < self.left]
        assert len(ticks) == len(level)
        self.zero, self.one = float(level[0].steps[0][2]), float(level[1].steps[0][2])
        self.step = number(ticks[1].text)
        assert [number(tick.text) for tick in ticks] == [i * self.step for i in range(len(ticks))]

    def value(self, y: float) -> float:
        return (self.zero - y) / (self.zero - self.one) * self.step

    def op(self, x: float, ops: int) -> float:
        return (x - self.left) / (self.right - self.left) * ops

    @property
    def point(self) -> float:
        """What one point of height is worth."""
        return self.step / (self.zero - self.one)


def said(title: str) -> int:
    """The number at the end of a mark's words."""
    found = re.search(r": (?:[a-z ]*? )?([\d,]+)[^\d:]*$", title)
    assert found, title
    return int(found[1].replace(",", ""))


def check_costs(graph: Graph) -> None:
    """The columns add up to what the network costs written out by hand, and are as high as they say."""
    flat = naive.flatten(graph)
    drawing = plots.draw(graph, ["cost"])
    ops = sum(1 for _ in flat.counted)
    for plot, total in zip(groups(drawing, "plot"), (naive.macs(flat), naive.params(flat)), strict=True):
        columns = [m for m in plot.marks if isinstance(m, GroupMark) and m.kind == "column"]
        assert sum(said(column.title) for column in columns) == total
        if not total:
            assert any(isinstance(m, TextMark) and m.text.startswith("no op has") for m in plot.marks)
            continue
        axes = Axes(plot)
        for column in columns:
            boxes = [m for m in column.marks if isinstance(m, RectMark)]
            least = len(boxes) * 0.4 * axes.point
            assert abs(axes.value(min(box.y for box in boxes)) - said(column.title)) <= least + axes.step * 1e-6
            assert 0 <= axes.op(boxes[0].x, ops) < ops


@pytest.mark.parametrize("name", SMALL)
def test_columns_are_the_costs_of_a_network(name: str) -> None:
    check_costs(archdsl.load(name).graph)


@given(graphs())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_columns_are_the_costs_of_random_networks(graph: Graph) -> None:
    check_costs(graph)


@given(graphs(), st.integers(1, 4))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_placed_ops_cover_all_ops_however_deep_they_are_opened(graph: Graph, depth: int) -> None:
    flat = naive.flatten(graph)
    for scans in (True, False):
        for levels in (depth, inf):
            found = list(placed_ops(graph, levels, scans=scans))
            assert [one.start for one in found] == [0, *(one.end for one in found)][:-1]
            assert sum(one.end - one.start for one in found) == len(flat.counted)
            parts = [part for one in found for part in one.parts.values()]
            assert sum(part.macs for part in parts) == naive.macs(flat)
            assert sum(part.params for part in parts) == naive.params(flat)
            where = modules([(one.path, one.start, one.end) for one in found])
            assert [module.start for module in where] == [0, *(module.end for module in where)][: len(where)]
            runs = layers(found, 5)
            assert len(runs) <= 5 and [one for run in runs for one in run] == found


def curve_at(steps: list[tuple[float, float]], x: float) -> float | None:
    """The height of a curve of steps at x, None in a gap."""
    for (x1, y1), (x2, y2) in pairwise(steps):
        if y1 == y2 and x1 - 1e-9 <= x <= x2 + 1e-9:
            return y1
    return None


def lines_of(group: GroupMark) -> list[list[tuple[float, float]]]:
    paths = [m for m in group.marks if isinstance(m, PathMark) and m.stroke]
    return [[(float(step[1]), float(step[2])) for step in path.steps] for path in paths]


@pytest.mark.parametrize("name", ["resnet50", "efficientnet_b0", "fcn_resnet50", "inception_v3", "densenet121"])
def test_the_curve_is_the_field_of_every_op(name: str) -> None:
    graph = archdsl.load(name).graph
    (plot,) = groups(plots.draw(graph, ["field"]), "plot")
    axes = Axes(plot)
    curves = [line for m in plot.marks if isinstance(m, GroupMark) and m.kind == "curve" for line in lines_of(m)]
    rows = [row for row in field_rows(graph) if row.is_op]
    for i, row in enumerate(rows):
        expected = {field.at_most for field in row.outputs[0]}
        x = axes.left + (axes.right - axes.left) * (i + 0.5) / len(rows)
        found = [y for line in curves if (y := curve_at(line, x)) is not None]
        assert {round(axes.value(y), 6) for y in found} == expected, row.path


def test_axes_that_differ_have_curves_and_bounds_and_gaps_are_told() -> None:
    text = "network n(x: [3, 32, 32]) = x -> conv(4, [1, 5]) -> conv(4, [1, 3], [1, 2])"
    (plot,) = groups(plots.draw(archdsl.loads(text).graph, ["field"]), "plot")
    curves = [m for m in plot.marks if isinstance(m, GroupMark) and m.kind == "curve"]
    assert [m.title for m in curves] == ["height", "width"]
    axes = Axes(plot)
    assert [round(axes.value(lines_of(curve)[0][-1][1]), 6) for curve in curves] == [1, 7]
    assert {"height", "width", "output 1 × 7"} <= {m.text for m in plot.marks if isinstance(m, TextMark)}


@pytest.mark.parametrize(
    ("text", "what", "words"),
    [
        ("network n(x: int[8]) = x -> embedding(10, 4)", "field", "not defined: embedding looks rows up by number"),
        ("network n(x: [3, 8, 8]) = x -> relu", "cost", "no op has MACs"),
        ("network n(x: [3, 8, 8]) = x -> relu", "cost", "no op has parameters"),
        ("network n(x: [3, 8, 8]) = x -> id", "field", "not defined: no op sees an input along an axis"),
        ("network n(x: [3, 8, 8]) = x -> id", "cost", "no op has MACs"),
        (
            "block b(x) = x -> relu * 200\nblock c(x) = x -> b * 200\nnetwork n(x: [3, 8, 8]) = x -> c",
            "memory",
            "not defined: more than 20,000 op",
        ),
        ("network n(x: [3, 8, 8]) = x -> global_avg_pool", "field", "dashed: behind a global op"),
    ],
)
def test_what_has_no_number_is_said_in_words(text: str, what: str, words: str) -> None:
    drawing = plots.draw(archdsl.loads(text).graph, [what])
    shown = [m.text for m in marks_in(drawing.leaves[0].marks) if isinstance(m, TextMark)]
    assert any(words in line for line in shown), shown


@given(graphs())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_area_is_the_memory_of_every_step(graph: Graph) -> None:
    drawing = plots.draw(graph, ["memory"])
    steps = schedule(graph)
    (plot,) = groups(drawing, "plot")
    curves = [m for m in plot.marks if isinstance(m, GroupMark) and m.kind == "curve"]
    readings = [m for curve in curves[:1] for m in curve.marks if isinstance(m, GroupMark)]
    assert [said(reading.title) for reading in readings] == [step.during_bytes for step in steps]
    if not any(step.during_bytes for step in steps):
        return
    axes = Axes(plot)
    levels = [m for m in plot.marks if isinstance(m, PathMark) and m.stroke == "ink"]
    for reading in readings:
        (box,) = reading.marks
        assert isinstance(box, RectMark)
        assert axes.value(box.y) == pytest.approx(said(reading.title), abs=axes.step * 1e-6)
    if levels:
        assert axes.value(float(levels[0].steps[0][2])) == pytest.approx(naive_ideal(graph), abs=axes.step * 1e-6)
        assert naive_ideal(graph) == peak_ideal_bytes(graph)


def test_the_best_order_is_drawn_where_it_needs_less() -> None:
    graph = archdsl.load("nasnetalarge").graph
    (plot,) = groups(plots.draw(graph, ["memory"]), "plot")
    assert [m.title for m in plot.marks if isinstance(m, GroupMark)] == ["as written", "in another order"]
    best = minimal_peak(graph).bytes
    assert f"dashed: in the order that needs least, {short(best, binary=True)}" in {
        m.text for m in plot.marks if isinstance(m, TextMark)
    }


def check_shares(graph: Graph) -> None:
    flat = naive.flatten(graph)
    macs: Counter[str] = Counter()
    for a in flat.counted:
        macs[kind_of(a.op, a.inputs)] += a.op.macs(a.inputs, a.outputs)
    drawing = plots.draw(graph, ["share"])
    kinds, by_module = groups(drawing, "plot")
    for plot in (kinds, by_module):
        bars = [m for m in plot.marks if isinstance(m, GroupMark) and m.title.endswith("MACs")]
        parts = [re.fullmatch(r"(.*): ([\d,]+) of ([\d,]+) MACs", bar.title) for bar in bars]
        values = {part[1]: int(part[2].replace(",", "")) for part in parts if part}
        assert len(values) == len(bars) and sum(values.values()) == macs.total()
        if plot is kinds:
            assert values == {kind: value for kind, value in macs.items() if value}
        widths = [m.width for bar in bars for m in bar.marks if isinstance(m, RectMark)]
        texts = [m.text for bar in bars for m in bar.marks if isinstance(m, TextMark)]
        for (name, value), width, text in zip(values.items(), widths, texts, strict=True):
            share = 100 * value / macs.total()
            assert text == ("<0.1" if share < 0.05 else f"{share:.1f}"), name
            assert width == pytest.approx(max(0.4, share * max(widths) / max(values.values()) * macs.total() / 100))


@pytest.mark.parametrize("name", [*SMALL, "nasnetalarge"])
def test_bars_are_the_shares_of_a_network(name: str) -> None:
    check_shares(archdsl.load(name).graph)


@given(graphs())
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_bars_are_the_shares_of_random_networks(graph: Graph) -> None:
    check_shares(graph)


def check_page(drawing: Drawing) -> None:
    """Nothing leaves the page, no id comes twice, no two names under one axis touch."""
    (leaf,) = drawing.leaves
    ids = [m.id for m in marks_in(leaf.marks) if isinstance(m, GroupMark) and m.id]
    assert len(ids) == len(set(ids))
    for mark in marks_in(leaf.marks):
        if isinstance(mark, RectMark):
            assert mark.x >= 0 and mark.x + mark.width <= leaf.width + 0.5 and mark.y + mark.height <= leaf.height
        elif isinstance(mark, CircleMark):
            assert 0 <= mark.x <= leaf.width and 0 <= mark.y <= leaf.height
        elif isinstance(mark, TextMark):
            low, high = span(mark)
            assert low >= -0.5 and high <= leaf.width + 0.5 and 0 < mark.y <= leaf.height, mark.text
    rows: dict[float, list[tuple[float, float]]] = {}
    for mark in marks_in(leaf.marks):
        if isinstance(mark, TextMark) and mark.anchor == "middle":
            rows.setdefault(mark.y, []).append(span(mark))
    assert all(a[1] <= b[0] for names in rows.values() for a, b in pairwise(sorted(names)))


def span(mark: TextMark) -> tuple[float, float]:
    wide = text_width(mark.text, mark.size, mark.bold)
    low = mark.x - wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[mark.anchor]
    return low, low + wide


@pytest.mark.parametrize("name", [*SMALL, "nasnetalarge", "fcn_resnet50"])
def test_nothing_leaves_the_page(name: str) -> None:
    check_page(plots.draw(archdsl.load(name).graph))


@given(graphs())
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_leaves_the_page_of_random_networks(graph: Graph) -> None:
    check_page(plots.draw(graph))


def test_a_network_of_very_many_ops_is_drawn_by_its_blocks() -> None:
    text = "block b(x) = x -> conv(8, 3) * 200\nblock c(x) = x -> b * 200\nnetwork n(x: [8, 8, 8]) = x -> c * 5"
    network = archdsl.loads(text)
    assert deepest(network.graph) == 2
    found = list(placed_ops(network.graph, deepest(network.graph)))
    assert len(found) == 1000 <= MOST_PLACES and found[-1].end == 200_000
    drawing = plots.draw(network.graph)
    check_page(drawing)
    assert len(groups(drawing, "column")) <= 800
    assert sum(said(m.title) for m in groups(drawing, "column") if m.title.endswith("MACs")) == network.macs


def test_long_names_are_drawn() -> None:
    name = "n" * 300
    text = f"network {name}(x: [3, 8, 8]) {{\n    {name} = x -> conv(4) -> relu -> conv(8)\n    return {name}\n}}"
    check_page(plots.draw(archdsl.loads(text).graph))


@settings(max_examples=few(60))
@given(st.one_of(st.integers(0, 10**7), st.integers(0, 10**30), st.integers(0, 10**400)), st.booleans())
def test_ticks_are_round_few_and_hold_the_largest_value(largest: int, binary: bool) -> None:
    axis = scale(largest, binary=binary)
    assert axis.ticks[0] == 0 and axis.ticks[-1] == axis.top >= largest and 2 <= len(axis.ticks) <= 6
    assert 2 * axis.top <= max(2, 5 * largest)
    assert len({b - a for a, b in pairwise(axis.ticks)}) == 1
    texts = [axis.text(tick) for tick in axis.ticks]
    assert len(set(texts)) == len(texts)
    assert all(text_width(text, SMALL_PRINT) <= LEFT - 5 for text in texts), texts  # the room beside the axis
    if largest < 10**15 and not (binary and largest >= 2**40):
        assert [number(text) for text in texts] == list(axis.ticks)
    assert axis.at(0) == 0 and axis.at(axis.top) == 1 and 0 <= axis.at(largest) <= 1


@given(st.integers(0, 10**14))
def test_short_numbers_are_right_to_three_digits(value: int) -> None:
    digits, _, unit = short(value).partition(" ")
    assert len(digits.replace(".", "")) <= 3
    assert abs(Fraction(digits.replace(",", "")) * UNITS[unit] - value) <= Fraction(value, 195)
    digits, _, unit = short(value % 2**39, binary=True).partition(" ")
    assert abs(Fraction(digits.replace(",", "")) * UNITS[unit] - value % 2**39) <= Fraction(value % 2**39, 195)


def test_the_picture_of_the_page_is_fresh() -> None:
    picture = Path(__file__).parents[2] / "docs" / "pictures" / "plots.svg"
    assert picture.read_bytes() == archdsl.load("efficientnet_b0").plot(), "run `make docs`"


@pytest.mark.parametrize("width", ["3.5in", "5.5IN", "A4", "slide"])
@pytest.mark.parametrize("name", ["efficientnet_b0", "lstm_lm_medium", "fcn_resnet50"])
def test_plots_fit_a_paper(name: str, width: str) -> None:
    asked = paper(width)
    drawing = plots.draw(archdsl.load(name).graph, paper=asked)
    for leaf in drawing.leaves:
        check_page(Drawing((leaf,), ""))
        assert leaf.width == asked.width and leaf.height <= asked.height + 0.01
        assert min(m.size for m in marks_in(leaf.marks) if isinstance(m, TextMark)) >= asked.least - 0.01
    titles = {m.text for leaf in drawing.leaves for m in marks_in(leaf.marks) if isinstance(m, TextMark)}
    assert {"Parameters per layer", "Share by kind of op", "Share by module"} <= titles


def test_a_paper_that_is_too_narrow_is_refused() -> None:
    with pytest.raises(archdsl.ArchError) as caught:
        archdsl.load("alexnet").plot(width="2in")
    assert [d.code for d in caught.value.diagnostics] == ["page-too-narrow"]
    assert "3.1 inches" in caught.value.diagnostics[0].message
    with pytest.raises(ValueError, match="is no width"):
        archdsl.load("alexnet").plot(width="wide")


def test_files_are_equal_and_unknown_names_are_refused() -> None:
    network = archdsl.load("squeezenet1_1")
    assert network.plot() == network.plot(what=["cost", "field", "memory", "share"]) != network.plot(what="cost")
    assert network.plot(theme="dark") != network.plot()
    assert written(plots.draw(network.graph), "svg") == written(plots.draw(network.graph), "svg")
    with pytest.raises(KeyError, match="did you mean field"):
        network.plot(what="feild")
    with pytest.raises(archdsl.ArchError) as caught:
        network.plot(format="gif")
    assert [d.code for d in caught.value.diagnostics] == ["unknown-format"]
    with pytest.raises(ValueError, match="there are light, dark, print"):
        network.plot(theme="drak")
    with pytest.raises(TypeError):
        network.plot(what=5)  # type: ignore[arg-type]
