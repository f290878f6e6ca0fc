"""Builds a body: resolves ops at the types of their operands, adds nodes, and freezes them into a Graph."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import compress
from typing import Any

from archdsl.elaborate.budget import check_flat_ops, keep
from archdsl.elaborate.constants import worked_out
from archdsl.elaborate.labels import Labels
from archdsl.elaborate.op_problems import op_problem
from archdsl.elaborate.session import BodyFrame, Frame
from archdsl.elaborate.values import ListValue, OpStage, Results, Shared, Tensor, Value
from archdsl.ir.graph import INPUT, Graph, Node, Ref, SiteKey
from archdsl.ir.per_body import per_body
from archdsl.ir.unequal import unequal_nodes
from archdsl.ops import registry
from archdsl.ops.base import Op, OpError, apply
from archdsl.source import Span
from archdsl.types import Irregular, TensorType


class SharedUse:
    """Counts the leaves of a shared stage while it is applied, so that each finds its slot again.

    `turns`: how many of the body's loops and repetitions are around the application.
    """

    __slots__ = ("count", "stage", "turns")

    def __init__(self, stage: Shared, turns: int) -> None:
        self.stage = stage
        self.turns = turns
        self.count = 0

    @property
    def token(self) -> object:
        """Equal for stages with one set of weights."""
        return self.stage.of


class BodyBuilder:
    """The body under construction: nodes, names, and what has been used."""

    def __init__(self, inputs: tuple[TensorType, ...]) -> None:
        self.inputs = inputs
        self.nodes: list[Node] = []  # their labels stay empty until the body is frozen
        self.leaves: list[int | None] = []  # the number of each node in `labels`; None: it is no module
        self.labels = Labels()
        self.path: list[Any] = []  # loop indices and chain positions that lead to the node being made
        self.assigned: tuple[str, ...] = ()  # the variables of the statement being run
        self.listed: set[Ref] = set()  # by loose()
        self.ops: list[int] = []  # of each node, all calls expanded; each step of a scan counts
        self.flat_ops = 0  # their sum
        self.reads_size = False
        self.asked = 0
        self.has_constants = False  # or had, before it went back
        self.shared_use: SharedUse | None = None
        # Index of the node that first used each leaf of a shared stage; keeps the tokens, so that none is mistaken.
        self.slots: dict[tuple[object, int], int] = {}
        self.sites: dict[SiteKey, int] = {}
        self.given: dict[int, Value] = {}  # what has flowed out of the containers of `labels`, by number

    def note(self, operands: list[Tensor], variants: Any) -> None:
        """Told of each node; who builds all alternatives keeps its condition, and what it may be."""

    def made_by(self, ref: Ref) -> list[int]:
        """The nodes that may give a tensor: one; where it is chosen, those that are chosen from; none for inputs."""
        return [] if ref.node == INPUT else [ref.node]

    def settled(self, ref: Ref) -> Ref:
        """The tensor that is chosen."""
        return ref

    def is_constant(self, node: int) -> bool:
        """Whether the node gives numbers that never change."""
        target = self.nodes[node].target
        return isinstance(target, Op) and target.is_constant

    def gives(self, container: int, value: Value) -> Value:
        """What flows out of a container of `labels`, kept for who taps it."""
        self.given[container] = value
        return value

    def mark(self) -> Any:
        """Where the body stands; of use to who evaluates twice."""

    def back_to(self, mark: Any) -> None:
        """Forget what was made since `mark`."""

    def use_of(self, stage: Shared, turns: int) -> SharedUse:
        """An application of a shared stage, inside so many turns of the body."""
        return SharedUse(stage, turns)

    def shared_before(self, use: SharedUse) -> int | None:
        """Index of the node that first used the leaf being applied under `shared`; None if it is the first."""
        return self.slots.get((use.token, use.count))

    def was_applied(self, token: object) -> bool:
        """Whether the shared stage `token` has been applied."""
        return (token, 0) in self.slots

    def loose(self, with_inputs: bool, rebound: set[Ref]) -> list[Ref]:
        """Outputs that no node consumes, in order of creation.

        With inputs, unused ones come first; without, `rebound`, what the inputs' names are bound to now, is left out.
        """
        refs = [Ref(INPUT, i) for i in range(len(self.inputs))] if with_inputs else []
        refs += [Ref(i, k) for i, node in enumerate(self.nodes) for k in range(len(node.types))]
        consumed = self._consumed()
        found = [ref for ref in refs if ref not in consumed and (with_inputs or ref not in rebound)]
        self.listed.update(found)
        return found

    def _consumed(self) -> set[Ref]:
        return {ref for node in self.nodes for ref in node.operands}

    def unused(self, outputs: tuple[Ref, ...]) -> list[Node]:
        """Nodes whose results nobody takes: no node, no output, no `loose()`."""
        taken = {ref.node for ref in (*self._consumed(), *self.listed, *outputs)}
        return [node for i, node in enumerate(self.nodes) if i not in taken]

    def result(self, node: int, output: int) -> Tensor:
        """An output of a node."""
        return Tensor(Ref(node, output), self.nodes[node].types[output], self)

    def type_of(self, ref: Ref) -> TensorType:
        """Type of the tensor that `ref` names."""
        return self.inputs[ref.output] if ref.node == INPUT else self.nodes[ref.node].types[ref.output]

    def freeze(
        self, outputs: tuple[Ref, ...], names: Mapping[int, str]
    ) -> tuple[tuple[Node, ...], tuple[Ref, ...], int]:
        """Nodes and outputs of the Graph, with `names` for the modules; and its ops, all calls expanded.

        What no output needs is left out, so that numbers equal the model's.
        """
        named = [
            n if leaf is None else new_node((n[0], n[1], n[2], names[leaf], n[4], n[5], n[6], n[7], n[8], n[9]))
            for n, leaf in zip(self.nodes, self.leaves, strict=True)
        ]
        used = {number for number, _ in outputs}
        used.update([number for node in named for number, _ in node[1]])
        used.discard(INPUT)
        if len(used) == len(named):  # nodes stand in order, so each leads to an output
            return tuple(named), outputs, self.flat_ops
        live = [False] * len(self.nodes)
        for ref in outputs:
            if ref.node != INPUT:
                live[ref.node] = True
        for index in range(len(self.nodes) - 1, -1, -1):
            if live[index]:
                for number, _ in self.nodes[index].operands:
                    if number != INPUT:
                        live[number] = True
        new_index = {INPUT: INPUT}
        nodes: list[Node] = []
        for index, node in enumerate(named):
            if live[index]:
                operands = tuple([Ref(new_index[number], output) for number, output in node.operands])
                new_index[index] = len(nodes)
                nodes.append(node._replace(operands=operands))
        ops = sum(compress(self.ops, live))
        return tuple(nodes), tuple([Ref(new_index[number], output) for number, output in outputs]), ops


new_node, new_ref = partial(tuple.__new__, Node), partial(tuple.__new__, Ref)  # many are made


MOST_TYPES = 64  # of operands, that a stage remembers
OPERATORS = {"+": "add", "-": "sub", "*": "mul", "/": "div"}


def combine_tensors(
    frame: Frame, symbol: str, left: Value, right: Value, where: Span, nodes: tuple[Any, Any] | None
) -> Value:
    """`left symbol right` where at least one side is a tensor and the other a tensor or a number."""
    known: Results | None = None  # `x + 1` and `x + 1.0` are equal to Python, but not to a reader of the code
    if isinstance(left, Tensor) and isinstance(right, Tensor):
        joins = frame.session.spec.joins
        op, known = joins.get(symbol) or joins.setdefault(symbol, (_op(OPERATORS[symbol])(), {}))
        operands = [left, right]
    else:
        reverse = not isinstance(left, Tensor)
        tensor, number = (right, left) if reverse else (left, right)
        op = _op("scalar")(operator=symbol, value=number, reverse=reverse)  # type: ignore[call-arg]
        operands = [tensor]
    assert isinstance(frame, BodyFrame), "a tensor outside a body"
    if frame.session.ways is not None and any(operand.__class__ is not Tensor for operand in operands):
        return frame.session.ways.apply_op(frame, op, operands, None, None, (where,))
    resolved, results = resolve(frame, op, operands, where, known, None, nodes)
    return add_op(frame, resolved, operands, results, None, (where,))


def _op(name: str) -> type[Op]:
    op = registry.load(name)
    assert op is not None, name
    return op


def types_of(operands: list[Tensor]) -> tuple[TensorType, ...]:
    """The types of the operands, of which there is mostly one."""
    return (operands[0].type,) if len(operands) == 1 else tuple([t.type for t in operands])


def resolve(
    frame: Frame,
    op: Op,
    operands: list[Tensor],
    where: Span,
    known: Results | None,
    stage: OpStage | None,
    nodes: Any,
) -> tuple[Op, tuple[TensorType, ...]]:
    """The op as it is at these operands, and the types that it gives; `known` remembers them.

    Raises:
        Problem: the operands do not fit.
    """
    types = types_of(operands)
    try:
        if known is None or frame.session.symbolic:
            return apply(op, types)
        found = known.get(types)
        if found is None:
            found = keep(known, types, apply(op, types), MOST_TYPES)
        return found
    except Irregular as irregular:
        irregular.place = where
        raise
    except OpError as error:
        raise op_problem(frame, error, operands, where, stage, nodes) from None


def structured(frame: BodyFrame, structure: Any, index: int, types: tuple[TensorType, ...]) -> Value:
    """The outputs of node `index`, of these types, as the `return` of its body holds them."""
    if structure.__class__ is tuple:
        return ListValue(tuple([structured(frame, part, index, types) for part in structure]))
    return Tensor(new_ref((index, structure)), types[structure], frame.body)


def leaf_label(
    frame: BodyFrame, target: Op | Graph, operands: list[Tensor], where: Span, word: str, label: str | None
) -> int:
    """The name of the module made now; a shared stage's second application keeps its first name."""
    body = frame.body
    before = None if body.shared_use is None else body.shared_before(body.shared_use)
    if before is None:
        return body.labels.leaf(word) if label is None else body.labels.leaf(label, fixed=True)
    first = body.nodes[before]
    types = types_of(operands)
    first_types = tuple(body.type_of(ref) for ref in first.operands)
    if weights_of(target, types) != weights_of(first.target, first_types):
        help = "apply a shared stage to inputs with equal channels, or make weights of its own for each"
        labels = [(first.spans[0], f"first applied to {_types(first_types)}")]
        if isinstance(target, Graph) and first.body is not None:
            _, node = unequal_nodes(first.body, target, _labelled_weights) or (None, None)
            if node is not None:
                labels.append((node.spans[-1], f"{node.word} would need other weights"))
                if [t.shape[:1] for t in types] == [t.shape[:1] for t in first_types]:
                    help = f"take {node.word} out of the shared stage: its weights follow the size of the input"
        message = f"one set of weights cannot serve {_types(types)} and {_types(first_types)}"
        raise frame.problem(where, "shared-mismatch", message, labels=labels, help=help)
    leaf = body.leaves[before]
    assert leaf is not None
    return leaf


def _types(types: tuple[TensorType, ...]) -> str:
    return ", ".join(map(str, types))


def weights_of(target: Op | Graph, types: tuple[TensorType, ...]) -> Any:
    """What two applications with one set of weights must have in common: names and shapes of all weights."""
    if isinstance(target, Graph):
        return _weights_inside(target)
    return tuple((w.name, w.shape) for w in target.weights(types))


@per_body
def _weights_inside(body: Graph) -> tuple[Any, ...]:
    return tuple(_labelled_weights(body, node) for node in body.nodes)


def _labelled_weights(body: Graph, node: Node) -> tuple[Any, ...]:
    return node.label, weights_of(node.target, body.operand_types(node))


def add_op(
    frame: BodyFrame,
    op: Op,
    operands: list[Tensor],
    results: tuple[TensorType, ...],
    leaf: int | None,
    spans: tuple[Span, ...],
) -> Value:
    if op.is_constant:
        frame.body.has_constants = True
    elif operands and frame.body.has_constants and (made := worked_out(frame, op, operands)):
        constants = [
            Tensor(Ref(add_node(frame, one, [], (type_,), None if number else leaf, spans), 0), type_, frame.body)
            for number, (one, type_) in enumerate(zip(made, results, strict=True))
        ]
        return ListValue(tuple(constants)) if op.gives_list else constants[0]
    index = add_node(frame, op, operands, results, leaf, spans)
    if len(results) == 1 and not op.gives_list:
        return Tensor(new_ref((index, 0)), results[0], frame.body)
    frame.session.charge(len(results) >> 2)
    tensors = tuple([Tensor(Ref(index, i), t, frame.body) for i, t in enumerate(results)])
    return ListValue(tensors) if op.gives_list else tensors[0]


def add_node(
    frame: BodyFrame,
    target: Op | Graph,
    operands: list[Tensor],
    types: tuple[TensorType, ...],
    leaf: int | None,
    spans: tuple[Span, ...],
    ops: int = 1,
    length: int | None = None,
    variants: Any = None,
    each: bool = False,
) -> int:
    """Append a node of so many ops, all calls expanded, called what `leaf` will be called; returns its index.

    Raises:
        Exhausted: the body or the elaboration has too many.
    """
    body, budget = frame.body, frame.session.budget
    nodes, index, sites = body.nodes, len(body.nodes), body.sites
    source, start, end = spans[-1]
    site: SiteKey = (*body.path, spans[0].start, source.name, start, end)
    seen = sites.get(site, 0)
    sites[site] = seen + 1
    if seen:
        site = (*site, seen)
    slot, use = None, body.shared_use
    if use is not None and leaf is not None:
        first = body.slots.setdefault((use.token, use.count), index)
        slot = len(body.slots) - 1 if first == index else nodes[first].slot
        use.count += 1
    refs = (operands[0].ref,) if len(operands) == 1 else tuple([t.ref for t in operands])
    nodes.append(new_node((target, refs, types, "", spans, site, slot, length, body.assigned, each)))
    body.leaves.append(leaf)
    body.ops.append(ops)
    body.flat_ops += ops
    body.note(operands, variants)
    budget.nodes += 1
    if body.flat_ops > budget.limits.flat_ops or budget.nodes > budget.limits.nodes:
        check_flat_ops(frame, 0, spans[0])
    return index


def spans_of(frame: Frame, where: Span, written: Span) -> tuple[Span, ...]:
    """Where the application stands, then where the stage was written, if that is outside this definition."""
    item = frame.item
    declaration = item.declaration
    if written.source is item.source and declaration.start <= written.start - item.offset < declaration.end:
        return (written,)
    return (where,) if where == written else (where, written)
