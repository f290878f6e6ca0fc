"""Holds what depends on choices: a value for each design of a space, shared as decision diagrams share.

Bryant 1986, "Graph-based algorithms for Boolean function manipulation", with several leaves (Clarke et al. 1993) and
several ways out of a node (Srinivasan et al. 1990, multi-valued diagrams). Of two decisions

    kernel = oneof([3, 5]), width = oneof([8, 16])        order: kernel, width

the number `kernel * (8 if width > 8 else 1)` is

    kernel -- 3 --> width -- 8 --> 3
           |              `- 16 -> 24
           `- 5 --> width -- 8 --> 5
                          `- 16 -> 40

A decision stands above those that were made known later, equal diagrams are one object, and a decision whose ways all
lead to one place is left out. So equal functions are mostly one object, and what is found of a diagram costs what it
has nodes, not what the space has designs.

A way that a decision does not offer leads nowhere: then any value will do (Coudert and Madre 1990 call it a care set).
So a walk over levels, each at most one from the last, `level = oneof([level - 1, level, level + 1])` within 0 to 3, is
after any number of steps the four options of its last decision, not a tree of all walks. Conditions (diagrams of true
and false) are different: they say what holds on all other ways, too (`otherwise`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import reduce
from operator import attrgetter
from typing import Any

from archdsl.choices.nodes import Decision, Diagram, DiagramTooLarge, Ending, Fork, leaves, ways

MOST_VALUES = 50_000  # of all diagrams; each sum of 16 powers of two is one
_Pairs = dict[tuple[Diagram, Diagram], Diagram]  # of two conditions, what both or either says
_Guarded = tuple[Diagram | None, Diagram]  # a diagram (None: any will do), and where it is to hold
_order = attrgetter("order")


class Diagrams:
    """The diagrams of one space. `key` gives something equal for equal values of leaves."""

    def __init__(self, key: Callable[[Any], Hashable], most: int = 400_000, most_steps: int = 2_000_000) -> None:
        self.key = key
        self.most = most
        self.most_steps = most_steps
        self.spent = 0
        self.decisions: dict[str, Decision] = {}
        self._leaves: dict[Hashable, Ending] = {}
        self._branches: dict[Hashable, Diagram] = {}
        self._both: _Pairs = {}
        self._any: _Pairs = {}
        self._not: dict[Diagram, Diagram] = {}
        self._within: dict[tuple[Diagram, Diagram], Diagram | None] = {}
        self._guards: dict[Diagram, dict[Ending, Diagram]] = {}
        self._restricted: dict[tuple[Diagram, Decision, str | None], Diagram | None] = {}
        self.true: Diagram = self.leaf(True)
        self.false: Diagram = self.leaf(False)

    def decision(self, name: str) -> Decision:
        """The decision of that name, made known where it is new."""
        found = self.decisions.get(name)
        return found or self.decisions.setdefault(name, Decision(name, len(self.decisions), self.false))

    def _spend(self, steps: int) -> None:
        self.spent += steps
        if self.spent > self.most_steps:
            raise DiagramTooLarge

    @property
    def count(self) -> int:
        """How many forks have been made."""
        return len(self._branches)

    def leaf(self, value: Any) -> Ending:
        """The diagram of one value.

        Raises:
            DiagramTooLarge: there are too many.
        """
        key = self.key(value)
        found = self._leaves.get(key)
        if found is None:
            if len(self._leaves) >= MOST_VALUES:
                raise DiagramTooLarge
            found = self._leaves[key] = Ending(value)
        return found

    def branch(
        self, decision: Decision, children: Mapping[str, Diagram], otherwise: Diagram | None = None
    ) -> Diagram | None:
        """The diagram that takes one of `children` by what is picked; None where there is none.

        Raises:
            DiagramTooLarge: there are too many.
        """
        if otherwise is not None:
            if len(children) >= len(decision.texts) and len(set(children.values())) == 1:
                return next(iter(children.values()))
            children = {text: child for text, child in children.items() if child is not otherwise}
            if not children:
                return otherwise
        elif len(children) < 2:
            return next(iter(children.values()), None)
        texts = sorted(children)
        key = (decision, otherwise, *texts, *map(children.__getitem__, texts))
        branch = self._branches.get(key)
        if branch is None:
            if len(self._branches) >= self.most:
                raise DiagramTooLarge
            branch = self._together(children.values()) if otherwise is None else None
            branch = self._branches[key] = branch or Fork(decision, dict(children), otherwise)
        return branch

    def _together(self, children: Iterable[Diagram]) -> Diagram | None:
        """The diagram that is each of these where that is something; None where they disagree."""
        found = list(dict.fromkeys(children))
        joined: Diagram | None = found[0]
        for other in found[1:]:
            joined = None if joined is None else self._join(joined, other)
        return joined

    def _join(self, first: Diagram, second: Diagram) -> Diagram | None:
        """The diagram that is both where each is something; None where they disagree."""
        if first is second:
            return first
        if isinstance(first, Ending) or isinstance(second, Ending) or first.decision is not second.decision:
            return None
        if first.otherwise is not None or second.otherwise is not None:
            return None
        children = dict(first.children)
        for text, child in second.children.items():
            before = children.get(text)
            joined = child if before is None else self._join(before, child)
            if joined is None:
                return None
            children[text] = joined
        return self.branch(first.decision, children)

    def picked(self, decision: Decision, text: str) -> Diagram:
        """The condition that `decision` is picked as `text`."""
        found = self.branch(decision, {text: self.true}, self.false)
        assert found is not None
        return found

    def apply(
        self, function: Callable[..., Diagram | None], *diagrams: Diagram, under: Diagram | None = None
    ) -> Diagram | None:
        """What `function` gives for the values of `diagrams`, a diagram again (or None: any will do), for each way to
        pick, as far as `under` holds. It depends on no other decisions than `diagrams` do.
        """
        try:
            if len(diagrams) == 1 and (under is None or under is self.true):
                return self._apply_one(function, diagrams[0], {})
            return self._apply(function, self.true if under is None else under, diagrams, {})
        except DiagramTooLarge:
            raise DiagramTooLarge(*diagrams) from None

    def within(self, diagram: Diagram, condition: Diagram) -> Diagram | None:
        """A diagram as far as its values occur where a condition holds; it depends on no further decisions."""
        if isinstance(diagram, Ending) or condition is self.true:
            return None if condition is self.false else diagram
        decision = diagram.decision
        while isinstance(condition, Fork) and condition.decision.order < decision.order:
            condition = self.either(*ways(condition))
        if isinstance(condition, Ending):
            return None if condition is self.false else diagram
        key = (diagram, condition)
        if key in self._within:
            return self._within[key]
        self._spend(1)
        same, rest = condition.decision is decision, condition.otherwise or self.false
        texts = diagram.children | condition.children if same else diagram.children
        children = {}
        for text in texts:
            below = diagram.children.get(text, diagram.otherwise)
            if below is not None:
                child = self.within(below, condition.children.get(text, rest) if same else condition)
                if child is not None:
                    children[text] = child
        otherwise = None
        if diagram.otherwise is not None:
            otherwise = self.within(diagram.otherwise, rest if same else condition)
        found = self._within[key] = self.branch(decision, children, otherwise)
        return found

    def _apply_one(
        self, function: Callable[[Any], Diagram | None], at: Diagram, memo: dict[Diagram, Diagram | None]
    ) -> Diagram | None:
        if at in memo:
            return memo[at]
        found: Diagram | None
        if isinstance(at, Ending):
            found = function(at.value)
        else:
            self._spend(1)
            made = {text: self._apply_one(function, child, memo) for text, child in at.children.items()}
            children = {text: child for text, child in made.items() if child is not None}
            rest = None if at.otherwise is None else self._apply_one(function, at.otherwise, memo)
            found = self.branch(at.decision, children, rest)
        memo[at] = found
        return found

    def _apply(
        self,
        function: Callable[..., Diagram | None],
        under: Diagram,
        diagrams: tuple[Diagram, ...],
        memo: dict[tuple[Diagram, tuple[Diagram, ...]], Diagram | None],
    ) -> Diagram | None:
        if under is self.false:
            return None
        decision: Decision | None = None
        for diagram in diagrams:
            if diagram.__class__ is Fork and (decision is None or diagram.decision.order < decision.order):
                decision = diagram.decision
        if decision is None:
            return function(*[diagram.value for diagram in diagrams])  # type: ignore[union-attr]
        while under.__class__ is Fork and under.decision.order < decision.order:
            under = self.either(*ways(under))
        key = (under, diagrams)
        if key in memo:
            return memo[key]
        self._spend(1)
        both = (under, *diagrams)
        forks = [(k, one) for k, one in enumerate(both) if one.__class__ is Fork and one.decision is decision]
        texts = forks[0][1].children if len(forks) == 1 else {text: None for _, one in forks for text in one.children}
        children: dict[str | None, Diagram] = {}
        for text in (*texts, None):  # None: any other
            parts = [*both]
            for k, one in forks:
                below = one.otherwise if text is None else one.children.get(text, one.otherwise)
                if below is None:
                    break
                parts[k] = below
            else:
                child = self._apply(function, parts[0], tuple(parts[1:]), memo)
                if child is not None:
                    children[text] = child
        otherwise = children.pop(None, None)
        found = memo[key] = self.branch(decision, children, otherwise)  # type: ignore[arg-type]
        return found

    def map(self, function: Callable[..., Any], *diagrams: Diagram, under: Diagram | None = None) -> Diagram | None:
        """As `apply`, of a function that gives a value."""
        return self.apply(lambda *values: self.leaf(function(*values)), *diagrams, under=under)

    def replaced(self, diagram: Diagram, function: Callable[[Any], Diagram | None]) -> Diagram | None:
        """What `function` gives for the values of a diagram: diagrams (None: any will do) that may fork themselves."""
        found = {ending: function(ending.value) for ending in leaves(diagram)}
        if any(isinstance(one, Fork) for one in found.values()):
            return self.choose([(found[ending], guard) for ending, guard in self._endings(diagram).items()])
        return self.apply(lambda value: found[self.leaf(value)], diagram)

    def both(self, first: Diagram, second: Diagram) -> Diagram:
        """The condition that both hold."""
        return self._joint(first, second, self._both, self.true, self.false)

    def either(self, *conditions: Diagram) -> Diagram:
        """The condition that one of them holds."""
        return reduce(lambda a, b: self._joint(a, b, self._any, self.false, self.true), conditions, self.false)

    def _joint(self, first: Diagram, second: Diagram, memo: _Pairs, least: Diagram, most: Diagram) -> Diagram:
        """Both or either of two conditions: `least` says nothing beside another, `most` says all."""
        if first is second or second is least:
            return first
        if first is least:
            return second
        if first is most or second is most:
            return most
        key = (first, second) if id(first) < id(second) else (second, first)
        found = memo.get(key)
        if found is None:
            assert isinstance(first, Fork) and isinstance(second, Fork)
            if second.decision.order < first.decision.order:
                first, second = second, first
            top, same = first.decision, second.decision is first.decision
            rest = first.otherwise or self.false
            other_rest = second.otherwise or self.false if same else second
            children = {}
            for text in first.children | second.children if same else first.children:
                two = second.children.get(text, other_rest) if same else second
                children[text] = self._joint(first.children.get(text, rest), two, memo, least, most)
            otherwise = self._joint(rest, other_rest, memo, least, most)
            found = memo[key] = self.branch(top, children, otherwise) or self.false
        return found

    def negate(self, condition: Diagram) -> Diagram:
        """The condition that it does not hold."""
        if isinstance(condition, Ending):
            return self.false if condition is self.true else self.true
        found = self._not.get(condition)
        if found is None:
            children = {text: self.negate(child) for text, child in condition.children.items()}
            otherwise = self.negate(condition.otherwise or self.false)
            found = self._not[condition] = self.branch(condition.decision, children, otherwise) or self.true
            self._not[found] = condition
        return found

    def minus(self, first: Diagram, second: Diagram) -> Diagram:
        """The condition that the first holds, and the second does not."""
        return self.both(first, self.negate(second))

    def where(self, diagram: Diagram, test: Callable[[Any], bool], under: Diagram | None = None) -> Diagram:
        """The condition (with `under`) that the value passes a test."""
        memo: dict[Diagram, Diagram] = {}

        def walk(at: Diagram) -> Diagram:
            if isinstance(at, Ending):
                return self.true if test(at.value) else self.false
            if at not in memo:
                children = {text: walk(child) for text, child in at.children.items()}
                rest = self.false if at.otherwise is None else walk(at.otherwise)
                memo[at] = self.branch(at.decision, children, rest) or self.false
            return memo[at]

        found = walk(diagram)
        return found if under is None else self.both(under, found)

    def cases(self, diagram: Diagram, under: Diagram) -> list[tuple[Any, Diagram]]:
        """The values that occur under a condition, each with the condition under which it does."""
        found = [(ending.value, self.both(under, guard)) for ending, guard in self._endings(diagram).items()]
        return [(value, guard) for value, guard in found if guard is not self.false]

    def _endings(self, at: Diagram) -> dict[Ending, Diagram]:
        if isinstance(at, Ending):
            return {at: self.true}
        found = self._guards.get(at)
        if found is None:
            below = {text: self._endings(child) for text, child in at.children.items()}
            rest = {} if at.otherwise is None else self._endings(at.otherwise)
            endings = dict.fromkeys(ending for held in (*below.values(), rest) for ending in held)
            self._spend(len(endings))
            found = self._guards[at] = {}
            for ending in endings:
                parts = {text: held.get(ending, self.false) for text, held in below.items()}
                found[ending] = self.branch(at.decision, parts, rest.get(ending, self.false)) or self.false
        return found

    def ite(self, condition: Diagram, then: Diagram | None, otherwise: Diagram | None) -> Diagram | None:
        """The value `then` where a condition holds, else `otherwise` (None: any will do)."""
        return self.choose([(then, condition), (otherwise, self.true)])

    def choose(self, cases: Iterable[_Guarded]) -> Diagram | None:
        """The diagram that is, of `(diagram, condition)`, the first whose condition holds; None: there is none."""
        return self._choose(tuple([case for case in cases if case[1] is not self.false]), {})

    def _choose(self, cases: tuple[_Guarded, ...], memo: dict[tuple[_Guarded, ...], Diagram | None]) -> Diagram | None:
        if not cases or cases[0][1] is self.true:
            return cases[0][0] if cases else None
        if cases in memo:
            return memo[cases]
        if cases[-1][1] is self.true and all(case[0] is cases[0][0] for case in cases):
            return cases[0][0]
        self._spend(1)
        top = min([one.decision for case in cases for one in case if one.__class__ is Fork], key=_order)
        children: dict[str, Diagram] = {}
        for text in top.texts:
            below = []
            for one, where in cases:
                if where.__class__ is Fork and where.decision is top:
                    where = where.children.get(text, where.otherwise) or self.false
                    if where is self.false:
                        continue
                if one.__class__ is Fork and one.decision is top:
                    one = one.children.get(text, one.otherwise)
                below.append((one, where))
                if where is self.true:
                    break
            child = self._choose(tuple(below), memo)
            if child is not None:
                children[text] = child
        memo[cases] = self.branch(top, children)
        return memo[cases]

    def restrict(self, diagram: Diagram, decision: Decision, text: str | None) -> Diagram | None:
        """The diagram where `decision` is picked as `text` (None: is not asked); None where it is nothing then."""
        if isinstance(diagram, Ending) or diagram.decision.order > decision.order:
            return diagram
        if diagram.decision is decision:
            if text is None:  # any way will do
                return diagram.otherwise or next(iter(diagram.children.values()))
            return diagram.children.get(text, diagram.otherwise)
        key = (diagram, decision, text)
        if key not in self._restricted:
            children = {
                way: child
                for way, below in diagram.children.items()
                if (child := self.restrict(below, decision, text)) is not None
            }
            rest = None if diagram.otherwise is None else self.restrict(diagram.otherwise, decision, text)
            self._restricted[key] = self.branch(diagram.decision, children, rest)
        return self._restricted[key]

    def support(self, diagram: Diagram) -> frozenset[Decision]:
        """The decisions on which it depends."""
        return frozenset() if isinstance(diagram, Ending) else diagram.support
