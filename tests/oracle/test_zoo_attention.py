"""Compares the attention networks of the zoo with pytorchcv, timm, torchvision, torch.nn and the papers' formulas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import archdsl
from tests.oracle import test_networks
from tests.oracle.attention import (
    TO_TORCH,
    TO_TORCHVISION,
    Encoder,
    Translator,
    joined,
    nonlocal_resnet50,
    pytorchcv_model,
    renamed,
    torchvision_tiny,
    with_conv_head,
)
from tests.oracle.counting import macs_of, params_of
from tests.oracle.equality import TOLERANCE, compare, relative_error
from tests.oracle.mapping import Mapping
from tests.oracle.redraw import redraw
from tests.oracle.reference import timm_model, torchvision_model
from tests.oracle.test_networks import SPECS, RecordProperty, Row, Shape

SMALL: tuple[Shape, ...] = ((3, 64, 96),)
FIVE = ((), (1, 3), (1, 3, 5), ())


def _row(spec: str, network: str, make: Any = pytorchcv_model, name: str = "", **facts: Any) -> Row:
    facts.setdefault("sizes", SMALL)
    return Row(spec, network, make=make, name=name, **facts)


def _nonlocal(network: str, after: Any = FIVE, **facts: Any) -> Row:
    fast = facts.pop("fast", False)
    return _row("nonlocal.arch", network, nonlocal_resnet50, kwargs={"after": after, **facts}, fast=fast)


ROWS = [
    _row("resattnet.arch", "resattnet56"),
    _row("resattnet.arch", "resattnet92"),
    # Only counted: their modules are those of the two above, more of each.
    *(_row("resattnet.arch", f"resattnet{depth}", sizes=()) for depth in (128, 164, 200, 236, 452)),
    _row("gated_resnet.arch", "se_resnet18", name="seresnet18"),
    _row("gated_resnet.arch", "se_resnet34", name="seresnet34"),
    _row("gated_resnet.arch", "se_resnet50b", name="seresnet50b"),
    _row("gated_resnet.arch", "se_preresnet18", with_conv_head, "sepreresnet18", fast=True),
    _row("gated_resnet.arch", "se_preresnet50b", with_conv_head, "sepreresnet50b"),
    _row("cbam.arch", "cbam_resnet18", fast=True),
    *(_row("cbam.arch", f"cbam_resnet{depth}") for depth in (34, 50, 101)),
    _row("sknet.arch", "sknet50"),
    _row("sknet.arch", "sknet101"),
    _row("sknet.arch", "sknet152", large=True),
    _row("sknet.arch", "skresnet18", timm_model, fast=True),
    _row("sknet.arch", "skresnet34", timm_model),
    _row("sknet.arch", "skresnet50", timm_model),
    _row("sknet.arch", "sknet50", timm_model, "skresnext50_32x4d"),
    _nonlocal("nonlocal5_dot_resnet50", form="dot"),
]

# Unscaled products of many features make a softmax so steep that two training steps turn rounding into 1e-7: these
# are compared without training. With plain products (above) the same network trains alike to 1e-11.
STEEP = [
    _nonlocal("nonlocal1_resnet50", ((), (), (4,), ())),
    _nonlocal("nonlocal5_resnet50", fast=True),
    _nonlocal("nonlocal5_resnet50", form="gaussian"),
    _nonlocal("nonlocal10_resnet50", ((), range(4), range(6), ())),
    _nonlocal("nonlocal5_pooled_resnet50", form="gaussian", pool=2),
]

VIT = {
    "vit_tiny_patch16": "vit_tiny_patch16_224",
    "vit_small_patch16": "vit_small_patch16_224",
    "vit_base_patch16": "vit_base_patch16_224",
    "vit_base_patch32": "vit_base_patch32_224",
    "vit_large_patch16": "vit_large_patch16_224",
    "vit_large_patch32": "vit_large_patch32_224",
    "vit_huge_patch14": "vit_huge_patch14_224",
}
TORCHVISION_VIT = {
    "base_patch16": "b_16",
    "base_patch32": "b_32",
    "large_patch16": "l_16",
    "large_patch32": "l_32",
    "huge_patch14": "h_14",
}

TRANSFORMERS = {"base": (512, 8, 2048), "big": (1024, 16, 4096)}


@pytest.fixture(autouse=True)
def slow_path() -> Iterator[None]:
    """Turns off torch.nn's fused attention, which calls no submodules, so that hooks and counters see them."""
    torch.backends.mha.set_fastpath_enabled(False)
    yield
    torch.backends.mha.set_fastpath_enabled(True)


@pytest.mark.parametrize(
    "row",
    test_networks.counted([*ROWS, *STEEP]),
    ids=lambda row: f"{row.network}-{row.name or row.kwargs.get('form', '')}",
)
def test_counts(row: Row, record_property: RecordProperty) -> None:
    """Parameters and multiply-accumulates at the native size are the reference's, to the last digit."""
    test_networks.test_counts(row, record_property)


@pytest.mark.parametrize(("row", "shape"), test_networks.small_cases(ROWS))
def test_function(row: Row, shape: Shape, record_property: RecordProperty) -> None:
    """The built model is the reference's function: outputs, gradients and training steps."""
    test_networks.test_function(row, shape, record_property)


@pytest.mark.parametrize(("row", "shape"), test_networks.small_cases(STEEP))
def test_function_without_training(row: Row, shape: Shape) -> None:
    """The built model has the reference's outputs and gradients."""
    ours = row.load(shape).build()
    report = compare(ours, row.reference(), shape, train=False)
    assert not report.problems, "\n".join(report.problems)


def _vit(network: str, shape: Shape) -> archdsl.Network:
    return archdsl.load(str(SPECS / "vit.arch"), network, input=shape)


@pytest.mark.parametrize("network", VIT)
def test_counts_of_vision_transformers(network: str) -> None:
    """Parameters and multiply-accumulates are timm's, and torchvision's where it has the network."""
    ours = _vit(network, (3, 224, 224))
    with torch.device("meta"):
        references = [timm_model(VIT[network], num_classes=1000)]
        if (short := network.removeprefix("vit_")) in TORCHVISION_VIT:
            references.append(torchvision_model(f"vit_{TORCHVISION_VIT[short]}"))
    for reference in references:
        assert ours.params == params_of(reference)
        assert ours.macs == macs_of(reference, [(3, 224, 224)])


# The large and the huge one are the same function at other widths, and in float64 take 10 GB.
COMPARED = ("vit_small_patch16", "vit_base_patch16", "vit_base_patch32")


@pytest.mark.parametrize("network", ["vit_tiny_patch16", *(pytest.param(n, marks=pytest.mark.slow) for n in COMPARED)])
def test_vision_transformer_is_timm(network: str) -> None:
    """The same function under the same names, at a size that is not square."""
    shape = (3, 64, 96)
    ours = _vit(network, shape)
    module = ours.build()
    assert params_of(module) == ours.params
    assert macs_of(module, [shape]) == ours.macs
    report = compare(module, timm_model(VIT[network], img_size=shape[1:]), shape)
    assert report.mapping == "names"
    assert not report.problems, "\n".join(report.problems)


def test_vision_transformer_is_torchvision() -> None:
    """The same function as torchvision's, at the measures of DeiT-Ti."""
    shape = (3, 48, 48)
    ours = _vit("vit_tiny_patch16", shape).build()
    names = Mapping("renamed", {renamed(key, TO_TORCHVISION): key for key in ours.state_dict()})
    report = compare(torchvision_tiny(48), ours, shape, mapping=names)
    assert not report.problems, "\n".join(report.problems)


def _transformer(network: str, **arguments: Any) -> archdsl.Network:
    return archdsl.load(str(SPECS / "transformer.arch"), network, **arguments)


@pytest.mark.parametrize("size", TRANSFORMERS)
def test_counts_of_transformers(size: str) -> None:
    """Parameters and multiply-accumulates are those of torch.nn's modules."""
    d, heads, hidden = TRANSFORMERS[size]
    encoder, both = _transformer(f"transformer_encoder_{size}"), _transformer(f"transformer_{size}")
    with torch.device("meta"):
        reference = Encoder(d, heads, hidden, 6, 0.0)
        translator = Translator(d, heads, hidden, 6, 37_000)
    assert encoder.params == params_of(reference)
    assert encoder.macs == macs_of(reference, [(128, d)])
    assert both.params == params_of(translator)
    words = torch.zeros(1, 128, dtype=torch.long, device="meta")
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        translator.eval()(words, words)
    assert 2 * both.macs == counter.get_total_flops()


@pytest.mark.parametrize(("size", "drop"), [("base", 0.1), pytest.param("big", 0.3, marks=pytest.mark.slow)])
def test_transformer_encoder_is_torch(size: str, drop: float) -> None:
    """The same function as torch.nn.TransformerEncoder on inputs plus sinusoids, dropout at the same places."""
    d, heads, hidden = TRANSFORMERS[size]
    ours = _transformer(f"transformer_encoder_{size}", length=11).build()
    names = Mapping("renamed", {renamed(key, TO_TORCH): key for key in ours.state_dict()})
    report = compare(Encoder(d, heads, hidden, 6, drop), ours, (11, d), mapping=names)
    assert not report.problems, "\n".join(report.problems)


def test_transformer_is_torch() -> None:
    """Both halves together, from word numbers: the same outputs and gradients as torch.nn's, in float64."""
    d, heads, hidden, words = 64, 4, 96, 50
    measures = {"d": d, "heads": heads, "hidden": hidden, "words": words, "layers": 2, "length": 7}
    ours = _transformer("transformer_base", **measures).build()
    random = torch.Generator().manual_seed(0)
    source, target = (torch.randint(0, words, (2, 7), generator=random) for _ in range(2))
    redraw(ours, 0, source, target)
    theirs = Translator(d, heads, hidden, 2, words).double().eval()
    theirs.load_state_dict(joined(ours.state_dict()))
    outputs = [module(source, target) for module in (ours, theirs)]
    assert relative_error(outputs[1], outputs[0]) < TOLERANCE
    direction = torch.randn(outputs[0].shape, generator=random, dtype=torch.float64)
    for output in outputs:
        (output * direction).sum().backward()
    mine = joined({name: p.grad for name, p in ours.named_parameters() if p.grad is not None})
    yours = {name: p.grad for name, p in theirs.named_parameters() if p.grad is not None}
    assert mine.keys() == yours.keys() == dict(theirs.named_parameters()).keys()
    worst = max(relative_error(mine[name], yours[name]) for name in yours)
    assert worst < TOLERANCE
