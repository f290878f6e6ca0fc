"""Elaborates the networks of a spec: one with its arguments and sizes, or all of a file to see what is wrong."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from archdsl.diagnostics.display import safe
from archdsl.diagnostics.model import ERROR, ArchError, Diagnostic, Diagnostics
from archdsl.elaborate.budget import Budget
from archdsl.elaborate.calls import complete, elaborate_block
from archdsl.elaborate.decisions import Decisions
from archdsl.elaborate.deep import with_room
from archdsl.elaborate.definitions import Block
from archdsl.elaborate.expressions import evaluate
from archdsl.elaborate.input_types import declared_type
from archdsl.elaborate.modules import lookup
from archdsl.elaborate.operators import is_int
from archdsl.elaborate.session import Elaborated, Frame, Problem, Session
from archdsl.elaborate.spec import Definition, Spec
from archdsl.elaborate.statements import execute
from archdsl.elaborate.values import UNKNOWN, BlockStage, ListValue, Stage, Value, plain
from archdsl.ir.graph import Graph
from archdsl.source import Source
from archdsl.syntax import tree
from archdsl.syntax.parse import parse
from archdsl.types import TensorType

MOST_NODES = 100_000  # that a series keeps: some 100 MB
Shapes = Mapping[str, Sequence[int]] | Sequence[int]


def open_session(
    spec: Spec, diagnostics: Diagnostics, decisions: Decisions | None = None, symbolic: bool = False
) -> Session:
    """A new elaboration of `spec`; what it finds wrong goes to `diagnostics`."""
    return Session(spec, diagnostics, decisions or Decisions(), evaluate, execute, symbolic=symbolic)


def elaborate(
    spec: Spec,
    network: str,
    parameters: Mapping[str, Any] | None = None,
    shapes: Shapes | None = None,
    *,
    diagnostics: Diagnostics,
    decisions: Decisions | None = None,
    observe: Callable[[Frame, tree.Expr, Value], None] | None = None,
    series: Series | None = None,
) -> Elaborated | None:
    """The body of the network of that name; None when it failed, with the reasons in `diagnostics`.

    `parameters` override the network's own: Python values, or text of the language. `shapes` override the type of the
    first input, or of inputs by name, batch left out; an axis written as a parameter (`[3, size, size]`) sets it.
    Whatever the network leads to must be right, also where these arguments do not take it. `observe` is told the value
    of every expression that is evaluated (see `archdsl.elaborate.record`). In a `series` bodies made before are found.

    Raises:
        ArchError: there is no such network, or an override names no parameter or input.
    """
    session = open_session(spec, diagnostics, decisions) if series is None else series.session(diagnostics, decisions)
    session.observe = observe
    reach = spec.reach(network) if network in spec.root.names else None
    if reach is not None:
        tell(session, reach.diagnostics)
        settle(session, reach.definitions)
    block = None if session.exhausted else find_network(session, network)
    made = None if block is None else elaborate_network(session, block, parameters, shapes)
    return None if session.failures else made


class Series:
    """Elaborations of a spec one after the other, in one thread: at many widths most bodies are those of the last."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self._session = open_session(spec, Diagnostics())
        self._nodes = 0

    def session(self, diagnostics: Diagnostics, decisions: Decisions | None) -> Session:
        """The state for the next elaboration: that of the last, if all it found holds for the next one too.

        What asked a choice or had something reported is made anew, and so is all after `MOST_NODES` nodes.
        """
        last = self._session
        self._nodes += last.budget.nodes
        if len(last.diagnostics) or last.decisions.choices or self._nodes > MOST_NODES:
            self._session, self._nodes = open_session(self.spec, diagnostics, decisions), 0
            return self._session
        last.diagnostics, last.decisions = diagnostics, decisions or Decisions()
        last.budget = Budget(last.limits)
        return last


def tell(session: Session, diagnostics: Sequence[Diagnostic]) -> None:
    """Report what is known to be wrong before anything is run."""
    for diagnostic in diagnostics:
        if diagnostic.severity == ERROR:
            session.report(diagnostic)
        else:
            session.diagnostics.add(diagnostic)


def settle(session: Session, definitions: Sequence[Definition]) -> None:
    """Give names at the top of files their values, those that others use first: to see that all have one, and so that
    a long line of constants is no deep recursion. Where one of them asks a choice, that is asked again when it is used.
    """
    taken, session.decisions = session.decisions, Decisions()
    try:
        for module, name in definitions:
            if not session.exhausted:
                with_room(lookup, session, module, name)
    except Problem as problem:
        session.report(problem.diagnostic)
    finally:
        if session.decisions.choices:
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
    spec: Spec, network: str, parameters: Mapping[str, Any], picks: Sequence[int], shapes: Shapes, symbolic: bool
) -> Graph | Diagnostic:
    """A network that elaborates, at other input shapes: its Graph, or the Diagnostic of the first error.

    `symbolic`: the shapes hold sizes of `archdsl.analysis.sizes.traced`.
    """
    session = open_session(spec, _FirstError(), Decisions(picks), symbolic)
    try:
        settle(session, spec.reach(network).definitions)
        block = find_network(session, network)
        made = None if block is None else elaborate_network(session, block, parameters, shapes)
    except _Refused as refused:
        return refused.diagnostic
    assert made is not None, "a failure without an error"
    return made.graph


def value_of(spec: Spec, name: str, diagnostics: Diagnostics) -> Value | None:
    """What a name at the top of a spec means; UNKNOWN when it failed, None where there is no such name."""
    session = open_session(spec, diagnostics)
    return with_room(_looked_up, session, name)


def _looked_up(session: Session, name: str) -> Value | None:
    try:
        return lookup(session, session.spec.root, name)
    except Problem as problem:
        session.report(problem.diagnostic)
        return UNKNOWN


def find_network(session: Session, name: str) -> Block | None:
    """The network called `name` in the root file; None when its definition failed (and was reported).

    Raises:
        ArchError: there is no such network.
    """
    root = session.spec.root
    value = with_room(_looked_up, session, name)
    if value is UNKNOWN:
        return None
    if isinstance(value, Block) and value.kind == "network":
        return value
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
    except Problem as problem:
        session.report(problem.diagnostic)
        return None


def _elaborate_network(
    session: Session, network: Block, parameters: Mapping[str, Any], shapes: Shapes | None
) -> Elaborated | None:
    frame = Frame(session, network.module, network.body_item)
    given = {name: _outside(session, network, name, value) for name, value in parameters.items()}
    wanted = _wanted_shapes(network, shapes)
    for tensor in network.definition.inputs:
        _shape_sets_parameters(network, tensor, wanted.get(tensor.name), given)
    values = complete(frame, network, given, {}, network.body_item.declaration)
    if any(value is UNKNOWN for value in values):
        return None
    types = _input_types(frame, network, values, wanted)
    if types is None:
        return None
    where = network.item.span(network.item.declaration.start, network.item.declaration.end)
    return elaborate_block(frame, BlockStage(network, values, where), types, where)


def _outside(session: Session, network: Block, name: str, value: Any) -> Value:
    """A value given from outside: text is read as the language, other Python values are taken as they are."""
    names = [param.name for param in network.definition.params]
    if name not in names:
        near = difflib.get_close_matches(name, names, 1)
        hint = f"did you mean {near[0]}?" if near else f"its parameters are: {', '.join(names) or 'none'}"
        owner = _applied_with(session.spec, network.name, name)
        if owner is not None:
            hint = f"{owner}, which it leads to, has it: write `network {network.name} = {owner}(…)`, a variant, "
            hint += f"which takes all that {owner} takes; or give it a parameter {name} to pass on"
        raise ArchError(
            [Diagnostic("unknown-parameter", f"network {network.name} has no parameter {name}", None, help=hint)]
        )
    if isinstance(value, str):
        return _read_value(session, name, value)
    return _as_value(name, value)


def _applied_with(spec: Spec, network: str, parameter: str) -> str | None:
    """A network that the one called `network` leads to, with such a parameter."""
    for module, name in spec.reach(network).definitions[-2::-1]:
        item = module.names[name]
        params = item.declaration.params if isinstance(item.declaration, tree.Definition) else []
        if item.kind == "network" and any(param.name == parameter for param in params):
            return name
    return None


def _read_value(session: Session, name: str, text: str) -> Value:
    diagnostics = Diagnostics()
    source = Source(f"<{name}>", f"value = {text}")
    file = parse(source, diagnostics)
    item = file.items[0] if len(file.items) == 1 else None
    if diagnostics.errors or item is None or not isinstance(item.declaration, tree.Constant):
        raise ArchError(
            diagnostics.errors
            or [
                Diagnostic(
                    "bad-argument",
                    f"{text!r} is not a value",
                    None,
                    help=f"for example {name}=10 or {name}=[3, 4, 6, 3]",
                )
            ]
        )
    value = evaluate(Frame(session, session.spec.root, item), item.declaration.value)
    return plain(value) if isinstance(value, Stage) else value


def _as_value(name: str, value: Any) -> Value:
    if isinstance(value, (list, tuple)):
        return ListValue(tuple(_as_value(name, item) for item in value))
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    hint = "numbers, text of the language, and lists of these can be passed"
    shown = value if isinstance(value, float) else f"a {type(value).__name__}"
    raise ArchError([Diagnostic("bad-argument", f"{name} cannot be {shown}", None, help=hint)])


def _wanted_shapes(network: Block, shapes: Shapes | None) -> dict[str, tuple[int, ...]]:
    inputs = [tensor.name for tensor in network.definition.inputs]
    if shapes is None:
        return {}
    by_name = shapes if isinstance(shapes, Mapping) else {inputs[0]: shapes} if inputs else {}
    wanted = {name: tuple(v) if isinstance(v, Sequence) else (v,) for name, v in by_name.items()}
    for name, shape in wanted.items():
        if name not in inputs:
            hint = f"its inputs are: {', '.join(inputs)}"
            raise ArchError(
                [Diagnostic("unknown-input", f"network {network.name} has no input {name}", None, help=hint)]
            )
        if not shape or any(not is_int(extent) or not 0 < extent < 2**31 for extent in shape):
            tensor = network.definition.inputs[inputs.index(name)]
            hint = f"sizes are positive ints, batch left out: {_own_size(network, tensor)}"
            shown = safe("x".join(map(str, shape)))
            raise ArchError([Diagnostic("bad-input-size", f"{shown} is no input size", None, help=hint)])
    for tensor in network.definition.inputs:
        given = wanted.get(tensor.name)
        if given is not None and tensor.shape is not None and len(given) != len(tensor.shape):
            declared = network.body_item.span(tensor.start, tensor.end).text
            axes = "1 axis" if len(given) == 1 else f"{len(given)} axes"
            message = f"{'x'.join(map(str, given))} has {axes}, but the network says {declared}"
            hint = f"give all axes but the batch: {_own_size(network, tensor, given)}"
            raise ArchError([Diagnostic("bad-input-size", message, None, help=hint)])
    return wanted


def _own_size(network: Block, tensor: tree.TensorInput, given: tuple[int, ...] = ()) -> str:
    """A size that `tensor` may have, as the network says it: "1x572x572"; at the places of `given`, where that fits."""
    defaults = {param.name: param.default for param in network.definition.params}
    own = []
    for axis in tensor.shape or []:
        value = axis.value if isinstance(axis, tree.Number) else None
        if isinstance(axis, tree.Name):
            default = defaults.get(axis.id)
            value = network.defaults.get(axis.id, default.value if isinstance(default, tree.Number) else None)
        own.append(value if is_int(value) else 224)
    if len(given) in (1, len(own) - 1) and len(own) > 2:
        own[1:] = given * (len(own) - 1) if len(given) == 1 else given
    return "x".join(map(str, own)) or "3x224x224"


def _shape_sets_parameters(
    network: Block, tensor: tree.TensorInput, shape: tuple[int, ...] | None, given: dict[str, Value]
) -> None:
    """`x: [3, size, size]` with a shape from outside: `size` follows it, unless it is given too."""
    if shape is None or tensor.shape is None or len(shape) != len(tensor.shape):
        return
    names = {param.name for param in network.definition.params}
    for extent, node in zip(shape, tensor.shape, strict=True):
        if isinstance(node, tree.Name) and node.id in names:
            given.setdefault(node.id, extent)


def _input_types(
    frame: Frame, network: Block, values: tuple[Value, ...], wanted: Mapping[str, tuple[int, ...]]
) -> tuple[TensorType, ...] | None:
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
