"""The zoo: names instead of paths, the table in all its forms, and docs/zoo.md up to date."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import archdsl
from archdsl import library, zoo
from archdsl.cli import main

ROOT = Path(__file__).parents[1]


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


def test_a_printed_number_that_is_off_is_marked(entries: list[zoo.Entry]) -> None:
    (googlenet,) = [entry for entry in entries if entry.network == "googlenet"]
    row, note = zoo.text([googlenet]).splitlines()[2:]
    assert row.split()[1:5] == ["6.6249M", "6.6M", "1.4984G", "1448M*"]
    assert note.startswith("*")
    assert "| 1448M (-3.4 %) |" in zoo.markdown([googlenet])
    assert "(" not in zoo.markdown([googlenet]).splitlines()[-1].split("|")[4]


def test_a_printed_number_too_long_for_the_text_is_rounded_like_ours(entries: list[zoo.Entry]) -> None:
    names = {"fcn_resnet50": ["35.322M", "35.322M", "152.72G", "152.72G"], "xception": ["22.856M", "22.856M"]}
    for name, cells in names.items():
        row = zoo.text([entry for entry in entries if entry.network == name]).splitlines()[2]
        assert row.split()[1 : 1 + len(cells)] == cells
    assert "…" not in zoo.text(entries)


def test_two_sources_of_one_network_are_both_named(entries: list[zoo.Entry]) -> None:
    (resnet50,) = [entry for entry in entries if entry.network == "resnet50"]
    assert (resnet50.published_params, resnet50.published_macs) == ("25.6M", "3.8G")
    assert resnet50.source == "Wide ResNet, arXiv:1605.07146, Table 8; ResNet, arXiv:1512.03385, Table 1"


def test_every_source_is_a_paper_or_a_repository(entries: list[zoo.Entry]) -> None:
    """And says where in it: whoever doubts a number can look it up."""
    sources = {part for entry in entries for part in entry.source.split("; ") if part}
    place = re.compile(
        r".+, (arXiv:[0-9]{4}\.[0-9]{4,5}|github [\w.-]+/[\w.-]+), "
        r"(Table [0-9]+|section [0-9]+|.+ table|.*README.*|rootdata/.+\.csv|metadata .+)"
    )
    assert [source for source in sources if not place.fullmatch(source)] == []


def test_match_finds_names_and_files() -> None:
    assert {entry.file for entry in zoo.entries("SQUEEZE")} == {"squeezenet.arch", "squeezenet_bypass.arch"}
    assert [entry.network for entry in zoo.entries("vgg16_")] == ["vgg16_bn"]
    assert list(zoo.entries("no such network")) == []


def test_order_by_a_number_that_some_lack(entries: list[zoo.Entry]) -> None:
    ordered = zoo.in_order(entries, "receptive_field")
    fields = [entry.receptive_field for entry in ordered]
    known = [field for field in fields if field is not None]
    assert known == sorted(known) and fields == known + [None] * (len(fields) - len(known))
    assert 0 < len(known) < len(fields)


def test_every_file_has_one_family() -> None:
    """Of zoo.FAMILIES, which the plot of the whole zoo tells apart."""
    files = [file for family in zoo.FAMILIES.values() for file in family.split()]
    assert sorted(files) == sorted(path.stem for path in library.specs())


def test_the_plot_holds_every_network(entries: list[zoo.Entry]) -> None:
    assert set(zoo.WELL_KNOWN.split()) <= {entry.network for entry in entries}
    svg = zoo.plot(entries, "svg")
    assert svg == zoo.plot(entries, "svg")
    assert svg.count(b'data-kind="point"') == len(entries)


def test_check_verifies_every_expect(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is told of two specs; test_specs.py checks each of the zoo."""
    wrong = tmp_path / "wrong.arch"
    wrong.write_text("@expect(params = 17)\nnetwork tiny(x: [3, 8, 8]) = x -> conv(4)\n")
    for specs, code in (([library.folder() / "alexnet.arch"], 0), ([library.folder() / "alexnet.arch", wrong], 1)):
        monkeypatch.setattr(zoo, "specs", lambda specs=specs: specs)
        result = CliRunner().invoke(main, ["zoo", "--check"])
        assert result.exit_code == code and ("wrong.arch" in result.stderr) == bool(code), result.output


def test_docs_are_fresh(entries: list[zoo.Entry]) -> None:
    assert (ROOT / "docs" / "zoo.md").read_text(encoding="utf-8") == zoo.markdown(entries, "pictures/zoo.svg"), (
        "run `make docs`"
    )
