"""Turns the alternatives of a space into one graph per body, in which ops of their own say what is chosen.

Of a body that may be `x -> conv(8) -> bn` or `x -> conv(16) -> bn`:

    %1 = conv(8) %x
    %2 = conv(16) %x
    %3 = one of(width) %1 %2        8 or 16 channels
    %4 = bn %3                      one node: it is the same but for numbers

A node has no condition of its own there. It is part of a network where something takes it, all the way to an output,
so the ops that choose say it all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from itertools import chain, combinations
from typing import Any

from archdsl.choices.asked import Asked
from archdsl.choices.nodes import TOO_LARGE, Decision, Diagram, Ending, Fork, leaves
from archdsl.elaborate.labels import names
from archdsl.ir.alternatives import Alternative, Alternatives, NodeForm, Selection, Taking, needed, returned
from archdsl.ir.chosen import Maybe, OneOf, SomeOf
from archdsl.ir.graph import INPUT, Graph, Node, Ref
from archdsl.ops.base import Op
from archdsl.spaces.forms import Joined, one_type
from archdsl.spaces.given import arguments_given
from archdsl.spaces.lines import Lines
from archdsl.spaces.option_forms import OptionForms, in_one_order
from archdsl.spaces.presence import Presence, PresentTensor, together
from archdsl.spaces.reach import applied_at, made_of, parted, taken
from archdsl.spaces.reasons import Reasons, either
from archdsl.spaces.rounds import Rounds
from archdsl.spaces.some import items_of, taking_some
from archdsl.types import TensorType


class Outliner:
    """Makes the graphs of a space, each body once; `picks` are marked where they decide."""

    def __init__(self, asked: Asked, picks: Mapping[str, str]) -> None:
        self.asked = asked
        self.diagrams = asked.diagrams
        self.reasons = Reasons(asked)
        self.picks = picks
        self.joined, self.rounds = Joined(), Rounds()
        self._bodies: dict[int, Graph] = {}
        self._care: dict[frozenset[Decision], Diagram] = {}

    def body(self, body: Alternatives) -> Graph:
        """The graph of a body."""
        if id(body) not in self._bodies:
            self._bodies[id(body)] = self.rounds.folded(_BodyOutline(self, body).graph())
        return self._bodies[id(body)]

    def care(self, *diagrams: Diagram) -> Diagram:
        """What holds of the picks that these depend on in every design: each is offered where it is picked."""
        support = frozenset().union(*map(self.diagrams.support, diagrams))
        if support not in self._care:
            try:
                found = reduce(self.diagrams.both, map(self._offered, support), self.diagrams.true)
            except TOO_LARGE:
                found = self.diagrams.true
            self._care[support] = found
        return self._care[support]

    def _offered(self, decision: Decision) -> Diagram:
        diagrams, domain = self.diagrams, self.asked.domains.get(decision)
        if domain is None:
            return diagrams.true
        offering = partial(diagrams.where, domain)
        ways = [
            diagrams.both(diagrams.picked(decision, text), offering(partial(_offers, text))) for text in decision.texts
        ]
        return diagrams.either(*ways)

    def picked(self, diagram: Diagram) -> Any:
        """The value of a diagram where picks decide it, else None."""
        known = diagram
        for decision in self.diagrams.support(diagram):
            if decision.name in self.picks:
                known = self.diagrams.restrict(known, decision, self.picks[decision.name]) or known
        return known.value if isinstance(known, Ending) and known is not diagram else None


@dataclass
class _BodyOutline:
    outliner: Outliner
    body: Alternatives
    nodes: list[Node] = field(default_factory=list)
    places: dict[int, tuple[Diagram, ...]] = field(default_factory=dict)  # of an alternative, by number, its results
    forked: dict[tuple[int, NodeForm], int] = field(default_factory=dict)  # of one that is different things, the nodes
    needed: dict[int, Diagram] = field(default_factory=dict)  # where a node is part of a network
    leaders: dict[int, list[int]] = field(default_factory=dict)  # nodes that are one, by the first of them
    labels: dict[int, str] = field(default_factory=dict)  # of modules, as if all were made
    choosers: dict[Any, Ref] = field(default_factory=dict)  # what is one of several tensors, by how it is
    # By tensor who takes it, and when.
    takers: defaultdict[Ref, dict[int, Diagram]] = field(default_factory=lambda: defaultdict(dict))

    def graph(self) -> Graph:
        """The body as a graph."""
        body = self.body
        self.needed = needed(self.outliner.diagrams, body)
        self.lines = Lines(self.outliner.asked, body, self.needed)
        for ref, user, when in taken(self.outliner.diagrams, body, self.needed):
            before = self.takers[ref].get(user, self.outliner.diagrams.false)
            self.takers[ref][user] = self.outliner.diagrams.either(before, when)
        self.labels = names(body.events)
        self._group()
        some = dict(taking_some(body, self.needed))
        for index in self.needed:
            node = body.nodes[index]
            if index in self.places or index in self.lines.inner:
                continue
            if isinstance(node, Alternative):
                self._alternative(index, node)
            elif index in some:
                self._some(*some[index])
            elif all(index not in selections for selections, _ in some.values()):
                self._selection(index, node)
        given = [Taking(body.outputs[output], when) for output, when in returned(self.outliner.diagrams, body)]
        outputs = [*chain.from_iterable(self._taken([one], self.outliner.diagrams.true, [-1]) for one in given)]
        arguments = arguments_given(self.outliner.asked, body, self.outliner.care)
        return replace(body.graph(self.nodes, outputs, arguments), decisions=body.decisions)

    def _place(self, ref: Ref) -> Ref:
        return ref if ref.node == INPUT else self._one_of(self.places[ref.node][ref.output])

    def _placed(self, refs: Diagram, under: Diagram, taker: int) -> Diagram:
        """Tensors as they are here; what is different things by types, each of these where nothing else takes it."""
        diagrams = self.outliner.diagrams
        cases = []
        for ref, when in diagrams.cases(refs, under):
            there = self.places[ref.node][ref.output] if self._alone(ref, taker) else diagrams.leaf(self._place(ref))
            cases.append((there, when))
        found = diagrams.choose(cases)
        assert found is not None
        return found

    def _alone(self, ref: Ref, taker: int) -> bool:
        """Whether nothing else takes a tensor."""
        return ref.node != INPUT and self.takers[ref].keys() <= {taker} | self.lines.inner

    def _is(self, outlined: Ref, ref: Ref) -> bool:
        return self._place(ref) == outlined

    def _type(self, ref: Ref) -> TensorType:
        return self.body.inputs[ref.output] if ref.node == INPUT else self.nodes[ref.node].types[ref.output]

    def _add(
        self, target: Op | Graph, operands: Sequence[Ref], types: Sequence[TensorType], like: int | None = None
    ) -> int:
        """A node that applies `target`, in place of alternative `like`; of none, one that chooses."""
        if like is None:
            made = Node(target, tuple(operands), tuple(types), "", (), ("choice", len(self.nodes)))
        else:
            node, leaf = self.body.nodes[like], self.body.leaves[like]
            assert isinstance(node, Alternative)
            label = "" if leaf is None else self.labels[leaf]
            made = node.node._replace(target=target, operands=tuple(operands), types=tuple(types), label=label)
        self.nodes.append(made)
        return len(self.nodes) - 1

    # --- nodes

    def _group(self) -> None:
        """What is applied at one place differs in nothing but what follows from the types that flow in: it is one."""
        alike: defaultdict[Any, list[int]] = defaultdict(list)
        for index in self.needed:
            node = self.body.nodes[index]
            if isinstance(node, Alternative):
                alike[applied_at(node)].append(index)
        for group in alike.values():
            turns: list[list[int]] = []  # a loop may apply it to one tensor again
            for index in group:
                if turns and self._follows_types([*turns[-1], index]):
                    turns[-1].append(index)
                else:
                    turns.append([index])
            for turn in turns:
                classes: list[list[int]] = []
                for index in turn:
                    found = self._class_of(index, classes)
                    if found is None:
                        classes.append([index])
                    else:
                        found.append(index)
                self.leaders |= {one[0]: one for one in classes}

    def _class_of(self, index: int, classes: Sequence[list[int]]) -> list[int] | None:
        """Those of the nodes at one place that are the same as one, but for numbers."""
        joined = self.outliner.joined.target
        return next((one for one in classes if joined(self._targets([*one, index])) is not None), None)

    def _follows_types(self, group: Sequence[int]) -> bool:
        """Whether the types of the operands tell which one of several nodes there is."""
        diagrams = self.outliner.diagrams
        guards = [self.needed[index] for index in group]
        types = [{form.operands for form, _ in self._forms([index])} for index in group]
        apart = all(diagrams.both(a, b) is diagrams.false for a, b in combinations(guards, 2))
        return apart and all(a.isdisjoint(b) for a, b in combinations(types, 2))

    def _forms(self, group: Sequence[int]) -> list[tuple[NodeForm, Diagram]]:
        """What nodes that are one may be, with conditions."""
        found = []
        for index in group:
            node = self.body.nodes[index]
            assert isinstance(node, Alternative)
            under = self.outliner.diagrams.both(self.needed[index], self.outliner.care(node.variants))
            found += self.outliner.diagrams.cases(node.variants, under)
        return found

    def _targets(self, group: Sequence[int]) -> list[Op | Graph]:
        return [self._target(form.target) for form, _ in self._forms(group)]

    def _target(self, target: Op | Alternatives) -> Op | Graph:
        return self.outliner.body(target) if isinstance(target, Alternatives) else target

    def _alternative(self, index: int, node: Alternative) -> None:
        group = self.leaders.get(index)
        if group is None:  # one with an earlier node
            return
        under = self.outliner.diagrams.either(*map(self.needed.__getitem__, group))
        operands = self._taken(node.operands, under, group)
        forms, targets = self._forms(group), self._targets(group)
        whole = self.outliner.joined.target(targets)
        if whole is not None:
            types = map(one_type, zip(*(form.types for form, _ in forms), strict=True))
            at = self._add(whole, operands, tuple(types), index)
            refs = [Ref(at, output) for output in range(len(self.nodes[at].types))]
            made: tuple[Diagram, ...] = tuple(map(self.outliner.diagrams.leaf, refs))
        else:
            made = self._forked(operands, forms, index)
        for one in group:
            self.places[one] = made

    def _forked(
        self, operands: Sequence[Ref], forms: Sequence[tuple[NodeForm, Diagram]], like: int
    ) -> tuple[Diagram, ...]:
        """A node that is different things by types: one node for all that differ in numbers alone, and which it is."""
        diagrams = self.outliner.diagrams
        classes: list[list[NodeForm]] = []
        for form, _ in forms:
            for one in classes:
                if self.outliner.joined.target([self._target(other.target) for other in (*one, form)]) is not None:
                    one.append(form)
                    break
            else:
                classes.append([form])
        for one in classes:
            target = self.outliner.joined.target([self._target(form.target) for form in one])
            assert target is not None
            types = tuple(map(one_type, zip(*(form.types for form in one), strict=True)))
            self.forked |= dict.fromkeys([(like, form) for form in one], self._add(target, operands, types, like))
        results = []
        for output in range(len(forms[0][0].types)):
            cases = [(diagrams.leaf(Ref(self.forked[like, form], output)), guard) for form, guard in forms]
            refs = diagrams.choose(cases)
            assert refs is not None
            results.append(refs)
        return tuple(results)

    # --- what is chosen

    def _taken(self, operands: Sequence[Taking], under: Diagram, by: Sequence[int]) -> list[Ref]:
        """Tensors as who takes them where `under` holds has them, where they are present."""
        found = [self._present(ref, present, under, by) for ref, present in operands]
        places = [one.place for one in found]
        for asked, members in together(found):
            ways = [way for number in members if (way := found[number].way) is not None]
            picked = [self.outliner.picked(way) for way in ways]
            known = tuple([-1 if one is None else int(one) for one in picked])
            inner = [places[number] for number in members]
            op = Maybe(asked, tuple(ways), tuple(members.values()), known)
            at = self._add(op, inner, [self._type(ref) for ref in inner])
            for output, number in enumerate(members):
                places[number] = Ref(at, output)
        return places

    def _present(self, ref: Ref, present: Diagram, under: Diagram, by: Sequence[int]) -> PresentTensor:
        """A tensor, and when it is taken."""
        diagrams, place = self.outliner.diagrams, self._place(ref)
        care = diagrams.both(under, self.outliner.care(present, under))
        if diagrams.minus(care, present) is diagrams.false:
            return PresentTensor(place)
        way = diagrams.apply(diagrams.leaf, present, under=care)
        assert way is not None
        said = Presence(self.outliner.reasons, self.body, self.takers).said(ref, present, care, by, way)
        return PresentTensor(place, said, way)

    def _selection(self, index: int, node: Selection) -> None:
        diagrams = self.outliner.diagrams
        chosen = made_of(diagrams, self.lines.refs.get(index, node.refs), self.places)
        under = diagrams.both(self.needed[index], self.outliner.care(chosen, self.needed[index]))
        refs = self._placed(chosen, under, index)
        decision, parts = parted(diagrams, refs)
        lines = decision is not None and all(isinstance(part, Ending) for part in parts)
        if decision is None or not (lines or self.lines.are_lines(index, chosen, diagrams.support(refs), decision)):
            refs = diagrams.apply(lambda ref: diagrams.leaf(self._place(ref)), chosen, under=under) or refs
            self.places[index] = (diagrams.leaf(self._one_of(refs)),)
            return
        columns = OptionForms(diagrams, self.body, partial(self._form_place, index), self._target).of(chosen, decision)
        several = [column for column in columns.values() if len(column) > 1]
        order = in_one_order(several) if several else []
        forms = ""
        if several:
            cases = order or [case.when for case in several[0]]
            forms = self.outliner.reasons.forms(cases, bool(order), [*self._reads(chosen)])
        found: dict[Ref, list[str]] = {}
        for text, column in columns.items():
            for case in sorted(column, key=lambda case: order.index(case.when) if case.when in order else 0):
                found.setdefault(case.ref, []).append(text)
        there = {ending.value for ending in leaves(refs)}
        options = {ref: either(dict.fromkeys(texts)) for ref, texts in found.items() if ref in there}
        self.places[index] = (diagrams.leaf(self._one_of(refs, decision.name, options, forms)),)

    def _form_place(self, taker: int, ref: Ref, form: NodeForm | None) -> Ref:
        """A tensor as who takes it has it, where what makes it has a form."""
        at = None if form is None or not self._alone(ref, taker) else self.forked.get((ref.node, form))
        return self._place(ref) if at is None else Ref(at, ref.output)

    def _reads(self, refs: Diagram) -> Iterator[tuple[str, Diagram]]:
        """The tensors that options may follow, by the texts at their edges, each with when it is the one."""
        diagrams = self.outliner.diagrams
        takes = [self.body.nodes[ending.value.node] for ending in leaves(refs) if ending.value.node != INPUT]
        sources = {node.operands[0].ref for node in takes if isinstance(node, Alternative) and node.operands}
        source = sources.pop() if len(sources) == 1 else Ref(INPUT)
        before = None if source.node == INPUT else self.body.nodes[source.node]
        chooser = None if before is None else self.nodes[self._place(source).node]
        if isinstance(before, Selection) and chooser is not None and isinstance(chooser.target, OneOf | SomeOf):
            for operand, text in zip(chooser.operands, chooser.target.options, strict=True):
                when = diagrams.where(before.refs, partial(self._is, operand))
                if when is not diagrams.false:
                    yield text, when

    def _one_of(self, refs: Diagram, name: str = "", options: Mapping[Ref, str] | None = None, forms: str = "") -> Ref:
        """The tensor that is one of these, which `options` names where a decision of that name alone has them."""
        if isinstance(refs, Ending):
            return refs.value  # type: ignore[no-any-return]
        key = refs, name, None if options is None else tuple(options.items()), forms
        if key not in self.choosers:
            self.choosers[key] = self._chooser(refs, name, options, forms)
        return self.choosers[key]

    def _chooser(self, refs: Diagram, name: str, options: Mapping[Ref, str] | None, forms: str) -> Ref:
        diagrams = self.outliner.diagrams
        if options is None:
            first, parts = parted(diagrams, refs)
            name = first.name if first else self.outliner.reasons.names(diagrams.support(refs))
            made = {part: self._one_of(part) for part in parts}
            options = {made[part]: either(texts) for part, texts in parts.items()}
            whole = {ending.value: made[part] for part in parts for ending in leaves(part)}
            refs = diagrams.map(whole.__getitem__, refs) or refs
        order = list(options)
        way = diagrams.map(order.index, refs)
        assert way is not None
        picked = self.outliner.picked(way)
        op = OneOf(name, (way,), tuple(options.values()), -1 if picked is None else picked, forms)
        return Ref(self._add(op, order, [one_type([self._type(ref) for ref in order])]))

    def _some(self, selections: Sequence[int], rows: Sequence[tuple[Ref, ...]]) -> None:
        """Selections that take some of a list."""
        diagrams = self.outliner.diagrams
        first = self.body.nodes[selections[0]]
        assert isinstance(first, Selection) and isinstance(first.refs, Fork)
        decision = first.refs.decision
        items = [*dict.fromkeys(self._place(ref) for one in rows for ref in one)]
        texts = [text for text in decision.texts if text in first.refs.children]
        ways = {
            text: diagrams.leaf(tuple([items.index(self._place(ref)) for ref in one]))
            for text, one in zip(texts, rows, strict=True)
        }
        way = diagrams.branch(decision, ways)
        assert way is not None
        type = one_type([self._type(ref) for ref in items])
        options = items_of(texts, [value.value for value in ways.values()], len(items))
        op = SomeOf(decision.name, (way,), options, len(selections), self.outliner.picked(way) or ())
        at = self._add(op, items, [type] * len(selections))
        for output, index in enumerate(selections):
            self.places[index] = (diagrams.leaf(Ref(at, output)),)


def _offers(text: str, offered: tuple[str, ...]) -> bool:
    """Whether a decision that is asked offers a text; where it is not asked, any will do."""
    return not offered or text in offered
