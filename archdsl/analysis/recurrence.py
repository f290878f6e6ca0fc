"""Turns what one step of a scan does to its tensors into what all its steps do: powers of a matrix over a semiring."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

# A row gives for each tensor that a tensor is made of the weight of that way, the semiring's zero left out.
_Sparse = dict[int, T]


@dataclass(frozen=True, slots=True)
class Semiring(Generic[T]):
    """What is along a way (`then`) and over all ways (`beside`); `here` is the way of no length, None no way at all."""

    here: T
    then: Callable[[T, T], T]
    beside: Callable[[T, T], T]


def over_scan(
    cell: Sequence[Sequence[T | None]], states: int, length: int, ring: Semiring[T]
) -> list[tuple[T | None, ...]]:
    """The matrix of a scan, from that of its cell: a row per result, a column for each sequence and first state."""
    sequences = len(cell[0]) - states
    return over_steps((cell[0], *cell[-states:]) if states else cell, states, sequences, length, ring)


def over_steps(
    step: Sequence[Sequence[T | None]], states: int, constants: int, length: int, ring: Semiring[T]
) -> list[tuple[T | None, ...]]:
    """The matrix of a scan of `length` steps, from that of one step.

    A row of `step` tells a result of one step in terms of its tensors: first what is the same in every step (the
    `constants`: the element of the sequence, and a source), then the states before the step. The last rows are the
    states after it; the others (an output) are collected over all steps. The result has the same rows and columns,
    told in terms of the sequence and the first states.

    With the tensors of a step as a vector v, v' = W v for every step, so all steps are W to the power of `length`:
    O(log length) products.
    """
    collected = len(step) - states
    count = constants + states
    power: list[_Sparse[T]] = [{i: ring.here} for i in range(constants)]
    power += [_sparse(row) for row in step[collected:]]
    power += [_sparse(row) | {count + k: ring.here} for k, row in enumerate(step[:collected])]
    result: list[_Sparse[T]] = [{i: ring.here} for i in range(count)] + [{} for _ in range(collected)]
    while length:
        if length & 1:
            result = _product(power, result, ring)
        length >>= 1
        if length:
            power = _product(power, power, ring)
    rows = result[count:] + result[constants:count]
    return [tuple([row.get(j) for j in range(count)]) for row in rows]


def _sparse(row: Sequence[T | None]) -> _Sparse[T]:
    return {j: weight for j, weight in enumerate(row) if weight is not None}


def _product(left: list[_Sparse[T]], right: list[_Sparse[T]], ring: Semiring[T]) -> list[_Sparse[T]]:
    found = []
    for row in left:
        made: _Sparse[T] = {}
        for middle, weight in row.items():
            for j, before in right[middle].items():
                way = ring.then(before, weight)
                made[j] = ring.beside(made[j], way) if j in made else way
        found.append(made)
    return found
