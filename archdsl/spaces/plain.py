"""Finds what a small space asks by elaborating each of its designs."""

from __future__ import annotations

from collections.abc import Mapping

from archdsl.checking import obstacles
from archdsl.choices.asked import Asked
from archdsl.choices.diagram import value_of
from archdsl.diagnostics.model import ArchError, Diagnostic, Diagnostics
from archdsl.elaborate.decisions import Decisions
from archdsl.elaborate.elaborator import elaborate, open_session
from archdsl.explore.settings import NetworkFamily
from archdsl.network import Network, from_spec
from archdsl.spaces.listing import Answer, Listing

MOST = 20_000  # designs: some minutes


def asked_plainly(family: NetworkFamily, most: int = MOST) -> Asked:
    """What the network of a family asks.

    Raises:
        ArchError: it has more than `most` designs, or it does not elaborate whatever is picked.
    """
    assert family.network is not None
    listing = Listing()
    session = open_session(family.spec, Diagnostics())
    known: list[Answer] | None = []
    while known is not None:
        if listing.count >= most:
            message, hint = f"{family.network} has over {most:,} designs", "they are elaborated one by one"
            raise ArchError([Diagnostic("space-too-large", message, None, help=hint)])
        diagnostics = Diagnostics()
        decisions = Decisions([answer.texts.index(answer.text) for answer in known])
        made = elaborate(
            family.spec,
            family.network,
            family.fixed,
            family.sizes,
            diagnostics=diagnostics,
            decisions=decisions,
            session=session,
        )
        if made is not None:
            diagnostics.extend(obstacles(made))
        answers = _answers(decisions)
        fails = made is None or bool(diagnostics.errors)
        if fails and not answers:
            raise ArchError(diagnostics.errors)
        listing.add(answers, fails)
        known = listing.next()
    return listing.asked()


def _answers(decisions: Decisions) -> list[Answer]:
    found = []
    for place, choice in enumerate(decisions.choices, 1):
        texts = tuple(
            text if text not in choice.options[:k] else f"{text} #{k}" for k, text in enumerate(choice.options)
        )
        found.append(Answer(f"choice_{place}", texts, texts[choice.index], choice.span))
    return found


def network_of(family: NetworkFamily, design: Mapping[str, str], asked: Asked) -> Network:
    """The network of a design.

    Raises:
        ArchError: it does not elaborate.
    """
    picks = [
        value_of(domain, design).index(design[decision.name])
        for decision, domain in sorted(asked.domains.items(), key=lambda entry: entry[0].order)
        if decision.name in design
    ]
    return from_spec(family.spec, family.network, family.fixed, input=family.sizes, pick=picks)
