"""Every spec of specs/ and of the standard library checks clean, is in canonical form, and cites its paper."""

from __future__ import annotations

from pathlib import Path

import pytest

from archdsl.network import check_source
from archdsl.syntax.format import format_source
from archdsl.syntax.read import read_source

ROOT = Path(__file__).parents[1]
SPECS = sorted((ROOT / "specs").rglob("*.arch"))
LIBRARY = sorted((ROOT / "archdsl" / "std").rglob("*.arch"))


@pytest.mark.parametrize("path", [*SPECS, *LIBRARY], ids=lambda path: path.stem)
def test_spec_checks_clean(path: Path) -> None:
    assert [str(d.span) + " " + d.message for d in check_source(read_source(path))] == []


@pytest.mark.parametrize("path", [*SPECS, *LIBRARY], ids=lambda path: path.stem)
def test_spec_is_in_canonical_form(path: Path) -> None:
    source = read_source(path)
    assert format_source(source) == source.text


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_spec_cites_its_paper(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "@cite(" in text
    assert "@expect(" in text
