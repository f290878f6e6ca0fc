"""Says that there is no such thing, with the name that may have been meant: what look-ups by name raise."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UnknownName(KeyError):
    """There is no `what` called `name`; the message gives the nearest of the `known` names, or all of them."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        super().__init__(name)
        self.what, self.name, self.known = what, name, tuple(known)

    def __reduce__(self) -> tuple[type[UnknownName], tuple[str, str, tuple[str, ...]]]:
        """What crosses to another process."""
        return type(self), (self.what, self.name, self.known)

    def __str__(self) -> str:
        """Unlike that of KeyError, the sentence itself, without quotes."""
        near = difflib.get_close_matches(str(self.name), self.known, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(self.known)}"
        return f"there is no {self.what} called {self.name}; {hint}"
