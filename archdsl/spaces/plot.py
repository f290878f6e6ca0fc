"""Turns what was found in a space into a picture: a point per design, by two of its numbers."""

from __future__ import annotations

from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.emit.plots.points import Axis, PlotPoint, PlotSeries, scatter
from archdsl.explore.table import QUANTITIES, axis_unit
from archdsl.numerals import BEYOND
from archdsl.spaces.survey import Survey
from archdsl.spaces.table import which

_GRID = 400  # points that fall together on a grid of so many lines are one


def picture(survey: Survey, format: str) -> bytes:
    """The second number over the first, those of the goals if there are some; the best designs apart.

    Raises:
        ArchError: there is one number only, numbers are beyond all axes, or a png cannot be made.
    """
    goals = [goal.metric for goal in survey.front.goals] if survey.front else []
    names = [*dict.fromkeys([*goals, *survey.metrics])][:2]
    if len(names) < 2:
        message, hint = "a plot of designs shows two numbers", "name another --metric"
        raise ArchError([Diagnostic("bad-argument", message, None, help=hint)])
    columns = [survey.metrics.index(name) for name in names]
    best = {*survey.best}
    spots: list[tuple[float, float, bool]] = []
    for seen in survey.seen:
        x, y = (seen.numbers[column] for column in columns)
        if x is None or y is None:
            continue
        if max(x, y) >= BEYOND:
            message, hint = "these numbers grow beyond 1e300, which no axis shows", "name another --metric"
            raise ArchError([Diagnostic("bad-argument", message, None, help=hint)])
        spots.append((float(x), float(y), seen.design in best))
    widest = [max([spot[side] for spot in spots], default=0.0) for side in (0, 1)]
    units = [axis_unit(name, most) for name, most in zip(names, widest, strict=True)]
    kept: dict[tuple[int, int, bool], PlotPoint] = {}
    for x, y, is_best in spots:
        cell = (int(_GRID * x / (widest[0] or 1)), int(_GRID * y / (widest[1] or 1)), is_best)
        kept.setdefault(cell, PlotPoint(x / units[0][0], y / units[1][0]))
    parts = {wanted: tuple(point for key, point in kept.items() if key[2] == wanted) for wanted in (False, True)}
    series = [PlotSeries("designs", parts[False])] + ([PlotSeries("best", parts[True])] if best else [])
    x_name, y_name = (QUANTITIES.get(name, name.replace("_", " ")) for name in names)
    title = f"{survey.space.name}: {y_name} over {x_name} of {which(survey, counted=True)}"
    return scatter(series, Axis(units[0][1]), Axis(units[1][1]), format, title=title)
