"""Turns a network's peak memory and the order of its ops into text for a terminal, and into JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Any, TypeVar

from archdsl.analysis.minimal_memory import LeastPeak, minimal_peak
from archdsl.analysis.not_defined import NotDefined
from archdsl.analysis.peak_memory import peak_eager_bytes, peak_ideal_bytes
from archdsl.analysis.schedule import Held, Peak, Step, peak, schedule
from archdsl.emit.cells import cut_left
from archdsl.ir.graph import Graph
from archdsl.source import Span

_MEBI = 2**20
_EAGER, _IDEAL = "operands of a call live until it returns", "a tensor lives until its last reader"
Value = TypeVar("Value")
_MOST_HELD = 12  # tensors listed at the peak


def text(graph: Graph, *, order: str, steps: bool) -> str:
    """Both memory models, the best order or its bounds, what is held at the peak of `order`, with `steps` all steps.

    `order` is "written" or "minimal".
    """
    minimum = _minimum(graph)
    title = f"{graph.name}: activations at batch 1, float32; weights and workspace not counted"
    lines = [*textwrap.wrap(title, 80, break_long_words=False), ""]
    lines.append(_level("as written, eager", _or_reason(peak_eager_bytes, graph), _EAGER))
    lines.append(_level("as written, ideal", _or_reason(peak_ideal_bytes, graph), _IDEAL))
    if isinstance(minimum, str):
        return "\n".join([*lines, f"best order           {minimum}"]) + "\n"
    proven = "exact" if minimum.exact else f"at least {minimum.lower_bytes / _MEBI:,.3f} MiB in any order"
    lines.append(_level("best order, ideal", minimum.bytes, proven))
    lines.append(_level("largest single op", minimum.breadth_bytes, "no order needs less"))
    chosen = minimum.order if order == "minimal" else None
    home = graph.span.source.name
    lines += ["", *_peak_lines(peak(graph, chosen), order, home)]
    if steps:
        lines += ["", *_step_lines(schedule(graph, chosen), home)]
    return "\n".join(lines) + "\n"


def _minimum(graph: Graph) -> LeastPeak | str:
    return _or_reason(minimal_peak, graph)


def _or_reason(measure: Callable[[Graph], Value], graph: Graph) -> Value | str:
    try:
        return measure(graph)
    except NotDefined as error:
        return str(error)


def _level(name: str, bytes: int | str, note: str) -> str:
    if isinstance(bytes, str):
        return f"{name:<21}{bytes}"
    return f"{name:<19}{bytes / _MEBI:>10,.3f} MiB  {note}"


def _peak_lines(found: Peak, order: str, home: str) -> list[str]:
    words = {"written": "as written", "minimal": "in the best order"}[order]
    if found.application is None:
        return [f"the peak {words} is before the first op: the inputs"]
    where = f"step {found.step + 1}, {_name(found.application.path, found.application.word)}"
    lines = [f"the peak {words} is {found.bytes:,} bytes,", f"at {cut_left(where, 76)}:"]
    for held in found.held[:_MOST_HELD]:
        name = cut_left(_name(held.path, held.word), 34)
        at = "" if held.word == "input" else cut_left(place(held.span, home), 19)
        lines.append(f"{held.bytes:>14,}  {held.role:<8} {name:<35}{at}".rstrip())
    if len(found.held) > _MOST_HELD:
        rest = found.held[_MOST_HELD:]
        lines.append(f"{sum(held.bytes for held in rest):>14,}  in {len(rest)} more tensors")
    return lines


def _step_lines(steps: Sequence[Step], home: str) -> list[str]:
    lines = [f"{'step':>5}  {'op':<30}{'line':>14}{'while it runs':>15}{'after, bytes':>14}"]
    for number, step in enumerate(steps, 1):
        application = step.application
        name = cut_left(_name(application.path, application.word), 29)
        at = cut_left(place(application.span, home), 13)
        lines.append(f"{number:>5}  {name:<30}{at:>14}{step.during_bytes:>15,}{step.after_bytes:>14,}")
    return lines


def place(span: Span | None, home: str) -> str:
    """The line, and before it the file where that is not `home`."""
    if span is None:
        return ""
    return str(span.line) if span.source.name == home else f"{PurePath(span.source.name).name}:{span.line}"


def _name(path: str, word: str) -> str:
    return path if path.rpartition(".")[2].rstrip("_0123456789") == word else f"{path} {word}".strip()


def as_json(graph: Graph, *, order: str, steps: bool) -> dict[str, Any]:
    """The same as plain data; bytes are whole numbers. Steps are numbered from 0."""
    minimum = _minimum(graph)
    found: dict[str, Any] = {
        "name": graph.name,
        "peak_eager_bytes": _json_bytes(_or_reason(peak_eager_bytes, graph)),
        "peak_ideal_bytes": _json_bytes(_or_reason(peak_ideal_bytes, graph)),
    }
    if isinstance(minimum, str):
        return found | {"peak_minimal_bytes": {"not_defined": minimum}}
    chosen = minimum.order if order == "minimal" else None
    at = peak(graph, chosen)
    found |= {
        "peak_minimal_bytes": minimum.bytes,
        "peak_minimal_lower_bytes": minimum.lower_bytes,
        "exact": minimum.exact,
        "breadth_bytes": minimum.breadth_bytes,
        "order": order,
        "peak": {
            "step": at.step,
            "path": None if at.application is None else at.application.path,
            "bytes": at.bytes,
            "held": [_held_json(held) for held in at.held],
        },
    }
    if steps:
        found["steps"] = [_step_json(step) for step in schedule(graph, chosen)]
    return found


def _json_bytes(bytes: int | str) -> int | dict[str, str]:
    return {"not_defined": bytes} if isinstance(bytes, str) else bytes


def _held_json(held: Held) -> dict[str, Any]:
    line = None if held.span is None else held.span.line
    return {"path": held.path, "word": held.word, "bytes": held.bytes, "role": held.role, "line": line}


def _step_json(step: Step) -> dict[str, Any]:
    application = step.application
    return {
        "path": application.path,
        "word": application.word,
        "line": None if application.span is None else application.span.line,
        "during_bytes": step.during_bytes,
        "after_bytes": step.after_bytes,
    }
