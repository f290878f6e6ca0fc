"""Says that there is no such thing, with the name that may have been meant: what look-ups by name raise."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

CLOSE = 0.65  # how much like it, of 1, the name is that may have been meant
_MOST = 40  # names that a message lists


class UnknownName(KeyError):
    """There is no `what` called `name`; the message gives the nearest of the `known` names, or what there is.

    A `note` is said behind that.
    """

    def __init__(self, what: str, name: str, known: Iterable[str], note: str = "") -> None:
        super().__init__(name)
        self.what, self.name, self.known, self.note = what, name, tuple(known), note

    def __reduce__(self) -> tuple[type[UnknownName], tuple[str, str, tuple[str, ...], str]]:
        """What crosses to another process."""
        return type(self), (self.what, self.name, self.known, self.note)

    @property
    def message(self) -> str:
        """What is wrong."""
        return f"there is no {self.what} called {self.name}"

    @property
    def hint(self) -> str:
        """The nearest name, or what there is, and the note."""
        return f"{self._near} {self.note}".rstrip()

    @property
    def _near(self) -> str:
        if not self.known:
            return f"there are no {self.what}s here"
        if several := several_names(str(self.name), self.known):
            return f"one at a time: {', '.join(several)}"
        if near := difflib.get_close_matches(str(self.name), self.known, 1, CLOSE):
            return f"did you mean {near[0]}?"
        more = f" and {len(self.known) - _MOST:,} more" if len(self.known) > _MOST else ""
        return f"there are {', '.join(self.known[:_MOST])}{more}"

    def __str__(self) -> str:
        """Unlike that of KeyError, the sentence itself, without quotes."""
        return f"{self.message}; {self.hint}"


def several_names(text: str, known: Collection[str]) -> list[str]:
    """The names of a list with commas, if all of them are known; none where it is one name."""
    parts = [part.strip() for part in text.split(",")]
    return parts if parts[1:] and {*parts} <= {*known} else []
