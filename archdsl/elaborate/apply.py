"""Applies stages to tensors: adds op nodes, calls of bodies, and the arithmetic between tensors."""

from __future__ import annotations

from typing import Any

from archdsl.elaborate.body import SharedUse
from archdsl.elaborate.calls import bind_block, elaborate_block, make_op
from archdsl.elaborate.labels import LabelNode
from archdsl.elaborate.session import Frame
from archdsl.elaborate.values import (
    UNKNOWN,
    BlockName,
    BlockStage,
    Chain,
    Combine,
    Labelled,
    ListValue,
    OpName,
    OpStage,
    Repeat,
    Shared,
    Stage,
    Tensor,
    Value,
    Worded,
    kind_of,
    plain,
    stages_in,
)
from archdsl.ir.graph import INPUT, Graph, Ref, bodies
from archdsl.ops import registry
from archdsl.ops.base import Op, OpError
from archdsl.source import Span
from archdsl.syntax import tree
from archdsl.types import TensorType

LEAVES = (OpName, OpStage, BlockName, BlockStage)
WEIGHTS = "weight shapes"  # key of Graph._facts
OPERATORS = {"+": "add", "-": "sub", "*": "mul", "/": "div"}


def flow(frame: Frame, value: Value, target: Value, nodes: tuple[Any, Any]) -> Value:
    """`value -> target`: application, fan-out, pairwise application or composition, by kind.

    Raises:
        Problem: the kinds do not go together.
    """
    if value is UNKNOWN or target is UNKNOWN:
        return UNKNOWN
    if isinstance(value, Tensor) or (isinstance(value, ListValue) and not stages_in(value)):
        return _apply_any(frame, value, target, nodes)
    if isinstance(value, Stage | ListValue):
        return _compose(frame, value, target, nodes)
    raise frame.problem(
        nodes[0],
        "not-a-tensor",
        f"{kind_of(value)} cannot flow through an arrow",
        help="the left side of `->` is a tensor, a list of tensors, or a stage",
    )


def _apply_any(frame: Frame, value: Value, target: Value, nodes: tuple[Any, Any]) -> Value:
    if isinstance(target, Stage):
        return apply_stage(frame, target, operands_of(frame, value, nodes[0]), _span(frame, nodes[1]))
    if isinstance(target, ListValue):
        if isinstance(value, ListValue):
            return _pairwise(frame, value, target, nodes)
        return fan_out(frame, target, [value], nodes[1])
    if isinstance(target, Tensor):
        raise frame.problem(
            nodes[1],
            "tensor-as-stage",
            "the right side of `->` must be a stage, this is a tensor",
            help="tensors are joined by `+`, `*` or a stage that takes several: `[x, y] -> concat`",
        )
    raise frame.problem(
        nodes[1],
        "not-a-stage",
        f"the right side of `->` must be a stage, this is {kind_of(target)}",
        help="a stage is an op or block, with its arguments: `x -> conv(64, 3)`",
    )


def _pairwise(frame: Frame, value: ListValue, target: ListValue, nodes: tuple[Any, Any]) -> Value:
    if len(value.items) != len(target.items):
        raise frame.problem(
            nodes[1],
            "pairwise-length",
            f"{len(value.items)} tensors meet {len(target.items)} stages",
            help="a list of tensors `->` a list of stages goes pairwise: make them equally long, or join the tensors first",
        )
    results = [_apply_any(frame, item, stage, nodes) for item, stage in zip(value.items, target.items, strict=True)]
    return UNKNOWN if any(r is UNKNOWN for r in results) else ListValue(tuple(results))


def fan_out(frame: Frame, stages: ListValue, operands: list[Tensor], node: Any) -> Value:
    """One result per element: stages are applied to the operands, tensors pass through."""
    results: list[Value] = []
    written = isinstance(node, tree.ListExpr) and len(node.items) == len(stages.items)
    for index, item in enumerate(stages.items):
        place = node.items[index] if written else node
        if isinstance(item, Tensor) or item is UNKNOWN:
            results.append(item)
        elif isinstance(item, Stage):
            results.append(apply_stage(frame, item, operands, _span(frame, place)))
        elif isinstance(item, ListValue):
            results.append(fan_out(frame, item, operands, place))
        else:
            raise frame.problem(
                node,
                "not-a-stage",
                f"this fan-out holds {kind_of(item)}; it may hold stages and tensors",
                help="write `x -> [f, g]` with stages f and g",
            )
    return UNKNOWN if any(r is UNKNOWN for r in results) else ListValue(tuple(results))


def _compose(frame: Frame, value: Value, target: Value, nodes: tuple[Any, Any]) -> Value:
    for side, node in ((value, nodes[0]), (target, nodes[1])):
        if isinstance(side, ListValue) and any(isinstance(item, Tensor) for item in side.items):
            raise frame.problem(
                node,
                "captured-tensor",
                "this list mixes tensors and stages, but no tensor flows into it",
                help="apply the stages first: `[x, x -> f] -> concat`, or start with the tensor: `x -> [id, f] -> concat`",
            )
    if not isinstance(target, Stage | ListValue):
        raise frame.problem(
            nodes[1],
            "not-a-stage",
            f"the right side of `->` must be a stage, this is {kind_of(target)}",
            help="expected a stage after `->`, for example `conv(64, 3) -> relu`",
        )
    left = value.stages if isinstance(value, Chain) else (value,)
    right = target.stages if isinstance(target, Chain) else (target,)
    frame.session.budget.evaluations += (len(left) + len(right)) >> 4
    chain = Chain(left + right)
    limits = frame.session.limits
    if chain.size > limits.flat_ops or chain.depth > limits.nesting:
        raise frame.problem(
            nodes[1],
            "too-many-ops",
            f"this stage holds {chain.size:,} applications, {chain.depth} deep; the limits are {limits.flat_ops:,} and {limits.nesting}",
            help="make it smaller, or raise the limit with --max-ops",
            fatal=True,
        )
    return chain


def operands_of(frame: Frame, value: Value, node: Any) -> list[Tensor]:
    """The operands that a tensor, or a list of tensors, gives in order."""
    if isinstance(value, Tensor):
        return [value]
    for item in value.items:
        if not isinstance(item, Tensor):
            raise frame.problem(
                node,
                "not-a-tensor",
                f"this list holds {kind_of(item)} where a tensor is needed",
                help="a stage takes its inputs as a flat list of tensors: `[x, y] -> concat`; join nested lists with `+`",
            )
    return list(value.items)


def apply_stage(
    frame: Frame, stage: Stage, operands: list[Tensor], where: Span, word: str | None = None, label: str | None = None
) -> Value:
    """Apply `stage` to `operands`; `word` or the fixed `label` name the module it makes.

    Raises:
        Problem: the operands do not fit.
    """
    if frame.body is None:
        raise frame.problem(
            where,
            "no-tensors-here",
            "tensors flow only inside a block, cell or network",
            help="write a block instead of a fn",
        )
    if isinstance(stage, OpName):
        stage = make_op(frame, stage, [], where)
    if isinstance(stage, OpStage):
        return _apply_op(frame, stage, operands, where, word, label)
    if isinstance(stage, BlockName):
        stage = bind_block(frame, stage, [], where)
    if isinstance(stage, BlockStage):
        return _apply_block(frame, stage, operands, where, word, label)
    if isinstance(stage, Worded):
        return _apply_worded(frame, stage, operands, where)
    if isinstance(stage, Labelled):
        return _apply_labelled(frame, stage, operands, where)
    if isinstance(stage, Repeat):
        return _apply_repeat(frame, stage, operands, where)
    if isinstance(stage, Shared):
        return _apply_shared(frame, stage, operands, where)
    if isinstance(stage, Combine):
        return _apply_combine(frame, stage, operands, where)
    assert isinstance(stage, Chain)
    value: Value = operands[0] if len(operands) == 1 else ListValue(tuple(operands))
    for item in stage.stages:
        if value is UNKNOWN:
            return UNKNOWN
        if isinstance(item, ListValue) and isinstance(value, ListValue):
            value = _pairwise(frame, value, item, (where, where))
        elif isinstance(item, ListValue):
            value = fan_out(frame, item, [value], where)
        else:
            value = apply_stage(frame, item, operands_of(frame, value, where), where)
    return value


def _apply_worded(frame: Frame, stage: Worded, operands: list[Tensor], where: Span) -> Value:
    inner = stage.stage
    assert frame.body is not None
    if isinstance(inner, LEAVES):
        return apply_stage(frame, inner, operands, where, word=stage.word)
    if isinstance(inner, Labelled | Shared) or frame.body.labels.numbered:
        return apply_stage(frame, inner, operands, where)
    frame.body.labels.open_word(stage.word)
    try:
        return apply_stage(frame, inner, operands, where)
    finally:
        frame.body.labels.close_word()


def _apply_labelled(frame: Frame, stage: Labelled, operands: list[Tensor], where: Span) -> Value:
    inner = stage.stage
    assert frame.body is not None
    if isinstance(inner, Stage) and isinstance(plain(inner), LEAVES) and not stage.container:
        return apply_stage(frame, plain(inner), operands, where, label=stage.label)
    frame.body.labels.open_as(stage.label)
    try:
        if isinstance(inner, ListValue):
            if len(operands) != 1:
                return _pairwise(frame, ListValue(tuple(operands)), inner, (where, where))
            return fan_out(frame, inner, operands, where)
        return apply_stage(frame, inner, operands, where)
    finally:
        frame.body.labels.close_as()


def _apply_repeat(frame: Frame, stage: Repeat, operands: list[Tensor], where: Span) -> Value:
    body = frame.body
    assert body is not None
    value: Value = operands[0] if len(operands) == 1 else ListValue(tuple(operands))
    check_flat_ops(frame, stage.size, where)
    unit = make_op(frame, stage.stage, [], where) if isinstance(stage.stage, OpName) else stage.stage
    for index in range(stage.count):
        body.path.append(index)
        try:
            value = apply_stage(frame, unit, operands_of(frame, value, where), where)
        finally:
            body.path.pop()
        if value is UNKNOWN:
            return UNKNOWN
    return value


def _apply_shared(frame: Frame, stage: Shared, operands: list[Tensor], where: Span) -> Value:
    body = frame.body
    assert body is not None
    if stage.body is not body:
        raise frame.problem(
            where,
            "shared-escapes",
            f"{stage.word} is shared in another body and cannot be applied here",
            help="declare it with `shared` in the block that applies it",
        )
    outer = body.shared_use
    body.shared_use = SharedUse(stage)
    body.labels.open_root(stage.word)
    try:
        return apply_stage(frame, stage.stage, operands, where)
    finally:
        body.shared_use = outer
        body.labels.close_word()


def _apply_combine(frame: Frame, stage: Combine, operands: list[Tensor], where: Span) -> Value:
    sides = []
    for side in (stage.left, stage.right):
        value = apply_stage(frame, side, operands, where) if isinstance(side, Stage) else side
        if value is UNKNOWN:
            return UNKNOWN
        if isinstance(value, ListValue):
            raise frame.problem(
                where,
                "tensor-with-list",
                f"one side of `{stage.operator}` gives {len(value.items)} tensors, arithmetic needs one on each side",
                help="join the outputs first: `([f, g] -> concat) + h`",
            )
        sides.append(value)
    return combine_tensors(frame, stage.operator, sides[0], sides[1], stage.span, None)


def combine_tensors(
    frame: Frame, symbol: str, left: Value, right: Value, where: Span, nodes: tuple[Any, Any] | None
) -> Value:
    """`left symbol right` where at least one side is a tensor and the other a tensor or a number."""
    if isinstance(left, Tensor) and isinstance(right, Tensor):
        op = _op(OPERATORS[symbol])()
        operands = [left, right]
    else:
        reverse = not isinstance(left, Tensor)
        tensor, number = (right, left) if reverse else (left, right)
        op = _op("scalar")(operator=symbol, value=number, reverse=reverse)  # type: ignore[call-arg]
        operands = [tensor]
    resolved, results = _resolve(frame, op, operands, where, {}, nodes)
    return _add(frame, resolved, operands, results, None, (where,))


def _op(name: str) -> type[Op]:
    op = registry.load(name)
    assert op is not None, name
    return op


def _apply_op(
    frame: Frame, stage: OpStage, operands: list[Tensor], where: Span, word: str | None, label: str | None
) -> Value:
    least, most = stage.op.arity
    if len(operands) < least or (most is not None and len(operands) > most):
        wanted = f"{least}" if most == least else f"{least} or more" if most is None else f"{least} to {most}"
        raise frame.problem(
            where,
            "wrong-input-count",
            f"{stage.op.name} takes {wanted} tensor{'' if wanted == '1' else 's'}, this gives {len(operands)}",
            help="join several tensors first, for example with concat or add"
            if most == 1
            else "pass a list: `[x, y] -> …`",
        )
    spans = _spans(frame, where, stage.span)
    resolved, results = _resolve(frame, stage.op, operands, spans[0], stage.places, None)
    leaf = _leaf(frame, resolved, operands, word or stage.op.name, label, where)
    return _add(frame, resolved, operands, results, leaf, spans)


def _resolve(
    frame: Frame, op: Op, operands: list[Tensor], where: Span, places: dict[str, Span], nodes: Any
) -> tuple[Op, tuple[TensorType, ...]]:
    types = tuple(t.type for t in operands)
    key = (type(op), op, types)
    found = frame.session.resolved.get(key)
    if found is None:
        try:
            resolved = op.resolve(types)
            found = (resolved, resolved.results(types))
        except OpError as error:
            raise _op_problem(frame, error, operands, where, places, nodes) from None
        frame.session.resolved[key] = found
    return found  # type: ignore[no-any-return]


def _op_problem(
    frame: Frame, error: OpError, operands: list[Tensor], where: Span, places: dict[str, Span], nodes: Any
) -> Exception:
    """Place an op's complaint: at the argument, else at the operands, else at the application; with their history."""
    labels: list[tuple[Any, str]] = []
    if nodes is not None and len(operands) == 2:
        labels = [(node, str(t.type)) for node, t in zip(nodes, operands, strict=True)]
        names = [frame.span(node).text for node in nodes]
        where = frame.span(nodes[0])
    else:
        names = [f"operand {i + 1}" for i in range(len(operands))] if len(operands) > 1 else ["its input"]
    notes = list(error.notes)
    shown = [error.operand] if error.operand is not None and nodes is None else range(len(operands))
    notes += [history(frame, operands[i], names[i]) for i in list(shown)[:4] if i < len(operands)]
    if error.parameter in places:
        where = places[error.parameter]
    return frame.problem(where, error.code, error.message, notes=notes, labels=labels, help=error.help)


def history(frame: Frame, tensor: Tensor, name: str) -> str:
    """Where a tensor got its shape: "residual is 256 x 56 x 56 since line 13: conv_bn(4 * width, 1)"."""
    shape = " x ".join(map(str, tensor.type.shape)) or "a scalar"
    name = " ".join(name.split())
    name = name if len(name) <= 40 else name[:39] + "…"
    if tensor.ref.node == INPUT:
        return f"{name} is {shape}, as it came in"
    span = tensor.body.nodes[tensor.ref.node].spans[0]
    text = " ".join(span.text.split())
    return f"{name} is {shape} since line {span.line}: {text if len(text) <= 60 else text[:59] + '…'}"


def _apply_block(
    frame: Frame, stage: BlockStage, operands: list[Tensor], where: Span, word: str | None, label: str | None
) -> Value:
    body = frame.body
    assert body is not None
    spans = _spans(frame, where, stage.span)
    made = elaborate_block(frame, stage, tuple(t.type for t in operands), spans[0])
    if made is None:
        return UNKNOWN
    leaf = _leaf(frame, made.graph, operands, word or stage.block.name, label, where)
    body.asked += made.graph.decisions
    index = _add_node(frame, made.graph, operands, made.graph.output_types, leaf, spans)
    return _structured(frame, made.structure, index, made.graph)


def _spans(frame: Frame, where: Span, written: Span) -> tuple[Span, ...]:
    """Where the application stands, then where the stage was written, if that is outside this definition."""
    item = frame.item
    declaration = item.declaration
    if written.source is item.source and declaration.start <= written.start - item.offset < declaration.end:
        return (written,)
    return (where,) if where == written else (where, written)


def _structured(frame: Frame, structure: Any, index: int, graph: Graph) -> Value:
    if isinstance(structure, tuple):
        return ListValue(tuple(_structured(frame, part, index, graph) for part in structure))
    assert frame.body is not None
    return Tensor(Ref(index, structure), graph.type_of(graph.outputs[structure]), frame.body)


def _leaf(
    frame: Frame, target: Op | Graph, operands: list[Tensor], word: str, label: str | None, where: Span
) -> LabelNode:
    """The name of the module made now; a shared stage's second application keeps its first name."""
    body = frame.body
    assert body is not None
    before = body.shared_before()
    if before is None or before[1] is None:
        return body.labels.leaf(label if label is not None else word, fixed=label is not None)
    first = before[1]
    types = tuple(t.type for t in operands)
    first_types = tuple(body.type_of(ref) for ref in first.operands)
    if weights_of(target, types) != weights_of(first.target, first_types):
        raise frame.problem(
            where,
            "shared-mismatch",
            f"one set of weights cannot serve {_types(types)} and {_types(first_types)}",
            labels=[(first.spans[0], f"first applied to {_types(first_types)}")],
            help="apply a shared stage to inputs with equal channels, or make weights of its own for each",
        )
    assert first.label is not None
    return first.label


def _types(types: tuple[TensorType, ...]) -> str:
    return ", ".join(map(str, types))


def weights_of(target: Op | Graph, types: tuple[TensorType, ...]) -> Any:
    """What two applications with one set of weights must have in common: names and shapes of all weights."""
    if not isinstance(target, Graph):
        return tuple((w.name, w.shape) for w in target.weights(types))
    for body in bodies(target):
        if WEIGHTS not in body._facts:
            body._facts[WEIGHTS] = tuple(
                (n.label, n.body._facts[WEIGHTS] if n.body is not None else weights_of(n.target, body.operand_types(n)))
                for n in body.nodes
            )
    return target._facts[WEIGHTS]


def _add(
    frame: Frame,
    op: Op,
    operands: list[Tensor],
    results: tuple[TensorType, ...],
    leaf: LabelNode | None,
    spans: tuple[Span, ...],
) -> Value:
    index = _add_node(frame, op, operands, results, leaf, spans)
    assert frame.body is not None
    tensors = tuple(Tensor(Ref(index, i), t, frame.body) for i, t in enumerate(results))
    return ListValue(tensors) if op.gives_list else tensors[0]


def _add_node(
    frame: Frame,
    target: Op | Graph,
    operands: list[Tensor],
    results: tuple[TensorType, ...],
    leaf: LabelNode | None,
    spans: tuple[Span, ...],
) -> int:
    body = frame.body
    assert body is not None
    index = body.add(target, tuple([t.ref for t in operands]), results, leaf, spans)
    frame.session.budget.nodes += 1
    check_flat_ops(frame, 0, spans[0])
    return index


def check_flat_ops(frame: Frame, more: int, where: Span) -> None:
    """Refuse a body of too many ops, calls expanded, and an elaboration that makes too many nodes."""
    limits, budget = frame.session.limits, frame.session.budget
    assert frame.body is not None
    if frame.body.flat_ops + more > limits.flat_ops:
        message = f"this body would have over {limits.flat_ops:,} ops, all calls expanded"
    elif budget.nodes > limits.nodes:
        message = f"this spec makes over {limits.nodes:,} nodes, each body counted once"
    else:
        return
    raise frame.problem(
        where,
        "too-many-ops",
        message,
        help="make it smaller, put what repeats into a block, or raise the limit with --max-ops",
        fatal=True,
    )


def _span(frame: Frame, node: Any) -> Span:
    return node if isinstance(node, Span) else frame.span(node)
