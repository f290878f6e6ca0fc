"""Reads what is asked of numbers: `macs <= 600M and params < 5M`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from archdsl.analysis import registry
from archdsl.diagnostics.display import quoted
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.expect import read_claim
from archdsl.require import Requirement
from archdsl.source import Source, Span

Quantity = int | float | None  # None: the network has no such number

_BOUND = re.compile(r"\s*(\w+)\s*(<=|>=|==|<|>|=|≤|≥)\s*([^<>=≤≥\s]+)\s*\Z")
_JOINT = re.compile(r"(,|\band\b|&&?)")
_OTHERWISE = re.compile(r"\bor\b|\|\|?|\bnot\b|!", re.IGNORECASE)
_EXAMPLE = "write for example macs <= 600M and params < 5M"
_SPELT = {"=": "==", "≤": "<=", "≥": ">="}


def read_bounds(text: str | Sequence[str]) -> list[Requirement]:
    """`macs <= 600M and params < 5M, depth >= 20`: all of them; numbers as in a paper. "" asks nothing.

    So does a list of such texts.

    Raises:
        ValueError: this says something else; the message ends with what to write.
        ArchError: there is no number of such a name.
    """
    text = text if isinstance(text, str) else ", ".join(text)
    parts = _JOINT.split(text) if text else []
    for place in range(0, len(parts), 2):
        if not parts[place].strip() and parts[1:]:
            where, joint = ("behind", parts[place - 1]) if place else ("before", parts[1])
            raise ValueError(f"nothing stands {where} `{joint}` in {quoted(text.strip())}: {_EXAMPLE}")
    return [_bound(part) for part in parts[::2]]


def _bound(part: str) -> Requirement:
    found = _BOUND.match(part)
    claim = read_claim(found[3]) if found else None
    if (found is None or claim is None) and _OTHERWISE.search(part):
        raise ValueError(f"{quoted(part.strip())}: bounds are joined by `and` only, and all hold: {_EXAMPLE}")
    if found is None or claim is None:
        raise ValueError(f"{quoted(part.strip())} is no name of a number, a comparison and a number: {_EXAMPLE}")
    said = " ".join(part.split())
    symbol = _SPELT.get(found[2], found[2])
    return Requirement(known_metric(found[1]), symbol, claim, said, Span(Source("--where", said), 0, len(said)))


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


def within(bounds: Iterable[Requirement], numbers: Mapping[str, Quantity]) -> bool:
    """Whether all hold of the numbers of a network; what is not defined never holds."""
    return all((number := numbers[one.metric]) is not None and one.holds(number) for one in bounds)
