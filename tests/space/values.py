"""What a program computes with while one design is run: each value remembers the decisions that it came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from tests.space.arithmetic_of_ops import Shape, Weights
from tests.space.program import Definition, Node, write


@dataclass(eq=False)
class Decision:
    """One thing that is chosen, as this design has it."""

    name: str
    options: tuple[str, ...]
    index: int
    tensors: bool = False  # some option is or holds one


# The decisions that a value came from, each after those on which it depends that it is one at all; true where another
# option would surely have given another value.
Deps = tuple[tuple[Decision, bool], ...]


def together(*deps: Deps) -> Deps:
    """All of them, each once."""
    return tuple(dict.fromkeys(chain(*deps)))


def loosened(*deps: Deps) -> Deps:
    """The same decisions, none of which need have mattered."""
    return together(tuple((decision, False) for decision, _ in chain(*deps)))


@dataclass(frozen=True, eq=False)
class Value:
    """A number, a text, a tuple of values, a tensor or a stage, and where it came from."""

    raw: Any
    deps: Deps = ()

    def of(self, *before: Deps) -> Value:
        """The same, which these led to."""
        return Value(self.raw, together(*before, self.deps))


@dataclass(eq=False)
class Made:
    """A node of a body: an op with its weights, or a call of another body; `name` is that of the op or the block."""

    name: str
    operands: list[Tensor]
    outputs: tuple[Shape, ...]
    weights: Weights | Body
    macs: int
    slot: tuple[object, int] | None = None  # which leaf of which shared stage it is
    length: int = 1  # how many steps a scan takes


@dataclass(eq=False)
class Body:
    """What a block, cell or network makes when it is called."""

    inputs: tuple[Shape, ...]
    nodes: list[Made] = field(default_factory=list)
    outputs: list[Tensor] = field(default_factory=list)
    shared: list[object] = field(default_factory=list)  # the shared stage that is being applied, if any
    leaves: int = 0  # of it, so far
    slots: dict[tuple[object, int], Any] = field(default_factory=dict)  # their weights

    def add(self, made: Made, leaf: bool) -> tuple[Tensor, ...]:
        """The tensors of a new node; KeyError where a shared stage would need other weights."""
        if self.shared and leaf:
            made.slot = (self.shared[0], self.leaves)
            self.leaves += 1
            wanted = weights_of(made.weights)
            if self.slots.setdefault(made.slot, wanted) != wanted:
                raise KeyError
        self.nodes.append(made)
        index = len(self.nodes) - 1
        return tuple(Tensor(self, index, output, shape) for output, shape in enumerate(made.outputs))

    def live(self) -> list[Made]:
        """The nodes that an output needs."""
        needed = {tensor.node for tensor in self.outputs}
        kept = []
        for index in range(len(self.nodes) - 1, -1, -1):
            if index in needed:
                kept.append(self.nodes[index])
                needed.update(tensor.node for tensor in self.nodes[index].operands)
        return kept[::-1]

    def params(self) -> int:
        slots: set[tuple[object, int]] = set()
        total = 0
        for node in self.live():
            if node.slot is None or node.slot not in slots:
                total += node.weights.params() if isinstance(node.weights, Body) else _elements(node.weights)
            if node.slot is not None:
                slots.add(node.slot)
        return total

    def macs(self) -> int:
        return sum(
            node.length * (node.weights.macs() if isinstance(node.weights, Body) else node.macs) for node in self.live()
        )


def _elements(weights: Weights) -> int:
    total = 0
    for _, shape in weights:
        count = 1
        for size in shape:
            count *= size
        total += count
    return total


def weights_of(weights: Weights | Body) -> Any:
    """What two applications of one shared stage must have in common."""
    if isinstance(weights, Body):
        return tuple((node.name, weights_of(node.weights)) for node in weights.live())
    return weights


@dataclass(frozen=True)
class Tensor:
    """An output of a node of a body; node -1 are the inputs. Equal if it is the same one."""

    body: Body
    node: int
    output: int
    shape: Shape = field(compare=False)


class Stage:
    """From tensors to tensors."""


@dataclass(frozen=True, eq=False)
class Block(Stage):
    """The bare word of a block, or of a variant with its defaults, where it stands in the text."""

    name: str
    kind: str
    definition: Definition
    defaults: dict[str, Value]
    node: Node | None = None


@dataclass(frozen=True, eq=False)
class BlockCall(Stage):
    """A block with its arguments."""

    block: Block
    given: dict[str, Value]
    node: Node


@dataclass(frozen=True, eq=False)
class Lacking(Stage):
    """A block that waits for arguments, with those that it was given."""

    block: Block
    given: dict[str, Value]


@dataclass(frozen=True, eq=False)
class Op(Stage):
    """An op, with its arguments if it has been called; then `node` is the call."""

    name: str
    given: dict[str, Value]
    node: Node | None = None


@dataclass(frozen=True, eq=False)
class Chain(Stage):
    parts: tuple[Value, ...]


@dataclass(frozen=True, eq=False)
class Repeat(Stage):
    stage: Value
    count: Value


@dataclass(frozen=True, eq=False)
class Combine(Stage):
    left: Value
    operator: str
    right: Value


@dataclass(frozen=True, eq=False)
class Shared(Stage):
    """`path` leads to its declaration."""

    stage: Value
    body: Body
    word: str
    path: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Scan(Stage):
    cell: Value


@dataclass(frozen=True, eq=False)
class Function:
    """The word of a fn."""

    definition: Definition


@dataclass(frozen=True, eq=False)
class Builtin:
    """The word of a function of the language."""

    name: str


def written(value: Value) -> frozenset[int]:
    """Where the stages in a value were written: the identities of the nodes."""
    raw = value.raw
    match raw:
        case Block(node=node) | BlockCall(node=node) | Op(node=node):
            return frozenset([id(node)])
        case tuple():
            return frozenset[int]().union(*map(written, raw))
        case Chain(steps):
            return frozenset[int]().union(*map(written, steps))
        case Repeat(stage, _) | Shared(stage=stage) | Scan(stage):
            return written(stage)
        case Combine(left, _, right):
            return written(left) | written(right)
    return frozenset()


def holds_stage(value: Value) -> bool:
    return isinstance(value.raw, Stage) or (isinstance(value.raw, tuple) and any(map(holds_stage, value.raw)))


def came_from(value: Value) -> Deps:
    """The decisions that a value came from, and those of the ops and of the arithmetic of which a stage is made."""
    raw = value.raw
    inner: tuple[Value, ...] = ()
    match raw:
        case Op(given=given):
            inner = tuple(given.values())
        case Repeat(stage, count):
            inner = (count, stage) if count.raw else (count,)
        case Combine(left, _, right):
            inner = (left, right)
        case Chain(steps):
            inner = tuple(part for step in steps for part in (step, *(step.raw if isinstance(step.raw, tuple) else ())))
    return together(value.deps, *map(came_from, inner))


def show(value: Value, settled: bool = False) -> str:
    """The text of a value; what is chosen is called after its first decision, unless that is `settled`."""
    raw = value.raw
    chosen = came_from(value)
    if chosen and not settled and (value.deps or not isinstance(raw, Op)):
        return chosen[0][0].name
    match raw:
        case bool():
            return str(raw).lower()
        case str():
            return f'"{raw}"'
        case tuple():
            return f"[{', '.join(map(show, raw[:8]))}{', …' if len(raw) > 8 else ''}]"
        case Block(node=node) | BlockCall(node=node) | Op(node=node):
            return raw.name if node is None else write(node)  # type: ignore[union-attr]
        case Chain(steps):
            return " -> ".join(map(show, steps[:4])) + (" -> …" if len(steps) > 4 else "") if steps else "id"
        case Repeat(stage, count):
            return f"{show(stage)} * {count.raw}" if count.raw else "id"
        case Combine(left, operator, right):
            return f"{show(left)} {operator} {show(right)}"
    return str(raw)


def holds_tensor(value: Value) -> bool:
    return isinstance(value.raw, Tensor) or (isinstance(value.raw, tuple) and any(map(holds_tensor, value.raw)))


def renewed(value: Value) -> Value:
    """The same, of which no tensor is one that has a name."""
    raw = value.raw
    if isinstance(raw, tuple):
        return Value(tuple(map(renewed, raw)), value.deps)
    return Value(replace(raw) if isinstance(raw, Tensor) else raw, value.deps)


def unique(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts, those that come again with a number."""
    given = list(texts)
    found: list[str] = []
    for text in given:
        number, made = 2, text
        while made in found or (text in found and made in given):
            made = f"{text} #{number}"
            number += 1
        found.append(made)
    return tuple(found)


def distinct(values: Iterable[Value]) -> bool:
    """Whether all are surely different: stages by what they are, the rest by value."""
    keys: list[Any] = []
    for value in values:
        raw = value.raw
        plain = isinstance(raw, int | float | str | Tensor)
        keys.append((type(raw).__name__, raw) if plain else show(value))
    return len(keys) == len(set(keys))
