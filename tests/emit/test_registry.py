"""A form that networks are written in is one file: commands, Python and messages find it."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

import archdsl
from archdsl.cli import main
from archdsl.emit import registry
from archdsl.emit.registry import PICTURES, SOURCES, names, writer

NET = archdsl.loads("network n(x: [3, 8, 8]) = x -> conv(3) -> relu")


def test_forms_are_the_files_of_their_folders() -> None:
    assert {"svg", "png", "pdf", "tikz", "dot", "mermaid"} <= set(names(PICTURES))
    assert names(SOURCES) == ("pytorch",)
    for kind in (PICTURES, SOURCES):
        assert all(callable(writer(kind, name)) for name in names(kind))


@pytest.mark.parametrize("format", names(PICTURES))
def test_every_picture_is_drawn_by_the_command(format: str, tmp_path: Path) -> None:
    path = tmp_path / f"net.{format}"
    result = CliRunner().invoke(main, ["draw", "-", "-o", str(path)], input="network n(x: [3, 8, 8]) = x -> relu")
    assert result.exit_code == 0 and path.stat().st_size > 500
    assert format in CliRunner().invoke(main, ["draw", "--help"]).stdout


def test_a_new_file_is_a_new_form(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for kind in (PICTURES, SOURCES):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "words.py").touch()
    monkeypatch.setattr(registry, "_FOLDER", tmp_path)
    picture = SimpleNamespace(write=lambda scene, look, diagnostics: f"{scene.root.name}: {scene.caption}".encode())
    source = SimpleNamespace(write=lambda graph, origin, digest, follows_size: f"{graph.name} of {origin}")
    monkeypatch.setitem(sys.modules, "archdsl.emit.pictures.words", picture)
    monkeypatch.setitem(sys.modules, "archdsl.emit.sources.words", source)
    assert NET.draw(tmp_path / "net.words") == (tmp_path / "net.words").read_bytes() != b""
    assert NET.source("words") == "n of <text>:n"
    for call in (lambda: NET.draw(format="svg"), lambda: NET.source("keras"), lambda: NET.draw(tmp_path / "net")):
        with pytest.raises(archdsl.ArchError) as caught:
            call()
        (found,) = caught.value.diagnostics
        assert found.code == "unknown-format" and "words" in found.help
