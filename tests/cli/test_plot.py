"""`archdsl plot`: files and stdout, exit codes, what is wrong with what is asked, nothing half written."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from archdsl.cli import main
from archdsl.emit.marks.formats import FORMATS
from tests.cli.nothing_written import assert_refused, assert_spec_stays

START = {"svg": b"<svg", "pdf": b"%PDF", "png": b"\x89PNG", "tikz": b"%"}


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["plot", *words])


@pytest.mark.parametrize("format", FORMATS)
def test_the_ending_decides_the_format(tmp_path: Path, format: str) -> None:
    found = run("alexnet", "-o", str(tmp_path / f"x.{format}"))
    assert found.exit_code == 0 and found.stdout == "" and "wrote" in found.stderr
    written = (tmp_path / f"x.{format}").read_bytes()
    assert written.startswith(START[format])
    assert run("alexnet", "-o", "-", "--format", format).stdout_bytes == written


@pytest.mark.parametrize(("format", "told"), [("svg", True), ("png", True), ("pdf", False), ("tikz", False)])
def test_pages_in_one_picture_are_told(format: str, told: bool) -> None:
    for width in (["--width", "slide"], []):
        found = run("resnet18", "-o", "-", "--format", format, *width)
        assert ("warning[several-pages]" in found.stderr) is (told and bool(width))


def test_what_is_asked_is_plotted_each_mark_with_its_line() -> None:
    found = run("resnet50", "-o", "-", "--what", "field", "--what", "cost")
    assert found.exit_code == 0
    root = ElementTree.fromstring(found.stdout)
    titles = {element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}title")}
    assert "layer1.0.conv2 (conv, line 21): 115,605,504 MACs" in titles
    assert "layer1.0.conv2 (conv, line 21) to layer1.0.bn2: 36,992 parameters" in titles
    assert "layer1.0.conv2 (conv, line 21): height and width 19" in titles
    texts = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"25.6 M parameters, 4.09 G multiply-accumulates", "layer1", "output 427"} <= texts
    assert "Share by kind of op" not in texts


def test_other_sizes_and_settings_are_plotted() -> None:
    found = run("resnet50", "-o", "-", "--what", "cost", "--set", "classes=10", "--input", "3x64x64")
    assert found.exit_code == 0 and "23.5 M parameters, 334 M multiply-accumulates" in found.stdout


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("alexnet",), 2, "Missing option '-o'"),
        (("alexnet", "-o", "x.gif"), 1, "'gif' is no format of this picture"),
        (("alexnet", "-o", "plot"), 1, "the picture's format is not given"),
        (("alexnet", "-o", "x.svg", "--what", "memroy"), 1, "did you mean memory?"),
        (("alexnet", "-o", "x.svg", "--what", "zzz"), 1, "there are cost, field, memory, share"),
        (("alexnet", "-o", "x.svg", "--theme", "drak"), 2, "'drak' is not one of"),
        (("alexnet", "-o", "nowhere/x.svg"), 1, "cannot write nowhere/x.svg"),
        (("alexnot", "-o", "x.svg"), 1, "did you mean alexnet"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int, message: str
) -> None:
    assert_refused(run, words, code, message, tmp_path, monkeypatch)


def test_a_spec_is_not_written_over(tmp_path: Path) -> None:
    spec = tmp_path / "n.svg"
    assert_spec_stays(run, spec, "network n(x: [3, 8, 8]) = x -> conv(4)\n", str(spec))
