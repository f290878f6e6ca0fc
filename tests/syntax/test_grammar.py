"""Checks that the grammar is LALR(1) without a single conflict, and quick to build."""

from __future__ import annotations

import importlib.util

from lark.parsers.lalr_parser import LALR_Parser

from archdsl.syntax.grammar import build_parser
from archdsl.syntax.newlines import NewlineFilter


def test_no_conflicts() -> None:
    parser = build_parser(NewlineFilter(), strict=False)
    # Raises GrammarError for every shift/reduce conflict, which lark otherwise settles silently.
    LALR_Parser(parser.parser.parser_conf, strict=True)


def test_strict_where_possible() -> None:
    """Lark's strict mode also looks for terminals that overlap, with a package that is not always there."""
    if importlib.util.find_spec("interegular") is not None:
        build_parser(NewlineFilter(), strict=True)


def test_no_terminal_is_nameless() -> None:
    """The newline filter and the error messages know terminals by their names."""
    parser = build_parser(NewlineFilter(), strict=False)
    assert [t.name for t in parser.terminals if "ANON" in t.name and t.name not in parser.ignore_tokens] == []
