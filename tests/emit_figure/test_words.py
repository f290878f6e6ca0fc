"""What figures say of one op: all that tells it from others, as briefly as papers do."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import MISSING, fields, replace
from itertools import combinations

import archdsl
from archdsl.emit.figure.scene import Box, Fold, composed
from archdsl.emit.figure.scenes import scene
from archdsl.emit.figure.series import series
from archdsl.emit.figure.verify import verify
from archdsl.emit.figure.words import number, op_phrases, shape_text
from archdsl.ops import registry
from archdsl.ops.base import Op, OpError, Types, apply
from archdsl.types import TensorType

SHAPES = ((8, 9, 9), (8, 8, 8), (8, 6), (6,), (4, 6, 6, 6), (18, 6, 6), (2, 6, 6), (6, 6), (2, 3), (5, 4))
# What arguments are tried with, by the name of their kind in the documentation.
VALUES: dict[str, tuple[object, ...]] = {
    "positive int": (1, 2, 4, 8),
    "int": (0, 1, 2, -1),
    "int or \"end\"": (2, 3, "end"),
    "int or (h, w)": (1, 2, 3, (1, 3), (3, 1)),
    "int or (h, w) or \"kernel\"": (1, 2, 3, (1, 2), "kernel"),
    "int, (h, w), \"half\", \"valid\" or \"same\"": (0, 1, (0, 1), "half", "valid", "same", "auto"),
    "int or (h, w) or \"auto\"": (0, 1, "auto"),
    "int or (h, w) or \"scaled\"": (4, (4, 5), "scaled"),
    "bool": (True, False),
    "number or nested lists": ((0.5,), (0.0, 1.0), ((1.0, 2.0),), ((1.0,), (2.0,))),
    "number, \"zeros\", \"ones\", \"normal\", \"fan_in\"": (1e-6, 0.5, "zeros", "ones", "normal", "fan_in"),
    "number": (0.0, 0.5, 1.0, 2.0, 0.1234567, 0.12345678),
    "number or inf": (-math.inf, -1.0, 0.0, 1.0, 6.0, math.inf),
    "number above 0": (0.5, 1e-5, 1e-3, 1.0),
    "number from 0 to 1": (0.0, 0.25, 0.5),
    "number or (h, w)": (2, 3, 1.5, (2, 3)),
    "number above 0 or \"auto\"": (0.5, 1.0, "auto"),
    "int or float": (1, 2, 0.5),
    "list of ints": ((0, 1, 2), (1, 0, 2), (2, 1, 0), (1, 0)),
    "list of sizes": ((8, 1, 1), (6,), (4, 6), (1, 1, 8)),
    "list of sizes, one may be -1": ((-1,), (8, -1), (2, 4, -1)),
    "int or list of sizes": (2, (2, 6), (4, 4), (6, 2)),
    "int or \"spatial\"": (0, 1, "spatial"),
    "int, (h, w), ((top, bottom), (left, right)) or (before, after)": (1, (1, 0), ((1, 0), (0, 1)), ((0, 1), (1, 0))),
}  # fmt: skip


def made(op: type[Op], rng: random.Random) -> tuple[Op, Types] | None:
    """One op with random arguments and what it takes; None where they do not fit."""
    values = {}
    for field in [f for f in fields(op) if f.metadata]:
        kind = field.metadata["type"].name
        choices = VALUES.get(kind) or tuple(word.strip('"') for word in kind.split(", "))
        values[field.name] = rng.choice(choices)
    least, most = op.arity
    given = tuple(TensorType(rng.choice(SHAPES), op.takes) for _ in range(rng.randint(least, most or least + 2)))
    try:
        return apply(op(**values), given)[0], given
    except (OpError, ValueError, TypeError, ArithmeticError):
        return None


def same(a: Op, b: Op, given: Types) -> bool:
    """Whether two ops are one: equal, but that paddings may be written in several ways."""
    if type(a) is not type(b):
        return False
    differing = [f.name for f in fields(a) if repr(getattr(a, f.name)) != repr(getattr(b, f.name))]
    if not differing:
        return True
    if hasattr(a, "pads") and set(differing) <= {"padding", "count_padding"} and a.pads(given) == b.pads(given):  # type: ignore[attr-defined]
        return "count_padding" not in differing or not any(end for _, end in a.pads(given))
    return False


def test_ops_that_differ_never_read_alike() -> None:
    rng = random.Random(10)
    told: dict[tuple[Types, str], list[Op]] = {}
    for name in registry.names():
        op = registry.load(name)
        assert op is not None
        for _ in range(250 if fields(op) else 2):
            found = made(op, rng)
            if found is not None:
                known = told.setdefault((found[1], composed(op_phrases(*found))), [])
                if not any(same(found[0], other, found[1]) for other in known):
                    known.append(found[0])
    assert len(told) > 2500
    assert {text: ops for (_, text), ops in told.items() if len(ops) > 1} == {}


def test_an_argument_goes_unsaid_where_a_spec_can_leave_it_out() -> None:
    rng = random.Random(11)
    seen: Counter[bool] = Counter()
    for name in registry.names():
        op = registry.load(name)
        assert op is not None
        for found in filter(None, (made(op, rng) for _ in range(60))):
            said = {phrase.key: phrase.text for phrase in op_phrases(*found)}
            for argument in ("padding", "dilation", "groups", "eps", "momentum"):
                without = left_out(*found, argument)
                if without is not None and argument in said:
                    assert (said[argument] == "") is same(found[0], without, found[1]), found
                    seen[said[argument] == ""] += 1
    assert min(seen.values()) > 100


def left_out(op: Op, given: Types, name: str) -> Op | None:
    """The op without an argument; None where it needs that, or one of two that are left out together."""
    defaults = {f.name: f.default for f in fields(op) if f.metadata}
    default = defaults.get(name, MISSING)
    if default is MISSING or "output_padding" in defaults:
        return None
    try:
        return replace(op, **{name: default}).resolve(given)
    except OpError:
        return None


def test_every_kind_of_op_is_tried() -> None:
    rng = random.Random(1)
    tried = {name for name in registry.names() if any(made(registry.load(name), rng) for _ in range(6000))}  # type: ignore[arg-type]
    assert tried == set(registry.names())


def test_numbers_that_differ_never_read_alike() -> None:
    values = [
        0.1,
        1 / 3,
        0.3333333,
        2**0.5,
        1.414214,
        512**0.5,
        22.627417,
        1e-5,
        1e300,
        1.2345678e300,
        8**-0.5,
        0.0,
        -1.5,
    ]
    assert all(number(a) != number(b) for a, b in combinations(values, 2))
    assert [number(512**0.5), number(64**-0.5), number(0.17), number(3)] == ["√512", "0.125", "0.17", "3"]


def test_a_list_is_said_in_parts() -> None:
    assert series(["1", "1"]) == "1"
    assert series(["2", "1", "1"]) == "2, then 1"
    assert series(["2", "3"]) == "2, then 3"
    assert series(["2", "3", "4"]) == "2 to 4"
    assert series(["0.05", "0.0625", "0.075"]) == "0.05 to 0.075 by 0.0125"
    assert series(["a", "a", "b", "c", "c"]) == "a × 2, then b, then c"


def boxes(text: str, panel: int = 0) -> list[list[str]]:
    """The text of the boxes of one panel."""
    return [[line.text for line in box.lines] for box in scene(archdsl.loads(text).graph).panels[panel].sketch.boxes]


def test_arguments_are_said_as_a_paper_says_them() -> None:
    """A size stands alone, without the factor that it replaces; a number equal along all axes stands once."""
    chain = "conv(4, 3, dilation = 2) -> upsample(size = (9, 12)) -> conv_transpose(4, 4, 2) -> upsample(2)"
    shown = boxes(f"network n(x: [3, 8, 8]) = x -> {chain}")
    assert shown[1:-1] == [
        ["3×3 conv, 4, dilation 2"],
        ["upsample, 9×12"],
        ["4×4 conv transpose, 4, ×2"],
        ["upsample, ×2"],
    ]


def test_what_joins_a_list_of_one_says_so() -> None:
    for op in ("add", "mul", "mean", "concat"):
        text = f"network n(x: [3, 8, 8]) {{\n    parts = [x -> conv(4)]\n    return parts -> {op} -> relu\n}}"
        assert any(line.endswith(" of 1") for lines in boxes(text) for line in lines), op
        text = f"network n(x: [3, 8, 8]) {{\n    parts = [x, x -> conv(3)]\n    return parts -> {op} -> relu\n}}"
        assert not any(line.endswith(" of 1") for lines in boxes(text) for line in lines), op


def test_where_a_norm_comes_first_norms_stand_before_layers() -> None:
    """In chains that begin with a norm, none behind a layer leads to another one; in others it stays behind its own."""
    rng, forms = random.Random(9), [0, 0]
    for _ in range(300):
        chain = [rng.choice(("conv(8, 3)", "bn", "relu")) for _ in range(rng.randint(4, 9))]
        shown = [" ".join(lines) for lines in boxes(f"network n(x: [8, 8, 8]) = x -> {' -> '.join(chain)}")[1:-1]]
        pre = next((op for op in chain if op != "relu"), "") == "bn"
        layers = [text for text in shown if text.count("conv") == 1]  # others are a period of several
        for text in layers[:-1]:
            before, _, behind = text.partition("conv")
            forms[pre] += "BN" in (before if pre else behind)
            assert "BN" not in behind or not pre, (chain, shown)
        if layers and not pre:
            assert "BN" not in layers[0].partition("conv")[0], (chain, shown)
    assert min(forms) > 50


def test_one_word_for_depthwise_convolutions() -> None:
    shown = boxes("network n(x: [8, 8, 8]) = x -> depthwise(3) -> conv(8, 3, groups = 8) -> conv(16, 3, groups = 8)")
    assert [lines[0] for lines in shown[1:-1]] == ["3×3 depthwise", "3×3 depthwise, 8", "3×3 depthwise, 16"]


def test_a_bias_is_said_where_it_is_not_expected() -> None:
    chain = "conv(4) -> conv(4, bias = false) -> bn -> conv(4) -> bn -> linear(3)"
    shown = boxes(f"network n(x: [3, 1, 1]) = x -> {chain}")
    assert [lines[0] for lines in shown[1:-1]] == ["1×1 conv, 4", "1×1 conv, 4", "1×1 conv, 4, bias", "linear, 3"]
    silent = "x -> conv(4, bias = false) -> relu -> conv(5, bias = false) -> relu -> conv(4)"
    found = scene(archdsl.loads(f"network n(x: [3, 8, 8]) = {silent}").graph, "a caption")
    assert found.caption == "a caption · convolutions have no bias unless said"
    assert [box.lines[0].text for box in found.panels[0].sketch.boxes if box.units][-1] == "1×1 conv, 4, bias"


def test_gates_have_the_names_of_the_spec_where_they_are_sure() -> None:
    text = """
block step(x, h) {
    a, b = [x, h] -> concat -> linear(16) -> split(2) -> [sigmoid, tanh]  # in order
    c, d = (a -> split(2) -> [softmax, sigmoid])[::-1]
    e = b + h -> linear(4) -> sigmoid
    return [a, c, d, e] -> concat
}
network n(x: [8], h: [8]) = [x, h] -> step
"""
    (box,) = [box for box in scene(archdsl.loads(text).graph).panels[0].sketch.boxes if box.inside is not None]
    assert box.inside is not None
    named = {tuple(line.text for line in box.lines) for box in box.inside.boxes if box.units}
    assert {("sigmoid", "“a”"), ("tanh", "“b”"), ("linear, 4", "sigmoid", "“e”"), ("softmax",), ("sigmoid",)} <= named


def test_the_type_of_elements_is_no_part_of_a_size() -> None:
    text = "network n(x: int[{}]) = x -> embedding(10, 4)"
    assert [boxes(text.format(size))[0] for size in ("7", "7, 5")] == [["x", "7 (int)"], ["x", "7 × 5 (int)"]]
    assert shape_text(TensorType((), "bool")) == "scalar (bool)" and shape_text(TensorType((3, 4))) == "3 × 4"


def test_variants_of_integer_maps_are_told_by_their_size() -> None:
    text = (
        "block unit(x: int[_, _]) = x -> embedding(9, 4) -> linear(4) -> linear(5) if x.shape[1] == 5 "
        "else x -> embedding(9, 4) -> linear(4) -> relu -> linear(5) -> tanh -> linear(4)\n"
        "network n(x: int[3, 5], y: int[3, 6]) = [x -> unit -> flatten, y -> unit -> flatten] -> concat"
    )
    found = scene(archdsl.loads(text).graph)
    assert verify(found).differences == ()


def test_every_box_of_paths_side_by_side_says_that_it_is_in_each_of_them() -> None:
    """Behind the first one it would read as several in a row."""
    network = archdsl.load("resnext_form_a")
    network.figure_proof()
    found = scene(network.graph)
    seen = 0
    for box in (box for panel in found.panels for _, box in panel.sketch.all_boxes() if box.fold is Fold.BESIDE):
        assert "side by side" in box.said or f"in each of the {len(box.units)} paths" in box.said
        seen += "in each" in box.said
    assert seen > 1
    for place, panel in enumerate(found.panels):
        silent = replace(panel.sketch, boxes=tuple(map(_without_paths, panel.sketch.boxes)))
        if silent != panel.sketch:
            panels = (*found.panels[:place], replace(panel, sketch=silent), *found.panels[place + 1 :])
            assert any("in each of the" in text for text in verify(replace(found, panels=panels)).differences)


def _without_paths(box: Box) -> Box:
    rows = [row._replace(phrases=tuple(p for p in row.phrases if not p.text.startswith("in each"))) for row in box.rows]
    return box._replace(rows=tuple(rows))
