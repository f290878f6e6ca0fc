"""Files are written whole or not at all, whatever happens meanwhile, and leave nothing else behind.

A superuser may write everywhere and disks are seldom full, so those refusals are played by `os.open`, `os.access`
and a device that is always full.
"""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from archdsl import files
from archdsl.diagnostics.model import ArchError
from archdsl.files import write

ROOT = Path(__file__).parents[1]


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refused(path: Path, content: bytes = b"new") -> str:
    """The message of the one diagnostic that writing gives."""
    with pytest.raises(ArchError) as caught:
        write(path, content)
    (found,) = caught.value.diagnostics
    assert found.code == "cannot-write" and found.help
    return found.message


# Writes in a process of its own that stops in the middle: its temporary file is there, whole or half, and locked.
STOPPED = """
import os, sys, time
from pathlib import Path
from archdsl import files
def stop(*_):
    print("stopped", flush=True)
    time.sleep(60)
files.os.fsync = stop
files.write(Path(sys.argv[1]), b"half of it")
"""


def stopped_writer(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", STOPPED, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None and process.stdout.readline() == "stopped\n"
    return process


def test_what_a_killed_writer_left_goes_with_the_next_write(tmp_path: Path) -> None:
    target = tmp_path / "net [1].py"
    writers = [stopped_writer(target), stopped_writer(target)]
    living = stopped_writer(target)
    for writer in writers:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    assert len(left(tmp_path)) == 3
    write(target, "text")
    assert target.read_text() == "text"
    assert len(left(tmp_path)) == 2  # the third writer still holds its file
    living.kill()
    living.wait()
    write(target, "text")
    assert left(tmp_path) == [target.name]


def test_only_its_own_leftovers_go(tmp_path: Path) -> None:
    names = [
        ".net.py.swp",
        ".net.py.0123abcd",
        ".net.py.0123abcd.archdsl-tmp.bak",
        ".net2.py.0123abcd.archdsl-tmp",
        ".net.py.XXXXXXXX.archdsl-tmp",
        "net.py.0123abcd.archdsl-tmp",
    ]
    for name in names:
        (tmp_path / name).write_text("mine")
    (tmp_path / ".net.py.aaaaaaaa.archdsl-tmp").mkdir()
    (tmp_path / ".net.py.bbbbbbbb.archdsl-tmp").symlink_to(tmp_path / ".net.py.swp")
    os.mkfifo(tmp_path / ".net.py.cccccccc.archdsl-tmp")
    before = left(tmp_path)
    write(tmp_path / "net.py", "text")
    assert left(tmp_path) == sorted([*before, "net.py"])


def test_writers_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    target = tmp_path / "net.py"
    texts = [bytes([65 + number]) * 200_000 for number in range(6)]
    problems: list[BaseException] = []

    def writes(text: bytes) -> None:
        try:
            for _ in range(15):
                write(target, text)
                assert target.read_bytes() in texts
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=writes, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert left(tmp_path) == ["net.py"]


def test_a_disk_that_fills_up_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "net.py"
    target.write_text("old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "fsync", full)
        assert refused(target) == f"cannot write {target}: No space left on device"
    assert target.read_text() == "old" and left(tmp_path) == ["net.py"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_device_is_a_diagnostic() -> None:
    assert refused(Path("/dev/full"), b"x" * 100_000) == "cannot write /dev/full: No space left on device"


def test_a_folder_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = os.open

    def refusing(path: str | Path, flags: int, *more: int) -> int:
        if flags & os.O_CREAT and Path(path).parent == tmp_path:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return really(path, flags, *more)

    monkeypatch.setattr(files.os, "open", refusing)
    assert refused(tmp_path / "net.py") == f"cannot write {tmp_path / 'net.py'}: Permission denied"
    assert left(tmp_path) == []


def test_a_file_that_is_read_only_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "net.py"
    target.write_text("old")
    monkeypatch.setattr(files.os, "access", lambda path, mode: mode != os.W_OK)
    assert refused(target) == f"cannot write {target}: it is read-only"
    assert target.read_text() == "old" and left(tmp_path) == ["net.py"]


ODD_PATHS: dict[str, Callable[[Path], Path]] = {
    "a folder": lambda folder: folder,
    "a file for a folder": lambda folder: Path(__file__) / "net.py",
    "a nul byte": lambda folder: folder / "net\0.py",
    "a name too long": lambda folder: folder / ("n" * 300),
    "no text": lambda folder: folder / "net\ud8ff.py",
    "a link in a circle": lambda folder: circle(folder / "circle"),
    "an empty path": lambda folder: Path(""),
}


def circle(path: Path) -> Path:
    path.symlink_to(path)
    return path


@pytest.mark.parametrize("name", ODD_PATHS)
def test_a_path_where_nothing_can_be_is_a_diagnostic(name: str, tmp_path: Path) -> None:
    path = ODD_PATHS[name](tmp_path)
    before = left(tmp_path)
    refused(path)
    assert left(tmp_path) == before


def test_permissions_are_kept_and_new_files_have_the_usual_ones(tmp_path: Path) -> None:
    private, usual = tmp_path / "private", tmp_path / "usual"
    private.touch(0o600)
    usual.write_text("as open() makes it")
    write(private, "text")
    write(tmp_path / "new", "text")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == stat.S_IMODE(usual.stat().st_mode)


def test_a_link_goes_on_to_link_even_into_nothing(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("there")
    write(tmp_path / "link", "text")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "there").read_text() == "text"


def test_a_reader_sees_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    target = tmp_path / "net.py"
    texts = {b"a" * 300_000, b"b" * 300_000}
    write(target, min(texts))
    seen: set[bytes] = set()
    done = threading.Event()

    def reads() -> None:
        while not done.is_set():
            seen.add(target.read_bytes())

    reader = threading.Thread(target=reads)
    reader.start()
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        for text in sorted(texts):
            write(target, text)
    done.set()
    reader.join()
    assert seen <= texts
