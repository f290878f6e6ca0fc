"""Counts of designs: what the papers' spaces have, spaces at random against all of their designs, long chains."""

from __future__ import annotations

import os
from math import comb
from random import Random

import pytest

from archdsl.choices.asked import Asked
from archdsl.choices.counting import TooEntangled, counted
from archdsl.choices.nodes import Diagram
from tests.few import few
from tests.spaces.made import Made, listed, program, walk
from tests.work import work

SEEDS = int(os.environ.get("ARCHDSL_SPACES", few(80)))

SECOND = 3_000_000  # calls that a second surely has


def free(*sizes: int) -> Asked:
    made = Made()
    for number, size in enumerate(sizes):
        made.ask(f"d[{number}]", range(size))
    return made.asked()


def size(asked: Asked, *conditions: Diagram) -> int:
    found = counted(asked, conditions)
    return 0 if found is None else found.count


NASNET = [count for b in range(5) for count in (b + 2, b + 2, 13, 13)]  # of one cell, without combiners
PNAS = [count for b in range(5) for count in (b + 2, b + 2, 8, 8)]
DARTS = [count for k in range(2, 6) for count in (comb(k, 2), 7, 7)]


@pytest.mark.parametrize(
    ("asked", "designs"),
    [
        (free(*NASNET, *NASNET, *[2] * 10), 5_229_943_396_058_757_337_940_161_399_357_440_000),
        (free(*NASNET), 71_465_842_174_521_600),
        (free(*PNAS), 556_627_761_561_600),
        (free(*PNAS, *PNAS), 556_627_761_561_600**2),
        (free(*[6] * 12, *[2] * 66), 160_618_186_625_454_535_808_756_219_904),
        (free(*[n for k in range(5) for n in (k + 2, k + 2, 5, 5)] * 2), 25_628_906_250_000_000_000_000_000),
        (free(*DARTS, *DARTS), 1_076_746_950_455_072_400),
        (free(*[n for k in range(1, 9) for n in (k, 4)]), 2_642_411_520),
        (free(*[5] * 6), 15_625),
        (free(4, 4), 16),
        (walk(3), 13),
        (walk(5), 89),
        (walk(11), 28_657),
        (free(), 1),
    ],
)
def test_the_spaces_of_papers(asked: Asked, designs: int) -> None:
    """Each count is the published one, and takes no time."""
    assert size(asked) == designs
    assert work(lambda: counted(asked)) < SECOND // 10


def test_a_depth_opens_what_stands_deeper() -> None:
    """Once-for-all: five stages of 2 to 4 blocks, each with a kernel and a width, 2 * 10^19 in the paper's words."""
    made = Made()
    for stage in range(5):
        depth = made.ask(f"stage[{stage}].depth", (2, 3, 4))
        for block in range(4):
            deep = made.diagrams.where(made.domains[depth], bool)
            if block > 1:
                deep = made.diagrams.either(*(made.diagrams.picked(depth, str(n)) for n in range(block + 1, 5)))
            made.ask(f"stage[{stage}].mb[{block}].kernel", (3, 5, 7), deep)
            made.ask(f"stage[{stage}].mb[{block}].ratio", (3, 4, 6), deep)
    assert size(made.asked()) == (9**2 + 9**3 + 9**4) ** 5


def test_a_chain_of_any_length() -> None:
    """No recursion: 200 decisions, each of which depends on the one before, as the matrix of steps counts them."""
    counts = [1, 0, 0, 0]
    for _ in range(200):
        counts = [sum(counts[n] for n in range(4) if abs(n - k) < 2) for k in range(4)]
    assert size(walk(200)) == sum(counts)
    assert work(lambda: counted(walk(200))) < SECOND


def test_many_that_open_one() -> None:
    """A decision that is asked where 12 of 24 others are on: as many states as the diagram has nodes, not 2^24."""
    made = Made()
    states = {0: made.diagrams.true}
    for k in range(24):
        on = made.ask(f"on[{k}]", ("no", "yes"))
        yes = made.diagrams.picked(on, "yes")
        both, either, no = made.diagrams.both, made.diagrams.either, made.diagrams.negate(yes)
        never = made.diagrams.false
        states = {n: either(both(states.get(n, never), no), both(states.get(n - 1, never), yes)) for n in range(k + 2)}
    made.ask("extra", range(3), states[12])
    assert size(made.asked()) == 2**24 + 2 * comb(24, 12)
    assert work(lambda: counted(made.asked())) < SECOND


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_spaces(seed: int) -> None:
    """As many as plain enumeration finds, with and without those that fail."""
    asked, designs, failing = listed(program(Random(seed)))
    assert size(asked) == len(designs) + len(failing)
    assert size(asked, asked.diagrams.negate(asked.fails)) == len(designs)
    assert size(asked, asked.fails) == len(failing)


def test_conditions_that_have_nothing_to_do_with_each_other() -> None:
    """Each is counted with its own decisions: no product of them is ever made."""
    made = Made()
    conditions = []
    for k in range(40):
        one, two = made.ask(f"one[{k}]", range(6)), made.ask(f"two[{k}]", range(6))
        picks = [[made.diagrams.picked(decision, str(n)) for decision in (one, two)] for n in range(6)]
        same = [made.diagrams.both(*pair) for pair in picks]
        conditions.append(made.diagrams.negate(made.diagrams.either(*same)))
    assert size(made.asked(), *conditions) == 30**40


def test_giving_up_names_decisions() -> None:
    """What hangs together in too many ways is no count, and no guess."""
    made = Made()
    rng = Random(0)
    some = [made.ask(f"d[{k}]", range(4)) for k in range(40)]
    for k in range(80):
        pairs = [made.diagrams.picked(one, str(rng.randrange(4))) for one in rng.sample(some, 3)]
        made.ask(f"e[{k}]", range(2), made.diagrams.either(*pairs))
    with pytest.raises(TooEntangled, match=r"d\[\d+\], .* and \d+ more depend on one another"):
        counted(made.asked(), most=20_000)
