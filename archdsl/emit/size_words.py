"""Turns sets of sizes into words: "h >= 75", "h = 32k + {0, 31}", "h = 224 to 239"."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from archdsl.analysis.sizes.sets import ANY, SizeSet, size_set

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
    # The repetition may begin later than the set; sizes that do not count are of no interest.
    pattern = size_set(1, found.period, 0, _phase(found))
    early = [size for size in range(1, found.start) if size in within]
    late = any(size in pattern and size not in found for size in early)
    extra = [size for size in early if size in found and (late or size not in pattern)]
    since = found.above(found.start) if late else None
    texts = [f"{letter} = {ranges(extra)}"] if extra else []
    return ", or ".join([*texts, _periodic(found, letter, since)])


def _phase(found: SizeSet) -> int:
    """The repeating part told from size 1 on."""
    bits = 0
    for residue in found.residues:
        bits |= 1 << (residue - 1) % found.period
    return bits


def _periodic(found: SizeSet, letter: str, first: int | None) -> str:
    """The repeating part, from `first` on if that is not None."""
    if found.period == 1:
        return f"{letter} >= {first or 1}"
    since = f", {letter} >= {first}" if first is not None else ""
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
