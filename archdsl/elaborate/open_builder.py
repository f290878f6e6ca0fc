"""Builds a body with all its alternatives: each node with the condition under which it is made."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

from archdsl.choices.nodes import Diagram, Ending, exceeds, leaves
from archdsl.elaborate.builder import BodyBuilder, SharedUse, new_ref
from archdsl.elaborate.exploring import Exploring
from archdsl.elaborate.forced import Forced
from archdsl.elaborate.open_values import Chosen
from archdsl.elaborate.values import Shared, Tensor, Value
from archdsl.ir.alternatives import Alternative, NodeForm, Selection, Taking
from archdsl.ir.graph import INPUT, Node, Ref
from archdsl.types import TensorType

SHORT = 20  # forks of a diagram that is left as it is


class OpenTensor(Tensor):
    """A tensor whose type depends on picks, or that is there under a condition only (`present`)."""

    __slots__ = ("exploring", "present", "types")

    def __init__(
        self, ref: Ref, types: Diagram, body: BodyBuilder, exploring: Exploring, present: Diagram | None = None
    ) -> None:
        self.ref = ref
        self.types = types
        self.body = body
        self.exploring = exploring
        self.present = present

    def renewed(self) -> Tensor:
        """As of `Tensor`."""
        return OpenTensor(self.ref, self.types, self.body, self.exploring, self.present)

    @property
    def type(self) -> TensorType:  # type: ignore[override]
        """The type under the condition at hand.

        Raises:
            Forced: it may be several.
        """
        found = self.exploring.restricted(self.types)
        if isinstance(found, Ending):
            return found.value  # type: ignore[no-any-return]
        raise Forced(found, self.exploring.pc)

    @property
    def known_type(self) -> Diagram:
        """As of `Tensor`."""
        return self.types


class OpenUse(SharedUse):
    """As `SharedUse`; `count` is that under the condition at hand: what was applied before may be chosen."""

    __slots__ = ("_counts", "exploring")

    def __init__(self, stage: Shared, turns: int, exploring: Exploring) -> None:
        self.stage = stage
        self.turns = turns
        self.exploring = exploring
        self._counts: Diagram = exploring.diagrams.leaf(0)

    @property
    def count(self) -> int:
        """How many leaves have been applied.

        Raises:
            Forced: it depends.
        """
        found = self.exploring.restricted(self._counts)
        if isinstance(found, Ending):
            return found.value  # type: ignore[no-any-return]
        raise Forced(found, self.exploring.pc)

    @count.setter
    def count(self, count: int) -> None:
        diagrams = self.exploring.diagrams
        counts = diagrams.ite(self.exploring.pc, diagrams.leaf(count), self._counts)
        assert counts is not None
        self._counts = counts


class OpenBuilder(BodyBuilder):
    """The body under construction; `alternatives` go with `nodes`."""

    def __init__(self, inputs: tuple[TensorType, ...], exploring: Exploring) -> None:
        super().__init__(inputs)
        self.exploring = exploring
        self.alternatives: list[Alternative | Selection] = []
        self.kept: dict[Ref, Diagram] = {}  # where loose() listed it
        self._selected: dict[Diagram, Tensor] = {}
        self._shortened: list[tuple[int, Chosen, Diagram]] = []  # with the selection that stands for each, and before

    def use_of(self, stage: Shared, turns: int) -> OpenUse:
        """As of `BodyBuilder`."""
        return OpenUse(stage, turns, self.exploring)

    def made_by(self, ref: Ref) -> list[int]:
        """As of `BodyBuilder`; none where it may be an input."""
        chosen = None if ref.node == INPUT else self.alternatives[ref.node]
        if not isinstance(chosen, Selection):
            return super().made_by(ref)
        below = [self.made_by(leaf.value) for leaf in leaves(chosen.refs)]
        return [made for one in below for made in one] if all(below) else []

    def settled(self, ref: Ref) -> Ref:
        """As of `BodyBuilder`.

        Raises:
            Forced: it depends.
        """
        while ref.node != INPUT and isinstance(chosen := self.alternatives[ref.node], Selection):
            found = self.exploring.restricted(chosen.refs)
            if not isinstance(found, Ending):
                raise Forced(found, self.exploring.pc)
            ref = found.value
        return ref

    def is_constant(self, node: int) -> bool:
        """As of `BodyBuilder`."""
        return node != INPUT and super().is_constant(node)

    def mark(self) -> tuple[Any, ...]:
        """Where the body stands, to come back to."""
        labels = self.labels
        return (
            len(self.nodes), self.flat_ops, len(labels.events), labels.open_kinds, dict(self.sites), dict(self.slots),
            dict(self.kept),
        )  # fmt: skip

    def back_to(self, mark: tuple[Any, ...]) -> None:
        """Forget what was made since `mark`."""
        count, self.flat_ops, events, kinds, self.sites, self.slots, self.kept = mark
        for made in (self.nodes, self.alternatives, self.leaves, self.ops):
            del made[count:]
        self.labels.back_to(events, kinds)
        self.given = {number: value for number, value in self.given.items() if number < events}
        self._selected = {d: t for d, t in self._selected.items() if t.ref.node < count}
        for node, value, before in reversed(self._shortened):
            if node >= count:
                value.diagram = before
        self._shortened = [one for one in self._shortened if one[0] < count]

    def note(self, operands: list[Tensor], variants: Diagram | None) -> None:
        """Keep the condition of the node that was made just now."""
        diagrams, node = self.exploring.diagrams, self.nodes[-1]
        variants = variants or diagrams.leaf(NodeForm(node.target, tuple([t.type for t in operands]), node.types))
        taken = tuple([Taking(t.ref, getattr(t, "present", None) or diagrams.true) for t in operands])
        self.alternatives.append(Alternative(self.exploring.pc, taken, variants, node))

    def tensor(self, ref: Ref, types: Diagram) -> Tensor:
        """The tensor of these types."""
        if isinstance(types, Ending):
            return Tensor(ref, types.value, self)
        return OpenTensor(ref, types, self, self.exploring)

    def result(self, node: int, output: int) -> Tensor:
        """As of `BodyBuilder`."""
        one = self.alternatives[node]
        assert isinstance(one, Alternative)
        types = self.exploring.diagrams.map(lambda variant: variant.types[output], one.variants)
        assert types is not None
        return self.tensor(Ref(node, output), types)

    def type_of(self, ref: Ref) -> TensorType:
        """As of `BodyBuilder`, under the condition at hand.

        Raises:
            Forced: it may be several.
        """
        if ref.node == INPUT:
            return super().type_of(ref)
        one = self.alternatives[ref.node]
        types: Diagram | None
        if isinstance(one, Selection):
            types = one.types
        else:
            types = self.exploring.diagrams.map(lambda variant: variant.types[ref.output], one.variants)
        assert types is not None
        return self.tensor(ref, types).type

    def select(self, diagram: Diagram) -> Tensor:
        """One tensor for tensors that are chosen."""
        if isinstance(diagram, Ending):
            return diagram.value  # type: ignore[no-any-return]
        found = self._selected.get(diagram)
        if found is None:
            diagrams = self.exploring.diagrams
            refs = diagrams.map(lambda tensor: tensor.ref, diagram)
            types = diagrams.replaced(diagram, lambda tensor: types_of_one(self.exploring, tensor))
            assert refs is not None and types is not None
            if isinstance(refs, Ending):
                return self.tensor(refs.value, types)
            index = len(self.nodes)
            first = leaves(diagram)[0].value
            at = () if first.ref.node == INPUT else self.nodes[first.ref.node].spans
            self.nodes.append(Node(None, (), (), "", at, ()))  # type: ignore[arg-type]
            self.alternatives.append(Selection(refs, types))
            self.leaves.append(None)
            self.ops.append(0)
            found = self._selected[diagram] = self.tensor(new_ref((index, 0)), types)
        return found

    def shorten(self, value: Chosen, tensor: Tensor) -> None:
        """Let a selection stand for a chosen tensor: what is chosen of the results of many layers, of which each may be
        left out, is then one of two, the last and what the last took.
        """
        before = value.diagram
        if tensor.ref.node != INPUT and self._selected.get(before) is tensor and exceeds(before, SHORT):
            self._shortened.append((tensor.ref.node, value, before))
            value.diagram = self.exploring.diagrams.leaf(tensor)

    def consumed(self) -> dict[Ref, Diagram]:
        """The condition under which some node takes each tensor; what takes a chosen one takes what is chosen."""
        diagrams = self.exploring.diagrams
        found: dict[Ref, Diagram] = {}
        for index in range(len(self.alternatives) - 1, -1, -1):
            one = self.alternatives[index]
            if isinstance(one, Selection):
                taken = found.get(Ref(index, 0))
                for ref, guard in diagrams.cases(one.refs, taken) if taken is not None else ():
                    found[ref] = diagrams.either(found.get(ref, diagrams.false), guard)
            else:
                for ref, present in one.operands:
                    guard = diagrams.both(one.guard, present)
                    found[ref] = diagrams.either(found.get(ref, diagrams.false), guard)
        return found

    def sources(self, value: Value, under: Diagram) -> dict[Ref, Diagram]:
        """The tensors of the body that a value may be, through all choices, with conditions."""
        diagrams = self.exploring.diagrams
        cases = diagrams.cases(value.diagram, under) if isinstance(value, Chosen) else [(value, under)]
        found: dict[Ref, Diagram] = {}
        pending: list[int] = []  # selections

        def add(ref: Ref, guard: Diagram) -> None:
            if ref in found:
                guard = diagrams.either(found[ref], guard)
            elif ref.node != INPUT and isinstance(self.alternatives[ref.node], Selection):
                heappush(pending, -ref.node)
            found[ref] = guard

        for tensor, guard in cases:
            if isinstance(tensor, Tensor):
                add(tensor.ref, guard)
        while pending:  # the last first: what it may be stands before it
            at = Ref(-heappop(pending), 0)
            for ref, guard in diagrams.cases(self.alternatives[at.node].refs, found.pop(at)):  # type: ignore[union-attr]
                add(ref, guard)
        return found

    def loose_ends(self, with_inputs: bool, rebound: list[Value]) -> tuple[tuple[Tensor, ...], tuple[Diagram, ...]]:
        """Outputs that no node takes, as `loose` lists them, each with the condition under which it does."""
        diagrams, pc = self.exploring.diagrams, self.exploring.pc
        consumed = self.consumed()
        hidden: dict[Ref, Diagram] = {}
        for value in rebound if not with_inputs else ():
            for ref, guard in self.sources(value, pc).items():
                hidden[ref] = diagrams.either(hidden.get(ref, diagrams.false), guard)
        ends: list[tuple[Tensor, Diagram]] = []
        if with_inputs:
            ends += [(Tensor(Ref(INPUT, i), t, self), diagrams.true) for i, t in enumerate(self.inputs)]
        for index, one in enumerate(self.alternatives):
            if isinstance(one, Alternative):
                for k in range(len(self.nodes[index].types)):
                    types = diagrams.map(lambda variant, k=k: variant.types[k], one.variants)
                    assert types is not None
                    ends.append((self.tensor(Ref(index, k), types), one.guard))
        found = []
        for tensor, guard in ends:
            there = diagrams.minus(diagrams.both(pc, guard), consumed.get(tensor.ref, diagrams.false))
            there = diagrams.minus(there, hidden.get(tensor.ref, diagrams.false))
            if there is not diagrams.false:
                found.append((tensor, diagrams.true if there is pc else there))
                self.kept[tensor.ref] = diagrams.either(self.kept.get(tensor.ref, diagrams.false), there)
        return tuple([tensor for tensor, _ in found]), tuple([guard for _, guard in found])


def types_of_one(exploring: Exploring, tensor: Tensor) -> Diagram:
    """The types of a tensor as a diagram."""
    return tensor.types if isinstance(tensor, OpenTensor) else exploring.diagrams.leaf(tensor.type)
