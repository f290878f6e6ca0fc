"""Deep stacks of strides, pools and upsamplings: sizes by formula against elaborating; what has none ends in time."""

from __future__ import annotations

import os
import random

import pytest

import archdsl
from archdsl.analysis.sizes import one_by_one
from archdsl.analysis.sizes import work as budget
from archdsl.analysis.sizes.answer import Sizes
from archdsl.analysis.sizes.forms import LARGEST
from archdsl.emit.sizes_table import text
from tests.analysis.test_input_sizes import check
from tests.work import work

COUNT = int(os.environ.get("DEEP_STRIDES", "8"))
LITTLE = 2**17  # of the budget of 2**22
CALLS = 5_000_000  # for that much
STAGES = [
    "conv(4, 3, 2)", "conv(4, 3, 7)", "conv(4, 1, 2)", "conv(4, 2, 2, 0)", "conv(4, 5, 3, 1)", "max_pool(2)",
    "max_pool(3, 2)", "max_pool(3, 2, ceil = true)", "avg_pool(2, 2)", "upsample(2)", "conv_transpose(4, 2, 2)",
    "conv(4, 3)", "pad(3)", "relu", "conv(4, 3, 2, dilation = 2)", "(conv(4, 3, 2) + conv(4, 1, 2))",
]  # fmt: skip


def deep(chance: random.Random) -> str:
    """A network of up to 40 stages, mostly of few kinds, some within a loop."""
    kinds = chance.sample(STAGES, chance.choice([1, 2, 3, 6]))
    stages = [chance.choice(kinds) for _ in range(chance.choice([5, 10, 20, 40]))]
    size = chance.choice([32, 97, 224, 1000])
    return f"arch 1\nnetwork n(x: [4, {size}, {size}]) = x -> {' -> '.join(stages)}\n"


def test_deep_stacks_are_told_exactly() -> None:
    told = 0
    for seed in range(COUNT):
        spec = deep(random.Random(seed))
        try:
            archdsl.loads(spec)
        except archdsl.ArchError:
            continue
        sizes = archdsl.loads(spec).sizes()
        check(sizes, lambda p, spec=spec: archdsl.loads(spec, input=(4, *p)), some=4, seed=seed)  # type: ignore[misc]
        chance = random.Random(seed)
        for _ in range(4):  # far beyond what is declared
            point = tuple(chance.randint(1, 2 ** chance.randint(8, 18)) for _ in range(2))
            check_at(sizes, spec, point)
        told += not sizes.problem
    assert told > COUNT // 4


def check_at(sizes: Sizes, spec: str, point: tuple[int, ...]) -> None:
    found = sizes.at(*point)
    try:
        network = archdsl.loads(spec, input=(4, *point))
    except archdsl.ArchError as error:
        if error.diagnostics[0].code == "too-large":  # 2**40 elements and more are not told (`Sizes.works`)
            return
        assert found.problem is not None, point
        assert found.problem.code in [d.code for d in error.diagnostics], point
    else:
        assert found.problem is None, point
        assert found.outputs == tuple(x.shape for x in network.graph.output_types), point
        assert (found.params, found.macs) == (network.params, network.macs), point
        assert found.activations == network.metric("activations"), point


ENDLESS = [
    "x" + " -> conv(4, 3, 2)" * 60,
    "x" + " -> conv(4, 1, 7)" * 60,
    "x" + " -> conv(4, 1, 3) -> upsample(2)" * 12,
    "x" + " -> conv(4, 3, 2) -> upsample(3) -> conv(4, 1, 2)" * 10,
    "x" + "".join(f" -> (conv(4, 3) if x.height % {n} == x.width % {n + 1} else conv(4, 1))" for n in range(2, 40)),
    "x" + "".join(f" -> (max_pool({n}, {n}, {n // 2}) if x.height > {n * 5} else relu)" for n in range(2, 120)),
    "x -> upsample(0.7)" + " -> conv(4, 3) -> bn -> relu" * 120,
    "x -> upsample(0.7)" + " -> (conv(4, 3) if x.height > 40 else relu)" * 120,
    "x -> (conv(max(1, x.height // 3), 3)) * 2 -> upsample(1.3)",
]


@pytest.mark.parametrize("body", ENDLESS, ids=range(len(ENDLESS)))
def test_whatever_the_spec_sizes_end(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST_WORK", LITTLE)
    monkeypatch.setattr(one_by_one, "MOST_EVALUATIONS", LITTLE // budget.EVALUATION)
    network = archdsl.loads(f"arch 1\nnetwork n(x: [4, 224, 224]) = {body}\n")

    def tell() -> None:
        sizes = network.sizes()
        assert text(sizes, [sizes.native], None, network.source_name)
        if sizes.tried is not None:
            assert sizes.tried[0] <= 224 <= sizes.tried[1]

    assert work(tell, CALLS) > 0


def test_what_is_not_tried_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where elaborating sizes takes too much, those next to the declared one are known, and the answer says so."""
    network = archdsl.loads("arch 1\nnetwork n(x: [4, 100, 100]) = x -> upsample(0.7) -> conv(4, 60, padding = 0)\n")
    everything = network.sizes()
    assert everything.tried == (1, 200)
    monkeypatch.setattr(one_by_one, "MOST_EVALUATIONS", 500)
    some = network.sizes()
    assert some.tried is not None
    least, most = some.tried
    assert 1 < least < 100 < most < 200
    assert "and to try all of 1 to 200 takes more than 500 steps" in some.problem
    assert list(some.alike.between(1, 200)) == list(everything.alike.between(least, most))
    assert f"each size from {least} to {most} was elaborated" in " ".join(text(some, [], None, "").split())


def test_formulas_have_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    network = archdsl.loads("arch 1\nnetwork n(x: [4, 32, 32]) = x" + " -> conv(4, 3, 2)" * 9 + "\n")
    assert not network.sizes().problem
    monkeypatch.setattr(budget, "MOST_WORK", 100)
    assert network.sizes().problem.startswith("formulas take more than 100 steps of work")


def test_sizes_beyond_what_is_told_are_refused() -> None:
    sizes = archdsl.loads("arch 1\nnetwork n(x: [4, 32, 32]) = x -> conv(4, 3, 2)\n").sizes()
    with pytest.raises(ValueError, match="sizes up to 1,073,741,824 are told"):
        sizes.at(LARGEST + 1)
    at_the_limit = archdsl.loads(f"arch 1\nnetwork n(x: [2, {LARGEST}, 1]) = x -> relu\n")
    found = at_the_limit.sizes()
    assert found.at(LARGEST, 1).works
    assert f"to {LARGEST}: all" in text(found, [(LARGEST, 1)], None, "").replace(",", "")
    with pytest.raises(ValueError, match="x is declared with 1,073,741,825; formulas tell sizes up to 1,073,741,824"):
        archdsl.loads(f"arch 1\nnetwork n(x: [2, {LARGEST + 1}, 1]) = x -> relu\n").sizes()
