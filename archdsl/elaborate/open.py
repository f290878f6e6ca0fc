"""Elaborates a whole space at once: what it asks, and what its networks may consist of."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from archdsl.choices.asked import Asked
from archdsl.choices.nodes import Diagram, Ending
from archdsl.diagnostics.model import Diagnostic, Diagnostics
from archdsl.elaborate.builder import BodyBuilder
from archdsl.elaborate.calls import elaborate_block
from archdsl.elaborate.deep import with_room
from archdsl.elaborate.definitions import Block
from archdsl.elaborate.elaborator import (
    find_network,
    input_types,
    network_arguments,
    open_session,
    settle,
    tell,
)
from archdsl.elaborate.exploring import Exploring, Way
from archdsl.elaborate.open_bodies import Explored, again, closed_body, run_open_body
from archdsl.elaborate.open_builder import OpenBuilder, types_of_one
from archdsl.elaborate.open_flow import as_tensors, flow_open
from archdsl.elaborate.open_leaves import apply_open_block, apply_open_op, label_of_scan
from archdsl.elaborate.open_lists import comprehension_open
from archdsl.elaborate.open_statements import execute_open, exploring_of
from archdsl.elaborate.open_values import Chosen, OpenList
from archdsl.elaborate.overrides import Shapes
from archdsl.elaborate.session import BodyFrame, Frame, Mistake, Session, Ways
from archdsl.elaborate.spec import Spec
from archdsl.elaborate.values import UNKNOWN, ListValue, Tensor, Value
from archdsl.ops.base import Types


@dataclass(frozen=True)
class OpenNetwork:
    """A network with all its choices open.

    `roots` are its bodies, more than one where the types of its inputs are chosen, each with its condition. `failures`
    are mistakes with the conditions (absolute) under which they happen; those that no design meets are left out by
    who counts.
    """

    asked: Asked
    roots: tuple[tuple[Diagram, Explored], ...]
    failures: tuple[tuple[Diagnostic, Diagram], ...]


class AllWays:
    """What is done otherwise where all ways to pick are followed; see `archdsl.elaborate.session.Ways`."""

    flow = staticmethod(flow_open)
    apply_op = staticmethod(apply_open_op)
    apply_block = staticmethod(apply_open_block)
    label = staticmethod(label_of_scan)
    run_body = staticmethod(run_open_body)
    again = staticmethod(again)
    closed_body = staticmethod(closed_body)
    comprehension = staticmethod(comprehension_open)

    @staticmethod
    def builder(frame: Frame, types: Types) -> BodyBuilder:
        """A new body."""
        return OpenBuilder(types, exploring_of(frame))

    @staticmethod
    def arguments(frame: Frame, arguments: tuple[Value, ...]) -> tuple[Value, ...]:
        """What is passed to a block, as far as it occurs where evaluation stands."""
        if not any(argument.__class__ is Chosen for argument in arguments):
            return arguments
        exploring = exploring_of(frame)
        found = []
        for argument in arguments:
            if isinstance(argument, Chosen):
                diagram = exploring.diagrams.within(argument.diagram, exploring.absolute)
                argument = Chosen(diagram, argument.needs, argument.text) if diagram is not None else argument
            found.append(argument)
        return tuple(found)

    @staticmethod
    def known(frame: Frame, key: Hashable) -> Explored | None:
        """The body of a cell that was kept under this condition or a wider one; None where there is none."""
        exploring = exploring_of(frame)
        minus, absolute = exploring.diagrams.minus, exploring.absolute
        for condition, made in exploring.cells.get(key, ()):
            if minus(absolute, condition) is exploring.diagrams.false:
                return made  # type: ignore[no-any-return]
        return None

    @staticmethod
    def keep(frame: Frame, key: Hashable, made: Explored) -> None:
        """Keep the body of a cell that asks: at another condition it may ask otherwise."""
        exploring = exploring_of(frame)
        exploring.cells.setdefault(key, []).append((exploring.absolute, made))

    @staticmethod
    def of_types(frame: Frame, tensor: Tensor, read: Callable[[Tensor], Value]) -> Value:
        """What `read` says of a tensor, whose type may be one of several."""
        exploring = exploring_of(frame)
        read_type = lambda type: read(Tensor(tensor.ref, type, tensor.body))  # noqa: E731
        found = exploring.there(exploring.diagrams.map(read_type, types_of_one(exploring, tensor), under=exploring.pc))
        return found.value if isinstance(found, Ending) else Chosen(found, {})

    @staticmethod
    def loose(frame: BodyFrame, with_inputs: bool) -> Value:
        """What `loose` lists."""
        assert isinstance(frame.body, OpenBuilder)
        rebound = [frame.locals.get(tensor.name) for tensor in frame.block.definition.inputs]
        for value in () if with_inputs else rebound:
            if isinstance(value, (Chosen, OpenList)):
                exploring_of(frame).ask(value.needs)
        items, guards = frame.body.loose_ends(with_inputs, rebound)
        if all(guard is exploring_of(frame).diagrams.true for guard in guards):
            return ListValue(items)
        return OpenList(items, guards, {})


def exploring_session(spec: Spec, diagnostics: Diagnostics) -> Session:
    """An elaboration that follows all ways to pick."""
    session = open_session(spec, diagnostics)
    session.picking = Exploring(session)
    session.picking.as_tensors = as_tensors  # type: ignore[assignment]
    session.execute = execute_open
    session.ways = cast(Ways, AllWays())
    return session


def elaborate_open(
    spec: Spec,
    network: str,
    parameters: Mapping[str, Any] | None = None,
    shapes: Shapes | None = None,
    *,
    diagnostics: Diagnostics,
) -> OpenNetwork | None:
    """The space of a network; None when all of it fails, with the reasons in `diagnostics`.

    Raises:
        ArchError: there is no such network, or an override names no parameter or input.
    """
    session = exploring_session(spec, diagnostics)
    exploring = session.picking
    assert isinstance(exploring, Exploring)
    if network in spec.root.names:
        reach = spec.reach(network)
        if not tell(session, reach.diagnostics):
            return None
        settle(session, network, reach.definitions)
    block = find_network(session, network) if not session.exhausted else None
    if block is None or session.failures:
        return None
    roots = with_room(_roots, session, exploring, block, parameters or {}, shapes)
    if not roots:
        for diagnostic, _ in exploring.failed:
            if diagnostic is not None:
                session.report(diagnostic)
    if session.failures or not roots:
        return None
    return _finished(session, exploring, roots)


def _roots(
    session: Session, exploring: Exploring, network: Block, parameters: Mapping[str, Any], shapes: Shapes | None
) -> list[Way]:
    """The bodies of a network, by the types of its inputs."""
    try:
        frame, values, wanted = network_arguments(session, network, parameters, shapes)
        if any(value is UNKNOWN for value in values):
            return []
        types = exploring.fork(frame, lambda: input_types(frame, network, values, wanted))
        diagram = types.diagram if isinstance(types, Chosen) else exploring.diagrams.leaf(types)
        return exploring.each(
            diagram, lambda found: elaborate_block(frame, network, values, found, network.span) or UNKNOWN
        )
    except Mistake as mistake:
        session.report(mistake.diagnostic)
        return []


def _finished(session: Session, exploring: Exploring, roots: list[Way]) -> OpenNetwork:
    diagrams = exploring.diagrams
    domains = {}
    nothing = diagrams.leaf(())
    for decision in diagrams.decisions.values():
        if decision.asked is not diagrams.false and decision.domain is not None:
            domain = diagrams.ite(decision.asked, decision.domain, nothing)
            assert domain is not None
            domains[decision] = domain
    fails = diagrams.either(*[condition for _, condition in exploring.failed])
    failures = tuple([(d, condition) for d, condition in exploring.failed if d is not None])
    return OpenNetwork(Asked(diagrams, domains, fails), tuple(roots), failures)
