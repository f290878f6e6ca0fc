"""Pools over sliding windows: max_pool, avg_pool, lp_pool; rank decides 1-d, 2-d, 3-d."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

from archdsl.ops.arguments import BOOL, PADDING, POSITIVE, SIZE, Size, or_word
from archdsl.ops.base import Example, Kind, Op, OpError, Reaches, Types, argument
from archdsl.ops.doubts import Doubt, Provenances, axes_in_another_order
from archdsl.ops.same_padding import avg_pool_same, max_pool_same
from archdsl.ops.torch_form import Call, Helper, Operand, TorchForm, compact, either, options
from archdsl.ops.windows import (
    AxisSizes,
    Pads,
    extent,
    pads,
    resolve_padding,
    slide,
    space,
    spread,
    symmetric_same,
    windows,
)
from archdsl.types import TensorType, positive

STRIDE = or_word("kernel", SIZE)
STRIDE_DOC = "step between windows, in elements"
KERNEL_DOC = "window size, in elements"
PADDING_DOC = (
    '"half" where windows overlap (stride < kernel), else 0; "same" is TensorFlow\'s, output = ceil(input / stride)'
)
CEIL_DOC = "let the last window hang over the end (not start in the padding)"
MAP = TensorType((64, 112, 112))
NAMES = ("norm_type", "kernel_size")


def resolve_stride(stride: Any, kernel: AxisSizes, inputs: Types) -> AxisSizes:
    """Per axis; "kernel" means that windows touch and do not overlap."""
    return kernel if stride == "kernel" else spread("stride", stride, inputs[0])


def check_padding(name: str, padding: Pads, room: AxisSizes, mode: Any) -> None:
    """torch refuses a pool that pads more than half a window, for a window could lie in the padding alone.

    Raises:
        OpError: it does.
    """
    if mode == "same":
        return
    for (begin, _), size in zip(padding, room, strict=True):
        if begin > size // 2:
            raise OpError(
                "bad-padding",
                f"{name} pads by {begin}, more than half of its window of {size}",
                parameter="padding",
                help=f"use at most {size // 2}, or the pad op",
            )


def check_dilated(name: str, x: TensorType, op: MaxPool, padding: Pads, counts: AxisSizes) -> None:
    """Refuse what torch takes, and gives minus infinity for: a window whose taps step over the whole map, from the
    padding before it into that behind it. The other windows reach the map, as `check_padding` sees to.

    With fewer elements than the dilation, a window that starts before the map reads one iff its start, modulo the
    dilation, is less than their number. The starts that do not hang over the end take less than one turn.

    Raises:
        OpError: it does.
    """
    for axis, (n, k, s, d, (begin, _), count) in enumerate(
        zip(x.shape[1:], op.kernel, op.stride, op.dilation, padding, counts, strict=True)
    ):
        if d == 1 or k == 1 or n >= d:
            continue
        over = positive(-((-begin % d - n) // s))  # the first window whose start modulo d is n or more
        for window in (over, count - 1):
            start = window * s - begin
            if window < count and start < 0 and start % d >= n:
                raise OpError(
                    "bad-padding",
                    f"a window of {name} reads only padding along axis {axis + 1} of {x}: its taps, {d} apart, step "
                    f"over all {n} elements",
                    parameter="dilation",
                    help="use a smaller dilation, padding = 0, or a larger input",
                )


def larger(kernel: AxisSizes, x: TensorType) -> bool:
    """Whether torch's 3-d average pools refuse this: a window larger than the input, however they pad it."""
    return x.rank == 4 and any(k > n for k, n in zip(kernel, x.shape[1:], strict=True))


def check_volume(name: str, x: TensorType, kernel: AxisSizes) -> None:
    """Refuse what torch's 3-d average pools refuse.

    Raises:
        OpError: the window is larger than the input.
    """
    if larger(kernel, x):
        raise OpError(
            "empty-result",
            f"{name} with kernel {compact(kernel)} is larger than {x}, which torch refuses for [C, D, H, W]",
            parameter="kernel",
            help="use a smaller kernel, or pad first with the pad op",
        )


def torch_padding(
    padding: Any, kernel: AxisSizes, stride: AxisSizes, dilation: AxisSizes, amounts: Pads
) -> AxisSizes | None:
    """torch's own padding argument, or None where "same" padding is one-sided and needs a helper."""
    if padding == "same":
        return symmetric_same(kernel, stride, dilation)
    return tuple(begin for begin, _ in amounts)


def pool_form(
    stem: str, rank: int, arguments: tuple[tuple[str, Any], ...], one_sided: bool, helpers: tuple[Helper, ...]
) -> TorchForm:
    """torch's pool, or the module of ours that pads on one side."""
    if one_sided:
        return TorchForm(module=Call(f"{stem}{rank}dSame", (), arguments), helpers=helpers)
    function = {"MaxPool": "F.max_pool", "AvgPool": "F.avg_pool"}[stem]
    return either(f"nn.{stem}{rank}d", f"{function}{rank}d", (), arguments)


@dataclass(frozen=True, slots=True)
class MaxPool(Op):
    """The largest element of each window, per channel; padding never wins."""

    name = "max_pool"
    kind = Kind.POOL
    examples = (
        Example("max_pool(3, 2)", (MAP,), (TensorType((64, 56, 56)),)),
        Example("max_pool(2)", (TensorType((8, 7)),), (TensorType((8, 3)),)),
        Example("max_pool(3, 2, 0, ceil = true)", (MAP,), (TensorType((64, 56, 56)),)),
        Example('max_pool(3, 2, "same")', (TensorType((8, 7, 8)),), (TensorType((8, 4, 4)),)),
    )

    kernel: Size = argument(SIZE, KERNEL_DOC)
    stride: Size = argument(STRIDE, STRIDE_DOC, default="kernel")
    padding: Size = argument(PADDING, PADDING_DOC, default="auto")
    ceil: bool = argument(BOOL, CEIL_DOC, default=False)
    dilation: Size = argument(SIZE, "step between the taps of a window, in elements", default=1)

    def resolve(self, inputs: Types) -> Self:
        x = inputs[0]
        space(self.name, x)
        kernel = spread("kernel", self.kernel, x)
        stride = resolve_stride(self.stride, kernel, inputs)
        dilation = spread("dilation", self.dilation, x)
        padding = resolve_padding(self.padding, kernel, stride, dilation, x)
        op = replace(self, kernel=kernel, stride=stride, padding=padding, dilation=dilation)
        op = replace(op, ceil=self.ceil and op.padding != "same")
        check_padding(self.name, op.pads(inputs), tuple(map(extent, kernel, dilation)), op.padding)
        if op.ceil:
            self.check_last_window(op.pads(inputs), kernel, stride, dilation)
        return op

    def check_last_window(self, padding: Pads, kernel: AxisSizes, stride: AxisSizes, dilation: AxisSizes) -> None:
        """Where the padding is more than torch's pool takes, the map is padded before it: torch's rule for the last
        window of `ceil` then counts from the padded end.

        Raises:
            OpError: at some input size the last window would lie in the padding.
        """
        for (begin, _), k, s, d in zip(padding, kernel, stride, dilation, strict=True):
            if begin > k // 2 and s > extent(k, d) - begin:
                raise OpError(
                    "bad-padding",
                    f"{self.name} with ceil pads by {begin}, more than half of its kernel of {k}, and with a stride of "
                    f"{s} its last window could lie in the padding",
                    parameter="padding",
                    help=f"use a stride of at most {extent(k, d) - begin}, or ceil = false",
                )

    def pads(self, inputs: Types) -> Pads:
        """(begin, end) padding per axis."""
        return pads(inputs[0].shape[1:], self.kernel, self.stride, self.padding, self.dilation)

    def results(self, inputs: Types) -> Types:
        x = inputs[0]
        sizes = slide(self.name, x, self.kernel, self.stride, self.pads(inputs), self.dilation, self.ceil)
        check_dilated(self.name, x, self, self.pads(inputs), sizes)
        return (TensorType((x.shape[0], *sizes)),)

    def reach(self, inputs: Types) -> Reaches:
        return ((windows(self.kernel, self.stride, self.pads(inputs), self.dilation),),)

    def doubts(self, inputs: Types, made: Provenances) -> Iterator[Doubt]:
        return axes_in_another_order(self.name, inputs[0], made[0], self.kernel)

    def torch(self, inputs: Types) -> TorchForm:
        rank = inputs[0].rank - 1
        padding = torch_padding(self.padding, self.kernel, self.stride, self.dilation, self.pads(inputs))
        before = None
        if padding is not None and any(p > k // 2 for p, k in zip(padding, self.kernel, strict=True)):
            # torch compares with the kernel, not with what it spans when dilated
            much = tuple(p if p > k // 2 else 0 for p, k in zip(padding, self.kernel, strict=True))
            sides = tuple(p for p in reversed(much) for _ in range(2))
            before = Call("F.pad", (Operand(), sides), (("value", float("-inf")),))
            padding = tuple(p - m for p, m in zip(padding, much, strict=True))
        arguments = (
            ("kernel_size", compact(self.kernel)),
            *options(
                ("stride", compact(self.stride), compact(self.kernel)),
                ("padding", compact(padding or (0,)), 0),
                ("dilation", compact(self.dilation), 1),
                ("ceil_mode", self.ceil, False),
            ),
        )
        if before is not None:
            return TorchForm(module=Call(f"nn.MaxPool{rank}d", (), arguments), before=before)
        return pool_form("MaxPool", rank, arguments, padding is None, max_pool_same(rank))


@dataclass(frozen=True, slots=True)
class AvgPool(Op):
    """The mean of each window, per channel; padding counts as zeros (torch's default) or, on request, not at all."""

    name = "avg_pool"
    kind = Kind.POOL
    examples = (
        Example("avg_pool(7)", (TensorType((2048, 7, 7)),), (TensorType((2048, 1, 1)),)),
        Example("avg_pool(3, 1, count_padding = false)", (TensorType((8, 9)),), (TensorType((8, 9)),)),
        Example('avg_pool(3, 2, "same", count_padding = false)', (TensorType((8, 8, 9)),), (TensorType((8, 4, 5)),)),
    )

    kernel: Size = argument(SIZE, KERNEL_DOC)
    stride: Size = argument(STRIDE, STRIDE_DOC, default="kernel")
    padding: Size = argument(PADDING, PADDING_DOC, default="auto")
    ceil: bool = argument(BOOL, CEIL_DOC, default=False)
    count_padding: bool = argument(BOOL, "padding counts as zeros; false: the mean is over real elements", default=True)

    def resolve(self, inputs: Types) -> Self:
        x = inputs[0]
        space(self.name, x)
        kernel = spread("kernel", self.kernel, x)
        stride = resolve_stride(self.stride, kernel, inputs)
        padding = resolve_padding(self.padding, kernel, stride, (1,) * len(kernel), x)
        op = replace(self, kernel=kernel, stride=stride, padding=padding, ceil=self.ceil and padding != "same")
        check_padding(self.name, op.pads(inputs), kernel, padding)
        if padding != "same":
            check_volume(self.name, x, kernel)
        return op

    def pads(self, inputs: Types) -> Pads:
        """(begin, end) padding per axis."""
        return pads(inputs[0].shape[1:], self.kernel, self.stride, self.padding, (1,) * len(self.kernel))

    def results(self, inputs: Types) -> Types:
        x = inputs[0]
        ones = (1,) * len(self.kernel)
        sizes = slide(self.name, x, self.kernel, self.stride, self.pads(inputs), ones, self.ceil)
        return (TensorType((x.shape[0], *sizes)),)

    def reach(self, inputs: Types) -> Reaches:
        return ((windows(self.kernel, self.stride, self.pads(inputs), (1,) * len(self.kernel)),),)

    def doubts(self, inputs: Types, made: Provenances) -> Iterator[Doubt]:
        return axes_in_another_order(self.name, inputs[0], made[0], self.kernel)

    def torch(self, inputs: Types) -> TorchForm:
        rank = inputs[0].rank - 1
        padding = torch_padding(self.padding, self.kernel, self.stride, (1,) * rank, self.pads(inputs))
        if self.padding == "same" and larger(self.kernel, inputs[0]):
            padding = None
        arguments = (
            ("kernel_size", compact(self.kernel)),
            *options(
                ("stride", compact(self.stride), compact(self.kernel)),
                ("padding", compact(padding or (0,)), 0),
                ("ceil_mode", self.ceil, False),
                ("count_include_pad", self.count_padding, True),
            ),
        )
        return pool_form("AvgPool", rank, arguments, padding is None, avg_pool_same(rank))


@dataclass(frozen=True, slots=True)
class LpPool(Op):
    """The p-norm of each window, per channel: (sum of x^p)^(1/p). Without padding, as torch's."""

    name = "lp_pool"
    kind = Kind.POOL
    examples = (Example("lp_pool(2, 3, 2)", (TensorType((8, 9, 9)),), (TensorType((8, 4, 4)),)),)

    p: float = argument(POSITIVE, "exponent; 1 is the sum")
    kernel: Size = argument(SIZE, KERNEL_DOC)
    stride: Size = argument(STRIDE, STRIDE_DOC, default="kernel")
    ceil: bool = argument(BOOL, CEIL_DOC, default=False)

    def resolve(self, inputs: Types) -> Self:
        space(self.name, inputs[0])
        kernel = spread("kernel", self.kernel, inputs[0])
        check_volume(self.name, inputs[0], kernel)
        return replace(self, kernel=kernel, stride=resolve_stride(self.stride, kernel, inputs))

    def pads(self, inputs: Types) -> Pads:
        """(begin, end) padding per axis: none."""
        return tuple((0, 0) for _ in self.kernel)

    def results(self, inputs: Types) -> Types:
        x = inputs[0]
        ones = (1,) * len(self.kernel)
        sizes = slide(self.name, x, self.kernel, self.stride, self.pads(inputs), ones, self.ceil)
        return (TensorType((x.shape[0], *sizes)),)

    def reach(self, inputs: Types) -> Reaches:
        return ((windows(self.kernel, self.stride, self.pads(inputs), (1,) * len(self.kernel)),),)

    def doubts(self, inputs: Types, made: Provenances) -> Iterator[Doubt]:
        return axes_in_another_order(self.name, inputs[0], made[0], self.kernel)

    def torch(self, inputs: Types) -> TorchForm:
        rank = inputs[0].rank - 1
        arguments = options(
            ("stride", compact(self.stride), compact(self.kernel)),
            ("ceil_mode", self.ceil, False),
        )
        exponent = int(self.p) if self.p.is_integer() else self.p
        return either(f"nn.LPPool{rank}d", f"F.lp_pool{rank}d", (exponent, compact(self.kernel)), arguments, NAMES)


OPS = (MaxPool, AvgPool, LpPool)
