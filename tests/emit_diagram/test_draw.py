"""Pictures: what they show, that nothing overlaps, and that no text of a spec becomes markup."""

from __future__ import annotations

import itertools
import json
import re
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import archdsl
from archdsl import library
from archdsl.emit.diagram import draw, engine
from archdsl.emit.diagram.compose import panels
from archdsl.emit.diagram.layout import Figure, columns, place
from archdsl.emit.diagram.measure import shorten, text_width
from archdsl.emit.diagram.page import arrange
from archdsl.network import networks

MAGIC = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "dot": b"digraph"}
SMALL = """
block unit(x; width) = x -> conv(width, 3) -> bn -> relu
block residual(x; width, stride = 1) {
    y = x -> conv(width, 3, stride) -> bn -> relu -> conv(width, 3)
    s = x if stride == 1 else x -> conv(width, 1, stride)
    return y + s -> relu
}
network small(x: [3, 32, 32]) =
    x -> unit(8) -> residual(8) * 3 -> residual(16, 2) -> residual(16) * 4 -> global_avg_pool -> linear(10)
"""


def texts(svg: bytes) -> list[str]:
    """All text of a picture, in order."""
    return ["".join(node.itertext()) for node in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("format", MAGIC)
def test_formats(format: str) -> None:
    picture = draw(archdsl.loads(SMALL).graph, format, caption="a caption")
    assert picture.startswith(MAGIC[format])
    assert len(picture) > 2000


def test_the_skeleton_folds_repeats_and_blocks_have_panels() -> None:
    shown = texts(draw(archdsl.loads(SMALL).graph, "svg", caption="1,234 parameters"))
    assert "small" in shown and "1,234 parameters" in shown
    assert "residual × 3" in shown and "residual × 5" in shown  # 16 wide: the strided one and four more
    assert any(text.startswith("residual") and "used 8 ×" in text for text in shown)
    assert "3 × 32 × 32" in shown and "16 × 16 × 16" in shown
    assert any("3×3 conv, 8" in text for text in shown)
    assert "linear, 10" in shown


def test_equal_input_gives_equal_pictures() -> None:
    for format in ("svg", "dot"):
        assert draw(archdsl.loads(SMALL).graph, format) == draw(archdsl.loads(SMALL).graph, format)


def test_no_dot_program_is_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert draw(archdsl.loads(SMALL).graph, "svg").startswith(b"<?xml")


def figures(network: archdsl.Network) -> list[Figure]:
    return [place(panel) for panel in panels(network.graph)]


def assert_in_order(figure: Figure) -> None:
    """No two boxes overlap, and all are inside the figure."""
    corners = []
    for placed in figure.boxes:
        width, height = placed.box.size
        x, y = placed.center
        corners.append((x - width / 2, y - height / 2, x + width / 2, y + height / 2))
        assert x - width / 2 >= -0.5 and x + width / 2 <= figure.width + 0.5
        assert y - height / 2 >= -0.5 and y + height / 2 <= figure.height + 0.5
        for line in placed.box.lines:
            assert text_width(line.text, line.size, line.bold) <= width + 0.01
    for (a, b, c, d), (e, f, g, h) in itertools.combinations(corners, 2):
        assert c <= e + 0.5 or g <= a + 0.5 or d <= f + 0.5 or h <= b + 0.5


@pytest.mark.parametrize("path", library.specs(), ids=lambda path: path.stem)
def test_the_last_network_of_every_spec_draws_in_order(path: Path) -> None:
    network = archdsl.load(path, networks(path)[-1])
    placed = figures(network)
    for figure in placed:
        assert_in_order(figure)
        assert_in_order(columns(figure, figure.height / 2.5))
    page = arrange(placed[0], placed[1:])
    assert 0.3 < page.width / page.height < 4
    frames = [(x, y, x + f.frame[0], y + f.frame[1]) for f, (x, y) in page.figures]
    for (a, b, c, d), (e, f, g, h) in itertools.combinations(frames, 2):
        assert c <= e or g <= a or d <= f or h <= b


@pytest.mark.parametrize("name", ["resnet50", "nasnetalarge", "googlenet", "densenet121", "mobilenet_v2"])
def test_boxes_of_the_rendered_page_do_not_overlap(name: str) -> None:
    """The positions that Graphviz gives back for the finished page, not those that we asked for."""
    text = draw(archdsl.load(name).graph, "dot").decode()
    laid = json.loads(engine.run(text, engine.KEEP, "json"))
    boxes = []
    for item in laid["objects"]:
        if {"pos", "width", "height"} <= item.keys() and item.get("shape") in ("box", "ellipse", "rect", "record"):
            x, y = map(float, item["pos"].split(","))
            boxes.append((x, y, 36 * float(item["width"]), 36 * float(item["height"])))
    contained = [(a, b) for a, b in itertools.permutations(boxes, 2) if _inside(a, b)]
    for a, b in itertools.combinations(boxes, 2):
        apart = abs(a[0] - b[0]) + 0.5 >= a[2] + b[2] or abs(a[1] - b[1]) + 0.5 >= a[3] + b[3]
        sheet = abs(a[0] - b[0]) < 4 and abs(a[1] - b[1]) < 4  # the second sheet behind a folded box
        assert apart or sheet or (a, b) in contained or (b, a) in contained


def _inside(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    """Whether box a lies inside box b: a panel's frame holds its boxes."""
    return abs(a[0] - b[0]) + a[2] <= b[2] + 0.5 and abs(a[1] - b[1]) + a[3] <= b[3] + 0.5


def test_hostile_text_stays_text() -> None:
    caption = 'x" ] } <script>alert(1)</script> &amp; \\n \\l ]]> \x00 \u202e'
    network = archdsl.loads("network n(x: [3, 8, 8]) = x -> conv(4, 3) -> relu -> global_avg_pool\n")
    svg = draw(network.graph, "svg", caption=caption)
    assert shorten(caption, 200) in [text.replace("\xa0", " ") for text in texts(svg)]
    assert b"<script" not in svg
    assert draw(network.graph, "dot", caption=caption).count(b"script") == 2


def test_ten_thousand_blocks_fold_within_seconds() -> None:
    text = SMALL.replace("residual(8) * 3", "residual(8) * 10000")
    start = time.process_time()
    shown = texts(draw(archdsl.loads(text).graph, "svg"))
    assert "residual × 10000" in shown
    assert time.process_time() - start < 10


def test_long_bodies_leave_their_middle_out() -> None:
    stages = " -> ".join(f"conv({8 + i}, 3)" for i in range(300))
    svg = draw(archdsl.loads(f"network long(x: [3, 8, 8]) = x -> {stages}\n").graph, "svg")
    assert any(re.search(r"\d+ more", text) for text in texts(svg))
    assert len(texts(svg)) < 400
