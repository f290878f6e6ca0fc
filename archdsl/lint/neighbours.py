"""Turns a graph into its pairs of neighbours: an op whose result one other op reads and nothing else, across calls."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from archdsl.analysis.aliases import distinct, tensors_in
from archdsl.ir.graph import INPUT, Graph, Node, Ref, bodies
from archdsl.ir.per_body import per_body
from archdsl.ops.base import Kind, Types

# From a body down to an op: (body, index of its node), (the body called there, index), … The last node is an op.
CallPath = tuple[tuple[Graph, int], ...]


class TensorReads(NamedTuple):
    """How many operands are one tensor, over all ops; if it is a single one, the way to that op."""

    times: int
    reader: CallPath


@dataclass(frozen=True, slots=True)
class Pair:
    """The op at the end of `maker` gives a tensor that only the op at the end of `reader` reads, once.

    `body` is the smallest body that holds both: the pair exists once per application of it.
    """

    body: Graph
    maker: CallPath
    reader: CallPath

    @property
    def made_by(self) -> Node:
        """The op that gives the tensor."""
        return node_of(self.maker)

    @property
    def read_by(self) -> Node:
        """The op that reads it."""
        return node_of(self.reader)


@dataclass(frozen=True, slots=True)
class _Neighbours:
    """Of one body: its reads of each input, maker and reads inside of each output, and the pairs that meet here."""

    inputs: tuple[TensorReads, ...]
    outputs: tuple[tuple[CallPath, TensorReads], ...]
    pairs: tuple[Pair, ...]


def node_of(chain: CallPath) -> Node:
    """The op that a chain leads to."""
    graph, index = chain[-1]
    return graph.nodes[index]


def inputs_of(chain: CallPath) -> Types:
    """What the op that a chain leads to is applied to."""
    graph, index = chain[-1]
    return graph.operand_types(graph.nodes[index])


def pairs(root: Graph) -> list[Pair]:
    """All pairs in the bodies that `root` reaches, each found once; a body is looked at once and keeps its answer."""
    return [pair for body in bodies(root) for pair in _learn(body).pairs]


@per_body
def _learn(body: Graph) -> _Neighbours:
    tensors = tensors_in(body, distinct(body))
    makers: dict[Ref, CallPath] = {}
    counts: Counter[Ref] = Counter()
    readers: dict[Ref, CallPath] = {}
    for index, node in enumerate(body.nodes):
        given = tensors.of(node.operands)
        made = tensors.of([Ref(index, k) for k in range(len(node.types))])
        here = ((body, index),)
        if node.length is not None:  # every step reads them, and what comes out is stacked or carried on
            counts.update(dict.fromkeys(given, 2))
            continue
        if node.body is None:
            for tensor in given:
                counts[tensor] += 1
                readers[tensor] = here
            makers.update((tensor, here) for tensor in made)
            continue
        facts = _learn(node.body)
        for tensor, reads in zip(given, facts.inputs, strict=True):
            counts[tensor] += reads.times
            if reads.reader:
                readers[tensor] = here + reads.reader
        for tensor, (maker, reads) in zip(made, facts.outputs, strict=True):
            if maker and tensor not in makers and tensor not in given:
                makers[tensor] = here + maker
                counts[tensor] += reads.times
                if reads.reader:
                    readers[tensor] = here + reads.reader
    outputs = tensors.of(body.outputs)
    single = {tensor: readers[tensor] for tensor, count in counts.items() if count == 1 and tensor in readers}
    return _Neighbours(
        inputs=tuple(
            TensorReads(counts[x], single.get(x, ())) for x in (Ref(INPUT, i) for i in range(len(body.inputs)))
        ),
        outputs=tuple((makers.get(t, ()), TensorReads(counts[t], single.get(t, ()))) for t in outputs),
        pairs=tuple(
            Pair(body, makers[tensor], reader)
            for tensor, reader in single.items()
            if tensor in makers and tensor not in outputs
        ),
    )


def is_affine(node: Node) -> bool:
    """Whether an op is a convolution or a linear layer: a linear map with weights, perhaps with a bias."""
    return node.op is not None and node.op.kind in (Kind.CONVOLUTION, Kind.LINEAR)
