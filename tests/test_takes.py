"""Arguments of other kinds, to all that the Python interface has: a result, ArchError or a sentence, nothing raw."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

import numpy
import pytest
from click.testing import CliRunner

import archdsl
from archdsl.cli import main
from archdsl.diagnostics.model import ArchError
from archdsl.emit.figure.look import look
from archdsl.network import Network

TEXT = "network n(x: [1, 572, size]; width = 4, size = 572) = x -> conv(width, 3)\n"
STRANGE: list[Any] = [5, -1, 1.5, True, None, "x", b"x", [1], [1.5, 2], ["a"], (), {}, {"x": 5}, {1: 2}, {"x": "a"}]
STRANGE += [object(), [[3, 4]], float("nan"), Fraction(1, 2), Path("x"), [None], {"x": None}, {None: (1, 2)}, range(3)]
HOLDS_ITSELF: list[Any] = []
HOLDS_ITSELF.append(HOLDS_ITSELF)
DOUBLED: list[Any] = [1]  # 2**60 elements, if nothing were shared
for _ in range(60):
    DOUBLED = [DOUBLED, DOUBLED]
ENDLESS = range(10**12)
STRANGE += [
    HOLDS_ITSELF,
    DOUBLED,
    ENDLESS,
    range(1, 10**30),
    {"x": ENDLESS},
    {"classes": ENDLESS},
    {"classes": count()},
]
STRANGE += [{"classes": None}, {"classes": "12"}, {"classes": [None]}, {"input": None}, {"input": [None]}, count()]
STRANGE += [[1.0], [[0]], [None], "3x8x8", 224.0, (8.0, 8.0), (8, 8), (8,), 8, True]
STRANGE += ["\0", "\ud800", "\ud800.arch:\0", 10**5000, -(10**5000), [10**5000], {"classes": [10**5000]}]


def calls() -> Iterator[tuple[str, Callable[[Any], object]]]:
    """Every argument of every public function and method, the others right."""
    yield "load(path)", archdsl.load
    for name in ("network", "input", "picks", "limits", "width", "size"):
        yield f"loads({name})", lambda value, name=name: archdsl.loads(TEXT, **{name: value})  # type: ignore[misc]
    yield "loads(text)", archdsl.loads
    yield "loads(input of x)", lambda value: archdsl.loads(TEXT, input={"x": value})
    yield "check_text(text)", archdsl.check_text
    yield "check_text(name)", lambda value: archdsl.check_text(TEXT, value)
    yield "sweep(target)", lambda value: archdsl.sweep(value, {"width": [1]})
    yield "sweep(vary)", lambda value: archdsl.sweep("resnet18", value)
    yield "sweep(values)", lambda value: archdsl.sweep("resnet18", {"classes": value})
    yield "sweep(metrics)", lambda value: archdsl.sweep("resnet18", {"classes": [1]}, value)
    yield "space(target)", archdsl.space
    for name in ("network", "input", "picks", "limits", "width"):
        yield f"space({name})", lambda value, name=name: archdsl.space("resnet18", **{name: value})  # type: ignore[misc]
    opened = archdsl.space(archdsl.loads("network n(x: [8, 4, 4]) = x -> oneof([relu, tanh])"))
    for name, method in inspect.getmembers(archdsl.Space, inspect.isfunction):
        for argument in [] if name.startswith("_") else list(inspect.signature(method).parameters)[1:]:
            others = (
                {"design": opened.unrank(0)}
                if argument in ("rng", "where", "expressions", "name", "metrics") and name not in ("sample", "survey")
                else {}
            )
            yield (
                f"space.{name}({argument})",
                lambda value, name=name, argument=argument, others=others: getattr(opened, name)(  # type: ignore[misc]
                    **{**others, argument: value}
                ),
            )
    yield "fit(target)", lambda value: archdsl.fit(value, {"params": 10}, "width")
    yield "fit(budgets)", lambda value: archdsl.fit("mobilenet_v1_100", value, "width")
    yield "fit(over)", lambda value: archdsl.fit("mobilenet_v1_100", {"params": 10}, value)
    yield "fit(rule)", lambda value: archdsl.fit("mobilenet_v1_100", {"params": 10}, "phi", rule=value)
    network = archdsl.loads(TEXT)
    for name, method in inspect.getmembers(Network, inspect.isfunction):
        for argument in [] if name.startswith("_") else list(inspect.signature(method).parameters)[1:]:
            others = {"other": network} if name == "diff" else {}
            yield (
                f"{name}({argument})",
                lambda value, name=name, argument=argument, others=others: getattr(network, name)(  # type: ignore[misc]
                    **{**others, argument: value}
                ),
            )

    for option in [*inspect.signature(look).parameters, "verify"]:
        yield f"draw({option})", lambda value, option=option: network.draw(**{option: value})  # type: ignore[misc]
    sizes = network.sizes()
    for what in ("works", "alike", "alone"):
        held = getattr(sizes, what)
        held = held[0] if what == "alone" else held
        yield f"in {what}", lambda value, held=held: value in held  # type: ignore[misc]
    yield "sizes.at", sizes.at
    yield "sizes.lossless", lambda value: sizes.lossless([value])


@pytest.mark.parametrize(("name", "call"), list(calls()), ids=[name for name, _ in calls()])
def test_nothing_raw(name: str, call: Callable[[Any], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for value in STRANGE:
        try:
            call(value)
        except ArchError as error:
            assert str(error).strip()
        except TypeError as error:
            assert " takes " in str(error), f"{name} of {value!r}: {error}"
        except (KeyError, IndexError, ValueError) as error:  # documented: no metric, weight or design of that name
            assert str(error), f"{name} of {value!r}"


SWITCHES = {"memory(steps)", "draw(bare)", "draw(cells)", "draw(left_to_right)", "draw(verify)"}
SWITCHES |= {
    "space.canonical(expressions)",
    "space.survey(networks)",
    "space.analyze(everything)",
    "space.supernet(relaxed)",
}
ANY_TEXT = {"check_text(text)", "check_text(name)"}  # a spec may be empty, and a file be called as it likes
ANY_TEXT |= {
    "space.survey(where)",
    "space.survey(pareto)",
    "space.sample(where)",
    "space.mutate(where)",
}  # which may ask nothing
TAKEN = {name: call for name, call in calls() if not name.startswith("in ")}  # what asks whether something is in a set


@pytest.mark.parametrize(("name", "call"), TAKEN.items(), ids=TAKEN)
def test_no_value_stands_for_one_of_another_kind(
    name: str, call: Callable[[Any], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """True is no number, "" is no leaving out, and what is not empty is not True."""
    monkeypatch.chdir(tmp_path)
    if name in SWITCHES:
        assert call(True) and call(False)
    for value in ("no", "", 1, 0, None) if name in SWITCHES else (True, ""):
        if value != "" or name not in ANY_TEXT:
            with pytest.raises((ArchError, TypeError, KeyError, ValueError)):
                call(value)


@pytest.mark.parametrize(
    ("given", "help"),
    [(128, "1x128x128"), ((1, 2, 3, 4), "1x572x572"), ((8, 9), "1x8x9"), (0.5, "1x572x572"), ({"x": 64}, "1x64x64")],
)
def test_an_input_size_is_refused_with_the_networks_own(given: Any, help: str) -> None:
    with pytest.raises(ArchError) as caught:
        archdsl.loads(TEXT, input=given)
    [found] = caught.value.diagnostics
    assert found.code == "bad-input-size" and found.help.endswith(help)


def test_so_does_the_command(tmp_path: Path) -> None:
    file = tmp_path / "n.arch"
    file.write_text(TEXT)
    done = CliRunner().invoke(main, ["analyze", str(file), "--input", "256"])
    assert done.exit_code == 1 and "1x256x256" in done.stderr


def test_an_option_that_is_none_is_refused_with_the_nearest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By all that the Python interface has which takes options."""
    monkeypatch.chdir(tmp_path)
    network = archdsl.loads(TEXT)
    methods = inspect.getmembers(Network, inspect.isfunction)
    public = [getattr(archdsl, name) for name in ("load", "loads", "check_text", "sweep", "fit", "space")]
    public += [getattr(network, name) for name, _ in methods if not name.startswith("_")]
    for function in public:
        known = inspect.signature(function).parameters
        right = {"path": "resnet18", "text": TEXT} if function in (archdsl.load, archdsl.loads) else {}
        right = {"target": "resnet18"} if function is archdsl.space else right
        named = [one.name for one in known.values() if one.kind is not one.VAR_KEYWORD and one.name not in right]
        for name in named:
            wrong = name + "_"
            with pytest.raises((TypeError, ArchError)) as caught:
                function(**{key: value for key, value in right.items() if key in known}, **{wrong: 1})
            assert f"did you mean {name}?" in str(caught.value), (function.__name__, wrong)
            with pytest.raises((TypeError, ArchError)) as caught:
                function(**{key: value for key, value in right.items() if key in known}, zzz=1)
            assert all(one in str(caught.value) for one in named), function.__name__


class OfAnotherLibrary:
    """A whole number as numpy has them: no int, and not equal to its text."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


def test_whole_numbers_of_other_libraries() -> None:
    """Wherever an int is taken."""
    three, eight = OfAnotherLibrary(3), OfAnotherLibrary(8)
    network: Any = archdsl.loads(TEXT, width=three, size=eight)
    assert network.params == archdsl.loads(TEXT, width=3, size=8).params
    assert archdsl.loads(TEXT, width=[three][0], input=(1, eight, eight)).graph.inputs[0].shape == (1, 8, 8)
    assert archdsl.loads(TEXT, input={"x": [1, eight, eight]}).params == network.params // 3 * 4
    choice = "network n(x: [8, 4, 4]) = x -> conv(oneof([8, 3]))"
    assert archdsl.loads(choice, picks={"out": three}).choices["out"].picked == "3"
    space: Any = archdsl.space(archdsl.loads(choice))
    assert space.unrank(OfAnotherLibrary(1)) == {"out": "3"} and space.rank({"out": three}) == 1
    assert space.sample(three) == space.sample(3) and space.mutate({"out": 8}, three) == {"out": "3"}
    assert len(space.survey(eight, seed=three).seen) == 8
    assert [one.design for one in space.survey(between=(OfAnotherLibrary(1), OfAnotherLibrary(2))).seen] == [1]
    assert network.sizes(tried=(three, eight)).at(eight).works == network.sizes(tried=(3, 8)).at(8).works
    with pytest.raises(TypeError, match="unrank takes a whole number as number"):
        space.unrank(numpy.True_)


def test_generators_of_numpy() -> None:
    """Each call goes on where they stand, and a seed gives the same again."""
    space: Any = archdsl.space(archdsl.loads("network n(x: [8, 4, 4]) = x -> conv(oneof(range(1, 1000)))"))
    for make in (numpy.random.default_rng, numpy.random.RandomState):
        rng = make(3)
        drawn = [space.sample(rng), space.mutate(space.unrank(0), rng), space.sample(rng)]
        assert drawn[0] != drawn[2] and drawn[0] == space.sample(make(3))
