"""Turns a file into its canonical text: same tree, comments kept, 4 spaces a level, lines up to 120 where possible."""

from __future__ import annotations

from archdsl.diagnostics.model import ArchError, Diagnostics
from archdsl.source import Source
from archdsl.syntax.format_breaks import break_line, settle_breaks
from archdsl.syntax.format_words import CLOSERS, Word, read_words, space
from archdsl.syntax.parse import parse

WIDTH = 120
INDENT = 4

WordLine = list[Word]


def format_source(source: Source, width: int = WIDTH) -> str:
    """The canonical text of `source`. The author's line breaks inside brackets and chains stay;
    lines are broken where they are longer than `width`.

    Raises ArchError if the file has syntax errors: what is not understood is not touched.
    """
    diagnostics = Diagnostics()
    parse(source, diagnostics)
    if diagnostics.errors:
        raise ArchError(diagnostics.errors)
    words = settle_breaks(read_words(source.text))
    while True:
        lines = _lines(words)
        margins = _margins(lines)
        long = [
            line
            for line, margin in zip(lines, margins, strict=True)
            if len(_code(line, margin)) > width and line[0].kind != "comment"
        ]
        broken = [break_line(line) for line in long]
        if not any(broken):
            break
        words = settle_breaks(words)
    return _print(lines, margins)


def _lines(words: list[Word]) -> list[WordLine]:
    lines: list[WordLine] = []
    for word in words:
        if word.breaks or not lines:
            lines.append([])
        lines[-1].append(word)
    return lines


def _margins(lines: list[WordLine]) -> list[int]:
    """The indentation of each line."""
    margins: list[int] = []
    of_bracket: dict[int, int] = {}  # opening bracket -> margin of its line
    statement = 0  # margin of the line that begins the statement
    on_own_line: set[int] = set()  # brackets whose last element began a line
    before: Word | None = None  # last word that is no comment
    for line, first in zip(lines, _stand_ins(lines), strict=True):
        inner = of_bracket[id(first.opener)] + INDENT if first.opener is not None else 0
        in_list = first.opener is not None and first.opener.text != "{"
        if first.text in CLOSERS and first.partner is not None:
            margin = of_bracket[id(first.partner)]
        elif first.kind == "comment" or first.starts:
            margin = inner
        elif in_list:
            if before is first.opener or (before is not None and before.text in (",", ";")):
                on_own_line.add(id(first.opener))
                margin = inner
            else:  # the line goes on with an element
                margin = inner + INDENT if id(first.opener) in on_own_line else inner
        else:
            margin = statement if first.text in ("else", "elif") else statement + INDENT
            if before is not None and before.text == "=":
                statement = margin  # what follows goes on with this line
        margins.append(margin)
        for word in line:
            if word.kind == "sign" and word.text in CLOSERS.values():
                of_bracket[id(word)] = margin
            if word.starts:
                statement = margin
            if word.text == "}" and word.partner is not None:
                statement = of_bracket[id(word.partner)]
            if word.kind != "comment":
                before = word
    return margins


def _stand_ins(lines: list[WordLine]) -> list[Word]:
    """Each line's first word; a comment stands like the line below it, or inside the bracket that closes there."""
    words: list[Word] = []
    below: Word | None = None
    for line in reversed(lines):
        first = line[0]
        if first.kind != "comment":
            below = first
        elif below is not None and below.text not in CLOSERS:
            first = below
        words.append(first)
    words.reverse()
    return words


def _code(line: WordLine, margin: int, equals_at: int = 0) -> str:
    """The line without its trailing comment; a body's `=` is moved right to column `equals_at`."""
    text = " " * margin
    row = _is_row(line)
    body = _body_equals(line) if equals_at else None
    for before, word in zip([None, *line], line, strict=False):
        if word.kind == "comment" and before is not None:
            break
        if word is body:
            text = text.ljust(equals_at - 1)
        if before is not None:
            wide = row and before.text in (",", "(", "[") and not word.breaks
            text += " " * max(word.gap if wide else 0, space(before, word))
        text += word.text
    return text


def _is_row(line: WordLine) -> bool:
    """Whether the line is one row of a table, `(…),` or `[…],`: there the author's alignment stays."""
    code = [word for word in line if word.kind != "comment"]
    if code and code[-1].text == ",":
        code.pop()
    return len(code) > 1 and code[0].text in ("(", "[") and code[0].partner is code[-1] and code[0].opener is not None


def _body_equals(line: WordLine) -> Word | None:
    """The `=` of a one-line definition."""
    if not (line[0].starts and line[0].kind == "name" and line[0].opener is None):
        return None
    if line[0].text not in ("fn", "block", "cell", "network"):
        return None
    return next((word for word in line if word.text == "=" and word.opener is None), None)


def _aligned(lines: list[WordLine], margins: list[int]) -> dict[int, int]:
    """Columns of the `=` of neighbouring one-line definitions, where the author had aligned them."""
    columns: dict[int, int] = {}
    index = 0
    while index < len(lines):
        group: list[tuple[int, Word]] = []
        while index < len(lines):
            equals = _body_equals(lines[index])
            if equals is None or (group and (lines[index][0].breaks > 1 or equals.column != group[0][1].column)):
                break
            group.append((index, equals))
            index += 1
        if len(group) > 1:
            widest = 0
            for at, equals in group:
                head = lines[at][: lines[at].index(equals) + 1]
                widest = max(widest, len(_code(head, margins[at])) - 1)
            columns.update((at, widest) for at, _ in group)
        index = index + 1 if not group else index
    return columns


def _print(lines: list[WordLine], margins: list[int]) -> str:
    columns = _aligned(lines, margins)
    result: list[str] = []
    for index, (line, margin) in enumerate(zip(lines, margins, strict=True)):
        if line[0].breaks > 1:
            result.append("")
        text = _code(line, margin, columns.get(index, 0))
        comment = line[-1]
        if comment.kind == "comment" and len(line) > 1:
            aligned = comment.column if comment.gap > 1 else 0  # where the author put it on purpose
            text = text.ljust(max(len(text) + 2, aligned)) + comment.text
        result.append(text)
    return "".join(f"{text}\n" for text in result)
