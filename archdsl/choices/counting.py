"""Counts the designs of a space, exactly: independent decisions multiply, the options of a decision add.

A *state* is what is still open: the decisions without a pick, each with what it offers (a diagram over the others that
are open), and the conditions that are to hold. Of

    depth = oneof([2, 3]); op[0] = oneof([a, b]); ...; op[2] = oneof([a, b])       op[2] is asked where depth is 3

the state at first falls apart: op[0] and op[1] depend on nothing and nothing on them, so they multiply, 2 * 2; depth
and op[2] hang together. There a decision is taken that offers the same whatever else is picked, depth, and its options
add: at 2 nothing is left, 1; at 3 op[2] is, 2. In all 2 * 2 * (1 + 2) = 12. Equal states are counted once, so a walk of
11 steps over 4 levels is 44 states and not 28,657.

What is found is a graph of sums and products, in which one design is one way down: a deterministic decomposable
negation normal form (Darwiche 2001, "On the tractable counting of theory models"). `archdsl.spaces.designs` walks it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import prod
from operator import attrgetter
from typing import Any, Generic, NamedTuple, TypeVar

from archdsl.choices.asked import Asked
from archdsl.choices.nodes import TOO_LARGE, Decision, Diagram, Ending, Fork

Found = TypeVar("Found")
_order = attrgetter("order")
MOST_WORK = 4_000_000  # open decisions of all states together: some seconds


class TooEntangled(Exception):
    """So many decisions hang together that the designs cannot be counted; the message names some of them."""


class Taken:
    """A decision, the texts that it offers here, and what is open after each: `count` designs, of which the k-th option
    has those from `starts[k]` on.
    """

    __slots__ = ("count", "name", "nexts", "places", "starts", "texts")

    def __init__(self, name: str, ways: Iterable[tuple[str, Open]]) -> None:
        self.name = name
        self.texts, self.nexts = zip(*ways, strict=True)
        self.places = {text: place for place, text in enumerate(self.texts)}
        ends = [*accumulate(after.count for after in self.nexts)]
        self.starts = [0, *ends[:-1]]
        self.count: int = ends[-1]


class Apart:
    """Parts that have nothing to do with each other: `count` is the product of theirs."""

    __slots__ = ("count", "parts")
    count: int

    def __init__(self, parts: Sequence[Open]) -> None:
        self.parts = tuple(parts)
        self.count = prod(part.count for part in parts)


Open = Taken | Apart


def counted(asked: Asked, conditions: Sequence[Diagram] = (), most: int = MOST_WORK) -> Open | None:
    """All designs for which the conditions hold; None where there is none.

    Raises:
        TooEntangled: it takes more than `most` work.
    """
    return _Counter(asked, conditions, (), most).solved()


class SummandKey(NamedTuple):
    """A number that designs have a part of: the diagram of that number says how much."""

    place: int


_Whose = (
    Decision | SummandKey | int
)  # what a diagram is for: what a decision offers, a summand, a condition by its number
_State = tuple[tuple[_Whose, Diagram], ...]


@dataclass
class _Splitting:
    """What a state comes down to: `below`, each after one of `texts` of a decision, or all of them side by side."""

    decision: Decision | None
    texts: tuple[str, ...]
    below: Sequence[_State | None]


class SpaceStates(Generic[Found]):
    """Finds something of a space by its states, each once: what is found of parts is put `together`, and of the options
    of a decision it is `one_of` them.
    """

    def __init__(self, asked: Asked, conditions: Sequence[Diagram], summands: Sequence[Diagram], most: int) -> None:
        self.diagrams = asked.diagrams
        self.left = most
        parts = [(SummandKey(place), diagram) for place, diagram in enumerate(summands)]
        self.pairs: _State = (*asked.domains.items(), *enumerate(conditions), *parts)
        self._bits: dict[_Whose, int] = {key: 1 << place for place, (key, _) in enumerate(self.pairs)}
        self._supports: dict[Diagram, int] = {}
        self.users: dict[Decision, set[_Whose]] = {}  # what may depend on a decision
        for key, diagram in self.pairs:
            for decision in self.diagrams.support(diagram):
                self.users.setdefault(decision, set()).add(key)

    def together(self, parts: Sequence[Found]) -> Found:
        """What is found of parts that have nothing to do with each other."""
        raise NotImplementedError

    def one_of(self, decision: Decision, ways: Sequence[tuple[str, Found]]) -> Found:
        """What is found of a decision, of what is found after each option."""
        raise NotImplementedError

    def of_summand(self, value: Any) -> Found:
        """What is found of a summand that is known."""
        raise NotImplementedError

    def solved(self) -> Found | None:
        """What is found of the whole space; None where no design is as the conditions say.

        Raises:
            TooEntangled: it takes too much work.
        """
        try:
            return self._solved()
        except TOO_LARGE:
            raise TooEntangled("what one decision offers depends on too many others") from None

    def _solved(self) -> Found | None:
        start: _State | None = self.pairs
        for decision in self.users.keys() - {key for key, _ in self.pairs}:  # no design asks it
            start = None if start is None else self._after(start, decision, None)
        start = None if start is None else self._settled(start)
        memo: dict[_State | None, Found | None] = {None: None, (): self.together(())}
        splits: dict[_State, _Splitting] = {}
        pending = [start]
        while pending:
            state = pending[-1]
            if state is None or state in memo:
                pending.pop()
                continue
            split = splits.get(state)
            if split is None:
                split = splits[state] = self._split(state)
            missing = [after for after in split.below if after not in memo]
            if missing:
                pending += reversed(missing)
                continue
            memo[state] = self._joined(state, split, [memo[after] for after in split.below])
            del splits[state]
        return memo[start]

    def _joined(self, state: _State, split: _Splitting, found: Sequence[Found | None]) -> Found | None:
        """What is found of a state, of what is found below."""
        if not split.below:
            return self.of_summand(state[0][1].value)  # type: ignore[union-attr]
        there = [one for one in found if one is not None]
        if split.decision is None:
            return self.together(there) if len(there) == len(found) else None
        ways = [(text, after) for text, after in zip(split.texts, found, strict=True) if after is not None]
        return self.one_of(split.decision, ways) if ways else None

    def _split(self, state: _State) -> _Splitting:
        """What a state comes down to: the parts that it falls into, or what is open after each option of a decision."""
        self.left -= len(state)
        if self.left < 0:
            names = [key.name for key, _ in state if isinstance(key, Decision)]
            more = f" and {len(names) - 4} more" if len(names) > 4 else ""
            raise TooEntangled(f"{', '.join(names[:4])}{more} depend on one another in too many ways")
        parts = self._parts(state)
        if len(parts) > 1:
            return _Splitting(None, (), parts)
        if isinstance(state[0][0], SummandKey) and len(state) == 1:
            return _Splitting(None, (), ())
        decision, texts = self._constant(state)
        rest = tuple(pair for pair in state if pair[0] is not decision)
        return _Splitting(decision, texts, [self._after(rest, decision, text) for text in texts])

    def _support(self, diagram: Diagram) -> int:
        """The decisions on which a diagram depends, a bit each."""
        found = self._supports.get(diagram)
        if found is None:
            found = sum([self._bits[decision] for decision in self.diagrams.support(diagram)])
            self._supports[diagram] = found
        return found

    def _parts(self, state: _State) -> list[_State]:
        """The groups of what hangs together, by what each depends on; in the order of their first members."""
        groups: list[int] = []
        for key, diagram in state:
            whole = self._bits[key] | self._support(diagram)
            apart = []
            for group in groups:
                if group & whole:
                    whole |= group
                else:
                    apart.append(group)
            groups = [*apart, whole]
        if len(groups) == 1:
            return [state]
        members: dict[int, list[tuple[_Whose, Diagram]]] = {}
        for pair in state:
            bit = self._bits[pair[0]]
            members.setdefault(next(group for group in groups if group & bit), []).append(pair)
        return [tuple(pairs) for pairs in members.values()]

    def _constant(self, state: _State) -> tuple[Decision, tuple[str, ...]]:
        """A decision that offers the same whatever else is picked: of those the one for which a diagram waits that
        waits for few, so that this diagram is soon known.
        """
        offers = {key: one.value for key, one in state if isinstance(one, Ending) and isinstance(key, Decision)}
        assert offers, f"they wait for one another: {state}"
        offered = sum([self._bits[decision] for decision in offers])
        waiting = [support for _, one in state if (support := self._support(one)) & offered]
        few = min([support.bit_count() for support in waiting], default=0)
        soon = [support for support in waiting if support.bit_count() == few]
        awaited = [one for one in offers if any(support & self._bits[one] for support in soon)]
        decision = min(awaited or offers, key=_order)
        return decision, offers[decision]

    def _after(self, state: _State, decision: Decision, text: str | None) -> _State | None:
        """What is open after a pick (None: the decision is not asked); None where no design has it."""
        users = self.users.get(decision)
        if not users:
            return state
        pairs = []
        for pair in state:
            if pair[0] in users:
                diagram = self.diagrams.restrict(pair[1], decision, text)
                if diagram is None:
                    raise AssertionError(f"nothing is known of {pair[0]} where {decision.name} is {text}")
                pair = (pair[0], diagram)
            pairs.append(pair)
        return self._settled(pairs)

    def _settled(self, pairs: Sequence[tuple[_Whose, Diagram]]) -> _State | None:
        """The state without the decisions that are not asked; None where a condition does not hold."""
        kept, gone = [], []
        for pair in pairs:
            key, diagram = pair
            if (
                isinstance(diagram, Fork)
                or isinstance(key, SummandKey)
                or (diagram.value and isinstance(key, Decision))
            ):
                kept.append(pair)
            elif isinstance(key, Decision):
                gone.append(key)
            elif not diagram.value:
                return None
        found: _State | None = tuple(kept)
        for decision in gone:
            found = None if found is None else self._after(found, decision, None)
        return found


class _Counter(SpaceStates[Open]):
    """Counts designs."""

    def together(self, parts: Sequence[Open]) -> Open:
        """They multiply."""
        return Apart(parts)

    def one_of(self, decision: Decision, ways: Sequence[tuple[str, Open]]) -> Open:
        """They add."""
        return Taken(decision.name, ways)
