"""Compares detectors on tapped backbones with torchvision's: counts, keys, and what their heads give."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import archdsl
from tests.oracle import test_networks
from tests.oracle.counting import macs_of, params_of
from tests.oracle.pyramids import fpn, one_shot, two_shot
from tests.oracle.test_networks import SPECS, RecordProperty, Row, Shape

IMAGE, SMALL = (3, 800, 800), ((3, 64, 96),)
ROWS = [
    Row("fpn.arch", "resnet50_fpn", fpn, native=IMAGE, sizes=SMALL),
    Row("retinanet.arch", "retinanet_resnet50_fpn", one_shot, native=IMAGE, sizes=SMALL),
    Row("ssd.arch", "ssd300_vgg16", one_shot, native=(3, 300, 300), sizes=()),
]
TWO_SHOT = {"fasterrcnn_resnet50_fpn": ((256, 7, 7),), "maskrcnn_resnet50_fpn": ((256, 7, 7), (256, 14, 14))}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.network)
def test_counts(row: Row, record_property: RecordProperty) -> None:
    """Parameters and multiply-accumulates at the native size are the reference's, to the last digit."""
    test_networks.test_counts(row, record_property)


@pytest.mark.parametrize(("row", "shape"), test_networks.small_cases(ROWS))
def test_function(row: Row, shape: Shape, record_property: RecordProperty) -> None:
    """The built model is the reference's function: outputs, gradients and training steps."""
    test_networks.test_function(row, shape, record_property)


@pytest.mark.parametrize("name", TWO_SHOT)
def test_counts_with_regions(name: str) -> None:
    network = archdsl.load(str(SPECS / "faster_rcnn.arch"), name)
    with torch.device("meta"):
        reference = two_shot(name)
    shapes = {key: tensor.shape for key, tensor in reference.state_dict().items()}
    assert {key: tensor.shape for key, tensor in network.build().state_dict().items()} == shapes
    assert network.params == params_of(reference)
    assert network.macs == macs_of(reference, [IMAGE, *TWO_SHOT[name]])


@pytest.mark.slow
@pytest.mark.parametrize("name", TWO_SHOT)
def test_function_with_regions(name: str) -> None:
    """Under torchvision's weights, by their keys, all that the heads give is equal, and so are the gradients."""
    ours = archdsl.load(str(SPECS / "faster_rcnn.arch"), name, input=SMALL[0])
    shapes = zip((2, 3, 1), (*SMALL, *TWO_SHOT[name]), strict=False)
    _assert_equal(ours, two_shot(name), [(n, *shape) for n, shape in shapes])


@pytest.mark.slow
def test_function_of_ssd() -> None:
    """Small ones leave nothing of the last maps, so it is one image, not far below 300 pixels; the keys differ, the
    order of the weights does not.
    """
    ours = archdsl.load(str(SPECS / "ssd.arch"), "ssd300_vgg16", input=(3, 272, 272))
    _assert_equal(ours, one_shot("ssd300_vgg16"), [(1, 3, 272, 272)])


def _assert_equal(network: archdsl.Network, reference: nn.Module, shapes: list[Shape]) -> None:
    """All outputs under the same weights, and all gradients of a sum of them, in float64."""
    torch.manual_seed(0)
    ours, reference = network.build().double().eval(), reference.double().eval()
    keys = dict(zip(ours.state_dict(), reference.state_dict(), strict=True))
    ours.load_state_dict({key: reference.state_dict()[other] for key, other in keys.items()})
    inputs = [torch.randn(shape, dtype=torch.float64) for shape in shapes]
    found, expected = ours(*inputs), reference(*inputs)
    assert [one.shape for one in found] == [one.shape for one in expected]
    for one, other in zip(found, expected, strict=True):
        assert torch.allclose(one, other, rtol=1e-9, atol=1e-12)
        assert one.std() > 0
    for outputs in (found, expected):
        sum((one * torch.linspace(-1, 1, one.numel()).view(one.shape)).sum() for one in outputs).backward()
    theirs = dict(reference.named_parameters())
    for key, weight in ours.named_parameters():
        assert torch.allclose(weight.grad, theirs[keys[key]].grad, rtol=1e-6, atol=1e-9), key
