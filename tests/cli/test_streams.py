"""Standard streams that are closed, full or not read: an exit status and at most one message, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SMALL = "network n(x: [3, 8, 8]) = x -> conv(4, 3) -> relu\n"
BROKEN = "network n(x: [3, 8, 8]) = x -> conv(4, kernal = 3)\n"
ANSWERS = [  # command lines that answer on stdout
    "access s.arch",
    "analyze s.arch --json",
    "analyze s.arch",
    "check s.arch",
    "compile s.arch",
    "compile s.arch -o -",
    "compile s.arch -o /dev/stdout",
    "diff s.arch s.arch",
    "draw s.arch -o -",
    "explain shape-mismatch",
    "field s.arch",
    "fit s.arch --over input --macs 1M",
    "fmt - < s.arch",
    "lint s.arch",
    "lint --rules",
    "memory s.arch",
    "ops",
    "sizes s.arch",
    "space s.arch --enumerate",
    "space s.arch --csv",
    "spec s.arch -o -",
    "structure s.arch",
    "sweep s.arch --vary input=8 --csv",
    "view s.arch -o -",
    "zoo --match squeezenet --format csv",
    "--help",
    "--version",
]
FEW = {"check s.arch", "analyze s.arch --json", "compile s.arch", "draw s.arch -o -", "--help"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("streams")
    (made / "s.arch").write_text(SMALL)
    (made / "broken.arch").write_text(BROKEN)
    return made


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What `archdsl COMMAND` does in a shell, with its redirections."""
    line = f"{sys.executable} -m archdsl {command}"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, check=False, cwd=folder, env=env, timeout=60
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("command", [pytest.param(c, marks=() if c in FEW else pytest.mark.slow) for c in ANSWERS])
def test_a_full_device_is_a_diagnostic(command: str, folder: Path) -> None:
    done = shell(f"{command} > /dev/full", folder)
    assert done.returncode == 1, done
    assert done.stderr.count("error[") == done.stderr.count("error[cannot-write]") == 1, done.stderr
    assert "No space left on device" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command", ["check s.arch", "compile s.arch", "draw s.arch -o -", "--help", "check --help", "--version"]
)
def test_a_closed_stdout_is_a_diagnostic(command: str, folder: Path) -> None:
    done = shell(f"{command} >&-", folder)
    assert done.returncode == 1
    assert "error[cannot-write]: cannot write to standard output: it is closed" in done.stderr
    assert "Traceback" not in done.stderr


def test_writing_to_a_file_needs_no_stdout(folder: Path) -> None:
    for command in ("compile s.arch -o made.py", "draw s.arch -o made.svg", "fmt s.arch"):
        assert shell(f"{command} >&- <&-", folder).returncode == 0


def test_nobody_has_to_hear_remarks(folder: Path) -> None:
    """The exit status tells, where stderr is closed or full."""
    for where in ("2>&-", "2>/dev/full"):
        assert shell(f"check broken.arch {where}", folder).returncode == 1
        assert shell(f"compile s.arch -o made.py {where}", folder).returncode == 0
        assert shell(f"frobnicate {where}", folder).returncode == 2
    for where in (">&- 2>&- <&-", ">/dev/full 2>/dev/full"):
        assert shell(f"check s.arch {where}", folder).returncode == 1


@pytest.mark.parametrize("stdin", ["<&-", "0>written"])
@pytest.mark.parametrize("command", ["check -", "diff - s.arch"])
def test_a_stdin_that_cannot_be_read_is_a_diagnostic(command: str, stdin: str, folder: Path) -> None:
    done = shell(f"{command} {stdin}", folder)
    assert done.returncode == 1
    assert "error[unreadable-file]: cannot read standard input: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["ops", "compile resnet152", "check -"])
def test_a_reader_that_stops_early_is_no_error(command: str, folder: Path) -> None:
    done = shell(f"{command} < s.arch | true; exit ${{PIPESTATUS[0]}}", folder)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_stdout_of_few_letters_still_prints(folder: Path) -> None:
    """Where the encoding has no sign for a character, an escape stands for it."""
    done = subprocess.run(
        [sys.executable, "-m", "archdsl", "analyze", "resnet18"],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"},
        cwd=folder,
    )
    assert done.stdout.isascii() and rb"basic \xd7 2" in done.stdout


@pytest.mark.parametrize("command", ["compile", "spec", "draw", "view"])
def test_a_dash_is_stdout(command: str, folder: Path) -> None:
    """What goes to stdout is what a file would hold, and no file is called `-`; `./-` is one."""
    made = "made.svg" if command == "draw" else "made.txt"  # what ends as a picture takes no text
    assert shell(f"{command} s.arch -o {made}", folder).returncode == 0
    assert shell(f"{command} s.arch -o - > piped", folder).returncode == 0
    assert (folder / "piped").read_bytes() == (folder / made).read_bytes()
    assert not (folder / "-").exists()
    assert shell(f"{command} s.arch -o ./- {'--format svg' if command == 'draw' else ''}", folder).returncode == 0
    assert (folder / "-").read_bytes() == (folder / made).read_bytes()
    (folder / "-").unlink()


def test_a_plot_to_a_dash_is_refused(folder: Path) -> None:
    for command in ("zoo --plot -", "sweep s.arch --vary input=8 --plot -"):
        done = shell(command, folder)
        assert done.returncode == 2 and "a plot goes to a file" in done.stderr and not done.stdout


def test_a_terminal_is_shown_no_bytes(folder: Path) -> None:
    """A picture is handed to a pipe as it is, and refused where a person would see its bytes; SVG is text."""
    assert shell("draw s.arch -o - --format png | head -c 4 | tail -c 3", folder).stdout == "PNG"
    here = f"cd {folder} && PYTHONPATH={ROOT} {sys.executable} -m archdsl draw s.arch -o - --format"
    for form, code, said in (("png", 1, b"error[cannot-write"), ("svg", 0, b"</svg>")):
        read, write = os.openpty()
        done = subprocess.Popen(["bash", "-c", f"{here} {form}"], stdout=write, stderr=write, stdin=write)
        os.close(write)
        seen = b""
        while True:
            try:
                piece = os.read(read, 1 << 16)
            except OSError:  # the other end is closed
                break
            seen += piece
        os.close(read)
        assert done.wait(60) == code and said in seen and b"PNG" not in seen
