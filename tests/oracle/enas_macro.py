"""Makes the network that melodyguan/enas trains from a line of numbers, independently of specs/."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tests.oracle.searched import Halve, unit

# scripts/cifar10_macro_final.sh: for each layer an operation, then for each tensor before the last whether it is read.
ARC = """
0
3 0
0 1 0
2 0 0 1
2 0 0 0 0
3 1 1 0 1 0
2 0 0 0 0 0 1
2 0 1 1 0 1 1 1
1 0 1 1 1 0 1 0 1
0 0 0 0 0 0 0 0 0 0
2 0 0 0 0 0 1 0 0 0 0
0 1 0 0 1 1 0 0 0 0 1 1
2 0 1 0 0 0 0 0 1 0 1 1 0
1 0 0 1 0 0 0 1 1 1 0 1 0 1
0 1 1 0 1 0 1 0 0 0 0 0 1 0 0
2 0 0 1 0 0 0 0 0 0 0 1 0 1 0 1
2 0 1 0 0 0 1 0 0 1 1 1 1 0 0 1 0
2 0 0 0 0 1 0 1 0 1 0 0 1 0 1 0 0 1
3 0 1 1 0 1 0 0 0 0 0 1 0 1 0 1 0 0 0
3 0 1 1 0 0 0 0 0 0 0 0 0 1 1 0 0 0 0 1
0 1 0 0 1 0 1 1 0 0 0 1 0 0 0 0 0 1 1 0 0
3 0 1 0 1 1 0 0 1 0 1 1 0 1 1 0 1 0 0 1 0 0
0 1 0 1 0 1 0 0 0 0 0 0 0 0 1 0 1 0 0 1 0 0 0
0 1 1 0 0 0 1 1 1 0 1 0 0 0 1 0 1 0 0 1 1 0 0 0
"""
KERNELS = (3, 3, 5, 5)


class Macro(nn.Module):
    """`_fixed_layer` and `_model` of src/cifar10/general_child.py, with `f` filters in the first third."""

    def __init__(self, arc: str, f: int, eps: float = 1e-5) -> None:
        super().__init__()
        rows = [tuple(map(int, line.split())) for line in arc.split("\n") if line]
        self.reads = [[i for i, read in enumerate(row[1:]) if read] for row in rows]
        self.pools = (len(rows) // 3 - 1, 2 * (len(rows) // 3) - 1)
        self.stem = unit(3, f, eps, (3, 3), relu=False)
        self.layers, self.joins, self.halves = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        for i, (operation, *flags) in enumerate(rows):
            kernel = KERNELS[operation]
            self.layers.append(nn.Sequential(unit(f, f, eps), unit(f, f, eps, (kernel, kernel))))
            self.joins.append(unit((1 + sum(flags)) * f, f, eps) if i else nn.Identity())
            if i in self.pools:
                self.halves.append(nn.ModuleList(Halve(f, 2 * f, eps) for _ in range(i + 2)))
                f *= 2
        self.drop, self.fc = nn.Dropout(0.5), nn.Linear(f, 10, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        tensors = [self.stem(x)]
        for i, (layer, join) in enumerate(zip(self.layers, self.joins, strict=True)):
            read = [tensors[j] for j in self.reads[i]]
            tensors.append(join(torch.cat([*read, layer(tensors[-1])], 1)))
            if i in self.pools:
                tensors = [half(t) for half, t in zip(self.halves[self.pools.index(i)], tensors, strict=True)]
        return self.fc(self.drop(tensors[-1].mean((2, 3))))


def enas_macro(_: str) -> nn.Module:
    """The released network, untrained."""
    return Macro(ARC, 96)
