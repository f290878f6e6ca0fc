"""Finds the lists of modules that a loop can run: each takes over from the one before in one manner."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.emit.pytorch import code
from archdsl.emit.pytorch.actions import Loop, LoopVariable, Sort
from archdsl.emit.pytorch.label_tree import Tree
from archdsl.emit.pytorch.names import identifier, variable_name
from archdsl.emit.pytorch.template import Template
from archdsl.ir.graph import Ref


def loop_over(tree: Tree, template: Template) -> tuple[tuple[int, ...], Loop] | None:
    """The sites of a ModuleList and the loop that runs them, when each takes over from the one before in one manner."""
    children = list(tree.children.values())
    if len(children) < 3 or any(c.children or len(c.sites) != 1 for c in children):
        return None
    numbers = tuple(c.sites[0] for c in children)
    sites = [template.sites[n] for n in numbers]
    if any(
        s.when is not None or s.slot is not None or s.form.before is not None or s.scan is not None or s.each
        for s in sites
    ):
        return None
    if len({(len(s.operands), s.outputs) for s in sites}) > 1 or not sites[0].operands:
        return None
    slots = [_slot(numbers, [s.operands for s in sites], j) for j in range(len(sites[0].operands))]
    carried = [slot for slot in slots if slot is not None]
    if len(carried) < len(slots):
        return None
    finals = {slot.final for slot in carried}
    if any(r.node in numbers and r not in finals for r in _outside(template, numbers)):
        return None
    name = identifier(tree.key)
    loop = Loop(
        operands=sites[0].operands,
        results=tuple(slot.final for slot in carried if slot.source is not None),
        write=lambda o: o[0],
        sort=Sort.MERGE,
        slots=tuple(carried),
        outputs=sites[0].outputs,
        variable=name[:-1] if name.endswith("s") and len(name) > 2 else "block",
        over=code.flat(tree.access),
        spoken=tuple(variable_name(name) for name in sites[0].spoken),
        sites=numbers,
    )
    return numbers, loop


def _slot(numbers: tuple[int, ...], operands: list[tuple[Ref, ...]], j: int) -> LoopVariable | None:
    column = [o[j] for o in operands]
    if all(r == column[0] for r in column):
        return LoopVariable(None, column[0])
    before = operands[:-1]
    produced = column[1]
    if produced.node == numbers[0]:
        output = produced.output
        if all(r == Ref(n, output) for r, n in zip(column[1:], numbers, strict=False)):
            return LoopVariable(("out", output), Ref(numbers[-1], output))
    for other in range(len(operands[0])):
        if all(r == o[other] for r, o in zip(column[1:], before, strict=True)):
            return LoopVariable(("slot", other), operands[-1][other])
    return None


def _outside(template: Template, numbers: tuple[int, ...]) -> Iterator[Ref]:
    """Every ref read outside the sites of a loop."""
    inside = set(numbers)
    for number, site in enumerate(template.sites):
        if number not in inside:
            yield from site.operands
    yield from template.outputs
    for choice in template.choices:
        yield from (choice.then, choice.otherwise)
