"""Turns DOT texts into laid-out or rendered pictures, by Graphviz in a process of its own."""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import graphviz

from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.emit.diagram.graphviz_process import MISSING
from archdsl.emit.doctype import without_doctype

# The layout that keeps every position: pygraphviz reaches it by name, the program as an option of neato.
KEEP = "nop2"
Job = tuple[str, str, str]  # DOT text, layout ("dot" or KEEP), format

_DATE = re.compile(rb"/CreationDate \(D:\d{14}")  # of a PDF
_NO_DATE = b"/CreationDate (D:19700101000000"
_SCRIPT = Path(__file__).with_name("graphviz_process.py")
_SECONDS = 300


def run(jobs: Sequence[Job]) -> list[bytes]:
    """The graph that each job describes, laid out, in its format; one process for all, equal bytes on every run.

    Safe in threads: nothing of this process is changed, and no picture depends on those before it.

    Raises:
        ArchError: neither pygraphviz nor the dot program is installed (no-graphviz), or Graphviz broke down
            (graphviz-failed).
    """
    return [_plain(picture) for picture in _drawn(jobs)]


def _plain(picture: bytes) -> bytes:
    """The picture without today's date, and without a DOCTYPE."""
    return _DATE.sub(_NO_DATE, picture) if picture.startswith(b"%PDF") else without_doctype(picture)


def _drawn(jobs: Sequence[Job]) -> list[bytes]:
    pictures = _by_pygraphviz(jobs)
    if pictures is not None:
        return pictures
    try:
        return [_by_program(*job) for job in jobs]
    except graphviz.ExecutableNotFound:
        raise ArchError([_NOWHERE]) from None
    except graphviz.CalledProcessError as error:
        raise _failed(error.returncode, error.stderr or b"") from None


_NOWHERE = Diagnostic(
    "no-graphviz",
    "pictures need Graphviz, and neither pygraphviz nor the dot program is installed",
    None,
    help="pip install pygraphviz (it brings Graphviz along), or install Graphviz and put dot on the PATH",
)


def _by_pygraphviz(jobs: Sequence[Job]) -> list[bytes] | None:
    """What our script answers; None where pygraphviz is not installed or does not load."""
    if importlib.util.find_spec("pygraphviz") is None or not sys.executable:
        return None
    # -I and -S: the script gets our own sys.path, so that it finds the pygraphviz that we would find.
    command = [sys.executable, "-I", "-S", str(_SCRIPT)]
    asked = json.dumps({"path": [os.path.abspath(entry) for entry in sys.path], "jobs": list(jobs)})
    try:
        done = subprocess.run(
            command,
            input=asked.encode(),
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise _failed(None, b"") from None
    if done.returncode == MISSING:
        return None
    if done.returncode:
        raise _failed(done.returncode, done.stderr)
    return [base64.b64decode(picture) for picture in json.loads(done.stdout)]


def _by_program(text: str, layout: str, format: str) -> bytes:
    if layout == KEEP:
        return bytes(graphviz.pipe("neato", format, text.encode(), neato_no_op=2, quiet=True))
    return bytes(graphviz.pipe(layout, format, text.encode(), quiet=True))


def _failed(status: int | None, said: bytes) -> ArchError:
    """The diagnostic for a process that ended with `status` (None: it took too long), with its last words."""
    if status is None:
        how = f"took more than {_SECONDS} seconds"
    else:
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
    words = said.decode(errors="replace").strip().split("\n")[-1]
    hint = "`archdsl draw X -o X.dot` writes what Graphviz was given; a smaller network may be drawn"
    return ArchError(
        [Diagnostic("graphviz-failed", f"Graphviz {how}", None, notes=(words,) if words else (), help=hint)]
    )
