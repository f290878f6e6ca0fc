"""A family of networks asked by many threads, and interrupted: each network is the one that `load` gives."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import archdsl
from archdsl.elaborate import calls
from archdsl.elaborate.session import BodyFrame, Elaborated
from archdsl.elaborate.spec import Spec
from archdsl.elaborate.values import Value
from archdsl.explore.settings import NetworkFamily
from archdsl.ir.text import print_graph
from archdsl.source import Source

TEXT = """
block part(x; width) = x -> conv(width, 3) -> bn -> relu
network n(x: [3, 8, 8]; width = 4, depth = 2) = x -> part(width) * depth as parts -> part(width // 4) -> part(3)
"""


def told(network: archdsl.Network) -> str:
    return print_graph(network.graph, spans=True) + f"{network.params} {network.macs} {network.warnings}"


def test_threads_share_a_family() -> None:
    spec = Spec(Source("n.arch", TEXT))
    asked = [{"width": width, "depth": depth} for width in [4, 2, 8, 3, 12] for depth in range(3)] * 4

    def one(options: dict[str, Any]) -> str:
        try:
            return told(family.at(options))
        except archdsl.ArchError as error:
            return str(error)

    def alone(options: dict[str, Any]) -> str:
        try:
            return told(archdsl.load(spec, "n", **options))
        except archdsl.ArchError as error:
            return str(error)

    wanted = list(map(alone, asked))
    assert any(text.startswith("error") for text in wanted)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        family = NetworkFamily(spec, "n")
        with ThreadPoolExecutor(6) as pool:
            assert list(pool.map(one, asked)) == wanted
    finally:
        sys.setswitchinterval(interval)
    assert 1 <= len(family._idle) <= 6
    assert family.work == sum(session.work for session in family._idle) > 0


def test_a_session_that_was_interrupted_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a body stays in it, which would fail without a reason."""
    family = NetworkFamily(Spec(Source("n.arch", TEXT)), "n")
    before = told(family.at({}))
    run, runs = calls._run, 0

    def interrupted(frame: BodyFrame, arguments: tuple[Value, ...]) -> Elaborated | None:
        nonlocal runs
        runs += 1
        if runs == 3:
            raise KeyboardInterrupt
        return run(frame, arguments)

    monkeypatch.setattr(calls, "_run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        family.at({"width": 8})
    monkeypatch.undo()
    assert not family._idle
    assert told(family.at({})) == before
