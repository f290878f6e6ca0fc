"""Designs by number and back, at random, in order, and next to one another: of spaces at random and of large ones."""

from __future__ import annotations

import os
from collections import Counter
from random import Random

import pytest

from archdsl.spaces.designs import Designs, NoSuchDesign
from tests.few import few
from tests.spaces.made import Made, Picks, Program, listed, program, walk
from tests.work import work

SEEDS = int(os.environ.get("ARCHDSL_SPACES", few(60)))


def frozen(picks: Picks) -> frozenset[tuple[str, str]]:
    return frozenset(picks.items())


def replayed(step: Program, wanted: Picks) -> Picks:
    """What a program comes to with these picks, the first option where none of them is offered."""
    picks: Picks = {}
    while not isinstance(asked := step(picks), bool):
        name, texts = asked
        picks[name] = wanted[name] if wanted.get(name) in texts else texts[0]
    return picks


@pytest.mark.parametrize("seed", range(SEEDS))
def test_numbers_and_designs(seed: int) -> None:
    """`unrank` gives each design once, `rank` is its inverse, and any other mapping is refused."""
    asked, found, failing = listed(program(Random(seed)))
    designs = Designs(asked, [asked.diagrams.negate(asked.fails)])
    made = [*map(designs.unrank, range(designs.size))]
    assert Counter(map(frozen, made)) == Counter(map(frozen, found))
    assert [designs.rank(design) for design in made] == [*range(designs.size)]
    wrong = [*failing, {}, {"other": "a"}, *({**design, "other": "a"} for design in made)]
    wrong += [{name: text for name, text in design.items() if name != gone} for design in made for gone in design]
    right = {*map(frozen, found)}
    for picks in wrong:
        if frozen(picks) not in right:
            with pytest.raises(NoSuchDesign):
                designs.rank(picks)
    for number in (-1, designs.size):
        with pytest.raises(IndexError):
            designs.unrank(number)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_neighbours(seed: int) -> None:
    """Each other option of each decision, and what follows from it, as the program itself would answer."""
    rng = Random(seed)
    step = program(rng)
    asked, found, failing = listed(step)
    designs = Designs(asked)
    for design in rng.sample(found + failing, min(8, len(found + failing))):
        expected = []
        for name in design:
            at = designs.rank(design)
            options = {picks[name] for picks in found + failing if name in picks and _before(step, picks, design, name)}
            expected += [replayed(step, {**design, name: text}) for text in options - {design[name]}]
        assert Counter(map(frozen, designs.neighbours(design))) == Counter(map(frozen, expected)), at
        if expected:
            assert frozen(designs.mutate(design, rng)) in {frozen(picks) for picks in found + failing} - {
                frozen(design)
            }


def _before(step: Program, one: Picks, two: Picks, name: str) -> bool:
    """Whether two designs agree until a decision is asked."""
    picks: Picks = {}
    while not isinstance(asked := step(picks), bool):
        if asked[0] == name:
            return True
        if one.get(asked[0]) != two.get(asked[0]):
            return False
        picks[asked[0]] = one[asked[0]]
    return False


@pytest.mark.parametrize("seed", range(0, 200, 7))
def test_fingerprints_are_of_sets(seed: int) -> None:
    """However the order of asking turns what is counted, the same designs have the same one, and no others."""
    asked, found, _ = listed(program(Random(seed)))
    some = Designs(asked, [asked.diagrams.negate(asked.fails)]).fingerprint
    made = Made()
    names = sorted({name for picks in found for name in picks}, reverse=True)
    conditions = []
    for name in names:
        made.ask(name, ["", *sorted({picks[name] for picks in found if name in picks}, reverse=True)])
    for picks in found:
        at = made.diagrams.true
        for decision in made.domains:
            at = made.diagrams.both(at, made.diagrams.picked(decision, picks.get(decision.name, "")))
        conditions.append(at)
    whole = Designs(made.asked(), [made.diagrams.either(*conditions)])
    assert whole.size == len(found)
    if all(len(picks) == len(names) for picks in found):  # else "" stands for what is not asked
        assert whole.fingerprint == some
        assert not found[1:] or Designs(made.asked(), conditions[1:2]).fingerprint != some


def test_neighbours_elaborate() -> None:
    """Where some designs fail, none of them is next to another one."""
    for seed in range(200):
        asked, found, failing = listed(program(Random(seed)))
        designs = Designs(asked, [asked.diagrams.negate(asked.fails)])
        for design in found if failing else []:
            assert {*map(frozen, designs.neighbours(design))} <= {*map(frozen, found)}


def test_what_a_pick_takes_with_it_stays_where_it_can() -> None:
    """Of a walk, the steps after the one that changes stay as they are wherever they are offered."""
    designs = Designs(walk(5))
    design = {f"level[{k}]": text for k, text in enumerate("12321")}
    found = ["".join(picks.values()) for picks in designs.neighbours(design)]
    assert found == ["00001", "10001", "11001", "12121", "12221", "12332", "12322", "12323"]


def test_each_is_as_likely() -> None:
    """28,657 walks, sampled 10 times each: as far from even as chance is (chi-squared, 6 standard deviations)."""
    designs, rng = Designs(walk(5)), Random(1)
    seen = Counter(designs.rank(designs.sample(rng)) for _ in range(8_900))
    assert sum((seen[k] - 100) ** 2 / 100 for k in range(89)) < 88 + 6 * (2 * 88) ** 0.5


def test_a_sample_is_a_few_calls() -> None:
    """30 decisions that have nothing to do with each other: they are looked up, a shelf at a time."""
    made = Made()
    for k in range(30):
        made.ask(f"d[{k}]", range(8))
    designs, rng = Designs(made.asked()), Random(0)
    designs.sample(rng)
    assert work(lambda: [designs.sample(rng) for _ in range(100)]) < 100 * 80
    far = 8**30 - 1
    assert set(designs.unrank(far).values()) == {"7"} and designs.rank(designs.unrank(far)) == far


def test_a_long_chain_is_walked() -> None:
    """Without recursion: 200 decisions, each of which depends on the one before."""
    designs = Designs(walk(200))
    number = designs.size // 3
    design = designs.unrank(number)
    assert len(design) == 200 and designs.rank(design) == number
    assert len([*designs.neighbours(design)]) > 200


def test_a_space_without_designs() -> None:
    """Nothing is asked: one design. All fail: none."""
    assert Designs(Made().asked()).unrank(0) == {}
    asked = Made().asked()
    none = Designs(asked, [asked.diagrams.false])
    assert none.size == 0
    with pytest.raises(IndexError):
        none.sample(Random())
    with pytest.raises(NoSuchDesign):
        none.rank({})
