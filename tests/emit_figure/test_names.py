"""Names of operands stand by their own arrows, and results of open boxes need none."""

from __future__ import annotations

from collections.abc import Iterator

import archdsl
from archdsl.diagnostics.model import Diagnostics
from archdsl.emit.figure import compose
from archdsl.emit.figure.look import look
from archdsl.emit.figure.measure import text_width
from archdsl.emit.figure.placed import Flow, PlacedSketch, Placer
from archdsl.emit.figure.scene import SMALL, Outline, Sketch
from archdsl.ir.graph import Graph
from tests.emit_figure.nested_specs import nested_spec
from tests.emit_figure.test_verify import random_networks

_ZOO = ("dla34", "googlenet", "nasnet_mobile", "fractalnet40", "resnext50_32x4d", "nonlocal5_dot_resnet50")
_ARROW = 2.0  # how much nearer a name stands to its own wire, in points


def graphs() -> Iterator[Graph]:
    yield from (archdsl.load(name).graph for name in _ZOO)
    yield from random_networks(range(700, 730))
    yield from (archdsl.loads(nested_spec(seed)).graph for seed in range(300, 330))


def sketches(graph: Graph, depth: int) -> Iterator[Sketch]:
    for panel in compose(graph, look(depth=depth), Diagnostics()).panels:
        yield panel.sketch


def all_placed(placed: PlacedSketch) -> Iterator[PlacedSketch]:
    yield placed
    for nested in placed.nested.values():
        yield from all_placed(nested.placed)


def test_a_name_is_nearer_to_its_own_arrow_than_to_any_other() -> None:
    """Right between two arrows it could be that of either."""
    seen = 0
    for graph in graphs():
        for sketch in (one for depth in (0, 1) for one in sketches(graph, depth)):
            for placed in all_placed(Placer(Flow.DOWN).place(sketch)):
                ends = {stroke.edge: stroke.points[-1] for stroke in placed.strokes}
                for edge, ((name,), (x, _)) in placed.heads.items():
                    half = text_width(name, SMALL) / 2
                    target = placed.sketch.edges[edge].target
                    if placed.sketch.boxes[target].shape is Outline.CIRCLE:
                        continue  # met from its sides
                    away = {
                        i: abs(end[0] - x) - half for i, end in ends.items() if placed.sketch.edges[i].target == target
                    }
                    own = away.pop(edge)
                    if away:
                        assert own + _ARROW < min(away.values()), (graph.name, name, own, away)
                        seen += 1
    assert seen > 300


def test_no_result_of_an_open_box_is_told_by_number() -> None:
    """Its wire goes on from where the one inside ends; a number would read as that of the panel's own outputs."""
    opened = closed = 0
    for graph in graphs():
        for sketch in sketches(graph, 2):
            for placed in all_placed(Placer(Flow.DOWN).place(sketch)):
                for edge in placed.sketch.edges:
                    box = placed.sketch.boxes[edge.source]
                    told = edge.label.startswith("output ")
                    closed += told
                    if box.inside is not None and box.outs:
                        assert not told
                        opened += 1
    assert opened > 100
    assert closed > 20


STAGES = """
block unit(x; out = 8) = x -> conv(out, 3) -> relu -> conv(out, 3)
network whole(x: [8, 6, 6]) = x -> unit -> (unit(16) * 3) as "one" -> (unit(8) * 2) as "two" -> conv(8)
network partial(x: [8, 6, 6]) {
    x = x -> unit -> (conv(8) -> unit(8) * 3) as "one"
    return x -> (unit(16) -> conv(8) -> unit(8) * 2) as "two"
}
network counted(x: [8, 6, 6]) {
    one = x -> unit(8) as "left" -> conv(8) -> unit(8) as "left_1"
    return one + (x -> unit(8) as "right")
}
"""


def labels(sketch: Sketch) -> list[str]:
    return [p.text for box in sketch.boxes for row in box.rows for p in row.phrases if p.key == "stage" and p.text]


def test_a_stage_is_named_where_its_name_stands_on_all_of_it_and_no_name_is_left_of_several_counted_ones() -> None:
    told = {"whole": ["“one”", "“two”"], "partial": [], "counted": ["“right”"]}
    for name, wanted in told.items():
        network = archdsl.loads(STAGES, name)
        network.figure_proof()
        assert labels(compose(network.graph, look(), Diagnostics()).panels[0].sketch) == wanted, name
    assert labels(compose(archdsl.load("resnet34").graph, look(), Diagnostics()).panels[0].sketch) == [
        f"“layer{i}”" for i in (1, 2, 3, 4)
    ]


def test_the_calls_of_a_cell_are_not_called_as_the_sums_that_they_lead_to() -> None:
    for name in ("darts_v2_cifar", "nasnet_mobile"):
        panels = compose(archdsl.load(name).graph, look(), Diagnostics()).panels
        cells = [panel.sketch for panel in panels if panel.sketch.graph.kind == "cell"]
        assert cells and not any(map(labels, cells))
