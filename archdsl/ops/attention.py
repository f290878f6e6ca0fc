"""Products of two activations: matmul, and sdpa (scaled dot-product attention without projections)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from archdsl.ops.arguments import BOOL, POSITIVE, or_word
from archdsl.ops.base import ALL, Example, Kind, Op, OpError, Reaches, Types, argument, spatial_axes
from archdsl.ops.torch_form import Call, Infix, Method, Operand, TorchForm, options
from archdsl.types import TensorType


def need_matrices(name: str, inputs: Types) -> None:
    """All operands have the same axes before the last two.

    Raises:
        OpError: they do not, or one has fewer than two axes.
    """
    first = inputs[0]
    for index, x in enumerate(inputs):
        if x.rank < 2:
            raise OpError(
                "wrong-rank",
                f"{name} needs matrices [n, m] or stacks of them, got {x}",
                operand=index,
                help="reshape the vector to [1, n] or [n, 1]",
            )
        if x.shape[:-2] != first.shape[:-2]:
            raise OpError(
                "shape-mismatch",
                f"{name} cannot pair {first} with {x}: the axes before the last two differ",
                operand=index,
                help="give both the same number of heads or matrices",
            )


def everything(inputs: Types) -> Reaches:
    """One output that sees all of every operand."""
    return (tuple(tuple(ALL for _ in spatial_axes(x)) for x in inputs),)


class Matmul(Op):
    """The matrix product of `[…, n, m]` and `[…, m, p]`, one for each index of the axes before."""

    __slots__ = ()
    name = "matmul"
    kind = Kind.MATMUL
    arity = (2, 2)
    examples = (
        Example("matmul", (TensorType((8, 5, 16)), TensorType((8, 16, 7))), (TensorType((8, 5, 7)),), 0, 4480),
        Example("matmul", (TensorType((4, 3)), TensorType((3, 2))), (TensorType((4, 2)),), 0, 24),
    )

    def results(self, inputs: Types) -> Types:
        need_matrices(self.name, inputs)
        left, right = inputs
        if left.shape[-1] != right.shape[-2]:
            raise OpError(
                "shape-mismatch",
                f"cannot multiply matrices {left} and {right}: {left.shape[-1]} columns meet {right.shape[-2]} rows",
                operand=1,
                help="transpose one of them: x -> transpose(-2, -1)",
            )
        return (TensorType((*left.shape[:-1], right.shape[-1])),)

    def macs(self, inputs: Types, outputs: Types) -> int:
        return inputs[0].size * inputs[1].shape[-1]

    def reach(self, inputs: Types) -> Reaches:
        return everything(inputs)

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(function=Infix("@", Operand(0), Operand(1)), stretched=(0, 1))


@dataclass(frozen=True, slots=True)
class Sdpa(Op):
    """softmax(q k^T * scale) v for queries `[h, T, d]`, keys `[h, S, d]` and values `[h, S, e]`. arXiv:1706.03762.

    Any number of axes may stand before the last two, `[T, d]` or `[windows, h, T, d]`: the same for all three.
    A fourth operand is added to the scores `[h, T, S]` before the softmax: a bias by relative position, or a mask of 0
    and -100 or `-inf`. It has as many axes as the scores, each of them equal or 1.
    """

    name = "sdpa"
    spelling = "attention"
    kind = Kind.MATMUL
    arity = (3, 4)
    operands = ("q", "k", "v", "bias")
    examples = (
        Example("sdpa", (TensorType((12, 197, 64)),) * 3, (TensorType((12, 197, 64)),), 0, 59_610_624),
        Example(
            "sdpa(causal = true)",
            (TensorType((2, 5, 8)), TensorType((2, 5, 8)), TensorType((2, 5, 3))),
            (TensorType((2, 5, 3)),),
            0,
            550,
        ),
        Example("sdpa", (TensorType((2, 5, 8)),) * 3 + (TensorType((1, 5, 5)),), (TensorType((2, 5, 8)),), 0, 800),
        Example(
            "sdpa(causal = true)",
            (TensorType((2, 5, 8)),) * 3 + (TensorType((2, 5, 5)),),
            (TensorType((2, 5, 8)),),
            0,
            800,
        ),
    )

    causal: bool = argument(BOOL, "position t sees only positions up to t", default=False)
    scale: Any = argument(or_word("auto", POSITIVE), "factor of the products; by default 1 / sqrt(d)", default="auto")

    def results(self, inputs: Types) -> Types:
        need_matrices(self.name, inputs[:3])
        query, key, value = inputs[:3]
        if query.shape[-1] != key.shape[-1]:
            raise OpError(
                "shape-mismatch",
                f"sdpa cannot compare queries {query} with keys {key}: {query.shape[-1]} and {key.shape[-1]} features",
                operand=1,
                help="project both to the same number of features",
            )
        if key.shape[-2] != value.shape[-2]:
            raise OpError(
                "shape-mismatch",
                f"sdpa has keys {key} and values {value}: {key.shape[-2]} keys for {value.shape[-2]} values",
                operand=2,
                help="make keys and values from the same tensor",
            )
        scores = TensorType((*query.shape[:-1], key.shape[-2]))
        for bias in inputs[3:]:
            if bias.rank != scores.rank or not all(m in (n, 1) for n, m in zip(scores.shape, bias.shape, strict=True)):
                raise OpError(
                    "shape-mismatch",
                    f"sdpa cannot add a bias {bias} to its scores {scores}: a row for each query, one column a key",
                    operand=3,
                    help=f"give the bias {scores.rank} axes, each as long as the scores' or 1: bias -> reshape([1, …])",
                )
        return (TensorType((*query.shape[:-1], value.shape[-1])),)

    def macs(self, inputs: Types, outputs: Types) -> int:
        query, key, value = inputs[:3]
        return math.prod(query.shape[:-1]) * key.shape[-2] * (query.shape[-1] + value.shape[-1])

    def reach(self, inputs: Types) -> Reaches:
        return everything(inputs)

    def torch(self, inputs: Types) -> TorchForm:
        operands = (Operand(0), Operand(1), Operand(2))
        scale = options(("scale", self.scale, "auto"))
        mask: tuple[tuple[str, Any], ...] = options(("is_causal", self.causal, False))
        if len(inputs) > 3:  # torch takes a bias or `is_causal`, not both
            mask = (("attn_mask", self._and_causal(inputs) if self.causal else Operand(3)),)
        return TorchForm(
            function=Call("F.scaled_dot_product_attention", operands, (*mask, *scale)),
            stretched=(3,) if len(inputs) > 3 else (),
        )

    def _and_causal(self, inputs: Types) -> Any:
        """The bias, and minus infinity for the keys behind each query."""
        sizes = (inputs[0].shape[-2], inputs[1].shape[-2])
        return Infix(
            "+",
            Operand(3),
            Method(
                Method(Operand(3), "new_full", (sizes, -math.inf), names=("size", "fill_value")),
                "triu",
                (1,),
                names=("diagonal",),
            ),
        )


OPS = (Matmul, Sdpa)
