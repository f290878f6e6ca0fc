"""Gives deep recursion room in threads of its own, so that Python's recursion limit stays what the host made it.

Specs may nest 400 expressions and calls, each some ten Python frames; Python allows 1,000 in a thread, and
`sys.setrecursionlimit` would change that for all threads of the host. A new thread has all of them again; the caller
waits for it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextvars import copy_context
from threading import Thread
from typing import Any, TypeVar

Result = TypeVar("Result")
NEEDED = 650  # frames until the next look: 8 levels of evaluation, or lists and stages nested 200 deep
EVERY = 7  # a level of evaluation looks where these bits of its number are 0


def with_room(function: Callable[..., Result], *arguments: Any) -> Result:
    """`function(*arguments)`, in a new thread if this one has few frames left; its exceptions are raised here."""
    if not _deeper_than(sys.getrecursionlimit() - NEEDED):
        return function(*arguments)
    results: list[Result] = []
    errors: list[BaseException] = []
    context = copy_context()

    def run() -> None:
        try:
            results.append(context.run(function, *arguments))
        except BaseException as error:
            errors.append(error)

    thread = Thread(target=run, name="archdsl", daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def _deeper_than(frames: int) -> bool:
    """Whether so many frames are in use; a microsecond, for C code walks them."""
    try:
        sys._getframe(max(frames, 1))
    except ValueError:
        return False
    return True
