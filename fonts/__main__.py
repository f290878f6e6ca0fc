"""Writes the fonts that archdsl ships, from the Arimo of a Linux distribution: `python -m fonts FOLDER`.

FOLDER holds Arimo-Regular.ttf and Arimo-Bold.ttf (Debian: fonts-croscore 20201225, version 1.33 of the fonts). What is
written keeps the letters, arrows and signs that figures use, without hints and kerning, and gains signs that Arimo
lacks. It is packed by zlib as a PDF wants it, so that a PDF takes it as it is, and its bytes do not depend on the zlib
of the machine that draws. fontTools, which does the work, is among the requirements of development.
"""

from __future__ import annotations

import io
import math
import sys
import zlib
from pathlib import Path

from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

FOLDER = Path(__file__).parents[1] / "archdsl" / "emit" / "marks" / "fonts"
# Latin with its accents, Greek, Cyrillic; dashes and quotes, raised and lowered digits, letter-like signs, fractions,
# arrows, operators, shapes, the sign for what cannot be shown.
_RANGES = [
    *[(0x20, 0x17F), (0x218, 0x21B), (0x384, 0x3CE), (0x3D1, 0x3D5), (0x3F0, 0x3F5), (0x400, 0x45F)],
    *[(0x1D62, 0x1D65), (0x2010, 0x203A), (0x2044, 0x2044), (0x2070, 0x209F), (0x20AC, 0x20AC), (0x2100, 0x21FF)],
    *[(0x2200, 0x22FF), (0x25A0, 0x25FF), (0xFFFD, 0xFFFD)],
]
_ALIKE = {"⋅": "·", "∘": "◦", "∥": "‖", "∗": "*"}  # signs that another one's glyph can stand for
_WIDTH, _MIDDLE, _RADIUS = 1196, 690, 500  # of a sign, as wide as Arimo's +, in units of the font
_Point = tuple[float, float]


def main(source: Path) -> None:
    """Writes both files; equal input gives equal bytes with equal fontTools and zlib."""
    for weight, line in [("Regular", 110), ("Bold", 190)]:
        font = TTFont(source / f"Arimo-{weight}.ttf", recalcTimestamp=False)
        known = font.getBestCmap()
        wanted = [code for low, high in _RANGES for code in range(low, high + 1) if code in known]
        options = Options(hinting=False, layout_features=[], name_IDs=[0, 1, 2, 3, 4, 5, 6, 7, 13, 14])
        options.notdef_outline = True
        options.drop_tables += ["kern", "GDEF", "GPOS", "GSUB", "DSIG", "gasp", "meta"]
        subset = Subsetter(options)
        subset.populate(unicodes=wanted)
        subset.subset(font)
        _add_signs(font, line)
        packed = io.BytesIO()
        font.save(packed)
        path = FOLDER / f"arimo-{weight.lower()}.ttf.z"
        path.write_bytes(zlib.compress(packed.getvalue(), 9))
        count, size = len(font.getGlyphOrder()), len(packed.getvalue())
        print(f"{path.name}: {count} glyphs, {size} bytes, {path.stat().st_size} packed")


def _add_signs(font: TTFont, line: int) -> None:
    """Draws what Arimo lacks with lines of width `line`, and leaves one plain table of characters."""
    names = font.getBestCmap()
    names |= {ord(new): names[ord(old)] for new, old in _ALIKE.items() if ord(new) not in names}
    for sign, outlines in _signs(line).items():
        pen = TTGlyphPen(None)
        for outline in outlines:
            pen.moveTo(outline[0])
            for point in outline[1:]:
                pen.lineTo(point)
            pen.closePath()
        name = f"uni{ord(sign):04X}"
        font.setGlyphOrder([*font.getGlyphOrder(), name])
        font["glyf"][name] = glyph = pen.glyph()
        glyph.recalcBounds(font["glyf"])
        width = 700 if sign in "⌊⌋⌈⌉" else _WIDTH
        font["hmtx"][name] = (width, glyph.xMin)
        names[ord(sign)] = name
    table = CmapSubtable.newSubtable(12)
    table.platformID, table.platEncID, table.language, table.cmap = 3, 10, 0, names
    font["cmap"].tables = [table]


def _signs(line: int) -> dict[str, list[list[_Point]]]:
    """Outlines of each sign, clockwise where filled."""
    x, y, r, half = _WIDTH / 2, _MIDDLE, _RADIUS, line / 2
    ring = [_arc(x, y, r, 0, 360), _arc(x, y, r - line, 0, 360)[::-1]]
    across, up = _bar((x - r + half, y), (x + r - half, y), line), _bar((x, y - r + half), (x, y + r - half), line)
    d = (r - half) * math.sqrt(0.5)
    rising, falling = _bar((x - d, y - d), (x + d, y + d), line), _bar((x - d, y + d), (x + d, y - d), line)
    turn = [*_arc(x, y, r, 20, 325), *_arc(x, y, r - line, 20, 325)[::-1]]
    tip = math.radians(20)
    at = (x + (r - half) * math.cos(tip), y + (r - half) * math.sin(tip))
    head = [(at[0] + 230, at[1] + 60), (at[0] + 10, at[1] - 270), (at[0] - 260, at[1] + 40)]
    cup, low, high = [*_arc(x + 60, y, r, 90, 270), *_arc(x + 60, y, r - line, 90, 270)[::-1]], -300, 1500
    ends = [_bar((x + 60, y + s * (r - half)), (x + 420, y + s * (r - half)), line) for s in (1, -1)]
    left, right = _bar((200 + half, low), (200 + half, high), line), _bar((500 - half, low), (500 - half, high), line)
    foot, roof = _bar((200, low + half), (500, low + half), line), _bar((200, high - half), (500, high - half), line)
    return {
        "⊕": [*ring, across, up],
        "⊖": [*ring, across],
        "⊗": [*ring, rising, falling],
        "⊘": [*ring, rising],
        "⊙": [*ring, _arc(x, y, line, 0, 360)],
        "↻": [turn, head],
        "∈": [cup, *ends, _bar((x + 60 - r + half, y), (x + 420, y), line)],
        "⌊": [left, foot],
        "⌋": [right, foot],
        "⌈": [left, roof],
        "⌉": [right, roof],
    }


def _arc(x: float, y: float, radius: float, start: float, end: float) -> list[_Point]:
    """Points on a circle, clockwise from angle `end` down to `start`, in degrees."""
    count = round((end - start) / 7.5)
    angles = [math.radians(end + (start - end) * i / count) for i in range(count + (end - start < 360))]
    return [(round(x + radius * math.cos(angle)), round(y + radius * math.sin(angle))) for angle in angles]


def _bar(start: _Point, end: _Point, width: float) -> list[_Point]:
    """A line with square ends as an outline, clockwise."""
    long = math.dist(start, end)
    dx, dy = (end[0] - start[0]) / long * width / 2, (end[1] - start[1]) / long * width / 2
    corners = [
        (start[0] + dy, start[1] - dx),
        (start[0] - dy, start[1] + dx),
        (end[0] - dy, end[1] + dx),
        (end[0] + dy, end[1] - dx),
    ]
    return [(round(px), round(py)) for px, py in corners]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
