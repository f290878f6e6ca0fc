"""Judges a command that refuses what it is given: what it says, and that it leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result


def assert_refused(
    run: Callable[..., Result],
    words: tuple[str, ...],
    code: int,
    message: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`run(*words)` in the empty `folder` exits with `code`, says `message` on stderr, and writes nothing."""
    monkeypatch.chdir(folder)
    found = run(*words)
    assert (found.exit_code, found.stdout) == (code, "")
    assert message in found.stderr
    assert list(folder.iterdir()) == []


def assert_spec_stays(run: Callable[..., Result], spec: Path, text: str, *words: str) -> None:
    """`run(*words)` does not write over `spec`, which holds `text`."""
    spec.write_text(text)
    found = run(*words, "-o", str(spec))
    assert found.exit_code == 1 and "overwrites-input" in found.stderr
    assert spec.read_text() == text
