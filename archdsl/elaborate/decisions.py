"""Answers the choices that `oneof` asks during elaboration, and remembers them: they pick one network of a space."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from archdsl.source import Span


@dataclass(frozen=True)
class Choice:
    """One decision: where it was asked, the options as written, and the index taken."""

    span: Span
    options: tuple[str, ...]
    index: int


class PickError(Exception):
    """The list of picks does not fit the space; the message says how."""


class OptionsDiffer(Exception):
    """One decision of a cell was asked again with another number of options; the message has both."""


class Decisions:
    """Hands out picks in first-asked order; the first option where the list ends, unless `exact`.

    Whoever counts, samples or searches a space subclasses this and overrides `pick`.
    """

    def __init__(self, picks: Sequence[int] = ()) -> None:
        self.picks = tuple(picks)
        self.choices: list[Choice] = []
        self._remembered: dict[Hashable, int] = {}

    def pick(self, position: int, options: int) -> int:
        """The index to take for decision number `position`.

        Raises:
            PickError: the list of picks holds an index that this decision does not have.
        """
        if position >= len(self.picks):
            return 0
        index = self.picks[position]
        if not 0 <= index < options:
            raise PickError(
                f"pick number {position + 1} is {index}, but this choice has {options} options: 0 to {options - 1}"
            )
        return index

    def ask(self, span: Span, options: tuple[str, ...], key: Hashable | None) -> int:
        """The index of the option to take; equal keys (not None) are one decision, asked once.

        Raises:
            PickError: as `pick`.
            OptionsDiffer: a decision is asked again with another number of options.
        """
        if key is not None and key in self._remembered:
            position = self._remembered[key]
            before = self.choices[position]
            if len(before.options) != len(options):
                raise OptionsDiffer(
                    f"this choice has {len(options)} options here and {len(before.options)} in another instance"
                )
            return before.index
        position = len(self.choices)
        index = self.pick(position, len(options))
        if key is not None:
            self._remembered[key] = position
        self.choices.append(Choice(span, options, index))
        return index

    @property
    def unused(self) -> tuple[int, ...]:
        """Picks that no decision asked for."""
        return self.picks[len(self.choices) :]
