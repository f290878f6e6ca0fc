"""Turns a list of exhibits into `docs/gallery.md` and its pictures: figures that papers print, drawn from the specs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from archdsl import load

PICTURES = PurePosixPath("pictures/gallery")  # from docs/


@dataclass(frozen=True)
class Exhibit:
    """A figure: the file it stands in, what it shows, in which paper, of which network, drawn with which options.

    An `other` network stands beside it.
    """

    name: str
    shows: str
    paper: str
    target: str
    options: Mapping[str, Any] = field(default_factory=dict)
    other: str = ""

    @property
    def command(self) -> str:
        """The command that draws it."""
        words = []
        for option, value in self.options.items():
            flag = f"--{option.replace('_', '-')}"
            for one in [value] if isinstance(value, str | bool | int) else value:
                words.append(flag if one is True else f"{flag} {one}")
        targets = filter(None, [self.target, self.other])
        return " ".join(["archdsl draw", *targets, *words, "-o", f"{self.name}.svg"])


EXHIBITS = (
    Exhibit(
        "inception_v1",
        "The Inception module, and the widths of its nine instances.",
        "Szegedy et al. 2014, [arXiv:1409.4842](https://arxiv.org/abs/1409.4842), Figure 2 (b) and Table 1",
        "googlenet",
        {"block": "inception"},
    ),
    Exhibit(
        "inception_v4",
        "Inception-A, -B, -C and the two reductions.",
        "Szegedy et al. 2016, [arXiv:1602.07261](https://arxiv.org/abs/1602.07261), Figures 4 to 8",
        "inception_v4",
        {"block": ["inception_a", "reduction_a", "inception_b", "reduction_b", "inception_c"]},
    ),
    Exhibit(
        "resnet34",
        "ResNet-34: identity where the shape stays, projection where it changes.",
        "He et al. 2015, [arXiv:1512.03385](https://arxiv.org/abs/1512.03385), Figure 3 and Table 1",
        "resnet34",
    ),
    Exhibit(
        "bottleneck",
        "The bottleneck's two forms in ResNet-50.",
        "He et al. 2015, [arXiv:1512.03385](https://arxiv.org/abs/1512.03385), Figure 5",
        "resnet50",
        {"block": "bottleneck"},
    ),
    Exhibit(
        "preactivation",
        "Full pre-activation: norms and activations before the weights, nothing after the addition.",
        "He et al. 2016, [arXiv:1603.05027](https://arxiv.org/abs/1603.05027), Figure 4 (e)",
        "preresnet164_cifar",
        {"block": "bottleneck"},
    ),
    Exhibit(
        "resnext_a",
        "ResNeXt's unit as 32 paths that are added.",
        "Xie et al. 2016, [arXiv:1611.05431](https://arxiv.org/abs/1611.05431), Figure 3 (a)",
        "resnext_form_a",
    ),
    Exhibit(
        "resnext_b",
        "The same, joined before the last layer.",
        "Xie et al. 2016, [arXiv:1611.05431](https://arxiv.org/abs/1611.05431), Figure 3 (b)",
        "resnext_form_b",
    ),
    Exhibit(
        "resnext_c",
        "The same, as a grouped convolution.",
        "Xie et al. 2016, [arXiv:1611.05431](https://arxiv.org/abs/1611.05431), Figure 3 (c)",
        "resnext_form_c",
    ),
    Exhibit(
        "densenet",
        "Dense layers: each appends what it finds to all that came before.",
        "Huang et al. 2016, [arXiv:1608.06993](https://arxiv.org/abs/1608.06993), Figure 1 and Table 1",
        "densenet121",
    ),
    Exhibit(
        "fire",
        "SqueezeNet's fire module.",
        "Iandola et al. 2016, [arXiv:1602.07360](https://arxiv.org/abs/1602.07360), Figure 1 and Table 1",
        "squeezenet1_0",
        {"block": "fire"},
    ),
    Exhibit(
        "shufflenet_v1",
        "ShuffleNet's units: with stride 1, and with stride 2.",
        "Zhang et al. 2017, [arXiv:1707.01083](https://arxiv.org/abs/1707.01083), Figure 2 (b) and (c)",
        "shufflenet_v1_g3",
        {"block": ["basic_unit", "down_unit"]},
    ),
    Exhibit(
        "shufflenet_v2",
        "ShuffleNet v2: channels are split, joined and shuffled.",
        "Ma et al. 2018, [arXiv:1807.11164](https://arxiv.org/abs/1807.11164), Figure 3 (c) and (d)",
        "shufflenet_v2_x1_0",
        {"block": ["basic_unit", "down_unit"]},
    ),
    Exhibit(
        "xception",
        "Entry, middle and exit flow of Xception.",
        "Chollet 2016, [arXiv:1610.02357](https://arxiv.org/abs/1610.02357), Figure 5",
        "xception",
    ),
    Exhibit(
        "nasnet_a",
        "The two cells of NASNet-A.",
        "Zoph et al. 2017, [arXiv:1707.07012](https://arxiv.org/abs/1707.07012), Figure 4",
        "nasnetalarge",
        {"block": ["normal", "reduction"], "cells": True},
    ),
    Exhibit(
        "darts",
        "The cells that DARTS found, second order.",
        "Liu et al. 2018, [arXiv:1806.09055](https://arxiv.org/abs/1806.09055), Figures 4 and 5",
        "darts_v2_cifar",
        {"block": ["normal_v2", "reduction_v2"], "cells": True},
    ),
    Exhibit(
        "fractalnet",
        "The expansion rule, four columns.",
        "Larsson et al. 2016, [arXiv:1605.07648](https://arxiv.org/abs/1605.07648), Figure 1",
        "fractalnet40",
        {"block": "columns"},
    ),
    Exhibit(
        "res2net",
        "Res2Net's module: scales that feed each other.",
        "Gao et al. 2019, [arXiv:1904.01169](https://arxiv.org/abs/1904.01169), Figure 2 (b)",
        "res2net50_26w_4s",
        {"block": "bottle2neck"},
    ),
    Exhibit(
        "se",
        "A residual unit with squeeze and excitation.",
        "Hu et al. 2017, [arXiv:1709.01507](https://arxiv.org/abs/1709.01507), Figure 3",
        "se_resnet50",
    ),
    Exhibit(
        "mobilenet_v2",
        "The inverted residual with stride 1 and with stride 2.",
        "Sandler et al. 2018, [arXiv:1801.04381](https://arxiv.org/abs/1801.04381), Figure 4 (d) and Table 2",
        "mobilenet_v2",
        {"block": "inverted_residual"},
    ),
    Exhibit(
        "efficientnet_b0",
        "EfficientNet-B0.",
        "Tan and Le 2019, [arXiv:1905.11946](https://arxiv.org/abs/1905.11946), Table 1",
        "efficientnet_b0",
    ),
    Exhibit(
        "dla",
        "Deep layer aggregation: iterative and hierarchical.",
        "Yu et al. 2017, [arXiv:1707.06484](https://arxiv.org/abs/1707.06484), Figure 3",
        "dla34",
    ),
    Exhibit(
        "polynet_poly",
        "PolyNet's poly-3 module: the residuals F, FF and FFF share their weights.",
        "Zhang et al. 2016, [arXiv:1611.05725](https://arxiv.org/abs/1611.05725), Figure 4",
        "poly_3",
    ),
    Exhibit(
        "polynet_way",
        "PolyNet's 3-way module: three residuals of their own side by side.",
        "Zhang et al. 2016, [arXiv:1611.05725](https://arxiv.org/abs/1611.05725), Figure 4",
        "way_3",
    ),
    Exhibit(
        "transformer",
        "The Transformer.",
        "Vaswani et al. 2017, [arXiv:1706.03762](https://arxiv.org/abs/1706.03762), Figure 1",
        "transformer_base",
    ),
    Exhibit(
        "lstm",
        "The LSTM cell, applied along a sequence.",
        "Zaremba et al. 2014, [arXiv:1409.2329](https://arxiv.org/abs/1409.2329), Figure 1",
        "lstm_lm_small",
    ),
)


def pictures() -> Iterator[tuple[str, bytes]]:
    """File name and content of each picture."""
    for exhibit in EXHIBITS:
        yield f"{exhibit.name}.svg", load(exhibit.target).draw(**exhibit.options)


def page() -> str:
    """The text of `docs/gallery.md`."""
    lines = [
        "# Gallery",
        "",
        "Figures of papers, drawn by archdsl from its specs; each says by which command. `make docs` draws them anew.",
        "",
    ]
    for exhibit in EXHIBITS:
        lines += [
            f"## {exhibit.shows.rstrip('.').partition(':')[0]}",
            "",
            f"{exhibit.shows} {exhibit.paper}.",
            "",
            f"    {exhibit.command}",
            "",
            f"![{exhibit.shows}]({PICTURES / exhibit.name}.svg)",
            "",
        ]
    return "\n".join(lines)
