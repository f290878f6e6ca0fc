"""`archdsl draw A B`: two networks beside each other; what is refused, and that nothing is written over."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import archdsl
from archdsl.cli import main
from archdsl.emit.marks.palettes import LIGHT
from tests.cli.nothing_written import assert_refused, assert_spec_stays

SPEC = """
block unit(x; k = 3) = x + (x -> conv(8, k) -> relu)
network before(x: [8, 16, 16]) = x -> unit -> unit -> linear(4) as head
network after(x: [8, 16, 16]) = x -> unit -> unit(5) -> conv(8) as more -> linear(4) as head
"""


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["draw", *words])


def test_two_networks_of_a_file_stand_beside_each_other(tmp_path: Path) -> None:
    spec = tmp_path / "two.arch"
    spec.write_text(SPEC)
    out = tmp_path / "two.svg"
    found = run(f"{spec}:before", f"{spec}:after", "-o", str(out))
    assert (found.exit_code, found.stdout) == (0, "")
    text = out.read_text()
    assert "<title" in text and "before → after" in text
    for words in (">added<", ">changed<", "k 3 → 5"):
        assert words in text, words
    assert ">removed<" not in text  # no whole box is
    assert text.count(LIGHT["added.fill"]) == 2  # the new conv, and the legend
    assert LIGHT["removed.fill"] not in text and text.count(LIGHT["changed.fill"]) > 1
    assert run(f"{spec}:before", f"{spec}:after", "-o", "-").stdout == text


def test_settings_are_for_both() -> None:
    found = run("resnet18", "resnet34", "-o", "-", "--set", "classes=10", "--input", "3x64x64", "--width", "a4")
    assert found.exit_code == 0
    assert "linear, 1000" not in found.stdout and "linear, 10" in found.stdout and "3 × 64 × 64" in found.stdout


@pytest.mark.parametrize("command", ["draw", "view"])
def test_settings_are_for_one_of_both(command: str) -> None:
    both = {"old": archdsl.load("resnet18"), "new": archdsl.load("resnet18")}
    for side in both:
        pair = {**both, side: archdsl.load("resnet18", classes=10, input=(3, 48, 48))}
        words = [f"--set-{side}", "classes=10", f"--input-{side}", "3x48x48", "-o", "-"]
        found = CliRunner().invoke(main, [command, "resnet18", "resnet18", *words])
        wanted = getattr(pair["old"], command)(other=pair["new"])
        assert found.exit_code == 0 and found.stdout_bytes == (wanted.encode() if command == "view" else wanted)
        assert found.stderr.count("classes = 10") == 1
        alone = CliRunner().invoke(main, [command, "resnet18", *words])
        assert (alone.exit_code, alone.stdout) == (2, "")
        assert f"--set-{side} is for two networks; of one it is --set" in alone.stderr


def test_picks_are_for_one_of_both(tmp_path: Path) -> None:
    spec = tmp_path / "space.arch"
    spec.write_text("network n(x: [3, 8, 8]) = x -> oneof([conv(4, 3), conv(8, 5)])\n")
    found = run(str(spec), str(spec), "--pick-old", "out=conv(4, 3)", "--pick-new", "out=conv(8, 5)", "-o", "-")
    assert found.exit_code == 0 and "3×3 conv, 4" in found.stdout and "5×5 conv, 8" in found.stdout


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("-", "-", "-o", "x.svg"), 2, "only one of the two networks can come from stdin"),
        (("resnet18", "resnet34", "-o", "x.svg", "--color", "macs"), 2, "without --color"),
        (("resnet18", "resnet34", "-o", "x.svg", "--verify"), 2, "--verify"),
        (("resnet18", "resnet34", "-o", "x.svg", "--block", "basics"), 1, "did you mean basic?"),
        (("resnet18", "-o", "x.svg", "--block", "basic", "b"), 1, 'stands in quotes: --block "basic b"'),
        (("resnet18", "resnet34", "-o", "x.svg", "--block", "basic", "b"), 2, 'stands in quotes: --block "basic b"'),
        (("resnet18", "-o", "x.svg", "--inline", "basic b"), 1, "All its variants are drawn in place, or none."),
        (("resnet18", "resnet34", "-o", "x.svg", "--inline", "basic b"), 1, "All its variants are drawn in place"),
        (("resnet18", "resnet34", "-o", "x.mermaid"), 1, "two networks beside each other are not drawn as mermaid"),
        (("resnet18", "resnet34", "-o", "x.svg", "--format", "dot"), 1, "there are pdf, png, svg, tikz"),
        (("resnet18", "resnet43", "-o", "x.svg"), 1, "did you mean"),
        (("resnet18", "resnet34", "-o", "nowhere/x.svg"), 1, "cannot write"),
        (("nasnetalarge", "resnet34", "-o", "x.svg", "--width", "1in"), 1, "page-too-narrow"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int, message: str
) -> None:
    assert_refused(run, words, code, message, tmp_path, monkeypatch)


def test_neither_spec_is_written_over(tmp_path: Path) -> None:
    spec = tmp_path / "two.svg"
    assert_spec_stays(run, spec, SPEC, "resnet18", f"{spec}:after")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--dpi", "300", "--format", "svg"], "--dpi says nothing to svg"),
        (["--width", "a4", "--format", "mermaid"], "--width says nothing to mermaid"),
        (["--width", "a4", "--dpi", "99", "--format", "dot"], "--width and --dpi say nothing to dot"),
        (["--width", "a4", "--format", "svg"], ""),
        (["--format", "dot"], ""),
    ],
)
def test_an_option_that_a_format_has_no_use_for_is_told(words: list[str], told: str) -> None:
    found = run("alexnet", "-o", "-", *words)
    assert found.exit_code == 0 and (" nothing to " in found.stderr) == bool(told) and told in found.stderr
