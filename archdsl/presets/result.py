"""Holds what a counting tool prints for a network: its numbers, and the rows that lead from ours to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archdsl.analysis.report import json_int
from archdsl.diagnostics.unknown import UnknownName
from archdsl.lazy import load_module


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One reason why the tool's number is not ours, and by how much."""

    reason: str
    amount: int


@dataclass(frozen=True, slots=True)
class NotPredicted:
    """An op whose share in a number is not known: how often it runs, and why."""

    op: str
    reason: str
    applications: int


@dataclass(frozen=True, slots=True)
class Predicted:
    """A number of a tool: `times` x `ours` (`measure` says what that is) and `rows` sum to `value`.

    While `missing` is not empty, `value` is a lower bound.
    """

    name: str
    call: str
    value: int
    measure: str
    ours: int
    times: int
    rows: tuple[DifferenceRow, ...]
    missing: tuple[NotPredicted, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """What `tool` prints at batch 1 on the CPU, in eval mode, for the module that archdsl emits for `network`."""

    network: str
    tool: str
    version: str
    numbers: tuple[Predicted, ...]

    def __str__(self) -> str:
        """What `archdsl analyze --count` prints."""
        return str(load_module("archdsl.presets.text").text(self)).rstrip("\n")

    def _repr_html_(self) -> str:
        return str(load_module("archdsl.emit.html").preformatted(str(self)))

    @property
    def exact(self) -> bool:
        """Whether every number is the tool's to the last digit."""
        return not any(number.missing for number in self.numbers)

    def __getitem__(self, name: str) -> int:
        """The value of the number called `name`.

        Raises:
            KeyError: the tool has no such number; the message names those that it has.
        """
        found = {number.name: number.value for number in self.numbers}
        if name not in found:
            raise UnknownName(f"number of {self.tool}", name, found)
        return found[name]

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "network": self.network,
            "tool": self.tool,
            "version": self.version,
            "exact": self.exact,
            "numbers": [_json(number) for number in self.numbers],
        }


def _json(number: Predicted) -> dict[str, Any]:
    return {
        "name": number.name,
        "call": number.call,
        "value": json_int(number.value),
        "exact": not number.missing,
        "ours": {"measure": number.measure, "value": json_int(number.ours), "times": number.times},
        "differences": [{"reason": row.reason, "amount": json_int(row.amount)} for row in number.rows],
        "not_predicted": [{"op": m.op, "applications": m.applications, "reason": m.reason} for m in number.missing],
    }
