"""Turns a misspelt name into the known one that it may mean, quickly however many names and mistakes there are."""

from __future__ import annotations

import difflib
from collections.abc import Collection

MISTAKES = 100  # after so many mistakes, repeated ones counted, nobody needs more advice, and each comparison costs
NAMES = 300


def nearest(name: str, known: Collection[str], cutoff: float = 0.6, mistakes: int = 0) -> str | None:
    """The closest of `known` to `name`; None when nothing is close, or it is not worth the time after `mistakes`."""
    if len(name) > 60 or mistakes > MISTAKES:
        return None
    candidates = [other for other in known if abs(len(other) - len(name)) <= 10]
    if len(candidates) > NAMES:
        candidates = [other for other in candidates if other[:1] == name[:1]][:NAMES]
    near = difflib.get_close_matches(name, candidates, 1, cutoff)
    return near[0] if near else None
