"""Checks the page of the standard library: every word has an example that runs, and the numbers are torch's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from click.testing import CliRunner
from torch import nn

from archdsl import std_reference
from archdsl.cli import main
from archdsl.network import loads

PAGE = Path(__file__).parents[1] / "docs" / "std.md"
WORDS = list(std_reference.words())


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == std_reference.reference(), "run `python -m docs`"


def test_every_word_has_an_example_and_documentation() -> None:
    assert list(std_reference.EXAMPLES) == WORDS
    assert [name for name, item in std_reference.words().items() if not item.doc] == []


@pytest.mark.parametrize("word", WORDS)
def test_ops_explains_it(word: str) -> None:
    done = CliRunner().invoke(main, ["ops", word])
    assert done.exit_code == 0
    assert done.output.strip() == std_reference.word_page(word).strip()
    assert f"import std: {word}" in done.output and std_reference.words()[word].text in done.output


@pytest.mark.parametrize("word", [w for w, example in std_reference.EXAMPLES.items() if "->" in example])
def test_the_numbers_are_those_of_torch(word: str) -> None:
    shapes, stage = std_reference.EXAMPLES[word].split(" -> ", 1)
    types = re.findall(r"\[[^]]*\]", shapes)
    letters = "xyz"[: len(types)]
    signature = ", ".join(f"{letter}: {type}" for letter, type in zip(letters, types, strict=True))
    imports = f"import std: {', '.join(WORDS)}"
    module = loads(f"{imports}\nnetwork n({signature}) = [{', '.join(letters)}] -> {stage}").build()
    made = module(*[torch.zeros(2, *map(int, re.findall(r"\d+", type))) for type in types])
    page = std_reference.word_page(word)
    assert f"`{list(made.shape[1:])}`" in page
    assert f"{sum(p.numel() for p in module.parameters()):,} params" in page


X = torch.randn(2, 4, 6, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
# Stages without weights, of a map [4, 6, 5], and what torch makes of it.
COMPUTED = {
    "normalize": F.normalize(X, dim=-1),
    "normalize(0)": F.normalize(X, dim=1),
    'scalar("*", 0) -> normalize': torch.zeros_like(X),
    "glu(axis = 0)": F.glu(X, 1),
    "glu(silu, 1)": X[:, :, :3] * F.silu(X[:, :, 3:]),
    **{f"roll({by}, axis = {axis})": X.roll(by, axis + 1) for by in (-13, -2, 0, 3, 12, 29) for axis in (0, 1)},
    "roll(1, -1)": X.roll(1, 3),
}


@pytest.mark.parametrize("stage", COMPUTED)
def test_words_compute_what_torch_computes(stage: str) -> None:
    module = loads(f"import std: normalize, glu, roll\nnetwork n(x: [4, 6, 5]) = x -> {stage}").build().double()
    torch.testing.assert_close(module(X), COMPUTED[stage])


@pytest.mark.filterwarnings("ignore:.*weight_norm")
@pytest.mark.parametrize("axes", [1, 2])
def test_weight_norm_is_torchs(axes: int) -> None:
    """By keys, shapes and values."""
    conv = (nn.Conv1d, nn.Conv2d)[axes - 1](4, 6, 3, 2, 1, groups=2)
    theirs = torch.nn.utils.weight_norm(conv).double()
    x = X.flatten(2) if axes == 1 else X
    spec = f"import std: wn_conv\nnetwork n(x: {list(x.shape[1:])}) = x -> wn_conv(6, 3, 2, groups = 2) as conv"
    ours = loads(spec).build().double()
    torch.nn.init.normal_(theirs.weight_g)
    ours.conv.load_state_dict(theirs.state_dict())
    torch.testing.assert_close(ours(x), theirs(x))


@pytest.mark.parametrize("groups", [1, 2])
def test_standardized_weights_have_mean_0_and_variance_1(groups: int) -> None:
    spec = f"import std: std_conv\nnetwork n(x: [4, 6, 5]) = x -> std_conv(6, 3, groups = {groups})"
    ours = loads(spec).build().double()
    (weight,) = ours.parameters()
    rows = weight.flatten(1)
    rows = (rows - rows.mean(1, keepdim=True)) / (rows.var(1, unbiased=False, keepdim=True) + 1e-8).sqrt()
    torch.testing.assert_close(ours(X), F.conv2d(X, rows.view_as(weight), padding=1, groups=groups))


def test_a_word_of_others_leads_on_and_an_unknown_one_exits_with_2() -> None:
    done = CliRunner().invoke(main, ["ops", "squeeze_excitation"])
    assert done.exit_code == 0 and "squeeze_excitation is called se here" in done.output
    done = CliRunner().invoke(main, ["ops", "selff_attention"])
    assert done.exit_code == 1 and "did you mean self_attention?" in done.output
