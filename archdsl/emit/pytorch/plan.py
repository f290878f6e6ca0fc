"""Turns a template and its modules into the actions of `forward`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from archdsl.emit.pytorch import code
from archdsl.emit.pytorch.actions import Action, Plan, Recurrence, Sort
from archdsl.emit.pytorch.batches import BATCHED, Batches, batch_last, without_batch
from archdsl.emit.pytorch.code import Apply, Atom, Attribute, Code, Index, Not, SequenceDisplay, Starred, Ternary
from archdsl.emit.pytorch.designs import DesignMask, runs_later
from archdsl.emit.pytorch.modules import CalledModule, InitStatement, Modules
from archdsl.emit.pytorch.names import variable_name
from archdsl.emit.pytorch.repeats import loop_over
from archdsl.emit.pytorch.template import Mask, ScanForm, Site, Template, TensorChoice, opposite
from archdsl.emit.pytorch.unify import render
from archdsl.ir.graph import Ref
from archdsl.ops.base import Kind
from archdsl.ops.torch_form import Infix, Keyed, Own


def plan(template: Template, modules: Modules, condition: Callable[[Mask], Code]) -> Plan:
    """The actions of `template`, options of a single module replaced by nn.Identity, dead ones dropped."""
    result = Plan(template, modules)
    batches = Batches(result)
    batches.stretch()
    loops = {loop[0][0]: loop for tree in modules.lists if (loop := loop_over(tree, template))}
    swallowed = {s for sites, _ in loops.values() for s in sites}
    for number, site in enumerate(template.sites):
        if number in loops:
            result.actions.append(loops[number][1])
        elif number in swallowed:
            continue
        elif site.scan is not None:
            result.actions.append(_recurrence(number, site, site.scan, modules))
        elif number in modules.units:
            unit = modules.units[number]
            swallowed.update(unit.sites)
            result.actions.append(_call(unit, template))
        else:
            result.actions.append(_apply(number, site, modules, batches.sampled(number), condition))
    batches.write()
    _use_identity(result, condition)
    outputs = template.outputs
    many = len(outputs) != 1
    result.actions.append(
        Action(outputs, (), lambda o: code.SequenceDisplay(tuple(o), "") if many else o[0], Sort.RETURN, depth=0)
    )
    _drop_dead(result)
    return result


def _call(unit: CalledModule, template: Template) -> Action:
    site = template.sites[unit.sites[0]]
    is_block = unit.sequential or site.kind is None
    return Action(
        operands=(unit.operand,),
        results=(unit.result,),
        write=lambda o: Apply(unit.access, (("", o[0]),)),
        sort=Sort.BLOCK if is_block else Sort.LAYER,
        when=unit.when,
        hint=_hint(site) if unit.sequential or len(site.label) == 1 else "",
        spoken=tuple(variable_name(name) for name in template.sites[unit.sites[-1]].spoken),
        sites=unit.sites,
    )


def _recurrence(number: int, site: Site, scan: ScanForm, modules: Modules) -> Recurrence:
    return Recurrence(
        operands=site.operands,
        results=tuple(Ref(number, o) for o in range(site.outputs)),
        write=lambda o: o[0],
        sort=Sort.BLOCK,
        when=site.when,
        hint=_hint(site) if len(site.label) == 1 else "",
        spoken=tuple(variable_name(name) for name in site.spoken),
        cell=modules.access[number],
        names=tuple(variable_name(name) for name in scan.names),
        zeros=tuple(tuple(render(size) for size in sizes) for sizes in scan.zeros),
        has_output=scan.has_output,
        asks=scan.asks,
        sites=(number,),
    )


def _apply(number: int, site: Site, modules: Modules, sampled: bool, condition: Callable[[Mask], Code]) -> Action:
    form = site.form
    access = modules.access.get(number)
    tied = site.kind is Kind.LINEAR and site.slot is not None and site.slot_kind is Kind.EMBEDDING

    def write(operands: Sequence[Code]) -> Code:
        if site.present:
            operands = [_maybe(o, p, condition) for o, p in zip(operands, site.present, strict=True)]
        if tied and access is not None:
            return Apply(Atom("F.linear"), (("", operands[0]), ("", Attribute(access, "weight"))))
        if form.before is not None:
            operands = [render(form.before, operands), *operands[1:]]
        if form.parameter is not None:
            assert access is not None
            return Index(access, BATCHED) if form.unbatched else access
        if access is not None and form.module is not None:
            if not site.each:
                return Apply(access, tuple(("", o) for o in operands))
            last = "design" if site.each.endswith("design") else ""
            return Apply(Atom(site.each), (("", access), *[("", o) for o in operands[:-1]], (last, operands[-1])))
        if form.buffer is not None:
            assert access is not None
            operands = [*operands, access]
        made = batch_last(render(form.function, operands))
        return without_batch(made) if sampled and site.kind is Kind.ARITHMETIC else made

    sort = Sort.FUNCTION
    if runs_later(form.function):
        sort = Sort.LATER
    elif len(site.operands) > 1 and site.kind is not None:
        sort = Sort.MERGE
    elif site.kind is None:
        sort = Sort.BLOCK
    elif site.kind is Kind.ACTIVATION:
        sort = Sort.ACTIVATION
    elif access is not None:
        sort = Sort.LAYER
    elif isinstance(form.function, Keyed):
        sort = Sort.PICKED
    return Action(
        operands=site.operands,
        results=tuple(Ref(number, o) for o in range(site.outputs)),
        write=write,
        sort=sort,
        depth=0
        if isinstance(form.function, Infix | Keyed | Own) or form.parameter is not None
        else 1 + (form.before is not None),
        when=site.when,
        hint=_hint(site) if len(site.label) == 1 else "",
        spoken=tuple(variable_name(name) for name in site.spoken),
        before=form.before is not None,
        sites=(number,),
    )


def _maybe(operand: Code, present: DesignMask | None, condition: Callable[[Mask], Code]) -> Code:
    """`*([x] if test else [])`: an operand that may be missing."""
    if present is None:
        return operand
    return Starred(Ternary(SequenceDisplay((operand,)), condition(present), SequenceDisplay(())))


def _hint(site: Site) -> str:
    """A name from the spec for the result: the assignment that labels it, no mere word of an op or name of a layer."""
    if not site.label or (len(site.label) == 1 and site.kind is not None):
        return ""
    first = site.label[0]
    stem, _, number = first.rpartition("_")
    word = stem if number.isdigit() else first
    return "" if word == site.word and len(site.label) == 1 else variable_name(word)


def _drop_dead(result: Plan) -> None:
    """Remove actions that nothing reads, last first."""
    uses = result.uses()
    kept = []
    for action in reversed(result.actions):
        if action.sort is Sort.RETURN or any(uses[r] for r in action.results):
            kept.append(action)
        else:
            uses.subtract(leaf for ref in action.operands for leaf in result.leaves(ref))
    result.actions = kept[::-1]


# --- options ---------------------------------------------------------------------------------------------------


def _use_identity(result: Plan, condition: Callable[[Mask], Code]) -> None:
    """`y = module(x) if option else x` becomes `self.module = … if option else nn.Identity()`."""
    template, modules = result.template, result.modules
    outside = [*template.outputs, *(r for s in template.sites for r in s.operands)]
    for number, choice in enumerate(template.choices):
        ref = Ref(-2 - number)
        for negative, made, kept in ((False, choice.then, choice.otherwise), (True, choice.otherwise, choice.then)):
            unit = next((u for u in modules.units.values() if u.result == made), None)
            if unit is None or unit.operand != kept or choice.when is not None or isinstance(choice.mask, DesignMask):
                continue
            action = next(a for a in result.actions if a.results == (made,))
            if action.when != _side(choice, negative) or made in outside:
                continue
            if any(made in (c.then, c.otherwise) for c in template.choices if c is not choice):
                continue
            statement = next((s for s in modules.statements if s.target == unit.access), None)
            if statement is None or _in_optional_container(unit.access, modules):
                continue
            index = modules.statements.index(statement)
            modules.statements[index] = _optional(statement, condition(choice.mask), negative)
            action.when = None
            result.alias[ref] = made
            break


def _in_optional_container(access: Code, modules: Modules) -> bool:
    """Whether a container that leads to a module is itself made only where the option is there."""
    optional = [s.target for s in modules.statements if s.when is not None]
    while isinstance(access, Attribute | Index):
        access = access.target
        if access in optional:
            return True
    return False


def _side(choice: TensorChoice, negative: bool) -> Mask | None:
    return opposite(choice.mask) if negative else choice.mask


def _optional(statement: InitStatement, test: Code, negative: bool) -> InitStatement:
    identity = Apply(Atom("nn.Identity"))
    if isinstance(test, Not):
        test, negative = test.value, not negative
    value = Ternary(identity, test, statement.value) if negative else Ternary(statement.value, test, identity)
    return replace(statement, value=value, when=None)
