"""Turns a diagnostic into the text that a person reads: header, source lines with underlines, notes and help."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from archdsl.diagnostics.display import Cells, safe, width
from archdsl.diagnostics.model import ERROR, INFO, WARNING, Diagnostic
from archdsl.source import Source, Span

COLUMNS = 80

_RESET = "\x1b[0m"
_STYLES = {
    ERROR: "\x1b[1;31m",
    WARNING: "\x1b[1;33m",
    INFO: "\x1b[1;34m",
    "bold": "\x1b[1m",
    "gutter": "\x1b[1;34m",
    "help": "\x1b[1;36m",
}


@dataclass(frozen=True)
class _Underline:
    """An underline inside one line: characters `start` up to `end` (from 0), drawn with `sign`."""

    start: int
    end: int
    sign: str
    text: str = ""
    role: str = "gutter"


def render(diagnostic: Diagnostic, *, color: bool = False) -> str:
    """The whole message, several lines without a final newline; in colour it is for a terminal.

    There the first line is broken between words like the others. Elsewhere editors and greps want it on one line.

    The main span is underlined with ^ and labels with -. Labels inside the main span swap the signs: the labels are
    what to look at, the rest of the main span only joins them.
    """
    snippets = _snippets(diagnostic)
    gutter = max((len(str(line)) for _, lines in snippets for line in lines), default=1)
    severity = diagnostic.severity
    title = f"{severity}[{safe(diagnostic.code)}]"
    whole = f"{title}: {safe(diagnostic.message)}"
    first, *rest = _heading(whole) if color else [whole]
    out = [f"{_paint(title, severity, color)}: {_paint(first[len(title) + 2 :], 'bold', color)}"]
    out += [_paint(line, "bold", color) for line in rest]
    for number, (source, lines) in enumerate(snippets):
        out += _draw_snippet(diagnostic, source, lines, gutter, number == 0, color)
    bar = _paint(" " * (gutter + 1) + "=", "gutter", color)
    out += [f"{bar} {_folded(note, gutter + 3)}" for note in diagnostic.notes]
    if diagnostic.help:
        out.append(f"{_paint('help', 'help', color)}: {_folded(diagnostic.help, 6)}")
    return "\n".join(out)


def listing(diagnostics: Sequence[Diagnostic], *, color: bool = False, most: int = 50) -> str:
    """All messages and how many there are; of thousands the first `most`: the rest says nothing new."""
    shown = [render(diagnostic, color=color) for diagnostic in diagnostics[:most]]
    if len(diagnostics) > most:
        shown.append(f"… and {len(diagnostics) - most} more; mend the first ones, or see all with check --json")
    return "\n\n".join([*shown, summary(diagnostics)])


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """How many there are: "3 errors, 1 warning"; "no problems" when there are none."""
    severities = [diagnostic.severity for diagnostic in diagnostics]
    counts = [(severities.count(severity), severity) for severity in (ERROR, WARNING, INFO)]
    parts = [f"{count} {severity}{'s' if count > 1 else ''}" for count, severity in counts if count]
    return ", ".join(parts) or "no problems"


def _folded(text: str, indent: int) -> str:
    """`text` made safe; its own line breaks are kept, long lines broken between words, both continued at `indent`."""
    return ("\n" + " " * indent).join(piece for line in text.split("\n") for piece in _wrapped(safe(line), indent))


def _wrapped(line: str, indent: int) -> list[str]:
    if width(line) <= COLUMNS - indent:
        return [line]
    return textwrap.wrap(line, COLUMNS - indent, break_long_words=False, break_on_hyphens=False)


def _heading(line: str) -> list[str]:
    if width(line) <= COLUMNS:
        return [line]
    return textwrap.wrap(line, COLUMNS, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _paint(text: str, style: str, color: bool) -> str:
    return f"{_STYLES.get(style, '')}{text}{_RESET}" if color and text else text


# --- which lines to show, and what to underline in them ---------------------------------------------------------


def _snippets(diagnostic: Diagnostic) -> list[tuple[Source, dict[int, list[_Underline]]]]:
    """Per source, the main one first: line number -> underlines."""
    if diagnostic.span is None:
        return []
    found: dict[int, tuple[Source, dict[int, list[_Underline]]]] = {}
    main, labels = diagnostic.span, diagnostic.labels
    inside = [label for label in labels if _contains(main, label.span)]
    filled = any(label.span == main for label in inside)
    if not filled:
        _mark(found, main, "-" if inside else "^", "", diagnostic.severity)
    for label in labels:
        within = label in inside
        _mark(found, label.span, "^" if within else "-", label.text, diagnostic.severity if within else "gutter")
    if filled:  # keep the main source first although its label may come later
        found = {id(main.source): found.pop(id(main.source)), **found}
    return [(source, dict(sorted(lines.items()))) for source, lines in found.values()]


def _contains(outer: Span, inner: Span) -> bool:
    return outer.source is inner.source and outer.start <= inner.start and inner.end <= outer.end


def _mark(
    found: dict[int, tuple[Source, dict[int, list[_Underline]]]], span: Span, sign: str, text: str, role: str
) -> None:
    source = span.source
    _, lines = found.setdefault(id(source), (source, {}))
    first, column = source.line_column(span.start)
    last, end = source.line_column(max(span.end - 1, span.start))
    if first == last:
        # An empty span, and one on the line break itself, still gets one column.
        lines.setdefault(first, []).append(_Underline(column - 1, max(end, column), sign, text, role))
        return
    lines.setdefault(first, []).append(_Underline(column - 1, len(source.line_text(first)), sign, "", role))
    shown = source.line_text(last)
    begin = min(len(shown) - len(shown.lstrip()), max(end - 1, 0))
    lines.setdefault(last, []).append(_Underline(begin, end, sign, text, role))


# --- drawing ----------------------------------------------------------------------------------------------------


def _draw_snippet(
    diagnostic: Diagnostic, source: Source, lines: dict[int, list[_Underline]], gutter: int, main: bool, color: bool
) -> list[str]:
    if main and diagnostic.span is not None:
        line, column = source.line_column(diagnostic.span.start)
    else:
        line, marks = next(iter(lines.items()))
        column = marks[0].start + 1
    arrow = "-->" if main else ":::"
    bar = _paint(" " * (gutter + 1) + "|", "gutter", color)
    out = [f"{_paint(' ' * gutter + arrow, 'gutter', color)} {safe(source.name)}:{line}:{column}"]
    if not source.text:
        return out
    out.append(bar)
    previous = 0
    for number, marks in lines.items():
        if previous and number == previous + 2:
            out.append(_source_line(source, number - 1, gutter, color))
        elif previous and number > previous + 2:
            out.append(_paint("...", "gutter", color))
        previous = number
        out += _draw_line(source, number, marks, gutter, color)
    return out


def _source_line(source: Source, number: int, gutter: int, color: bool) -> str:
    cells = Cells(source.line_text(number), COLUMNS - gutter - 3, 0, 0)
    return f"{_paint(f'{number:>{gutter}} |', 'gutter', color)} {cells.shown}".rstrip()


def _draw_line(source: Source, number: int, marks: list[_Underline], gutter: int, color: bool) -> list[str]:
    text = source.line_text(number)
    first, last = min(mark.start for mark in marks), max(mark.end for mark in marks)
    room = COLUMNS - gutter - 3
    if last - first > room:  # not everything fits: what to look at comes first
        looked_at = [mark for mark in marks if mark.sign == "^"] or marks
        first, last = min(mark.start for mark in looked_at), max(mark.end for mark in looked_at)
    cells = Cells(text, room, first, last)
    # What to look at (^) is drawn over what only joins or remarks (-).
    under: dict[int, tuple[str, str]] = {}
    for mark in sorted(marks, key=lambda mark: mark.sign == "^"):
        joins = mark.sign == "-" and any(m.sign == "^" and mark.start <= m.start and m.end <= mark.end for m in marks)
        begin, end = cells.column(mark.start), cells.column(mark.end)
        for column in range(begin, max(end, begin + 1)):
            if joins and cells.grid[column : column + 1] == " ":
                continue
            under[column] = (mark.sign, mark.role)
    texts = [(cells.column(mark.start), safe(mark.text.strip()), mark.role) for mark in marks if mark.text.strip()]
    bar = _paint(" " * (gutter + 1) + "|", "gutter", color)
    out = [f"{_paint(f'{number:>{gutter}} |', 'gutter', color)} {cells.shown}".rstrip()]
    return out + [f"{bar} {row}".rstrip() for row in _rows(under, texts, color)]


def _rows(under: dict[int, tuple[str, str]], texts: list[tuple[int, str, str]], color: bool) -> list[str]:
    """The underline row with the rightmost remark after it, then the other remarks below, right to left."""
    cells = (under.get(column, (" ", "")) for column in range(max(under) + 1))
    underline = "".join(
        sign * len(list(run)) if sign == " " else _paint(sign * len(list(run)), role, color)
        for (sign, role), run in groupby(cells)
    )
    texts = sorted(texts)
    if texts and texts[-1][0] == max(texts[-1][0], _last_run(under)):
        underline += f" {_paint(texts[-1][1], texts[-1][2], color)}"
        texts.pop()
    rows: list[list[tuple[int, str, str]]] = []
    for column, text, role in reversed(texts):
        if not rows or column + width(text) + 1 > rows[-1][0][0]:
            # A remark that gets a row of its own hangs from its underline by bars through the rows above.
            for row in rows:
                if column < row[0][0]:
                    row.insert(0, (column, "|", role))
            rows.append([])
        rows[-1].insert(0, (column, text, role))
    return [underline] + [_place(row, color) for row in rows]


def _last_run(under: dict[int, tuple[str, str]]) -> int:
    """The column at which the last unbroken stretch of underline begins."""
    column = max(under)
    while under.get(column - 1, ("", ""))[0] == under[column][0]:
        column -= 1
    return column


def _place(row: list[tuple[int, str, str]], color: bool) -> str:
    out, used = "", 0
    for column, text, role in row:
        out += " " * (column - used) + _paint(text, role, color)
        used = max(column, used) + width(text)
    return out
