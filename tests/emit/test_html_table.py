"""What a notebook shows of a report: the table that a terminal shows, cell by cell, with all text escaped."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

import archdsl
from archdsl.emit.tables import PrintedReport, analysis_html, totals


class Table(HTMLParser):
    """The rows of cells of an HTML table, and which elements there are."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.tags[-1] in ("td", "th") and data.strip():
            self.rows[-1][-1] += data


@pytest.mark.parametrize("name", ["resnet50", "lstm_lm_medium", "transformer_base", "enas_micro"])
def test_the_table_is_that_of_the_terminal(name: str) -> None:
    report = archdsl.load(name).analyze()
    rows = Table(report._repr_html_()).rows  # type: ignore[attr-defined]
    words = [line.split() for line in str(report).splitlines()[2:] if line and not line.startswith("─")]
    below = len(totals(report))
    assert [row[0].split() for row in rows[-below:]] == [name.split() for name, _ in totals(report)]
    assert len(rows) == len(words)
    for row, line in zip(rows[:-below], words[:-below], strict=True):
        assert [cell.split()[-1] for cell in row[3:] if cell] == line[-len([cell for cell in row[3:] if cell]) :]


def test_what_stands_in_a_network_is_escaped() -> None:
    graph = archdsl.loads("network n(x: [3, 8, 8]) = x -> conv(4)").graph
    node = graph.nodes[0]._replace(label="<b>&amp;</b>")
    text = analysis_html(PrintedReport.of(replace(graph, name="<script>alert(1)</script>", nodes=(node,))))
    table = Table(text)
    assert set(table.tags) == {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
    assert table.rows[1][0] == "<b>&amp;</b>"
