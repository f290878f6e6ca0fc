"""Turns a body into the storages behind its tensors: which share memory, how large each is, and who reads it."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.ir.graph import INPUT, Graph, Ref
from archdsl.ir.per_body import per_mould_showing
from archdsl.ops.base import Op, Types
from archdsl.types import TensorType

ELEMENT_BYTES = {"float": 4, "int": 8}  # float32 and int64, torch's defaults


@dataclass(frozen=True, slots=True)
class Storages:
    """The storages of one body, numbered: its inputs first, as if all were different, then as they are made.

    `operands` and `results` give them per node, `made` those that a node makes; `made_bytes` is keyed by number.
    `reads` says which inputs an op reads somewhere inside, calls included.
    """

    operands: tuple[tuple[int, ...], ...]
    results: tuple[tuple[int, ...], ...]
    made: tuple[tuple[int, ...], ...]
    made_bytes: dict[int, int]
    outputs: tuple[int, ...]
    reads: tuple[bool, ...]


def tensor_bytes(x: TensorType) -> int:
    """Bytes of a tensor at batch 1, float32 or int64."""
    return x.size * ELEMENT_BYTES[x.dtype]


def made_bytes(op: Op, inputs: Types, outputs: Types) -> list[int] | None:
    """Bytes of the storages that an op makes for its results; None if it makes views. Parameters and constants: 0."""
    if op.is_view:
        return None
    return [0 if op.arity[1] == 0 else tensor_bytes(x) for x in outputs]


def _face(found: Storages) -> tuple[tuple[int, ...], tuple[int, ...], tuple[bool, ...]]:
    """What a caller looks at: new storages numbered from that of the first output on, and their bytes."""
    inside = len(found.reads)
    new = dict.fromkeys([s for s in found.outputs if s >= inside])
    number = {s: inside + i for i, s in enumerate(new)}
    sizes = tuple([found.made_bytes[s] for s in new])
    return tuple([number.get(s, s) for s in found.outputs]), sizes, found.reads


@per_mould_showing(_face)
def storages(graph: Graph) -> Storages:
    """The storages of `graph`, which has no scans."""
    count = len(graph.inputs)
    operands: list[tuple[int, ...]] = []
    results: list[tuple[int, ...]] = []
    made: list[tuple[int, ...]] = []
    size: dict[int, int] = {}
    reads = [False] * count

    def storage(ref: Ref) -> int:
        return ref.output if ref.node == INPUT else results[ref.node][ref.output]

    for node in graph.nodes:
        given = tuple([storage(ref) for ref in node.sources])
        fresh = count + len(size)
        if isinstance(node.target, Graph):
            callee = storages(node.target)
            inside = len(node.target.inputs)
            new = {s: fresh + i for i, s in enumerate(dict.fromkeys(s for s in callee.outputs if s >= inside))}
            size |= {number: callee.made_bytes[s] for s, number in new.items()}
            results.append(tuple([given[s] if s < inside else new[s] for s in callee.outputs]))
            made.append(tuple(new.values()))
            read = [s for s, is_read in zip(given, callee.reads, strict=True) if is_read]
        else:
            types = graph.operand_types(node)
            sizes = made_bytes(node.target, types, node.types)
            made.append(() if sizes is None else tuple(range(fresh, fresh + len(sizes))))
            size |= dict(zip(made[-1], sizes or (), strict=True))
            results.append(made[-1] if sizes is not None else (given[0],) * len(node.types))
            read = list(given)
        operands.append(given)
        for s in read:
            if s < count:
                reads[s] = True
    outputs = tuple([storage(ref) for ref in graph.outputs])
    return Storages(tuple(operands), tuple(results), tuple(made), size, outputs, tuple(reads))
