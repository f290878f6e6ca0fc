"""Makes the networks of DARTS, PC-DARTS, P-DARTS and NAS-Bench-201 from the genotypes that their authors published."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

# quark0/darts cnn/genotypes.py (V1, V2), yuhuixu1993/PC-DARTS and chenxin061/pdarts genotypes.py: for each of the four
# nodes two operations and the states they read, where state 0 is the cell before the last one.
GENOTYPES = {
    "darts_v1": (
        "sep3 1 sep3 0 skip 0 sep3 1 skip 0 sep3 1 sep3 0 skip 2",
        "max3 0 max3 1 skip 2 max3 0 max3 0 skip 2 skip 2 avg3 0",
    ),
    "darts_v2": (
        "sep3 0 sep3 1 sep3 0 sep3 1 sep3 1 skip 0 skip 0 dil3 2",
        "max3 0 max3 1 skip 2 max3 1 max3 0 skip 2 skip 2 max3 1",
    ),
    "pc_cifar": (
        "sep3 1 skip 0 sep3 0 dil3 1 sep5 0 sep3 1 avg3 0 dil3 1",
        "sep5 1 max3 0 sep5 1 sep5 2 sep3 0 sep3 3 sep3 1 sep3 2",
    ),
    "pc_image": (
        "skip 1 sep3 0 sep3 0 skip 1 sep3 1 sep3 3 sep3 1 dil5 4",
        "sep3 0 skip 1 dil5 2 max3 1 sep3 2 sep3 1 sep5 0 sep3 3",
    ),
    "p_darts": (
        "skip 0 dil3 1 skip 0 sep3 1 sep3 1 sep3 3 sep3 0 dil5 4",
        "avg3 0 sep5 1 sep3 0 dil5 2 max3 0 dil3 1 dil3 1 dil5 3",
    ),
}


class Halve(nn.Module):
    """ReLU, then half the size: two strided 1x1 convolutions, the second from pixel (1, 1) on; sizes must be even."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.even = nn.Conv2d(inputs, outputs // 2, 1, 2, bias=False)
        self.odd = nn.Conv2d(inputs, outputs // 2, 1, 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        x = x.relu()
        return self.norm(torch.cat([self.even(x), self.odd(x[:, :, 1:, 1:])], 1))


def unit(inputs: int, outputs: int, kernel: int = 1, stride: int = 1, *, relu: bool = True) -> nn.Sequential:
    """ReLU, convolution, batch norm."""
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(*([nn.ReLU()] if relu else []), conv, nn.BatchNorm2d(outputs))


def operation(name: str, c: int, stride: int) -> nn.Module:
    """One operation of the genotypes on `c` channels."""
    if name == "skip":
        return nn.Identity() if stride == 1 else Halve(c, c)
    if name == "avg3":
        return nn.AvgPool2d(3, stride, 1, count_include_pad=False)
    if name == "max3":
        return nn.MaxPool2d(3, stride, 1)
    k, dilation = int(name[3:]), 2 if name.startswith("dil") else 1
    layers: list[nn.Module] = []
    for step in [stride] if dilation == 2 else [stride, 1]:
        window = nn.Conv2d(c, c, k, step, dilation * (k // 2), dilation, c, bias=False)
        layers += [nn.ReLU(), window, nn.Conv2d(c, c, 1, bias=False), nn.BatchNorm2d(c)]
    return nn.Sequential(*layers)


class Cell(nn.Module):
    """One cell on the outputs of the two cells before it; gives four times `c` channels."""

    def __init__(self, genotype: str, last: int, before: int, c: int, stride: int, halve: bool) -> None:
        super().__init__()
        words = genotype.split()
        self.reads = [int(word) for word in words[1::2]]
        self.before = Halve(before, c) if halve else unit(before, c)
        self.last = unit(last, c)
        pairs = zip(words[::2], self.reads, strict=True)
        self.steps = nn.ModuleList(operation(name, c, stride if i < 2 else 1) for name, i in pairs)

    def forward(self, last: Tensor, before: Tensor) -> Tensor:
        states = [self.before(before), self.last(last)]
        for i in range(0, 8, 2):
            states.append(self.steps[i](states[self.reads[i]]) + self.steps[i + 1](states[self.reads[i + 1]]))
        return torch.cat(states[2:], 1)


class Darts(nn.Module):
    """Stem, `depth` cells from `c` channels, mean, classifier; `image` is the network of ImageNet."""

    def __init__(self, genotypes: tuple[str, str], depth: int, c: int, classes: int, image: bool) -> None:
        super().__init__()
        if image:
            self.stem0 = nn.Sequential(unit(3, c // 2, 3, 2, relu=False), unit(c // 2, c, 3, 2))
            self.stem1: nn.Module = unit(c, c, 3, 2)
        else:
            self.stem0, self.stem1 = unit(3, 3 * c, 3, relu=False), nn.Identity()
        last = before = c if image else 3 * c
        self.cells, halve = nn.ModuleList(), image
        for i in range(depth):
            reduces = i in (depth // 3, 2 * depth // 3)
            c *= 2 if reduces else 1
            self.cells.append(Cell(genotypes[reduces], last, before, c, 2 if reduces else 1, halve))
            last, before, halve = 4 * c, last, reduces
        self.fc = nn.Linear(last, classes)

    def forward(self, x: Tensor) -> Tensor:
        before = self.stem0(x)
        last = self.stem1(before)
        for cell in self.cells:
            last, before = cell(last, before), last
        return self.fc(last.mean((2, 3)))


def darts_cifar(name: str) -> nn.Module:
    """The evaluation network of CIFAR-10 from the genotype `name`, untrained."""
    return Darts(GENOTYPES[name], 20, 36, 10, image=False)


def darts_imagenet(name: str) -> nn.Module:
    """The evaluation network of ImageNet from the genotype `name`, untrained."""
    return Darts(GENOTYPES[name], 14, 48, 1000, image=True)


class Zero(nn.Module):
    """No connection."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mul(0.0)


class BenchCell(nn.Module):
    """The cell of NAS-Bench-201 from its text, such as `|conv3~0|+|none~0|conv3~1|+|skip~0|none~1|skip~2|`."""

    def __init__(self, arch: str, c: int) -> None:
        super().__init__()
        self.nodes = nn.ModuleList()
        self.reads: list[list[int]] = []
        for node in arch.split("+"):
            edges = [edge.split("~") for edge in node.strip("|").split("|")]
            self.nodes.append(nn.ModuleList(self.edge(name, c) for name, _ in edges))
            self.reads.append([int(source) for _, source in edges])

    @staticmethod
    def edge(name: str, c: int) -> nn.Module:
        """The operation `name` on `c` channels."""
        if name.startswith("conv"):
            return unit(c, c, int(name[4:]))
        return {"none": Zero(), "skip": nn.Identity(), "avg3": nn.AvgPool2d(3, 1, 1, count_include_pad=False)}[name]

    def forward(self, x: Tensor) -> Tensor:
        states = [x]
        for edges, reads in zip(self.nodes, self.reads, strict=True):
            terms = [edge(states[i]) for edge, i in zip(edges, reads, strict=True)]
            states.append(torch.stack(terms).sum(0))
        return states[-1]


class BenchReduction(nn.Module):
    """The residual block of NAS-Bench-201 that halves the size."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.body = nn.Sequential(unit(c, 2 * c, 3, 2), unit(2 * c, 2 * c, 3))
        self.shortcut = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(c, 2 * c, 1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x) + self.shortcut(x)


def nasbench201(arch: str, n: int = 5) -> nn.Module:
    """The network of NAS-Bench-201 with the cell `arch`, untrained."""
    stages: list[Sequence[nn.Module]] = [[unit(3, 16, 3, relu=False)]]
    for c in (16, 32, 64):
        stages += [[BenchCell(arch, c) for _ in range(n)], [BenchReduction(c)] if c < 64 else []]
    head = [nn.BatchNorm2d(64), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)]
    return nn.Sequential(*(layer for stage in stages for layer in stage), *head)
