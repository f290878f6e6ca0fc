"""`archdsl view X`: where the page goes, and what the browser is shown."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from click.testing import CliRunner

import archdsl
from archdsl.cli import main
from tests.emit_view.test_page import checked

SPEC = "network n(x: [3, 16, 16]; width = 4) = x -> conv(width, 3) -> relu\n"


@pytest.mark.parametrize("there_is_one", [True, False])
def test_the_browser_shows_a_file(there_is_one: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder of its own that nobody else reads; where there is no browser the file is there all the same."""
    shown: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: bool(shown.append(address) or there_is_one))
    spec = tmp_path / "n.arch"
    spec.write_text(SPEC)
    result = CliRunner().invoke(main, ["view", str(spec), "--set", "width=7"])
    assert (result.exit_code, result.stdout) == (0, "")
    path = Path(unquote(urlsplit(shown[0]).path))
    assert str(path) in result.stderr and ("no browser" in result.stderr) is not there_is_one
    assert path.parent.stat().st_mode & 0o077 == 0
    checked(path.read_text(encoding="utf-8"))
    path.unlink()
    path.parent.rmdir()


def test_a_page_begins_as_asked(tmp_path: Path) -> None:
    spec = tmp_path / "n.arch"
    spec.write_text(SPEC)
    found = CliRunner().invoke(main, ["view", str(spec), "-o", "-", "--color", "macs", "--theme", "dark"])
    assert '"start": "colour=macs&theme=dark"' in checked(found.stdout).inside[1]
    assert CliRunner().invoke(main, ["view", str(spec), "-o", "-", "--color", "flops"]).exit_code == 2
    for wrong in ({"color": "flops"}, {"theme": "print"}):
        with pytest.raises(ValueError, match="a page has no"):
            archdsl.load(spec).view(**wrong)  # type: ignore[arg-type]


def test_stdout_and_file_are_the_same(tmp_path: Path) -> None:
    spec = tmp_path / "n.arch"
    spec.write_text(SPEC)
    result = CliRunner().invoke(main, ["view", str(spec), "-o", str(tmp_path / "n.html")])
    assert result.exit_code == 0 and "wrote" in result.stderr
    assert CliRunner().invoke(main, ["view", str(spec), "-o", "-"]).stdout == (tmp_path / "n.html").read_text("utf-8")
