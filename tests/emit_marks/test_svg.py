"""Checks the SVG that a drawing becomes, with Python's own XML parser as the reader."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from archdsl.emit.marks.font import printable, text_width
from archdsl.emit.marks.model import CircleMark, Drawing, GroupMark, Leaf, PathMark, RectMark, TextMark
from archdsl.emit.marks.outlines import number, offsets, stacked
from archdsl.emit.marks.palettes import DARK, LIGHT, PALETTES, colour
from archdsl.emit.marks.svg import svg
from tests.emit_marks.demo import HOSTILE, demo, flat, random_drawing

NS = "{http://www.w3.org/2000/svg}"
ALLOWED = {f"{NS}{tag}" for tag in ("svg", "title", "desc", "g", "rect", "circle", "path", "text")}


def elements(picture: bytes) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(picture).iter())


def drawings() -> list[Drawing]:
    draw = random.Random(5)
    return [demo(), *(random_drawing(draw, draw.randrange(12)) for _ in range(150))]


def test_every_mark_is_an_element_with_its_place_and_look() -> None:
    for drawing in drawings():
        marks = [mark for leaf in drawing.leaves for mark in flat(leaf.marks)]
        found = elements(svg(drawing))
        assert {element.tag for element in found} <= ALLOWED
        texts = [m for m in marks if isinstance(m, TextMark) and m.text]
        written = [e for e in found if e.tag == f"{NS}text"]
        assert [e.text for e in written] == [printable(m.text) for m in texts]
        for mark, element in zip(texts, written, strict=True):
            assert float(element.get("textLength", "")) == pytest.approx(
                text_width(mark.text, mark.size, mark.bold), abs=0.006
            )
            assert element.get("lengthAdjust") == "spacingAndGlyphs"
            kept = element.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve"
            assert kept == ("" in element.text.split(" "))
            assert element.get("text-anchor", "start") == mark.anchor
            assert (element.get("font-weight") == "bold") == mark.bold
            assert element.get("fill") == colour(LIGHT, mark.colour)
        for kind, tag, names in [
            (RectMark, "rect", {"x": "x", "y": "y", "width": "width", "height": "height"}),
            (CircleMark, "circle", {"cx": "x", "cy": "y", "r": "radius"}),
        ]:
            shapes = [e for e in found if e.tag == NS + tag][tag == "rect" :]  # the first is the sheet
            for mark, element in zip([m for m in marks if isinstance(m, kind)], shapes, strict=True):
                places = [float(element.get(name, "")) for name in names]
                assert places == pytest.approx([getattr(mark, name) for name in names.values()], abs=0.006)
                assert element.get("fill") == ("none" if mark.fill is None else colour(LIGHT, mark.fill))
                assert element.get("stroke") == (None if mark.stroke is None else colour(LIGHT, mark.stroke))
        paths = [m for m in marks if isinstance(m, PathMark)]
        assert sum(e.tag == f"{NS}path" for e in found) == sum(1 + m.arrow for m in paths)


def test_groups_keep_what_is_in_them_under_their_ids() -> None:
    for drawing in drawings():
        tree = ElementTree.fromstring(svg(drawing))
        by_id = Counter(e.get("id") for e in tree.iter() if e.get("id"))
        groups = [m for leaf in drawing.leaves for m in flat(leaf.marks) if isinstance(m, GroupMark) and m.id]
        assert set(by_id.values()) == {1}
        assert len(by_id) == len(groups) + 1 + bool(drawing.description)
        for mark in groups:
            if re.fullmatch(r"[\w.:-]+", mark.id):
                element = next(e for e in tree.iter() if e.get("id") == drawing.prefix + mark.id)
                inside = [e.text for e in element.iter(f"{NS}text")]
                assert inside == [printable(m.text) for m in flat(mark.marks) if isinstance(m, TextMark) and m.text]


def test_it_is_an_image_with_a_name() -> None:
    for text in HOSTILE:
        root = ElementTree.fromstring(svg(Drawing((Leaf(10, 10, ()),), text, text, "p-")))
        assert (root.get("role"), root.get("aria-labelledby")) == ("img", "p-_title p-_desc")
        title, description = root[0], root[1]
        assert (title.get("id"), description.get("id")) == ("p-_title", "p-_desc")
        assert (title.text, description.text) == (printable(text), printable(text))


def test_it_refers_to_nothing_and_runs_nothing() -> None:
    for drawing in drawings():
        picture = svg(drawing)
        for element in elements(picture):
            names = set(element.keys())
            assert not {name for name in names if name.startswith("on") or "href" in name or name == "style"}
        assert b"<!" not in picture and b"<?" not in picture and b"url(" not in picture
        assert all(c >= " " or c == "\n" for c in picture.decode())


def test_pages_stand_below_each_other() -> None:
    drawing = demo()
    width, height = stacked(drawing)
    root = ElementTree.fromstring(svg(drawing))
    assert root.get("viewBox") == f"0 0 {number(width)} {number(height)}"
    assert (root.get("width"), root.get("height")) == (f"{number(width)}pt", f"{number(height)}pt")
    first, second = (y for y, _ in offsets(drawing))
    assert first == 0 and second > drawing.leaves[0].height
    assert height == second + drawing.leaves[1].height
    assert [g.get("transform") for g in root if g.tag == f"{NS}g"] == [None, f"translate(0 {number(second)})"]


@pytest.mark.parametrize("theme", PALETTES)
def test_themes_change_colours_alone(theme: str) -> None:
    """With the colours taken out all themes give one text."""
    plain = [re.sub(rb"#[0-9a-f]{6}", b"#", svg(demo(), palette)) for palette in (LIGHT, PALETTES[theme])]
    assert plain[0] == plain[1]
    assert svg(demo(), DARK) != svg(demo(), LIGHT)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1"), (0.5, "0.5"), (1 / 3, "0.33"), (-0.001, "0"), (-2.5, "-2.5"), (100.0, "100"), (1e6, "1000000")],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


def test_numbers_have_two_decimals_at_most() -> None:
    for drawing in drawings():
        for element in elements(svg(drawing)):
            for name in {"x", "y", "d", "r", "cx", "cy", "width", "height", "transform", "textLength"} & {
                *element.keys()
            }:
                assert not re.search(r"\.\d{3}|e[-+]", element.get(name, ""))


def test_an_arrow_ends_at_its_tip() -> None:
    """The head's first corner is the last point of the path, the line itself stops short of it."""
    drawing = Drawing((Leaf(50, 50, (PathMark((("M", 10, 10), ("L", 10, 40)), arrow=True, line=1),)),), "a")
    line, head = [e.get("d") for e in elements(svg(drawing)) if e.tag == f"{NS}path"]
    assert line == "M10 10L10 34.6"
    assert head == "M10 40L7.84 34L12.16 34Z"


def test_many_marks_are_written_quickly() -> None:
    page = demo().leaves[0]
    count = sum(1 for _ in flat(page.marks))
    drawing = Drawing((Leaf(page.width, page.height, page.marks * (50_000 // count)),), "many")
    start = time.process_time()
    picture = svg(drawing)
    assert time.process_time() - start < 2  # 0.25 where it was written
    assert picture.count(b"<") > 50_000


@pytest.mark.skipif(shutil.which("rsvg-convert") is None, reason="rsvg-convert is not installed")
@pytest.mark.parametrize("theme", PALETTES)
def test_another_program_draws_it(theme: str, tmp_path: Path) -> None:
    (tmp_path / "demo.svg").write_bytes(svg(demo(), PALETTES[theme]))
    command = ["rsvg-convert", "demo.svg", "-o", "demo.png"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "demo.png").stat().st_size > 10_000
