"""Says how names tell the steps of a loop where it is chosen what the loop runs through: as they do in each design.

In one design a step is called after the value that it is at, where all that the loop runs through are ints or words
that differ, else by its index among what is there. Of

    for j in someof(range(3), 2) { x = x -> oneof([relu, tanh]) }

the first step is at 0 or 1, the second at 1 or 2. So `1.x` is asked by the second where 0 and 1 are taken, by the first
where 1 and 2 are: what asks in a step is followed under each of its texts (`Forced`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from archdsl.choices.nodes import Diagram, Ending
from archdsl.elaborate.exploring import Exploring
from archdsl.elaborate.forced import Forced
from archdsl.elaborate.open_values import Chosen, OpenList
from archdsl.elaborate.turns import first_of, texts_of, word_of
from archdsl.elaborate.values import ListValue, Value

_ABSENT = object()


def told_steps(exploring: Exploring, iterable: Value, level: int) -> Callable[[int], str] | None:
    """The text of each step of a loop, whose first variable has that level; None where it is the same in all designs.

    What is returned raises Forced where the step has several texts.
    """
    if not _may_differ(iterable, level):
        return None
    made: list[Diagram] = []
    where = exploring.pc  # of the loop; its texts are first asked for where less may be left of it

    def told(index: int) -> str:
        if not made:
            made.extend(_texts(exploring, iterable, level, where))
        found = exploring.restricted(made[index])
        if isinstance(found, Ending):
            return str(found.value)
        raise Forced(found, exploring.pc)

    return told


def _may_differ(iterable: Value, level: int) -> bool:
    if isinstance(iterable, ListValue):
        return any(isinstance(first_of(item, level)[0], Chosen) for item in iterable.items)
    return isinstance(iterable, (Chosen, OpenList))


def _texts(exploring: Exploring, iterable: Value, level: int, where: Diagram) -> list[Diagram]:
    diagrams = exploring.diagrams
    if not isinstance(iterable, Chosen):
        assert isinstance(iterable, (ListValue, OpenList))
        guards = iterable.guards if isinstance(iterable, OpenList) else (diagrams.true,) * len(iterable.items)
        return _of_items(exploring, [_word(exploring, item, level) for item in iterable.items], guards)
    steps: list[list[tuple[Diagram, Diagram]]] = []
    for found, condition in diagrams.cases(iterable.diagram, where):
        items = found.items if isinstance(found, ListValue) else tuple(found)
        words = [_word(exploring, item, level) for item in items]
        for index, text in enumerate(_of_items(exploring, words, (diagrams.true,) * len(words))):
            if index == len(steps):
                steps.append([])
            steps[index].append((text, condition))
    chosen = [diagrams.choose(step) for step in steps]
    return [one for one in chosen if one is not None]


def _word(exploring: Exploring, item: Value, level: int) -> Diagram:
    """The word of a step, or None. What is still to be asked has none: a design carries it on, too."""
    value, left = first_of(item, level)
    if not isinstance(value, Chosen):
        return exploring.diagrams.leaf(word_of(value))
    if value.needs:
        return exploring.diagrams.leaf(None)
    found = exploring.diagrams.map(lambda one: word_of(one, left), value.diagram)
    assert found is not None
    return found


def _of_items(exploring: Exploring, words: Sequence[Diagram], guards: Sequence[Diagram]) -> list[Diagram]:
    """The texts of the steps, each of which is there under its guard."""
    diagrams = exploring.diagrams
    plain = [word.value for word in words if isinstance(word, Ending)]
    if len(plain) == len(words):
        if None not in plain and len(set(plain)) == len(plain):
            return list(words)
        if all(guard is diagrams.true for guard in guards):
            return [diagrams.leaf(text) for text in texts_of(plain)]
        if all(word is None for word in plain):
            return _counted(exploring, guards)
    known = [diagrams.ite(guard, word, diagrams.leaf(_ABSENT)) for guard, word in zip(guards, words, strict=True)]
    whole = diagrams.map(lambda *found: found, *[one for one in known if one is not None])
    assert whole is not None
    return [_at(exploring, whole, index) for index in range(len(words))]


def _counted(exploring: Exploring, guards: Sequence[Diagram]) -> list[Diagram]:
    """How many are there before each."""
    found: list[Diagram] = []
    before: Diagram = exploring.diagrams.leaf(0)
    for guard in guards:
        text = exploring.diagrams.map(str, before)
        after = exploring.diagrams.map(lambda count, there: count + there, before, guard)
        assert text is not None and after is not None
        found.append(text)
        before = after
    return found


def _at(exploring: Exploring, whole: Diagram, index: int) -> Diagram:
    def text(words: tuple[Any, ...]) -> str:
        if words[index] is _ABSENT:
            return ""
        there = [word for word in words if word is not _ABSENT]
        return texts_of(there)[sum(word is not _ABSENT for word in words[:index])]

    found = exploring.diagrams.map(text, whole)
    assert found is not None
    return found
