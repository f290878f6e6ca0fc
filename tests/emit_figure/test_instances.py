"""Bodies of one block are one variant where they are the same boxes, however widths repeat, and come in order."""

from __future__ import annotations

import random
from typing import Any

import pytest

import archdsl
from archdsl.diagnostics.model import Diagnostics
from archdsl.emit.figure import compose
from archdsl.emit.figure.look import look
from archdsl.emit.figure.scene import Panel
from archdsl.emit.figure.scenes import scene
from archdsl.emit.figure.shares import shares
from archdsl.emit.figure.verify import verify
from archdsl.emit.figure.where import where
from archdsl.emit.figure.words import value_text
from archdsl.ir.graph import Graph


def panels(text: str) -> list[Panel]:
    return list(scene(archdsl.loads(text).graph).panels[1:])


@pytest.mark.parametrize(
    ("body", "arguments"),
    [
        ("x -> conv(c, (1, 7)) -> conv(c, (7, 1)) -> conv(c, (1, 7)) -> conv(8, (7, 1))", ["4", "6", "8"]),  # turns
        ("x -> conv(c, 3) -> conv(8, 3)", ["4", "8"]),  # a run
        ("[x -> conv(c, 3), x -> conv(8, 3), x -> conv(8, 3)] -> concat", ["4", "8"]),  # branches side by side
    ],
)
def test_what_repeats_in_one_body_alone_makes_no_variant(body: str, arguments: list[str]) -> None:
    calls = "\n".join(f"    y = y -> unit({c}) -> conv(8)" for c in arguments)
    found = panels(f"block unit(x; c) = {body}\nnetwork net(x: [8, 32, 32]) {{\n    y = x\n{calls}\n    return y\n}}")
    assert [(panel.title.variant, len(panel.instances)) for panel in found] == [("", len(arguments))]
    assert all(len(box.units) < 2 for box in found[0].sketch.boxes)


def test_what_repeats_in_all_of_them_stays_folded() -> None:
    (stage,) = panels(
        "block stage(x; c) = x -> conv(c, 1) -> conv(c, 3) * 4\n"
        "network net(x: [8, 32, 32]) = x -> stage(4) -> conv(8) -> stage(8) -> linear(1)"
    )
    assert len(stage.instances) == 2
    assert [len(box.units) for box in stage.sketch.boxes if box.units] == [1, 4]


def applied(graph: Graph) -> list[int]:
    """All bodies as they are applied, by running through the calls."""
    found = []
    for _, _, callee in graph.calls:
        found += [id(callee), *applied(callee)]
    return found


@pytest.mark.parametrize("name", ["squeezenet_simple_bypass", "fractalnet40", "transformer", "xception", "dla60"])
def test_instances_come_as_the_network_has_them(name: str) -> None:
    graph = archdsl.load(name).graph
    order = {body: -number for number, body in enumerate(reversed(applied(graph)))}
    for panel in scene(graph).panels[1:]:
        places = [order[id(instance.graph)] for instance in panel.instances]
        assert places == sorted(places), panel.title


def test_a_value_that_a_call_is_given_is_called_as_its_argument() -> None:
    found = panels(
        "block gate(x; squeezed) = x -> conv(squeezed, 1) -> conv(8, 1)\n"
        "block unit(x; c) = x -> conv(c, 3) -> gate(max(c // 4, 3)) -> conv(8, 3)\n"
        "network net(x: [8, 32, 32]) = x -> unit(64) -> unit(128) -> unit(8)"
    )
    unit = next(panel for panel in found if panel.title.name == "unit")
    assert unit.table is not None and "squeezed" in unit.table.head
    place = unit.table.head.index("squeezed")
    assert [row[place] for row in unit.table.rows] == ["16", "32", "3"]
    assert any(line.text == "squeezed" for box in unit.sketch.boxes for line in box.lines)
    taken = panels(
        "block gate(x; c) = x -> conv(c, 1) -> conv(8, 1)\n"
        "block unit(x; c) = x -> conv(c, 3) -> gate(max(c // 4, 3)) -> conv(8, 3)\n"
        "network net(x: [8, 32, 32]) = x -> unit(64) -> unit(128) -> unit(8)"
    )
    unit = next(panel for panel in taken if panel.title.name == "unit")
    assert unit.table is not None and len(set(unit.table.head)) == len(unit.table.head)
    assert {"64", "128", "8"} == {row[unit.table.head.index("c")] for row in unit.table.rows}


@pytest.mark.parametrize("options", [{"depth": 3}, {"inline": "columns"}])
def test_a_block_that_calls_itself_is_opened_in_itself(options: dict[str, Any]) -> None:
    network = archdsl.load("fractalnet40")
    (panel,) = compose(network.graph, look(block="columns a", **options), Diagnostics()).panels
    boxes = [box for _, box in panel.sketch.all_boxes()]
    assert sum(box.inside is not None for box in boxes) == 6  # one column less twice, each of which has two
    assert not any(box.callees for box in boxes if box.inside is None)
    assert "of columns" in network.figure_proof(block="columns a", **options)


def test_a_run_of_several_variants_counts_each() -> None:
    heads = [box.lines[0].text for box in scene(archdsl.load("resnet34").graph).panels[0].sketch.boxes]
    assert [head for head in heads if head.startswith("basic")] == [
        "basic a × 3",
        "basic b, then a × 3",
        "basic b, then a × 5",
        "basic b, then a × 2",
    ]


@pytest.mark.parametrize(
    ("body", "uses"),
    [
        ("x -> f -> f -> f", "× 3 with 1 set of weights"),
        ("x -> unit -> unit -> unit", "× 3"),
        ("x -> f -> f -> unit", "× 3 with 2 sets of weights"),
        ("x -> unit -> f", "× 2"),
        ("x -> unit -> f -> f", "× 3 with 2 sets of weights"),
        ("x -> twice -> max_pool(2) -> twice", "× 4 with 2 sets of weights"),
    ],
)
def test_a_title_says_how_many_sets_of_weights_there_are(body: str, uses: str) -> None:
    text = (
        "block unit(x) = x -> conv(8, 3) -> conv(8, 1) -> conv(8, 3) -> relu\n"
        "block twice(x) {\n    shared g = unit\n    return x -> g -> relu -> g\n}\n"
        f"network net(x: [8, 32, 32]) {{\n    shared f = unit\n    return {body}\n}}"
    )
    titles = {panel.title.name: panel.title.uses for panel in panels(text)}
    assert titles["unit"] == uses


def test_figures_of_blocks_alone_say_whose_numbers_they_give() -> None:
    graph = archdsl.load("resnet50").graph
    assert compose(graph, look(block="bottleneck"), Diagnostics()).caption.startswith(
        "whole network: 25.6 M parameters"
    )
    assert compose(graph, look(), Diagnostics()).caption.startswith("25.6 M parameters")


def test_a_table_has_no_column_that_its_panel_does_not_need() -> None:
    heads = {
        panel.title.text: panel.table.head
        for panel in scene(archdsl.load("efficientnet_b0").graph).panels
        if panel.table
    }
    assert "drop" not in heads["mbconv b"] and "drop" in heads["mbconv c"]


OWN = ("where", "output", "C")  # what figures call columns and channels of their own


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize(
    "unit",
    [
        "(x; {0}) = x -> conv(8, {0}) -> conv(8)",
        "(x; {0}) = x -> conv(8, 3) -> conv({0})",
        "(x; {0}) = x -> conv({0}, 3) -> relu -> conv(2 * {0}) -> conv(x.channels)",
        "(x; {0}) = x -> conv(8, 3) -> relu -> inner({0} + 2) -> conv({0})",
        "({0}; k) = {0} -> conv(8, k) -> conv(8)",
        "({0}; k) = {0} -> conv(8, 3) -> conv(k)",
        "({0}; k) = {0} -> conv({0}.channels, 3) -> conv(k, 3) -> sigmoid",
        "(x; k) = x -> conv(8, 3) -> inner(k * 3 + 1) -> conv(x.channels)",
        "({0}; k) = [{0} -> conv(k), {0} -> conv({0}.channels, 3)] -> concat -> inner(k + 5) -> conv(8)",
    ],
)
def test_names_that_a_table_has_itself_stand_for_one_thing(unit: str, name: str) -> None:
    """A column with the name of an argument or an input has its values, and no other one is called so."""
    block = f"block inner(x; {name}) = x -> conv({name}, 3) -> relu -> conv(8)\nblock unit{unit.format(name)}\n"
    alike = "unit(1) -> conv(8) -> unit(3) -> conv(8) -> unit(5)"  # in what they take
    for calls in (
        alike,
        "unit(1) -> unit(3) -> conv(7) -> unit(5)",
        "unit(8) -> conv(16) -> unit(9) -> conv(24) -> unit(12)",
    ):
        network = archdsl.loads(f"{block}network net(x: [8, 8, 8]) = x -> {calls}")
        network.figure_proof()
        seen = 0
        for panel in scene(network.graph).panels[1:]:
            head = panel.table.head if panel.table else ()
            seen += len(head)
            first = panel.instances[0].graph
            own = name in dict(first.arguments) or name in first.input_names
            assert len(set(head)) == len(head)
            if panel.table and own and name in head:
                known = {str(dict(one.graph.arguments).get(name)) for one in panel.instances}
                shapes = {" × ".join(map(str, one.graph.inputs[0].shape)) for one in panel.instances}
                column = head.index(name)
                assert {row[column] for row in panel.table.rows} <= (shapes if name in first.input_names else known)
        assert seen


def test_text_that_reads_as_more_is_quoted() -> None:
    assert [value_text(text) for text in ("same", "conv(3) -> relu", "", " a", "silu; k = 3")] == [
        "same",
        "conv(3) -> relu",
        '""',
        '" a"',
        '"silu; k = 3"',
    ]


OPENED = """
block b(a) = a -> conv(8) -> relu -> conv(8, 3)
block w(a) = a -> b * 2 -> conv(8)
block outer(a) = a -> inner
block inner(a) = a -> conv(8) -> relu -> conv(8)
block rec(a; d = 2) {
    y = a -> conv(8, 3) -> relu -> conv(8)
    if d > 0 { y = y -> rec(d - 1) -> tanh -> rec(0) }
    return y + a
}
block normed(a) = a -> conv(8) -> relu -> bn -> conv(8) -> sigmoid
network beside(x: [8, 8, 8]) {
    shared f = b
    return x -> b -> conv(8) -> f -> f
}
network within(x: [8, 8, 8]) {
    shared g = w
    return x -> g -> relu -> g -> tanh -> b
}
network single(x: [8, 8, 8]) = x -> outer
network again(x: [8, 8, 8]) = x -> rec(1) -> gelu -> rec(2)
network many(x: [8, 8, 8]) {
    shared f = b
    return x -> f * 50 -> conv(8) -> b -> w
}
network eps(x: [8, 8, 8]) = x -> normed -> conv(8) -> bn(eps = 0.001)
"""


@pytest.mark.parametrize(
    ("name", "options", "uses"),
    [
        ("beside", {"inline": "b"}, ["× 2 with 1 set of weights"]),  # the third is open
        ("beside", {}, ["× 3 with 2 sets of weights"]),
        ("within", {"depth": 1}, ["× 4 with 2 sets of weights"]),
        ("single", {"block": "outer"}, [""]),
        ("again", {"block": "rec"}, ["× 3", "× 5"]),
        ("again", {"block": "rec", "depth": 1}, ["× 2", "", "× 5"]),  # of a block alone all are counted, open or not
    ],
)
def test_what_is_drawn_open_is_no_use_of_a_panel(name: str, options: dict[str, Any], uses: list[str]) -> None:
    network = archdsl.loads(OPENED, name)
    network.figure_proof(**options)
    found = compose(network.graph, look(**options), Diagnostics())
    assert sorted(panel.title.uses for panel in found.panels if panel.title.name != "network") == sorted(uses)


def test_shares_of_opened_boxes_and_of_panels_add_up() -> None:
    network = archdsl.loads(OPENED, "beside")
    found = compose(network.graph, look(inline="b", color="macs"), Diagnostics())
    skeleton, panel = shares(found, "macs")
    open_box = next(path for path, box in enumerate(found.panels[0].sketch.boxes) if box.inside is not None)
    inside = sum(share for path, share in skeleton.items() if len(path) > 1)
    assert inside == pytest.approx(skeleton[open_box,])
    assert sum(panel.values()) == pytest.approx(2 * inside)
    assert sum(share for path, share in skeleton.items() if len(path) == 1) == pytest.approx(1)


def test_places_are_those_of_modules_however_often_they_are_used() -> None:
    (panel, *_) = [p for p in scene(archdsl.loads(OPENED, "many").graph).panels if p.title.name == "b"]
    assert panel.instances[0].uses == 53 and panel.instances[0].modules == 4
    assert where(panel.instances[0].paths, 4) == "f, b, w.b, w.b_1"


def test_settings_are_those_of_opened_boxes_too() -> None:
    graph = archdsl.loads(OPENED, "eps").graph
    for options in ({}, {"depth": 1}):
        found = compose(graph, look(**options), Diagnostics())
        assert "eps" not in found.caption
        boxes = [box for panel in found.panels for _, box in panel.sketch.all_boxes()]
        assert ["eps" in box.said for box in boxes if "BN" in box.said].count(True) == 1


RUNS = """
block unit(x; kind) {{
    if kind == "b" {{ return x -> conv(8, 3) -> relu -> conv(8, 3) }}
    return x + (x -> conv(8, 3) -> conv(8, 3))
}}
block stage(x; kinds) {{
    for kind in kinds {{ x = x -> unit(kind) }}
    return x -> conv(8)
}}
network net(x: [8, 6, 6]) = x -> {}
"""


def test_runs_of_a_table_say_how_many_there_are_of_each_variant() -> None:
    """As a reader counts: `a × 2, then b` are three calls, whether a box says so or a row for its word."""
    rng = random.Random(4)
    seen = 0
    for _ in range(30):
        runs = [rng.choice("ab") * rng.randint(1, 4) + rng.choice("ab") * rng.randint(1, 4) for _ in range(4)]
        calls = [f"stage([{', '.join(f'{kind!r}' for kind in run)}])".replace("'", '"') for run in runs]
        found = scene(archdsl.loads(RUNS.format(" -> relu -> ".join(calls))).graph)
        assert verify(found).differences == ()
        units = [panel for panel in found.panels if panel.title.name == "unit"]
        letters = {str(dict(panel.instances[0].graph.arguments)["kind"]): panel.title.variant for panel in units}
        read: set[str] = set()
        for panel in found.panels:
            text = next((said for box in panel.sketch.boxes if box.callees and "unit" in (said := box.said)), "")
            words = text.partition(" kind")[0].split()[1:]
            rows = [dict(zip(panel.table.head, row, strict=True)) for row in panel.table.rows] if panel.table else [{}]
            lines = [" ".join(word if word == "×" else row.get(word, word) for word in words) for row in rows]
            read.update(map(calls_read, lines) if text else ())
            seen += "v" in words
        assert read == {"".join(letters[kind] or "-" for kind in run) for run in runs}, runs
    assert seen > 20


def calls_read(text: str) -> str:
    """The letters of the calls that a text counts, one after the other, `-` where there is but one variant."""
    made = ""
    for part in text.split(", then "):
        letter, joint, count = part.rpartition("× ")
        made += (letter.strip() or "-") * int(count) if joint else part or "-"
    return made
