"""Turns text into the width that it is set at, and into glyphs, by the fonts that archdsl ships (Arimo, two weights).

A file of fonts/ is a TrueType font packed by zlib; how its tables lie is OpenType, chapters "hmtx" and "cmap". Text is
as wide as here in every picture: a PDF carries these fonts, an SVG says how long each text is.
"""

from __future__ import annotations

import struct
import unicodedata
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

UNITS = 2048  # of the font, to the size of the text
ASCENT, DESCENT, CAPITALS = 1854, -434, 1409  # of lines and of capital letters, in units, from the base line upwards

_FOLDER = Path(__file__).parent / "fonts"
_WIDE, _UNKNOWN = 2560, 2253  # widths of what the fonts lack: of East Asian signs and emoji, of others; generous


@dataclass(frozen=True)
class Font:
    """One weight: the file as packed, the glyph of each character, the width of each glyph in units."""

    name: str
    packed: bytes
    unpacked_size: int
    glyphs: Mapping[str, int]
    widths: tuple[int, ...]
    box: tuple[int, int, int, int]  # around all glyphs, in units


@cache
def font(bold: bool = False) -> Font:
    """The font of a weight, read once."""
    packed = (_FOLDER / f"arimo-{'bold' if bold else 'regular'}.ttf.z").read_bytes()
    data = zlib.decompress(packed)
    (tables,) = struct.unpack_from(">4xH", data)
    at = dict(struct.iter_unpack(">4s4xI4x", data[12 : 12 + 16 * tables]))
    (count,) = struct.unpack_from(">H", data, at[b"hhea"] + 34)
    (glyph_count,) = struct.unpack_from(">H", data, at[b"maxp"] + 4)
    widths = [width for width, _ in struct.iter_unpack(">Hh", data[at[b"hmtx"] : at[b"hmtx"] + 4 * count])]
    widths += widths[-1:] * (glyph_count - count)
    (first,) = struct.unpack_from(">I", data, at[b"cmap"] + 8)  # the only table of characters is of format 12
    start = at[b"cmap"] + first
    (groups,) = struct.unpack_from(">I", data, start + 12)
    glyphs = {
        chr(code): glyph + code - low
        for low, high, glyph in struct.iter_unpack(">III", data[start + 16 : start + 16 + 12 * groups])
        for code in range(low, high + 1)
    }
    box = struct.unpack_from(">hhhh", data, at[b"head"] + 36)
    return Font("Arimo-Bold" if bold else "Arimo", packed, len(data), glyphs, tuple(widths), box)


class _Advances(dict[str, int]):
    """Widths by character, in units; what the font lacks gets a generous one when it is asked for."""

    def __init__(self, bold: bool) -> None:
        of = font(bold)
        super().__init__((character, of.widths[glyph]) for character, glyph in of.glyphs.items())

    def __missing__(self, character: str) -> int:
        if unicodedata.combining(character) or unicodedata.category(character) == "Mn":
            return 0
        return _WIDE if unicodedata.east_asian_width(character) in "WF" else _UNKNOWN


@cache
def advances(bold: bool = False) -> Mapping[str, int]:
    """The width of every character, in units."""
    return _Advances(bold)


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width of one line of `text` set at `size` points, in points; of characters that the fonts lack, an estimate."""
    return sum(map(advances(bold).__getitem__, printable(text))) * size / UNITS


def printable(text: str) -> str:
    """`text` on one line as every writer sets it: composed, all spaces one kind, U+FFFD for what has no look.

    Those are control characters, marks that turn the direction of text, halves of surrogate pairs, and characters
    that are not assigned or private.
    """
    if not text.isprintable():
        text = text.replace("\n", " ")  # between lines of what is shown on hover
    if text.isprintable() and (text.isascii() or unicodedata.is_normalized("NFC", text)):
        return text
    return "".join(_shown(c) for c in unicodedata.normalize("NFC", text))


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() or unicodedata.category(character)[0] == "Z" else "\ufffd"
