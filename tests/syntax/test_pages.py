"""Checks that each syntax error's page shows that error once, and that the corrected spec has none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import archdsl.syntax
from archdsl.diagnostics.catalog import page
from archdsl.diagnostics.model import Diagnostics
from archdsl.source import Source
from archdsl.syntax.parse import parse

_FOLDER = Path(archdsl.syntax.__file__).parent
_NOT_SHOWN = {
    "file-not-found", "is-a-directory", "not-a-file", "unreadable-file", "file-too-large", "too-many-tokens",
    "not-utf8",
}  # fmt: skip
_SHOWN = re.compile(r"# error(-below)?\[([a-z0-9-]+)\]: (.+)")
_CODE = re.compile(
    r'(?:Fault|Diagnostic|_error|here|missing|at_last|at)\(\s*(?:[\w.]+,\s*)?"([a-z0-9]+(?:-[a-z0-9]+)+)"'
)


def _codes() -> list[str]:
    """Every code that the syntax package can report, read off its source."""
    return sorted({code for file in _FOLDER.glob("*.py") for code in _CODE.findall(file.read_text())})


def _examples(code: str) -> list[str]:
    return re.findall(r"```arch\n(.*?)```", page(code), re.DOTALL)


def test_codes_are_found() -> None:
    assert len(_codes()) > 50
    assert {"expected-stage", "bad-number", "else-if", "unclosed-bracket", "bad-target", "not-utf8"} <= set(_codes())


@pytest.mark.parametrize("code", _codes())
def test_page(code: str) -> None:
    assert page(code).startswith(f"# {code}\n\n")
    examples = _examples(code)
    if code in _NOT_SHOWN:
        assert examples == [] and "No spec" in page(code)
        return
    wrong, right = examples
    found = Diagnostics()
    parse(Source("page", wrong), found)
    assert [d.code for d in found] == [code]
    (diagnostic,) = found
    assert diagnostic.span is not None and diagnostic.help
    wanted = []
    for number, line in enumerate(wrong.splitlines(), 1):
        if match := _SHOWN.search(line):
            wanted.append((match[2], number + bool(match[1])))
            assert diagnostic.message.startswith(match[3]), diagnostic.message
    assert wanted == [(code, diagnostic.span.line)]
    clean = Diagnostics()
    parse(Source("page", right), clean)
    assert list(clean) == []
