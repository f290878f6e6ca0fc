"""Turns requests on stdin into pictures on stdout: the process in which Graphviz runs, a script of its own.

Graphviz keeps its state in variables of the process, is not made for threads, prints to stderr what it thinks of the
machine's fonts, and aborts where it cannot go on. So it never runs in the process of whoever draws.
"""

from __future__ import annotations

import base64
import json
import os
import sys

MISSING = 3  # the exit status where pygraphviz is not installed or does not load


def main() -> int:
    """Answer `{"path": sys.path, "jobs": [[text, layout, format], …]}` with a list of pictures in base64."""
    asked = json.load(sys.stdin.buffer)
    sys.path[:] = asked["path"]
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the C libraries print is not part of the answer
    try:
        import pygraphviz
    except ImportError:
        return MISSING
    pictures = []
    for text, layout, format in asked["jobs"]:
        graph = pygraphviz.AGraph(string=text)
        pictures.append(base64.b64encode(graph.draw(format=format, prog=layout)).decode())
        graph.close()
    with answer:
        json.dump(pictures, answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
