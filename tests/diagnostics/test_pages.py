"""Every code has a page, and every page does what it says.

The first `arch` block of a page gives exactly the diagnostics that it marks, the others none. A mark is a comment:
`# error[code]: beginning of the message` at the end of the line, or `# error-below[code]: …` on the line above.
Codes that the text of one file cannot show have no block on their page; `test_untextual.py` shows them in Python.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import archdsl
from archdsl.diagnostics.catalog import codes, page
from archdsl.diagnostics.model import Diagnostic
from archdsl.diagnostics.render import render
from tests.diagnostics.test_untextual import SHOWN_IN_PYTHON

PACKAGE = Path(archdsl.__file__).parent
CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")
MARK = re.compile(r"#\s*(error|warning|info)(-below)?\[([a-z0-9-]+)\]:\s*(.*)$")
# Where every text of that form is a code; elsewhere (emit, cli) only what is passed to Diagnostic is.
RAISING = ("syntax", "elaborate", "ops", "expect.py", "network.py", "files.py", "lazy.py")
NO_CODES = {"utf-8", "utf-8-sig", "floor-divide"}


def arch_blocks(text: str) -> list[str]:
    return re.findall(r"^```arch\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def marks(text: str) -> list[tuple[str, str, int, str]]:
    """(severity, code, line, beginning of the message) of every mark."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        match = MARK.search(line)
        if match:
            severity, below, code, message = match.groups()
            found.append((severity, code, number + (below is not None), message.strip()))
    return found


def unmatched(text: str, diagnostics: list[Diagnostic]) -> list[str]:
    """Marks that no diagnostic answers and diagnostics that no mark announces."""
    wanted = marks(text)
    problems = []
    for found in diagnostics:
        line = None if found.span is None else found.span.line
        for mark in wanted:
            if mark[:3] == (found.severity, found.code, line) and found.message.startswith(mark[3]):
                wanted.remove(mark)
                break
        else:
            problems.append(f"extra: {render(found)}")
    return problems + [f"missing: {severity}[{code}] at line {line}: {text}" for severity, code, line, text in wanted]


@pytest.mark.parametrize("code", codes())
def test_a_page_shows_its_mistake_and_how_to_mend_it(code: str) -> None:
    text = page(code)
    assert text.startswith(f"# {code}\n\n"), "the title is the code"
    blocks = arch_blocks(text)
    assert len(blocks) == len(re.findall(r"^```arch", text, re.MULTILINE)), "every block is closed"
    if code in SHOWN_IN_PYTHON:
        assert not marks("\n".join(blocks)), "shown in Python only"
        return
    assert len(blocks) >= 2, "one block with the mistake, one without"
    assert [mark[1] for mark in marks(blocks[0])].count(code) == 1
    diagnostics = archdsl.check_text(blocks[0])
    assert unmatched(blocks[0], diagnostics) == []
    for diagnostic in diagnostics:
        assert diagnostic.help.strip(), f"no help: {render(diagnostic)}"
    for block in blocks[1:]:
        assert not marks(block)
        assert unmatched(block, archdsl.check_text(block)) == []


def raised_codes() -> dict[str, str]:
    """Every code written in the package -> a file that writes it."""
    found: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        first = path.relative_to(PACKAGE).parts[0]
        if first == "diagnostics":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        strings = ast.walk(tree) if first in RAISING else _arguments_of_diagnostics(tree)
        for node in strings:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                found.setdefault(node.value, str(path.relative_to(PACKAGE)))
    return {code: file for code, file in found.items() if code not in NO_CODES}


def _arguments_of_diagnostics(tree: ast.AST) -> list[ast.expr]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call.args[0] for call in calls if call.args and ast.unparse(call.func).split(".")[-1] == "Diagnostic"]


def test_every_code_raised_has_a_page() -> None:
    missing = {code: file for code, file in raised_codes().items() if code not in codes()}
    assert missing == {}


def test_every_page_is_of_a_code_that_is_raised() -> None:
    assert sorted(set(codes()) - set(raised_codes())) == []


def test_there_are_at_least_sixty_codes_shown_in_the_language() -> None:
    assert len(set(codes()) - set(SHOWN_IN_PYTHON)) >= 60


def test_the_checker_sees_missing_and_extra_diagnostics() -> None:
    text = "network net(x: [3, 8, 8]) = x -> relo  # error[unknown-name]: not this\n"
    found = archdsl.check_text(text)
    assert [problem.split(":")[0] for problem in unmatched(text, found)] == ["extra", "missing"]
    assert [problem.split(":")[0] for problem in unmatched(text.replace("not this", found[0].message), found)] == []
    assert unmatched("", found)[0].startswith("extra")
    assert marks("# warning-below[a-b]: c d \nx") == [("warning", "a-b", 2, "c d")]
