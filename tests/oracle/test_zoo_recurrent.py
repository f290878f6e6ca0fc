"""Compares the recurrent networks of the zoo with torch.nn.LSTM and the formulas of their authors' code."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

import archdsl
from tests.oracle.counting import params_of
from tests.oracle.equality import TOLERANCE, relative_error
from tests.oracle.recurrent import TABLES, LSTMLanguageModel, SearchedRNN
from tests.oracle.redraw import redraw
from tests.oracle.test_networks import SPECS

# d, dropout, unrolled steps: section 4.1 of the paper.
ZAREMBA = {"small": (200, 0.0, 20), "medium": (650, 0.5, 35), "large": (1500, 0.65, 35)}
WIDTHS = {"darts_v1_rnn": 850, "darts_v2_rnn": 850, "enas_rnn": 748, "enas_lm_rnn": 800}


def load(network: str, **arguments: Any) -> archdsl.Network:
    file = "lstm_lm" if network.startswith("lstm") else network.partition("_")[0] + "_rnn"
    return archdsl.load(str(SPECS / f"{file}.arch"), network, **arguments)


def searched(network: str, d: int, vocabulary: int) -> SearchedRNN:
    count = len(TABLES[network].split()) // 2
    # Of the first code of ENAS the nodes that no other follows; else all of the table.
    outputs = (3, 4, 7, 9, 10, 11) if network == "enas_rnn" else range(1, count + 1)
    return SearchedRNN(TABLES[network], d, vocabulary, outputs, network.startswith("darts"))


def macs_by_torch(module: nn.Module, steps: int) -> int:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module.eval()(torch.zeros(1, steps, dtype=torch.long, device="meta"))
    return counter.get_total_flops() // 2


@pytest.mark.parametrize("size", ZAREMBA)
def test_counts_of_lstm_language_models(size: str) -> None:
    """Parameters are those of torch.nn, whose LSTM has a second bias that the paper has not."""
    d, drop, steps = ZAREMBA[size]
    ours = load(f"lstm_lm_{size}")
    with torch.device("meta"):
        reference = LSTMLanguageModel(d, drop, 10_000)
    assert ours.graph.inputs[0].shape == (steps,)
    assert ours.params == params_of(reference) - 2 * 4 * d
    gates = sum(w.numel() for name, w in reference.lstm.named_parameters() if name.startswith("weight"))
    assert ours.macs == steps * (gates + reference.softmax.weight.numel())


@pytest.mark.parametrize("network", TABLES)
def test_counts_of_searched_recurrent_networks(network: str) -> None:
    """Parameters and multiply-accumulates are those of the formula, to the last digit."""
    ours = load(network)
    with torch.device("meta"):
        reference = searched(network, WIDTHS[network], 10_000)
    assert ours.params == params_of(reference)
    assert ours.macs == macs_by_torch(reference, 35)


def agree(ours: nn.Module, theirs: nn.Module, words: Tensor, pairs: Any) -> None:
    """The same scores, differences between two inputs and gradients; `pairs` gives (ours, theirs) of each gradient."""
    outputs = [module(words) for module in (ours, theirs)]
    assert relative_error(outputs[0], outputs[1]) < TOLERANCE
    assert relative_error(outputs[0][0] - outputs[0][1], outputs[1][0] - outputs[1][1]) < TOLERANCE
    spread = (outputs[1][0] - outputs[1][1]).abs().max() / outputs[1].abs().max()
    assert spread > 1e-2  # the signal is alive
    direction = torch.randn(outputs[0].shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    for output in outputs:
        (output * direction).sum().backward()
    for mine, yours in pairs():
        assert yours.abs().max() > 0
        assert relative_error(mine, yours) < TOLERANCE


def two_sentences(vocabulary: int, steps: int) -> Tensor:
    return torch.randint(0, vocabulary, (2, steps), generator=torch.Generator().manual_seed(0))


def test_lstm_language_model_is_torch() -> None:
    """Both layers, all gates, the first states and what goes from step to step are torch.nn.LSTM's."""
    d, vocabulary, steps = 12, 40, 9
    ours = load("lstm_lm_medium", d=d, vocabulary=vocabulary, steps=steps).build()
    words = two_sentences(vocabulary, steps)
    redraw(ours, 0, words)
    assert [(m.p) for m in ours.modules() if isinstance(m, nn.Dropout)] == [0.5] * 3
    ours.eval()
    theirs = LSTMLanguageModel(d, 0.5, vocabulary).double().eval()
    order = torch.cat([torch.arange(k * d, (k + 1) * d) for k in (0, 1, 3, 2)])  # ours i f o g, torch's i f g o
    own = dict(ours.named_parameters())

    def halves(layer: int, of: Any) -> tuple[Tensor, Tensor, Tensor]:
        weight, bias = (of(own[f"layers.{2 * layer}.gates.{name}"])[order] for name in ("weight", "bias"))
        return weight[:, :d], weight[:, d:], bias

    with torch.no_grad():
        theirs.embedding.weight.copy_(own["embedding.weight"])
        for name in ("weight", "bias"):
            getattr(theirs.softmax, name).copy_(own[f"softmax.{name}"])
        for layer in range(2):
            for name, part in zip(("weight_ih", "weight_hh", "bias_ih"), halves(layer, lambda p: p), strict=True):
                getattr(theirs.lstm, f"{name}_l{layer}").copy_(part)
            getattr(theirs.lstm, f"bias_hh_l{layer}").zero_()

    def pairs() -> Any:
        yield own["embedding.weight"].grad, theirs.embedding.weight.grad
        yield own["softmax.weight"].grad, theirs.softmax.weight.grad
        for layer in range(2):
            for name, part in zip(("weight_ih", "weight_hh", "bias_ih"), halves(layer, lambda p: p.grad), strict=True):
                yield part, getattr(theirs.lstm, f"{name}_l{layer}").grad

    agree(ours, theirs, words, pairs)


@pytest.mark.parametrize("network", TABLES)
def test_searched_recurrent_network_is_the_formula(network: str) -> None:
    d, vocabulary, steps = 10, 30, 8
    ours = load(network, d=d, vocabulary=vocabulary, steps=steps).build()
    words = two_sentences(vocabulary, steps)
    redraw(ours, 0, words)
    theirs = searched(network, d, vocabulary).double()
    own = dict(ours.named_parameters())
    matrices = [p for name, p in own.items() if name.startswith("recurrent.")]
    assert len(matrices) == len(theirs.matrices())
    with torch.no_grad():
        theirs.embedding.copy_(own["embed.weight"])
        if theirs.bias is not None:
            theirs.bias.copy_(own["bias"].flatten())
        for mine, yours in zip(matrices, theirs.matrices(), strict=True):
            yours.copy_(mine.T)

    def pairs() -> Any:
        yield own["embed.weight"].grad, theirs.embedding.grad
        if theirs.bias is not None:
            yield own["bias"].grad.flatten(), theirs.bias.grad
        for mine, yours in zip(matrices, theirs.matrices(), strict=True):
            yield mine.grad.T, yours.grad

    agree(ours, theirs, words, pairs)
