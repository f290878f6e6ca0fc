"""Turns the name of a counting tool into its preset, by reading the folder `tools`."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from archdsl.diagnostics.unknown import UnknownName
from archdsl.lazy import load_module

if TYPE_CHECKING:
    from archdsl.presets.tool import Tool

_FOLDER = os.path.join(os.path.dirname(__file__), "tools")


@cache
def names() -> tuple[str, ...]:
    """The tools that have a preset: the files of the folder."""
    return tuple(sorted(file[:-3] for file in os.listdir(_FOLDER) if file.endswith(".py") and file != "__init__.py"))


def load(name: str) -> Tool:
    """The preset of a tool.

    Raises:
        UnknownName: there is none.
    """
    if name not in names():
        raise UnknownName("tool", name, names())
    tool: Tool = load_module(f"archdsl.presets.tools.{name}").TOOL
    return tool
