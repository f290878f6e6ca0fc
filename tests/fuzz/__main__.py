"""`python -m tests.fuzz N [SEED]`: N mutants of the corpus, the zoo and the library, each put through everything.

One process per core takes every so-manieth mutant; whoever dies, hangs or eats memory is replaced, and its mutant is a
finding. Ends with a count and, for each kind of finding, the smallest input that shows it; exits with 1 if any.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection, wait
from typing import Any

from tests.fuzz.examine import PATIENCE, alone, examined, limited
from tests.fuzz.mutate import ROOT, mutant, read_specs
from tests.fuzz.shrink import shrunk

THOROUGH = 5  # one mutant in so many is also built, run, and looked at in all ways; odd, so that two cores share them
OUT = ROOT / "out" / "fuzz"


def _work(numbers: range, seed: str, answers: Connection) -> None:
    """Examine mutants; send ("at", number) before each, and ("found", number, kind, details) for what is wrong."""
    limited()
    specs = read_specs()
    gc.freeze()
    for number in numbers:
        answers.send(("at", number))
        text = mutant(specs, f"{seed}:{number}")
        for kind, details in examined(text, thorough=number % THOROUGH == 0):
            answers.send(("found", number, kind, details))
    answers.send(("end", numbers.stop))


@dataclass
class _Worker:
    """A process, what it still has to do, and when it last said something."""

    numbers: range
    seed: str

    def start(self) -> None:
        self.answers, theirs = Pipe(duplex=False)
        self.process = Process(target=_work, args=(self.numbers, self.seed, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.at, self.since = self.numbers.start, time.monotonic()


def fuzz(count: int, seed: str, report: Callable[[int, str, str], Any]) -> int:
    """Examine `count` mutants on all cores; `report(number, kind, details)` for each finding. Returns how many ran."""
    cores = os.cpu_count() or 1
    workers = [_Worker(range(first, count, cores), seed) for first in range(min(cores, count))]
    for worker in workers:
        worker.start()
    done = 0
    while workers:
        wait([worker.answers for worker in workers], timeout=1)
        for worker in list(workers):
            ended = _listen(worker, report)
            if ended == "end":
                workers.remove(worker)
                done += len(worker.numbers)
            elif ended is not None:
                report(worker.at, ended, ended)
                rest = range(worker.at + cores, count, cores)
                done += len(worker.numbers) - len(rest)
                worker.numbers = rest
                if rest:
                    worker.start()
                else:
                    workers.remove(worker)
    return done


def _listen(worker: _Worker, report: Callable[[int, str, str], Any]) -> str | None:
    """Take what a worker says; "end", or how it died, when it has."""
    try:
        while worker.answers.poll():
            kind, number, *more = worker.answers.recv()
            worker.at, worker.since = number, time.monotonic()
            if kind == "end":
                return "end"
            if kind == "found":
                report(number, *more)
    except EOFError:
        worker.process.join()
        return f"ended by signal {-(worker.process.exitcode or 0)}"
    if time.monotonic() - worker.since > PATIENCE:
        worker.process.kill()
        worker.process.join()
        return f"no answer for {PATIENCE} s"
    return None


def smallest(text: str, kind: str) -> str:
    """The smallest text found that fails in the same way."""
    tries = 40 if kind.startswith(("more", "no answer")) else 400
    return shrunk(
        text,
        lambda smaller: (
            kind in dict(alone(smaller, thorough=not kind.startswith(("check", "fmt", "load", "analyze", "compile"))))
        ),
        tries,
    )


def main(count: int, seed: str) -> int:
    """Fuzz, print findings, and give the exit status."""
    found: dict[str, list[tuple[int, str]]] = {}
    start = time.monotonic()

    def report(number: int, kind: str, details: str) -> None:
        first = kind not in found
        found.setdefault(kind, []).append((number, details))
        if first:
            print(f"mutant {number}: {kind}", flush=True)

    done = fuzz(count, seed, report)
    specs = read_specs()
    OUT.mkdir(parents=True, exist_ok=True)
    for order, (kind, cases) in enumerate(sorted(found.items())):
        texts = sorted((mutant(specs, f"{seed}:{number}") for number, _ in cases[:20]), key=len)
        text = smallest(texts[0], kind)
        (OUT / f"{order}.arch").write_text(text, encoding="utf-8")
        print(
            f"\n=== {kind}: {len(cases)} times; smallest input, in {OUT / f'{order}.arch'}:\n{text}\n--- {cases[0][1]}"
        )
    minutes = (time.monotonic() - start) / 60
    print(f"\n{done:,} mutants (seed {seed}) in {minutes:.1f} minutes: {len(found)} kinds of findings")
    return 1 if found else 0


if __name__ == "__main__":
    arguments = [*sys.argv[1:], "1000", "1"][:2] if len(sys.argv) < 3 else sys.argv[1:3]
    sys.exit(main(int(arguments[0]), arguments[1]))
