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
from dataclasses import dataclass, field
from functools import partial, reduce
from itertools import combinations
from typing import Any, NamedTuple

from archdsl.choices.asked import Asked
from archdsl.choices.diagram import Diagrams, DiagramTooLarge
from archdsl.choices.nodes import Decision, Diagram, Ending, Fork, leaves
from archdsl.choices.wording import Conditions
from archdsl.elaborate.labels import names
from archdsl.ir.alternatives import Alternative, Alternatives, NodeForm, Selection, outputs_in
from archdsl.ir.chosen import IF, Maybe, OneOf, SomeOf
from archdsl.ir.graph import INPUT, Graph, Node, Ref
from archdsl.ops.base import Op
from archdsl.spaces.forms import Joined, one_type
from archdsl.types import TensorType


class Outliner:
    """Makes the graphs of a space, each body once; `picks` are marked where they decide."""

    def __init__(self, asked: Asked, picks: Mapping[str, str]) -> None:
        self.asked = asked
        self.diagrams = asked.diagrams
        self.said = Conditions(asked)
        self.picks = picks
        self.joined = Joined()
        self._bodies: dict[int, Graph] = {}
        self._care: dict[frozenset[Decision], Diagram] = {}

    def body(self, body: Alternatives) -> Graph:
        """The graph of a body."""
        if id(body) not in self._bodies:
            self._bodies[id(body)] = _BodyOutline(self, body).graph()
        return self._bodies[id(body)]

    def care(self, *diagrams: Diagram) -> Diagram:
        """What holds of the picks that these depend on in every design: each is offered where it is picked."""
        support = frozenset().union(*map(self.diagrams.support, diagrams))
        if support not in self._care:
            try:
                found = reduce(self.diagrams.both, map(self._offered, support), self.diagrams.true)
            except DiagramTooLarge:
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


class _Option(NamedTuple):
    """A tensor that may be taken, and the texts of the decision by which it is."""

    ref: Ref
    texts: str


@dataclass
class _BodyOutline:
    outliner: Outliner
    body: Alternatives
    nodes: list[Node] = field(default_factory=list)
    places: dict[int, tuple[Ref, ...]] = field(default_factory=dict)  # by the number of an alternative, its results
    needed: dict[int, Diagram] = field(default_factory=dict)  # where a node is part of a network
    leaders: dict[int, list[int]] = field(default_factory=dict)  # nodes that are one, by the first of them
    labels: dict[int, str] = field(default_factory=dict)  # of modules, as if all were made

    def graph(self) -> Graph:
        """The body as a graph."""
        body = self.body
        self.needed = needed(self.outliner.diagrams, body)
        self.labels = names(body.events)
        self._group()
        some = dict(self._someof())
        for index in self.needed:
            node = body.nodes[index]
            if index in self.places:
                continue
            if isinstance(node, Alternative):
                self._alternative(index, node)
            elif index in some:
                self._some(*some[index])
            elif all(index not in selections for selections, _ in some.values()):
                self._selection(index, node)
        outputs = [
            self._present(self._place(body.outputs[output]), condition, self.outliner.diagrams.true)
            for output, condition in _returned(self.outliner.diagrams, body)
        ]
        return Graph(
            name=body.name,
            kind=body.kind,
            definition=body.definition,
            arguments=body.arguments,
            input_names=body.input_names,
            inputs=body.inputs,
            nodes=tuple(self.nodes),
            outputs=tuple(outputs),
            span=body.span,
            doc=body.doc,
            decisions=body.decisions,
        )

    def _place(self, ref: Ref) -> Ref:
        return ref if ref.node == INPUT else self.places[ref.node][ref.output]

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
                alike[_applied_at(node)].append(index)
        for group in alike.values():
            if self._follows_types(group) and self.outliner.joined.target(self._targets(group)) is not None:
                self.leaders[group[0]] = group
            else:
                self.leaders |= {index: [index] for index in group}

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
        targets = [form.target for form, _ in self._forms(group)]
        return [self.outliner.body(target) if isinstance(target, Alternatives) else target for target in targets]

    def _alternative(self, index: int, node: Alternative) -> None:
        group = self.leaders.get(index)
        if group is None:  # one with an earlier node
            return
        operands = [self._present(self._place(ref), present, self.needed[index]) for ref, present in node.operands]
        forms, targets = self._forms(group), self._targets(group)
        whole = self.outliner.joined.target(targets)
        if whole is not None:
            types = map(one_type, zip(*(form.types for form, _ in forms), strict=True))
            at = self._add(whole, operands, tuple(types), index)
            made = tuple([Ref(at, output) for output in range(len(self.nodes[at].types))])
        else:
            made = self._forked(operands, forms, targets, index)
        for one in group:
            self.places[one] = made

    def _forked(
        self,
        operands: Sequence[Ref],
        forms: Sequence[tuple[NodeForm, Diagram]],
        targets: Sequence[Any],
        like: int,
    ) -> tuple[Ref, ...]:
        """A node that is different things by types: one node for each, and which it is."""
        diagrams = self.outliner.diagrams
        nodes = [
            self._add(target, operands, form.types, like) for target, (form, _) in zip(targets, forms, strict=True)
        ]
        results = []
        for output in range(len(forms[0][0].types)):
            refs = diagrams.choose(
                (diagrams.leaf(Ref(node, output)), guard) for node, (_, guard) in zip(nodes, forms, strict=True)
            )
            assert refs is not None
            results.append(self._one_of(refs))
        return tuple(results)

    # --- what is chosen

    def _present(self, ref: Ref, present: Diagram, under: Diagram) -> Ref:
        """A tensor as who takes it where `under` holds has it, where `present` holds."""
        diagrams = self.outliner.diagrams
        care = diagrams.both(under, self.outliner.care(present, under))
        if diagrams.minus(care, present) is diagrams.false:
            return ref
        way = diagrams.apply(diagrams.leaf, present, under=care)
        assert way is not None
        taken = self.outliner.picked(way)
        op = Maybe(self._asked(way), way, -1 if taken is None else int(taken))
        return Ref(self._add(op, [ref], [self._type(ref)]))

    def _asked(self, way: Diagram) -> str:
        """By what a condition is decided: the decision where it has two options, else the condition in words."""
        support = self.outliner.diagrams.support(way)
        if len(support) == 1 and len(next(iter(support)).texts) == 2:
            return next(iter(support)).name
        return f"{IF}{self.outliner.said.said(self.outliner.diagrams.where(way, bool)).text}"

    def _selection(self, index: int, node: Selection) -> None:
        diagrams = self.outliner.diagrams
        under = diagrams.both(self.needed[index], self.outliner.care(node.refs, self.needed[index]))
        refs = diagrams.apply(lambda ref: diagrams.leaf(self._place(ref)), node.refs, under=under)
        assert refs is not None
        self.places[index] = (self._one_of(refs),)

    def _one_of(self, refs: Diagram) -> Ref:
        """The tensor that is one of these."""
        if isinstance(refs, Ending):
            return refs.value  # type: ignore[no-any-return]
        diagrams = self.outliner.diagrams
        support = sorted(diagrams.support(refs), key=lambda decision: decision.order)
        alone = len(support) == 1
        options = [*_options(refs)] if alone else [_Option(ending.value, "") for ending in leaves(refs)]
        order = [option.ref for option in options]
        way = diagrams.map(order.index, refs)
        assert way is not None
        taken = self.outliner.picked(way)
        names = ", ".join(decision.name for decision in support)
        op = OneOf(names, way, tuple([option.texts for option in options]), -1 if taken is None else taken)
        return Ref(self._add(op, order, [one_type([self._type(ref) for ref in order])]))

    def _someof(self) -> Iterator[tuple[int, tuple[list[int], list[tuple[Ref, ...]]]]]:
        """Selections that take some of a list: by the first of them, all of them, and which tensors each text takes."""
        by_decision: defaultdict[Decision, list[int]] = defaultdict(list)
        for index in self.needed:
            node = self.body.nodes[index]
            children = _children(node)
            if children:
                by_decision[node.refs.decision].append(index)  # type: ignore[union-attr]
        for decision, found in by_decision.items():
            columns = [_children(self.body.nodes[index]) for index in found]
            if len(found) < 2 or any(column.keys() != columns[0].keys() for column in columns):
                continue
            taken = [tuple([column[text] for column in columns]) for text in decision.texts if text in columns[0]]
            items = list(dict.fromkeys(ref for one in taken for ref in one))
            made = all(ref.node < found[0] for ref in items)
            if made and taken == list(combinations(items, len(found))):
                yield found[0], (found, taken)

    def _some(self, selections: Sequence[int], taken: Sequence[tuple[Ref, ...]]) -> None:
        """Selections that take some of a list."""
        diagrams = self.outliner.diagrams
        first = self.body.nodes[selections[0]]
        assert isinstance(first, Selection) and isinstance(first.refs, Fork)
        decision = first.refs.decision
        items = [*dict.fromkeys(self._place(ref) for one in taken for ref in one)]
        texts = [text for text in decision.texts if text in first.refs.children]
        ways = {
            text: diagrams.leaf(tuple([items.index(self._place(ref)) for ref in one]))
            for text, one in zip(texts, taken, strict=True)
        }
        way = diagrams.branch(decision, ways)
        assert way is not None
        type = one_type([self._type(ref) for ref in items])
        op = SomeOf(decision.name, way, len(selections), self.outliner.picked(way) or ())
        at = self._add(op, items, [type] * len(selections))
        for output, index in enumerate(selections):
            self.places[index] = (Ref(at, output),)


def needed(diagrams: Diagrams, body: Alternatives) -> dict[int, Diagram]:
    """The nodes and selections that some network has, each with the condition under which an output depends on it."""
    wanted: dict[int, list[Diagram]] = defaultdict(list)
    for output, condition in _returned(diagrams, body):
        wanted[body.outputs[output].node].append(condition)
    found: dict[int, Diagram] = {}
    for index in range(len(body.nodes) - 1, -1, -1):
        condition = diagrams.either(*wanted[index])
        node = body.nodes[index]
        if isinstance(node, Alternative):
            condition = diagrams.both(condition, node.guard)
        if condition is diagrams.false:
            continue
        found[index] = condition
        if isinstance(node, Selection):
            for ref, here in diagrams.cases(node.refs, condition):
                wanted[ref.node].append(here)
        else:
            for ref, present in node.operands:
                wanted[ref.node].append(diagrams.both(condition, present))
    return dict(sorted(found.items()))


def _returned(diagrams: Diagrams, body: Alternatives) -> list[tuple[int, Diagram]]:
    """The outputs of a body, each with the condition under which it is one."""
    found: dict[int, Diagram] = {}

    for condition, structure in body.structures:
        for output in outputs_in(structure):
            here = condition if len(body.structures) > 1 else diagrams.true
            found[output] = diagrams.either(found.get(output, diagrams.false), here)
    return sorted(found.items())


def _applied_at(node: Alternative) -> Any:
    """What nodes have in common that apply one op or block at one place to one tensor."""
    target = leaves(node.variants)[0].value.target
    what = (target.definition, target.name) if isinstance(target, Alternatives) else type(target)
    return what, node.operands, node.node.spans, node.node.slot


def _options(refs: Diagram) -> Iterator[_Option]:
    """The tensors of one decision, each with its texts."""
    assert isinstance(refs, Fork)
    found: dict[Ref, list[str]] = {}
    for text in refs.decision.texts:
        child = refs.children.get(text, refs.otherwise)
        if isinstance(child, Ending):
            found.setdefault(child.value, []).append(text)
    for ref, texts in found.items():
        *first, last = texts
        yield _Option(ref, f"{', '.join(first)} or {last}" if first else last)


def _children(node: Alternative | Selection) -> dict[str, Ref]:
    """The tensor that each text of a decision takes; nothing where more, or something else, decides."""
    if not isinstance(node, Selection) or not isinstance(node.refs, Fork) or node.refs.otherwise:
        return {}
    found = {text: child.value for text, child in node.refs.children.items() if isinstance(child, Ending)}
    return found if len(found) == len(node.refs.children) else {}


def _offers(text: str, offered: tuple[str, ...]) -> bool:
    """Whether a decision that is asked offers a text; where it is not asked, any will do."""
    return not offered or text in offered
