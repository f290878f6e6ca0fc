"""Keeps elaboration finite: counts what a spec makes, and says when a limit is crossed."""

from __future__ import annotations

from dataclasses import field

from archdsl.record import dataclass


@dataclass(frozen=True)
class Limits:
    """What one elaboration may use; sizes count as if nothing were shared (language.md, *Budgets*)."""

    elements: int = 1_000_000  # of one list or text
    flat_ops: int = 1_000_000  # of one body, calls expanded
    nodes: int = 250_000  # made by one elaboration, each body once
    steps: int = 1_000_000  # loop steps and calls, all together
    evaluations: int = 2_000_000  # expressions evaluated, all together
    depth: int = 400  # expressions and calls inside each other
    nesting: int = 200  # lists or stages inside each other
    integer: int = 2**63


@dataclass
class Budget:
    """What has been used so far."""

    limits: Limits
    nodes: int = 0
    steps: int = 0
    evaluations: int = 0
    depth: int = 0
    most_depth: int = field(init=False)  # two limits at hand, since every expression asks for them
    most_evaluations: int = field(init=False)

    def __post_init__(self) -> None:
        self.most_depth = self.limits.depth
        self.most_evaluations = self.limits.evaluations
