"""Writes networks of words and of noise as formulas of their weights, from papers and authors' code, as references.

Each takes the weights by their keys and says every product, softmax and mask itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

Weights = Mapping[str, Tensor]


def _linear(w: Weights, name: str, x: Tensor) -> Tensor:
    y = x @ w[f"{name}.weight"].T
    return y + w[f"{name}.bias"] if f"{name}.bias" in w else y


def _norm(w: Weights, name: str, x: Tensor, eps: float) -> Tensor:
    x = x - x.mean(-1, keepdim=True)
    return x / (x.square().mean(-1, keepdim=True) + eps).sqrt() * w[f"{name}.weight"] + w[f"{name}.bias"]


def _attention(w: Weights, name: str, x: Tensor, heads: int, causal: bool) -> Tensor:
    length, d = x.shape[1:]
    parts = []
    for q, k, v in zip(
        *(part.split(d // heads, -1) for part in _linear(w, f"{name}.qkv", x).split(d, -1)), strict=True
    ):
        scores = q @ k.transpose(1, 2) / math.sqrt(d // heads)
        if causal:
            scores = scores.masked_fill(
                torch.ones(length, length, dtype=torch.bool, device=x.device).triu(1), -math.inf
            )
        parts.append(scores.softmax(-1) @ v)
    return _linear(w, f"{name}.proj", torch.cat(parts, -1))


def bert(w: Weights, words: Tensor, sentences: Tensor, layers: int, heads: int) -> tuple[Tensor, Tensor]:
    """Devlin et al. 2018: norms after the sums, the GELU of the error function, a pooler on the first place."""
    x = w["words.weight"][words] + w["sentences.weight"][sentences] + w["positions"]
    x = _norm(w, "norm", x, 1e-12)
    for i in range(layers):
        at = f"layers.{i}"
        x = _norm(w, f"{at}.norm1", x + _attention(w, f"{at}.attn", x, heads, False), 1e-12)
        y = _linear(w, f"{at}.mlp.fc1", x)
        y = y * (1 + torch.erf(y / math.sqrt(2))) / 2
        x = _norm(w, f"{at}.norm2", x + _linear(w, f"{at}.mlp.fc2", y), 1e-12)
    return x, torch.tanh(_linear(w, "pooler", x[:, 0]))


def gpt2(w: Weights, words: Tensor, layers: int, heads: int) -> Tensor:
    """Radford et al. 2019 and model.py: norms before the sublayers, the GELU of tanh, scores by the words' own rows."""
    x = w["words.weight"][words] + w["positions"]
    for i in range(layers):
        at = f"layers.{i}"
        x = x + _attention(w, f"{at}.attn", _norm(w, f"{at}.norm1", x, 1e-5), heads, True)
        y = _linear(w, f"{at}.mlp.fc1", _norm(w, f"{at}.norm2", x, 1e-5))
        y = y / 2 * (1 + torch.tanh(math.sqrt(2 / math.pi) * (y + 0.044715 * y**3)))
        x = x + _linear(w, f"{at}.mlp.fc2", y)
    return _norm(w, "norm", x, 1e-5) @ w["words.weight"].T


def rhn(w: Weights, words: Tensor, depth: int) -> Tensor:
    """Zilly et al. 2016, equations 6 to 9: h and t of each layer, c = 1 - t, the input at the first layer only."""
    embedded = w["embedding.weight"][words]
    s = torch.zeros_like(embedded[:, 0])
    d, states = s.shape[1], []
    for t in range(words.shape[1]):
        for i in range(depth):
            y = _linear(w, f"y.recurrent.{i}", s) + (_linear(w, "y.input", embedded[:, t]) if i == 0 else 0.0)
            gate = torch.sigmoid(y[:, d:])
            s = torch.tanh(y[:, :d]) * gate + s * (1 - gate)
        states.append(s)
    made = torch.stack(states, 1)
    return _linear(w, "softmax", made) if "softmax.weight" in w else made @ w["embedding.weight"].T + w["bias"]


def tcn(w: Weights, words: Tensor, levels: int) -> Tensor:
    """Bai et al. 2018 and word_cnn/model.py, without weight norm: nothing comes before the first word."""
    x = w["embedding.weight"][words].transpose(1, 2)
    for i in range(levels):
        y = x
        for name in ("causal", "causal_1"):
            weight, bias = (w[f"y.tcn.network.{i}.y.{name}.conv.{kind}"] for kind in ("weight", "bias"))
            far = (weight.shape[2] - 1) * 2**i
            y = F.conv1d(
                torch.cat([torch.zeros_like(x[:, :, :1].expand(-1, -1, far)), y], 2), weight, bias, dilation=2**i
            )
            y = y.relu()
        x = (x + y).relu()
    return x.transpose(1, 2) @ w["embedding.weight"].T + w["bias"]


def vae(w: Weights, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Kingma and Welling 2013, appendix C: an image, means, logarithms of variances."""
    h = torch.tanh(_linear(w, "encoder.hidden", x))
    mean, log_var = _linear(w, "encoder.mean", h), _linear(w, "encoder.log_var", h)
    z = mean + torch.exp(log_var).sqrt() * noise
    return torch.sigmoid(_linear(w, "decoder.pixels", torch.tanh(_linear(w, "decoder.hidden", z)))), mean, log_var
