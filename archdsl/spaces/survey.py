"""Looks at many designs of a space, all or some, and remembers their numbers, the extremes and the best."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.emit.cells import number_text
from archdsl.lazy import load_module
from archdsl.numerals import as_int
from archdsl.require import Requirement
from archdsl.spaces.bounds import Quantity, within
from archdsl.spaces.ends import impossible, proven
from archdsl.spaces.fitting import draws as draws_of
from archdsl.spaces.front import Front, Goal
from archdsl.spaces.looking import Glimpse, SeenDesign, glimpses

if TYPE_CHECKING:
    from archdsl.spaces.space import Space

METRICS = ("params", "macs")
MOST = 1_000_000  # designs of one survey: their numbers stay in memory


class Amount(NamedTuple):
    """How many, and whether that is "exact", "at most" so many, or "not known" (None)."""

    number: int | None
    known: str


class LookedAt(NamedTuple):
    """Which designs a survey looked at: "all", a "sample" drawn by a `seed`, or those of a "range" of numbers."""

    how: str
    seed: int = 0
    first: int = 0
    last: int = 0


@dataclass
class Survey:
    """What was found in a space: `seen` are the designs within all bounds.

    `looked` counts those without, too, `within` those that `@require` allows. `extremes`: of each metric the designs
    with the least and the most of it, None where no design has that number; of all designs if `exact` or `proven`, else
    of those looked at. `forms` tells the networks of `seen` apart,
    None where that was not asked.
    """

    space: Space
    look: LookedAt
    metrics: tuple[str, ...]
    bounds: tuple[Requirement, ...]
    front: Front | None
    forms: set[bytes] | None
    how: str  # where the numbers come from
    asked: tuple[str, ...] = ()  # what is needed of a design: `metrics`, and what is bounded
    proven: bool = False  # extremes are those of all designs, although not all were looked at
    wanted: int | None = None  # designs to be drawn that are within all bounds
    ends: int = 0  # designs with the least and the most of all, looked at besides
    looked: int = 0
    within: int = 0
    seen: list[SeenDesign] = field(default_factory=list)
    extremes: dict[str, tuple[SeenDesign, SeenDesign] | None] = field(default_factory=dict)
    reached: dict[str, tuple[int | float, int | float]] = field(
        default_factory=dict
    )  # of what is bounded, within or not

    def __post_init__(self) -> None:
        bounds = (*self.space.required, *self.bounds)
        self.asked = tuple(dict.fromkeys([*self.metrics, *(bound.metric for bound in bounds)]))
        self.extremes = dict.fromkeys(self.metrics)

    def __str__(self) -> str:
        """What `archdsl space` prints."""
        listed = self.look.how != "all" and self.looked > 0
        return str(load_module("archdsl.spaces.table").text(self, listed=listed)).rstrip("\n")

    def to_json(self) -> dict[str, Any]:
        """The same as plain data, as `archdsl space --json` prints it."""
        found: dict[str, Any] = load_module("archdsl.spaces.table").as_json(self)
        return found

    @property
    def exact(self) -> bool:
        """Whether all designs of the space were looked at, so that extremes are those of the space."""
        return self.looked == self.space.size and self.look.how != "sample"

    @property
    def allowed(self) -> Amount:
        """How many designs of the space `@require` allows."""
        if not self.space.required:
            return Amount(self.space.size, "exact")
        return Amount(self.within, "exact") if self.exact else Amount(self.space.size, "at most")

    @property
    def networks(self) -> Amount:
        """How many networks the designs are that are allowed and within all bounds."""
        if self.forms is not None and self.exact:
            return Amount(len(self.forms), "exact")
        return Amount(len(self.seen) if self.exact else self.space.size, "at most")

    @property
    def best(self) -> list[int]:
        """The numbers of the designs that none beats in all goals."""
        return self.front.designs if self.front else []

    def add(self, glimpse: Glimpse) -> None:
        """One more design, with the numbers that are `asked`."""
        self.looked += 1
        design, numbers, network = glimpse
        named = dict(zip(self.asked, numbers, strict=True))
        self._reach(named)
        if not within(self.space.required, named):
            return
        self.within += 1
        if not within(self.bounds, named):
            return
        seen = SeenDesign(design, numbers[: len(self.metrics)])
        self.seen.append(seen)
        if self.forms is not None:
            self.forms.add(network)
        if self.front:
            self.front.add(tuple(numbers[self.metrics.index(goal.metric)] for goal in self.front.goals), design)
        self._extend(seen)

    def add_end(self, glimpse: Glimpse) -> None:
        """A design with the least or the most of all that is asked: within all bounds, it is an extreme there, too."""
        design, numbers, _ = glimpse
        named = dict(zip(self.asked, numbers, strict=True))
        self._reach(named)
        self.ends += 1
        if within((*self.space.required, *self.bounds), named):
            self._extend(SeenDesign(design, numbers[: len(self.metrics)]))

    def _extend(self, seen: SeenDesign) -> None:
        for place, metric in enumerate(self.metrics):
            value = seen.numbers[place]
            if value is None:
                continue
            low, high = self.extremes[metric] or (seen, seen)
            less, more = low.numbers[place], high.numbers[place]
            assert less is not None and more is not None
            self.extremes[metric] = (seen if value < less else low, seen if value > more else high)

    def _reach(self, named: Mapping[str, Quantity]) -> None:
        """Remember how far what is bounded goes."""
        for bound in (*self.space.required, *self.bounds):
            if (number := named[bound.metric]) is not None:
                least, most = self.reached.get(bound.metric, (number, number))
                self.reached[bound.metric] = min(least, number), max(most, number)

    def refuse_nothing(self) -> None:
        """See that some design is within all bounds.

        Raises:
            ArchError: none of those looked at is; how far off they are.
        """
        if self.proven or any(self.extremes.values()) or self.seen:
            return
        bounds = (*self.space.required, *self.bounds)
        said = " and ".join(bound.text for bound in bounds)
        reached = self.reached
        if self.exact:
            found = "proven: all were looked at"
        elif beyond := impossible(self.space, bounds):
            found, reached = "proven, by the sums of what options cost", beyond
        else:
            found = f"none found in {self.looked:,}"
        where = "in all designs" if reached is not self.reached else "there"
        notes = [
            f"{name} is {number_text(low)} to {number_text(high)} {where}" for name, (low, high) in reached.items()
        ]
        message = f"no design of {self.space.name} has {said or 'a network'} ({found})"
        hint = "ask for less, or look at more" if found.startswith("none") else "ask for less"
        raise ArchError([Diagnostic("nothing-fits", message, None, notes=tuple(notes), help=hint)])


def look_of(space: Space, sample: int | None, seed: int, between: tuple[int, int] | None) -> LookedAt:
    """What a survey will look at.

    Raises:
        ArchError: it is too much, or two things.
    """
    if sample is not None and between is not None:
        message = "a survey takes a sample of the whole space, or looks at a range, not both"
        hint = "leave `between` or the sample out"
        raise ArchError([Diagnostic("bad-argument", message, None, help=hint)])
    if sample is not None:
        return LookedAt("sample", seed)
    first, last = (0, space.size) if between is None else map(as_int, between)
    if not 0 <= first < min(last, space.size):
        message = f"{space.name} has no designs {number_text(first)} to {number_text(last)}"
        hint = f"they are numbered from 0 to {number_text(space.size - 1)}"
        raise ArchError([Diagnostic("bad-argument", message, None, help=hint)])
    last = min(last, space.size)
    if last - first > MOST:
        message = f"{space.name} has {number_text(space.size)} designs: at most {MOST:,} are looked at, one by one"
        hint = f"look at some at random (--sample 1000), or at a part (--range 0:{MOST})"
        raise ArchError([Diagnostic("space-too-large", message, None, help=hint)])
    return LookedAt("all" if between is None else "range", seed, first, last)


def surveyed(
    space: Space,
    look: LookedAt,
    count: int = 0,
    draws: int | None = None,
    metrics: Sequence[str] = METRICS,
    bounds: Iterable[Requirement] = (),
    goals: Iterable[Goal] = (),
    networks: bool = False,
    jobs: int = 1,
) -> Survey:
    """Look at all designs, at those of a range, or at `count` at random that are within bounds, by so many processes.

    `draws`: to find these, at most so many are drawn; without, as many as take some seconds.
    """
    goals = list(goals)
    shown = tuple(dict.fromkeys([*metrics, *(goal.metric for goal in goals)]))
    front, forms = Front(goals) if goals else None, set[bytes]() if networks else None
    found = Survey(space, look, shown, tuple(bounds), front, forms, "")
    found.how = space.costs.way(found.asked).how
    designs: Iterable[int] = range(look.first, look.last)
    if look.how == "sample":
        found.wanted, rng = count, Random(look.seed)
        limits = (*space.required, *found.bounds)
        most = count if not limits else draws_of(space, limits, found.asked) if draws is None else draws
        designs = (rng.randrange(space.size) for _ in range(most if count else 0))
    for glimpse in glimpses(space, designs, found.asked, networks, jobs):
        found.add(glimpse)
        if len(found.seen) == found.wanted:
            break
    if found.exact:
        return found
    if not (found.bounds or space.required):
        ends = proven(space, shown)
        found.extremes.update(ends or {})
        found.proven = ends is not None
        return found
    known = [proven(space, (metric,)) for metric in found.asked]
    numbers = dict.fromkeys(one.design for each in known if each for pair in each.values() for one in pair)
    for glimpse in glimpses(space, [*numbers], found.asked):
        found.add_end(glimpse)
    return found
