"""Counts NAS-Bench-201 in networks and expressions: by light graphs made here, and by elaboration of the spec."""

from __future__ import annotations

import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

import pytest

from archdsl.elaborate.spec import Spec
from archdsl.ir.graph import Graph
from archdsl.library import find
from archdsl.network import from_spec
from archdsl.spaces.canonical import canonical
from archdsl.spaces.dag import Dag, canonical_form

NONE, SKIP, CONV1, CONV3, POOL = range(5)
EDGES = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)]
DESIGNS = list(itertools.product(range(5), repeat=6))
# (expressions, zero_passes_norm) and how many there are.
COUNTS = {(False, True): 5_425, (True, True): 4_930, (True, False): 5_155}
Terms = Counter[int]


def light(design: tuple[int, ...], expressions: bool, zero_passes_norm: bool) -> Dag:
    """The cell: each node a sum of vertices, how often each; a convolution of zeros is `zeros` or a norm's bias."""
    labels, operands = ["x"], [list[tuple[int, int]]()]
    known: dict[object, int] = {}

    def vertex(label: str, below: Terms) -> int:
        key = (label, frozenset(below.items()))
        if not expressions or key not in known:
            labels.append(label)
            operands.append(sorted(below.items()))
            known[key] = len(labels) - 1
        return known[key]

    nodes: list[Terms] = [Counter({0: 1}), Counter(), Counter(), Counter()]
    for (tail, head), op in zip(EDGES, design, strict=True):
        given = nodes[tail]
        if op == SKIP:
            nodes[head].update(given)
        elif op != NONE and given:
            nodes[head][vertex(str(op), given)] += 1
        elif op in (CONV1, CONV3) and not zero_passes_norm:
            nodes[head][vertex("norm of zeros", Counter())] += 1
    live, waiting = set(nodes[3]), list(nodes[3])
    while waiting:
        below = {v for v, _ in operands[waiting.pop()]} - live
        live |= below
        waiting += below
    place = {v: i for i, v in enumerate(sorted(live))}
    kept = [[(place[o], n) for o, n in operands[v]] for v in place]
    return Dag([*(labels[v] for v in place), "cell"], [*kept, [(place[o], n) for o, n in sorted(nodes[3].items())]])


@cache
def classes(expressions: bool, zero_passes_norm: bool) -> dict[tuple[int, ...], int]:
    """The class of each design, as a number."""
    numbers: dict[object, int] = {}
    forms = {design: canonical_form(light(design, expressions, zero_passes_norm)) for design in DESIGNS}
    return {design: numbers.setdefault(form, len(numbers)) for design, form in forms.items()}


@pytest.mark.parametrize(("flags", "count"), COUNTS.items())
def test_light_graphs(flags: tuple[bool, bool], count: int) -> None:
    assert len(set(classes(*flags).values())) == count


def elaborated(designs: Iterable[tuple[int, ...]], n: int) -> Iterator[tuple[tuple[int, ...], Graph]]:
    """Each design with its network of `n` cells a stage."""
    path = find("nasbench201")
    assert path is not None
    spec = Spec.read(path)
    for design in designs:
        number = int("".join(map(str, design)), 5)
        yield design, from_spec(spec, "nasbench201", {"arch": number, "n": n}).graph


def compare(designs: Iterable[tuple[int, ...]], n: int, modes: Iterable[tuple[bool, bool]]) -> list[int]:
    """How many there are by elaboration, which must be one exactly where the light graphs are."""
    found: dict[tuple[bool, bool], dict[object, set[int]]] = {flags: defaultdict(set) for flags in modes}
    for design, graph in elaborated(designs, n):
        for flags, forms in found.items():
            forms[canonical(graph, *flags)].add(classes(*flags)[design])
    for forms in found.values():
        numbers = [number for several in forms.values() for number in several]
        assert len(numbers) == len(set(numbers)) == len(forms)
    return [len(forms) for forms in found.values()]


def test_elaborated_designs_agree() -> None:
    """A sample in which many are one network, and many differ in little."""
    draw = random.Random(0)
    sample = set(draw.sample(DESIGNS, 25))
    for flags in COUNTS:
        members = defaultdict(list)
        for design, number in classes(*flags).items():
            members[number].append(design)
        alike = [designs for designs in members.values() if len(designs) > 1]
        for designs in draw.sample(alike, 12):
            sample.update(draw.sample(designs, 2))
    assert 80 < len(sample) < 100
    counts = compare(sorted(sample), 1, COUNTS)
    assert all(count < len(sample) - 10 for count in counts)
    compare(sorted(sample)[::4], 5, COUNTS)


@pytest.mark.slow
def test_all_designs_elaborated() -> None:
    assert compare(DESIGNS, 1, COUNTS) == [*COUNTS.values()]


def _string(ops: tuple[int, ...], simplified: bool) -> str:
    """A cell as the benchmark tells it from others, by letters that sort alike; or simplified, as a sum of terms."""
    nodes, edges = [["0"]], iter(ops)
    for number in range(1, 4):
        terms: list[str] = []
        for source in nodes[:number]:
            op, before = next(edges), "+".join(source)
            if op == NONE or before == "#":
                terms.append("#")
            elif op == SKIP:
                terms += source if simplified else [before]
            else:
                terms.append(f"({before})@{op}")
        kept = [term for term in terms if term != "#" or not simplified]
        nodes.append(sorted(kept) or ["#"])
    return "+".join(nodes[-1])


def test_the_unique_cells_of_the_paper() -> None:
    """They are strings: docs/spaces.md says what is one cell to us that is two there."""
    assert len({_string(design, simplified=False) for design in DESIGNS}) == 6_466
    assert len({_string(design, simplified=True) for design in DESIGNS}) == COUNTS[True, True]
