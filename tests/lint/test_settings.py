"""Severities: of the project, of the command line, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from archdsl.diagnostics.unknown import UnknownName
from archdsl.lint.registry import rules
from archdsl.lint.settings import chosen, from_project


def project(folder: Path, text: str) -> dict[str, str]:
    (folder / "pyproject.toml").write_text(text)
    inner = folder / "a" / "b"
    inner.mkdir(parents=True)
    return from_project(inner)


def test_the_nearest_table_counts(tmp_path: Path) -> None:
    found = project(tmp_path, '[tool.archdsl.lint]\ng2-grouped = "error"\ndoes-nothing = "off"\n')
    assert found == {"g2-grouped": "error", "does-nothing": "off"}
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert from_project(tmp_path / "a" / "b") == found, "a file without the table is no project of ours"
    (tmp_path / "a" / "pyproject.toml").write_text('[tool.archdsl.lint]\ng2-grouped = "info"\n')
    assert from_project(tmp_path / "a" / "b") == {"g2-grouped": "info"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[tool.archdsl.lint]\ng2-group = "info"\n', "did you mean g2-grouped?"),
        ('[tool.archdsl.lint]\ng2-grouped = "loud"\n', "a severity is error, warning, info, off"),
        ("[tool.archdsl.lint]\ng2-grouped = 3\n", "cannot be 3"),
        ("[tool.archdsl.lint\n", "pyproject.toml: "),
        ("[tool]\narchdsl = 3\n", ""),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, message: str) -> None:
    if not message:
        assert project(tmp_path, text) == {}
        return
    with pytest.raises(ValueError, match=r"pyproject\.toml") as caught:
        project(tmp_path, text)
    assert message in str(caught.value)


def test_the_command_line_wins() -> None:
    base = {"g2-grouped": "error", "does-nothing": "off"}
    assert chosen(base) == base
    assert chosen(base, severity=["g2-grouped=info"])["g2-grouped"] == "info"
    only = chosen(base, select=["does-nothing", "g2-grouped"])
    assert {name for name, severity in only.items() if severity != "off"} == {"does-nothing", "g2-grouped"}
    assert only["does-nothing"] == rules()["does-nothing"].severity
    assert only["g2-grouped"] == "error"
    assert chosen(base, select=["g2-grouped"], ignore=["g2-grouped"])["g2-grouped"] == "off"


@pytest.mark.parametrize(
    "wrong", [{"severity": ["g2-grouped"]}, {"severity": ["x=info"]}, {"select": ["x"]}, {"ignore": ["x"]}]
)
def test_wrong_words_are_refused(wrong: dict[str, list[str]]) -> None:
    with pytest.raises((ValueError, UnknownName), match=r"there is no rule called x|sets nothing"):
        chosen({}, **wrong)
