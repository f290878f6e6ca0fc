"""Gives numbers of designs from tables that one elaboration of the whole space makes.

What a design costs is a sum over the nodes that it has. In the graph of alternatives each node has a condition, and
what it costs where that holds depends on the picks that its types depend on: a diagram each. A node whose results
nobody takes is left out of a network, so its condition says that too (`needed`). Diagrams of the same decisions are
added up once and for all; what is left to do for a design is one walk through each.

Of `x -> oneof([conv(8), conv(8, 3)]) -> conv(oneof([8, 16]))` on [3, 8, 8], with params and macs:

    out:    conv(8) -> (32, 1_536), conv(8, 3) -> (224, 13_824)      out_2: 8 -> (72, 4_096), 16 -> (144, 8_192)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from archdsl.analysis.cost import Cost, op_cost
from archdsl.choices.asked import Asked
from archdsl.choices.counting import TooEntangled
from archdsl.choices.diagram import Diagrams
from archdsl.choices.extremes import EndDesign, ends
from archdsl.choices.lookup import lookup_of
from archdsl.choices.nodes import TOO_LARGE, Decision, Diagram, Ending, Fork, size
from archdsl.elaborate.open import OpenNetwork
from archdsl.ir.alternatives import Alternative, Alternatives, NodeForm, needed

# What each number is, of the fields of a Cost.
FIELDS = {
    "params": (1, "params"),
    "buffers": (1, "buffers"),
    "macs": (1, "macs"),
    "flops": (2, "macs"),
    "elementwise_ops": (1, "elementwise_ops"),
    "activations": (1, "activations"),
    "ops": (1, "ops"),
}
NOTHING = Cost()
_order = attrgetter("order")
MOST_STEPS = 400_000  # of diagrams, that tables take to be made: some seconds
GROWTH, SMALL = 2, 64  # of sums of diagrams, in forks
Summands = list[Diagram]  # of Cost, to be added


class _BodySums(NamedTuple):
    """What a body costs: once per set of weights, and at each application."""

    weights: Summands
    work: Summands


class ByTables:
    """Adds up what the taken options cost; see `archdsl.spaces.measuring.Costs`."""

    how = "by tables of what each option costs"
    a_second = 100_000

    def __init__(self, network: OpenNetwork) -> None:
        self._diagrams = network.asked.diagrams
        self._network = network
        self._parts: dict[Alternatives, _BodySums] = {}
        self._tables: dict[tuple[str, ...], list[Any]] = {}
        self._too_large = False

    def of(self, design: Mapping[str, str], metrics: Sequence[str]) -> tuple[int, ...]:
        """The numbers of a design.

        Raises:
            KeyError: no table has a number of such a name.
        """
        names = tuple(metrics)
        tables = self._tables.get(names)
        if tables is None:
            found = [lookup_of(diagram, {}) for diagram in self.terms(names)]
            tables = self._tables[names] = found or [(0,) * len(names)]
        pick = design.get
        found = []
        for table in tables:
            while table.__class__ is list:
                table = table[1][pick(table[0])]
            found.append(table)
        return tuple(map(sum, zip(*found, strict=True)))

    def has(self, metrics: tuple[str, ...]) -> bool:
        """Whether tables have these numbers, and are small enough to be made."""
        if self._too_large or not FIELDS.keys() >= {*metrics}:
            return False
        most, self._diagrams.most_steps = self._diagrams.most_steps, self._diagrams.spent + MOST_STEPS
        try:
            self.terms(metrics)
        except TOO_LARGE:
            self._too_large = "_all" not in vars(self)  # what all numbers are made of; else other numbers may do
            return False
        finally:
            self._diagrams.most_steps = most
        return True

    def terms(self, metrics: tuple[str, ...]) -> Summands:
        """Diagrams whose values, tuples of these numbers, add up to those of a design.

        Raises:
            KeyError: no table has a number of such a name.
            DiagramTooLarge: they cannot be written down.
        """
        fields = [FIELDS[name] for name in metrics]
        read = lambda cost: tuple([factor * getattr(cost, name) for factor, name in fields])  # noqa: E731
        found = [self._diagrams.map(read, term) for term in self._all]
        return added(self._diagrams, [term for term in found if term is not None])

    @cached_property
    def _all(self) -> Summands:
        found: Summands = []
        for condition, made in self._network.roots:
            parts = self._of_body(made.graph)
            found += [_there(self._diagrams, condition, term) for term in (*parts.weights, *parts.work)]
        return found

    def _of_body(self, body: Alternatives) -> _BodySums:
        known = self._parts.get(body)
        if known is not None:
            return known
        diagrams = self._diagrams
        weights, work = _Gathered(diagrams), _Gathered(diagrams)
        calls: dict[tuple[Alternatives, Diagram, int], int] = defaultdict(int)
        shared: defaultdict[int, list[tuple[Diagram, Diagram]]] = defaultdict(list)
        sets: dict[tuple[Alternatives, Diagram], int] = defaultdict(int)
        for index, condition in needed(diagrams, body).items():
            node = body.nodes[index]
            if not isinstance(node, Alternative):
                continue
            slot, steps = node.node.slot, node.node.steps
            whole = diagrams.map(_cost_of, node.variants)
            assert whole is not None
            if any(isinstance(form.target, Alternatives) for form, _ in diagrams.cases(node.variants, condition)):
                for form, here in diagrams.cases(node.variants, condition):
                    calls[form.target, here, steps] += 1
                    if slot is None:
                        sets[form.target, here] += 1
                    else:
                        shared[slot].append((here, diagrams.leaf(form.target)))
                continue
            work.add(condition, whole, lambda cost: cost._replace(params=0, buffers=0), steps)
            own = diagrams.map(lambda cost: Cost(params=cost.params, buffers=cost.buffers), whole)
            assert own is not None
            if slot is None:
                weights.add(condition, own)
            else:
                shared[slot].append((condition, own))
        for (callee, condition, steps), times in calls.items():
            for term in self._of_body(callee).work:
                work.add(condition, term, None, times * steps)
        for (callee, condition), times in sets.items():
            for term in self._of_body(callee).weights:
                weights.add(condition, term, None, times)
        for uses in shared.values():
            weights.terms += self._once(uses)
        found = self._parts[body] = _BodySums(weights.summands(), work.summands())
        return found

    def _once(self, uses: list[tuple[Diagram, Diagram]]) -> Summands:
        """The weights of a shared stage: of the first use that there is."""
        diagrams, found = self._diagrams, []
        rest = diagrams.true
        for condition, what in uses:
            here = diagrams.both(rest, condition)
            rest = diagrams.minus(rest, condition)
            if isinstance(what, Ending) and isinstance(what.value, Alternatives):
                found += [_there(diagrams, here, term) for term in self._of_body(what.value).weights]
            else:
                found.append(_there(diagrams, here, what))
        return found


def _cost_of(form: NodeForm) -> Cost:
    if isinstance(form.target, Alternatives):
        return NOTHING
    return op_cost(form.target, form.operands, form.types, 0)


def _there(diagrams: Diagrams, condition: Diagram, term: Diagram, change: Any = None, times: int = 1) -> Diagram:
    """A term where a condition holds, so many times, and nothing elsewhere."""
    if change is not None or times != 1:
        changed = diagrams.map(lambda cost: (change(cost) if change else cost).times(times, times), term)
        assert changed is not None
        term = changed
    found = diagrams.ite(condition, term, diagrams.leaf(NOTHING))
    assert found is not None
    return found


class _Gathered:
    """Terms of one sum; what is the same in all designs that have it is added up by its condition first."""

    def __init__(self, diagrams: Diagrams) -> None:
        self._diagrams = diagrams
        self._same: dict[Diagram, Cost] = {}
        self.terms: Summands = []

    def add(self, condition: Diagram, term: Diagram, change: Any = None, times: int = 1) -> None:
        """A term where a condition holds, so many times."""
        if isinstance(term, Ending):
            cost = change(term.value) if change else term.value
            self._same[condition] = self._same.get(condition, NOTHING).plus(cost, times, times)
        else:
            self.terms.append(_there(self._diagrams, condition, term, change, times))

    def summands(self) -> Summands:
        """Their sum."""
        leaf = self._diagrams.leaf
        same = [_there(self._diagrams, condition, leaf(cost)) for condition, cost in self._same.items()]
        return added(self._diagrams, [*same, *self.terms])


def added(diagrams: Diagrams, terms: Summands) -> Summands:
    """Fewer diagrams with the same sum, as far as sums of them stay small: first of those that depend on the same
    decisions, then of those with one that depends on these and more.
    """
    by_support: dict[frozenset[Decision], Summands] = {}
    for term in terms:
        mine = by_support.setdefault(diagrams.support(term), [])
        together = _sum(diagrams, mine[-1], term) if mine else None
        if together is None:
            mine.append(term)
        else:
            mine[-1] = together
    found: list[tuple[frozenset[Decision], Diagram]] = []
    for support, mine in sorted(by_support.items(), key=lambda item: -len(item[0])):
        for term in mine:
            for place, (larger, other) in enumerate(found):
                together = _sum(diagrams, other, term) if support < larger else None
                if together is not None:
                    found[place] = larger, together
                    break
            else:
                found.append((support, term))
    return [term for _, term in found]


def _sum(diagrams: Diagrams, first: Diagram, second: Diagram) -> Diagram | None:
    """The sum of two, None where it would be much larger than both."""
    room = GROWTH * (size(first) + size(second)) + SMALL
    most, diagrams.most = diagrams.most, min(diagrams.most, diagrams.count + room)
    try:
        return _pairwise(diagrams, first, second, {})
    except TOO_LARGE:
        return None
    finally:
        diagrams.most = most


def _pairwise(
    diagrams: Diagrams, first: Diagram, second: Diagram, known: dict[tuple[Diagram, Diagram], Diagram | None]
) -> Diagram | None:
    """The sum of two, as `Diagrams.map` would give it, with less ado: most of the time of making tables goes here."""
    key = (first, second)
    if key in known:
        return known[key]
    if isinstance(first, Ending) and isinstance(second, Ending):
        found: Diagram | None = diagrams.leaf(_plus(first.value, second.value))
    else:
        top = min([one.decision for one in key if isinstance(one, Fork)], key=_order)
        ones, one_else = _ways_of(first, top)
        twos, two_else = _ways_of(second, top)
        children = {}
        for text in ones | twos:
            one, two = ones.get(text, one_else), twos.get(text, two_else)
            child = None if one is None or two is None else _pairwise(diagrams, one, two, known)
            if child is not None:
                children[text] = child
        rest = None if one_else is None or two_else is None else _pairwise(diagrams, one_else, two_else, known)
        found = diagrams.branch(top, children, rest)
    known[key] = found
    return found


def _ways_of(diagram: Diagram, decision: Decision) -> tuple[dict[str, Diagram], Diagram | None]:
    """What a diagram is by the texts of a decision, and for all others."""
    if isinstance(diagram, Fork) and diagram.decision is decision:
        return diagram.children, diagram.otherwise
    return {}, diagram


def _plus(one: Any, other: Any) -> Any:
    if isinstance(one, Cost):
        return one.plus(other)
    return tuple([a + b for a, b in zip(one, other, strict=True)])


def ends_of(asked: Asked, costs: ByTables, metric: str) -> tuple[EndDesign, EndDesign] | None:
    """The designs with the least and with the most of one number, of all that elaborate; None where there are none, or
    too many decisions hang together.
    """
    diagrams = asked.diagrams
    summands = [diagrams.map(itemgetter(0), term) for term in costs.terms((metric,))]
    try:
        return ends(asked, [diagrams.negate(asked.fails)], [one for one in summands if one is not None])
    except TooEntangled:
        return None
