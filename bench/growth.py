"""Networks of 100 to 100,000 ops, flat and hierarchical: seconds to load and to analyze, and the memory that it takes.

Flat: one body with all ops. Hierarchical: bodies that call the next ten times, so that there are few of them however
many ops they make. Times must grow with the ops that are written out in distinct bodies, never with those behind calls.
"""

from __future__ import annotations

import tracemalloc
from contextlib import suppress

import archdsl
from archdsl.analysis import registry
from archdsl.elaborate.budget import Limits
from bench.timing import best

FLAT = """
network net(x: [8, 32, 32]; n) = x -> (conv(8, 3) -> relu) * (n // 2)
"""
NESTED = """
block tens(x; levels) = x -> (conv(8, 3) if levels == 0 else tens(levels - 1)) * 10
network net(x: [8, 32, 32]; n) = x -> tens(n)
"""
LIMITS = Limits(flat_ops=10**7, nodes=10**7)


def run() -> None:
    """Measure both forms; the last columns are microseconds per op and the most memory held."""
    print(f"  {'ops':>8} {'form':<13}{'load':>10}{'report':>10}{'all numbers':>13}{'µs an op':>10}{'MiB':>8}")
    for power in range(2, 6):
        ops = 10**power
        for form, text, n in (("flat", FLAT, ops), ("hierarchical", NESTED, power - 1)):
            network = archdsl.loads(text, "net", n=n, limits=LIMITS)
            assert network.analyze().total.ops == ops
            load = best(lambda text=text, n=n: archdsl.loads(text, "net", n=n, limits=LIMITS), runs=3)
            report = best(_analyze, runs=3, before=lambda text=text, n=n: _load(text, n))
            everything = best(_measure_all, runs=1, before=lambda text=text, n=n: _load(text, n))
            tracemalloc.start()
            _load(text, n)
            _analyze()
            held = tracemalloc.get_traced_memory()[1] / 2**20
            tracemalloc.stop()
            times = "".join(f"{1000 * seconds:>7.1f} ms" for seconds in (load, report))
            print(
                f"  {ops:>8,} {form:<13}{times}{1000 * everything:>10.1f} ms"
                f"{(load + report) / ops * 1e6:>10.2f}{held:>8.1f}"
            )


_loaded: list[archdsl.Network] = []


def _load(text: str, n: int) -> None:
    _loaded[:] = [archdsl.loads(text, "net", n=n, limits=LIMITS)]


def _analyze() -> None:
    _loaded[0].analyze()


def _measure_all() -> None:
    for name in registry.names():
        with suppress(ValueError):  # this network has no such number, or too large a one
            _loaded[0].metric(name)
