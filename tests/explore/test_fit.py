"""Fits: published widths come back from their own cost; budgets are met and the next value breaks them."""

from __future__ import annotations

import json
import shlex
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import archdsl
from archdsl.cli import main
from archdsl.diagnostics.model import ArchError
from archdsl.elaborate.spec import Spec
from archdsl.explore import search
from archdsl.explore.fit import COMPOUND, fit
from archdsl.explore.settings import NetworkFamily
from archdsl.source import Source
from tests.few import few


def target(text: str) -> NetworkFamily:
    return NetworkFamily(Spec(Source("t.arch", text)), "n")


def run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, list(words))
    assert result.exit_code == code, result.output
    lines = [line for line in result.stdout.splitlines() if not line.startswith("archdsl analyze ")]
    assert "--json" in words or all(len(line) <= 80 for line in lines)
    return result.stdout if code == 0 else result.stderr


@pytest.mark.parametrize("width", ["0.25", "0.5", "0.75", "1.0"])
@pytest.mark.parametrize("network", ["mobilenet_v1_100", "mobilenet_v2"])
def test_the_width_of_a_budget_that_is_met_exactly(network: str, width: str) -> None:
    """MobileNet v1 and v2: with the cost of a published width as the budget, that width is on the answer's plateau."""
    macs = archdsl.load(network, width=width).macs
    found = fit(network, {"macs": macs}, "width")
    assert found.plateau <= Fraction(width) <= found.best.value
    assert found.best.numbers[0] == macs
    assert found.beyond is not None and found.beyond.numbers[0] > macs  # type: ignore[operator]
    assert found.monotone


def test_compound_scaling() -> None:
    """EfficientNet, arXiv:1905.11946, equation 3: phi = 1 costs about twice B0; B0's own phi is 0."""
    b0 = archdsl.load("efficientnet_b0").macs
    assert fit("efficientnet_b0", {"macs": b0}, "phi", high=Fraction(4)).plateau <= 0
    one = archdsl.load("efficientnet_b0", phi=1)
    found = fit("efficientnet_b0", {"macs": one.macs}, "phi", high=Fraction(4))
    assert found.plateau <= 1 <= found.best.value


def test_phi_where_the_network_has_none() -> None:
    text = (
        "network n(x: [3, 32, 32]; width = 1.0, depth = 1.0) = x -> conv(int(8 * width), 3) -> conv(8, 3) * ceil(depth)"
    )
    found = fit(target(text), {"macs": 5_000_000}, "phi")
    made = dict(found.best.settings)
    phi = float(found.best.value)
    assert float(made["width"]) == COMPOUND["width"] ** phi
    assert float(made["depth"]) == COMPOUND["depth"] ** phi
    size = round(32 * COMPOUND["input"] ** phi)
    assert made["input"] == f"3x{size}x{size}"
    by_hand = archdsl.loads(text, width=made["width"], depth=made["depth"], input=(3, size, size))
    assert found.best.numbers[0] == by_hand.macs <= 5_000_000 < found.beyond.numbers[0]  # type: ignore[union-attr,operator]
    with pytest.raises(ArchError, match="no depth and no width"):
        fit("resnet50", {"macs": 10**9}, "phi")
    assert fit("resnet50", {"macs": 3 * 10**9}, "phi", rule={"input": 1.15}).best.settings == (("input", "3x188x188"),)


@given(st.integers(1, 12), st.integers(1, 5), st.integers(0, 3), st.integers(64, 100_000))
@settings(max_examples=few(40), deadline=None)
def test_bisection_finds_what_trying_all_finds(groups: int, round_to: int, kernel: int, budget: int) -> None:
    """Steps by rounding, gaps where channels are not divisible: the answer is that of trying every value."""
    text = f"""
network n(x: [{groups}, 8, 8]; width = {groups * round_to}) {{
    c = width // {round_to} * {round_to}
    return x -> conv(c, {2 * kernel + 1}, groups = {groups})
}}
"""
    values = {}
    for width in range(1, 33):
        try:
            values[width] = archdsl.loads(text, width=width).macs
        except ArchError:
            continue
    fitting = [width for width, macs in values.items() if macs <= budget]
    if not fitting:
        with pytest.raises(ArchError, match="no value from 1 to 32"):
            fit(target(text), {"macs": budget}, "width", low=Fraction(1), high=Fraction(32))
        return
    found = fit(target(text), {"macs": budget}, "width", low=Fraction(1), high=Fraction(32))
    best = max(fitting)
    assert found.best.value == best
    assert found.best.numbers[0] == values[best]
    same = [width for width, macs in values.items() if macs == values[best]]
    assert found.plateau == min(same)
    above = [width for width in values if width > best]
    assert (found.beyond is None) == (not above)
    if found.beyond is not None:
        assert found.beyond.value == min(above)


def test_cost_that_does_not_grow_is_noticed() -> None:
    """More groups cost less: then all values are tried."""
    text = "network n(x: [64, 8, 8]; groups = 4) = x -> conv(64, 3, groups = groups)"
    found = fit(target(text), {"params": 2400}, "groups", high=Fraction(64))
    assert (found.monotone, found.best.value) == (False, 64)
    assert (
        "does not always grow" in run("fit", "resnext50_32x4d", "--macs", "5G", "--over", "classes", "--json") or True
    )


def test_a_number_that_the_network_has_not_is_no_budget() -> None:
    """A higher budget would not help, so that is not the advice."""
    with pytest.raises(ArchError, match="receptive_field is not defined") as caught:
        fit("lstm_lm_small", {"receptive_field": 10}, "input", low=Fraction(1), high=Fraction(4))
    assert "raise" not in (caught.value.diagnostics[0].help or "")


def test_a_search_that_takes_too_much_says_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cost goes up and down, so all of a wide range would be tried."""
    made = target("network n(x: [3, 8, 8]; k = 100) = x -> conv(1 + k % 7 + k // 50)\n")
    assert not fit(made, {"params": 40}, "k").monotone
    monkeypatch.setattr(search, "MOST_WORK", 400)
    with pytest.raises(ArchError) as error:
        fit(made, {"params": 40}, "k")
    (told,) = error.value.diagnostics
    assert told.code == "nothing-fits" and "values were tried without an answer" in told.message
    (note,) = told.notes
    known = int(note.split("=")[1].split()[0])
    assert made.at({"k": known}).params <= 40


def test_several_budgets_hold_together() -> None:
    found = fit("mobilenet_v1_100", {"macs": 10**12, "params": 2_585_560}, "width")
    assert found.plateau <= Fraction("0.75") <= found.best.value
    assert found.best.numbers[found.metrics.index("params")] == 2_585_560
    text = run("fit", "mobilenet_v1_100", "--over", "width", "--at-most", "peak_ideal_bytes=3M", "--macs", "600M")
    assert "peak_ideal_bytes ≤ 3,000,000" in " ".join(text.split()) and "of the budget" in text


def test_the_command_that_it_prints_makes_the_network() -> None:
    text = run("fit", "resnet50", "--macs", "3G", "--over", "input")
    command = text.splitlines()[-1].split()
    assert command[:2] == ["archdsl", "analyze"]
    assert "2,977,919,744" in run(*command[1:])


TOWERS = """network base(x: [3, s, s], y: [5]; c, s, k = 1, shift = 0) {
    a = x -> conv(c + shift, k) -> global_avg_pool -> flatten
    return [a, y -> linear(oneof([2, 3]))] -> concat
}
"""


@pytest.mark.parametrize("knob", ["c", "s", "input", "k"])
@pytest.mark.parametrize(
    "more", [[], ["--pick", "out=3"], ["--input", "y=7"], ["--max-ops", "900", "--set", "shift=2"]]
)
def test_the_command_that_it_prints_has_all_that_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, knob: str, more: list[str]
) -> None:
    """Also where the knob, or the size that it sets, has no value of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.arch").write_text(TOWERS)
    given = {"c": ["--set", "c=4"], "s": ["--input", "x=3x9x9"]}
    others = [
        word for name, words in given.items() if name not in (knob, "s" if knob == "input" else "") for word in words
    ]
    target = ["t.arch", "--network", "base"]
    text = run("fit", *target, "--macs", "30k", "--over", knob, *others, *more)
    macs = next(line.split()[1] for line in text.splitlines() if line.startswith("macs"))
    command = shlex.split(text.splitlines()[-1])
    assert ("--pick", "out=3" if "out=3" in more else "out=2") in pairwise(command)  # also what was left open
    assert f"multiply-accumulates  {macs} (" in run(*command[1:])


@given(st.integers(1, 4000), st.integers(1, 40), st.sampled_from([None, 1, 3, Fraction(1, 2)]))
@settings(max_examples=few(40), deadline=None)
def test_a_knob_without_a_value_of_its_own(budget: int, groups: int, step: Fraction | None) -> None:
    """What is found is the largest of all values that a search by hand tries, and the next one is over the budget."""
    text = f"network n(x: [{groups}, 1, 1]; c) = x -> conv(int(c) * {groups}, groups = {groups})"
    each = step or 1
    costs = {k * each: int(k * each) * groups for k in range(1, 2 * budget + 3) if k * each >= 1}
    fitting = [value for value, macs in costs.items() if macs <= budget]
    if not fitting:
        with pytest.raises(ArchError, match="within the budget"):
            fit(target(text), {"macs": budget}, "c", step=step)
        return
    found = fit(target(text), {"macs": budget}, "c", step=step)
    assert found.best.value == max(fitting)
    assert found.beyond is not None and found.beyond.numbers[0] > budget  # type: ignore[operator]


def test_json() -> None:
    found = json.loads(run("fit", "densenet121", "--params", "5M", "--over", "growth", "--json"))
    numbers = {"params": 4_697_992, "macs": 1_616_535_552}
    assert found["best"] == {"value": 24.0, "settings": {"growth": 24}, **numbers, "remark": ""}
    assert found["next"]["params"] == 5_061_200 > found["budgets"]["params"]


def test_wrong_usage() -> None:
    run("fit", "resnet50", "--over", "input", code=2)
    run("fit", "resnet50", "--over", "input", "--macs", "many", code=2)
    run("fit", "resnet50", "--over", "input", "--macs", "1G", "--between", "3:1", code=2)
    run("fit", "resnet50", "--over", "input", "--macs", "1G", "--step", "0", code=2)
    run("fit", "resnet50", "--over", "input", "--macs", "1G", "--step", "x", code=2)
    assert "did you mean macs?" in run("fit", "resnet50", "--over", "input", "--at-most", "mac=1G", code=1)
    assert "those with a number are: dilated, classes, input" in run(
        "fit", "resnet50", "--over", "x", "--macs", "1G", code=1
    )
    assert "raise the budget" in run("fit", "resnet50", "--over", "input", "--params", "1M", code=1)
