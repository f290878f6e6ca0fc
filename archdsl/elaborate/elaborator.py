"""Elaborates the networks of a spec: the one that is named, or the only one, with its arguments and sizes."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from archdsl.diagnostics.display import safe
from archdsl.diagnostics.model import ERROR, ArchError, Diagnostic, Diagnostics
from archdsl.elaborate.arguments import complete
from archdsl.elaborate.calls import elaborate_block
from archdsl.elaborate.decisions import Decisions
from archdsl.elaborate.deep import with_room
from archdsl.elaborate.definitions import Block, bases
from archdsl.elaborate.expressions import evaluate, evaluate_open
from archdsl.elaborate.input_types import declared_type
from archdsl.elaborate.modules import lookup
from archdsl.elaborate.overrides import Shapes, given_shapes, given_value, shape_sets_parameters
from archdsl.elaborate.picking import Picking
from archdsl.elaborate.session import MANY, Elaborated, Frame, Mistake, Session
from archdsl.elaborate.spec import Spec, TopName
from archdsl.elaborate.statements import execute
from archdsl.elaborate.values import UNKNOWN, Value
from archdsl.elaborate.written_picks import written_picks
from archdsl.ir.graph import Graph
from archdsl.syntax import tree
from archdsl.types import TensorType


def open_session(
    spec: Spec, diagnostics: Diagnostics, decisions: Decisions | None = None, symbolic: bool = False
) -> Session:
    """A new elaboration of `spec`; what it finds wrong goes to `diagnostics`."""
    session = Session(spec, diagnostics, decisions or Decisions(), evaluate, evaluate_open, execute, symbolic=symbolic)
    session.picking = Picking(session)
    return session


def elaborate(
    spec: Spec,
    network: str,
    parameters: Mapping[str, Any] | None = None,
    shapes: Shapes | None = None,
    *,
    diagnostics: Diagnostics,
    decisions: Decisions | None = None,
    observe: Callable[[Frame, tree.Expr, Value], None] | None = None,
    session: Session | None = None,
) -> Elaborated | None:
    """The body of the network of that name; None when it failed, with the reasons in `diagnostics`.

    `parameters` override the network's own: Python values, or text of the language. `shapes` override the type of the
    first input, or of inputs by name, batch left out; an axis written as a parameter (`[3, size, size]`) sets it.
    Whatever the network leads to must be right, also where these arguments do not take it. `observe` is told the value
    of every expression that is evaluated (see `archdsl.record`). A `session` goes on, and is of one
    thread at a time: bodies that it has made are found.

    Raises:
        ArchError: there is no such network, or an override names no parameter or input.
    """
    if session is None:
        session = open_session(spec, diagnostics, decisions)
    else:
        session.go_on(diagnostics, decisions or Decisions())
    session.observe = observe
    session.decisions.follow(written_picks(spec, network))
    reach = spec.reach(network) if network in spec.root.names else None
    run = True
    if reach is not None:
        run = tell(session, reach.diagnostics)
        settle(session, network, reach.definitions)
    block = find_network(session, network) if run and not session.exhausted else None
    made = None if block is None else elaborate_network(session, block, parameters, shapes)
    return None if session.failures else made


def tell(session: Session, diagnostics: Sequence[Diagnostic]) -> bool:
    """Report what is known to be wrong before anything is run. Says whether to run anything: after many mistakes nobody
    needs more.
    """
    for diagnostic in diagnostics:
        if diagnostic.severity == ERROR:
            session.report(diagnostic)
        else:
            session.diagnostics.add(diagnostic)
    return session.failures <= MANY


def settle(session: Session, network: str, definitions: Sequence[TopName]) -> None:
    """Give names at the top of files their values, those that others use first: to see that all have one, and so that
    a long line of constants is no deep recursion. Where one of them asks a choice, that is asked again when it is used.
    `network` is the one to be run; "": all of a file.
    """
    _be_at_home(session, network)
    taken, session.decisions = session.decisions, Decisions()
    try:
        for module, name in definitions:
            if not session.exhausted:
                with_room(lookup, session, module, name)
    except Mistake as mistake:
        session.report(mistake.diagnostic)
    finally:
        if session.decisions.offered:
            session.values.clear()
        session.decisions = taken


class _Refused(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class _FirstError(Diagnostics):
    """Stops at the first error: what comes after it only costs time."""

    def add(self, diagnostic: Diagnostic) -> None:
        if diagnostic.severity == ERROR:
            raise _Refused(diagnostic)


def graph_at(
    spec: Spec, network: str, parameters: Mapping[str, Any], picks: Mapping[str, str], shapes: Shapes, symbolic: bool
) -> tuple[Graph | Diagnostic, int]:
    """A network that elaborates, at other input shapes: its Graph, or the Diagnostic of the first error; and the work
    that it took (`Budget.work`).

    `symbolic`: the shapes hold sizes of `archdsl.analysis.sizes.traced`.
    """
    decisions = Decisions(picks, written_picks(spec, network))
    session = open_session(spec, _FirstError(), decisions, symbolic)
    try:
        settle(session, network, spec.reach(network).definitions)
        block = find_network(session, network)
        made = None if block is None else elaborate_network(session, block, parameters, shapes)
    except _Refused as refused:
        return refused.diagnostic, session.budget.work
    assert made is not None, "a failure without an error"
    return made.graph, session.budget.work


def value_of(spec: Spec, name: str, diagnostics: Diagnostics) -> Value | None:
    """What a name at the top of a spec means; UNKNOWN when it failed, None where there is no such name."""
    session = open_session(spec, diagnostics)
    return with_room(_looked_up, session, name)


def _looked_up(session: Session, name: str) -> Value | None:
    try:
        return lookup(session, session.spec.root, name)
    except Mistake as mistake:
        session.report(mistake.diagnostic)
        return UNKNOWN


def _be_at_home(session: Session, network: str) -> None:
    """Know the file with the body that a network runs: choices are named as they are seen from there."""
    session.home = [session.spec.root, *[module for module, _ in bases(session.spec.root, network)]][-1]


def find_network(session: Session, name: str) -> Block | None:
    """The network called `name` in the root file; None when its definition failed (and was reported).

    Raises:
        ArchError: there is no such network.
    """
    root = session.spec.root
    _be_at_home(session, name)
    value = with_room(_looked_up, session, name)
    if value is UNKNOWN:
        return None
    if isinstance(value, Block) and value.kind == "network":
        return value
    if root.file.faults:  # it may stand behind them
        raise ArchError(root.file.faults)
    names = session.spec.networks
    near = difflib.get_close_matches(name, names, 1)
    hint = f"did you mean {near[0]}?" if near else f"it has: {', '.join(names[:20]) or 'no network at all'}"
    what = f"{name} is a {value.kind}, not a network" if isinstance(value, Block) else f"there is no network {name}"
    raise ArchError([Diagnostic("unknown-network", f"{safe(root.source.name)}: {what}", None, help=hint)])


def complete_networks(spec: Spec) -> list[str]:
    """Names of the networks that can be elaborated as they stand, in order: the others are bases of variants."""
    session = open_session(spec, Diagnostics())
    blocks = {name: find_network(session, name) for name in spec.networks}
    return [name for name, block in blocks.items() if block is not None and not open_parameters(block)]


def open_parameters(block: Block) -> list[str]:
    """Parameters without a value; a network that has none can be elaborated as it stands."""
    return [p.name for p in block.definition.params if p.default is None and p.name not in block.defaults]


def elaborate_network(
    session: Session,
    network: Block,
    parameters: Mapping[str, Any] | None = None,
    shapes: Shapes | None = None,
) -> Elaborated | None:
    """The body of a network, as `elaborate` makes it; None when it failed.

    Raises:
        ArchError: an override names no parameter or input.
    """
    try:
        return with_room(_elaborate_network, session, network, parameters or {}, shapes)
    except Mistake as mistake:
        session.report(mistake.diagnostic)
        return None


def _elaborate_network(
    session: Session, network: Block, parameters: Mapping[str, Any], shapes: Shapes | None
) -> Elaborated | None:
    frame, values, wanted = network_arguments(session, network, parameters, shapes)
    if any(value is UNKNOWN for value in values):
        return None
    types = input_types(frame, network, values, wanted)
    if types is None:
        return None
    return elaborate_block(frame, network, values, types, network.span)


def network_arguments(
    session: Session, network: Block, parameters: Mapping[str, Any], shapes: Shapes | None
) -> tuple[Frame, tuple[Value, ...], Mapping[str, tuple[int, ...]]]:
    """The values of a network's parameters, the frame where they are read, and the shapes that are given.

    Raises:
        ArchError: an override names no parameter or input.
    """
    frame = Frame(session, network.module, network.body_item)
    given = {name: given_value(session, network, name, value) for name, value in parameters.items()}
    wanted = given_shapes(network, shapes)
    for tensor in network.definition.inputs:
        shape_sets_parameters(network, tensor, wanted.get(tensor.name), given)
    return frame, complete(frame, network, given, {}, network.body_item.declaration), wanted


def input_types(
    frame: Frame, network: Block, values: tuple[Value, ...], wanted: Mapping[str, tuple[int, ...]]
) -> tuple[TensorType, ...] | None:
    """The types of a network's inputs; None when one failed to evaluate, which is then reported."""
    scope = Frame(frame.session, network.module, network.body_item)
    scope.locals = {p.name: v for p, v in zip(network.definition.params, values, strict=True)}
    types = []
    for tensor in network.definition.inputs:
        dtype = "int" if tensor.dtype == "int" else "float"
        if tensor.name in wanted:
            types.append(TensorType(wanted[tensor.name], dtype))
            continue
        if tensor.shape is None:
            raise scope.problem(
                tensor,
                "input-without-type",
                f"a network's inputs carry types, {tensor.name} has none",
                help=f"for example `{tensor.name}: [3, 224, 224]`; the batch axis is not written",
            )
        declared = declared_type(scope, tensor)
        if declared is None:
            return None
        types.append(declared)
    return tuple(types)


SHOWN = 12
_TEXT, _STDIN = "<text>", "<stdin>"  # what is read from no file is called


def without_value(network: Block, parameters: Collection[str], inputs: Collection[str]) -> list[str]:
    """Parameters without a value, where `parameters` and the shapes of `inputs` ("": of the first) are given."""
    tensors = network.definition.inputs
    sized = [tensor for k, tensor in enumerate(tensors) if tensor.name in inputs or (k == 0 and "" in inputs)]
    by_shape = {axis.id for tensor in sized for axis in tensor.shape or () if isinstance(axis, tree.Name)}
    return [name for name in open_parameters(network) if name not in parameters and name not in by_shape]


def only_network(spec: Spec, parameters: Collection[str], inputs: Collection[str], runs: Callable[[str], bool]) -> str:
    """The name of the only network of a spec, or of the only one that lacks no value (see `without_value`).

    `runs` says whether a network runs with what is given.

    Raises:
        ArchError: there is none, or there are several. Then the message names one that runs.
    """
    names = spec.networks
    networks = [item for item in spec.root.file.items if item.kind == "network"]
    broken = [fault for item in networks if (fault := item.fault) is not None]
    hidden = [*spec.root.file.faults, *broken]
    if hidden and len(names) < 2:  # the one that is meant may be one of these
        raise ArchError(hidden)
    if len(names) == 1:
        return names[0]
    file = safe(spec.root.source.name)
    if not names:
        wrong = spec.reach_of_all().diagnostics
        hint = "define one: network name(x: [3, 224, 224]) = x -> …"
        raise ArchError(wrong or [Diagnostic("no-network", f"{file} defines no network", None, help=hint)])
    session = open_session(spec, Diagnostics())
    blocks = {name: block for name in names if (block := find_network(session, name)) is not None}
    needs = {name: without_value(block, parameters, inputs) for name, block in blocks.items()}
    whole = [name for name in blocks if not needs[name]]
    if len(whole) == 1 and len(blocks) == len(names):  # the others are bases that lack a value
        return whole[0]
    known = sorted({param.name for block in blocks.values() for param in block.definition.params})
    for name in [name for name in parameters if blocks and name not in known and name not in inputs]:
        near = difflib.get_close_matches(name, known, 1, 0.7)
        hint = f"did you mean {near[0]}?" if near else f"they have: {', '.join(known) or 'none'}"
        message = f"no network of {file} has a parameter {name}"
        raise ArchError([Diagnostic("unknown-parameter", message, None, help=hint)])
    proposed = next(filter(runs, whole), None)
    if proposed is not None:
        hint = f"name one, as in {_named(file, proposed)}; it has {_listed(whole)}"
        lacking = [f"{name} needs {', '.join(needs[name])}" for name in blocks if needs[name]]
        hint += f"; {_listed(lacking)}" if lacking else ""
    elif whole or not blocks:
        check = "archdsl.check_text(text)" if file == _TEXT else f"`archdsl check {'-' if file == _STDIN else file}`"
        hint = f"none of them runs as it stands: {check} says why"
    else:
        name = next(iter(blocks))
        hint = f"each needs parameters, as in {_named(file, name, needs[name][0])}; it has {_listed(names)}"
    raise ArchError([Diagnostic("which-network", f"{file} has {len(names)} networks", None, help=hint)])


def _named(file: str, network: str, needed: str = "") -> str:
    """How to name a network of what was read, and to give a value to a parameter, where that can be written."""
    if file == _TEXT:
        return f'network="{network}"' + (f", {needed}=…" if needed else "")
    return (f"--network {network}" if file == _STDIN else f"{file}:{network}") + (
        f" --set {needed}=…" if needed else ""
    )


def elaborates(spec: Spec, name: str, parameters: Mapping[str, Any], shapes: Shapes | None) -> bool:
    """Whether a network elaborates with these arguments."""
    try:
        return elaborate(spec, name, parameters, shapes, diagnostics=Diagnostics()) is not None
    except ArchError:
        return False


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
