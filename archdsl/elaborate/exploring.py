"""Follows all ways to pick at once: one elaboration for a whole space.

What evaluation meets under a condition (`pc`, of the body being elaborated; `outer`, under which that body is called)
is made once for all designs that meet it. An expression that needs one value where there are several (`Forced`) is
evaluated again under each of them (`fork`), and the results become one open value. Of

    depth = oneof([1, 2])               depth is open, nothing is asked
    for i in range(depth) {             asks depth; range(depth) is forced: twice evaluated, one open list
        x = x -> conv(8)                step 0 under any condition, step 1 under depth = 2
    }                                   x: the first result where depth is 1, the second where it is 2
    return x -> relu                    both are [8, …]: one relu, of a tensor that is chosen

What fails under a condition is kept with it (`failed`), and nothing goes on there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from archdsl.choices.diagram import Diagrams
from archdsl.choices.nodes import Decision, Diagram, DiagramTooLarge, Ending, leaves
from archdsl.diagnostics.model import Diagnostic
from archdsl.elaborate.budget import too_many_cases
from archdsl.elaborate.decisions import names_of
from archdsl.elaborate.forced import Forced, Nowhere
from archdsl.elaborate.lists import no_list
from archdsl.elaborate.naming import ChoiceName
from archdsl.elaborate.open_values import OPEN, Chosen, Needs, OpenList
from archdsl.elaborate.picking import Failure, Picking, merged, open_value, unbroken
from archdsl.elaborate.session import BodyFrame, Frame, Problem, Session
from archdsl.elaborate.values import UNKNOWN, ListValue, Value, tensors_in
from archdsl.source import Span

MOST_CASES = 2_000  # of one value
MOST_FORKED = 10_000  # of what needs several values: a second or two of evaluation
Way = tuple[Diagram, Value]


class Exploring(Picking):
    """Follows all ways. `asks` logs what the body being elaborated asks, for who calls it again."""

    explores = True

    def __init__(self, session: Session) -> None:
        self.outer = Diagrams(session.identity).true
        super().__init__(session)
        self.outer, self.dead = self.diagrams.true, self.diagrams.false
        self.asks: list[tuple[Decision, Diagram]] = []
        self.failed: list[tuple[Diagnostic | None, Diagram]] = []  # under absolute conditions
        self.together: dict[Hashable, Diagram] = {}  # the types of several tensors
        self.cells: dict[Hashable, list[tuple[Diagram, Any]]] = {}  # their bodies, and the conditions of the calls
        self.as_tensors: Callable[[Frame, Value, Any], Value] | None = None
        self._places: dict[Decision, Any] = {}
        self._known: dict[Decision, Diagram] = {}  # where it is known what a decision offers
        self._restricted: dict[tuple[Diagram, Diagram], Diagram | None] = {}

    @property
    def pc(self) -> Diagram:
        """The condition, of the body being elaborated, under which evaluation stands; false where no design comes."""
        return self._pc

    @pc.setter
    def pc(self, condition: Diagram) -> None:
        self._pc = (
            condition if self.diagrams.both(self.outer, condition) is not self.diagrams.false else self.diagrams.false
        )

    @property
    def absolute(self) -> Diagram:
        """The condition, of the whole network, under which evaluation stands here."""
        return self.diagrams.both(self.outer, self.pc)

    def offer(self, name: ChoiceName, texts: tuple[str, ...], options: Sequence[Value], where: Span) -> Chosen:
        """As of `Picking`; where the name is taken by other options under a part of the condition, there the next.

        Raises:
            Nowhere: no design comes here.
        """
        diagrams, rest = self.diagrams, self.absolute
        if rest is diagrams.false:
            raise Nowhere(self.pc)
        found_here: list[tuple[Decision, Diagram, Diagram]] = []
        for found in names_of(name):
            decision = diagrams.decision(found)
            if self._places.setdefault(decision, name.place) != name.place:
                continue
            known = self._known.get(decision, diagrams.false)
            new = diagrams.minus(rest, known)
            take = new
            if decision.domain is not None:
                same = diagrams.where(decision.domain, lambda offered: offered == texts, diagrams.both(rest, known))
                take = diagrams.either(new, same)
            if take is diagrams.false:
                continue
            found_here.append((decision, new, take))
            rest = diagrams.minus(rest, take)
            if rest is diagrams.false:
                break
        cases: list[tuple[Diagram, Diagram]] = []
        needs: Needs = {}
        for decision, new, take in found_here:  # all names are known: what they are told apart by may have to be forced
            decision.texts.update(dict.fromkeys(texts))
            if where not in decision.spans:
                decision.spans.append(where)
            if new is not diagrams.false:
                decision.domain = diagrams.ite(new, diagrams.leaf(texts), decision.domain)
                self._known[decision] = diagrams.either(self._known.get(decision, diagrams.false), new)
            value = diagrams.branch(decision, {t: diagrams.leaf(o) for t, o in zip(texts, options, strict=True)})
            assert value is not None
            needs[decision] = diagrams.true if len(found_here) == 1 else take
            cases.append((value, take))
        diagram = cases[0][0] if len(cases) == 1 else diagrams.choose(cases)
        assert diagram is not None
        return open_value(diagrams, diagram, needs)

    def _ask(self, needs: Needs) -> None:
        both, either = self.diagrams.both, self.diagrams.either
        for decision, guard in needs.items():
            here = both(self.pc, guard)
            if here is not self.diagrams.false:
                decision.asked = either(decision.asked, both(self.outer, here))
                self.asks.append((decision, here))

    def is_asked(self, needs: Needs) -> bool:
        """As of `Picking`."""
        minus, absolute = self.diagrams.minus, self.absolute
        return all(
            minus(self.diagrams.both(absolute, guard), d.asked) is self.diagrams.false for d, guard in needs.items()
        )

    def told(self, frame: Frame, value: Value, where: Any) -> Value:
        """As of `Picking`: where it is chosen, and by what, is the same under this condition.

        Raises:
            Forced: it is not.
        """
        if isinstance(value, ListValue) and value.holds_open and not tensors_in(value):
            return ListValue(tuple([self.told(frame, item, where) for item in value.items]))
        if not isinstance(value, (Chosen, OpenList)) or tensors_in(value):
            return value
        both, false = self.diagrams.both, self.diagrams.false
        needs = {d: guard for d, guard in value.needs.items() if both(self.pc, guard) is not false}
        if not needs:
            return unbroken(self._one(self.settled(value), where, frame))
        texts = value.texts if isinstance(value, Chosen) else ()
        for guard in (next(iter(needs.values())), *texts):  # it is called after the first
            if both(self.pc, guard) not in (self.pc, false):
                raise Forced(guard, self.pc)
        if isinstance(value, OpenList):
            return OpenList(value.items, value.guards, needs)
        text = next((text for guard, text in value.texts.items() if both(self.pc, guard) is self.pc), value.text)
        return Chosen(value.diagram, needs, text)

    def carry(self, value: Chosen, run: Callable[[Value], Value]) -> Value:
        """As of `Picking`, for all that it may be; designs that fail by what it is ask for it."""
        diagram = self.restricted(value.diagram)
        before = self.pc
        found = self.merge(self.each(diagram, run))
        left, self.pc = self.pc, self.diagrams.both(before, self.dead)
        self.ask(value.needs)
        self.pc = left
        return self.with_needs(found, value.needs)

    def one_tensor(self, frame: Frame, value: Value, where: Any) -> Value:
        """As of `Picking`: one tensor for those that it may be."""
        assert self.as_tensors is not None
        return self.as_tensors(frame, value, where) if value.__class__ in OPEN else value

    def open_list(self, value: Value) -> OpenList | None:
        """As of `Picking`."""
        if not isinstance(value, Chosen):
            return super().open_list(value)
        diagram = self.restricted(value.diagram)
        if not any(isinstance(leaf.value, (ListValue, OpenList, range)) for leaf in leaves(diagram)):
            return None
        cases = self.diagrams.cases(diagram, self.pc)
        if any(isinstance(found, Failure) for found, _ in cases):
            return None
        lists = [(condition, self.open_list(found)) for found, condition in cases]
        if any(one is None or one.needs or any(g is not self.diagrams.true for g in one.guards) for _, one in lists):
            return None
        found = super().open_list(self.merged_lists([(c, ListValue(one.items)) for c, one in lists if one is not None]))
        assert found is not None
        return OpenList(found.items, found.guards, value.needs)

    def at_top(self, frame: Frame, run: Callable[[], Value]) -> Value:
        """As of `Picking`, whatever the condition is here."""
        before = self.pc, self.outer, self.dead
        self.pc, self.outer, self.dead = self.diagrams.true, self.diagrams.true, self.diagrams.false
        try:
            return super().at_top(frame, lambda: self.fork(frame, run))
        finally:
            self.pc, self.outer, self.dead = before

    def settle(self, frame: Frame, value: Chosen | OpenList, where: Any) -> Value:
        """What an open value is under this condition.

        Raises:
            Forced: it may be several.
        """
        self.ask(value.needs)
        return unbroken(self._one(self.settled(value), where, frame))

    def settled(self, value: Chosen | OpenList) -> Diagram:
        """An open value as far as it occurs under this condition, as a diagram of what it may be."""
        if isinstance(value, OpenList):
            kept = lambda *held: ListValue(tuple([i for i, is_in in zip(value.items, held, strict=True) if is_in]))  # noqa: E731
            return self.there(self.diagrams.map(kept, *value.guards, under=self.absolute))
        return self.restricted(value.diagram)

    def _one(self, diagram: Diagram, where: Any, frame: Frame) -> Value:
        if isinstance(diagram, Ending):
            return diagram.value
        if len(leaves(diagram)) > MOST_CASES:
            raise too_many_cases(frame, where, self.diagrams.support(diagram))
        raise Forced(diagram, self.pc)

    def restricted(self, diagram: Diagram) -> Diagram:
        """A value as far as it occurs under this condition.

        Raises:
            Nowhere: it does not.
        """
        return self.there(self.diagrams.within(diagram, self.absolute))

    def there(self, found: Diagram | None) -> Diagram:
        """As of `Picking`.

        Raises:
            Nowhere: there is none.
        """
        if found is None:
            raise Nowhere(self.pc)
        return found

    @contextmanager
    def under(self, condition: Diagram) -> Iterator[None]:
        """Evaluate under a condition too; what fails meanwhile is left out behind it."""
        before = self.pc
        self.pc = self.diagrams.both(before, condition)
        try:
            yield
        finally:
            self.pc = self.diagrams.minus(before, self.dead)

    def fail(self, diagnostic: Diagnostic | None) -> None:
        """Nothing goes on under this condition; the reason, where it was not told before."""
        self.failed.append((diagnostic, self.absolute))
        self.dead = self.diagrams.either(self.dead, self.pc)
        self.pc = self.diagrams.false

    def fail_settled(self, diagram: Diagram, needs: Needs) -> None:
        """As of `Picking`."""
        settled = self.diagrams.minus(self.pc, self.diagrams.either(*needs.values()))
        for value, condition in self.diagrams.cases(diagram, settled) if settled is not self.diagrams.false else ():
            if isinstance(value, Failure):
                with self.under(condition):
                    self.fail(value.diagnostic)

    def each(self, diagram: Diagram, run: Callable[[Value], Value]) -> list[Way]:
        """What `run` gives under each value of a diagram, where it does not fail."""
        found: list[Way] = []
        if len(leaves(diagram)) > MOST_CASES:
            raise DiagramTooLarge(diagram)
        for value, condition in self.diagrams.cases(diagram, self.pc):
            with self.under(condition):
                if self.pc is not self.diagrams.false:
                    found += self._tried(lambda value=value: run(unbroken(value)))  # type: ignore[misc]
        return found

    def _tried(self, run: Callable[[], Value]) -> list[Way]:
        try:
            result = run()
        except Problem as problem:
            self.fail(problem.diagnostic)
            return []
        if self.pc is self.diagrams.false:
            return []
        if result is UNKNOWN:
            self.fail(None)
            return []
        return [(self.pc, result)]

    def fork(self, frame: Frame, run: Callable[[], Value], met: list[Diagram] | None = None) -> Value:
        """What `run` gives, under each value that it is forced to know: `met` are such, once for each of their cases.

        Raises:
            Problem: it fails under this whole condition.
        """
        met = [] if met is None else met
        body = frame.body if isinstance(frame, BodyFrame) else None
        mark = None if body is None else body.mark()
        try:
            return run()
        except Forced as forced:
            if body is not None:
                body.back_to(mark)
            before = self.pc
            known = [condition for _, condition in self.diagrams.cases(forced.diagram, before)]
            met += [forced.diagram] * len(known)
            if len(met) > MOST_FORKED:
                raise DiagramTooLarge(*met) from None
            cases = self.each(forced.diagram, lambda _: self.fork(frame, run, met))
            with self.under(self.diagrams.minus(before, self.diagrams.either(forced.pc, *known))):
                if self.pc is not self.diagrams.false:
                    cases += self._tried(lambda: self.fork(frame, run, met))
            return self.merge(cases)
        except Nowhere as nowhere:
            if body is not None:
                body.back_to(mark)
            self.dead = self.diagrams.either(self.dead, nowhere.pc)
            self.pc = self.diagrams.minus(self.pc, nowhere.pc)
            return UNKNOWN if self.pc is self.diagrams.false else self.fork(frame, run, met)

    def merge(self, cases: Sequence[Way]) -> Value:
        """The value that is the one of each case under its condition; UNKNOWN where all fail."""
        alive = [(condition, value) for condition, value in cases if condition is not self.diagrams.false]
        if not alive:
            return UNKNOWN
        first = alive[0][1]
        if all(value is first for _, value in alive):
            return first
        if all(isinstance(value, (ListValue, OpenList)) for _, value in alive):
            return self.merged_lists(alive)
        diagrams = self.diagrams
        needs, found = [], []
        texts: dict[Diagram, str] = {}
        for condition, value in alive:
            if isinstance(value, Chosen):
                texts |= {condition: value.text} if value.text else {}
                texts |= {diagrams.both(condition, guard): text for guard, text in value.texts.items()}
                needs.append({d: diagrams.both(condition, guard) for d, guard in value.needs.items()})
            found.append((value.diagram if isinstance(value, Chosen) else diagrams.leaf(value), condition))
        diagram = diagrams.choose(found)
        assert diagram is not None
        all_needs = merged(diagrams, needs)
        if isinstance(diagram, Ending) and not all_needs:
            return diagram.value
        made = open_value(diagrams, diagram, all_needs)
        return Chosen(made.diagram, made.needs, "", texts) if texts else made

    def merged_lists(self, cases: Sequence[tuple[Diagram, ListValue | OpenList]]) -> Value:
        """Item by item: where one list is longer, its last items are there under its condition."""
        both, true = self.diagrams.both, self.diagrams.true
        rows: list[list[tuple[Diagram, Value, Diagram]]] = []
        for condition, value in cases:
            those = value.guards if isinstance(value, OpenList) else (true,) * len(value.items)
            row = [(both(condition, g), item, g) for g, item in zip(those, value.items, strict=True)]
            rows.append([one for one in row if one[0] is not self.diagrams.false])
        items, guards = [], []
        for index in range(max(map(len, rows))):
            having = [row[index] for row in rows if index < len(row)]
            items.append(self.merge([(condition, item) for condition, item, _ in having]))
            whole = len(having) == len(rows) and all(guard is true for _, _, guard in having)
            guards.append(true if whole else self.diagrams.either(*[condition for condition, _, _ in having]))
        needs = merged(
            self.diagrams,
            [{d: both(c, g) for d, g in one.needs.items()} for c, one in cases if isinstance(one, OpenList)],
        )
        if all(guard is true for guard in guards) and not needs:
            return ListValue(tuple(items))
        return OpenList(tuple(items), tuple(guards), needs)

    def listed(self, frame: Frame, value: Value, where: Any) -> tuple[tuple[Value, ...], tuple[Diagram, ...]] | None:
        """The items of a list that is used, and the condition under which each is in it; None: it is no list."""
        true = self.diagrams.true
        if isinstance(value, Chosen):
            self.ask(value.needs)
            lists: list[tuple[Diagram, ListValue | OpenList]] = []
            for found, condition in self.diagrams.cases(self.settled(value), self.pc):
                if isinstance(found, (ListValue, OpenList, range)):
                    lists.append((condition, ListValue(tuple(found)) if isinstance(found, range) else found))
                else:
                    broken = isinstance(found, Failure)
                    with self.under(condition):
                        self.fail(found.diagnostic if broken else no_list(frame, found, where).diagnostic)
            value = self.merged_lists(lists) if lists else ListValue(())
        if isinstance(value, OpenList):
            self.ask(value.needs)
            return value.items, value.guards
        if isinstance(value, (ListValue, range)):
            items = value.items if isinstance(value, ListValue) else value
            return tuple(items), (true,) * len(items)
        return None
