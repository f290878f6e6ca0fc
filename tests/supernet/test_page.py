"""docs/supernets.md says what is: its example is what is emitted and runs, its table names every file."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

import archdsl
from archdsl.elaborate.spec import Spec
from archdsl.source import Source

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "supernets.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of the page in that language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_example_is_what_is_emitted() -> None:
    (spec,) = blocks("arch")
    source = archdsl.space(Spec(Source("small.arch", spec))).supernet(relaxed=True).source()
    assert len(blocks("text")) == 4 and all(block in source for block in blocks("text"))


def test_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("small.arch").write_text(blocks("arch")[0])
    test = doctest.DocTestParser().get_doctest("\n".join(blocks("pycon")), {}, "docs/supernets.md", None, 0)
    said: list[str] = []
    failed, tried = doctest.DocTestRunner().run(test, out=said.append)
    assert tried > 10 and not failed, "".join(said)


def test_every_file_is_told_of() -> None:
    files = {path.name for path in (ROOT / "archdsl" / "supernet").glob("*.py")} - {"__init__.py"}
    assert files <= set(re.findall(r"`(\w+\.py)`", PAGE))
