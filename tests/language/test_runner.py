"""Proves that the examples can fail: each page here holds one wrong claim, which the runner must see."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.language.examples import Example, PageError, Row, read_page
from tests.language.run_example import actual, mismatches, never_run, row_result, sources

NETWORK = "network n(x: [3, 8, 8]) = x -> conv(8)"


def read(tmp_path: Path, *lines: str) -> tuple[list[Example], list[Row]]:
    """The examples and rows of a page with these lines."""
    page = tmp_path / "page.md"
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_page(page)


def wrong(tmp_path: Path, *lines: str) -> list[str]:
    """What does not fit in a page with one spec."""
    (example,) = read(tmp_path, "```arch", *lines, "```")[0]
    return mismatches(example, tmp_path)[0]


def test_a_clean_spec_fits(tmp_path: Path) -> None:
    assert wrong(tmp_path, NETWORK) == []


def test_an_extra_error_does_not_fit(tmp_path: Path) -> None:
    assert "bad-argument" in wrong(tmp_path, NETWORK.replace("8)", "0)"))[0]


def test_an_extra_warning_does_not_fit(tmp_path: Path) -> None:
    assert "hides-library-word" in wrong(tmp_path, "block relu(x) = x", "network n(x: [3]) = x -> relu")[0]


def test_a_missing_error_does_not_fit(tmp_path: Path) -> None:
    assert wrong(tmp_path, NETWORK + "  # error[bad-argument]") == ["line 1: missing error[bad-argument]: "]


@pytest.mark.parametrize(
    "note", ["# error[bad-argument]: other words", "# warning[bad-argument]", "# error[bad-label]"]
)
def test_another_message_does_not_fit(tmp_path: Path, note: str) -> None:
    assert wrong(tmp_path, f"{NETWORK.replace('8)', '0)')}  {note}")


def test_the_line_matters(tmp_path: Path) -> None:
    bad = NETWORK.replace("8)", "0)")
    assert len(wrong(tmp_path, "A = 1  # error[bad-argument]", bad)) == 2
    assert wrong(tmp_path, bad, "    # error[bad-argument]: out of conv") == []


def test_a_wrong_number_is_seen(tmp_path: Path) -> None:
    (example,) = read(
        tmp_path, "```arch", NETWORK, "```", "```numbers", "params 33", "macs 1.5k", "output [8, 8, 8]", "```"
    )[0]
    text = actual(example, example.checks[0], tmp_path, [])
    assert text == "params 32\nmacs 1.5k\noutput [8, 8, 8]\n"


def test_a_block_that_no_network_calls_is_seen(tmp_path: Path) -> None:
    (example,) = read(tmp_path, "```arch", "block b(x) = x -> relu", NETWORK, "```")[0]
    assert never_run(sources(example, tmp_path)[0]) == {"b"}


def test_hidden_lines_surround_the_visible_ones(tmp_path: Path) -> None:
    (example,) = read(tmp_path, "<!-- arch", "network n(x: [3]) {", "...", "}", "-->", "```arch", "return x", "```")[0]
    assert example.files == {"example.arch": "network n(x: [3]) {\nreturn x\n}\n"}
    assert mismatches(example, tmp_path)[0] == []


def test_files_belong_together(tmp_path: Path) -> None:
    lines = [
        "```arch",
        "# file: a.arch",
        "block b(x) = x -> relu",
        "```",
        "text",
        "```arch",
        "# file: n.arch",
        "import a: b",
    ]
    (example,) = read(tmp_path, *lines, "network n(x: [3]) = x -> b", "```")[0]
    assert list(example.files) == ["a.arch", "n.arch"]
    assert mismatches(example, tmp_path)[0] == []


def test_rows(tmp_path: Path) -> None:
    table = ["| a | b |", "|---|---|", "| `1 + 1` | `3` |", "| `1 +` | `2` |"]
    rows = read(tmp_path, "<!-- rows value", "it = ...", "-->", *table)[1]
    assert [(row.code, row.expected, row_result(row)) for row in rows] == [
        ("1 + 1", "`3`", "2"),
        ("1 +", "`2`", "error[expected-expression]"),
    ]


def test_rows_that_mean_the_same(tmp_path: Path) -> None:
    table = [
        "| a | b |",
        "|---|---|",
        "| `x -> relu -> tanh` | `x -> (relu -> tanh)` |",
        "| `x -> relu` | `x -> tanh` |",
    ]
    rows = read(tmp_path, "<!-- rows same", "network n(x: [3]) = ...", "-->", *table)[1]
    same, other = (row_result(row) for row in rows)
    assert same == "x -> (relu -> tanh)"
    assert other.startswith("network n(")


@pytest.mark.parametrize("lines", [["```arhc", "```"], ["```numbers", "params 1", "```"], ["<!-- arch", "-->", "text"]])
def test_a_page_that_cannot_be_read_is_refused(tmp_path: Path, lines: list[str]) -> None:
    with pytest.raises(PageError):
        read(tmp_path, *lines)


@pytest.mark.parametrize(
    "text",
    [
        f"\ufeff{NETWORK}",
        NETWORK.replace(" = ", "\t=\r\n\t") + "\r\n",
        f"arch 1\r\n## Text\r\n\r\n{NETWORK}",
        f"# comment only\n\n\n{NETWORK}  # and more",
    ],
)
def test_marks_line_ends_and_tabs_of_a_file(tmp_path: Path, text: str) -> None:
    """What Markdown cannot show: a byte-order mark, CRLF, tabs, no last newline."""
    (example,) = read(tmp_path, "```arch", NETWORK, "```")[0]
    example.files["example.arch"] = text
    assert mismatches(example, tmp_path)[0] == []
