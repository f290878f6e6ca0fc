"""Compares the labels of stages in a panel, “layer1”, with the dotted module names of its bodies' calls."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile

from archdsl.emit.figure.measure import short_name
from archdsl.emit.figure.pieces import Place
from archdsl.emit.figure.places import DrawnPlaces
from archdsl.emit.figure.scene import Fold, Panel, Sketch

_COUNTED = re.compile(r"_\d+$")
_CHOSEN = (Fold.CHOICE, Fold.COUNTED)  # these say no labels
_ALIKE = 2  # boxes that may say one label; of more it tells none from another


def label_differences(panel: Panel) -> Iterator[str]:
    """Where a call does not say the label that the spec gives its stage, or something says another one."""
    yield from _differences(panel.sketch, [instance.sketch for instance in panel.instances])


def _differences(drawn: Sketch, own: Sequence[Sketch]) -> Iterator[str]:
    if not own or any(len(sketch.boxes) != len(drawn.boxes) for sketch in own):
        return  # said elsewhere
    readers = [(sketch, DrawnPlaces.of(sketch)) for sketch in own]
    wanted = [_labels(sketch, places) for sketch, places in readers]
    for number, box in enumerate(drawn.boxes):
        said = {phrase.text for row in box.rows for phrase in row.phrases if phrase.key == "stage"} or {""}
        labels = {known[number] for known in wanted}
        if not box.callees and any(said - {""} - _names(mine, places, number) for mine, places in readers):
            yield f"box {number + 1} has the label {said}, which none of its ops has"
        if box.callees and box.fold not in (Fold.TURNS, *_CHOSEN) and said != (labels if len(labels) == 1 else {""}):
            yield f"box {number + 1} has the label {said}, not {labels}"
        if box.inside is not None:
            inner = [sketch.boxes[number].inside for sketch in own]
            yield from _differences(box.inside, [sketch for sketch in inner if sketch is not None])


def _labels(own: Sketch, places: DrawnPlaces) -> list[str]:
    """The label of each box that stands for calls, in quotes; "" for what has none that tells it from others."""
    owned = Counter(map(places.weights, places.operands))
    found = []
    for box in own.boxes:
        calls = [unit[0] for unit in box.units] if box.callees and not places.differences else []
        shared = bool(calls) and owned[places.weights(calls[0])] > 1
        found.append("" if shared or not calls or box.fold is Fold.TURNS else _together(places, calls))
    many = Counter(found)
    places_of = [[] if places.differences else [place for unit in box.units for place in unit] for box in own.boxes]
    paths = [{places.path(place) for place in found} for found in places_of]
    return ["" if many[label] > _ALIKE or _misleads(label, own, found, paths) else label for label in found]


def _misleads(label: str, own: Sketch, labels: Sequence[str], paths: Sequence[set[str]]) -> bool:
    """Whether boxes without a label have modules below it, or a counted name like it; in a cell it is that of a sum."""
    if not label or own.graph.kind == "cell":
        return bool(label)
    name = label[1:-1]
    like = re.compile(re.escape(name) + r"_\d+(\.|$)")
    if any(like.match(path) for found in paths for path in found):
        return True
    others = (found for found, other in zip(paths, labels, strict=True) if other != label)
    return any(path == name or path.startswith(f"{name}.") for found in others for path in found)


def _names(own: Sketch, places: DrawnPlaces, number: int) -> set[str]:
    """What the last op of a box of ops may be called: its variables, and its dotted module name."""
    if places.differences:
        return set()
    found = set[str]()
    for unit in own.boxes[number].units:
        found |= {f"“{short_name(name)}”" for name in (*places.node(unit[-1])[0].names, _stage(places, unit[-1]))}
    return found


def _together(places: DrawnPlaces, calls: Sequence[Place]) -> str:
    """What the dotted names of calls have in common."""
    common = _stage(places, calls[0]).split(".")
    for place in calls[1:]:
        pairs = zip(common, _stage(places, place).split("."), strict=False)
        common = [a for a, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)]
    name = ".".join(common)
    return f"“{name}”" if name and not common[-1].isdigit() and not _COUNTED.search(name) else ""


def _stage(places: DrawnPlaces, place: Place) -> str:
    """A dotted module name without the words of ops and blocks at its end."""
    parts = places.path(place).split(".")
    while parts and _COUNTED.sub("", parts[-1]) == places.node(place)[0].word:
        parts.pop()
    return short_name(".".join(parts))
