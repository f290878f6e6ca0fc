"""Makes and applies scans: a block applied to each element of a sequence, with a state carried along."""

from __future__ import annotations

from archdsl.elaborate.arguments import bind
from archdsl.elaborate.builder import add_node, leaf_label, spans_of, types_of
from archdsl.elaborate.calls import elaborate_block
from archdsl.elaborate.input_types import declared_type, scope_of
from archdsl.elaborate.op_problems import history
from archdsl.elaborate.picking import closed
from archdsl.elaborate.session import BodyFrame, Elaborated, Frame
from archdsl.elaborate.shown import kind_of
from archdsl.elaborate.stages_given import refuse_shared, stage_given
from archdsl.elaborate.values import (
    UNKNOWN,
    BlockStage,
    ListValue,
    Scan,
    Stage,
    Tensor,
    Value,
)
from archdsl.ir.graph import Ref, stacked
from archdsl.ops.base import SIZE_LIMIT
from archdsl.source import Span
from archdsl.syntax import tree
from archdsl.types import TensorType, known

_SHAPE = (
    "a cell is a block of an element and one or more states: `block rnn(x, h: [d]; d)`, used as `xs -> scan(rnn(8))`"
)


def make_scan(frame: Frame, node: tree.Call) -> Value:
    """`scan(cell, last = false)`: a stage.

    Raises:
        Problem: unfit arguments.
    """
    bound = bind(frame, "scan", ("cell", "last"), node.arguments, node)
    if "cell" not in bound:
        raise frame.problem(node, "missing-argument", "scan needs its argument cell", help=_SHAPE)
    cell, argument = bound["cell"]
    last, last_argument = bound.get("last", (False, node))
    if cell is UNKNOWN or last is UNKNOWN:
        return UNKNOWN
    cell, last = closed(frame, cell, argument), closed(frame, last, last_argument)
    if not isinstance(last, bool):
        raise frame.problem(
            last_argument,
            "wrong-kind",
            f"scan takes true or false as last, this is {kind_of(last)}",
            help="`ys, h = xs -> scan(cell, last = true)` gives the last states too",
        )
    refuse_shared(frame, cell, argument, "a scan", "share the scan instead: `shared f = scan(cell)`")
    cell = stage_given(frame, cell, argument)
    if cell is UNKNOWN:
        return UNKNOWN
    if not isinstance(cell, BlockStage):
        what = "a stage that is no block" if isinstance(cell, Stage) else kind_of(cell)
        raise frame.problem(argument, "not-a-cell", f"scan applies a block, this is {what}", help=_SHAPE)
    if len(cell.block.definition.inputs) < 2:
        raise frame.problem(
            argument, "not-a-cell", f"{cell.block.name} has no input for a state that a scan could carry", help=_SHAPE
        )
    return Scan(cell, last, frame.span(node))


def apply_scan(
    frame: BodyFrame, stage: Scan, operands: list[Tensor], where: Span, word: str | None, label: str | None
) -> Value:
    """The outputs of all steps, stacked; with `last` a list of them and the states after the last step.

    Raises:
        Problem: the operands do not fit, or the cell does not give its states again.
    """
    body = frame.body
    spans = spans_of(frame, where, stage.span)
    names = [tensor.name for tensor in stage.cell.block.definition.inputs]
    if len(operands) not in (1, len(names)):
        states = ", ".join(names[1:])
        raise frame.problem(
            where,
            "wrong-input-count",
            f"scan({stage.cell.block.name}) takes a sequence and {len(names) - 1} "
            f"state{'' if len(names) == 2 else 's'} ({states}), "
            f"this gives {len(operands)} tensors",
            help=f"give them all: `[xs, {states}] -> scan(…)`; or none, and they start at zero: `xs -> scan(…)`",
        )
    length, element = _sequence(frame, operands[0], spans[0])
    carried = tuple(t.type for t in operands[1:]) or _zeros(frame, stage, spans[0])
    cell = stage.cell
    types, applied = (element, *carried), (where, cell.span)
    made = carried and elaborate_block(frame, cell.block, cell.arguments, types, spans[0], applied)
    if not carried or not made:
        return UNKNOWN
    if frame.session.ways is not None:
        made = frame.session.ways.closed_body(frame, made)
    output = _check_outputs(frame, stage, made, carried, spans[0])
    results = (*stacked((output,), length), *carried)
    named = (where, word or stage.cell.block.name, label)
    index = add_scan(frame, made, operands, results, named, spans, length)
    tensors = tuple(Tensor(Ref(index, i), t, body) for i, t in enumerate(results))
    return ListValue(tensors) if stage.last else tensors[0]


def add_scan(
    frame: BodyFrame,
    made: Elaborated,
    operands: list[Tensor],
    results: tuple[TensorType, ...],
    named: tuple[Span, str, str | None],
    spans: tuple[Span, ...],
    length: int,
    each: bool = False,
) -> int:
    """The index of the node that applies a body to so many elements; `named`: the place, the word and the label.

    Raises:
        Problem: a result is too large, or a shared stage would need other weights.
    """
    for type in results:
        if type.size > SIZE_LIMIT:
            raise frame.problem(
                spans[0],
                "too-large",
                f"{'each' if each else 'scan'} makes {type}: more than 2**40 elements",
                help="check the sizes: a number may have too many zeros",
            )
    if frame.session.ways is None or frame.body.shared_use is None:
        leaf = leaf_label(frame, made.graph, operands, *named)
    else:
        leaf = frame.session.ways.label(frame, made.graph, types_of(operands), named)
    frame.body.asked += made.graph.decisions
    ops = length * max(made.ops, 1)
    return add_node(frame, made.graph, operands, results, leaf, spans, ops, length, each=each)


def _sequence(frame: Frame, xs: Tensor, where: Span) -> tuple[int, TensorType]:
    """Length and element of a sequence: it goes along the first axis."""
    x = xs.type
    if not x.rank or x.dtype != "float":
        is_int = x.rank and x.dtype != "float"
        raise frame.problem(
            where,
            "not-a-sequence",
            f"scan goes along the first axis of a tensor of floats, this is {x}",
            notes=[history(frame, xs, "the sequence")],
            help="look the numbers up first: `words -> embedding(count, d) -> scan(…)`"
            if is_int
            else "a sequence is a tensor like [T, d]: T elements [d]",
        )
    return known(x.shape[0]), TensorType(x.shape[1:], x.dtype)  # a number of steps is a count


def _zeros(frame: Frame, stage: Scan, where: Span) -> tuple[TensorType, ...]:
    """The types of states that start at zero, as the cell declares them; none when one failed to evaluate."""
    block = stage.cell.block
    scope = scope_of(frame, block, stage.cell.arguments, where)
    types = []
    for tensor in block.definition.inputs[1:]:
        if tensor.shape is None:
            raise frame.problem(
                where,
                "state-without-type",
                f"{tensor.name} of {block.name} starts at zero, but no type says how large it is",
                help=f"declare it, `block {block.name}(x, {tensor.name}: [d]; d)`, or give it: "
                f"`[xs, {tensor.name}] -> scan(…)`",
            )
        declared = declared_type(scope, tensor)
        if declared is None:
            return ()
        types.append(declared)
    return tuple(types)


def _check_outputs(
    frame: Frame, stage: Scan, made: Elaborated, carried: tuple[TensorType, ...], where: Span
) -> TensorType:
    """The type of a step's output: the cell gives its next states, in order, after an output or instead of one."""
    block, graph = stage.cell.block, made.graph
    names = [tensor.name for tensor in block.definition.inputs[1:]]
    flat = isinstance(made.structure, int) or all(isinstance(part, int) for part in made.structure)
    given = made.types
    if not flat or len(given) - len(names) not in (0, 1):
        wanted = ", ".join(names)
        what = f"{len(given)} tensor{'' if len(given) == 1 else 's'}" if flat else "a list of lists"
        raise frame.problem(
            where,
            "not-a-cell",
            f"{block.name} takes the states {wanted} and gives {what}, so the next states are not known",
            notes=[f"{block.name} is defined at line {graph.span.line}"],
            help=f"end it with `return {wanted}`, or with an output before them: `return y, {wanted}`",
        )
    for name, before, after in zip(names, carried, given[-len(names) :], strict=True):
        if before != after:
            raise frame.problem(
                where,
                "state-changes",
                f"{name} of {block.name} is {before} before a step and {after} after it",
                notes=[f"{block.name} is defined at line {graph.span.line}"],
                help="a state keeps its type from step to step: give the first one the type that the cell returns",
            )
    return given[0]
