"""Turns a network into plots of its receptive field along depth, one per input."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, pairwise

from archdsl.analysis.fields import Field, FieldRow
from archdsl.analysis.not_defined import NotDefined
from archdsl.analysis.receptive_field import field_rows, receptive_field
from archdsl.emit.plots.depth import DepthModule, PlacedOp, deepest, described, modules, placed_ops
from archdsl.emit.plots.model import Curve, DepthPlot, Level, Plot, Reading
from archdsl.ir.graph import Graph

_TITLE = "Receptive field"
_MOST_REASONS = 2  # told why a field is not defined


def plots(graph: Graph) -> list[Plot]:
    """A plot per input with axes to see along: what the first output of each op sees of it, in elements."""
    depth = deepest(graph)
    ops = list(placed_ops(graph, depth, scans=False))
    end = ops[-1].end if ops else 0
    where = modules([(one.path, one.start, one.end) for one in ops])
    try:
        rows, outputs = list(_leaves(field_rows(graph, depth))), receptive_field(graph).outputs
    except NotDefined as error:
        return [DepthPlot(_TITLE, "", end, where, words=(str(error),))]
    seen = [row.outputs[0] if row.outputs else () for row in rows]
    made: list[Plot] = []
    for name in dict.fromkeys(field.input for field in chain(*seen)):
        fields = [[field for field in given if field.input == name] for given in seen]
        title = f"{_TITLE}, elements of {name}" if len(graph.inputs) > 1 else f"{_TITLE}, elements of the input"
        total = _total([[field for field in given if field.input == name] for given in outputs])
        made.append(_plot(title, total, list(zip(ops, fields, strict=True)), where, graph.span.source.name))
    return made or [DepthPlot(_TITLE, "", end, where, words=("not defined: no op sees an input along an axis",))]


def _leaves(rows: Iterable[FieldRow]) -> Iterable[FieldRow]:
    """The rows that no rows inside them follow."""
    for row, after in pairwise(chain(rows, [None])):
        if row is not None and (after is None or after.level <= row.level):
            yield row


def _total(outputs: Sequence[Sequence[Field]]) -> str:
    """What the outputs see of one input: a number per output, or one per axis where they differ."""
    texts = [" × ".join(dict.fromkeys(field.size_text for field in fields)) for fields in outputs if fields]
    return f"output{'s' if len(texts) > 1 else ''} {', '.join(dict.fromkeys(texts))}" if texts else ""


def _plot(
    title: str, total: str, ops: Sequence[tuple[PlacedOp, list[Field]]], where: tuple[DepthModule, ...], home: str
) -> DepthPlot:
    named: dict[str, list[tuple[PlacedOp, Field]]] = {}
    for one, fields in ops:
        for field in fields:
            named.setdefault(field.name, []).append((one, field))
    axes = _merged(named)
    curves = [_curve(name, found, whole, i, home) for i, (name, found) in enumerate(axes.items()) for whole in (0, 1)]
    extents = {name: found[0][1].extent for name, found in axes.items()}
    end = max((one.end for one, _ in ops), default=0)
    return DepthPlot(
        title=title,
        total=total if any(curve.readings for curve in curves) else "",
        ops=end,
        modules=where,
        curves=tuple(curve for curve in curves if curve.readings),
        levels=tuple(
            Level(extent, f"{' and '.join(n for n in extents if extents[n] == extent)} of the input: {extent}")
            for extent in dict.fromkeys(extents.values())
        ),
        words=tuple(_words([field for found in axes.values() for _, field in found])),
    )


def _merged(named: dict[str, list[tuple[PlacedOp, Field]]]) -> dict[str, list[tuple[PlacedOp, Field]]]:
    """One axis for those along which all fields are alike."""

    def drawn(found: list[tuple[PlacedOp, Field]]) -> list[object]:
        return [(one, field.at_most, field.exact, field.whole, field.problem, field.extent) for one, field in found]

    merged: dict[str, list[tuple[PlacedOp, Field]]] = {}
    for name, found in named.items():
        equal = next((key for key, other in merged.items() if drawn(other) == drawn(found)), None)
        if equal is None:
            merged[name] = found
        else:
            merged[f"{equal} and {name}"] = merged.pop(equal)
    return merged


def _curve(name: str, found: Sequence[tuple[PlacedOp, Field]], whole: int, number: int, home: str) -> Curve:
    """The fields of the ops with a global op on some path, or of those without."""
    readings = []
    for one, field in found:
        if field.at_most is None or field.whole != whole:
            continue
        text = f"{described(one.path, one.word, one.span, home)}: {name} {field.size_text}"
        readings.append(Reading(one.start, one.end, field.at_most, text, not field.exact))
    return Curve(name, tuple(readings), 2 * number, dashed=bool(whole), dots=True)


def _words(fields: Sequence[Field]) -> Iterable[str]:
    """What the marks do not say of themselves."""
    if any(field.whole for field in fields):
        yield "dashed: behind a global op, which sees all; the number leaves it out"
    if any(field.only is not None and not field.exact for field in fields):
        yield "hollow: at most so much"
    reasons = list(dict.fromkeys(field.problem for field in fields if field.only is None))
    yield from reasons[:_MOST_REASONS]
    if len(reasons) > _MOST_REASONS:
        yield f"and {len(reasons) - _MOST_REASONS} more reasons: archdsl field lists them"
