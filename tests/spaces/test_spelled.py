"""Random graphs, each spelled as a spec in many ways: their networks are equal exactly where networkx calls them so."""

from __future__ import annotations

import random
from collections import Counter
from typing import NamedTuple

import pytest

import archdsl
from archdsl.spaces.canonical import canonical
from archdsl.spaces.dag import Dag
from tests.spaces.test_dag import isomorphic

MODULES = {"a": "conv(4, 3)", "b": "conv(4)", "r": "relu", "p": "max_pool(3, 1)"}
Sum = tuple[int, ...]  # vertices that are added, each as often as it is there


class Vertex(NamedTuple):
    """An op and the sums that it is given; `-` takes two, in order. `s` is one convolution wherever it stands."""

    op: str
    given: tuple[Sum, ...]


def drawn(draw: random.Random, ops: str) -> list[Vertex]:
    """A graph above two inputs; the sums of the last vertex are the outputs."""
    found = [Vertex("x", ()), Vertex("y", ())]

    def total() -> Sum:
        return tuple(draw.choices(range(len(found)), k=draw.choice([1, 1, 2, 3])))

    for _ in range(draw.randint(1, 5)):
        op = draw.choice(ops)
        found.append(Vertex(op, tuple([total() for _ in range(2 if op == "-" else 1)])))
    return [*found, Vertex("outputs", tuple([total() for _ in range(draw.choice([1, 1, 2]))]))]


def dag(graph: list[Vertex], expressions: bool) -> Dag:
    """What an output needs; sums of several are vertices, equal ones one, and so are differences, or all."""
    labels, links, known, place = list[str](), list[list[tuple[int, int]]](), dict[object, int](), dict[int, int]()
    live = {len(graph) - 1}
    for v in range(len(graph) - 1, -1, -1):
        live.update(o for given in graph[v].given if v in live for o in given)
    shared = [v for v in sorted(live) if graph[v].op == "s"]

    def vertex(label: str, below: list[tuple[int, int]], once: bool) -> int:
        key = label, tuple(below)
        if not once or key not in known:
            labels.append(label)
            links.append(below)
            known[key] = len(labels) - 1
        return known[key]

    weights = vertex("weights", [], True) if len(shared) > 1 else -1
    for v, (op, sums) in enumerate(graph):
        if v in live:
            below = []
            for k, given in enumerate(sums):
                terms = Counter(place[o] for o in given)
                total = place[given[0]] if len(given) == 1 else vertex("+", sorted(terms.items()), True)
                below.append((total, k))
            extra = [(weights, 9)] if op == "s" and len(shared) > 1 else []
            label = "a" if op == "s" else op
            place[v] = vertex(label, below + extra, expressions or op == "-")
    return Dag(labels, links)


def added(terms: list[str], draw: random.Random) -> str:
    """The sum of terms in some order and brackets, now and then with zeros."""
    terms = [draw.choice([t, t, t, f"({t} -> id)", f"({t} * 1.0)", f"([{t}] -> add)"]) for t in terms]
    if draw.random() < 0.15:
        terms.append("(x * 0.0 -> conv(4, 3, bias = false) -> bn)")
    while len(terms) > 1:
        draw.shuffle(terms)
        several = draw.randint(2, len(terms))
        terms[:several] = [
            draw.choice([f"({' + '.join(terms[:several])})", f"([{', '.join(terms[:several])}] -> add)"])
        ]
    return terms[0]


def spelled(graph: list[Vertex], draw: random.Random) -> str:
    """A spec of the graph: statements in some order, some of them in blocks of their own, names at random."""
    names = {0: "x", 1: "y"} | {v: f"t{draw.randrange(10**6)}_{v}" for v in range(2, len(graph))}
    blocks, statements = [], ["shared s = conv(4, 3)"]
    waiting = list(range(2, len(graph) - 1))
    written = {0, 1}
    while waiting:
        v = draw.choice([v for v in waiting if {o for given in graph[v].given for o in given} <= written])
        waiting.remove(v)
        written.add(v)
        op, sums = graph[v]
        given = [added([names[o] for o in total], draw) for total in sums]
        if op == "-":
            expression = f"{given[0]} - {given[1]}"
        elif op != "s" and draw.random() < 0.4:
            blocks.append(f"block f{v}(u) = u -> {MODULES[op]}")
            expression = f"{given[0]} -> f{v}"
        else:
            expression = f"{given[0]} -> {MODULES.get(op, op)}"
        statements.append(f"{names[v]} = {expression}")
    outputs = ", ".join(added([names[o] for o in total], draw) for total in graph[-1].given)
    return "\n".join([*blocks, "network n(x: [4, 5, 5], y: [4, 5, 5]) {", *statements, f"return {outputs}", "}"]) + "\n"


def changed(graph: list[Vertex], draw: random.Random) -> list[Vertex]:
    """The graph with one operand another one, or one op."""
    found = list(graph)
    v = draw.randrange(2, len(graph))
    op, sums = found[v]
    if draw.random() < 0.3 and op in MODULES:
        found[v] = Vertex(draw.choice("abrp"), sums)
    else:
        k = draw.randrange(len(sums))
        total = [*sums[k][1:], draw.randrange(v)]
        found[v] = Vertex(op, (*sums[:k], tuple(total), *sums[k + 1 :]))
    return found


@pytest.mark.parametrize(("expressions", "ops"), [(False, "aaabrps-"), (True, "aabrp-")])
def test_random_specs(expressions: bool, ops: str) -> None:
    draw, seen = random.Random(0), Counter[bool]()
    for _ in range(250):
        graph = drawn(draw, ops)
        form = canonical(archdsl.loads(spelled(graph, draw)).graph, expressions)
        for other in (graph, changed(graph, draw), changed(changed(graph, draw), draw)):
            same = isomorphic(dag(graph, expressions), dag(other, expressions))
            text = spelled(other, draw)
            assert (canonical(archdsl.loads(text).graph, expressions) == form) == same, (spelled(graph, draw), text)
            seen[same] += 1
    assert min(seen.values()) > 200
