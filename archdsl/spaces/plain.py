"""Finds what a small space asks by elaborating each of its designs."""

from __future__ import annotations

from collections.abc import Mapping

from archdsl.checking import obstacles
from archdsl.choices.asked import Asked
from archdsl.diagnostics.model import ArchError, Diagnostic, Diagnostics
from archdsl.elaborate.decisions import Decisions
from archdsl.elaborate.elaborator import elaborate, open_session
from archdsl.elaborate.written_picks import WrittenPick
from archdsl.explore.settings import NetworkFamily
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
        decisions = _AsAsked({answer.name: answer.text for answer in known})
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
        answers = [Answer(name, one.options, one.picked, one.span) for name, one in decisions.choices.items()]
        fails = made is None or bool(diagnostics.errors)
        if fails and not answers:
            raise ArchError(diagnostics.errors)
        listing.add(answers, fails)
        known = listing.next()
    return listing.asked()


class _AsAsked(Decisions):
    """Decides as it is told, whatever `@picks` says: who wants the space that this leaves narrows it."""

    def follow(self, written: Mapping[str, WrittenPick]) -> None:
        """Leave them open."""
        super().follow({})
