"""The zoo: names instead of paths, the table in all its forms, and docs/zoo.md up to date."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import archdsl
from archdsl import library, zoo
from archdsl.cli import main

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def entries() -> list[zoo.Entry]:
    return list(zoo.entries())


def test_a_network_is_loaded_by_its_name_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert archdsl.load("resnet50").params == 25_557_032
    assert CliRunner().invoke(main, ["analyze", "resnet50"]).exit_code == 0


def test_a_file_that_exists_wins_over_the_zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "resnet50").write_text("network tiny(x: [3, 8, 8]) = x -> conv(4)\n")
    assert archdsl.load("resnet50").params == 16


def test_names_are_unique_over_all_files(entries: list[zoo.Entry]) -> None:
    names = [entry.network for entry in entries]
    assert len(names) == len(set(names)) >= 31
    assert {library.find(name) for name in names} == {library.folder() / entry.file for entry in entries}


def test_every_spec_claims_a_number(entries: list[zoo.Entry]) -> None:
    assert {entry.file for entry in entries} == {path.name for path in library.specs()}


def test_forms_tell_the_same(entries: list[zoo.Entry]) -> None:
    rows = list(csv.DictReader(io.StringIO(zoo.csv_text(entries))))
    plain = json.loads(json.dumps([zoo.as_json(entry) for entry in entries]))
    assert [int(row["params"]) for row in rows] == [entry.params for entry in entries] == [e["params"] for e in plain]
    assert max(map(len, zoo.text(entries).splitlines())) <= 80


def test_check_verifies_every_expect() -> None:
    result = CliRunner().invoke(main, ["zoo", "--check"])
    assert result.exit_code == 0, result.stderr


def test_docs_are_fresh(entries: list[zoo.Entry]) -> None:
    assert (ROOT / "docs" / "zoo.md").read_text(encoding="utf-8") == zoo.markdown(entries), "run `make docs`"
