"""Runs one case after another, each in a forked child with little memory and time; prints what came of it as JSON.

Started by the tests as a process of its own, so that what they have imported does not count. Reads names of cases from
stdin, a line each.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time

from archdsl.diagnostics.model import ArchError
from archdsl.diagnostics.render import render
from archdsl.network import check_text, loads
from tests.fuzz.bad_inputs import TEXTS

MEMORY = 3 * 2**29  # of address space; the peak of used memory is judged by the test
SECONDS = 20  # of processor time: other processes may hold up this one


def attempt(name: str) -> dict[str, object]:
    """Codes of a case: by `check`, and by loading its network when that finds nothing."""
    if name == "!sleeps":  # the two cases that cross the limits
        resource.setrlimit(resource.RLIMIT_CPU, (1, 2))
        while True:
            pass
    if name == "!eats":
        bytearray(2 * MEMORY)
    text = TEXTS[name][0]()
    start = time.process_time()
    found = check_text(text)
    if not any(d.severity == "error" for d in found):
        try:
            loads(text).macs  # noqa: B018
        except ArchError as error:
            found = [*found, *error.diagnostics]
    shown = sum(len(render(d)) for d in found)
    seconds = time.process_time() - start
    places = [d.span for d in found if d.span is not None]
    return {
        "codes": sorted({d.code for d in found}),
        "count": len(found),
        "seconds": round(seconds, 2),
        "shown": shown,
        "helpless": [d.code for d in found if not d.help.strip() or not d.message.strip()],
        "outside": [str(p) for p in places if not 0 <= p.start <= p.end <= len(p.source.text)],
    }


def limited(name: str) -> dict[str, object]:
    """`attempt` in a child: its result, or how it died; with its peak of memory in MiB."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        try:
            result = attempt(name)
        except BaseException as error:
            result = {"raised": ": ".join([type(error).__name__, *([str(error)[:300]] if str(error) else [])])}
        with os.fdopen(writing, "w") as out:
            out.write(json.dumps(result))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    _, status, usage = os.wait4(child, 0)
    result = json.loads(text) if text else {"died": signal.Signals(os.WTERMSIG(status)).name}
    return {**result, "mebibytes": usage.ru_maxrss // 1024}


def main() -> None:
    """Answer every line of stdin with a line of JSON."""
    check_text(TEXTS["block calling itself"][0]())  # reads the grammar and the library once for all children
    for line in sys.stdin:
        print(json.dumps(limited(line.rstrip("\n"))), flush=True)


if __name__ == "__main__":
    main()
