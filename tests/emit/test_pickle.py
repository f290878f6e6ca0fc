"""Built modules go where modules go: into pickles, deep copies, torch.save and other processes."""

from __future__ import annotations

import copy
import io
import pickle
from typing import Any

import pytest
import torch
import torch.multiprocessing
from torch import nn

import archdsl

SPEC = """
block f(x; c, wide) = x + (x -> conv(c, 3) -> (conv(c, 3) -> bn if wide else id) -> conv(x.channels, 2, 1, "same"))
network net(x: [4, 6, 6]) = x -> f(8, true) -> f(6, false) * 2 -> drop_path(0.5) -> prelu
"""
X = torch.randn(2, 4, 6, 6, generator=torch.Generator().manual_seed(0))


def built() -> nn.Module:
    return archdsl.loads(SPEC).build().eval()


def saved(module: nn.Module) -> nn.Module:
    file = io.BytesIO()
    torch.save(module, file)
    file.seek(0)
    again: nn.Module = torch.load(file, weights_only=False)
    return again


COPIES: dict[str, Any] = {
    "pickle": lambda module: pickle.loads(pickle.dumps(module)),
    "old pickle": lambda module: pickle.loads(pickle.dumps(module, protocol=0)),
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
    "torch.save": saved,
    "twice": lambda module: pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(module)))),
}


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_computes_the_same(name: str) -> None:
    module = built()
    again = COPIES[name](module)
    assert torch.equal(again(X), module(X))
    assert list(again.state_dict()) == list(module.state_dict())
    assert not again.training
    assert type(again.f_1) is type(again.f_2)
    assert str(again) == str(module)


def test_a_deep_copy_has_weights_of_its_own() -> None:
    module = built()
    again = copy.deepcopy(module)
    assert type(again) is type(module)
    with torch.no_grad():
        for parameter in again.parameters():
            parameter.zero_()
    assert not torch.equal(again(X), module(X))


def test_a_part_and_a_pair() -> None:
    """One block alone; and what two references share stays one."""
    module = built()
    part = pickle.loads(pickle.dumps(module.f))
    assert torch.equal(part(X), module.f(X))
    first, second = pickle.loads(pickle.dumps((module, module)))
    assert first is second


def test_a_pickle_holds_the_source_once() -> None:
    text = archdsl.loads(SPEC).source().encode()
    assert pickle.dumps(built()).count(text[-200:]) == 1


def _compute(module: nn.Module, results: Any) -> None:
    results.put(module(X).tolist())


def test_another_process_computes_the_same() -> None:
    context = torch.multiprocessing.get_context("spawn")
    results = context.SimpleQueue()
    module = built()
    process = context.Process(target=_compute, args=(module, results))
    process.start()
    got = results.get()
    process.join()
    torch.testing.assert_close(torch.tensor(got), module(X).detach())
