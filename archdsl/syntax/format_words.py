"""Turns a file's text into words with the line breaks and gaps their author gave them, comments included."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from archdsl.syntax.newlines import CONTINUES, UNFINISHED

_WORD = re.compile(
    r"""
    (?P<newline>\n)
    | (?P<blank>[ \t\r\f\ufeff]+)
    | (?P<comment>\#[^\n]*)
    | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    | (?P<number>[0-9][0-9_]*(?:\.[0-9][0-9_]*)?(?:[eE][+-]?[0-9]+)?(?:[kMGT]|%(?=[ \t]*[),]))?)
    | (?P<name>not[ \t]+in\b|[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign>->|\*\*|//|==|!=|<=|>=|.)
    """,
    re.VERBOSE,
)
# The terminals that newlines.py speaks of, for the words that matter there.
_TERMINALS = {
    "->": "ARROW", "as": "AS", "or": "OR", "and": "AND", "not": "NOT", "not in": "NOT_IN", "in": "IN",
    "+": "PLUS", "-": "MINUS", "**": "POWER", "=": "EQUAL", "elif": "ELIF", "else": "ELSE", ",": "COMMA", ":": "COLON",
    **dict.fromkeys(("*", "/", "//", "%"), "MULTIPLY"),
    **dict.fromkeys(("==", "!=", "<=", ">=", "<", ">"), "COMPARE"),
}  # fmt: skip
HEADS = frozenset({"import", "fn", "block", "cell", "network", "@"})
_OPERATORS = {"and", "as", "in", "not", "not in", "or"}
KEYWORDS = HEADS | _OPERATORS | {"elif", "else", "for", "if", "return", "shared"}
CLOSERS = {")": "(", "]": "[", "}": "{"}


@dataclass(slots=True, eq=False)
class Word:
    """A token or comment; `breaks` counts the newlines before it (2 for any blank line), `gap` the spaces."""

    text: str
    kind: str
    breaks: int = 0
    gap: int = 0
    column: int = 0
    partner: Word | None = None  # the other bracket
    opener: Word | None = None  # the innermost bracket around it
    starts: bool = False  # begins a statement or an item
    unary: bool = False
    postfix: bool = False  # a bracket of a call, an index or a signature
    has_comma: bool = False  # a bracket with a comma directly inside
    has_for: bool = False  # a bracket that holds a comprehension

    @property
    def is_value(self) -> bool:
        """Whether a value can end with it."""
        return self.kind in ("string", "number") or self.text in (")", "]") or self.is_name

    @property
    def is_name(self) -> bool:
        """Whether it is a name or a literal word."""
        return self.kind == "name" and self.text not in KEYWORDS


def read_words(text: str) -> list[Word]:
    """The words of `text`, which has no syntax errors, their brackets paired and their roles known."""
    words: list[Word] = []
    breaks = gap = line = 0
    for match in _WORD.finditer(text):
        kind = match.lastgroup or ""
        if kind == "newline":
            breaks, gap, line = breaks + 1, 0, match.end()
        elif kind == "blank":
            gap = len(match[0].expandtabs(4))
        else:
            column = len(text[line : match.start()].expandtabs(4))
            written = " ".join(match[0].split()) if kind == "name" else match[0].rstrip()
            words.append(Word(written, kind, min(breaks, 2), gap, column))
            breaks = gap = 0
    settle(words)
    return words


def settle(words: list[Word]) -> None:
    """Find out, from the line breaks as they are now, each word's brackets and role."""
    stack: list[Word] = []
    previous: Word | None = None  # comments left out
    broken = False
    for word in words:
        broken = broken or word.breaks > 0
        if word.text in CLOSERS and stack:
            word.partner = stack.pop()
            word.partner.partner = word
        word.opener = stack[-1] if stack else None
        if word.opener is not None:
            word.opener.has_comma |= word.text == ","
            word.opener.has_for |= word.text == "for"
        if word.kind == "comment":
            continue
        word.starts = _starts(word, previous, broken)
        if word.text == "-":
            word.unary = word.starts or previous is None or not previous.is_value
        if word.text in ("(", "["):
            word.postfix = not word.starts and previous is not None and previous.is_value and previous.kind != "number"
        if word.text in CLOSERS.values() and word.kind == "sign":
            stack.append(word)
        previous, broken = word, False


def _starts(word: Word, previous: Word | None, broken: bool) -> bool:
    if previous is None or (word.text in HEADS and word.opener is None):
        return True
    if word.opener is not None and word.opener.text != "{":
        return False
    if previous.text == ";" or previous is word.opener:
        return True
    terminal = _TERMINALS.get(word.text)
    return (
        broken
        and terminal not in CONTINUES
        and _TERMINALS.get(previous.text) not in UNFINISHED
        and word.text not in CLOSERS
    )


def space(before: Word, word: Word) -> int:
    """Spaces between two words of a line."""
    text = word.text
    if before.text in ("(", "[", ".", "@") or text in (")", "]", ",", ";", "."):
        return 0
    if before.unary or (text in ("(", "[") and word.postfix):
        return 0
    if text == ":" or before.text == ":":
        in_index = word.opener is not None and word.opener.text == "[" and word.opener.postfix
        return 0 if in_index or text == ":" else 1
    return 1


def on_one_line(text: str) -> str:
    """An expression as `fmt` writes it on one line: without comments, and without a comma at the end of a list."""
    words: list[Word] = []
    for word in read_words(text):
        if word.text in CLOSERS and words and words[-1].text == ",":
            words.pop()
        if word.kind != "comment":
            word.breaks = 0
            words.append(word)
    settle(words)
    gaps = [0, *(space(before, word) for before, word in itertools.pairwise(words))]
    return "".join(" " * gap + word.text for gap, word in zip(gaps, words, strict=True))
