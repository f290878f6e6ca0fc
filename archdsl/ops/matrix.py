"""Takes square matrices apart and shifts their diagonal: trace, upper_triangle, add_identity."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.ops.arguments import FLOAT
from archdsl.ops.base import ALL, Example, Kind, Op, OpError, Reaches, Types, argument
from archdsl.ops.torch_form import Call, Helper, Method, Operand, TorchForm, options
from archdsl.types import TensorType

SQUARE = TensorType((5, 5))

UPPER_TRIANGLE = Helper(
    "upper_triangle",
    '''def upper_triangle(x: Tensor) -> Tensor:
    """Give the elements on and above the diagonal, row by row."""
    rows, columns = torch.triu_indices(x.shape[1], x.shape[2], device=x.device)
    return x[:, rows, columns]
''',
)

ADD_IDENTITY = Helper(
    "add_identity",
    '''def add_identity(x: Tensor, scale: float = 1.0) -> Tensor:
    """Add `scale` to the diagonal."""
    return x + scale * torch.eye(x.shape[1], dtype=x.dtype, device=x.device)
''',
)


def side(name: str, x: TensorType) -> int:
    """The number of rows, and of columns.

    Raises:
        OpError: `x` is no [n, n].
    """
    if x.rank != 2 or x.shape[0] != x.shape[1]:
        raise OpError(
            "wrong-rank" if x.rank != 2 else "shape-mismatch",
            f"{name} needs a square matrix [n, n], got {x}",
            operand=0,
            help="a matrix times its transpose is square: [x, x -> transpose] -> matmul",
        )
    return x.shape[0]


class Trace(Op):
    """The sum of the diagonal, a single number: `[n, n]` to `[1]`."""

    __slots__ = ()
    name = "trace"
    # Like a sum over a plane: one number that sees all of it.
    kind = Kind.GLOBAL_POOL
    examples = (Example("trace", (SQUARE,), (TensorType((1,)),)),)

    def results(self, inputs: Types) -> Types:
        side(self.name, inputs[0])
        return (TensorType((1,)),)

    def reach(self, inputs: Types) -> Reaches:
        return (((ALL,),),)

    def torch(self, inputs: Types) -> TorchForm:
        diagonal = Method(Operand(), "diagonal", (), (("dim1", 1), ("dim2", 2)))
        return TorchForm(function=Method(diagonal, "sum", (), (("dim", 1), ("keepdim", True))))


class UpperTriangle(Op):
    """The elements on and above the diagonal, row by row: `[n, n]` to `[n * (n + 1) / 2]`.

    All there is to know of a symmetric matrix.
    """

    __slots__ = ()
    name = "upper_triangle"
    kind = Kind.RESHAPE
    examples = (Example("upper_triangle", (SQUARE,), (TensorType((15,)),)),)

    def results(self, inputs: Types) -> Types:
        n = side(self.name, inputs[0])
        return (TensorType((n * (n + 1) // 2,)),)

    def reach(self, inputs: Types) -> Reaches:
        return (((ALL,),),)

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(function=Call("upper_triangle", (Operand(),)), helpers=(UPPER_TRIANGLE,))


@dataclass(frozen=True, slots=True)
class AddIdentity(Op):
    """x + scale * I for a square matrix `[n, n]`: the same number on every place of the diagonal."""

    name = "add_identity"
    kind = Kind.ARITHMETIC
    examples = (
        Example("add_identity", (SQUARE,), (SQUARE,)),
        Example("add_identity(1.5)", (SQUARE,), (SQUARE,)),
    )

    scale: float = argument(FLOAT, "what is added to each element of the diagonal", default=1.0)

    def results(self, inputs: Types) -> Types:
        side(self.name, inputs[0])
        return inputs[:1]

    def torch(self, inputs: Types) -> TorchForm:
        kwargs = options(("scale", float(self.scale), 1.0))
        return TorchForm(function=Call("add_identity", (Operand(),), kwargs), helpers=(ADD_IDENTITY,))


OPS = (Trace, UpperTriangle, AddIdentity)
