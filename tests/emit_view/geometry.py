"""Judges what the page lays out: nothing covers anything else, wires keep clear of boxes and of the names of frames."""

from __future__ import annotations

from typing import Any

# Gives the plans of a state as plain data; `nest`, `state` and what the page's script defines must be there.
PLANS = """
(nest, state) => {
  const found = new Map();
  const visit = (inner, nested) => {
    const key = inner.id + ":" + nested;
    if (found.has(key)) return;
    const plan = nest.plan(inner, nested);
    found.set(key, {
      nested, width: plan.width, height: plan.height, titleX: plan.titleX, titleWidth: plan.body.titleWidth,
      boxes: plan.boxes.map((box) => box && [box.x, box.y, box.width, box.height, box.state ? 1 : 0]),
      wires: plan.wires.map(({ edge, line, label, head }) => ({
        source: edge.source, target: edge.target, line,
        texts: [[label, edge.label.size], [head, edge.operand.size]].filter(([spot]) => spot),
      })),
      ports: plan.body.boxes.map((box) => box.port),
      ins: plan.ins, outs: plan.outs,
    });
    for (const kid of inner.kids.values()) visit(kid, true);
  };
  visit(state, false);
  return [...found.values()];
}
"""
HEAD, TRIANGLE = 17, 12
_SLACK = 0.05

Rectangle = tuple[float, float, float, float]  # left, top, right, bottom


def faults(plan: dict[str, Any]) -> list[str]:
    """What is wrong with one plan, in words."""
    boxes = {i: _rectangle(box) for i, box in enumerate(plan["boxes"]) if box is not None}
    whole = (0.0, 0.0, plan["width"], plan["height"])
    found = [f"box {i} leaves the frame" for i, box in boxes.items() if not _holds(whole, box)]
    ordered = sorted(boxes, key=lambda i: boxes[i][1])
    for place, i in enumerate(ordered):
        for j in ordered[place + 1 :]:
            if boxes[j][1] >= boxes[i][3]:
                break
            if _meet(boxes[i], boxes[j]):
                found.append(f"boxes {i} and {j} overlap")
    for wire in plan["wires"]:
        found += _wire_faults(plan, boxes, wire)
    return found


def _wire_faults(plan: dict[str, Any], boxes: dict[int, Rectangle], wire: dict[str, Any]) -> list[str]:
    name = f"wire {wire['source']} -> {wire['target']}"
    found = []
    for (x, y), (a, b) in zip(wire["line"], wire["line"][1:], strict=False):
        stretch = min(x, a), min(y, b), max(x, a), max(y, b)
        found += [f"{name} passes under box {i}" for i, box in boxes.items() if _crosses(box, (x, y), (a, b))]
        if plan["nested"] and _meet(_title(plan), _widened(stretch)):
            found.append(f"{name} passes under the name of the frame")
    for (x, y), (width, height) in wire["texts"]:
        text = x - width / 2, y - height / 2, x + width / 2, y + height / 2
        found += [f"a text of {name} lies on box {i}" for i, box in boxes.items() if _meet(box, text)]
    ends = [(wire["source"], wire["line"][0], 3), (wire["target"], wire["line"][-1], 1)]
    for index, (x, y), side in ends:
        if index in boxes:
            left, top, right, bottom = boxes[index]
            if not (left - 1 <= x <= right + 1 and top - 1 <= y <= bottom + 1):
                found.append(f"{name} does not meet box {index}")
        elif y != (0 if side == 3 else plan["height"]):
            found.append(f"{name} does not meet the border of the frame")
    return found


def _title(plan: dict[str, Any]) -> Rectangle:
    return plan["titleX"] + 1, 2, plan["titleX"] + TRIANGLE + plan["titleWidth"] + 2, HEAD - 3


def _rectangle(box: list[float]) -> Rectangle:
    x, y, width, height, _ = box
    return x, y, x + width, y + height


def _widened(box: Rectangle) -> Rectangle:
    return box[0] - _SLACK, box[1], box[2] + _SLACK, box[3]


def _holds(outer: Rectangle, inner: Rectangle) -> bool:
    return (
        outer[0] <= inner[0] + _SLACK
        and outer[1] <= inner[1] + _SLACK
        and inner[2] <= outer[2] + _SLACK
        and inner[3] <= outer[3] + _SLACK
    )


def _meet(a: Rectangle, b: Rectangle) -> bool:
    return min(a[2], b[2]) - max(a[0], b[0]) > _SLACK and min(a[3], b[3]) - max(a[1], b[1]) > _SLACK


def _crosses(box: Rectangle, start: tuple[float, float], end: tuple[float, float]) -> bool:
    """Whether a straight line enters a rectangle (Liang, Barsky 1984): more of it than the slack is inside."""
    low, high = 0.0, 1.0
    for axis in (0, 1):
        near, far = box[axis] + _SLACK, box[axis + 2] - _SLACK
        step = end[axis] - start[axis]
        if step == 0:
            if not near < start[axis] < far:
                return False
            continue
        first, last = sorted(((near - start[axis]) / step, (far - start[axis]) / step))
        low, high = max(low, first), min(high, last)
    length = ((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5
    return (high - low) * length > _SLACK
