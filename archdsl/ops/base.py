"""Defines what an op is: a frozen record of its arguments that knows its shapes, weights, cost and PyTorch form."""

from __future__ import annotations

import dataclasses
import math
from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Any, ClassVar, NamedTuple

from archdsl.ops.doubts import Doubt, Provenances
from archdsl.ops.torch_form import TorchForm
from archdsl.types import TensorType

Types = tuple[TensorType, ...]


class Kind(StrEnum):
    """What family of work an op does; analyses and targets key their tables by it, never by op."""

    CONVOLUTION = "convolution"  # windows with weights, its own or an operand (transposed ones too)
    LINEAR = "linear"  # weights on the last axis
    MATMUL = "matmul"  # products of two activations
    POOL = "pool"  # windows without weights
    GLOBAL_POOL = "global pool"  # every output sees a whole plane
    NORM = "norm"
    ACTIVATION = "activation"  # elementwise, one operand
    ARITHMETIC = "arithmetic"  # elementwise, several operands, or one operand and a number
    CONCAT = "concat"  # joins tensors without arithmetic
    SPLIT = "split"  # gives parts of one tensor
    RESHAPE = "reshape"  # moves or renames elements: flatten, permute, pad, crop, shuffle
    RESAMPLE = "resample"  # upsampling and resizing
    DROP = "drop"  # identity outside training
    EMBEDDING = "embedding"  # looks rows up by integer
    PARAMETER = "parameter"  # a tensor that depends on no operand: learned, or zeros for each sample


class OpError(Exception):
    """An op refuses its operands or arguments; elaboration turns it into a diagnostic at the right place.

    `code` is listed in `archdsl.diagnostics.catalog`; `parameter` names the argument at fault (its span is
    underlined), `operand` the index of the operand at fault; without either the whole application is underlined.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        parameter: str | None = None,
        operand: int | None = None,
        notes: tuple[str, ...] = (),
        help: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.parameter = parameter
        self.operand = operand
        self.notes = notes
        self.help = help


# --- arguments -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ArgumentType:
    """What values an argument takes: `accepts(value)` gives the value to store, or raises ValueError("needs …").

    `name` is how the documentation and messages call it ("int", "int or (h, w)", "text").
    Values arrive as int, float, bool, str, None-free nested tuples of these; never as lists.
    """

    name: str
    accepts: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of an op's signature, in order; `required` when it has no default. `doc` says meaning and unit."""

    name: str
    type: ArgumentType
    required: bool
    default: Any
    doc: str


def argument(type: ArgumentType, doc: str, **default: Any) -> Any:
    """Declare an op's argument as a dataclass field: `argument(INT, "output channels")`, maybe with `default=1`."""
    return dataclasses.field(metadata={"type": type, "doc": doc}, **default)


def parameters(op: type[Op]) -> tuple[Parameter, ...]:
    """The language signature of an op class, read off its dataclass fields; what is no `argument` nobody can write."""
    return tuple(
        Parameter(
            name=f.name,
            type=f.metadata["type"],
            required=f.default is dataclasses.MISSING,
            default=None if f.default is dataclasses.MISSING else f.default,
            doc=f.metadata["doc"],
        )
        for f in dataclasses.fields(op)
        if f.metadata
    )


# --- facts -----------------------------------------------------------------------------------------------------


class Weight(NamedTuple):
    """A tensor that the op owns, named as torch's module names it; buffers have `trainable=False`."""

    name: str
    shape: tuple[int, ...]
    trainable: bool = True

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)


class Window(NamedTuple):
    """Along one axis, output i sees every `gap`-th of the `size` inputs from begin + i * stride on."""

    size: int
    stride: int = 1
    begin: int = 0
    gap: int = 1


IDENTITY = Window(1)


@dataclass(frozen=True, slots=True)
class Phases:
    """Along one axis, output q * count + r sees the inputs q * advance + t for every t in taps(r), 0 <= r < count.

    The polyphase form of what enlarges or resizes: one window per phase r, none where `taps` is empty. Where `exact` is
    false an output may see less.
    """

    count: int
    advance: int
    taps: Callable[[int], range]
    exact: bool = True


@dataclass(frozen=True, slots=True)
class All:
    """Every output sees the whole axis; with `through` by a statistic beside its own place, as in a norm."""

    through: bool = False


ALL = All()
STATISTIC = All(through=True)


@dataclass(frozen=True, slots=True)
class Undefined:
    """No window describes this op; `reason` completes the sentence "not defined: …"."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unseen:
    """No output sees anything of the axis."""


UNSEEN = Unseen()


class ChannelsSeen(Enum):
    """What a channel of the result sees of the operand's channels, at the places that `reach` gives."""

    ALL = auto()  # all of them, so each channel sees as much as any other
    OWN = auto()  # one or a group, and each of the operand's is seen by some channel of the result
    SOME = auto()  # one, and perhaps none sees some of the operand's
    APART = auto()  # as OWN, but each channel at a place of its own: `reach` is that of all together


Reach = Window | Phases | All | Undefined | Unseen
# reach()[output][input][axis], axes being the spatial ones: all but the first (channels); one axis for rank 1
Reaches = tuple[tuple[tuple[Reach, ...], ...], ...]


# --- the op ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Example:
    """Documentation and contract test at once: the op applied to `inputs` as written in the language.

    `call` is the language text ("conv(64, 3, 2)"); `inputs` and `outputs` are shapes without batch; the numbers are
    checked against torch itself.
    """

    call: str
    inputs: tuple[TensorType, ...]
    outputs: tuple[TensorType, ...]
    params: int = 0
    macs: int = 0


@dataclass(frozen=True, slots=True)
class Op:
    """Base of every op. A subclass is a frozen slotted dataclass whose fields are the language signature.

    The class docstring is the documentation: first line a sentence, then formula and source.
    """

    name: ClassVar[str]
    kind: ClassVar[Kind]
    arity: ClassVar[tuple[int, int | None]] = (1, 1)  # least and most operands; None: any number
    takes: ClassVar[str] = "float"  # element type of the operands
    gives_list: ClassVar[bool] = False  # results are a list even when there is one (split)
    is_view: ClassVar[bool] = False  # results lie in the storage of the first operand
    enlarges: ClassVar[bool] = False  # its stride is a step of the result, not of the operand: the map grows by it
    spelling: ClassVar[str] = ""  # as papers write it, and so figures, where not by its name: "ReLU"
    each_channel: ClassVar[str] = ""  # what figures call it where each channel has filters of its own
    keeps_zeros: ClassVar[bool] = False  # an activation that is 0 at 0
    commutes: ClassVar[bool] = False  # the order of the operands says nothing
    gates: ClassVar[bool] = False  # what it gives is bounded, and often multiplies something else
    operands: ClassVar[tuple[str, ...]] = ()  # what figures call the operands, where their order says something
    symbol: ClassVar[str] = ""  # the sign by which figures show it where it joins tensors
    # The argument that may be a long list. The field `spelled` then holds the expression that gave it, as data
    # (archdsl/elaborate/spelling.py), for who writes code; it says nothing that the list does not.
    long_list: ClassVar[str] = ""
    # What the op calls was compared with the counting tools: where one of them has no rule for it, it counts nothing.
    # That is known without this of all that ops of this folder call, which tests/presets compare; a plugin that calls
    # something else, and has compared that, says so.
    compared: ClassVar[bool] = False
    examples: ClassVar[tuple[Example, ...]] = ()

    @property
    def is_constant(self) -> bool:
        """Whether the results are numbers that never change: what is made of such alone is worked out once."""
        return False

    def worked_out(self, op: Op, operands: Sequence[tuple[Op, TensorType]], called: str) -> tuple[Op, ...] | None:
        """The constants that `op` makes of constants, this one among them, one for each result; None: it must run."""
        return None

    def resolve(self, inputs: Types) -> Op:
        """The canonical form for these inputs: per-axis tuples, defaults filled in. Checks the arguments.

        Two ways of writing one thing resolve to one op: `adaptive_avg_pool(1)` to `global_avg_pool`.

        Raises:
            OpError: an argument cannot be used with these inputs.
        """
        return self

    def results(self, inputs: Types) -> Types:
        """Types of the outputs of a resolved op.

        Raises:
            OpError: the operands do not fit.
        """
        return inputs[:1]

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        """The tensors that the op owns, in torch's state_dict order."""
        return ()

    def kernel_shape(self, inputs: Types) -> tuple[int, ...]:
        """Of a convolution's kernel, a weight or an operand: `[out, in / groups, …]`; transposed, of `[in, …]`."""
        return self.weights(inputs)[0].shape

    def unsaved(self, inputs: Types) -> int:
        """Elements of the buffers that the op owns and no state_dict has."""
        return 0

    def channel_groups(self, inputs: Types) -> int:
        """Parts into which a convolution splits the channels: a channel of the result sees those of one part."""
        return int(getattr(self, "groups", 1))

    def channels_seen(self, x: TensorType, y: TensorType) -> ChannelsSeen:
        """What the channels of result `y` see of those of operand `x`; what moves elements keeps them if as many."""
        if self.kind is Kind.CONVOLUTION:
            return ChannelsSeen.ALL if self.channel_groups((x,)) == 1 else ChannelsSeen.OWN
        moves = self.kind in (Kind.SPLIT, Kind.RESHAPE, Kind.EMBEDDING, Kind.GLOBAL_POOL)
        return ChannelsSeen.SOME if moves and (x.rank != y.rank or x.shape[:1] != y.shape[:1]) else ChannelsSeen.OWN

    def keeps_last_axis(self, inputs: Types) -> bool:
        """Whether the results lie along their last axis in memory as the operands do along theirs, step for step.

        Not surely so of a view, which may exchange axes or take every other element.
        """
        return not self.is_view

    def macs(self, inputs: Types, outputs: Types) -> int:
        """Multiply-accumulates at batch 1: of convolutions, linear maps and products of matrices."""
        return 0

    def reach(self, inputs: Types) -> Reaches:
        """What each output sees of each input along each spatial axis; elementwise by default."""
        outputs = self.results(inputs)
        return tuple(tuple(tuple(IDENTITY for _ in spatial_axes(x)) for x in inputs) for _ in outputs)

    def doubts(self, inputs: Types, made: Provenances) -> Iterable[Doubt]:
        """What is legal here, but likely not what was meant: warnings. `made` says how the operands came about."""
        return ()

    @abstractmethod
    def torch(self, inputs: Types) -> TorchForm:
        """How the resolved op reads in PyTorch for these input types."""


def spatial_axes(x: TensorType) -> range:
    """The axes that windows move along: all but the channels; a vector's only axis."""
    return range(1, x.rank) if x.rank > 1 else range(x.rank)


SIZE_LIMIT = 2**40


def apply(op: Op, inputs: Types) -> tuple[Op, Types]:
    """The resolved form of `op` for these inputs and the types of its results, with everything checked.

    Raises:
        OpError: wrong number or element type of operands, arguments or shapes that do not fit, results too large.
    """
    least, most = op.arity
    if len(inputs) < least or (most is not None and len(inputs) > most):
        few = str(least) if most == least else f"at least {least}" if most is None else f"{least} to {most}"
        raise OpError(
            "wrong-input-count",
            f"{op.name} takes {few} tensor{'' if few.endswith('1') else 's'}, got {len(inputs)}",
            help=f"give the tensors as a list: [a, b] -> {op.name}" if least > 1 or most is None else _SINGLE_HELP,
        )
    for index, x in enumerate(inputs):
        if x.dtype != op.takes:
            raise OpError(
                "wrong-dtype",
                f"{op.name} needs a tensor of {op.takes}s, got {x}",
                operand=index,
                help="integer tensors are token numbers: look them up first, x -> embedding(count, features)"
                if x.dtype == "int"
                else "embedding looks rows up by number: declare the network's input as int[length]",
            )
    resolved = op.resolve(inputs)
    results = resolved.results(inputs)
    made: list[TensorType | Weight] = [*results, *resolved.weights(inputs)]
    for tensor in made:
        if tensor.size > SIZE_LIMIT:
            thing = tensor.name if isinstance(tensor, Weight) else str(tensor)
            raise OpError(
                "too-large",
                f"{op.name} makes {thing}: more than 2**40 elements",
                help="check the sizes: a number may have too many zeros",
            )
    return resolved, results


_SINGLE_HELP = "join or pick first: xs -> concat -> ..., or xs[0] -> ..."
