"""Writes one definition for all bodies that differ in numbers alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from archdsl.ir.graph import Graph, Node, Ref
from archdsl.ir.weights import owners
from archdsl.ops.arithmetic import Scalar
from archdsl.ops.base import Op
from archdsl.ops.sequence import Embedding
from archdsl.syntax import tree
from archdsl.write.arguments import places, written
from archdsl.write.signature import Signature
from archdsl.write.trees import Unwritable, call, integer, literal

ARITHMETIC = {"add": "+", "sub": "-", "mul": "*", "div": "/"}


class DefinitionTemplate:
    """Bodies that are one definition at several arguments, and how each of their nodes is written.

    `graphs` are equal but for the numbers in their ops and calls; `graph` is the first of them, by which all is told
    that they have in common. `stages[i]` is what node i applies: a stage, the number of arithmetic with a number, None
    for arithmetic with two tensors and for a tied layer, which applies what another node shares.
    """

    def __init__(
        self,
        label: str,
        graphs: Sequence[Graph],
        made: Mapping[Graph, DefinitionTemplate],
        taken: Collection[str],
        scanned: bool,
    ) -> None:
        self.name = label
        self.graphs = graphs
        self.graph = graphs[0]
        self._made = made
        self.words = {self.word(node) for node in self.graph.nodes} | {"each", "scan", "tied"}
        self.inputs = [_beside(i, {*self.words, *taken}) for i in self.graph.input_names]
        rows = [dict(graph.arguments) for graph in graphs]
        known = {name: [row[name] for row in rows] for name in rows[0] if all(name in row for row in rows)}
        self.signature = Signature({*self.inputs, *self.words, *taken}, known)
        self.state_types: list[list[tree.Expr]] = []
        if scanned:
            self._declare_states()
        self._place = {graph: i for i, graph in enumerate(graphs)}
        self.stages = [self._stage(index, node) for index, node in enumerate(self.graph.nodes)]

    def word(self, node: Node) -> str:
        """What a node applies is called in the text."""
        return self._made[node.target].name if isinstance(node.target, Graph) else node.word

    def applies(self, index: int) -> bool:
        """Whether a node applies a stage; else it is arithmetic."""
        return bool(self.graph.nodes[index].label)

    def _declare_states(self) -> None:
        """Write the types of all inputs but the first: a scan with states that start at zero asks for them."""
        for k in range(1, len(self.graph.inputs)):
            columns = zip(*[graph.inputs[k].shape for graph in self.graphs], strict=True)
            self.state_types.append([self.signature.expression(list(column), "features") for column in columns])

    def _stage(self, index: int, node: Node) -> tree.Expr | None:
        nodes = [graph.nodes[index] for graph in self.graphs]
        if not node.label:
            if isinstance(node.target, Scalar):
                return self._scalar(index)
            if node.word in ARITHMETIC:
                return None
            raise Unwritable(f"{node.word} without a label")
        if isinstance(node.target, Op):
            owner = self.graph.nodes[owners(self.graph)[index]]
            if isinstance(owner.target, Embedding) and not isinstance(node.target, Embedding):
                return None  # tied: the statements name the shared embedding
            return self._op([n.target for n in nodes], index)
        return self._call(nodes, index)

    def _op(self, ops: list[Any], index: int) -> tree.Expr:
        inputs = [graph.operand_types(graph.nodes[index]) for graph in self.graphs]
        columns = written(ops, inputs)
        keys = places(columns, type(ops[0]))
        return call(
            ops[0].name,
            [
                (key, self.signature.expression(c, n, self._near(index)))
                for key, (n, c) in zip(keys, columns, strict=True)
            ],
        )

    def _near(self, index: int) -> str:
        return self.graph.nodes[index].label.replace(".", "_")

    def _call(self, nodes: list[Node], index: int) -> tree.Expr:
        template = self._made[_graph(nodes[0])]
        arguments = [
            (key, self.signature.expression(column, parameter, self._near(index)))
            for key, parameter, column in template.arguments([_graph(n) for n in nodes])
        ]
        stage = call(template.name, arguments, bare=bool(template.inputs))  # without inputs a call makes the tensor
        if nodes[0].length is None:
            return stage
        if nodes[0].each:
            return call("each", [(None, stage)])
        last = [("last", literal(True))] if last_is_read(self.graph, index) else []
        return call("scan", [(None, stage), *last])

    def arguments(self, callees: list[Graph]) -> list[tuple[str | None, str, list[Any]]]:
        """What callers write to get these bodies: the name where one is needed, the parameter, and its values."""
        defaults = self.signature.defaults()
        found: list[tuple[str | None, str, list[Any]]] = []
        gap = False
        for parameter in self.signature.ordered():
            column = [self.signature.columns[parameter][self._place[callee]] for callee in callees]
            if parameter in defaults and all(repr(value) == repr(defaults[parameter]) for value in column):
                gap = True
                continue
            found.append((parameter if gap or parameter in defaults else None, parameter, column))
        return found

    def _scalar(self, index: int) -> tree.Expr:
        numbers = [graph.nodes[index].target for graph in self.graphs]
        return self.signature.expression([op.value for op in numbers if isinstance(op, Scalar)], "factor")

    def params(self) -> list[tree.Param]:
        """The parameters as they are declared."""
        defaults = self.signature.defaults()
        return [
            tree.Param(p, None, literal(defaults[p]) if p in defaults else None, 0, 0) for p in self.signature.ordered()
        ]

    def tensor_inputs(self, is_root: bool) -> list[tree.TensorInput]:
        """The inputs, with types where the language asks for them."""
        found = []
        for k, (label, x) in enumerate(zip(self.inputs, self.graph.inputs, strict=True)):
            shape: list[tree.Expr] | None = [integer(n) for n in x.shape] if is_root else None
            if self.state_types and k:
                shape = self.state_types[k - 1]
            found.append(tree.TensorInput(label, shape, x.dtype, 0, 0))
        return found


def _graph(node: Node) -> Graph:
    assert isinstance(node.target, Graph)
    return node.target


def _beside(label: str, taken: Collection[str]) -> str:
    while label in taken:
        label += "_"
    return label


def key_of(graph: Graph, template: Mapping[Graph, DefinitionTemplate], scanned: bool) -> tuple[Any, ...]:
    """Equal for bodies of one template: all that the text of a definition fixes, numbers in it left out."""
    slots: dict[int, int] = {}
    nodes = []
    for node in graph.nodes:
        target: Any = id(template[node.target]) if isinstance(node.target, Graph) else type(node.target)
        if isinstance(node.target, Scalar):
            target = (Scalar, node.target.operator, node.target.reverse)
        slot = None if node.slot is None else slots.setdefault(node.slot, len(slots))
        nodes.append((target, node.operands, len(node.types), node.label, slot, node.length is None, node.each))
    ranks = tuple(x.rank for x in graph.inputs) if scanned else len(graph.inputs)
    return graph.kind, graph.definition, graph.name, graph.input_names, ranks, scanned, tuple(nodes), graph.outputs


def last_is_read(graph: Graph, index: int) -> bool:
    """Whether somebody reads a state after the last step of scan `index`."""
    refs = {ref for node in graph.nodes for ref in node.operands} | set(graph.outputs)
    return any(Ref(index, k) in refs for k in range(1, len(graph.nodes[index].types)))
