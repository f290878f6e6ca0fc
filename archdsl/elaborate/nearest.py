"""Turns a misspelt name into the known one that it may mean, quickly however many names and mistakes there are."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from archdsl.elaborate.session import Session

MISTAKES = 100  # after so many mistakes, repeated ones counted, nobody needs more advice, and each comparison costs
NAMES = 300


def nearest(session: Session, name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The closest of `known` to `name`; None when nothing is close, or when it would take long to find out."""
    if len(name) > 60 or session.failures > MISTAKES:
        return None
    candidates = [other for other in known if abs(len(other) - len(name)) <= 10]
    if len(candidates) > NAMES:
        candidates = [other for other in candidates if other[:1] == name[:1]][:NAMES]
    near = difflib.get_close_matches(name, candidates, 1, cutoff)
    return near[0] if near else None
