"""Batch norm that training holds near what evaluation does: batch_renorm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from archdsl.ops.arguments import FLOAT, PROBABILITY
from archdsl.ops.base import Example, OpError, Types, argument
from archdsl.ops.norm import FEATURES, BatchNorm
from archdsl.ops.torch_form import Call, Helper, TorchForm, options
from archdsl.types import TensorType

MAP = TensorType((64, 28, 28))

SOURCE = '''class BatchRenorm{rank}d(nn.BatchNorm{rank}d):
    """Batch norm; in training what a batch gives is scaled and shifted to what the running statistics give.

    Scale and shift, through which no gradient flows, are held within `r_max` and `d_max`.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.01,
        affine: bool = True,
        r_max: float = 3.0,
        d_max: float = 5.0,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine)
        self.r_max = r_max
        self.d_max = d_max

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        axes = [0, *range(2, x.dim())]
        batch_mean = x.mean(axes)
        batch_std = (x.var(axes, unbiased=False) + self.eps).sqrt()
        with torch.no_grad():
            std = (self.running_var + self.eps).sqrt()
            r = (batch_std / std).clamp(1 / self.r_max, self.r_max)
            d = ((batch_mean - self.running_mean) / std).clamp(-self.d_max, self.d_max)
            self.running_mean.lerp_(batch_mean, self.momentum)
            std.lerp_(batch_std, self.momentum)
            self.running_var.copy_(std.square() - self.eps)
            self.num_batches_tracked += 1
        scale = r / batch_std
        shift = d - batch_mean * scale
        if self.affine:
            scale, shift = scale * self.weight, shift * self.weight + self.bias
        shape = (-1, *[1] * (x.dim() - 2))
        return x * scale.view(shape) + shift.view(shape)
'''


@dataclass(frozen=True, slots=True)
class BatchRenorm(BatchNorm):
    """Batch norm for small batches: it trains with what it will evaluate with. Ioffe 2017, arXiv:1702.03275.

    In evaluation it is `bn`. In training x becomes (x - m) / s * r + d, m and s being the mean and the standard
    deviation of the batch, M and S the running ones: r = s / S and d = (m - M) / S, without gradients, make of it what
    the running statistics give. Limits of 1 and 0 make it `bn`; the paper begins with those, and raises them while it
    trains: they are attributes of the module.
    """

    name = "batch_renorm"
    spelling = "BRN"
    examples = (
        Example("batch_renorm", (MAP,), (MAP,), 128),
        Example("batch_renorm(1e-3, r_max = 2, d_max = 1)", (TensorType((8,)),), (TensorType((8,)),), 16),
    )

    momentum: float = argument(PROBABILITY, "weight of the new batch in the running statistics", default=0.01)
    r_max: float = argument(FLOAT, "r lies between 1 / r_max and r_max", default=3.0)
    d_max: float = argument(FLOAT, "d lies between -d_max and d_max", default=5.0)

    def resolve(self, inputs: Types) -> Self:
        for limit, least, value in (("r_max", 1, self.r_max), ("d_max", 0, self.d_max)):
            if value < least:
                raise OpError(
                    "bad-argument-value",
                    f"{limit} is at least {least}, got {value:g}",
                    parameter=limit,
                    help=f"with {limit} = {least} nothing is corrected",
                )
        return self

    def torch(self, inputs: Types) -> TorchForm:
        arguments = options(
            ("eps", self.eps, 1e-5),
            ("momentum", self.momentum, 0.01),
            ("affine", self.affine, True),
            ("r_max", self.r_max, 3.0),
            ("d_max", self.d_max, 5.0),
        )
        rank = max(inputs[0].rank - 1, 1)
        name = f"BatchRenorm{rank}d"
        call = Call(name, inputs[0].shape[:1], arguments, FEATURES)
        return TorchForm(module=call, helpers=(Helper(name, SOURCE.format(rank=rank)),))


OPS = (BatchRenorm,)
