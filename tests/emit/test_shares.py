"""Shares in figures, plots and tables: 0 is said of nothing else than 0, and what is small says that it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import archdsl
from archdsl.emit.cells import share_text
from archdsl.emit.figure.shares import percentage
from archdsl.emit.plots.paint import percent

WRITTEN: list[Callable[[int, int], str]] = [
    share_text,
    percent,
    lambda part, whole: percentage(part / whole),
    lambda part, whole: share_text(Fraction(part, whole), 1),
]


@pytest.mark.parametrize("write", WRITTEN)
@given(st.integers(0, 10**18), st.integers(1, 10**18))
def test_only_nothing_is_said_to_be_nothing(write: Callable[[int, int], str], part: int, more: int) -> None:
    text = write(part, part + more).replace(" ", "")
    number = re.fullmatch(r"(<?)([0-9.]+)%?", text)
    assert number is not None, text
    said, found = float(number[2]), 100 * part / (part + more)
    assert (said == 0) == (part == 0)
    assert found < said if number[1] else abs(found - said) <= 0.5001 if found >= 9.95 else abs(found - said) <= 0.0501


def test_boxes_without_cost_and_with_little_are_told_apart() -> None:
    network = archdsl.loads("network n(x: [64, 99, 99]) = x -> conv(64, 9) -> relu -> conv(1, 1) -> max_pool(2)\n")
    picture = network.draw(color="macs").decode()
    assert ">0 %<" in picture and re.search(r">0\.\d %<|>< 0\.1 %<|>&lt; 0\.1 %<", picture)
