"""Finds tensors of which every reader steps over the same positions: those are computed for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

from archdsl.analysis.aliases import distinct, tensors_in
from archdsl.analysis.cost import Cost
from archdsl.diagnostics.model import WARNING
from archdsl.ir.graph import INPUT, Graph, Node, Ref
from archdsl.ir.per_body import per_body
from archdsl.lint.finding import Hit, Rule
from archdsl.lint.neighbours import CallPath
from archdsl.lint.subject import Subject
from archdsl.ops.base import Kind, Types
from archdsl.ops.conv import Conv, Depthwise
from archdsl.ops.pool import AvgPool, MaxPool
from archdsl.types import TensorType


@dataclass(frozen=True, slots=True)
class _Readers:
    """Who reads a tensor: `strides` are those of windows of one element; None is a reader that sees every position.

    `reader` leads to the first of them.
    """

    strides: frozenset[tuple[int, ...] | None] = frozenset()
    reader: CallPath = ()

    def and_by(self, other: _Readers) -> _Readers:
        return _Readers(self.strides | other.strides, self.reader or other.reader)


@dataclass(frozen=True, slots=True)
class _ReadPositions:
    """Of one body: the readers inside of each input and output, which outputs are made here, and what goes unread."""

    inputs: tuple[_Readers, ...]
    outputs: tuple[tuple[bool, _Readers], ...]
    unread: tuple[tuple[TensorType, _Readers], ...]


def check(subject: Subject) -> Iterator[Hit]:
    """Tensors that only windows of one element read, all with one stride and without padding.

    Left out is what only moves elements: in NASNet's reductions a shifted map is read at every other position.
    """
    for body in subject.bodies:
        for x, reads in _learn(body).unread:
            (stride,) = reads.strides
            assert stride is not None
            positions, read = prod(x.shape[1:]), prod(-(-n // s) for n, s in zip(x.shape[1:], stride, strict=True))
            yield Hit(
                body,
                subject.place_of(reads.reader),
                f"nobody reads {positions - read:,} of the {positions:,} positions of this input",
                "give the stride to a larger window of this block, or to what makes its input",
                Cost(activations=x.size - x.shape[0] * read),
            )


@per_body
def _learn(body: Graph) -> _ReadPositions:
    tensors = tensors_in(body, distinct(body))
    made: dict[Ref, TensorType] = {}
    reads: dict[Ref, _Readers] = {}

    def note(tensor: Ref, more: _Readers) -> None:
        reads[tensor] = reads.get(tensor, _Readers()).and_by(more)

    for index, node in enumerate(body.nodes):
        given = tensors.of(node.operands)
        if node.length is not None:  # the steps read the sequence one by one, all of it
            for tensor in given:
                note(tensor, _Readers(frozenset({None}), ((body, index),)))
            continue
        results = tensors.of([Ref(index, k) for k in range(len(node.types))])
        here = ((body, index),)
        facts = None if node.body is None else _learn(node.body)
        inside = _alone(node, body.operand_types(node), here) if facts is None else facts.inputs
        for tensor, more in zip(given, inside, strict=True):
            note(
                tensor, _Readers(more.strides, more.reader if facts is None or not more.reader else here + more.reader)
            )
        for k, tensor in enumerate(results):
            is_made, more = (True, _Readers()) if facts is None else facts.outputs[k]
            if is_made and _is_computed(node) and tensor not in given and tensor not in made:
                made[tensor] = node.types[k]
                note(tensor, _Readers(more.strides, here + more.reader if more.reader else ()))
    outputs = tensors.of(body.outputs)
    return _ReadPositions(
        inputs=tuple(reads.get(Ref(INPUT, i), _Readers()) for i in range(len(body.inputs))),
        outputs=tuple((t in made, reads.get(t, _Readers())) for t in outputs),
        unread=tuple(
            (x, reads[tensor])
            for tensor, x in made.items()
            if tensor not in outputs and len(reads[tensor].strides) == 1 and None not in reads[tensor].strides
        ),
    )


def _is_computed(node: Node) -> bool:
    return node.op is None or node.op.kind not in (Kind.RESHAPE, Kind.SPLIT, Kind.CONCAT)


def _alone(node: Node, inputs: Types, here: CallPath) -> list[_Readers]:
    """How an op reads each of its operands."""
    op: Any = node.op
    if isinstance(op, Conv | Depthwise | MaxPool | AvgPool) and {*op.kernel} == {1}:
        steps_over = any(s > 1 and n > 1 for s, n in zip(op.stride, inputs[0].shape[1:], strict=True))
        if steps_over and not any(map(any, op.pads(inputs))):
            return [_Readers(frozenset({op.stride}), here)]
    return [_Readers(frozenset({None}), here)] * len(inputs)


RULE = Rule(
    "unread-positions",
    WARNING,
    "maps that only strided 1x1 windows read, which step over the same positions",
    "what no window reads is computed for nothing: with stride 2 three quarters of the map",
    "He et al. 2019 (Bag of Tricks), arXiv:1812.01187, section 4 (ResNet-B)",
    check,
)
