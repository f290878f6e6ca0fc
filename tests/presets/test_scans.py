"""Blocks along a sequence, as loops in PyTorch, and embeddings whose weights score: every tool's numbers."""

from __future__ import annotations

import pytest

import archdsl
from tests.emit import test_each
from tests.emit.test_scans import LSTM, NETWORKS
from tests.presets.test_ops import check

UNREAD = {
    # Two states that change places: a step's output hangs on every second step before it.
    "swapped": """
block unit(x, h: [4], g: [4]) = g -> linear(4) as a, (h -> linear(4) as b) + (x -> linear(4) as c)
network n(x: [6, 3]) {
    _, h, g = x -> scan(unit, last = true)
    return h
}""",
    "constant": """
block unit(x, h: [4]) = x -> linear(2) as a, h -> linear(4) as b
network n(x: [6, 3], h: [4]) {
    y, last = [x -> linear(5) as before, h -> linear(4) as start] -> scan(unit, last = true)
    return last
}""",
    "tied": """
network n(words: int[7]) {
    shared embed = embedding(50, 8)
    return words -> embed -> linear(8) -> tied(embed)
}""",
}


@pytest.mark.parametrize("name", NETWORKS)
def test_network(name: str) -> None:
    check(archdsl.loads(LSTM + NETWORKS[name]).graph)


@pytest.mark.parametrize("name", [*test_each.NETWORKS][:12])
def test_elements(name: str) -> None:
    check(test_each.network(name).graph)


@pytest.mark.parametrize("name", UNREAD)
def test_results_that_nothing_reads(name: str) -> None:
    check(archdsl.loads(UNREAD[name]).graph)


@pytest.mark.parametrize("name", ["lstm_lm_small", pytest.param("darts_v2_rnn", marks=pytest.mark.slow)])
def test_language_model(name: str) -> None:
    check(archdsl.load(name).graph)
