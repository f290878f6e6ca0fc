"""Turns the labels of a body into a tree of modules and containers, and finds the chains among them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from archdsl.emit.pytorch.code import Atom, Code
from archdsl.emit.pytorch.designs import OPTION_BODIES
from archdsl.emit.pytorch.submodule_names import is_key
from archdsl.emit.pytorch.template import CHOICE, InstanceMask, Template, TensorChoice, opposite
from archdsl.ir.graph import Ref

_SELF = Atom("self")


@dataclass
class Tree:
    """One component of the labels: a module, a container, or (hostile labels) both."""

    key: str
    parent: Tree | None = field(repr=False)
    children: dict[str, Tree] = field(default_factory=dict)
    sites: list[int] = field(default_factory=list)
    chain: tuple[Ref, Ref] | None = None  # operand and result when it is one step of a chain
    members: list[int] = field(default_factory=list)
    access: Code = _SELF

    @property
    def is_sequence(self) -> bool:
        """Keys are 0, 1, 2, … in order."""
        return list(self.children) == [str(i) for i in range(len(self.children))]


def count_uses(template: Template) -> Counter[Ref]:
    """How many operands, choices and outputs read each tensor."""
    uses: Counter[Ref] = Counter(template.outputs)
    for site in template.sites:
        uses.update(site.operands)
    for choice in template.choices:
        uses.update((choice.then, choice.otherwise))
    return uses


def label_trees(template: Template) -> list[Tree]:
    """The label tree, parents before children, the root first; chains and members filled in."""
    root = Tree("", None)
    trees = [root]
    for number, label in enumerate(_labels(template)):
        if not label:
            continue
        tree = root
        for key in label:
            if key not in tree.children:
                tree.children[key] = Tree(key, tree)
                trees.append(tree.children[key])
            tree = tree.children[key]
        tree.sites.append(number)
    uses = count_uses(template)
    for tree in reversed(trees):
        tree.chain = _chain(tree, template, uses)
        tree.members = sorted([*tree.sites, *(m for c in tree.children.values() for m in c.members)])
    return trees


def _labels(template: Template) -> list[tuple[str, ...]]:
    """The module path of every site; a prefix that no key shows is left out (`scores.dropout` is `dropout`)."""
    if template.graphs[0].kind in OPTION_BODIES:
        return [site.label for site in template.sites]
    weighted = {site.label[0] for site in template.sites if site.label and site.weights}
    lasts = Counter(site.label[-1] for site in template.sites if site.label)
    firsts = {site.label[0] for site in template.sites if site.label}
    labels: list[tuple[str, ...]] = []
    for number, site in enumerate(template.sites):
        if site.form.buffer is not None and not site.form.persistent:
            labels.append(())
            continue
        label = site.label or ((f"{site.word}_{number}",) if site.owns else ())
        if len(label) > 1 and label[0] not in weighted:
            if not site.owns:
                label = ()
            elif label[-1] not in firsts and lasts[label[-1]] == 1:
                label = label[-1:]
        labels.append(label)
    return labels


def _chain(tree: Tree, template: Template, uses: Counter[Ref]) -> tuple[Ref, Ref] | None:
    """Operand and result if the tree is a link of a chain: one module called once, or an nn.Sequential of links."""
    if tree.sites:
        site = template.sites[tree.sites[0]]
        single = len(tree.sites) == 1 and len(site.operands) == 1 and site.outputs == 1 and not tree.children
        if not single or site.slot is not None or site.form.module is None or site.form.before is not None or site.each:
            return None
        return site.operands[0], Ref(tree.sites[0])
    links = []
    for child in tree.children.values():
        if child.chain is None or not (is_key(child.key)):
            return None
        links.append(child.chain)
    if not links:
        return None
    last = child
    current = links[0][0]
    for (operand, result), child in zip(links, tree.children.values(), strict=True):
        if operand != current:
            return None
        current = result
        if tree.key in template.counted and (when := optional_member(child, template)) is not None:
            number = next((i for i, c in enumerate(template.choices) if _skips(c, when, result, operand)), None)
            if number is None or uses[result] != 1:
                return None
            current = Ref(CHOICE - number)
        if child is not last and uses[current] != 1:
            return None
    return links[0][0], current


def optional_member(tree: Tree, template: Template) -> InstanceMask | None:
    """The option that a member of a container depends on."""
    while tree.children:
        tree = next(iter(tree.children.values()))
    return template.sites[tree.sites[0]].option


def _skips(choice: TensorChoice, when: InstanceMask, made: Ref, kept: Ref) -> bool:
    """Whether the choice is `made` where the option is there, `kept` elsewhere."""
    sides = {choice.mask: choice.then, opposite(choice.mask): choice.otherwise}
    return sides.get(when) == made and sides[opposite(when)] == kept
