"""Gives `->` its meaning where a tensor, or the stage that it flows into, is chosen.

A chosen stage is applied once for each option, under its condition. What flows in is first made one tensor, a name for
what is chosen (`OpenBuilder.select`), so that what follows is made once: as often as its operands have different types.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import partial
from typing import Any

from archdsl.choices.nodes import Diagram, Ending
from archdsl.elaborate.apply import apply_stage, flow, repetition, span_of
from archdsl.elaborate.exploring import Way
from archdsl.elaborate.open_builder import OpenBuilder, OpenTensor, types_of_one
from archdsl.elaborate.open_leaves import one_tensor_each
from archdsl.elaborate.open_statements import exploring_of
from archdsl.elaborate.open_values import Chosen, OpenList
from archdsl.elaborate.picking import is_open, mapped
from archdsl.elaborate.session import BodyFrame, Frame
from archdsl.elaborate.turns import LIST, LoopTurn
from archdsl.elaborate.values import (
    UNKNOWN,
    BlockName,
    BlockStage,
    Chain,
    Labelled,
    ListValue,
    OpName,
    OpStage,
    Repeat,
    Scan,
    Stage,
    Tensor,
    Value,
    Worded,
    stages_in,
    tensors_in,
)
from archdsl.syntax import tree


def flow_open(frame: Frame, value: Value, target: Value, nodes: tuple[Any, Any]) -> Value:
    """`value -> target`, of which at least one is open.

    Raises:
        Problem: the kinds do not go together.
        Forced: more must be known.
    """
    exploring = exploring_of(frame)
    if not (tensors_in(value) or _may_be_empty(value)) or not isinstance(frame, BodyFrame):
        return mapped(frame.session, lambda one, other: flow(frame, one, other, nodes), value, target)
    value = as_tensors(frame, value, nodes[0])
    if isinstance(target, Chosen):
        return _by_stage(frame, value, target, nodes)
    if isinstance(target, OpenList) and not isinstance(value, OpenList):
        exploring.ask(target.needs)
        found = _fan_out(frame, [value] * len(target.items), target.items, target.guards, nodes)
        kept = [(item, guard) for item, guard in zip(found, target.guards, strict=True) if item is not UNKNOWN]
        return OpenList(tuple([item for item, _ in kept]), tuple([guard for _, guard in kept]), {})
    if isinstance(target, ListValue) and target.holds_open:
        always = (exploring.diagrams.true,) * len(target.items)
        if isinstance(value, Tensor):
            return _listed(_fan_out(frame, [value] * len(always), target.items, always, nodes))
        if isinstance(value, ListValue) and len(value.items) == len(target.items):
            return _listed(_fan_out(frame, value.items, target.items, always, nodes, pairs=True))
    if isinstance(value, OpenList):
        if isinstance(target, Stage) and _takes_any(target):
            there = [
                OpenTensor(t.ref, types_of_one(exploring, t), t.body, exploring, guard)
                for t, guard in zip(value.items, value.guards, strict=True)
            ]
            return apply_stage(frame, target, list(there), span_of(frame, nodes[1]))
        value = exploring.settle(frame, value, nodes[0])
    return flow(frame, value, target, nodes)


def _may_be_empty(value: Value) -> bool:
    """Whether that may be a list of no tensors, which flows as others do; beside lists of stages it is one of those."""
    if stages_in(value):
        return False
    if isinstance(value, Chosen):
        return any(map(_may_be_empty, value.values))
    return isinstance(value, OpenList) or (isinstance(value, ListValue) and not value.items)


def _listed(items: Sequence[Value]) -> Value:
    return UNKNOWN if any(item is UNKNOWN for item in items) else ListValue(tuple(items))


def _fan_out(
    frame: Frame,
    values: Sequence[Value],
    stages: Sequence[Value],
    guards: Sequence[Diagram],
    nodes: tuple[Any, Any],
    pairs: bool = False,
) -> list[Value]:
    """What each stage of a list gives, where it is there; UNKNOWN where that fails. A tensor is what it is."""
    exploring, diagrams = exploring_of(frame), exploring_of(frame).diagrams
    written = nodes[1].items if isinstance(nodes[1], tree.ListExpr) and not pairs else ()
    found: list[Value] = []
    before: Diagram = diagrams.leaf(0)
    with LoopTurn(frame.turns, LIST) as turn:

        def applied(value: Value, stage: Value, at: Any, index: int) -> Value:
            turn.index = index
            return stage if not pairs and tensors_in(stage) else flow(frame, value, stage, (nodes[0], at))

        for index, (value, stage, guard) in enumerate(zip(values, stages, guards, strict=True)):
            turn.place = index
            run = partial(applied, value, stage, written[index] if len(written) == len(stages) else nodes[1])
            position = before if _asks_by_name(stage) else diagrams.leaf(0)
            if exploring.pc is diagrams.false:  # one before fails in all designs
                found.append(UNKNOWN)
            elif guard is diagrams.true and isinstance(position, Ending):
                found.append(run(position.value))
            else:
                with exploring.under(diagrams.where(guard, bool)):
                    found.append(exploring.merge(exploring.each(position, run)))
            counted = diagrams.map(operator.add, before, guard)
            assert counted is not None
            before = counted
    return found


def _asks_by_name(value: Value) -> bool:
    """Whether decisions in a stage are named after the place that it has in a list: those of blocks are."""
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, (BlockName, BlockStage, Scan)):
            return True
        if isinstance(part, tuple):
            pending += part
        elif isinstance(part, Chosen):
            pending += part.values
        elif isinstance(part, (ListValue, OpenList)):
            pending += part.items
        elif isinstance(part, Stage):
            pending += [getattr(part, name) for name in part.made_of]
    return False


def as_tensors(frame: BodyFrame, value: Value, where: Any) -> Value:
    """One tensor for a chosen one; of a list, of each of its items; an open list where it is chosen which are in it."""
    exploring = exploring_of(frame)
    assert isinstance(frame.body, OpenBuilder)
    if isinstance(value, Chosen):
        exploring.ask(value.needs)
        diagram = exploring.restricted(value.diagram)
        cases = exploring.diagrams.cases(diagram, exploring.pc)
        if all(isinstance(found, Tensor) for found, _ in cases):
            tensor = frame.body.select(diagram)
            frame.body.shorten(value, tensor)
            return tensor
        if not all(isinstance(found, (ListValue, OpenList)) for found, _ in cases) or any(
            isinstance(found, OpenList) for found, _ in cases
        ):
            value = exploring.settle(frame, value, where)
        else:
            value = exploring.merged_lists([(condition, found) for found, condition in cases])
    if isinstance(value, OpenList):
        exploring.ask(value.needs)
        items, guards = [], []
        for item, guard in zip(value.items, value.guards, strict=True):
            with exploring.under(guard):  # what is not there asks nothing
                if exploring.pc is not exploring.diagrams.false:
                    items.append(as_tensors(frame, item, where))
                    guards.append(guard)
        if not all(isinstance(item, Tensor) for item in items):
            return exploring.settle(frame, value, where)
        return OpenList(tuple(items), tuple(guards), {})
    if isinstance(value, ListValue) and value.holds_open:
        return ListValue(tuple([as_tensors(frame, item, where) if is_open(item) else item for item in value.items]))
    return value


def _by_stage(frame: BodyFrame, value: Value, target: Chosen, nodes: tuple[Any, Any]) -> Value:
    """A chosen stage, applied for each option; what is repeated a chosen number of times goes on as long as it does."""
    exploring = exploring_of(frame)
    exploring.ask(target.needs)
    diagram = exploring.restricted(target.diagram)
    cases = exploring.diagrams.cases(diagram, exploring.pc)
    counted = [(_count(stage), condition) for stage, condition in cases]
    units = {id(stage.stage): stage for stage, _ in cases if isinstance(stage, Repeat)}
    same = {exploring.session.identity(stage.stage) for stage in units.values()}
    if len(cases) > 1 and len(same) == 1 and all(count is not None for count, _ in counted):
        return _repeated(frame, value, next(iter(units.values())), counted, nodes)  # type: ignore[arg-type]
    return one_tensor_each(
        frame, exploring.merge(exploring.each(diagram, lambda stage: flow(frame, value, stage, nodes)))
    )


def _count(stage: Value) -> int | None:
    if isinstance(stage, Repeat):
        return stage.count
    return 0 if isinstance(stage, Chain) and not stage.stages else None


def _repeated(
    frame: BodyFrame, value: Value, unit: Repeat, counted: list[tuple[int, Diagram]], nodes: tuple[Any, Any]
) -> Value:
    """`value -> unit * n` for a chosen n: each repetition under the condition that n is larger."""
    exploring, diagrams = exploring_of(frame), exploring_of(frame).diagrams
    before = exploring.pc
    ended: list[Way] = []
    for index in range(max(count for count, _ in counted)):
        ends = diagrams.either(*[condition for count, condition in counted if count == index])
        ended.append((diagrams.both(exploring.pc, ends), value))
        exploring.pc = diagrams.minus(exploring.pc, ends)
        cases = exploring.each(
            diagrams.true,
            lambda _, index=index, value=value: repetition(frame, unit.stage, value, index, span_of(frame, nodes[1])),  # type: ignore[misc]
        )
        value = as_tensors(frame, exploring.merge(cases), nodes[1])
        if value is UNKNOWN:
            break
    else:
        ended.append((exploring.pc, value))
    exploring.pc = diagrams.minus(before, exploring.dead)
    ways = [(diagrams.minus(condition, exploring.dead), found) for condition, found in ended]
    return one_tensor_each(frame, exploring.merge(ways))


def _takes_any(stage: Stage) -> bool:
    """Whether what a stage begins with is an op, which may take any of several tensors."""
    while True:
        if isinstance(stage, (Worded, Labelled)) and isinstance(stage.stage, Stage):
            stage = stage.stage
        elif isinstance(stage, Chain) and stage.stages and isinstance(stage.stages[0], Stage):
            stage = stage.stages[0]
        else:
            return isinstance(stage, (OpName, OpStage))
