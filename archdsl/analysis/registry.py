"""Turns the name of a metric into the function that measures it, by reading this folder."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable
from functools import cache

from archdsl.diagnostics.unknown import UnknownName
from archdsl.ir.graph import Graph

Metric = Callable[[Graph], int | float]

_FOLDER = os.path.dirname(__file__)
_TABLE = re.compile(r"^METRICS\b[^{]*\{([^}]*)\}", re.MULTILINE)
_NAME = re.compile(r'"(\w+)":')


@cache
def metric(name: str) -> Metric:
    """The metric called `name`: a function from a graph to a number, as `@expect` judges it.

    A module of this folder adds metrics by a table of its own, `METRICS = {"name": function}`; it is imported when one
    of them is asked.

    Raises:
        UnknownName: no module has it; `names` gives those that exist.
    """
    stem = _homes().get(name)
    if stem is None:
        raise UnknownName("number", name, names())
    found: Metric = importlib.import_module(f"archdsl.analysis.{stem}").METRICS[name]
    return found


def names() -> tuple[str, ...]:
    """The names of all metrics, sorted.

    Raises:
        ValueError: two modules export one name.
    """
    return tuple(sorted(_homes()))


@cache
def _homes() -> dict[str, str]:
    """Metric to module, read off the source text: to import all analyses takes more time than a start has."""
    found: dict[str, str] = {}
    for file in sorted(os.listdir(_FOLDER)):
        if not file.endswith(".py") or file == "registry.py":
            continue
        with open(os.path.join(_FOLDER, file), encoding="utf-8") as stream:
            tables = _TABLE.findall(stream.read())
        for name in (name for table in tables for name in _NAME.findall(table)):
            if name in found:
                raise ValueError(f"two analyses are called {name}: in {found[name]}.py and in {file}")
            found[name] = file.removesuffix(".py")
    return found
