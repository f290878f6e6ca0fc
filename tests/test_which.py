"""Checks that what a command is given leads to the file, network or parameter that is meant, or says what is near."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import archdsl
from archdsl.cli import main
from archdsl.diagnostics.model import ArchError

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
