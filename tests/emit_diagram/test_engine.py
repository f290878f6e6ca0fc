"""Graphviz runs in a process of its own: safe in threads, equal bytes, and its failures are diagnostics."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import archdsl
from archdsl.diagnostics.model import ArchError
from archdsl.emit.diagram import draw, engine
from archdsl.emit.registry import PICTURES, names

NET = archdsl.loads("network n(x: [3, 8, 8]) = x -> conv(3) -> bn -> relu")


def test_threads_draw_the_same_picture_and_leave_stderr_alone() -> None:
    expected = NET.draw(format="svg")
    before = os.fstat(2)
    wrong: list[str] = []

    def draws() -> None:
        for _ in range(4):
            if NET.draw(format="svg") != expected:
                wrong.append("another picture")
            now = os.fstat(2)
            if (now.st_dev, now.st_ino) != (before.st_dev, before.st_ino):
                wrong.append("stderr is elsewhere")

    threads = [threading.Thread(target=draws) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_graphviz_is_not_loaded_into_the_process_that_draws() -> None:
    code = (
        "import sys, archdsl; archdsl.loads('network n(x: [3, 8, 8]) = x -> conv(3)').draw();"
        " print('pygraphviz' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("False\n", "")


@pytest.mark.parametrize("format", names(PICTURES))
def test_equal_input_gives_equal_bytes(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was drawn before, and whatever day it is."""
    first = draw(NET.graph, format)
    draw(archdsl.load("resnet18").graph, format)
    assert draw(NET.graph, format) == first
    if format == "pdf":
        assert first.count(b"CreationDate") == first.count(b"(D:19700101000000Z)") == 1


def test_no_picture_names_a_file_elsewhere() -> None:
    svg = NET.draw(format="svg")
    assert b"DOCTYPE" not in svg and b".dtd" not in svg
    assert svg.count(b"http") == svg.count(b'xmlns="http') + svg.count(b'xmlns:xlink="http')


BROKEN = {
    "dies": ("import os; os.kill(os.getpid(), 9)", "was ended by signal 9", ()),
    "aborts": ("import os; os.write(2, b'no memory'); os.abort()", "was ended by signal 6", ("no memory",)),
    "raises": ("raise ValueError('font \\x1b[2J')", "ended with status 1", ("ValueError: font \x1b[2J",)),
    "hangs": ("import time; time.sleep(60)", "took more than 1 seconds", ()),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_graphviz_that_breaks_down_is_a_diagnostic(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, message, notes = BROKEN[how]
    script = tmp_path / "script.py"
    script.write_text(code)
    monkeypatch.setattr(engine, "_SCRIPT", script)
    monkeypatch.setattr(engine, "_SECONDS", 1)
    with pytest.raises(ArchError) as caught:
        NET.draw(tmp_path / "net.svg")
    (found,) = caught.value.diagnostics
    assert (found.code, found.message, found.notes) == ("graphviz-failed", f"Graphviz {message}", notes)
    assert not (tmp_path / "net.svg").exists()


def test_a_dot_program_that_breaks_down_is_a_diagnostic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for program in ("dot", "neato"):
        (tmp_path / program).write_text("#!/bin/sh\necho syntax error >&2\nexit 1\n")
        (tmp_path / program).chmod(0o755)
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(ArchError) as caught:
        NET.draw()
    (found,) = caught.value.diagnostics
    assert (found.code, found.message) == ("graphviz-failed", "Graphviz ended with status 1")
    assert found.notes == ("syntax error",)
