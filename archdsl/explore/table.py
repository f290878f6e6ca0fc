"""Turns sweeps and fits into text of at most 80 columns, JSON and CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from fractions import Fraction
from io import StringIO
from textwrap import wrap
from typing import Any

from archdsl.analysis.report import json_int
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.emit.cells import number_text, short
from archdsl.emit.html import html_table
from archdsl.emit.plots.points import Axis, PlotPoint, PlotSeries, lines
from archdsl.explore.fit import Fit
from archdsl.explore.search import Candidate
from archdsl.explore.settings import NUMERAL
from archdsl.explore.sweep import Sweep
from archdsl.numerals import BEYOND, exact

_WIDTH = 80
_MOST_TICKS = 16
# What axes call numbers whose names do not say what is counted.
QUANTITIES = {
    "activations": "elements of all results",
    "elementwise_ops": "element-wise operations",
    "flops": "floating-point operations",
    "kernel_params": "parameters of kernels",
    "macs": "multiply-accumulates",
    "memory_access": "elements read and written",
    "params": "parameters",
    "peak_eager_bytes": "peak memory, eager, in bytes",
    "peak_ideal_bytes": "peak memory, ideal, in bytes",
    "receptive_field": "receptive field in pixels",
}
_SCALES = ((10**9, " (billions)"), (10**6, " (millions)"), (10**3, " (thousands)"))


def text(sweep: Sweep) -> str:
    """A line per point: what is set, then the numbers; a point that does not elaborate says why."""
    numbers = [[number_text(n) for n in point.numbers] for point in sweep.points]
    columns = list(zip(*[sweep.metrics, *numbers], strict=True))
    settings = list(zip(*[sweep.varied, *(point.values for point in sweep.points)], strict=True))
    wide = [max(map(len, column)) for column in [*settings, *columns]]
    if sum(wide) + 2 * len(wide) > _WIDTH:
        numbers = [[short(n) for n in point.numbers] for point in sweep.points]
        columns = list(zip(*[sweep.metrics, *numbers], strict=True))
        wide = [max(map(len, column)) for column in [*settings, *columns]]
    lines = [f"{sweep.network}: {len(sweep.points)} points", ""]
    lines.append("  ".join(f"{name:>{w}}" for name, w in zip((*sweep.varied, *sweep.metrics), wide, strict=True)))
    for point, shown in zip(sweep.points, numbers, strict=True):
        line = "  ".join(f"{value:>{w}}" for value, w in zip(point.values, wide, strict=False))
        if point.problem:
            line = f"{line}  does not elaborate: {point.problem}"
            lines.append(line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…")
        else:
            rest = wide[len(point.values) :]
            lines.append("  ".join([line, *(f"{number:>{w}}" for number, w in zip(shown, rest, strict=True))]))
            lines[-1] += "  +" if point.remark else ""
    lines += [
        line for text in dict.fromkeys(p.remark for p in sweep.points if p.remark) for line in wrap(f"+ {text}", _WIDTH)
    ]
    for name in sweep.without_effect:
        lines += wrap(f"{name} changes none of these numbers ({', '.join(sweep.metrics)})", _WIDTH)
    return "\n".join(lines) + "\n"


def html_text(sweep: Sweep) -> str:
    """The same as a table of HTML, with what is said of points in a last column where something is."""
    said = [f"does not elaborate: {point.problem}" if point.problem else point.remark for point in sweep.points]
    numbers = [[*point.values, *map(number_text, point.numbers)] for point in sweep.points]
    rows = [[*sweep.varied, *sweep.metrics, "remark"]]
    rows += [[*cells, words] for cells, words in zip(numbers, said, strict=True)]
    if not any(said):
        rows = [row[:-1] for row in rows]
    return html_table(f"{sweep.network}: {len(sweep.points)} points", rows, 0)


def as_json(sweep: Sweep) -> dict[str, Any]:
    """The same as plain data; numbers that are not defined as null."""
    return {
        "network": sweep.network,
        "varied": list(sweep.varied),
        "metrics": list(sweep.metrics),
        "without_effect": list(sweep.without_effect),
        "points": [
            {
                "settings": dict(zip(sweep.varied, map(_setting, point.values), strict=True)),
                **dict(zip(sweep.metrics, map(_plain, point.numbers), strict=True)),
                "problem": point.problem,
                "remark": point.remark,
            }
            for point in sweep.points
        ],
    }


def csv_text(sweep: Sweep) -> str:
    """Comma-separated values with a header line; the last column says why a point does not elaborate."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*sweep.varied, *sweep.metrics, "problem"])
    for point in sweep.points:
        writer.writerow([*point.values, *("" if n is None else _plain(n) for n in point.numbers), point.problem])
    return file.getvalue()


def fit_text(fit: Fit, target: str) -> str:
    """The value, the numbers beside their budgets, how far the value may move, and what the next larger one costs."""
    limits = " and ".join(f"{name} ≤ {most:,}" for name, most in fit.budgets)
    rows = [(fit.over, decimal(fit.best.value) + _room(fit))]
    rows += [(f"  {name}", value) for name, value in fit.best.settings if name != fit.over]
    budgets = dict(fit.budgets)
    for name, number in zip(fit.metrics, fit.best.numbers, strict=True):
        share = f"   {100 * number / budgets[name]:.2f} % of the budget" if name in budgets and number else ""
        rows.append((name, number_text(number) + share))
    if fit.best.remark:
        rows.append(("caution", fit.best.remark))
    ends = f"{decimal(fit.low)} to {decimal(fit.high)} by {decimal(fit.step)}"
    if fit.beyond is None:
        rows.append(("next", f"none: the range, {ends}, ends here, or all beyond is too large"))
    else:
        over = [f"{n} {number_text(fit.beyond.numbers[fit.metrics.index(n)])}" for n in budgets]
        rows.append(("next", f"{decimal(fit.beyond.value)} has {', '.join(over)}"))
    how = (
        "cost never falls with it where it was looked at"
        if fit.monotone
        else "cost does not always grow: all were tried"
    )
    rows.append(("tried", f"{fit.elaborated:,} of {ends}; {how}"))
    wide = 2 + max(len(name) for name, _ in rows)
    lines = [*wrap(f"{fit.network}: the largest {fit.over} with {limits}", _WIDTH), ""]
    for name, value in rows:
        lines += wrap(f"{name:<{wide}}{value}", _WIDTH, subsequent_indent=" " * wide, drop_whitespace=True)
    return "\n".join([*lines, "", f"archdsl analyze {target} {fit.options}"]) + "\n"


def _room(fit: Fit) -> str:
    return "" if fit.plateau == fit.best.value else f"   (the same network from {decimal(fit.plateau)} on)"


def fit_json(fit: Fit) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "network": fit.network,
        "over": fit.over,
        "budgets": dict(fit.budgets),
        "range": {"low": float(fit.low), "high": float(fit.high), "step": float(fit.step)},
        "best": _step_json(fit, fit.best),
        "same_network_from": float(fit.plateau),
        "next": None if fit.beyond is None else _step_json(fit, fit.beyond),
        "monotone": fit.monotone,
        "elaborated": fit.elaborated,
    }


def _step_json(fit: Fit, step: Candidate) -> dict[str, Any]:
    numbers = dict(zip(fit.metrics, map(_plain, step.numbers), strict=True))
    return {
        "value": float(step.value),
        "settings": {name: _setting(value) for name, value in step.settings},
        **numbers,
        "remark": step.remark,
    }


def _setting(written: str) -> int | float | bool | str:
    """A setting as JSON has it: numbers, true and false as such; lists, names and sizes as they were written."""
    if written in ("true", "false"):
        return written == "true"
    if not NUMERAL.fullmatch(written):
        return written
    try:
        return float(exact(written)) if "." in written or "e" in written.lower() else json_int(int(written))
    except ValueError:  # it is out of range
        return written


def _plain(number: int | float | Fraction | None) -> int | float | str | None:
    return json_int(number) if isinstance(number, int) else None if number is None else float(number)


def decimal(value: Fraction) -> str:
    """A short decimal: 3/4 as 0.75."""
    return f"{float(value):.10g}"


def picture(sweep: Sweep, format: str) -> bytes:
    """One number, macs if counted, over the first variation; a line per combination of the others.

    Raises:
        ArchError: the format is unknown, numbers are beyond all axes, or a png cannot be made.
    """
    metric = "macs" if "macs" in sweep.metrics else sweep.metrics[0]
    column = sweep.metrics.index(metric)
    first = list(dict.fromkeys(point.values[0] for point in sweep.points))
    places = _places(first)
    most = max([n for point in sweep.points if (n := point.numbers[column]) is not None], default=0)
    if most >= BEYOND:
        message, hint = f"{metric} grows beyond 1e300, which no axis shows", "vary less, or name another --metric"
        raise ArchError([Diagnostic("bad-argument", message, None, help=hint)])
    scale, title = axis_unit(metric, most)
    groups: dict[tuple[str, ...], list[PlotPoint]] = {}
    for point in sweep.points:
        number = point.numbers[column]
        if number is not None:
            groups.setdefault(point.values[1:], []).append(PlotPoint(places[point.values[0]], float(number) / scale))
    ticks = tuple((places[value], value) for value in first) if len(first) <= _MOST_TICKS else ()
    series = [
        PlotSeries(
            ", ".join(f"{name} = {value}" for name, value in zip(sweep.varied[1:], values, strict=True)), tuple(dots)
        )
        for values, dots in groups.items()
    ]
    return lines(series, Axis(sweep.varied[0], ticks=ticks), Axis(title), format, title=sweep.network)


def axis_unit(metric: str, most: float) -> tuple[int, str]:
    """What to divide numbers by that go up to `most`, and what the axis then shows."""
    scale, scaled = next(((size, name) for size, name in _SCALES if most >= size), (1, ""))
    return scale, QUANTITIES.get(metric, metric.replace("_", " ")) + scaled


def _places(values: Sequence[str]) -> dict[str, float]:
    """Where values lie on an axis: as the numbers that they are, or else one after the other."""
    try:
        return {value: float(exact(value)) for value in values}
    except ValueError:
        return {value: float(number) for number, value in enumerate(values)}
