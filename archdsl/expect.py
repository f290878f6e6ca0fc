"""Turns attributes above a network into judgements: what `@expect` claims is compared with what its analyses give.

`@cite("paper, table", params = …)` carries numbers as they are printed there; they are read here and never judged.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from archdsl.analysis import registry
from archdsl.analysis.not_defined import NotDefined
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.ir.graph import Graph
from archdsl.numerals import is_out_of_range
from archdsl.syntax import tree
from archdsl.syntax.items import Item

NUMBER = re.compile(
    r"(?P<digits>[0-9][0-9_]*)(?:\.(?P<fraction>[0-9_]*))?(?:[eE](?P<exponent>[+-]?[0-9]+))?(?P<suffix>[kKMGT]?)\Z"
)
SUFFIX = {"": 0, "k": 3, "K": 3, "M": 6, "G": 9, "T": 12}

DESIGNS = "designs"  # of the network's space
_SHOWS = ("`archdsl analyze` shows each layer", "`archdsl space` shows each decision")


@dataclass(frozen=True)
class Claim:
    """One `name = value` of an `@expect`: the true value must lie in [low, high], high excluded unless `exact`."""

    low: Fraction
    high: Fraction
    exact: bool

    def holds(self, value: int | float | Fraction) -> bool:
        """Whether `value` rounds to what was written."""
        value = Fraction(value)
        return self.low <= value <= self.high if self.exact else self.low <= value < self.high


def read_claim(text: str) -> Claim | None:
    """The interval that a number stands for as written: `4.09G` is [4.085G, 4.095G); None if unreadable."""
    match = NUMBER.match(text.replace(" ", ""))
    if match is None or is_out_of_range(text):
        return None
    digits, fraction = match["digits"].replace("_", ""), (match["fraction"] or "").replace("_", "")
    power = SUFFIX[match["suffix"]] + int(match["exponent"] or 0) - len(fraction)
    unit = Fraction(10) ** power
    value = int(digits + fraction) * unit
    if match["fraction"] is None and not match["suffix"] and not match["exponent"]:
        return Claim(value, value, True)
    return Claim(value - unit / 2, value + unit / 2, False)


def judge(item: Item, graph: Graph, designs: Callable[[], int], left_open: str = "") -> list[Diagnostic]:
    """Diagnostics for every claim of the definition that its elaborated network does not meet.

    `designs` counts those of its space; it is asked where they are claimed. `left_open`: what the network picks of what
    it leaves open.
    """
    found = []
    for decorator in item.decorators:
        if decorator.name == "expect":
            for argument in decorator.arguments:
                problem = _judge_one(item, argument, graph, designs)
                if problem is not None and left_open and argument.name != DESIGNS:
                    note = f"{graph.name} leaves choices open; this is its design of the first options, {left_open}"
                    help = f"{problem.help}; numbers of another design stand above a variant with @picks"
                    problem = replace(problem, notes=(*problem.notes, note), help=help)
                if problem is not None:
                    found.append(problem)
    return found


def citations(item: Item) -> list[tuple[str, dict[str, str]]]:
    """What `@cite` says above a definition: each source, and the numbers that it prints, as written."""
    found = []
    for decorator in item.decorators:
        if decorator.name == "cite":
            sources = [a.value for a in decorator.arguments if a.name is None and isinstance(a.value, tree.Text)]
            numbers = {a.name: item.span(a.value.start, a.value.end).text for a in decorator.arguments if a.name}
            found.append(("".join(map(str, sources[0].parts)) if sources else "", numbers))
    return found


def claims(item: Item) -> str:
    """What all `@expect` above a definition say, as written; "" without any."""
    return ", ".join(
        item.span(argument.start, argument.end).text
        for decorator in item.decorators
        if decorator.name == "expect"
        for argument in decorator.arguments
    )


def claims_designs(item: Item) -> bool:
    """Whether an `@expect` above a definition says how many designs it has."""
    return any(d.name == "expect" and any(a.name == DESIGNS for a in d.arguments) for d in item.decorators)


def misread(item: Item, argument: tree.Argument) -> Diagnostic | None:
    """Why an argument of `@expect`, or a number of `@cite`, claims nothing; None where it does."""
    span = item.span(argument.start, argument.end)
    known = sorted((*registry.names(), DESIGNS))
    if argument.name not in known:
        near = difflib.get_close_matches(argument.name or span.text[:60], known, 1)
        hint = f"did you mean {near[0]}?" if near else f"it can be one of: {', '.join(known)}"
        if argument.name == "networks":
            hint = (
                "how many networks a space is takes long to count: `archdsl space --networks` does; claim its designs"
            )
        return Diagnostic("unknown-metric", f"there is no number called {argument.name or span.text}", span, help=hint)
    if _claim(item, argument.value) is None:
        hint = "write a number (25_557_032, 4.09G) or approx(4.1G, 2%)"
        return Diagnostic("bad-expectation", "this is no number to compare with", span, help=hint)
    return None


def _claim(item: Item, node: tree.Expr) -> Claim | None:
    if isinstance(node, tree.Number):
        return read_claim(node.text)
    if isinstance(node, tree.Call) and isinstance(node.callee, tree.Name) and node.callee.id == "approx":
        return _approximate(item, [a.value for a in node.arguments if a.name is None])
    return None


def _approximate(item: Item, nodes: list[Any]) -> Claim | None:
    """`approx(4.1G, 2%)` (or 0.02): the value within a relative tolerance."""
    if len(nodes) != 2 or not isinstance(nodes[0], tree.Number):
        return None
    text = item.span(nodes[1].start, nodes[1].end).text.replace(" ", "")
    tolerance = read_claim(text.rstrip("%"))
    middle = read_claim(nodes[0].text)
    if tolerance is None or middle is None:
        return None
    share = (tolerance.low + tolerance.high) / 2 / (100 if text.endswith("%") else 1)
    value = (middle.low + middle.high) / 2
    return Claim(value * (1 - share), value * (1 + share), True)


def _judge_one(item: Item, argument: tree.Argument, graph: Graph, designs: Callable[[], int]) -> Diagnostic | None:
    if misread(item, argument) is not None or argument.name is None:
        return None
    claim = _claim(item, argument.value)
    try:
        actual = designs() if argument.name == DESIGNS else registry.metric(argument.name)(graph)
    except ArchError as error:
        return replace(error.diagnostics[0], span=item.span(argument.start, argument.end))
    except NotDefined as error:
        span, hint = item.span(argument.start, argument.end), f"remove it: {graph.name} has no such number"
        return Diagnostic("expect-mismatch", f"{argument.name} of {graph.name}: {error}", span, help=hint)
    if claim is None or claim.holds(actual):
        return None
    span = item.span(argument.value.start, argument.value.end)
    value = shown(actual)
    return Diagnostic(
        "expect-mismatch",
        f"{argument.name} of {graph.name} is {value}, not {span.text}",
        span,
        notes=_difference(Fraction(actual) - (claim.low + claim.high) / 2),
        help=f"if the network is right, write {argument.name} = {value}; if not, {_SHOWS[argument.name == DESIGNS]}",
    )


def shown(actual: int | float | Fraction) -> str:
    """The true value as a spec would write it; a count of paths may be longer than Python writes numbers out."""
    if not isinstance(actual, int):
        return str(actual)
    return f"{actual:_}" if abs(actual) < 10**1000 else f"about 2**{actual.bit_length() - 1}"


def _difference(difference: Fraction) -> tuple[str, ...]:
    """No more digits than a float holds, and never +0: a difference there is."""
    try:
        number = float(difference)
    except OverflowError:  # over 10**308
        return ()
    whole = difference.denominator == 1 or abs(number) >= 1000
    return (f"it differs by {number:+,.0f}" if whole and abs(number) < 10**15 else f"it differs by {number:+.4g}",)
