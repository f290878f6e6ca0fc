"""A name on a command line that is none: one form of message, with the nearest name or what there is."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from archdsl.cli import main


@pytest.mark.parametrize(
    "arguments",
    [
        ["plot", "resnet50", "-o", "-", "--what", "cost,memory"],
        ["sweep", "resnet50", "--vary", "classes=3", "--metric", "params,macs"],
        ["space", "resnet50", "--metric", "params,macs"],
        ["draw", "se_resnet50", "-o", "-", "--block", "se,plain_stem"],
    ],
    ids=" ".join,
)
def test_several_names_in_one_word_are_told_to_be_given_one_by_one(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1 and "help: one at a time" in result.stderr
    assert ", ".join(arguments[-1].split(",")) in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["draw", "resnet50", "-o", "-", "--block", "bottlenek"],
        ["draw", "resnet50", "-o", "-", "--inline", "bottlenek"],
        ["plot", "resnet50", "-o", "-", "--what", "memroy"],
        ["field", "resnet50", "--at", "layer4.0.conv9"],
        ["fit", "resnet50", "--over", "classes", "--at-most", "parms=3"],
        ["sweep", "resnet50", "--vary", "classes=3", "--metric", "parms"],
        ["space", "resnet50", "--metric", "parms"],
        ["space", "resnet50", "--pareto", "parms"],
        ["space", "resnet50", "--where", "parms < 3"],
        ["lint", "resnet50", "--select", "does-nothin"],
        ["explain", "shape-mismach"],
        ["ops", "max_poool"],
        ["schema", "analyse"],
        ["sizes", "resnet50", "--axis", "heigth"],
    ],
    ids=" ".join,
)
def test_a_name_that_is_none_is_told_in_one_form_with_the_nearest(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("error[unknown-name]: there is no ") and "help: did you mean " in result.stderr


@pytest.mark.parametrize("name", ["oneof", "someof", "scan", "len"])
def test_a_built_in_is_no_op_and_is_not_its_own_nearest(name: str) -> None:
    result = CliRunner().invoke(main, ["ops", name])
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"{name} is no op but a built-in of the language" in result.stderr and "did you mean" not in result.stderr
