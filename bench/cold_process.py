"""A whole process that prints the analysis of nasnetalarge, against one that only imports torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.timing import best, row

SPEC = Path(__file__).parents[1] / "specs" / "nasnet.arch"


def ours() -> None:
    """`archdsl analyze specs/nasnet.arch:nasnetalarge`."""
    command = [sys.executable, "-m", "archdsl", "analyze", f"{SPEC}:nasnetalarge"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def torch_import() -> None:
    """`python -c "import torch"`."""
    subprocess.run([sys.executable, "-c", "import torch"], check=True)


def run() -> None:
    """Measure both and print the ratio."""
    theirs, mine = best(torch_import), best(ours)
    row('python -c "import torch"', theirs)
    row("archdsl analyze specs/nasnet.arch:nasnetalarge", mine, theirs / mine)
