"""Runs the sessions of docs/python.md, in one namespace, from a folder where `specs/` is that of the repository."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

import archdsl

ROOT = Path(__file__).parents[1]
FLAGS = doctest.ELLIPSIS


def test_every_session_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "specs").symlink_to(ROOT / "specs")
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    sessions = "\n".join(re.findall(r"```pycon\n(.*?)```", page, re.DOTALL))
    test = doctest.DocTestParser().get_doctest(sessions, {}, "docs/python.md", None, 0)
    said: list[str] = []
    failed, tried = doctest.DocTestRunner(optionflags=FLAGS).run(test, out=said.append)
    assert tried > 30
    assert not failed, "".join(said)


def test_the_public_names_are_there_and_typed() -> None:
    for name in archdsl.__all__:
        assert getattr(archdsl, name).__doc__, name
    assert set(archdsl.__all__) <= set(dir(archdsl))
    assert (ROOT / "archdsl" / "py.typed").is_file()
