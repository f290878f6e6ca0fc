"""Says how a list of values goes on in a few words: `a`, `a × 2, then b`, `0.05 to 0.1 by 0.0125`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

THEN = ", then "  # between the parts of a list
_PARTS = re.compile(r'(?:^|, then )((?:"(?:[^"\\]|\\.)*"|(?!, then ).)*)')  # what stands in quotes is whole


def series(texts: Sequence[str]) -> str:
    """Equal values as one, two as `a, then b`, with the length of the first part where it is not 1; else equal steps.

    What goes on in no such way is listed part by part.
    """
    if len(set(texts)) == 1:
        return texts[0]
    parts = [(text, len(list(group))) for text, group in itertools.groupby(texts)]
    numbers = [_decimal(text) for text in texts]
    steps = {None if a is None or b is None else b - a for a, b in itertools.pairwise(numbers)}
    if len(parts) == len(texts) > 2 and len(steps) == 1 and (step := steps.pop()) is not None:
        by = "" if step == 1 else f" by {step:f}".replace("-", "−")
        return f"{texts[0]} to {texts[-1]}{by}"
    last = len(parts) - 1
    return THEN.join(
        f"{text} × {count}" if count > 1 and place < last else text for place, (text, count) in enumerate(parts)
    )


def parts_of(told: str) -> list[str]:
    """The parts of what `series` tells; a text in quotes is one, whatever is in it."""
    return _PARTS.findall(told)


def counted(told: str, count: int) -> str:
    """What `series` tells of so many texts, with the length of the last part, too: `b, then a × 3` of four."""
    parts = parts_of(told)
    before = [
        int(number) if joint and number.isdigit() else 1
        for part in parts[:-1]
        for _, joint, number in [part.rpartition(" × ")]
    ]
    last = count - sum(before)
    return f"{told} × {last:,}" if last > 1 else told


@dataclass(frozen=True, slots=True)
class Series:
    """Whether values that come one by one can be said in a few words: one change at most, or equal steps."""

    last: Hashable
    count: int = 1
    changes: int = 0
    step: Decimal | None = None  # by which the second value is more than the first

    def extended(self, value: Hashable) -> Series | None:
        """The series with one more value; None if it takes too many words."""
        if value == self.last:
            step = None if self.changes else self.step
            return Series(self.last, self.count + 1, self.changes, step) if self.changes < 2 else None
        step = _step(self.last, value)
        if self.changes == 0:
            return Series(value, self.count + 1, 1, step if self.count == 1 else None)
        return Series(value, self.count + 1, 2, step) if step is not None and step == self.step else None


def _step(before: Hashable, after: Hashable) -> Decimal | None:
    a, b = _decimal(before), _decimal(after)
    return None if a is None or b is None else b - a


def _decimal(value: Hashable) -> Decimal | None:
    """The number that a text writes out in digits."""
    if not isinstance(value, str) or not value.replace("-", "").replace(".", "").isdigit():
        return None
    try:
        return Decimal(value)
    except InvalidOperation:
        return None
