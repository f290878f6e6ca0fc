"""Turns DOT text into a laid-out or rendered picture, by Graphviz in this process or by the dot program."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from typing import Any

import graphviz

from archdsl.diagnostics.model import ArchError, Diagnostic

# The layout that keeps every position: pygraphviz reaches it by name, the program as an option of neato.
KEEP = "nop2"


def run(text: str, layout: str, format: str) -> bytes:
    """The graph that `text` describes, laid out by `layout` ("dot" or KEEP), as `format`.

    Raises:
        ArchError: neither pygraphviz nor the dot program is installed.
    """
    module = _pygraphviz()
    if module is not None:
        graph = module.AGraph(string=text)
        try:
            with _quiet():
                drawn: bytes = graph.draw(format=format, prog=layout)
        finally:
            graph.close()
        return drawn
    try:
        if layout == KEEP:
            return bytes(graphviz.pipe("neato", format, text.encode(), neato_no_op=2, quiet=True))
        return bytes(graphviz.pipe(layout, format, text.encode(), quiet=True))
    except graphviz.ExecutableNotFound:
        raise ArchError([_NOWHERE]) from None


_NOWHERE = Diagnostic(
    "no-graphviz",
    "pictures need Graphviz, and neither pygraphviz nor the dot program is installed",
    None,
    help="pip install pygraphviz (it brings Graphviz along), or install Graphviz and put dot on the PATH",
)


def _pygraphviz() -> Any:
    """The module, or None where it is not installed or does not load."""
    try:
        import pygraphviz
    except ImportError:
        return None
    return pygraphviz


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keeps what the C libraries print about the machine's font set-up off the terminal."""
    with contextlib.ExitStack() as stack:
        try:
            kept = os.dup(2)
        except OSError:  # no standard error at all
            yield
            return
        stack.callback(os.close, kept)
        sink = stack.enter_context(tempfile.TemporaryFile())
        os.dup2(sink.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
