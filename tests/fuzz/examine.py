"""Examines a text within limits of time and memory: in this process, or in one that may die of it."""

from __future__ import annotations

import resource
import signal
from multiprocessing import Pipe, Process
from pathlib import Path

import torch

from archdsl.elaborate.budget import Limits
from tests.fuzz.exercise import LIMITS, Finding, exercise

SECONDS = 10  # of processor time for one text
MEMORY = 2**30  # of address space, more than what is loaded
PATIENCE = 600  # seconds of a clock, on a machine that others use too, for what Python cannot interrupt


class _TooLong(BaseException):
    """The processor time of a mutant is used up; no `except Exception` holds it."""


def _too_long(*_: object) -> None:
    raise _TooLong


def examined(text: str, *, thorough: bool, limits: Limits = LIMITS) -> list[Finding]:
    """What is wrong with `text`, too much time and memory included."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        return exercise(text, thorough=thorough, limits=limits)
    except _TooLong as error:
        frame = error.__traceback__
        names = []
        while frame is not None:
            names.append(f"{Path(frame.tb_frame.f_code.co_filename).stem}.{frame.tb_frame.f_code.co_name}")
            frame = frame.tb_next
        step = next((name for name in names if name.startswith("exercise._")), "")
        return [(f"more than {SECONDS} s: {step}", f"more than {SECONDS} s in {' > '.join(names[-12:])}")]
    except MemoryError:
        return [("out of memory", "out of memory")]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def limited() -> None:
    """Give this process the limits of one that examines."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGPROF, _too_long)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def alone(text: str, *, thorough: bool = True, limits: Limits = LIMITS) -> list[Finding]:
    """What is wrong with `text`, found by a process of its own, however that ends."""
    answer, theirs = Pipe(duplex=False)

    def attempt() -> None:
        limited()
        theirs.send(examined(text, thorough=thorough, limits=limits))

    process = Process(target=attempt)
    process.start()
    theirs.close()
    process.join(PATIENCE)
    if process.is_alive():
        process.kill()
        return [(f"no answer for {PATIENCE} s",) * 2]
    try:
        found: list[Finding] = answer.recv()
    except EOFError:
        return [(f"ended by signal {-(process.exitcode or 0)}",) * 2]
    return found
