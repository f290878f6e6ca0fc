"""Turns a space into its supernet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from archdsl.choices.nodes import TOO_LARGE
from archdsl.diagnostics.model import ERROR, ArchError, Diagnostic
from archdsl.supernet.narrowing import taken
from archdsl.supernet.supernet import Supernet

if TYPE_CHECKING:
    from archdsl.spaces.space import Space


def supernet_of(space: Space, relaxed: bool) -> Supernet:
    """All networks of a space as one module; `relaxed`: one in which each decision can be weighed.

    Raises:
        ArchError: they are no one module, or no such.
    """
    origin = f"{Path(space.family.spec.root.source.name).name}:{space.name}"
    made = taken(space.made, space.picks)
    files = tuple(space.family.spec.files)
    try:
        found = Supernet(made, lambda design: space.network(design).graph, space.written, space.size, origin, files)
    except TOO_LARGE:
        message = f"what there is in {space.name} has too many cases"
        hint = "pick some of them (--pick NAME=OPTION)"
        raise ArchError([Diagnostic("no-supernet", message, made.roots[0][1].graph.span, help=hint)]) from None
    if relaxed and found.warnings:
        raise ArchError([replace(warning, severity=ERROR) for warning in found.warnings])
    return found
