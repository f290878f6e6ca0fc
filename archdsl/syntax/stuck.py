"""Turns the parser's report of an unexpected token into the facts that the messages are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from archdsl.syntax.fault import Fault
from archdsl.syntax.token import Token, UnexpectedToken

OPERATORS = frozenset(["ARROW", "AS", "OR", "AND", "COMPARE", "IN", "NOT_IN", "PLUS", "MINUS", "MULTIPLY", "POWER"])
OPERANDS = frozenset(["NAME", "NUMBER", "STRING", "BOOLEAN", "LPAR", "LSQB"])  # what a value starts with
VALUES = frozenset(["NAME", "NUMBER", "STRING", "BOOLEAN", "RPAR", "RSQB"])  # what a value ends with
STOPS = frozenset(["_END", "$END", "RPAR", "RSQB", "RBRACE", "COMMA", "SEMICOLON", "LBRACE", "COLON"])
_STATEMENT_WORDS = frozenset(["KIND", "IMPORT", "SHARED", "RETURN", "FOR", "IN", "IF", "ELIF", "ELSE"])
WORDS = _STATEMENT_WORDS | {"AS", "AND", "OR", "NOT", "NOT_IN", "BOOLEAN"}
_CLOSERS = {"RPAR": "LPAR", "RSQB": "LSQB", "RBRACE": "LBRACE"}


@dataclass
class Stuck:
    """Where the parser got stuck: `token` fits nowhere behind `before` (both of them in the item's `text`)."""

    token: Token
    before: list[Token]
    expected: frozenset[str]
    text: str

    @property
    def kind(self) -> str:
        """Terminal of the unexpected token; "$END" at the end of the item."""
        return self.token.type

    @property
    def last(self) -> Token:
        """The token before it."""
        return self.before[-1] if self.before else Token("", "$START", 0, 0)

    @property
    def next_line(self) -> bool:
        """Whether the unexpected token stands on a line below the one before it."""
        return "\n" in self.text[self.last.end : self.token.start]

    @property
    def stops(self) -> bool:
        """Whether something is missing in front of the unexpected token rather than the token being wrong."""
        return self.kind in STOPS or self.next_line

    @cached_property
    def opener(self) -> Token | None:
        """The innermost bracket that is open."""
        stack: list[Token] = []
        for token in self.before:
            if token.type in _CLOSERS.values():
                stack.append(token)
            elif token.type in _CLOSERS and stack:
                stack.pop()
        return stack[-1] if stack else None

    @property
    def opener_kind(self) -> str:
        """LPAR, LSQB, LBRACE, or "" outside all brackets."""
        return self.opener.type if self.opener is not None else ""

    @cached_property
    def statement(self) -> list[Token]:
        """The tokens of the statement (or definition) up to the unexpected one."""
        for index in range(len(self.before) - 1, -1, -1):
            if self.before[index].type in ("_END", "LBRACE", "RBRACE"):
                return self.before[index + 1 :]
        return self.before

    @property
    def head(self) -> str:
        """Terminal of the statement's first token, "" when the unexpected token is the first."""
        return self.statement[0].type if self.statement else ""

    def adjacent(self) -> bool:
        """Whether nothing stands between the unexpected token and the one before."""
        return self.last.end == self.token.start

    def here(self, code: str, message: str, help: str, notes: tuple[str, ...] = ()) -> Fault:
        """A fault at the unexpected token, or at the one before if the text just stops."""
        if self.kind in ("_END", "$END"):
            return self.at_last(code, message, help)
        return Fault(code, message, self.token.start, self.token.end, help, notes=notes)

    def missing(self, code: str, message: str, help: str) -> Fault:
        """A fault for a part that is not there: at the word that lacks it, or at what stands there instead."""
        return self.at_last(code, message, help) if self.stops else self.here(code, message, help)

    def at_last(self, code: str, message: str, help: str) -> Fault:
        """A fault at the token before the unexpected one."""
        return self.at(self.last, code, message, help)

    def at(self, token: Token, code: str, message: str, help: str) -> Fault:
        """A fault at `token`."""
        return Fault(code, message, token.start, token.end, help)


Explanation = Callable[[Stuck], Fault | None]


def stuck_at(error: UnexpectedToken, tokens: list[Token], text: str) -> Stuck:
    """The facts of `error`; `tokens` are those given to the parser, the unexpected one last if it is one of them."""
    token = error.token
    before = tokens[:-1] if tokens and tokens[-1] is token else list(tokens)
    return Stuck(token, before, error.expected, text)
