"""The least and the most of sums: on spaces at random against all designs, and on specs against all their networks."""

from __future__ import annotations

import os
from random import Random

import pytest

import archdsl
from archdsl.choices.counting import TooEntangled
from archdsl.choices.extremes import ends
from archdsl.choices.nodes import Diagram, value_of
from archdsl.elaborate.spec import Spec
from archdsl.source import Source
from tests.few import few
from tests.spaces.made import Made, listed, program

SEEDS = int(os.environ.get("ARCHDSL_SPACES", few(60)))

SPECS = {
    "kernels": """
block unit(x) = (x -> conv(x.channels, oneof([1, 3, 5])) -> bn -> relu) + x
network n(x: [3, 16, 16]) {
    for width in [4, 8] { x = x -> conv(width, 3, 2) -> unit * oneof([1, 2]) }
    return x -> global_avg_pool -> linear(oneof([5, 10]))
}
""",
    "widths that meet": """
network n(x: [3, 8, 8]) {
    w = oneof([4, 6, 9])
    a, b = x -> conv(w, 3), x -> conv(oneof([4, 6]), 1)
    return [a, b] -> concat -> conv(oneof([2, 7]), oneof([1, 3]))
}
""",
    "some fail": """
network n(x: [3, 8, 8]) {
    a, b = x -> conv(oneof([4, 8, 16]), 3), x -> conv(oneof([4, 8, 2]))
    return (a + b) -> conv(oneof([1, 2]))
}
""",
    "loose ends": """
cell c(h, p) {
    for i in range(3) { s = oneof([h, p]) -> oneof([conv(4), conv(4, 3), id]) }
    t = oneof([s, h]) -> conv(2)
    return loose() -> concat -> conv(3)
}
network n(x: [4, 8, 8]) = [x, x] -> c
""",
}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_sums(seed: int) -> None:
    """Of numbers that depend on one decision, on two, or on when one is asked; failing designs left out."""
    rng = Random(seed)
    asked, found, _ = listed(program(rng))
    diagrams = asked.diagrams
    summands: list[Diagram] = []
    for _ in range(rng.randrange(4)):
        some = rng.sample([*asked.domains], min(2, len(asked.domains)))
        parts = [diagrams.leaf(tuple(one.texts)) for one in some]
        number: Diagram = diagrams.leaf(rng.randrange(9))
        for decision, _ in zip(some, parts, strict=True):
            there = diagrams.where(asked.domains[decision], bool)
            own = diagrams.branch(decision, {text: diagrams.leaf(rng.randrange(-9, 9)) for text in decision.texts})
            assert own is not None
            plus = diagrams.map(lambda a, b: a + b, number, own)
            assert plus is not None
            number = diagrams.ite(there, plus, number) or number
        summands.append(number)
    totals = [sum(value_of(one, picks) for one in summands) for picks in found]
    both = ends(asked, [diagrams.negate(asked.fails)], summands)
    assert bool(both) == bool(found)
    for best, wanted in zip(both or (), (min, max), strict=False):
        assert best.value == wanted(totals)
        assert best.design() in found
        assert sum(value_of(one, best.design()) for one in summands) == wanted(totals)


@pytest.mark.parametrize("name", SPECS)
def test_specs(name: str) -> None:
    """What is found without a look is what a look at all designs finds."""
    space = archdsl.space(Spec(Source("n.arch", SPECS[name])))
    metrics = ["params", "macs", "activations"]
    whole, quick = space.survey(metrics=metrics), space.survey(0, metrics=metrics)
    assert whole.exact and quick.looked == 0
    if not quick.proven:
        assert name == "loose ends"  # what is concatenated depends on all picks at once
        return
    for place, metric in enumerate(metrics):
        wanted, found = whole.extremes[metric], quick.extremes[metric]
        assert wanted and found
        for one, other in zip(wanted, found, strict=True):
            assert one.numbers[place] == other.numbers[place]
            network = space.network(space.unrank(other.design))
            assert other.numbers == tuple(network.metric(name) for name in metrics)


def test_a_space_that_no_one_could_look_at() -> None:
    """8^200 designs: the extremes are exact, and say so."""
    source = """
network n(x: [4, 8, 8]) {
    for i in range(200) { x = x -> conv(4, oneof([1, 3, 5, 7])) -> oneof([relu, prelu]) }
    return x
}
"""
    survey = archdsl.space(Spec(Source("n.arch", source))).survey(0)
    low, high = survey.extremes["params"] or (None, None)
    assert low and high and survey.proven and not survey.exact
    assert (low.numbers[0], high.numbers[0]) == (200 * 20, 200 * (16 * 49 + 4 + 1))
    assert "of all designs, by tables of what each option costs" in " ".join(str(survey).split())


def test_the_ends_of_all_designs_are_looked_at_within_bounds_too() -> None:
    """A bound that they meet cannot hide them, and what few designs meet is found."""
    source = """
@require(params <= 4k)
network n(x: [4, 8, 8]) {
    for i in range(200) { x = x -> conv(4, oneof([1, 3, 5, 7])) }
    return x
}
"""
    space = archdsl.space(Spec(Source("n.arch", source)))
    survey = space.survey(3, draws=100)
    assert not survey.seen and survey.ends == 2  # those of params are those of macs
    survey.refuse_nothing()
    ends = survey.extremes["params"]
    assert ends and [one.numbers[0] for one in ends] == [4000, 4000] and not survey.proven
    assert "and 2 with the least and the most of all" in " ".join(str(survey).split())
    assert f"number {ends[0].design}:" in " ".join(str(survey).split())
    one, other = space.unrank(ends[0].design), space.unrank(space.size - 1)
    assert space.allows(one) and not space.allows(other)
    assert space.numbers(one) == {"params": 4000, "macs": 200 * 16 * 64} and space.numbers(one, "depth") == {
        "depth": 200
    }


def test_bounds_leave_it_to_a_look() -> None:
    """Within bounds, the extremes are of what was looked at."""
    space = archdsl.space(Spec(Source("n.arch", SPECS["kernels"])))
    assert space.survey(5).proven and not space.survey(5, where="params < 1k").proven
    assert not space.survey(5, metrics=["depth"]).proven
    assert not space.survey().proven and space.survey().exact


def test_sums_over_everything_give_up() -> None:
    """A number that depends on all picks in no order is not found, and not guessed."""
    made, rng = Made(), Random(0)
    some = [made.ask(f"d[{k}]", range(4)) for k in range(30)]
    summands = []
    for _ in range(60):
        number: Diagram = made.diagrams.leaf(0)
        for decision in rng.sample(some, 3):
            own = made.diagrams.branch(decision, {t: made.diagrams.leaf(rng.randrange(100)) for t in decision.texts})
            assert own is not None
            number = made.diagrams.map(lambda a, b: a * b + 1, number, own) or number
        summands.append(number)
    with pytest.raises(TooEntangled):
        ends(made.asked(), [], summands)
