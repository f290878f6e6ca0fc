"""Compares a space that is elaborated at once with all its designs, elaborated one by one."""

from __future__ import annotations

from collections.abc import Iterator

import archdsl
from archdsl.elaborate.decisions import Decisions
from archdsl.network import Network, from_spec
from archdsl.source import Source
from archdsl.spaces.canonical import canonical

METRICS = ("params", "macs")
Picks = dict[str, str]


def every_design(spec: archdsl.Spec, picks: Picks | None = None) -> Iterator[tuple[Picks, Network | None]]:
    """Each design of the network `n`, by trying the options of what is asked; None for the network where it fails."""
    decisions = Decisions(picks)
    try:
        network = from_spec(spec, "n", {}, picks=decisions)
    except archdsl.ArchError:
        network = None
    for name, choice in decisions.choices.items():
        if name not in decisions.picks:
            for option in choice.options:
                yield from every_design(spec, {**decisions.picks, name: option})
            return
    yield {name: choice.picked for name, choice in decisions.choices.items()}, network


def assert_agreement(text: str, failing: int = 0) -> archdsl.Space:
    """The space has the designs, networks and numbers that are found one by one, and as many fail."""
    spec = archdsl.Spec(Source("<text>", text))
    found = list(every_design(spec))
    networks = {frozenset(design.items()): network for design, network in found if network is not None}
    space = archdsl.space(spec)
    designs, costs = list(space), space.costs.way(METRICS)
    assert {frozenset(design.items()) for design in designs} == networks.keys()
    assert (space.size, space.failing) == (len(networks), failing)
    for design in designs:
        network = networks[frozenset(design.items())]
        assert network is not None
        assert costs.of(design, METRICS) == (network.params, network.macs), design
        assert space.canonical(design) == canonical(network.graph), design
    failed = [space.failed.unrank(number).items() for number in range(space.failing)]
    for design in (design.items() for design, network in found if network is None):
        assert len([one for one in failed if one <= design]) == 1, design  # more is asked behind a mistake
    assert all(any(one <= design.items() for design, network in found if network is None) for one in failed)
    return space
