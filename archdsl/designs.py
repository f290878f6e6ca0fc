"""Elaborates the space of a network for who checks a spec: how many designs it has, and which of them fail, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

from archdsl.choices.asked import Asked
from archdsl.choices.counting import TooEntangled, counted
from archdsl.choices.diagram import TOO_LARGE
from archdsl.choices.narrowing import narrowed
from archdsl.choices.wording import Conditions
from archdsl.diagnostics.model import ArchError, Diagnostic, Diagnostics
from archdsl.elaborate.decisions import option_index
from archdsl.elaborate.doubted import see_failures
from archdsl.elaborate.open import OpenNetwork, elaborate_open
from archdsl.elaborate.spec import Spec
from archdsl.elaborate.written_picks import written_picks

_SHOWN = 3  # ways to fail that are told of a network


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

    def failures(self) -> Iterator[Diagnostic]:
        """Why designs fail, each with when; nothing where they cannot be counted."""
        try:
            conditions = Conditions(self._asked)
            shown = 0
            for diagnostic, condition in self._opened[0].failures:
                if self._counted(self._asked, condition) is None:
                    continue
                shown += 1
                if shown > _SHOWN:
                    return
                said = conditions.said(condition).text
                yield replace(diagnostic, notes=(*diagnostic.notes, f"so it is in designs where {said}"))
        except ArchError:
            return

    def unused(self, of_one: list[Diagnostic]) -> list[Diagnostic]:
        """Results that no design uses; where that is not known those of one design, `of_one`."""
        try:
            _, said = self._opened
        except ArchError:
            return of_one
        return [one for one in said if one.code == "unused-tensor"]

    def _counted(self, asked: Asked, *conditions: Any) -> int | None:
        try:
            found = counted(asked, conditions)
        except TooEntangled as error:
            raise self._too_large(str(error)) from None
        return None if found is None else found.count

    @cached_property
    def _opened(self) -> tuple[OpenNetwork, Diagnostics]:
        """The space, and what is odd in it."""
        said = Diagnostics()
        try:
            found = elaborate_open(self.spec, self.network, diagnostics=said)
        except TOO_LARGE:
            raise self._too_large("a value depends on too many decisions at once") from None
        if found is None:
            raise ArchError(said.errors)
        see_failures(found, self.spec, self.network)
        return found, said

    @cached_property
    def _asked(self) -> Asked:
        """What it asks, but for what `@picks` decides."""
        asked = self._opened[0].asked
        picks = {}
        for decision in asked.domains:
            written = written_picks(self.spec, self.network).get(decision.name)
            place = None if written is None else option_index((*decision.texts,), written.text)
            if place is not None:
                picks[decision.name] = [*decision.texts][place]
        return narrowed(asked, picks)

    def _too_large(self, why: str) -> ArchError:
        message, hint = (
            f"the designs of {self.network} cannot be counted: {why}",
            "let less depend on all that is chosen",
        )
        return ArchError([Diagnostic("space-too-large", message, None, help=hint)])
