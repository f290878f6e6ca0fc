"""A supernet runs designs of its space, and says what is wrong with all else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch

import archdsl
from archdsl.diagnostics.model import ArchError
from archdsl.elaborate.spec import Spec
from archdsl.source import Source
from archdsl.spaces.designs import NoSuchDesign
from archdsl.spaces.space import Space
from tests.emit.check import check_style
from tests.few import few
from tests.space.random_spaces import space as random_space
from tests.supernet.paths import inputs_of, run

DEPTH = "d = oneof([1, 2, 3]); return x -> conv(8) -> (conv(8, 3) -> relu) * d"
BODIES = [
    DEPTH,
    "return x -> relu if oneof([true, false]) else x",
    "k = oneof([1, 2]); return x -> conv(4) -> someof([conv(4), conv(4, 3), relu], k) -> add",
    "k = oneof([1, 2]); return x -> oneof([relu, tanh]) -> someof([conv(4), relu, tanh], k) -> add",
    "a, b = oneof([1, 2]), oneof([1, 2]); return x -> oneof([relu, id] if a == b else [tanh, id])",
    "return x -> oneof([conv(oneof([4, 8])) -> conv(4, oneof([1, 3])), relu, (relu -> conv(4)) * oneof([1, 2])])",
    "a = oneof([1, 2]); b = oneof([a, 3]); return x -> someof([relu, tanh], 2) -> add -> (conv(4)) * b",
    "y = x -> (conv(4)) * oneof([1, 2]); a = oneof([x, y]); return a + oneof([y, x]) -> concat",
]

WEIGHED = (
    "k = oneof([1, 2]); x = x -> oneof([relu, tanh]) -> conv(4); return x -> someof([conv(4), relu, id], k) -> add"
)
STYLED = [*BODIES[:3], WEIGHED, *BODIES[5:]]


def of_body(body: str) -> Space:
    return archdsl.space(Spec(Source("n.arch", f"network n(x: [4, 8, 8]) {{ {body} }}")), "n")


def asked_of(space: Space, picks: Mapping[str, str]) -> dict[str, str] | None:
    """What a design picks of these, of what it asks; None: they are no design."""
    found = {one.name: one.options[0] for one in space.decisions if len(one.options) == 1} | dict(picks)
    for _ in range(len(found) + 1):
        try:
            space.designs.rank(found)
        except NoSuchDesign as wrong:
            if wrong.offered is not None or wrong.name not in found:
                return None
            del found[wrong.name]
    return found


def check(space: Space, count: int, seed: int = 0) -> None:
    """Of picks at random, those run that are a design with more besides, as it does; the others are refused."""
    module, rng = space.supernet().build().eval(), Random(seed)
    inputs = inputs_of(space.network(space.sample(rng)))
    known = {one.name: one.options for one in space.decisions}
    for _ in range(count):
        picks = {**{name: rng.choice(some) for name, some in known.items()}, **space.sample(rng)}
        for name in rng.sample([*picks], rng.randrange(min(3, len(picks) + 1))):
            picks[name] = rng.choice([*known[name], *rng.choice([*known.values()])])
        for name in rng.sample([*picks], rng.randrange(min(3, len(picks) + 1))):
            del picks[name]
        design = asked_of(space, picks)
        if design is None:
            with pytest.raises(ValueError, match=r"^the design has .* for .*, which takes one of"):
                module(*inputs, picks)
            continue
        for one, other in zip(run(module, *inputs, picks), run(module, *inputs, design), strict=True):
            assert torch.equal(one.nan_to_num(), other.nan_to_num())


@pytest.mark.parametrize("body", BODIES)
def test_picks_run_that_are_a_design_and_no_others(body: str) -> None:
    check(of_body(body), 100)


def test_picks_of_random_spaces() -> None:
    checked = 0
    for seed in range(few(24)):
        made = random_space(seed)
        try:
            space = archdsl.space(Spec(Source("random.arch", made.text)), made.network)
            space.supernet()
        except ArchError:
            continue
        if not space.failing:  # what runs of a design that fails is not told
            check(space, 20, seed)
            checked += 1
    assert checked > few(6)


def test_sources_are_clean(tmp_path: Path) -> None:
    check_style(tmp_path, [of_body(body).supernet().source() for body in STYLED])


def test_options_may_be_given_as_values() -> None:
    module, x = of_body(DEPTH).supernet().build(), torch.randn(1, 4, 8, 8)
    for depth in (1, 2, 3):
        assert torch.equal(module(x, {"d": depth}), module(x, {"d": str(depth)}))
    module = of_body(BODIES[1]).supernet().build()
    assert torch.equal(module(x, {"out": True}), x.relu()) and torch.equal(module(x, {"out": False}), x)


WRONG: list[tuple[dict[Any, Any], str]] = [
    ({"d": "foo"}, "the design has foo for d, which takes one of 1 | 2 | 3"),
    ({"d": 4}, "the design has 4 for d, which takes one of 1 | 2 | 3"),
    ({"d": True}, "the design has True for d, which takes one of 1 | 2 | 3"),
    ({"d": None}, "the design has None for d, which takes one of 1 | 2 | 3"),
    ({"d": ["1"]}, "the design has ['1'] for d, which takes one of 1 | 2 | 3"),
    ({}, "the design has nothing for d, which takes one of 1 | 2 | 3"),
    ({"d": "1", "e": "1"}, "there is no decision e, only d"),
    ({"d": "1", 1: "1"}, "there is no decision 1, only d"),
]


@pytest.mark.parametrize(("design", "message"), WRONG)
def test_what_is_wrong_is_told(design: dict[Any, Any], message: str) -> None:
    module = of_body(DEPTH).supernet().build()
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        module(torch.randn(1, 4, 8, 8), design)


@pytest.mark.parametrize("weights", [torch.ones(3), torch.tensor(1.0), torch.ones(0)])
def test_there_is_a_weight_for_each_option(weights: torch.Tensor) -> None:
    module = of_body("return x -> oneof([relu, tanh])").supernet().build()
    with pytest.raises(ValueError, match=r"for out, which takes one of relu \| tanh, or a weight for each"):
        module(torch.randn(1, 4, 8, 8), {"out": weights})


def test_where_a_decision_is_asked_can_be_told() -> None:
    """Else the module could not hold a design against it: by no more tests of other decisions than one can read."""
    count = 14
    sums = " + ".join(f"a{i}" for i in range(count))
    picks = "; ".join(f"a{i} = oneof([0, 1])" for i in range(count))
    with pytest.raises(ArchError, match=r"no-supernet.*what d offers depends on other decisions"):
        of_body(f"{picks}; d = oneof([1, 2] if {sums} > {count // 2} else [1, 3]); return x -> relu * d").supernet()


def test_weights_are_found_of_designs_of_values() -> None:
    supernet = of_body(DEPTH).supernet()
    for depth in (1, 2, 3):
        assert supernet.modules_of({"d": depth}) == supernet.modules_of({"d": str(depth)})
    state = supernet.build().state_dict()
    assert len(supernet.state_of({"d": 3}, state)) == len(state)
    for wrong in ({"d": 4}, {}, {"d": 1, "e": 1}):
        with pytest.raises(ArchError):
            supernet.state_of(wrong, state)
