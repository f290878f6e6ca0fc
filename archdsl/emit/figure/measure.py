"""Turns text into the space it takes on the page, wide enough for whichever sans-serif font is at hand."""

from __future__ import annotations

import unicodedata

# Advance widths in thousandths of the text size, rounded up: those of DejaVu Sans, the widest of the usual fallbacks
# for Helvetica. A box that holds this text holds it in Helvetica and Arial too.
_WIDTHS = {
    character: width
    for width, characters in {
        320: "',.IJijl",
        400: " ()-/:;[\\]ft|·",
        480: '!"r',
        560: "*?L_`csz–",
        640: "$0123456789EFPSTYabdeghknopquvxy{}",
        720: "ABCKRVXZ",
        800: "&DGHNOQU",
        880: "#+<=>M^w~×→⊕⊗−÷",
        960: "%",
        1040: "@Wm—…",
    }.items()
    for character in characters
}
_BOLD = 1.17
_LINE = 1.25


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width of one line of `text` set at `size` points, in points; an upper bound."""
    return sum(map(_advance, text)) / 1000 * size * (_BOLD if bold else 1.0)


def line_height(size: float) -> float:
    """Distance between two base lines of text set at `size` points, in points."""
    return size * _LINE


def shorten(text: str, limit: int) -> str:
    """`text` on one line, its middle left out when it has more than `limit` characters."""
    flat = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text)
    if len(flat) <= limit:
        return flat
    head = (limit - 1) // 2
    return f"{flat[:head]}…{flat[len(flat) - (limit - 1 - head) :]}"


def _advance(character: str) -> int:
    known = _WIDTHS.get(character)
    if known is not None:
        return known
    if unicodedata.combining(character):
        return 0
    return 1250 if ord(character) > 0x2E80 or unicodedata.east_asian_width(character) in "WF" else 1100
