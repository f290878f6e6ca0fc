"""Turns the lexer's tokens into those that the grammar sees: only the newlines that end a statement are left."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.syntax.fault import Fault
from archdsl.syntax.token import Token

END = "_END"
_OPERATORS = frozenset({"ARROW", "AS", "OR", "AND", "COMPARE", "IN", "NOT_IN", "PLUS", "MULTIPLY", "POWER", "EQUAL"})
# A line that starts with one of these goes on with the statement above it ("-" may start a negative number).
CONTINUES = _OPERATORS | {"ELIF", "ELSE"}
# A line that ends with one of these goes on below.
UNFINISHED = _OPERATORS | {"MINUS", "NOT", "COMMA", "COLON"}
# Words that begin a definition; decorators stand on lines of their own above them.
_HEADS = frozenset(["KIND", "IMPORT", "AT"])
_OPENERS = {"LPAR": False, "LSQB": False, "LBRACE": True}
_CLOSERS = frozenset(["RPAR", "RSQB", "RBRACE"])
_WORDS = frozenset({"NAME", "NUMBER", "KIND", "BOOLEAN", "IF", "ELSE", "FOR", "IN", "AND", "OR", "AS"})


class NewlineFilter:
    """Post-lex filter: newlines count inside `{ }` and outside all brackets; there `;` is one that always counts.

    `tokens` lists what was passed on for the parse in progress; error messages look back into it.
    """

    def __init__(self) -> None:
        self.tokens: list[Token] = []

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The tokens of `stream` without the newlines that do not count. Raises Fault for a word glued to a number."""
        tokens = self.tokens = []
        counting = [True]  # whether newlines count in the innermost bracket
        ending: Token | None = None
        final = False  # the end that waits was written as ";"
        previous = END
        for token in stream:
            kind = token.type
            if kind == END:
                if counting[-1] and previous not in UNFINISHED and ending is None:
                    ending = token
                continue
            if kind == "SEMICOLON" and counting[-1]:
                ending = ending or Token(";", END, token.start, token.end)
                final = True
                continue
            if ending is not None:
                wanted = final or kind not in CONTINUES
                if wanted and previous not in ("LBRACE", END) and kind != "RBRACE" and kind not in _HEADS:
                    tokens.append(ending)
                    yield ending
                    previous = END
                ending, final = None, False
            if kind in _OPENERS:
                counting.append(_OPENERS[kind])
            elif kind in _CLOSERS and len(counting) > 1:
                counting.pop()
            elif previous == "NUMBER" and kind in _WORDS and tokens[-1].end == token.start:
                _glued(tokens[-1], token)
            tokens.append(token)
            yield token
            previous = kind
        end = tokens[-1] if tokens else Token("", "", 0, 0)
        yield Token("", "$END", end.start, end.end)


def _glued(number: Token, word: Token) -> None:
    raise Fault(
        "bad-number",
        f"`{number}{word}` is not a number",
        number.start,
        word.end,
        "numbers look like 64, 25_557_032, 0.17, 1e-3, 70k, 5.3M, 4.09G or 2.1T; put a space before a word",
    )
