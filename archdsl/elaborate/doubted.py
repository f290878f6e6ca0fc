"""Believes that designs fail only where one of them, elaborated by itself, fails too."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from archdsl.choices.asked import Asked
from archdsl.choices.counting import TooEntangled
from archdsl.choices.extremes import ends
from archdsl.choices.nodes import Diagram
from archdsl.diagnostics.model import ArchError, Diagnostic, Diagnostics
from archdsl.elaborate.decisions import Decisions
from archdsl.elaborate.elaborator import elaborate
from archdsl.elaborate.open import OpenNetwork
from archdsl.elaborate.overrides import Shapes
from archdsl.elaborate.spec import Spec

_MOST = 8  # mistakes of a space of which one design is elaborated
_SHOWN = 6  # picks that are told


def see_failures(
    made: OpenNetwork,
    spec: Spec,
    network: str,
    parameters: Mapping[str, Any] | None = None,
    shapes: Shapes | None = None,
) -> None:
    """See that what fails when all designs are followed at once does so by itself.

    Raises:
        ArchError: some design elaborates, so that the count of those that do would be wrong.
    """
    for failure, condition in made.failures[:_MOST]:
        with suppress(TooEntangled):
            told_alone(made.asked, failure, condition, spec, network, parameters, shapes)


def told_alone(
    asked: Asked,
    failure: Diagnostic,
    condition: Diagram,
    spec: Spec,
    network: str,
    parameters: Mapping[str, Any] | None = None,
    shapes: Shapes | None = None,
) -> Diagnostic | None:
    """What is told of a design that fails, elaborated by itself; None where the condition holds of none.

    Raises:
        ArchError: it elaborates.
        TooEntangled: it takes too much work to find one.
    """
    found = ends(asked, [condition], [])
    if found is None:
        return None
    picks, diagnostics = found[0].design(), Diagnostics()
    elaborate(spec, network, parameters, shapes, diagnostics=diagnostics, decisions=Decisions(picks))
    if not diagnostics.errors:
        raise ArchError([_contradicted(network, failure, picks)])
    return diagnostics.errors[0]


def _contradicted(network: str, failure: Diagnostic, picks: dict[str, str]) -> Diagnostic:
    few = [f"{name} = {text}" for name, text in picks.items()][:_SHOWN]
    where = ", ".join(few) + (", …" if len(picks) > _SHOWN else "")
    return Diagnostic(
        "space-too-large",
        f"the designs of {network} cannot be counted: followed all at once some fail here ({failure.code}) that "
        "elaborate by themselves",
        failure.span,
        notes=(f"one of them: {where}",),
        help="pick some of these; it is a mistake of archdsl, so please report it",
    )
