"""Writes scans out, and `each`: every step a call of the cell, with one set of weights: same keys, same function.

A scan `ys = scan cell xs over 3`, whose cell takes an element and one state and gives a result and the next state, is

    elements = unbind xs
    h0 = zeros xs
    y1, h1 = call cell elements.0 h0    as ys  slot 0
    y2, h2 = call cell elements.1 h1    as ys  slot 0
    y3, h3 = call cell elements.2 h2    as ys  slot 0
    ys = stack y1 y2 y3

The label of the scan is that of its steps, which share its slot, or a new one: the weights keep their keys, and
`transform.carry` needs no formula. Without `stack` or `zeros` where nobody reads the outputs or the states are given.
`each` takes all its operands apart and stacks all its results.
"""

from __future__ import annotations

from archdsl.ir.graph import Graph, Node, Ref
from archdsl.ir.per_body import per_body_alone, per_mould
from archdsl.ops.base import Op, Types
from archdsl.ops.merge import Stack
from archdsl.ops.parameter import Zeros
from archdsl.ops.split import PARTS_LIMIT, Unbind
from archdsl.transform.rewrite import Edit, rewrite

MOST_STEPS = PARTS_LIMIT  # of one scan: the elements are the results of one `unbind`


class TooManySteps(ValueError):
    """A scan is too long to be written out."""


@per_mould
def has_scans(graph: Graph) -> bool:
    """Whether a scan is somewhere in `graph`."""
    return any(node.length is not None or has_scans(body) for _, node, body in graph.calls)


def unrolled(root: Graph) -> Graph:
    """`root` with every scan written out, as PyTorch runs it; `root` itself if it has none.

    Raises:
        TooManySteps: a scan has more than MOST_STEPS steps.
        InvariantError: `root` breaks an invariant.
    """
    return _unrolled(root) if has_scans(root) else root  # not remembered there: what leads back to itself stays longer


@per_body_alone
def _unrolled(root: Graph) -> Graph:
    return rewrite(root, _without_scans)


def _without_scans(_body: Graph, current: Graph) -> Graph:
    scans = [(index, node, cell) for index, node, cell in current.calls if node.length is not None]
    if not scans:
        return current
    edit = Edit(current)
    free = 1 + max([node.slot for node in current.nodes if node.slot is not None], default=-1)
    for number, (index, node, cell) in enumerate(scans):
        _write_out(edit, index, node, cell, free + number if node.slot is None else node.slot)
    return edit.body()


def _write_out(edit: Edit, index: int, scan: Node, cell: Graph, slot: int) -> None:
    """Put the steps of a scan in its place."""
    length = scan.steps
    if length > MOST_STEPS:
        raise TooManySteps(f"a scan of {length:,} steps is over {MOST_STEPS:,}")
    sequences, carried = cell.inputs[: len(cell.inputs) - scan.states], cell.inputs[len(cell.inputs) - scan.states :]

    def insert(target: Op | Graph, operands: tuple[Ref, ...], types: Types, *place: str | int) -> tuple[Ref, ...]:
        is_step = target is cell
        label, own_slot = (scan.label, slot) if is_step else ("", None)
        return edit.insert(index, Node(target, operands, types, label, scan.spans, (scan.site, *place), own_slot))

    taken = [
        insert(Unbind(), (whole,), (element,) * length, "elements", k)
        for k, (whole, element) in enumerate(zip(scan.operands, sequences, strict=False))
    ]
    states = list(scan.operands[len(sequences) :])
    if not states:
        states = [insert(Zeros(x.shape), scan.operands[:1], (x,), "start", i)[0] for i, x in enumerate(carried)]
    stacked = len(scan.types) - len(carried)
    outputs: list[list[Ref]] = [[] for _ in range(stacked)]
    for step in range(length):
        elements = [parts[step] for parts in taken]
        made = insert(cell, (*elements, *states), cell.output_types, "step", step)
        for collected, output in zip(outputs, made, strict=False):
            collected.append(output)
        states = list(made[len(made) - len(carried) :])
    wholes = [
        insert(Stack(), tuple(parts), (whole,), "outputs", k)[0]
        for k, (parts, whole) in enumerate(zip(outputs, scan.types, strict=False))
    ]
    edit.remove(index, *wholes, *states)
