"""Turns a list of exhibits into `docs/gallery.md` and its pictures: figures that papers print, drawn from the specs."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from archdsl import load, space

PICTURES = PurePosixPath("pictures/gallery")  # from docs/


@dataclass(frozen=True)
class Exhibit:
    """A figure: the file it stands in, what it shows, in which paper, of which network, drawn with which options.

    An `other` network stands beside it. `agrees` and `changed` say how it compares with what the paper prints.
    """

    name: str
    shows: str
    paper: str
    target: str
    options: Mapping[str, Any] = field(default_factory=dict)
    other: str = ""
    agrees: str = ""  # what was compared with the paper's figure and is as there
    changed: str = ""  # what is not, and why
    space: bool = False  # whether it is of all designs

    @property
    def command(self) -> str:
        """The command that draws it."""
        words = []
        for option, value in self.options.items():
            flag = f"--{option.replace('_', '-')}"
            for one in [value] if isinstance(value, str | bool | int) else value:
                words.append(flag if one is True else f"{flag} {json.dumps(one) if ' ' in str(one) else one}")
        targets = filter(None, [self.target, self.other])
        return " ".join(["archdsl draw", *targets, *words, "-o", f"{self.name}.svg"])


EXHIBITS = (
    Exhibit(
        "inception_v1",
        "The Inception module, and the widths of its nine instances.",
        "Szegedy et al. 2014, [arXiv:1409.4842](https://arxiv.org/abs/1409.4842), Figure 2 (b) and Table 1",
        "googlenet",
        {"block": "inception"},
        agrees="four branches in the paper's order; the nine rows of the table have the widths of Table 1.",
        changed="the third branch is 3×3 where the paper has 5×5, and batch norm stands where the 2014 net has "
        "biases, as in torchvision and TF-slim.",
    ),
    Exhibit(
        "inception_v4",
        "Inception-A, -B, -C and the two reductions.",
        "Szegedy et al. 2016, [arXiv:1602.07261](https://arxiv.org/abs/1602.07261), Figures 4 to 8",
        "inception_v4",
        {"block": ["inception_a", "reduction_a", "inception_b", "reduction_b", "inception_c"], "width": "7in"},
        agrees="the branches and widths of all five modules; `valid` is what the paper marks V.",
        changed="k, l, m, n of reduction A are the numbers of Table 1, and norms and activations are drawn. As in "
        "TF-slim, the long branch of B begins with 7×1, its short one is 1×7 and 7×1 (the figure prints 1×7 twice), "
        "and the 1×3 and 3×1 of C change places and are joined in pairs before the last concat.",
    ),
    Exhibit(
        "resnet34",
        "ResNet-34: identity where the shape stays, projection where it changes.",
        "He et al. 2015, [arXiv:1512.03385](https://arxiv.org/abs/1512.03385), Figure 3 and Table 1",
        "resnet34",
        agrees="3, 4, 6 and 3 units of 64 to 512 channels; the first unit of each later stage halves the size.",
        changed="norms and activations are drawn; the 34 layers are not unrolled, and shortcuts where the shape "
        "changes are 1×1 convolutions (the "
        "paper's option B, the dotted lines of its figure).",
    ),
    Exhibit(
        "bottleneck",
        "The bottleneck's two forms in ResNet-50.",
        "He et al. 2015, [arXiv:1512.03385](https://arxiv.org/abs/1512.03385), Figure 5",
        "resnet50",
        {"block": "bottleneck"},
        agrees="1×1, 3×3, 1×1, the last one four times as wide; the sum goes into a ReLU.",
        changed="the stride is on the 3×3 (ResNet v1.5: torchvision, timm), where the paper has it on the first 1×1. "
        "Both forms are drawn: the figure shows `b`.",
    ),
    Exhibit(
        "preactivation",
        "Full pre-activation: norms and activations before the weights, nothing after the addition.",
        "He et al. 2016, [arXiv:1603.05027](https://arxiv.org/abs/1603.05027), Figure 4 (e)",
        "preresnet164_cifar",
        {"block": "bottleneck"},
        agrees="BN and ReLU before each weight, and nothing on the path of the identity.",
        changed="the figure has two weights a unit; this is the bottleneck of the 164 layers, and the first unit of "
        "a stage is drawn, too: its projection starts from the first BN and ReLU.",
    ),
    Exhibit(
        "resnext_a",
        "ResNeXt's unit as 32 paths that are added.",
        "Xie et al. 2016, [arXiv:1611.05431](https://arxiv.org/abs/1611.05431), Figure 3 (a)",
        "resnext_form_a",
        agrees="32 paths of 1×1, 4; 3×3, 4; 1×1, 256, and their sum.",
        changed="norms and activations are drawn, which the figure leaves out.",
    ),
    Exhibit(
        "resnext_b",
        "The same, joined before the last layer.",
        "Xie et al. 2016, [arXiv:1611.05431](https://arxiv.org/abs/1611.05431), Figure 3 (b)",
        "resnext_form_b",
        agrees="32 paths of 1×1, 4 and 3×3, 4, a concat of 128, and 1×1, 256.",
        changed="norms and activations are drawn.",
    ),
    Exhibit(
        "resnext_c",
        "The same, as a grouped convolution.",
        "Xie et al. 2016, [arXiv:1611.05431](https://arxiv.org/abs/1611.05431), Figure 3 (c)",
        "resnext_form_c",
        agrees="1×1, 128; 3×3 in 32 groups, 128; 1×1, 256.",
        changed="norms and activations are drawn.",
    ),
    Exhibit(
        "densenet",
        "Dense layers: each appends what it finds to all that came before.",
        "Huang et al. 2016, [arXiv:1608.06993](https://arxiv.org/abs/1608.06993), Figure 1 and Table 1",
        "densenet121",
        agrees="6, 12, 24 and 16 layers that add 32 channels each, transitions that halve channels and size.",
        changed="Figure 1 draws one dense block unrolled, with a wire from each layer to all later ones; here each "
        "layer hands on what it got beside what it made.",
    ),
    Exhibit(
        "fire",
        "SqueezeNet's fire module.",
        "Iandola et al. 2016, [arXiv:1602.07360](https://arxiv.org/abs/1602.07360), Figure 1 and Table 1",
        "squeezenet1_0",
        {"block": "fire"},
        agrees="squeeze, then 1×1 and 3×3 side by side; s and e of the eight rows are s1x1 and e1x1, e3x3 of Table 1.",
        changed="maps are 54 pixels wide where the paper prints 55: the input has 224 pixels and the first "
        "convolution no padding, as in torchvision.",
    ),
    Exhibit(
        "shufflenet_v1",
        "ShuffleNet's units: with stride 1, and with stride 2.",
        "Zhang et al. 2017, [arXiv:1707.01083](https://arxiv.org/abs/1707.01083), Figure 2 (b) and (c)",
        "shufflenet_v1_g3",
        {"block": ["basic_unit", "down_unit"], "inline": "work"},
        agrees="1×1 in groups, shuffle, depthwise 3×3, 1×1 in groups; a sum with stride 1, pool and concat with "
        "stride 2.",
        changed="the ReLU behind the concat stands before it: the same, as what the pool takes is never negative. "
        "The first 1×1 of the first unit has no groups, as the paper's text says.",
    ),
    Exhibit(
        "shufflenet_v2",
        "ShuffleNet v2: channels are split, joined and shuffled.",
        "Ma et al. 2018, [arXiv:1807.11164](https://arxiv.org/abs/1807.11164), Figure 3 (c) and (d)",
        "shufflenet_v2_x1_0",
        {"block": ["basic_unit", "down_unit"], "inline": "work"},
        agrees="split, 1×1, depthwise 3×3, 1×1, concat, shuffle; with stride 2 both branches work.",
        changed="both branches with stride 2 give half of the channels (torchvision); in the authors' code the right "
        "one gives out less in.",
    ),
    Exhibit(
        "xception",
        "Entry, middle and exit flow of Xception.",
        "Chollet 2016, [arXiv:1610.02357](https://arxiv.org/abs/1610.02357), Figure 5",
        "xception",
        agrees="twelve modules of separable convolutions of the figure's widths with their pools and projections, "
        "eight of them equal, between two convolutions and two separable ones.",
        changed="norms are drawn, which the figure leaves out, and modules of one form share a panel; the flows are "
        "not marked: the spec does not know them.",
    ),
    Exhibit(
        "nasnet_a",
        "The two cells of NASNet-A.",
        "Zoph et al. 2017, [arXiv:1707.07012](https://arxiv.org/abs/1707.07012), Figure 4",
        "nasnetalarge",
        {"block": ["normal b", "reduction c"], "cells": True, "width": "7in"},
        agrees="the five sums of each cell, op by op.",
        changed="the normal cell also concatenates what p was made to, and the reduction cell its second node, as in "
        "the authors' code. p and h are the figure's h(i−1) and h(i). There are other forms, `normal a` and so on, for "
        "the other ways in which p is brought to the size of h, which the figure does not draw.",
    ),
    Exhibit(
        "darts",
        "The cells that DARTS found, second order.",
        "Liu et al. 2018, [arXiv:1806.09055](https://arxiv.org/abs/1806.09055), Figures 4 and 5",
        "darts_v2_cifar",
        {"block": ["normal_v2 a", "reduction_v2"], "cells": True, "width": "7in"},
        agrees="the ops and edges of both cells.",
        changed="ops are boxes, where the paper writes them on edges; h and p are its c(k−1) and c(k−2), and the "
        "convolutions that bring them to c channels are drawn.",
    ),
    Exhibit(
        "darts_space",
        "The cells among which DARTS searches.",
        "Liu et al. 2018, [arXiv:1806.09055](https://arxiv.org/abs/1806.09055), section 3.1.1",
        "darts_space",
        {"block": ["genotype a", "genotype b"]},
        agrees="four nodes, each the sum of an op on each of two earlier nodes or inputs, and seven ops for each; "
        "those on an input of the reduction cell have stride 2.",
        changed="the paper has no figure of the space; its Figure 1 has the idea, with all edges of a node at once.",
        space=True,
    ),
    Exhibit(
        "fractalnet",
        "The expansion rule, four columns.",
        "Larsson et al. 2016, [arXiv:1605.07648](https://arxiv.org/abs/1605.07648), Figure 1",
        "fractalnet40",
        {"block": "columns a", "depth": 5},
        agrees="the rule for four columns joins one convolution with the rule for three, twice, and so on; unrolled.",
        changed="what meets in one join is one mean, and the last one is where the block is called: its four "
        "operands are the outputs. A mean of 1 is a join of one column. Drop-path is left out, since it only trains.",
    ),
    Exhibit(
        "res2net",
        "Res2Net's module: scales that feed each other.",
        "Gao et al. 2019, [arXiv:1904.01169](https://arxiv.org/abs/1904.01169), Figure 2 (b)",
        "res2net50_26w_4s",
        {"block": "bottle2neck b"},
        agrees="each convolved part but the first also takes what the part before it gave; a 1×1 before, a concat "
        "and a 1×1 "
        "behind.",
        changed="the part that is not convolved is the last one, where the figure has the first, as in the authors' "
        "code and timm; the first unit of a stage (`a`) adds no parts and is not drawn here.",
    ),
    Exhibit(
        "se",
        "A residual unit with squeeze and excitation.",
        "Hu et al. 2017, [arXiv:1709.01507](https://arxiv.org/abs/1709.01507), Figure 3",
        "se_resnet50",
        {"block": "se_resnet_unit b", "inline": "se"},
        agrees="global pool, two layers with a ReLU between them and a sigmoid behind, a product before the sum.",
        changed="the two fully connected layers are 1×1 convolutions, and the unit is drawn with its convolutions; "
        "reduction 16.",
    ),
    Exhibit(
        "mobilenet_v2",
        "The inverted residual with stride 1 and with stride 2.",
        "Sandler et al. 2018, [arXiv:1801.04381](https://arxiv.org/abs/1801.04381), Figure 4 (d) and Table 2",
        "mobilenet_v2",
        {"block": "inverted_residual"},
        agrees="1×1 with ReLU6, depthwise 3×3 with ReLU6, 1×1 without; a sum with stride 1.",
        changed="the sum is there only where the channels stay, too, as the paper's code has it; `a` is the first "
        "row of Table 2, where t = 1 and nothing is expanded.",
    ),
    Exhibit(
        "efficientnet_b0",
        "EfficientNet-B0.",
        "Tan and Le 2019, [arXiv:1905.11946](https://arxiv.org/abs/1905.11946), Table 1",
        "efficientnet_b0",
        {"width": "7in"},
        agrees="kernels, widths, repeats and sizes of all nine stages.",
        changed="Table 1 says the size that a stage takes, the figure the one that it gives.",
    ),
    Exhibit(
        "dla",
        "Deep layer aggregation: iterative and hierarchical.",
        "Yu et al. 2017, [arXiv:1707.06484](https://arxiv.org/abs/1707.06484), Figure 3",
        "dla34",
        {"block": "tree b", "inline": "tree"},
        agrees="a stage of two levels: each node joins two blocks, the last one also the subtree before them "
        "(hierarchical) and what the stage takes (iterative, `out/2`). `basic` is two 3×3 convolutions and a sum.",
        changed="the paper draws all stages and both kinds of aggregation in two colours.",
    ),
    Exhibit(
        "polynet_poly",
        "PolyNet's poly-3 module: the residuals F, FF and FFF share their weights.",
        "Zhang et al. 2016, [arXiv:1611.05725](https://arxiv.org/abs/1611.05725), Figure 4",
        "poly_3",
        agrees="identity, F, F·F and F·F·F, of one F, in one sum.",
        changed="the figure has order 2, poly-2; this is order 3, poly-3. F is the Inception block of the network's "
        "middle stage. The very deep PolyNet of the zoo shares otherwise.",
    ),
    Exhibit(
        "polynet_way",
        "PolyNet's 3-way module: three residuals of their own side by side.",
        "Zhang et al. 2016, [arXiv:1611.05725](https://arxiv.org/abs/1611.05725), Figure 4",
        "way_3",
        agrees="identity, F, G and H in one sum.",
        changed="the figure has order 2, 2-way; this is 3-way. F, G and H are the Inception block of the network's "
        "middle stage.",
    ),
    Exhibit(
        "transformer",
        "The Transformer.",
        "Vaswani et al. 2017, [arXiv:1706.03762](https://arxiv.org/abs/1706.03762), Figure 1",
        "transformer_base",
        {"width": "7in"},
        agrees="encoder and decoder of six layers, the sums and norms of each, and masked attention in the decoder.",
        changed="the last linear layer and the softmax are left out: its weights are those of the embedding. "
        "Dropout, scaling and the parts of attention are drawn; q, k and v of self-attention are one linear "
        "layer.",
    ),
    Exhibit(
        "lstm",
        "The LSTM cell, applied along a sequence.",
        "Zaremba et al. 2014, [arXiv:1409.2329](https://arxiv.org/abs/1409.2329), Figure 1",
        "lstm_lm_medium",
        agrees="the three gates i, f, o and the candidate g, the products with c, g and tanh of c.",
        changed="the gates are four parts of one linear layer. Output 2 is the next c, output 1 the next h.",
    ),
)


def pictures() -> Iterator[tuple[str, bytes]]:
    """File name and content of each picture."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pages that stand below each other, as they do in a web page
        for exhibit in EXHIBITS:
            drawn = (space if exhibit.space else load)(exhibit.target)
            yield f"{exhibit.name}.svg", drawn.draw(**exhibit.options)


def page() -> str:
    """The text of `docs/gallery.md`."""
    lines = [
        "# Gallery",
        "",
        "Figures of papers, drawn by archdsl from its specs; each says by which command, what of it is as the paper "
        "has it, and what is otherwise. `make docs` draws them anew.",
        "",
    ]
    for exhibit in EXHIBITS:
        lines += [
            f"## {exhibit.shows.rstrip('.').partition(':')[0]}",
            "",
            f"{exhibit.shows} {exhibit.paper}.",
            "",
            f"As in the paper: {exhibit.agrees}",
            "",
            f"Otherwise: {exhibit.changed}",
            "",
            f"    {exhibit.command}",
            "",
            f"![{exhibit.shows}]({PICTURES / exhibit.name}.svg)",
            "",
        ]
    return "\n".join(lines)
