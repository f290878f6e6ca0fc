"""`docs/pictures.md`, `docs/gallery.md` and their pictures are as `python -m docs` writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from archdsl.commands.draw import COMMAND
from docs import figure_options, gallery

DOCS = Path(__file__).parents[2] / "docs"


PAGES = {"pictures.md": figure_options, "gallery.md": gallery}


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_not_stale(page: str) -> None:
    assert (DOCS / page).read_text(encoding="utf-8") == PAGES[page].page(), "run `python -m docs`"


@pytest.mark.parametrize("page", PAGES)
def test_pictures_are_not_stale(page: str) -> None:
    drawn = dict(PAGES[page].pictures())
    assert {path.name for path in (DOCS / PAGES[page].PICTURES).iterdir()} == set(drawn)
    for name, picture in drawn.items():
        assert (DOCS / PAGES[page].PICTURES / name).read_bytes() == picture, f"{name}: run `python -m docs`"
        assert len(picture) < 120_000


@pytest.mark.parametrize("flag", ["width", "block", "inline", "depth", "cells", "left-to-right", "color", "theme"])
def test_every_option_has_its_picture(flag: str) -> None:
    (option,) = [option for option in COMMAND.params if f"--{flag}" in option.opts]
    assert any(option.name in example.options for example in figure_options.EXAMPLES)
    assert f"`--{flag}" in figure_options.page()
