"""Turns grammar/arch.lark into the parser of items; the tables are built once per process, when first needed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lark import Lark, lexer

from archdsl.syntax.build import TreeBuilder
from archdsl.syntax.newlines import NewlineFilter

_PLACES = (
    Path(__file__).parent.parent / "grammar" / "arch.lark",  # as the wheel carries it
    Path(__file__).parent.parent.parent / "grammar" / "arch.lark",  # in the repository
)


def grammar_text() -> str:
    """The text of arch.lark. Raises FileNotFoundError where the installation lost it."""
    for place in _PLACES:
        if place.is_file():
            return place.read_text(encoding="utf-8")
    raise FileNotFoundError("grammar/arch.lark is missing from this installation of archdsl")


@cache
def item_parser() -> tuple[Lark, NewlineFilter]:
    """The parser of one item's text, giving ParsedItem, and its newline filter, which knows the tokens seen so far."""
    newlines = NewlineFilter()
    return build_parser(newlines, strict=False), newlines


def build_parser(newlines: NewlineFilter, *, strict: bool) -> Lark:
    """A new parser. `strict` makes lark refuse every conflict of the grammar (it then needs `interegular`).

    Where interegular is installed, lark compares all terminals of the grammar, and of its own: 0.1 s that a start does
    not pay. A test builds the parser with `strict`.
    """
    found = lexer.has_interegular
    lexer.has_interegular = found and strict
    try:
        return Lark(
            grammar_text(),
            start="item",
            parser="lalr",
            lexer="basic",
            postlex=newlines,
            transformer=TreeBuilder(),
            keep_all_tokens=True,  # spans come from the tokens, and no time goes into filtering them
            maybe_placeholders=False,
            strict=strict,
        )
    finally:
        lexer.has_interegular = found
