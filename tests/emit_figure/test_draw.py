"""Pictures: what they show, that nothing overlaps, and that no text of a spec becomes markup."""

from __future__ import annotations

import itertools
import json
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import archdsl
from archdsl import library
from archdsl.emit.figure import draw, engine
from archdsl.emit.figure.compose import panels
from archdsl.emit.figure.layout import Figure, columns, place
from archdsl.emit.figure.measure import shorten, text_width
from archdsl.emit.figure.page import arrange
from archdsl.emit.figure.scene import Box
from archdsl.network import networks
from tests.work import work

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
    assert shown[shown.index("residual") + 1] == "× 8"  # the title of its panel
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
    return place(panels(network.graph))


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
    laid = json.loads(engine.run([(text, engine.KEEP, "json")])[0])
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


def test_thousands_of_blocks_fold_with_work_in_proportion() -> None:
    few, many = (archdsl.loads(SMALL.replace("residual(8) * 3", f"residual(8) * {n}")).graph for n in (200, 2000))
    assert "residual × 2000" in texts(draw(many, "svg"))
    assert work(lambda: panels(many)) < 11 * work(lambda: panels(few))


def test_long_bodies_leave_their_middle_out() -> None:
    stages = " -> ".join(f"conv({8 + i}, 3)" for i in range(300))
    svg = draw(archdsl.loads(f"network long(x: [3, 8, 8]) = x -> {stages}\n").graph, "svg")
    assert any(re.search(r"\d+ more", text) for text in texts(svg))
    assert len(texts(svg)) < 400


def boxes(text: str, panel: int = 0) -> list[Box]:
    """The boxes of one panel of a network."""
    return list(panels(archdsl.loads(text).graph)[panel].boxes)


def said(box: Box) -> list[str]:
    return [line.text for line in box.lines]


def test_a_layer_takes_its_norm_and_activation_along() -> None:
    chain = "conv(8, 3) -> bn -> relu -> max_pool(2) -> bn -> relu -> conv(8) -> bn -> relu -> conv(4)"
    shown = [said(box) for box in boxes(f"network n(x: [3, 8, 8]) = x -> {chain}\n")]
    assert shown[1:-1] == [
        ["3×3 conv, 8", "BN · ReLU"],
        ["2×2 max pool, /2"],
        ["BN · ReLU", "1×1 conv, 8"],  # pre-activation: what follows belongs to the next layer
        ["BN · ReLU", "1×1 conv, 4"],
    ]


def test_equal_branches_are_drawn_once() -> None:
    text = "network n(x: [8, 8, 8]) = x -> [conv(4) -> relu -> conv(8) for _ in range(32)] -> add -> relu\n"
    shown = [said(box) for box in boxes(text)]
    assert shown[1:4] == [["1×1 conv, 4", "ReLU", "32 side by side"], ["1×1 conv, 8", "32 side by side"], ["+"]]
    figure = panels(archdsl.loads(text).graph)[0]
    assert len(figure.edges) == len(figure.boxes) - 1


def test_a_tapped_member_ends_its_run() -> None:
    text = """
block unit(x) = x -> conv(8, 3) -> relu -> conv(8, 3)
network n(x: [8, 8, 8]) {
    a = x -> unit * 3
    b = a -> unit * 4
    return a + b
}
"""
    assert [said(box)[0] for box in boxes(text)][1:3] == ["unit × 3", "unit × 4"]


def test_a_run_takes_nothing_new_from_outside() -> None:
    """Two products in a row, each with another factor, are not one product twice."""
    text = """
network n(x: [8, 8]) {
    a, b = x -> [relu, sigmoid]
    return [[x, a] -> matmul, b] -> matmul
}
"""
    assert [said(box) for box in boxes(text)].count(["matmul"]) == 2


def test_stages_that_take_turns_are_one_box() -> None:
    text = """
block a(x) = x -> conv(8, 3) -> relu -> conv(8, 3)
block b(x) = x -> max_pool(3, 1) -> conv(8)
network n(x: [8, 8, 8]) = x -> (a -> b) * 5
"""
    assert said(boxes(text)[1]) == ["a", "b", "× 5"]


def test_parts_that_some_instances_lack_are_dashed() -> None:
    dashed = [said(box) for box in boxes(SMALL, 1) if box.dashed]
    assert dashed == [["1×1 conv, 16, /2"]]


def test_what_stands_elsewhere_in_the_same_place_is_named() -> None:
    text = """
block half(x) = x -> [max_pool(2), avg_pool(2)] -> concat -> conv(8)
block fit(x; down) = x -> half if down else x -> relu -> conv(8)
block unit(x; down) = x -> fit(down) -> relu -> conv(8, 3) -> tanh -> conv(8, 3)
network n(x: [8, 8, 8]) = x -> unit(true) -> unit(false)
"""
    assert said(boxes(text, 1)[1]) == ["half", "or conv"]


def test_text_is_measured_wide_enough() -> None:
    """Graphviz's own measure of every text of real pictures, in the font of this machine, is not above ours."""
    lines = {line for name in ("resnet50", "nasnetalarge", "inception_v3") for figure in figures(archdsl.load(name))
             for placed in figure.boxes for line in placed.box.lines}  # fmt: skip
    ordered = sorted(lines, key=lambda line: (line.text, line.size))
    nodes = [
        f'"{i}" [label="{line.text}", fontsize={line.size}, fontname="Helvetica{"-Bold" if line.bold else ""}"]'
        for i, line in enumerate(ordered)
    ]
    laid = json.loads(
        engine.run([("digraph { node [shape=plain, margin=0] " + "\n".join(nodes) + "}", "dot", "json")])[0]
    )
    assert len(laid["objects"]) == len(ordered) > 50
    for item in laid["objects"]:
        line = ordered[int(item["name"])]
        # A screen's pixel grid stretches small text by a few hundredths; the padding of a box holds that.
        assert 72 * float(item["width"]) <= 1.05 * text_width(line.text, line.size, line.bold) + 1, line


HOSTILE = 'a"] \\\\N \\\\l <b>&lt; | } ]]>'


def test_hostile_arguments_stay_text() -> None:
    text = f"""
block unit(x; note) = x -> conv(8, 3) -> relu -> conv(8, 3)
network n(x: [8, 8, 8]) = x -> unit("{HOSTILE.replace('"', "")}") -> unit("]]> </text><script>")
"""
    network = archdsl.loads(text)
    for format in MAGIC:
        assert draw(network.graph, format).startswith(MAGIC[format])
    shown = "\n".join(texts(draw(network.graph, "svg"))).replace("\xa0", " ")
    assert "</text><script>" in shown
    assert "a] \\N \\l <b>&lt; | } ]]>" in shown


def test_the_dot_program_stands_in_for_pygraphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def pipe(layout: str, format: str, data: bytes, **options: object) -> bytes:
        asked.append((layout, format, options.get("neato_no_op")))
        monkeypatch.undo()  # let the real one answer, as the program would
        (answer,) = engine.run([(data.decode(), engine.KEEP if "neato_no_op" in options else layout, format)])
        take_away()
        return answer

    def take_away() -> None:
        monkeypatch.setitem(sys.modules, "pygraphviz", None)
        monkeypatch.setattr(engine.graphviz, "pipe", pipe)

    network = archdsl.loads(SMALL)
    expected = draw(network.graph, "svg")
    take_away()
    assert draw(network.graph, "svg") == expected
    assert asked == [("dot", "json", None), ("dot", "json", None), ("neato", "svg", 2)]


def test_arguments_are_said_as_a_paper_says_them() -> None:
    """A size stands alone, without the factor that it replaces; a number equal along all axes stands once."""
    chain = "conv(4, 3, dilation = 2) -> upsample(size = (9, 12)) -> conv_transpose(4, 4, 2)"
    shown = texts(draw(archdsl.loads(f"network n(x: [3, 8, 8]) = x -> {chain}").graph, "svg"))
    assert {"3×3 conv, 4, dilation 2", "upsample, 9×12", "4×4 conv transpose, 4, ×2"} <= set(shown)


def test_a_scan_is_one_box_that_says_its_steps() -> None:
    text = """arch 1
block rnn(x, h: [8], k: [8]) = [x, h, k] -> concat -> linear(8) -> tanh, k
network n(x: [35, 8]) = x -> scan(rnn)"""
    assert [said(box) for box in boxes(text)] == [["x", "35 × 8"], ["rnn", "↻ 35 steps"], ["35 × 8"]]
    small = "arch 1\nblock add_up(x, h: [8]) = x + h\nnetwork n(x: [35, 8]) = x -> scan(add_up)"
    assert ["add_up", "↻ 35 steps"] in [said(box) for box in boxes(small)]
