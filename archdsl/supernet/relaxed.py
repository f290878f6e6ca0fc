"""Says which decisions of a space may be relaxed, that is weighed instead of picked, and why the others may not."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import combinations

from archdsl.choices.asked import Asked
from archdsl.choices.diagram import Diagrams
from archdsl.choices.nodes import Decision, Diagram, leaves
from archdsl.diagnostics.model import WARNING, Diagnostic
from archdsl.source import Span
from archdsl.supernet.items import Body, BodyItem, ChosenTensor, MadeNode, Selected

_NAMED = 3  # decisions, in a message
_STEERS = "it decides what there is, not which of several tensors is taken"


def obstacles(asked: Asked, bodies: Iterable[Body]) -> dict[Decision, str]:
    """Why the decisions that may not be weighed may not: their options are no tensors of one type."""
    found: dict[Decision, str] = {}
    offered = {decision: _offered(domain) for decision, domain in asked.domains.items()}
    for decision, texts in offered.items():
        if len(texts) > 1:
            found[decision] = "what it offers depends on other decisions"
            steering = _steering(asked.diagrams, asked.domains[decision])
            found = dict.fromkeys(steering, f"what {decision.name} offers depends on it") | found
    for body in bodies:
        for decision, why in _in_body(asked.diagrams, body, {d: texts[0] for d, texts in offered.items()}):
            found.setdefault(decision, why)
    return {decision: found[decision] for decision in asked.domains if decision in found}


def warned(why: Mapping[Decision, str]) -> list[Diagnostic]:
    """What is to be said of the decisions that may not be weighed: once for each place."""
    places: dict[Span, list[Decision]] = {}
    for decision in why:
        places.setdefault(decision.spans[0], []).append(decision)
    found = []
    for span, decisions in places.items():
        names = ", ".join(decision.name for decision in decisions[:_NAMED])
        more = f" and {len(decisions) - _NAMED} more" if len(decisions) > _NAMED else ""
        message = f"{names}{more} can only be picked, not weighed: {why[decisions[0]]}"
        hint = "a supernet runs every design, but has no sum over these options"
        found.append(Diagnostic("not-relaxed", message, span, WARNING, help=hint))
    return found


def _offered(domain: Diagram) -> list[tuple[str, ...]]:
    """All that it offers anywhere."""
    return [ending.value for ending in leaves(domain) if ending.value]


def _steering(diagrams: Diagrams, domain: Diagram) -> Iterator[Decision]:
    """The decisions of which it depends what is offered, not only whether: the others may be weighed all together."""
    offers = [ending.value for ending in leaves(domain) if ending.value]
    wheres = [diagrams.where(domain, partial(operator.eq, texts)) for texts in offers]
    for decision in sorted(diagrams.support(domain), key=lambda one: one.order):
        weighed = [_for_some(diagrams, decision, where) for where in wheres]
        if any(diagrams.both(one, other) is not diagrams.false for one, other in combinations(weighed, 2)):
            yield decision
        else:
            wheres = weighed


def _for_some(diagrams: Diagrams, decision: Decision, condition: Diagram) -> Diagram:
    """The condition that another holds for some option of a decision."""
    return diagrams.either(*[diagrams.restrict(condition, decision, text) or diagrams.false for text in decision.texts])


def _in_body(
    diagrams: Diagrams, body: Body, offered: dict[Decision, tuple[str, ...]]
) -> Iterator[tuple[Decision, str]]:
    for item in body.items.values():
        steers = set(diagrams.support(item.when)) - _chosen_by(body, item)
        if isinstance(item, Selected):
            steers |= diagrams.support(item.condition)
        elif isinstance(item, MadeNode):
            steers |= {decision for present in item.presents for decision in diagrams.support(present)}
        elif (*item.options,) != offered[item.decision]:
            steers.add(item.decision)
        elif why := _types_differ(diagrams, item):
            yield item.decision, why
        yield from ((decision, _STEERS) for decision in steers)


def _chosen_by(body: Body, item: BodyItem) -> set[Decision]:
    """The decisions of which it is made for one option alone."""
    found = set()
    while item.key in body.made_for:
        pick = body.items[body.made_for[item.key][0]]
        if isinstance(pick, ChosenTensor):  # else it steers
            found.add(pick.decision)
        item = pick
    return found


def _types_differ(diagrams: Diagrams, pick: ChosenTensor) -> str:
    """How the types of the options differ; "" if they do not."""
    pairs = list(zip(pick.options, pick.types, strict=True))
    first, types = pairs[0]
    for text, others in pairs[1:]:
        one, other = [diagrams.restrict(t, pick.decision, x) for t, x in ((types, first), (others, text))]
        assert one is not None and other is not None
        pair = diagrams.map(lambda a, b: (a, b), one, other)
        for ending in leaves(pair) if pair is not None else ():
            if ending.value[0] != ending.value[1]:
                return f"{first} gives {ending.value[0]}, {text} gives {ending.value[1]}"
    return ""
