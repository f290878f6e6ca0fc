"""Every input that ever failed is answered: a result or diagnostics, within limits, by all that the compiler does."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

import archdsl
from archdsl.elaborate.budget import Limits
from tests.fuzz import examine, shrink
from tests.fuzz.__main__ import fuzz
from tests.fuzz.examine import alone
from tests.fuzz.exercise import exercise
from tests.fuzz.mutate import CORPUS, mutant, read_specs

FILES = sorted(CORPUS.glob("*.arch"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_input_that_failed_once_is_answered(path: Path) -> None:
    assert alone(path.read_text(encoding="utf-8"), limits=Limits()) == []


def test_every_input_says_where_it_comes_from() -> None:
    listed = (CORPUS / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in FILES if f"`{path.name}`" not in listed] == []
    assert listed.count(".arch`") == len(FILES)


def test_mutants_are_answered() -> None:
    """A few of `make fuzz`, on one core and all."""
    found: list[tuple[int, str, str]] = []
    assert fuzz(40, "few", lambda *finding: found.append(finding)) == 40
    assert found == []


def test_a_mutant_is_what_its_seed_says() -> None:
    specs = read_specs()
    texts = [mutant(specs, f"1:{number}") for number in range(30)]
    assert texts == [mutant(specs, f"1:{number}") for number in range(30)]
    assert len(set(texts)) > 25


def raises(*_: object) -> None:
    raise RuntimeError("no")


def hangs(*_: object) -> None:
    while True:
        pass


def dies(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def eats(*_: object) -> None:
    bytearray(4 * examine.MEMORY)


@pytest.mark.parametrize(
    ("method", "act", "kind"),
    [
        ("analyze", raises, "analyze: RuntimeError in ?"),
        ("lint", hangs, "more than 1 s: exercise._tabulates"),
        ("source", dies, "ended by signal 9"),
        ("sizes", eats, "out of memory"),
    ],
)
def test_what_is_wrong_is_seen(
    method: str, act: Callable[..., None], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "network n(x: [3, 8, 8]) = x -> conv(4)\n"
    assert alone(text) == []
    monkeypatch.setattr(archdsl.Network, method, act)
    monkeypatch.setattr(examine, "SECONDS", 1)
    assert [found for found, _ in alone(text)] == [kind]


def test_a_module_that_is_not_what_is_said_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archdsl.Network, "params", 17)
    assert [kind for kind, _ in exercise("network n(x: [3, 8, 8]) = x -> conv(4)\n")] == [
        "build: N parameters are built, N are said"
    ]


def test_a_failing_text_shrinks_to_what_makes_it_fail() -> None:
    text = "".join(f"a{i} = {i}\n" for i in range(50)) + "b = (1 + oops * 2)\n" + "c = 3\n" * 50
    assert shrink.shrunk(text, lambda smaller: "oops" in smaller and "*" in smaller) == "oops*"
