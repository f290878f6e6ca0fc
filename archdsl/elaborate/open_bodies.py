"""Runs the body of a block under all ways to pick, and keeps all that it may consist of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

from archdsl.choices.nodes import Diagram, Ending, leaves
from archdsl.elaborate.calls import NO_RETURN, argument_shown, no_return, output_problem
from archdsl.elaborate.exploring import Exploring
from archdsl.elaborate.forced import Forced
from archdsl.elaborate.labels import clash, names, rivals
from archdsl.elaborate.open_builder import OpenBuilder, types_of_one
from archdsl.elaborate.open_statements import execute_open, exploring_of
from archdsl.elaborate.open_values import Chosen, OpenList
from archdsl.elaborate.picking import flat, is_open, unbroken
from archdsl.elaborate.session import BodyFrame, Elaborated, Problem
from archdsl.elaborate.shown import show
from archdsl.elaborate.taps import at_labels
from archdsl.elaborate.values import UNKNOWN, ListValue, Tensor, Value, stages_in
from archdsl.ir.alternatives import Alternative, Alternatives
from archdsl.ir.chosen import SeveralTexts
from archdsl.ir.graph import Ref
from archdsl.types import TensorType


@dataclass(slots=True)
class Explored:
    """A finished body with its alternatives: what `Elaborated` is of one design. `types`: a diagram for each output."""

    graph: Alternatives
    types: tuple[Diagram, ...]
    ops: int
    shares: bool

    @property
    def first_types(self) -> tuple[TensorType, ...]:
        """Some types that the outputs have."""
        return tuple([leaves(types)[0].value for types in self.types])


def run_open_body(frame: BodyFrame, arguments: tuple[Value, ...]) -> Explored | None:
    """The body with its alternatives; None when it always fails.

    Raises:
        Problem: it ends without `return`, or returns no tensors.
    """
    exploring = exploring_of(frame)
    before = (exploring.pc, exploring.outer, exploring.dead, exploring.asks)
    diagrams = exploring.diagrams
    exploring.outer = exploring.absolute
    exploring.pc, exploring.dead, exploring.asks = diagrams.true, diagrams.false, []
    made: Explored | None = None
    try:
        result = execute_open(frame, frame.block.definition.body)
        if result is NO_RETURN:
            exploring.fail(no_return(frame, frame.block.name, frame.block.definition).diagnostic)
        elif result is not UNKNOWN:
            result = _at_labels(frame) if frame.block.taps else result
            made = None if result is UNKNOWN else _finish(frame, arguments, result)
    finally:
        dead, asks = exploring.dead, exploring.asks
        exploring.pc, exploring.outer, exploring.dead, exploring.asks = before
    called(frame, asks, dead)
    return made


def called(frame: BodyFrame, asks: Any, dead: Diagram) -> None:
    """What a body asks and where it fails, where it is called."""
    exploring = exploring_of(frame)
    diagrams = exploring.diagrams
    pc = exploring.pc
    exploring.dead = diagrams.either(exploring.dead, diagrams.both(pc, dead))
    exploring.pc = diagrams.minus(pc, dead)
    log: dict[Any, Diagram] = {}
    for decision, condition in asks:
        log[decision] = diagrams.either(log.get(decision, diagrams.false), diagrams.both(pc, condition))
    exploring.asks += list(log.items())


def again(frame: BodyFrame, made: Explored) -> None:
    """A body that is known is called once more."""
    exploring = exploring_of(frame)
    for decision, condition in made.graph.asks:
        here = exploring.diagrams.both(exploring.absolute, condition)
        decision.asked = exploring.diagrams.either(decision.asked, here)
    if made.graph.dead is not exploring.diagrams.false:
        exploring.failed.append((None, exploring.diagrams.both(exploring.absolute, made.graph.dead)))
    called(frame, made.graph.asks, made.graph.dead)


def _finish(frame: BodyFrame, arguments: tuple[Value, ...], result: Value) -> Explored | None:
    exploring, body, block = exploring_of(frame), frame.body, frame.block
    assert isinstance(body, OpenBuilder)
    diagrams = exploring.diagrams
    outputs: list[Tensor] = []
    structures: list[tuple[Diagram, Any]] = []
    exploring.ask(_needs(result))
    for value, condition in _ways(frame, result, exploring.pc):
        with exploring.under(condition):
            if exploring.pc is not diagrams.false:
                kept = partial(_keep, frame, value, outputs, structures)
                exploring.each(diagrams.true, lambda _, kept=kept: exploring.fork(frame, kept))  # type: ignore[misc]
    _fail_where_labels_clash(frame)
    if not structures or exploring.pc is diagrams.false:
        return None
    live_outputs = tuple([tensor.ref for tensor in outputs])
    _warn_of_unused(frame, live_outputs)
    asks = dict.fromkeys(exploring.asks)
    graph = Alternatives(
        name=block.name,
        kind=block.kind,
        definition=(block.item.source.name, block.name),
        arguments=tuple(
            (p.name, _argument(exploring, v)) for p, v in zip(block.definition.params, arguments, strict=True)
        ),
        input_names=block.input_names,
        inputs=body.inputs,
        nodes=tuple(body.alternatives),
        outputs=live_outputs,
        structures=tuple(structures),
        events=tuple(body.labels.events),
        leaves=tuple(body.leaves),
        span=block.span,
        doc=block.item.doc or block.body_item.doc,
        asks=tuple(asks),
        dead=exploring.dead,
    )
    types = tuple([types_of_one(exploring, tensor) for tensor in outputs])
    return Explored(graph, types, body.flat_ops, frame.session.shares)


def _at_labels(frame: BodyFrame) -> Value:
    """What a tapped body gives. Which modules are made decides what others are called, so that is forced to be known.

    UNKNOWN where all designs fail.
    """
    exploring, body = exploring_of(frame), frame.body
    assert isinstance(body, OpenBuilder)
    true = exploring.diagrams.true

    def run() -> Value:
        there = set()
        for index, one in enumerate(body.alternatives):
            if isinstance(one, Alternative):
                guard = exploring.restricted(one.guard)
                if not isinstance(guard, Ending):
                    raise Forced(guard, exploring.pc)
                if guard is true:
                    there.add(index)
        return at_labels(frame, there)

    return exploring.merge(exploring.each(true, lambda _: exploring.fork(frame, run)))


def _argument(exploring: Exploring, value: Value) -> Any:
    """A value as `Alternatives.arguments` keeps it; of what is too much to be listed, in words."""
    if isinstance(value, Chosen):
        return exploring.diagrams.map(partial(_argument_text, exploring), value.diagram)
    if isinstance(value, ListValue) and value.holds_open and not stages_in(value):
        return tuple([_argument(exploring, item) for item in value.items])
    return _argument_text(exploring, value)


def _argument_text(exploring: Exploring, value: Value) -> Any:
    """A value that is settled; one that is not in words alone."""
    return SeveralTexts(show(value)) if is_open(value) else argument_shown(value)


def _fail_where_labels_clash(frame: BodyFrame) -> None:
    """Fail in the designs that have two modules of one name, where others have one of them."""
    exploring, body = exploring_of(frame), frame.body
    diagrams = exploring.diagrams
    nodes: dict[int, list[int]] = {}  # by the number of their module
    for index, leaf in enumerate(body.leaves):
        if leaf is not None:
            nodes.setdefault(leaf, []).append(index)

    def guards(leaves: list[int]) -> Iterator[tuple[int, Diagram]]:
        assert isinstance(body, OpenBuilder)
        for index in (index for leaf in leaves for index in nodes.get(leaf, ())):
            yield index, body.alternatives[index].guard  # type: ignore[union-attr]

    for first, second in rivals(body.labels.events):
        for (one, guard), (other, its_guard) in product(guards(first), guards(second)):
            with exploring.under(diagrams.both(guard, its_guard)):
                if exploring.pc is not diagrams.false:
                    exploring.fail(clash(frame, names(body.labels.events), other, one).diagnostic)


def _needs(value: Value) -> Any:
    return value.needs if isinstance(value, (Chosen, OpenList)) else {}


def _ways(frame: BodyFrame, value: Value, under: Diagram) -> list[tuple[Value, Diagram]]:
    """What is returned, by how it is made up: one tensor that is chosen is one output."""
    exploring = exploring_of(frame)
    diagrams = exploring.diagrams
    if isinstance(value, OpenList):
        value = Chosen(*flat(diagrams, value))
        exploring.ask(value.needs)
    if not isinstance(value, Chosen):
        return [(value, under)]
    tensors = diagrams.where(value.diagram, lambda found: isinstance(found, Tensor), under)
    found: list[tuple[Value, Diagram]] = []
    if tensors is not diagrams.false:
        chosen = diagrams.apply(diagrams.leaf, value.diagram, under=tensors)
        assert chosen is not None and isinstance(frame.body, OpenBuilder)
        found.append((frame.body.select(chosen), tensors))
    rest = diagrams.minus(under, tensors)
    return found if rest is diagrams.false else found + diagrams.cases(value.diagram, rest)


def _keep(frame: BodyFrame, value: Value, outputs: list[Tensor], structures: list[tuple[Diagram, Any]]) -> None:
    """Add what is returned under this condition to the outputs, and how it is made up.

    Raises:
        Problem: it is no tensor.
        Forced: it is made up in several ways.
    """
    before = len(outputs)
    try:
        structure = _outputs(frame, unbroken(value), outputs)
    except (Problem, Forced):
        del outputs[before:]
        raise
    structures.append((exploring_of(frame).pc, structure))


def _outputs(frame: BodyFrame, value: Value, outputs: list[Tensor]) -> Any:
    """As of `archdsl.elaborate.calls`; a chosen item of a list is one output."""
    exploring = exploring_of(frame)
    if isinstance(value, (Chosen, OpenList)):
        chosen = exploring.settled(value)
        assert isinstance(frame.body, OpenBuilder)
        if all(isinstance(leaf.value, Tensor) for leaf in leaves(chosen)):
            exploring.ask(_needs(value))
            value = frame.body.select(chosen)
        else:
            return _outputs(frame, exploring.settle(frame, value, frame.item.declaration), outputs)
    if isinstance(value, Tensor):
        outputs.append(value)
        return len(outputs) - 1
    if isinstance(value, ListValue) and value.items:
        return tuple([_outputs(frame, item, outputs) for item in value.items])
    raise output_problem(frame, value)


def _warn_of_unused(frame: BodyFrame, outputs: tuple[Ref, ...]) -> None:
    """Say which results no design uses; one that does not get so far says why it fails."""
    body, exploring = frame.body, exploring_of(frame)
    assert isinstance(body, OpenBuilder)
    if frame.block.kind == "cell" or frame.block.taps:
        return
    taken = {ref.node for ref in (*body.consumed(), *body.kept)}
    for ref in outputs:
        taken.update(source.node for source in body.sources(Tensor(ref, None, body), exploring.diagrams.true))  # type: ignore[arg-type]
    minus, false = exploring.diagrams.minus, exploring.diagrams.false
    for index, one in enumerate(body.alternatives):
        if isinstance(one, Alternative) and index not in taken and minus(one.guard, exploring.dead) is not false:
            frame.warn(
                one.node.spans[0],
                "unused-tensor",
                "nobody uses this result, so it is left out of the network",
                help="return it, join it to the rest, or remove it",
            )


def closed_body(frame: BodyFrame, made: Explored | Elaborated) -> Elaborated:
    """A body of which one design is at hand, for who needs to know its types: a scan.

    Raises:
        Forced: there are several.
    """
    if isinstance(made, Elaborated):
        return made
    exploring = exploring_of(frame)
    types = []
    for diagram in made.types:
        found = exploring.restricted(diagram)
        if not isinstance(found, Ending):
            raise Forced(found, exploring.pc)
        types.append(found.value)
    ways = [
        (c, s)
        for c, s in made.graph.structures
        if exploring.diagrams.both(c, exploring.pc) is not exploring.diagrams.false
    ]
    if len(ways) > 1:
        raise Forced(ways[0][0], exploring.pc)
    return Elaborated(made.graph, ways[0][1], tuple(types), made.ops, made.shares)  # type: ignore[arg-type]
