"""Turns the text of one item into its ParsedItem, by tables that `python -m grammar` makes from grammar/arch.lark.

The tables are an LALR(1) automaton (Aho, Lam, Sethi, Ullman, Compilers, second edition, section 4.7). A stack holds
the states on the way; what the top state says of the next token is done: shift it and go to another state (a number
from 0), or reduce by a rule (below 0), whose symbols leave the stack for the one that they make. For `f(a)`: shift `f`,
reduce it to an atom and to a postfix, shift `(`, shift `a`, reduce it until it is an argument, shift `)`, reduce the
brackets to arguments, and both to the postfix `f(a)`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from archdsl.syntax.build import TreeBuilder
from archdsl.syntax.newlines import NewlineFilter
from archdsl.syntax.token import Token, UnexpectedCharacter, UnexpectedToken

END = "$END"


class Production(NamedTuple):
    """`length` symbols make an `origin`: what `build` makes of them, lists at `spliced` taken apart; None keeps one."""

    origin: str
    length: int
    build: Callable[[Any, list[Any]], Any] | None
    spliced: tuple[int, ...]


class Parser:
    """Makes nodes by the methods of a `builder`: one for each rule, and one for each terminal that has a value."""

    def __init__(self, tables: dict[str, Any], builder: type) -> None:
        self._words = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in tables["words"]))
        self._ignored = frozenset(tables["ignored"])
        self._states: list[dict[str, int]] = tables["states"]
        self._rules = [
            Production(o, n, _builder(builder, name), tuple(spliced)) for o, n, name, spliced in tables["rules"]
        ]
        terminals = {name for name, _ in tables["words"]}
        self._valued = {name: getattr(builder, name) for name in terminals if hasattr(builder, name)}

    def parse(self, text: str, newlines: NewlineFilter, builder: Any) -> Any:
        """What `builder`, of the parser's type, makes of an item's text; `newlines.tokens` are then the tokens seen.

        Raises:
            UnexpectedToken, UnexpectedCharacter: no item goes on like this.
            Fault: what the builder refuses.
        """
        table, rules = self._states, self._rules
        valued = {kind: make.__get__(builder) for kind, make in self._valued.items()}
        states = [0]
        values: list[Any] = []
        for token in _ended(newlines.process(self._tokens(text))):
            kind = token.type
            row = table[states[-1]]
            while (action := row.get(kind)) is None or action < 0:  # reduce what ends before `token`
                if action is None:
                    raise UnexpectedToken(token, frozenset(filter(str.isupper, row)))
                origin, length, build, spliced = rules[~action]
                if build is not None:
                    children = values[-length:]
                    values[-length:] = [build(builder, _splice(children, spliced) if spliced else children)]
                    del states[len(states) + 1 - length :]
                states[-1] = state = table[states[-2]][origin]
                row = table[state]
            states.append(action)
            values.append(valued[kind](token) if kind in valued else token)
        return values[0]

    def _tokens(self, text: str) -> Iterator[Token]:
        ignored, at = self._ignored, 0
        for match in self._words.finditer(text):
            start, end = match.span()
            kind = match.lastgroup
            if start != at:
                break
            at = end
            if kind is not None and kind not in ignored:
                yield Token(match[0], kind, start, end)
        if at != len(text):
            raise UnexpectedCharacter(at)


def _ended(tokens: Iterator[Token]) -> Iterator[Token]:
    token = Token("", END, 0, 0)
    for token in tokens:
        yield token
    yield Token("", END, token.start, token.end)


def _splice(children: list[Any], spliced: tuple[int, ...]) -> list[Any]:
    """`children` with the lists at `spliced` taken apart. The first list is reused: long ones grow by one a time."""
    out: list[Any] = []
    for i, child in enumerate(children):
        if i not in spliced:
            out.append(child)
        elif out:
            out += child
        else:
            out = child
    return out


def _builder(builder: type, name: str) -> Callable[[Any, list[Any]], Any] | None:
    """The method of the rule called `name`; a list as it is for "[]", and None where the only child stands for all."""
    if name == "[]":
        return lambda _, children: children
    found: Callable[[Any, list[Any]], Any] | None = getattr(builder, name) if name else None
    return found


@cache
def item_parser() -> Parser:
    """The parser of items, made once a process from what grammar/__main__.py wrote."""
    return Parser(json.loads(Path(__file__).with_name("tables.json").read_text(encoding="utf-8")), TreeBuilder)
