"""Checks the page of the standard library: every word has an example that runs, and the numbers are torch's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

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
    module = loads(f"import std: {word}\nnetwork n({signature}) = [{', '.join(letters)}] -> {stage}").build()
    made = module(*[torch.zeros(2, *map(int, re.findall(r"\d+", type))) for type in types])
    page = std_reference.word_page(word)
    assert f"`{list(made.shape[1:])}`" in page
    assert f"{sum(p.numel() for p in module.parameters()):,} params" in page


def test_a_word_of_others_leads_on_and_an_unknown_one_exits_with_2() -> None:
    done = CliRunner().invoke(main, ["ops", "squeeze_excitation"])
    assert done.exit_code == 0 and "squeeze_excitation is called se here" in done.output
    done = CliRunner().invoke(main, ["ops", "selff_attention"])
    assert done.exit_code == 1 and "did you mean self_attention?" in done.output
