"""Turns the name of a format into what writes a network in it, by reading the folders `pictures/` and `sources/`.

A new format is one new file there, called as it is, with a function `write(scene, look, diagnostics) -> bytes` (a
picture) or `write(graph, …) -> str` (a source, with its origin, digest, and whether it follows the size of its input).
A picture's name is also the ending of its files; `UNUSED` names options of `archdsl draw` that say nothing to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.emit.endings import unknown_format
from archdsl.lazy import load_module

PICTURES, SOURCES = "pictures", "sources"

_FOLDER = Path(__file__).parent


def names(kind: str) -> tuple[str, ...]:
    """The names of all formats of a kind, PICTURES or SOURCES, sorted."""
    return tuple(sorted(path.stem for path in (_FOLDER / kind).glob("*.py") if path.stem != "__init__"))


def writer(kind: str, name: str) -> Any:
    """The function that writes the format called `name`.

    Raises:
        ArchError: there is no such format (unknown-format).
    """
    known = names(kind)
    if name not in known:
        what = "picture format" if kind == PICTURES else "format of source"
        message = f"{name!r} is no {what}" if name else f"the {what} is not given"
        if kind == PICTURES:
            raise unknown_format(name, message, known)
        raise ArchError([Diagnostic("unknown-format", message, None, help=f"there is: {', '.join(known)}")])
    return load_module(f"archdsl.emit.{kind}.{name}").write


def unused(picture: str, given: Sequence[str]) -> str:
    """Which of the `given` options say nothing to a format of pictures, or to what another one draws; "" where none."""
    idle = getattr(load_module(f"archdsl.emit.{PICTURES}.{picture}"), "UNUSED", ())
    found = [name for name in given if name.removeprefix("--").replace("-", "_") in idle]
    told = [f"{' and '.join(found)} {'say' if found[1:] else 'says'} nothing to {picture}"] if found else []
    names = {name.removeprefix("--").replace("-", "_"): name for name in given}
    if {"cells", "left_to_right"} <= names.keys() and "cells" not in idle:
        told.append(f"{names['left_to_right']} says nothing to cells, which {names['cells']} draws from below")
    return "; ".join(told)
