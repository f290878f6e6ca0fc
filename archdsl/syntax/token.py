"""Defines a token: a word or symbol of a spec with its terminal and its place, and what stops a parse at one."""

from __future__ import annotations


class Token(str):
    """The text of a word or symbol, from offset `start` up to `end`; `type` is its terminal in grammar/arch.lark.

    The token behind the last one has the type "$END".
    """

    __slots__ = ("end", "start", "type")

    type: str
    start: int
    end: int

    def __new__(cls, text: str, type: str, start: int, end: int) -> Token:
        """A token of this text, terminal and place."""
        token = str.__new__(cls, text)
        token.type, token.start, token.end = type, start, end
        return token


class UnexpectedToken(Exception):
    """No item goes on with `token`; terminals in `expected` would have done."""

    def __init__(self, token: Token, expected: frozenset[str]) -> None:
        super().__init__(token)
        self.token = token
        self.expected = expected


class UnexpectedCharacter(Exception):
    """No word and no symbol begins at offset `at`."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at
