"""Ops are found by name, families are imported on demand, the reference is fresh."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from archdsl.emit.ops_reference import op_page, reference
from archdsl.ops import registry
from archdsl.ops.base import Op, parameters

ROOT = Path(__file__).parents[2]


def test_names_read_off_the_text_are_the_classes() -> None:
    for family, names in registry.families().items():
        ops = importlib.import_module(f"archdsl.ops.{family}").OPS
        assert sorted(op.name for op in ops) == sorted(names)
        assert all(registry.load(op.name) is op for op in ops)


def test_every_module_with_ops_is_a_family() -> None:
    exporting = {f.stem for f in (ROOT / "archdsl/ops").glob("*.py") if re.search(r"^OPS = ", f.read_text(), re.M)}
    assert exporting == set(registry.families())


def test_unknown_name() -> None:
    assert registry.load("convolution") is None


def test_loading_one_op_leaves_the_other_families_alone() -> None:
    code = "import sys; from archdsl.ops import registry; registry.load('relu'); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "archdsl.ops.activation" in loaded
    for absent in ("archdsl.ops.conv", "importlib.metadata", "torch", "networkx"):
        assert absent not in loaded.split()


def test_two_ops_of_one_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in ("one.py", "two.py"):
        (tmp_path / file).write_text('class Twin:\n    name = "twin"\n', encoding="utf-8")
    monkeypatch.setattr(registry, "_FOLDER", str(tmp_path))
    with pytest.raises(RuntimeError, match=r"two ops are called twin: in one and in two"):
        registry._families.__wrapped__()


def test_plugins_are_found_after_the_built_in_ops(monkeypatch: pytest.MonkeyPatch) -> None:
    class Swirl(Op):
        name = "swirl"

    class Impostor(Op):
        name = "conv"

    def installed(*ops: type[Op]) -> None:
        entry = SimpleNamespace(value="elsewhere", load=lambda: SimpleNamespace(OPS=ops))
        monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [entry])
        registry._plugins.cache_clear()

    try:
        installed(Swirl)
        assert registry.load("swirl") is Swirl
        assert "swirl" in registry.names(plugins=True) and "swirl" not in registry.names()
        installed(Impostor)
        with pytest.raises(RuntimeError, match="two ops are called conv"):
            registry.load("swirl")
    finally:
        registry._plugins.cache_clear()


def test_argument_names_and_types_are_declared() -> None:
    for name in registry.names():
        op = registry.load(name)
        assert op is not None
        for parameter in parameters(op):
            assert parameter.doc and parameter.type.name
            if not parameter.required:  # a default can be written out, and stays what it is
                assert parameter.type.accepts(parameter.default) == parameter.default, (name, parameter)


def test_the_reference_is_fresh() -> None:
    written = (ROOT / "docs/ops.md").read_text(encoding="utf-8")
    assert written == reference(), "run `python -m docs`"


def test_the_page_of_one_op() -> None:
    page = op_page("max_pool")
    assert page.startswith('# max_pool\n\n`max_pool(kernel, stride = "kernel", padding = "auto"')
    assert "in PyTorch `nn.MaxPool2d(kernel_size=3, stride=2, padding=1)`" in page
    with pytest.raises(KeyError):
        op_page("nope")
