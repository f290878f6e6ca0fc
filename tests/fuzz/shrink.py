"""Turns a failing text into a small one that fails in the same way.

Delta debugging: Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", TSE 2002: leave out ever
smaller pieces, first of lines, then of tokens, as long as what is left still fails. From `a = 1\\nb = 2\\nc = x\\n` of
which `c = x` fails, halves are tried (`a = 1\\n` does not fail, `b = 2\\nc = x\\n` does), then halves of that.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.fuzz.mutate import TOKEN


def shrunk(text: str, fails: Callable[[str], bool], tries: int = 400) -> str:
    """A smallest text, as far as `tries` calls of `fails` reach; `text` itself fails."""
    left = [tries]
    for pieces in (text.splitlines(keepends=True), None):
        text = _without(pieces or TOKEN.findall(text), fails, left)
    return text


def _without(pieces: list[str], fails: Callable[[str], bool], left: list[int]) -> str:
    size = max(len(pieces) // 2, 1)
    while left[0] > 0:
        start, smaller = 0, False
        while start < len(pieces) and left[0] > 0:
            rest = pieces[:start] + pieces[start + size :]
            left[0] -= 1
            if rest and fails("".join(rest)):
                pieces, smaller = rest, True
            else:
                start += size
        if size == 1 and not smaller:
            break
        size = max(size // 2, 1)
    return "".join(pieces)
