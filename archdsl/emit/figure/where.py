"""Says where bodies stand: all module paths as ranges, `layer3.1 to layer3.5`, or how many they are and in what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_MOST = 48  # characters
_NUMBERS = re.compile(r"\d+")
_SECOND = re.compile(r"_1(?=\.|$)")


def where(paths: Sequence[str], modules: int) -> str:
    """The places of bodies that are so many modules; `paths` are all of their paths, or the first ones.

    A module that several of the bodies use is one place.
    """
    known = list(dict.fromkeys(filter(None, paths)))
    if not known:
        return ""
    whole = len(paths) == modules and all(paths)
    count = len(known) if whole else modules
    if count == 1:
        return known[0]
    fitting = (text for text in _said(known) if len(text) <= _MOST)
    return next(fitting if whole else iter(()), f"{count:,} places, the first {known[0]}")


def is_summary(text: str) -> bool:
    """Whether what is said of places is more than a list of paths."""
    return " in " in text or " places, " in text


def _said(paths: Sequence[str]) -> Iterator[str]:
    """Ways to tell all paths, the most exact one first: `a.x, a.y`, `x, y in a`, `2 places in a`."""
    parts = [path.split(".") for path in paths]
    yield _ranges(paths)
    shortest = min(map(len, parts))
    shared = next((n for n in range(shortest) if len({tuple(part[: n + 1]) for part in parts}) > 1), shortest - 1)
    if shared:
        yield f"{_ranges(['.'.join(part[shared:]) for part in parts])} in {'.'.join(parts[0][:shared])}"
    for length in range(max(map(len, parts)) - 1, 0, -1):
        yield f"{len(paths):,} places in {_ranges(list(dict.fromkeys('.'.join(part[:length]) for part in parts)))}"


def _ranges(paths: Sequence[str]) -> str:
    """Paths in a list, those that differ in one number that grows by one as one text each."""
    made: list[tuple[list[str], int | None]] = []
    for path in paths:
        if made:
            group, place = made[-1]
            step = _step(group[-1], path)
            if step is not None and place in (None, step):
                made[-1] = [*group, path], step
                continue
        made.append(([path], None))
    told = [f"{group[0]} to {group[-1]}" if len(group) > 2 else ", ".join(group) for group, _ in made]
    return ", ".join(told)


def _step(before: str, after: str) -> int | None:
    """Which number of two paths is one more in the second, `_1` behind none; None if anything else differs."""
    for found in _SECOND.finditer(after):
        if before == after[: found.start()] + after[found.end() :]:
            return len(_NUMBERS.findall(after[: found.start()]))
    if _NUMBERS.sub("0", before) != _NUMBERS.sub("0", after):
        return None
    pairs = list(zip(_NUMBERS.findall(before), _NUMBERS.findall(after), strict=True))
    changed = [place for place, (a, b) in enumerate(pairs) if a != b]
    return changed[0] if len(changed) == 1 and int(pairs[changed[0]][1]) == int(pairs[changed[0]][0]) + 1 else None
