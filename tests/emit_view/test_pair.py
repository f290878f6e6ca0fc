"""Two networks on one page: both whole, what differs marked in every fold, and found by its keys."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from typing import Any

import pytest
import quickjs
from hypothesis import HealthCheck, given, settings

import archdsl
from archdsl.emit.figure.marking import NEW, OLD, Sign
from archdsl.emit.view.page import unpacked
from archdsl.emit.view.pair import both, pair_data
from tests.emit_figure.test_marking import Bodies, edits, spec
from tests.emit_view.geometry import PLANS, faults
from tests.emit_view.test_nest import PURE, SCRIPTS, plans, some_open
from tests.emit_view.test_page import checked
from tests.emit_view.unfolded import Numbers, of_graph, of_page

PAIRS = [
    ("resnet50", "resnext50_32x4d"),
    ("vgg16", "vgg16_bn"),
    ("resnet18", "resnet50"),
    ("googlenet", "bn_inception"),
]


def machine(data: dict[str, Any]) -> quickjs.Context:
    """QuickJS with what the page's script knows without a document, and the data as `net`."""
    context = quickjs.Context()
    context.eval("Array.prototype.at = function (i) { return this[i < 0 ? i + this.length : i]; };")  # it is an old one
    context.eval("\n".join((SCRIPTS / f"{name}.js").read_text(encoding="utf-8") for name in (*PURE, "paint", "find")))
    context.eval(f"var net = readNetwork({json.dumps(data)}), states = new States(net), nest = new Nest(net, layered);")
    context.eval(f"var plans = {PLANS};")
    return context


def answer(context: quickjs.Context, expression: str) -> Any:
    return json.loads(context.eval(f"JSON.stringify({expression})"))


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_both_networks_are_whole_and_laid_out(old: str, new: str) -> None:
    one, other = archdsl.load(old).graph, archdsl.load(new).graph
    data, numbers = json.loads(json.dumps(pair_data(one, other))), Numbers()
    assert of_page(data, numbers) == of_graph(both(one, other), numbers)
    context, chance = machine(data), random.Random(1)
    for text in ("", "*", *(some_open(data, chance, 0.6) for _ in range(4))):
        assert [fault for plan in plans(context, text) for fault in faults(plan)] == []


@pytest.mark.parametrize(("old", "new"), [*PAIRS, ("alexnet", "alexnet")])
def test_the_page_is_closed_and_says_what_differs(old: str, new: str) -> None:
    one, other = archdsl.load(old), archdsl.load(new)
    page = one.view(other=other)
    assert page == archdsl.load(old).view(other=archdsl.load(new))
    assert len(page.encode()) < 100_000
    elements = checked(page)
    data = unpacked(elements.inside[2])
    assert isinstance(data, dict) and data["pair"] == 1
    assert (len(data["marks"]) == 1) == (old == new)
    assert len(data["files"]) == len({name for name, _ in data["files"]})


def changes(context: quickjs.Context) -> list[dict[str, Any]]:
    """Where the page goes, one after the other, with the modules there."""
    found: list[dict[str, Any]] = answer(
        context,
        "changesOf(net).map((place) => { const seat = seatOf(net, place); return { place, sign: seat.box.mark.sign,"
        " notes: seat.box.mark.notes, paths: seat.box.pieces.map((piece) => joined(seat.prefix, piece.path)) }; })",
    )
    return found


@given(edits())
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_page_goes_to_every_edit(made: tuple[Bodies, Bodies, list[str], dict[str, dict[str, Sign]]]) -> None:
    old_lines, new_lines, uses, truth = made
    graphs = [archdsl.loads(spec(lines, uses)).graph for lines in (old_lines, new_lines)]
    context = machine(json.loads(json.dumps(pair_data(*graphs))))
    roots = answer(context, "net.bodies[net.root].boxes.flatMap((box, i) => (box.port ? [] : [i]))")
    found = changes(context)
    for side in (OLD, NEW):
        gone = {OLD: Sign.ADDED, NEW: Sign.REMOVED}[side]
        edited = {
            f"u{i}.{label}" for i, name in enumerate(uses) for label, sign in truth[name].items() if sign is not gone
        }
        here = [one for one in found if one["place"][0] == roots[side]]
        shown = {path for one in here for path in one["paths"]}
        assert edited <= shown
        # A use whose block nobody edited is another body than a use of an equal block that somebody did.
        same = {f"u{i}." for i, name in enumerate(uses) if not truth[name]}
        assert not [path for path in shown if path.startswith(tuple(same))]
        if not any(truth[name] for name in uses):
            assert here == []


def test_twins_fold_together_and_changes_come_in_order() -> None:
    data = pair_data(archdsl.load("resnet50").graph, archdsl.load("resnext50_32x4d").graph)
    context = machine(json.loads(json.dumps(data)))
    roots = answer(context, "net.bodies[net.root].boxes.flatMap((box, i) => (box.port ? [] : [i]))")
    assert answer(context, f"twinOf(net, [{roots[0]}])") == [roots[1]]
    blocks = answer(
        context,
        f"net.bodies[net.bodies[0].boxes[{roots[0]}].open].boxes.flatMap((box, i) => (box.open < 0 ? [] : [i]))",
    )
    for block in blocks:
        twin = answer(context, f"twinOf(net, [{roots[0]}, {block}])")
        assert twin == [roots[1], block] and answer(context, f"twinOf(net, {twin})") == [roots[0], block]
    places = [one["place"] for one in changes(context)]
    assert len(places) > 8
    assert all(context.eval(f"isAfter({b}, {a})") for a, b in pairwise(places))
    assert not context.eval(f"isAfter({places[0]}, {places[0]})")


TWICE = """
block unit(x; k = 3) = x -> conv(8, k) -> conv(8, k) -> relu
network one(x: [8, 9, 9]) = x -> unit -> unit -> tanh
network other(x: [8, 9, 9]) = x -> unit -> unit(5) -> tanh
network swapped(x: [8, 9, 9]) {
    a = x -> unit
    b = a -> unit
    return a, b
}
network turned(x: [8, 9, 9]) {
    a = x -> unit
    b = a -> unit
    return b, a
}
"""


def test_a_block_is_marked_where_it_changed_alone() -> None:
    """Equal calls of which one corresponds to a changed one: they are two bodies on the page."""
    context = machine(pair_data(*(archdsl.loads(TWICE, name).graph for name in ("one", "other"))))
    found = changes(context)
    assert {path.split(".")[0] for one in found for path in one["paths"]} == {"unit_1"}
    assert all("in some places" not in note for one in found for note in one["notes"])


def test_outputs_that_are_other_tensors_are_gone_to() -> None:
    context = machine(pair_data(*(archdsl.loads(TWICE, name).graph for name in ("swapped", "turned"))))
    assert [(len(one["place"]), one["sign"], len(one["notes"])) for one in changes(context)] == [(1, "~", 2)] * 2
    assert changes(context)[1]["notes"][0] == "output 1: b instead of a"


def test_what_became_of_a_box_is_searched_and_spoken() -> None:
    data = pair_data(archdsl.load("vgg16").graph, archdsl.load("vgg16_bn").graph)
    context = machine(json.loads(json.dumps(data)))
    assert answer(context, "search(net, 'bn added').count") > 0
    assert answer(context, "search(net, 'removed').count") == 0
    place = changes(context)[0]["place"]
    assert "changed" in context.eval(f"spoken(seatOf(net, {place}).box)")
