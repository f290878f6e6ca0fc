"""Makes searched networks from the operation lists that their authors published, cell by cell, independently of specs/.

TF-slim, tensorflow/tpu and melodyguan/enas describe a cell by operations, by the states they read and by the states
that are used up. In their lists state 0 is the last cell and state 1 the one before (ENAS: the other way round).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Pair = tuple[int, int]


@dataclass(frozen=True)
class CellList:
    """One cell: ten operations, the ten states they read, and for each of the seven states whether it is used up."""

    operations: tuple[str, ...]
    states: tuple[int, ...]
    used: tuple[bool, ...]


def cell_list(operations: str, states: str, used: str) -> CellList:
    """A cell from three texts: operations separated by blanks, states and used flags as digits."""
    return CellList(tuple(operations.split()), tuple(map(int, states)), tuple(flag == "1" for flag in used))


# tensorflow/models research/slim/nets/nasnet/{nasnet_utils,pnasnet}.py; tensorflow/tpu amoeba_net/model_specs.py.
# The lists of ENAS are those of melodyguan/enas scripts/cifar10_micro_final.sh, op codes written out.
NORMAL = {
    "nasnet": cell_list("sep5 sep3 sep5 sep3 avg3 none avg3 avg3 sep3 none", "0111011100", "1000000"),
    "pnasnet": cell_list("sep5 max3 sep7 max3 sep5 sep3 sep3 max3 sep3 none", "1100004010", "1100000"),
    "amoeba_a": cell_list("avg3 max3 sep3 none none avg3 sep3 sep5 avg3 sep3", "0011010250", "1010010"),
    "amoeba_b": cell_list("1x1 max3 none sep3 1x1 sep3 1x1 none avg3 1x1", "1110102215", "0110010"),
    "amoeba_c": cell_list("avg3 sep3 none sep3 avg3 sep3 none sep3 avg3 sep3", "0000210130", "1001000"),
    "amoeba_d": cell_list("1x1 max3 none 1x7 1x1 1x7 max3 none avg3 1x1", "1110002215", "0110010"),
    "enas": cell_list("avg3 sep3 none sep5 none sep5 sep3 sep5 avg3 sep5", "0000011001", "1100000"),
}
REDUCTION = {
    "nasnet": cell_list("sep5 sep7 max3 sep7 avg3 sep5 none avg3 sep3 max3", "0101013220", "1110000"),
    "pnasnet": NORMAL["pnasnet"],
    "amoeba_a": cell_list("sep3 avg3 max3 sep7 max3 max3 sep3 1x7 avg3 sep7", "1002104010", "1100000"),
    "amoeba_b": cell_list("max2 max3 none 3x3 sep5 max3 none sep3 avg3 1x1", "0021223143", "1111100"),
    "amoeba_c": cell_list("max3 max3 sep7 sep3 sep7 max3 sep5 sep5 max3 sep3", "0020014411", "0100000"),
    "amoeba_d": cell_list("max2 max3 none 3x3 1x7 max3 none max2 avg3 1x1", "0021223123", "1111000"),
    "enas": cell_list("sep3 sep3 max3 avg3 sep5 sep5 sep3 none max3 sep5", "1100131001", "1101000"),
}


@dataclass(frozen=True)
class Shape:
    """What building a cell must know of a state: its channels, and how often its size was halved."""

    channels: int
    halved: int


@dataclass(frozen=True)
class Style:
    """Where the code bases differ. `pads`: strided average pools count the padding, as timm's and specs/nasnet do."""

    enas: bool = False
    pads: bool = False
    eps: float = 1e-3


def same(x: Tensor, kernel: Pair, stride: Pair, value: float = 0.0) -> Tensor:
    """`x` padded as TensorFlow's SAME does, the odd element at the end."""
    for axis, k, s in ((2, kernel[0], stride[0]), (3, kernel[1], stride[1])):
        n = x.shape[axis]
        total = max((-(-n // s) - 1) * s + k - n, 0)
        amounts = (total // 2, total - total // 2)
        x = F.pad(x, (0, 0, *amounts) if axis == 2 else amounts, value=value)
    return x


class Conv(nn.Conv2d):
    """Convolution without bias, SAME padding."""

    def __init__(
        self, inputs: int, outputs: int, kernel: Pair = (1, 1), stride: Pair = (1, 1), groups: int = 1
    ) -> None:
        super().__init__(inputs, outputs, kernel, stride, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(same(x, self.kernel_size, self.stride))


class Pool(nn.Module):
    """Max or average pool, SAME padding; the average leaves the padding out unless `pads`."""

    def __init__(self, kind: str, kernel: int, stride: int, pads: bool) -> None:
        super().__init__()
        self.kind, self.kernel, self.stride, self.pads = kind, (kernel, kernel), (stride, stride), pads

    def forward(self, x: Tensor) -> Tensor:
        if self.kind == "max":
            return F.max_pool2d(same(x, self.kernel, self.stride, -torch.inf), self.kernel, self.stride)
        total = F.avg_pool2d(same(x, self.kernel, self.stride), self.kernel, self.stride)
        if self.pads and self.stride[0] > 1:
            return total
        ones = torch.ones_like(x[:1, :1])
        return total / F.avg_pool2d(same(ones, self.kernel, self.stride), self.kernel, self.stride)


class Halve(nn.Module):
    """Factorized reduction: two strided 1x1 convolutions, the second on the map moved by one pixel."""

    def __init__(self, inputs: int, outputs: int, eps: float) -> None:
        super().__init__()
        self.even = nn.Conv2d(inputs, outputs // 2, 1, 2, bias=False)
        self.odd = nn.Conv2d(inputs, outputs - outputs // 2, 1, 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps)

    def forward(self, x: Tensor) -> Tensor:
        moved = F.pad(x, (0, 1, 0, 1))[:, :, 1:, 1:]
        return self.norm(torch.cat([self.even(x), self.odd(moved)], 1))


def unit(
    inputs: int, outputs: int, eps: float, kernel: Pair = (1, 1), stride: Pair = (1, 1), relu: bool = True
) -> nn.Sequential:
    """ReLU, convolution, batch norm."""
    head = [nn.ReLU()] if relu else []
    return nn.Sequential(*head, Conv(inputs, outputs, kernel, stride), nn.BatchNorm2d(outputs, eps))


def separable(inputs: int, outputs: int, kernel: int, stride: int, eps: float) -> nn.Sequential:
    """Two times ReLU, depthwise, 1x1, batch norm; the stride is on the first."""
    layers: list[nn.Module] = []
    for channels, step in ((inputs, stride), (outputs, 1)):
        window = Conv(channels, channels, (kernel, kernel), (step, step), channels)
        layers += [nn.ReLU(), window, Conv(channels, outputs), nn.BatchNorm2d(outputs, eps)]
    return nn.Sequential(*layers)


def operation(name: str, inputs: int, f: int, stride: int, style: Style) -> nn.Module:
    """The operation `name` from `inputs` to `f` channels."""
    eps, quarter = style.eps, f // 4
    if name.startswith("sep"):
        return separable(inputs, f, int(name[3:]), stride, eps)
    if name[:3] in ("avg", "max"):
        pool = Pool(name[:3], int(name[3:]), stride, style.pads)
        return pool if inputs == f else nn.Sequential(pool, unit(inputs, f, eps, relu=False))
    if name == "1x1":
        return unit(inputs, f, eps, stride=(stride, stride))
    if name == "none":
        if stride == 1 and inputs == f:
            return nn.Identity()
        return Halve(inputs, f, eps) if style.enas else unit(inputs, f, eps, stride=(stride, stride))
    narrow, widen = unit(inputs, quarter, eps), unit(quarter, f, eps)
    if name == "3x3":
        return nn.Sequential(narrow, unit(quarter, quarter, eps, (3, 3), (stride, stride)), widen)
    row = unit(quarter, quarter, eps, (1, 7), (1, stride))
    return nn.Sequential(narrow, row, unit(quarter, quarter, eps, (7, 1), (stride, 1)), widen)


class Cell(nn.Module):
    """One cell on the output `last` and the output `before`; a missing `before` is `last` once more, as it is."""

    def __init__(self, cell: CellList, last: Shape, before: Shape | None, f: int, stride: int, style: Style) -> None:
        super().__init__()
        self.cell = cell
        self.order = (1, 0) if style.enas else (0, 1)
        self.before: nn.Module = nn.Identity()
        if before is None:
            before = last
        else:
            if before.halved < last.halved:
                self.before = nn.Sequential(nn.ReLU(), Halve(before.channels, f, style.eps))
            elif before.channels != f:
                self.before = unit(before.channels, f, style.eps)
            before = Shape(f, last.halved)
        again = [unit(last.channels, f, style.eps)] if style.enas and last.channels != f else []
        self.last = nn.Sequential(*again, unit(f if again else last.channels, f, style.eps))
        pair = (replace(last, channels=f), before)
        shapes = [pair[i] for i in self.order]
        self.steps = nn.ModuleList()
        for index, (name, state) in enumerate(zip(cell.operations, cell.states, strict=True)):
            self.steps.append(operation(name, shapes[state].channels, f, stride if state < 2 else 1, style))
            if index % 2:
                shapes.append(Shape(f, last.halved + stride - 1))
        self.fits = nn.ModuleDict()
        for index, (shape, used) in enumerate(zip(shapes, cell.used, strict=True)):
            if not used and shape != shapes[-1]:
                halves = shape.halved < shapes[-1].halved
                fit = Halve(shape.channels, f, style.eps) if halves else unit(shape.channels, f, style.eps, relu=False)
                self.fits[str(index)] = fit
        self.shape = Shape(f * (7 - sum(cell.used)), shapes[-1].halved)

    def forward(self, last: Tensor, before: Tensor) -> Tensor:
        before = self.before(before)
        pair = (self.last(last), before)
        states = [pair[i] for i in self.order]
        reads = self.cell.states
        for i in range(0, 10, 2):
            states.append(self.steps[i](states[reads[i]]) + self.steps[i + 1](states[reads[i + 1]]))
        kept = [(str(i), state) for i, (state, used) in enumerate(zip(states, self.cell.used, strict=True)) if not used]
        return torch.cat([self.fits[name](state) if name in self.fits else state for name, state in kept], 1)


@dataclass(frozen=True)
class Plan:
    """A network of three stacks of `n` normal cells with `f` filters in the first.

    `stem`: channels of the first convolution, which has stride 2 and two stem cells behind it unless `cifar`.
    `extra`: a reduction is a cell of its own, else it replaces the first cell of a stack. `skip`: after such an extra
    reduction the next cell reads the cell before the reduction's own input.
    """

    n: int
    f: int
    stem: int
    cifar: bool = False
    extra: bool = True
    skip: bool = False
    style: Style = field(default_factory=Style)


class Searched(nn.Module):
    """The whole network: stem, cells, ReLU, mean, classifier."""

    def __init__(self, name: str, plan: Plan, classes: int) -> None:
        super().__init__()
        step, padding = (1, 1) if plan.cifar else (2, 0)
        first = nn.Conv2d(3, plan.stem, 3, step, padding, bias=False)
        self.stem = nn.Sequential(first, nn.BatchNorm2d(plan.stem, plan.style.eps))
        jobs = [] if plan.cifar else [(plan.f // 4, True, False), (plan.f // 2, True, False)]
        for i in range(3 * plan.n):
            width, reduces = plan.f * 2 ** (i // plan.n), i in (plan.n, 2 * plan.n)
            jobs += [(width, True, plan.skip)] if reduces and plan.extra else []
            jobs += [(width, reduces and not plan.extra, False)]
        self.cells, self.stay = nn.ModuleList(), []
        last, before = Shape(plan.stem, 0), Shape(plan.stem, 0) if plan.style.enas else None
        for f, reduces, stays in jobs:
            cells = REDUCTION if reduces else NORMAL
            cell = Cell(cells[name], last, before, f, 2 if reduces else 1, plan.style)
            before, last = before if stays else last, cell.shape
            self.cells.append(cell)
            self.stay.append(stays)
        self.fc = nn.Linear(last.channels, classes, bias=not plan.style.enas)

    def forward(self, x: Tensor) -> Tensor:
        last = before = self.stem(x)
        for cell, stays in zip(self.cells, self.stay, strict=True):
            new = cell(last, before)
            before, last = before if stays else last, new
        return self.fc(last.relu().mean((2, 3)))


def searched(name: str, *, classes: int = 1000, **plan: object) -> nn.Module:
    """The network of the cell lists `name` with the arguments of `Plan`, untrained."""
    return Searched(name, Plan(**plan), classes)
