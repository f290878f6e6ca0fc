"""Makes the reference implementations of torchvision and timm, without downloading weights."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

# torchvision's Python side registers shapes for two ops of its compiled library. Where that library was built for
# another torch it does not load, the names are missing and the import fails; so they are defined first. No network
# here uses them. The definitions live as long as this object.
_LIBRARY = torch.library.Library("torchvision", "DEF")
_LIBRARY.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
_LIBRARY.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import timm  # noqa: E402
import torchvision.models  # noqa: E402


def torchvision_model(name: str, **kwargs: Any) -> nn.Module:
    """The torchvision classifier `name`, untrained; `kwargs` go to its constructor function.

    googlenet and inception_v3 come with auxiliary heads unless `aux_logits=False`, and without the slow initial draw
    of weights, which every test replaces anyway.
    """
    if name in ("googlenet", "inception_v3"):
        kwargs.setdefault("init_weights", False)
    return getattr(torchvision.models, name)(weights=None, **kwargs)


def timm_model(name: str, **kwargs: Any) -> nn.Module:
    """The timm model `name`, untrained; `kwargs` go to `timm.create_model`."""
    return timm.create_model(name, pretrained=False, **kwargs)
