"""Compares how archdsl opens a space with what the reference says of it, and shows a difference as small as it gets."""

from __future__ import annotations

import signal
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import archdsl
from tests.space.enumerate_designs import TooMany, design_of, every_design
from tests.space.parse import parse
from tests.space.random_spaces import MOST, space
from tests.space.shrink import shrunk

Picks = frozenset[tuple[str, str]]
# Opens the network of a text: all its designs, and those of them that fail.
Opens = Callable[[str, str], tuple[Collection[Picks], Collection[Picks]]]


SECONDS = 20  # that opening a space of some hundred designs may take


@contextmanager
def limited() -> Iterator[None]:
    """Raises TimeoutError where something takes too long, which may be all that is wrong."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"takes over {SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


class Difference(NamedTuple):
    """What the reference has and archdsl has not, and the other way round; or that it raised."""

    missing: frozenset[Picks] = frozenset()
    surplus: frozenset[Picks] = frozenset()
    failing: frozenset[Picks] = frozenset()  # of which one says that it fails, the other that it does not
    raised: str = ""

    @property
    def sort(self) -> tuple[bool, bool, bool, str]:
        """Differences of one sort come from one cause, it is hoped."""
        return bool(self.missing), bool(self.surplus), bool(self.failing), self.raised.partition(":")[0]


def compare(text: str, network: str, opens: Opens) -> Difference:
    """How `opens` differs from the reference; a design that fails is compared as far as the reference gets in it."""
    program = parse(text)
    ours = {frozenset(design.picks.items()): design.fails for design in every_design(program, 4 * MOST)}
    try:
        with limited():
            designs, failing = opens(text, network)
    except Exception as error:
        return Difference(raised=f"{type(error).__name__}: {error}")
    theirs = {frozenset(picks): False for picks in designs}
    for picks in failing:
        theirs.pop(picks, None)
        reached = design_of(program, dict(picks))
        theirs[frozenset(reached.picks.items()) if reached.fails else picks] = True
    missing, surplus = ours.keys() - theirs.keys(), theirs.keys() - ours.keys()
    unequal = {picks for picks in ours.keys() & theirs.keys() if ours[picks] != theirs[picks]}
    return Difference(frozenset(missing), frozenset(surplus), frozenset(unequal))


def renamed(difference: Difference) -> bool:
    """Whether as many designs are missing as there are too many: then names or texts may be all that differs."""
    return bool(difference.missing) and len(difference.missing) == len(difference.surplus)


def shown(text: str, found: Difference) -> str:
    """A difference for a reader."""

    def rows(title: str, designs: Collection[Picks]) -> list[str]:
        written = sorted(", ".join(f"{name} = {option}" for name, option in sorted(picks)) for picks in designs)
        more = [f"  and {len(written) - 12} more"] if len(written) > 12 else []
        return (
            [f"{title}: {len(written)}", *(f"  {row or '(no decisions)'}" for row in written[:12]), *more]
            if written
            else []
        )

    lines = [text, *([f"raised {found.raised}"] if found.raised else [])]
    lines += rows("missing", found.missing) + rows("surplus", found.surplus)
    lines += rows("fail for one of the two", found.failing)
    return "\n".join([*lines, *(["perhaps names or texts only"] if renamed(found) else [])])


def makes_sense(text: str, network: str) -> bool:
    """Whether some designs elaborate, for archdsl too: the reference takes much that is no spec."""
    designs = [design for design in every_design(parse(text), 4 * MOST) if not design.fails]
    try:
        for design in designs[:4]:
            archdsl.loads(text, network=network, picks=dict(design.picks))
    except archdsl.ArchError:
        return False
    return bool(designs)


def judge(text: str, network: str, opens: Opens) -> None:
    """Raises AssertionError with the smallest spec in which archdsl and the reference differ as they do in this one."""
    found = compare(text, network, opens)
    if found == Difference():
        return

    def interesting(candidate: str) -> bool:
        try:
            return makes_sense(candidate, network) and compare(candidate, network, opens).sort == found.sort
        except (TooMany, AssertionError, ArithmeticError, LookupError, TypeError, AttributeError, ValueError):
            return False  # the reference makes no sense of it

    least = shrunk(text, interesting)
    raise AssertionError("\n" + shown(least, compare(least, network, opens)))


def check(seed: int, opens: Opens) -> None:
    """Raises AssertionError where archdsl opens the random space of this number otherwise than the reference."""
    made = space(seed)
    judge(made.text, made.network, opens)


def by_reference(text: str, network: str) -> tuple[set[Picks], set[Picks]]:
    """The reference as one that opens spaces: what it says of itself is right."""
    found: Mapping[Picks, bool] = {frozenset(d.picks.items()): d.fails for d in every_design(parse(text))}
    return set(found), {picks for picks, fails in found.items() if fails}
