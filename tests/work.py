"""Counts work instead of time: the calls that Python makes, as many on every machine and under any load."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class TooMuchWork(BaseException):
    """More calls than a test allows; no `except Exception` holds it."""


def work(act: Callable[[], Any], most: int | None = None) -> int:
    """How many functions `act` calls, those written in C included.

    Raises:
        TooMuchWork: more than `most`; so what would never end ends.
    """
    count = 0

    def called(_frame: FrameType, event: str, _what: object) -> None:
        nonlocal count
        if event in ("call", "c_call"):
            count += 1
            if most is not None and count > most:
                sys.setprofile(before)
                raise TooMuchWork(f"more than {most:,} calls")

    before = sys.getprofile()
    with _hooked(sys.setprofile, before, called):
        act()
    return count


def lines(act: Callable[[], Any]) -> int:
    """How many lines of Python `act` runs, each turn of a loop and of a comprehension counted."""
    count = 0

    def ran(_frame: FrameType, event: str, _what: object) -> Callable[..., Any]:
        nonlocal count
        count += event == "line"
        return ran

    with _hooked(sys.settrace, sys.gettrace(), ran):
        act()
    return count


@contextmanager
def _hooked(install: Callable[[Any], None], before: Any, hook: Any) -> Iterator[None]:
    """The interpreter calls `hook` meanwhile, and `before` again after it."""
    install(hook)
    try:
        yield
    finally:
        install(before)
