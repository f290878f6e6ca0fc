"""Turns series of points into a scatter plot or a line plot, as svg, png or pdf bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from archdsl.diagnostics.model import ArchError, Diagnostic

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
_PNG_DPI = 200
_ROWS = 42  # of a legend beside the axes


@dataclass(frozen=True)
class Point:
    """A place in units of the axes; `label` is written beside it where it fits, `hollow` draws an outline only."""

    x: float
    y: float
    label: str = ""
    hollow: bool = False


@dataclass(frozen=True)
class Series:
    """Points of one colour and marker, in the order in which `lines` joins them."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Axis:
    """`title` names the quantity and its unit; `ticks`, where given, are the only ones: (place, text)."""

    title: str
    log: bool = False
    ticks: tuple[tuple[float, str], ...] = ()


def scatter(series: list[Series], x: Axis, y: Axis, format: str, *, title: str = "") -> bytes:
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
        _write_labels(figure, axes, series)
        return _saved(figure, format)


def lines(series: list[Series], x: Axis, y: Axis, format: str, *, title: str = "") -> bytes:
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
    with matplotlib.rc_context():
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
        for axis, ticks in [(x, axes.xaxis), (y, axes.yaxis)]:
            if axis.ticks:
                ticks.set_ticks([place for place, _ in axis.ticks], [text for _, text in axis.ticks])
            else:
                ticks.set_major_formatter(lambda value, _: f"{value:,g}")
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


def _write_labels(figure: Any, axes: Any, series: list[Series]) -> None:
    """Each label near its point, over no other label and few points; one that finds no such place is left out.

    A label that does not touch its point is tied to it by a line.
    """
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # what is placed now must not move
    renderer = figure.canvas.get_renderer()
    unit = figure.dpi / 72
    pixel = axes.transData.transform
    places = [tuple(pixel((point.x, point.y))) for one in series for point in one.points]
    frame = _box(axes.get_window_extent(renderer))
    wanted = [(number, point) for number, one in enumerate(series) for point in one.points if point.label]

    taken: list[Box] = []
    for number, point in wanted:
        look = {"color": _dark(_look(number)[0]), "fontsize": 7, "zorder": 5}
        trial = axes.text(point.x, point.y, point.label, **look)
        size = _box(trial.get_window_extent(renderer))
        trial.remove()
        candidates = _candidates(tuple(pixel((point.x, point.y))), size, unit)
        free = [c for c in candidates if _within(c.box, frame) and not any(_overlap(c.box, other) for other in taken)]
        best = min(free, key=lambda c: c.cost(places, taken), default=None)
        if best is None or best.cost(places, taken) > _WORST:
            continue
        taken.append(best.box)
        line = {"arrowstyle": "-", "color": look["color"], "linewidth": 0.5, "shrinkA": 0, "shrinkB": 2}
        axes.annotate(
            point.label,
            (point.x, point.y),
            (best.side[0] * best.distance, best.side[1] * best.distance),
            textcoords="offset points",
            ha={1: "left", -1: "right", 0: "center"}[best.side[0]],
            va={1: "bottom", -1: "top", 0: "center"}[best.side[1]],
            arrowprops=line if best.distance > _FAR else None,
            **look,
        )


Box = tuple[float, float, float, float]  # left, bottom, right, top, in pixels
_FAR = 9  # typographic points: a label farther from its point gets a line
_WORST = 9  # the highest cost of a label that is still written


@dataclass(frozen=True)
class _Candidate:
    """A place for a label: to which side of its point, how many typographic points away, and the room it takes."""

    point: tuple[float, float]
    side: tuple[int, int]
    distance: float
    box: Box

    def cost(self, points: list[tuple[float, float]], labels: list[Box]) -> float:
        """How bad it is: far from its point, over other points, tied by a line that crosses labels."""
        covered = sum(_overlap(self.box, (x, y, x, y)) for x, y in points)
        middle = (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2
        line = [[a + (b - a) * k / 12 for a, b in zip(self.point, middle, strict=True)] for k in range(1, 12)]
        crossed = sum(_overlap((x, y, x, y), label) for x, y in line for label in labels)
        return self.distance / 8 + 2 * covered + 2 * crossed


def _candidates(point: tuple[float, float], size: Box, unit: float) -> list[_Candidate]:
    """Eight sides at growing distances; `unit` is one typographic point in pixels."""
    found = []
    half_x, half_y = (size[2] - size[0]) / 2, (size[3] - size[1]) / 2
    for distance in (4, 9, 16, 24, 34):
        for side in [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)]:
            x, y = point[0] + side[0] * (distance * unit + half_x), point[1] + side[1] * (distance * unit + half_y)
            box = x - half_x - unit, y - half_y - unit, x + half_x + unit, y + half_y + unit
            found.append(_Candidate(point, side, distance, box))
    return found


def _box(extent: Any) -> Box:
    return extent.x0, extent.y0, extent.x1, extent.y1


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _within(inner: Box, outer: Box) -> bool:
    return outer[0] <= inner[0] and inner[2] <= outer[2] and outer[1] <= inner[1] and inner[3] <= outer[3]


def _dark(colour: str) -> str:
    """A colour in which small print can be read on white."""
    return "#" + "".join(f"{int(int(colour[i : i + 2], 16) * 0.7):02x}" for i in (1, 3, 5))


def _saved(figure: Any, format: str) -> bytes:
    file = BytesIO()
    figure.savefig(file, format=format, dpi=_PNG_DPI, metadata=_METADATA[format])
    return file.getvalue()
