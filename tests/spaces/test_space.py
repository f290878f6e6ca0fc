"""Spaces of specs: what they ask, their designs and networks, surveys of them, and what is refused."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

import archdsl
from archdsl.diagnostics.model import ArchError
from archdsl.elaborate.spec import Spec
from archdsl.explore.settings import NetworkFamily
from archdsl.source import Source
from archdsl.spaces.bounds import read_bounds
from archdsl.spaces.front import Front, read_goals
from archdsl.spaces.opening import opened
from archdsl.spaces.plain import asked_plainly
from archdsl.spaces.space import Space
from archdsl.spaces.table import as_json, csv_text, text
from tests.spaces.made import Made

DEEP = """
block unit(x) = x -> oneof([conv(8), conv(8, 3)]) -> bn

network n(x: [3, 8, 8]; width = 8) {
    depth = oneof([1, 2, 3])
    y = x -> conv(width) -> unit * depth
    return y -> oneof([relu, silu], )
}
"""
CLASH = """
network n(x: [3, 8, 8]) {
    a = x -> oneof([conv(4), conv(8)])
    b = x -> oneof([conv(4), conv(8)])
    return a + b
}
"""


def spec(source: str) -> Spec:
    return Spec(Source("n.arch", source))


def space(source: str = DEEP, **arguments: object) -> Space:
    return archdsl.space(spec(source), **arguments)  # type: ignore[arg-type]


def message(call: Callable[[], object]) -> tuple[str, str, str]:
    """Code, message and help of what a call raises."""
    with pytest.raises(ArchError) as caught:
        call()
    found = caught.value.diagnostics[0]
    return found.code, found.message, found.help


def test_what_is_asked() -> None:
    """Names, options, conditions and lines."""
    found = {one.name: (one.options, one.asked.text, [span.line for span in one.spans]) for one in space().decisions}
    both = ("conv(8)", "conv(8, 3)")
    assert found == {
        "depth": (("1", "2", "3"), "", [5]),
        "unit[0].out": (both, "", [2]),
        "unit[1].out": (both, "depth is 2 or 3", [2]),
        "unit[2].out": (both, "depth is 3", [2]),
        "out": (("relu", "silu"), "", [7]),
    }


def test_designs_and_their_networks() -> None:
    """All are numbered, and the network of each is that of its picks."""
    found = space()
    assert (found.size, found.failing, len([*found])) == (28, 0, 28)
    assert repr(found) == "<Space n: 5 decisions, 28 designs>"
    for number, design in enumerate(found):
        assert found.rank(design) == number and design in found
        assert {name: choice.picked for name, choice in found.network(design).choices.items()} == design
    assert {tuple(found.sample(seed).items()) for seed in range(400)} == {tuple(one.items()) for one in found}
    assert len([*found.neighbours(found.unrank(0))]) == 2 + 1 + 1
    assert found.mutate(found.unrank(0), 3) in [one for one in found if one != found.unrank(0)]
    rng = Random(0)
    assert found.sample(rng) != found.sample(rng)


def test_each_call_without_a_seed_is_a_new_draw() -> None:
    """Of sampling, and of mutating one design."""
    found = space()
    for draw in (found.sample, lambda: found.mutate(found.unrank(20))):
        assert len({tuple(draw().items()) for _ in range(50)}) > 1
    for draw in (found.sample, lambda seed: found.mutate(found.unrank(20), seed)):
        assert draw(3) == draw(3)


def test_the_arguments_of_load() -> None:
    """A space is taken of a network with other values, too, and of a Network."""
    assert space(width=16).network(space().unrank(0)).params == 16 * 4 + 17 * 8 + 16
    assert space(input=(5, 8, 8)).network(space().unrank(0)).graph.inputs[0].shape == (5, 8, 8)
    network = archdsl.load(spec(DEEP), width=16)
    assert archdsl.space(network).network(space().unrank(0)).params == network.params


def test_picks_narrow() -> None:
    """A decision that is picked offers nothing else, and what it would ask is asked no more."""
    assert space(picks={"depth": "2"}).size == 8
    assert space(picks={"depth": "3", "unit[2].out": "conv(8)"}).size == 8
    assert space(picks={"unit[2].out": "conv(8)"}).size == 4 + 8 + 8
    assert [one.name for one in space(picks={"depth": "1"}).decisions] == ["depth", "unit[0].out", "out"]


def test_what_the_spec_picks() -> None:
    """`@picks` leaves less open, and gives way to `picks`; the network is that of the design."""
    source = DEEP + '\n@picks(depth = 2, "unit[0].out" = conv(8, 3))\nnetwork found = n()\n'
    narrow = archdsl.space(spec(source), "found")
    assert narrow.size == 4 and {one["depth"] for one in narrow} == {"2"}
    assert {one["unit[0].out"] for one in narrow} == {"conv(8, 3)"}
    assert narrow.network(narrow.unrank(0)).params == archdsl.load(spec(source), "found").params
    assert archdsl.space(spec(source), "found", picks={"depth": 3}).size == 8


def test_options_as_values() -> None:
    """A number stands for its text, and a text for itself without its quotes, here as for `load`."""
    found = space()
    assert found.rank({"depth": 1, "unit[0].out": "conv(8)", "out": "relu"}) == 0
    assert space(picks={"depth": 2}).size == 8
    said = space('network n(x: [8, 4, 4]) = x -> max_pool(3, padding = oneof(["same", 0]))')
    (name,) = (one.name for one in said.decisions)
    assert [said.rank({name: value}) for value in ("same", '"same"', 0)] == [0, 0, 1]


def test_the_hash_is_of_what_is_asked() -> None:
    """The order of options, of lines that have nothing to do with each other, and names of files change nothing."""
    other = DEEP.replace("[1, 2, 3]", "[3, 1, 2]").replace("[relu, silu]", "[silu, relu]")
    assert space(other).hash == space().hash == space(width=16).hash
    for changed in (DEEP.replace("silu", "elu"), DEEP.replace("depth", "deep"), DEEP.replace("3]", "4]")):
        assert space(changed).hash != space().hash


def test_designs_of_other_spaces() -> None:
    """A name, an option, one too many, one too few, and one that is offered elsewhere: each is told."""
    found = space()
    one = found.unrank(0)
    refused = lambda design: message(lambda: found.rank(design))  # noqa: E731
    assert refused({**one, "dept": "1"}) == ("bad-pick", "n decides nothing called dept", "did you mean depth?")
    assert refused({**one, "out": "rulu"}) == ("bad-pick", "out has no option rulu", "did you mean relu?")
    assert refused({**one, "unit[1].out": "conv(8)"}) == (
        "bad-pick", "this design does not ask unit[1].out", "it is asked where depth is 2 or 3; leave it out"
    )  # fmt: skip
    assert refused({"depth": "1"})[1:] == ("this design picks nothing for unit[0].out", "it offers conv(8), conv(8, 3)")
    assert message(lambda: found.network({})) == (
        "bad-pick",
        "this design picks nothing for depth",
        "it offers 1, 2, 3",
    )
    assert message(lambda: space(picks={"depth": "9"}))[1] == "depth has no option 9"
    with pytest.raises(IndexError, match="there are 28 designs, numbered from 0: none is 28"):
        found.unrank(28)


def test_designs_that_fail() -> None:
    """They have no number, are counted apart, and say why."""
    found = space(CLASH)
    assert (found.size, found.failing) == (2, 2)
    assert found.failure == {"a": "conv(4)", "b": "conv(8)"}
    assert message(lambda: found.rank(found.failure)) == (
        "bad-pick", "this design does not elaborate", "Space.network(design) says why"
    )  # fmt: skip
    assert message(lambda: found.network(found.failure))[0] == "shape-mismatch"
    assert message(lambda: space(CLASH, picks={"a": "conv(4)", "b": "conv(8)"}))[0] == "shape-mismatch"
    assert message(lambda: space(CLASH.replace("a + b", "a + x")))[0] == "shape-mismatch"


def test_a_network_that_leaves_nothing_open() -> None:
    """Is a space of one design, without decisions."""
    found = archdsl.space("resnet18")
    assert (found.size, found.decisions, found.unrank(0)) == (1, (), {})
    with pytest.raises(IndexError, match="no decision of this design has another option"):
        found.mutate({})
    assert "resnet18: nothing is open" in str(found.survey())


def test_a_survey_of_all() -> None:
    """Numbers of each design, extremes with designs, and bounds."""
    found = space()
    survey = found.survey()
    assert survey.exact and survey.looked == len(survey.seen) == 28
    numbers = {seen.design: seen.numbers for seen in survey.seen}
    assert all(numbers[k] == (net.params, net.macs) for k, net in enumerate(map(found.network, found)))
    low, high = survey.extremes["params"] or (None, None)
    assert low and high
    assert low.numbers[0] == min(n for n, _ in numbers.values()) and numbers[high.design] == high.numbers
    few = found.survey(where="params < 500 and macs > 9k", metrics=["params"])
    assert {seen.design for seen in few.seen} == {k for k, (n, m) in numbers.items() if n < 500 and m > 9000}
    assert few.looked == 28 and few.exact and few.metrics == ("params",)


def test_what_a_network_requires() -> None:
    """Designs that `@require` does not allow are counted, and left out of all else; of a sample it is said at most."""
    source = DEEP.replace("network n", "@require(params < 500, depth >= 3)\nnetwork n")
    found = space(source).survey()
    numbers = [seen.numbers for seen in space().survey(metrics=["params", "depth"]).seen]
    allowed = sum(n < 500 and depth >= 3 for n, depth in numbers)  # type: ignore[operator]
    assert found.allowed == (allowed, "exact") and len(found.seen) == allowed < 28
    assert f"allowed   {allowed}, exact (@require params < 500, depth >= 3)" in str(found)
    assert f"of {allowed} (" in str(found) and ") that have params < 500, depth >= 3, of all designs" in str(found)
    some = space(source).survey(10)
    assert some.allowed == (28, "at most") and f"at most 28: 10 of {some.looked} looked at" in str(some)
    few = space(source).survey(where="macs < 10k")
    assert few.allowed == found.allowed and len(few.seen) < allowed
    none = space(source.replace("500", "5")).survey()
    assert message(none.refuse_nothing) == (
        "nothing-fits", "no design of n has params < 5 and depth >= 3 (proven: all were looked at)", "ask for less"
    )  # fmt: skip


def test_a_survey_of_some() -> None:
    """What was looked at is said, and never taken for all."""
    found = space()
    some = found.survey(50, seed=3)
    assert (some.looked, some.exact) == (50, False) and some.seen == found.survey(50, seed=3).seen
    part = found.survey(between=(20, 99))
    assert [seen.design for seen in part.seen] == [*range(20, 28)] and not part.exact
    assert "\n50 designs at random (seed 3) of 28, not of all" in str(some)
    assert "\nthe 8 designs from 20 on, of 28, not of all" in str(part)
    assert "of 5 designs at random (seed 0) of 28, not of all" in str(found.survey(5, metrics=["depth"]))
    assert message(lambda: found.survey(between=(28, 30)))[1] == "n has no designs 28 to 30"


@pytest.mark.parametrize("jobs", [2, 3])
def test_processes_find_the_same(jobs: int) -> None:
    """By one or by several, designs that fail included."""
    one = space().survey(pareto="params,depth:max", where="macs > 9k", networks=True)
    several = space().survey(pareto="params,depth:max", where="macs > 9k", networks=True, jobs=jobs)
    assert (one.seen, one.best, one.forms, one.extremes) == (
        several.seen,
        several.best,
        several.forms,
        several.extremes,
    )


def test_networks() -> None:
    """Designs that are one network: an edge written twice, and an op that gives what it is given."""
    source = "network n(x: [8, 4, 4]) = x -> oneof([relu, id]) -> oneof([id, relu]) -> oneof([conv(8), id])\n"
    found = space(source).survey(networks=True)
    assert (found.looked, found.networks) == (8, (6, "exact"))
    forms = {space(source).canonical(design) for design in space(source)}
    assert len(forms) == 6
    assert "networks  6, exact" in str(found)
    assert space(source).survey(5, networks=True).networks == (8, "at most")
    assert space(source).survey().networks == (8, "at most")
    few = space(source).survey(where="params < 1", networks=True)
    assert "networks  3, exact, of the 4 designs below" in str(few)


def test_shards_are_the_whole() -> None:
    """Ranges side by side make all designs, each once."""
    found = space()
    shards = [found.survey(between=(first, first + 5)).seen for first in range(0, 28, 5)]
    assert [seen for shard in shards for seen in shard] == found.survey().seen


def test_the_best() -> None:
    """Those that no other beats in all goals, as a search by hand finds them."""
    survey = space().survey(pareto="params,depth:max")
    assert survey.metrics == ("params", "macs", "depth")
    points = {seen.design: (seen.numbers[0], -(seen.numbers[2] or 0)) for seen in survey.seen}
    best = {p for p in points.values() if not any(q != p and q[0] <= p[0] and q[1] <= p[1] for q in points.values())}  # type: ignore[operator]
    assert {points[k] for k in survey.best} == best and len(survey.best) == len(best) == 3


@pytest.mark.parametrize("seed", range(50))
def test_fronts(seed: int) -> None:
    """At random, in three goals, equal ones included."""
    rng = Random(seed)
    front = Front(read_goals("params,macs:max,depth"))
    points = [tuple(rng.randrange(6) for _ in range(3)) for _ in range(60)]
    for number, point in enumerate(points):
        front.add(point, number)
    costs = [(a, -b, c) for a, b, c in points]
    beaten = lambda one: any(all(x <= y for x, y in zip(o, one, strict=True)) and o != one for o in costs)  # noqa: E731
    assert {costs[k] for k in front.designs} == {one for one in costs if not beaten(one)}
    assert len({costs[k] for k in front.designs}) == len(front.designs)


def test_bounds_are_read() -> None:
    """As a paper writes them, and as Python does."""
    read = lambda words: [(b.metric, b.symbol, b.bound) for b in read_bounds(words)]  # noqa: E731
    assert read("macs <= 600M and params<5.5M, depth≥3") == [
        ("macs", "<=", 600_000_000), ("params", "<", 5_500_000), ("depth", ">=", 3)
    ]  # fmt: skip
    assert read("macs = 600_000 & params > 1e3") == [("macs", "==", 600_000), ("params", ">", 1000)]
    for words in ("macs", "macs <= ", "macs << 3", "3 <= macs", "macs <= many", " "):
        with pytest.raises(ValueError, match=r"is no name of a number.*: write for example macs <= 600M"):
            read_bounds(words)
    for words in ("macs <= 3 or params <= 4", "macs < 3 OR depth > 2", "macs < 3 || depth > 2", "not macs < 3"):
        with pytest.raises(ValueError, match=r"joined by `and` only.*: write for example macs <= 600M"):
            read_bounds(words)
    for words in (
        "macs < 3 and",
        "and macs < 3",
        "macs < 3,",
        "macs < 3 and , params < 4",
        "&& macs < 3",
        "macs < 3 &",
    ):
        with pytest.raises(ValueError, match=r"nothing stands (behind|before) `.*: write for example macs <= 600M"):
            read_bounds(words)
    assert message(lambda: read_bounds("mac < 3"))[::2] == ("unknown-name", "did you mean macs?")


def test_a_sample_of_a_range_is_refused() -> None:
    """It was a sample of the whole space."""
    code, said, _ = message(lambda: space().survey(3, between=(0, 5)))
    assert code == "bad-argument" and said.endswith("not both")


def test_goals_are_read() -> None:
    assert list(map(str, read_goals(" params, macs:max ,depth: min"))) == ["params", "macs:max", "depth"]
    for words, meant in {
        "macs:maxx": "mean macs:max?",
        "macs:MAX": "mean macs:max?",
        "macs:mni": "mean macs:min?",
        "macs:": "macs:max where more",
        "macs:best": "macs:max where more",
        "macs,": "params,macs",
        "params macs": "params,macs",
        "params and macs": "params,macs",
        ":max": "params,macs",
        "macs,macs:max": "params,macs",
    }.items():
        with pytest.raises(ValueError, match=f"{re.escape(meant)}"):
            read_goals(words)
    assert message(lambda: read_goals("mac:max"))[::2] == ("unknown-name", "did you mean macs?")


def test_too_many_to_elaborate_one_by_one() -> None:
    """The number is said."""
    family = NetworkFamily(spec(DEEP), "n")
    assert len(asked_plainly(family, 28).domains) == 5
    assert message(lambda: asked_plainly(family, 27))[:2] == ("space-too-large", "n has over 27 designs")


def test_too_many_to_look_at() -> None:
    """The number is said, and what to do instead."""
    asked = Made()
    for number in range(40):
        asked.ask(f"d[{number}]", range(10))
    made = replace(opened(NetworkFamily(spec(DEEP), "n")), asked=asked.asked())
    large = Space(NetworkFamily(spec(DEEP), "n"), made)
    code, said, hint = message(large.survey)
    assert code == "space-too-large" and "n has 1.000e+40 designs" in said and "--sample 1000" in hint
    assert message(lambda: large.survey(between=(0, 10**7)))[0] == code


def test_numbers_that_no_one_reads() -> None:
    """In a large space designs are called by the place at which they were looked at; all digits are in the JSON."""
    source = (
        "network n(x: [8, 4, 4]) {\n    for i in range(80) { x = x -> oneof([relu, tanh, silu]) }\n    return x\n}\n"
    )
    survey = space(source).survey(3)
    shown = text(survey, listed=True)
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert "0.x to 79.x  80, each relu, tanh, silu" in shown and "  #2  " in shown
    assert "designs   1.478e+38" not in shown and f"designs   {3**80:,}, exact" in shown
    listed = as_json(survey, listed=True)["listed"]
    assert [int(one["design"]) for one in listed] == [seen.design for seen in survey.seen]


def test_the_table_of_designs() -> None:
    """A line per design; what is not asked is empty."""
    survey = space().survey(between=(0, 3))
    rows = [*csv.reader(io.StringIO(csv_text(survey)))]
    assert rows[0] == ["design", "params", "macs", "depth", "unit[0].out", "unit[1].out", "unit[2].out", "out"]
    assert rows[1] == ["0", "120", "5632", "1", "conv(8)", "", "", "relu"] and len(rows) == 4
    shown = text(survey, listed=True)
    assert all(len(line) <= 80 for line in shown.splitlines()) and "1 conv(8)" in shown
