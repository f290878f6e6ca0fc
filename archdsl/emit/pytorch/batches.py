"""Finds the tensors that have a batch of 1, as they depend on no input, and where they must be stretched to the rest.

A learned tensor and what is made of such alone are worked out once for all samples. Sums and products stretch a batch
of 1 by themselves; `torch.cat` and most modules do not: there `self.token.expand(len(x), -1, -1)` stands in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from archdsl.emit.pytorch.actions import Action, Plan, Sort
from archdsl.emit.pytorch.code import Apply, Atom, Attribute, Binary, Code, Index, SequenceDisplay
from archdsl.emit.pytorch.template import Site, Template, choice_number
from archdsl.ir.graph import INPUT, Ref
from archdsl.ops.base import Kind

_EACH = Atom("-1")
BATCHED = "None"  # the index that gives a tensor its batch axis


@dataclass
class Batches:
    """What has a batch of 1 in a plan's template; `stretched` are the tensors of which others need the stretched form.

    The stretched form of output k of a site is output ~k.
    """

    plan: Plan
    stretched: set[Ref] = field(default_factory=set)
    _single: list[bool] = field(default_factory=list)  # by site

    @property
    def template(self) -> Template:
        """What the plan is of."""
        return self.plan.template

    def stretch(self) -> None:
        """Let every site read the stretched form where it needs it."""
        if not self.template.graphs[0].input_names:
            return
        for site in self.template.sites:
            self._single.append(self._is_single(site))
        for number, site in enumerate(self.template.sites):
            if not self._single[number] and any(any(self._singles(ref)) for ref in site.operands):
                free = site.kind is Kind.ARITHMETIC
                site.operands = tuple(
                    [r if free or k in site.form.stretched else self._stretched(r) for k, r in enumerate(site.operands)]
                )
        self.template.outputs = tuple(map(self._stretched, self.template.outputs))

    def sampled(self, number: int) -> bool:
        """Whether site `number` gives a tensor for each sample."""
        return not self._single or not self._single[number]

    def _is_single(self, site: Site) -> bool:
        if site.kind is Kind.PARAMETER and site.operands:
            return False  # zeros, for each sample
        return all(one for ref in site.operands for one in self._singles(ref))

    def _singles(self, ref: Ref) -> list[bool]:
        """Whether the batch is 1, of each tensor that may be chosen."""
        return [leaf.node != INPUT and self._single[leaf.node] for leaf in self.plan.leaves(ref)]

    def _stretched(self, ref: Ref) -> Ref:
        """The form of a tensor that has the batch of the rest; of a choice both sides become so."""
        number = choice_number(ref)
        if number is not None:
            choice = self.template.choices[number]
            then, otherwise = self._stretched(choice.then), self._stretched(choice.otherwise)
            self.template.choices[number] = replace(choice, then=then, otherwise=otherwise)
            return ref
        if ref.output < 0 or not any(self._singles(ref)):
            return ref
        self.stretched.add(ref)
        return Ref(ref.node, ~ref.output)

    def write(self) -> None:
        """Put the actions that stretch behind those that make what they stretch."""
        actions: list[Action] = []
        for action in self.plan.actions:
            made = [ref for ref in action.results if ref in self.stretched]
            actions += [action, *[self._action(action, ref) for ref in made]]
        self.plan.actions = actions

    def _action(self, made: Action, ref: Ref) -> Action:
        site = self.template.sites[ref.node]
        nodes = [(g, n) for g, n in zip(self.template.graphs, site.nodes, strict=True) if n is not None]
        ranks = {graph.nodes[n].types[ref.output].rank for graph, n in nodes}
        each = [("", _EACH)] * ranks.pop() if len(ranks) == 1 else None

        def write(operands: Sequence[Code]) -> Code:
            size = Apply(Atom("len"), (("", operands[1]),))
            if each is None:
                return Apply(Attribute(operands[0], "repeat_interleave"), (("", size), ("dim", Atom("0"))))
            return Apply(Attribute(operands[0], "expand"), (("", size), *each))

        return Action(
            operands=(ref, Ref(INPUT, 0)),
            results=(Ref(ref.node, ~ref.output),),
            write=write,
            sort=Sort.FUNCTION,
            depth=0,
            when=made.when,
            hint=made.hint,
            spoken=made.spoken,
        )


def batch_last(value: Code) -> Code:
    """Parts of what is kept without a batch axis: `self.table[None][:, index]` is `self.table[index][None]`."""
    match value:
        case Index(Index(target, inner), SequenceDisplay((Atom(":"), *rest), "")) if inner == BATCHED:
            parts = rest[0] if len(rest) == 1 else SequenceDisplay(tuple(rest), "")
            return Index(Index(target, parts), BATCHED)
    return value


def without_batch(value: Code) -> Code:
    """A sum or product of which some operands need no batch axis: `x * self.gamma[None]` is `x * self.gamma`."""
    match value:
        case Binary(operator, left, right):
            return Binary(operator, without_batch(left), without_batch(right))
        case Index(target, index) if index == BATCHED:
            return target
        case Index(Index(target, inner), str(index)) if inner == BATCHED and index.startswith(":, "):
            return Index(target, index.removeprefix(":, "))
    return value
