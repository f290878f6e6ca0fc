"""`archdsl lint`: what a person sees, plain data, exit codes, severities and wrong use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archdsl.cli import main
from archdsl.lint.registry import rules

BIAS = "network net(x: [3, 8, 8]) = x -> conv(8, 3) -> bn -> relu\n"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Away from this repository's pyproject.toml."""
    monkeypatch.chdir(tmp_path)


def run(*words: str, input: str | None = None) -> Result:
    return CliRunner().invoke(main, ["lint", *words], input=input)


def test_what_a_person_sees() -> None:
    result = run("bn_inception")
    assert result.exit_code == 1
    text = result.stdout
    assert "warning[bias-before-norm]: the bias of this conv is lost" in text
    # As many as the emitted model has biases (tests/lint/test_function.py).
    assert "costs 10,016 parameters, 10,016 elements of memory access" in text
    assert "= 69 times in bn_inception" in text
    assert "help: bias = false" in text
    assert all(len(line) <= 80 for line in text.splitlines() if "]: " not in line)
    assert text.splitlines()[-1].startswith("1 warning, ")


def test_info_does_not_fail() -> None:
    result = run("resnet50")
    assert result.exit_code == 0
    assert "info[strided-pointwise]" in result.stdout
    assert run("resnet50", "--severity", "strided-pointwise=warning").exit_code == 1


def test_a_clean_network() -> None:
    result = run("-", input="network net(x: [8, 4, 4]) = x -> conv(8, 3) -> relu -> conv(8, 3)\n")
    assert (result.exit_code, result.stdout) == (0, "-: nothing to advise\n")


def test_json() -> None:
    result = run("-", "--json", "--select", "bias-before-norm", input=BIAS)
    (found,) = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (found["rule"], found["severity"], found["line"], found["column"]) == ("bias-before-norm", "warning", 1, 34)
    assert found["cost"]["params"] == found["cost"]["memory_access_elements"] == 8
    assert found["share"] == {"of": "params", "fraction": 8 / (8 * 27 + 8 + 16)}
    assert found["edit"] == "bias = false"
    assert found["networks"] == ["net"]


def test_severities() -> None:
    assert run("-", "--ignore", "bias-before-norm", input=BIAS).exit_code == 0
    assert run("-", "--severity", "bias-before-norm=info", input=BIAS).exit_code == 0
    result = run("-", "--severity", "bias-before-norm=error", input=BIAS)
    assert result.exit_code == 1
    assert result.stdout.startswith("error[bias-before-norm]")
    assert "bias" not in run("-", "--select", "g1-unequal-channels,g2-grouped", input=BIAS).stdout
    Path("pyproject.toml").write_text('[tool.archdsl.lint]\nbias-before-norm = "off"\n')
    assert run("-", input=BIAS).exit_code == 0
    assert run("-", "--severity", "bias-before-norm=warning", input=BIAS).exit_code == 1


def test_a_file_is_linted_once_a_line(tmp_path: Path) -> None:
    path = tmp_path / "two.arch"
    path.write_text("block b(x; c) = x -> conv(c, 3) -> bn\nnetwork one(x: [3, 8, 8]) = x -> b(8)\n"
                    "network two(x: [3, 8, 8]) = x -> b(64)\n")  # fmt: skip
    found = json.loads(run(str(path), "--select", "bias-before-norm", "--json").stdout)
    assert [finding["networks"] for finding in found] == [["one", "two"]]
    found = json.loads(run(f"{path}:two", "--select", "bias-before-norm", "--json").stdout)
    assert (found[0]["networks"], found[0]["cost"]["params"]) == (["two"], 64)


def test_settings_reach_the_network() -> None:
    words = ("mobilenet_v1", "--select", "channels-not-multiple-of-8", "--json")
    assert json.loads(run(*words).stdout) == []
    assert json.loads(run(*words, "--set", "width=0.4").stdout) != []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-", "--severity", "bias-before-norm"), "sets nothing"),
        (("-", "--severity", "bias-before-nrom=info"), "did you mean bias-before-norm?"),
        (("-", "--severity", "bias-before-norm=loud"), "a severity is error, warning, info, off"),
        (("-", "--select", "nothing"), "error[unknown-name]: there is no rule called nothing"),
        (("-", "--ignore", "nothing"), "error[unknown-name]: there is no rule called nothing"),
        ((), "Missing argument"),
    ],
)
def test_wrong_use(words: tuple[str, ...], message: str) -> None:
    result = run(*words, input=BIAS)
    assert result.exit_code == (1 if result.stderr.startswith("error[") else 2)
    assert message in result.stderr


def test_a_broken_project_file_is_said() -> None:
    Path("pyproject.toml").write_text("[tool.archdsl.lint\n")
    result = run("-", input=BIAS)
    assert result.exit_code == 2
    assert "pyproject.toml" in result.stderr


def test_errors_of_the_spec_are_diagnostics() -> None:
    result = run("-", input="network net(x: [3, 8, 8]) = x -> nothing\n")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "error[unknown-name]" in result.stderr
    assert run("no_such_file.arch").exit_code == 1


def test_rules_are_listed_and_explained() -> None:
    result = run("--rules")
    assert result.exit_code == 0
    assert all(f"\n{name} " in f"\n{result.stdout}" for name in rules())
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    page = CliRunner().invoke(main, ["explain", "warning[bias-before-norm]"]).stdout
    assert page.startswith("# bias-before-norm\n")
    assert "linear-pair" in CliRunner().invoke(main, ["explain"]).stdout.splitlines()
