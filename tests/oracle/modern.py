"""Makes networks of 2020 to 2022 in small, from the classes of timm and torchvision, and fused forms of timm's."""

from __future__ import annotations

from functools import partial
from typing import Any

from torch import nn

from tests.oracle.reference import timm, timm_model, torchvision, torchvision_model

byob: Any = timm.models.byobnet
of: Any = torchvision.models.efficientnet


def deployed(name: str) -> nn.Module:
    """timm's network, each of its units fused into one convolution."""
    return fused(timm_model(name))


def undropped(name: str) -> nn.Module:
    """torchvision's network, its stochastic depth off: not every constructor lets it be chosen."""
    model = torchvision_model(name)
    for module in model.modules():
        if isinstance(module, torchvision.ops.StochasticDepth):
            module.p = 0.0
    return model


def fused(model: nn.Module) -> nn.Module:
    """A copy with each unit in its form to run."""
    copy: nn.Module = timm.utils.model.reparameterize_model(model.eval())
    return copy.requires_grad_()  # it detaches the gates too, which it does not fuse


def byobnet(blocks: Any, stem: str) -> nn.Module:
    """timm's network of such blocks, 16 channels in its stem."""
    model: nn.Module = byob.ByobNet(byob.ByoModelCfg(blocks=blocks, stem_type=stem, stem_chs=16), num_classes=7)
    return model


def repvgg() -> nn.Module:
    return byobnet(byob._rep_vgg_bcfg(d=(1, 2, 2, 1), wf=(0.25, 0.25, 0.25, 0.125), groups=4), "rep")


def mobileone() -> nn.Module:
    return byobnet(
        byob._mobileone_bcfg(d=(1, 2, 1, 2), wf=(0.25,) * 4, se_blocks=(0, 0, 0, 1), num_conv_branches=2), "one"
    )


def efficientnet_v2() -> nn.Module:
    """Each kind of row of the tables."""
    fused_row, row = of.FusedMBConvConfig, of.MBConvConfig
    rows = [fused_row(1, 3, 1, 8, 8, 2), fused_row(4, 3, 2, 8, 16, 2), row(4, 3, 2, 16, 24, 2)]
    norm = partial(nn.BatchNorm2d, eps=1e-3)
    model: nn.Module = of.EfficientNet(rows, 0.2, 0.0, num_classes=7, norm_layer=norm, last_channel=1280)
    return model


def splat() -> nn.Module:
    """Two bottlenecks of 16 channels, the second with a stride; the shortcuts project as ResNet-D's."""
    average = nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False)
    facts: dict[str, Any] = {"radix": 4, "cardinality": 2, "avd": True, "avd_first": True}
    units = []
    for inputs, stride in ((8, 1), (64, 2)):
        shortcut = [average if stride == 2 else nn.Identity(), nn.Conv2d(inputs, 64, 1, bias=False), nn.BatchNorm2d(64)]
        units.append(timm.models.resnest.ResNestBottleneck(inputs, 16, stride, nn.Sequential(*shortcut), **facts))
    return nn.Sequential(*units)


def se_res2net(name: str) -> nn.Module:
    """timm's Res2Net with gates, which has no name there."""
    return timm_model(name, block_args={"scale": 4, "attn_layer": timm.layers.get_attn("se")})


def res2net_tree() -> nn.Module:
    """Two units under one root, the first with a stride."""
    dla = timm.models.dla
    model: nn.Module = dla.DlaTree(1, dla.DlaBottle2neck, 8, 64, 2, cardinality=2, base_width=32)
    return model


def mixer() -> nn.Module:
    """Two blocks over 16 patches."""
    model: nn.Module = timm.models.mlp_mixer.MlpMixer(7, 32, patch_size=8, num_blocks=2, embed_dim=12)
    return model


def swin() -> nn.Module:
    """torchvision's Swin Transformer with windows of 4: the second block shifts, the map of one window does not."""
    model: nn.Module = torchvision.models.SwinTransformer(
        [4, 4], 12, [2, 2], [2, 4], [4, 4], stochastic_depth_prob=0.0, num_classes=7
    )
    return model


def convnext() -> nn.Module:
    unit = torchvision.models.convnext.CNBlockConfig
    model: nn.Module = torchvision.models.ConvNeXt([unit(8, 12, 1), unit(12, None, 2)], num_classes=7)
    return model


def convnext_v2() -> nn.Module:
    model: nn.Module = timm.models.convnext.ConvNeXt(
        depths=(1, 1, 2, 1), dims=(8, 12, 16, 20), use_grn=True, ls_init_value=None, num_classes=7
    )
    return model


def beit() -> nn.Module:
    model: nn.Module = timm.models.beit.Beit(
        32, 8, embed_dim=12, depth=2, num_heads=2, use_rel_pos_bias=True, init_values=0.1, use_abs_pos_emb=False,
        num_classes=7,
    )  # fmt: skip
    return model
