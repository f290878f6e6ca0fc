"""Random dropping while training, nothing afterwards: dropout, drop_path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from archdsl.ops.arguments import BOOL, PROBABILITY
from archdsl.ops.base import Example, Kind, Op, Types, argument
from archdsl.ops.torch_form import Call, Helper, Operand, TorchForm, options
from archdsl.ops.windows import space
from archdsl.types import TensorType

DROP_PATH = Helper(
    "DropPath",
    '''class DropPath(nn.Module):
    """Stochastic depth: in training, zero a whole sample with probability `p`."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        keep = x.new_empty(x.shape[:1] + (1,) * (x.dim() - 1)).bernoulli_(1 - self.p)
        return x * keep / max(1 - self.p, 1e-12)

    def extra_repr(self) -> str:
        return f"p={self.p}"
''',
)


@dataclass(frozen=True, slots=True)
class Dropout(Op):
    """While training, zeroes each element with probability p and scales the others by 1 / (1 - p).

    `channels` drops whole channels of a map instead. Tompson et al. 2014, arXiv:1411.4280, section 3.2.
    """

    name = "dropout"
    kind = Kind.DROP
    is_view = True
    examples = (
        Example("dropout(0.2)", (TensorType((1280,)),), (TensorType((1280,)),)),
        Example("dropout(channels = true)", (TensorType((20, 8, 8)),), (TensorType((20, 8, 8)),)),
    )

    p: float = argument(PROBABILITY, "probability that an element is zeroed", default=0.5)
    channels: bool = argument(BOOL, "zero whole channels of a map", default=False)

    def resolve(self, inputs: Types) -> Self:
        if self.channels:
            space(self.name, inputs[0])
        return self

    def keeps_last_axis(self, inputs: Types) -> bool:
        return True

    def torch(self, inputs: Types) -> TorchForm:
        rank = f"{inputs[0].rank - 1}d" if self.channels else ""
        return TorchForm(module=Call(f"nn.Dropout{rank}", (), options(("p", self.p, 0.5))))


@dataclass(frozen=True, slots=True)
class DropPath(Op):
    """Stochastic depth: while training, drops a branch for whole samples. Huang et al. 2016, arXiv:1603.09382."""

    name = "drop_path"
    kind = Kind.DROP
    is_view = True
    examples = (
        Example("drop_path(0.1)", (TensorType((64, 7, 7)),), (TensorType((64, 7, 7)),)),
        Example("drop_path(0)", (TensorType((64, 7, 7)),), (TensorType((64, 7, 7)),)),
    )

    p: float = argument(PROBABILITY, "probability that a sample's tensor is zeroed")

    def keeps_last_axis(self, inputs: Types) -> bool:
        return True

    def torch(self, inputs: Types) -> TorchForm:
        if self.p == 0:
            return TorchForm(function=Operand())
        return TorchForm(module=Call("DropPath", (self.p,), names=("p",)), helpers=(DROP_PATH,))


OPS = (Dropout, DropPath)
