"""Says what a spec's expressions evaluate to: numbers and text as Python's own, lists, tensors, and stages."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from archdsl.elaborate.open_values import OPEN, Chosen
from archdsl.ir.graph import Ref
from archdsl.ops.base import Op, Types
from archdsl.source import Span
from archdsl.syntax import tree
from archdsl.syntax.items import Item
from archdsl.types import TensorType

if TYPE_CHECKING:
    from archdsl.elaborate.builder import BodyBuilder
    from archdsl.elaborate.definitions import Block


class Unknown:
    """The value of an expression that failed; whatever touches it is unknown too, and silent."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN = Unknown()
SCALARS = frozenset([int, float, bool, str, type(None)])  # values that are Python's own and hold no others
# int float bool str range ListValue Tensor Stage Module Function Builtin UNKNOWN
Value = Any
# What an op is when resolved, and gives, by the types of its operands.
Results = dict[Types, tuple[Op, Types]]


class ListValue:
    """A list. `size` counts elements as if nothing were shared, `depth` the nesting; `holds_…`: however deep."""

    __slots__ = ("depth", "holds_open", "holds_stages", "holds_tensors", "identity", "items", "shared", "size")

    def __init__(self, items: tuple[Value, ...]) -> None:
        self.items = items
        size, depth, tensors, stages = 1 + len(items), 0, False, False
        self.holds_open = False
        for item in items:
            kind = item.__class__
            if kind is Tensor:
                tensors = True
            elif kind in OPEN:
                self.holds_open = True
                tensors = tensors or tensors_in(item)
                stages = stages or stages_in(item)
            elif kind is ListValue or isinstance(item, Stage):
                size += item.size - 1
                depth = max(depth, item.depth)
                self.holds_open = self.holds_open or (kind is ListValue and item.holds_open)
                tensors = tensors or tensors_in(item)
                stages = stages or stages_in(item)
            elif kind is str:
                size += size_of(item) - 1
            elif isinstance(item, Tensor):  # of several types
                tensors = True
        self.size, self.depth = size, depth + 1
        self.holds_tensors, self.holds_stages = tensors, stages
        self.shared: Any = UNKNOWN if stages else None  # see `shared_in`
        self.identity: int | None = None


class Tensor:
    """A tensor of the body being elaborated."""

    __slots__ = ("body", "ref", "type")

    def __init__(self, ref: Ref, type: TensorType, body: BodyBuilder) -> None:
        self.ref = ref
        self.type = type
        self.body = body

    @property
    def known_type(self) -> Any:
        """What is known of its type: where a body takes back what it made (`OpenBuilder.back_to`), its next tensor has
        the same `ref`, and perhaps another type.
        """
        return self.type

    def renewed(self) -> Tensor:
        """The same as another object: it does not bear the name of a variable that holds this one."""
        return Tensor(self.ref, self.type, self.body)


class Stage:
    """A function from tensors to tensors. `size` counts its applications as if nothing were shared."""

    __slots__ = ("depth", "identity", "shared", "size")
    depth: int
    size: int
    identity: int | None
    shared: Any
    made_of: tuple[str, ...] = ()  # its attributes that hold values, or tuples of them

    def _measure(self, size: int, depth: int) -> None:
        self.size = size
        self.depth = depth
        self.identity = None
        self.shared = UNKNOWN

    @property
    @abstractmethod
    def key(self) -> tuple[Any, ...]:
        """What makes two stages equal: class, values, and the place where each leaf was written."""


class OpName(Stage):
    """An op's bare name: a stage with empty parentheses, or something to call with arguments."""

    __slots__ = ("op", "span")

    def __init__(self, op: type[Op], span: Span) -> None:
        self.op = op
        self.span = span
        self._measure(1, 1)

    @property
    def key(self) -> tuple[Any, ...]:
        return ("op name", self.op, place(self.span))


class OpStage(Stage):
    """An op with its arguments. `written` holds the argument nodes by name, as they stand in `item`, or their places.

    `results` remembers what it is when resolved, and gives, at the operand types that it met.
    """

    __slots__ = ("item", "op", "results", "span", "written")

    def __init__(self, op: Op, span: Span, item: Item, written: dict[str, tree.Argument | Span]) -> None:
        self.op = op
        self.span = span
        self.item = item
        self.written = written
        self.results: Results = {}
        self._measure(1, 1)

    def place(self, name: str) -> Span | None:
        """Where the argument `name` was written; None when it was left out."""
        node = self.written.get(name)
        return node if node is None or isinstance(node, Span) else self.item.span(node.start, node.end)

    @property
    def key(self) -> tuple[Any, ...]:
        return ("op", self.op, place(self.span))


class BlockName(Stage):
    """The bare name of a block, cell or network."""

    __slots__ = ("block", "span")

    def __init__(self, block: Block, span: Span) -> None:
        self.block = block
        self.span = span
        self._measure(1, 1)

    @property
    def key(self) -> tuple[Any, ...]:
        return ("block name", self.block, place(self.span))


class BlockStage(Stage):
    """A block with all its parameters bound, in order of the signature."""

    __slots__ = ("arguments", "block", "span")
    made_of = ("arguments",)

    def __init__(self, block: Block, arguments: tuple[Value, ...], span: Span) -> None:
        self.block = block
        self.arguments = arguments
        self.span = span
        self._measure(*measure(arguments))

    @property
    def key(self) -> tuple[Any, ...]:
        return ("block", self.block, self.arguments, place(self.span))


class Chain(Stage):
    """Stages one after the other; a list among them is a fan-out. The empty chain is `id`."""

    __slots__ = ("stages",)
    made_of = ("stages",)

    def __init__(self, stages: tuple[Stage | ListValue, ...]) -> None:
        self.stages = stages
        self._measure(sum(s.size for s in stages), 1 + max((s.depth for s in stages), default=0))

    @property
    def key(self) -> tuple[Any, ...]:
        return ("chain", self.stages)


class Repeat(Stage):
    """`stage * count`: one after the other, each with weights of its own."""

    __slots__ = ("count", "stage")
    made_of = ("stage",)

    def __init__(self, stage: Stage, count: int) -> None:
        self.stage = stage
        self.count = count
        self._measure(stage.size * count, stage.depth + 1)

    @property
    def key(self) -> tuple[Any, ...]:
        return ("repeat", self.stage, self.count)


class Combine(Stage):
    """`left op right` of stages, or of a stage and a number, on one input: (f + g)(x) = f(x) + g(x)."""

    __slots__ = ("left", "operator", "right", "span")
    made_of = ("left", "right")

    def __init__(self, operator: str, left: Value, right: Value, span: Span) -> None:
        self.operator = operator
        self.left = left
        self.right = right
        self.span = span
        self._measure(1 + size_of(left) + size_of(right), 1 + max(depth_of(left), depth_of(right)))

    @property
    def key(self) -> tuple[Any, ...]:
        return ("combine", self.operator, self.left, self.right, place(self.span))


class Labelled(Stage):
    """`stage as label`; a container numbers its members."""

    __slots__ = ("container", "item", "label", "node", "stage")
    made_of = ("stage",)

    def __init__(self, stage: Stage | ListValue, label: str, container: bool, item: Item, node: tree.As) -> None:
        self.stage = stage
        self.label = label
        self.container = container
        self.item = item
        self.node = node
        self._measure(stage.size, stage.depth + 1)

    @property
    def key(self) -> tuple[Any, ...]:
        span = self.item.span(self.node.start, self.node.end)
        return ("as", self.stage, self.label, self.container, place(span))


class Scan(Stage):
    """`scan(cell)`: a block applied to each element of a sequence; `last`: the last states are wanted too."""

    __slots__ = ("cell", "last", "span")

    def __init__(self, cell: BlockStage, last: bool, span: Span) -> None:
        self.cell = cell
        self.last = last
        self.span = span
        self._measure(cell.size, cell.depth + 1)

    @property
    def key(self) -> tuple[Any, ...]:
        return ("scan", self.cell, self.last, place(self.span))


class Worded(Stage):
    """A stage applied by the name that holds it: a local name or a parameter, which labels what it makes."""

    __slots__ = ("stage", "word")
    made_of = ("stage",)
    stage: Stage

    def __init__(self, stage: Stage, word: str) -> None:
        self.stage = stage.stage if isinstance(stage, Worded) else stage
        self.word = word
        self._measure(self.stage.size, self.stage.depth)

    @property
    def key(self) -> tuple[Any, ...]:
        return ("word", self.stage, self.word)


class Shared(Stage):
    """A stage with one set of weights for all its applications, in the body that declares it: its own or those `of`.

    `steps`: those of the loops around its declaration, for names, and to compare: see `steps_of`.
    """

    __slots__ = ("body", "of", "span", "stage", "steps", "word")

    def __init__(
        self,
        stage: Stage,
        word: str,
        body: BodyBuilder,
        span: Span,
        of: Shared | None = None,
        steps: tuple[list[str], list[Hashable]] = ([], []),
    ) -> None:
        self.steps = steps
        self.of = self if of is None else of
        self.stage = stage
        self.word = word
        self.body = body
        self.span = span
        self._measure(stage.size, stage.depth + 1)

    @property
    def key(self) -> tuple[Any, ...]:
        return ("shared", id(self))


class Builtin:
    """A built-in function of compile-time values: `len`, `zip`, `oneof`, …"""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


def place(span: Span) -> tuple[str, int, int]:
    """A span as something to compare."""
    return (span.source.name, span.start, span.end)


def size_of(value: Value) -> int:
    """Elements (of a list), characters (of text, from 64 on) or applications (of a stage), nothing shared."""
    if isinstance(value, (ListValue, Stage)):
        return value.size
    if isinstance(value, str):
        return 1 + len(value) // 64
    return 1


def depth_of(value: Value) -> int:
    """Nesting of lists and stages; 0 for anything else."""
    return value.depth if isinstance(value, (ListValue, Stage)) else 0


def measure(values: Sequence[Value]) -> tuple[int, int]:
    """Size and depth of what holds `values`: one more than all their sizes, and than the largest of their depths."""
    size, depth = 1 + len(values), 0
    for value in values:
        if isinstance(value, (ListValue, Stage)):
            size += value.size - 1
            depth = max(depth, value.depth)
        elif value.__class__ is str:
            size += size_of(value) - 1
    return size, depth + 1


def plain(stage: Stage) -> Stage:
    """The stage without the local name that holds it."""
    return stage.stage if isinstance(stage, Worded) else stage


def tensors_in(value: Value) -> bool:
    """Whether a tensor is, or stands somewhere in, `value`."""
    if value.__class__ in OPEN:
        return any(map(tensors_in, value.values if isinstance(value, Chosen) else value.items))
    return value.holds_tensors if isinstance(value, ListValue) else isinstance(value, Tensor)


def stages_in(value: Value) -> bool:
    """Whether a stage is, or stands somewhere in, `value`."""
    if value.__class__ in OPEN:
        return any(map(stages_in, value.values if isinstance(value, Chosen) else value.items))
    return value.holds_stages if isinstance(value, ListValue) else isinstance(value, Stage)


def shared_in(value: Value) -> Shared | None:
    """The first shared stage in `value`, or None; found once for each value, however often it is passed on."""
    if isinstance(value, Shared):
        return value
    if value.__class__ in OPEN:
        return next(filter(None, map(shared_in, value.values if isinstance(value, Chosen) else value.items)), None)
    if not isinstance(value, (ListValue, Stage)):
        return None
    if value.shared is UNKNOWN:
        held = [value.items] if isinstance(value, ListValue) else [getattr(value, name) for name in value.made_of]
        parts = [part for one in held for part in (one if isinstance(one, tuple) else (one,))]
        value.shared = next(filter(None, map(shared_in, parts)), None)
    found: Shared | None = value.shared
    return found


def as_python(value: Value) -> Any:
    """Nested tuples instead of lists and short ranges, for ops and for reports; other values as they are."""
    if isinstance(value, ListValue):
        return tuple(as_python(item) for item in value.items)
    if isinstance(value, range) and len(value[:1001]) <= 1000:  # a range may be longer than any memory
        return tuple(value)
    return value
