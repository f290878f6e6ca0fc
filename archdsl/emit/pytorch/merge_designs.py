"""Unites what the bodies of a space have beside nodes: conditions on the design, and the tensors that these choose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from archdsl.emit.pytorch.choices import Chooser
from archdsl.emit.pytorch.designs import Condition, DesignMask, SelectByDesign, SpaceGraph, united
from archdsl.emit.pytorch.template import Template, TensorChoice
from archdsl.emit.pytorch.unify import Incompatible, Unifier
from archdsl.ir.align import Aligned
from archdsl.ir.graph import Graph, Node, Ref
from archdsl.ops.torch_form import Channels


def is_selection(row: Aligned, graphs: Sequence[Graph]) -> bool:
    """Whether what stands at `row` is no node, but the name of a tensor that the design chooses."""
    found = [isinstance(node.target, SelectByDesign) for _, node in nodes_of(row, graphs)]
    return any(found)


def nodes_of(row: Aligned, graphs: Sequence[Graph]) -> list[tuple[Graph, Node]]:
    """The nodes at `row`, each with the body that has it."""
    return [(graph, graph.nodes[n]) for graph, n in zip(graphs, row.nodes, strict=True) if n is not None]


def design_mask(template: Template, conditions: Sequence[Condition | None]) -> DesignMask | None:
    """The condition under which something is there, of one per instance; None: always.

    Raises:
        Incompatible: no one test does for all.
    """
    found = tuple([condition for condition in conditions if condition is not None])
    if not found:
        return None
    if len(found) < len(template.graphs):
        raise Incompatible
    mask = DesignMask(found)
    for one in (mask, mask.opposite):
        if one is not None and one not in template.tests:
            everywhere = range(len(template.graphs))
            unifier = Unifier(len(template.graphs), everywhere, max(len(template.sites) - 1, 0), template.leaves)
            template.tests[one] = united([condition.test for condition in one.conditions], unifier)
    return mask


def conditions(row: Aligned, graphs: Sequence[Graph]) -> list[Condition | None]:
    """When the nodes at `row` are there."""
    return [g.whens.get(node) if isinstance(g, SpaceGraph) else None for g, node in nodes_of(row, graphs)]


def presents(template: Template, row: Aligned) -> tuple[DesignMask | None, ...]:
    """When the operands of the nodes at `row` are there; nothing where all always are.

    Raises:
        Incompatible: no one test does for all instances.
    """
    found = [g.present.get(node, ()) for g, node in nodes_of(row, template.graphs) if isinstance(g, SpaceGraph)]
    if not any(found):
        return ()
    if len(found) < len(template.graphs) or len({len(one) for one in found}) > 1:
        raise Incompatible
    return tuple([design_mask(template, operand) for operand in zip(*found, strict=True)])


def select(row: Aligned, chooser: Chooser, located: Callable[[int, Ref], Ref]) -> Ref:
    """Make what the design selects at `row` a choice; `located` gives a tensor of an instance its row.

    Raises:
        Incompatible: not all instances select there.
    """
    template = chooser.template
    pairs = nodes_of(row, template.graphs)
    found = [node.target.condition for _, node in pairs if isinstance(node.target, SelectByDesign)]
    if len(found) < len(template.graphs):
        raise Incompatible
    mask = design_mask(template, found)
    assert mask is not None
    then, otherwise = [
        chooser.choose({i: located(i, node.operands[k]) for i, (_, node) in enumerate(pairs)}) for k in range(2)
    ]
    when = design_mask(template, conditions(row, template.graphs))
    return chooser.keep(TensorChoice(mask, then, otherwise, when))


def united_keys(template: Template) -> tuple[Any, ...]:
    """The channels that each alternative of a body takes, see `SpaceGraph`."""
    keys = [graph.keys for graph in template.graphs if isinstance(graph, SpaceGraph) and graph.keys]
    if not keys:
        return ()
    if len(keys) < len(template.graphs) or len({tuple(map(len, one)) for one in keys}) > 1:
        raise Incompatible
    unifier = Unifier(len(template.graphs), range(len(template.graphs)), 0, template.leaves)
    role = Channels("in_channels")
    return tuple(
        [
            tuple([unifier.leaf(values, role, "in_channels") for values in zip(*numbers, strict=True)])
            for numbers in zip(*keys, strict=True)
        ]
    )
