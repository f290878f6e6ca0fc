"""Looks at designs, in one process or several side by side: at their numbers, and which network each is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from hashlib import sha256
from multiprocessing import get_context
from typing import TYPE_CHECKING, NamedTuple

from archdsl.spaces.bounds import Quantity

if TYPE_CHECKING:
    from archdsl.spaces.space import Space

MOST_JOBS = 1024
_PART = 256  # designs that a process is given at a time, at most


class SeenDesign(NamedTuple):
    """A design that was looked at: its number in the space (`Space.unrank`), and its numbers in the order asked."""

    design: int
    numbers: tuple[Quantity, ...]


class Glimpse(NamedTuple):
    """What was seen of a design: its numbers in the order asked.

    `network`: equal for designs that are one network; b"" where that was not asked.
    """

    design: int
    numbers: tuple[Quantity, ...]
    network: bytes


def glimpses(
    space: Space, designs: Iterable[int], metrics: tuple[str, ...], networks: bool = False, jobs: int = 1
) -> Iterator[Glimpse]:
    """Each of these designs, in order, by so many processes; they make the space again for themselves.

    Who has seen enough closes it.
    """
    if jobs == 1:
        yield from map(partial(_glimpse, space, metrics, networks), designs)
        return
    designs = [*designs]
    size = max(1, min(_PART, len(designs) // (4 * jobs)))
    parts = [designs[first : first + size] for first in range(0, len(designs), size)]
    with ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (space, metrics, networks)) as pool:
        try:
            for part in pool.map(_part, parts):
                yield from part
        finally:
            pool.shutdown(cancel_futures=True)


def _glimpse(space: Space, metrics: tuple[str, ...], networks: bool, number: int) -> Glimpse:
    design = space.designs.unrank(number)
    network = sha256(repr(space.canonical(design)).encode()).digest() if networks else b""
    return Glimpse(number, space.costs.way(metrics).of(design, metrics), network)


class _Worker:
    """What a process looks at, once it has begun."""

    glimpse: partial[Glimpse]


def _begin(space: Space, metrics: tuple[str, ...], networks: bool) -> None:
    _Worker.glimpse = partial(_glimpse, space, metrics, networks)


def _part(designs: Sequence[int]) -> list[Glimpse]:
    return [*map(_Worker.glimpse, designs)]
