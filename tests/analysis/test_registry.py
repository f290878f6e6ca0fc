"""Metrics are found by reading the folder."""

import importlib
from pathlib import Path

import pytest

from archdsl.analysis import registry
from archdsl.analysis.registry import metric, names

FOLDER = Path(registry.__file__).parent


def test_names_are_those_of_the_modules() -> None:
    """What is read off the text is what the modules export."""
    modules = [importlib.import_module(f"archdsl.analysis.{path.stem}") for path in FOLDER.glob("*.py")]
    exported = {name: found for module in modules for name, found in getattr(module, "METRICS", {}).items()}
    assert set(names()) == exported.keys() and {"params", "macs", "depth", "paths", "memory_access"} <= set(names())
    for name, found in exported.items():
        assert metric(name) is found


def test_an_unknown_metric_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        metric("speed")


def test_two_modules_with_one_name_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for stem in ("one", "two"):
        (tmp_path / f"{stem}.py").write_text('METRICS = {"params": len}\n')
    monkeypatch.setattr(registry, "_FOLDER", str(tmp_path))
    with pytest.raises(ValueError, match="params"):
        registry._homes.__wrapped__()
