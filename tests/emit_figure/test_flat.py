"""A network written out from its figure, as a reader would, is the network written out from the IR, op by op.

Only what a figure shows is read: boxes, how they are folded, edges, words and the rows of tables. Each op gets a number
that stands for what it is and what it takes; both ways must give the same numbers equally often, and the same outputs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

import archdsl
from archdsl.emit.figure.scene import Box, Edge, Fold, Instance, Phrase, Scene, Sketch
from archdsl.emit.figure.scenes import scene
from archdsl.emit.figure.words import op_phrases
from archdsl.ir.graph import INPUT, Graph
from archdsl.ops.base import Op
from tests.emit_figure.random_specs import random_spec

MOST = 6000  # ops that are written out
Number = int  # stands for a tensor


class Numbers:
    """Numbers for ops by what they are and take; equal ones get one number, and are counted."""

    def __init__(self) -> None:
        self.known: dict[object, int] = {}
        self.count: Counter[int] = Counter()

    def apply(self, what: object, taken: Sequence[Number]) -> Number:
        number = self.known.setdefault((what, tuple(taken)), len(self.known))
        self.count[number] += 1
        assert sum(self.count.values()) <= MOST
        return number

    def result(self, number: Number, output: int) -> Number:
        return self.known.setdefault(("result", number, output), len(self.known))


def plain(key: str, value: str) -> tuple[str, str]:
    """No padding and half of the window are one for windows of one element."""
    return key, "usual" if key == "padding" and value in ("half", "0") else value


def meaning(phrases: Sequence[Phrase]) -> tuple[tuple[str, str], ...]:
    told = [(p.key.rpartition(".")[2], p.text if p.key.endswith("op") else p.value) for p in phrases]
    return tuple(plain(key, value) for key, value in told)


def from_ir(graph: Graph, given: Sequence[Number], numbers: Numbers) -> list[Number]:
    made: list[list[Number]] = []
    for node in graph.nodes:
        taken = [given[r.output] if r.node == INPUT else made[r.node][r.output] for r in node.operands]
        if isinstance(node.target, Op):
            op = node.target
            what: object = meaning(op_phrases(op, graph.operand_types(node)))
            if op.symbol and len(taken) > 1:
                what = (("op", op.symbol),)
            number = numbers.apply(what, taken)
        elif node.length is not None:
            inside = Numbers()
            body = from_ir(node.target, [-1 - i for i in range(len(node.target.inputs))], inside)
            number = numbers.apply(("each" if node.each else "scan", node.length, sorted_names(inside, body)), taken)
        else:
            made.append(from_ir(node.target, taken, numbers))
            continue
        made.append([numbers.result(number, output) for output in range(len(node.types))])
    return [given[r.output] if r.node == INPUT else made[r.node][r.output] for r in graph.outputs]


def sorted_names(numbers: Numbers, outputs: Sequence[Number]) -> object:
    """The body of a scan as something that can be compared."""
    names: dict[int, object] = {-1 - i: ("input", i) for i in range(9)}
    for key, number in numbers.known.items():
        assert isinstance(key, tuple)
        if key[0] == "result":
            names[number] = ("result", names[key[1]], key[2])
        else:
            names[number] = (key[0], tuple(names[taken] for taken in key[1]))
    return tuple(names[output] for output in outputs)


class Reader:
    """Writes a scene out."""

    def __init__(self, found: Scene, numbers: Numbers) -> None:
        self.scene, self.numbers = found, numbers
        self.shown = {id(one.graph): (panel, one) for panel in found.panels for one in panel.instances}

    def body(self, drawn: Sketch, own: Sketch, one: Instance, given: Sequence[Number]) -> list[Number]:
        made: list[list[list[Number]]] = []  # per box and unit its results
        outputs: dict[int, Number] = {}
        for i, box in enumerate(drawn.boxes):
            edges = [edge for edge in drawn.edges if edge.target == i]
            if box.port is not None and not edges:
                made.append([[given[box.port]]])
            elif box.port is not None:
                (edge,) = edges
                outputs[box.port] = made[edge.source][-1 - edge.back][edge.output]
                made.append([])
            else:
                made.append(self.box(box, own.boxes[i], one, edges, made, drawn))
        return [outputs[number] for number in range(len(outputs))]

    def box(self, box: Box, own: Box, one: Instance, edges: list[Edge], made: list[list[list[Number]]],
            drawn: Sketch) -> list[list[Number]]:  # fmt: skip
        starts: list[list[Number]] = []  # per operand what each unit of a fold of branches gets
        width = len(own.units) if box.fold is Fold.BESIDE else 1
        for edge in edges:
            source = made[edge.source]
            if drawn.boxes[edge.source].fold is Fold.BESIDE and box.fold is not Fold.BESIDE:
                starts += [[unit[edge.output]] for unit in source]
            elif drawn.boxes[edge.source].fold is Fold.BESIDE:
                starts.append([unit[edge.output] for unit in source])
            else:
                starts.append([source[-1 - edge.back][edge.output]] * width)
        results: list[list[Number]] = []
        for k in range(len(own.units)):
            if box.fold is Fold.BESIDE:
                taken = [start[k] for start in starts]
            elif k == 0:
                taken = [start[0] for start in starts]
            elif box.fold is Fold.TURNS:
                taken = results[-1]
            else:
                taken = []
                for j, (lag, output) in enumerate(box.feeds):
                    before = box.feeds.index((1, output)) if lag == 2 and k == 1 else 0
                    taken.append(
                        starts[j][0] if lag == 0 else starts[before][0] if lag > k else results[k - lag][output]
                    )
            results.append(self.unit(box, own, k, one, taken))
        return results

    def unit(self, box: Box, own: Box, k: int, one: Instance, taken: list[Number]) -> list[Number]:
        callee = own.callees[k] if own.callees else None
        phrases = self.phrases(box, k % box.period)
        if callee is None:
            return self.ops(phrases, one, taken, max(box.outs, 1) if len(own.units) == 1 else 0)
        if box.inside is not None and own.inside is not None:
            return self.body(box.inside, own.inside, one, taken)
        panel, row = self.shown[id(callee)]
        steps = next((self.value(p, one) for p in phrases if p.key == "steps"), "")
        what = "each" if any("elements" in p.text for p in phrases if p.key == "steps") else "scan"
        if not steps:
            return self.body(panel.sketch, row.sketch, row, taken)
        inside = Numbers()
        reader = Reader(self.scene, inside)
        outputs = reader.body(panel.sketch, row.sketch, row, [-1 - i for i in range(len(callee.inputs))])
        number = self.numbers.apply((what, int(steps.replace(",", "")), sorted_names(inside, outputs)), taken)
        count = len(callee.outputs) + (what == "scan")  # a scan may give its only output as the last state, too
        return [self.numbers.result(number, output) for output in range(count)]

    def phrases(self, box: Box, position: int) -> list[Phrase]:
        every = [p for row in box.rows for p in row.phrases]
        starts = [int(p.key.partition(":")[0]) for p in every if ":" in p.key]
        if not starts:
            return every
        prefix = f"{max(start for start in starts if start <= position)}:"
        return [
            Phrase(p.key.removeprefix(prefix), p.text, p.value, word=p.word) for p in every if p.key.startswith(prefix)
        ]

    def ops(self, phrases: list[Phrase], one: Instance, taken: list[Number], outs: int) -> list[Number]:
        steps: dict[int, list[tuple[str, str]]] = {}
        for phrase in phrases:
            step, _, key = phrase.key.rpartition(".")
            if (step.isdigit() and key != "shared") or phrase.key == "op":
                shown = phrase.word == "" and key == "op"
                said = phrase.text if shown else self.value(phrase, one)
                steps.setdefault(int(step or 0), []).append(plain(key, said))
        for step in sorted(steps):
            number = self.numbers.apply(tuple(steps[step]), taken)
            taken = [self.numbers.result(number, output) for output in range(max(outs, 1))]
        return taken

    def value(self, phrase: Phrase, one: Instance) -> str:
        return dict(one.values)[phrase.word] if phrase.word else phrase.value


def both(graph: Graph) -> tuple[list[object], list[object]]:
    """What the IR and the figure give, written out: ops and how often each, and outputs."""
    numbers, read = Numbers(), Numbers()
    given = [-1 - i for i in range(len(graph.inputs))]
    outputs = from_ir(graph, given, numbers)
    read.known = numbers.known  # what is equal has one number
    found = scene(graph)
    panel = found.panels[0]
    seen = Reader(found, read).body(panel.sketch, panel.instances[0].sketch, panel.instances[0], given)
    return [numbers.count, outputs], [read.count, seen]


@pytest.mark.parametrize(
    "name", ["resnet50", "nasnet_mobile", "mobilenet_v3_large", "dla34", "fractalnet20", "lstm_lm_small", "resattnet56"]
)
def test_networks_are_written_out_alike(name: str) -> None:
    ir, figure = both(archdsl.load(name).graph)
    assert ir == figure


def test_random_networks_are_written_out_alike() -> None:
    done = 0
    for seed in range(7000, 7080):
        try:
            graph = archdsl.loads(random_spec(seed)).graph
        except archdsl.ArchError:
            continue
        ir, figure = both(graph)
        assert ir == figure, seed
        done += 1
    assert done > 60
