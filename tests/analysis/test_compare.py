"""What changed between two networks: known pairs of the zoo, a change of wiring, and sums that must come out."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

import archdsl
from archdsl.analysis.compare import DIFFERENT, Change, body_changes, compare
from archdsl.analysis.matching import match
from archdsl.ir.graph import INPUT, Graph, Ref, bodies
from archdsl.ir.verify import InvariantError
from archdsl.transform.rewrite import rewrite
from tests.analysis.flat import flatten
from tests.analysis.random_graphs import graphs
from tests.emit.build_graph import without_dead
from tests.few import few

BLOCK = """
block unit(x; out, gate = false) {
    y = x -> conv(out, 3) as conv -> relu
    y = y * (y -> global_avg_pool -> sigmoid) if gate else y
    return x + y
}
network plain(x: [8, 16, 16]) = x -> unit(8) * 3 -> conv(4) as last
network gated(x: [8, 16, 16]) = x -> unit(8) -> unit(8, gate = true) -> unit(8) -> conv(4) as last
network other(x: [8, 16, 16]) {
    a = x -> conv(8, 3) as first
    b = a -> conv(8, 3) as second
    return a + b
}
network rewired(x: [8, 16, 16]) {
    a = x -> conv(8, 3) as first
    b = a -> conv(8, 3) as second
    return x + b
}
"""


def graph(name: str) -> Graph:
    return (
        archdsl.loads(BLOCK, name).graph if name in ("plain", "gated", "other", "rewired") else archdsl.load(name).graph
    )


def statuses(found: list[Change]) -> list[tuple[str, str]]:
    return [(c.status, (c.new or c.old).path) for c in found if c.status != "equal"]  # type: ignore[union-attr]


def test_a_deeper_network_repeats_one_block_more_often() -> None:
    (changed,) = [c for c in compare(graph("resnet50"), graph("resnet101"), depth=9) if c.status != "equal"]
    assert changed.notes == ("× 5 → × 22",)
    assert changed.params == 44_549_160 - 25_557_032
    assert changed.old is not None
    assert changed.old.span is not None
    assert changed.old.span.text == "unit(width)"


def test_batch_norms_are_added_and_the_rest_is_renamed() -> None:
    found = list(compare(graph("vgg16"), graph("vgg16_bn")))
    assert {c.status for c in found} == {"equal", "renamed", "added"}
    added = [c for c in found if c.status == "added"]
    assert len(added) == 13
    assert all(c.new is not None and c.new.word == "bn" for c in added)


def test_arguments_of_a_changed_block_and_its_inside() -> None:
    found = list(compare(graph("resnet50"), graph("resnext50_32x4d"), depth=2))
    assert found[4].notes == ("cardinality 1 → 32", "base 64 → 4")
    inner = {c.new.path: c for c in found if c.level == 1 and c.new is not None}
    assert "groups 1 → 32" in inner["layer1.0.conv2"].notes
    assert inner["layer1.0.bn1"].status == "resized"


def test_only_the_input_differs() -> None:
    smaller = archdsl.load("mobilenet_v1", input=(3, 192, 192)).graph
    assert {c.status for c in compare(graph("mobilenet_v1"), smaller, depth=3)} == {"equal", "resized"}


def test_a_gate_in_the_middle_splits_the_run() -> None:
    found = list(compare(graph("plain"), graph("gated")))
    assert [(c.status, c.old.repeats, c.new.repeats) for c in found if c.old and c.new] == [
        ("equal", 1, 1), ("changed", 1, 1), ("equal", 1, 1), ("equal", 1, 1)
    ]  # fmt: skip
    assert found[1].notes == ("gate false → true",)
    inside = [c for c in compare(graph("plain"), graph("gated"), depth=2) if c.level == 1]
    assert [c.new.word for c in inside if c.status == "added" and c.new] == ["global_avg_pool", "sigmoid", "mul"]


def test_other_outputs_are_seen() -> None:
    text = "network n(x: [8, 4, 4]) {\n    a = x -> conv(8) as a\n    b = a -> relu\n    return RESULT\n}"
    one, other = (archdsl.loads(text.replace("RESULT", result)).graph for result in ("a, b", "b, a"))
    assert body_changes(one, one).outputs == {}
    assert body_changes(one, other).outputs == {0: "b instead of a", 1: "a instead of b"}
    assert {row.status for row in body_changes(one, other).rows} == {"equal"}
    third = archdsl.loads(text.replace("RESULT", "a, b, x")).graph
    assert body_changes(one, third).outputs == {2: "an output more"}
    told = [[(c.status, c.new or c.old) for c in compare(*graphs) if c.status != "equal"] for graphs in (
        (one, other), (one, third), (third, one))]  # fmt: skip
    assert [[(status, side.word) for status, side in rows if side] for rows in told] == [
        [("changed", "output 1"), ("changed", "output 2")], [("added", "output 3")], [("removed", "output 3")]
    ]  # fmt: skip


def test_other_wiring_is_said_by_name() -> None:
    (changed,) = [c for c in compare(graph("other"), graph("rewired")) if c.status != "equal"]
    assert changed.status == "changed"
    assert changed.notes == ("reads x, second instead of first, second",)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        *itertools.pairwise(
            ["resnet18", "densenet121", "googlenet", "nasnetalarge", "vgg11", "mobilenet_v2", "resnet18"]
        )
    ],
)
def test_differences_of_the_rows_add_up(old: str, new: str) -> None:
    a, b = archdsl.load(old), archdsl.load(new)
    found = list(compare(a.graph, b.graph))
    assert sum(c.params for c in found) == b.params - a.params
    assert sum(c.macs for c in found) == b.macs - a.macs
    for pick, whole in (("old", a), ("new", b)):
        sides = [getattr(c, pick) for c in found if getattr(c, pick) is not None]
        assert sum(s.repeats for s in sides) == len(whole.graph.nodes)


@settings(max_examples=few(60), deadline=None)
@given(graphs(), graphs())
def test_any_two_graphs(first: Graph, second: Graph) -> None:
    """A graph equals itself; between two graphs every node is on exactly one row, in order."""
    assert {c.status for c in compare(first, first, depth=9)} <= {"equal"}
    assert {row.status for row in body_changes(first, first).rows} <= {"equal"}
    assert body_changes(first, first).outputs == {}
    rows = body_changes(first, second).rows
    assert [row.old.first for row in rows if row.old] == list(range(len(first.nodes)))
    assert [row.new.first for row in rows if row.new] == list(range(len(second.nodes)))
    found = list(compare(first, second))
    for pick, whole in (("old", first), ("new", second)):
        sides = [getattr(c, pick) for c in found if getattr(c, pick) is not None]
        words = [s.word for s in sides for _ in range(s.repeats) if s.first >= 0]
        assert words == [node.word for node in whole.nodes]


def shape_of(graph: Graph) -> object:
    """A network written out: its ops with what each reads, by numbers, and what it gives."""
    flat = flatten(graph)
    number = {a.name: i for i, a in enumerate(flat.applications)}

    def of(tensors: Iterable[tuple[str, int]]) -> list[tuple[int, int]]:
        return [(number.get(name, -1), output) for name, output in tensors]

    return [(a.op, of(a.operands)) for a in flat.applications], of(flat.outputs)


@settings(max_examples=few(300), deadline=None, suppress_health_check=list(HealthCheck))
@given(graphs(), st.randoms())
def test_other_outputs_are_told_wherever_they_are(graph: Graph, chance: Random) -> None:
    """One body gives other tensors of the types that it gave: told, if the network written out differs."""
    chosen = chance.choice(list(bodies(graph)))
    tensors = [Ref(INPUT, i) for i in range(len(chosen.inputs))]
    tensors += [Ref(i, k) for i, node in enumerate(chosen.nodes) for k in range(len(node.types))]
    given = [chance.choice([t for t in tensors if chosen.type_of(t) == chosen.type_of(ref)]) for ref in chosen.outputs]

    def change(body: Graph, current: Graph) -> Graph:
        if body is not chosen:
            return current
        nodes, outputs = without_dead(list(current.nodes), tuple(given))
        return replace(current, nodes=tuple(nodes), outputs=outputs)

    try:
        changed = rewrite(graph, change)
    except InvariantError:  # one set of weights would have to be two
        reject()
    told = any(row.status in DIFFERENT for row in compare(graph, changed, depth=99))
    assert told or shape_of(graph) == shape_of(changed)
    assert told or {row.status for row in compare(graph, changed)} <= {"equal"}


def test_an_op_that_only_another_size_asks_for_is_told() -> None:
    """The same call of a block whose body has one op more at other channels did change, at whatever depth."""
    text = (
        "block unit(x; w) = (x -> conv(w, 3)) + (x if x.channels == w else x -> conv(w))\n"
        "block outer(x) = x -> unit(8) -> relu\n"
        "network one(x: [8, 9, 9]) = x -> outer\nnetwork other(x: [4, 9, 9]) = x -> outer\n"
        "network larger(x: [8, 12, 12]) = x -> outer\n"
    )
    one, other, larger = (archdsl.loads(text, name).graph for name in ("one", "other", "larger"))
    (row,) = compare(one, other)
    assert (row.status, row.notes) == ("changed", ("changed inside", "input 8x9x9 → 4x9x9"))
    added = [row.new.word for row in compare(one, other, depth=9) if row.status == "added" and row.new]
    assert added == ["conv"]
    assert [row.status for row in compare(one, larger)] == ["resized"]


@pytest.mark.parametrize("calls", [("unit", "unit * 2"), ("unit", "conv(4) -> unit")])
@pytest.mark.parametrize("block", ["x -> relu", "x -> relu -> relu"])
def test_a_body_that_differs_is_told_beside_what_explains_none_that_does(calls: tuple[str, str], block: str) -> None:
    """Repeats and sizes say nothing of what is inside."""
    text = "block unit(x) = {}\nnetwork n(x: [8, 9, 9]) = (x -> {}) -> sigmoid\n"
    pairs = [("x -> relu", calls[0]), (block, calls[1])]
    old, new = (archdsl.loads(text.format(*pair)).graph for pair in pairs)
    (row,) = [row for row in compare(old, new) if row.old and row.new and row.old.word == "unit"]
    inside = ["changed inside"] * (block != "x -> relu")
    assert row.notes[:-1] == tuple(inside) and "→" in row.notes[-1]


def test_arguments_explain_a_body_that_differs() -> None:
    text = "block unit(x; n = 1) = x -> relu * n\nnetwork n(x: [8]) = x -> unit({})\n"
    (row,) = compared(text.format(1), text.format(2))
    assert row.notes == ("n 1 → 2",)


def test_inputs_of_one_name_are_told_by_their_numbers() -> None:
    text = "network n({}) = (x -> conv(8)) - (y -> conv(8))\n"
    one, other = (text.format(", ".join(f"{name}: [8, 4, 4]" for name in names)) for names in ("xy", "yx"))
    notes = [row.rewired for row in compared(one, other) if row.rewired]
    assert notes == ["reads input 2 instead of input 1", "reads input 1 instead of input 2"]


@settings(max_examples=few(100), deadline=None)
@given(st.lists(st.integers(0, 3), max_size=5), st.lists(st.integers(0, 3), max_size=5))
def test_matching_has_the_largest_sum(old: list[int], new: list[int]) -> None:
    """Against all order-preserving sets of pairs."""

    def likeness(a: int, b: int) -> int:
        return (a + 1) * (b + 1) % 4

    def total(pairs: list[tuple[int, int]]) -> int:
        return sum(likeness(old[i], new[j]) for i, j in pairs)

    possible = [
        list(zip(rows, columns, strict=True))
        for size in range(min(len(old), len(new)) + 1)
        for rows in itertools.combinations(range(len(old)), size)
        for columns in itertools.combinations(range(len(new)), size)
    ]
    found = match(old, new, likeness)
    assert found in possible
    assert all(likeness(old[i], new[j]) for i, j in found)
    assert total(found) == max(map(total, possible))


def test_long_sequences_are_matched_in_linear_memory() -> None:
    """Past the limit of the table: a thousand items more in the middle are found to be new."""
    old = [*range(5000)]
    new = [*range(2500), *([-1] * 1000), *range(2500, 5000)]
    found = match(old, new, lambda a, b: int(a == b))
    assert found == [(i, i if i < 2500 else i + 1000) for i in range(5000)]


def test_a_scan_of_other_length_says_so() -> None:
    text = "block rnn(x, h: [4]) = [x, h] -> concat -> linear(4) -> tanh\n"
    networks = [archdsl.loads(f"{text}network net(x: [{n}, 8]) = x -> scan(rnn)") for n in (20, 35)]
    (change,) = compare(*[network.graph for network in networks])
    assert change.status == "changed"
    assert change.notes == ("steps 20 → 35", "input 20x8 → 35x8")
    assert (change.params, change.macs) == (0, 15 * 12 * 4)


def test_whose_weights_an_op_has_is_compared() -> None:
    head, chain = "network n(x: [8, 6, 6]) {\n", "    return x -> {} -> relu -> {} -> {}\n}}\n"
    shared = f"{head}    shared f = conv(8)\n    shared g = conv(8)\n"
    texts = {words: shared + chain.format(*words) for words in itertools.product("fg", repeat=3)}
    groups = {words: tuple(words.index(word) for word in words) for words in texts}
    for (one, old), (other, new) in itertools.product(texts.items(), repeat=2):
        rows = body_changes(archdsl.loads(old).graph, archdsl.loads(new).graph).rows
        assert any("weights: " in row.rewired for row in rows) == (groups[one] != groups[other]), (one, other)
    alone = head + chain.format(*["conv(8)"] * 3)
    (row,) = [row for row in compared(alone, texts["f", "g", "f"]) if row.status == "changed"]
    assert row.rewired == "weights: those of f instead of its own"


def test_what_a_block_hands_on_is_looked_through() -> None:
    block = "block b(x, h) = {}\n"
    text = (
        block + "network n(x: [8, 6, 6], y: [8, 6, 6]) {{\n    a, c = [x, y] -> b\n    return (a -> conv(8)) - c\n}}\n"
    )
    changed = [row for row in compared(text.format("h, x"), text.format("h, h")) if row.status == "changed"]
    assert [row.rewired for row in changed] == ["", "reads conv, y instead of conv, x"]


def compared(old: str, new: str) -> list[Change]:
    return list(body_changes(archdsl.loads(old).graph, archdsl.loads(new).graph).rows)


def test_runs_of_two_files_align_as_those_of_one() -> None:
    """A name that counts, `unit_3`, is another one in a deeper network: it says nothing of what corresponds."""
    text = (
        "block unit(x; out, stride = 1, k = 3) = x -> conv(out, k, stride) -> bn -> relu\n"
        "network net(x: [3, 64, 64]; depth = DEPTH) {\n"
        "    for out in [16, 24, 32] { x = x -> unit(out, 2, 5) -> unit(out) * depth }\n    return x\n}"
    )
    shallow, deep = (archdsl.loads(text.replace("DEPTH", str(depth))).graph for depth in (2, 3))
    same = archdsl.loads(text.replace("DEPTH", "2"), depth=3).graph
    for new in (deep, same):
        found = [change for change in compare(shallow, new) if change.status not in ("equal", "renamed")]
        assert [change.notes for change in found] == [("× 2 → × 3",)] * 3


MANY = """
block pick(x; how) = x -> conv(8) if how == "{0}1" else x -> conv(8, 3) -> relu
network net(x: [8, 8, 8]) = [{1}] -> {2} -> tanh
network long(x: [8, 8, 8]) = x -> pick("{0}{3}") -> tanh
"""


def test_a_note_says_what_differs() -> None:
    """Both sides of an arrow never read alike, however many inputs there are and however long a value is."""
    seen = 0
    for op, first, second in itertools.product(
        ("add", "concat"),
        (["conv(8)"] * 6, ["conv(4)"] * 5, ["conv(8)"] * 4 + ["conv(3)"]),
        (["conv(8)"] * 7, ["conv(8)"] * 6, ["conv(8)"] * 2, ["conv(3)"] + ["conv(8)"] * 4),
    ):
        if op == "add" and any(len(set(stages)) > 1 for stages in (first, second)):
            continue
        texts = [MANY.format("", ", ".join(f"x -> {stage}" for stage in stages), op, 1) for stages in (first, second)]
        for change in compare(*[archdsl.loads(text, "net").graph for text in texts]):
            for note in change.notes:
                before, joint, after = note.rpartition(": ")[2].removeprefix("input").removeprefix("s").partition(" → ")
                seen += bool(joint)
                assert not joint or before.split() != after.split(), note
    assert seen > 10
    old, new = (archdsl.loads(MANY.format("a" * 50, "x", "add", number), "long").graph for number in (1, 2))
    notes = [note for change in compare(old, new) for note in change.notes]
    assert "how differs" in notes and not any("…" in note for note in notes)
