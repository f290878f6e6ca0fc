"""Remembers what a pure function gave, within a fixed number of bytes, however large its arguments and results are."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

MOST = 4 * 2**20  # bytes that one function remembers; what takes a sixteenth of it alone is found anew each time
_MISSING: Any = object()


class Room:
    """Keeps values by keys, `MOST` bytes of them; when it is full it forgets all.

    Threads may use it at once: at worst one finds anew what another has just found.
    """

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}
        self.bytes = 0

    def get(self, key: Hashable) -> Any:
        """What is kept by this key; None if nothing is."""
        return self._known.get(key)

    def keep(self, key: Hashable, value: Any) -> None:
        """Keep a value, if it is not too large."""
        size = size_in_memory((key, value), MOST // 16)
        if size < MOST // 16:
            if self.bytes + size > MOST:
                self.forget()
            self._known[key] = value
            self.bytes += size

    def forget(self) -> None:
        """Drop all that is kept."""
        self._known = {}
        self.bytes = 0


class Remembered(Room, Generic[Arguments, Result]):
    """A function of hashable positional arguments that looks up what it gave before."""

    def __init__(self, function: Callable[Arguments, Result]) -> None:
        super().__init__()
        self._function = function
        update_wrapper(self, function)

    def __call__(self, *arguments: Arguments.args, **_none: Arguments.kwargs) -> Result:
        """What the function gives for `arguments`."""
        found: Result = self._known.get(arguments, _MISSING)
        if found is _MISSING:
            found = self._function(*arguments, **_none)
            self.keep(arguments, found)
        return found


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
        elif isinstance(part, dict):
            pending += [*part, *part.values()]
        elif not isinstance(part, (int, float, str, type)):
            pending.extend(getattr(part, name, None) for name in getattr(part, "__dataclass_fields__", ()))
    return size
