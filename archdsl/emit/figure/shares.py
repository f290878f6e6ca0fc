"""Says what share of a network's cost each box of a scene stands for."""

from __future__ import annotations

from archdsl.analysis.cost import Cost, cost
from archdsl.emit.figure.scene import Scene

BoxPath = tuple[int, ...]  # the number of a box in its sketch, behind that of the box that the sketch is inside of
FIELDS = {"macs": "macs", "params": "params", "memory": "activations"}
MEANINGS = {
    "macs": "share of multiply-accumulates",
    "params": "share of parameters",
    "memory": "share of elements that all ops write",
}


def shares(scene: Scene, metric: str) -> list[dict[BoxPath, float]]:
    """Per panel the share of the network's cost by box; there is none for inputs and outputs.

    A box of a panel stands for the same box of all instances that the panel shows, however often each is used.
    """
    whole = max(1, _value(cost(scene.root), metric))
    found = []
    for panel in scene.panels:
        totals: dict[BoxPath, float] = {}
        for instance in panel.instances:
            for path, box in instance.sketch.all_boxes():
                if box.origin is not None:
                    many = instance.modules if metric == "params" else instance.steps
                    totals[path] = totals.get(path, 0.0) + _value(box.origin.cost, metric) * many / whole
        found.append(totals)
    return found


def _value(of: Cost, metric: str) -> int:
    return int(getattr(of, FIELDS[metric]))


def percentage(share: float) -> str:
    """`12 %`, `1.3 %`, `< 0.1 %`."""
    part = 100 * share
    if part == 0 or part >= 9.95:
        return f"{part:.0f} %"
    return f"{part:.1f} %" if part >= 0.05 else "< 0.1 %"
