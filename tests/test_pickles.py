"""What the Python interface gives through pickle and copy, also into a new process: equal on the other side."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import archdsl
from archdsl.ir.hashing import exact_hash
from archdsl.record import names_of, recorded

SPECS = Path(__file__).parents[1] / "specs"
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


@pytest.mark.parametrize("body", ["conv(4, 3, 2)", "upsample(0.7) -> conv(4, 3)"])
def test_sizes_come_back(body: str) -> None:
    """With formulas, and where sizes are tried one by one: also those that were not tried before."""
    found = archdsl.loads(f"network n(x: [3, 32, 32]) = x -> {body}\n").sizes((1, 40))
    for other in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
        assert (str(other.works), other.alike, other.alone) == (str(found.works), found.alike, found.alone)
        assert [other.at(n) for n in (20, 33, 90)] == [found.at(n) for n in (20, 33, 90)]


def mistaken() -> archdsl.ArchError:
    with pytest.raises(archdsl.ArchError) as caught:
        archdsl.loads("network n(x: [3, 8, 8]) = x -> con(4)")
    return caught.value


def misnamed() -> KeyError:
    with pytest.raises(KeyError) as caught:
        archdsl.load("resnet18").metric("dept")
    return caught.value


PICKS = {"out": "conv(8, 3)"}
RESULTS: dict[str, Callable[[], Any]] = {
    "report": lambda: archdsl.load("resnet18").analyze(),
    "findings": lambda: archdsl.load("resnet50").lint(),
    "counts": lambda: archdsl.load("resnet18").count("fvcore"),
    "choices": lambda: archdsl.loads(TEXTS["choice"], picks=PICKS).choices,
    "diagnostics": lambda: archdsl.check_text("network n(x: [3, 8, 8]) = x -> con(4)"),
    "error": mistaken,
    "name": misnamed,
    "space": lambda: archdsl.space(archdsl.loads(TEXTS["choice"])),
    "survey": lambda: archdsl.space(archdsl.loads(TEXTS["choice"])).survey(pareto="params,macs"),
    "sweep": lambda: archdsl.sweep("mobilenet_v1_100", {"width": [0.5, 1.0]}),
    "fit": lambda: archdsl.fit("mobilenet_v1_100", {"macs": 300_000_000}, "width"),
    "networkx": lambda: dict(archdsl.load("lstm_lm_small").to_networkx().nodes(data=True)),
    "names": lambda: list(names_of(archdsl.Spec.read(SPECS / "mobilenet_v2.arch"))),
    "record": lambda: recorded(archdsl.Spec.read(SPECS / "mobilenet_v2.arch"), "mobilenet_v2", {}),
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_comes_back(name: str) -> None:
    result = RESULTS[name]()
    for other in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        assert type(other) is type(result) and len(str(other)) == len(str(result))


def test_a_module_comes_back() -> None:
    module = archdsl.loads(TEXTS["plain"]).build().eval()
    x = torch.randn(1, 3, 32, 32)
    assert pickle.loads(pickle.dumps(module))(x).equal(module(x))


def test_a_folded_network_comes_back_with_its_formulas() -> None:
    network = archdsl.loads("network n(x: [3, 8, 8]) = x -> conv(4) -> bn\n")
    state = {name: w.detach() + 0.5 for name, w in network.build().state_dict().items()}
    folded = network.fold_batch_norm()
    other = pickle.loads(pickle.dumps(folded))
    wanted, found = folded.weights_from(state), other.weights_from(state)
    assert wanted.keys() == found.keys() and all(wanted[name].equal(found[name]) for name in wanted)
