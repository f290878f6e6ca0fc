"""Turns a graph and an order of its ops into what memory holds step by step, and which tensors make the peak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archdsl.analysis.expand import Application, Expanded
from archdsl.analysis.minimal_memory import TaskGraph, flat_graph, levels_of, readers_of, task_graph
from archdsl.ir.graph import Graph
from archdsl.source import Span


@dataclass(frozen=True, slots=True)
class Step:
    """One op of a schedule: bytes in use while it runs, operands and results included, and after it."""

    application: Application
    during_bytes: int
    after_bytes: int


@dataclass(frozen=True, slots=True)
class Held:
    """A storage in use: who made it (`path` and `word` of the op; the input's name and "input"), and its bytes.

    `role` is "read" and "written" for what the running op reads and makes, "waiting" for what a later op reads.
    """

    path: str
    word: str
    bytes: int
    role: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class Peak:
    """The first step at which the most bytes are in use, and all that is in use then, largest first."""

    step: int
    application: Application | None
    bytes: int
    held: tuple[Held, ...]


def schedule(graph: Graph, order: Sequence[int] | None = None) -> tuple[Step, ...]:
    """The ops of `graph` in `order` (as written if None), with the bytes that are in use (ideal model).

    Raises:
        NotDefined: the graph has more op applications than `minimal_memory.MOST_OPS`.
    """
    flat = flat_graph(graph)
    tasks = task_graph(flat)
    order = range(len(flat.applications)) if order is None else order
    return tuple(Step(flat.applications[i], *levels) for i, levels in zip(order, levels_of(tasks, order), strict=True))


def peak(graph: Graph, order: Sequence[int] | None = None) -> Peak:
    """Where `order` (as written if None) needs most, and what it holds there (ideal model).

    Raises:
        NotDefined: the graph has more op applications than `minimal_memory.MOST_OPS`.
    """
    flat = flat_graph(graph)
    tasks = task_graph(flat)
    order = list(range(len(flat.applications)) if order is None else order)
    levels = levels_of(tasks, order)
    start = sum(tasks.bytes[s] for s in tasks.start)
    most = max([start, *[during for during, _ in levels]])
    if most == start:
        held = [_held(graph, flat, tasks, s, "waiting") for s in tasks.start]
        return Peak(0, None, start, tuple(held))
    step = next(i for i, (during, _) in enumerate(levels) if during == most)
    running = order[step]
    done = set(order[:step])
    readers = readers_of(tasks)
    there = [*tasks.start, *[s for i in order[: step + 1] for s in tasks.makes[i]]]
    roles = {s: "waiting" for s in there if s in tasks.kept or not done.issuperset(readers[s])}
    roles |= dict.fromkeys(tasks.reads[running], "read") | dict.fromkeys(tasks.makes[running], "written")
    held = [_held(graph, flat, tasks, s, role) for s, role in roles.items()]
    return Peak(step, flat.applications[running], most, tuple(sorted(held, key=lambda h: -h.bytes)))


def _held(graph: Graph, flat: Expanded, tasks: TaskGraph, storage: int, role: str) -> Held:
    if storage < len(graph.inputs):
        return Held(graph.input_names[storage], "input", tasks.bytes[storage], role, graph.span)
    maker = next(a for a, made in zip(flat.applications, tasks.makes, strict=True) if storage in made)
    return Held(maker.path, maker.word, tasks.bytes[storage], role, maker.span)
