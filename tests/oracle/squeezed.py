"""Puts pytorchcv's squeeze-and-excitation into networks of pytorchcv and timm, and into the tests' ShuffleNet."""

from __future__ import annotations

from pytorchcv.models.bninception import InceptionBlock, ReductionBlock, bninception
from pytorchcv.models.common.att import SEBlock
from torch import nn

from tests.oracle.classic import unpooled
from tests.oracle.reference import timm_model
from tests.oracle.test_zoo_small import ShuffleUnit, shufflenet_v1


def bn_inception(_: str) -> nn.Module:
    """pytorchcv's BN-Inception."""
    return unpooled(bninception())


def se_bn_inception(_: str) -> nn.Module:
    """BN-Inception without biases of convolutions; all that a module makes is gated."""
    model = bn_inception("")
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            module.register_parameter("bias", None)
    channels = iter((256, 320, 576, 576, 576, 608, 608, 1056, 1024, 1024))
    for stage in list(model.features):
        for name, module in list(stage.named_children()):
            if isinstance(module, InceptionBlock | ReductionBlock):
                stage.add_module(name, nn.Sequential(module, SEBlock(next(channels))))
    return model


def se_inception_resnet_v2(_: str) -> nn.Module:
    """timm's Inception-ResNet-v2, each residual gated before it is scaled; its dropout as a module."""
    model = timm_model("inception_resnet_v2", drop_rate=0.2)
    for module in model.modules():
        if hasattr(module, "scale"):
            module.conv2d = nn.Sequential(module.conv2d, SEBlock(module.conv2d.out_channels))
    return model


def shufflenet_v1_se(_: str) -> nn.Module:
    """ShuffleNet 2x with 3 groups, gates on what each unit makes, before the addition."""
    model = shufflenet_v1("", 3, 480, 48)
    for index, unit in enumerate(model):
        if isinstance(unit, ShuffleUnit) and unit.strided:
            model[index] = nn.Sequential(unit, SEBlock(unit.expand.out_channels + unit.squeeze.in_channels))
        elif isinstance(unit, ShuffleUnit):
            unit.expand_norm = nn.Sequential(unit.expand_norm, SEBlock(unit.expand.out_channels))
    return model
