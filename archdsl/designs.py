"""Elaborates the space of a network for who checks a spec: how many designs it has, and which of them fail, and why."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from archdsl.choices.asked import Asked
from archdsl.choices.counting import TooEntangled, counted
from archdsl.choices.narrowing import narrowed
from archdsl.choices.nodes import TOO_LARGE, Decision, Diagram, leaves
from archdsl.choices.wording import Conditions
from archdsl.diagnostics.model import ArchError, Diagnostic, Diagnostics
from archdsl.elaborate.decisions import option_index
from archdsl.elaborate.doubted import see_failures, told_alone
from archdsl.elaborate.open import OpenNetwork, elaborate_open
from archdsl.elaborate.overrides import Shapes
from archdsl.elaborate.spec import Spec
from archdsl.elaborate.written_picks import written_picks
from archdsl.option_costs import ByTables, ends_of
from archdsl.source import Span

_SHOWN = 8  # places at which designs fail that are told of a network


class OpenSpace:
    """The designs that a network of a spec leaves open, as it stands."""

    def __init__(self, spec: Spec, network: str) -> None:
        self.spec = spec
        self.network = network

    def count(self) -> int:
        """How many elaborate.

        Raises:
            ArchError: none does, or they cannot be counted.
        """
        asked = self._asked
        found = self._counted(asked, asked.diagrams.negate(asked.fails))
        return 0 if found is None else found

    def decisions(self) -> int:
        """How many there are, those that only some designs are asked among them.

        Raises:
            ArchError: no design elaborates.
        """
        return len(self._asked.domains)

    def ends(self, metric: str) -> tuple[int, int] | None:
        """The least and the most of a number, of all designs; None where that is not known without looking at each.

        Raises:
            ArchError: no design elaborates, or they cannot be followed.
        """
        costs = ByTables(self._opened[0])
        found = ends_of(self._asked, costs, metric) if costs.has((metric,)) else None
        return found and (found[0].value, found[1].value)

    def failures(self) -> Iterator[Diagnostic]:
        """Why designs fail, each place once: what one of them says by itself, and when it happens.

        Raises:
            ArchError: that cannot be known of all designs, or none elaborates.
        """
        asked, made = self._asked, self._opened[0]
        conditions = Conditions(asked)
        shown = 0
        try:
            for failure, condition in _by_place(asked, made, self._picks):
                told = told_alone(asked, failure, condition, self.spec, self.network)
                if told is None:
                    continue
                said = conditions.said(condition).text
                yield replace(told, notes=(*told.notes, f"so it is in designs where {said}")) if said else told
                shown += 1
                if shown == _SHOWN:
                    return
        except (TooEntangled, *TOO_LARGE):
            raise self._too_large("when they fail depends on too many decisions at once") from None

    def choices(self) -> tuple[set[Span], set[Span]]:
        """Where all choices stand, and where those that some design uses.

        Raises:
            ArchError: no design elaborates, or they cannot be followed.
        """
        known = self._opened[0].asked.diagrams
        used = [one for one in known.decisions.values() if one.asked is not known.false]
        return {span for one in known.decisions.values() for span in one.spans}, {s for one in used for s in one.spans}

    def unused(self) -> list[Diagnostic]:
        """Results that no design uses; none where that is not known."""
        try:
            _, said = self._opened
        except ArchError:
            return []
        return [one for one in said if one.code == "unused-tensor"]

    def _counted(self, asked: Asked, *conditions: Any) -> int | None:
        try:
            found = counted(asked, conditions)
        except TooEntangled as error:
            raise self._too_large(str(error)) from None
        return None if found is None else found.count

    @property
    def _opened(self) -> tuple[OpenNetwork, Diagnostics]:
        """The space, and what is odd in it."""
        if isinstance(self._found, ArchError):
            raise self._found
        return self._found

    @cached_property
    def _found(self) -> tuple[OpenNetwork, Diagnostics] | ArchError:
        """What `_opened` gives or raises: opening takes long, also where it ends in an error."""
        said = Diagnostics()
        try:
            found = elaborate_open(self.spec, self.network, diagnostics=said)
            if found is None:
                return ArchError(said.errors)
            see_failures(found, self.spec, self.network)
        except TOO_LARGE:
            return self._too_large("a value has too many cases")
        except ArchError as error:
            return error
        return found, said

    @cached_property
    def _picks(self) -> dict[Decision, str]:
        """What `@picks` decides, as far as that is offered."""
        written = written_picks(self.spec, self.network)
        found = {}
        for decision in self._opened[0].asked.domains:
            texts = (*decision.texts,)
            place = option_index(texts, written[decision.name].text) if decision.name in written else None
            if place is not None:
                found[decision] = texts[place]
        return found

    @cached_property
    def _asked(self) -> Asked:
        """What it asks, but for what `@picks` decides."""
        return narrowed(self._opened[0].asked, {one.name: text for one, text in self._picks.items()})

    def _too_large(self, why: str) -> ArchError:
        message, hint = (
            f"the designs of {self.network} cannot be counted: {why}",
            "let less depend on all that is chosen",
        )
        return ArchError([Diagnostic("space-too-large", message, None, help=hint)])


def when_asked(
    spec: Spec, network: str, parameters: Mapping[str, Any] | None = None, shapes: Shapes | None = None
) -> dict[str, str]:
    """When a network asks each decision that not all its designs ask, in words; {} where that cannot be known."""
    try:
        made = elaborate_open(spec, network, parameters, shapes, diagnostics=Diagnostics())
    except TOO_LARGE:
        made = None
    if made is None:
        return {}
    conditions = Conditions(made.asked)
    whens = {decision.name: conditions.when(decision).text for decision in made.asked.domains}
    return {name: when for name, when in whens.items() if when}


def _by_place(asked: Asked, made: OpenNetwork, picks: Mapping[Decision, str]) -> list[tuple[Diagnostic, Diagram]]:
    """Mistakes at these picks, those of one place taken together, with the condition under which one happens."""
    offers = {decision: [one.value for one in leaves(domain)] for decision, domain in asked.domains.items()}
    settled = {one: text for one, text in picks.items() if {(), (text,)}.issuperset(offers.get(one, ()))}
    found: dict[Hashable, tuple[Diagnostic, Diagram]] = {}
    for failure, condition in made.failures:
        here: Diagram | None = condition
        for decision, text in settled.items():
            here = None if here is None else asked.diagrams.restrict(here, decision, text)
        if here is None or here is asked.diagrams.false:
            continue
        span = failure.span
        key = (failure.code, failure.message if span is None else (span.source.name, span.start, span.end))
        first, before = found.get(key, (failure, asked.diagrams.false))
        found[key] = first, asked.diagrams.either(before, here)
    return [*found.values()]
