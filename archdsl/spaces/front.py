"""Finds the best of many by several numbers at once: those that no other beats in all of them."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import NamedTuple

from archdsl.diagnostics.display import quoted
from archdsl.spaces.bounds import known_metric

_WAYS = ("max", "min")


class Goal(NamedTuple):
    """A number that is to be small, or large."""

    metric: str
    large: bool = False

    def __str__(self) -> str:
        return self.metric + (":max" if self.large else "")


def read_goals(text: str | Sequence[str]) -> list[Goal]:
    """`macs,receptive_field:max`, or a list of these.

    Raises:
        ValueError: it names one twice, or says something else; the message ends with what to write.
        ArchError: there is no number of such a name.
    """
    text = text if isinstance(text, str) else ", ".join(text)
    goals = [_goal(part.strip(), text) for part in text.split(",")] if text else []
    if len({goal.metric for goal in goals}) < len(goals):
        raise ValueError("name each number once: --pareto params,macs")
    return goals


def _goal(part: str, text: str) -> Goal:
    metric, colon, way = (word.strip() for word in part.partition(":"))
    if not metric or " " in metric:
        raise ValueError(f"{quoted(text.strip())}: commas stand between names of numbers: --pareto params,macs")
    known = known_metric(metric)
    if colon and way not in _WAYS:
        near = get_close_matches(way.lower(), _WAYS, 1)
        meant = f"did you mean {known}:{near[0]}?" if near else f"write {known}, or {known}:max where more is better"
        raise ValueError(f"{quoted(part)}: {meant}")
    return Goal(known, way == "max")


class Front:
    """The best so far, in order of their first goal; of equal ones the first."""

    def __init__(self, goals: list[Goal]) -> None:
        self.goals = goals
        self.best: list[tuple[tuple[float, ...], int]] = []

    def add(self, numbers: tuple[int | float | None, ...], design: int) -> None:
        """One more design, with its numbers in the order of the goals; one that lacks a number is none of the best."""
        costs = []
        for goal, number in zip(self.goals, numbers, strict=True):
            if number is None:
                return
            costs.append(-number if goal.large else number)
        new = tuple(costs)
        if any(_beats(old, new) for old, _ in self.best):
            return
        self.best = [(old, number) for old, number in self.best if not _beats(new, old)]
        self.best.append((new, design))

    @property
    def designs(self) -> list[int]:
        """The numbers of the best designs."""
        return [number for _, number in sorted(self.best)]


def _beats(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Whether one is nowhere worse; an equal one beats, too."""
    return all(a <= b for a, b in zip(one, other, strict=True))
