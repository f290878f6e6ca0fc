"""`archdsl view A B`: one page of two networks; what is refused, and what is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archdsl.cli import main
from archdsl.commands.view import attempt
from archdsl.emit.view.page import unpacked
from tests.cli.nothing_written import assert_refused, assert_spec_stays
from tests.emit_view.test_page import checked

SPEC = """
network before(x: [8, 16, 16]) = x -> conv(8, 3) as a -> relu -> linear(4) as head
network after(x: [8, 16, 16]) = x -> conv(8, 5) as a -> relu -> linear(4) as head
"""


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["view", *words])


def test_two_networks_of_a_file_share_a_page(tmp_path: Path) -> None:
    spec = tmp_path / "two.arch"
    spec.write_text(SPEC)
    found = run(f"{spec}:before", f"{spec}:after", "-o", "-")
    assert found.exit_code == 0
    data = unpacked(checked(found.stdout).inside[2])
    assert isinstance(data, dict)
    words = data["strings"]
    assert {"before → after", "before", "after"} <= {*words, data["about"]["name"]}
    assert [[words[i] for i in mark] for mark in data["marks"]] == [[], ["~", "kernel 3 → 5"]]
    assert [name for name, _ in data["files"]] == ["two.arch"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("-", "-", "-o", "x.html"), 2, "only one of the two networks can come from stdin"),
        (("-", "resnet34", "--watch"), 2, "give a file"),
        (("resnet18", "-", "--watch"), 2, "give a file"),
        (("resnet18", "nowhere.arch", "--watch"), 1, "nowhere.arch"),
        (("resnet18", "resnet43", "-o", "x.html"), 1, "did you mean"),
        (("resnet18", "resnet34", "-o", "nowhere/x.html"), 1, "cannot write"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int, message: str
) -> None:
    assert_refused(run, words, code, message, tmp_path, monkeypatch)


def test_neither_spec_is_written_over(tmp_path: Path) -> None:
    spec = tmp_path / "two.html"
    assert_spec_stays(run, spec, SPEC, "resnet18", f"{spec}:after")


@pytest.mark.parametrize(("name", "said"), [("n", "a.arch:n → b.arch:n is drawn"), ("m", "n → m is drawn")])
def test_what_is_watched_is_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    """By file where two networks have one name, as their page tells them apart."""
    text = "network n(x: [3, 8, 8]) = x -> conv(4)\n"
    (tmp_path / "a.arch").write_text(text)
    (tmp_path / "b.arch").write_text(text.replace("n(", f"{name}("))
    side = {"network_name": None, "inputs": (), "settings": (), "pick": ()}
    made = attempt([(str(tmp_path / "a.arch"), side), (str(tmp_path / "b.arch"), side)])
    assert len(made.graphs) == 2 and capsys.readouterr().err.splitlines() == [said]
