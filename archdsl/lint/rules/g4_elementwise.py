"""Finds networks and building blocks that move most of their elements for ops that hardly compute."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.analysis.cost import Cost, by_kind
from archdsl.analysis.fragments import building_blocks
from archdsl.diagnostics.model import INFO
from archdsl.ir.graph import Graph
from archdsl.lint.finding import Hit, Rule
from archdsl.lint.subject import Subject, heading

ELEMENTWISE = ("activation", "arithmetic", "depthwise")
MOST = 0.5  # of memory access
LEAST_PART = 0.05  # of the network's: smaller blocks decide nothing


def check(subject: Subject) -> Iterator[Hit]:
    """The network, and building blocks that make up a twentieth of it, where element-wise ops move half or more.

    Norms are left out of both sides: the paper does not name them, and trained ones fold into convolutions.
    """
    whole = max(_without_norms(subject.root), 1)
    for body in dict.fromkeys([subject.root, *building_blocks(subject.root)]):
        found = by_kind(body)
        parts = {kind: found[kind].memory_access for kind in ELEMENTWISE if kind in found}
        moved, total = sum(parts.values()), max(_without_norms(body), 1)
        if moved < MOST * total or total * subject.applications[body] < LEAST_PART * whole:
            continue
        listed = ", ".join(f"{kind} {100 * part / total:.0f} %" for kind, part in _largest(parts))
        yield Hit(
            body,
            heading(body),
            f"{100 * moved / total:.0f} % of what {body.name} moves, norms left out, is for element-wise ops",
            "; ".join(ADVICE[kind] for kind, _ in _largest(parts)[:2]),
            Cost(memory_access=moved),
            (f"of its memory access: {listed}",),
        )


def _without_norms(body: Graph) -> int:
    return sum(part.memory_access for kind, part in by_kind(body).items() if kind != "norm")


def _largest(parts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(parts.items(), key=lambda item: (-item[1], item[0]))


ADVICE = {
    "activation": "drop activations where the block works without",
    "arithmetic": "join branches by concat instead of sums, or join fewer",
    "depthwise": "put fewer channels through depthwise convolutions",
}

RULE = Rule(
    "g4-elementwise",
    INFO,
    "networks and blocks that spend most memory access on element-wise ops and depthwise convolutions",
    "G4: element-wise ops compute little but move much, and take a good part of the time",
    "Ma et al. 2018 (ShuffleNet V2), arXiv:1807.11164, section 2",
    check,
)
