"""Turns the folder of pages into the list of codes and the text that explains each."""

from __future__ import annotations

import difflib
from pathlib import Path

_PAGES = Path(__file__).parent / "pages"


def codes() -> tuple[str, ...]:
    """Every code that has a page, sorted."""
    return tuple(sorted(path.stem for path in _PAGES.glob("*.md")))


def page(code: str) -> str:
    """The page of `code`, in Markdown.

    Raises:
        KeyError: no page has this name; `similar` gives what may have been meant.
    """
    if code not in codes():  # never a path put together from what the user typed
        raise KeyError(code)
    return (_PAGES / f"{code}.md").read_text(encoding="utf-8")


def similar(code: str) -> tuple[str, ...]:
    """Up to three codes whose names are close to `code`, the closest first."""
    return tuple(difflib.get_close_matches(code.lower().replace("_", "-"), codes(), n=3))
