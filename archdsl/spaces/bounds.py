"""Reads what is asked of numbers: `macs <= 600M and params < 5M`."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from fractions import Fraction
from typing import NamedTuple

from archdsl.analysis import registry
from archdsl.diagnostics.display import quoted
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.expect import read_claim

Quantity = int | float | None  # None: the network has no such number

_SIGNS = {"<=": operator.le, ">=": operator.ge, "==": operator.eq, "<": operator.lt, ">": operator.gt}
_BOUND = re.compile(r"\s*(\w+)\s*(<=|>=|==|<|>|=|≤|≥)\s*([^<>=≤≥\s]+)\s*\Z")
_SPELT = {"=": "==", "≤": "<=", "≥": ">="}


class Demand(NamedTuple):
    """One of them: the number called `metric` is to stand so to `limit`; `text` as it was written."""

    metric: str
    sign: str
    limit: Fraction
    text: str

    def holds(self, number: Quantity) -> bool:
        """Whether it does; a number that is not defined never does."""
        return number is not None and bool(_SIGNS[self.sign](number, self.limit))


def read_bounds(text: str) -> list[Demand]:
    """`macs <= 600M and params < 5M, depth >= 20`: all of them; numbers as in a paper. "" asks nothing.

    Raises:
        ValueError: this says something else; the message ends with what to write.
        ArchError: there is no number of such a name.
    """
    return [_bound(part) for part in re.split(r",|\band\b|&&?", text)] if text else []


def _bound(part: str) -> Demand:
    found = _BOUND.match(part)
    claim = read_claim(found[3]) if found else None
    if found is None or claim is None:
        raise ValueError(f"{quoted(part.strip())} asks nothing: write for example macs <= 600M and params < 5M")
    name, sign = found[1], _SPELT.get(found[2], found[2])
    known_metric(name)
    return Demand(name, sign, (claim.low + claim.high) / 2, " ".join(part.split()))


def known_metric(name: str) -> str:
    """The name of a number, as it is.

    Raises:
        ArchError: there is none of that name.
    """
    if name not in registry.names():
        near = get_close_matches(name, registry.names(), 1)
        hint = f"did you mean {near[0]}?" if near else "`archdsl analyze --all` lists them"
        raise ArchError([Diagnostic("unknown-name", f"there is no metric called {name}", None, help=hint)])
    return name


def within(bounds: Iterable[Demand], numbers: Mapping[str, Quantity]) -> bool:
    """Whether all hold of the numbers of a network."""
    return all(bound.holds(numbers[bound.metric]) for bound in bounds)
