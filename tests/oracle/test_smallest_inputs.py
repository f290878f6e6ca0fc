"""The smallest input that works, by formula and by torchvision itself: one row or column less, and it refuses."""

from __future__ import annotations

import pytest
import torch

import archdsl
from tests.oracle.reference import torchvision_model

NAMES = (
    "alexnet", "densenet121", "googlenet", "inception_v3", "mobilenet_v2", "resnet18", "shufflenet_v2_x1_0",
    "squeezenet1_0", "vgg11",
)  # fmt: skip


def runs(model: torch.nn.Module, height: int, width: int) -> bool:
    """Whether the reference takes the size; no numbers are computed on the meta device."""
    try:
        model(torch.empty(1, 3, height, width, device="meta"))
    except RuntimeError:
        return False
    return True


@pytest.mark.parametrize("name", NAMES)
def test_torchvision_refuses_the_same_sizes(name: str) -> None:
    sizes = archdsl.load(name).sizes()
    extra = {"aux_logits": False} if name in ("googlenet", "inception_v3") else {}
    with torch.device("meta"):
        model = torchvision_model(name, **extra).eval()
    least = sizes.alike.first
    for height, width in ((least, least), (least - 1, least), (least, least - 1), (least + 1, least), (least + 5, 2)):
        if min(height, width) > 0:
            assert sizes.at(height, width).works == runs(model, height, width), (height, width)
