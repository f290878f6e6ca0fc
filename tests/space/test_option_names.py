"""Options, and decisions, are called alike whichever way their space is elaborated, and whatever was picked before."""

from __future__ import annotations

import pytest

import archdsl
from tests.space.enumerate_designs import every_design
from tests.space.judge import judge
from tests.space.parse import parse
from tests.space.test_opened import opened

START = "network n(x: [4, 8, 8]) { a = x -> relu; b = x -> tanh; "
CALLED = {
    "what an identity gives": START + "y = oneof([a, b]); z = y -> id; l = [z, y]; return oneof(l) }",
    "what flows through no repetition": START + "return oneof([a -> relu * oneof([0, 1]), a]) }",
    "what several flow through": START + "c, d = a -> [relu, id]; return oneof([d, c, a]) }",
    "what a chosen stage gives": START + "y = a -> oneof([id, relu]); l = [a, y]; return oneof(l) }",
    "what is set again": START + "x = x -> oneof([relu, tanh]); c, d = x -> [relu, id]; return oneof([x, c]) }",
    "what is set under a condition": START + "y = a; if oneof([true, false]) { y = b }; return oneof([y, a]) }",
    "a list that is set under a condition": START + "l = [a]; if oneof([true, false]) { l = [b] }; return oneof(l) }",
    "a list that is filled under a condition": START
    + "l = []; if oneof([true, false]) { l = [a] }; return oneof(l + [b]) }",
    "what a chosen type decides": START
    + "e = x -> conv(oneof([4, 6])); c = a; if e.channels > 4 { c = b }; return oneof([c, a]) }",
    "a ternary": START + "e = x -> conv(oneof([4, 6])); c = a if e.channels > 4 else b; return oneof([c, a]) }",
    "a ternary on its way": START + "l = [a if oneof([true, false]) else b, a]; return oneof(l) }",
    "what is unpacked of a chosen list": START + "c, d = oneof([[a, b], [a, x]]); return oneof([c, d]) }",
    "what a chosen list is run through": START + "y = x; for t in oneof([[a], [b]]) { y = oneof([t, y]) }; return y }",
    "a list that is made of a chosen one": START + "return oneof([t for t in oneof([[a, b], [b, a]])]) }",
    "what a loop sets": "cell c(x, p; n) { y = x; for i in range(n) { y = p }; l = [y, x, p]; return oneof(l) }\n"
    + START
    + "return [a, b] -> c(oneof([0, 1])) }",
    "a list that grows in a loop": START
    + "l = [a, b]; for i in range(oneof([1, 2])) { l = l + [oneof(l) -> relu] }; return oneof(l) }",
    "an item of a list": START + "l = [a, b]; y = l[oneof([0, 0])]; return oneof([y, a]) }",
    "a second name": START + "y = a; return oneof([a, y, b]) }",
    "lists in a list": START + "y = a; return oneof([[a, y], [y, b]]) -> add }",
}

UNIT = "block u(x) = x -> oneof([relu, tanh])\nnetwork n(x: [4, 8, 8]) { "
# What is asked in blocks that stand in lists: it is called after the place in the list where the text does not tell it.
IN_LISTS = {
    "written out, by what is taken": UNIT + "return x -> someof([u, conv(4, oneof([1, 3])), tanh], 2) -> mean }",
    "by name, beside what is chosen": UNIT + "ops = [u, conv(4, oneof([1, 3])), u]; return x -> ops -> mean }",
    "behind what may be there": UNIT + "ops = oneof([[], [relu]]) + [u]; return x -> ops -> mean }",
    "there or not": UNIT + "ops = oneof([[], [relu]]) + oneof([[], [u]]) + [u]; return x -> ops -> mean }",
    "written out, behind what may be there": UNIT + "return x -> oneof([[], [relu]]) + [u] -> mean }",
    "chosen": UNIT + "ops = [oneof([relu, u]), u]; return x -> ops -> mean }",
    "in pairs": UNIT + "ops = [oneof([relu, u]), u]; return [x, x] -> ops -> mean }",
    "in a chain": UNIT + "ops = [oneof([relu, u]), u]; return x -> (tanh -> ops -> mean) * 2 }",
    "in a list in a list": UNIT + "ops = [oneof([relu, u]), [u, tanh] -> mean]; return x -> ops -> mean }",
}


@pytest.mark.parametrize("text", [*CALLED.values(), *IN_LISTS.values()], ids=[*CALLED, *IN_LISTS])
def test_options_are_called_alike(text: str) -> None:
    judge(text, "n", opened)
    for design in every_design(parse(text)):
        network = archdsl.loads(text, network="n", picks=dict(design.picks))
        assert {name: choice.picked for name, choice in network.choices.items()} == design.picks


def test_a_list_that_is_written_out_shows_the_names_in_it() -> None:
    text = START + "y = a; z = a -> id; return oneof([a, y, z, a -> tanh]) }"
    assert archdsl.loads(text).choices["out"].options == ("a", "y", "z", "3")
