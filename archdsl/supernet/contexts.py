"""Says when the bodies of a space run, when their nodes are needed, and which decisions are asked there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from archdsl.choices.asked import Asked
from archdsl.choices.diagram import Diagrams
from archdsl.choices.nodes import Decision, Diagram, Fork, leaves
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.ir.alternatives import Alternative, Alternatives, Selection, Taking
from archdsl.ir.graph import Ref
from archdsl.supernet.alike import models, written_by

MOST_TESTS = 64  # of decisions, to find one tensor, or for one condition: more, and nobody could read it
_NAMED = 3  # decisions, in a message


class Contexts:
    """What holds wherever each body below some roots runs: `under`; `needs` says when each of its `nodes` is made.

    What a design does not ask decides nothing, but diagrams may tell its options apart even there. Then it is taken as
    picked by its first option, here and wherever a condition is tested.
    """

    def __init__(self, asked: Asked, roots: Sequence[tuple[Diagram, Alternatives]]) -> None:
        self.diagrams = diagrams = asked.diagrams
        self._asked = {decision: diagrams.where(domain, bool) for decision, domain in asked.domains.items()}
        self.roots = frozenset([root for _, root in roots])
        bodies = list(dict.fromkeys(body for _, root in roots for body in _callees_first(root)))
        self.under = dict.fromkeys(bodies, diagrams.false)
        self.under.update({root: condition for condition, root in roots})
        self.nodes: dict[Alternatives, list[Alternative | Selection]] = {}
        self.needs: dict[Alternatives, list[Diagram]] = {}
        for body in reversed(bodies):
            if self.under[body] is diagrams.false:
                continue
            self._read(body, body.nodes)
            for node, need in zip(self.nodes[body], self.needs[body], strict=True):
                for callee in _callees(node) if need is not diagrams.false else ():
                    here = diagrams.both(self.under[body], need)
                    self.under[callee] = diagrams.either(self.under[callee], here)
        self.bodies = [body for body in bodies if body in self.nodes]
        for body, model in models(diagrams, self.bodies, dict(self.under)).items():
            if model is not body:
                self.under[body] = self.under[model]
                self._read(body, written_by(model, body))

    def _read(self, body: Alternatives, nodes: Sequence[Alternative | Selection]) -> None:
        """Note the nodes of a body, and when they are needed."""
        known: list[Alternative | Selection] = []
        for node in nodes:
            if isinstance(node, Selection):
                known.append(node._replace(refs=self._known(node.refs)))
                continue
            operands = tuple([Taking(ref, self._known(present)) for ref, present in node.operands])
            guard = self._known(_guard(self.diagrams, body, node))
            known.append(node._replace(guard=guard, operands=operands, variants=self._known(node.variants)))
        self.nodes[body] = known
        self.needs[body] = _needs(self.diagrams, body, known)

    def _known(self, diagram: Diagram) -> Diagram:
        """A diagram in which decisions are picked by their first options where they are not asked."""
        for decision in self.diagrams.support(diagram):
            asked = self._asked.get(decision, self.diagrams.false)
            if asked is not self.diagrams.true:
                first = self.diagrams.restrict(diagram, decision, next(iter(decision.texts)))
                diagram = self.diagrams.ite(asked, diagram, first) or diagram
        return diagram

    def is_asked(self, decision: Decision, where: Diagram) -> bool:
        """Whether a decision is asked by all designs for which `where` holds."""
        return self.diagrams.minus(where, self._asked.get(decision, self.diagrams.false)) is self.diagrams.false

    def default(self, decision: Decision, where: Diagram) -> str | None:
        """What is taken as picked where a decision is not asked; None: all designs for which `where` holds ask it."""
        return None if self.is_asked(decision, where) else next(iter(decision.texts))

    def first_asked(
        self, body: Alternatives, diagram: Diagram, when: Diagram, first: frozenset[Decision] = frozenset()
    ) -> Decision:
        """A decision on which a diagram depends: one that is always asked where it is read, and leaves least open.

        One of `first`, if it depends on one of these.
        """
        assert isinstance(diagram, Fork)
        where = self.diagrams.both(self.under[body], when)
        support = self.diagrams.support(diagram)
        wanted = support & first or support
        found = [decision for decision in wanted if self.is_asked(decision, where)]
        return min(found or wanted, key=lambda one: (*self._left(body, diagram, when, one), one.order))

    def options(self, body: Alternatives, diagram: Diagram, when: Diagram, decision: Decision) -> dict[str, Diagram]:
        """What a diagram is for each option of a decision that may be picked where it is read."""
        found = {}
        for text in decision.texts:
            here = self.diagrams.both(when, self.diagrams.picked(decision, text))
            if self.diagrams.both(self.under[body], here) is not self.diagrams.false:
                below = self.within(body, diagram, here)
                if below is not None:
                    found[text] = below
        return found

    def within(self, body: Alternatives, diagram: Diagram, when: Diagram) -> Diagram | None:
        """A diagram as far as it is read."""
        return self.diagrams.apply(self.diagrams.leaf, diagram, under=self.diagrams.both(self.under[body], when))

    def _left(self, body: Alternatives, diagram: Diagram, when: Diagram, decision: Decision) -> tuple[int, int]:
        """How many values, and on how many others it depends, a diagram still has over all options of a decision."""
        below = self.options(body, diagram, when, decision).values()
        return sum(len(leaves(one)) - 1 for one in below), sum(len(self.diagrams.support(one)) for one in below)


def tangled(diagrams: Diagrams, body: Alternatives, diagram: Diagram) -> ArchError:
    """The mistake that what a diagram says takes more tests than a person would write."""
    decisions = sorted(diagrams.support(diagram), key=lambda decision: decision.order)
    names = ", ".join(decision.name for decision in decisions[:_NAMED])
    more = f" and {len(decisions) - _NAMED} more" if len(decisions) > _NAMED else ""
    message = f"what there is in {body.name} depends on {names}{more} together, in more than {MOST_TESTS} ways"
    hint = "pick some of these decisions (--pick NAME=OPTION)"
    return ArchError([Diagnostic("no-supernet", message, decisions[0].spans[0], help=hint)])


def _guard(diagrams: Diagrams, source: Alternatives, node: Alternative) -> Diagram:
    """When a node is there; designs that do not elaborate say nothing."""
    is_always = diagrams.minus(diagrams.negate(source.dead), node.guard) is diagrams.false
    return diagrams.true if is_always else node.guard


def _needs(diagrams: Diagrams, source: Alternatives, nodes: Sequence[Alternative | Selection]) -> list[Diagram]:
    """Of each node the condition under which it is made, if the outputs ever depend on it, or read if it is chosen.

    A node is made also where nobody takes what it gives, unless it is made for an option alone (`WayFinder`).
    """
    needed: dict[Ref, Diagram] = defaultdict(lambda: diagrams.false)
    needed.update(dict.fromkeys(source.outputs, diagrams.true))
    found = [diagrams.false] * len(nodes)
    for index in range(len(nodes) - 1, -1, -1):
        node = nodes[index]
        if isinstance(node, Selection):
            found[index] = needed[Ref(index)]
            if found[index] is not diagrams.false:
                for ref, when in diagrams.cases(node.refs, found[index]):
                    needed[ref] = diagrams.either(needed[ref], when)
            continue
        outputs = range(len(leaves(node.variants)[0].value.types))
        if diagrams.both(node.guard, diagrams.either(*[needed[Ref(index, k)] for k in outputs])) is diagrams.false:
            continue
        found[index] = node.guard
        for ref, present in node.operands:
            needed[ref] = diagrams.either(needed[ref], diagrams.both(node.guard, present))
    return found


def _callees_first(root: Alternatives) -> Iterator[Alternatives]:
    """Every body below `root`, and it, each once."""
    done: set[Alternatives] = set()
    stack = [(root, False)]
    while stack:
        body, expanded = stack.pop()
        if body in done:
            continue
        if expanded:
            done.add(body)
            yield body
            continue
        stack.append((body, True))
        callees = dict.fromkeys(callee for node in body.nodes for callee in _callees(node))
        stack += [(callee, False) for callee in reversed(callees) if callee not in done]


def _callees(node: Alternative | Selection) -> list[Alternatives]:
    """The bodies that a node may call."""
    if isinstance(node, Selection):
        return []
    targets = [ending.value.target for ending in leaves(node.variants)]
    return [target for target in targets if isinstance(target, Alternatives)]
