"""Compares networks of words, and of noise, with formulas of their weights: outputs, gradients, work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

import archdsl
from tests.oracle import formulas
from tests.oracle.behaviour import functional, outputs_of
from tests.oracle.equality import HEALTHY, TOLERANCE, relative_error
from tests.oracle.redraw import redraw


@dataclass(frozen=True)
class Case:
    """A network and its formula; `small` makes it quick, and what both forms take of `small` is in `both`."""

    network: str
    formula: Callable[..., Any]
    small: dict[str, int]
    both: dict[str, int]

    def inputs(self, network: archdsl.Network, kind: str | None) -> list[Tensor]:
        """Two samples: numbers, or words of the smallest vocabulary; one on the meta device."""
        random, made = torch.Generator().manual_seed(0), []
        for i, type in enumerate(network.graph.inputs):
            shape = (1 if kind else 2, *type.shape)
            if type.dtype == "int":
                words = torch.randint(0, 2 if i else 11, shape, generator=random)
                made.append(words.to("meta") if kind else words)
            else:
                made.append(torch.randn(shape, generator=random, dtype=torch.float64).to(kind or "cpu"))
        return made


WORDS = {"vocabulary": 11, "length": 7}
BERT = {"layers": 2, "heads": 2}
CASES = [
    Case("bert_base", formulas.bert, {**WORDS, **BERT, "d": 12}, {"layers": 12, "heads": 12}),
    Case("bert_large", formulas.bert, {**WORDS, **BERT, "d": 8}, {"layers": 24, "heads": 16}),
    Case("gpt2_small", formulas.gpt2, {**WORDS, **BERT, "d": 12}, {"layers": 12, "heads": 12}),
    Case("gpt2_medium", formulas.gpt2, {**WORDS, **BERT, "d": 8}, {"layers": 24, "heads": 16}),
    Case("gpt2_large", formulas.gpt2, {**WORDS, **BERT, "d": 8}, {"layers": 36, "heads": 20}),
    Case("gpt2_xl", formulas.gpt2, {**WORDS, **BERT, "d": 8}, {"layers": 48, "heads": 25}),
    Case("rhn_10", formulas.rhn, {"vocabulary": 11, "steps": 5, "d": 8, "depth": 3}, {"depth": 10}),
    Case("rhn_10_tied", formulas.rhn, {"vocabulary": 11, "steps": 5, "d": 8, "depth": 3}, {"depth": 10}),
    Case("tcn_ptb", formulas.tcn, {**WORDS, "d": 8, "levels": 3}, {"levels": 4}),
    Case("vae", formulas.vae, {"pixels": 30, "hidden": 12, "latent": 3}, {}),
]


def _cases() -> list[Any]:
    """The largest are slow: each product of each head is counted."""
    slow = {"gpt2_large", "gpt2_xl"}
    return [pytest.param(case, marks=[pytest.mark.slow] * (case.network in slow), id=case.network) for case in CASES]


@pytest.mark.parametrize("case", _cases())
def test_multiply_accumulates_are_those_of_the_formula(case: Case) -> None:
    """At the published size, on the meta device."""
    network = archdsl.load(case.network)
    with torch.device("meta"):
        weights = {k: v.detach().double() for k, v in network.build().named_parameters()}
    with FlopCounterMode(display=False) as counter:
        case.formula(weights, *case.inputs(network, "meta"), **case.both)
    assert counter.get_total_flops() == 2 * network.macs


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.network)
def test_function_is_the_formula(case: Case) -> None:
    """Outputs, how they differ between two samples, and the gradients of all weights."""
    network = archdsl.load(case.network, **case.small)
    ours, inputs = network.build(), case.inputs(network, None)
    redraw(ours, 0, *inputs)
    ours.eval()
    weights = dict(ours.named_parameters())
    formula = partial(case.formula, **{k: case.small[k] for k in case.both})
    outputs = [outputs_of(function(*inputs)) for function in (ours, partial(formula, weights))]
    for mine, theirs in zip(*outputs, strict=True):
        assert relative_error(mine, theirs) < TOLERANCE
        assert relative_error(mine[0] - mine[1], theirs[0] - theirs[1]) < TOLERANCE
        assert relative_error(theirs[0], theirs[1]) > HEALTHY
    mine, theirs = (torch.autograd.grad(functional(made, 1), list(weights.values())) for made in outputs)
    floor = 1e-6 * max(float(g.abs().max()) for g in theirs)
    assert max(relative_error(a, b, floor) for a, b in zip(mine, theirs, strict=True)) < TOLERANCE


def test_dropouts_are_the_published_ones() -> None:
    """How many, and with which probability: after the embedding, then twice a layer."""
    for name, layers in (("bert_base", 12), ("gpt2_small", 12)):
        with torch.device("meta"):
            model = archdsl.load(name).build()
        assert [m.p for m in model.modules() if isinstance(m, nn.Dropout)] == [0.1] * (1 + 2 * layers)
