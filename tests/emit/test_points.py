"""Plots of many points: marks stand where the axes say, labels keep apart, equal input gives equal bytes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import archdsl
from archdsl.emit.marks.font import text_width
from archdsl.emit.marks.model import CircleMark, Drawing, GroupMark, Mark, PathMark, TextMark
from archdsl.emit.plots import point_labels
from archdsl.emit.plots.axis import Axis, span
from archdsl.emit.plots.points import PlotPoint, PlotSeries, drawn, lines, scatter

X = Axis("parameters (millions)", log=True)
Y = Axis("macs (billions)", log=True)
SIZE = (600.0, 400.0)


def cloud(count: int, seed: int) -> list[PlotSeries]:
    """Labelled points that stand close together."""
    rng = random.Random(seed)
    points = [
        PlotPoint(rng.lognormvariate(2, 1), rng.lognormvariate(0, 1), f"net{i}", i % 3 == 0) for i in range(count)
    ]
    return [PlotSeries(name, tuple(points[start::2])) for start, name in enumerate(["first", "second"])]


def flat(marks: tuple[Mark, ...]) -> Iterator[Mark]:
    for mark in marks:
        yield mark
        if isinstance(mark, GroupMark):
            yield from flat(mark.marks)


def texts(drawing: Drawing) -> list[TextMark]:
    return [mark for mark in flat(drawing.leaves[0].marks) if isinstance(mark, TextMark)]


def centre(mark: Mark) -> tuple[float, float]:
    if isinstance(mark, CircleMark):
        return mark.x, mark.y
    assert isinstance(mark, PathMark)
    spots = [(float(step[1]), float(step[2])) for step in mark.steps[:-2]]  # it is closed by its first two corners
    return sum(x for x, _ in spots) / len(spots), sum(y for _, y in spots) / len(spots)


def read(drawing: Drawing, x: Axis, y: Axis) -> list[tuple[float, float]]:
    """The points as a reader would measure them, by the ticks of both axes."""
    marks = drawing.leaves[0].marks
    grid = [m for m in marks if isinstance(m, PathMark) and m.stroke == "grid"]
    across = sorted({float(m.steps[0][1]) for m in grid if m.steps[0][1] == m.steps[1][1]})
    up = sorted({float(m.steps[0][2]) for m in grid if m.steps[0][2] == m.steps[1][2]}, reverse=True)
    dots = [m for m in marks if isinstance(m, GroupMark) and m.kind == "point"]
    values_x = [p.x for one in CURRENT for p in one.points]
    values_y = [p.y for one in CURRENT for p in one.points]
    sides = (across, [v for v, _ in span(x, values_x).ticks]), (up, [v for v, _ in span(y, values_y).ticks])
    found = []
    for dot in dots:
        spot = centre(dot.marks[0])
        found.append(tuple(_measured(spot[k], *sides[k], (x, y)[k].log) for k in (0, 1)))
    return found  # type: ignore[return-value]


CURRENT: list[PlotSeries] = []


def _measured(at: float, places: list[float], values: list[float], log: bool) -> float:
    (p, q), (a, b) = (places[0], places[-1]), (values[0], values[-1])
    share = (at - p) / (q - p)
    return float(a * (b / a) ** share if log else a + (b - a) * share)


@pytest.mark.parametrize(("x", "y"), [(X, Y), (Axis("a"), Axis("b")), (X, Axis("b"))])
@pytest.mark.parametrize("joined", [False, True])
def test_points_stand_where_the_axes_say(x: Axis, y: Axis, joined: bool) -> None:
    CURRENT[:] = cloud(40, 3)
    found = read(drawn(CURRENT, x, y, "", SIZE, joined=joined), x, y)
    wanted = [(p.x, p.y) for one in CURRENT for p in one.points]
    assert len(found) == len(wanted)
    for a, b in zip(sorted(found), sorted(wanted), strict=True):
        assert a == pytest.approx(b, rel=0.02, abs=0.02)  # a triangle's corners are not around its centre alone


def test_lines_join_points_in_the_given_order_at_given_ticks() -> None:
    ticks = tuple((i, name) for i, name in enumerate(["relu", "gelu", "silu"]))
    series = [PlotSeries("latency", (PlotPoint(0, 0), PlotPoint(2, 4), PlotPoint(1, 1)))]
    drawing = drawn(series, Axis("activation", ticks=ticks), Axis("ms"), "", SIZE, joined=True)
    (line,) = [m for m in drawing.leaves[0].marks if isinstance(m, PathMark) and m.line == 1.3]
    xs = [float(step[1]) for step in line.steps]
    assert xs[0] < xs[2] < xs[1]
    assert [t.text for t in texts(drawing) if t.text in ("relu", "gelu", "silu")] == ["relu", "gelu", "silu"]


@pytest.mark.parametrize("count", [1, 20, 60])
def test_labels_keep_apart_and_inside(count: int) -> None:
    drawing = drawn(cloud(count, count), X, Y, "", SIZE, joined=False)
    labels = [t for t in texts(drawing) if t.text.startswith("net")]
    assert len({t.text for t in labels}) == len(labels) > count // 2
    boxes = [(t.x - w / 2, t.y - 0.7 * t.size, t.x + w / 2, t.y) for t in labels for w in [text_width(t.text, t.size)]]
    frame = next(m for m in drawing.leaves[0].marks if isinstance(m, PathMark) and len(m.steps) == 3 and m.line == 0.8)
    (left, top), (right, bottom) = frame.steps[0][1:], frame.steps[2][1:]
    for i, box in enumerate(boxes):
        assert left <= box[0] and box[2] <= right and top <= box[1] and box[3] <= bottom  # type: ignore[operator]
        assert not any(point_labels.overlap(box, other) for other in boxes[:i])


def test_a_place_is_refused_where_everything_would_be_covered() -> None:
    points = [(float(x), float(y)) for x in range(0, 400, 2) for y in range(0, 400, 2)]
    assert point_labels.place([((200.0, 200.0), (60.0, 10.0))], points, (0, 0, 400, 400), 1.0) == [None]
    (alone,) = point_labels.place([((200.0, 200.0), (60.0, 10.0))], [(200.0, 200.0)], (0, 0, 400, 400), 1.0)
    assert alone is not None and (alone.side, alone.distance) == ((1, 0), 4)


@pytest.mark.parametrize(
    ("high", "printed"), [(4.5, ["2", "3", "4"]), (20, ["2", "5", "10", "20"]), (2000, ["10", "100", "1,000"])]
)
def test_a_logarithmic_axis_is_numbered_however_short(high: float, printed: list[str]) -> None:
    assert set(printed) <= {text for _, text in span(X, [1.2, high]).ticks}


VALUES = st.lists(st.floats(-1e300, 1e300) | st.floats(-100, 100), max_size=8)


@given(VALUES, st.booleans())
def test_any_values_have_room_and_ticks(values: list[float], log: bool) -> None:
    kept = [value for value in values if not log or value > 1e-300]
    found = span(Axis("a", log), kept)
    assert all(0 <= found.at(value) <= 1 for value in kept)
    assert len(found.ticks) <= 24
    places = [found.at(value) for value, _ in found.ticks]
    assert all(-1e-6 <= place <= 1 + 1e-6 for place in places) and all(a < b for a, b in pairwise(places))
    if not log:
        assert len(found.ticks) >= 2


def test_many_series_and_long_names_make_room() -> None:
    series = [PlotSeries(f"{'n' * 80}{i}", (PlotPoint(i, i),)) for i in range(200)]
    for joined in (False, True):
        drawing = drawn(series, Axis("a"), Axis("b"), "title", SIZE, joined=joined)
        (leaf,) = drawing.leaves
        for text in texts(drawing):
            wide = text_width(text.text, text.size, text.bold)
            low = text.x - wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[text.anchor]
            assert low >= -0.01 and low + wide <= leaf.width + 0.01 and 0 < text.y < leaf.height


@pytest.mark.parametrize("draw", [scatter, lines])
@pytest.mark.parametrize(("format", "start"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("tikz", b"%")])
def test_equal_plots_are_equal_bytes(draw: object, format: str, start: bytes) -> None:
    made = draw(cloud(12, 1), X, Y, format, title="a title")  # type: ignore[operator]
    assert made.startswith(start)
    assert made == draw(cloud(12, 1), X, Y, format, title="a title")  # type: ignore[operator]
    assert made != draw(cloud(12, 2), X, Y, format, title="a title")  # type: ignore[operator]


def test_threads_plot_the_same() -> None:
    before = lines(cloud(4, 1), X, Y, "svg")
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: lines(cloud(4, 1), X, Y, "svg"), range(12))) == {before}


def test_no_points_and_no_values_above_zero_are_drawn_empty() -> None:
    for series in ([], [PlotSeries("a", ())], [PlotSeries("a", (PlotPoint(0, 1), PlotPoint(-1, 2)))]):
        assert lines(series, X, Y, "svg").startswith(b"<svg")


def test_an_unknown_format_is_a_diagnostic() -> None:
    with pytest.raises(archdsl.ArchError) as caught:
        scatter(cloud(2, 1), X, Y, "gif")
    assert [d.code for d in caught.value.diagnostics] == ["unknown-format"]
