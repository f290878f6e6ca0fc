"""Walks the designs of a counted space: the i-th, the number of one, one at random, and what stands next to one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, reduce
from hashlib import sha256
from random import Random
from typing import Any

from archdsl.choices.asked import Asked
from archdsl.choices.counting import Apart, Open, Taken, counted
from archdsl.choices.nodes import Diagram
from archdsl.emit.cells import number_text

Design = dict[str, str]
_PRIME = 2**255 - 19
_TABLE = 512  # designs that are written out, of decisions that have nothing to do with the others


class NoSuchDesign(ValueError):
    """A mapping is no design of the space: at `name`, which is picked but not asked, not offered so, or not picked."""

    def __init__(self, name: str, offered: tuple[str, ...] | None) -> None:
        super().__init__(name)
        self.name = name
        self.offered = offered  # None: it is not asked


class _Shelf:
    """Parts of a space that have few designs together, or one part; they are written out when they are first wanted.

    `order` are the names of their decisions, as designs have them.
    """

    def __init__(self, parts: Sequence[Open], order: Sequence[str]) -> None:
        self.open = parts[0] if len(parts) == 1 else Apart(parts)
        self.count = self.open.count
        met = _met(self.open)
        self.order = [name for name in order if name in met]

    @cached_property
    def table(self) -> list[Design]:
        """The designs, if they are few."""
        return [self.unrank(number) for number in range(self.count)] if self.count <= _TABLE else []

    def unrank(self, number: int) -> Design:
        """What the number stands for."""
        found = _fill({}, self.open, number)
        return {name: found[name] for name in self.order if name in found}


class Designs:
    """The designs of a counted space, in order: as nested loops would find them, the last part running fastest.

    `start` is what was counted, None where there are no designs. A design is a dict of what is picked, by decision, in
    the order in which they are first asked (`names`).
    """

    def __init__(self, asked: Asked, conditions: Sequence[Diagram] = ()) -> None:
        """Those for which the conditions hold.

        Raises:
            TooEntangled: they cannot be counted.
        """
        self.start = start = counted(asked, conditions)
        self.names = names = tuple([decision.name for decision in asked.domains])
        self.size = 0 if start is None else start.count
        self._shelves: list[_Shelf] = []
        parts: list[Open] = []
        for part in [] if start is None else start.parts if isinstance(start, Apart) else [start]:
            if parts and Apart([*parts, part]).count > _TABLE:
                self._shelves.append(_Shelf(parts, names))
                parts = []
            parts.append(part)
        self._shelves += [_Shelf(parts, names)] if parts else []
        together = [name for shelf in self._shelves for name in shelf.order]
        self._sorted = together == [name for name in names if name in {*together}]  # without further doing
        self._shelves.reverse()

    def unrank(self, number: int) -> Design:
        """The design of that number, from 0.

        Raises:
            IndexError: there are not so many.
        """
        if not 0 <= number < self.size:
            most = number_text(self.size)
            raise IndexError(f"there are {most} designs, numbered from 0: none is {number_text(number)}")
        parts = []
        for shelf in self._shelves:
            number, place = divmod(number, shelf.count)
            parts.append(shelf.table[place] if shelf.table else shelf.unrank(place))
        design: Design = {}
        for part in reversed(parts):
            design.update(part)
        return design if self._sorted else self._told(design)

    def rank(self, design: Mapping[str, str]) -> int:
        """The number of a design.

        Raises:
            NoSuchDesign: it is none of this space.
        """
        total = 0
        for taken, place, weight in self._ways(design):
            total += taken.starts[place] * weight
        return total

    def __contains__(self, design: Mapping[str, str]) -> bool:
        try:
            return self.rank(design) >= 0
        except NoSuchDesign:
            return False

    def sample(self, rng: Random) -> Design:
        """One at random, each as likely as any other.

        Raises:
            IndexError: there is none.
        """
        return self.unrank(rng.randrange(self.size) if self.size else 0)

    def neighbours(self, design: Mapping[str, str]) -> Iterator[Design]:
        """All designs that differ from `design` in one pick, and in what follows from it: what is no longer asked
        vanishes, what is newly asked, or no longer offers what is picked, takes its first option.

        Raises:
            NoSuchDesign: `design` is none of this space.
        """
        for taken, place, _ in [*self._ways(design)]:
            for text in (*taken.texts[:place], *taken.texts[place + 1 :]):
                yield self.nearest({**design, taken.name: text})

    def mutate(self, design: Mapping[str, str], rng: Random) -> Design:
        """One that stands next to `design`: a decision at random, another of its options at random, and where more
        follows from it, that at random too (each way to go on as likely as any other).

        Raises:
            NoSuchDesign: `design` is none of this space.
            IndexError: it has no neighbours.
        """
        open_ = [(taken, place) for taken, place, _ in self._ways(design) if len(taken.texts) > 1]
        if not open_:
            raise IndexError("no decision of this design has another option")
        taken, place = open_[rng.randrange(len(open_))]
        other = rng.randrange(len(taken.texts) - 1)
        text = taken.texts[other + (other >= place)]
        return self.nearest({**design, taken.name: text}, rng)

    @cached_property
    def fingerprint(self) -> int:
        """Equal for equal sets of designs, however they were found and numbered.

        It is the sum over all designs of the product over their picks of a number that stands for the pick, in a field
        so large that no two sums ever meet.
        """
        found: dict[Open, int] = {}
        pending: list[Open] = [] if self.start is None else [self.start]
        while pending:
            at = pending[-1]
            below = at.parts if isinstance(at, Apart) else at.nexts
            missing = [one for one in below if one not in found]
            if missing:
                pending += missing
                continue
            pending.pop()
            if isinstance(at, Apart):
                found[at] = reduce(lambda one, other: one * other % _PRIME, (found[part] for part in at.parts), 1)
            else:
                ways = zip(at.texts, at.nexts, strict=True)
                found[at] = sum(_pick(at.name, text) * found[after] for text, after in ways) % _PRIME
        return 0 if self.start is None else found[self.start]

    def nearest(self, picks: Mapping[str, str], rng: Random | None = None) -> Design:
        """The design with these picks, as far as they are asked and offered; what else it asks takes its first option,
        or with `rng` any.

        Raises:
            IndexError: there is none at all.
        """
        if self.start is None:
            raise IndexError("there is no design")
        design: Design = {}
        pending: list[Open] = [self.start]
        while pending:
            at = pending.pop()
            if isinstance(at, Apart):
                pending += reversed(at.parts)
                continue
            place = _place(at, picks)
            if place is None:
                place = 0 if rng is None else bisect_right(at.starts, rng.randrange(at.count)) - 1
            design[at.name] = at.texts[place]
            pending.append(at.nexts[place])
        return self._told(design)

    def _told(self, design: Design) -> Design:
        """In order."""
        return {name: design[name] for name in self.names if name in design}

    def _ways(self, design: Mapping[str, str]) -> Iterator[tuple[Taken, int, int]]:
        """Of each decision that a design asks: where it stands in the space, the place of its option, and how many
        designs the parts behind it have.
        """
        pending: list[tuple[Open, int]] = [] if self.start is None else [(self.start, 1)]
        met = set()
        while pending:
            at, weight = pending.pop()
            if isinstance(at, Apart):
                for part in reversed(at.parts):
                    pending.append((part, weight))
                    weight *= part.count
                continue
            place = _place(at, design)
            if place is None:
                raise NoSuchDesign(at.name, at.texts)
            met.add(at.name)
            yield at, place, weight
            pending.append((at.nexts[place], weight))
        if len(met) < len(design) or self.start is None:
            raise NoSuchDesign(next((name for name in design if name not in met), ""), None)


def _met(start: Open) -> set[str]:
    """The names of all decisions from there on."""
    found, seen, pending = set(), {start}, [start]
    while pending:
        at = pending.pop()
        if isinstance(at, Taken):
            found.add(at.name)
        below = {*(at.parts if isinstance(at, Apart) else at.nexts)} - seen
        seen |= below
        pending += below
    return found


def _pick(name: str, text: str) -> int:
    return int.from_bytes(sha256(repr((name, text)).encode()).digest(), "big")


def _place(at: Taken, picks: Mapping[str, str]) -> int | None:
    text = picks.get(at.name)
    return None if text is None else at.places.get(text)


def _fill(design: Design, start: Open, number: int) -> Design:
    """`design`, with what a number stands for below `start`."""
    pending = [(start, number)]
    while pending:
        at, number = pending.pop()
        if isinstance(at, Apart):
            for part in reversed(at.parts):
                number, place = divmod(number, part.count)
                pending.append((part, place))
            continue
        place = bisect_right(at.starts, number) - 1
        design[at.name] = at.texts[place]
        pending.append((at.nexts[place], number - at.starts[place]))
    return design


def random_of(rng: Any) -> Random:
    """A generator of random numbers: that of a seed, one that begins where numpy's stands, or for None a fresh one."""
    if isinstance(rng, Random):
        return rng
    return Random(int.from_bytes(rng.bytes(32), "big") if hasattr(rng, "bytes") else rng)
