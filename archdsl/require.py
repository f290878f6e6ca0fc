"""Reads what `@require` says a network must satisfy, for the designs of a space too, and judges networks by it."""

from __future__ import annotations

import difflib
import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from archdsl.analysis import registry
from archdsl.analysis.not_defined import NotDefined
from archdsl.diagnostics.model import Diagnostic
from archdsl.elaborate.definitions import bases
from archdsl.elaborate.spec import Spec
from archdsl.expect import Claim, read_claim, shown
from archdsl.ir.graph import Graph
from archdsl.source import Span
from archdsl.syntax import tree
from archdsl.syntax.items import Item

ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Requirement:
    """`macs <= 600M`: a metric, `< <= > >=` or `==`, and a number; `text` and `span` as written.

    A bound is exact. What equals a number rounds to it at its own last digit, as with `@expect`.
    """

    metric: str
    symbol: str
    claim: Claim
    text: str
    span: Span

    @cached_property
    def bound(self) -> int | Fraction:
        """The number."""
        found = (self.claim.low + self.claim.high) / 2
        return found.numerator if found.denominator == 1 else found

    def holds(self, value: int | float | Fraction) -> bool:
        """Whether a network with this value of the metric is allowed."""
        if self.symbol == "==":
            return self.claim.holds(value)
        return ORDER[self.symbol](value, self.bound)

    def holds_between(self, least: int | float, most: int | float) -> bool:
        """Whether a network may be allowed of which the metric lies between these."""
        if self.symbol == "==":
            return self.claim.low <= most and self.claim.high >= least
        return self.holds(least if self.symbol in ("<", "<=") else most)


def requirements(spec: Spec, network: str) -> tuple[Requirement, ...]:
    """What the network of that name must satisfy: by `@require` above it, and above those of which it is a variant."""
    found = [_read(item, one) for _, item in bases(spec.root, network) for one in _written(item)]
    return tuple([one for one in found if one is not None])


def broken(wanted: tuple[Requirement, ...], graph: Graph, item: Item) -> list[Diagnostic]:
    """What of it a network does not satisfy, whose definition is `item`."""
    return [wrong for one in wanted if (wrong := _broken(one, graph, item)) is not None]


def unmet(wanted: Requirement, item: Item, least: int | float, most: int | float) -> Diagnostic:
    """That no design of a space, whose definition is `item`, satisfies it: they have `least` to `most`."""
    reached = f"{shown(least)} to {shown(most)}" if least != most else shown(most)
    message = f"no design of {item.name} has {wanted.text}: {wanted.metric} is {reached} in all that it leaves open"
    return replace(_told(wanted, item, message, "ask for less, or let it choose between others"), code="nothing-fits")


def unreadable(item: Item, argument: tree.Argument) -> Diagnostic | None:
    """Why an argument of `@require` says nothing; None where it does."""
    span = item.span(argument.start, argument.end)
    node = argument.value
    metric = node.first if isinstance(node, tree.Compare) else node
    if argument.name is None and isinstance(metric, tree.Name) and metric.id not in registry.names():
        near = difflib.get_close_matches(metric.id, registry.names(), 1)
        hint = f"did you mean {near[0]}?" if near else f"it can be one of: {', '.join(registry.names())}"
        return Diagnostic("unknown-metric", f"there is no number called {metric.id}", span, help=hint)
    if _read(item, argument) is not None:
        return None
    hint = "write a number's name, `<`, `<=`, `>`, `>=` or `==`, and a number: `macs <= 600M`"
    if isinstance(node, tree.Logic):
        hint = "all of them hold, and commas stand between them: `@require(macs <= 600M, params < 5M)`"
    return Diagnostic("bad-expectation", "this is nothing that a network can satisfy", span, help=hint)


def _written(item: Item) -> list[tree.Argument]:
    return [argument for one in item.decorators if one.name == "require" for argument in one.arguments]


def _read(item: Item, argument: tree.Argument) -> Requirement | None:
    node = argument.value
    if argument.name is not None or not isinstance(node, tree.Compare) or len(node.rest) != 1:
        return None
    symbol, right = node.rest[0]
    if not isinstance(node.first, tree.Name) or node.first.id not in registry.names():
        return None
    claim = read_claim(right.text) if isinstance(right, tree.Number) else None
    if claim is None or symbol not in (*ORDER, "=="):
        return None
    span = item.span(argument.start, argument.end)
    return Requirement(node.first.id, symbol, claim, span.text, span)


def _broken(wanted: Requirement, graph: Graph, item: Item) -> Diagnostic | None:
    try:
        actual = registry.metric(wanted.metric)(graph)
    except NotDefined as error:
        message = f"{wanted.metric} of {graph.name}: {error}, so @require({wanted.text}) does not allow it"
        return _told(wanted, item, message, f"remove it: {graph.name} has no such number")
    if wanted.holds(actual):
        return None
    message = f"{wanted.metric} of {graph.name} is {shown(actual)}, and @require({wanted.text}) does not allow that"
    return _told(wanted, item, message, "change the network, or what it must satisfy")


def _told(wanted: Requirement, item: Item, message: str, help: str) -> Diagnostic:
    """At the line of the requirement, where it stands above the network itself; else at the name of the network."""
    declaration = item.declaration
    start, end = item.offset, item.offset + declaration.end
    if wanted.span.source is item.source and start <= wanted.span.start < end:
        return Diagnostic("not-allowed", message, wanted.span, help=help)
    assert isinstance(declaration, tree.Variant)
    where = item.span(declaration.name_start, declaration.name_end)
    return Diagnostic("not-allowed", message, where, notes=(f"@require stands at {wanted.span}",), help=help)
