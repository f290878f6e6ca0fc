"""Carries values that are chosen, and asks for what is picked where they are used.

`oneof` gives a value that remembers its decision (`Chosen`); what is computed of such values remembers the decisions of
all of them. Only where one is used, by an arrow, a condition, a loop, are they asked: of `oneof([conv(oneof([4, 8])),
relu])` the inner decision is one of the designs that take the conv. `Picking` answers with what is picked, for one
network; `archdsl.elaborate.exploring` follows all ways at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from archdsl.choices.diagram import Diagrams
from archdsl.choices.nodes import Decision, Diagram, Ending, leaves
from archdsl.diagnostics.model import Diagnostic
from archdsl.elaborate.open_values import OPEN, Chosen, Needs, OpenList, PartlySet
from archdsl.elaborate.session import Frame, Problem, Session
from archdsl.elaborate.shown import show
from archdsl.elaborate.values import UNKNOWN, ListValue, Tensor, Value, stages_in
from archdsl.source import Span

if TYPE_CHECKING:
    from archdsl.elaborate.naming import ChoiceName


class Failure:
    """What a computation that failed gives: who uses it fails."""

    __slots__ = ("diagnostic",)

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic


class Picking:
    """Answers what is used with what is picked: ordinary elaboration, of one network of a space."""

    explores = False  # whether all ways are followed

    def __init__(self, session: Session) -> None:
        self.session = session
        self.diagrams = Diagrams(session.identity)
        self.pc: Diagram = self.diagrams.true  # the condition under which evaluation stands here
        self._lengths: dict[tuple[Diagram, ...], Diagram] = {}  # of lists, by what is in them when
        self._collected: list[Needs] | None = None  # what is asked, where a constant is made

    def offer(self, name: ChoiceName, texts: tuple[str, ...], options: Sequence[Value], where: Span) -> Chosen:
        """The value of a choice of that name.

        Raises:
            PickError: the pick is none of its options.
        """
        found, index = self.session.decisions.offer(name, texts, where)
        decision = self.diagrams.decision(found)
        return open_value(self.diagrams, self.diagrams.leaf(options[index]), {decision: self.diagrams.true})

    def ask(self, needs: Needs) -> None:
        """The decisions of a value that is used are decisions of the designs that come here."""
        if self._collected is not None:
            self._collected.append({d: self.diagrams.both(self.pc, guard) for d, guard in needs.items()})
        else:
            self._ask(needs)

    def _ask(self, needs: Needs) -> None:
        for decision in needs:
            self.session.decisions.ask(decision.name)

    def is_asked(self, needs: Needs) -> bool:
        """Whether all these decisions have been asked here."""
        return all(decision.name in self.session.decisions.choices for decision in needs)

    def as_asked(self, frame: Frame, value: Value, where: Any) -> Value:
        """What a value is, where all that it comes from has been asked; else UNKNOWN."""
        if not is_open(value):
            return value
        return closed(frame, value, where) if self.is_asked(flat(self.diagrams, value)[1]) else UNKNOWN

    def settle(self, frame: Frame, value: Chosen | OpenList, where: Any) -> Value:
        """What an open value is, its items aside."""
        self.ask(value.needs)
        if isinstance(value, OpenList):
            return ListValue(value.items)
        (chosen,) = value.values
        return unbroken(chosen)

    def there(self, found: Diagram | None) -> Diagram:
        """What a value is where evaluation stands."""
        assert found is not None
        return found

    def fail_settled(self, diagram: Diagram, needs: Needs) -> None:
        """What fails where all that it comes from has been asked fails there, whether used or not."""

    def told(self, frame: Frame, value: Value, where: Any) -> Value:
        """A value whose text does not depend on what was picked on the way here."""
        return value

    def carry(self, value: Chosen, run: Callable[[Value], Value]) -> Value:
        """What `run` gives for a value that is chosen, without asking for it."""
        (chosen,) = value.values
        return self.with_needs(run(unbroken(chosen)), value.needs)

    def with_needs(self, value: Value, needs: Needs) -> Value:
        """A value that comes from more decisions."""
        if value is UNKNOWN or not needs:
            return value
        if isinstance(value, OpenList):
            return OpenList(value.items, value.guards, merged(self.diagrams, [value.needs, needs]))
        if not isinstance(value, Chosen):
            return Chosen(self.diagrams.leaf(value), needs)
        return Chosen(value.diagram, merged(self.diagrams, [value.needs, needs]))

    def one_tensor(self, frame: Frame, value: Value, where: Any) -> Value:
        """What a tensor that is chosen is."""
        return closed(frame, value, where)

    def open_list(self, value: Value) -> OpenList | None:
        """A list, perhaps chosen, as one of which it is chosen what is in it; None: it is no list."""
        needs: Needs = {}
        if isinstance(value, Chosen):
            needs, (value,) = value.needs, value.values
        if isinstance(value, OpenList):
            return value
        items = value.items if isinstance(value, ListValue) else tuple(value) if isinstance(value, range) else None
        return None if items is None else OpenList(items, (self.diagrams.true,) * len(items), needs)

    def length(self, value: OpenList) -> Value:
        """How many items are in a list of which it is chosen what is in it."""
        self.ask(value.needs)
        found = self._lengths.get(value.guards)
        if found is None:
            counted: Diagram | None = self.diagrams.leaf(0)
            for guard in value.guards:
                assert counted is not None
                counted = self.diagrams.map(lambda so_far, there: so_far + there, counted, guard)
            assert counted is not None
            found = self._lengths[value.guards] = counted
        return found.value if isinstance(found, Ending) else Chosen(found, {})

    def joined(self, left: Value, right: Value) -> OpenList | None:
        """Two lists, of which one is open, one behind the other; None where one is no list."""
        first, second = self.open_list(left), self.open_list(right)
        if first is None or second is None:
            return None
        needs = merged(self.diagrams, [first.needs, second.needs])
        return OpenList(first.items + second.items, first.guards + second.guards, needs)

    def fork(self, frame: Frame, run: Callable[[], Value]) -> Value:
        """What `run` gives, under each value that it needs to know."""
        return run()

    def at_top(self, frame: Frame, run: Callable[[], Value]) -> Value:
        """The value of a constant: who uses it asks for what it asked."""
        before, self._collected = self._collected, []
        try:
            value = run()
            needs = merged(self.diagrams, self._collected)
        finally:
            self._collected = before
        return self.with_needs(value, needs)


def unbroken(value: Value) -> Value:
    """A value that can be used.

    Raises:
        Problem: it failed to be computed.
    """
    if isinstance(value, Failure):
        raise Problem(value.diagnostic)
    return value


def shallow(frame: Frame, value: Value, where: Any) -> Value:
    """The value that is picked; if that is a list, its items stay as they are."""
    while value.__class__ in OPEN:  # an option may be open itself
        value = frame.session.picking.settle(frame, value, where)
    return value


def closed(frame: Frame, value: Value, where: Any) -> Value:
    """The value that is picked, with all that stands in it."""
    value = shallow(frame, value, where)
    if isinstance(value, ListValue) and value.holds_open:
        return ListValue(tuple([closed(frame, item, where) for item in value.items]))
    return value


def fresh(value: Value) -> Value:
    """A tensor that may be chosen, as one of its own: options are called after what they are in all designs."""
    if isinstance(value, Tensor):
        return value.renewed()
    if isinstance(value, ListValue) and value.holds_tensors:
        return ListValue(tuple(map(fresh, value.items)))
    if isinstance(value, Chosen):
        return Chosen(value.diagram, value.needs, value.text, value.texts)
    if isinstance(value, OpenList):
        return OpenList(tuple(map(fresh, value.items)), value.guards, value.needs)
    if isinstance(value, PartlySet):
        return PartlySet(fresh(value.value), value.there)
    return value


def taken(value: Value) -> Value:
    """What a value is that is or holds what is chosen, to be shown; nothing is asked for by that."""
    if isinstance(value, Chosen):
        values = value.values
        if len(values) == 1:
            return taken(values[0])
        return value if stages_in(value) else " or ".join([v if isinstance(v, str) else show(v) for v in values[:8]])
    if isinstance(value, OpenList) and not all(isinstance(guard, Ending) for guard in value.guards):
        return show(value)
    if isinstance(value, OpenList) or (isinstance(value, ListValue) and value.holds_open):
        return ListValue(tuple(map(taken, value.items)))
    return value


def is_open(value: Value) -> bool:
    """Whether a value, or what stands in it, is chosen and not settled."""
    return value.__class__ in OPEN or (value.__class__ is ListValue and value.holds_open)


def mapped(session: Session, function: Callable[..., Value], *values: Value) -> Chosen:
    """What `function` gives for values of which some are open, or hold what is: nothing is asked for by that."""
    return _mapped(session, function, [flat(session.picking.diagrams, value) for value in values])


def mapped_lists(session: Session, function: Callable[..., Value], *values: Value) -> Chosen:
    """As `mapped`, of a function of lists that does not look at their items."""
    return _mapped(session, function, [_flat_list(session.picking.diagrams, value) for value in values])


def _mapped(session: Session, function: Callable[..., Value], flats: list[tuple[Diagram, Needs]]) -> Chosen:
    picking, diagrams = session.picking, session.picking.diagrams

    def run(*found: Value) -> Diagram:
        broken = next((value for value in found if isinstance(value, Failure)), None)
        try:
            return diagrams.leaf(function(*found) if broken is None else broken)
        except Problem as problem:
            return diagrams.leaf(Failure(problem.diagnostic))

    diagram = picking.there(diagrams.apply(run, *[found for found, _ in flats], under=picking.pc))
    needs = merged(diagrams, [needs for _, needs in flats])
    if any(isinstance(leaf.value, Failure) for leaf in leaves(diagram)):
        picking.fail_settled(diagram, needs)
    return open_value(diagrams, diagram, needs)


def _flat_list(diagrams: Diagrams, value: Value) -> tuple[Diagram, Needs]:
    """A value as a diagram of settled lists, whose items may be open."""
    if isinstance(value, OpenList):
        found = diagrams.map(lambda *held: held, *value.guards)
        assert found is not None
        kept = lambda held: ListValue(tuple([i for i, is_in in zip(value.items, held, strict=True) if is_in]))  # noqa: E731
        lists = diagrams.map(kept, found)
        assert lists is not None
        return lists, value.needs
    if isinstance(value, Chosen):
        diagram, needs = value.diagram, value.needs
        for leaf in leaves(diagram):
            if leaf.value.__class__ in OPEN:
                diagram, needs = _in_place(diagrams, diagram, needs, leaf.value, *_flat_list(diagrams, leaf.value))
        return diagram, needs
    return diagrams.leaf(value), {}


def flat(diagrams: Diagrams, value: Value) -> tuple[Diagram, Needs]:
    """Any value as a diagram of settled ones, and the decisions that it comes from."""
    if value.__class__ in OPEN:
        diagram, needs = _flat_list(diagrams, value)
        for leaf in leaves(diagram):
            if is_open(leaf.value):
                diagram, needs = _in_place(diagrams, diagram, needs, leaf.value, *flat(diagrams, leaf.value))
        return diagram, needs
    if isinstance(value, ListValue) and value.holds_open:
        parts = [flat(diagrams, item) for item in value.items]
        found = diagrams.map(lambda *items: ListValue(items), *[diagram for diagram, _ in parts])
        assert found is not None
        return found, merged(diagrams, [needs for _, needs in parts])
    return diagrams.leaf(value), {}


def open_value(diagrams: Diagrams, diagram: Diagram, needs: Needs) -> Chosen:
    """The value of a diagram whose values may be open themselves: what those need is needed where they are taken."""
    for leaf in leaves(diagram):
        if isinstance(leaf.value, Chosen):
            diagram, needs = _in_place(diagrams, diagram, needs, leaf.value, leaf.value.diagram, leaf.value.needs)
    return Chosen(diagram, needs)


def _in_place(
    diagrams: Diagrams, diagram: Diagram, needs: Needs, value: Value, inner: Diagram, more: Needs
) -> tuple[Diagram, Needs]:
    """A diagram with `inner` where it was `value`."""
    taken = diagrams.where(diagram, lambda found: found is value)
    result = diagrams.ite(taken, inner, diagram)
    if result is None:
        return diagram, needs
    return result, merged(diagrams, [needs, {d: diagrams.both(taken, guard) for d, guard in more.items()}])


def merged(diagrams: Diagrams, all_needs: Iterable[Needs]) -> Needs:
    """The decisions that one of several values comes from."""
    found: dict[Decision, Diagram] = {}
    for needs in all_needs:
        for decision, guard in needs.items():
            before = found.get(decision)
            found[decision] = guard if before is None else diagrams.either(before, guard)
    return found
