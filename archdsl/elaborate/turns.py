"""Says where in a loop, a repetition or a composed stage evaluation stands: what a name of a choice tells of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Self

from archdsl.elaborate.values import ListValue, Value
from archdsl.syntax import tree

WORD = re.compile(r"-?\w+\Z", re.ASCII)
LOOP, REPETITION, LIST, PARTS = "loop", "repetition", "list", "parts"


class LoopTurn:
    """One loop around what is evaluated, and which step it is at; `with` puts it among the `turns` of a frame.

    A LOOP is a `for` or a clause of a comprehension, with what it sets and runs through; a REPETITION is that of
    `stage * n`; a LIST is one of stages that are applied; PARTS are the stages of a chain, or the two of `f + g`.
    `place` is the step where it is chosen which of them there are, counted with those that are not there. `told` gives
    the texts of the steps of a LOOP, where all ways to pick are followed and they are not the same on all.
    """

    __slots__ = ("_texts", "_turns", "index", "kind", "place", "targets", "told", "values")

    def __init__(self, turns: list[LoopTurn], kind: str, values: Any = (), targets: Sequence[tree.Expr] = ()) -> None:
        self._turns = turns
        self.kind = kind
        self.values = values
        self.targets = targets
        self.index = 0
        self.place: int | None = None
        self.told: Callable[[int], str] | None = None
        self._texts: list[str] | None = None

    def __enter__(self) -> Self:
        self._turns.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._turns.pop()

    @property
    def key(self) -> tuple[str, int | str]:
        """Equal where the step is the same one."""
        return self.kind, self.text if self.kind == LOOP else self.index

    @property
    def text(self) -> str:
        """How a name tells the step of a LOOP: the variable's value where that is an int or a word, else the index."""
        if self.told is not None:
            return self.told(self.index)
        if isinstance(self.values, range) and len(self.targets) == 1:
            return str(self.values[self.index])
        if self._texts is None:
            items = self.values.items if isinstance(self.values, ListValue) else self.values
            self._texts = texts_of([word_of(value, first_level(self.targets)) for value in items])
        return self._texts[self.index]


def steps_of(turns: Sequence[LoopTurn]) -> tuple[list[str], list[Hashable]]:
    """Where turns stand: the steps of the loops among them, for names; and all of them, to compare."""
    return [turn.text for turn in turns if turn.kind == LOOP], [turn.key for turn in turns]


def first_level(targets: Sequence[tree.Expr]) -> int:
    """In how many lists inside each other the first variable's value stands: 0 of one variable, 2 of `(a, b), c`."""
    first = targets[0]
    return (len(targets) > 1) + (first_level(first.items) if isinstance(first, tree.ListExpr) else 0)


def first_of(value: Value, level: int) -> tuple[Value, int]:
    """The first variable's value, of that level; and what is left of the level where a value on the way is no list."""
    while level and isinstance(value, ListValue) and value.items:
        value, level = value.items[0], level - 1
    return value, level


def word_of(value: Value, level: int = 0) -> str | None:
    """How a value that a loop is at may tell the step, by its first variable; None where it cannot."""
    value, level = first_of(value, level)
    return str(value) if type(value) is int or (isinstance(value, str) and WORD.match(value)) else None


def texts_of(words: Sequence[str | None]) -> list[str]:
    """The words, where each step has one and they tell the steps apart; else the indices."""
    plain = [word for word in words if word is not None]
    return plain if len(plain) == len(words) == len(set(plain)) else [str(index) for index in range(len(words))]
