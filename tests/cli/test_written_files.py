"""What is told of files that commands write, and which names they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from archdsl.cli import main


@pytest.mark.parametrize("command", ["view", "compile", "spec"])
@pytest.mark.parametrize("ending", ["pdf", "svg", "html", "py", "arch", "jpg", "txt", ""])
def test_a_file_that_is_named_as_something_else_is_refused(tmp_path: Path, command: str, ending: str) -> None:
    own = {"view": "html", "compile": "py", "spec": "arch"}[command]
    path = tmp_path / f"net.{ending}".rstrip(".")
    result = CliRunner().invoke(main, [command, "alexnet", "-o", str(path)])
    if ending in (own, "txt", ""):
        assert result.exit_code == 0 and path.exists()
    else:
        assert result.exit_code == 1 and "error[other-ending]" in result.stderr and f"in .{own};" in result.stderr
        assert not path.exists()


@pytest.mark.parametrize("command", ["draw", "plot"])
@pytest.mark.parametrize(("format", "ending"), [("png", "svg"), ("svg", "html"), ("pdf", "py")])
def test_a_picture_is_not_named_as_something_else(tmp_path: Path, command: str, format: str, ending: str) -> None:
    path = tmp_path / f"net.{ending}"
    result = CliRunner().invoke(main, [command, "alexnet", "--format", format, "-o", str(path)])
    assert result.exit_code == 1 and f"end the name in .{format};" in result.stderr and not path.exists()


@pytest.mark.parametrize(
    ("command", "ending"), [("view", "html"), ("compile", "py"), ("spec", "arch"), ("plot", "svg")]
)
def test_what_is_written_is_told_in_bytes(tmp_path: Path, command: str, ending: str) -> None:
    path = tmp_path / f"net.{ending}"
    result = CliRunner().invoke(main, [command, "alexnet", "-o", str(path)])
    assert result.stderr.endswith(f"wrote {path}: {path.stat().st_size:,} bytes\n")


@pytest.mark.parametrize(("width", "pages"), [("3.5in", ", 2 pages"), ("a4", "")])
def test_pages_of_a_pdf_are_counted(tmp_path: Path, width: str, pages: str) -> None:
    path = tmp_path / "net.pdf"
    result = CliRunner().invoke(main, ["draw", "resnet50", "--width", width, "-o", str(path)])
    assert result.stderr.endswith(f"{path.stat().st_size:,} bytes{pages}\n")
