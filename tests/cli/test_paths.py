"""Paths that mean what they should not: outputs that are inputs, pipes and devices for specs, links, loops, changes.

Permissions do not hold for a superuser, who may be running this: there the system's refusals are played by
`os.open` and `os.access`.
"""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import archdsl
from archdsl.cli import main
from archdsl.completion import targets
from archdsl.syntax import read

ROOT = Path(__file__).parents[2]
SPEC = "import part: unit\nnetwork n(x: [3, 8, 8]; w = 4) = x -> unit -> conv(w)\n"
PART = "import deep: kernel\nblock unit(x) = x -> conv(4, kernel) -> relu\n"
DEEP = "kernel = 3\n"


def run(*arguments: object, input: str | None = None) -> Result:
    result = CliRunner().invoke(main, [str(a) for a in arguments], input=input)
    assert isinstance(result.exception, SystemExit | None), result.exc_info
    return result


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A spec with imports, of which one imports another, in the working folder."""
    for name, text in (("net", SPEC), ("part", PART), ("deep", DEEP)):
        (tmp_path / f"{name}.arch").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- outputs that are inputs --------------------------------------------------------------------------------------


def aliases(folder: Path, name: str) -> Iterator[Path]:
    """Ways to name a file of `folder`."""
    path = folder / name
    (folder / "link.svg").symlink_to(path)
    (folder / "links").symlink_to(folder)
    (folder / "sub").mkdir()
    os.link(path, folder / "hard.svg")
    yield path
    yield Path(name)
    yield Path("sub") / ".." / name
    yield folder / "link.svg"
    yield folder / "links" / name
    yield folder / "hard.svg"


@pytest.mark.parametrize("name", ["net.arch", "part.arch", "deep.arch"])
def test_no_command_writes_over_what_it_reads(name: str, folder: Path) -> None:
    before = {path: path.read_text() for path in folder.glob("*.arch")}
    for alias in aliases(folder, name):
        written = [[command, "net.arch", "-o", alias] for command in ("compile", "view")]
        if alias.suffix == ".svg":  # the other formats end otherwise
            written += [
                ["draw", "net.arch", "-o", alias],
                ["sweep", "net.arch", "--vary", "w=1,2", "--plot", alias],
                ["space", "net.arch", "--plot", alias],
            ]
        for command in written:
            result = run(*command)
            assert result.exit_code == 1 and "error[overwrites-input]" in result.stderr, (command, result.stderr)
            assert {path: path.read_text() for path in folder.glob("*.arch")} == before
    with pytest.raises(archdsl.ArchError, match="overwrites-input"):
        archdsl.load("net.arch").draw(folder / "link.svg")


def test_a_spec_from_stdin_is_not_written_over(folder: Path) -> None:
    (folder / "alone.arch").write_text("network n(x: [3, 8, 8]) = x -> relu\n")
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m archdsl compile - -o alone.arch < alone.arch"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 1 and "error[overwrites-input]" in done.stderr
    assert (folder / "alone.arch").read_text().startswith("network")


def test_a_network_of_the_zoo_knows_its_file() -> None:
    assert str(ROOT / "specs" / "resnet.arch") in archdsl.load("resnet18").files


def test_another_file_is_written_over(folder: Path) -> None:
    # The second is a spec, but not one that is read.
    for command, name, begin in (("compile", "old.py", "class N"), ("spec", "other.arch", "network n")):
        (folder / name).write_text("old")
        assert run(command, "net.arch", "-o", name).exit_code == 0
        assert begin in (folder / name).read_text()


# --- specs that are no files --------------------------------------------------------------------------------------


def made_fifo(path: Path) -> None:
    os.mkfifo(path)


def made_socket(path: Path) -> None:
    socket.socket(socket.AF_UNIX).bind(str(path))


def made_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def made_empty_device(path: Path) -> None:
    path.symlink_to("/dev/null")


NO_FILES = [made_fifo, made_socket, made_device, made_empty_device]


@pytest.mark.parametrize("make", NO_FILES)
@pytest.mark.parametrize("command", ["check", "fmt", "analyze", "lint", "compile"])
def test_a_pipe_or_device_is_refused_and_not_waited_for(
    make: Callable[[Path], None], command: str, folder: Path
) -> None:
    make(folder / "odd.arch")
    result = run(command, "odd.arch")
    assert result.exit_code == 1 and "error[not-a-file]" in result.stderr
    assert "odd.arch" not in run("check", "net.arch").stderr


@pytest.mark.parametrize("make", NO_FILES)
def test_a_pipe_or_device_is_not_imported(make: Callable[[Path], None], folder: Path) -> None:
    (folder / "deep.arch").unlink()
    make(folder / "deep.arch")
    result = run("check", "net.arch")
    assert result.exit_code == 1 and "error[unknown-file]" in result.stderr


def test_a_file_that_becomes_a_pipe_is_not_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at it and its opening."""
    os.mkfifo(folder / "pipe")
    real = os.stat("net.arch")
    with monkeypatch.context() as patch:
        patch.setattr(read.os, "stat", lambda path: real)
        with pytest.raises(archdsl.ArchError, match="not-a-file"):
            read.read_source("pipe")


def test_a_pipe_that_nobody_reads_is_not_written(folder: Path) -> None:
    os.mkfifo(folder / "out")
    result = run("compile", "net.arch", "-o", "out")
    assert result.exit_code == 1 and "error[cannot-write]" in result.stderr
    assert (folder / "out").is_fifo()


def test_completion_does_not_open_pipes(folder: Path) -> None:
    os.mkfifo(folder / "pipe.arch")
    assert targets(None, None, "pipe.arch:") == []


# --- imports ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["..net", ".net", "/net", "../net", "a..b", "net.", "C:net", '"net"'])
def test_an_import_names_no_folder_above_and_no_root(path: str, folder: Path) -> None:
    (folder / "deep.arch").write_text(f"import {path}: unit\nkernel = 3\n")
    result = run("check", "deep.arch")
    assert result.exit_code == 1
    assert "error[bad-import]" in result.stderr or "error[unclosed-string]" in result.stderr, result.stderr


def test_a_link_to_a_spec_is_the_spec(folder: Path) -> None:
    """By two names it is one file: its blocks are the same blocks, each made once."""
    (folder / "again.arch").symlink_to("part.arch")
    (folder / "net.arch").write_text(
        "import part: unit\nimport again as q\nnetwork n(x: [4, 8, 8]) = x -> unit -> q.unit\n"
    )
    assert run("check", "net.arch").exit_code == 0
    assert archdsl.load("net.arch").source().count("class ") == 2


LOOPS = {
    "a link to the importing file": {"part": "net"},
    "two links to each other": {"part": "deep", "deep": "part"},
    "a link to itself": {"deep": "deep"},
}


@pytest.mark.parametrize("loop", LOOPS)
def test_links_in_a_circle_end(loop: str, folder: Path) -> None:
    for name, target in LOOPS[loop].items():
        (folder / f"{name}.arch").unlink()
        (folder / f"{name}.arch").symlink_to(f"{target}.arch")
    result = run("check", "net.arch")
    assert result.exit_code == 1
    assert "error[import-cycle]" in result.stderr or "error[unknown-file]" in result.stderr


def test_a_folder_that_holds_itself_ends(folder: Path) -> None:
    (folder / "sub").symlink_to(".")
    (folder / "net.arch").write_text("import sub.part: unit\nnetwork n(x: [4, 8, 8]) = x -> unit\n")
    (folder / "part.arch").write_text("import sub.deep: unit\n")
    (folder / "deep.arch").write_text("import sub.part: unit\n")
    result = run("check", "net.arch")
    assert result.exit_code == 1 and result.stderr.count("error[import-cycle]") == 1
    assert "part.arch -> deep.arch -> part.arch" in result.stderr


@pytest.mark.parametrize("name", ["net.arch", "deep.arch"])
def test_a_spec_that_may_not_be_read(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = os.open

    def refusing(path: str, flags: int, *more: int) -> int:
        if Path(path).name == name:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return really(path, flags, *more)

    with monkeypatch.context() as patch:
        patch.setattr(read.os, "open", refusing)
        result = run("check", "net.arch")
    assert result.exit_code == 1
    assert f"error[unreadable-file]: cannot read {folder / name if name != 'net.arch' else name}" in result.stderr or (
        f"error[unreadable-file]: cannot read {name}: Permission denied" in result.stderr
    )


def test_a_spec_that_breaks_off_while_it_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails: the error is told; what was read of it is not taken for the spec."""

    class Failing:
        def __enter__(self) -> Failing:
            return self

        def __exit__(self, *_: object) -> None: ...

        def fileno(self) -> int:
            return handle

        def read(self, _: int) -> bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    handle = os.open("net.arch", os.O_RDONLY)
    with monkeypatch.context() as patch:
        patch.setattr(read, "open", lambda *_, **__: Failing(), raising=False)
        with pytest.raises(archdsl.ArchError, match="Input/output error"):
            read.read_source("net.arch")
    os.close(handle)


def test_a_file_that_changes_is_read_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both importers see one text of it, and messages show the text that was read."""
    (folder / "net.arch").write_text(
        "import part: unit\nimport deep: kernel\nnetwork n(x: [3, 8, 8]) = x -> unit -> conv(4, kernel) -> conv(-1)\n"
    )
    reads: list[str] = []
    really = read._content

    def changing(path: Path | str) -> bytes:
        data = really(path)
        reads.append(Path(path).name)
        Path(path).write_text("# another text\n" * 9)
        return data

    with monkeypatch.context() as patch:
        patch.setattr(read, "_content", changing)
        result = run("check", "net.arch")
    assert sorted(reads) == sorted(set(reads)) and set(reads) >= {"net.arch", "part.arch", "deep.arch"}
    assert result.stderr.count("error[") == 1 and "conv(-1)" in result.stderr
