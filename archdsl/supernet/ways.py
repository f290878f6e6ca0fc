"""Finds how each chosen tensor of a body is written, and what is made only where it is chosen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set

from archdsl.choices.diagram import Diagrams
from archdsl.choices.nodes import Diagram
from archdsl.ir.alternatives import Alternatives
from archdsl.ir.graph import INPUT, Ref
from archdsl.supernet.items import Body, ChosenHow, ChosenTensor, MadeNode, Selected, read_by
from archdsl.supernet.module_forms import is_module

_OUT = -1  # who reads an output of the body
ReadAs = tuple[int, str]  # the key of an item; of a pick, for which option


class WayFinder:
    """Decides for one body, which it changes; `asking` are the bodies that need the design.

    A pick may be written as one expression where each option is there anyway, or is made for this option alone. What is
    made for one option alone is made under its condition. All other picks steer: they become a chain of selections,

        x = self.unit(x)
        if design["depth"] in ("2", "3"):
            x = self.unit_1(x)
        if design["depth"] == "3":
            x = self.unit_2(x)

    since the second unit is there for two of the options, and the third takes what it gives.
    """

    def __init__(self, diagrams: Diagrams, body: Body, asking: Set[Alternatives]) -> None:
        self.diagrams = diagrams
        self.asking = asking
        self.body = body
        self.readers: dict[int, set[ReadAs]] = defaultdict(set)
        self.made_for = body.made_for

    def find(self) -> None:
        """Decide."""
        items = self.body.items
        for key, item in items.items():
            if isinstance(item, ChosenTensor):
                for text, ref in item.options.items():
                    self.readers[ref.node].add((key, text))
            else:
                for ref in read_by(item):
                    self.readers[ref.node].add((key, ""))
        for ref in self.body.outputs:
            self.readers[ref.node].add((_OUT, ""))
        for item in reversed(items.values()):
            if isinstance(item, ChosenTensor):
                self._own(item)
        for item in list(items.values()):
            if isinstance(item, ChosenTensor):
                self._decide(item)

    # --- what is made for one option -----------------------------------------------------------------------------

    def _own(self, pick: ChosenTensor) -> None:
        """Put what is made for one option of `pick` alone under its condition."""
        diagrams = self.diagrams
        for text, ref in pick.options.items():
            under = diagrams.both(pick.when, diagrams.picked(pick.decision, text))
            owned: set[int] = set()
            pending = [ref.node]
            while pending:
                key = pending.pop()
                readers = self.readers[key]
                if key == INPUT or key in owned or any(r != (pick.key, text) and r[0] not in owned for r in readers):
                    continue
                owned.add(key)
                item = self.body.items[key]
                item.when = diagrams.both(under, item.when)
                self.made_for[key] = (pick.key, text)
                pending += [ref.node for ref in read_by(item)]

    def _is_there(self, ref: Ref, where: Diagram) -> bool:
        if ref.node == INPUT:
            return True
        return self._within(where, self.body.items[ref.node].when)

    # --- how a pick is written -----------------------------------------------------------------------------------

    def _decide(self, pick: ChosenTensor) -> None:
        owned = {text for text, ref in pick.options.items() if self.made_for.get(ref.node) == (pick.key, text)}
        rest = [ref for text, ref in pick.options.items() if text not in owned]
        if not all(self._is_there(ref, pick.when) for ref in rest):
            self._steer(pick)
        elif not owned:
            pick.way = ChosenHow.TENSORS
        else:
            self._as_modules(pick, owned)

    def _as_modules(self, pick: ChosenTensor, owned: set[str]) -> None:
        """Write a pick as modules, where each option is a chain of modules on one tensor."""
        chains: dict[str, tuple[MadeNode, ...]] = {}
        starts = set()
        for text, ref in pick.options.items():
            chain, start = self._chain(pick, text, ref) if text in owned else ((), ref)
            if start is None:
                return
            chains[text] = chain
            starts.add(start)
        if len(starts) == 1:
            pick.way, pick.operand, pick.chains = ChosenHow.MODULES, starts.pop(), chains

    def _chain(self, pick: ChosenTensor, text: str, ref: Ref) -> tuple[tuple[MadeNode, ...], Ref | None]:
        """The modules of an option, and what the first of them takes; None: it is something else."""
        found: list[MadeNode] = []
        while ref.node != INPUT and self.made_for.get(ref.node) == (pick.key, text):
            item = self.body.items[ref.node]
            if not isinstance(item, MadeNode) or not self._is_link(item) or len(self.readers[ref.node]) > 1:
                return (), None
            found.append(item)
            ref = item.operands[0]
        return tuple(reversed(found)), ref

    def _is_link(self, item: MadeNode) -> bool:
        one = len(item.operands) == 1 and len(item.types) == 1 and item.presents[0] is self.diagrams.true
        if not one or item.node.slot is not None or item.node.length is not None:
            return False
        return all(
            form.target not in self.asking if isinstance(form.target, Alternatives) else is_module(form)
            for form in item.forms
        )

    # --- steering ------------------------------------------------------------------------------------------------

    def _steer(self, pick: ChosenTensor) -> None:
        """Make a pick a chain of selections, each made right behind the item that it adds."""
        diagrams, items = self.diagrams, self.body.items
        order = {key: number for number, key in enumerate(items)}
        texts: dict[Ref, list[str]] = defaultdict(list)
        for text, ref in pick.options.items():
            texts[ref].append(text)
        first, *rest = sorted(texts, key=lambda ref: order.get(ref.node, -1))
        current, there = first, self._when(first)
        so_far = self._picked(pick, texts[first])
        for number, ref in enumerate(rest):
            mine = self._picked(pick, texts[ref])
            so_far = diagrams.either(so_far, mine)
            when = self._when(ref)
            here = diagrams.both(when, diagrams.both(pick.when, so_far))
            condition = when if here is diagrams.both(pick.when, mine) else mine
            there = diagrams.ite(condition, when, there) or diagrams.false
            key = pick.key if number == len(rest) - 1 else max(items) + 1
            made = Selected(key, there, condition, ref, current)
            self._read_instead(ref, Ref(key), condition)
            self._put(made, behind=ref)
            current = Ref(key)

    def _when(self, ref: Ref) -> Diagram:
        return self.diagrams.true if ref.node == INPUT else self.body.items[ref.node].when

    def _picked(self, pick: ChosenTensor, texts: list[str]) -> Diagram:
        return self.diagrams.either(*[self.diagrams.picked(pick.decision, text) for text in texts])

    def _put(self, made: Selected, behind: Ref) -> None:
        kept = [item for item in self.body.items.values() if item.key != made.key]
        self.body.items.clear()
        if behind.node == INPUT:
            self.body.items[made.key] = made
        for item in kept:
            self.body.items[item.key] = item
            if item.key == behind.node:
                self.body.items[made.key] = made

    def _read_instead(self, ref: Ref, instead: Ref, condition: Diagram) -> None:
        """Who reads a tensor under the condition under which it is selected reads what is selected."""
        for item in self.body.items.values():
            if isinstance(item, MadeNode):
                if ref in item.operands and self._within(item.when, condition):
                    item.operands = tuple([instead if one == ref else one for one in item.operands])
            elif isinstance(item, ChosenTensor) and item.key != instead.node:
                if item.operand == ref and self._within(item.when, condition):
                    item.operand = instead
                for text, read in item.options.items():
                    under = self.diagrams.both(item.when, self.diagrams.picked(item.decision, text))
                    if read == ref and self._within(under, condition):
                        item.options[text] = instead

    def _within(self, one: Diagram, other: Diagram) -> bool:
        """Whether the other condition holds wherever the one does."""
        return self.diagrams.minus(one, other) is self.diagrams.false
