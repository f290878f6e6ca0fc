"""Holds which combinations of input sizes belong together: a union of boxes, each a set of sizes per axis."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

from archdsl.analysis.sizes.sets import ANY, NONE, SizeSet, TooIrregular
from archdsl.analysis.sizes.work import spend
from archdsl.diagnostics.display import brief

SizeBox = tuple[SizeSet, ...]
SizePoint = tuple[int, ...]
MOST_BOXES = 512


@dataclass(frozen=True, slots=True)
class Region:
    """Combinations of sizes, one size per axis; the boxes are disjoint and none is empty."""

    boxes: tuple[SizeBox, ...]

    def __contains__(self, point: object) -> bool:
        axes = len(self.boxes[0]) if self.boxes else None
        if not isinstance(point, tuple) or axes not in (None, len(point)):
            one_each = "one size for each axis of the inputs" if axes is None else f"{axes} sizes, one for each axis"
            raise TypeError(f"a region takes a tuple of {one_each}, not {brief(point)}")
        return any(all(size in part for size, part in zip(point, box, strict=True)) for box in self.boxes)

    def __bool__(self) -> bool:
        return bool(self.boxes)

    def __and__(self, other: Region) -> Region:
        spend(len(self.boxes) * len(other.boxes))
        found = [_both(a, b) for a in self.boxes for b in other.boxes]
        return _region([box for box in found if all(box)])

    def __sub__(self, other: Region) -> Region:
        left = list(self.boxes)
        for box in other.boxes:
            spend(len(left))
            left = [part for piece in left for part in _without(piece, box)]
        return _region(left)

    def __or__(self, other: Region) -> Region:
        return _region([*self.boxes, *(other - self).boxes])

    @property
    def some(self) -> SizePoint:
        """The smallest sizes of the first box."""
        return tuple(part.first for part in self.boxes[0])

    @property
    def separate(self) -> bool:
        """Whether the axes do not depend on each other: one box (or nothing)."""
        return len(self.boxes) < 2

    def axis(self, index: int) -> SizeSet:
        """The sizes of one axis that occur with any sizes of the others."""
        return reduce(SizeSet.__or__, (box[index] for box in self.boxes), NONE)

    def at(self, index: int, point: SizePoint) -> SizeSet:
        """The sizes of one axis that go with the sizes that `point` has along the others."""
        others = [i for i in range(len(point)) if i != index]
        fitting = (box[index] for box in self.boxes if all(point[i] in box[i] for i in others))
        return reduce(SizeSet.__or__, fitting, NONE)

    def equal(self, axes: tuple[int, ...], point: SizePoint) -> SizeSet:
        """The sizes s for which s along all of `axes` works, the others being as in `point`: squares, cubes."""
        others = [i for i in range(len(point)) if i not in axes]
        found = NONE
        for box in self.boxes:
            if all(point[i] in box[i] for i in others):
                found |= reduce(SizeSet.__and__, (box[i] for i in axes))
        return found


def everything(axes: int) -> Region:
    """All sizes along all axes."""
    return Region(((ANY,) * axes,))


def along(axes: int, index: int, sizes: SizeSet) -> Region:
    """These sizes along one axis, all along the others."""
    return _region([(*(ANY,) * index, sizes, *(ANY,) * (axes - index - 1))] if sizes else [])


def _region(boxes: list[SizeBox]) -> Region:
    """Boxes that differ along one axis only become one.

    Raises:
        TooIrregular: there are too many.
    """
    merged = True
    while merged and len(boxes) > 1:
        merged = False
        for axis in range(len(boxes[0])):
            spend(len(boxes))
            groups: dict[SizeBox, SizeSet] = {}
            for box in boxes:
                rest = (*box[:axis], *box[axis + 1 :])
                groups[rest] = groups.get(rest, NONE) | box[axis]
            merged |= len(groups) < len(boxes)
            boxes = [(*rest[:axis], part, *rest[axis:]) for rest, part in groups.items()]
    if len(boxes) > MOST_BOXES:
        raise TooIrregular("the axes depend on each other in too many ways")
    return Region(tuple(boxes))


def _both(a: SizeBox, b: SizeBox) -> SizeBox:
    return tuple(x & y for x, y in zip(a, b, strict=True))


def _without(a: SizeBox, b: SizeBox) -> list[SizeBox]:
    """Disjoint boxes that make up a without b."""
    pieces = []
    for axis, (x, y) in enumerate(zip(a, b, strict=True)):
        outside = x - y
        if outside:
            pieces.append((*(p & q for p, q in zip(a[:axis], b[:axis], strict=True)), outside, *a[axis + 1 :]))
        if not x & y:
            break
    return [piece for piece in pieces if all(piece)]
