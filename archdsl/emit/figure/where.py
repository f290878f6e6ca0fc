"""Says where bodies stand: module paths as ranges, `layer3.1 to layer3.5`, and how many more there are."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MOST = 48  # characters
_NUMBERS = re.compile(r"\d+")


def where(paths: Sequence[str], modules: int) -> str:
    """The places of bodies that are so many modules; `paths` are all of their paths, or the first ones."""
    ranges = _ranges(list(dict.fromkeys(path for path in paths if path)))
    told: list[str] = []
    covered = 0
    for text, count in ranges:
        rest = modules - covered - count
        more = f" and {rest:,} more" if rest else ""
        if told and len(", ".join([*told, text])) + len(more) > _MOST:
            break
        told.append(text)
        covered += count
    rest = modules - covered
    return ", ".join(told) + (f" and {rest:,} more" if rest and told else "")


def _ranges(paths: Sequence[str]) -> list[tuple[str, int]]:
    """Paths that differ in one number that grows by one as one text each, with how many they are."""
    made: list[tuple[list[str], int | None]] = []
    for path in paths:
        if made:
            group, place = made[-1]
            step = _step(group[-1], path)
            if step is not None and place in (None, step):
                made[-1] = [*group, path], step
                continue
        made.append(([path], None))
    return [
        (f"{group[0]} to {group[-1]}", len(group)) if len(group) > 2 else (", ".join(group), len(group))
        for group, _ in made
    ]


def _step(before: str, after: str) -> int | None:
    """Which number of two paths is one more in the second, None if anything else differs."""
    if _NUMBERS.sub("0", before) != _NUMBERS.sub("0", after):
        return None
    pairs = list(zip(_NUMBERS.findall(before), _NUMBERS.findall(after), strict=True))
    changed = [place for place, (a, b) in enumerate(pairs) if a != b]
    return changed[0] if len(changed) == 1 and int(pairs[changed[0]][1]) == int(pairs[changed[0]][0]) + 1 else None
