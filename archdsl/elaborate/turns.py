"""Says where in a loop, a repetition or a composed stage evaluation stands: what a name of a choice tells of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Self

from archdsl.elaborate.values import ListValue, Value
from archdsl.syntax import tree

WORD = re.compile(r"-?\w+\Z", re.ASCII)
LOOP, REPETITION, LIST, PARTS = "loop", "repetition", "list", "parts"


class LoopTurn:
    """One loop around what is evaluated, and which step it is at; `with` puts it among the `turns` of a frame.

    A LOOP is a `for` or a clause of a comprehension, with what it sets and runs through; a REPETITION is that of
    `stage * n`; a LIST is one of stages that are applied; PARTS are the stages of a chain, or the two of `f + g`.
    `place` is the step where it is chosen which of them there are, counted with those that are not there.
    """

    __slots__ = ("_texts", "_turns", "index", "kind", "place", "targets", "values")

    def __init__(self, turns: list[LoopTurn], kind: str, values: Any = (), targets: Sequence[tree.Name] = ()) -> None:
        self._turns = turns
        self.kind = kind
        self.values = values
        self.targets = targets
        self.index = 0
        self.place: int | None = None
        self._texts: list[str] | None = None

    def __enter__(self) -> Self:
        self._turns.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._turns.pop()

    @property
    def key(self) -> tuple[str, int]:
        """Equal where the step is the same one."""
        return self.kind, self.index

    @property
    def text(self) -> str:
        """How a name tells the step of a LOOP: the variable's value where that is an int or a word, else the index."""
        if isinstance(self.values, range) and len(self.targets) == 1:
            return str(self.values[self.index])
        if self._texts is None:
            self._texts = _texts(self.values.items if isinstance(self.values, ListValue) else self.values, self.targets)
        return self._texts[self.index] if self._texts else str(self.index)


def _texts(values: Sequence[Value], targets: Sequence[tree.Name]) -> list[str]:
    """The values of the first variable, where they tell the steps apart; [] where they do not."""
    if len(targets) > 1:
        values = [value.items[0] if isinstance(value, ListValue) and value.items else value for value in values]
    if not all(type(value) is int or (isinstance(value, str) and WORD.match(value)) for value in values):
        return []
    texts = [str(value) for value in values]
    return texts if len(set(texts)) == len(texts) else []
