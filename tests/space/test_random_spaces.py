"""The reference for search spaces: it knows what is known of spaces, agrees with elaboration, and finds mistakes.

`ARCHDSL_SPACES=2000 pytest tests/space/test_random_spaces.py` tries that many random spaces.
"""

from __future__ import annotations

import os
import re

import pytest

import archdsl
from archdsl.diagnostics.model import ArchError
from tests.space.enumerate_designs import Design, design_of, every_design, run_design
from tests.space.judge import Picks, by_reference, check, judge
from tests.space.parse import parse
from tests.space.program import spec
from tests.space.random_spaces import MOST, WAITING, RandomSpace, space
from tests.space.run import Run, Setting

COUNT = int(os.environ.get("ARCHDSL_SPACES", "16"))
NETWORK = "network n(x: [8, 4, 4]) "

# What a space is, and how many designs it has by hand.
KNOWN = {
    "a choice that reaches one option": (NETWORK + "= x -> oneof([conv(oneof([4, 8])), relu])", 3),
    "the same by way of names": (
        NETWORK + "{ inner = oneof([4, 8]); ops = [conv(inner), relu]; return x -> oneof(ops) }",
        3,
    ),
    "a choice that nobody uses": (NETWORK + "{ w = oneof([4, 8]); return x -> relu }", 1),
    "a depth, and a choice in what is repeated": (
        "block unit(x) = x -> oneof([conv(8), conv(8, 3)])\n" + NETWORK + "= x -> unit * oneof([2, 3, 4])",
        4 + 8 + 16,
    ),
    "a cell is chosen once": (
        "cell c(x; f) = x -> oneof([conv(f), conv(f, 3)])\n" + NETWORK + "= x -> c(8) -> c(4) * oneof([1, 2])",
        2 * 2,
    ),
    "a block is chosen each time": ("block c(x) = x -> oneof([relu, id])\n" + NETWORK + "= x -> c -> c -> c", 8),
    "an argument is chosen before it is repeated": (NETWORK + "= x -> oneof([relu, id]) * 3", 2),
    "a trellis of 5 steps on 4 levels": (
        NETWORK
        + """{
        level = 0
        for i in range(5) { level = oneof([l for l in [level - 1, level, level + 1] if l in range(4)]) }
        return x -> conv(level + 1)
        }""",
        89,
    ),
    "two of NAS-Bench-201's edges": (
        "cell c(x) { y = x -> oneof([relu, id, tanh, conv(8), conv(8, 3)]); return x + y }\n"
        + NETWORK
        + "= x -> c -> c",
        5,
    ),
    "ENAS macro, 3 layers of 2 ops": (
        NETWORK
        + """{
        xs = [x]
        for i in range(3) {
            skips = []
            for j in range(i) { skips = skips + oneof([[], [xs[j]]]) }
            xs = xs + [[xs[i]] + skips -> add -> oneof([relu, tanh])]
        }
        return xs[3]
        }""",
        2**3 * 2**3,
    ),
    "an input of what came before": (
        NETWORK
        + """{
        states = [x, x -> relu]
        for i in range(2) { states = states + [oneof(states) -> tanh] }
        return states[3]
        }""",
        2 * 3,
    ),
    "a cell is chosen once, also between what is chosen": (
        "cell c(x) { ops = [oneof([relu, tanh]), id]; return x -> oneof(ops) }\n" + NETWORK + "= x -> c -> c",
        3,
    ),
    "and between numbers": (
        "cell c(x) { w = oneof([4, 8]); return x -> conv(oneof([w, 2 * w])) }\n" + NETWORK + "= x -> c -> c",
        4,
    ),
    "a shared stage that is chosen": (
        NETWORK + "{ shared f = oneof([conv(8), conv(8, 3)]); return (x -> relu -> f) + (x -> f) }",
        2,
    ),
    "a shared stage that is not applied": (NETWORK + "{ shared f = oneof([conv(8), relu]); return x -> relu }", 1),
    "weights that serve one branch each": (
        NETWORK
        + """{
        shared f = conv(8, 3)
        if oneof([true, false]) { x = x -> f } else { x = x -> conv(6) -> f }
        return x
        }""",
        2,
    ),
    "weights that serve some designs": (
        NETWORK + "{ shared f = conv(8, 3); y = x -> conv(oneof([6, 8])); return (y -> f) + (x -> f) }",
        2,
    ),
    "a shared block with a choice": (
        "block u(x) = x -> conv(8, oneof([1, 3]))\n" + NETWORK + "{ shared f = u; return x -> f -> f }",
        2,
    ),
    "a shared block that returns a choice": (
        "block u(x) { y = x -> conv(8); return oneof([x, y]) }\n"
        + NETWORK
        + "{ shared f = u; return (x -> f) + (x -> relu -> f) }",
        2,
    ),
    "tensors of several types are added": (
        NETWORK + "{ x = x -> conv(oneof([12, 4])); y = x -> relu; return x + y }",
        2,
    ),
    "a list of which an item is chosen is returned": (
        "cell c(x, p) { edges = [oneof([x, p])] + oneof([[], [p]]); return edges }\n"
        + NETWORK
        + "{ y = [x, x -> relu] -> c; return y -> add }",
        4,
    ),
    "an item that is not there is not chosen": (
        NETWORK + "{ xs = [x] + oneof([[], [oneof([x, x -> relu])]]); return xs -> add }",
        1 + 2,
    ),
    "what a condition chose is called as it is": (
        NETWORK
        + """{
        c = oneof([true, false])
        if c { w = oneof([4, 8]) } else { w = 6 }
        f = conv(w) if c else tanh
        ops = [f, relu]
        return x -> oneof(ops) -> conv(oneof([w, 3]))
        }""",
        7 + 4,
    ),
    "a stage that is repeated no times": (NETWORK + "= x -> conv(8, oneof([1, 3])) * oneof([0, 1])", 3),
    "a return under a condition": (
        "cell c(x; n) { if oneof([false, true]) { return x }; return x -> oneof([relu, tanh]) * n }\n"
        + NETWORK
        + "= x -> c(n = 1) -> c(n = 0)",
        3,
    ),
    "a scan of a chosen width": (
        "block r(e, h: [d]; d) = [e, h] -> concat -> oneof([linear(d), linear(d) -> relu])\n"
        "network n(x: [4, 8]) = x -> scan(r(oneof([6, 4])))",
        4,
    ),
    "only what a branch needs": (
        NETWORK + "{ if oneof([true, false]) { x = x -> oneof([relu, tanh]) }; return x }",
        3,
    ),
}


@pytest.mark.parametrize("what", KNOWN)
def test_a_space_has_so_many_designs(what: str) -> None:
    text, count = KNOWN[what]
    assert len(every_design(parse(text))) == count


def test_a_design_holds_what_it_is_asked_and_no_more() -> None:
    designs = every_design(parse(KNOWN["a choice that reaches one option"][0]))
    assert [dict(design.picks) for design in designs] == [
        {"out": "conv(oneof([4, 8]))", "out_2": "4"},
        {"out": "conv(oneof([4, 8]))", "out_2": "8"},
        {"out": "relu"},
    ]
    assert [(design.params, design.macs) for design in designs] == [(36, 512), (72, 1024), (0, 0)]


def test_designs_that_fail_end_where_they_fail() -> None:
    text = NETWORK + "{ x = [x, x -> oneof([relu, conv(4)])] -> add; return x -> oneof([tanh, id]) }"
    assert [(dict(d.picks), d.fails) for d in every_design(parse(text))] == [
        ({"x": "relu", "out": "tanh"}, False),
        ({"x": "relu", "out": "id"}, False),
        ({"x": "conv(4)"}, True),
    ]


# --- random spaces -----------------------------------------------------------------------------------------------


def elaborated(made: RandomSpace, setting: Setting, design: Design) -> tuple[bool, int, int]:
    """Whether ordinary elaboration of a design fails, its params and macs."""
    assert run_design(setting, Run(design.indices, first=True)) == design, "picked again, it is another design"
    try:
        network = archdsl.loads(made.text, network=made.network, picks=dict(design.picks))
    except ArchError:
        return True, 0, 0
    assert {name: choice.picked for name, choice in network.choices.items()} == design.picks
    return False, network.params, network.macs


@pytest.mark.parametrize("seed", [*range(COUNT), *range(WAITING, WAITING + COUNT // 8)])
def test_ordinary_elaboration_of_each_design(seed: int) -> None:
    made = space(seed)
    setting = Setting.of(made.program)
    for design in made.designs()[:60]:
        assert elaborated(made, setting, design) == (design.fails, design.params, design.macs)


@pytest.mark.parametrize("seed", range(COUNT))
def test_picks_by_text_are_the_design(seed: int) -> None:
    made = space(seed)
    designs = made.designs()
    assert [design_of(made.program, design.picks) for design in designs] == designs
    assert len({frozenset(design.picks.items()) for design in designs}) == len(designs)


def test_random_spaces_are_many_and_various() -> None:
    made = [space(seed) for seed in range(40)]
    assert all(1 <= len(each.designs()) <= MOST for each in made)
    assert len({each.text for each in made}) == len(made)
    assert 3 * sum("forks" in each.kinds for each in made) >= len(made)
    assert len(frozenset[str]().union(*(each.kinds for each in made))) >= 25


def test_random_spaces_are_the_same_each_time() -> None:
    first = space(7)
    space.cache_clear()
    assert space(7) == first
    assert spec(parse(first.text)) == first.text
    check(7, by_reference)


# --- the judge ---------------------------------------------------------------------------------------------------


def forgets(text: str, network: str) -> tuple[set[Picks], set[Picks]]:
    """Opens a space as one would who takes the second of two options that are equally long for the first."""
    designs, failing = by_reference(text, network)
    return {picks for picks in designs if ("kernel", "3") not in picks}, failing


def fails_never(text: str, network: str) -> tuple[set[Picks], set[Picks]]:
    return by_reference(text, network)[0], set()


def test_the_judge_shows_the_least_that_is_wrong() -> None:
    text = NETWORK + "{ y = x -> oneof([relu, id]); z = y -> conv(8, kernel = oneof([1, 3])); return z + x -> tanh }"
    with pytest.raises(AssertionError, match=r"missing: 1\n  kernel = 3") as found:
        judge(text, "n", forgets)
    written = re.search(r"network .*?\n}", str(found.value), re.DOTALL)
    assert written and "kernel = oneof([3])" in written.group() and written.group().count("oneof") == 1


def test_the_judge_sees_designs_that_should_fail() -> None:
    text = NETWORK + "= [x, x -> oneof([relu, conv(4)])] -> add"
    judge(text, "n", by_reference)
    with pytest.raises(AssertionError, match="fail for one of the two: 1"):
        judge(text, "n", fails_never)


def test_the_judge_takes_failing_designs_with_all_their_picks() -> None:
    text = NETWORK + "{ x = [x, x -> oneof([relu, conv(4)])] -> add; return x -> oneof([tanh, id]) }"

    def goes_on(text: str, network: str) -> tuple[set[Picks], set[Picks]]:
        designs, failing = by_reference(text, network)
        longer = {picks | {("out", option)} for picks in failing for option in ("tanh", "id")}
        return (designs - failing) | longer, longer

    judge(text, "n", goes_on)
