"""Columns take the room that was measured before they were drawn, and few of those measured are drawn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import archdsl
from archdsl.diagnostics.model import Diagnostics
from archdsl.emit.figure import draw, side_by_side
from archdsl.emit.figure.cuts import Cutter
from archdsl.emit.figure.look import look
from archdsl.emit.figure.placed import Flow, PlacedSketch, Placer, text_size, turned
from archdsl.emit.figure.reading import read_figure
from archdsl.emit.figure.scenes import scene
from archdsl.emit.figure.side_by_side import TAG, columns, tag_letters
from archdsl.ir.graph import Graph
from tests.emit_figure.dense import dense, skipping
from tests.emit_figure.random_specs import random_spec


def graphs() -> Iterator[Graph]:
    yield archdsl.load("inception_v3").graph
    yield archdsl.loads(dense(12)).graph
    for seed in range(4):
        yield archdsl.loads(skipping(40, seed)).graph
        yield archdsl.loads(random_spec(seed)).graph


def places(drawn: PlacedSketch) -> Iterator[tuple[float, float]]:
    """The corners of all that is drawn."""
    for number, (x, y) in drawn.corners.items():
        yield x, y
        yield x + drawn.sizes[number][0], y + drawn.sizes[number][1]
    for stroke in drawn.strokes:
        yield from stroke.points
    for lines, (x, y) in (*drawn.labels.values(), *drawn.heads.values()):
        half = turned(text_size(lines), drawn.flow)[0] / 2
        yield x - half, y
        yield x + half, y
    for _, (x, y) in drawn.tags:
        yield x - TAG, y - TAG
        yield x + TAG, y + TAG


@pytest.mark.parametrize("flow", [Flow.DOWN, Flow.RIGHT])
def test_columns_take_what_was_measured(flow: Flow) -> None:
    tried = 0
    for graph in graphs():
        for panel in scene(graph).panels:
            placed = Placer(flow).place(panel.sketch)
            cutter = Cutter(placed)
            for limit in (150.0, 400.0):
                cut = cutter.parts(limit, 2 * limit)
                known: dict[tuple[int, int, int], str] = {}
                for group in (cut, cut[:1], cut[1:3]):
                    if group:
                        made = columns(placed, group, tag_letters(placed.sketch), known)
                        drawn = made.draw()
                        xs, ys = zip(*places(drawn), strict=True)
                        assert min(xs) == pytest.approx(0.0) and max(xs) == pytest.approx(made.width)
                        assert min(ys) >= -1e-6 and max(ys) <= made.height + 1e-6
                        assert (drawn.width, drawn.height) == (made.width, made.height)
                        assert made.jumps == len(group) - 1 + len(drawn.tags) // 2
                        tried += len(group)
    assert tried > 100


def test_every_edge_is_whole_in_all_parts_together() -> None:
    """Its pieces are as high as its wire, and one of them arrives."""
    for graph in graphs():
        for panel in scene(graph).panels:
            placed = Placer(Flow.DOWN).place(panel.sketch)
            cut = Cutter(placed).parts(150.0, 300.0)
            found: dict[int, list[float]] = {stroke.edge: [] for stroke in placed.strokes}
            arrive = []
            for part in cut:
                drawn = columns(placed, [part], iter(lambda: "", None), {}).draw()
                rows = {tuple(tag.spot) for tag in drawn.tags}
                for stroke in drawn.strokes:
                    (x, y), (u, v) = stroke.points[0], stroke.points[-1]
                    if not {(x, y - TAG), (u, v + TAG)} & rows:
                        found[stroke.edge].append(v - y)
                        arrive += [stroke.edge] * stroke.arrives
            for stroke in placed.strokes:
                assert sum(found[stroke.edge]) == pytest.approx(stroke.points[-1][1] - stroke.points[0][1])
            assert sorted(arrive) == sorted(stroke.edge for stroke in placed.strokes if stroke.arrives)


def test_what_is_only_measured_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    measured: list[int] = []
    drawing, column = side_by_side._PartsDrawer.drawn, side_by_side._MovedPart

    def drawn(self: object, made_of: list[object], *size: float) -> PlacedSketch:
        made.append(len(made_of))
        return drawing(self, made_of, *size)  # type: ignore[arg-type]

    monkeypatch.setattr(side_by_side._PartsDrawer, "drawn", drawn)
    monkeypatch.setattr(side_by_side, "_MovedPart", lambda *given: measured.append(1) or column(*given))
    draw(archdsl.loads(skipping(120, 0)).graph, "svg", look(), Diagnostics())
    assert len(made) == 1 and len(measured) > 10 * made[0]


def test_no_tag_is_a_name_of_its_panel() -> None:
    """Letters of interrupted wires are none that an input, a block, an operand or the network is called by."""
    told = set()
    for seed in range(6):
        chain = skipping(40, seed).replace("x1 -> relu", "[x1, x0] -> B(8)").replace("conv(8, 3)\n", "A(8)\n")
        head, *body = chain.split("\n")
        assert head == "network net(x: [3, 32, 32]) {"
        text = "block A(x; D) = x -> conv(D, 3) -> relu -> conv(D, 3)\nblock B(x, C; E) = [x, C] -> add -> conv(E, 3)\n"
        body[0] = "    x0 = F -> conv(8, 3)"
        network = archdsl.loads(text + "network G(F: [3, 32, 32]) {\n" + "\n".join(body))
        for width in ("3.5in", "5.5in"):
            figure = read_figure(network.figure("svg", width=width)[0])
            told |= {text for tags in figure.tags.values() for _, text in tags}
    assert not told & set("ABCFG") and len(told) > 4
