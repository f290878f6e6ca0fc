"""Exit codes: 1 where what is said has a code, 2 where the words form no command line; of every command alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archdsl.cli import main

RESNET = str(Path(__file__).parents[2] / "specs" / "resnet.arch")
MISSING = ["no_such_file.arch"]
COMMANDS = main.list_commands(None)  # type: ignore[attr-defined]
NAMES = {
    "diff": ["resnet18", *MISSING],
    "draw": [*MISSING, "-o", "x.svg"],
    "explain": ["no-such-code"],
    "fit": [*MISSING, "--macs", "1G", "--over", "width"],
    "ops": ["no_such_op"],
    "plot": [*MISSING, "-o", "x.svg"],
    "schema": ["no_such_command"],
    "sweep": [*MISSING, "--vary", "a=1"],
    "zoo": ["--match", "alexnet", "--plot", "x.gif"],
}
SETTINGS = [
    ([f"{RESNET}:resnet19"], "unknown-network"),
    (["resnet18", "--set", "depth=3"], "unknown-parameter"),
    (["resnet18", "--input", "y=3x4x4"], "unknown-input"),
]


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


@pytest.mark.parametrize("command", COMMANDS)
def test_words_that_form_no_command_line(command: str) -> None:
    found = run(command, "--no-such-option")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "No such option" in found.stderr and "error[" not in found.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_names_that_are_none(command: str) -> None:
    found = run(command, *NAMES.get(command, MISSING))
    assert (found.exit_code, found.stdout) == (1, "")
    assert found.stderr.startswith("error[")


@pytest.mark.parametrize(
    "command", ["access", "analyze", "compile", "field", "memory", "sizes", "space", "spec", "structure"]
)
@pytest.mark.parametrize(("words", "code"), SETTINGS, ids=["network", "parameter", "input"])
def test_names_within_the_spec_that_are_none(command: str, words: list[str], code: str) -> None:
    found = run(command, *words)
    assert (found.exit_code, found.stdout) == (1, "") and f"error[{code}]" in found.stderr
