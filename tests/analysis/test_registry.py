"""Metrics are found by reading the folder."""

import importlib

import pytest

from archdsl.analysis import registry
from archdsl.analysis.registry import metric, names


def test_names_are_those_of_the_modules() -> None:
    assert {"params", "macs", "depth", "paths", "memory_access"} <= set(names())
    for name in names():
        assert callable(metric(name))


def test_an_unknown_metric_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        metric("speed")


def test_two_modules_with_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    depth = importlib.import_module("archdsl.analysis.depth")
    monkeypatch.setitem(depth.METRICS, "params", len)
    with pytest.raises(ValueError, match="params"):
        registry.names()
