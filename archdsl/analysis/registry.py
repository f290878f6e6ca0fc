"""Turns the name of a metric into the function that measures it, by reading this folder."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from archdsl.diagnostics.unknown import Unknown
from archdsl.ir.graph import Graph

Metric = Callable[[Graph], int | float]

_FOLDER = Path(__file__).parent


@cache
def metric(name: str) -> Metric:
    """The metric called `name`: a function from a graph to a number, as `@expect` judges it.

    A module of this folder that exports `METRICS = {name: function}` adds metrics; modules are imported one by one
    until the name is found.

    Raises:
        Unknown: no module has it; `names` gives those that exist.
    """
    for metrics in _tables():
        if name in metrics:
            return metrics[name]
    raise Unknown("number", name, names())


def names() -> tuple[str, ...]:
    """The names of all metrics, sorted.

    Raises:
        ValueError: two modules export one name.
    """
    found = [name for metrics in _tables() for name in metrics]
    twice = sorted({name for name in found if found.count(name) > 1})
    if twice:
        raise ValueError(f"several analyses are called {', '.join(twice)}")
    return tuple(sorted(found))


def _tables() -> Iterator[dict[str, Metric]]:
    for stem in sorted(path.stem for path in _FOLDER.glob("*.py")):
        if stem not in ("__init__", "registry"):
            yield getattr(importlib.import_module(f"archdsl.analysis.{stem}"), "METRICS", {})
