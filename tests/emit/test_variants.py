"""Blocks whose instances differ in structure: the emitted module is what a plain run of the IR gives.

`ARCHDSL_NETWORKS=20000 pytest tests/emit/test_variants.py` tries that many random networks.
"""

from __future__ import annotations

import os

import pytest

from archdsl.diagnostics.model import ArchError
from archdsl.network import check_text, loads
from tests.emit.check import check_branches, check_function
from tests.emit.random_variants import elaborated, spec
from tests.few import few

COUNT = int(os.environ.get("ARCHDSL_NETWORKS", few(150)))

# What once failed, and how many parameters the network has; the first three came from outside.
CASES = {
    "a module here, a prefix there": (
        """
        block f(x; e) {
            y = x -> conv(8, 3) if e == 1 else x -> conv(16) -> conv(8)
            return x + y
        }
        network n(x: [8, 8, 8]) = x -> f(1) -> f(4)
        """,
        864,
    ),
    "a shortcut that pools first": (
        """
        block f(x; stride = 1) {
            s = x -> conv(8) if stride == 1 else x -> avg_pool(2) -> conv(8) -> bn
            return (x -> conv(8, 3, stride)) + s
        }
        network n(x: [8, 8, 8]) = x -> f -> f(stride = 2)
        """,
        2 * (72 + 584) + 16,
    ),
    "a chain without weights, or a module": (
        """
        block f(x; g) = x -> g
        network n(x: [8, 8, 8]) = x -> f(relu -> relu) -> f(conv(8))
        """,
        72,
    ),
    "one stage or several, each without weights": (
        """
        block f(x; g) = (x -> g as "0") + (x -> conv(8)) -> g
        network n(x: [8, 8, 8]) = x -> f(tanh) -> f(prelu(true) as to) -> f(relu -> max_pool(3, 1))
        """,
        3 * 72 + 2 * 8,
    ),
    "an option in a container of its own": (
        """
        block f(x; g) = x -> conv(8) -> g
        network n(x: [8, 8, 8]) = x -> f(id) -> f((conv(8) as half) as "a.b")
        """,
        3 * 72,
    ),
    "torch's own flag beside its other name": (
        "network n(x: [8, 8, 8]) = x -> conv(8) as training -> conv(8, 3) as training_ -> bn as training__",
        72 + 584 + 16,
    ),
}

# A list of one part is what it was made of: `torch.cat([x.chunk(1)])` once was a list in a list.
CASES |= {
    f"one part: {text}": (f"network n(x: [4, 8]) = {text}", 0)
    for text in (
        "x -> chunk(1) -> concat",
        "x -> split(1) -> relu",
        "x -> split([4]) -> concat",
        "x -> split(1) -> mean -> relu",
        "x -> slice(0, 1) -> unbind -> relu",
        "(x -> split(1))[0]",
        "x -> split(1)",
        "x -> split(1) -> split(1, axis = 1) -> relu -> chunk(1) -> add",
        "(x -> split(1)) + (x -> slice(0, 1) -> unbind)",
        "x -> (split(1) -> relu) * 3",
    )
}
CASES |= {
    "a Res2Net block of one scale": (
        """
        block res2(x; scale) {
            parts = x -> split(scale)
            ys = [parts[0]]
            for p in parts[1:] { ys = ys + [p + ys[-1] -> conv(p.channels, 3)] }
            return ys -> concat -> bn
        }
        network n(x: [8, 8, 8]) = x -> res2(1) -> res2(2) -> res2(1)
        """,
        3 * 16 + 148,
    ),
    "a block that gives one part": (
        """
        block f(x; n) = x -> split(n)
        network n(x: [8, 8]) = (x -> f(1) -> relu -> f(2))[1] -> conv(8)
        """,
        40,
    ),
    "one part or nothing": (
        """
        block f(x; g) = x -> conv(4) -> g -> bn
        network n(x: [4, 8]) = x -> f(split(1)) -> f(id) -> f(relu) -> f(chunk(1) -> relu) -> f(drop_path(0))
        """,
        5 * 28,
    ),
    "a sequence of one element": (
        """
        block cell_(x, h: [8]) = [x, h] -> concat -> linear(8) -> split(1)
        network n(xs: [1, 8]) {
            shared first = unbind -> concat(0)
            ys = [x -> linear(3) for x in xs -> unbind] + (xs -> scan(cell_) -> unbind) + [xs -> first]
            return ys -> concat
        }
        """,
        17 * 8 + 27,
    ),
    "a learned tensor that is one part": ("network n(x: [4, 8]) = (learned([4, 8]) -> split(1)) + [x] -> add", 32),
}


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    text, params = CASES[name]
    network = loads(text.strip().replace("\n        ", "\n"))
    assert network.params == params
    check_function(network.graph)


def test_random_networks() -> None:
    """Most are accepted; of these each builds, and is what its IR says."""
    accepted = 0
    for seed in range(COUNT):
        text = spec(seed)
        network = elaborated(text, seed)
        if network is None:
            continue
        accepted += 1
        try:
            check_function(network.graph)
            check_branches(network.source())
        except Exception as error:
            pytest.fail(f"seed {seed}: {error!r}\n{text}")
    assert accepted > COUNT // 2


def test_check_refuses_what_has_no_module() -> None:
    """Where no module can be made, `check` and `load` say so with the same words."""
    text = "block f(x) = x * (x -> avg_pool(x.height) -> conv(x.channels) -> sigmoid)\n"
    text += "network n(x: [8, 16, 16]) {\n    shared b = f\n    return x -> b -> max_pool(2) -> b\n}\n"
    with pytest.raises(ArchError) as caught:
        loads(text)
    told = [(d.code, d.message) for d in caught.value.diagnostics]
    assert told == [(d.code, d.message) for d in check_text(text)]
    assert [code for code, _ in told] == ["shared-mismatch"]
