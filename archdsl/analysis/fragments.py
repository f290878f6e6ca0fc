"""Turns a network into its building blocks with their fragments: the convolutions and pools of one block (G3).

Guideline G3 of ShuffleNet v2 (Ma et al. 2018, arXiv:1807.11164): many small ops in a block cost speed. Counted here:

1. Convolutions and pools that are not global, also those of the shortcut. Nothing else: no linear layer, norm,
   activation, sum or concat.
2. A depthwise convolution whose result is read by a 1x1 convolution alone counts as one with it.
3. In a cell with several inputs, what only brings an input to the right shape does not count: 1x1 convolutions
   (strided ones and pools of window 1 too) that the input goes through before anything else reads it.

A building block is a body that the user marked: every cell; a block that is called outside of cells and of other
building blocks. Blocks that hold building blocks are opened instead: those with a cell somewhere inside, and stages,
chains of calls of which one has several fragments. Blocks without any fragment are left out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

from archdsl.analysis.cost import kind_of
from archdsl.analysis.expand import is_small, without_scans
from archdsl.analysis.not_defined import NotDefined
from archdsl.analysis.outline import Counting, counted, outline
from archdsl.ir.graph import INPUT, Graph, Node, Ref, bodies
from archdsl.ir.per_body import per_body_alone, per_body_and, per_mould
from archdsl.ops.base import Kind, Op, Types, Window
from archdsl.source import Span

_COUNTED = frozenset({Kind.CONVOLUTION, Kind.POOL})
_COUNTING = Counting(_COUNTED, pairs=True)
_PASSED = frozenset({Kind.ACTIVATION, Kind.NORM, Kind.RESHAPE, Kind.DROP})  # on the way to a calibrating convolution
_MOST_OPS = 10_000  # in one building block


@dataclass(frozen=True, slots=True)
class BlockFragments:
    """One building block: its fragments, how many follow one another at most, and how many stand side by side.

    `series` is the number of fragments on the longest path, `parallel` the largest number with no path between any
    two. `applications` is how often the network applies the body; blocks of one name differ in arguments or types.
    """

    name: str
    kind: str
    fragments: int
    series: int
    parallel: int
    applications: int
    span: Span


@dataclass(frozen=True, slots=True)
class Fragments:
    """The building blocks of a network, in order of first application, and what was too large to be counted.

    With a block in `not_counted` (its name), `maximum` is a lower bound and `mean` that of the others.
    """

    blocks: tuple[BlockFragments, ...]
    not_counted: tuple[str, ...] = ()

    @property
    def maximum(self) -> int:
        """Fragments of the block that has most; 0 without blocks."""
        return max([block.fragments for block in self.blocks], default=0)

    @property
    def mean(self) -> Fraction:
        """Fragments of a block on average over applications; 0 without blocks."""
        applications = sum(block.applications for block in self.blocks)
        return Fraction(sum(b.fragments * b.applications for b in self.blocks), max(applications, 1))


def fragments(graph: Graph) -> Fragments:
    """The fragments of every building block that `graph` applies; each distinct block is written out once."""
    blocks: list[BlockFragments] = []
    not_counted: list[str] = []
    for body, applications in building_blocks(graph).items():
        found = fragments_of(body, applications)
        if found is None:
            not_counted.append(body.name)
        elif found.fragments:
            blocks.append(found)
    return Fragments(tuple(blocks), tuple(not_counted))


def fragments_of(body: Graph, applications: int = 1) -> BlockFragments | None:
    """The fragments of one building block, perhaps none; None if it is too large to be written out."""
    found = _measured(body)
    return None if found is None else BlockFragments(body.name, body.kind, *found, applications, body.span)


def building_blocks(root: Graph) -> dict[Graph, int]:
    """Building blocks in order of first application, with their numbers of applications."""
    order = list(bodies(root))
    opened = {body for body in order if body is root or _is_opened(body)}
    applications: Counter[Graph] = Counter({root: 1})
    first: dict[Graph, tuple[int, ...]] = {root: ()}
    for body in reversed(order):  # callers before callees
        if body not in opened or not applications[body]:
            continue
        for index, node in enumerate(body.nodes):
            if node.body is not None:
                applications[node.body] += applications[body] * node.steps
                place = (*first[body], index)
                first[node.body] = min(first.get(node.body, place), place)
    return {body: applications[body] for body in sorted(first, key=first.__getitem__) if body not in opened}


def _is_opened(body: Graph) -> bool:
    """Whether a body is no building block, but holds some."""
    return body.kind != "cell" and (_holds_cell(body) or _is_stage(body))


@per_mould
def _holds_cell(body: Graph) -> bool:
    return body.kind == "cell" or any(_holds_cell(callee) for callee, _ in body.callees)


def _is_stage(body: Graph) -> bool:
    """Whether a block is a chain in which at least two nodes are calls, one of them of several fragments."""
    previous = [(INPUT, 0), *((i, 0) for i in range(len(body.nodes)))]
    follows = all(node.operands == (ref,) for node, ref in zip(body.nodes, previous, strict=False))
    return follows and len(body.calls) > 1 and any(_several(callee) for callee, _ in body.callees)


def _several(body: Graph) -> bool:
    found = _measured(body)
    return found is None or found[0] > 1


def _measured(body: Graph) -> tuple[int, int, int] | None:
    """Fragments, series and parallel degree of one building block; None if it is too large to be written out."""
    return _count(body) if is_small(body, _MOST_OPS) else None


@per_body_alone
def _count(body: Graph) -> tuple[int, int, int]:
    body = without_scans(body)
    return counted(
        outline(body, _COUNTING, _calibrations(body) if body.kind == "cell" and len(body.inputs) > 1 else ()).links
    )


def _calibrations(cell: Graph) -> set[int]:
    """The nodes of `cell` that only bring one of its inputs to the right shape."""
    readers: dict[Ref, list[int]] = {}
    for index, node in enumerate(cell.nodes):
        for operand in node.operands:
            readers.setdefault(operand, []).append(index)
    found: set[int] = set()
    for number in range(len(cell.inputs)):
        ref = Ref(INPUT, number)
        while len(readers.get(ref, [])) == 1 and ref not in cell.outputs:
            index = readers[ref][0]
            node = cell.nodes[index]
            if not (len(node.operands) == len(node.types) == 1 and _passes(node)):
                break
            shapes = _only_shapes_of(cell, node)
            if shapes:
                found.add(index)
            if shapes is not None or node.body is not None:
                break
            ref = Ref(index)
    return found


@per_mould
def _only_shapes(body: Graph) -> bool | None:
    """Whether all convolutions and pools of a body have windows of 1; None: there are none."""
    found = [shapes for node in body.nodes if (shapes := _only_shapes_of(body, node)) is not None]
    return all(found) if found else None


def _only_shapes_of(body: Graph, node: Node) -> bool | None:
    if isinstance(node.target, Graph):
        return _only_shapes(node.target)
    return _has_window_one(node.target, body.operand_types(node)) if node.target.kind in _COUNTED else None


def _passes(node: Node) -> bool:
    return node.op is None or node.op.kind in _PASSED or node.op.kind in _COUNTED


def _has_window_one(op: Op, inputs: Types) -> bool:
    if op.kind is Kind.CONVOLUTION:
        return kind_of(op, inputs) == "conv 1x1"
    return all(isinstance(reach, Window) and reach.size == 1 for reach in op.reach(inputs)[0][0])


def most_fragments(graph: Graph) -> int:
    """Fragments of the building block that has most; 0 without blocks.

    Raises:
        NotDefined: a block is too large to be counted.
    """
    most, not_counted = _most_inside(graph)
    if not_counted:
        raise NotDefined(f"not defined: fragments of {graph.name}: {not_counted} has more than {_MOST_OPS:,} ops")
    return most


def _most_inside(body: Graph) -> tuple[int, str]:
    """The most fragments of a building block in a body, and the name of one that was too large to be counted."""
    found = [_most_of(callee) for callee, _ in body.callees]
    return max([most for most, _ in found], default=0), next((name for _, name in found if name), "")


@per_body_and(lambda body: [(callee,) for callee, _ in body.callees] if _is_opened(body) else ())
def _most_of(body: Graph) -> tuple[int, str]:
    """The same of a building block, or of those in a body that is opened."""
    if _is_opened(body):
        return _most_inside(body)
    found = _measured(body)
    return (0, body.name) if found is None else (found[0], "")


METRICS = {"fragments": most_fragments}
