"""`archdsl draw` and `Network.draw`: every form and option, equal bytes, hostile text, and what is refused."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

import archdsl
from archdsl.cli import main
from archdsl.diagnostics.model import Diagnostics
from archdsl.emit.figure import compose, short
from archdsl.emit.figure.look import THEMES, look
from archdsl.emit.figure.scene import Sketch, Style
from archdsl.emit.figure.words import STYLES
from archdsl.emit.marks.palettes import PALETTES
from archdsl.ops.base import Kind

SVG = "{http://www.w3.org/2000/svg}"
SMALL = """
block residual(x; width, stride = 1) {
    y = x -> conv(width, 3, stride) -> bn -> relu -> conv(width, 3) -> bn
    shortcut = x if stride == 1 and x.channels == width else x -> conv(width, 1, stride)
    return y + shortcut -> relu
}
network small(x: [3, 32, 32]) = x -> residual(8) * 3 -> residual(16, 2) -> residual(16) * 4 -> global_avg_pool -> linear(10)
"""  # noqa: E501
MAGIC = {"svg": b"<svg", "pdf": b"%PDF", "png": b"\x89PNG", "tikz": b"% small"}
MAGIC |= {"dot": b"digraph", "mermaid": b"flowchart"}


def texts(svg: bytes) -> list[str]:
    """All text of a picture that is seen, in order."""
    return ["".join(node.itertext()) for node in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("form", MAGIC)
def test_forms(form: str) -> None:
    picture = archdsl.loads(SMALL).draw(format=form)
    assert picture.startswith(MAGIC[form]) and len(picture) > 1000
    assert picture == archdsl.loads(SMALL).draw(format=form)


def test_a_figure_says_the_name_and_what_the_network_costs() -> None:
    network = archdsl.loads(SMALL)
    shown = texts(network.draw())
    assert shown[0] == "small"
    assert f"{short(network.params)} parameters, {short(network.macs)} multiply-accumulates" in shown
    assert {"residual a", "residual b", "3×3 conv, width, bias", "linear, 10"} <= set(shown)


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (999, "999"), (1000, "1.00 k"), (25_557_032, "25.6 M"), (4_089_184_256, "4.09 G"), (999_999, "1.00 M")],
)
def test_counts_are_short(count: int, text: str) -> None:
    assert short(count) == text


def run(*words: str) -> tuple[int, str]:
    """Exit code and stderr of `archdsl draw - …` on the small network."""
    done = CliRunner().invoke(main, ["draw", "-", *words], input=SMALL)
    return done.exit_code, done.stderr


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--width", "1in"], 1, "the smallest print is"),
        (["--width", "0.2in"], 2, "too narrow"),
        (["--width", "wide"], 2, "is no width: write 5.5in"),
        (["--block", "residul"], 1, "did you mean residual?"),
        (["--block", "residual c"], 1, "did you mean residual b?"),
        (["--block", "x"], 1, "there are residual, residual a, residual b"),
        (["--inline", "residual a"], 1, "did you mean residual?"),
        (["--color", "heat"], 2, "heat"),
        (["--theme", "blue"], 2, "blue"),
        (["--format", "gif"], 2, "gif"),
        (["--depth", "-1"], 2, "depth"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    words: list[str], code: int, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.svg"
    assert run("-o", str(path), *words)[0] == code
    assert told in run("-o", str(path), *words)[1]
    assert not list(tmp_path.iterdir())


def test_a_block_alone_is_its_panel() -> None:
    shown = texts(archdsl.loads(SMALL).draw(block="residual"))
    assert "residual" in shown and "network" not in shown and "linear, 10" not in shown
    both = texts(archdsl.load("densenet121").draw(block=["transition", "dense_layer"]))
    assert both.index("transition") < both.index("dense_layer") and "network" not in both


@pytest.mark.parametrize("name", ["nasnetalarge", "ghostnet_100"])
def test_a_variant_alone_is_the_panel_of_its_title(name: str) -> None:
    network = archdsl.load(name)
    titles = [panel.title.text for panel in compose(network.graph, look(), Diagnostics()).panels[1:]]
    assert sum(" " in title for title in titles) > 1
    for title in titles:
        alone = compose(network.graph, look(block=title), Diagnostics())
        assert [panel.title.text for panel in alone.panels] == [title]
        assert "bodies of" in network.figure_proof(block=title)
    last = titles[-1].split(" ")[0]
    assert network.draw(block=[titles[-1], last, titles[0]]) == network.draw(block=[last, titles[0]])
    with pytest.raises(KeyError) as caught:
        network.draw(block="?")
    assert set(titles) <= set(str(caught.value).partition("there are ")[2].split(", "))


@pytest.mark.parametrize("options", [{}, {"depth": 1}, {"width": "3.5in"}])
def test_the_network_alone_is_its_panel(options: dict[str, Any]) -> None:
    network = archdsl.load("resnet50")
    for name in ("network", "resnet50"):
        (panel,) = compose(network.graph, look(block=name, **options), Diagnostics()).panels
        assert panel.title.name == "network"
        assert "of 1 body" in network.figure_proof(block=name, **options)
    both = compose(network.graph, look(block=["bottleneck a", "network"], **options), Diagnostics())
    assert [panel.title.text for panel in both.panels] == ["bottleneck a", "network"]


def test_a_variant_in_two_networks_is_the_panel_of_its_title() -> None:
    old, new = archdsl.load("resnet18"), archdsl.load("resnet34")
    for title, other in (("basic a", "basic b"), ("basic b", "basic a")):
        shown = texts(old.draw(other=new, block=title))
        assert shown.count(title) == 2 and other not in shown and shown.count("network") == 1  # in the table above


def test_of_what_has_no_blocks_it_is_said() -> None:
    plain = archdsl.loads("network n(x: [3, 8, 8]) = x -> conv(4)")
    for other in (None, plain):
        with pytest.raises(KeyError, match="there is no block called nn; there are no blocks here"):
            plain.draw(block="nn", other=other)


def test_shares_of_the_cost_stand_in_the_boxes() -> None:
    shown = texts(archdsl.loads(SMALL).draw(color="macs"))
    assert "share of multiply-accumulates" in shown
    assert sum(re.fullmatch(r"[\d.]+ %", text) is not None for text in shown) > 5
    assert archdsl.loads(SMALL).draw(color="macs") != archdsl.loads(SMALL).draw(color="params")


def test_long_names_are_shortened_and_found() -> None:
    name = "b" * 200
    text = f"block {name}(x) = x -> conv(8, 3) -> relu -> conv(8, 3)\nnetwork n(x: [8, 8, 8]) = x -> {name} * 2"
    network = archdsl.loads(text)
    assert network.figure_proof(width="3.5in").endswith("each edge leads from its box to its box")
    shown = texts(network.draw(block=name))
    assert any("…" in text for text in shown) and "× 2" in shown


def test_of_threads_each_gets_its_own_figure() -> None:
    networks = [archdsl.loads(SMALL), archdsl.load("squeezenet1_0")]
    wanted = [network.draw(width="5.5in") for network in networks]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda i: networks[i % 2].draw(width="5.5in"), range(8))) == wanted * 4


def test_a_wrapper_drawn_alone_shows_all_its_bodies() -> None:
    text = "block w(x; k) = x -> conv(8, k) -> bn -> relu\n"
    network = archdsl.loads(text + "network n(x: [8, 6, 6]) = x -> w(3) -> sigmoid -> w(5) -> tanh -> w(1)")
    shown = texts(network.draw(block="w"))
    assert shown[shown.index("w") :][:2] == ["w", "× 3"]
    assert [text for text in shown[shown.index("k") + 1 :] if text.isdigit()] == ["3", "5", "1"]


def test_depth_opens_levels() -> None:
    """A recursive block opens once for each level."""
    text = "block u(x; n) = x -> relu -> conv(8, 3) -> (u(n - 1) if n > 1 else id) -> conv(8, 3)\n"
    network = archdsl.loads(text + "network n(x: [8, 6, 6]) = x -> relu -> u(5)")
    for depth in range(7):
        inside = compose(network.graph, look(depth=depth), Diagnostics()).panels[0].sketch
        levels = 0
        while (found := next((box.inside for box in inside.boxes if box.inside is not None), None)) is not None:
            inside, levels = found, levels + 1
        assert levels == min(depth, 5)


@pytest.mark.parametrize(("ending", "format"), [("tex", "tikz"), ("mmd", "mermaid"), ("gv", "dot"), ("SVG", "svg")])
def test_endings_that_tools_expect(tmp_path: Path, ending: str, format: str) -> None:
    network, path = archdsl.loads(SMALL), tmp_path / f"net.{ending}"
    network.draw(path)
    assert path.read_bytes() == network.draw(format=format)
    result = CliRunner().invoke(main, ["draw", "squeezenet1_0", "-o", str(path)])
    assert result.exit_code == 0 and path.read_bytes() == archdsl.load("squeezenet1_0").draw(format=format)


@pytest.mark.parametrize(
    ("ending", "instead"),
    [
        ("md", "```mermaid"),
        ("svgz", "gzip"),
        ("html", "archdsl view"),
        ("eps", "a pdf"),
        ("jpg", "a png"),
        ("x", "svg"),
    ],
)
@pytest.mark.parametrize("command", ["draw", "plot"])
def test_other_endings_are_told_what_would_do(tmp_path: Path, command: str, ending: str, instead: str) -> None:
    result = CliRunner().invoke(main, [command, "squeezenet1_0", "-o", str(tmp_path / f"net.{ending}")])
    assert (result.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert "unknown-format" in result.stderr and instead in result.stderr


@pytest.mark.parametrize(("format", "told"), [("svg", True), ("png", True), ("pdf", False), ("tikz", False)])
def test_pages_in_one_picture_are_told(format: str, told: bool) -> None:
    network, other = archdsl.load("transformer_base"), archdsl.load("transformer_base", d=256)
    for second in (None, other):
        codes = [item.code for item in network.figure(format, second, width="3.5in")[1]]
        assert ("several-pages" in codes) is told
        assert "several-pages" not in [item.code for item in network.figure(format, second)[1]]


def drawn(found: Sketch) -> set[Style]:
    """The styles of all boxes of a sketch, open ones and those inside of them."""
    return {box.style for box in found.boxes}.union(*(drawn(box.inside) for box in found.boxes if box.inside))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("name", "depth"), [("transformer_base", 0), ("shufflenet_v1_g3", 2), ("fcn_resnet50", 0)])
def test_the_legend_lists_what_is_drawn(name: str, depth: int, theme: str) -> None:
    """Each style once, also those that boxes have only inside of open ones; in print those of one grey together."""
    network = archdsl.load(name)
    panels = compose(network.graph, look(depth=depth), Diagnostics()).panels
    used = set().union(*(drawn(panel.sketch) for panel in panels)) - {Style.PORT}
    swatches = {PALETTES[theme][f"{style.name.lower()}.fill"] for style in used}
    legend = texts(network.draw(depth=depth, theme=theme))[-len(swatches) :]
    assert sorted(", ".join(legend).split(", ")) == sorted(", ".join(used).split(", "))


def test_every_kind_of_op_has_a_style() -> None:
    assert STYLES.keys() == set(Kind)


def open_boxes(sketch: Sketch) -> Iterator[str]:
    """The blocks that are drawn in place in a sketch, deep down."""
    for box in sketch.boxes:
        if box.inside is not None:
            yield box.inside.graph.name
            yield from open_boxes(box.inside)


def test_a_level_is_counted_from_the_network() -> None:
    """A block that the network and another block call is open at the first place alone; all variants are."""
    text = """
    block a(x) = x -> conv(8, 3) -> relu -> conv(8, 3)
    block b(x) = x -> a -> relu -> a
    network n(x: [8, 6, 6]) = x -> a -> b -> relu -> b * 2
    """
    graph = archdsl.loads(textwrap.dedent(text)).graph
    for depth, opened in ((0, []), (1, ["a", "b", "b", "b"]), (2, ["a", "b", "a", "a", "b", "a", "a", "b", "a", "a"])):
        odd = Diagnostics()
        found = compose(graph, look(depth=depth), odd)
        assert list(open_boxes(found.panels[0].sketch)) == opened and not odd
        assert [name for panel in found.panels[1:] for name in open_boxes(panel.sketch)] == []
    found = compose(archdsl.load("shufflenet_v1_g3").graph, look(depth=1), Diagnostics())
    assert len(list(open_boxes(found.panels[0].sketch))) == 16


def test_what_is_not_opened_is_told() -> None:
    text = """
    block c(x, h: [8]) = [x, h] -> concat -> linear(8) -> tanh
    block b(x) = x -> linear(8) -> relu -> linear(8)
    network n(x: [5, 8]) = x -> b -> b -> relu -> scan(c) -> b
    """
    network = archdsl.loads(textwrap.dedent(text))
    scanned = {"the block c is not opened everywhere: it is applied to each element of a sequence"}
    several = {"the block b is not opened everywhere: a box stands for several calls of it"}
    both = {"inline": "b", "depth": 1}
    for options, told in (({"depth": 2}, scanned), ({"inline": "b"}, several), (both, scanned), ({}, set())):
        assert {item.message for item in network.figure("svg", **options)[1]} == told, options


def test_depth_opens_what_all_instances_of_a_block_call() -> None:
    """Instances of one panel call bodies of their own: one level opens all of them, or none is shown as one."""
    for name, block in (("shufflenet_v1_g3", "basic_unit"), ("shufflenet_v2_x1_0", "down_unit")):
        network = archdsl.load(name)
        assert network.draw(block=block, depth=1) == network.draw(block=block, inline="work")


@pytest.mark.parametrize(("count", "told"), [(3_900, False), (4_100, True)])
def test_a_body_of_more_boxes_than_anybody_could_read_is_told_line_by_line(count: int, told: bool) -> None:
    """And so it says; a body of fewer boxes is drawn, without a word about opening what nobody opened."""
    text = f"network n(x: [8, 4, 4]) {{\n    for i in range({count}) {{ x = x -> conv(8 + i % 7) }}\n    return x\n}}"
    network, odd = archdsl.loads(text), Diagnostics()
    found = compose(network.graph, look(), odd)
    assert bool(found.panels[0].words) == told
    assert [one.message for one in odd] == ["network has 4,102 boxes in one body: they are told line by line"] * told
    assert not told or network.figure_proof().endswith("of 1 body; 1 of 1 panels are told line by line")
