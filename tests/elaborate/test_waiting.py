"""Calls that leave required arguments out: what still waits is called again, and means what one call does."""

from __future__ import annotations

import random

import pytest

import archdsl
from archdsl.checking import check_text
from archdsl.diagnostics.model import ArchError
from archdsl.elaborate.spec import Spec
from archdsl.ir.graph import bodies
from archdsl.ir.hashing import exact_hash
from archdsl.source import Source

PARAMS = "abcd"


class Calls:
    """A random block, variants of it and calls of them, one after the other; `given`: what the rule says they give."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.names = list(PARAMS[: dice.randint(1, 4)])
        self.required = [name for name in self.names if dice.random() < 0.6]
        self.given: dict[str, int] = {}
        self.fixed: set[str] = set()  # by variants: defaults of their own
        self.lines: list[str] = []
        self.wrong = False
        self.value = 0

    def arguments(self, most: int) -> str:
        """Random arguments of one call: by position what was not given, in order; by name any."""
        taken = {*self.given, *self.fixed}
        free = [name for name in self.names if name not in taken]
        count = self.dice.randint(0, most)
        positional, written, new = self.dice.randint(0, count), [], {}
        for index in range(positional):
            self.value = self.value % 9 + 1
            written.append(str(self.value))
            if index >= len(free):
                self.wrong = True
            else:
                new[free[index]] = self.value
        for name in self.dice.sample(self.names, min(count - positional, len(self.names))):
            self.value = self.value % 9 + 1
            written.append(f"{name} = {self.value}")
            self.wrong = self.wrong or name in new
            new[name] = self.value
        self.given |= new
        return ", ".join(written)

    def spec(self) -> tuple[str, int | None]:
        """A spec, and the channels that it gives; None where it is wrong."""
        slots = ", ".join(name if name in self.required else f"{name} = 7" for name in self.names)
        total = " + ".join(f"{name} * {10**index}" for index, name in enumerate(self.names))
        self.lines = [f"block base(x; {slots}) = x -> conv({total})"]
        called = "base"
        for number in range(self.dice.randint(0, 2)):
            self.lines.append(f"block v{number} = {called}({self.arguments(2)})")
            called = f"v{number}"
            self.fixed |= self.given.keys()
        variants = dict(self.given)
        body = []
        for number in range(self.dice.randint(1, 3)):
            body.append(f"w{number} = {called}({self.arguments(2)})")
            called = f"w{number}"
            if set(self.required) <= self.given.keys():
                break
        whole = set(self.required) <= self.given.keys()
        self.lines.append("network n(x: [1, 1, 1]) {\n    " + "\n    ".join([*body, f"return x -> {called}"]) + "\n}")
        values = dict.fromkeys(self.names, 7) | variants | self.given
        found = sum(values[name] * 10**index for index, name in enumerate(self.names))
        return "\n".join(self.lines), None if self.wrong or not whole else found


@pytest.mark.parametrize("seed", range(4))
def test_random_calls_give_what_the_rule_says(seed: int) -> None:
    right = 0
    for number in range(60):
        text, channels = Calls(random.Random(f"{seed}.{number}")).spec()
        try:
            made = archdsl.loads(text).graph.output_types[0].shape[0]
        except ArchError as error:
            codes = {d.code for d in error.diagnostics}
            assert channels is None, (text, codes)
            assert codes <= {"missing-argument", "too-many-arguments", "duplicate-argument"}, (text, codes)
        else:
            assert made == channels, text
            right += 1
    assert right > 15


HEAD = """
block unit(x; width, kernel = 3, act: stage = relu) = x -> conv(width, kernel) -> act
block pick(x; k, width) = x -> conv(width, oneof([1, k]))
block apply(x; f, width) = x -> f(width)
cell table(x; rows, width) {
    for f, g in rows { x = (x -> f(width)) + (x -> g(width)) -> bn }
    return x
}
fn made(k) = conv(kernel = k)
five = unit(kernel = 5)
"""
# Each says one thing with stages that wait, and without.
SPECS = [
    ("x -> five(8) as u", "x -> unit(8, 5) as u"),
    ("x -> five(8, gelu) as u", "x -> unit(8, 5, gelu) as u"),
    ("x -> conv(kernel = 3)(8, 2) as u", "x -> conv(8, 3, 2) as u"),
    ("x -> made(3)(8) as u -> made(5)(4, 2) as v", "x -> conv(8, 3) as u -> conv(4, 5, 2) as v"),
    ("x -> unit(act = conv(4))(8) as u", "x -> unit(8, act = conv(4)) as u"),
    ("x -> conv(kernel = oneof([1, 3]))(8) as u", "x -> conv(8, kernel = oneof([1, 3])) as u"),
    ("x -> unit(kernel = oneof([1, 3]))(oneof([4, 8])) as u", "x -> unit(oneof([4, 8]), kernel = oneof([1, 3])) as u"),
    ("x -> oneof([unit(kernel = 1), five])(8) as u", "x -> oneof([unit(8, 1), unit(8, 5)]) as u"),
    ("x -> oneof([five, made(1)])(8) as u", "x -> oneof([unit(8, 5), conv(8, 1)]) as u"),
    ("x -> pick(3)(8) as u -> pick(5)(4) as v", "x -> pick(3, 8) as u -> pick(5, 4) as v"),
    ("x -> apply(five, 8) as u", "x -> apply(unit(8, 5), 8) as u"),
]


@pytest.mark.parametrize(("waiting", "whole"), SPECS)
def test_what_waits_makes_what_one_call_makes(waiting: str, whole: str) -> None:
    plain = "block apply(x; f, width) = x -> f(width)", "block apply(x; f, width) = x -> f"
    texts = HEAD + f"network n(x: [3, 8, 8]) = {waiting}", HEAD.replace(*plain) + f"network n(x: [3, 8, 8]) = {whole}"
    one, other = (archdsl.space(Spec(Source("<text>", text))) for text in texts)
    if "apply" in waiting:  # bodies whose arguments are other ones
        assert [one.network(d).params for d in one] == [other.network(d).params for d in other]
        return
    made = [sorted(exact_hash(space.network(design).graph) for design in space) for space in (one, other)]
    assert made[0] == made[1]


def test_equal_ones_share_bodies() -> None:
    """They are equal by what they have, not by where or in how many calls it was given; the text says it alike."""
    calls = "x -> apply(unit(kernel = 5), 3) -> apply(unit()(kernel = 5), 3) -> apply(unit(act = relu)(kernel = 5), 3)"
    graph = archdsl.loads(f"{HEAD}network n(x: [3, 8, 8]) = {calls}").graph
    applied = [body for body in bodies(graph) if body.name == "apply"]
    assert [dict(body.arguments)["f"] for body in applied] == ["unit(kernel = 5)", "unit(kernel = 5, act = relu)"]
    same = "unit(kernel = 5) == five and five != unit(kernel = 3) and five in [unit(), five]"
    assert archdsl.loads(f"{HEAD}network n(x: [3, 8, 8]) = x -> conv(2 if {same} else 1)").graph.outputs


def test_tables_of_cells_hold_them() -> None:
    rows = "[(five, unit(kernel = 1)), (made(3), five)]"
    network = archdsl.loads(f"{HEAD}network n(x: [4, 8, 8]) = x -> table({rows}, 4)")
    assert [key for key in network.build().state_dict() if key.endswith("weight") and "bn" not in key] == [
        "table.f.conv.weight", "table.g.conv.weight", "table.f_1.weight", "table.g_1.conv.weight",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "span", "label"),
    [
        ("x -> five", "five", "unit(kernel = 5)"),
        ("x -> unit(kernel = 5)", "unit(kernel = 5)", None),
        ("x -> five * 2", "five * 2", "unit(kernel = 5)"),
        ("x -> [relu, five] -> concat", "five", "unit(kernel = 5)"),
        ("x -> (five as a -> relu)", "(five as a -> relu)", "unit(kernel = 5)"),
        ("x -> five(act = tanh)", "five(act = tanh)", None),
        ("x -> apply(conv, 8) -> (conv(kernel = 3) -> relu) * 2", "(conv(kernel = 3) -> relu) * 2", "conv(kernel = 3)"),
        ("x -> scan(five)", "five", "unit(kernel = 5)"),
    ],
)
def test_what_is_forgotten_is_told_where_it_is_applied(body: str, span: str, label: str | None) -> None:
    (found,) = [d for d in check_text(f"{HEAD}network n(x: [3, 8, 8]) = {body}") if d.severity == "error"]
    assert found.code == "missing-argument" and found.span is not None and found.span.text == span
    assert [one.span.text for one in found.labels] == ([] if label is None else [label])
