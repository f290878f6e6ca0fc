"""Remembers what a pure function gave, within a fixed number of bytes, however large its arguments and results are."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

MOST = 4 * 2**20  # bytes that one function remembers; what takes a sixteenth of it alone is found anew each time
_MISSING: Any = object()


class Remembered(Generic[Arguments, Result]):
    """A function of hashable positional arguments that looks up what it gave before. When its room is full it forgets.

    Threads may use it at once: at worst one finds anew what another has just found.
    """

    def __init__(self, function: Callable[Arguments, Result]) -> None:
        self._function = function
        self._known: dict[tuple[Any, ...], Result] = {}
        self.bytes = 0
        update_wrapper(self, function)

    def __call__(self, *arguments: Arguments.args, **_none: Arguments.kwargs) -> Result:
        """What the function gives for `arguments`."""
        found: Result = self._known.get(arguments, _MISSING)
        if found is _MISSING:
            found = self._function(*arguments, **_none)
            size = size_in_memory((arguments, found), MOST // 16)
            if size < MOST // 16:
                if self.bytes + size > MOST:
                    self.forget()
                self._known[arguments] = found
                self.bytes += size
        return found

    def forget(self) -> None:
        """Drop all that is remembered."""
        self._known = {}
        self.bytes = 0


def remembered(function: Callable[Arguments, Result]) -> Remembered[Arguments, Result]:
    """Remember what `function` gives."""
    return Remembered(function)


def size_in_memory(value: object, enough: int) -> int:
    """Bytes of a value and all that it holds, what is held twice counted twice; looks no further beyond `enough`."""
    size = 0
    pending = [value]
    while pending and size < enough:
        part = pending.pop()
        size += sys.getsizeof(part)
        if isinstance(part, (tuple, list, frozenset)):
            size += 8 * len(part)
            pending.extend(part if len(part) * 8 < enough else ())
        elif not isinstance(part, (int, float, str, type)):
            pending.extend(getattr(part, name, None) for name in getattr(part, "__dataclass_fields__", ()))
    return size
