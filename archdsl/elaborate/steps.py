"""Takes the usual step of a chain, an op or a block called where a tensor flows in, without a stage in between.

`x -> conv(64, 3) as stem` means: make the stage `conv(64, 3)`, label it, apply it to x. Nine steps of ten are of this
kind. What can be said of one before anything runs is found once for a spec: the label, the op, and which argument or
default each parameter takes. What an op is at equal arguments and operand types is found once, too. Nothing here means
more than `expressions.evaluate` and `apply.flow` do together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from archdsl.elaborate.advice import BUILTIN_WORDS
from archdsl.elaborate.arguments import LITERALS, bind_block, check_given, make_op, named, op_stage, parameters_of
from archdsl.elaborate.definitions import Block
from archdsl.elaborate.leaves import apply_block, apply_op
from archdsl.elaborate.modules import lookup
from archdsl.elaborate.session import BodyFrame, Frame, Problem
from archdsl.elaborate.values import SCALARS, UNKNOWN, OpStage, Tensor, Value
from archdsl.ops import registry
from archdsl.ops.base import Op
from archdsl.source import Span
from archdsl.syntax import tree

MOST_STAGES = 64  # that are remembered at one place
LONGEST = 60  # characters of a label that is not looked at twice


class ChainStep:
    """What stands at one place of a chain: an op or block called by its own `name`; "" where it is anything else."""

    __slots__ = (
        "arguments",
        "call",
        "given",
        "item",
        "label",
        "name",
        "op",
        "sources",
        "spans",
        "stage",
        "stages",
    )

    def __init__(self, frame: Frame, item: tree.Expr) -> None:
        self.item = item  # kept, so that its identity stays its own
        self.name = ""
        self.label: str | None = None
        self.op: type[Op] | None = None
        self.given: dict[str, tree.Argument] | None = None  # an op's arguments by parameter
        self.stage: OpStage | None = None  # the op, where all its arguments are literals
        self.stages: dict[tuple[Any, ...], OpStage] = {}  # else by the values and kinds of its arguments
        self.sources: tuple[tree.Definition | None, list[tree.Argument | Value] | None] = None, None  # see `_sources`
        written = item
        if isinstance(item, tree.As):
            self.label, written = _fixed(item), item.value
            if self.label is None:
                return
        self.call: tree.Expr = item
        self.arguments: Sequence[tree.Argument] = ()
        callee = written
        if isinstance(written, tree.Call):
            self.call, self.arguments, callee = written, written.arguments, written.callee
        self.spans: tuple[Span, ...] = (frame.span(self.call),)
        if isinstance(callee, tree.Name) and self._finds(frame, callee.id):
            self.name = callee.id

    def _finds(self, frame: Frame, name: str) -> bool:
        if name in frame.module.names:
            return True
        self.op = None if name in BUILTIN_WORDS else registry.load(name)
        if self.op is None or self.op.arity[1] == 0:
            return False
        self.given = named(tuple(parameters_of(self.op)), self.arguments)
        return True


def usual_step(frame: Frame, operand: Tensor, item: tree.Expr) -> Value | None:
    """`operand -> item`, where the item is an op or block under its own name; None where it is anything else.

    Raises:
        Problem: the operand does not fit.
    """
    session = frame.session
    step = session.spec.steps.get(id(item))
    if step is None:
        step = session.spec.steps.setdefault(id(item), ChainStep(frame, item))
    if not step.name or step.name in frame.locals or not isinstance(frame, BodyFrame):
        return None
    session.budget.evaluations += 2
    spans = step.spans
    if step.op is not None:
        stage = step.stage or _told(frame, _op_stage, step, step.op)
        return UNKNOWN if stage is UNKNOWN else apply_op(frame, stage, [operand], spans, spans[0], None, step.label)
    block = lookup(session, frame.module, step.name)
    if not isinstance(block, Block) or not block.definition.inputs:
        return None
    values = _told(frame, _block_arguments, step, block)
    if values is UNKNOWN:
        return UNKNOWN
    return apply_block(frame, block, values, [operand], spans, spans[0], None, step.label)


def _told(frame: Frame, evaluated: Callable[[Frame, ChainStep, Any], Any], step: ChainStep, target: Any) -> Any:
    """What is evaluated; UNKNOWN where that fails, which is reported, so that the chain goes on."""
    try:
        return evaluated(frame, step, target)
    except Problem as problem:
        frame.session.report(problem.diagnostic)
        return UNKNOWN


def _op_stage(frame: Frame, step: ChainStep, op: type[Op]) -> OpStage | Any:
    if step.given is None or frame.session.symbolic:
        return make_op(frame, op, step.arguments, step.call)
    evaluate = frame.session.evaluate
    values = [evaluate(frame, argument.value) for argument in step.arguments]
    kinds = list(map(type, values))
    same = (*values, *kinds)
    # A list is equal to itself alone, and 0.0 to -0.0.
    plain = SCALARS.issuperset(kinds) and not (float in kinds and 0 in values)
    made = step.stages.get(same) if plain else None
    if made is None:
        for argument, value in zip(step.arguments, values, strict=True):
            check_given(frame, op.name, step.arguments, argument, value)
        bound = {name: (value, a) for (name, a), value in zip(step.given.items(), values, strict=True)}
        made = op_stage(frame, op, bound, step.call)
        if LITERALS.issuperset([argument.value.__class__ for argument in step.arguments]):
            step.stage = made
        elif plain and made is not UNKNOWN:
            if len(step.stages) >= MOST_STAGES:
                step.stages.clear()
            step.stages[same] = made
    return made


def _block_arguments(frame: Frame, step: ChainStep, block: Block) -> tuple[Value, ...] | Any:
    definition, sources = step.sources  # read once: another thread may write it
    if definition is not block.definition:
        definition, sources = step.sources = block.definition, _sources(block, step.arguments)
    if sources is None or block.defaults:
        bound = bind_block(frame, block, step.arguments, step.call)
        return UNKNOWN if bound is UNKNOWN else bound.arguments
    evaluate = frame.session.evaluate
    values = tuple([evaluate(frame, s.value) if s.__class__ is tree.Argument else s for s in sources])
    if not SCALARS.issuperset(map(type, values)):
        for source, value in zip(sources, values, strict=True):
            if isinstance(source, tree.Argument):
                check_given(frame, block.name, step.arguments, source, value, shared=False)
        if UNKNOWN in values:
            return UNKNOWN
    return values


def _sources(block: Block, arguments: Sequence[tree.Argument]) -> list[tree.Argument | Value] | None:
    """What each parameter gets: a number, or an argument to evaluate. None unless that is all: no kind is checked."""
    given = named([param.name for param in block.definition.params], arguments)
    if given is None or any(param.annotation is not None for param in block.definition.params):
        return None
    sources: list[tree.Argument | Value] = []
    for param in block.definition.params:
        argument = given.get(param.name)
        value = param.default if argument is None else argument.value
        if isinstance(value, (tree.Number, tree.Boolean)):
            sources.append(value.value)
        elif argument is not None:
            sources.append(argument)
        else:
            return None
    # Arguments are evaluated in order of writing: mistakes are told in that order, and choices asked.
    asked = [source.start for source in sources if isinstance(source, tree.Argument)]
    return sources if asked == sorted(asked) else None


def _fixed(item: tree.As) -> str | None:
    """A label of one module that is written out, and surely one."""
    parts = item.label.parts
    label = parts[0] if len(parts) == 1 and not item.container else None
    return (
        label if isinstance(label, str) and len(label) < LONGEST and label.isidentifier() and label.isascii() else None
    )
