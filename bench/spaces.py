"""Candidates a second: spaces of the papers on one core, and NAS-Bench-201 beside what others do with it, in one run.

Ours: params and macs of designs at hand; and of designs that are drawn at random first, each as likely as any other.
Beside them, of NAS-Bench-201: all numbers that archdsl has of a network, of all its designs.
Theirs: what the benchmark's code does to count a candidate, and what PyGlove does to draw one (it counts nothing).
Seconds are those of the processor, the best of several. That each number equals that of ordinary elaboration is a test:
`pytest -m slow tests/spaces/test_costs.py` holds it for 1,000 designs of each space.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from time import process_time
from typing import Any

import pyglove as pg
import torch
from torch import nn

from archdsl.analysis import registry
from archdsl.spaces.space import Space
from bench._papers import SPACES, PaperSpace
from bench.timing import best
from tests.oracle.darts import nasbench201

METRICS = ("params", "macs")
RUNS = 7


def a_second(function: Callable[[], Any], times: int) -> float:
    """How often what a function does so many times is done in a second of the processor."""
    return times / best(function, RUNS, timer=process_time)


def _ours(paper: PaperSpace) -> tuple[Space, float, float, float, float]:
    """A space; the seconds to open it and to make tables; designs counted a second, and drawn and counted."""
    found = []
    for _ in range(3):
        begun = process_time()
        space = paper.open()
        opened = process_time()
        way = space.costs.way(METRICS)
        way.of(space.unrank(0), METRICS)
        found.append((opened - begun, process_time() - opened))
    times, rng = min(2_000, way.a_second), Random(0)
    designs = [space.sample(rng) for _ in range(times)]
    counted = a_second(lambda: [way.of(design, METRICS) for design in designs], times)
    both = a_second(lambda: [way.of(space.sample(rng), METRICS) for _ in range(times)], times)
    return space, min(o for o, _ in found), min(t for _, t in found), counted, both


def all_numbers(space: Space) -> float:
    """Seconds for all numbers of all designs."""
    names = registry.names()
    way = space.costs.way(names)
    return best(lambda: [way.of(design, names) for design in space], 1, timer=process_time)


def their_count(design: dict[str, str]) -> tuple[int, int]:
    """Params and macs as the code of NAS-Bench-201 finds them: it makes the model of the cell and puts an image through
    it, with hooks on what has weights that say how large their results are.
    """
    picked = iter(design.values())
    cell = "+".join("|" + "|".join(f"{next(picked)}~{i}" for i in range(node)) + "|" for node in (1, 2, 3))
    model = nasbench201(cell).eval()
    macs = 0

    def hook(module: nn.Module, _: Any, result: torch.Tensor) -> None:
        nonlocal macs
        weight = module.weight
        assert isinstance(weight, torch.Tensor)
        macs += weight[0].numel() * result.numel()

    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.register_forward_hook(hook)
    with torch.no_grad():
        model(torch.zeros(1, 3, 32, 32))
    return sum(weight.numel() for weight in model.parameters()), macs


def _peers(space: Space, ours: float) -> None:
    """Print how fast others are with NAS-Bench-201; `ours` designs are drawn and counted in a second."""
    torch.set_num_threads(1)
    rng = Random(0)
    designs = [space.sample(rng) for _ in range(20)]
    for design in designs:
        assert their_count(design) == space.costs.way(METRICS).of(design, METRICS), "both must give the same numbers"
    own = a_second(lambda: [their_count(design) for design in designs], len(designs))
    options = space.decisions[0].options
    drawing = pg.random_sample(pg.List([pg.oneof(options) for _ in range(6)]), seed=0)
    pyglove = a_second(lambda: [next(drawing) for _ in range(50)], 50)
    print(f"\n  {'NAS-Bench-201, candidates a second':<66}{'':>10}  ours is faster by")
    for what, rate in (
        ("its own way: make the torch model, an image through it, hooks", own),
        ("PyGlove: draw a design and make it a list of six ops; no numbers", pyglove),
        ("archdsl: draw a design, its params and macs", ours),
    ):
        print(f"  {what:<66}{rate:>10,.0f}{f'{ours / rate:>16,.0f} x' if rate != ours else ''}")


def run() -> None:
    """Print all tables."""
    print(f"  {'':<22}{'designs':>10}{'to open':>10}{'tables':>9}{'counted':>12}{'drawn, too':>12}{'at least':>10}")
    first: tuple[Space, float] | None = None
    for name, paper in SPACES.items():
        space, opened, tables, counted, both = _ours(paper)
        first = first or (space, both)
        print(
            f"  {name:<22}{float(space.size):>10.2e}{opened:>8.2f} s{tables:>7.2f} s{counted:>12,.0f}{both:>12,.0f}"
            f"{paper.least:>10,}  {space.costs.way(METRICS).how}"
        )
    assert first is not None
    print(
        f"\n  all {len(registry.names())} numbers of all 15,625 designs of NAS-Bench-201: {all_numbers(first[0]):.1f} s"
    )
    _peers(*first)
