"""`archdsl zoo`: filters, order, and the plot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archdsl.cli import main


def zoo(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["zoo", *arguments])


def test_match_and_sort() -> None:
    result = zoo("--match", "resnet_d", "--sort", "macs", "--format", "json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert [entry["macs"] for entry in found] == sorted(entry["macs"] for entry in found)
    assert {entry["file"] for entry in found} == {"resnet_d.arch"}
    assert found[0]["network"] == "resnet18d"


def test_markdown_has_one_table_a_file_in_any_order() -> None:
    result = zoo("--match", "squeezenet", "--sort", "params", "--format", "markdown")
    headings = [line for line in result.stdout.splitlines() if line.startswith("## ")]
    assert len(headings) == len(set(headings)) == 2


def test_nothing_matches() -> None:
    result = zoo("--match", "no such network")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "no such network" in result.stderr
    result = zoo("ofa_space")
    assert (result.exit_code, result.stdout) == (1, "") and "`archdsl zoo --spaces` has it" in result.stderr


@pytest.mark.parametrize(("name", "start"), [("zoo.svg", b"<svg"), ("zoo.PNG", b"\x89PNG"), ("zoo.pdf", b"%PDF")])
def test_plot(tmp_path: Path, name: str, start: bytes) -> None:
    result = zoo("--match", "squeezenet", "--plot", str(tmp_path / name))
    assert (result.exit_code, result.stdout) == (0, ""), result.stderr
    assert (tmp_path / name).read_bytes().startswith(start)


def test_plot_without_a_format(tmp_path: Path) -> None:
    result = zoo("--match", "squeezenet", "--plot", str(tmp_path / "zoo"))
    assert result.exit_code == 1
    assert "error[unknown-format]" in result.stderr
    assert not (tmp_path / "zoo").exists()


def test_check_takes_no_other_option() -> None:
    assert zoo("--check", "--sort", "macs").exit_code == 2
