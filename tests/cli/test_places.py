"""Text for people has at most 80 columns, and what is cut off a place or name says so by "…"."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from archdsl.cli import main
from archdsl.diagnostics.model import Diagnostic
from archdsl.diagnostics.render import COLUMNS, render

PART = """
block a_block_with_quite_a_long_name(x; width) {
    y = x -> conv(width, 3, 2, padding = 0) as the_first_of_the_convolutions -> relu
    y = y -> max_pool(2) -> conv(width, 3, padding = 0)
    return y -> conv_transpose(width, 2, 2) -> relu
}
"""
MAIN = """
import {name}: a_block_with_quite_a_long_name

network n(x: [3, 64, 64]) {{
    y = x -> a_block_with_quite_a_long_name(16) -> a_block_with_quite_a_long_name(32)
    return y + (y -> max_pool(2) -> conv_transpose(32, 2, 2))
}}
"""
COMMANDS = [
    "access",
    "memory",
    "memory --steps",
    "field",
    "structure",
    "analyze",
    "analyze --all",
    "sizes",
    "lint",
    "check",
]


@pytest.mark.parametrize("length", [5, 11, 12, 18, 30, 90])
@pytest.mark.parametrize("command", COMMANDS)
def test_places_of_files_with_long_names(tmp_path: Path, command: str, length: int) -> None:
    name = "p" + "q" * (length - 1)
    (tmp_path / f"{name}.arch").write_text(PART)
    (tmp_path / "n.arch").write_text(MAIN.format(name=name))
    word, *options = command.split()
    done = CliRunner().invoke(main, [word, str(tmp_path / "n.arch"), *options], env={"COLUMNS": "80"})
    if done.exit_code == 2:  # no such option
        pytest.fail(done.output)
    lines = done.stdout.splitlines()
    if word not in ("lint", "check"):
        assert [line for line in lines if len(line) > 80] == []
    for shown in re.findall(r"(\S*)\.arch:\d+", done.stdout):
        own = shown.rpartition("/")[2]
        assert own in (name, "n") or (own.startswith("…") and name.endswith(own[1:])), shown
    for line in lines:
        assert not re.search(r", line ?$", line), line


def test_a_size_that_does_not_work_names_the_line(tmp_path: Path) -> None:
    file = tmp_path / "n.arch"
    file.write_text(
        "network n(x: [3, 600, 600]) {\n    y = x -> conv(2000, 1)\n"
        "    return y + (y -> max_pool(2) -> conv_transpose(2000, 2, 2))\n}\n"
    )
    done = CliRunner().invoke(main, ["sizes", str(file)])
    rows = re.findall(r"does not work.*", done.stdout)
    assert all(re.fullmatch(r"does not work: line \d+", row) for row in rows)


def test_the_first_line_is_broken_on_a_terminal_only() -> None:
    message = "this is what is wrong " * 8
    found = Diagnostic("shape-mismatch", message.strip(), None, help="mend it")
    assert render(found).splitlines()[0] == f"error[shape-mismatch]: {message.strip()}"
    plain = re.sub(r"\x1b\[[0-9;]*m", "", render(found, color=True)).splitlines()
    assert max(map(len, plain)) <= COLUMNS
    assert " ".join(line.strip() for line in plain[:-1]) == f"error[shape-mismatch]: {message.strip()}"
