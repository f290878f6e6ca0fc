"""Describes a counting tool: which numbers it prints, and by which rules each differs from ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from archdsl.emit.pytorch.executed import Executed
from archdsl.ir.graph import Graph
from archdsl.presets.executed_op import CountingRule, Difference

NodeKey = tuple[int, int]
"""A node: `id` of its body, index in it."""


@dataclass(frozen=True, slots=True)
class Operations:
    """A number of operations, compared with `times` our macs.

    `rules` give the differences by torch name; a name without one counts nothing. `traced`: the tool sees a graph from
    which everything that no output depends on is gone, not what `forward` executes. `per_class` gives what the
    tool counts for a class itself, `unsure` the nodes whose count depends on more than their types, with the reason.
    """

    name: str
    call: str
    rules: Mapping[str, CountingRule]
    times: Literal[1, 2] = 1
    traced: bool = False
    per_class: Callable[[Graph, Executed], Iterable[Difference]] | None = None
    unsure: Callable[[Graph], Mapping[NodeKey, str]] | None = None


@dataclass(frozen=True, slots=True)
class Parameters:
    """A number of parameters, compared with ours.

    `layers` are the module classes whose parameters the tool counts, when they are called; None: it counts all.
    """

    name: str
    call: str
    layers: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool at the version that its rules were read from and compared with."""

    name: str
    version: str
    numbers: tuple[Operations | Parameters, ...]
