"""Turns a diagnostic into plain data for JSON, with lines and columns that count from 1."""

from __future__ import annotations

from typing import Any

from archdsl.diagnostics.model import Diagnostic
from archdsl.source import Span


def to_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """The diagnostic as dicts, lists, strings and ints.

    `file`, `line`, `column`, `end_line`, `end_column` are null for a mistake without a place; the end is the position
    just after the last character.
    """
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        **_place(diagnostic.span),
        "labels": [{**_place(label.span), "text": label.text} for label in diagnostic.labels],
        "notes": list(diagnostic.notes),
        "help": diagnostic.help,
    }


def _place(span: Span | None) -> dict[str, Any]:
    if span is None:
        return dict.fromkeys(("file", "line", "column", "end_line", "end_column"))
    line, column = span.source.line_column(span.start)
    end_line, end_column = span.source.line_column(span.end)
    return {
        "file": span.source.name,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }
