"""Completes command lines as bash, zsh and fish ask for it: by environment variables of one process a key press."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from archdsl.analysis import registry
from archdsl.cli import main
from archdsl.library import networks

ROOT = Path(__file__).parents[2]
SHELLS = ("bash", "zsh", "fish")


def completed(line: str, shell: str = "zsh") -> list[str]:
    """What a shell is offered for the last word of `line`, which stands in the repository."""
    words = line.split(" ")
    env = {"_ARCHDSL_COMPLETE": f"{shell}_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    if shell == "fish":
        env |= {"COMP_CWORD": words[-1]}
    result = CliRunner().invoke(main, [], prog_name="archdsl", env=env)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    if shell == "zsh":  # type, value, help, by threes
        return [value.replace("\\:", ":") for value in lines[1::3]]
    return [text.partition(",")[2].partition("\t")[0] for text in lines if text]


@pytest.fixture(autouse=True)
def in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("archdsl ana", {"analyze"}),
        ("archdsl analyze resnet5", {"resnet50"}),
        ("archdsl draw nasnetal", {"nasnetalarge"}),
        ("archdsl diff resnet50 resnet15", {"resnet152"}),
        ("archdsl analyze specs/resnet.", {"specs/resnet.arch"}),
        ("archdsl analyze spec", {"specs/"}),
        ("archdsl check specs/vgg", {"specs/vgg.arch"}),
        ("archdsl ops conv_tr", {"conv_transpose"}),
        ("archdsl ops conv_b", {"conv_bn"}),
        ("archdsl explain unknown-na", {"unknown-name"}),
        ("archdsl explain g4-el", {"g4-elementwise"}),
        ("archdsl schema zo", {"zoo"}),
        ("archdsl sweep mobilenet_v1_100 --metric rece", {"receptive_field"}),
        ("archdsl sweep mobilenet_v1_100 --vary wid", {"width="}),
        ("archdsl sweep mobilenet_v1_100 --vary inp", {"input="}),
        ("archdsl fit mobilenet_v1_100 --at-most peak_e", {"peak_eager_bytes="}),
        ("archdsl fit mobilenet_v1_100 --over wi", {"width"}),
        ("archdsl space resnet18 --pareto params,rece", {"params,receptive_field"}),
        ("archdsl space resnet18 --where rece", {"receptive_field"}),
        ("archdsl analyze resnet50 --set cla", {"classes="}),
        ("archdsl analyze transformer_base --input s", {"source="}),
        ("archdsl analyze nasbench201_space --pick 3", {"3.arch="}),
        ("archdsl analyze nasbench201_space --pick 3.arch=s", {"3.arch=skip"}),
        ("archdsl analyze nasbench201_space --pick 0.arch=skip --pick 1", {"1.arch="}),
        ("archdsl analyze specs/nasbench201.arch:nasbench201_conv3 --pick 1", set()),
        ("archdsl lint resnet50 --select g4-el", {"g4-elementwise"}),
        ("archdsl lint resnet50 --ignore g4-elementwise,strided-p", {"g4-elementwise,strided-pointwise"}),
        ("archdsl lint resnet50 --severity strided-pointwise=war", {"strided-pointwise=warning"}),
        ("archdsl analyze nowhere/x", set()),
        ("archdsl analyze nowhere.arch --set x", set()),
    ],
)
def test_words_are_completed(shell: str, line: str, expected: set[str]) -> None:
    found = set(completed(line, shell))
    assert expected <= found
    assert all(word.startswith(line.split()[-1]) for word in found)


def test_networks_of_a_file() -> None:
    line = "archdsl analyze specs/resnet.arch:resnet1"
    assert set(completed(line)) >= {"specs/resnet.arch:resnet18", "specs/resnet.arch:resnet101"}
    assert set(completed(line, "fish")) >= {"specs/resnet.arch:resnet18"}
    # Bash takes it for one word if COMP_WORDBREAKS has no colon, and for three if it has.
    assert "specs/resnet.arch:resnet18" in completed(line, "bash")
    assert "resnet18" in completed("archdsl analyze specs/resnet.arch : resnet1", "bash")
    assert "resnet18" in completed("archdsl analyze specs/resnet.arch :", "bash")
    assert completed("archdsl sweep mobilenet_v1_100 --metric = rece", "bash") == ["receptive_field"]


def test_everything_is_offered() -> None:
    """Nothing is forgotten: all networks, metrics and codes that begin so."""
    for letter in "acdefghilmnopqrstuvwx":
        offered = set(completed(f"archdsl analyze {letter}"))
        assert {name for name in networks() if name.startswith(letter)} <= offered
    assert set(completed("archdsl sweep resnet18 --metric ")) == set(registry.names())


def test_bash_itself_completes(tmp_path: Path) -> None:
    """The script that the README of the command names, run by bash as on a key press."""
    command = tmp_path / "archdsl"
    call = "from archdsl.cli import main; main(prog_name='archdsl')"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{call}"\n')
    command.chmod(0o755)
    script = """
    eval "$(_ARCHDSL_COMPLETE=bash_source archdsl)"
    compopt() { :; }
    COMP_WORDS=(archdsl analyze specs/resnet.arch : resnet15); COMP_CWORD=4
    _archdsl_completion archdsl
    echo "${COMPREPLY[@]}"
    """
    env = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["resnet152"], done.stderr
