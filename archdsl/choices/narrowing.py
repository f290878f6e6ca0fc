"""Makes a space smaller by taking some of its decisions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from archdsl.choices.asked import Asked
from archdsl.choices.nodes import leaves


def narrowed(asked: Asked, picks: Mapping[str, str]) -> Asked:
    """What is asked where some decisions are taken: wherever one offers the option picked, it offers no other."""
    diagrams, domains, fails = asked.diagrams, dict(asked.domains), asked.fails
    for decision in asked.domains:
        text = picks.get(decision.name)
        if text is None:
            continue
        took = diagrams.map(partial(_taken, text), domains[decision])
        assert took is not None
        domains[decision] = took
        if all(ending.value in ((), (text,)) for ending in leaves(took)):
            for other, domain in domains.items():
                domains[other] = diagrams.restrict(domain, decision, text) or domain
            fails = diagrams.restrict(fails, decision, text) or fails
    kept = {decision: domain for decision, domain in domains.items() if any(one.value for one in leaves(domain))}
    return Asked(diagrams, kept, fails)


def _taken(text: str, offered: tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if text in offered else offered
