"""Reads the examples of a Markdown page: fenced specs with what is expected of them, and tables of one-line specs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CHECKED = ("graph", "keys", "modules", "numbers", "messages")
PROSE = ("text", "sh", "python")
FENCE = re.compile(r"```(\S*)(.*)")
FILE = re.compile(r"# file: (\S+)")
COMMENT = re.compile(r"<!-- (arch|rows) ?(.*)")
CODE = re.compile(r"`([^`]+)`")


@dataclass
class Check:
    """A block after a spec: the lines expected of it. `line` is where its text starts in the page, from 1."""

    kind: str
    arguments: str
    text: str
    line: int


@dataclass
class Example:
    """A spec of one or several files (the last one is checked), and the blocks that follow it.

    A file's text may begin with lines that the page hides in a comment `<!-- arch … -->` directly above the fence; a
    hidden line `...` marks where the visible text goes.
    """

    page: Path
    line: int
    files: dict[str, str] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Names the example in a test report."""
        return f"{self.page.name}:{self.line}"


@dataclass
class Row:
    """A row of a table: `code` put into the table's hidden spec, and the expectation in the second column."""

    page: Path
    line: int
    kind: str
    spec: str
    code: str
    expected: str

    @property
    def id(self) -> str:
        """Names the row in a test report."""
        return f"{self.page.name}:{self.line}"

    def text(self, code: str) -> str:
        """The whole spec with `code` in the place of `...`."""
        return self.spec.replace("...", code, 1)


class PageError(Exception):
    """The page is not written as this reader expects."""


def read_page(page: Path) -> tuple[list[Example], list[Row]]:
    """All examples and table rows of a page, in order.

    Raises:
        PageError: a fence of an unknown language, a check without a spec, a hidden spec without a block.
    """
    examples: list[Example] = []
    rows: list[Row] = []
    hidden: tuple[str, str, str] | None = None
    collecting = False  # whether the next file belongs to the example before it
    lines = iter(enumerate(page.read_text(encoding="utf-8").splitlines(), 1))
    for number, line in lines:
        fence, comment = FENCE.match(line), COMMENT.match(line)
        if comment:
            hidden = (comment[1], comment[2].removesuffix("-->").strip(), _until(lines, line, "-->"))
        elif fence:
            language, arguments, text = fence[1], fence[2].strip(), _until(lines, "", "```")
            collecting = _read_fence(page, number, language, arguments, text, hidden, examples, collecting)
            hidden = None
        elif line.startswith("|"):
            if hidden is not None and hidden[0] == "rows":
                rows.extend(_read_table(page, lines, hidden))
                hidden = None
        elif line.startswith("#"):
            collecting = False
        if hidden is not None and line.strip() and not comment:
            raise PageError(f"{page.name}:{number}: a hidden spec stands directly above a fence or table")
    return examples, rows


def _until(lines: Iterator[tuple[int, str]], first: str, end: str) -> str:
    if end in first:
        return ""
    found = []
    for _, line in lines:
        if line.rstrip() == end:
            break
        found.append(line + "\n")
    return "".join(found)


def _read_fence(
    page: Path, number: int, language: str, arguments: str, text: str, hidden: tuple[str, str, str] | None,
    examples: list[Example], collecting: bool,
) -> bool:  # fmt: skip
    if language in PROSE:
        return collecting
    if language in CHECKED:
        if not examples:
            raise PageError(f"{page.name}:{number}: no spec before this block")
        examples[-1].checks.append(Check(language, arguments, text, number + 1))
        return False
    if language != "arch":
        raise PageError(f"{page.name}:{number}: blocks of {language or 'no language'} are not tested")
    named = FILE.match(text)
    if hidden is not None:
        before, marker, after = hidden[2].partition("...\n")
        text = before + text + after if marker else before + text
    if not (named and collecting):
        examples.append(Example(page, number))
    examples[-1].files[named[1] if named else "example.arch"] = text
    return named is not None


def _read_table(page: Path, lines: Iterator[tuple[int, str]], hidden: tuple[str, str, str]) -> Iterator[Row]:
    """The rows of a table; `lines` stands behind its first line."""
    next(lines)
    for number, line in lines:
        if not line.startswith("|"):
            return
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        code = CODE.search(cells[0])
        if code is None:
            raise PageError(f"{page.name}:{number}: the first column holds no `code`")
        yield Row(page, number, hidden[1], hidden[2], code[1], cells[1])
