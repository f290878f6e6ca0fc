"""What is marked between two scenes: every op that an edit touches, in each box that stands for it, and no more."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import archdsl
from archdsl.analysis.compare import compare
from archdsl.emit.comparison import text
from archdsl.emit.figure.marking import NEW, OLD, Marks, Sign, differing, marked
from archdsl.emit.figure.pairs import _note
from archdsl.emit.figure.scene import Scene, Style
from archdsl.emit.figure.scenes import scene
from archdsl.emit.titles import titles
from archdsl.ir.graph import Graph
from tests.analysis.random_graphs import graphs
from tests.few import few

OPS = ("conv(8, 3)", "conv(8, 1)", "bn", "relu", "silu", "max_pool(3, 1)", "conv(8, 3, groups = 8)")


@dataclass(frozen=True)
class Line:
    """One op with its module's name, which no other op of the body has."""

    name: str
    op: str


Bodies = dict[str, list[Line]]  # by block


def spec(bodies: Bodies, uses: list[str]) -> str:
    text = ""
    for name, lines in bodies.items():
        steps = "".join(f"    y = y -> {line.op} as {line.name}\n" for line in lines)
        text += f"block {name}(x) {{\n    y = x -> conv(8, 3) as first\n{steps}    return x + y\n}}\n"
    calls = "".join(f"    y = y -> {name}() as u{number}\n" for number, name in enumerate(uses))
    stem, head = "    y = x -> conv(8, 7) as stem\n", "    return y -> linear(5) as head\n"
    return f"{text}network n(x: [8, 9, 9]) {{\n{stem}{calls}{head}}}\n"


@st.composite
def edits(draw: st.DrawFn) -> tuple[Bodies, Bodies, list[str], dict[str, dict[str, Sign]]]:
    """Blocks, the same after some lines changed, who is called, and what became of which line of which block."""
    names = [f"part{i}" for i in range(draw(st.integers(1, 3)))]
    old: Bodies = {}
    new: Bodies = {}
    truth: dict[str, dict[str, Sign]] = {}
    for name in names:
        ops = draw(st.lists(st.sampled_from(OPS), min_size=4, max_size=8))
        old[name] = [Line(f"m{i}", op) for i, op in enumerate(ops)]
        new[name], truth[name] = [], {}
        for line in old[name]:
            what = draw(st.sampled_from(["", "", "", "", "", "remove", "change", "insert"]))
            if what == "remove":
                truth[name][line.name] = Sign.REMOVED
                continue
            if what == "change" and line.op.startswith("conv"):
                truth[name][line.name] = Sign.CHANGED
                line = Line(line.name, "conv(8, 5)")
            new[name].append(line)
            if what == "insert":
                truth[name][f"{line.name}_more"] = Sign.ADDED
                new[name].append(Line(f"{line.name}_more", draw(st.sampled_from(["gelu", "avg_pool(3, 1)", "mish"]))))
    uses = draw(st.lists(st.sampled_from(names), min_size=1, max_size=4))
    return old, new, uses, truth


def labels(found: Scene, marks: list[Marks]) -> dict[tuple[str, str], set[Sign]]:
    """The signs of the boxes that stand for a module, by block and module."""
    signs: dict[tuple[str, str], set[Sign]] = {}
    for panel, known in zip(found.panels, marks, strict=True):
        for number, box in enumerate(panel.sketch.boxes):
            for path in box.origin.paths if box.origin else ():
                name = panel.sketch.graph.name
                signs.setdefault((name, path), set()).add(known[(number,)].sign)
    return signs


@given(edits())
@settings(max_examples=few(50), deadline=None, suppress_health_check=list(HealthCheck))
def test_every_edit_is_marked_and_nothing_else(
    made: tuple[Bodies, Bodies, list[str], dict[str, dict[str, Sign]]],
) -> None:
    old_lines, new_lines, uses, truth = made
    old = scene(archdsl.loads(spec(old_lines, uses)).graph)
    new = scene(archdsl.loads(spec(new_lines, uses)).graph)
    both = marked(old, new)
    edited = {name for name in uses if truth[name]}
    for side, (found, marks) in enumerate(zip((old, new), both, strict=True)):
        signs = labels(found, marks)
        for panel, known in zip(found.panels, marks, strict=True):
            body = panel.sketch.graph
            touched = set(truth.get(body.name, {}))
            for number, box in enumerate(panel.sketch.boxes):
                sign = known[(number,)].sign
                paths = [p for p in (box.origin.paths if box.origin else ()) if p]
                if body.kind == "network":
                    called = {call.name for call in box.callees if call is not None}
                    assert (sign is Sign.CHANGED) == bool(called & edited), (box.lines, sign)
                    continue
                here = [truth[body.name].get(path, Sign.SAME) for path in paths]
                if not touched:
                    assert sign is Sign.SAME
                elif any(one is not Sign.SAME for one in here):
                    assert sign is (here[0] if len(set(here)) == 1 and here[0] is not Sign.SAME else Sign.CHANGED)
                elif sign is not Sign.SAME:  # then its partner's box holds an op that was added or removed
                    assert sign is Sign.CHANGED
                    assert partner_changed(paths, truth[body.name], labels((new, old)[side], both[1 - side]), body.name)
        for name in edited:
            for module, sign in truth[name].items():
                if sign is not (Sign.ADDED if side == OLD else Sign.REMOVED):
                    assert signs[name, module] - {Sign.SAME}, (name, module)


def partner_changed(
    paths: list[str], truth: dict[str, Sign], there: dict[tuple[str, str], set[Sign]], block: str
) -> bool:
    return any(Sign.CHANGED in there.get((block, path), ()) for path in paths)


@pytest.mark.parametrize(
    "name", ["resnet50", "nasnetalarge", "lstm_lm_medium", "efficientnet_b0", "googlenet", "shufflenet_v1_g3"]
)
def test_equal_networks_have_no_marks(name: str) -> None:
    one, other = (scene(archdsl.load(name).graph) for _ in range(2))
    for found, marks in zip((one, other), marked(one, other), strict=True):
        assert differing(found.panels, marks) == [False] * len(found.panels)


@given(graphs())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_random_network_does_not_differ_from_itself(graph: Graph) -> None:
    found = scene(graph)
    for marks in marked(found, found):
        assert not any(differing(found.panels, marks))


@given(graphs(), graphs())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_two_networks_are_marked(one: Graph, other: Graph) -> None:
    old, new = scene(one), scene(other)
    found = marked(old, new)
    for side, (drawn, marks) in enumerate(zip((old, new), found, strict=True)):
        assert [
            set(known) >= {(i,) for i in range(len(panel.sketch.boxes))}
            for panel, known in zip(drawn.panels, marks, strict=True)
        ]
        gone = {NEW: Sign.REMOVED, OLD: Sign.ADDED}[side]
        assert all(mark.sign is not gone for known in marks for mark in known.values())


def test_size_alone_marks_nothing_and_classes_mark_the_classifier() -> None:
    base = scene(archdsl.load("resnet50").graph)
    smaller = scene(archdsl.load("resnet50", input=(3, 160, 160)).graph)
    assert not any(any(differing(base.panels, marks)) for marks in marked(base, smaller))
    other = scene(archdsl.load("resnet50", classes=10).graph)
    _, new = marked(base, other)
    assert differing(other.panels, new) == [True, *[False] * (len(other.panels) - 1)]
    (box,) = [other.panels[0].sketch.boxes[path[0]] for path, mark in new[0].items() if mark.sign is not Sign.SAME]
    assert box.origin is not None and box.origin.paths[-1] == "fc"


def test_another_operand_is_a_change_and_another_output_marks_its_port() -> None:
    text = """
network n(x: [8, 9, 9]) {
    a = x -> conv(8, 3) as first
    b = a -> conv(8, 3) as second
    c = OPERAND + b -> relu -> conv(8, 3) as third
    return RESULT
}
"""
    one, two, three = (
        scene(archdsl.loads(text.replace("OPERAND", operand).replace("RESULT", result)).graph)
        for operand, result in (("a", "b, c"), ("x", "b, c"), ("a", "c, b"))
    )
    for found, marks in zip((one, two), marked(one, two), strict=True):
        signs = {
            " ".join(line.text for line in box.lines): mark
            for box, mark in zip(found.panels[0].sketch.boxes, marks[0].values(), strict=True)
        }
        assert [text for text, mark in signs.items() if mark.sign is not Sign.SAME] == ["+"]
        assert signs["+"].notes == ("reads x, second instead of first, second",)
    _, marks = marked(one, three)
    changed = [three.panels[0].sketch.boxes[path[0]] for path, mark in marks[0].items() if mark.sign is Sign.CHANGED]
    assert [box.port for box in changed] == [0, 1] or [box.port for box in changed] == [1, 0]


def test_known_pairs() -> None:
    """A deeper network repeats a block more often; a gate makes no other block of one; others are others."""
    old, new = scene(archdsl.load("resnet50").graph), scene(archdsl.load("resnet101").graph)
    for found, marks in zip((old, new), marked(old, new), strict=True):
        assert differing(found.panels, marks) == [True] + [False] * (len(found.panels) - 1)
        (changed,) = [mark for mark in marks[0].values() if mark.sign is not Sign.SAME]
        assert changed.sign is Sign.CHANGED and changed.notes == ("17 × bottleneck added",)
    old, new = scene(archdsl.load("resnet50").graph), scene(archdsl.load("se_resnet50").graph)
    before, after = marked(old, new)
    gates = {
        (mark.sign, tuple(callee.name for callee in panel.sketch.boxes[path[0]].callees if callee))
        for panel, known in zip(new.panels[1:3], after[1:3], strict=True)
        for path, mark in known.items()
        if mark.sign is Sign.ADDED
    }
    assert gates == {(Sign.ADDED, ("se",))}
    assert all(mark.sign is not Sign.REMOVED for known in before[1:] for mark in known.values())
    old, new = scene(archdsl.load("googlenet").graph), scene(archdsl.load("resnet18").graph)
    before, after = marked(old, new)
    for found, marks, gone in ((old, before, Sign.REMOVED), (new, after, Sign.ADDED)):
        for panel, known in zip(found.panels[1:], marks[1:], strict=True):
            assert all(
                known[(number,)].sign is (Sign.SAME if box.style is Style.PORT else gone)
                for number, box in enumerate(panel.sketch.boxes)
            )


def test_what_is_removed_in_some_places_is_removed_and_says_so() -> None:
    """A gate that one stage loses: the box of the block that stays in use is marked as removed, on page and figure."""
    text = """
block se(x) = x * (x -> global_avg_pool -> conv(8) -> sigmoid)
block unit(x; gate) {
    y = x -> conv(8, 3) as first -> relu
    y = y -> se() as gated if gate else y
    return x + y -> conv(8, 3) as last
}
network n(x: [8, 9, 9]) = x -> unit(true) -> unit(true) -> max_pool(2) -> unit(GATE) -> unit(GATE)
"""
    old, new = (archdsl.loads(text.replace("GATE", gate)).graph for gate in ("true", "false"))
    before, after = marked(scene(old), scene(new))
    signs = [
        (panel.sketch.boxes[path[0]].callees[0].name, mark.sign, mark.notes)  # type: ignore[union-attr]
        for panel, known in zip(scene(old).panels, before, strict=True)
        for path, mark in known.items()
        if panel.sketch.graph.name == "unit" and mark.sign is not Sign.SAME and panel.sketch.boxes[path[0]].callees
    ]
    assert signs == [("se", Sign.REMOVED, ("in some places",))]
    assert {mark.sign for known in after[1:] for mark in known.values()} == {Sign.SAME}


def test_networks_of_one_name_are_called_by_what_tells_them_apart() -> None:
    text = "network n(x: [3, 8, 8]; width = 2) = x -> conv(width, 3)"
    one, wide, large = archdsl.loads(text), archdsl.loads(text, width=4), archdsl.loads(text, input=(3, 9, 9))
    assert titles(one.graph, wide.graph) == ("n(width = 2)", "n(width = 4)")
    assert titles(one.graph, large.graph) == ("n(3 × 8 × 8)", "n(3 × 9 × 9)")
    assert titles(one.graph, one.graph) == ("n", "n")
    assert titles(archdsl.load("resnet18").graph, archdsl.load("resnet34").graph) == ("resnet18", "resnet34")


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("a.arch", "b.arch", ("a.arch:n", "b.arch:n")),
        ("one/a.arch", "other/a.arch", ("one/a.arch:n", "other/a.arch:n")),
        ("a.arch", "other/a.arch", ("a.arch:n", "other/a.arch:n")),
        ("one/deep/a.arch", "other/deep/a.arch", ("one/deep/a.arch:n", "other/deep/a.arch:n")),
        (f"{'x' * 60}/a/{'y' * 60}.arch", f"{'x' * 60}/b/{'y' * 60}.arch", None),
    ],
)
def test_networks_of_one_name_in_two_files_are_told_apart_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one: str, other: str, wanted: tuple[str, str] | None
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, width in ((one, 4), (other, 8)):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(f"network n(x: [3, 8, 8]) = x -> conv({width}, 3)\n")
    old, new = archdsl.load(one), archdsl.load(other)
    found = titles(old.graph, new.graph)
    assert found[0] != found[1] and found == (wanted or found)
    bold = re.findall(r'font-weight="bold"[^>]*>([^<]*)<', old.draw(other=new).decode())
    heads = [text for text in bold if re.search(r":n( \([12]\))?$", text) and "→" not in text]
    assert len(set(heads)) >= 2 and len(set(heads[-2:])) == 2
    said = text(old.graph, new.graph, compare(old.graph, new.graph), 80).splitlines()
    assert found[0] in "".join(said[:4]) and found[1] in "".join(said[:4])
    columns = next(line for line in said if "difference" in line).split()
    assert columns[0] != columns[1]


PAIRS = [
    ("resnet18", "resnet50"),
    ("mobilenet_v2", "mobilenet_v3_large"),
    ("darts_v1_cifar", "darts_v2_cifar"),
    ("inception_v3", "inception_v4"),
    ("squeezenet1_0", "squeezenet1_1"),
    ("nasnetalarge", "pnasnet5large"),
]


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_what_changed_says_what_and_a_panel_agrees_with_its_callers(old: str, new: str) -> None:
    """A changed box has a note, which a figure shows; of a block that is replaced panel and calls say the same."""
    scenes = scene(archdsl.load(old).graph), scene(archdsl.load(new).graph)
    for side, (found, marks) in enumerate(zip(scenes, marked(*scenes), strict=True)):
        gone = {OLD: Sign.REMOVED, NEW: Sign.ADDED}[side]
        signs: dict[str, set[Sign]] = {}
        for panel, known in zip(found.panels, marks, strict=True):
            ops = {known[(i,)].sign for i, box in enumerate(panel.sketch.boxes) if box.style is not Style.PORT}
            signs.setdefault(panel.sketch.graph.name, set()).update(ops)
        for panel, known in zip(found.panels, marks, strict=True):
            for path, mark in known.items():
                assert (_note(mark.notes) != "") or mark.sign is not Sign.CHANGED
                box = panel.sketch.boxes[path[0]]
                called = {call.name for call in box.callees if call is not None}
                if len(path) == 1 and len(called) == 1 and signs.get(*called) == {gone}:
                    assert mark.sign is gone, (panel.title, box.lines)


def test_a_call_whose_block_changed_says_so_where_nothing_else_is_to_say() -> None:
    text = "block unit(x) = x -> conv(8, 3) -> relu -> conv(8, {})\nnetwork n(x: [8, 9, 9]) = x -> unit -> unit"
    old, new = (archdsl.loads(text.format(kernel)).graph for kernel in (1, 3))
    assert [change.notes for change in compare(old, new)] == [("changed inside",)]
    for found in marked(scene(old), scene(new)):
        assert [mark.notes for mark in found[0].values() if mark.sign] == [("changed inside",)]


RUNS = """
block u(a; k = 3) = a -> conv(8, k) -> relu -> bn
block b(a, c) = (a -> conv(8, 3) -> relu -> conv(8, 3) -> sigmoid -> conv(8)) * c
network five(x: [8, 8, 8]) = x -> u * 5 -> conv(8)
network four(x: [8, 8, 8]) = x -> u * 4 -> u(1) -> conv(8)
network one(x: [8, 8, 8]) { t = x -> tanh; return [t, x] -> b }
network other(x: [8, 8, 8]) { t = x -> tanh; return [x, t] -> b }
"""


def test_of_a_run_it_is_said_how_many_changed_and_not_of_those_that_stay() -> None:
    svg = archdsl.loads(RUNS, "five").draw(other=archdsl.loads(RUNS, "four")).decode()
    assert svg.count(">kernel 3 → 1 (1 of 5)") == 1 and svg.count(">kernel 3 → 1;") == 1  # the run, and the one alone
    assert "changed: 3×3 conv, 8 ReLU · BN × 4" not in svg


def test_in_an_open_block_that_is_rewired_those_ops_changed_that_read_its_inputs() -> None:
    svg = archdsl.loads(RUNS, "one").draw(other=archdsl.loads(RUNS, "other"), depth=1).decode()
    reads = "reads x, t instead of t, x"  # said on both sides by the block, its first convolution and ×
    assert svg.count(f">{reads}<") == 4 and svg.count(f">~ ×: {reads}<") == 2
