"""The budget of `sizes` is work that is done: the calls that Python makes are in proportion to it, on any network."""

from __future__ import annotations

import random

import pytest

import archdsl
from archdsl.analysis.receptive_field import receptive_field
from archdsl.analysis.sizes import one_by_one
from archdsl.analysis.sizes import work as budget
from archdsl.analysis.sizes.sets import TooIrregular
from archdsl.network import Network
from tests.few import few
from tests.work import work

STEPS = 2**15
STRIDES = (
    "max_pool(2, ceil = true)", "max_pool(3, 2, ceil = true)", "max_pool(3, 2)", 'max_pool(3, 2, "valid")',
    "conv(4, 3, 2)", "conv(4, 5, 3)", "conv(4, 7, 4)", "conv(4, 2, 2)", "conv(4, 3, 2, padding = 0)", "avg_pool(2)",
    'avg_pool(3, 2, "same")', "conv(4, (1, 7), (1, 2))", "conv(4, (5, 1), (3, 1))", "upsample(2)", "upsample(3)",
    "conv_transpose(4, 2, 2)", "conv_transpose(4, 3, 2)", "conv(4, 3, padding = 0)", "pad(1)", "crop(1)", "conv(4, 3)",
)  # fmt: skip


def joins(seed: int) -> Network:
    """Up to sixty sums and concatenations of equal paths of strides, the longest such network that loads."""
    chance = random.Random(seed)
    lines = []
    for _ in range(chance.choice((8, 20, 60))):
        path = " -> ".join(chance.choice(STRIDES) for _ in range(chance.randrange(1, 5)))
        path += chance.choice(("", "", " -> upsample(2)", " -> upsample(4)", " -> upsample(8)"))
        other = path + chance.choice(("", " -> pad(1) -> crop(1)", " -> conv(4, 3)", " -> adaptive_avg_pool(1)"))
        join = f"(x -> {path}) + (x -> {other})" if chance.random() < 0.6 else f"[x -> {path}, x -> {path}] -> concat"
        lines.append(f"    x = {join} -> conv(4)")
    side = chance.choice((32, 224, 1000))
    while True:
        body = "\n".join(lines)
        try:
            return archdsl.loads(f"network n(x: [4, {side}, {side}]) {{\n{body}\n    return x\n}}\n")
        except archdsl.ArchError as error:
            del lines[min(d.span.line for d in error.diagnostics if d.span) - 2]


@pytest.mark.parametrize("seed", range(4, 4 + few(8)))
def test_calls_grow_with_steps(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some have formulas within the budget, some are tried one by one, also until that ends."""
    network = joins(seed)
    receptive_field(network.graph)  # `analyze` and `field` have the same
    monkeypatch.setattr(budget, "MOST_WORK", STEPS)
    monkeypatch.setattr(one_by_one, "MOST_EVALUATIONS", STEPS // budget.EVALUATION)
    work(network.sizes, most=40 * STEPS)


def test_what_is_remembered_costs_as_much_again() -> None:
    """Whether formulas are found does not depend on what was asked before; what fails costs what it took."""

    @budget.charged
    def part(number: int) -> int:
        budget.spend(number)
        return number

    @budget.charged
    def whole(number: int) -> int:
        made = part(number) + part(number)
        if number > 10:
            raise TooIrregular("")
        return made

    assert whole(1) == 2  # nobody counts
    counted = budget.Work()
    token = budget.WORK.set(counted)
    try:
        assert [whole(3), whole(3), part(3), whole(1)] == [6, 6, 3, 2]
        for _ in range(2):
            with pytest.raises(TooIrregular):
                whole(11)
    finally:
        budget.WORK.reset(token)
    assert counted.most - counted.left == 6 + 6 + 3 + 2 + 22 + 22
