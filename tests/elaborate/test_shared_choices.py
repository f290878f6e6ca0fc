"""A shared stage whose applications depend on choices has, in each design, the weights that it has by itself."""

from __future__ import annotations

import pytest

from tests.elaborate.each_design import assert_agreement

BOOL = "oneof([true, false])"
NARROW = "(x -> conv(oneof([8, 4])) -> f)"
# What is shared, what is returned, and how many designs fail: those in which f would need other weights.
BODIES = {
    "an op meets other channels": ("conv(8)", f"(x -> f) + {NARROW}", 1),
    "a block meets other channels": ("u", f"(x -> f) + {NARROW}", 1),
    "a block meets other channels first": ("u", f"{NARROW} + (x -> f)", 1),
    "a block meets two that are chosen": ("u", f"{NARROW} + {NARROW}", 2),
    "a block of blocks": ("v", f"(x -> f) + {NARROW}", 1),
    "a cell": ("c", f"(x -> f) + {NARROW}", 2),
    "a chain": ("conv(8) -> u -> conv(8)", f"(x -> f) + {NARROW}", 1),
    "a block meets other sizes": (
        "u",
        "(x -> f -> global_avg_pool) + (x -> conv(8, 3, oneof([1, 2])) -> f -> global_avg_pool)",
        0,
    ),
    "a block whose weights follow the size": ("s", "(x -> f) + (x -> conv(8, 3, oneof([1, 2])) -> f)", 1),
    "three times": ("u", f"(x -> f) + {NARROW} + {NARROW}", 2),
    "three times, two of which are alike": ("u", f"{NARROW} + (x -> f) + (x -> relu -> f)", 1),
    "once in a branch": ("u", f"(x -> f) + ({NARROW} if {BOOL} else x)", 1),
    "in either branch": ("u", f"(x -> f) if {BOOL} else {NARROW}", 0),
    "a choice of blocks": ("oneof([u, s])", f"(x -> f) + {NARROW}", 2),
    "a choice inside": ("conv(8) -> oneof([relu, prelu]) -> conv(8)", "x -> f -> f", 0),
    "a choice inside a block": ("w", "x -> f -> f", 0),
    "a choice inside a block, in loops": ("w -> relu -> w", "[x -> f * n for n in range(1, 3)] -> add", 0),
    "a choice inside a chosen block": ("oneof([w, c, u])", "x -> f -> f", 0),
    "a choice inside a block, once in a branch": ("w", f"x -> f -> (f if {BOOL} else w)", 0),
    "a choice inside a shared stage of a shared block": ("z", "x -> f -> f", 0),
    "a choice inside that fails": ("oneof([relu, prelu]) -> conv(8)", f"(x -> f) + {NARROW}", 2),
    "a choice inside, once in a branch": (
        "conv(8) -> oneof([relu, conv(8, 3)]) -> conv(8)",
        f"x -> f -> (f if {BOOL} else id)",
        0,
    ),
    "a choice of how often, inside": (
        "conv(8) -> u * oneof([1, 2]) -> conv(8, 3)",
        f"x -> f -> (f if {BOOL} else id)",
        0,
    ),
    "a choice inside that the second use has not": (
        f"conv(8) -> (conv(8) if {BOOL} else relu) -> conv(8)",
        f"x -> f -> (f if {BOOL} else id)",
        0,
    ),
}
HEAD = """
block u(x) = x -> conv(8)
block v(x) = x -> relu -> u
block s(x) = x -> linear(8) -> conv(8)
block w(x; kernel = oneof([1, 3])) = x -> conv(oneof([8, 4]), kernel) -> conv(8)
block z(x) { shared g = w; return x -> g * oneof([1, 2]) -> g }
cell c(x) = x -> oneof([conv(8), conv(8, 3)])
network n(x: [8, 8, 8]) {
"""


@pytest.mark.parametrize(("shared", "result", "failing"), BODIES.values(), ids=BODIES)
def test_weights_serve_or_the_design_fails(shared: str, result: str, failing: int) -> None:
    assert_agreement(f"{HEAD}    shared f = {shared}\n    return {result}\n}}\n", failing)


SCANS = {
    "a chosen scan": ("oneof([scan(rnn(8, tanh)), scan(rnn(8, relu))])", "x -> f -> f", 0),
    "a scan with a choice": ("scan(rnn(8, oneof([relu, tanh])))", "x -> f -> f", 0),
    "a scan that chooses": ("scan(rnn(8, id))", "x -> f -> oneof([relu, f]) -> f", 0),
    "a chosen scan or another stage": ("oneof([scan(rnn(8, tanh)), linear(8)])", "x -> f -> f", 0),
    "a scan of other features": ("scan(rnn(8, tanh))", "x -> f -> linear(oneof([8, 4])) -> f", 1),
    "a chosen scan of other features": (
        "oneof([scan(rnn(8, tanh)), scan(rnn(8, relu))])",
        "x -> f -> linear(oneof([8, 4])) -> f",
        2,
    ),
}


@pytest.mark.parametrize(("shared", "result", "failing"), SCANS.values(), ids=SCANS)
def test_scans_have_the_weights_that_they_have_alone(shared: str, result: str, failing: int) -> None:
    rnn = "block rnn(x, h: [d]; d, act) = [x, h] -> concat -> linear(d) -> act"
    assert_agreement(f"{rnn}\nnetwork n(x: [6, 8]) {{ shared f = {shared}; return {result} }}\n", failing)


def test_what_is_chosen_inside_is_chosen_once_for_each_declaration() -> None:
    body = "for i in range(2) { shared f = w; for _ in range(2) { x = x -> f * 2 } }; return x"
    space = assert_agreement(f"{HEAD}    {body}\n}}\n")
    assert [decision.name for decision in space.decisions] == [
        f"{i}.f.w.{role}" for i in "01" for role in ("kernel", "out")
    ]
