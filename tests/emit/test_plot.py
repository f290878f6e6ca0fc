"""Plots: every point is drawn, labels keep apart, equal input gives equal bytes."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import matplotlib
import pytest
from matplotlib.text import Text

import archdsl
from archdsl.emit import plot, point_labels

X = plot.Axis("parameters (millions)", log=True)
Y = plot.Axis("macs (billions)", log=True)


def cloud(count: int, seed: int) -> list[plot.PlotSeries]:
    """Labelled points that stand close together."""
    rng = random.Random(seed)
    points = [
        plot.PlotPoint(rng.lognormvariate(2, 1), rng.lognormvariate(0, 1), f"net{i}", i % 3 == 0) for i in range(count)
    ]
    return [plot.PlotSeries(name, tuple(points[start::2])) for start, name in enumerate(["first", "second"])]


@pytest.mark.parametrize("draw", [plot.scatter, plot.lines])
@pytest.mark.parametrize(("format", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_equal_plots_are_equal_bytes(draw: object, format: str, start: bytes) -> None:
    drawn = draw(cloud(12, 1), X, Y, format, title="a title")  # type: ignore[operator]
    assert drawn.startswith(start)
    assert drawn == draw(cloud(12, 1), X, Y, format, title="a title")  # type: ignore[operator]
    assert drawn != draw(cloud(12, 2), X, Y, format, title="a title")  # type: ignore[operator]


@pytest.mark.parametrize("count", [1, 20, 60])
def test_labels_keep_apart_and_inside(count: int) -> None:
    series = cloud(count, count)
    with plot._figure(X, Y, "png", "", (8, 6)) as (figure, axes):
        axes.scatter([p.x for s in series for p in s.points], [p.y for s in series for p in s.points])
        plot._write_labels(figure, axes, series)
        renderer = figure.canvas.get_renderer()
        frame = axes.get_window_extent(renderer)
        for text in axes.texts:
            text.update_positions(renderer)
        boxes = [Text.get_window_extent(text, renderer) for text in axes.texts]  # without the line to the point
        texts = [text.get_text() for text in axes.texts]
    assert len(set(texts)) == len(texts) > count // 2
    for i, box in enumerate(boxes):
        assert frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
        assert not any(box.overlaps(other) for other in boxes[:i])


@pytest.mark.parametrize(
    ("high", "printed"), [(4.5, ["2", "3", "4"]), (20, ["2", "5", "10", "20"]), (2000, ["1", "10", "100", "1,000"])]
)
def test_a_logarithmic_axis_is_numbered_however_short(high: float, printed: list[str]) -> None:
    with plot._figure(X, Y, "png", "", (6, 4)) as (figure, axes):
        axes.plot([1.2, high], [1, 2])
        plot._number_axes(axes, X, Y)
        figure.draw_without_rendering()
        texts = [t.get_text() for t in axes.get_xticklabels() + axes.get_xticklabels(minor=True)]
    assert set(printed) <= set(texts)
    assert not any("$" in text for text in texts)


def test_a_dollar_sign_is_a_letter() -> None:
    series = [plot.PlotSeries("a $ b", (plot.PlotPoint(1, 1, "$x"), plot.PlotPoint(2, 2)))]
    assert plot.lines(series * 2, X, Y, "svg", title="$$").startswith(b"<?xml")


def test_a_place_is_refused_where_everything_would_be_covered() -> None:
    points = [(float(x), float(y)) for x in range(0, 400, 2) for y in range(0, 400, 2)]
    assert point_labels.place([((200.0, 200.0), (60.0, 10.0))], points, (0, 0, 400, 400), 1.0) == [None]
    (alone,) = point_labels.place([((200.0, 200.0), (60.0, 10.0))], [(200.0, 200.0)], (0, 0, 400, 400), 1.0)
    assert alone is not None and (alone.side, alone.distance) == ((1, 0), 4)


def test_lines_join_points_in_the_given_order_at_given_ticks() -> None:
    ticks = tuple((i, name) for i, name in enumerate(["relu", "gelu", "silu"]))
    series = [plot.PlotSeries("latency", tuple(plot.PlotPoint(i, i * i) for i, _ in ticks))]
    with_ticks = plot.lines(series, plot.Axis("activation", ticks=ticks), plot.Axis("ms"), "svg")
    assert with_ticks != plot.lines(series, plot.Axis("activation"), plot.Axis("ms"), "svg")
    backwards = [plot.PlotSeries("latency", series[0].points[::-1])]
    assert with_ticks != plot.lines(backwards, plot.Axis("activation", ticks=ticks), plot.Axis("ms"), "svg")


def test_what_the_user_set_up_does_not_show() -> None:
    before = plot.lines(cloud(4, 1), X, Y, "svg")
    with matplotlib.rc_context({"font.size": 30, "axes.grid": False, "svg.fonttype": "none"}):
        assert plot.lines(cloud(4, 1), X, Y, "svg") == before
        assert matplotlib.rcParams["font.size"] == 30


def test_threads_plot_the_same_and_leave_the_settings_as_they_were() -> None:
    """matplotlib's settings are those of the whole process."""
    before, settings = plot.lines(cloud(4, 1), X, Y, "svg"), dict(matplotlib.rcParams)
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda _: plot.lines(cloud(4, 1), X, Y, "svg"), range(12)))
    assert set(drawn) == {before}
    assert dict(matplotlib.rcParams) == settings


def test_no_plot_names_a_file_elsewhere() -> None:
    assert b"DOCTYPE" not in plot.lines(cloud(4, 1), X, Y, "svg")


def test_an_unknown_format_is_a_diagnostic() -> None:
    with pytest.raises(archdsl.ArchError) as caught:
        plot.scatter(cloud(2, 1), X, Y, "gif")
    assert [d.code for d in caught.value.diagnostics] == ["unknown-format"]
