"""Takes the usual steps of a chain, ops or a block called where a tensor flows in, without a stage in between.

`x -> conv(64, 3) as stem` means: make the stage `conv(64, 3)`, label it, apply it to x. Nine steps of ten are of this
kind. What can be said of one before anything runs is found once for a spec: the label, the op, and which argument or
default each parameter takes. What a row of ops, `x -> conv(f, 3) -> bn -> relu`, is at equal `f` and at equal types
of x is found once, too. Nothing here means more than `expressions.evaluate` and `apply.flow` do together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from archdsl.elaborate.advice import BUILTIN_WORDS
from archdsl.elaborate.arguments import bind_block, check_given, make_op, named, unfilled
from archdsl.elaborate.budget import keep
from archdsl.elaborate.builder import new_node, new_ref, types_of
from archdsl.elaborate.constants import may_be_constants
from archdsl.elaborate.definitions import Block
from archdsl.elaborate.labels import LABELLED, LEAF
from archdsl.elaborate.leaves import apply_block, apply_op
from archdsl.elaborate.modules import lookup
from archdsl.elaborate.picking import closed
from archdsl.elaborate.session import BodyFrame, Frame, Problem
from archdsl.elaborate.values import SCALARS, UNKNOWN, BlockStage, ListValue, OpStage, Tensor, Value
from archdsl.elaborate.waiting import Waiting
from archdsl.ops import registry
from archdsl.ops.base import Op, Types
from archdsl.source import Span
from archdsl.syntax import tree
from archdsl.syntax.parts import parts

MOST_FOUND = 64  # that are remembered at one place
MOST_STEPS = 64  # of a row
LONGEST = 60  # characters of a label that is not looked at twice
# An expression of these has one value at equal values of its names.
PURE = frozenset(
    [
        tree.Arithmetic,
        tree.Boolean,
        tree.Compare,
        tree.Logic,
        tree.Name,
        tree.Negate,
        tree.Not,
        tree.Number,
        tree.Power,
        tree.Ternary,
        tree.Text,
    ]
)


class ChainStep:
    """What stands at one place of a chain: an op or block called by its own `name`; "" where it is anything else."""

    __slots__ = ("arguments", "call", "item", "label", "name", "names", "op", "row", "sources", "spans", "stages")

    def __init__(self, frame: Frame, item: tree.Expr) -> None:
        self.item = item  # kept, so that its identity stays its own
        self.name = ""
        self.label: str | None = None
        self.op: type[Op] | None = None
        self.names: tuple[str, ...] | None = None  # that decide what the op is; None where more than their values does
        self.stages: dict[Any, tuple[OpStage, int]] = {}  # the op by their values, and how many evaluations it took
        self.row: OpRow | None = None  # the ops that begin here, found when they are first reached
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
        self.names = _names(self.arguments)
        return True


def _names(arguments: Sequence[tree.Argument]) -> tuple[str, ...] | None:
    """The names in these arguments; None where their values do not decide all."""
    found: dict[str, None] = {}
    pending: list[Any] = [argument.value for argument in arguments]
    while pending:
        node = pending.pop()
        if node.__class__ not in PURE:
            return None
        if node.__class__ is tree.Name:
            found[node.id] = None
        pending += parts(node)
    return tuple(found)


class OpRow:
    """Ops that stand behind each other in a chain, and what they are at equal values of the names in their arguments.

    Of `x -> conv(f, 3) -> bn as norm -> relu` the names are f; `found` tells by the value of f and the type of x what
    each op is and gives, and how many evaluations that took.
    """

    __slots__ = ("events", "found", "names", "ones", "sites", "spans", "steps", "words")

    def __init__(self, frame: Frame, chain: tree.Chain, index: int) -> None:
        self.steps: list[ChainStep] = []
        names: dict[str, None] = {}
        for item in chain.items[index : index + MOST_STEPS]:
            step = _step(frame, item)
            if step.op is None or step.names is None:
                break
            self.steps.append(step)
            names |= dict.fromkeys(step.names)
        self.names = tuple(names)
        self.words = frozenset([step.name for step in self.steps])
        self.spans = [step.spans for step in self.steps]
        self.events = [(LEAF, step.name) if step.label is None else (LABELLED, step.label) for step in self.steps]
        self.sites = [(s.start, s.source.name, s.start, s.end) for (s,) in self.spans]
        self.ones = [1] * len(self.steps)
        self.found: dict[Any, tuple[list[tuple[Op, Types]], int]] = {}

    def run(self, frame: BodyFrame, operands: list[Tensor], index: int) -> tuple[Value, int]:
        """What the ops give, and the index of the item behind them, where the first has this index."""
        budget = frame.session.budget
        key = _key(frame, self.names), types_of(operands)
        if frame.body.has_constants and may_be_constants(frame, operands):
            key = None, ()  # other nodes than at other tensors of these types
        found, spent = self.found.get(key) or ([], 0)
        if found and self._append(frame, operands, found):
            budget.evaluations += spent
            return Tensor(new_ref((len(frame.body.nodes) - 1, 0)), found[-1][1][0], frame.body), index + len(found)
        first, before = len(frame.body.nodes), budget.evaluations
        for count, step in enumerate(self.steps):
            value = _op(frame, operands, step)
            if value.__class__ is not Tensor:
                return value, index + count + 1
            operands = [value]
        if key[0] is not None:
            made = [(node.target, node.types) for node in frame.body.nodes[first:]]
            keep(self.found, key, (made, budget.evaluations - before), MOST_FOUND)
        return value, index + len(self.steps)

    def _append(self, frame: BodyFrame, operands: list[Tensor], found: list[tuple[Op, Types]]) -> bool:
        """Append the nodes of these ops; False where that is no matter of course."""
        body, budget, limits = frame.body, frame.session.budget, frame.session.limits
        count, first = len(found), len(body.nodes)
        sites = [(*body.path, *site) for site in self.sites] if body.path else self.sites
        if body.flat_ops + count > limits.flat_ops or budget.nodes + count > limits.nodes:
            return False
        if not body.sites.keys().isdisjoint(sites):
            return False
        body.sites.update(dict.fromkeys(sites, 1))
        refs = [tuple([t.ref for t in operands]), *[(new_ref((index, 0)),) for index in range(first, first + count)]]
        names = body.assigned
        body.nodes += [
            new_node((op, ref, types, "", spans, site, None, None, names, False))
            for (op, types), ref, spans, site in zip(found, refs, self.spans, sites, strict=False)
        ]
        events = body.labels.events
        body.leaves += range(len(events), len(events) + count)
        events += self.events
        body.ops += self.ones
        body.flat_ops += count
        budget.nodes += count
        return True


def _step(frame: Frame, item: tree.Expr) -> ChainStep:
    steps = frame.session.spec.steps
    return steps.get(id(item)) or steps.setdefault(id(item), ChainStep(frame, item))


def usual_steps(frame: Frame, value: Tensor | ListValue, chain: tree.Chain, index: int) -> tuple[Value, int] | None:
    """`value -> item -> …` from the item of that index on, where those are ops or a block under their own names: what
    they give, and the index of the next item. None where the first of them, or the value, is anything else.

    Raises:
        Problem: an operand does not fit.
    """
    item = chain.items[index]
    step = frame.session.spec.steps.get(id(item)) or _step(frame, item)
    if not step.name or step.name in frame.locals or not isinstance(frame, BodyFrame):
        return None
    operands: list[Tensor]
    if isinstance(value, Tensor):
        operands = [value]
    else:
        operands = list(value.items)
        if {Tensor} != set(map(type, operands)):
            return None
    if step.op is None:
        done = _block(frame, operands, step)
        return None if done is None else (done, index + 1)
    row = step.row
    if row is None:
        row = step.row = OpRow(frame, chain, index)
    if not row.steps or not row.words.isdisjoint(frame.locals):
        return _op(frame, operands, step), index + 1
    return row.run(frame, operands, index)


def _key(frame: Frame, names: tuple[str, ...]) -> tuple[Any, ...] | None:
    """Equal where these names have equal values; None where that is not known."""
    known = frame.locals
    try:
        values = [known[name] for name in names]
    except KeyError:  # the name of a constant, or of nothing
        return None
    kinds = tuple(map(type, values))
    # A list is equal to itself alone, and 0.0 to -0.0.
    if not SCALARS.issuperset(kinds) or (float in kinds and 0 in values) or frame.session.symbolic:
        return None
    return kinds, *values


def _op(frame: BodyFrame, operands: list[Tensor], step: ChainStep) -> Value:
    frame.session.budget.evaluations += 2
    stage, spans = _told(frame, _op_stage, step, step.op), step.spans
    stage = closed(frame, stage, step.item)
    if stage.__class__ is Waiting:
        raise unfilled(frame, stage, spans[0])
    return UNKNOWN if stage is UNKNOWN else apply_op(frame, stage, operands, spans, spans[0], None, step.label)


def _block(frame: BodyFrame, operands: list[Tensor], step: ChainStep) -> Value | None:
    block = lookup(frame.session, frame.module, step.name)
    if not isinstance(block, Block) or not block.definition.inputs:
        return None
    frame.session.budget.evaluations += 2
    values = _told(frame, _block_arguments, step, block)
    if values is UNKNOWN:
        return UNKNOWN
    if values.__class__ is Waiting:
        raise unfilled(frame, values, step.spans[0])
    return apply_block(frame, block, values, operands, step.spans, step.spans[0], None, step.label)


def _told(frame: Frame, evaluated: Callable[[Frame, ChainStep, Any], Any], step: ChainStep, target: Any) -> Any:
    """What is evaluated; UNKNOWN where that fails, which is reported, so that the chain goes on."""
    try:
        return evaluated(frame, step, target)
    except Problem as problem:
        frame.session.report(problem.diagnostic)
        return UNKNOWN


def _op_stage(frame: Frame, step: ChainStep, op: type[Op]) -> OpStage | Any:
    key = None if step.names is None else _key(frame, step.names)
    if key is None:
        return make_op(frame, op, step.arguments, step.call, waits=True)
    budget = frame.session.budget
    made, spent = step.stages.get(key, (None, 0))
    budget.evaluations += spent
    if made is None:
        before = budget.evaluations
        made = make_op(frame, op, step.arguments, step.call, waits=True)
        if made is not UNKNOWN:
            keep(step.stages, key, (made, budget.evaluations - before), MOST_FOUND)
    return made


def _block_arguments(frame: Frame, step: ChainStep, block: Block) -> tuple[Value, ...] | Any:
    definition, sources = step.sources  # read once: another thread may write it
    if definition is not block.definition:
        definition, sources = step.sources = block.definition, _sources(block, step.arguments)
    if sources is None or block.defaults:
        bound = bind_block(frame, block, step.arguments, step.call, waits=True)
        return bound.arguments if bound.__class__ is BlockStage else bound
    evaluate = frame.session.evaluate_open
    values = tuple([evaluate(frame, s.value) if s.__class__ is tree.Argument else s for s in sources])
    if not SCALARS.issuperset(map(type, values)):
        check = partial(check_given, frame, block.name, step.arguments, shared=False)
        values = tuple(
            [check(s, v) if s.__class__ is tree.Argument else v for s, v in zip(sources, values, strict=True)]
        )
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
