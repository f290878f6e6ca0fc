"""Holds what a body may consist of, over a whole space: all nodes of all designs, each with its condition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from archdsl.choices.diagram import Diagrams
from archdsl.choices.nodes import Decision, Diagram
from archdsl.ir.graph import Graph, Node, Ref
from archdsl.ops.base import Types
from archdsl.source import Span
from archdsl.types import TensorType


class Taking(NamedTuple):
    """A tensor that a node takes, where `present` holds."""

    ref: Ref
    present: Diagram


class NodeForm(NamedTuple):
    """What a node may be: the resolved op or the body called, the types of its operands, and those that it gives."""

    target: Any  # Op or Alternatives
    operands: Types
    types: Types


class Alternative(NamedTuple):
    """A node that is there where `guard` holds.

    `variants` is a diagram of NodeForm: what it is depends on picks where the types of its operands do. `node` has the
    rest: places, slot, length, names.
    """

    guard: Diagram
    operands: tuple[Taking, ...]
    variants: Diagram
    node: Node


class Selection(NamedTuple):
    """No node of any network, but a name for a tensor that is chosen: `refs` is a diagram of Ref."""

    refs: Diagram
    types: Diagram


@dataclass(frozen=True, slots=True, eq=False)
class Alternatives:
    """What a body may be, at given arguments and input types: `nodes` in order, of which later ones take earlier.

    Conditions are relative to the call. `arguments` are values, of what is chosen diagrams of values. `outputs` are
    what it returns, in order, each a Ref; where designs return differently many, `structures` tells how they make up
    what is returned, with the condition (see `Elaborated`). `events` and `leaves` are what names of modules are made
    of: what `archdsl.elaborate.labels` noted, and for each node the number of its event. `asks` are the decisions that
    a call asks, with conditions; `dead` the condition under which it fails.
    """

    name: str
    kind: str
    definition: tuple[str, str]
    arguments: tuple[tuple[str, Any], ...]
    input_names: tuple[str, ...]
    inputs: tuple[TensorType, ...]
    nodes: tuple[Alternative | Selection, ...]
    outputs: tuple[Ref, ...]
    structures: tuple[tuple[Diagram, Any], ...]
    events: tuple[tuple[int, str], ...]
    leaves: tuple[int | None, ...]
    span: Span
    doc: str
    asks: tuple[tuple[Decision, Diagram], ...]
    dead: Diagram

    @property
    def decisions(self) -> int:
        """How much it asks."""
        return len(self.asks)

    def graph(self, nodes: Iterable[Node], outputs: Iterable[Ref], arguments: Iterable[tuple[str, Any]] = ()) -> Graph:
        """A body of the same name and inputs, of these nodes: that of a design, or one that says what is chosen."""
        return Graph(
            name=self.name,
            kind=self.kind,
            definition=self.definition,
            arguments=tuple(arguments),
            input_names=self.input_names,
            inputs=self.inputs,
            nodes=tuple(nodes),
            outputs=tuple(outputs),
            span=self.span,
            doc=self.doc,
        )


def outputs_in(structure: Any) -> Iterator[int]:
    """The numbers of the outputs that make up what is returned, in order."""
    if isinstance(structure, tuple):
        for part in structure:
            yield from outputs_in(part)
    else:
        yield structure


def needed(diagrams: Diagrams, body: Alternatives) -> dict[int, Diagram]:
    """The nodes and selections that some network has, each with the condition under which an output depends on it."""
    wanted: dict[int, list[Diagram]] = defaultdict(list)
    for output, condition in returned(diagrams, body):
        wanted[body.outputs[output].node].append(condition)
    found: dict[int, Diagram] = {}
    for index in range(len(body.nodes) - 1, -1, -1):
        condition = diagrams.either(*wanted[index])
        node = body.nodes[index]
        if isinstance(node, Alternative):
            condition = diagrams.both(condition, node.guard)
        if condition is diagrams.false:
            continue
        found[index] = condition
        if isinstance(node, Selection):
            for ref, here in diagrams.cases(node.refs, condition):
                wanted[ref.node].append(here)
        else:
            for ref, present in node.operands:
                wanted[ref.node].append(diagrams.both(condition, present))
    return dict(sorted(found.items()))


def returned(diagrams: Diagrams, body: Alternatives) -> list[tuple[int, Diagram]]:
    """The outputs of a body, each with the condition under which it is one."""
    found: dict[int, Diagram] = {}
    for condition, structure in body.structures:
        for output in outputs_in(structure):
            here = condition if len(body.structures) > 1 else diagrams.true
            found[output] = diagrams.either(found.get(output, diagrams.false), here)
    return sorted(found.items())
