"""Puts every kind of value under every operator and into every place: never a crash, and a mistake is one message."""

from __future__ import annotations

from random import Random

import pytest

from archdsl.network import check_text

HEAD = """import std as u
WIDTH = 8
block f(x) = x -> conv(8, 3)
block g(x) = x -> conv(8, 5)
block blk(x; w) = x -> conv(w)
block nothing(; w) = learned([8, 1, 1])
fn fn1(a) = a
network net(x: [8, 8, 8]) = x -> relu
"""
NETWORK = "network n{}(x: [8, 8, 8], y: [8, 8, 8]) {{ shared shr = conv(8); r = {}; return [x -> relu] + [r] }}\n"
VALUES = [
    *("1", "0", "-3", "2.5", "true", '"half"', '""', "[]", "[1, 2]", "range(3)", "[x, y]", "[f, g]", "[x, f]", "x"),
    *("f", "relu", "id", "conv(8)", "conv", "len", "fn1", "blk", "shr", "u.cbr", "u", "WIDTH", "-x", "f * 2"),
    *("(f -> g) as a", "x.shape", "oneof([f, g])", "learned([8, 1, 1])", "nothing(1)", "net"),
]
OPERATORS = ["->", "+", "-", "*", "/", "//", "%", "**", "==", "<", "in", "and", "or"]
PLACES = [
    *("-@", "not @", "@()", "@(1)", "@(out = 2)", "@(x)", "@[0]", "@[-9]", "@[x]", "@[1:]", "@[@:]", "@[::0]"),
    *("@.channels", "@.depth", "@.cbr", "@ as lab", '@ as "a.{WIDTH}"', "(@) as lab", "[q for q in @]"),
    *("[q for q, z in @]", "1 if @ else 2", "x if true else @", "len(@)", "max(@)", "zip(@, @)", "enumerate(@)"),
    *("sum(@)", "int(@)", "oneof(@)", "range(@)", "reversed(@)", "conv(@)", "conv(8, @)", "conv(8, padding = @)"),
    *("blk(@)", "x -> blk(@)", "x -> split(@)", "x -> (@)", "x -> [@]", "[x, y] -> [@, @]", "x -> f * 2 -> @"),
    *("x -> reshape(@)", "x -> permute(@)", "x -> @ -> relu -> @", "fn1(@)", "x -> bn(@)", "x -> pad(@)"),
    *("x -> slice(@)", "x -> dropout(@)", "x -> conv(8, (@, 1))", "shr * @", "x -> shr + @", "x -> (@) * 2"),
]


def errors(*expressions: str) -> list[list[str]]:
    """Codes of the errors that each expression makes; each stands on a line of its own, in a network of its own."""
    text = HEAD + "".join(NETWORK.format(i, expression) for i, expression in enumerate(expressions))
    found: list[list[str]] = [[] for _ in expressions]
    for diagnostic in check_text(text):
        assert diagnostic.span is not None
        line = diagnostic.span.line - HEAD.count("\n") - 1
        if diagnostic.severity == "error" and line >= 0:  # what blk makes of its argument is reported in blk
            found[line].append(diagnostic.code)
    return found


# On the right stand all; of those on the left, two of three are slow.
LEFT = [pytest.param(value, marks=pytest.mark.slow if i % 3 else ()) for i, value in enumerate(VALUES)]


@pytest.mark.parametrize("left", LEFT)
def test_operators(left: str) -> None:
    expressions = [f"{left} {operator} {right}" for operator in OPERATORS for right in VALUES]
    for expression, codes in zip(expressions, errors(*expressions), strict=True):
        assert len(codes) <= 1, expression


@pytest.mark.parametrize("place", PLACES)
def test_places(place: str) -> None:
    for value, codes in zip(VALUES, errors(*(place.replace("@", value) for value in VALUES)), strict=True):
        assert len(codes) <= place.count("@"), f"{place} with {value}: {codes}"


CHOSEN = ["oneof([{}, {}])", "oneof([{}, {}, {}])", "[q for q in [{}, {}] if oneof([false, true])]", "{}"]
AFTER_NOTHING = [  # what stands behind what fails in all designs
    "x -> oneof([range(3), conv]) -> relu -> oneof([range(3), conv])",
    "[x, y] -> [oneof([len, -3]), oneof([len, -3])]",
    "[q for q in [f, conv] if oneof([false, true])] -> oneof([oneof([f, g]), range(3)])",
]


@pytest.mark.parametrize("seed", range(4))
def test_choices_between_all_kinds(seed: int) -> None:
    """Whatever the first design makes of it, all are followed at once."""
    random = Random(seed)

    def chosen() -> str:
        return random.choice(CHOSEN).format(*random.sample(VALUES, 3))

    expressions = [f"{chosen()} {random.choice(OPERATORS)} {chosen()}" for _ in range(40)]
    expressions += [random.choice(PLACES).replace("@", chosen()) for _ in range(40)]
    assert any(errors(*expressions, *AFTER_NOTHING))


def test_good_is_told_from_bad() -> None:
    """What the tests above count is of use only if the good passes and the bad does not."""
    assert errors("x -> f", "x + f", "[1, 2] -> [f, g]", "[f, g] * 2 + [id]", "1 + ghost") == [
        [],
        ["tensor-with-stage"],
        ["not-a-tensor"],
        ["returns-no-tensor"],
        ["unknown-name"],
    ]
