"""What a figure of a space says of arguments of calls and ops: all that its designs have there, nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import archdsl
from archdsl.diagnostics.model import ArchError
from archdsl.elaborate.spec import Spec
from archdsl.emit.figure.scene import Fold
from archdsl.ir.chosen import Several, SeveralTexts
from archdsl.ir.graph import Graph
from archdsl.source import Source
from archdsl.spaces import following
from archdsl.spaces.figure import SpaceFigure
from tests.few import few
from tests.space.random_spaces import space as random_space
from tests.spaces.figures import KINDS, figure, panel, said
from tests.spaces.test_space import space

COUNT = int(os.environ.get("ARCHDSL_SPACES", few(12)))

BODIES = """
block pw(x; out) = x -> conv(out) -> relu -> conv(8)
block lists(x; widths) {
    for width in widths { x = x -> conv(width) }
    return x
}
block text(x; mode) = x -> conv(8) if mode == "thin" else x -> conv(8, 3)
block flag(x; bias, then) = x -> conv(8, bias = bias) -> then
block op(x; f, g) = x -> f(g)
block held(x; f) = x -> f[0]
block unused(x; a, b) = x -> conv(8)
block skip(x; width) = x if x.channels == width else x -> conv(width)
fn once(n) = n
fn twice(n) = 2 * n
"""
CALLS = {  # what the calls of blocks are given, by the texts of a call's arguments
    "a number by what flows in": ("x -> conv(w) -> by(pw, e)", {"24|48|96"}),
    "a number": ("x -> pw(w * e)", {"24|48|96"}),
    "many numbers": ("x -> pw(w * oneof(range(1, 6)) + e)", {"11…86"}),
    "a number by a condition": ("x -> conv(w) -> pw(e if w > 8 else 2 * e)", {"3|6|12"}),
    "texts": ('x -> text(oneof(["thin", "wide"]))', {"thin or wide"}),
    "flags and stages": ("x -> flag(oneof([true, false]), oneof([relu, tanh]))", {"true or false", "relu or tanh"}),
    "lists": ("x -> conv(w) -> lists(oneof([[4], [8, 8]]))", {"(4) or (8, 8)"}),
    "numbers in lists": ("x -> lists([w, 4])", {"8|16"}),
    "numbers by what flows in, in lists": ("x -> conv(w) -> wide", {"16|32"}),
    "ops and numbers": ("x -> op(oneof([conv, linear]), 2 * w)", {"conv or linear", "16|32"}),
    "functions": ("x -> op(conv, oneof([once, twice])(w))", {"8|16|32"}),
    "lists of stages": ("x -> held([oneof([relu, tanh]), conv(w)])", set()),
    "lists of lists of stages": ("x -> held([oneof([relu, tanh]), [oneof([conv, linear]), w]])", set()),
    "sums of stages": ("x -> flag(true, oneof([relu, tanh]) + relu)", {"relu + relu or tanh + relu"}),
    "stages of what is chosen": ("x -> flag(oneof([true, false]), conv(w))", {"true or false"}),
    "lists of which items are chosen": ("x -> lists([i + 4 for i in range(3) if i < e])", set()),
    "lists that are chosen, of chosen items": ("x -> lists(oneof([[w, 4], [8]]))", set()),
    "what nothing uses": ("x -> unused(w, e)", set()),
    "what some designs use": ("x -> conv(w) -> skip(oneof([8, 16]))", {"8|16"}),
    "calls in a loop": ("x -> pw(w) * oneof([1, 2, 3])", {"8|16"}),
}
HELPERS = """
block by(x; f, e) = x -> f(x.channels * e)
block wide(x) = x -> lists([x.channels * 2, 4])
network n(x: [3, 8, 8]) {
    e, w = oneof([3, 6]), oneof([8, 16])
    return %s
}
"""


def arguments_of(graph: Graph) -> set[str]:
    """What is said of arguments that depend on picks."""
    found = set()
    for node in graph.nodes:
        if isinstance(node.target, Graph):
            found |= arguments_of(node.target)
            for _, value in node.target.arguments:
                found |= {str(one) for one in (value if isinstance(value, tuple) else (value,)) if _several(one)}
    return found


def _several(value: Any) -> bool:
    return isinstance(value, Several | SeveralTexts)


def assert_exact(found: archdsl.Space, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each design has what the figure says, and what the figure says some design has."""
    seen: dict[int, tuple[Any, list[Any]]] = {}
    plain = following._is_form

    def noted(outlined: Any, made: Any) -> bool:
        if _several(outlined) and outlined.values:
            seen.setdefault(id(outlined), (outlined, []))[1].append(made)
        return plain(outlined, made)

    monkeypatch.setattr(following, "_is_form", noted)
    outline = SpaceFigure(found).graph
    for number in range(found.size):
        design = found.unrank(number)
        assert following.difference(outline, found.network(design).graph, design) == ""
    for outlined, made in seen.values():
        assert {*map(repr, outlined.values)} == {*map(repr, made)}, str(outlined)


@pytest.mark.parametrize("what", CALLS)
def test_all_that_designs_have_is_said(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever arguments are, and whatever they are made of."""
    text, said = CALLS[what]
    found = space(BODIES + HELPERS % text)
    assert arguments_of(SpaceFigure(found).graph) >= said
    assert_exact(found, monkeypatch)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = space(KINDS[kind])
    if found.size <= 300:
        assert_exact(found, monkeypatch)


@pytest.mark.parametrize("seed", range(COUNT))
def test_random_spaces(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made = random_space(seed)
    assert_exact(archdsl.space(Spec(Source("n.arch", made.text)), made.network), monkeypatch)


@pytest.mark.parametrize("what", [what for what, (_, said) in CALLS.items() if said])
def test_what_is_wrong_is_found(what: str) -> None:
    """A figure that leaves out one of the values, or says another, is not proven."""
    drawn = SpaceFigure(space(BODIES + HELPERS % CALLS[what][0]))
    drawn.figure_proof()
    wrong = [*_spoiled(drawn.graph)]
    assert wrong
    for spoiled in wrong:
        drawn.graph = spoiled
        with pytest.raises(ArchError) as raised:
            drawn.figure_proof()
        assert "is called with" in str(raised.value)


def _spoiled(graph: Graph) -> Iterator[Graph]:
    """The graph with a value less in one of the arguments of one of its calls, each in turn."""
    for place, node in enumerate(graph.nodes):
        if isinstance(node.target, Graph):
            for target in (*_spoiled(node.target), *_with_less(node.target)):
                nodes = [*graph.nodes]
                nodes[place] = node._replace(target=target)
                yield replace(graph, nodes=tuple(nodes))


def _with_less(graph: Graph) -> Iterator[Graph]:
    """The body with a value less in one of its arguments, each in turn."""
    for number, (name, value) in enumerate(graph.arguments):
        for less in _less(value):
            arguments = [*graph.arguments]
            arguments[number] = name, less
            yield replace(graph, arguments=tuple(arguments))


def _less(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from ((*value[:place], less, *value[place + 1 :]) for less in _less(item))
    elif isinstance(value, Several):
        yield Several(*value.values[1:], -1)
    elif isinstance(value, SeveralTexts) and value.values:
        yield SeveralTexts(str(value), value.values[1:])


REPEATED = """
block unit(x; w, k) = x -> conv(w, k)
block fit(x; w) = x -> conv(w) -> relu
network n(x: [3, 16, 16]) {
    w = 2 * oneof([4, 8])
    k = oneof([3, 5]) if w > 8 else oneof([1, 3])
    return %s
}
"""


@pytest.mark.parametrize(
    "stages",
    [
        "x -> unit(w, k) * oneof([2, 3])",
        "x -> unit(w, k) * oneof([1, 2, 4]) -> unit(w, k)",
        "x -> unit(w, k) -> oneof([unit(w, k), unit(w, k) -> unit(w, k), id])",
        "x -> unit(w, k) -> relu -> oneof([id, unit(w, k)]) -> oneof([id, unit(w, k)])",
        "(x -> unit(w, k)) + (x -> unit(w, k) * oneof([1, 2]))",
    ],
)
def test_what_is_other_things_by_types_may_be_taken_by_several(stages: str) -> None:
    """What an option is made of has one place for all who take it."""
    assert "designs lead" in SpaceFigure(space(REPEATED % stages)).figure_proof()


@pytest.mark.parametrize(
    "stages",
    [
        "x -> oneof([relu, tanh]) -> fit(4) -> fit(8) -> oneof([relu, tanh]) -> fit(4)",
        "x -> oneof([relu, tanh]) -> fit(4) -> fit(8) -> fit(16) -> oneof([relu, id]) -> fit(4) -> fit(2)",
        "x -> oneof([relu, tanh]) -> fit(4) -> oneof([relu, fit(8)]) -> fit(4) -> fit(8)",
    ],
)
def test_calls_that_fit_the_inputs_of_calls(stages: str) -> None:
    assert "designs lead" in SpaceFigure(space(REPEATED % stages)).figure_proof()


STAGES = """
block unit(x; out, stride = 1) {
    hidden = x.channels * oneof([3, 6])
    y = x -> conv(hidden) -> bn -> relu6 -> depthwise(3, stride) -> bn -> relu6 -> conv(out) -> bn
    return x + y if stride == 1 and x.channels == out else y
}
network n(x: [3, 64, 64]) {
    x = x -> conv(16)
    for base, s in [(24, 2), (40, 2), (80, 1)] {
        width = base * oneof([1, 2, 3])
        x = x -> unit(width, s) -> unit(width) * (oneof([1, 2, 3]) - 1)
    }
    return x
}
"""


def test_stages_that_are_alike_are_said_alike() -> None:
    """When a number is which is said by what is seen of it: not by what the inside of the block depends on."""
    rows = [lines for lines in said(panel(STAGES)) if any(line.startswith("by ") for line in lines)]
    assert len(rows) == 3
    for base, stage in zip((24, 40, 80), rows, strict=True):
        assert f"out = {base}|{2 * base}|{3 * base}" in stage[1]
        when = f"2nd if {base}.width is 2, 3rd if {base}.width is 3"
        assert stage[-1] == f"by {base}.x; 1st|2nd|3rd: {when}"


def test_numbers_of_which_each_form_has_several_are_not_counted_through() -> None:
    """`24|48|96` is 24 or 48 in one form and 48 or 96 in the other: no first and no second."""
    text = """
block unit(x; out) = x -> conv(out) -> relu -> conv(8) -> relu -> conv(8)
network n(x: [3, 8, 8]) {
    e = oneof([3, 6])
    x = x -> conv(oneof([8, 16]))
    return x -> oneof([unit(x.channels * e), conv(8)]) -> unit(4)
}
"""
    assert ["out_2", "unit a; out = 24|48|96", "1×1 conv, 8", "depends on what it reads"] in said(panel(text))


DEPTHS = """
block inner(x; wide, out, stride = 1) {
    y = x -> conv(wide) -> bn -> relu6 -> depthwise(3, stride) -> bn -> relu6 -> conv(out) -> bn
    return x + y if stride == 1 and x.channels == out else y
}
block unit(x; out, stride = 1) = x -> inner(x.channels * oneof([3, 4, 6]), out, stride)
network n(x: [3, 64, 64]) {
    x = x -> conv(16)
    for out, s in [(24, 2), (40, 1), (80, 2)] {
        depth = oneof([1, 2, 3])
        x = x -> unit(out, s) -> unit(out) * (depth - 1)
    }
    return x
}
"""


def test_a_stage_whose_first_unit_differs_in_chosen_numbers_is_one_box() -> None:
    """Stages are one box each, whether their first unit has another stride or not, where widths are chosen."""
    found = panel(DEPTHS).sketch.boxes
    assert [box.fold for box in found if box.fold is not Fold.ONE] == [Fold.COUNTED] * 3
    assert [lines[-1] for lines in said(panel(DEPTHS)) if len(lines) > 2] == [f"by {n}.depth" for n in (24, 40, 80)]
    assert "100 designs at random leads" in figure(DEPTHS).figure_proof()
