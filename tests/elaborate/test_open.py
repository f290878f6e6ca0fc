"""Elaborating a whole space finds the designs that are found one by one: a case for each thing that went wrong."""

from __future__ import annotations

import pytest

from archdsl.choices.nodes import leaves, value_of
from archdsl.diagnostics.model import Diagnostics
from archdsl.elaborate.open import elaborate_open
from archdsl.elaborate.spec import Spec
from archdsl.ir.alternatives import Alternative, Alternatives
from archdsl.source import Source
from archdsl.spaces.designs import Designs
from tests.space.judge import Picks, judge

NETWORK = "network n(x: [8, 8, 8]) "

CASES = {
    "a chosen tensor has the type that an earlier decision gave it": """
block scaled(x; out, stride) = x if stride == 1 else x -> conv(out, 3, stride)
network n(x: [8, 8, 8]) {
    states = [x, x -> conv(8, 3, 2)]
    i = oneof([0, 1])
    op = oneof([scaled, conv])
    y = states[i] -> op(8, stride = 2 if i == 0 else 1)
    return [y, states[1]] -> add
}
""",
    "a chosen op is called with chosen arguments": NETWORK
    + "{ op = oneof([conv, linear]); return x -> op(oneof([4, 8])) }",
    "a mistake shows a call whose argument is a size of a tensor that is chosen": """
block wrong(x; width) = [x, x -> conv(width, 3, 2)] -> add
network n(x: [8, 8, 8]) {
    y = x -> oneof([conv(4), conv(8)])
    return y -> oneof([relu, wrong(y.channels)])
}
""",
    "inside one stage what several calls give goes on into the next": """
block unit(x; out) = x -> conv(out)
block both(x; out) = x -> conv(out), x -> relu
network n(x: [8, 8, 8]; width = oneof([4, 8])) {
    x = x -> conv(width)
    return x -> (unit(8) -> unit(width) * 2 -> both(4) -> concat -> unit(2) + unit(2))
}
""",
    "what is looked for in a list of which it is chosen what is in it": NETWORK
    + """{
    ys = [oneof([i, 7]) for i in range(3) if oneof([true, false])]
    z = oneof([0, 7])
    y = x -> conv(4) if z in ys else x -> conv(8)
    return [y, x -> conv(8 if 2 not in ys else 4)] -> add
}
""",
    "a tensor that is made again, since more must be known, is not taken for the one that stood in its place": NETWORK
    + """{
    d = oneof([1, 2])
    ys = [x -> conv(8) if d == 1 else x -> conv(4), x -> conv(2) if d == 1 else x -> conv(6)] + [x for _ in range(d)]
    return [ys[0], x -> conv(4)] -> add
}
""",
}
BOOL = "oneof([true, false])"
# Lists of a dozen items or more, each of which may be there: there are thousands of such lists.
MANY = {
    "conditions in conditions": f"""
    xs = []
    for i in range(12) {{ if {BOOL} {{ if {BOOL} {{ xs = xs + [i] }} }} }}
""",
    "items looked for": f"    ys = [i for i in range(16) if {BOOL}]\n    xs = [i for i in range(16) if i in ys]\n",
    "conditions of several parts": f"    xs = [i for i in range(12) if {BOOL} and not ({BOOL} or {BOOL})]\n",
}


def opens(text: str, network: str) -> tuple[list[Picks], list[Picks]]:
    """All designs of the whole, and those that fail."""
    diagnostics = Diagnostics()
    found = elaborate_open(Spec(Source("<text>", text)), network, diagnostics=diagnostics)
    assert found is not None, [one.message for one in diagnostics]
    designs = Designs(found.asked)
    every = [designs.unrank(number) for number in range(designs.size)]
    fails = [design for design in every if value_of(found.asked.fails, design)]
    return [frozenset(one.items()) for one in every], [frozenset(one.items()) for one in fails]


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_whole_and_one_by_one_agree(text: str) -> None:
    judge(text, "n", opens)


def test_a_cell_that_is_called_under_a_condition_is_the_one_that_is_known() -> None:
    text = """
cell c(x) = x -> oneof([conv(8), conv(8, 3)])
network n(x: [8, 8, 8]) = x -> c -> oneof([relu, c]) -> oneof([tanh, c])
"""
    found = elaborate_open(Spec(Source("<text>", text)), "n", diagnostics=Diagnostics())
    assert found is not None
    ((_, root),) = found.roots
    calls = [
        leaf.value.target for one in root.graph.nodes if isinstance(one, Alternative) for leaf in leaves(one.variants)
    ]
    bodies = [body for body in calls if isinstance(body, Alternatives)]
    assert len(bodies) == 3 and len(set(map(id, bodies))) == 1


def test_a_block_is_one_node_whatever_the_types_of_its_operands() -> None:
    text = """
block unit(x) = x -> conv(x.channels, 3) -> bn
network n(x: [8, 8, 8]) = x -> conv(oneof([4, 8, 16])) -> unit -> unit
"""
    found = elaborate_open(Spec(Source("<text>", text)), "n", diagnostics=Diagnostics())
    assert found is not None
    ((_, root),) = found.roots
    forms = [[leaf.value for leaf in leaves(one.variants)] for one in root.graph.nodes if isinstance(one, Alternative)]
    calls = [some for some in forms if isinstance(some[0].target, Alternatives)]
    assert [sorted(form.operands[0].shape[0] for form in some) for some in calls] == [[4, 8, 16]] * 2


def test_the_length_of_a_list_costs_what_it_is_and_not_what_lists_there_are() -> None:
    text = """
network n(x: [8, 8, 8]) {
    found = []
    for i in range(40) { found = found + oneof([[], [i]]) }
    return x -> conv(1 + len(found)) -> linear(len(found) * 2 + 1)
}
"""
    found = elaborate_open(Spec(Source("<text>", text)), "n", diagnostics=Diagnostics())
    assert found is not None
    assert Designs(found.asked).size == 2**40


@pytest.mark.parametrize(
    ("what", "designs"),
    [("conditions in conditions", 3**12), ("items looked for", 2**16), ("conditions of several parts", 4**12)],
)
def test_lists_that_grow_under_conditions_are_never_listed(what: str, designs: int) -> None:
    text = f"network n(x: [8]) {{\n{MANY[what]}    return x -> linear(1 + len(xs))\n}}\n"
    found = elaborate_open(Spec(Source("<text>", text)), "n", diagnostics=Diagnostics())
    assert found is not None
    assert Designs(found.asked).size == designs
    assert found.asked.diagrams.count < 10_000
