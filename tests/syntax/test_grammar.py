"""Checks that the grammar is LALR(1) without conflicts, that its tables are fresh, and that they parse as lark does."""

from __future__ import annotations

import importlib.util
import json
import random
import re
from functools import cache
from typing import Any

import pytest
from lark import Lark, Token, Tree, UnexpectedCharacters, exceptions
from lark.parsers.lalr_parser import LALR_Parser

from archdsl.library import specs
from archdsl.syntax.build import ParsedItem, TreeBuilder
from archdsl.syntax.fault import Fault
from archdsl.syntax.newlines import NewlineFilter
from archdsl.syntax.parser import Parser, item_parser
from archdsl.syntax.split import split
from archdsl.syntax.token import Token as OurToken
from archdsl.syntax.token import UnexpectedCharacter, UnexpectedToken
from grammar.__main__ import TABLES, build, tables


@cache
def lark() -> Lark:
    """Lark's own parser, in which newlines do not count: it gets the tokens that the newline filter leaves."""
    return build()


def test_the_tables_are_fresh() -> None:
    """`python -m grammar` would change nothing."""
    assert TABLES.read_text(encoding="utf-8") == tables(lark())


def test_no_conflicts() -> None:
    # Raises GrammarError for every shift/reduce conflict, which lark otherwise settles silently.
    LALR_Parser(lark().parser.parser_conf, strict=True)  # type: ignore[attr-defined]


def test_strict_where_possible() -> None:
    """Lark's strict mode also looks for terminals that overlap, with a package that is not always there."""
    if importlib.util.find_spec("interegular") is not None:
        build(strict=True)


def test_no_terminal_is_nameless() -> None:
    """The newline filter and the error messages know terminals by their names."""
    assert [t.name for t in lark().terminals if "ANON" in t.name and t.name not in lark().ignore_tokens] == []


def _rule_names() -> set[str]:
    return {builder for _, _, builder, _ in json.loads(TABLES.read_text())["rules"]} - {"", "[]"}


# A builder whose nodes are (rule, children); tokens stay.
Trees = type("Trees", (), {name: lambda _, children, name=name: (name, children) for name in _rule_names()})


@cache
def plain_parser() -> Parser:
    """A parser from the same tables that builds nothing but trees."""
    return Parser(json.loads(TABLES.read_text()), Trees)


@cache
def slow_parser() -> Parser:
    """A parser of items that does one unit production after the other."""
    told = json.loads(TABLES.read_text())
    return Parser(told | {"units": [{} for _ in told["states"]]}, TreeBuilder)


def parsed(parser: Parser, text: str) -> object:
    """The node of an item, or all that is known of what stops the parse."""
    newlines = NewlineFilter()
    try:
        return parser.parse(text, newlines, TreeBuilder())
    except UnexpectedToken as error:
        seen = [(token, token.type, token.start, token.end) for token in [*newlines.tokens, error.token]]
        return error.expected, seen
    except UnexpectedCharacter as error:
        return error.at
    except Fault as fault:
        return vars(fault)


def ours(text: str) -> object:
    """The tree, or where and at what the parser stops and what it expected."""
    try:
        return shown(plain_parser().parse(text, NoFilter(), Trees()))
    except UnexpectedToken as error:
        return error.token.type, error.token.start, error.expected
    except UnexpectedCharacter as error:
        return error.at


def larks(text: str) -> object:
    """The same of lark."""
    try:
        return shown(lark().parse(text))
    except exceptions.UnexpectedToken as error:
        return error.token.type, error.token.start_pos or 0, frozenset(error.expected)
    except UnexpectedCharacters as error:
        return error.pos_in_stream


class NoFilter(NewlineFilter):
    """Passes everything on: lark is asked without the filter too."""

    def process(self, stream: Any) -> Any:
        token = OurToken("", "", 0, 0)
        for token in stream:
            yield token
        yield OurToken("", "$END", token.start, token.end)


def shown(node: Any) -> object:
    """A tree of either parser as tuples of text."""
    if isinstance(node, Tree):
        return str(node.data), [shown(child) for child in node.children]
    if isinstance(node, tuple):
        return node[0], [shown(child) for child in node[1]]
    return (node.type, str(node), node.start_pos if isinstance(node, Token) else node.start)


def items() -> list[str]:
    """The text of every item of the zoo."""
    return [chunk.text for path in specs() for chunk in split(path.read_text(encoding="utf-8")) if not chunk.fault]


PIECE = re.compile(r"[A-Za-z_0-9.]+|\s+|->|[=!<>]=|.", re.DOTALL)


def mutated(text: str, rng: random.Random, other: str) -> str:
    """A few words of `text` left out, doubled, swapped, or replaced by words of `other`."""
    words, foreign = PIECE.findall(text), PIECE.findall(other)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(words))
        words[at] = rng.choice(["", words[at] * 2, rng.choice(words), rng.choice(foreign), " " + rng.choice(foreign)])
    return "".join(words)


def one_line(text: str) -> str:
    """The item with newlines where the filter leaves them: as `_END` between statements, blanks elsewhere."""
    newlines = NewlineFilter()
    list(newlines.process(item_parser()._tokens(text)))
    return " ".join("\n" if token.type == "_END" else str(token) for token in newlines.tokens)


def test_the_zoo_parses_as_with_lark() -> None:
    """Every item of the zoo gives lark's tree. Newlines that do not count are taken out first."""
    for text in items():
        line = one_line(text)
        expected = larks(line)
        assert isinstance(expected, tuple) and expected[0] == "item", line
        assert ours(line) == expected


@pytest.mark.parametrize("seed", range(4))
def test_mutated_items_parse_or_fail_as_with_lark(seed: int) -> None:
    """The same tree, or the same token refused with the same expectations, or the same character."""
    rng = random.Random(seed)
    lines = [one_line(text) for text in rng.sample(items(), 60)]
    outcomes = set()
    for _ in range(250):
        text = mutated(rng.choice(lines), rng, rng.choice(lines))
        expected = larks(text)
        assert ours(text) == expected, text
        outcomes.add("character" if isinstance(expected, int) else "tree" if expected[0] == "item" else "token")  # type: ignore[index]
    assert outcomes >= {"tree", "token"}


@pytest.mark.parametrize("seed", range(2))
def test_unit_productions_done_at_once_change_nothing(seed: int) -> None:
    """The same node, or the same stop with the same expectations, as where each of them is done alone."""
    rng = random.Random(seed)
    texts, outcomes = items(), set()
    for _ in range(400):
        text = mutated(rng.choice(texts), rng, rng.choice(texts))
        expected = parsed(slow_parser(), text)
        assert parsed(item_parser(), text) == expected, text
        outcomes.add(type(expected))
    assert outcomes >= {ParsedItem, tuple, dict}


class CountedRow(dict[str, int]):
    """A row of the automaton that counts how often an action is looked up in any."""

    looked_up = 0

    def get(self, *args: Any) -> Any:
        """As a dict does it."""
        CountedRow.looked_up += 1
        return super().get(*args)


def test_a_token_costs_few_steps() -> None:
    """Over the zoo less than three look-ups a token: one for its shift, the others for reductions."""
    told = json.loads(TABLES.read_text())
    parser = Parser(told | {"states": [CountedRow(row) for row in told["states"]]}, TreeBuilder)
    CountedRow.looked_up = tokens = 0
    for text in items():
        newlines = NewlineFilter()
        parser.parse(text, newlines, TreeBuilder())
        tokens += len(newlines.tokens)
    assert tokens > 10_000
    assert tokens < CountedRow.looked_up < 3 * tokens
