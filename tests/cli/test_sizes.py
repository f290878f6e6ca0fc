"""`archdsl sizes`: what it prints for known networks, 80 columns, JSON, and wrong words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from archdsl.cli import main


def run(*words: str, exit_code: int = 0) -> str:
    result = CliRunner().invoke(main, ["sizes", *words])
    assert result.exit_code == exit_code, result.output
    assert all(len(line) <= 80 for line in result.stdout.splitlines()) or "--json" in words
    return result.stdout if exit_code == 0 else result.stderr


def test_resnet50_takes_every_size() -> None:
    text = run("resnet50")
    assert "h and w, separately: s is any" in text
    assert "(h + 31) // 32" in text
    assert "nothing is cut off at any size" in text
    assert "receptive field: whole input (427 without global ops)" in text
    assert "4,089,184,256" in text


def test_inception_v3_loses_nothing_at_299() -> None:
    text = run("inception_v3")
    assert "h and w, separately: s >= 75" in text
    assert "of 256 to 342: 267, 299, 331" in text
    assert "1 row where h = 4k + {1, 2}" in text


def test_a_vision_transformer_keeps_its_weights_at_one_grid() -> None:
    text = run("vit_base_patch16")
    assert "h = w = s: s = 224 to 239" in text
    assert "up to 15 rows where h is not 16k" in text
    assert "(h // 16) * (w // 16)" in text


def test_nasnet_where_the_axes_depend_on_each_other() -> None:
    text = run("nasnetalarge")
    assert "h >= 19 and w >= 19" in text
    assert "h = w = s: s >= 3" in text


def test_numbers_at_sizes() -> None:
    """16 x 16 positions more or less at a time; a size that fails says at which line."""
    text = run("vgg16", "--at", "225,7,224x300,64-66")
    assert "does not work: line 5" in text
    assert "features.4, line 5, ignores the last row and the last column" in text
    assert "at 224x300    features.16, line 5, ignores the last column" in text
    assert text.count("138,357,544") == 5


def test_one_axis() -> None:
    text = run("vgg16", "--axis", "width", "--at", "32,31")
    assert "224x32" in text
    assert "does not work" in text
    assert "h " not in run("vgg16", "--axis", "w").split("size of the maps")[1].split("weights")[0]


def test_json_says_the_same() -> None:
    found = json.loads(run("inception_v3", "--json", "--at", "299,300"))
    assert found["by_formula"] is True
    assert found["works_alike"] == {"from": 75, "period": 1, "residues": [0], "exceptions": []}
    assert [at["works"] for at in found["at"]] == [True, True]
    assert found["at"][0]["macs"] == 5_713_216_096
    assert found["at"][0]["lost"] == []
    assert found["at"][1]["lost"]
    assert found["variants"][0]["maps"][0]["shape"] == ["32", "(h - 1) // 2", "(w - 1) // 2"]


def test_sizes_are_tried_where_no_formula_is_found(tmp_path: Path) -> None:
    path = tmp_path / "odd.arch"
    path.write_text("network odd(x: [3, 8, 8]) = x -> conv(int(x.height * 0.5) + 1) -> conv(4, 3, 2, 0)\n")
    text = run(str(path), "--range", "1-12", "--at", "2,9")
    assert "does not work" in text
    text = " ".join(run(str(path)).split())
    assert "no formulas: a size is a count, an index, part of a text, or meets a float" in text
    assert "each size from 1 to 16 was elaborated instead" in text
    assert "or meets a float (line 1);" in text
    assert "works of those tried, 1 to 16 (the table and --at try others): h = w = s: s = 3 to 16" in text


@pytest.mark.parametrize(
    ("shape", "header"),
    [("3, 64", "length"), ("3, 63, 64", "h, and w alike"), ("3, 8, 9, 9", "depth x height x width")],
)
def test_the_header_names_the_axes(tmp_path: Path, shape: str, header: str) -> None:
    path = tmp_path / "axes.arch"
    path.write_text(f"network n(x: [{shape}]) = x -> conv(4, 3, 2) -> flatten\n")
    (line,) = [line for line in run(str(path)).splitlines() if line.startswith("size of the maps")]
    assert line.removeprefix("size of the maps").strip() == header


@pytest.mark.parametrize(
    "line",
    [
        "conv(int(x.height * 0.5) + 1)",
        "reshape([x.height * x.width // 8, -1])",
        "(relu if x.height * x.width % 7 == 0 else sigmoid)",
        "conv([1, 2, 3, 4][min(x.height, 3)])",
        "grouped",
    ],
)
def test_the_line_without_a_formula_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "odd.arch"
    grouped = "block grouped(x) = x -> reshape([2, 4, x.height * x.width]) -> reshape([8, x.height // 2, -1])\n"
    lines = ["network n(x: [8, 8, 8]) {", "    x = x -> conv(8)", f"    return x -> relu -> {line}", "}"]
    path.write_text(grouped + "\n".join(lines) + "\n")
    text = " ".join(run(str(path)).split())
    assert f"(line {1 if line == 'grouped' else 4})" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("resnet50", "--axis", "depth"), "there are height, width"),
        (("resnet50", "--at", "12y"), "is no size: write for example 224, 192-256 or 224x320"),
        (("resnet50", "--at", "0"), "is no size"),
        (("resnet50", "--at", "1x2x3"), "1x2x3 is no input size: write one number, or hxw"),
        (("resnet50", "--at", "1-999999"), "sizes are too many"),
        (("nothing_like_this",), ""),
    ],
)
def test_wrong_words(words: tuple[str, ...], message: str) -> None:
    found = CliRunner().invoke(main, ["sizes", *words])
    assert message in found.output and found.exit_code == (1 if found.stderr.startswith("error[") else 2)
