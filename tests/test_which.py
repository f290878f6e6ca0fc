"""Checks that what a command is given leads to the file, network or parameter that is meant, or says what is near."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import archdsl
from archdsl.cli import main
from archdsl.diagnostics.model import ArchError
from archdsl.elaborate.spec import Spec
from archdsl.explore.settings import NetworkFamily
from archdsl.source import Source

BASE = "network base(x: [3, 8, 8]; width) = x -> conv(width)\n"


def run(*words: str) -> str:
    done = CliRunner().invoke(main, list(words))
    assert done.exit_code in (0, 1)
    return done.output


def test_the_only_whole_network_needs_no_name() -> None:
    assert archdsl.loads(BASE + "network a = base(width = 4)\n").name == "a"
    assert archdsl.loads("network a = base(width = 4)\n" + BASE).name == "a"
    with pytest.raises(ArchError, match="which-network"):
        archdsl.loads(BASE + "network a = base(width = 4)\nnetwork b = base(width = 8)\n")
    with pytest.raises(ArchError, match="which-network"):
        archdsl.loads(BASE + "network a = base(width = 4)\n", width=3)  # now both are whole


def test_a_file_or_network_that_is_near_is_proposed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.arch").write_text(BASE)
    assert "did you mean mine.arch?" in run("analyze", "mine")
    assert "did you mean mine.arch?" in run("check", "mine")
    assert "did you mean resnet" in run("analyze", "resnet5")
    assert "archdsl zoo" in run("analyze", "qqqqqqq")
    for command in (["fit", "resnet5", "--params", "1k", "--over", "classes"], ["sweep", "resnet5", "--vary", "a=1"]):
        assert "did you mean resnet" in run(*command)


def test_parameters_are_listed_where_none_is_near(tmp_path: Path) -> None:
    file = tmp_path / "n.arch"
    file.write_text("network n(x: [3, 8, 8]; width = 4) = x -> conv(width)\n")
    assert "its parameters are: width" in run("sweep", str(file), "--vary", "depth=1,2")
    assert "did you mean width?" in run("sweep", str(file), "--vary", "widht=1,2")
    shown = run("analyze", str(file), "--set", "width=wide")
    assert "width = wide" in shown and "<value of width>" in shown


TWO = """network base(x: [3, s, s]; c, s) = x -> conv(c)
network whole = base(c = 8, s = 8)
"""
COMMANDS = [
    "access",
    "analyze",
    "compile",
    "draw",
    "field",
    "lint",
    "memory",
    "sizes",
    "spec",
    "structure",
    "fit",
    "sweep",
]
WORDS = {
    "draw": ["-o", "out.svg"],
    "fit": ["--over", "c", "--params", "1k"],
    "sweep": ["--vary", "c=2,3"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_what_an_option_gives_is_not_lacking(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--set`, `--input`, `--vary` and `--over` complete a network alike in all commands, and choose it alike."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two.arch").write_text(TWO)
    varied = command in ("fit", "sweep")
    words = [*WORDS.get(command, []), *([] if varied else ["--set", "c=3"])]
    lacking = run(command, "two.arch:base", *words)
    assert "needs its argument s" in lacking and "needs its argument c" not in lacking
    for sized in (["--set", "s=8"], ["--input", "3x8x8"]):
        assert "error" not in run(command, "two.arch:base", *words, *sized)
        assert "error" not in run(command, "two.arch", "--network", "base", *words, *sized)
        assert "two.arch:base; it has base, whole" in run(command, "two.arch", *words, *sized)
    assert "error" not in run(command, "two.arch", *words)  # base lacks s
    if not varied:
        assert "error" not in run(command, "two.arch", *WORDS.get(command, []), "--input", "3x8x8")  # base lacks c


def test_in_python_too() -> None:
    both = {"c": [2, 3], "input": [8, 16]}
    family = NetworkFamily(Spec(Source("two.arch", TWO)), "base")
    numbers = [(8, 384), (8, 1536), (12, 576), (12, 2304)]
    assert [point.numbers for point in archdsl.sweep(family, both).points] == numbers
    assert archdsl.fit(replace(family, sizes=(3, 8, 8)), {"params": 100}, "c").best.value == 25
    assert archdsl.fit(replace(family, fixed={"c": 2}), {"macs": 10_000}, "input").best.value == 40
    unnamed = replace(family, network=None)
    for given in (both, {"c": [1], "s": [4]}, {"c": [1], "x": [4]}):
        with pytest.raises(ArchError, match="which-network"):
            archdsl.sweep(unnamed, given)
    assert archdsl.sweep(unnamed, {"c": [1]}).network == "whole"
    assert archdsl.fit(unnamed, {"macs": 10**6}, "input").network == "whole"
