"""Reads what a network is given from outside: values of its parameters, and shapes of its inputs."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from archdsl.diagnostics.display import brief, quoted, safe
from archdsl.diagnostics.model import ArchError, Diagnostic, Diagnostics
from archdsl.elaborate.advice import OUTSIDE
from archdsl.elaborate.definitions import Block
from archdsl.elaborate.expressions import evaluate
from archdsl.elaborate.operators import is_int
from archdsl.elaborate.session import Frame, Session
from archdsl.elaborate.spec import Spec
from archdsl.elaborate.values import ListValue, Stage, Value, plain
from archdsl.numerals import as_int
from archdsl.source import Source
from archdsl.syntax import tree
from archdsl.syntax.parse import parse

Shapes = Mapping[str, Sequence[int]] | Sequence[int]
_MOST_AXES = 100  # of a shape given from outside, however long that is


def given_value(session: Session, network: Block, name: str, value: Any) -> Value:
    """A value given from outside: text is read as the language, other Python values are taken as they are."""
    names = [param.name for param in network.definition.params]
    if name not in names:
        near = difflib.get_close_matches(name, names, 1, 0.7)
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
    return _as_value(session, name, value)


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
    source = Source(f"{OUTSIDE}{name}>", f"{name} = {text}")
    file = parse(source, diagnostics)
    item = file.items[0] if len(file.items) == 1 else None
    if diagnostics.errors or item is None or not isinstance(item.declaration, tree.Constant):
        raise ArchError(
            diagnostics.errors
            or [
                Diagnostic(
                    "bad-argument",
                    f"{quoted(text)} is not a value",
                    None,
                    help=f"for example {name}=10 or {name}=[3, 4, 6, 3]",
                )
            ]
        )
    value = evaluate(Frame(session, session.spec.root, item), item.declaration.value)
    return plain(value) if isinstance(value, Stage) else value


def _as_value(
    session: Session, name: str, value: Any, made: dict[int, ListValue] | None = None, depth: int = 1
) -> Value:
    """A list may hold itself, or another many times: `made` has each list once, by identity."""
    if isinstance(value, (list, tuple)):
        made = {} if made is None else made
        if id(value) not in made:
            _refuse_over("nested-too-deep", name, "levels", depth, session.limits.nesting)
            _refuse_over("list-too-long", name, "elements", len(value), session.limits.elements)
            found = ListValue(tuple(_as_value(session, name, item, made, depth + 1) for item in value))
            _refuse_over("list-too-long", name, "elements", found.size, session.limits.elements)
            _refuse_over("nested-too-deep", name, "levels", found.depth, session.limits.nesting)
            made[id(value)] = found
        return made[id(value)]
    value = as_int(value)
    if isinstance(value, int) and abs(value) < session.limits.integer:
        return value
    if isinstance(value, float) and not math.isnan(value):
        return value
    hint = "numbers below 2**63, text of the language, and lists of these can be passed"
    wide = "an int of 2**63 or more" if isinstance(value, int) else f"a {type(value).__name__}"
    what = value if isinstance(value, float) else wide
    raise ArchError([Diagnostic("bad-argument", f"{name} cannot be {what}", None, help=hint)])


def _refuse_over(code: str, name: str, what: str, number: int, most: int) -> None:
    if number > most:
        message = f"{name} is a list of more than {most:,} {what}"
        raise ArchError([Diagnostic(code, message, None, help="give a smaller one; does it hold itself?")])


def given_shapes(network: Block, shapes: Shapes | None) -> dict[str, tuple[int, ...]]:
    inputs = [tensor.name for tensor in network.definition.inputs]
    if shapes is None:
        return {}
    by_name = shapes if isinstance(shapes, Mapping) else {inputs[0]: shapes} if inputs else {}
    wanted = {
        name: tuple(
            map(as_int, islice(v, _MOST_AXES + 1) if isinstance(v, Sequence) and not isinstance(v, str) else (v,))
        )
        for name, v in by_name.items()
    }
    for name, shape in wanted.items():
        if name not in inputs:
            hint = f"its inputs are: {', '.join(inputs)}"
            raise ArchError(
                [Diagnostic("unknown-input", f"network {network.name} has no input {name}", None, help=hint)]
            )
        tensor = network.definition.inputs[inputs.index(name)]
        fits = bool(shape) or tensor.shape == []  # a scalar has no axes
        if not fits or len(shape) > _MOST_AXES or any(not is_int(n) or not 0 < n < 2**31 for n in shape):
            hint = f"sizes are positive ints, batch left out: {_own_size(network, tensor)}"
            text = safe("x".join(map(brief, shape[:8]))) + ("x…" if len(shape) > 8 else "") or "a size without axes"
            raise ArchError([Diagnostic("bad-input-size", f"{text} is no input size", None, help=hint)])
    for tensor in network.definition.inputs:
        given = wanted.get(tensor.name)
        if given is not None and tensor.shape is not None and len(given) != len(tensor.shape):
            declared = network.body_item.span(tensor.start, tensor.end).text
            axes = "1 axis" if len(given) == 1 else f"{len(given)} axes"
            message = f"{'x'.join(map(str, given)) or 'a scalar'} has {axes}, but the network says {declared}"
            hint = f"give all axes but the batch: {_own_size(network, tensor, given)}"
            hint = hint if tensor.shape else f"leave {tensor.name} out: it is a scalar"
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
    if given and len(given) == len(own) - 1 and given[0] == own[0]:
        given = given[-1:]  # the channels, and one size for all axes
    if len(given) in (1, len(own) - 1) and len(own) > 2:
        own[1:] = given * (len(own) - 1) if len(given) == 1 else given
    return "x".join(map(str, own)) or "3x224x224"


def shape_sets_parameters(
    network: Block, tensor: tree.TensorInput, shape: tuple[int, ...] | None, given: dict[str, Value]
) -> None:
    """`x: [3, size, size]` with a shape from outside: `size` follows it, unless it is given too."""
    if shape is None or tensor.shape is None or len(shape) != len(tensor.shape):
        return
    names = {param.name for param in network.definition.params}
    for extent, node in zip(shape, tensor.shape, strict=True):
        if isinstance(node, tree.Name) and node.id in names:
            given.setdefault(node.id, extent)
