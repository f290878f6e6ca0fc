"""Naive twins of the composing analyses: the graph written out op by op, each number read off its definition."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.ir.graph import INPUT, Graph, Node
from archdsl.ops.base import Kind, Op, Types
from archdsl.ops.merge import Stack
from archdsl.ops.parameter import Zeros
from archdsl.ops.split import Unbind

PLUMBING = (Unbind, Zeros, Stack)  # the ops of a scan that are none of its cell's
Tensor = tuple[str, int]  # (application or "input", output)


@dataclass(frozen=True)
class Application:
    """One op of the flat graph; `module` is the key of its weights in a state_dict."""

    name: str
    op: Op
    module: str
    operands: tuple[Tensor, ...]
    inputs: Types
    outputs: Types


@dataclass(frozen=True)
class Flat:
    """All ops of a graph in order, and what each tensor of the flat graph is called."""

    applications: list[Application]
    inputs: list[Tensor]
    outputs: list[Tensor]
    scanned: set[Tensor]  # what scans are given, and what their steps give

    @property
    def counted(self) -> list[Application]:
        """All but those that take the sequence of a scan apart, start its states and put its outputs together."""
        return [a for a in self.applications if not isinstance(a.op, PLUMBING)]


def flatten(root: Graph) -> Flat:
    """Write out every call and every step of a scan, recursively, as a person would by hand."""
    applications: list[Application] = []
    scanned: set[Tensor] = set()

    def body(graph: Graph, given: list[Tensor], path: str, module: str) -> list[Tensor]:
        tensors: list[list[Tensor]] = []
        for i, node in enumerate(graph.nodes):
            operands = [given[r.output] if r.node == INPUT else tensors[r.node][r.output] for r in node.operands]
            name, inner = f"{path}/{i}", f"{module}.{node.label}"
            if node.length is not None:
                read = {r for n in graph.nodes for r in n.operands} | set(graph.outputs)
                tensors.append(scan(node, operands, name, inner, collects=(i, 0) in read))
                continue
            if isinstance(node.target, Graph):
                tensors.append(body(node.target, operands, name, inner))
                continue
            inputs = graph.operand_types(node)
            applications.append(Application(name, node.target, inner, tuple(operands), inputs, node.types))
            tensors.append([(name, k) for k in range(len(node.types))])
        return [given[r.output] if r.node == INPUT else tensors[r.node][r.output] for r in graph.outputs]

    def scan(node: Node, given: list[Tensor], path: str, module: str, collects: bool) -> list[Tensor]:
        assert isinstance(node.target, Graph) and node.length is not None
        element, *states = node.target.inputs
        xs, *carried = given
        scanned.update(given)

        def plumb(name: str, op: Op, operands: list[Tensor], inputs: Types, outputs: Types) -> list[Tensor]:
            applications.append(Application(f"{path}/{name}", op, "", tuple(operands), inputs, outputs))
            return [(f"{path}/{name}", k) for k in range(len(outputs))]

        whole = type(element)((node.length, *element.shape), element.dtype)
        elements = plumb("elements", Unbind(), [xs], (whole,), (element,) * node.length)
        if not carried:
            carried = [plumb(f"zeros{k}", Zeros(x.shape), [], (), (x,))[0] for k, x in enumerate(states)]
        ys = []
        for t in range(node.length):
            made = body(node.target, [elements[t], *carried], f"{path}/step{t}", module)
            scanned.update(made)
            ys.append(made[0])
            carried = made[len(made) - len(states) :]
        if not collects:
            return [("nobody reads this", 0), *carried]
        output = node.target.output_types[0]
        return plumb("outputs", Stack(), ys, (output,) * node.length, node.types[:1]) + carried

    inputs = [("input", i) for i in range(len(root.inputs))]
    return Flat(applications, inputs, body(root, inputs, "", ""), scanned)


def weights(flat: Flat) -> dict[str, tuple[int, bool]]:
    """The state_dict: key -> (elements, trainable)."""
    found: dict[str, tuple[int, bool]] = {}
    for a in flat.applications:
        for weight in a.op.weights(a.inputs):
            assert found.setdefault(f"{a.module}.{weight.name}", (weight.size, weight.trainable))[0] == weight.size
    return found


def params(flat: Flat) -> int:
    return sum(size for size, trainable in weights(flat).values() if trainable)


def buffers(flat: Flat) -> int:
    return sum(size for size, trainable in weights(flat).values() if not trainable)


def macs(flat: Flat) -> int:
    return sum(a.op.macs(a.inputs, a.outputs) for a in flat.counted)


def activations(flat: Flat) -> int:
    return sum(x.size for a in flat.counted if a.op.kind is not Kind.DROP for x in a.outputs)


def memory_access(flat: Flat) -> int:
    found = 0
    for a in flat.counted:
        if a.op.kind is Kind.DROP:
            continue
        found += sum(x.size for _, x in {(t, x) for t, x in zip(a.operands, a.inputs, strict=True)})
        found += sum(w.size for w in a.op.weights(a.inputs)) + sum(x.size for x in a.outputs)
    return found


def elementwise_ops(flat: Flat) -> int:
    """For the kinds that the random graphs hold."""
    found = 0
    for a in flat.counted:
        out = sum(x.size for x in a.outputs)
        if a.op.kind is Kind.ACTIVATION:
            found += out
        elif a.op.kind is Kind.ARITHMETIC:
            found += out * max(1, len(a.inputs) - 1)
        elif a.op.kind is Kind.NORM:
            found += 2 * out
        elif a.op.kind is Kind.POOL:
            found += out * a.op.size**2  # type: ignore[attr-defined]
        elif a.op.kind is Kind.GLOBAL_POOL:
            found += a.inputs[0].size
    return found


def path_lengths(flat: Flat, kinds: frozenset[Kind]) -> dict[int, int]:
    """Length -> number of paths from an input to an output, counting each operand edge of its own."""
    by_name = {a.name: a for a in flat.applications}
    known: dict[str, dict[int, int]] = {}

    def to(tensor: Tensor) -> dict[int, int]:
        name = tensor[0]
        if name == "input":
            return {0: 1}
        if name not in known:
            a = by_name[name]
            step = int(a.op.kind in kinds)
            lengths: dict[int, int] = {}
            for operand in a.operands:
                for length, count in to(operand).items():
                    lengths[length + step] = lengths.get(length + step, 0) + count
            known[name] = lengths
        return known[name]

    total: dict[int, int] = {}
    for output in flat.outputs:
        for length, count in to(output).items():
            total[length] = total.get(length, 0) + count
    return total
