"""Turns a network, a budget and a knob into the largest value of the knob whose network stays within the budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from archdsl.analysis import registry
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.explore.search import Candidate, Knob, KnobSearch
from archdsl.explore.settings import INPUT, PHI, TARGET, NetworkFamily, Target
from archdsl.ir.graph import Graph
from archdsl.lazy import load_module
from archdsl.numerals import decimal_text
from archdsl.ops.base import spatial_axes
from archdsl.takes import GROWTH, NUMBER, NUMBERS, STEP, TEXT, takes
from archdsl.types import TensorType

COMPOUND = {"depth": 1.2, "width": 1.1, INPUT: 1.15}  # EfficientNet, arXiv:1905.11946, equation 3 and section 3.3
_FINE = Fraction(1, 1000)  # the step of a real knob
_DOUBLINGS = 14  # of a step, that are tried where the network has no value of its own
_TIMES = 16  # how far beyond the network's own value the search goes by itself


@dataclass(frozen=True)
class Fit:
    """The answer: `best` is the largest multiple of `step` between `low` and `high` that is within every budget.

    All values from `plateau` to `best` cost the same (widths are rounded to channels). `beyond` is the next larger
    value that elaborates, the first over the budget; None if `best` is the end of the range. `monotone` is false
    where a larger value was seen to cost less; then every value of the range was tried. `options` are those that make
    `archdsl analyze` count the best one.
    """

    network: str
    over: str
    budgets: tuple[tuple[str, int], ...]
    low: Fraction
    high: Fraction
    step: Fraction
    metrics: tuple[str, ...]
    best: Candidate
    plateau: Fraction
    beyond: Candidate | None
    monotone: bool
    elaborated: int
    options: str

    def __str__(self) -> str:
        """What `archdsl fit` prints."""
        return str(load_module("archdsl.explore.table").fit_text(self, self.network)).rstrip("\n")

    def _repr_html_(self) -> str:
        return str(load_module("archdsl.emit.html").preformatted(str(self)))

    def to_json(self) -> dict[str, Any]:
        """The same as plain data, as `archdsl fit --json` prints it."""
        found: dict[str, Any] = load_module("archdsl.explore.table").fit_json(self)
        return found


@takes(target=TARGET, budgets=NUMBERS, over=TEXT, low=NUMBER, high=NUMBER, step=STEP, rule=GROWTH)
def fit(
    target: Target,
    budgets: Mapping[str, int],
    over: str,
    *,
    low: Fraction | None = None,
    high: Fraction | None = None,
    step: Fraction | None = None,
    rule: Mapping[str, float] = COMPOUND,
) -> Fit:
    """The largest value of `over` for which no metric of `budgets` is above its number, counted exactly.

    `over` is a parameter with a number, `input` (the height and width of the first input), or `phi`: where the network
    has no parameter of that name, all of `rule` grow together, each by its base to the power of phi. Values are the
    multiples of `step` (1 for whole numbers, else 0.001) from `low` to `high` (a step to 16 times the network's own; if
    that has none, to a power of two that is over the budget, 16,384 steps at most). Cost is taken to grow with the
    knob, which is checked on a sample; where it does not, all values are tried.

    Raises:
        ArchError: nothing is called so, it is no number, nothing fits the budget, or too many values do not elaborate.
        KeyError: there is no metric of such a name.
        ValueError: the network was not made from a spec.
    """
    for metric in budgets:
        registry.metric(metric)
    made = NetworkFamily.of(target).given({over: 1})
    made.refuse_fixed([over])
    graph = _example(made, over, Fraction(low if low is not None and low > 0 else step or 1))
    knob = _knob(graph, over, rule)
    step = Fraction(step or (1 if knob.whole else _FINE))
    search = _search(made, knob, dict(budgets), step, (low, high))
    best, monotone = search.best()
    found = search.at(best)
    assert found is not None
    after = search.next_above(best)
    return Fit(
        network=graph.name,
        over=over,
        budgets=tuple(budgets.items()),
        low=search.low * step if low is None else Fraction(low),
        high=search.high * step if high is None else Fraction(high),
        step=step,
        metrics=search.metrics,
        best=found,
        plateau=search.plateau(best) * step,
        beyond=None if after is None else search.at(after),
        monotone=monotone,
        elaborated=len(search.seen),
        options=made.options(dict(found.settings)),
    )


def _example(target: NetworkFamily, over: str, first: Fraction) -> Graph:
    """The network as it stands; if that does not elaborate, under `first`, or twice, four times … as much of the knob.

    Raises:
        ArchError: it does not elaborate under any of these either.
    """
    try:
        return target.base.graph
    except ArchError as error:
        reason = error
    for k in range(_DOUBLINGS + 1):
        value = first * 2**k
        try:
            return target.at({over: str(value) if value.denominator == 1 else decimal_text(value)}).graph
        except ArchError as error:
            if k == 0 and not any(diagnostic.code == "unknown-parameter" for diagnostic in error.diagnostics):
                reason = error
    raise reason


def _search(
    target: NetworkFamily,
    knob: Knob,
    budgets: dict[str, int],
    step: Fraction,
    ends: tuple[Fraction | None, Fraction | None],
) -> KnobSearch:
    """The search between the ends that are given, or where it goes by itself.

    Raises:
        ArchError: no multiple of the step lies there.
    """
    low, high = ends
    reaching = high is None and target.incomplete
    if low is None:
        low = step if knob.own > 0 else knob.own - _TIMES
    if high is None:
        high = knob.own * _TIMES if knob.own > 0 else knob.own + _TIMES
        high = max(low - step, 0) + step * 2**_DOUBLINGS if reaching else high
    first, last = ceil(Fraction(low) / step), floor(Fraction(high) / step)
    if first > last:
        begin = 0 if ends[0] is None and knob.own > 0 else low
        message = f"no multiple of {float(step):g} lies between {float(begin):g} and {float(high):g}"
        hint = "take a smaller --step, or a wider --between"
        raise ArchError([Diagnostic("nothing-fits", message, None, help=hint)])
    search = KnobSearch(target, knob, budgets, step, first, last)
    if reaching:
        search.high = _reach(search)
    return search


def _reach(search: KnobSearch) -> int:
    """The first index over the budget of those that double from the lowest on; at least 16, and none beyond `high`."""
    index = max(search.low, 1)
    while index < search.high and search.fits(index) is not False:
        index *= 2
    return min(max(index, _TIMES), search.high)


def _knob(graph: Graph, over: str, rule: Mapping[str, float]) -> Knob:
    numbers = {n: v for n, v in graph.arguments if isinstance(v, (int, float)) and not isinstance(v, bool)}
    first = graph.inputs[0] if graph.inputs else TensorType(())
    if spatial_axes(first):
        numbers[INPUT] = first.shape[spatial_axes(first)[0]]
    if over in numbers:
        own = numbers[over]
        return Knob(Fraction(own), isinstance(own, int) and over != PHI, ((over, own, None),), first)
    known = ", ".join(numbers) or "none"
    if over != PHI:
        message = f"{graph.name} has no number called {over}"
        hint = f"those with a number are: {known}; or {PHI}, by EfficientNet's rule"
        raise ArchError([Diagnostic("unknown-parameter", message, None, help=hint)])
    missing = [name for name in rule if name not in numbers]
    if missing:
        message = f"{graph.name} has no {' and no '.join(missing)} to grow with {PHI}"
        hint = f"say what does: --rule {','.join(f'{n}={rule[n]}' for n in rule if n in numbers)}; it has {known}"
        raise ArchError([Diagnostic("unknown-parameter", message, None, help=hint)])
    return Knob(Fraction(0), False, tuple((name, numbers[name], base) for name, base in rule.items()), first)
