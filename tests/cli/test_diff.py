"""`archdsl diff`: what a person sees, plain data, and wrong use."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from archdsl.cli import main


def run(*words: str, input: str | None = None) -> Result:
    return CliRunner().invoke(main, ["diff", *words], input=input)


def test_text_fits_80_columns_and_names_the_change() -> None:
    result = run("resnet50", "resnet101")
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "params                   25,557,032      44,549,160     +18,992,128      × 1.743" in result.stdout
    assert "~  layer3.1  bottleneck × 22" in result.stdout
    assert "× 5 → × 22" in result.stdout


def test_json_has_numbers_and_rows() -> None:
    found = json.loads(run("resnet50", "resnet101", "--json").stdout)
    assert found["numbers"]["params"] == [25_557_032, 44_549_160]
    assert [row["status"] for row in found["rows"]].count("changed") == 1
    assert found["rows"][9]["old"]["repeats"] == 5


def test_one_network_with_two_settings() -> None:
    result = run("mobilenet_v1", "mobilenet_v1", "--set-new", "width=0.5")
    assert result.exit_code == 0
    assert "out 32 → 16" in result.stdout
    assert "=  2 rows at other sizes (-32 params): bn1 to relu6" in result.stdout


def test_nothing_differs() -> None:
    assert run("resnet18", "resnet18").stdout.endswith("no block or op is added, removed or changed\n")


def test_a_network_without_a_number_says_so(tmp_path: Path) -> None:
    path = tmp_path / "words.arch"
    path.write_text("network words(ids: int[16]) = ids -> embedding(100, 8) -> linear(2)\n")
    result = run(str(path), "resnet18")
    assert result.exit_code == 0
    assert "not defined" in result.stdout


def test_wrong_use() -> None:
    assert run("-", "-").exit_code == 2
    assert run("resnet50", "no_such_file.arch").exit_code == 1
    assert run("resnet50").exit_code == 2


def test_one_side_from_stdin() -> None:
    result = run("-", "resnet18", input="network tiny(x: [3, 8, 8]) = x -> conv(4)\n")
    assert result.exit_code == 0
    assert "tiny -> resnet18" in result.stdout
