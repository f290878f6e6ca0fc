"""`archdsl field`: the published fields per module, misaligned joins by line, networks without fields, 80 columns."""

from __future__ import annotations

import json

from click.testing import CliRunner

from archdsl.cli import main


def run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["field", *words])
    assert result.exit_code == code, result.output
    assert "--json" in words or all(len(line) <= 80 for line in result.stdout.splitlines())
    return result.stdout if code == 0 else result.stderr


def test_resnet50() -> None:
    """427, stride 32, padding 213 (shared/oracles/receptive_field_torchvision.csv)."""
    text = " ".join(run("resnet50").split())
    assert "x height and width: whole input, 427 without global ops, stride 32, padding 213" in text
    assert "layer4.2 bottleneck 427 32 213" in text
    assert "global_avg_pool global_avg_pool 427* 32 213" in text


def test_one_module() -> None:
    assert "299" in run("resnet50", "--at", "layer4.0.conv3")
    assert "did you mean layer4.0.conv3?" in run("resnet50", "--at", "layer4.0.con3", code=1)


def test_misaligned_paths_are_named_by_line() -> None:
    text = " ".join(run("nasnetalarge").split())
    assert "factorized at line 27: concat, centres differ along height: 0 (line 25) and 1 (line 26)" in text
    found = json.loads(run("nasnetalarge", "--json"))
    assert found["aligned"] is False
    assert found["misaligned"][0]["path_lines"] == [25, 26]


def test_asymmetric_windows_show_both_axes(tmp_path: object) -> None:
    spec = "network n(x: [3, 64, 64]) = x -> conv(8, (1, 7), (1, 2)) -> conv(8, (3, 1))"
    result = CliRunner().invoke(main, ["field", "-", "--json"], input=spec)
    fields = json.loads(result.stdout)["outputs"][0]
    assert [(f["axis"], f["rf"], f["windows"][0]["stride"]) for f in fields] == [("height", 3, 1), ("width", 7, 2)]
    text = CliRunner().invoke(main, ["field", "-"], input=spec).stdout
    assert "3x7" in text and "1x2" in text


def test_no_field() -> None:
    text = run("transformer_base")
    assert "not defined: embedding looks rows up by number" in text
    assert json.loads(run("transformer_base", "--json"))["outputs"][0][0]["rf"] is None


def test_signs_are_explained_where_they_stand() -> None:
    """A legend for each sign in a row, with all reasons why there is no field, and for no other."""
    spec = "network n(x: [4, 8, 8], ids: int [8]) = x -> conv(4, 3) -> {}"
    meanings = {"*": "* all is seen", "≤": "≤ at most so much", "?": "? not defined: "}
    for then in ("relu", "global_avg_pool", "permute([1, 2, 0]) -> layer_norm", "conv(8, 3) -> select([0, 3])"):
        result = CliRunner().invoke(main, ["field", "-"], input=spec.format(then))
        rows, _, legend = result.stdout.partition("module  ")[2].partition("\n\n")
        for sign, meaning in meanings.items():
            assert (sign in rows) == (meaning in legend), result.stdout
    twice = "[permute([0, 2, 1]), reshape([8, 4, 8]) -> reshape([4, 8, 8])] -> add"
    shown = " ".join(CliRunner().invoke(main, ["field", "-"], input=spec.format(twice)).stdout.split())
    assert "? not defined: the order of axes changes; reshape mixes axes" in shown, shown
