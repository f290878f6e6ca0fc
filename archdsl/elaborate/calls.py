"""Calls what a spec defines: runs a body once per (definition, arguments, input types), and functions."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from archdsl.elaborate.arguments import bind, complete, described_parameters
from archdsl.elaborate.budget import count_step
from archdsl.elaborate.builder import BodyBuilder, new_ref
from archdsl.elaborate.definitions import Block, Function
from archdsl.elaborate.input_types import check_inputs
from archdsl.elaborate.labels import fitting_names
from archdsl.elaborate.open_values import Chosen
from archdsl.elaborate.picking import closed, taken
from archdsl.elaborate.session import FAILED, IN_PROGRESS, BodyFrame, Elaborated, Frame, Mistake, Session
from archdsl.elaborate.shown import kind_of, show
from archdsl.elaborate.taps import at_labels
from archdsl.elaborate.values import (
    SCALARS,
    UNKNOWN,
    ListValue,
    Stage,
    Tensor,
    Value,
    as_python,
    size_of,
    stages_in,
)
from archdsl.ir.graph import INPUT, Graph, Ref
from archdsl.source import Span
from archdsl.syntax import tree
from archdsl.types import TensorType

BODY = 50  # a body costs as much as so many expressions
NO_RETURN = object()  # what execute() gives when a body ends without return


def call_function(frame: Frame, function: Function, arguments: Sequence[tree.Argument], call: tree.Call) -> Value:
    """The value that a `fn` returns.

    Raises:
        Problem: unfit arguments, or no `return`.
    """
    session = frame.session
    bound = bind(frame, function.name, described_parameters(function.definition), arguments, call)
    given = {key: value for key, (value, _) in bound.items()}
    values = complete(frame, function, given, {key: argument for key, (_, argument) in bound.items()}, call)
    if UNKNOWN in values:
        return UNKNOWN
    count_step(frame, call)
    callee = (function.name, function.definition, values)
    inner = Frame(session, function.module, function.item, callee, frame.span(call))
    inner.evaluate_for(frame, call, function.name)
    inner.locals = {param.name: value for param, value in zip(function.definition.params, values, strict=True)}
    session.frames.append(inner)
    try:
        result = session.execute(inner, function.definition.body)
    finally:
        session.frames.pop()
    if result is NO_RETURN:
        raise no_return(inner, function.name, function.definition)
    return result


def no_return(frame: Frame, name: str, definition: tree.Definition) -> Mistake:
    """The mistake of a body that ends without `return`."""
    return frame.problem(
        tree.Name(definition.name_start, definition.name_end, name),
        "missing-return",
        f"{name} ends without `return`",
        help="end the body with `return x`, also on the path that was taken here",
    )


def elaborate_block(
    frame: Frame,
    block: Block,
    arguments: tuple[Value, ...],
    types: tuple[TensorType, ...],
    where: Span,
    applied: tuple[Span, Span | None] | None = None,
) -> Elaborated | None:
    """The body of a block at these arguments and input types, made at most once; None when it failed.

    `applied`: the places where the stage is applied and where it was written, by which the block's choices are named.

    Raises:
        Problem: the block calls itself with the same arguments, or the inputs are not what it takes.
    """
    session, ways = frame.session, frame.session.ways
    if ways is not None:
        arguments = ways.arguments(frame, arguments)
    key: Hashable = (block, session.identities(arguments), types)
    made = session.memo.get(key)
    if made is None and ways is not None:
        made = ways.known(frame, key)
    if made is FAILED:
        return None
    if made is IN_PROGRESS:
        raise frame.problem(
            where,
            "endless-recursion",
            f"{block.name} calls itself with equal arguments and inputs, so it never ends",
            help="change an argument on the way, and stop with `if n == 1 { return … }`",
        )
    if made is not None:
        if ways is not None:
            ways.again(frame, made)
        return made  # type: ignore[no-any-return]
    if not check_inputs(frame, block, arguments, types, where):
        session.memo[key] = FAILED
        return None
    count_step(frame, where)
    session.budget.evaluations += BODY
    inner = _enter(frame, block, arguments, types, where)
    inner.enter(frame, block.name, *(applied or (where, None)))
    session.memo[key] = IN_PROGRESS
    session.frames.append(inner)
    try:
        made = (ways.run_body if ways else _run)(inner, arguments)
    finally:
        session.frames.pop()
        session.memo[key] = FAILED
    if made is None:
        if ways is not None:
            del session.memo[key]  # under other conditions it may not fail
        return None
    return _kept(frame, block, key, made)


def _kept(frame: Frame, block: Block, key: Hashable, made: Elaborated) -> Elaborated:
    """A body that was made, remembered as far as a call with an equal key would make it again."""
    session = frame.session
    if not made.graph.decisions:
        session.memo[key] = made
        return made
    del session.memo[key]  # the next call may choose otherwise
    if session.ways is None:
        return _intern(session, block, made)
    if block.kind == "cell":
        session.ways.keep(frame, key, made)
    return made


def _run(frame: BodyFrame, arguments: tuple[Value, ...]) -> Elaborated | None:
    session, block = frame.session, frame.block
    failures = session.failures
    result = session.execute(frame, block.definition.body)
    if result is NO_RETURN:
        raise no_return(frame, block.name, block.definition)
    result = closed(frame, result, frame.item.declaration)
    if result is UNKNOWN or session.failures != failures or frame.unknown:
        return None
    return _finish(frame, arguments, at_labels(frame) if block.taps else result)


def _enter(
    frame: Frame, block: Block, arguments: tuple[Value, ...], types: tuple[TensorType, ...], where: Span
) -> BodyFrame:
    definition = block.definition
    call = where if isinstance(frame, BodyFrame) else None  # a network is called by nobody
    body = frame.session.ways.builder(frame, types) if frame.session.ways else BodyBuilder(types)
    inner = BodyFrame(frame.session, block, body, (block.name, definition, arguments), call)
    inner.locals = {p.name: v for p, v in zip(definition.params, arguments, strict=True)}
    for index, (tensor, type) in enumerate(zip(definition.inputs, types, strict=True)):
        inner.locals[tensor.name] = Tensor(new_ref((INPUT, index)), type, body)
    return inner


def _finish(frame: BodyFrame, arguments: tuple[Value, ...], result: Value) -> Elaborated | None:
    """Name the modules, drop what no output needs, and freeze the body; None when a name clashes."""
    block, body = frame.block, frame.body
    outputs: list[Ref] = []
    structure = _outputs(frame, result, outputs)
    refs = tuple(outputs)
    names = fitting_names(frame)
    if names is None:
        return None
    nodes, live_refs, ops = body.freeze(refs, names)
    if len(nodes) < len(body.nodes) and block.kind != "cell" and not block.taps:
        for node in body.unused(refs):
            frame.warn(
                node.spans[0],
                "unused-tensor",
                "nobody uses this result, so it is left out of the network",
                help="return it, join it to the rest, or remove it",
            )
    definition = block.definition
    if not SCALARS.issuperset(map(type, arguments)) or str in map(type, arguments):
        frame.session.charge(sum(map(size_of, arguments)) - len(arguments))
    graph = Graph(
        name=block.name,
        kind=block.kind,
        definition=(block.item.source.name, block.name),
        arguments=tuple(
            [
                (p.name, v if v.__class__ in SCALARS else argument_shown(v))
                for p, v in zip(definition.params, arguments, strict=True)
            ]
        ),
        input_names=block.input_names,
        inputs=body.inputs,
        nodes=nodes,
        outputs=live_refs,
        span=block.span,
        doc=block.doc,
        decisions=body.asked,
        reads_size=body.reads_size,
        steered_by=block.steering,
    )
    return Elaborated(graph, structure, graph.output_types, ops, frame.session.shares)


def argument_shown(value: Value) -> Any:
    """A value as `Graph.arguments` keeps it: stages, functions and lists that hold them as text."""
    value = taken(value)
    if isinstance(value, Chosen):
        return " or ".join(dict.fromkeys(map(show, value.values[:8])))
    found = show(value) if stages_in(value) else as_python(value)
    return show(value) if _holds_function(found) else found


def _holds_function(found: Any) -> bool:
    return any(map(_holds_function, found)) if isinstance(found, tuple) else isinstance(found, Function)


def _outputs(frame: BodyFrame, value: Value, outputs: list[Ref]) -> Any:
    if isinstance(value, Tensor):
        outputs.append(value.ref)
        return len(outputs) - 1
    if isinstance(value, ListValue) and value.items:
        return tuple(_outputs(frame, item, outputs) for item in value.items)
    raise output_problem(frame, value)


def output_problem(frame: BodyFrame, value: Value) -> Exception:
    """The mistake of a body that returns something that is no tensor."""
    block, definition = frame.block, frame.block.definition
    hint = (
        "apply the stage to the input: `return x -> …`"
        if isinstance(value, Stage)
        else "only a fn returns compile-time values"
    )
    what = "an empty list" if isinstance(value, ListValue) else kind_of(value)
    return frame.problem(
        tree.Name(definition.name_start, definition.name_end, block.name),
        "returns-no-tensor",
        f"{block.kind} {block.name} must return tensors, it returns {what}",
        help=hint,
    )


def _intern(session: Session, block: Block, made: Elaborated) -> Elaborated:
    """One Graph for equal bodies, where decisions forbid remembering by arguments."""
    graph = made.graph
    nodes = tuple(
        (
            id(n.target) if n.body is not None else n.target,
            n.operands,
            n.types,
            n.label,
            n.site,
            n.slot,
            n.length,
            n.each,
        )
        for n in graph.nodes
    )
    key = (block, graph.arguments, graph.inputs, nodes, graph.outputs, made.structure)
    return session.interned.setdefault(key, made)
