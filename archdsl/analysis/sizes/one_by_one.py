"""Turns a network whose sizes have no formula into what is found by elaborating one size after the other."""

from __future__ import annotations

from collections.abc import Callable

from archdsl.analysis.cost import cost
from archdsl.analysis.fields import Field
from archdsl.analysis.mixing import Mixing, mixed_otherwise, mixing
from archdsl.analysis.sizes.answer import AtSize, Lost, SizeAxis, Sizes
from archdsl.analysis.sizes.loss import WeightTree, losses, weight_tree
from archdsl.analysis.sizes.regions import SizePoint
from archdsl.analysis.sizes.sets import MOST, from_sizes
from archdsl.analysis.sizes.work import MOST_EVALUATIONS
from archdsl.diagnostics.model import Diagnostic
from archdsl.ir.graph import Graph

WIDEST = 512  # declared size beyond which only the sizes near it are tried


def try_sizes(
    native: Graph,
    axes: tuple[SizeAxis, ...],
    fields: tuple[tuple[Field, ...], ...],
    make: Callable[[tuple[int, ...]], tuple[Graph | Diagnostic, int]],
    tried: tuple[int, int] | None,
    reason: str,
) -> Sizes:
    """Elaborates sizes one by one: all axes of the first input alike, and each axis with the others native.

    It begins next to the native size, and ends early once this has taken `MOST_EVALUATIONS`.
    """
    point = tuple(axis.native for axis in axes)
    at = _Tried(native, make)
    alike = [axis.input == axes[0].input for axis in axes]
    lines = [alike, *([i == j for j in range(len(axes))] for i in range(len(axes)))]  # which axes change, at once
    working: list[list[int]] = [[] for _ in lines]
    least, most = tried or _near(max(point))
    done: list[int] = []
    for n in sorted(range(least, most + 1), key=lambda n: abs(n - max(point))):
        if done and at.work * (len(done) + 1) > MOST_EVALUATIONS * len(
            done
        ):  # the next may take as much as those before
            reason += f", and to try all of {least:,} to {most:,} takes more than {MOST_EVALUATIONS:,} steps"
            break
        done.append(n)
        for changed, found in zip(lines, working, strict=True):
            if at(tuple(n if c else p for c, p in zip(changed, point, strict=True))).works:
                found.append(n)
    squares, *alone = map(from_sizes, working)
    extent = min(done), max(done)
    return Sizes(native.name, axes, None, squares, tuple(alone), (), (), fields, reason, extent, at)


class _Tried:
    """The numbers at a size: elaborated where they are not known yet. Pickles, as no closure does."""

    def __init__(self, native: Graph, make: Callable[[SizePoint], tuple[Graph | Diagnostic, int]]) -> None:
        self.make = make
        self.wanted, self.mixed = weight_tree(native), mixing(native)
        self.known: dict[SizePoint, AtSize] = {}
        self.work = 0

    def __call__(self, sizes: SizePoint) -> AtSize:
        if sizes not in self.known:
            graph, evaluations = self.make(sizes)
            self.work += evaluations
            if isinstance(graph, Diagnostic):
                self.known[sizes] = AtSize(sizes, graph)
            else:
                self.known[sizes] = _measured(graph, sizes, self.wanted, self.mixed)
        return self.known[sizes]


def _near(size: int) -> tuple[int, int]:
    """The sizes that are tried where nobody says which."""
    if size <= WIDEST:
        return 1, 2 * size
    return (size - WIDEST // 2, size + WIDEST // 2) if size + WIDEST <= MOST else (1, WIDEST)


def _measured(graph: Graph, sizes: SizePoint, wanted: WeightTree, mixed: tuple[Mixing, ...]) -> AtSize:
    found = cost(graph)
    return AtSize(
        sizes,
        None,
        outputs=tuple(x.shape for x in graph.output_types),
        params=found.params,
        macs=found.macs,
        activations=found.activations,
        same_weights=weight_tree(graph) == wanted,
        lost=tuple(Lost(x.path, x.word, x.side, x.span, x.rows(())) for x in losses(graph) if x.rows(())),
        mixed=tuple(mixed_otherwise(mixed, mixing(graph))),
    )
