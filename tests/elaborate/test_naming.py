"""Checks the names of decisions, and the texts of their options: that they are as written, and stay."""

from __future__ import annotations

from textwrap import dedent

import pytest

from archdsl.diagnostics.model import Diagnostics
from archdsl.elaborate.decisions import Decisions
from archdsl.elaborate.elaborator import elaborate
from archdsl.elaborate.spec import Spec
from archdsl.source import Source

Asked = dict[str, tuple[str, ...]]

UNITS = """
block unit(x; k = 3) = x -> conv(8, oneof([1, k]))
block pair(x) = x -> unit -> unit(k = 5)
"""
# What is asked, line by line of a network's body, and under which names. Each way to come to a choice has one.
WAYS = {
    "a parameter by position": ("x = x -> conv(8, oneof([1, 3]))", ["kernel"]),
    "a parameter by keyword": ("x = x -> conv(8, kernel = oneof([1, 3]))", ["kernel"]),
    "arithmetic in a parameter": ("x = x -> conv(8, 1 + 2 * oneof([0, 1]))", ["kernel"]),
    "built-ins pass the role on": ("x = x -> conv(8, max(1, oneof([1, 3])))", ["kernel"]),
    "a parameter of a block": ("x = x -> unit(oneof([3, 5]))", ["k", "unit.kernel"]),
    "a name": ("depth = oneof([1, 3])\nx = x -> conv(8, depth)", ["depth"]),
    "names, one each": ("a, b = oneof([1, 3]), oneof([5, 7])\nx = x -> conv(8, a) -> conv(8, b)", ["a", "b"]),
    "names for one list": ("a, b = oneof([[1, 3], [5, 7]])\nx = x -> conv(8, a) -> conv(8, b)", ["a_b"]),
    "nothing": ("if oneof([true, false]) { x = x -> relu }", ["out"]),
    "the second of a role": ("x = x -> conv(8, oneof([1, 3])) -> conv(8, oneof([1, 3]))", ["kernel", "kernel_2"]),
    "a block": ("x = x -> unit", ["unit.kernel"]),
    "a block at two places": ("x = x -> unit -> unit", ["unit.kernel", "unit_2.kernel"]),
    "a block in a block": ("x = x -> pair", ["pair.unit.kernel", "pair.unit_2.kernel"]),
    "a repetition": ("x = x -> unit * 2", ["unit[0].kernel", "unit[1].kernel"]),
    "repetitions": ("x = x -> (unit * 2 -> relu) * 2", [f"unit[{i}][{j}].kernel" for i in "01" for j in "01"]),
    "a loop": ("for w in [8, 4] { x = x -> unit }", ["8.unit.kernel", "4.unit.kernel"]),
    "a loop over words": ('for w in ["a", "b"] { x = x -> unit }', ["a.unit.kernel", "b.unit.kernel"]),
    "a loop over what is not unlike": ("for w in [8, 8] { x = x -> unit }", ["0.unit.kernel", "1.unit.kernel"]),
    "a loop over lists": ("for w, k in [[8, 1], [4, 3]] { x = x -> unit }", ["8.unit.kernel", "4.unit.kernel"]),
    "a loop over stages": (
        "for f in [unit, pair] { x = x -> f }",
        ["0.f.unit.kernel", "1.f.pair.unit.kernel", "1.f.pair.unit_2.kernel"],
    ),
    "a loop of a comprehension": (
        "x = [x -> conv(8, oneof([1, 3])) for i in range(2)] -> add",
        ["0.kernel", "1.kernel"],
    ),
    "a stage that has a name": ("f = unit(k = 5)\nx = x -> f", ["f.unit.kernel"]),
    "a bare block that has a name": ("f = unit\nx = x -> f", ["f.unit.kernel"]),
    "a stage that is applied twice": ("f = unit(k = 5)\nx = x -> f -> f", ["f.unit.kernel", "f_2.unit.kernel"]),
    "a stage twice in a chain": ("f = unit\ng = f -> f\nx = x -> g", ["g.unit.kernel", "g.unit[1].kernel"]),
    "a stage twice in a sum": ("f = unit\nx = x -> f + f", ["f.unit.kernel", "f.unit[1].kernel"]),
    "a list of stages": ("x = x -> [unit, pair] -> add", ["unit.kernel", "pair.unit.kernel", "pair.unit_2.kernel"]),
    "a list of equal stages": (
        "x = x -> [unit for i in range(2)] -> add",
        ["unit[0].kernel", "unit[1].kernel"],
    ),
    "a list with a name": (
        "fs = [unit, unit]\nx = x -> fs -> add",
        ["fs.unit[0].kernel", "fs.unit_2[1].kernel"],
    ),
    "pairs": ("f = unit\nx = [x, x] -> [f, f] -> add", ["f.unit[0].kernel", "f.unit[1].kernel"]),
    "a label": ("x = x -> unit as stem -> (unit as a) as b", ["unit.kernel", "unit_2.kernel"]),
    "an option": ("x = x -> oneof([unit, pair])", ["x", "unit.kernel"]),
    "an option of an option": ("x = x -> oneof([conv(8, oneof([1, 3])), relu])", ["kernel", "x"]),
    "an index": ("fs = [unit, pair]\nx = x -> fs[oneof([0, 1])]", ["x", "fs.unit.kernel"]),
}


def asked(text: str, picks: dict[str, str] | None = None, slow: bool = False) -> Asked:
    """What the network `n` asks. `slow`: each expression is looked at, so that none takes a quick way."""
    diagnostics, decisions = Diagnostics(), Decisions(picks)
    look = (lambda *_: None) if slow else None
    spec = Spec(Source("<text>", text))
    assert elaborate(spec, "n", diagnostics=diagnostics, decisions=decisions, observe=look) is not None, diagnostics
    assert not decisions.unused
    return {name: choice.options for name, choice in decisions.offered.items()}


def network(body: str, before: str = UNITS) -> str:
    lines = "\n".join(f"    {line}" for line in body.split("\n"))
    return f"{before}\nnetwork n(x: [8, 8, 8]) {{\n{lines}\n    return x\n}}\n"


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_a_choice_has_its_name(way: str, slow: bool) -> None:
    body, names = WAYS[way]
    assert list(asked(network(body), slow=slow)) == names


@pytest.mark.parametrize("slow", [False, True])
def test_no_two_ways_share_a_decision(slow: bool) -> None:
    """Outside of cells each time that `oneof` runs is a decision, whatever leads there twice."""
    body = "\n".join(body for body, _ in WAYS.values())
    count = sum(len(asked(network(body))) for body, _ in WAYS.values())
    assert len(asked(network(body), slow=slow)) == count


UNRELATED = ["", "# a comment", "unrelated = 3", "block other(x) = x -> relu", "fn none() = oneof([1, 2])"]


def spread(text: str) -> str:
    """The same spec with lines between its lines that have nothing to do with it, and its definitions the other way."""
    blocks = [block for block in dedent(text).strip().split("\n\n") if block]
    spaced = []
    for block in reversed(blocks):
        lines = []
        for line in block.split("\n"):
            inside = line.startswith(" ")
            lines += [*(["", "    # a comment", "    other_name = 3"] if inside else []), line]
        spaced.append("\n".join(lines))
    return "\n".join(UNRELATED) + "\n\n" + "\n\n".join(spaced) + "\n"


@pytest.mark.parametrize("way", WAYS)
def test_names_and_picks_stay_where_unrelated_lines_change(way: str) -> None:
    body, _ = WAYS[way]
    cell = f"{UNITS}\n\ncell c(x) {{\n" + "\n".join(f"    {line}" for line in body.split("\n")) + "\n    return x\n}"
    text = f"{cell}\n\nnetwork n(x: [8, 8, 8]) {{\n    return x -> c -> c\n}}"
    first = asked(text)
    assert first
    assert all(name.startswith("c.") for name in first)
    picks = {name: options[-1] for name, options in first.items()}
    deeper = asked(text, {})
    assert asked(spread(text)) == deeper == first
    taken = {name: options for name, options in picks.items() if name in _still(text, picks)}
    assert asked(spread(text), taken) == asked(text, taken)


def _still(text: str, picks: dict[str, str]) -> dict[str, int]:
    """The decisions that are asked with these picks, which may leave out some of those that are asked without."""
    decisions = Decisions(picks)
    elaborate(Spec(Source("<text>", text)), "n", diagnostics=Diagnostics(), decisions=decisions)
    return {name: choice.index for name, choice in decisions.offered.items()}


APPLIED = [
    "x = x -> b",
    "x = x -> [b, b] -> add",
    "x = x -> (relu -> b)",
    "f = b\nx = x -> f + f",
    "fs = [b, b]\nx = x -> fs -> add",
    "x = x -> (relu -> b) * 2",
    "x = x -> [b for i in range(2)] -> add",
    "g = b -> relu -> b\nx = x -> g -> g",
    "x = [x, x] -> [b, relu] -> add",
    "x = x -> (relu -> b as stem) as outer",
]


@pytest.mark.parametrize("body", APPLIED)
def test_what_a_default_asks_is_named_as_what_the_body_asks(body: str) -> None:
    """A block that is applied by its bare word asks its defaults there, by the same way as what it asks itself."""
    before = "block b(x; k = oneof([1, 3])) = x -> conv(8, k, groups = oneof([1, 2]))\n"
    names = list(asked(network(body, before)))
    assert names[::2] == [f"{name.removesuffix('groups')}k" for name in names[1::2]]


FILE = {
    "a constant": ("WIDTH = oneof([8, 16])", "x = x -> conv(WIDTH)", ["WIDTH"]),
    "inside a constant": ("F = conv(8, kernel = oneof([1, 3]))", "x = x -> F", ["F.kernel"]),
    "a stage of a constant": ("F = unit(k = 5)", "x = x -> F", ["F.unit.kernel"]),
    "stages of a constant": ("FS = [unit, pair]", "x = x -> oneof(FS)", ["x", "FS.unit.kernel"]),
    "a function": ("fn k() = oneof([1, 3])", "x = x -> conv(8, k()) -> conv(8, k())", ["k.out", "k_2.out"]),
    "a loop in a function": (
        "fn k() = max([oneof([1, 3]) for i in range(2)])",
        "x = x -> conv(8, k())",
        ["k.0.out", "k.1.out"],
    ),
    "a default": ("block b(x; k = oneof([1, 3])) = x -> conv(8, k)", "x = x -> b -> b", ["b.k", "b_2.k"]),
    "a default and a body": (
        "block b(x; kernel = oneof([1, 3])) = x -> conv(8, kernel) -> conv(8, kernel = oneof([1, 3]))",
        "x = x -> b",
        ["b.kernel", "b.kernel_2"],
    ),
    "a variant": ("block b = unit(k = oneof([3, 5]))", "x = x -> b -> b", ["b.k", "b.kernel", "b_2.kernel"]),
    "a cell": ("cell c(x) = x -> unit", "x = x -> c * 2 -> c", ["c.unit.kernel"]),
    "a cell in a cell": (
        "cell c(x) = x -> unit\ncell d(x) = x -> c -> unit",
        "x = x -> d",
        ["c.unit.kernel", "d.unit.kernel"],
    ),
    "variants of a cell": (
        "cell c(x; k = 3) = x -> unit(k)\ncell d = c()",
        "x = x -> c -> d",
        ["c.unit.kernel", "d.unit.kernel"],
    ),
    "a scan": (
        "block r(x, h: [8]) = ([x, h] -> concat -> linear(oneof([8]))) + h",
        "x = x -> flatten(1) -> permute([1, 0]) -> scan(r)",
        ["r.out"],
    ),
    "a recursion": (
        "block r(x; n) {\n    if n == 0 { return x }\n    return x -> unit -> r(n - 1)\n}",
        "x = x -> r(2)",
        ["r.unit.kernel", "r.r.unit.kernel"],
    ),
}


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize("way", FILE)
def test_what_stands_at_the_top_of_a_file(way: str, slow: bool) -> None:
    before, body, names = FILE[way]
    assert list(asked(network(body, UNITS + before + "\n"), slow=slow)) == names


def test_a_cell_with_other_options_is_told_apart_by_what_decides_them() -> None:
    """One decision for all widths of a stride, whichever comes first; a design finds its names in any order."""
    ops = "[conv(f), conv(f, 3)] + ([id] if stride == 1 else [])"
    text = f"cell c(x; f, stride = 1) = x -> oneof({ops}) -> conv(8, 1, stride)\n"
    calls = ["c(8)", "c(16, stride = 2)", "c(4)", "c(32, stride = 2)"]
    one = asked(text + network(f"x = x -> {' -> '.join(calls)}", ""))
    assert {name: len(options) for name, options in one.items()} == {
        "c.out": 3,
        "c(stride = 2).out": 2,
    }
    other = text + network(f"x = x -> {' -> '.join(calls[::-1])}", "")
    picks = {"c.out": "id", "c(stride = 2).out": "conv(f, 3)"}
    assert {name: len(options) for name, options in asked(other, picks).items()} == {"c(stride = 2).out": 2, "c.out": 3}


TEXTS = {
    "[1, 2.5, true]": ["1", "2.5", "true"],
    '["a", "b c"]': ['"a"', '"b c"'],
    "[conv(8), conv( 8,3 ), relu -> tanh, id]": ["conv(8)", "conv(8, 3)", "relu -> tanh", "id"],
    "[unit, unit(k = 5), unit * 2]": ["unit", "unit(k = 5)", "unit * 2"],
    "[conv(8, k) for k in [1, 3]] + [relu]": ["conv(8, k)", "conv(8, k) #2", "relu"],
    "[[], [x], [x, y]]": ["[]", "[x]", "[x, y]"],
    "[x, y, x -> relu]": ["x", "y", "2"],
    "range(1, 4)": ["1", "2", "3"],
    "[x, x]": ["x", "x #2"],
}


@pytest.mark.parametrize("options", TEXTS)
def test_the_texts_of_options(options: str) -> None:
    body = f"y = x -> relu\nz = oneof({options})"
    assert list(asked(network(body))["z"]) == TEXTS[options]


def test_a_name_that_a_tensor_has_for_a_while_is_no_text() -> None:
    """What a loop assigns is another tensor at each step."""
    body = "h = x -> tanh\nfor i in range(2) {\n    t = x -> relu\n    u = oneof([x, h, t])\n}"
    assert [*asked(network(body)).values()] == [("x", "h", "2")] * 2


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_some_of_a_list(count: int) -> None:
    body = f"some = someof([conv(8), relu, tanh], {count})\nx = x -> [id] + some -> add"
    ways = [
        ["[]"],
        ["conv(8)", "relu", "tanh"],
        ["conv(8) + relu", "conv(8) + tanh", "relu + tanh"],
        ["conv(8) + relu + tanh"],
    ]
    found = asked(network(body))
    assert list(found["some"]) == ways[count]
    if count:
        decisions = Decisions({"some": ways[count][-1]})
        made = elaborate(Spec(Source("<text>", network(body))), "n", diagnostics=Diagnostics(), decisions=decisions)
        assert made is not None
        ops = [node.target.name for node in made.graph.nodes][:-1]
        assert ops == ways[count][-1].replace("(8)", "").split(" + ")


def test_a_pick_is_one_of_the_options() -> None:
    diagnostics = Diagnostics()
    decisions = Decisions({"unit.kernel": "33"})
    spec = Spec(Source("<text>", network("x = x -> unit")))
    assert elaborate(spec, "n", diagnostics=diagnostics, decisions=decisions) is None
    (wrong,) = diagnostics
    assert (wrong.code, wrong.message) == ("bad-pick", "unit.kernel has no option 33")
    assert wrong.help == "did you mean 3? it has: 1, 3"
    assert wrong.span is not None
    assert wrong.span.text == "oneof([1, k])"


@pytest.mark.parametrize("text", ["a", '"a"'])
def test_a_text_is_picked_with_or_without_quotation_marks(text: str) -> None:
    decisions = Decisions({"word": text})
    spec = Spec(Source("<text>", network('word = oneof(["b", "a"])\nx = x -> relu * (1 if word == "a" else 2)')))
    assert elaborate(spec, "n", diagnostics=Diagnostics(), decisions=decisions) is not None
    assert decisions.choices["word"].picked == '"a"'


def test_picks_that_nothing_asks_are_known() -> None:
    decisions = Decisions({"depth": "1", "unit.kernel": "3"})
    elaborate(Spec(Source("<text>", network("x = x -> unit"))), "n", diagnostics=Diagnostics(), decisions=decisions)
    assert decisions.unused == ("depth",)
