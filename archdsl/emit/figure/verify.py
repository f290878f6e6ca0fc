"""Proves a scene against the IR: from the figure's data alone it finds what each op takes, and compares.

A figure says more than it draws: `bottleneck × 3` are two tensors between three calls, and a panel with a table is as
many bodies as the table has rows. Here that is spelled out. For every body of every panel, the boxes, folds and edges
give for each op and call, by its place, where its operands come from; the IR gives the same; they must be equal. So
must what the text of each box says, with the values of the body's row put in (`verify_words`), where edges leave and
arrive and what they say (`verify_ends`), the tables (`verify_tables`), and the titles (`verify_titles`). This shares
nothing with what makes scenes but the words for a single op.

    x -> [a, b] -> add     boxes x, a, b, +; edges x a, x b, a +, b +     says  + takes a, b
    the IR                 node 0: a of x, 1: b of x, 2: add of 0, 1      says  + takes a, b
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from archdsl.analysis.cost import params_and_macs
from archdsl.emit.figure.pieces import Piece, Place
from archdsl.emit.figure.places import DrawnPlaces, DrawnTensor
from archdsl.emit.figure.scene import Box, Edge, Fold, Panel, Scene, Sketch
from archdsl.emit.figure.verify_ends import end_differences
from archdsl.emit.figure.verify_index import SceneIndex
from archdsl.emit.figure.verify_labels import label_differences
from archdsl.emit.figure.verify_tables import table_differences
from archdsl.emit.figure.verify_titles import title_differences
from archdsl.emit.figure.verify_words import word_differences
from archdsl.ir.graph import Graph, bodies

_MOST = 20  # differences that are listed


@dataclass(frozen=True, slots=True)
class Covered:
    """What a figure was found to show: so many ops and calls and their operands, in so many bodies.

    `differences` are sentences; there are none where the figure is right.
    """

    ops: int
    edges: int
    instances: int
    differences: tuple[str, ...]


def verify(scene: Scene, drawn: Sequence[Panel] | None = None) -> Covered:
    """What `scene` shows, and where that is not the network; of `drawn` panels alone, it counts what these show."""
    return _Verifier(scene, scene.panels if drawn is None else drawn).verdict()


@dataclass(slots=True)
class _Verifier:
    scene: Scene
    drawn: Sequence[Panel]
    ops: int = 0
    edges: int = 0
    calls: Counter[int] = field(default_factory=Counter)  # places of each body in the network, as drawn
    found: list[str] = field(default_factory=list)

    def verdict(self) -> Covered:
        index = SceneIndex(self.scene)
        self.found += index.differences
        shown = [(panel, instance) for panel in self.scene.panels for instance in panel.instances]
        for panel, instance in shown:
            where = f"{panel.title.name} {panel.title.variant}".strip()
            counted = self.ops, self.edges
            made = [
                *self._body(panel.sketch, instance.sketch),
                *word_differences(index, panel, instance),
            ]
            self.found += [f"{where}: {text}" for text in made]
            if panel not in self.drawn:
                self.ops, self.edges = counted
        for panel in self.scene.panels:
            made = [*table_differences(panel), *end_differences(panel), *label_differences(panel)]
            self.found += [f"{panel.title.name}: {text}" for text in made]
        self.found += title_differences(self.scene)
        self.found += self._counts(index)
        instances = sum(len(panel.instances) for panel in self.drawn)
        return Covered(self.ops, self.edges, instances, tuple(self.found[:_MOST]))

    # --- one body

    def _body(self, drawn: Sketch, own: Sketch) -> Iterator[str]:
        """Where a panel, with the places of one body in its boxes, is not that body."""
        if len(drawn.boxes) != len(own.boxes) or len(drawn.edges) != len(own.edges):
            yield "the panel has other boxes or edges than the body"
            return
        places = DrawnPlaces.of(own)
        yield from places.differences
        if places.differences:
            return
        said = dict(self._operands(drawn, own))
        outputs = {box.port: said.pop((-1 - i,)) for i, box in enumerate(own.boxes) if (-1 - i,) in said}
        if [outputs.get(number) for number in range(len(own.graph.outputs))] != [[ref] for ref in places.outputs]:
            yield f"its outputs come from {outputs}, not {places.outputs}"
        for place, wanted in places.operands.items():
            self.ops += 1
            self.edges += len(wanted)
            if said.get(place) != wanted:
                yield f"{place} takes {wanted}, but the figure says {said.get(place)}"
        for i, box in enumerate(own.boxes):
            yield from self._called(drawn.boxes[i], box, places)

    def _called(self, drawn: Box, box: Box, places: DrawnPlaces) -> Iterator[str]:
        """Where the bodies that a box calls are not those of its places; what is drawn inside it is verified too."""
        bodies = [places.body(unit[0]) if len(unit) == 1 else None for unit in box.units]
        if any(body is not None for unit in box.units if len(unit) > 1 for body in map(places.body, unit)):
            yield "a call is joined to ops"
        if bodies != list(box.callees) and any(bodies) + len(box.callees):
            yield f"{box.units} call other bodies than the figure says"
        if (drawn.inside is None) != (box.inside is None):
            yield "what is drawn inside a box is not there"
        elif drawn.inside is not None and box.inside is not None:
            if bodies != [box.inside.graph]:
                yield "inside a box is another body than it calls"
            yield from self._body(drawn.inside, box.inside)

    def _operands(self, drawn: Sketch, own: Sketch) -> Iterator[tuple[Place, list[DrawnTensor]]]:
        """By place what each op takes, as the figure has it; an output of the body is at -1 - number of its box."""
        into: list[list[Edge]] = [[] for _ in drawn.boxes]
        for edge in drawn.edges:
            into[edge.target].append(edge)
        for i, (box, edges) in enumerate(zip(drawn.boxes, into, strict=True)):
            units = own.boxes[i].units
            arriving: dict[int, list[list[DrawnTensor]]] = {}  # per unit of a fold of branches and operand
            starts = [self._arriving(drawn, own, edge, len(units), box) for edge in edges]
            for edge, sources in zip(edges, starts, strict=True):
                for operand, of_units in zip(edge.operands, sources, strict=False):
                    arriving.setdefault(operand, []).append(of_units)
            if sorted(arriving) != list(range(len(arriving))) or any(len(known) != 1 for known in arriving.values()):
                continue  # an operand twice or not at all: the place is then missing
            operands = [arriving[operand][0] for operand in sorted(arriving)]
            if not units:
                if edges:
                    yield (-1 - i,), [of_units[0] for of_units in operands]
                continue
            for unit, taken in zip(units, _folded(box, units, operands), strict=True):
                yield unit[0], taken
                yield from ((place, [(unit[k], 0)]) for k, place in enumerate(unit[1:]))

    def _arriving(self, drawn: Sketch, own: Sketch, edge: Edge, units: int, box: Box) -> list[list[DrawnTensor]]:
        """What comes along an edge: per operand of it what each of the target's branches gets."""
        source = own.boxes[edge.source]
        if not source.units:
            return [[((-1,), source.port or 0)] * max(1, units)]
        if drawn.boxes[edge.source].fold is not Fold.BESIDE:
            if edge.back >= len(source.units):
                return []
            place = source.units[-1 - edge.back][-1]
            return [[(place, edge.output + i)] * max(1, units) for i in range(len(edge.operands))]
        results: list[DrawnTensor] = [(unit[-1], edge.output) for unit in source.units]
        if box.fold is Fold.BESIDE:
            return [results] if len(results) == units else []
        return [[result] for result in results] if len(results) == len(edge.operands) else []

    # --- all together

    def _counts(self, index: SceneIndex) -> Iterator[str]:
        """Where a body has no panel or two, or is said to be used more or less often than it is."""
        uses: Counter[int] = Counter({id(self.scene.root): 1})
        owners: Counter[int] = Counter({id(self.scene.root): 1})
        for graph, sketch in index.callers_first():
            made = list(_callees(sketch))
            for callee, _ in made:
                uses[id(callee)] += uses[id(graph)]
                if self.scene.depth is None and id(callee) not in index.shown:
                    yield f"{callee.name}: no panel shows a body of it"
            for callee, _ in {(id(callee), weights): (callee, weights) for callee, weights in made}.values():
                owners[id(callee)] += owners[id(graph)]
        everywhere = _applied(self.scene.root), _owners(self.scene.root)  # of bodies that are drawn alone
        for panel in self.scene.panels:
            total = sets = 0
            for instance in panel.instances:
                total += instance.uses
                body, alone = instance.graph, instance.graph.name in self.scene.alone
                wanted, modules = (known[id(body)] for known in (everywhere if alone else (uses, owners)))
                if (instance.uses, instance.modules) != (wanted, modules):
                    yield f"{panel.title.name}: {wanted} uses of {modules}, not {instance.uses} of {instance.modules}"
                sets += modules if params_and_macs(body)[0] else 0
            wanted_title = f"× {total:,}" if total > 1 else ""
            if 0 < sets < total:
                wanted_title += f" with {sets:,} set{'s' if sets > 1 else ''} of weights"
            if panel.title.uses != wanted_title:
                yield f"{panel.title.name}: its title says {panel.title.uses!r}, which should be {wanted_title!r}"


def _owners(root: Graph) -> Counter[int]:
    """How many sets of weights each body has in a network: one per call, or shared stage, of each of its callers."""
    sets: Counter[int] = Counter({id(root): 1})
    for graph in reversed(list(bodies(root))):
        stages = {(id(callee), number if node.slot is None else -1 - node.slot) for number, node, callee in graph.calls}
        for callee, _ in stages:
            sets[callee] += sets[id(graph)]
    return sets


def _folded(
    box: Box, units: tuple[tuple[Place, ...], ...], starts: list[list[DrawnTensor]]
) -> Iterator[list[DrawnTensor]]:
    """Per unit of a box what it takes, by the rule of the fold; `starts` is per operand what comes along its edge."""
    ends = [unit[-1] for unit in units]
    for k in range(len(units)):
        if box.fold is Fold.BESIDE:
            yield [of_units[k] for of_units in starts]
        elif box.fold in (Fold.CHOICE, Fold.COUNTED) and k == len(units) - 1:
            yield [(ends[k - lag], 0) if lag else starts[0][0] for lag, _ in box.feeds]
        elif k == 0 or box.fold is Fold.CHOICE:
            yield [of_units[0] for of_units in starts]
        elif box.fold in (Fold.TURNS, Fold.COUNTED):
            yield [(ends[k - 1], 0)] if len(starts) == 1 else []
        elif box.fold is Fold.RUN and len(box.feeds) == len(starts):
            yield [_fed(box.feeds, starts, ends, k, operand) for operand in range(len(starts))]
        else:
            yield []


def _fed(
    feeds: tuple[tuple[int, int], ...], starts: list[list[DrawnTensor]], ends: list[Place], k: int, operand: int
) -> DrawnTensor:
    """What operand `operand` of unit `k` > 0 of a run is: the result so many steps back, before the first: a start."""
    lag, output = feeds[operand]
    if lag == 0:
        return starts[operand][0]
    if k >= lag:
        return ends[k - lag], output
    begun = [start for (steps, of), start in zip(feeds, starts, strict=True) if (steps, of) == (lag - k, output)]
    return begun[0][0] if begun else ((), 0)


def _applied(root: Graph) -> Counter[int]:
    """How often the network applies each body, a cell of a scan once."""
    count: Counter[int] = Counter({id(root): 1})
    for graph in reversed(list(bodies(root))):  # callers before callees
        for _, _, callee in graph.calls:
            count[id(callee)] += count[id(graph)]
    return count


def _callees(sketch: Sketch) -> Iterator[tuple[Graph, tuple[int, ...]]]:
    """The bodies called from a sketch and from what is drawn inside its boxes, and whose weights each call has."""
    for box in sketch.boxes:
        if box.origin is None:
            continue
        owned = [unit_pieces[0].weights for unit_pieces in _units(box)]
        if box.inside is not None:
            yield from ((callee, (*owned[0], *weights)) for callee, weights in _callees(box.inside))
        else:
            yield from ((c, weights) for c, weights in zip(box.callees, owned, strict=False) if c is not None)


def _units(box: Box) -> Iterator[Sequence[Piece]]:
    """The pieces of each unit of a box."""
    pieces = list(box.origin.pieces) if box.origin is not None else []
    for unit in box.units:
        yield pieces[: len(unit)]
        del pieces[: len(unit)]
