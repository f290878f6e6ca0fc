"""Turns an op's name into its class: reads the folder for names, imports a family when one of its ops is first used."""

from __future__ import annotations

import importlib
import os
import re
from functools import cache

from archdsl.ops.base import Op

PLUGINS = "archdsl.ops"
"""Entry-point group: each entry is a module or object with `OPS`, a tuple of op classes."""

_FOLDER = os.path.dirname(__file__)
_NAME = re.compile(r'^    name(?:: ClassVar\[str\])? = "(\w+)"', re.MULTILINE)


def load(name: str) -> type[Op] | None:
    """The op class called `name`, built-in or from a plugin; None if there is none.

    Raises:
        RuntimeError: two families or plugins declare one name.
    """
    family = _families().get(name)
    return _plugins().get(name) if family is None else _classes(family).get(name)


def names(plugins: bool = False) -> tuple[str, ...]:
    """The names of the built-in ops in alphabetic order, on request with those of plugins (which takes longer)."""
    return tuple(sorted([*_families(), *(_plugins() if plugins else ())]))


def families() -> dict[str, tuple[str, ...]]:
    """The built-in op names by family (file stem), in the order of the files."""
    result: dict[str, tuple[str, ...]] = {}
    for name, family in _families().items():
        result[family] = (*result.get(family, ()), name)
    return result


@cache
def _families() -> dict[str, str]:
    """Op name to family, read off the source text: making all classes costs more time than a cold start has."""
    found: dict[str, str] = {}
    for file in sorted(os.listdir(_FOLDER)):
        if not file.endswith(".py"):
            continue
        with open(os.path.join(_FOLDER, file), encoding="utf-8") as stream:
            declared = _NAME.findall(stream.read())
        for name in declared:
            _refuse_duplicate(name, found.get(name), file[:-3])
            found[name] = file[:-3]
    return found


@cache
def _classes(family: str) -> dict[str, type[Op]]:
    return {op.name: op for op in importlib.import_module(f"archdsl.ops.{family}").OPS}


@cache
def _plugins() -> dict[str, type[Op]]:
    """Ops of installed plugins; looked up only for a name that is not built in, for reading metadata takes a while."""
    found: dict[str, type[Op]] = {}
    metadata = importlib.import_module("importlib.metadata")
    for entry in metadata.entry_points(group=PLUGINS):
        for op in entry.load().OPS:
            _refuse_duplicate(op.name, _families().get(op.name) or found.get(op.name), entry.value)
            found[op.name] = op
    return found


def _refuse_duplicate(name: str, first: object, second: str) -> None:
    if first is not None:
        raise RuntimeError(f"two ops are called {name}: in {first} and in {second}")
