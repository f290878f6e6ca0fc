"""Turns the labels of a body into the statements of `__init__` and the expressions that reach each module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from archdsl.emit.pytorch import code
from archdsl.emit.pytorch.code import (
    Apply,
    Atom,
    Attribute,
    Code,
    DictDisplay,
    Index,
    Not,
    SequenceDisplay,
    Starred,
    Ternary,
)
from archdsl.emit.pytorch.designs import OPTION_BODIES
from archdsl.emit.pytorch.folding import fold, fold_items, fold_pairs
from archdsl.emit.pytorch.label_tree import Tree, label_trees, optional_member
from archdsl.emit.pytorch.submodule_names import is_attribute, is_key
from archdsl.emit.pytorch.template import InstanceMask, Mask, Site, Template
from archdsl.emit.pytorch.unify import render
from archdsl.ir.graph import INPUT, Ref
from archdsl.ops.torch_form import holds

MaskTest = Callable[[Mask], Code]


@dataclass(frozen=True, slots=True)
class InitStatement:
    """`target = value` in `__init__`; `when` names the option that it needs, `first` the first site that uses it.

    Without a target `value` is the whole statement.
    """

    target: Code | None
    value: Code
    when: InstanceMask | None
    first: int


@dataclass(frozen=True, slots=True)
class CalledModule:
    """A module called once with one operand: a layer, a block, or a whole nn.Sequential."""

    access: Code
    sites: tuple[int, ...]
    operand: Ref
    result: Ref
    sequential: bool
    when: Mask | None


@dataclass
class Modules:
    """What `__init__` builds and how `forward` reaches it. `access` is by site; `units` by first site."""

    statements: list[InitStatement] = field(default_factory=list)
    access: dict[int, Code] = field(default_factory=dict)
    units: dict[int, CalledModule] = field(default_factory=dict)
    lists: list[Tree] = field(default_factory=list)  # candidates for a loop
    names: set[str] = field(default_factory=set)
    sequential: list[Code] | None = None  # the whole body, if the class is an nn.Sequential itself
    options: Code | None = None  # the modules of a body of options, by keys


def arrange(template: Template, condition: MaskTest) -> Modules:
    """Decide containers and write constructors; the leaves of `template` must be solved."""
    trees = label_trees(template)
    root = trees[0]
    if template.graphs[0].kind in OPTION_BODIES:
        made = [construct(child, template, condition) for child in root.children.values()]
        return Modules(options=fold_items(list(zip(_keys(root, template), made, strict=True))))
    modules = Modules(sequential=_whole_chain(root, template, condition))
    root.chain = None
    for tree in trees:
        if tree.chain is None:
            _drop_functions(tree, template)
    modules.names = {key for key in root.children if is_attribute(key)}
    for tree in sorted(root.children.values(), key=lambda t: t.members[0]):
        modules.statements += _build(tree, template, modules, condition)
    return modules


def _keys(root: Tree, template: Template) -> list[Code]:
    """The keys of a body of options: their texts, or the channels that they take."""
    if not template.keys:
        return [Atom(code.quote(key)) for key in root.children]
    numbers = [tuple([render(number) for number in key]) for key in template.keys]
    return [key[0] if len(key) == 1 else SequenceDisplay(key, "()") for key in numbers]


def _whole_chain(root: Tree, template: Template, condition: MaskTest) -> list[Code] | None:
    """The layers of a body that is one chain with numbered keys (`as "0"`): its class is an nn.Sequential."""
    complete = len(root.members) == len(template.sites) and not template.choices
    if root.chain != (Ref(INPUT, 0), *template.outputs) or not complete:
        return None
    if all(is_attribute(key) for key in root.children):
        return None
    for position, (key, child) in enumerate(root.children.items()):
        if key != str(position) and any(template.sites[m].weights for m in child.members):
            return None
    if any(site.when is not None for site in template.sites) or len(template.graphs[0].inputs) > 1:
        return None
    return _folded([construct(child, template, condition) for child in root.children.values()])


def _drop_functions(tree: Tree, template: Template) -> None:
    """Outside an nn.Sequential a stateless layer is a function call in `forward`, so it needs no module."""
    for key, child in list(tree.children.items()):
        function = child.sites and not child.children and not any(template.sites[s].owns for s in child.sites)
        if function and all(template.sites[s].form.function is not None for s in child.sites):
            del tree.children[key]
    while tree.parent is not None and not tree.children and not tree.sites:
        parent = tree.parent
        parent.children.pop(tree.key, None)
        tree = parent


def _build(tree: Tree, template: Template, modules: Modules, condition: MaskTest) -> Iterator[InitStatement]:
    """The statements that make a top-level module, several when options or hostile names ask for it."""
    parent = tree.parent
    assert parent is not None
    plain = is_attribute(tree.key)
    tree.access = (
        Attribute(parent.access, tree.key)
        if plain
        else Index(Attribute(parent.access, _registry(tree, template)), code.quote(tree.key))
    )
    when = None if tree.key in template.counted else template.sites[tree.members[0]].option
    if _in_one_expression(tree, template):
        _reach(tree, template, modules)
        held = _held(tree, tree.sites[0], template) if tree.sites else None
        yield held or InitStatement(tree.access, construct(tree, template, condition), when, tree.members[0])
        return
    for number in tree.sites:
        modules.access[number] = tree.access
        if _builds(tree, number, template):
            site = template.sites[number]
            yield _held(tree, number, template) or InitStatement(tree.access, _module(site), site.option, number)
    if not tree.sites:
        yield InitStatement(tree.access, Apply(Atom("nn.Module")), when, tree.members[0])
    for child in tree.children.values():
        yield from _build(child, template, modules, condition)


def _builds(tree: Tree, number: int, template: Template) -> bool:
    """A module shared by several sites is built at the first of them."""
    slot = template.sites[number].slot
    return slot is None or number == min(s for s in tree.sites if template.sites[s].slot == slot)


def _held(tree: Tree, number: int, template: Template) -> InitStatement | None:
    """The statement for a buffer under a name of the spec; None for a module or a parameter."""
    site = template.sites[number]
    if site.form.buffer is None or tree.parent is None:
        return None
    return registered(tree.parent.access, tree.key, render(site.form.buffer), site, number)


def registered(holder: Code, key: str, value: Code, site: Site, number: int) -> InitStatement:
    """`self.register_buffer("mask", torch.tensor(…))`."""
    made = (("", Atom(code.quote(key))), ("", value))
    persistent = () if site.form.persistent else (("persistent", Atom("False")),)
    call = Apply(Attribute(holder, "register_buffer"), (*made, *persistent))
    return InitStatement(None, call, site.option, number)


def _registry(tree: Tree, template: Template) -> str:
    forms = [template.sites[s].form for s in tree.sites]
    if any(form.buffer is not None for form in forms):
        return "_buffers"
    return "_parameters" if any(form.parameter is not None for form in forms) else "_modules"


def _in_one_expression(tree: Tree, template: Template) -> bool:
    """Whether one constructor expression can build the whole tree."""
    stack = [tree]
    while stack:
        part = stack.pop()
        if part.sites:
            if part.children or sum(_builds(part, s, template) for s in part.sites) > 1:
                return False
            if part is not tree and holds(template.sites[part.sites[0]].form):
                return False
        if not all(is_key(key) for key in part.children):
            return False
        stack.extend(part.children.values())
    return True


def _module(site: Site) -> Code:
    if site.form.parameter is not None:
        return Apply(Atom("nn.Parameter"), (("", render(site.form.function)),))
    return render(site.form.module)


def _reach(tree: Tree, template: Template, modules: Modules) -> None:
    """Fill in access paths and units below (and at) `tree`."""
    stack = [tree]
    while stack:
        part = stack.pop()
        if part is not tree:
            assert part.parent is not None
            index = part.key if part.parent.is_sequence else code.quote(part.key)
            part.access = Index(part.parent.access, index)
        if part.chain is not None:
            operand, result = part.chain
            when = None if part.key in template.counted else template.sites[part.members[0]].when
            unit = CalledModule(part.access, tuple(part.members), operand, result, sequential=not part.sites, when=when)
            modules.units[part.members[0]] = unit
            continue
        for number in part.sites:
            modules.access[number] = part.access
        if part.children and part.is_sequence:
            modules.lists.append(part)
        stack.extend(reversed(part.children.values()))


def construct(tree: Tree, template: Template, condition: MaskTest) -> Code:
    """The constructor expression of a tree, containers included."""
    if tree.sites:
        return _module(template.sites[tree.sites[0]])
    keys = list(tree.children)
    items = [construct(child, template, condition) for child in tree.children.values()]
    if tree.chain is not None and tree.key in template.counted:
        whens = [optional_member(child, template) for child in tree.children.values()]
        parts = [item if when is None else _if(item, condition(when)) for item, when in zip(items, whens, strict=True)]
        return _sequential(keys, parts, numbered=True)
    if tree.chain is not None:
        return _sequential(keys, items, tree.is_sequence)
    if not tree.is_sequence:
        return Apply(
            Atom("nn.ModuleDict"),
            (("", DictDisplay(tuple((Atom(code.quote(k)), i) for k, i in zip(keys, items, strict=True)))),),
        )
    folded = _folded(items)
    only = folded[0]
    argument = only.value if len(folded) == 1 and isinstance(only, Starred) else SequenceDisplay(tuple(folded))
    return Apply(Atom("nn.ModuleList"), (("", argument),))


def _if(item: Code, test: Code) -> Code:
    """`*([item] if test else [])`: a member of an nn.Sequential that may be missing."""
    made, missing = SequenceDisplay((item,)), SequenceDisplay(())
    if isinstance(test, Not):
        return Starred(Ternary(missing, test.value, made))
    return Starred(Ternary(made, test, missing))


def _folded(items: list[Code]) -> list[Code]:
    """Runs folded, unless a pair or so is shorter written out."""
    short = sum(len(code.flat(item)) + 2 for item in items) < 50 and len(items) < 4
    return items if short else fold(items)


def _sequential(keys: list[str], items: list[Code], numbered: bool) -> Code:
    """`nn.Sequential(a, b)`, or with an OrderedDict where the keys are no plain numbers."""
    head = Atom("nn.Sequential")
    if numbered:
        return Apply(head, tuple(("", item) for item in _folded(items)))
    argument: tuple[tuple[str, Code], ...]
    if pairs := fold_pairs(keys, items):
        argument = (("", pairs),)
    elif all(is_attribute(key) for key in keys):
        argument = tuple(zip(keys, items, strict=True))
    else:
        pairs_list = tuple(SequenceDisplay((Atom(code.quote(k)), i), "()") for k, i in zip(keys, items, strict=True))
        argument = (("", SequenceDisplay(pairs_list)),)
    return Apply(head, (("", Apply(Atom("OrderedDict"), argument)),))
