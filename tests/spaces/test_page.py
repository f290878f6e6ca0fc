"""Runs what docs/spaces.md shows, commands and Python, on the spec of the page."""

from __future__ import annotations

import doctest
import inspect
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

import archdsl
from archdsl.cli import main
from archdsl.spaces.space import Space

PAGE = (Path(__file__).parents[2] / "docs" / "spaces.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of the page in that language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (spec,) = blocks("arch")
    (tmp_path / "small.arch").write_text(spec)


def test_commands() -> None:
    """Each prints what stands below it."""
    assert len(blocks("console")) > 1
    for block in blocks("console"):
        line, _, shown = block.partition("\n")
        result = CliRunner().invoke(main, shlex.split(line)[2:])
        assert (result.exit_code, result.stdout, result.stderr) == (0, shown, ""), line


def test_surveys_are_told_whole() -> None:
    """Each argument, and nothing of what comes out that it has not."""
    section = PAGE.partition("### Surveys")[2].partition("\n## ")[0]
    arguments, results = section.split("A `Survey` prints")
    told = re.findall(r"^\| `(\w+)` \|", arguments, re.MULTILINE)
    assert told == list(inspect.signature(Space.survey).parameters)[1:]
    found = archdsl.space("small.arch").survey(3)
    rows = [row.split(" | ")[0] for row in results.splitlines() if row.startswith("| `.")]
    names = [name for row in rows for name in re.findall(r"`\.(\w+)", row)]
    assert len(names) > 10 and all(hasattr(found, name) for name in names)


def test_python() -> None:
    """Each line gives what stands below it."""
    test = doctest.DocTestParser().get_doctest("\n".join(blocks("pycon")), {}, "docs/spaces.md", None, 0)
    said: list[str] = []
    failed, tried = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append)
    assert tried > 4 and not failed, "".join(said)
