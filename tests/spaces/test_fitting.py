"""Designs drawn at random within bounds: which, how many, and what is said where there are few or none."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.spaces.test_space import DEEP, message, space

REQUIRED = DEEP.replace("network n", "@require(params < 500)\nnetwork n")
BOUND = "depth >= 3 and macs < 40k"


def fits(source: str, where: str) -> set[int]:
    """The numbers of those designs that are allowed and within bounds, each looked at."""
    return {one.design for one in space(source).survey(where=where).seen}


@pytest.mark.parametrize(("source", "where"), [(DEEP, BOUND), (REQUIRED, ""), (REQUIRED, BOUND)])
def test_each_that_fits_is_drawn_and_no_other(source: str, where: str) -> None:
    found, wanted = space(source), fits(source, where)
    assert 1 < len(wanted) < found.size
    assert {found.rank(found.sample(seed, where=where)) for seed in range(40 * len(wanted))} == wanted
    walk = [found.sample(0, where=where)]
    for seed in range(100):
        walk.append(found.mutate(walk[-1], seed, where=where))
    assert {found.rank(one) for one in walk} <= wanted and all(
        one in [*found.neighbours(a)] for a, one in pairwise(walk)
    )
    survey = found.survey(50, seed=3, where=where)
    assert {one.design for one in survey.seen} <= wanted and len(survey.seen) == 50 < survey.looked
    assert survey.seen == found.survey(50, seed=3, where=where, jobs=2).seen


def test_as_likely_as_any_other() -> None:
    """Of 40 draws for each design that fits, none has half or twice as many."""
    found, wanted = space(REQUIRED), fits(REQUIRED, BOUND)
    seen = [one.design for one in found.survey(100 * len(wanted), where=BOUND).seen]
    assert all(60 < seen.count(number) < 150 for number in wanted)


def test_so_many_are_drawn() -> None:
    """And no more; without bounds as many as are asked for."""
    few = space().survey(50, where=BOUND, draws=20)
    assert few.looked == 20 and few.wanted == 50 and 0 < len(few.seen) < 20
    assert space().survey(50).looked == 50 and space().survey(0, where=BOUND).looked == 0


def test_where_nothing_fits() -> None:
    """That is proven, where it can be, without drawing; else it is said how many were drawn."""
    found = space()
    assert found.survey(3, where="params < 5").looked == 0
    for call in (found.sample, lambda **bound: found.mutate(found.unrank(0), **bound)):
        assert message(lambda call=call: call(where="params < 5"))[:2] == (  # type: ignore[misc]
            "nothing-fits", "no design of n has params < 5 (proven, by the sums of what options cost)"
        )  # fmt: skip
        assert "none found in 2,500 drawn" in message(lambda call=call: call(where=["depth < 1", "macs < 10G"]))[1]  # type: ignore[misc]


def test_lists_say_the_same() -> None:
    """Bounds and goals in one text, or in a list."""
    text = space().survey(where="params < 1k, macs > 9k", pareto="params,depth:max")
    row = space().survey(where=["params < 1k", "macs > 9k"], pareto=["params", "depth:max"])
    assert text.seen == row.seen and text.best == row.best and len(text.seen) < 28
