"""Turns series of points into a scatter plot or a line plot, as svg, png or pdf bytes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.emit import point_labels
from archdsl.emit.doctype import without_doctype

FORMATS = ("svg", "png", "pdf")

# Ten colours that the colour-blind can tell apart, and eleven markers: 110 series before a pair comes again.
_COLOURS = [
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#B8860B",
    "#56B4E9",
    "#332288",
    "#882255",
    "#333333",
    "#44AA99",
]
_MARKERS = ["o", "s", "^", "D", "v", "P", "X", "<", ">", "h", "p"]
_STYLE = {
    "svg.hashsalt": "archdsl",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#666666",
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 7,
}
# No date and no version in a file: equal plots are equal bytes.
_METADATA: dict[str, dict[str, None]] = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
_SETTINGS = threading.Lock()  # matplotlib's settings are those of the whole process
_PNG_DPI = 200
_ROWS = 42  # of a legend beside the axes


@dataclass(frozen=True)
class PlotPoint:
    """A place in units of the axes; `label` is written beside it where it fits, `hollow` draws an outline only."""

    x: float
    y: float
    label: str = ""
    hollow: bool = False


@dataclass(frozen=True)
class PlotSeries:
    """Points of one colour and marker, in the order in which `lines` joins them."""

    name: str
    points: tuple[PlotPoint, ...]


@dataclass(frozen=True)
class Axis:
    """`title` names the quantity and its unit; `ticks`, where given, are the only ones: (place, text)."""

    title: str
    log: bool = False
    ticks: tuple[tuple[float, str], ...] = ()


def scatter(series: list[PlotSeries], x: Axis, y: Axis, format: str, *, title: str = "") -> bytes:
    """Every point by itself, labels kept apart from each other, a legend beside the axes.

    Raises:
        ArchError: the format is unknown (unknown-format), or there is no matplotlib (no-matplotlib).
    """
    with _figure(x, y, format, title, (10.5, 7.2)) as (figure, axes):
        for number, one in enumerate(series):
            colour, marker = _look(number)
            for hollow in (True, False):
                chosen = [point for point in one.points if point.hollow == hollow]
                axes.scatter(
                    [point.x for point in chosen],
                    [point.y for point in chosen],
                    s=26,
                    marker=marker,
                    facecolor="white" if hollow else colour,
                    edgecolor=colour if hollow else "white",
                    linewidth=0.9 if hollow else 0.4,
                    zorder=2 if hollow else 3,
                )
        _legend(figure, axes, [one.name for one in series])
        _number_axes(axes, x, y)
        _write_labels(figure, axes, series)
        return _saved(figure, format)


def lines(series: list[PlotSeries], x: Axis, y: Axis, format: str, *, title: str = "") -> bytes:
    """Each series joined in its order; a legend where there is more than one.

    Raises:
        ArchError: the format is unknown (unknown-format), or there is no matplotlib (no-matplotlib).
    """
    with _figure(x, y, format, title, (6.4, 4.4)) as (figure, axes):
        for number, one in enumerate(series):
            colour, marker = _look(number)
            places = [point.x for point in one.points], [point.y for point in one.points]
            axes.plot(*places, color=colour, marker=marker, markersize=4.5, linewidth=1.3, label=one.name)
        if len(series) > 1:
            axes.legend()
        _number_axes(axes, x, y)
        _write_labels(figure, axes, series)
        return _saved(figure, format)


def _look(number: int) -> tuple[str, str]:
    """Colour and marker of a series by its place in the list."""
    return _COLOURS[number % len(_COLOURS)], _MARKERS[number % len(_MARKERS)]


@contextmanager
def _figure(x: Axis, y: Axis, format: str, title: str, inches: tuple[float, float]) -> Iterator[tuple[Any, Any]]:
    """An empty figure and its axes; nothing of what the user set up for matplotlib shows."""
    if format not in FORMATS:
        message = f"{format!r} is no format of a plot" if format else "the plot's format is not given"
        hint = f"end the file's name in one of: {', '.join(FORMATS)}"
        raise ArchError([Diagnostic("unknown-format", message, None, help=hint)])
    try:
        import matplotlib
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise ArchError([_NOWHERE]) from None
    with _SETTINGS, matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        figure: Any = Figure(figsize=inches, dpi=_PNG_DPI, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        for axis, set_title, set_scale in [
            (x, axes.set_xlabel, axes.set_xscale),
            (y, axes.set_ylabel, axes.set_yscale),
        ]:
            set_title(axis.title)
            set_scale("log" if axis.log else "linear")
        axes.set_title(title, loc="left", fontsize=9)
        yield figure, axes


_NOWHERE = Diagnostic(
    "no-matplotlib",
    "plots need matplotlib, and it is not installed",
    None,
    help="pip install 'archdsl[plot]'",
)


def _legend(figure: Any, axes: Any, names: list[str]) -> None:
    """Names and looks of all series, to the right of the axes."""
    handles = []
    for number in range(len(names)):
        colour, marker = _look(number)
        handles += axes.plot([], [], linestyle="", marker=marker, color=colour, markersize=4.5, markeredgewidth=0)
    columns = -(-len(names) // _ROWS)
    figure.legend(handles, names, loc="outside right upper", ncols=columns, handletextpad=0.1, columnspacing=0.8)


def _write_labels(figure: Any, axes: Any, series: list[PlotSeries]) -> None:
    """Each label where `point_labels` finds room; one that does not touch its point is tied to it by a line."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # what is placed now must not move
    renderer = figure.canvas.get_renderer()
    pixel = axes.transData.transform
    wanted = [(_look(number)[0], p) for number, one in enumerate(series) for p in one.points if p.label]
    sizes = []
    for _, point in wanted:
        trial = axes.text(point.x, point.y, point.label, fontsize=_LABEL)
        extent = trial.get_window_extent(renderer)
        trial.remove()
        sizes.append((tuple(pixel((point.x, point.y))), (extent.width, extent.height)))
    points = [tuple(pixel((point.x, point.y))) for one in series for point in one.points]
    frame = axes.get_window_extent(renderer).extents
    found = point_labels.place(sizes, points, tuple(frame), figure.dpi / 72)
    for (colour, point), place in zip(wanted, found, strict=True):
        if place is None:
            continue
        line = {"arrowstyle": "-", "color": _dark(colour), "linewidth": 0.5, "shrinkA": 0, "shrinkB": 2}
        axes.annotate(
            point.label,
            (point.x, point.y),
            (place.side[0] * place.distance, place.side[1] * place.distance),
            textcoords="offset points",
            ha={1: "left", -1: "right", 0: "center"}[place.side[0]],
            va={1: "bottom", -1: "top", 0: "center"}[place.side[1]],
            arrowprops=line if place.distance > _FAR else None,
            color=_dark(colour),
            fontsize=_LABEL,
            zorder=5,
        )


_LABEL = 7  # size of print, in typographic points
_FAR = 9  # typographic points: a label farther from its point gets a line


def _number_axes(axes: Any, x: Axis, y: Axis) -> None:
    """Plain numbers at the ticks, or the texts that the caller wants; a short logarithmic axis has some in between."""
    for axis, ticks in [(x, axes.xaxis), (y, axes.yaxis)]:
        if axis.ticks:
            ticks.set_ticks([place for place, _ in axis.ticks], [text for _, text in axis.ticks])
            ticks.set_ticks([], minor=True)
            continue
        ticks.set_major_formatter(lambda value, _: f"{value:,g}")
        low, high = ticks.get_view_interval()
        leading = "" if not axis.log or high > 30 * low else "25" if high > 5 * low else "23456789"
        ticks.set_minor_formatter(lambda value, _, leading=leading: f"{value:,g}" if f"{value:e}"[0] in leading else "")


def _dark(colour: str) -> str:
    """A colour in which small print can be read on white."""
    return "#" + "".join(f"{int(int(colour[i : i + 2], 16) * 0.7):02x}" for i in (1, 3, 5))


def _saved(figure: Any, format: str) -> bytes:
    file = BytesIO()
    figure.savefig(file, format=format, dpi=_PNG_DPI, metadata=_METADATA[format])
    return without_doctype(file.getvalue())
