"""Turns tensors into variables: which name holds which tensor, until when, and what a new one is called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from archdsl.emit.pytorch.actions import Action, Plan, Sort
from archdsl.emit.pytorch.names import next_variable
from archdsl.emit.pytorch.template import CHOICE, Mask, opposite
from archdsl.ir.graph import Ref

_FARTHEST = 3  # actions from a result to the one that names it


@dataclass
class Variables:
    """The variables of one `forward`; `taken` are names not to use.

    `names` and `holders` say which variable holds which tensor now, `merged` which one holds a choice that is made by
    overwriting. `uses` counts who reads a tensor, `left` who still will, `consumers` has the last of them.
    """

    plan: Plan
    taken: frozenset[str]
    names: dict[Ref, str] = field(default_factory=dict)
    holders: dict[str, Ref] = field(default_factory=dict)
    merged: dict[Ref, str] = field(default_factory=dict)
    uses: Counter[Ref] = field(init=False)
    left: Counter[Ref] = field(init=False)
    consumers: dict[Ref, Action] = field(default_factory=dict)
    _spoken: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.uses = self.plan.uses()
        self.left = Counter(self.uses)
        self._spoken = {name for action in self.plan.actions for name in action.spoken}
        for action in self.plan.actions:
            for ref in action.operands:
                for leaf in self.plan.leaves(ref):
                    self.consumers[leaf] = action

    def hold(self, name: str, ref: Ref) -> str:
        """Let the variable `name` hold `ref` from now on; gives the name."""
        self.names[ref] = name
        self.holders[name] = ref
        return name

    def free(self, name: str) -> bool:
        """Whether a variable of this name may be assigned to: nothing that is still read would be lost."""
        return name not in self.taken and (name not in self.holders or self.left[self.holders[name]] <= 0)

    def in_use(self) -> set[str]:
        """The names that a new variable must not have."""
        return {name for name in self.holders if not self.free(name)} | self.taken

    def next_free(self) -> str:
        """out, out2, out3, … whichever is free."""
        number = 1
        while not self.free(name := f"out{number}" if number > 1 else "out"):
            number += 1
        return name

    def name(self, ref: Ref) -> str | None:
        """The variable that holds a tensor, or a choice made by overwriting."""
        while ref in self.plan.alias:
            ref = self.plan.alias[ref]
        return self.merged.get(ref) or self.names.get(ref)

    def sibling(self, ref: Ref) -> Ref | None:
        """The other side of the only choice that reads `ref`."""
        found = [c for c in self.plan.template.choices if ref in (c.then, c.otherwise)]
        if len(found) != 1:
            return None
        return found[0].otherwise if found[0].then == ref else found[0].then

    def choose(self, action: Action, reads: Sequence[Ref], ref: Ref) -> str:
        """The variable for a result: the spec's name, the operand's when it is used up, else `out`."""
        if not self.uses[ref]:
            return "_"
        if name := self._merge_name(ref, action.when):
            return self.hold(name, ref)
        if len(action.results) > 1:
            return self.hold(self._one_of_many(action, reads, ref), ref)
        hint = self._hint(action)
        if hint and action.sort is Sort.MERGE and self.free(hint):
            return self.hold(hint, ref)
        if len(action.spoken) == 1 and self.free(action.spoken[0]):
            return self.hold(action.spoken[0], ref)
        for read in reads:
            name = self.names.get(read, "")
            plain = action.sort is not Sort.MERGE or name in ("x", "out")
            if name and plain and self.holders.get(name) == read and self.free(name):
                return self.hold(name, ref)
        if hint and self.free(hint):
            return self.hold(hint, ref)
        return self.hold(self.next_free(), ref)

    def _one_of_many(self, action: Action, reads: Sequence[Ref], ref: Ref) -> str:
        """The variable for one of several results: the spec's names, or `x1, x2`."""
        number = action.results.index(ref)
        if len(action.spoken) == len(action.results):
            return self._counted(action.spoken[number])
        base = (self.names.get(reads[0], "x") if reads else "x").rstrip("0123456789")
        return next_variable(f"{base}{number + 1}", self.in_use())

    def _counted(self, name: str) -> str:
        """A name of the spec; where it is in use, the first behind it that the spec gives to nothing else."""
        return name if self.free(name) else next_variable(name, self.in_use() | self._spoken)

    def _hint(self, action: Action) -> str:
        """A name that the spec gives: the variable of the statement, else the label, of the action or what it feeds."""
        seen = 0
        follow: Action | None = action
        while follow is not None and seen < _FARTHEST:
            if len(follow.spoken) == 1 and len(follow.results) == 1:
                return follow.spoken[0]
            if follow.hint:
                return follow.hint
            only = len(follow.results) == 1 and self.uses[follow.results[0]] == 1
            consumer = self.consumers[follow.results[0]] if only else None
            unary = consumer is not None and len(consumer.operands) == 1 and consumer.sort is not Sort.RETURN
            follow = consumer if unary else None
            seen += 1
        return ""

    def _merge_name(self, ref: Ref, when: Mask | None) -> str | None:
        """The variable of the other side of a choice, when overwriting it makes the choice: `if option: x = f(x)`."""
        found = [i for i, c in enumerate(self.plan.template.choices) if ref in (c.then, c.otherwise)]
        sibling = self.sibling(ref)
        name = None if sibling is None else self.name(sibling)
        if sibling is None or name is None:
            return None
        choice = self.plan.template.choices[found[0]]
        side = choice.mask if choice.then == ref else opposite(choice.mask)
        if when != side or self._direct_reads(ref):
            return None
        through = self.uses[ref]
        others = set(self.plan.leaves(sibling))
        if any(self.left[other] != through for other in others) or self.holders[name] not in others:
            return None
        choice_ref = Ref(CHOICE - found[0])
        self.merged[choice_ref] = name
        return name

    def _direct_reads(self, ref: Ref) -> bool:
        """Whether something reads `ref` itself, outside of choices."""
        return any(r == ref for a in self.plan.actions for r in a.operands)
