"""Turns sets of sizes into words: "h >= 75", "h = 32k + {0, 31}", "h = 224 to 239"."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from archdsl.analysis.size_sets import ANY, SizeSet, size_set

WIDTH = 80
TITLE = 14
MOST = 12


def ranges(sizes: Sequence[int]) -> str:
    """Sorted sizes, three or more neighbours as "192 to 256"; of many parts the first."""
    parts: list[list[int]] = []
    for size in sizes:
        if parts and size == parts[-1][-1] + 1:
            parts[-1].append(size)
        else:
            parts.append([size])
    texts: list[str] = []
    for part in parts:
        texts += [f"{part[0]} to {part[-1]}"] if len(part) > 2 else map(str, part)
    return ", ".join(texts[:MOST]) + (", …" if len(texts) > MOST else "")


def set_text(found: SizeSet, letter: str, within: SizeSet = ANY) -> str:
    """The set in words; `within` are the sizes that count, so that what is true of all of them need not be repeated."""
    if not found:
        return f"no {letter}"
    if found == within:
        return f"{letter} is any" if within == ANY else f"{letter} is any that works"
    if found.finite:
        return f"{letter} = {ranges(found.exceptions)}"
    # Left out of the pattern: sizes before the repetition that follow it anyway, or that do not count.
    pattern = size_set(1, found.period, 0, _phase(found))
    wrong = [size for size in range(1, found.start) if (size in found) != (size in pattern) and size in within]
    early = [size for size in wrong if size in found]
    start = found.start if any(size not in found for size in wrong) else 1
    texts = []
    extra = [size for size in range(1, start) if size in found] if start > 1 else early
    if extra:
        texts.append(f"{letter} = {ranges(extra)}")
    texts.append(_periodic(found, letter, start))
    return ", or ".join(texts)


def _phase(found: SizeSet) -> int:
    """The repeating part told from size 1 on."""
    bits = 0
    for residue in found.residues:
        bits |= 1 << (residue - 1) % found.period
    return bits


def _periodic(found: SizeSet, letter: str, start: int) -> str:
    first = found.above(max(start, found.start if start > 1 else 1))
    if found.period == 1:
        return f"{letter} >= {first}"
    since = f", {letter} >= {first}" if start > 1 and first is not None and first > found.period else ""
    residues = found.residues
    if residues == (0,):
        return f"{letter} = {found.period}k{since}"
    if len(residues) == found.period - 1 > 1:
        missing = next(r for r in range(found.period) if r not in residues)
        return f"{letter} is not {found.period}k{f' + {missing}' if missing else ''}{since}"
    inside = ranges(residues)
    return f"{letter} = {found.period}k + " + (inside if len(residues) == 1 else f"{{{inside}}}") + since


def wrapped(text: str, title: str) -> Iterator[str]:
    """A line with a title in front, continued below its text."""
    width = max(TITLE, len(title) + 2)
    lines = textwrap.wrap(text, WIDTH - width, break_long_words=False, break_on_hyphens=False) or [""]
    for index, line in enumerate(lines):
        yield f"{title if index == 0 else '':<{width}}{line}".rstrip()
