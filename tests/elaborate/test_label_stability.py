"""Checks the promise on keys: labelled ones never change when another line changes, and no two are equal."""

from __future__ import annotations

import random
import re
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archdsl.ir.graph import Graph
from archdsl.network import check_text, loads
from tests.few import few

# {i} is the number of the line; the labelled lines write their own number into the label.
LABELLED = [
    'x = x -> conv(8) as "key{i}"',
    'y = x -> (conv(8) -> bn) as "key{i}" -> relu',
    'x = x -> unit * 2 as "key{i}"',
    'for j in range(2) {{ x = x -> unit as "key{i}.{{j}}" }}',
    'y = x -> (conv(8) as "a" -> relu -> unit) as "key{i}"',
    'x = x -> [conv(8), unit] as "key{i}" -> add',
]
OTHER = [
    "x = x -> conv(8)",
    "y = x -> conv(8) -> bn",
    "x = x -> unit -> unit",
    "for j in range(2) {{ y = x -> conv(8) }}",
    "a = x; y = a -> relu",
    "shared f = conv(8); x = x -> f -> f",
    "x = x -> (conv(8) -> relu) * 2",
]
LINES = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=8)


def labels(lines: list[str]) -> list[str]:
    """Labels of the modules of a network with these lines, where every line's result is used."""
    text = "block unit(x) = x -> conv(8) -> relu\nnetwork n(x: [8, 4, 4]) {\n    y = x\n    out = [x]\n"
    text += "".join(f"    {line}\n    out = out + [x, y]\n" for line in lines)
    graph: Graph = loads(text + "    return out -> add\n}").graph
    slots = [node.slot for node in graph.nodes]
    found = [node.label for node in graph.nodes]
    assert all(slots[i] is not None for i, label in enumerate(found) if label and label in found[:i])
    return [label for label in found if label]


@settings(max_examples=few(60), deadline=None)
@given(LINES, st.data())
def test_labelled_keys_stay(chosen: list[tuple[bool, int]], data: st.DataObject) -> None:
    lines = [(LABELLED if labelled else OTHER)[k].format(i=i) for i, (labelled, k) in enumerate(chosen)]
    before = labels(lines)
    gone = data.draw(st.integers(0, len(lines) - 1))
    after = labels(lines[:gone] + lines[gone + 1 :])
    kept = {label for label in before if label.startswith("key") and not label.startswith(f"key{gone}")}
    assert kept <= set(after)


@pytest.mark.parametrize("seed", range(200))
def test_names_that_clash_are_seen(seed: int) -> None:
    """Two modules of one name, and a module inside another: found by comparing each label with each other."""
    dice = random.Random(seed)
    labels = [".".join(dice.choices("ab", k=dice.randint(1, 4))) for _ in range(dice.randint(2, 5))]
    clash = any(one == other or other.startswith(f"{one}.") for one, other in permutations(labels, 2))
    text = "".join(f'    x = x -> linear(4) as "{label}"\n' for label in labels)
    found = check_text(f"network n(x: [4]) {{\n{text}    return x\n}}")
    assert [d.code for d in found] == (["duplicate-label"] if clash else []), labels
    for diagnostic in found:  # it shows both modules
        shown = [re.fullmatch(r"linear, line (\d+): labelled ([ab.]+)", note) for note in diagnostic.notes]
        assert len(shown) == 2 and all(m and labels[int(m[1]) - 2] == m[2] for m in shown)


@pytest.mark.parametrize(
    ("body", "message", "first", "second"),
    [
        (
            'y = x -> conv(3) as "s.0"\n    return [y, x] -> (add -> relu -> conv(3)) as s',
            "two modules are called s.0",
            "add, line 3: part 0 of what is labelled s: parts without a label are counted",
            "conv, line 2: labelled s.0",
        ),
        (
            'y = x -> b as "s.1.q"\n    return y -> (relu -> (conv(3) -> b)) as s',
            "s.1.q would lie inside s.1, which is a module",
            "b, line 2: labelled s.1.q",
            "conv, line 3: part 1 of what is labelled s: parts without a label are counted",
        ),
        (
            "return x -> (conv(3) as q -> conv(3) -> b as q) as s",
            "two modules are called s.q",
            "b, line 2: labelled q, in what is labelled s",
            "conv, line 2: labelled q, in what is labelled s",
        ),
        (
            'c = conv(3)\n    return x -> (c -> relu) as "s.b" -> conv(3) as s',
            "s.b.0 would lie inside s, which is a module",
            "conv, line 2: part 0 of what is labelled s.b: parts without a label are counted",
            "conv, line 3: labelled s",
        ),
    ],
)
def test_a_clash_shows_both_modules(body: str, message: str, first: str, second: str) -> None:
    """What each is, where it stands, and why it is called so: of two modules often only one was labelled so."""
    text = f"network n(x: [3, 8, 8]) {{\n    {body}\n}}\nblock b(x) = x -> conv(3) -> relu\n"
    (found,) = check_text(text)
    assert (found.code, found.message, *found.notes) == ("duplicate-label", message, first, second)
