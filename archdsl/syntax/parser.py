"""Turns the text of one item into its ParsedItem, by tables that `python -m grammar` makes from grammar/arch.lark.

The tables are an LALR(1) automaton (Aho, Lam, Sethi, Ullman, Compilers, second edition, section 4.7). A stack holds
the states on the way; what the top state says of the next token is done: shift it and go to another state (a number
from 0), or reduce by a rule (below 0), whose symbols leave the stack for the one that they make. For `f(a)`: shift `f`,
reduce it to an atom and to a postfix, shift `(`, shift `a`, reduce it until it is an argument, shift `)`, reduce the
brackets to arguments, and both to the postfix `f(a)`.

Most reductions would be by unit productions, rules of one symbol that build nothing: before `)`, the atom `a` is a
postfix, a power, a unary, ... and at last an expr. They are done in one step, after Pager, Eliminating unit productions
from LR parsers, Acta Informatica 9, 1977: `units` says, of the state below such a symbol and of the next token, which
state stands on it after the last of them. In `f(a` the state below is that behind `(`: before `)` and `,` the state of
an expr follows, before `+` that of a product, before `->` that of a labelled. Unlike Pager's, the states are those of
the whole automaton; where the token fits nothing there is no entry, the reductions are done one by one, and the message
is the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from archdsl.syntax.build import TreeBuilder
from archdsl.syntax.newlines import NewlineFilter
from archdsl.syntax.token import Token, UnexpectedCharacter, UnexpectedToken

# An origin, how many symbols make it, and what builds it of them, lists at some places taken apart; None keeps the one.
Production = tuple[str, int, Callable[[Any, list[Any]], Any] | None, tuple[int, ...]]


class Parser:
    """Makes nodes by the methods of a `builder`: one for each rule, and one for each terminal that has a value."""

    def __init__(self, tables: dict[str, Any], builder: type) -> None:
        words, literals = tables["words"], tables["literals"]
        patterns = [f"({pattern})" for _, pattern in words]
        # The last group: a literal, a character that nothing begins with, or the end. `*+` gives no blank back.
        patterns.append(f"({'|'.join(re.escape(text) for _, text in literals)}|.|\\Z)")
        self._words = re.compile(f"(?:{'|'.join(tables['ignored'])})*+(?:{'|'.join(patterns)})")
        self._kinds = ["", *[name for name, _ in words], ""]
        self._literals = {text: name for name, text in literals}
        self._states: list[dict[str, int]] = tables["states"]
        self._units: list[dict[str, int]] = tables["units"]
        self._rules: list[Production] = [
            (origin, length, _builder(builder, name), tuple(spliced))
            for origin, length, name, spliced in tables["rules"]
        ]
        self._valued = {name: getattr(builder, name) for name, _ in words if hasattr(builder, name)}

    def parse(self, text: str, newlines: NewlineFilter, builder: Any) -> Any:
        """What `builder`, of the parser's type, makes of an item's text; `newlines.tokens` are then the tokens seen.

        Raises:
            UnexpectedToken, UnexpectedCharacter: no item goes on like this.
            Fault: what the builder refuses.
        """
        table, rules, units = self._states, self._rules, self._units
        valued = {kind: make.__get__(builder) for kind, make in self._valued.items()}
        states = [0]
        row = table[0]
        values: list[Any] = []
        for token in newlines.process(self._tokens(text)):
            kind = token.type
            while (action := row.get(kind)) is None or action < 0:  # reduce what ends before `token`
                if action is None:
                    raise UnexpectedToken(token, frozenset(filter(str.isupper, row)))
                origin, length, build, spliced = rules[~action]
                if build is None:
                    below = states[-2]
                    states[-1] = state = units[below].get(kind) or table[below][origin]
                else:
                    children = values[-length:]
                    values[-length:] = [build(builder, _splice(children, spliced) if spliced else children)]
                    state = table[states[~length]][origin]
                    states[-length:] = [state]
                row = table[state]
            states.append(action)
            row = table[action]
            make = valued.get(kind)
            values.append(make(token) if make is not None else token)
        return values[0]

    def _tokens(self, text: str) -> Iterator[Token]:
        kinds, literals, new = self._kinds, self._literals, str.__new__
        for match in self._words.finditer(text):
            group: int = match.lastindex  # type: ignore[assignment]  # one of them always matches
            word = match[group]
            kind = kinds[group] or literals.get(word)
            if kind is not None:
                token = new(Token, word)  # as Token() does it, without a call for each
                token.type = kind
                token.start, token.end = match.span(group)
                yield token
            elif word:
                raise UnexpectedCharacter(match.start(group))


def _splice(children: list[Any], spliced: tuple[int, ...]) -> list[Any]:
    """`children` with the lists at `spliced` taken apart. The first list is reused: long ones grow by one a time."""
    for at in reversed(spliced):
        if at > 0:
            children[at : at + 1] = children[at]
        else:
            first, *rest = children
            first += rest
            children = first
    return children


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
