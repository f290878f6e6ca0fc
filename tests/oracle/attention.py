"""Makes attention networks to compare with, from pytorchcv, torchvision, timm, torch.nn and the papers' formulas."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import torch
import torchvision.models.vision_transformer as torchvision_vit
from pytorchcv.model_provider import get_model
from timm.layers.non_local_attn import NonLocalAttn
from torch import Tensor, nn

from tests.oracle.reference import torchvision_model

Places = Sequence[Sequence[int]]


def pytorchcv_model(name: str) -> nn.Module:
    """pytorchcv's network, its last pool global, so that it takes inputs of other sizes too."""
    model: nn.Module = get_model(name, pretrained=False)
    model.features.final_pool = nn.AdaptiveAvgPool2d(1)
    return model


def with_conv_head(name: str) -> nn.Module:
    """pytorchcv's network, its last layer as a 1x1 convolution: so timm's pre-activation ResNets and ours have it."""
    model = pytorchcv_model(name)
    channels = model.output.in_features
    model.output = nn.Sequential(nn.Unflatten(1, (channels, 1, 1)), nn.Conv2d(channels, 1000, 1), nn.Flatten())
    return model


class NonLocal(nn.Module):
    """Wang et al. 2018, section 3: y_i = sum over j of f(x_i, x_j) g(x_j) / C(x), z = W y + x.

    `form` is "gaussian" (embedded: f = exp(theta_i . phi_j), C the sum) or "dot" (C the number of places).
    """

    def __init__(self, channels: int, form: str = "gaussian", pool: int = 1) -> None:
        super().__init__()
        self.theta, self.phi, self.g = (nn.Conv2d(channels, channels // 2, 1) for _ in range(3))
        self.w = nn.Conv2d(channels // 2, channels, 1)
        self.bn = nn.BatchNorm2d(channels)
        self.pool = nn.MaxPool2d(pool)
        self.form = form

    def forward(self, x: Tensor) -> Tensor:
        """[batch, C, H, W] to the same."""
        theta = self.theta(x)
        phi, g = self.pool(self.phi(x)).flatten(2), self.pool(self.g(x)).flatten(2)
        f = torch.einsum("bci,bcj->bij", theta.flatten(2), phi)
        f = f / f.shape[2] if self.form == "dot" else f.exp() / f.exp().sum(dim=2, keepdim=True)
        y = torch.einsum("bij,bcj->bci", f, g).unflatten(2, theta.shape[2:])
        normed: Tensor = self.bn(self.w(y))
        return normed + x


def timm_non_local(channels: int) -> nn.Module:
    """timm's block with the paper's inner width and without the scale that the paper does not have."""
    return NonLocalAttn(channels, use_scale=False, rd_channels=channels // 2)


def nonlocal_resnet50(_: str, after: Places, form: str = "timm", pool: int = 1) -> nn.Module:
    """torchvision's ResNet-50; a non-local block follows the units listed in `after`, per stage."""
    model = torchvision_model("resnet50")
    for stage, places in enumerate(after, 1):
        channels = 128 * 2**stage
        layers: list[nn.Module] = []
        for index, unit in enumerate(getattr(model, f"layer{stage}")):
            layers.append(unit)
            if index in places:
                layers.append(timm_non_local(channels) if form == "timm" else NonLocal(channels, form, pool))
        setattr(model, f"layer{stage}", nn.Sequential(*layers))
    return model


def torchvision_tiny(size: int) -> nn.Module:
    """torchvision's vision transformer with the measures of DeiT-Ti, for images of `size`."""
    return torchvision_vit.VisionTransformer(
        image_size=size, patch_size=16, num_layers=12, num_heads=3, hidden_dim=192, mlp_dim=768
    )


TO_TORCHVISION = (
    (r"^patch_embed\.proj", "conv_proj"),
    (r"^cls_token", "class_token"),
    (r"^pos_embed", "encoder.pos_embedding"),
    (r"^blocks\.", "encoder.layers.encoder_layer_"),
    (r"^norm\.", "encoder.ln."),
    (r"^head\.", "heads.head."),
    (r"\.norm([12])", r".ln_\1"),
    (r"\.attn\.qkv\.", ".self_attention.in_proj_"),
    (r"\.attn\.proj", ".self_attention.out_proj"),
    (r"\.mlp\.fc1", ".mlp.0"),
    (r"\.mlp\.fc2", ".mlp.3"),
)
"""From the names of our vision transformer's weights (timm's names) to torchvision's."""

TO_TORCH = (
    (r"^encoder\.", "coder.encoder.layers."),
    (r"^layers\.", "encoder.layers."),
    (r"^decoder\.", "decoder.layers."),
    (r"\.attn\.qkv\.", ".self_attn.in_proj_"),
    (r"\.attn\.proj", ".self_attn.out_proj"),
    (r"\.cross\.", ".multihead_attn."),
    (r"\.mlp\.fc([12])", r".linear\1"),
)
"""From the names of our transformers' weights to those of `Encoder` and `Translator`."""


def renamed(key: str, rules: tuple[tuple[str, str], ...]) -> str:
    """`key` after all of `rules`, one after the other."""
    for pattern, replacement in rules:
        key = re.sub(pattern, replacement, key)
    return key


def sinusoids(length: int, d: int) -> Tensor:
    """Vaswani et al. 2017, section 3.5, number by number: [length, d], float64."""
    rows = []
    for position in range(length):
        angles = [position / 10000 ** (2 * (feature // 2) / d) for feature in range(d)]
        rows.append([math.cos(a) if feature % 2 else math.sin(a) for feature, a in enumerate(angles)])
    return torch.tensor(rows, dtype=torch.float64)


class Encoder(nn.Module):
    """torch.nn.TransformerEncoder on inputs plus positions.

    torch also drops within the feed-forward part and among the attention weights; the paper does not, nor this.
    """

    def __init__(self, d: int, heads: int, hidden: int, layers: int, drop: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(drop)
        layer = nn.TransformerEncoderLayer(d, heads, hidden, drop, batch_first=True)
        layer.dropout, layer.self_attn.dropout = nn.Dropout(0.0), 0.0
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, length, d] to the same."""
        result: Tensor = self.encoder(self.dropout(x + sinusoids(*x.shape[1:]).to(x)))
        return result


class Translator(nn.Module):
    """torch.nn's transformer encoder and decoder around one embedding, without dropout."""

    def __init__(self, d: int, heads: int, hidden: int, layers: int, words: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, d)
        self.coder = Encoder(d, heads, hidden, layers, 0.0)
        layer = nn.TransformerDecoderLayer(d, heads, hidden, 0.0, batch_first=True)
        self.decoder = nn.TransformerDecoder(layer, layers)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """[batch, S] and [batch, T] word numbers to [batch, T, d]."""
        d, length = self.embedding.embedding_dim, target.shape[1]
        memory = self.coder(self.embedding(source) * d**0.5)
        later = torch.ones(length, length, dtype=torch.bool, device=target.device).triu(1)
        y = self.embedding(target) * d**0.5 + sinusoids(length, d).to(memory)
        result: Tensor = self.decoder(y, memory, tgt_mask=later, tgt_is_causal=False)
        return result


def joined(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Our weights of a transformer (or what belongs to them) under torch's names; torch keeps q, k, v in one matrix."""
    result: dict[str, Tensor] = {}
    for key, tensor in tensors.items():
        part = re.fullmatch(r"(.*\.cross\.)([qkv])(_proj)\.(.*)", key)
        if part is None:
            result[renamed(key, TO_TORCH)] = tensor
        elif part[2] == "q":
            whole = torch.cat([tensors[f"{part[1]}{letter}_proj.{part[4]}"] for letter in "qkv"])
            result[renamed(f"{part[1]}in_proj_{part[4]}", TO_TORCH)] = whole
    return result
