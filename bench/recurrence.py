"""Turns a flat graph into receptive fields by the recurrence of google-research/receptive_field, as a peer to time.

From the output back: r <- s r + k - s, S <- s S, P <- s P + p through a window of (effective) size k, stride s, pad p;
at a node with several readers the largest r stays (Araujo et al. 2019, https://doi.org/10.23915/distill.00021).
"""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.analysis.expand import Expanded, expand
from archdsl.ir.graph import Graph
from archdsl.ops.base import Window

Field = tuple[int, int, int]  # size, stride, padding


@dataclass(frozen=True, slots=True)
class Step:
    """One op: what it reads, what it makes, and its window along the first spatial axis."""

    operands: tuple[int, ...]
    result: int
    window: tuple[int, int, int] | None
    ends: bool


def flatten(graph: Graph) -> tuple[Step, ...]:
    """The ops of a network, calls written out, with windows looked up."""
    flat: Expanded = expand(graph)
    steps = []
    for a in flat.applications:
        axes = a.op.reach(a.inputs)[0][0] if a.inputs else ()
        reach = axes[0] if axes else None
        window = (int(reach.size), int(reach.stride), -int(reach.begin)) if isinstance(reach, Window) else None
        steps.append(Step(a.operands, a.results[0], window, window is None))
    return tuple(steps)


def receptive_fields(steps: tuple[Step, ...]) -> dict[int, Field]:
    """Size, stride and padding of every tensor before the first op that sees everything."""
    found: dict[int, Field] = {}
    for step in reversed(steps):
        if step.ends:
            continue
        r, s, p = found.get(step.result, (1, 1, 0))
        found.setdefault(step.result, (r, s, p))
        if step.window is not None:
            k, stride, pad = step.window
            r, s, p = stride * r + k - stride, stride * s, stride * p + pad
        for operand in step.operands:
            if operand not in found or found[operand][0] < r:
                found[operand] = r, s, p
    return found
