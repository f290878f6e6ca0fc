"""Checks that what a command is given leads to the file, network or parameter that is meant, or says what is near."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import archdsl
from archdsl.cli import main
from archdsl.diagnostics.model import ArchError
from archdsl.elaborate.budget import Limits
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


def test_what_is_said_of_several_networks_can_be_typed(tmp_path: Path) -> None:
    """A file, standard input and a text are each told in the words that name a network there."""
    text = BASE + "network a = base(width = 4)\nnetwork b = base(width = 8)\n"
    with pytest.raises(ArchError) as caught:
        archdsl.loads(text)
    assert 'network="a"' in str(caught.value) and "<text>:" not in str(caught.value)
    assert archdsl.loads(text, network="a").name == "a"
    needing = BASE + BASE.replace("base", "other")
    with pytest.raises(ArchError) as caught:
        archdsl.loads(needing)
    assert 'network="base", width=…' in str(caught.value)
    assert archdsl.loads(needing, network="base", width=4).name == "base"
    piped = CliRunner().invoke(main, ["analyze", "-"], input=text)
    assert piped.exit_code == 1 and "--network a;" in piped.stderr
    assert CliRunner().invoke(main, ["analyze", "-", "--network", "a"], input=text).exit_code == 0
    broken = text.replace("conv(width)", "conv(width) + x")
    with pytest.raises(ArchError, match=r"archdsl.check_text\(text\) says why"):
        archdsl.loads(broken)
    assert any(found.severity == "error" for found in archdsl.check_text(broken))
    assert "`archdsl check -` says why" in CliRunner().invoke(main, ["analyze", "-"], input=broken).stderr
    for name, said in {
        "widht": "did you mean width?",
        "netwrk": "did you mean network?",
        "zzz": "they have: width;",
    }.items():
        with pytest.raises(ArchError, match="unknown-parameter") as caught:
            archdsl.loads(text, **{name: 1})
        assert said in str(caught.value)


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
    "space",
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


FIXED = "network n(x: [3, 8, 8]; c = 4) = x -> conv(c)\nnetwork m = n(8)\n"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("sweep n.arch:n --vary c=1,2 --set c=2", "c varies, and has a value that stays the same too"),
        ("sweep n.arch:n --vary input=8 --input 3x8x8", "input varies, and has a value"),
        ("sweep n.arch:n --vary x=8 --input 3x8x8", "x varies, and has a value"),
        ("sweep n.arch:n --vary input=8 --input x=3x8x8", "input varies, and has a value"),
        ("fit n.arch:n --over c --params 1k --set c=2", "c varies, and has a value"),
        ("fit n.arch:n --over input --macs 1k --input 3x8x8", "input varies, and has a value"),
        ("fit n.arch:n --over c --params 1k --step 1e3", "no multiple of 1000 lies between 0 and 64"),
        ("fit n.arch:n --over c --params 1k --step 5 --between 6:9", "no multiple of 5 lies between 6 and 9"),
        ("analyze n.arch:n --count thop --by kind", "goes without --by"),
        ("analyze n.arch:n --count thop --all", "goes without --by"),
        ("analyze n.arch:n --network m", "leave one out"),
        *(
            (f"{command} n.arch:n --max-steps {n}", "not in the range")
            for command in ("field", "sizes")
            for n in (-1, 0)
        ),
        ("analyze n.arch:n --max-ops 99999999999999999999999 --json", "not in the range"),
    ],
)
def test_what_would_be_ignored_is_refused(
    command: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "n.arch").write_text(FIXED)
    done = CliRunner().invoke(main, command.split())
    assert done.exit_code in (1, 2) and not done.stdout
    assert message in " ".join(done.stderr.split())


@pytest.mark.parametrize("value", [-1, 0, 2**63 + 1, 1.5, True, "5", None, pytest.param(10**5000, id="huge")])
@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_what_is_no_limit_is_refused(name: str, value: object) -> None:
    with pytest.raises(ArchError, match=f"the limit {name} cannot be"):
        Limits(**{name: value})  # type: ignore[arg-type]
    assert archdsl.loads(FIXED, "n", limits=Limits(**{name: 2**63}), picks={}).params == 16


def test_without_words_the_help_is_shown() -> None:
    done = CliRunner().invoke(main, [])
    assert done.exit_code == 2 and "\n  compile " in done.stderr and "Error" not in done.stderr
