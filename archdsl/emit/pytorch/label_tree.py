"""Turns the labels of a body into a tree of modules and containers, and finds the chains among them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from archdsl.emit.pytorch.code import Atom, Code
from archdsl.emit.pytorch.submodule_names import is_key
from archdsl.emit.pytorch.template import CHOICE, Choice, Pattern, Template
from archdsl.ir.graph import Ref

_SELF = Atom("self")


@dataclass
class Tree:
    """One component of the labels: a module, a container, or (hostile labels) both."""

    key: str
    parent: Tree | None = field(repr=False)
    children: dict[str, Tree] = field(default_factory=dict)
    steps: list[int] = field(default_factory=list)
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
    for step in template.steps:
        uses.update(step.operands)
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
        tree.steps.append(number)
    uses = count_uses(template)
    for tree in reversed(trees):
        tree.chain = _chain(tree, template, uses)
        tree.members = sorted([*tree.steps, *(m for c in tree.children.values() for m in c.members)])
    return trees


def _labels(template: Template) -> list[tuple[str, ...]]:
    """The module path of every step; a prefix that no key shows is left out (`scores.dropout` is `dropout`)."""
    weighted = {step.label[0] for step in template.steps if step.label and step.weights}
    lasts = Counter(step.label[-1] for step in template.steps if step.label)
    firsts = {step.label[0] for step in template.steps if step.label}
    labels = []
    for number, step in enumerate(template.steps):
        label = step.label or ((f"{step.word}_{number}",) if step.owns else ())
        if len(label) > 1 and label[0] not in weighted:
            if not step.owns:
                label = ()
            elif label[-1] not in firsts and lasts[label[-1]] == 1:
                label = label[-1:]
        labels.append(label)
    return labels


def _chain(tree: Tree, template: Template, uses: Counter[Ref]) -> tuple[Ref, Ref] | None:
    """Operand and result if the tree is a link of a chain: one module called once, or an nn.Sequential of links."""
    if tree.steps:
        step = template.steps[tree.steps[0]]
        single = len(tree.steps) == 1 and len(step.operands) == 1 and step.outputs == 1 and not tree.children
        if not single or step.slot is not None or step.form.module is None or step.form.before is not None:
            return None
        return step.operands[0], Ref(tree.steps[0])
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


def optional_member(tree: Tree, template: Template) -> Pattern | None:
    """The option that a member of a container depends on."""
    while tree.children:
        tree = next(iter(tree.children.values()))
    return template.steps[tree.steps[0]].when


def _skips(choice: Choice, when: Pattern, made: Ref, kept: Ref) -> bool:
    """Whether the choice is `made` where the option is there, `kept` elsewhere."""
    opposite = tuple(not p for p in choice.pattern)
    sides = {choice.pattern: choice.then, opposite: choice.otherwise}
    return sides.get(when) == made and sides[tuple(not p for p in when)] == kept
