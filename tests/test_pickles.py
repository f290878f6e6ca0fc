"""Specs, networks and sizes through pickle and copy, also into a new process: equal on the other side."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import archdsl
from archdsl.ir.hashing import exact_hash

TEXTS = {
    "plain": "network n(x: [3, size, size]; size = 32) = x -> conv(4, 3) -> relu -> global_avg_pool -> linear(10)\n",
    "imports": "import resnet: bottleneck\nnetwork n(x: [3, 32, 32]) = x -> conv(64, 3) -> bottleneck(16)\n",
    "choice": "network n(x: [3, 8, 8]) = x -> oneof([conv(4), conv(8, 3)]) -> global_avg_pool\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_network_comes_back_equal(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = archdsl.loads(TEXTS[name])
    data = pickle.dumps(network)
    monkeypatch.chdir(tmp_path)
    for other in (pickle.loads(data), copy.deepcopy(network)):
        assert exact_hash(other.graph) == exact_hash(network.graph) and other.source() == network.source()
        assert other.sizes().at(16) == network.sizes().at(16) and other.files == network.files
    (tmp_path / "data").write_bytes(data)
    code = "import pickle; print(pickle.load(open('data', 'rb')).params)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == network.params


def test_a_spec_keeps_what_its_imports_found(tmp_path: Path) -> None:
    (tmp_path / "b.arch").write_text("block b(x) = x -> conv(7)\n")
    (tmp_path / "a.arch").write_text("import b: b\nimport lost: c\nnetwork n(x: [3, 8, 8]) = x -> b\n")
    spec = archdsl.Spec.read(tmp_path / "a.arch")
    data = pickle.dumps(spec)
    for path in tmp_path.glob("*.arch"):
        path.unlink()
    other = pickle.loads(data)
    assert other.files == spec.files and archdsl.load(other).params == archdsl.load(spec).params == 28
    assert [str(d) for d in other.reach_of_all().diagnostics] == [str(d) for d in spec.reach_of_all().diagnostics]


def test_sizes_with_a_formula_come_back() -> None:
    found = archdsl.loads(TEXTS["plain"]).sizes()
    other = pickle.loads(pickle.dumps(found))
    assert str(other.works) == str(found.works) and other.at(33) == found.at(33)


def test_a_folded_network_comes_back_with_its_formulas() -> None:
    network = archdsl.loads("network n(x: [3, 8, 8]) = x -> conv(4) -> bn\n")
    state = {name: w.detach() + 0.5 for name, w in network.build().state_dict().items()}
    folded = network.fold_batch_norm()
    other = pickle.loads(pickle.dumps(folded))
    wanted, found = folded.weights_from(state), other.weights_from(state)
    assert wanted.keys() == found.keys() and all(wanted[name].equal(found[name]) for name in wanted)
