"""Gives the parameters of an op, block or function the arguments of a call, and its defaults to the rest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from archdsl.elaborate.advice import (
    flowing,
    in_arrows,
    signature,
    stage_as_argument,
    takes_several,
    unfit_argument,
    unknown_arguments,
)
from archdsl.elaborate.annotations import check_annotation
from archdsl.elaborate.definitions import Block, Function
from archdsl.elaborate.open_values import Chosen
from archdsl.elaborate.picking import is_open, mapped
from archdsl.elaborate.session import Frame
from archdsl.elaborate.shown import kind_of
from archdsl.elaborate.spelling import FEW, spelled
from archdsl.elaborate.values import (
    SCALARS,
    UNKNOWN,
    BlockStage,
    ListValue,
    OpStage,
    Value,
    as_python,
    shared_in,
    size_of,
    stages_in,
    tensors_in,
)
from archdsl.elaborate.waiting import Given, Waiting
from archdsl.ops.base import Op, Parameter, parameters
from archdsl.remembered import remembered
from archdsl.source import Span
from archdsl.syntax import tree

Bound = dict[str, tuple[Value, tree.Argument]]
Merged = dict[str, tuple[Value, tree.Argument | Span]]  # those of an earlier call by their places


def described_parameters(definition: tree.Definition) -> list[str]:
    """Names of the parameters of a definition, in order."""
    return [param.name for param in definition.params]


def bind(
    frame: Frame,
    callee: str,
    names: Sequence[str],
    arguments: Sequence[tree.Argument],
    call: Any,
    inputs: Sequence[str] = (),
    at_top: bool = False,
    before: Collection[str] = (),
) -> Bound:
    """Evaluate `arguments` and give each its parameter; parameters left out are absent from the result.

    `inputs` are the names of the tensors that flow in, for the message to a reader who takes them for parameters.
    What was given `before` is set by name alone.
    `at_top`: they stand at the top of a file, and what they ask is asked by who uses them.

    Raises:
        Problem: too many, an unknown name, one given twice, or a tensor in parentheses.
    """
    bound: Bound = {}
    known = names if len(names) < 20 else frozenset(names)
    free = [name for name in names if name not in before] if before else names
    for position, argument in enumerate(arguments):
        name = argument.name
        if name is None:
            if position >= len(free):
                value = frame.session.evaluate_open(frame, argument.value)
                if tensors_in(value) or _is_meant_to_flow(callee, argument, value):
                    raise _tensor_inside(frame, callee, arguments, argument, value)
                still = f" by position ({', '.join(before)} {'is' if len(before) == 1 else 'are'} given)"
                takes = _count(len(free), "more argument") + still if before else _count(len(free), "argument")
                raise frame.problem(
                    argument,
                    "too-many-arguments",
                    f"{callee} takes {takes}, this is number {position + 1}",
                    help=in_arrows(frame, callee, argument) or signature(callee, names, inputs),
                )
            name = free[position]
        elif name not in known:
            raise frame.problem(
                argument,
                "unknown-argument",
                f"{callee} has no argument {name}",
                help=unknown_arguments(frame, callee, names, arguments),
            )
        if name in bound:
            raise frame.problem(
                argument,
                "duplicate-argument",
                f"{name} is given twice",
                labels=[(bound[name][1], "first here")],
                help=f"remove one of them; {signature(callee, names)}",
            )
        evaluate = partial(frame.session.evaluate_open, frame, argument.value)
        value = frame.session.picking.at_top(frame, evaluate) if at_top else evaluate()
        if value.__class__ not in SCALARS:
            value = check_given(frame, callee, arguments, argument, value)
        bound[name] = (value, argument)
    return bound


def _is_meant_to_flow(callee: str, argument: tree.Argument, value: Value) -> bool:
    """Whether what an op does not take is a list that may be one of tensors: empty, or with a mistake in it."""
    if isinstance(value, ListValue):
        return not value.items and takes_several(callee)
    return (
        value is UNKNOWN and isinstance(argument.value, (tree.ListExpr, tree.Comprehension)) and takes_several(callee)
    )


def _tensor_inside(
    frame: Frame, callee: str, arguments: Sequence[tree.Argument], argument: tree.Argument, value: Value
) -> Exception:
    return frame.problem(
        argument,
        "tensor-in-parentheses",
        f"the parentheses of {callee} hold compile-time values, this is "
        f"{'a list' if value is UNKNOWN else kind_of(value)}",
        help=flowing(frame, callee, arguments),
    )


def missing(
    frame: Frame, callee: str, name: str, names: Sequence[str], where: Any, made: Span | None = None
) -> Exception:
    """The problem of a required argument that is left out; `made`: where the stage was, if not where it is applied."""
    return frame.problem(
        where,
        "missing-argument",
        f"{callee} needs its argument {name}",
        labels=[] if made is None or made == frame.place(where) else [(made, f"made here without {name}")],
        help=signature(callee, names),
    )


def unfilled(frame: Frame, stage: Waiting, where: Any) -> Exception:
    """The problem of a stage that is used and still waits for an argument."""
    names = stage.names
    return missing(frame, stage.target.name, missing_of(stage.target, stage.given)[0], names, where, stage.span)


def missing_of(target: type[Op] | Block, given: Collection[str]) -> list[str]:
    """The required arguments that are not given."""
    if isinstance(target, Block):
        params = [param.name for param in target.definition.params if param.default is None]
        return [name for name in params if name not in given and name not in target.defaults]
    return [name for name, parameter in parameters_of(target).items() if parameter.required and name not in given]


def _count(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


LITERALS = frozenset([tree.Number, tree.Boolean])  # the same at each evaluation


def make_op(
    frame: Frame,
    op: type[Op],
    arguments: Sequence[tree.Argument],
    call: Any,
    before: Waiting | None = None,
    waits: bool = False,
) -> OpStage | Any:
    """An op with its arguments checked; UNKNOWN when one of them is. `before`: the call is one of what waits for it.

    What lacks a required argument is refused, or waits for it.

    Raises:
        Problem: missing, unknown or unfit arguments.
    """
    names, given = tuple(parameters_of(op)), {} if before is None else before.given
    bound: Merged = {**given, **bind(frame, op.name, names, arguments, call, before=given)}
    opened = [key for key, (value, _) in bound.items() if is_open(value)]
    if not opened:
        return _op_of(frame, op, bound, call, waits)
    if any(value is UNKNOWN for value, _ in bound.values()):
        return UNKNOWN

    def made(*values: Value) -> Value:
        taken = {key: (value, bound[key][1]) for key, value in zip(opened, values, strict=True)}
        return _op_of(frame, op, bound | taken, call, waits)

    value = mapped(frame.session, made, *[bound[key][0] for key in opened])
    return Chosen(value.diagram, value.needs, (call if isinstance(call, Span) else frame.span(call)).text)


def _op_of(frame: Frame, op: type[Op], bound: Merged, call: Any, waits: bool) -> OpStage | Waiting | Any:
    word = op.name
    values: dict[str, Any] = {}
    lacking = ""
    for key, parameter in parameters_of(op).items():
        if key not in bound:
            lacking = lacking or (key if parameter.required else "")
            continue
        value, argument = bound[key]
        if value is UNKNOWN:
            return UNKNOWN
        if stages_in(value):
            raise frame.problem(
                argument,
                "stage-in-op",
                f"{word} takes numbers, not stages, as {key}",
                help=stage_as_argument(word, parameter, text_of(frame, argument), value),
            )
        frame.session.charge(size_of(value) - 1)
        try:
            values[key] = parameter.type.accepts(as_python(value))
        except ValueError as error:
            help = unfit_argument(word, parameter, getattr(argument, "name", None), value, text_of(frame, argument))
            raise frame.problem(argument, "bad-argument", f"{key} of {word}: {error}", help=help) from None
    span = call if isinstance(call, Span) else frame.span(call)
    if not lacking:
        if op.long_list in bound and not frame.session.symbolic:
            value, argument = bound[op.long_list]
            if size_of(value) > FEW and isinstance(argument, tree.Argument):
                values["spelled"] = spelled(frame, argument.value)
        return OpStage(op(**values), span, frame.item, {key: argument for key, (_, argument) in bound.items()})
    if not waits:
        raise missing(frame, word, lacking, tuple(parameters_of(op)), call)
    return Waiting(op, tuple(parameters_of(op)), placed(frame, bound), span)


def placed(frame: Frame, bound: Merged) -> Given:
    """Arguments with their places in the text, which hold outside of this frame, too."""
    return {name: (value, at if isinstance(at, Span) else frame.span(at)) for name, (value, at) in bound.items()}


def text_of(frame: Frame, argument: tree.Argument | Span) -> str:
    return argument.text if isinstance(argument, Span) else frame.span(argument.value).text


@remembered
def parameters_of(op: type[Op]) -> dict[str, Parameter]:
    """The signature of an op class by name, read once."""
    return {p.name: p for p in parameters(op)}


def bind_block(
    frame: Frame,
    block: Block,
    arguments: Sequence[tree.Argument],
    call: Any,
    written: Span | None = None,
    before: Waiting | None = None,
    waits: bool = False,
) -> BlockStage | Any:
    """A block with all its parameters bound: given ones, else the variant's, else the definition's defaults.

    `written`: where the word of the block stands, if that is not the `call`; `before` and `waits` as of `make_op`.

    Raises:
        Problem: missing, unknown or unfit arguments.
    """
    definition = block.definition
    names = described_parameters(definition)
    given = {} if before is None else before.given
    inputs = [tensor.name for tensor in definition.inputs]
    fixed = [name for name in names if name in given or name in block.defaults] if given or block.defaults else ()
    new = bind(frame, block.name, names, arguments, call, inputs, before=fixed)
    for value, argument in new.values():
        _refuse_shared(frame, block.name, argument, value)
    bound: Merged = {**given, **new}
    span = call if isinstance(call, Span) else frame.span(call)
    if waits and missing_of(block, bound):
        return _waiting_block(frame, block, names, bound, span)
    values = {key: value for key, (value, _) in bound.items()}
    found = complete(frame, block, values, {key: argument for key, (_, argument) in bound.items()}, call, written)
    return UNKNOWN if UNKNOWN in found else BlockStage(block, found, span)


def _waiting_block(frame: Frame, block: Block, names: Sequence[str], bound: Merged, span: Span) -> Waiting | Any:
    """A block that waits for an argument; those that it has are of the kinds that it takes."""
    if any(value is UNKNOWN for value, _ in bound.values()):
        return UNKNOWN
    for param in block.definition.params:
        if param.name in bound:
            value, argument = bound[param.name]
            bound[param.name] = check_annotation(frame, block.name, param, value, argument), argument
    return Waiting(block, tuple(names), placed(frame, bound), span)


def named(names: Sequence[str], arguments: Sequence[tree.Argument]) -> dict[str, tree.Argument] | None:
    """The arguments by the names of their parameters, in order of writing; None where `bind` would refuse them."""
    given: dict[str, tree.Argument] = {}
    for position, argument in enumerate(arguments):
        name = argument.name or (names[position] if position < len(names) else "")
        if name not in names or name in given:
            return None
        given[name] = argument
    return given


def check_given(
    frame: Frame,
    callee: str,
    arguments: Sequence[tree.Argument],
    argument: tree.Argument,
    value: Value,
    shared: bool = True,
) -> Value:
    """An argument; what cannot be one is refused, of a block also a shared stage, where it is used if it is chosen.

    Raises:
        Problem: it is, or holds, one.
    """
    if tensors_in(value):
        if isinstance(value, Chosen):  # in the designs that use it
            return mapped(frame.session, partial(check_given, frame, callee, arguments, argument), value)
        raise _tensor_inside(frame, callee, arguments, argument, value)
    if not shared:
        _refuse_shared(frame, callee, argument, value)
    return value


def _refuse_shared(frame: Frame, callee: str, argument: tree.Argument, value: Value) -> None:
    found = shared_in(value)
    if found is not None:
        raise frame.problem(
            argument,
            "shared-escapes",
            f"{found.word} is shared, and a shared stage may be applied only in the body that declares it",
            help=f"declare it with `shared` inside {callee}, or pass a plain stage",
        )


def complete(
    frame: Frame,
    owner: Block | Function,
    given: dict[str, Value],
    places: dict[str, Any],
    call: Any,
    written: Span | None = None,
) -> tuple[Value, ...]:
    """Values of all parameters in order; defaults may use the parameters before them."""
    definition = owner.definition
    frame.session.charge(len(definition.params) >> 2)
    own = owner.defaults if isinstance(owner, Block) else {}
    item = owner.body_item if isinstance(owner, Block) else owner.item
    scope: Frame | None = None
    values: dict[str, Value] = {}
    for param in definition.params:
        if param.name in given:
            value = given[param.name]
        elif param.name in own:
            value = own[param.name]
        elif param.default is not None:
            if isinstance(param.default, (tree.Number, tree.Boolean)):
                values[param.name] = param.default.value
                continue
            if scope is None:
                scope = Frame(frame.session, owner.module, item)
                scope.evaluate_for(frame, call, owner.name, written)
            scope.locals = dict(values)  # a comprehension puts its own names into it
            evaluate = partial(frame.session.evaluate_open, scope, param.default)
            value = frame.session.picking.fork(scope, evaluate)
        else:
            raise missing(frame, owner.name, param.name, described_parameters(definition), call)
        if param.annotation is not None:
            value = check_annotation(frame, owner.name, param, value, places.get(param.name, call))
        values[param.name] = value
    return tuple(values.values())
