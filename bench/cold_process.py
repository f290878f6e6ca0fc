"""A whole process that prints the analysis of nasnetalarge, against one that only imports torch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bench.timing import row

SPEC = Path(__file__).parents[1] / "specs" / "nasnet.arch"
RUNS = 7


def processor_time(command: list[str]) -> float:
    """Seconds of processor time, user and system, of the quickest of several runs of a process."""
    times = []
    for _ in range(RUNS):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        assert status == 0, command
        times.append(used.ru_utime + used.ru_stime)
    return min(times)


def run() -> None:
    """Measure both and print the ratio."""
    theirs = processor_time([sys.executable, "-c", "import torch"])
    mine = processor_time([sys.executable, "-m", "archdsl", "analyze", f"{SPEC}:nasnetalarge"])
    row('python -c "import torch", processor time', theirs)
    row("archdsl analyze specs/nasnet.arch:nasnetalarge, processor time", mine, theirs / mine)
