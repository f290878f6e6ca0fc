"""Turns a graph into the list of IR invariants that it breaks; the invariants are stated one function each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from archdsl.ir.graph import INPUT, Graph, Node, Ref, bodies, stacked
from archdsl.ir.per_body import per_body
from archdsl.ir.weights import owners
from archdsl.ops.base import OpError
from archdsl.types import TensorType


class InvariantError(AssertionError):
    """A graph breaks invariants; `violations` lists them all, one sentence each."""

    def __init__(self, violations: list[str]) -> None:
        super().__init__("\n".join(violations))
        self.violations = violations


Invariant = Callable[[Graph], Iterator[str]]


# --- references; everything else relies on them -----------------------------------------------------------------


def operands_are_earlier(graph: Graph) -> Iterator[str]:
    """Operands name an input of the body or an output of an earlier node."""
    for i, node in enumerate(graph.nodes):
        for position, ref in enumerate(node.operands):
            if not _exists(graph, ref, i):
                yield f"{_name(graph, i)}: operand {position} is {tuple(ref)}, which no earlier node gives"


def outputs_exist(graph: Graph) -> Iterator[str]:
    """The body gives at least one output, and each names an input or a node's output."""
    if not graph.outputs:
        yield f"{graph.name}: gives no output"
    for k, ref in enumerate(graph.outputs):
        if not _exists(graph, ref, len(graph.nodes)):
            yield f"{graph.name}: output {k} is {tuple(ref)}, which nothing gives"


def inputs_are_named(graph: Graph) -> Iterator[str]:
    """Every input has a name of its own."""
    if len(graph.input_names) != len(graph.inputs) or len(set(graph.input_names)) != len(graph.inputs):
        yield f"{graph.name}: {len(graph.inputs)} inputs are named {', '.join(graph.input_names)}"


# --- types ------------------------------------------------------------------------------------------------------


def ops_are_resolved(graph: Graph) -> Iterator[str]:
    """An op is in canonical form for its operands, takes that many, and gives the types that its node records."""
    for i, node in enumerate(graph.nodes):
        if isinstance(node.target, Graph):
            continue
        inputs = graph.operand_types(node)
        least, most = node.target.arity
        if len(inputs) < least or (most is not None and len(inputs) > most):
            yield f"{_name(graph, i)}: has {len(inputs)} operands"
            continue
        try:
            resolved = node.target.resolve(inputs)
            types = resolved.results(inputs)
        except OpError as error:
            yield f"{_name(graph, i)}: {error.message}"
            continue
        except (
            ArithmeticError,
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
        ) as error:  # not made by elaboration
            yield f"{_name(graph, i)}: {node.target} has arguments of another kind ({error})"
            continue
        if resolved != node.target:
            yield f"{_name(graph, i)}: {node.target} resolves to {resolved}"
        if types != node.types:
            yield f"{_name(graph, i)}: gives {_list(types)} but records {_list(node.types)}"


def calls_fit(graph: Graph) -> Iterator[str]:
    """A call's operands have the types of the callee's inputs, and its results those of the callee's outputs."""
    for i, node in enumerate(graph.nodes):
        if isinstance(node.target, Graph) and node.length is None:
            if graph.operand_types(node) != node.target.inputs:
                given, wanted = graph.operand_types(node), node.target.inputs
                yield f"{_name(graph, i)}: is given {_list(given)} but takes {_list(wanted)}"
            if node.types != node.target.output_types:
                yield f"{_name(graph, i)}: gives {_list(node.target.output_types)} but records {_list(node.types)}"


def scans_fit(graph: Graph) -> Iterator[str]:
    """A scan's cell takes an element of the sequence and states, and gives the states again; results follow."""
    for i, node in enumerate(graph.nodes):
        if not isinstance(node.target, Graph) or node.length is None or node.each:
            continue
        (element, *states), outputs, given = node.target.inputs, node.target.output_types, graph.operand_types(node)
        sequence = TensorType((node.length, *element.shape), element.dtype)
        if given not in ((sequence,), (sequence, *states)):
            yield f"{_name(graph, i)}: is given {_list(given)} but takes {_list((sequence, *states))}"
        if not states or len(outputs) - len(states) not in (0, 1) or outputs[-len(states) :] != tuple(states):
            yield f"{_name(graph, i)}: its cell carries {_list(tuple(states))} but gives {_list(outputs)}"
        stacked = TensorType((node.length, *outputs[0].shape), outputs[0].dtype)
        if node.types != (stacked, *states):
            yield f"{_name(graph, i)}: gives {_list((stacked, *states))} but records {_list(node.types)}"


def elements_fit(graph: Graph) -> Iterator[str]:
    """What `each` is given are sequences of what its body takes, and what it gives are those of what the body gives."""
    for i, node in enumerate(graph.nodes):
        if not isinstance(node.target, Graph) or not node.each:
            continue
        if node.length is None:
            yield f"{_name(graph, i)}: goes along sequences of no length"
            continue
        for what, found, elements in (
            ("is given", graph.operand_types(node), node.target.inputs),
            ("gives", node.types, node.target.output_types),
        ):
            wanted = stacked(elements, node.length)
            if found != wanted:
                yield f"{_name(graph, i)}: {what} {_list(found)}, not {_list(wanted)}"


# --- names and weights ------------------------------------------------------------------------------------------


def labels_are_unique(graph: Graph) -> Iterator[str]:
    """Two modules of one body have one label only if they share a slot; no module's label lies inside another's."""
    owners: dict[str, int] = {}
    for i, node in enumerate(graph.nodes):
        if not node.label:
            continue
        first = owners.setdefault(node.label, i)
        if first != i and (node.slot is None or node.slot != graph.nodes[first].slot):
            yield f"{_name(graph, i)}: has the label of node {first}"
    for label, i in owners.items():
        parts = label.split(".")
        if "" in parts:
            yield f"{_name(graph, i)}: its label has an empty part"
        for end in range(1, len(parts)):
            if ".".join(parts[:end]) in owners:
                yield f"{_name(graph, i)}: its label lies inside the module {'.'.join(parts[:end])}"


def weights_have_labels(graph: Graph) -> Iterator[str]:
    """What owns weights is a module, so that its weights have keys."""
    for i, node in enumerate(graph.nodes):
        if not node.label and _weights(graph, node):
            yield f"{_name(graph, i)}: owns weights but has no label"


def slots_agree(graph: Graph) -> Iterator[str]:
    """Nodes of one slot have one label and equal weights."""
    for i, (owner, node) in enumerate(zip(owners(graph), graph.nodes, strict=True)):
        first = graph.nodes[owner]
        if node.label != first.label:
            yield f"{_name(graph, i)}: shares slot {node.slot} with {first.label!r}, a different label"
        if _weights(graph, node) != _weights(graph, first):
            yield f"{_name(graph, i)}: shares slot {node.slot} but implies other weights"


def sites_are_unique(graph: Graph) -> Iterator[str]:
    """Every node of a body has a site of its own."""
    seen: dict[object, int] = {}
    for i, node in enumerate(graph.nodes):
        first = seen.setdefault(node.site, i)
        if first != i:
            yield f"{_name(graph, i)}: has the site of node {first}: {node.site}"


def nothing_is_dead(graph: Graph) -> Iterator[str]:
    """Every node reaches an output."""
    live = {ref.node for ref in graph.outputs}
    for i in range(len(graph.nodes) - 1, -1, -1):
        if i in live:
            live.update(ref.node for ref in graph.nodes[i].operands)
        else:
            yield f"{_name(graph, i)}: reaches no output"


REFERENCES: tuple[Invariant, ...] = (operands_are_earlier, outputs_exist, inputs_are_named)
OPS: tuple[Invariant, ...] = (ops_are_resolved,)
INVARIANTS: tuple[Invariant, ...] = (
    calls_fit,
    scans_fit,
    elements_fit,
    labels_are_unique,
    weights_have_labels,
    slots_agree,
    sites_are_unique,
    nothing_is_dead,
)


def violations(root: Graph) -> list[str]:
    """Every invariant that a body reachable from `root` breaks, one sentence each, callees first."""
    found: list[str] = []
    for graph in bodies(root):
        for relied_on in (REFERENCES, OPS):  # the others follow references and ask ops, and so do those of the callers
            broken = [sentence for invariant in relied_on for sentence in invariant(graph)]
            if broken:
                return found + broken
        found += [sentence for invariant in INVARIANTS for sentence in invariant(graph)]
    return found


def verify(root: Graph) -> None:
    """Check every body reachable from `root`.

    Raises:
        InvariantError: with everything that is wrong.
    """
    found = violations(root)
    if found:
        raise InvariantError(found)


@per_body
def _signature(graph: Graph) -> str:
    """Equal for two bodies that own the same weights under the same names; "" for a body without weights."""
    owned = sorted({(node.label, weights) for node in graph.nodes if (weights := _weights(graph, node))})
    return hashlib.blake2b(repr(owned).encode(), digest_size=16).hexdigest() if owned else ""


def _weights(graph: Graph, node: Node) -> str:
    if isinstance(node.target, Graph):
        return _signature(node.target)
    weights = node.target.weights(graph.operand_types(node))
    return repr(weights) if weights else ""


def _exists(graph: Graph, ref: Ref, before: int) -> bool:
    if ref.node == INPUT:
        return 0 <= ref.output < len(graph.inputs)
    return 0 <= ref.node < before and 0 <= ref.output < len(graph.nodes[ref.node].types)


def _name(graph: Graph, index: int) -> str:
    node = graph.nodes[index]
    return f"{graph.name}, node {index} ({node.word}{' as ' + node.label if node.label else ''})"


def _list(types: tuple[object, ...]) -> str:
    return "(" + ", ".join(map(str, types)) + ")"
