"""Turns tables and text into HTML, as a notebook shows it; what stands in a spec is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from archdsl.diagnostics.display import harmless, safe

LEFT, _RIGHT = 'style="text-align: left"', 'style="text-align: right"'


def html_row(cells: Sequence[str], tag: str, texts: int) -> str:
    """The first `texts` cells to the left, numbers to the right; blanks in front of a module's name stay."""
    shown = [escape(safe(cell)).replace("  ", "&emsp;") for cell in cells]
    each = [f"<{tag} {LEFT if i < texts else _RIGHT}>{cell}</{tag}>" for i, cell in enumerate(shown)]
    return f"<tr>{''.join(each)}</tr>"


def html_table(title: str, rows: Sequence[Sequence[str]], texts: int, foot: Sequence[str] = ()) -> str:
    """Rows of cells, the first of which is the head, below a title; `foot` are rows in HTML."""
    head, *others = rows
    body = "\n".join(html_row(row, "td", texts) for row in others)
    parts = [f"<thead>{html_row(head, 'th', texts)}</thead>", f"<tbody>\n{body}\n</tbody>"]
    if foot:
        parts.append("<tfoot>\n" + "\n".join(foot) + "\n</tfoot>")
    return "\n".join([f"<table><caption {LEFT}>{escape(safe(title))}</caption>", *parts, "</table>"]) + "\n"


def preformatted(text: str) -> str:
    """Text whose columns stay as they are."""
    return f'<pre style="line-height: 1.3">{escape(harmless(text))}</pre>\n'
