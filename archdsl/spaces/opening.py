"""Elaborates a space as a whole: what it asks, and what gives the numbers of its designs."""

from __future__ import annotations

from archdsl.choices.nodes import TOO_LARGE
from archdsl.diagnostics.model import ArchError, Diagnostic, Diagnostics
from archdsl.elaborate.doubted import see_failures
from archdsl.elaborate.elaborator import elaborate
from archdsl.elaborate.open import OpenNetwork, elaborate_open
from archdsl.explore.settings import NetworkFamily


def opened(family: NetworkFamily) -> OpenNetwork:
    """The network of a family with all its choices open.

    Raises:
        ArchError: it does not elaborate, whatever is picked, or cannot be had as a whole.
    """
    diagnostics = Diagnostics()
    assert family.network is not None
    try:
        made = elaborate_open(family.spec, family.network, family.fixed, family.sizes, diagnostics=diagnostics)
    except TOO_LARGE:
        message = f"the designs of {family.network} cannot be counted: a value has too many cases"
        hint = "pick some of them, or let less depend on all that is chosen"
        raise ArchError([Diagnostic("space-too-large", message, None, help=hint)]) from None
    if made is None and not diagnostics.errors:  # each design fails for a reason of its own: those of the first
        elaborate(family.spec, family.network, family.fixed, family.sizes, diagnostics=diagnostics)
    if made is None or diagnostics.errors:
        raise ArchError(diagnostics.errors)
    see_failures(made, family.spec, family.network, family.fixed, family.sizes)
    return made
