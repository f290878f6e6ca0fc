"""Checks the PDF that a drawing becomes, by a small reader of objects and by PDFium, which finds text and shapes."""

from __future__ import annotations

import ctypes
import random
import re
import shutil
import subprocess
import time
from pathlib import Path

import pypdfium2
import pytest
from pypdfium2 import raw

from archdsl.emit.marks.font import advances, font, printable, text_width
from archdsl.emit.marks.model import CircleMark, Drawing, GroupMark, Leaf, Mark, RectMark, TextMark
from archdsl.emit.marks.palettes import DARK, LIGHT, PALETTES, colour
from archdsl.emit.marks.pdf import PAGE_LIMIT, pdf
from tests.emit_marks.demo import HOSTILE, demo, flat, random_drawing


def objects(document: bytes) -> dict[int, bytes]:
    """The objects that the table at the end names, each found where the table says."""
    assert document.startswith(b"%PDF-1.7\n") and document.endswith(b"%%EOF\n")
    (start,) = re.findall(rb"startxref\n(\d+)\n%%EOF\n$", document)
    table = document[int(start) :]
    count = int(re.match(rb"xref\n0 (\d+)\n", table)[1])  # type: ignore[index]
    rows = table.split(b"\n", 2)[2][: 20 * count]
    entries = [rows[i : i + 20] for i in range(0, len(rows), 20)]
    assert entries[0] == b"0000000000 65535 f \n"
    assert re.search(rb"trailer\n<< /Size %d /Root 1 0 R /Info 2 0 R >>" % count, table)
    found = {}
    for index, entry in enumerate(entries[1:], 1):
        at = int(re.fullmatch(rb"(\d{10}) 00000 n \n", entry)[1])  # type: ignore[index]
        head = b"%d 0 obj\n" % index
        assert document[at : at + len(head)] == head
        body = document[at + len(head) :]
        length = re.match(rb"<< /Length (\d+)", body)
        if length:
            begin = body.index(b"stream\n") + len(b"stream\n")
            end = begin + int(length[1])
            assert body[end:].startswith(b"\nendstream\nendobj\n")
            found[index] = body[:end]
        else:
            found[index] = body[: body.index(b"\nendobj\n")]
    return found


def drawings() -> list[Drawing]:
    draw = random.Random(6)
    return [demo(), *(random_drawing(draw, draw.randrange(12)) for _ in range(100))]


def test_the_file_is_sound_and_every_reference_leads_somewhere() -> None:
    for drawing in drawings():
        found = objects(pdf(drawing))
        heads = {index: body.split(b"stream\n")[0] for index, body in found.items()}
        referred = {int(n) for head in heads.values() for n in re.findall(rb"(\d+) 0 R", head)}
        assert referred <= found.keys()
        assert found.keys() - referred == {1, 2}
        assert found[1].startswith(b"<< /Type /Catalog")
        pages = [body for body in found.values() if body.startswith(b"<< /Type /Page ")]
        assert len(pages) == len(drawing.leaves)


def test_text_is_embedded_with_the_shipped_fonts_alone() -> None:
    bodies = list(objects(pdf(demo())).values())
    files = [body.split(b"stream\n", 1)[1] for body in bodies if b"/Length1" in body.split(b"stream\n")[0]]
    assert files == [font(False).packed, font(True).packed]
    plain = Drawing((Leaf(10, 10, (TextMark(0, 0, "a", 8),)),), "a")
    assert [b"/Length1" in body[:200] for body in objects(pdf(plain)).values()].count(True) == 1
    assert not any(
        b"/Font " in body and b"/F0" in body for body in objects(pdf(Drawing((Leaf(1, 1, ()),), ""))).values()
    )


def pages(document: bytes) -> list[pypdfium2.PdfPage]:
    return list(pypdfium2.PdfDocument(document))


def characters(page: pypdfium2.PdfPage) -> list[tuple[str, float, float]]:
    """What PDFium finds written: each character, and where its base line starts, from the upper left corner."""
    text, found = page.get_textpage(), []
    for index in range(text.count_chars()):
        if raw.FPDFText_IsGenerated(text, index) != 1:
            x, y = ctypes.c_double(), ctypes.c_double()
            assert raw.FPDFText_GetCharOrigin(text, index, x, y)
            found.append((chr(raw.FPDFText_GetUnicode(text, index)), x.value, page.get_height() - y.value))
    return found


def expected(leaf: Leaf) -> list[tuple[str, float, float]]:
    found = []
    for mark in flat(leaf.marks):
        if isinstance(mark, TextMark):
            share = {"start": 0, "middle": 0.5, "end": 1}[mark.anchor]
            x = mark.x - share * text_width(mark.text, mark.size, mark.bold)
            for character in printable(mark.text):
                found.append((character, x, mark.y))
                x += advances(mark.bold)[character] * mark.size / 2048
    return found


@pytest.mark.parametrize("bold", [False, True])
def test_another_reader_finds_every_character_where_it_was_measured(bold: bool) -> None:
    """All characters of the fonts, then some that they lack, in rows; the widths are those of `text_width`."""
    known = [c for c in font(bold).glyphs if not c.isspace() and ord(c) != 0xAD and not "\u2010" <= c <= "\u2011"]
    rows = ["".join(known[i : i + 20]) for i in range(0, len(known), 20)] + ["a中文字b", "x + 1"]
    marks = tuple(
        TextMark(x, 30.0 + 14 * i, row, 10, bold=bold, anchor=anchor)
        for i, row in enumerate(rows)
        for x, anchor in [((20.0, "start"), (200.0, "middle"), (380.0, "end"))[i % 3]]
    )
    leaf = Leaf(400, 60 + 14 * len(rows), marks)
    (page,) = pages(pdf(Drawing((leaf,), "characters")))
    wanted = [row for row in expected(leaf) if row[0] != " "]
    found = [row for row in characters(page) if row[0] != " "]
    assert [c for c, _, _ in found] == [c for c, _, _ in wanted]
    for one, two in zip(found, wanted, strict=True):
        assert one[1:] == pytest.approx(two[1:], abs=0.1), one[0]  # half a thousandth of 10 points, 20 times


def test_the_text_of_a_figure_can_be_copied() -> None:
    """Each text as a whole, hostile ones too; but what lies beyond 16 bits PDFium gives in halves."""
    texts = [text for text in HOSTILE if "\N{ROBOT FACE}" not in text]
    marks = tuple(TextMark(10, 20.0 + 20 * i, text, 10) for i, text in enumerate(texts))
    (page,) = pages(pdf(Drawing((Leaf(600, 300, marks),), "a")))
    read = page.get_textpage().get_text_range()
    assert [" ".join(line.split()) for line in read.splitlines()] == [" ".join(printable(t).split()) for t in texts]


def test_any_drawing_opens_with_its_pages_and_shapes() -> None:
    """Random drawings: sizes of pages, and the outlines of rectangles and circles in the order painted."""
    for drawing in drawings():
        opened = pages(pdf(drawing))
        for leaf, page in zip(drawing.leaves, opened, strict=True):
            assert page.get_size() == pytest.approx((leaf.width, leaf.height), abs=0.01)
            shapes = [mark for mark in flat(leaf.marks) if isinstance(mark, RectMark | CircleMark)]
            shapes = [mark for mark in shapes if mark.fill or mark.stroke]
            boxes = [(0.0, 0.0, leaf.width, leaf.height), *map(extent, shapes)]
            found = [one.get_bounds() for one in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH])]
            turned = [(left, leaf.height - top, right, leaf.height - low) for left, low, right, top in found]
            remaining = iter(turned)
            for box in boxes:  # other paths stand between them
                assert any(one == pytest.approx(box, abs=2.5) for one in remaining), box


def extent(mark: Mark) -> tuple[float, float, float, float]:
    if isinstance(mark, RectMark):
        return mark.x, mark.y, mark.x + mark.width, mark.y + mark.height
    assert isinstance(mark, CircleMark)
    return mark.x - mark.radius, mark.y - mark.radius, mark.x + mark.radius, mark.y + mark.radius


@pytest.mark.parametrize("theme", PALETTES)
def test_colours_are_those_of_the_theme(theme: str) -> None:
    """A pixel inside each filled rectangle, as PDFium paints it."""
    palette = PALETTES[theme]
    roles = [role for role in palette if "ink" not in role]
    marks = tuple(RectMark(10.0 * i, 0, 10, 10, role) for i, role in enumerate(roles))
    (page,) = pages(pdf(Drawing((Leaf(10.0 * len(roles), 20, marks),), "a"), palette))
    image = page.render(scale=1).to_numpy()
    assert [tuple(image[5, 10 * i + 5, ::-1]) for i in range(len(roles))] == [rgb(palette, role) for role in roles]
    assert tuple(image[15, 5, ::-1]) == rgb(palette, "sheet")


def rgb(palette: dict[str, str], role: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour(palette, role)[1:]))


def test_metadata_are_title_and_description() -> None:
    for text in HOSTILE:
        document = pypdfium2.PdfDocument(pdf(Drawing((Leaf(10, 10, ()),), text, text)))
        found = document.get_metadata_dict(skip_empty=True)
        assert found == {"Title": printable(text), "Subject": printable(text), "Producer": "archdsl"}


def test_a_page_larger_than_pdf_allows_is_drawn_smaller() -> None:
    leaf = Leaf(100, 4 * PAGE_LIMIT, (TextMark(50, 2 * PAGE_LIMIT, "a", 400),))
    (page,) = pages(pdf(Drawing((leaf,), "a")))
    assert page.get_size() == pytest.approx((25, PAGE_LIMIT))
    assert characters(page) == [("a", pytest.approx(12.5, abs=0.1), pytest.approx(PAGE_LIMIT / 2, abs=0.1))]


def test_equal_drawings_are_equal_bytes_and_themes_are_not() -> None:
    assert pdf(demo()) == pdf(demo(), LIGHT) != pdf(demo(), DARK)


def test_many_marks_are_written_quickly() -> None:
    page = demo().leaves[0]
    count = sum(1 for _ in flat(page.marks))
    drawing = Drawing((Leaf(page.width, page.height, page.marks * (50_000 // count)),), "many")
    start = time.process_time()
    pdf(drawing)
    assert time.process_time() - start < 4  # 0.6 where it was written


@pytest.mark.skipif(shutil.which("pdffonts") is None, reason="poppler's programs are not installed")
def test_poppler_reads_it_without_complaint(tmp_path: Path) -> None:
    (tmp_path / "demo.pdf").write_bytes(pdf(demo()))
    for command in (
        ["pdffonts", "demo.pdf"],
        ["pdftotext", "demo.pdf", "-"],
        ["pdftoppm", "-r", "30", "demo.pdf", "a"],
    ):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=60)
        assert (done.returncode, done.stderr) == (0, b"")
        if command[0] == "pdffonts":
            rows = [line.split()[-5:-2] for line in done.stdout.decode().splitlines()[2:]]
            assert rows == [["yes", "yes", "yes"]] * 2  # embedded, a subset, with a way back to text


def test_groups_change_nothing() -> None:
    inside = (RectMark(1, 2, 3, 4, "ink"), TextMark(1, 2, "a", 8))
    grouped = Drawing((Leaf(10, 10, (GroupMark(inside, "g", "box", "title"),)),), "a")
    assert pdf(grouped) == pdf(Drawing((Leaf(10, 10, inside),), "a"))
