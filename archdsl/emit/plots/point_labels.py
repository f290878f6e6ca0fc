"""Turns the labels of points on a page into places beside them, where they cover neither each other nor many points."""

from __future__ import annotations

from dataclasses import dataclass

PixelSpot = tuple[float, float]  # x and y, in pixels
Rectangle = tuple[float, float, float, float]  # left, bottom, right, top, in pixels

_SIDES = [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)]
_DISTANCES = (4, 9, 16, 24, 34)
_WORST = 9  # the highest cost of a label that is still written


@dataclass(frozen=True)
class LabelPlace:
    """Where a label stands: to which side of its point, how many typographic points away, and the room it takes."""

    point: PixelSpot
    side: tuple[int, int]
    distance: float
    box: Rectangle

    def cost(self, points: list[PixelSpot], labels: list[Rectangle]) -> float:
        """How bad it is: far from its point, over other points, tied by a line that crosses labels."""
        covered = sum(overlap(self.box, (x, y, x, y)) for x, y in points)
        middle = (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2
        line = [[a + (b - a) * k / 12 for a, b in zip(self.point, middle, strict=True)] for k in range(1, 12)]
        crossed = sum(overlap((x, y, x, y), label) for x, y in line for label in labels)
        return self.distance / 8 + 2 * covered + 2 * crossed


def place(
    labels: list[tuple[PixelSpot, PixelSpot]], points: list[PixelSpot], frame: Rectangle, unit: float
) -> list[LabelPlace | None]:
    """A place for each (point, width and height of its label) inside `frame`, in order; None where none is good enough.

    `points` are all that should stay visible; `unit` is one typographic point in pixels.
    """
    taken: list[Rectangle] = []
    found: list[LabelPlace | None] = []
    for point, size in labels:
        free = [
            candidate
            for candidate in _around(point, size, unit)
            if _within(candidate.box, frame) and not any(overlap(candidate.box, other) for other in taken)
        ]
        costs = [candidate.cost(points, taken) for candidate in free]
        best = free[costs.index(min(costs))] if costs and min(costs) <= _WORST else None
        found.append(best)
        if best is not None:
            taken.append(best.box)
    return found


def _around(point: PixelSpot, size: PixelSpot, unit: float) -> list[LabelPlace]:
    """Eight sides at growing distances, the better first."""
    found = []
    half_x, half_y = size[0] / 2, size[1] / 2
    for distance in _DISTANCES:
        for side in _SIDES:
            x, y = point[0] + side[0] * (distance * unit + half_x), point[1] + side[1] * (distance * unit + half_y)
            box = x - half_x - unit, y - half_y - unit, x + half_x + unit, y + half_y + unit
            found.append(LabelPlace(point, side, distance, box))
    return found


def overlap(a: Rectangle, b: Rectangle) -> bool:
    """Whether two boxes share more than an edge."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _within(inner: Rectangle, outer: Rectangle) -> bool:
    return outer[0] <= inner[0] and inner[2] <= outer[2] and outer[1] <= inner[1] and inner[3] <= outer[3]
