"""Turns a tensor that differs between instances into a choice that follows their options."""

from __future__ import annotations

from dataclasses import dataclass, replace

from archdsl.emit.pytorch.designs import DesignMask
from archdsl.emit.pytorch.template import CHOICE, InstanceMask, Template, TensorChoice, choice_number
from archdsl.emit.pytorch.unify import Incompatible
from archdsl.ir.graph import Ref


@dataclass
class Chooser:
    """Makes one ref out of one ref per instance."""

    template: Template
    masks: list[InstanceMask]
    whens: list[InstanceMask | None]

    def choose(self, refs: dict[int, Ref], depth: int = 3) -> Ref:
        """The common ref, or a choice that follows the options.

        Raises:
            Incompatible: the refs differ without an option that says when.
        """
        distinct = list(dict.fromkeys(refs.values()))
        if len(distinct) == 1:
            return distinct[0]
        if not depth:
            raise Incompatible
        for mask in self._ordered(distinct):
            yes = {i: r for i, r in refs.items() if mask[i]}
            no = {i: r for i, r in refs.items() if not mask[i]}
            sides = [set(part.values()) for part in (yes, no)]
            if not yes or not no or min(map(len, sides)) > 1 or sum(map(len, sides)) > len(distinct):
                continue
            skipped = self._skipped(yes, no, mask) or self._skipped(no, yes, tuple(not p for p in mask))
            if skipped is not None:
                made, kept = skipped
                then, otherwise = (made, kept) if self.whens[made.node] == mask else (kept, made)
            else:
                then, otherwise = (self.choose(part, depth - 1) for part in (yes, no))
            return self._add(TensorChoice(mask, then, otherwise, tuple(i in refs for i in range(len(mask)))))
        raise Incompatible

    def _skipped(self, made: dict[int, Ref], kept: dict[int, Ref], mask: InstanceMask) -> tuple[Ref, Ref] | None:
        """(result, operand) of an optional stage, when the instances without it go on with its operand."""
        result = next(iter(made.values()))
        if len(set(made.values())) > 1 or result.node < 0 or self.whens[result.node] != mask:
            return None
        ref = result
        while ref.node >= 0 and self.whens[ref.node] == mask:
            operands = self.template.sites[ref.node].operands
            for operand in operands:
                if all(self.value(operand, i) == r for i, r in kept.items()):
                    return result, operand
            if len(operands) != 1:
                return None
            ref = operands[0]
        return None

    def value(self, ref: Ref, instance: int) -> Ref:
        """The ref that a choice stands for in one instance."""
        while (number := choice_number(ref)) is not None:
            choice = self.template.choices[number]
            if isinstance(choice.mask, DesignMask):
                break
            ref = choice.then if choice.mask[instance] else choice.otherwise
        return ref

    def _ordered(self, refs: list[Ref]) -> list[InstanceMask]:
        """Patterns of the refs' own rows first."""
        own = [self.whens[r.node] for r in refs if r.node >= 0]
        complement = {tuple(not v for v in p): p for p in self.masks}
        first = [complement.get(p, p) for p in own if p is not None]
        return list(dict.fromkeys([*first, *self.masks]))

    def _add(self, choice: TensorChoice) -> Ref:
        mask, when = choice.mask, choice.when
        assert not isinstance(mask, DesignMask) and not isinstance(when, DesignMask)
        sides = [choice.then if p else choice.otherwise for p in mask]
        if all(self._exists(self.value(ref, i), i) for i, ref in enumerate(sides)):
            choice = replace(choice, when=None)
        elif when not in self.masks and tuple(not w for w in when or ()) not in self.masks:
            raise Incompatible  # defined where no option says
        return self.keep(choice)

    def keep(self, choice: TensorChoice) -> Ref:
        """The name of a choice."""
        if choice not in self.template.choices:
            self.template.choices.append(choice)
        return Ref(CHOICE - self.template.choices.index(choice))

    def _exists(self, ref: Ref, instance: int) -> bool:
        when = None if ref.node < 0 else self.whens[ref.node]
        return when is None or when[instance]
