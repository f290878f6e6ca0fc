"""`archdsl space`: what it says of decisions and designs, its options, what it refuses and with which exit code."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import archdsl
from archdsl.cli import main
from tests.spaces.test_space import CLASH, DEEP


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "n.arch").write_text(DEEP)
    (tmp_path / "clash.arch").write_text(CLASH)
    return tmp_path


def run(*words: str) -> Result:
    result = CliRunner().invoke(main, ["space", *words])
    assert isinstance(result.exception, SystemExit | None), result.exc_info
    assert "--json" in words or "--csv" in words or all(len(line) <= 80 for line in result.stdout.splitlines())
    return result


PAGE = """n: 5 decisions

depth        1, 2, 3                                                      line 5
unit[0].out  conv(8), conv(8, 3)                                          line 2
unit[1].out  conv(8), conv(8, 3)                                          line 2
             asked where depth is 2 or 3
unit[2].out  conv(8), conv(8, 3)                                          line 2
             asked where depth is 3
out          relu, silu                                                   line 7

designs   28, exact
networks  at most 28: --networks counts them

        least  design     most  design
──────────────────────────────────────
params    120       0    1,832      26
macs    5,632       0  112,128      26
of all designs, by tables of what each option costs

design 0: depth = 1, unit[0].out = conv(8), out = relu

design 26: depth = 3, unit[0].out = conv(8, 3), unit[1].out = conv(8, 3),
  unit[2].out = conv(8, 3), out = relu
"""


@pytest.mark.usefixtures("folder")
def test_the_page() -> None:
    """Decisions, the count, and the extremes of both numbers with their designs."""
    result = run("n.arch")
    assert (result.exit_code, result.stdout, result.stderr) == (0, PAGE, "")


@pytest.mark.usefixtures("folder")
def test_what_is_listed() -> None:
    """All, some at random, or a part; the best; those within bounds."""
    assert "8 more: --csv and --json list all" in run("n.arch", "--enumerate").stdout
    assert "\n9 designs at random (seed 2) of 28, not of all" in run("n.arch", "--sample", "9", "--seed", "2").stdout
    lines = run("n.arch", "--range", "3:6", "--csv").stdout.splitlines()
    assert lines[0] == "design,params,macs,depth,unit[0].out,unit[1].out,unit[2].out,out"
    assert lines[1] == '3,632,38400,1,"conv(8, 3)",,,silu' and len(lines) == 4
    best = run("n.arch", "--pareto", "params,depth:max").stdout
    assert "3 that no other beats in params, depth:max" in best and "3 conv(8) conv(8) conv(8) relu" in best
    few = run("n.arch", "--where", "params <= 200 and macs > 1k", "--metric", "depth").stdout
    assert "of 2 (7.14 %) that have params <= 200, macs > 1k, of all designs" in few.replace("\n", " ")


@pytest.mark.usefixtures("folder")
def test_plain_data() -> None:
    """Numbers of designs lead back to what they pick."""
    found = json.loads(run("n.arch", "--enumerate", "--json").stdout)
    assert found["networks"] == {"number": 28, "known": "at most"}
    assert json.loads(run("n.arch", "--networks", "--json").stdout)["networks"] == {"number": 28, "known": "exact"}
    assert found["designs"] == {"number": 28, "known": "exact"} == found["allowed"]
    assert [one["design"] for one in found["listed"]] == [*range(28)]
    most = found["extremes"]["params"]["most"]
    assert found["listed"][most["design"]]["picks"] == most["picks"] and most["number"] == 1832
    assert found["decisions"][3]["asked"] == {"where": "depth is 3", "whole": True}
    assert not json.loads(run("n.arch", "--json").stdout)["listed"]


@pytest.mark.usefixtures("folder")
def test_picks() -> None:
    """The space is smaller by them; names and options that are none are refused."""
    assert "designs   8, exact" in run("n.arch", "--pick", "depth=2").stdout
    for pick, said in (("dept=2", "did you mean depth?"), ("depth=5", "there are 1, 2, 3")):
        result = run("n.arch", "--pick", pick)
        assert (result.exit_code, result.stdout) == (1, "") and f"help: {said}" in result.stderr


def test_a_plot(folder: Path) -> None:
    """A point per design, the best apart."""
    result = run("n.arch", "--plot", "n.svg", "--pareto", "params,macs")
    assert result.exit_code == 0 and "wrote n.svg" in result.stderr
    picture = (folder / "n.svg").read_text()
    assert "best" in picture and "n: multiply-accumulates over parameters of all 28 designs" in picture
    assert ">parameters (thousands)<" in picture and ">multiply-accumulates (thousands)<" in picture
    assert run("n.arch", "--plot", "n.svg", "--metric", "macs").exit_code == 1
    words = ["--sample", "5", "--where", "macs > 6k", "--metric", "depth", "--metric", "memory_access"]
    assert run("n.arch", "--plot", "n.svg", *words).exit_code == 0
    said = r"n: elements read and written over depth of \d+ \([\d.]+ %\) that have macs > 6k, of \d+ designs at random "
    assert re.search(said + r"\(seed 0\) of 28, not of all", html.unescape((folder / "n.svg").read_text()))


@pytest.mark.usefixtures("folder")
def test_designs_that_fail() -> None:
    """They are counted apart, and the first says why."""
    result = run("clash.arch")
    assert result.exit_code == 0 and "designs   2, exact; 2 more do not elaborate" in result.stdout
    assert result.stderr.startswith(
        "2 designs do not elaborate; of the first, which picks a = conv(4), b = conv(8):\nwarning[shape-mismatch]"
    )


@pytest.mark.parametrize("name", ["n-m.arch", "n m.arch", "3n.arch", "network.arch", "-"])
def test_designs_of_what_no_spec_can_import(name: str, folder: Path) -> None:
    """They stand below the space, in its file, which is said."""
    (folder / name).write_text(DEEP)
    result = CliRunner().invoke(main, ["space", name, "--design", "3"], input=DEEP)
    assert result.exit_code == 0 and "import" not in result.stdout and "put this design into it" in result.stderr
    assert archdsl.check_text(DEEP + result.stdout.removeprefix("arch 1\n")) == []
    assert run("n.arch", "--design", "3").stderr == ""


def test_designs_that_are_not_allowed(folder: Path) -> None:
    """Of a sample so many are as are asked for, or it is said how many; one that is written down says so."""
    (folder / "n.arch").write_text(DEEP.replace("network n", "@require(params < 200)\nnetwork n"))
    result = run("n.arch", "--sample", "9", "--csv")
    assert len(result.stdout.splitlines()) == 10 and result.stderr == ""
    result = run("n.arch", "--sample", "90", "--draws", "30", "--csv")
    few = len(result.stdout.splitlines()) - 1
    assert result.stderr == f"{few} of 30 drawn fit, and 90 are asked for: --draws N looks at more\n" and 0 < few < 30
    result = run("n.arch", "--design", "26")
    assert result.stderr == "@require(params < 200) does not allow this design: params is 1,832\n"
    assert "network found = n\n" in result.stdout and run("n.arch", "--design", "0").stderr == ""


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["n.arch", "--where", "params < 2"], 1, "no design of n has params < 2 (proven: all were looked at)"),
        (["n.arch", "--where", "params < 2"], 1, "params is 120 to 1,832 there"),
        (["n.arch", "--where", "params < 2", "--sample", "5"], 1, "(proven, by the sums of what options cost)"),
        (["n.arch", "--where", "params < 2", "--sample", "5"], 1, "params is 120 to 1,832 in all designs"),
        (["n.arch", "--where", "params > 1832", "--sample", "5"], 1, "(proven, by the sums of what options cost)"),
        (["n.arch", "--where", "params == 119", "--sample", "5"], 1, "(proven, by the sums of what options cost)"),
        (["n.arch", "--where", "params < 120 and depth > 1", "--sample", "5"], 1, "params is 120 to 1,832 in all"),
        (["n.arch", "--where", "depth < 1", "--sample", "5"], 1, "(none found in 2,500)"),
        (["n.arch", "--where", "parms < 2"], 1, "did you mean params?"),
        (["n.arch", "--pareto", "parms"], 1, "did you mean params?"),
        (["n.arch", "--metric", "parms"], 1, "did you mean params?"),
        (["n.arch", "--design", "28"], 1, "n has no design 28 help: they are numbered from 0 to 27"),
        (["n.arch", "--design", "-1"], 2, "-1 is not in the range"),
        (["n.arch", "--design", "1", "--sample", "2"], 2, "take one of --sample, --enumerate, --range and --design"),
        (["n.arch", "--design", "1", "--plot", "y.svg"], 2, "and --plot without --design"),
        (["n.arch", "--design", "1", "--json"], 2, "take one of --json, --csv and --design"),
        (["n.arch", "--range", "28:30"], 1, "they are numbered from 0 to 27"),
        (["n.arch", "--where", "params"], 2, "write for example macs <= 600M"),
        (["n.arch", "--pareto", "macs,macs"], 2, "name each number once"),
        (["n.arch", "--range", "3"], 2, "write for example 0:1000"),
        (["n.arch", "--range", "5:5"], 2, "write for example 0:1000"),
        (["n.arch", "--range", "0:5", "--sample", "3"], 2, "take one of --sample, --enumerate, --range and --design"),
        (["n.arch", "--json", "--csv"], 2, "take one of --json, --csv and --design"),
        (["n.arch", "--sample", "0"], 2, "0 is not in the range"),
    ],
)
def test_what_is_refused(words: list[str], code: int, said: str) -> None:
    """With nothing on stdout."""
    result = run(*words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("head", "options"),
    [
        ("@require(receptive_field >= 1)\n", ()),
        ("", ("--where", "receptive_field >= 1")),
        ("", ("--pareto", "params,receptive_field:max")),
    ],
    ids=["required", "within", "best"],
)
def test_as_many_are_looked_at_as_what_is_asked_allows(folder: Path, head: str, options: tuple[str, ...]) -> None:
    """A number that is measured one by one counts, wherever it is named: it looked at 100,000 designs."""
    steps = "for i in range(10) { x = x -> conv(4, oneof([1, 3])) -> oneof([relu, id, tanh]) }"
    (folder / "many.arch").write_text(f"{head}network n(x: [4, 8, 8]) {{ {steps}\n    return x }}\n")
    said = run("many.arch", *options).stdout
    assert "500 designs at random" in said and "one by one" in said
