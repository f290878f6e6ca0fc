"""Turns the instances of one definition into one body in which differences are leaves, options and choices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from archdsl.emit.pytorch.choices import Chooser
from archdsl.emit.pytorch.designs import OPTION_BODIES, SpaceGraph
from archdsl.emit.pytorch.each import applied_to_each
from archdsl.emit.pytorch.labels import row_labels
from archdsl.emit.pytorch.merge_designs import conditions, design_mask, is_selection, presents, select, united_keys
from archdsl.emit.pytorch.template import InstanceMask, Mask, ScanForm, Site, Template
from archdsl.emit.pytorch.unify import Incompatible, Unifier
from archdsl.ir.align import Aligned, Misaligned, align, locate, row_ref
from archdsl.ir.graph import Graph, Node, Ref
from archdsl.ir.per_body import per_body_alone
from archdsl.ops.base import Op
from archdsl.ops.torch_form import Call, Channels, Operand, TorchForm, holds

_MOST_OPTIONS = 3

# How the constructor of the class for a body is called: class name, then values by parameter name with their roles.
Construct = Callable[[Sequence[Graph], Unifier], Call]


def build_template(graphs: Sequence[Graph], construct: Construct) -> Template:
    """Unite `graphs`.

    Raises:
        Incompatible: they differ in more than values and a few options.
    """
    first = graphs[0]
    interface = (first.input_names, len(first.outputs))
    if any((g.input_names, len(g.outputs)) != interface for g in graphs):
        raise Incompatible
    try:
        all_rows = _rows(graphs)
    except Misaligned:
        raise Incompatible from None
    rows = [row for row in all_rows if not is_selection(row, graphs)]
    if first.kind in OPTION_BODIES and not all(all(row.present) for row in rows):
        raise Incompatible
    masks = _masks(rows, len(graphs))
    labels, counted = row_labels(rows, graphs)
    located = [_Located(graph, rows, i) for i, graph in enumerate(graphs)]
    template = Template(tuple(graphs), counted=counted)
    chooser = Chooser(template, masks, [_option(row) for row in rows])
    slots = [_slots(graph, located[i]) for i, graph in enumerate(graphs)]
    for row in all_rows:
        if is_selection(row, graphs):
            chosen = select(row, chooser, lambda instance, ref: located[instance].ref(ref))
            for one, index in zip(located, row.nodes, strict=True):
                one.selected[index] = chosen
            continue
        number = len(template.sites)
        site = _site(template, row, number, chooser, located, slots, construct)
        site.label = labels[number]
        site.slot_kind = None if site.slot is None or site.slot >= number else template.sites[site.slot].kind
        template.sites.append(site)
    everywhere = range(len(graphs))
    template.outputs = tuple(
        chooser.choose({i: located[i].ref(graphs[i].outputs[o]) for i in everywhere}) for o in range(len(first.outputs))
    )
    template.keys = united_keys(template)
    _tell_apart(template)
    _check_containers(template)
    return template


@per_body_alone
def _identities(graph: Graph) -> dict[int, Ref]:
    """The nodes that PyTorch needs no call for, such as `split(1)`, each with the tensor that it gives on."""
    found: dict[int, Ref] = {}
    for index, node in enumerate(graph.nodes):
        form = None if node.op is None else node.op.torch(graph.operand_types(node))
        if form is not None and form.module is None and isinstance(form.function, Operand):
            given = node.operands[form.function.index]
            found[index] = found.get(given.node, given)
    return found


def _rows(graphs: Sequence[Graph]) -> list[Aligned]:
    """What stands at the same site, identities left out."""
    identities = [_identities(graph) for graph in graphs]
    rows = []
    for row in align(graphs):
        nodes = tuple([None if n in same else n for n, same in zip(row.nodes, identities, strict=True)])
        if nodes.count(None) < len(nodes):
            rows.append(Aligned(row.site, nodes))
    return rows


class _Located:
    """Where the nodes of one instance stand among the rows."""

    def __init__(self, graph: Graph, rows: Sequence[Aligned], instance: int) -> None:
        self.identities = _identities(graph)
        self.row = locate(rows, instance)
        self.selected: dict[int | None, Ref] = {}  # choices that the design makes

    def ref(self, ref: Ref) -> Ref:
        """`ref` with the row in place of the node; inputs stay, identities give what they are given."""
        ref = self.identities.get(ref.node, ref)
        return self.selected[ref.node] if ref.node in self.selected else row_ref(ref, self.row)


def _option(row: Aligned) -> InstanceMask | None:
    return None if all(row.present) else row.present


def _masks(rows: Sequence[Aligned], count: int) -> list[InstanceMask]:
    """Which instances have an option: one mask per option, complements counted once."""
    masks: list[InstanceMask] = []
    for row in rows:
        present = row.present
        if not all(present) and present not in masks and tuple(not p for p in present) not in masks:
            masks.append(present)
    optional = sum(not all(row.present) for row in rows)
    if len(masks) > _MOST_OPTIONS or (optional > 6 and 2 * optional > len(rows)):
        raise Incompatible
    return masks


def _slots(graph: Graph, located: _Located) -> dict[int, int]:
    """From node to the first row with the same slot, for slots that several nodes share."""
    members: dict[int, list[int]] = {}
    for index in located.row:
        if (slot := graph.nodes[index].slot) is not None:
            members.setdefault(slot, []).append(index)
    shared = [indices for indices in members.values() if len(indices) > 1]
    return {index: located.row[indices[0]] for indices in shared for index in indices}


def _site(
    template: Template,
    row: Aligned,
    number: int,
    chooser: Chooser,
    located: list[_Located],
    slots: list[dict[int, int]],
    construct: Construct,
) -> Site:
    where = [i for i, node in enumerate(row.nodes) if node is not None]
    indices = [node for node in row.nodes if node is not None]
    graphs = [template.graphs[i] for i in where]
    nodes = [graph.nodes[index] for graph, index in zip(graphs, indices, strict=True)]
    first = nodes[0]
    if any((len(n.operands), len(n.types)) != (len(first.operands), len(first.types)) for n in nodes):
        raise Incompatible
    shared = {slots[i].get(index) for i, index in zip(where, indices, strict=True)}
    if len(shared) > 1:
        raise Incompatible
    when: Mask | None = _option(row)
    by_design = conditions(row, template.graphs)
    if any(by_design):
        if when is not None:
            raise Incompatible
        when = design_mask(template, by_design)
    operands = tuple(
        chooser.choose({i: located[i].ref(n.operands[k]) for i, n in zip(where, nodes, strict=True)})
        for k in range(len(first.operands))
    )
    unifier = Unifier(len(template.graphs), where, number, template.leaves)
    form = _form(graphs, nodes, unifier, construct)
    weights = first.op is None or bool(first.op.weights(graphs[0].operand_types(first)))
    owns = weights or form.function is None or holds(form)
    kind = None if first.op is None else first.op.kind
    scan = _scan(nodes, unifier)
    slot, calls = shared.pop(), row.nodes
    each = {applied_to_each(n).name if n.each else "" for n in nodes}
    if len(each) > 1:
        raise Incompatible
    return Site(
        (), operands, len(first.types), form, first.word, kind, slot, when, owns, weights, first.names, calls, scan,
        each.pop(), present=presents(template, row),
    )  # fmt: skip


def _scan(nodes: Sequence[Node], unifier: Unifier) -> ScanForm | None:
    """What scans at one site have in common; None for anything else."""
    cells = [n.target for n in nodes if isinstance(n.target, Graph) and n.states]
    if len(cells) not in (0, len(nodes)):
        raise Incompatible
    if not cells:
        return None
    first = cells[0]
    asks = isinstance(first, SpaceGraph) and first.asks
    count = len(first.inputs) - asks
    states = [[x.shape for x in cell.inputs[1:count]] for cell in cells]
    if any((c.input_names, len(c.outputs)) != (first.input_names, len(first.outputs)) for c in cells):
        raise Incompatible
    zeros = []
    if len(nodes[0].operands) == 1 + asks:
        for shapes in zip(*states, strict=True):
            if len({len(shape) for shape in shapes}) > 1:
                raise Incompatible
            sizes = zip(*shapes, strict=True)
            zeros.append(tuple(unifier.leaf(values, Channels("out_features"), "state_features") for values in sizes))
    return ScanForm(first.input_names[:count], tuple(zeros), len(first.outputs) == count, asks)


def _form(graphs: Sequence[Graph], nodes: Sequence[Node], unifier: Unifier, construct: Construct) -> TorchForm:
    """The united PyTorch form of corresponding nodes."""
    callees = [n.target for n in nodes if isinstance(n.target, Graph)]
    if callees:
        if len(callees) < len(nodes):
            raise Incompatible
        return TorchForm(module=construct(callees, unifier))
    types = [graph.operand_types(node) for graph, node in zip(graphs, nodes, strict=True)]
    ops = [n.target for n in nodes if isinstance(n.target, Op)]
    forms = [op.torch(t) for op, t in zip(ops, types, strict=True)]
    parts: dict[str, Any] = {}
    for name in ("module", "function", "parameter", "before", "buffer"):
        values = [getattr(form, name) for form in forms]
        if any((v is None) != (values[0] is None) for v in values):
            raise Incompatible
        parts[name] = None if values[0] is None else unifier(values, "size" if name == "parameter" else "value")
    for name in ("unbatched", "persistent", "stretched"):
        parts[name] = getattr(forms[0], name)
        if any(getattr(form, name) != parts[name] for form in forms):
            raise Incompatible
    helpers = {h.name: h for form in forms for h in form.helpers}
    return TorchForm(**parts, helpers=tuple(helpers.values()))


def _tell_apart(template: Template) -> None:
    """A path is one module, or leads to others: not `y` in one instance and `y.conv` in another.

    A stage without weights gives way: it becomes a function call, which needs no path.

    Raises:
        Incompatible: two modules that must be there stand in each other's way.
    """
    modules = {site.label for site in template.sites if site.owns}
    containers = {part for site in template.sites for part in _containers(site.label)}
    if modules & {part for label in modules for part in _containers(label)}:
        raise Incompatible
    for site in template.sites:
        if not site.owns and (site.label in modules | containers or modules & _containers(site.label)):
            site.label = ()


def _containers(label: tuple[str, ...]) -> set[tuple[str, ...]]:
    """The paths that lead to `label`."""
    return {label[:end] for end in range(1, len(label))}


def _check_containers(template: Template) -> None:
    """What stands in one container (or one member of a counted one) is there together or not at all."""
    presence: dict[tuple[str, ...], Mask | None] = {}
    for site in template.sites:
        place = site.label[: 2 if site.label[:1] and site.label[0] in template.counted else 1]
        if len(site.label) > 1 and presence.setdefault(place, site.when) != site.when:
            raise Incompatible
