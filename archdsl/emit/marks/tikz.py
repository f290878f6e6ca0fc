"""Turns a drawing into a LaTeX document of its own, a TikZ picture a page, to be changed by hand or put into a paper.

It is pure ASCII but for comments, so that pdflatex, lualatex and xelatex all read it. Colours and sizes of text are
named at its top; each mark is one line, behind a comment with the id of its group.
"""

from __future__ import annotations

from collections.abc import Iterable

from archdsl.emit.marks.model import CircleMark, Drawing, GroupMark, Leaf, Mark, PathMark, TextMark
from archdsl.emit.marks.outlines import number
from archdsl.emit.marks.palettes import LIGHT, Palette, colour
from archdsl.emit.marks.tex import UNKNOWN, comment, tex

_LIMIT = 14400.0  # points; TeX knows no length of 16384 and more
_HEAD = r"""\documentclass[tikz]{standalone}
\usepackage[T1]{fontenc}
% Letters as wide as Helvetica's, for which the boxes are made, where they are installed.
\IfFileExists{tgheros.sty}{\usepackage{tgheros}}{\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}}
\renewcommand*\familydefault{\sfdefault}
\usepackage{amssymb}
\usetikzlibrary{arrows.meta}"""
_ANCHORS = {"start": "base west", "middle": "base", "end": "base east"}


def tikz(drawing: Drawing, palette: Palette = LIGHT) -> bytes:
    """The drawing as LaTeX; a point of it is TeX's big point, y goes downwards.

    Characters without a command in LaTeX (Chinese, emoji) become their number in a small frame, and stand in a comment
    at the end of the line.
    """
    pages = [_Page(leaf) for leaf in drawing.leaves]
    roles = sorted({role for page in pages for role in page.roles})
    sizes = sorted({size for page in pages for size in page.sizes}, key=float)
    lines = [f"% {comment(drawing.title)}"]
    if drawing.description:
        lines.append(f"% {comment(drawing.description)}")
    lines += [_HEAD, "% Colours."]
    lines += [rf"\definecolor{{{_name(role)}}}{{HTML}}{{{colour(palette, role)[1:].upper()}}}" for role in roles]
    lines += [
        "% Sizes of text, and heads of arrows.",
        r"\tikzset{",
        "  every node/.style={inner sep=0pt, outer sep=0pt},",
    ]
    for size in sizes:
        font = rf"\fontsize{{{size}bp}}{{{number(1.25 * float(size))}bp}}\selectfont"
        lines.append(f"  text {size}/.style={{font={font}}},")
    lines += ["  arrow/.style={-{Triangle[length=3bp 3, width'=0bp 0.72]}},", "}"]
    if any(UNKNOWN in line for page in pages for line in page.lines):
        lines.append(rf"\newcommand*{UNKNOWN}[1]{{\fboxsep0.5bp\fbox{{\fontsize{{3.5bp}}{{4bp}}\selectfont#1}}}}")
    lines.append(r"\begin{document}")
    for page in pages:
        lines += page.lines
    return "\n".join([*lines, r"\end{document}", ""]).encode()


def _name(role: str) -> str:
    """A role as the name of a colour: "pool.fill" is poolFill, "#12ab9f" is rgb12ab9f."""
    first, *rest = role.replace("#", "rgb").split(".")
    return first + "".join(part.capitalize() for part in rest)


class _Page:
    """Writes one page, and keeps which colours and sizes of text it needs."""

    def __init__(self, leaf: Leaf) -> None:
        self.scale = min(1.0, _LIMIT / max(leaf.width, leaf.height))
        self.roles: set[str] = {"sheet"}
        self.sizes: set[str] = set()
        sides = self._at(leaf.width, leaf.height)
        self.lines = [
            r"\begin{tikzpicture}[x=1bp, y=-1bp, line join=round]",
            rf"\path[use as bounding box, fill=sheet] (0,0) rectangle {sides};",
        ]
        self._marks(leaf.marks)
        self.lines.append(r"\end{tikzpicture}")

    def _marks(self, marks: Iterable[Mark]) -> None:
        for mark in marks:
            if isinstance(mark, GroupMark):
                if mark.id:
                    self.lines.append(f"% {comment(f'{mark.id} {mark.kind}')}")
                self._marks(mark.marks)
            elif isinstance(mark, TextMark):
                self._text(mark)
            elif isinstance(mark, PathMark):
                self._path(mark)
            elif isinstance(mark, CircleMark):
                outline = f"{self._at(mark.x, mark.y)} circle[radius={self._length(mark.radius)}]"
                self._paint(outline, mark.fill, mark.stroke, mark.line)
            else:
                radius = min(mark.radius, mark.width / 2, mark.height / 2)
                more = [f"rounded corners={self._length(radius)}"] if radius > 0 else []
                outline = f"{self._at(mark.x, mark.y)} rectangle +{self._at(mark.width, mark.height)}"
                self._paint(outline, mark.fill, mark.stroke, mark.line, mark.dashes, more)

    def _text(self, mark: TextMark) -> None:
        text = tex(mark.text)
        if not text:
            return
        size = number(mark.size * self.scale)
        self.sizes.add(size)
        look = f"text {size}, text={self._colour(mark.colour)}, anchor={_ANCHORS[mark.anchor]}"
        set_ = rf"\textbf{{{text}}}" if mark.bold else text
        line = rf"\node[{look}] at {self._at(mark.x, mark.y)} {{{set_}}};"
        self.lines.append(f"{line} % {comment(mark.text)}" if UNKNOWN in text else line)

    def _path(self, mark: PathMark) -> None:
        words = []
        for kind, *values in mark.steps:
            pairs = [self._at(float(x), float(y)) for x, y in zip(values[::2], values[1::2], strict=True)]
            if kind == "C":
                words.append(f".. controls {pairs[0]} and {pairs[1]} .. {pairs[2]}")
            else:
                words.append(f"-- {pairs[0]}" if kind == "L" else pairs[0])
        more = ["arrow"] if mark.arrow else []
        stroke = mark.stroke or ("wire" if mark.arrow else None)
        self._paint(" ".join(words), mark.fill, stroke, mark.line, mark.dashes, more)

    def _paint(
        self,
        outline: str,
        fill: str | None,
        stroke: str | None,
        line: float,
        dashes: tuple[float, ...] = (),
        more: Iterable[str] = (),
    ) -> None:
        look = [*more]
        if fill:
            look.append(f"fill={self._colour(fill)}")
        if stroke:
            look += [f"draw={self._colour(stroke)}", f"line width={self._length(line)}"]
            if dashes:
                turns = zip(("on", "off") * len(dashes), (*dashes, *dashes)[: 2 * len(dashes)], strict=False)
                look.append(f"dash pattern={' '.join(f'{turn} {self._length(length)}' for turn, length in turns)}")
        if fill or stroke:
            self.lines.append(rf"\path[{', '.join(look)}] {outline};")

    def _colour(self, role: str) -> str:
        self.roles.add(role)
        return _name(role)

    def _at(self, x: float, y: float) -> str:
        return f"({number(x * self.scale)},{number(y * self.scale)})"

    def _length(self, length: float) -> str:
        return f"{number(length * self.scale)}bp"
