"""Compares the graph of a space, as a design leads through it, with the network of that design."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, NamedTuple

from archdsl.choices.nodes import value_of
from archdsl.ir.chosen import Choosing, Maybe, Several, SeveralTexts, SomeOf
from archdsl.ir.graph import INPUT, Graph, Node, Ref
from archdsl.ops.base import Op
from archdsl.spaces.rounds import is_round


class _CalledAt(NamedTuple):
    """A body as it is called: from which node of which body."""

    graph: Graph
    node: int = INPUT
    caller: _CalledAt | None = None


class _GivenBy(NamedTuple):
    """Output `output` of an op or a scan in a body; of `INPUT`, an input of the network. `through`: calls it leaves."""

    place: _CalledAt
    node: int
    output: int
    through: tuple[Graph, ...] = ()


def difference(outline: Graph, network: Graph, design: Mapping[str, str]) -> str:
    """Where what a design picks in an outline is not the network; "" where it is, op by op and operand by operand."""
    outlined, made = _CalledAt(outline), _CalledAt(network)
    pending = [(_sources(outlined, outline.outputs, design), _sources(made, network.outputs, design))]
    known: set[tuple[_GivenBy, _GivenBy]] = set()
    while pending:
        shown, wanted = pending.pop()
        if len(shown) != len(wanted):
            return f"{len(shown)} tensors are taken, not {len(wanted)}"
        for pair in zip(shown, wanted, strict=True):
            one, other = pair
            if wrong := _differ_in_calls(one.through, other.through):
                return wrong
            if pair in known:
                continue
            known.add(pair)
            if (one.output, one.node == INPUT) != (other.output, other.node == INPUT):
                return f"{_said(one)} is taken, not {_said(other)}"
            if one.node == INPUT:
                continue
            first, second = one.place.graph.nodes[one.node], other.place.graph.nodes[other.node]
            if wrong := _differ(first, second, design):
                return wrong
            taken = _sources(one.place, first.operands, design), _sources(other.place, second.operands, design)
            pending.append(taken)
    return ""


def _sources(place: _CalledAt, refs: tuple[Ref, ...], design: Mapping[str, str]) -> list[_GivenBy]:
    """Where tensors come from, through calls and choices, without those that are not there."""
    found = [_source(place, ref, design) for ref in refs]
    return [tensor for tensor in found if tensor is not None]


def _source(place: _CalledAt, ref: Ref, design: Mapping[str, str]) -> _GivenBy | None:
    through: list[Graph] = []
    while True:
        if ref.node == INPUT:
            if place.caller is None:
                return _GivenBy(place, INPUT, ref.output, tuple(through))
            ref, place = place.caller.graph.nodes[place.node].operands[ref.output], place.caller
            continue
        node = place.graph.nodes[ref.node]
        if isinstance(node.target, Graph) and node.length is None:
            if not is_round(node.target):
                through.append(node.target)
            place, ref = _CalledAt(node.target, ref.node, place), node.target.outputs[ref.output]
        elif isinstance(node.target, Choosing):
            maybe = isinstance(node.target, Maybe)
            way = value_of(node.target.ways[ref.output if maybe else 0], design)
            if maybe:
                if not way:
                    return None
                ref = node.operands[ref.output]
            else:
                ref = node.operands[way[ref.output] if isinstance(node.target, SomeOf) else way]
        else:
            return _GivenBy(place, ref.node, ref.output, tuple(through))


def _differ(one: Node, other: Node, design: Mapping[str, str]) -> str:
    """Where two nodes apply different things."""
    if (one.length, one.each) != (other.length, other.each) or isinstance(one.target, Graph) != isinstance(
        other.target, Graph
    ):
        return f"{one.word} is applied, not {other.word}"
    if isinstance(one.target, Graph) and isinstance(other.target, Graph):
        return _differ_in_calls((one.target,), (other.target,)) or difference(one.target, other.target, design)
    return "" if _is_form(one.target, other.target) else f"{one.target} is applied, not {other.target}"


def _differ_in_calls(shown: tuple[Graph, ...], made: tuple[Graph, ...]) -> str:
    """Where a tensor leaves other calls than it should: other blocks, or with other arguments."""
    if [one.definition for one in shown] != [other.definition for other in made]:
        return f"calls of {', '.join(one.name for one in shown)} give it, not of {', '.join(one.name for one in made)}"
    for one, other in zip(shown, made, strict=True):
        for (name, outlined), (_, value) in zip(one.arguments, other.arguments, strict=True):
            if not _is_form(outlined, value):
                return f"{one.name} is called with {name} = {outlined}, not {value}"
    return ""


def _is_form(outlined: Any, made: Any) -> bool:
    """Whether an op, or an argument of one, is what it is in an outline; there a number may be several."""
    if isinstance(outlined, Several):
        return made in outlined.values
    if isinstance(outlined, SeveralTexts):
        return not outlined.values or made in outlined.values
    if isinstance(outlined, tuple) and isinstance(made, tuple):
        return len(outlined) == len(made) and all(map(_is_form, outlined, made))
    if isinstance(outlined, Op):
        same = type(outlined) is type(made)
        return same and all(_is_form(getattr(outlined, f.name), getattr(made, f.name)) for f in fields(outlined))
    return bool(outlined == made)


def _said(tensor: _GivenBy) -> str:
    if tensor.node == INPUT:
        return f"input {tensor.place.graph.input_names[tensor.output]}"
    return f"output {tensor.output + 1} of {tensor.place.graph.nodes[tensor.node].word}"
