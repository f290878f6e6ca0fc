"""Turns grammar/arch.lark into the parser of items; the tables are built once per process, when first needed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark
from lark.lexer import BasicLexer

from archdsl.syntax.build import TreeBuilder
from archdsl.syntax.newlines import NewlineFilter

_PLACES = (
    Path(__file__).parent.parent / "grammar" / "arch.lark",  # as the wheel carries it
    Path(__file__).parent.parent.parent / "grammar" / "arch.lark",  # in the repository
)


class _TrustedLexer(BasicLexer):
    """The lexer without lark's check of the terminals against each other: 0.1 s where interegular is installed.

    A test builds the parser with `strict`, which checks them and more.
    """

    def __init__(self, conf: Any, comparator: Any = None) -> None:
        conf.skip_validation = True
        super().__init__(conf, comparator)


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
    """A new parser. `strict` makes lark refuse every conflict of the grammar (it then needs `interegular`)."""
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
        _plugins={} if strict else {"BasicLexer": _TrustedLexer},
    )
