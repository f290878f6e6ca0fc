"""Measures seconds: the best of several runs, since noise only ever adds."""

from __future__ import annotations

import timeit
from collections.abc import Callable
from typing import Any


def best(
    function: Callable[[], Any],
    runs: int = 5,
    before: Callable[[], Any] | None = None,
    timer: Callable[[], float] = timeit.default_timer,
) -> float:
    """Seconds of the fastest of `runs` calls; `before` runs ahead of each, unmeasured.

    As timeit has it, nothing is collected meanwhile. `timer` may be `time.process_time`: seconds of the processor.
    """
    return min(timeit.repeat(function, before or "pass", timer, number=1, repeat=runs))


def row(what: str, seconds: float, ratio: float | None = None) -> None:
    """Print one line of a table: what, milliseconds, and how many times slower than the first line."""
    shown = "" if ratio is None else f"{ratio:8.1f} x"
    print(f"  {what:<66}{seconds * 1000:10.1f} ms{shown}")
