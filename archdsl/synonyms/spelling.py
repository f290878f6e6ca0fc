"""Says which word a name is with a slip of the pen; a name of another meaning is none, however close it looks."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection

SHORT = 3  # letters; shorter words differ by one letter as it is: `gn`, `bn`, `ln`
LONG = 8  # letters; from here on two slips are believed


def slipped(name: str, known: Collection[str]) -> str | None:
    """The one of `known` that was meant by `name`: as many parts, the same digits, one letter off, or two of many."""
    if not SHORT <= len(name) <= 60:
        return None
    return next((word for word in difflib.get_close_matches(name, known, 5, 0.7) if _is_slip(name, word)), None)


def _is_slip(name: str, word: str) -> bool:
    ours, theirs = word.split("_"), name.split("_")
    if len(name) == SHORT >= len(word):
        return False
    if len(ours) != len(theirs) or re.findall(r"\d", word) != re.findall(r"\d", name):
        return False
    if name[0] != word[0] and name[:2] != word[1::-1]:
        return False
    return sum(map(slips, theirs, ours)) <= 1 + (len(name) >= LONG)


def slips(one: str, other: str) -> int:
    """How many letters are missing, too many, wrong, or changed with their neighbour (restricted edit distance).

    The dynamic program of Wagner and Fischer 1974, with exchanged neighbours as in Lowrance and Wagner 1975, which are
    not edited again. `swihs` and `swish`: 1.
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one):
        row = [i + 1]
        for j, b in enumerate(other):
            least = min(last[j] + (a != b), last[j + 1] + 1, row[j] + 1)
            if i and j and a == other[j - 1] and one[i - 1] == b:
                least = min(least, before[j - 1] + 1)
            row.append(least)
        before, last = last, row
    return last[-1]
