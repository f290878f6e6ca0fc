"""Turns a drawing into a PDF with a page for each of its own, whose text can be searched and copied.

Written after ISO 32000-1 (PDF 1.7): objects in section 7, paths in 8.5, fonts in 9.7 (a Type 0 font over the shipped
TrueType file, by glyph numbers) and 9.10 (back to characters). There is no date and nothing is packed here, so equal
drawings are equal bytes on every machine. A character that the fonts lack is drawn as a box and copied as itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from archdsl.emit.marks.font import ASCENT, CAPITALS, DESCENT, UNITS, advances, font, printable, text_width
from archdsl.emit.marks.model import CircleMark, Drawing, GroupMark, Leaf, Mark, PathMark, RectMark, TextMark
from archdsl.emit.marks.outlines import arrow, number
from archdsl.emit.marks.palettes import LIGHT, Palette, colour

PAGE_LIMIT = 14400.0  # points that a side of a page may have; a larger page is drawn smaller
_CIRCLE = 0.5522847  # how far the handles of a cubic stand off for a quarter of a circle, in radii
_PAGE = "<< /Type /Page"  # with which each page begins


def pdf(drawing: Drawing, palette: Palette = LIGHT) -> bytes:
    """The drawing as PDF 1.7, a point to a point; title and description go into its metadata."""
    fonts = {False: _Type0(False), True: _Type0(True)}
    contents = [_Content(palette, fonts).of(leaf) for leaf in drawing.leaves]
    objects: list[bytes] = []

    def add(body: str | bytes) -> int:
        objects.append(body if isinstance(body, bytes) else body.encode("ascii"))
        return len(objects)

    pages = 3  # the catalogue is object 1, the metadata object 2
    add(f"<< /Type /Catalog /Pages {pages} 0 R /ViewerPreferences << /DisplayDocTitle true >> >>")
    subject = f" /Subject {_string(drawing.description)}" if drawing.description else ""
    add(f"<< /Title {_string(drawing.title)}{subject} /Producer (archdsl) >>")
    add("")
    resources = " ".join(f"/{one.name} {one.add(add)} 0 R" for one in fonts.values() if one.used)
    numbers = []
    for leaf, content in zip(drawing.leaves, contents, strict=True):
        size = " ".join(number(side * page_scale(leaf)) for side in (leaf.width, leaf.height))
        shown = add(_stream("", content))
        page = f"/Parent {pages} 0 R /MediaBox [0 0 {size}] /Resources << /Font << {resources} >> >>"
        numbers.append(add(f"{_PAGE} {page} /Contents {shown} 0 R >>"))
    kids = " ".join(f"{number} 0 R" for number in numbers)
    objects[pages - 1] = f"<< /Type /Pages /Kids [{kids}] /Count {len(numbers)} >>".encode()
    return _file(objects)


def page_count(data: bytes) -> int:
    """How many pages a file has that `pdf` wrote; what begins a page stands in it in clear."""
    return data.count(f"{_PAGE} ".encode())


def page_scale(leaf: Leaf) -> float:
    """How much smaller than the drawing its page is: 1 unless the page would be larger than a PDF may have it."""
    return min(1.0, PAGE_LIMIT / max(leaf.width, leaf.height))


def _file(objects: Sequence[bytes]) -> bytes:
    """Header, objects, the table that says where each begins, and the way to that."""
    parts = [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"]
    at, table = len(parts[0]), ["0000000000 65535 f "]
    for index, body in enumerate(objects, 1):
        table.append(f"{at:010d} 00000 n ")
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (index, body))
        at += len(parts[-1])
    count = len(table)
    end = f"trailer\n<< /Size {count} /Root 1 0 R /Info 2 0 R >>\nstartxref\n{at}\n%%EOF\n"
    parts.append("\n".join([f"xref\n0 {count}", *table, end]).encode())
    return b"".join(parts)


def _stream(entries: str, data: bytes) -> bytes:
    return b"<< /Length %d%b >>\nstream\n%b\nendstream" % (len(data), entries.encode(), data)


def _string(text: str) -> str:
    """A text string of metadata: UTF-16 in hexadecimal digits."""
    return f"<feff{printable(text).encode('utf-16-be').hex()}>"


class _Type0:
    """A weight as the file's font. Text is numbers of glyphs; above them stand numbers of characters that have none of
    their own: what the font lacks, and what looks like another one that is in the text (* and ∗)."""

    def __init__(self, bold: bool) -> None:
        self.name = "F1" if bold else "F0"
        self.bold = bold
        self.font = font(bold)
        self.advances = advances(bold)
        self.used: dict[str, int] = {}  # the number of each character
        self.taken: set[int] = set()  # glyphs
        self.above: list[int] = []  # glyphs of the numbers above them

    def shown(self, text: str) -> str:
        """Printable text as the operand of Tj."""
        return "".join([f"{self.used[c] if c in self.used else self._number(c):04x}" for c in text])

    def _number(self, character: str) -> int:
        glyph = self.font.glyphs.get(character)
        if glyph is None:  # glyph 0 is a box; what has no width stays unseen
            glyph = 0 if self.advances[character] else self.font.glyphs[" "]
        number = glyph
        if glyph == 0 or glyph in self.taken:
            number = len(self.font.widths) + len(self.above)
            self.above.append(glyph)
        self.taken.add(glyph)
        self.used[character] = number
        return number

    def add(self, add: Callable[[str | bytes], int]) -> int:
        """Adds the font and all that it consists of; gives the number of its object."""
        base = f"ARCHDS+{self.font.name}"
        file = add(_stream(f" /Length1 {self.font.unpacked_size} /Filter /FlateDecode", self.font.packed))
        box = " ".join(map(_thousandths, self.font.box))
        descriptor = add(
            f"<< /Type /FontDescriptor /FontName /{base} /Flags 32 /FontBBox [{box}] /ItalicAngle 0"
            f" /Ascent {_thousandths(ASCENT)} /Descent {_thousandths(DESCENT)} /CapHeight {_thousandths(CAPITALS)}"
            f" /StemV {140 if self.bold else 80} /FontFile2 {file} 0 R >>"
        )
        widths = " ".join(f"{n} [{_thousandths(self.advances[c])}]" for n, c in self._by_number())
        glyphs = f"{add(_stream('', self._glyphs()))} 0 R" if self.above else "/Identity"
        descendant = add(
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{base} /FontDescriptor {descriptor} 0 R /DW 0"
            f" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /W [{widths}]"
            f" /CIDToGIDMap {glyphs} >>"
        )
        characters = add(_stream("", self._characters()))
        return add(
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{base} /Encoding /Identity-H"
            f" /DescendantFonts [{descendant} 0 R] /ToUnicode {characters} 0 R >>"
        )

    def _by_number(self) -> list[tuple[int, str]]:
        return sorted((number, character) for character, number in self.used.items())

    def _glyphs(self) -> bytes:
        """The glyph of each number, two bytes each."""
        return b"".join(glyph.to_bytes(2, "big") for glyph in (*range(len(self.font.widths)), *self.above))

    def _characters(self) -> bytes:
        """The CMap from numbers back to text."""
        rows = [f"<{n:04x}> <{c.encode('utf-16-be').hex()}>" for n, c in self._by_number()]
        lines = [
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
            "1 begincodespacerange <0000> <ffff> endcodespacerange",
        ]
        for start in range(0, len(rows), 100):  # a block may have no more
            block = rows[start : start + 100]
            lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
        return "\n".join([*lines, "endcmap CMapName currentdict /CMap defineresource pop end end"]).encode()


def _thousandths(units: int) -> str:
    """Units of the font in those of a PDF, whole ones: PDFium cuts off what is behind the point."""
    return str(round(units * 1000 / UNITS))


class _Content:
    """Writes the operators that paint one page; what stays as it was is not set again."""

    def __init__(self, palette: Palette, fonts: Mapping[bool, _Type0]) -> None:
        self.palette = palette
        self.fonts = fonts
        self.lines: list[str] = []
        self.state: dict[str, str] = {}

    def of(self, leaf: Leaf) -> bytes:
        """The stream of a page: from its upper left corner downwards, on the colour of the sheet."""
        scale = page_scale(leaf)
        factor = number(scale) if scale == 1 else f"{scale:.6f}"
        self.lines.append(f"{factor} 0 0 -{factor} 0 {number(leaf.height * scale)} cm 1 j")
        self._marks((RectMark(0, 0, leaf.width, leaf.height, "sheet"), *leaf.marks))
        return "\n".join(self.lines).encode()

    def _marks(self, marks: Iterable[Mark]) -> None:
        for mark in marks:
            if isinstance(mark, GroupMark):
                self._marks(mark.marks)
            elif isinstance(mark, TextMark):
                self._text(mark)
            elif isinstance(mark, PathMark):
                self._path(mark)
            else:
                outline = _rectangle(mark) if isinstance(mark, RectMark) else _circle(mark)
                dashes = mark.dashes if isinstance(mark, RectMark) else ()
                self._paint(outline, mark.fill, mark.stroke, mark.line, dashes)

    def _text(self, mark: TextMark) -> None:
        text = printable(mark.text)
        if not text:
            return
        of = self.fonts[mark.bold]
        share = {"start": 0.0, "middle": 0.5, "end": 1.0}[mark.anchor]
        x = mark.x - share * text_width(text, mark.size, mark.bold) if share else mark.x
        self._fill(mark.colour)
        place = f"1 0 0 -1 {number(x)} {number(mark.y)} Tm"
        self.lines.append(f"BT /{of.name} {number(mark.size)} Tf {place} <{of.shown(text)}> Tj ET")

    def _path(self, mark: PathMark) -> None:
        steps, head = arrow(mark) if mark.arrow else (mark.steps, ())
        operators = {"M": "m", "L": "l", "C": "c"}
        outline = " ".join(f"{_numbers(step[1:])} {operators[str(step[0])]}" for step in steps)
        self._paint(outline, mark.fill, mark.stroke, mark.line, mark.dashes)
        if head:
            tip, left, right = map(_numbers, head)
            self._paint(f"{tip} m {left} l {right} l h", mark.stroke or "wire", None, 0, ())

    def _paint(
        self, outline: str, fill: str | None, stroke: str | None, line: float, dashes: tuple[float, ...]
    ) -> None:
        if fill:
            self._fill(fill)
        if stroke:
            self._set("stroke", f"{_rgb(colour(self.palette, stroke))} RG")
            self._set("line", f"{number(line)} w")
            self._set("dashes", f"[{_numbers(dashes)}] 0 d")
        if fill or stroke:
            self.lines.append(f"{outline} {'B' if fill and stroke else 'f' if fill else 'S'}")

    def _fill(self, role: str) -> None:
        self._set("fill", f"{_rgb(colour(self.palette, role))} rg")

    def _set(self, what: str, operator: str) -> None:
        if self.state.get(what) != operator:
            self.state[what] = operator
            self.lines.append(operator)


def _numbers(values: Iterable[float | str]) -> str:
    return " ".join([number(float(value)) for value in values])


def _rgb(value: str) -> str:
    return " ".join(f"{int(value[i : i + 2], 16) / 255:.3f}".rstrip("0").rstrip(".") for i in (1, 3, 5))


def _rectangle(mark: RectMark) -> str:
    x, y, width, height = mark.x, mark.y, mark.width, mark.height
    radius = min(mark.radius, width / 2, height / 2)
    if radius <= 0:
        return f"{_numbers((x, y, width, height))} re"
    right, low, k = x + width, y + height, radius * (1 - _CIRCLE)
    return " ".join(
        [
            f"{_numbers((x + radius, y))} m {_numbers((right - radius, y))} l",
            f"{_numbers((right - k, y, right, y + k, right, y + radius))} c {_numbers((right, low - radius))} l",
            f"{_numbers((right, low - k, right - k, low, right - radius, low))} c {_numbers((x + radius, low))} l",
            f"{_numbers((x + k, low, x, low - k, x, low - radius))} c {_numbers((x, y + radius))} l",
            f"{_numbers((x, y + k, x + k, y, x + radius, y))} c h",
        ]
    )


def _circle(mark: CircleMark) -> str:
    """A circle is a square whose corners are round to the middle of its sides."""
    r = mark.radius
    return _rectangle(RectMark(mark.x - r, mark.y - r, 2 * r, 2 * r, radius=r))
