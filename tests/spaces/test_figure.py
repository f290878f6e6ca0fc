"""Figures of spaces: what they show of each kind of choice, that it is right, and that what is wrong is found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import archdsl
from archdsl.cli import main
from archdsl.diagnostics.model import ArchError
from archdsl.elaborate.spec import Spec
from archdsl.emit.figure.scene import Fold, Style
from archdsl.ir.chosen import Several
from archdsl.source import Source
from tests.spaces.figures import (
    DEPTH,
    EDGES,
    FORMS,
    INPUTS,
    JOIN,
    KINDS,
    LOOSE,
    MEAN,
    OPS,
    SKIPS,
    TRELLIS,
    WIDTH,
    figure,
    lines,
    panel,
    said,
    scene_of,
)

# --- what is shown


def test_options_are_one_box() -> None:
    """A line each: by what it is picked, where that says more than what it is; all take the same."""
    found = panel(OPS, 1)
    assert said(found) == [["c.y", "twice", "1×1 conv, 4, bias · BN", "id"], ["c.out", "ReLU", "SiLU"], ["+"]]
    assert [(edge.source, edge.target) for edge in found.sketch.edges] == [(0, 1), (1, 2), (1, 3), (2, 3), (3, 4)]
    assert {(box.style, box.fold) for box in found.sketch.boxes[1:3]} == {(Style.CHOICE, Fold.CHOICE)}
    assert [one.title.text for one in scene_of(figure(OPS)).panels] == ["network", "c", "twice"]


def test_options_with_many_arguments() -> None:
    """They say the number of their row, as calls do."""
    many = """
block many(x; a, b, c, d, e, f) = x -> conv(a) -> conv(b) -> conv(c) -> conv(d) -> conv(e) -> conv(f) -> conv(4)
network n(x: [4, 8, 8]) = x -> oneof([many(1, 2, 3, 4, 5, 6), many(2, 3, 4, 5, 6, 7), tanh]) -> relu
"""
    assert said(panel(many))[0] == ["out", "many; no. 1", "many; no. 2", "tanh"]


def test_inputs_that_are_chosen() -> None:
    """Edges from all that may be taken, each with its option; some of a list as so many results."""
    found = panel(INPUTS, 1)
    boxes = [lines(box) for box in found.sketch.boxes]
    left, some = boxes.index(["c.left"]), boxes.index(["c.out", "2 of 3"])
    into = {(edge.target, edge.name) for edge in found.sketch.edges if edge.chosen}
    assert into == {(left, "h"), (left, "x"), (some, "h"), (some, "x"), (some, "a")}
    assert sum(edge.source == some for edge in found.sketch.edges) == 2


def test_edges_that_need_not_be_there() -> None:
    """By a decision of two options, or in words."""
    found = panel(EDGES)
    assert ["skips", "or not"] in said(found) and ["if deep is 2 or 3"] in said(found)
    assert sum(edge.chosen for edge in found.sketch.edges) == 4


def test_options_of_several_forms() -> None:
    """One line each, with all the forms that an earlier choice may give them; below, how it does."""
    options = ["halve: as it is | 1×1 conv, 4, /2", "pool: 3×3 max pool, /1|2", "wide; stride = 1|2"]
    ahead = ["halve: 1×1 conv, 4, /2", "pool: 3×3 max pool, /2", "wide; stride = 2"]
    when = "1st|2nd: 2nd where it reads 0 or 1"
    assert said(panel(FORMS, 1))[1::2] == [["c.0.op", *ahead], ["c.1.op", *options, when]]
    boxes = {found[0]: found[1:] for found in said(panel(FORMS, 2))}
    assert boxes["d.i_j"] == ["2 of 3"] and boxes["d.left"] == ahead
    assert boxes["d.right"] == [*options, "1st|2nd: 2nd where it reads 1"]


def test_options_that_are_different_things_by_what_they_read() -> None:
    """One line each, too, where no decision is mentioned but the type of a tensor depends on one."""
    pooled = """
block pool(x) = x -> avg_pool(3, x.height // 4, count_padding = x.height > 4)
cell c(h, x) {
    i, op = oneof([h, x]), oneof([pool, upsample(size = [4, 4])])
    return i -> op
}
network n(x: [4, 8, 8]) = [x, x -> conv(4, 3, 2)] -> c -> relu
"""
    pool = "pool: 3×3 avg pool, /2 | 3×3 avg pool, no count padding"
    assert said(panel(pooled, 1))[1] == ["c.op", pool, "upsample, 4×4", "1st|2nd: 2nd where it reads x"]
    figure(pooled).figure_proof()


def test_options_that_all_depend_on_what_they_read() -> None:
    """The lines are those of the decision that was met last, not of the one that the tensor depends on."""
    joined = """
block fit(x) = x if x.channels == 4 else x -> conv(4)
block pool(x) = x -> max_pool(3, 1) -> fit
block skip(x) = x -> tanh -> fit
cell c(x) {
    y = [x -> relu, x -> conv(4, 3)] -> oneof([add, concat])
    return y -> oneof([skip, pool])
}
network n(x: [4, 8, 8]) = x -> c -> relu
"""
    found = said(panel(joined, 1))
    assert [box[0] for box in found[-2:]] == ["c.y", "c.out"]
    assert found[-1][-1] == "1st|2nd: 2nd where it reads concat"


def test_forms_that_cannot_be_told_in_short() -> None:
    """More of them than letters, or some whose numbers go up where those of others go down."""
    steps = """
cell c(x) {
    n = oneof(range(COUNT))
    size = [4, 6, 8, 10, 12][n]
    y = x -> conv(size) -> oneof([conv(CHANNELS, STRIDE), tanh])
    return y -> global_avg_pool -> conv(4)
}
network n(x: [4, 12, 12]) = x -> c -> relu
"""
    many = steps.replace("COUNT", "4").replace("CHANNELS", "size, 3").replace("STRIDE", "1")
    crossed = steps.replace("COUNT", "2").replace("CHANNELS", "size, 3").replace("STRIDE", "2 - n")
    raised = steps.replace("COUNT", "2").replace("CHANNELS", "size, 3").replace("STRIDE", "1 + n")
    assert said(panel(many, 1))[1][1:] == ["3×3 conv, 4…10", "tanh", "depends on what it reads"]
    assert said(panel(crossed, 1))[1][1:] == ["3×3 conv, 4|6, /1|2", "tanh", "depends on what it reads"]
    assert said(panel(raised, 1))[1][1:] == ["3×3 conv, 4|6, /1|2", "tanh", "1st|2nd: 2nd where it reads 1"]


def test_what_is_joined_as_is_picked() -> None:
    """It is one box for all that take it; what is done to it in two turns of a loop is not taken for one."""
    boxes = [found[0] for found in said(panel(JOIN, 2))]
    assert boxes.count("c.0.join") == boxes.count("c.1.join") == 1
    assert said(panel(JOIN))[0] == ["c, fitted × 4", "h from the one before, x from two before"]
    assert said(panel(JOIN, 1)) == [["1×1 conv, 4"], ["1×1 conv, 4"], ["c"]]


def test_what_is_left_over() -> None:
    """What is taken where nothing else takes it says so, all of it in one box; an input that is fitted first, too."""

    def conditions(source: str) -> list[list[str]]:
        return [box for box in said(panel(source, 3)) if box[0].startswith("if")]

    assert conditions(LOOSE) == [["if nothing else takes it"]]
    fitted = LOOSE.replace("return loose(inputs = true)", "return [end -> conv(8) for end in loose(inputs = true)]")
    assert conditions(fitted) == [
        ["if nothing else takes h"],
        ["if nothing else takes x"],
        ["if c.2.i is not 3, and c.2.j is not 3"],
    ]


def test_edges_that_need_not_be_there_one_by_one() -> None:
    """One box for all that one takes, from which they go on along one edge, as far as the same is said of them."""
    found = panel(SKIPS)
    boxes = [lines(box) for box in found.sketch.boxes]
    skips = [number for number, box in enumerate(boxes) if "skip" in "".join(box)]
    assert [boxes[skip] for skip in skips] == [
        ["1.0.skip", "or not"],
        *([f"{n}.*.skip", "each or not"] for n in (2, 3)),
    ]
    ends = [[edge for edge in found.sketch.edges if edge.source == box] for box in skips]
    assert [[(edge.operands, edge.name, edge.chosen) for edge in leaving] for leaving in ends] == [
        [((0,), "4", True)],
        [((0, 1), "2 × 4", True)],
        [((0, 1, 2), "3 × 4", True)],
    ]
    assert [edge.name for edge in found.sketch.edges if edge.target == skips[2]] == ["0", "1", "2"]
    one = panel(SKIPS, **{"3__1__skip": "[1]"}).sketch
    leaving = [edge for edge in one.edges if one.boxes[edge.source].lines[0].text == "3.*.skip"]
    assert [(edge.operands, edge.chosen) for edge in leaving] == [((0,), True), ((1,), False), ((2,), True)]


def test_a_mean_of_what_is_left_over() -> None:
    """The sum is one, of however many ends."""
    ends = [["if nothing else takes it"], ["+"], ["÷ 2"], ["÷ 3"], ["c.1.i, c.2.i"]]
    assert said(panel(MEAN, 1))[-5:] == ends


def test_what_depends_on_many_decisions() -> None:
    """How many they are, and of what, instead of their names; what is the same but for numbers is one line."""
    assert ["6 choices of c", "1×1 conv, 8, bias · BN", "as it is"] in said(panel(LOOSE, 2))


def test_what_is_done_to_inputs_again_and_again() -> None:
    """It is one body with the call, so that such calls are folded; not where it is done once, or others take it."""
    scene = scene_of(figure(LOOSE))
    assert [one.title.text for one in scene.panels] == ["network", "c, fitted a", "c, fitted b", "c"]
    assert said(scene.panels[0])[0] == ["c, fitted a × 2, then b × 2", "h from the one before, x from two before"]
    assert said(scene.panels[2])[::2] == [["1×1 conv, 8"], ["c"]]
    once = LOOSE.replace("range(4)", "range(1)")
    assert [one.title.text for one in scene_of(figure(once)).panels] == ["network", "c"]
    shared = LOOSE.replace("{ h, before =", "{\n fitted = before -> fit(8)\n h, before =")
    taken = shared.replace("[h -> conv(8), before -> fit(8)] -> c, h", "[h, fitted] -> c, [h, fitted] -> concat")
    assert not any("fitted" in one.title.text for one in scene_of(figure(taken)).panels)


def test_a_depth_that_is_chosen() -> None:
    """One box; what its units ask stands in the table of their panel, under the names of what they ask."""
    network, unit = (panel(DEPTH, number) for number in (0, 1))
    assert said(network)[1] == ["unit × 2, 3 or 4", "no. 1 to 4; width = 8", "by 8.x"]
    assert said(unit)[0] == ["kernel", "1: 1×1 conv, width", "3: 3×3 conv, width", "BN · ReLU"]
    assert unit.table is not None
    assert unit.table.rows[2][unit.table.head.index("kernel")] == "8.unit[2].kernel"


def test_numbers_that_follow_from_what_is_picked() -> None:
    """They are one box with all of them, and no choice of its own."""
    assert said(panel(WIDTH, 0))[0] == ["out", "8: 1×1 conv, 8", "16: 1×1 conv, 16"]
    assert said(panel(WIDTH, 1)) == [["3×3 conv, 8|16, bias", "BN"], ["1×1 conv, 8|16"]]
    steps = [["0.next, 1.next", "as it is", "3×3 conv, 8|16, /2", "up"], ["3×3 conv, 4|8|16"]]
    assert said(panel(TRELLIS))[2:4] == steps
    assert str(Several(3, 5, 7, 9)) == "3…9"


def test_the_caption(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many designs, and their costs where those are known of all."""
    assert figure(OPS).caption == "6 designs, 0 to 592 parameters, 0 to 36.9 k multiply-accumulates"
    assert figure(OPS, c__out="relu").caption.startswith("3 designs, ")
    assert figure(EDGES).caption == "6 designs, 40 parameters, 2.05 k multiply-accumulates"
    many = "network n(x: [4, 8, 8]) = x" + " -> oneof([relu, tanh])" * 20
    assert figure(many).caption == "1,048,576 designs, 0 parameters, 0 multiply-accumulates"
    monkeypatch.setattr("archdsl.spaces.figure.proven", lambda *_: None)
    assert figure(many).caption == "1,048,576 designs"


def test_picks_are_marked() -> None:
    """The option that is taken, the count, the edge; nothing where nothing is picked."""
    taken = panel(OPS, 1, c__y="id")
    assert said(taken)[:2] == [
        ["c.y", "○ twice", "○ 1×1 conv, 4, bias · BN", "● id"],
        ["c.out", "ReLU", "SiLU"],
    ]
    assert said(panel(DEPTH, 0, **{"8__x": 3}))[1][0] == "unit × 2, ● 3 or 4"
    found = panel(INPUTS, 1, c__left="x", c__out="h + a")
    into = {(lines(found.sketch.boxes[edge.target])[0], edge.name): edge.chosen for edge in found.sketch.edges}
    assert [into["c.left", name] for name in "hx"] == [True, False]
    assert [into["c.out", name] for name in "hxa"] == [False, True, False]
    taken = panel(FORMS, 1, c__1__i=3 - 1, c__1__op="halve")
    assert said(taken)[-1][1] == "● halve: as it is | ○ 1×1 conv, 4, /2"
    assert sum(edge.chosen for edge in panel(EDGES, 0, skips="[x]").sketch.edges) == 2
    assert sum(edge.chosen for edge in panel(EDGES, 0, skips="[]").sketch.edges) == 4


# --- how it is asked for


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in KINDS.items():
        (tmp_path / f"{name}.arch").write_text(text)
    return tmp_path


def run(*words: str) -> Result:
    result = CliRunner().invoke(main, ["draw", *words])
    assert isinstance(result.exception, SystemExit | None), result.exc_info
    return result


@pytest.mark.usefixtures("folder")
def test_when_a_space_is_drawn() -> None:
    """Where something is open; with `--first`, or once all is picked, it is the network."""
    assert "stroke-dasharray" in run("ops.arch", "-o", "-").stdout
    for words in (["--first"], ["--pick", "c.y=twice", "--pick", "c.out=relu"]):
        found = run("ops.arch", *words, "-o", "-")
        assert "stroke-dasharray" not in found.stdout and "choice" not in found.stdout
        assert found.stdout == archdsl.load("ops.arch", picks={"c.y": "twice"}).draw().decode()
    assert "left open by `oneof` were taken" in run("ops.arch", "--first", "-o", "-").stderr
    assert run("ops.arch", "-o", "-").stderr == ""
    assert "verified: " in run("ops.arch", "-o", "n.svg", "--verify").stderr


@pytest.mark.usefixtures("folder")
def test_every_format_has_dashes() -> None:
    assert '-.->|"h"|' in run("inputs.arch", "-o", "-", "--format", "mermaid").stdout
    assert "stroke-dasharray:3 2" in run("inputs.arch", "-o", "-", "--format", "mermaid").stdout
    assert '[style=dashed, headlabel="h"]' in run("inputs.arch", "-o", "-", "--format", "dot").stdout
    assert "dash pattern" in run("inputs.arch", "-o", "-", "--format", "tikz").stdout
    for format in ("mermaid", "dot", "tikz", "svg"):
        plain = archdsl.load("inputs.arch").draw(format=format).decode()
        assert not re.search(r"-\.->|style=dashed|dash pattern|dasharray", plain)


@pytest.mark.usefixtures("folder")
def test_what_a_space_is_not_drawn_with() -> None:
    """Colours of costs, which depend on picks; another network."""
    refused = run("ops.arch", "-o", "-", "--color", "macs")
    assert refused.exit_code == 2 and "depends on what is picked: draw with --first" in refused.stderr
    assert run("ops.arch", "-o", "-", "--color", "macs", "--first").exit_code == 0
    with pytest.raises(ValueError, match="depends on what is picked"):
        archdsl.space("ops.arch").draw(color="macs")
    with pytest.raises(ValueError, match="a space is drawn alone"):
        archdsl.space("ops.arch").draw(other=archdsl.load("ops.arch"))
    assert run("ops.arch", "inputs.arch", "-o", "-").exit_code == 0
    with pytest.raises(TypeError):
        archdsl.space("ops.arch").draw(colour="macs")


@pytest.mark.usefixtures("folder")
def test_in_python() -> None:
    """As the command draws it; equal input gives equal bytes; several input sizes are one figure."""
    found = archdsl.space("depth.arch").draw("n.svg")
    assert found.format == "svg" and Path("n.svg").read_bytes() == found == archdsl.space("depth.arch").draw()
    assert found.decode() == run("depth.arch", "-o", "-").stdout
    sizes = archdsl.space(Spec(Source("n.arch", "network n(x: [3, oneof([8, 16]), 8]) = x -> conv(4, 3, 2)")))
    assert "3 × 8|16 × 8" in sizes.draw().decode()
    other = "network n(x: [oneof([4, 8]), 8, 8]) = x -> conv(4) if x.channels > 4 else x -> relu"
    with pytest.raises(ArchError, match="another network at each of its input sizes"):
        archdsl.space(Spec(Source("n.arch", other))).draw()


CELLS = """
import std: relu_conv_bn, factorized_reduction
block sep3(x; c, stride = 1) = x -> relu -> depthwise(3, stride) -> conv(c) -> bn -> relu -> depthwise(3) -> conv(c)
block dil3(x; c, stride = 1) = x -> relu -> depthwise(3, stride, dilation = 2) -> conv(c) -> bn
block max3(x; c, stride = 1) = x -> max_pool(3, stride)
block skip(x; c, stride = 1) = x if stride == 1 else x -> relu -> factorized_reduction(c)
cell normal(h, p; c, stride = 1) {
    h = h -> relu_conv_bn(c)
    p = p -> relu_conv_bn(c) if p.height == h.height else p -> relu -> factorized_reduction(c)
    states = [h, p]
    for i in range(3) {
        ins = someof(range(len(states)), 2)
        nodes = [states[j] -> oneof([sep3, dil3, max3, skip])(c, stride if j < 2 else 1) for j in ins]
        states = states + [nodes -> add]
    }
    return states[2:] -> concat
}
cell reduction = normal(stride = 2)
network n(x: [3, 32, 32]) {
    x = x -> conv(16, 3) -> bn
    h, p = x, x
    for c, kind in [(16, normal), (32, reduction), (32, normal), (64, reduction), (64, normal)] {
        h, p = [h, p] -> kind(c), h
    }
    return h -> global_avg_pool -> linear(10)
}
"""


def test_cells_that_have_room_side_by_side_are_not_cut() -> None:
    """Where nobody gave a width, two wide cells stand whole beside each other: no wire ends at a letter."""
    drawn, _ = figure(CELLS).figure("svg", block="normal")
    assert ">normal a<" in drawn.decode() and ">normal b<" in drawn.decode()
    assert not re.search(r">[A-Z]<", drawn.decode())
