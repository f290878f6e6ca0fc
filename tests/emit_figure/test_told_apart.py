"""Specs of different networks have figures that say different things: pairs that once were drawn alike."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

import archdsl
from archdsl.emit.figure.scene import BoxRow, Scene, Sketch
from archdsl.emit.figure.scenes import scene
from archdsl.emit.figure.verify import verify

SPLIT = "network n(x: [8, 6, 6]) = (x -> {}"
TWO = """
block two(x) {{
    a = x -> conv(3, 3) -> relu -> conv(3, 3)
    b = a -> conv(3, 3) -> tanh
    return a, b
}}
network n(x: [8, 6, 6]) {{
    a, b = x -> two
    return {}
}}
"""
CELL = """
block gru(x, {}) {{
    a = (x -> linear(4)) + h -> tanh
    b = (a -> linear(4)) * c
    return {}
}}
network n(xs: [20, 8]) = xs -> scan(gru)
"""

LONG_B, LONG_C = "a" * 40 + "b" + "a" * 40, "a" * 40 + "c" + "a" * 40
LONG_BLOCKS = f"""
block {LONG_B}(x) = x -> conv(8, 3) -> relu -> conv(8, 3) -> sigmoid
block {LONG_C}(x) = x -> conv(8, 3) -> conv(8, 5) -> bn -> tanh
network n(x: [8, 6, 6]) = x -> {{}} -> relu -> {{}} -> tanh -> {LONG_B}
"""
LONG_SHARED = f"""
network n(x: [8, 6, 6]) {{{{
    shared {LONG_B} = conv(8, 3)
    shared {LONG_C} = conv(8, 3)
    return x -> {{}} -> relu -> {{}} -> tanh -> {LONG_B} -> sigmoid -> {LONG_C}
}}}}
"""
HC, CH = "h: [4], c: [4]", "c: [4], h: [4]"  # states in either order

PAIRS = {
    "split in two": (SPLIT.format("split(2))[0] -> conv(3)"), SPLIT.format("split(2))[1] -> conv(3)")),
    "two of three": (
        SPLIT.format("split([2, 2, 4]))[0:2] -> add"),
        "network n(x: [8, 6, 6]) { a, b, c = x -> split([2, 2, 4])\n return a + (c -> conv(2)) }",
    ),
    "an output of a split": (SPLIT.format("split(2))[0]"), SPLIT.format("split(2))[1]")),
    "unbind": (
        "network n(x: [3, 6, 6]) = (x -> unbind)[0] -> linear(3)",
        "network n(x: [3, 6, 6]) = (x -> unbind)[2] -> linear(3)",
    ),
    "an output of a block": (TWO.format("a"), TWO.format("b")),
    "outputs of a block": (TWO.format("a, b"), TWO.format("b, a")),
    "states": (CELL.format(HC, "a + b, b"), CELL.format(CH, "a + b, b")),
    "states and an output": (CELL.format(HC, "a, a * b, b"), CELL.format(CH, "a, a * b, b")),
    "long names of blocks": (LONG_BLOCKS.format(LONG_B, LONG_C), LONG_BLOCKS.format(LONG_C, LONG_B)),
    "long names of weights": (LONG_SHARED.format(LONG_B, LONG_C), LONG_SHARED.format(LONG_C, LONG_B)),
}


def said(sketch: Sketch) -> Iterator[object]:
    """What a reader sees of boxes and edges."""
    for box in sketch.boxes:
        yield [line.text for line in box.lines]
        if box.inside is not None:
            yield list(said(box.inside))
    is_open = [box.inside is not None for box in sketch.boxes]  # where the wire then begins is seen
    yield [(e.source, e.target, e.name, e.label, e.output if is_open[e.source] else 0) for e in sketch.edges]


def read(found: Scene) -> list[object]:
    """All text of a figure, and between which boxes its edges go."""
    return [(p.title, list(said(p.sketch)), p.table, p.words) for p in found.panels]


@pytest.mark.parametrize("name", PAIRS)
def test_networks_that_differ_have_figures_that_differ(name: str) -> None:
    figures = [scene(archdsl.loads(text).graph) for text in PAIRS[name]]
    assert [verify(found).differences for found in figures] == [(), ()]
    assert read(figures[0]) != read(figures[1])


def test_blocks_of_one_name_from_several_files_say_their_file(tmp_path: Path) -> None:
    for file, body in {"a": "conv(8, 5) -> relu", "b": "conv(8, 7) -> relu", "sub/a": "conv(8, 3) -> tanh"}.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / f"{file}.arch").write_text(f"block unit(x) = x -> conv(8, 3) -> {body}\n")
    figures = []
    for turns in ("pqpqr", "pqqpr", "rqqpp", "pqpq", "pqqp"):
        chain = " -> tanh -> ".join(f"{one}.unit" for one in turns)
        text = f"import a as p\nimport b as q\nimport sub.a as r\nnetwork n(x: [8, 6, 6]) = x -> {chain}\n"
        (tmp_path / "m.arch").write_text(text)
        graph = archdsl.load(tmp_path / "m.arch").graph
        found = scene(graph)
        assert verify(found).differences == ()
        names = {panel.title.name for panel in found.panels[1:]}
        assert names == {f"unit ({file}.arch)" for file in ("a", "b", "sub/a")[: len({*turns})]}
        assert all(verify(scene(graph, depth=depth)).differences == () for depth in (0, 1))
        figures.append(read(found))
    assert all(a != b for a, b in combinations(figures, 2))


def test_a_name_that_two_blocks_have_is_a_fault() -> None:
    """The proof sees titles as readers do: it finds a title that is another block's."""
    found = scene(archdsl.loads(LONG_BLOCKS.format(LONG_B, LONG_C)).graph)
    one, other = found.panels[1:]
    for name in (other.title.name, "", one.title.name + " x", LONG_B):
        panels = (found.panels[0], replace(one, title=replace(one.title, name=name)), other)
        assert verify(replace(found, panels=panels)).differences, name


def remarks(text: str) -> list[str]:
    return [panel.title.remarks[0] for panel in scene(archdsl.loads(text).graph).panels[1:]]


KINDS = """
block unit(x; k) {{
    if k in {} {{ return x -> conv(8, 3) -> relu -> conv(8, 3) }}
    return x -> conv(8, 3) -> bn -> tanh -> conv(8, 3) -> conv(8, 5)
}}
network n(x: [8, 6, 6]) = x -> {} -> relu
"""


@pytest.mark.parametrize("values", [("(1, 3)", "(1, 5)", "(2, 2)"), ('"a b"', '"a d"', '"b"'), ("1", "3", "5")])
def test_values_that_select_a_variant_are_said_whole(values: tuple[str, str, str]) -> None:
    calls = " -> tanh -> ".join(f"unit({value})" for value in values)
    a, b, c = (value.strip('"') for value in values)
    assert remarks(KINDS.format(f"[{values[0]}, {values[1]}]", calls)) == [f"k = {a} or {b}", f"k = {c}"]


ODD = ('"a"', '"b"', '"a or b"', '"a, b"', '"k = a"', '"a in"', "(1, 3)", "((1, 3), 3)", "3", "1", "true")


def test_conditions_of_odd_values_are_true_or_not_said() -> None:
    rng = random.Random(8)
    for _ in range(40):
        values = rng.sample(ODD, 5)
        calls = " -> tanh -> ".join(f"unit({value})" for value in values)
        kinds = KINDS.replace("k in {}", " or ".join(f"k == {value}" for value in values[: rng.randint(1, 4)]))
        assert verify(scene(archdsl.loads(kinds.format(calls)).graph)).differences == (), values


def test_parts_that_take_turns_may_share_weights_of_several_names() -> None:
    text = """
block v(x) {
    shared f = conv(8, 3)
    return x -> f -> tanh -> f
}
network n(x: [8, 6, 6]) {
    shared f = conv(8, 3)
    shared g = conv(8, 5)
    return x -> f -> tanh -> g -> v -> f -> tanh -> g -> v -> f -> v -> f -> v
}
"""
    assert verify(scene(archdsl.loads(text).graph)).differences == ()


def test_a_text_that_reads_as_a_word_of_the_table_is_quoted() -> None:
    """`kind = c` beside a column `c` would be the value of that column."""
    text = (
        "block inner(x; kind) = x -> conv(8, 3) -> relu -> conv(8) if kind in [{0}] else x -> conv(8) -> conv(8, 3)\n"
        "block unit(x; {1}) = x -> conv({1}, 3) -> inner({2}) -> inner({2}) -> tanh -> inner({3})\n"
        "network n(x: [8, 6, 6]) = x -> unit(8) -> tanh -> unit(9) -> tanh -> inner({3}) -> inner({2})"
    )
    for name in ("c", "width"):
        for first, second in ((name, "other"), ("other", name), ("a", "b")):
            given = f'"{first}"', f'"{second}"'
            found = scene(archdsl.loads(text.format(given[0], name, *given)).graph)
            assert verify(found).differences == ()
            (unit,) = (panel for panel in found.panels if panel.title.name == "unit")
            lines = [line.text for box in unit.sketch.boxes for line in box.lines if "kind" in line.text]
            assert lines == [f'kind = "{value}"' if value == name else f"kind = {value}" for value in (first, second)]
            bare = [box._replace(rows=tuple(map(unquoted, box.rows))) for box in unit.sketch.boxes]
            spoilt = replace(unit, sketch=replace(unit.sketch, boxes=tuple(bare)))
            panels = tuple(spoilt if panel is unit else panel for panel in found.panels)
            assert bool(verify(replace(found, panels=panels)).differences) == (name in (first, second))


def unquoted(row: BoxRow) -> BoxRow:
    return row._replace(phrases=tuple(phrase._replace(text=phrase.text.replace('"', "")) for phrase in row.phrases))
