"""Checks the PNG that a drawing becomes, read by Pillow."""

from __future__ import annotations

import io
import math
import random
import sys
import threading

import pytest
from PIL import Image

import archdsl
from archdsl.emit.marks.model import Drawing, Leaf, RectMark, TextMark
from archdsl.emit.marks.outlines import GAP
from archdsl.emit.marks.palettes import DARK, LIGHT
from archdsl.emit.marks.png import PIXEL_LIMIT, png
from tests.emit_marks.demo import demo, random_drawing


def opened(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture)).convert("RGB")


def test_pages_stand_below_each_other_on_the_colour_of_the_sheet() -> None:
    red, blue = (255, 0, 0), (0, 0, 255)
    first = Leaf(60, 20, (RectMark(0, 0, 60, 20, "#ff0000"),))
    second = Leaf(30.2, 10, (RectMark(0, 0, 30, 10, "#0000ff"),))
    for dpi in (36.0, 72.0, 144.0, 300.0):
        image = opened(png(Drawing((first, second), "a"), DARK, dpi))
        assert image.size == pytest.approx((60 * dpi / 72, (20 + GAP + 10) * dpi / 72), abs=1)
        sheet = tuple(bytes.fromhex(DARK["sheet"][1:]))

        def at(x: float, y: float, image: Image.Image = image, dpi: float = dpi) -> object:
            return image.getpixel((int(x * dpi / 72), int(y * dpi / 72)))

        assert [at(1, 1), at(58, 18), at(1, 22), at(58, 42)] == [red, red, sheet, sheet]
        assert [at(1, 46), at(28, 52), at(33, 46), at(58, 52)] == [blue, blue, sheet, sheet]


def test_any_drawing_at_any_resolution_is_a_whole_picture() -> None:
    draw = random.Random(12)
    for dpi in (1.0, 2.5, 7.0, 33.0, 96.0):
        for _ in range(8):
            Image.open(io.BytesIO(png(random_drawing(draw, 5), LIGHT, dpi))).load()


def test_it_says_how_many_dots_make_an_inch() -> None:
    picture = Image.open(io.BytesIO(png(demo(), LIGHT, 200)))
    assert picture.info["dpi"] == pytest.approx((200, 200), abs=0.1)
    assert picture.format == "PNG"
    picture.verify()


def test_text_is_drawn_where_it_was_measured() -> None:
    """Ink fills the measured width of a line of M, and nothing beyond it."""
    image = opened(png(Drawing((Leaf(200, 20, (TextMark(100, 15, "MMMMMMMMMM", 12, anchor="middle"),)),), "a")))
    dark = image.convert("L").point(lambda value: 255 * (value < 128))
    left, _, right, _ = dark.getbbox() or (0, 0, 0, 0)
    assert (left / 2, right / 2) == pytest.approx((50, 150), abs=1.5)  # ten times 10 points, margins within M


def test_threads_draw_what_one_draws() -> None:
    drawings = [Drawing((Leaf(50 + i, 30, (TextMark(2, 20, f"text {i}", 9),)), *demo().leaves), "a") for i in range(6)]
    alone = [png(drawing) for drawing in drawings]
    found: dict[tuple[int, int], bytes] = {}

    def work(turn: int) -> None:
        for i, drawing in enumerate(drawings):
            found[turn, i] = png(drawing)

    threads = [threading.Thread(target=work, args=(turn,)) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 24
    assert all(found[turn, i] == alone[i] for turn, i in found)


@pytest.mark.parametrize(("size", "dpi"), [((600, 60_000), 144), ((40_000, 40_000), 72), ((10, 10), 100_000)])
def test_too_many_pixels_are_a_diagnostic_that_says_what_fits(size: tuple[float, float], dpi: float) -> None:
    drawing = Drawing((Leaf(*size, ()),), "a")
    with pytest.raises(archdsl.ArchError) as caught:
        png(drawing, LIGHT, dpi)
    (found,) = caught.value.diagnostics
    assert found.code == "picture-too-large"
    assert found.help
    fitting = int(found.help.split()[2])
    pixels = [math.prod(math.ceil(side * most / 72) for side in size) for most in (fitting, fitting * 1.01)]
    assert pixels[0] <= PIXEL_LIMIT < pixels[1]


def test_a_tall_page_is_drawn_in_its_size() -> None:
    """A page beyond the limits of PDF is not smaller as png."""
    image = opened(png(Drawing((Leaf(20, 20_000, (RectMark(0, 19_900, 20, 50, "#ff0000"),)),), "a"), LIGHT, 72))
    assert image.size == (20, 20_000)
    assert [image.getpixel((10, y)) for y in (19_898, 19_902, 19_947, 19_953)] == [
        (255, 255, 255), (255, 0, 0), (255, 0, 0), (255, 255, 255)
    ]  # fmt: skip


def test_without_pypdfium2_the_diagnostic_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    with pytest.raises(archdsl.ArchError, match=r"pip install 'archdsl\[png\]'") as caught:
        png(demo())
    assert [one.code for one in caught.value.diagnostics] == ["no-renderer"]
