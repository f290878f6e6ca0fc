"""Reads picks as a space writes them, and says why some make no design of it, with what comes nearest."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from math import isnan
from typing import TYPE_CHECKING, Any

from archdsl.analysis import registry
from archdsl.choices.wording import Conditions
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.elaborate.decisions import NEAR, as_picks, option_index, unasked
from archdsl.source import Span
from archdsl.spaces.designs import Design, NoSuchDesign

if TYPE_CHECKING:
    from archdsl.spaces.space import Space

NOWHERE: Mapping[str, Span] = {}
_SHOWN = 12  # texts that a message lists


def spelled(
    space: str, known: Mapping[str, tuple[str, ...]], picks: Mapping[str, Any], spans: Mapping[str, Span] = NOWHERE
) -> Design:
    """Picks of some of the decisions `known`, each option as it is there: 3 for "3", relu for "relu".

    `spans`: where a pick is written in the spec.

    Raises:
        ArchError: there is no decision of such a name, or it has no such option; with the nearest.
    """
    found = {}
    for name, text in as_picks(picks).items():
        options = known.get(name)
        place = None if options is None else option_index(options, text)
        if options is not None and place is not None:
            found[name] = options[place]
            continue
        what = f"{space} decides nothing called {name}" if options is None else f"{name} has no option {text}"
        sought, choices = (name, (*known,)) if options is None else (text, options)
        near = get_close_matches(sought, choices, 1, NEAR)
        there = f"there are {_some(choices)}" if choices else "it leaves nothing open"
        hint = f"did you mean {near[0]}?" if near else there
        raise ArchError([Diagnostic("bad-pick", what, spans.get(name), help=hint)])
    return found


def row_of(design: Mapping[str, Any], decisions: Collection[str]) -> Mapping[str, Any]:
    """A design of which cells may be empty, where it was a row of a table: "" or NaN for what it does not ask.

    A row that `archdsl space --csv` wrote has a number, and numbers of its network, besides.
    """
    besides = {"design", *registry.names()} - {*decisions} if "design" in design else set()
    return {
        name: value
        for name, value in design.items()
        if not (name in besides or value is None or value == "" or (isinstance(value, float) and isnan(value)))
    }


def refusal(space: Space, design: Mapping[str, str], wrong: NoSuchDesign) -> ArchError:
    """Why picks of decisions and options that there are make no design."""
    name, offered = wrong.name, wrong.offered
    if design in space.failed:
        message, hint = "this design does not elaborate", "Space.network(design) says why"
    elif offered is None:
        when = next(one.asked.text for one in space.decisions if one.name == name)
        return ArchError([unasked(f"this design does not ask {name}", when)])
    elif name not in design:
        message, hint = f"this design picks nothing for {name}", f"it offers {_some(offered)}"
    else:
        message, hint = f"{name} does not offer {design[name]} in this design", f"it offers {_some(offered)}"
    return ArchError([Diagnostic("bad-pick", message, None, help=hint)])


def refuse_unasked(space: Space, picks: Mapping[str, Span | None]) -> None:
    """See that some design of a space asks each decision that is picked.

    Raises:
        ArchError: the other picks leave none that does.
    """
    kept = {decision.name for decision in space.asked.domains}
    conditions = Conditions(space.made.asked)
    wrong = [
        unasked(f"no design with these picks asks {one.name}", conditions.when(one).text, picks[one.name])
        for one in space.made.asked.domains
        if one.name in picks and one.name not in kept
    ]
    if wrong:
        raise ArchError(wrong)


def _some(texts: Sequence[str]) -> str:
    return ", ".join(texts[:_SHOWN]) + (f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else "")
