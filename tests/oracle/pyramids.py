"""Makes torchvision's detectors to compare with, up to what their heads give: no anchors, no boxes, no pooling."""

from __future__ import annotations

import tests.oracle.reference  # noqa: F401 # isort: skip # torchvision's import needs it
import torchvision.models.detection as detection
from torch import Tensor, nn
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
from torchvision.models.detection.rpn import concat_box_prediction_layers

UNTRAINED = {"weights": None, "weights_backbone": None}


def fpn(_: str) -> nn.Module:
    """The pyramid on ResNet-50, its batch norms not frozen, the five maps as a tuple."""
    model: nn.Module = resnet_fpn_backbone(
        backbone_name="resnet50", weights=None, trainable_layers=5, norm_layer=nn.BatchNorm2d
    )
    model.register_forward_hook(lambda _, args, maps: tuple(maps.values()))
    return model


class OneShot(nn.Module):
    """A detector that scores all its anchors: torchvision's RetinaNet or SSD, without what comes before and behind."""

    def __init__(self, detector: nn.Module) -> None:
        super().__init__()
        self.backbone, self.head = detector.backbone, detector.head

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """[batch, 3, H, W] to class logits and regressions of all anchors."""
        found = self.head(list(self.backbone(x).values()))
        return found["cls_logits"], found["bbox_regression"]


class TwoShot(nn.Module):
    """Faster or Mask R-CNN, what regions look like an input."""

    def __init__(self, detector: nn.Module) -> None:
        super().__init__()
        self.backbone, self.rpn, self.roi_heads = detector.backbone, detector.rpn, detector.roi_heads

    def forward(self, x: Tensor, region: Tensor, finer: Tensor | None = None) -> tuple[Tensor, ...]:
        """Objectness and regressions of all anchors, class scores and boxes of each region, and masks."""
        heads = self.roi_heads
        found = self.rpn.head(list(self.backbone(x).values()))
        rows = tuple(rows.unflatten(0, (len(x), -1)) for rows in concat_box_prediction_layers(*found))
        rows += tuple(heads.box_predictor(heads.box_head(region)))
        return rows if finer is None else (*rows, heads.mask_predictor(heads.mask_head(finer)))


def one_shot(name: str) -> nn.Module:
    """RetinaNet or SSD."""
    return OneShot(getattr(detection, name)(**UNTRAINED))


def two_shot(name: str) -> nn.Module:
    """Faster or Mask R-CNN."""
    return TwoShot(getattr(detection, name)(**UNTRAINED))
