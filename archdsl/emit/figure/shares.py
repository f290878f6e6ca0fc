"""Says what share of a network's cost each box of a scene stands for."""

from __future__ import annotations

from dataclasses import replace

from archdsl.analysis.cost import Cost, cost
from archdsl.emit.figure.scene import SMALL, Outline, Scene, TextLine
from archdsl.ir.graph import Graph, bodies

FIELDS = {"macs": "macs", "params": "params", "memory": "activations"}
MEANINGS = {
    "macs": "share of multiply-accumulates",
    "params": "share of parameters",
    "memory": "share of elements that all ops write",
}


def uses(root: Graph) -> dict[int, tuple[int, int]]:
    """Per body, by id, how often it is applied in `root`, and with how many sets of weights."""
    found: dict[int, list[int]] = {id(root): [1, 1]}
    for graph in reversed(list(bodies(root))):  # callers before callees
        applied, sets = found[id(graph)]
        slots: set[tuple[int, int]] = set()
        for _, node, callee in graph.calls:
            counts = found.setdefault(id(callee), [0, 0])
            counts[0] += applied * node.steps
            if node.slot is None or (id(callee), node.slot) not in slots:
                counts[1] += sets
                slots.add((id(callee), node.slot or 0))
    return {key: (applied, sets) for key, (applied, sets) in found.items()}


def shares(scene: Scene, metric: str) -> list[list[float | None]]:
    """Per panel and box the share of the network's cost; None for inputs and outputs.

    A box of a panel stands for the same box of all instances that the panel shows, however often each is used.
    """
    whole = _value(cost(scene.root), metric)
    used = uses(scene.root)
    found = []
    for panel in scene.panels:
        totals: list[float | None] = [None if box.origin is None else 0.0 for box in panel.sketch.boxes]
        for instance in panel.instances:
            applied, sets = used.get(id(instance.graph), (0, 0))
            for i, box in enumerate(instance.sketch.boxes):
                if (known := totals[i]) is not None and box.origin is not None:
                    many = sets if metric == "params" else applied
                    totals[i] = known + _value(box.origin.cost, metric) * many / max(1, whole)
        found.append(totals)
    return found


def _value(of: Cost, metric: str) -> int:
    return int(getattr(of, FIELDS[metric]))


def with_shares(scene: Scene, metric: str) -> tuple[Scene, list[list[float | None]]]:
    """The scene with the share in small print in each box, and the shares per panel and box."""
    found = shares(scene, metric)
    panels = []
    for panel, known in zip(scene.panels, found, strict=True):
        boxes = tuple(
            replace(box, shown=(*box.lines, TextLine(percentage(share), SMALL)))
            if share is not None and box.shape is Outline.BOX
            else box
            for box, share in zip(panel.sketch.boxes, known, strict=True)
        )
        panels.append(replace(panel, sketch=replace(panel.sketch, boxes=boxes)))
    return replace(scene, panels=tuple(panels)), found


def percentage(share: float) -> str:
    """`12 %`, `1.3 %`, `< 0.1 %`."""
    part = 100 * share
    if part == 0 or part >= 9.95:
        return f"{part:.0f} %"
    return f"{part:.1f} %" if part >= 0.05 else "< 0.1 %"
