"""Judges what is proposed for PyTorch's calls: it computes the same as torch's module, or it is a signature."""

from __future__ import annotations

import inspect
import os
import random
import re

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from archdsl import loads
from archdsl.elaborate.advice import said
from archdsl.network import check_text
from archdsl.ops import registry
from archdsl.ops.arguments import signature
from archdsl.synonyms.calls import CALLS
from archdsl.synonyms.names import WORDS, meaning

INPUTS = {1: [8, 12], 2: [8, 12, 12], 3: [8, 6, 6, 6]}
# What an argument is tried with; others are left out.
VALUES: dict[str, list[object]] = {
    "in_channels": [8], "in_features": [12], "num_features": [8], "num_channels": [8], "normalized_shape": [12],
    "out_channels": [4, 8, 16], "out_features": [1, 10], "kernel_size": [1, 2, 3, (3,)], "stride": [1, 2, 3],
    "padding": [0, 1, "same", "valid"], "dilation": [1, 2], "groups": [1, 2, 4], "bias": [True, False],
    "output_padding": [0, 1], "ceil_mode": [True, False], "count_include_pad": [True, False],
    "return_indices": [False], "divisor_override": [2], "norm_type": [1, 2, 3], "output_size": [1, 3, 6],
    "eps": [1e-5, 1e-3, 0.01], "momentum": [0.1, 0.2], "affine": [True, False], "elementwise_affine": [True, False],
    "track_running_stats": [True, False], "num_groups": [1, 2, 4], "size": [3, 5, 9], "alpha": [0.5, 1.0, 2],
    "beta": [0.5], "threshold": [10], "k": [1.0, 2.0],
    "inplace": [True, False], "negative_slope": [0.3], "approximate": ["none", "tanh"],
    "num_parameters": [1, 8], "dim": [1, 2, -1], "p": [0.2, 0.5], "scale_factor": [2, 3, 1.5],
    "mode": ["nearest", "linear", "bilinear", "trilinear", "bicubic", "area"], "align_corners": [True, False],
    "start_dim": [1, 2], "end_dim": [-1, 2], "upscale_factor": [2], "downscale_factor": [2, 3], "value": [0.5, 2],
    "padding_mode": ["zeros", "reflect"], "num_embeddings": [5], "embedding_dim": [3], "recompute_scale_factor": [True],
}  # fmt: skip
TRIES = int(os.environ.get("ARCHDSL_TRIES", "4"))
MODULES = [name for names in CALLS for name in names.split() if isinstance(getattr(nn, name, None), type)]


def proposal(name: str, written: str) -> str | None:
    """The call that is proposed for a name and what follows it; None for a signature or a sentence."""
    meant = meaning(name)
    assert meant is not None
    text = said(name, meant, written)
    op = registry.load(meant.word) if meant.word else None
    if op is not None and " -> " not in text:
        assert f"`{signature(op)}`" in text
    found = re.search(r"`(\S.* -> (.*))`$", text)
    return None if found is None or (op and "(" in found[2] and found[2] == signature(op)) else found[1]


def given(random_one: random.Random, parameters: dict[str, inspect.Parameter]) -> str:
    """Arguments of a call: some in order, then some by name."""
    names = [n for n in parameters if n in VALUES]
    positional = random_one.randint(0, len(names)) if names == list(parameters)[: len(names)] else 0
    parts = []
    for position, name in enumerate(names):
        required = parameters[name].default is inspect.Parameter.empty
        if position < positional:
            parts.append(repr(random_one.choice(VALUES[name])))
        elif required or random_one.random() < 0.3:
            parts.append(f"{name}={random_one.choice(VALUES[name])!r}")
    return f"({', '.join(parts)})"


def input_of(name: str) -> list[int]:
    sizes = INPUTS[int(name[-2])] if name[-2:] in ("1d", "2d", "3d") else INPUTS[2]
    return {"Embedding": [4], "Fold": [8, 9]}.get(name, sizes)


def same(call: str, module: nn.Module, sizes: list[int]) -> None:
    """The network of `call` gives what the module gives, with the same weights."""
    integers = isinstance(module, nn.Embedding)
    x = torch.randint(0, 5, (2, *sizes)) if integers else torch.randn(2, *sizes, dtype=torch.float64)
    module = module.double().eval()
    for value in module.state_dict().values():
        if value.is_floating_point():
            value.copy_(torch.rand(value.shape, dtype=torch.float64) + 0.1)
    wanted = module(x.clone())
    kind = "int" if integers else ""
    ours = loads(f"network n(x: {kind}{sizes}) = {call}").build().double().eval()
    theirs, own = list(module.state_dict().values()), list(ours.state_dict().values())
    assert [v.shape for v in own] == [v.shape for v in theirs], call
    for mine, other in zip(own, theirs, strict=True):
        mine.copy_(other)
    with torch.no_grad():
        assert torch.allclose(ours(x), wanted, rtol=1e-9, atol=1e-9, equal_nan=True), call
    dropped = [(type(m), m.p) for m in module.modules() if isinstance(m, nn.modules.dropout._DropoutNd)]
    ours_dropped = [(type(m), m.p) for m in ours.modules() if isinstance(m, nn.modules.dropout._DropoutNd)]
    assert dropped == ours_dropped


@pytest.mark.parametrize("name", MODULES)
def test_a_proposed_call_computes_what_torch_computes(name: str) -> None:
    made = getattr(nn, name)
    parameters = dict(list(inspect.signature(made.__init__).parameters.items())[1:])
    random_one = random.Random(name)
    compared = 0
    for number in range(20 * TRIES):
        written = "" if number == 0 else "()" if number == 1 else given(random_one, parameters)
        call = proposal(random_one.choice(["", "nn.", "torch.nn."]) + name, written)
        if call is None:
            continue
        try:
            module = eval(f"nn.{name}{written or '()'}", {"nn": nn})
            kind = torch.int64 if name == "Embedding" else torch.float64
            module.double().eval()(torch.zeros(1, *input_of(name), dtype=kind))
        except (ValueError, RuntimeError, TypeError, NotImplementedError):
            continue  # torch refuses it: nothing to compare
        same(call, module, input_of(name))
        compared += 1
        if compared == TRIES:
            break
    assert compared or name in ("SyncBatchNorm", "Dropout1d"), name


FUNCTIONS = [
    "F.relu(x)", "torch.relu(x)", "F.gelu(x)", "F.gelu(x, approximate='tanh')", "F.max_pool2d(x, 3)",
    "F.max_pool2d(x, 3, 2)", "F.avg_pool2d(x, 3, 1)", "torch.sigmoid(x)", "F.softmax(x, dim=1)", "F.softmax(x, 2)",
    "torch.softmax(x, -1)", "F.elu(x, 0.5)", "F.adaptive_avg_pool2d(x, 3)",
    "F.interpolate(x, scale_factor=2, mode='bilinear')", "F.interpolate(x, size=(7, 5))", "torch.cat([x, x], 1)",
    "torch.cat([x, x], dim=2)", "torch.flatten(x, 1)", "F.leaky_relu(x, 0.2)", "F.pixel_shuffle(x, 2)",
    "F.lp_pool2d(x, 2, 3)", "F.local_response_norm(x, 3)", "max_pool2d(x, 3, 2)", "torch.square(x)",
    "F.relu(x if x.sum() > 0 else -x)", "F.interpolate(x, None, 2)", "F.unfold(x, 3, 2, 1)",
    "F.interpolate(x, scale_factor=0.5, mode='bicubic', antialias=True)", "torch.cat((x, x), 1)",
]  # fmt: skip


@pytest.mark.parametrize("code", FUNCTIONS)
def test_a_proposed_call_of_a_function_computes_what_it_computes(code: str) -> None:
    name, written = code.split("(", 1)
    call = proposal(name, "(" + written)
    assert call is not None
    x = torch.rand(2, 8, 12, 12, dtype=torch.float64) - 0.3  # its sum is above 0
    wanted = eval(code, {"F": F, "torch": torch, "x": x, "max_pool2d": F.max_pool2d})
    call = call.replace("x.sum()", "1")
    made: Tensor = loads(f"network n(x: [8, 12, 12]) = {call}").build().double().eval()(x)
    assert torch.allclose(made, wanted, rtol=1e-9, atol=1e-9), call


# Others count their arguments, or set what is not given, in another way; or there is no equal here.
SIGNATURES = [
    "keras.layers.LeakyReLU()", "tf.keras.layers.BatchNormalization()", "Conv2D(64, 3)", "nn.Conv2d(64, 3)",
    "nn.Conv2d(3, 8, 3, padding_mode='reflect')", "nn.PReLU(8)", "Conv2d", "MaxPooling2D", "fc", "torch.cat([x, y])",
    "nn.Upsample(scale_factor=2, mode='area')", "nn.ReflectionPad2d((1, 2, 3, 4))", "nn.Conv2d(3, 8, 3, **more)",
    "nn.Softmax()", "BatchNormalization()", "nn.AdaptiveAvgPool2d((None, 3))", "nn.Conv2d(3, 8, 3",
    "nn.LayerNorm([3, 8])",
    "nn.BatchNorm2d(8, track_running_stats=False)", "F.conv2d(x, w)", "nn.MaxPool2d(3, 2, return_indices=True)",
    "nn.Linear(3, 8, # features\n)", "nn.Conv2d(*sizes)",
    "F.interpolate(x, size=y.shape[2:])", "nn.Linear(3, self.width)", "nn.Linear(3, x.size(1))",
]  # fmt: skip


@pytest.mark.parametrize("code", SIGNATURES)
def test_what_has_no_equal_gets_a_signature(code: str) -> None:
    name, parenthesis, written = code.partition("(")
    call = proposal(name, parenthesis + written)
    assert call in (None, 'x -> pad(amounts, "reflect")')


@pytest.mark.parametrize("word", [w for w in WORDS if registry.load(w)])
def test_no_advice_holds_numbers_that_nobody_wrote(word: str) -> None:
    """For every synonym of an op, without arguments and with strange ones."""
    for name in [*WORDS[word].split(), word]:
        for written in ("", "(qq)", "(qq, rr, ss)", "(qq, rr = ss)", "(x, qq)"):
            meant = meaning(name)
            assert meant is not None
            text = said(name, meant, written)
            call = re.search(r"`(?:.*) -> (.*)`", text)
            op = registry.load(word)
            assert op is not None
            if call is None or call[1] == signature(op):
                assert f"{signature(op)}`" in text or not meant.word
            else:
                inside = re.search(r"\((.*)\)", call[1])
                besides = PYTORCHS.get(name.lower(), ()) if inside else ()
                for argument in inside[1].split(", ") if inside else ():
                    assert (
                        argument.rpartition(" ")[2] in {"x", "qq", "rr", "ss", *besides} or argument == "padding = 0"
                    ), text


# What our call needs besides, to be that of PyTorch's name.
PYTORCHS = {
    "gelu_tanh": ('"tanh"',), "gelu_new": ('"tanh"',),
    "gelu_pytorch_tanh": ('"tanh"',), "square": ("2",), "softmax2d": ("0",), "dropout2d": ("true",),
    "upsamplingbilinear2d": ('"bilinear"', "true"),
}  # fmt: skip


def test_the_message_shows_the_readers_own_call() -> None:
    calls = "nn.Conv2d(3, 64, 3, stride=2) -> ELU(0.5) -> PixelShuffle(3) -> fc(x.channels)"
    spec = f"network n(x: [3, 16, 16]) = x -> {calls}\n"
    helps = [found.help for found in check_text(spec)]
    assert [re.search(r"`(.*)`", h)[1] for h in helps] == [  # type: ignore[index]
        "x -> conv(64, 3, 2, padding = 0)", "x -> elu(0.5)", "x -> pixel_shuffle(3)", "x -> linear(x.channels)",
    ]  # fmt: skip


def test_an_unknown_name_beside_a_tensor_flows_too() -> None:
    found = check_text("network n(x: [3, 16, 16]) = concat(x, zz)")
    assert any(d.help == "tensors flow through arrows: write `[x, zz] -> concat`" for d in found)
