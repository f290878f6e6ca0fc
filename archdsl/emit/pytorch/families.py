"""Finds which bodies of a network become one class: instances of one definition whose structures can be merged."""

from __future__ import annotations

import graphlib
from collections.abc import Iterable, Sequence

from archdsl.emit.pytorch.label_tree import label_trees
from archdsl.emit.pytorch.merge import build_template
from archdsl.emit.pytorch.python_class import PythonClasses
from archdsl.emit.pytorch.template import Template
from archdsl.emit.pytorch.unify import Incompatible
from archdsl.ir.graph import Graph
from archdsl.ops.torch_form import Call


def families(graphs: Sequence[Graph]) -> Iterable[list[Graph]]:
    """Bodies that may share a class: one definition, and, where definitions are recursive, one height of recursion."""
    below: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for graph in graphs:
        reached = below.setdefault(graph.definition, set())
        reached.update(n.target.definition for n in graph.nodes if isinstance(n.target, Graph))
    reach = {start: _reachable(start, below) for start in below}
    height: dict[int, int] = {}
    families: dict[tuple[tuple[str, str], int], list[Graph]] = {}
    order: graphlib.TopologicalSorter[tuple[tuple[str, str], int]] = graphlib.TopologicalSorter()
    for graph in graphs:
        callees = {id(n.target): n.target for n in graph.nodes if isinstance(n.target, Graph)}
        rank = 0
        for callee in callees.values():
            recursive = graph.definition in reach[callee.definition]
            rank = max(rank, height[id(callee)] + 1 if recursive else 0)
        height[id(graph)] = rank
        key = (graph.definition, rank)
        families.setdefault(key, []).append(graph)
        order.add(key, *((c.definition, height[id(c)]) for c in callees.values()))
    return [families[key] for key in order.static_order()]


def _reachable(start: tuple[str, str], below: dict[tuple[str, str], set[tuple[str, str]]]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    stack = [start]
    while stack:
        for definition in below[stack.pop()] - found:
            found.add(definition)
            stack.append(definition)
    return found


def groups_of(instances: Sequence[Graph], classes: PythonClasses) -> list[list[Graph]]:
    """Instances that fit one class together: equal structure first, then structures that differ by options."""
    buckets: dict[object, list[Graph]] = {}
    for graph in instances:
        buckets.setdefault(_structure(graph, classes), []).append(graph)
    groups: list[list[Graph]] = []
    for bucket in buckets.values():
        if not _unite(bucket, classes):
            groups += [[graph] for graph in bucket]
            continue
        for group in groups:
            if _unite([*group, *bucket], classes):
                group.extend(bucket)
                break
        else:
            groups.append(list(bucket))
    return groups


def _unite(graphs: Sequence[Graph], classes: PythonClasses) -> bool:
    try:
        common_template(graphs, classes)
    except Incompatible:
        return False
    return True


def common_template(graphs: Sequence[Graph], classes: PythonClasses) -> Template:
    """The common body of `graphs`.

    Raises:
        Incompatible: it cannot be one class.
    """
    template = build_template(graphs, classes.construct)
    if template.counted:
        chains = {tree.key for tree in label_trees(template) if tree.chain is not None and not tree.sites}
        if not template.counted <= chains:
            raise Incompatible
    return template


def _structure(graph: Graph, classes: PythonClasses) -> object:
    """What two bodies share when they differ in values only."""
    nodes = []
    for node in graph.nodes:
        if isinstance(node.target, Graph):
            target: object = (id(classes.find(node.target)[0]), node.length is None, node.each)
        else:
            form = node.target.torch(graph.operand_types(node))
            target = (type(node.target), repr(_skeleton(form)))
        nodes.append((node.site, node.label, node.slot, node.operands, len(node.types), target))
    return (graph.input_names, graph.outputs, tuple(nodes))


def _skeleton(form: object) -> object:
    """A form without its values."""
    if isinstance(form, Call):
        return (form.function, len(form.args), tuple(n for n, _ in form.kwargs), [_skeleton(a) for a in form.args])
    if isinstance(form, tuple):
        return "value"
    fields = getattr(form, "__dataclass_fields__", None)
    if fields is None:
        return "value"
    return (type(form).__name__, [_named(name, getattr(form, name)) for name in fields])


def _named(name: str, value: object) -> object:
    return value if name in ("operator", "name", "index", "helpers") else None if value is None else _skeleton(value)
