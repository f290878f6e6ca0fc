"""Holds an elaborated architecture: a DAG of bodies, each a list of op applications, calls and scans in SSA order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from archdsl.ops.base import Kind, Op
from archdsl.source import Span
from archdsl.types import TensorType

INPUT = -1
_CALLS, CALLEES = "calls", "callees"  # keys of Graph._facts


class Ref(NamedTuple):
    """A tensor inside one body: output `output` of node `node`; `node == INPUT` is the body's input number `output`."""

    node: int
    output: int = 0


# Where in its definition a node was made: offsets and loop indices, equal for the corresponding nodes of two
# instances of one definition. Opaque: compare only.
SiteKey = tuple[Any, ...]


class Node(NamedTuple):
    """One application of an op, a call of another body, or a scan: a body applied to each element of a sequence.

    `target` is the resolved op, or the body that is called (of a scan: its cell). `label` is the dotted module name
    inside this body ("" for nodes that are no module: arithmetic). `spans` lists the place of application first, then
    where the stage was written. Nodes of one body with the same `slot` (not None) own one set of weights together.

    `length` is the number of steps of a scan, and None for anything else. A scan's operands are the sequence and the
    initial states, or the sequence alone: then the states start at zero. Its cell takes an element of the sequence and
    the states, and its last outputs are the next states. A scan gives the cell's first outputs, stacked along a new
    first axis, and the last states. It has one set of weights for all its steps. With `each` there are no states: all
    operands are sequences of that length, whose elements the body takes, and all that it gives is stacked.

    `names` are the variables of the statement that applied the node: y for all nodes of `y = x -> conv -> bn`, none
    where it returns. They mean nothing to the function; emitted code and written specs take them up.
    """

    target: Op | Graph
    operands: tuple[Ref, ...]
    types: tuple[TensorType, ...]
    label: str
    spans: tuple[Span, ...]
    site: SiteKey
    slot: int | None = None
    length: int | None = None
    names: tuple[str, ...] = ()
    each: bool = False

    # Like bodies, nodes are told apart by identity; a tuple is what Python makes fastest of all that cannot change.
    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    def __hash__(self) -> int:
        return id(self)

    @property
    def op(self) -> Op | None:
        """The op, or None for a call."""
        return None if isinstance(self.target, Graph) else self.target

    @property
    def body(self) -> Graph | None:
        """The body called, or None for an op."""
        return self.target if isinstance(self.target, Graph) else None

    @property
    def sources(self) -> tuple[Ref, ...]:
        """The operands that the results depend on: all, but of `zeros`, which asks its operand for the batch alone."""
        return () if isinstance(self.target, Op) and self.target.kind is Kind.PARAMETER else self.operands

    @property
    def steps(self) -> int:
        """How often the target is applied: the length of a scan, else once."""
        return 1 if self.length is None else self.length

    @property
    def states(self) -> int:
        """How many tensors a scan carries from step to step; none with `each`, and of anything else."""
        return 0 if self.length is None or self.each else len(self.target.inputs) - 1  # type: ignore[union-attr]

    @property
    def word(self) -> str:
        """Name of the op or block."""
        return self.target.name


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """One elaborated body: a block, cell or network at given arguments and input types.

    Compared by identity: elaboration makes one Graph per (definition, arguments, input types) and shares it.
    `kind` is "block", "cell" or "network"; `definition` is (file, name of the definition that holds the body);
    `arguments` are name and value in order of the signature, stages as their source text.
    `decisions` counts what the body asked of `oneof`; `reads_size` says that a spatial size was read at compile time;
    `steered_by` are the parameters on which depends what the body consists of, and not only its numbers: words for
    readers, which the text form leaves out.
    """

    name: str
    kind: str
    definition: tuple[str, str]
    arguments: tuple[tuple[str, Any], ...]
    input_names: tuple[str, ...]
    inputs: tuple[TensorType, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[Ref, ...]
    span: Span
    doc: str = ""
    decisions: int = 0
    reads_size: bool = False
    steered_by: tuple[str, ...] = ()
    # What `archdsl.ir.per_body` remembers; `dataclasses.replace` does not take it along.
    _facts: dict[Any, Any] = field(init=False, repr=False, default_factory=dict)

    def type_of(self, ref: Ref) -> TensorType:
        """Type of the tensor that `ref` names."""
        return self.inputs[ref.output] if ref.node == INPUT else self.nodes[ref.node].types[ref.output]

    def operand_types(self, node: Node) -> tuple[TensorType, ...]:
        """Types of the operands of `node`."""
        inputs, nodes = self.inputs, self.nodes
        return tuple([inputs[k] if index == INPUT else nodes[index].types[k] for index, k in node.operands])

    @property
    def calls(self) -> tuple[tuple[int, Node, Graph], ...]:
        """The nodes that call another body, with their indices and callees; found once."""
        found: tuple[tuple[int, Node, Graph], ...] | None = self._facts.get(_CALLS)
        if found is None:
            found = tuple([(i, n, n.target) for i, n in enumerate(self.nodes) if isinstance(n.target, Graph)])
            self._facts[_CALLS] = found
        return found

    @property
    def callees(self) -> tuple[tuple[Graph, tuple[int, ...]], ...]:
        """The bodies called, each with the nodes that call it, in order of the first; found once.

        A body may be there twice where that is as well: what is found out of a body and what its callees give agrees.
        """
        found: tuple[tuple[Graph, tuple[int, ...]], ...] | None = self._facts.get(CALLEES)
        if found is None:
            places: dict[Graph, list[int]] = {}
            for index, _, callee in self.calls:
                places.setdefault(callee, []).append(index)
            found = tuple([(callee, tuple(indices)) for callee, indices in places.items()])
            self._facts[CALLEES] = found
        return found

    @property
    def output_types(self) -> tuple[TensorType, ...]:
        """Types of the outputs in order."""
        return tuple(self.type_of(ref) for ref in self.outputs)

    def __reduce__(self) -> tuple[type[Graph], tuple[Any, ...]]:
        """Copies and pickles start without what was remembered."""
        return Graph, tuple([getattr(self, f.name) for f in fields(self) if f.init])

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name}: {len(self.nodes)} nodes>"


def stacked(elements: tuple[TensorType, ...], length: int) -> tuple[TensorType, ...]:
    """The types of sequences of so many of these elements."""
    return tuple([TensorType((length, *x.shape), x.dtype) for x in elements])


def bodies(root: Graph) -> Iterator[Graph]:
    """Every distinct body reachable from `root`, callees before callers, each once; without recursion."""
    done: set[int] = set()
    stack: list[tuple[Graph, bool]] = [(root, False)]
    while stack:
        graph, expanded = stack.pop()
        if id(graph) in done:
            continue
        if expanded:
            done.add(id(graph))
            yield graph
            continue
        stack.append((graph, True))
        callees = {id(callee): callee for _, _, callee in graph.calls}
        stack.extend((callee, False) for key, callee in reversed(callees.items()) if key not in done)
