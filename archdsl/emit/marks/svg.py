"""Turns a drawing into one SVG, its pages below each other."""

from __future__ import annotations

import re
from collections.abc import Callable

from archdsl.emit.marks.font import printable, text_width
from archdsl.emit.marks.model import (
    CircleMark,
    Drawing,
    GroupMark,
    Mark,
    PathMark,
    PathStep,
    RectMark,
    TextMark,
)
from archdsl.emit.marks.outlines import arrow, number, offsets, stacked
from archdsl.emit.marks.palettes import LIGHT, Palette, colour

# What text falls back to is as wide; in a font that is not, letters are made narrower until textLength holds.
_FAMILY = "Arimo, &quot;Liberation Sans&quot;, Helvetica, Arial, sans-serif"
_ODD = re.compile(r"[^\w.:-]")


def svg(drawing: Drawing, palette: Palette = LIGHT) -> bytes:
    """The drawing as SVG 1.1: attributes alone, no style sheet, script or reference outside; sizes in points.

    Groups carry their ids behind `drawing.prefix`; what is no letter, digit or one of `_.:-` becomes "_" and its code.
    """
    width, height = (number(side) for side in stacked(drawing))
    title, description = (identifier(drawing, name) for name in ("_title", "_desc"))
    labels = f"{title} {description}" if drawing.description else title
    writer = _SvgElements(drawing, palette)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="{height}pt" viewBox="0 0 {width} {height}"'
        f' role="img" aria-labelledby="{labels}" font-family="{_FAMILY}" stroke-linejoin="round">',
        f'<title id="{title}">{escaped(drawing.title)}</title>',
    ]
    if drawing.description:
        lines.append(f'<desc id="{description}">{escaped(drawing.description)}</desc>')
    lines.append(f'<rect width="{width}" height="{height}" fill="{colour(palette, "sheet")}"/>')
    for y, leaf in offsets(drawing):
        lines.append(f'<g transform="translate(0 {number(y)})">' if y else "<g>")
        writer.marks(leaf.marks, lines.append)
        lines.append("</g>")
    lines.append("</svg>\n")
    return "\n".join(lines).encode()


def escaped(text: str) -> str:
    """Text as the content or attribute of an element, printable characters alone."""
    return _escaped(printable(text))


def _escaped(text: str) -> str:
    if "&" in text or "<" in text or ">" in text or '"' in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return text


def identifier(drawing: Drawing, name: str) -> str:
    """`name` behind the drawing's prefix, as an id in the file."""
    return _ODD.sub(lambda odd: f"_{ord(odd[0]):x}_", drawing.prefix + name)


def path_data(steps: tuple[PathStep, ...]) -> str:
    """The value of a path's attribute d."""
    return "".join([str(step[0]) + " ".join([number(float(value)) for value in step[1:]]) for step in steps])


class _SvgElements:
    """Writes marks with the colours of one palette."""

    def __init__(self, drawing: Drawing, palette: Palette) -> None:
        self.drawing = drawing
        self.palette = palette

    def marks(self, marks: tuple[Mark, ...], add: Callable[[str], None]) -> None:
        """Adds each mark's element, groups with what is in them."""
        for mark in marks:
            if isinstance(mark, GroupMark):
                self._group(mark, add)
            elif isinstance(mark, TextMark):
                self._text(mark, add)
            elif isinstance(mark, RectMark):
                corner = f' rx="{number(mark.radius)}"' if mark.radius else ""
                place = f'x="{number(mark.x)}" y="{number(mark.y)}"'
                size = f'width="{number(mark.width)}" height="{number(mark.height)}"'
                add(f"<rect {place} {size}{corner}{self._paint(mark)}/>")
            elif isinstance(mark, CircleMark):
                place = f'cx="{number(mark.x)}" cy="{number(mark.y)}" r="{number(mark.radius)}"'
                add(f"<circle {place}{self._paint(mark)}/>")
            else:
                self._path(mark, add)

    def _group(self, mark: GroupMark, add: Callable[[str], None]) -> None:
        name = f' id="{identifier(self.drawing, mark.id)}"' if mark.id else ""
        kind = f' data-kind="{escaped(mark.kind)}"' if mark.kind else ""
        title = f"<title>{escaped(mark.title)}</title>" if mark.title else ""
        add(f"<g{name}{kind}>{title}")
        self.marks(mark.marks, add)
        add("</g>")

    def _text(self, mark: TextMark, add: Callable[[str], None]) -> None:
        text = printable(mark.text)
        if not text:
            return
        spaces = ' xml:space="preserve"' if "  " in text or text[0] == " " or text[-1] == " " else ""
        anchor = "" if mark.anchor == "start" else f' text-anchor="{mark.anchor}"'
        bold = ' font-weight="bold"' if mark.bold else ""
        place = f'x="{number(mark.x)}" y="{number(mark.y)}" font-size="{number(mark.size)}"'
        length = f'textLength="{number(text_width(text, mark.size, mark.bold))}" lengthAdjust="spacingAndGlyphs"'
        ink = colour(self.palette, mark.colour)
        add(f'<text {place} {length}{anchor}{bold}{spaces} fill="{ink}">{_escaped(text)}</text>')

    def _path(self, mark: PathMark, add: Callable[[str], None]) -> None:
        if not mark.arrow:
            add(f'<path d="{path_data(mark.steps)}"{self._paint(mark)}/>')
            return
        steps, head = arrow(mark)
        add(f'<path d="{path_data(steps)}"{self._paint(mark)}/>')
        outline = path_data((("M", *head[0]), ("L", *head[1]), ("L", *head[2])))
        add(f'<path d="{outline}Z" fill="{colour(self.palette, mark.stroke or "wire")}"/>')

    def _paint(self, mark: RectMark | CircleMark | PathMark) -> str:
        fill = colour(self.palette, mark.fill) if mark.fill else "none"
        text = f' fill="{fill}"'
        if mark.stroke:
            text += f' stroke="{colour(self.palette, mark.stroke)}" stroke-width="{number(mark.line)}"'
            dashes = getattr(mark, "dashes", ())
            if dashes:
                text += f' stroke-dasharray="{" ".join(map(number, dashes))}"'
        return text
