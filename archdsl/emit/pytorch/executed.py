"""Turns a network into what its emitted module executes: per body, the nodes that run, as module or as function."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from archdsl.emit.pytorch.classes import make_classes
from archdsl.emit.pytorch.code import Apply, Atom, Attribute
from archdsl.emit.pytorch.file import network_class
from archdsl.emit.pytorch.python_class import PythonClass
from archdsl.ir.graph import Graph
from archdsl.ops.base import Kind


class How(Enum):
    """What a node became in `forward`."""

    MODULE = auto()  # a call of an nn.Module
    FUNCTION = auto()  # an expression over the operands
    PARAMETER = auto()  # an nn.Parameter or a buffer that the class itself holds


@dataclass(frozen=True, slots=True)
class Executed:
    """What became of one body.

    `nodes` maps the index of each node that `forward` runs to what it became; nodes whose results nothing reads are
    left out of `forward`, though their modules are built. `leaf` says that the class holds no modules.
    """

    class_name: str
    leaf: bool
    nodes: dict[int, How]


def executed(root: Graph) -> dict[int, Executed]:
    """What became of `root` and every body below it, by `id` of the body; from the emitter's own plan of each class.

    Raises:
        ArchError: a shared stage cannot be one module.
    """
    found: dict[int, Executed] = {}
    for made in make_classes(root, network_class(root)).all:
        became = _became(made)
        for number, graph in enumerate(made.template.graphs):
            nodes = [(site.nodes[number], became.get(i)) for i, site in enumerate(made.template.sites)]
            ran = {node: how for node, how in nodes if node is not None and how is not None}
            found[id(graph)] = Executed(made.name, _is_leaf(made, number), ran)
    return found


def _became(made: PythonClass) -> dict[int, How]:
    """What became of each site that is run, by number."""
    modules, sites = made.modules, made.template.sites
    if modules.sequential is not None:
        return dict.fromkeys(range(len(sites)), How.MODULE)
    assert made.plan is not None
    called = {number for unit in modules.units.values() for number in unit.sites}
    found = {}
    for number in [number for action in made.plan.actions for number in action.sites]:
        form = sites[number].form
        if form.parameter is not None or (form.buffer is not None and not sites[number].operands):
            found[number] = How.PARAMETER
        else:
            tied = sites[number].kind is Kind.LINEAR and sites[number].slot_kind is Kind.EMBEDDING
            is_module = number in called or (number in modules.access and form.module is not None and not tied)
            found[number] = How.MODULE if is_module else How.FUNCTION
    return found


def _is_leaf(made: PythonClass, number: int) -> bool:
    """Whether instance `number` builds nothing but parameters of its own."""
    if made.modules.sequential is not None:
        return not made.template.sites
    values = [s.value for s in made.modules.statements if s.when is None or s.when[number]]
    held = (Atom("nn.Parameter"), Attribute(Atom("self"), "register_buffer"))
    return all(isinstance(value, Apply) and value.function in held for value in values)
