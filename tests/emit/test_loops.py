"""Emitted loops whose variables start from choices that read each other's names."""

from __future__ import annotations

import pytest

from archdsl.network import loads
from tests.emit.check import check_function

CELL = "block step(x, h) { y = x -> conv(4, 3)\n return y, x - h }\n"
BODY = (
    "block body(x, h; p = false) {{\n"
    " if p {{ x, h = h, x -> conv(4, 3) }}\n {first}\n"
    " for i in range(4) {{ {targets} = [{operands}] -> step as 'v.{{i}}' }}\n return x - h }}\n"
)
NET = "network n(x: [4, 5, 5], h: [4, 5, 5]) = [[x, h] -> body, [x, h] -> body(p = true)] -> add\n"


@pytest.mark.parametrize("first", ["", "x = x - h", "h = h + x"])
@pytest.mark.parametrize("operands", ["x, h", "h, x"])
@pytest.mark.parametrize("targets", ["x, h", "h, x"])
def test_no_start_overwrites_what_the_next_one_reads(targets: str, operands: str, first: str) -> None:
    body = BODY.format(first=first, targets=targets, operands=operands).replace("'", '"')
    check_function(loads(CELL + body + NET).graph)
