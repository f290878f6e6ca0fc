"""`docs/pictures.md` and its pictures are as `python -m docs` writes them, and show every option of a figure."""

from __future__ import annotations

from pathlib import Path

import pytest

from archdsl.commands.draw import COMMAND
from docs import figure_options

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_not_stale() -> None:
    assert (DOCS / "pictures.md").read_text(encoding="utf-8") == figure_options.page(), "run `python -m docs`"


def test_the_pictures_are_not_stale() -> None:
    for name, picture in figure_options.pictures():
        assert (DOCS / figure_options.PICTURES / name).read_bytes() == picture, f"{name}: run `python -m docs`"
        assert len(picture) < 60_000


@pytest.mark.parametrize("flag", ["width", "block", "inline", "depth", "cells", "left-to-right", "color", "theme"])
def test_every_option_has_its_picture(flag: str) -> None:
    (option,) = [option for option in COMMAND.params if f"--{flag}" in option.opts]
    assert any(option.name in example.options for example in figure_options.EXAMPLES)
    assert f"`--{flag}" in figure_options.page()
