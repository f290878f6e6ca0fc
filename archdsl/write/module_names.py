"""Finds which modules need an `as`: those that the language would name otherwise than the graph does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from archdsl.elaborate.labels import Labels, names

_COUNT = re.compile(r"_[0-9]+$")


@dataclass(slots=True)
class AppliedModule:
    """A module as a statement applies it: the node, the word that applies it, and what it must be called."""

    node: int
    word: str
    label: str
    shared: str = ""  # the name of the shared stage that it is
    fixed: bool = False  # needs its `as`


@dataclass(slots=True)
class Scope:
    """The modules of one statement in order; `target` is the name that the assignment gives them, "" for none.

    `containers` says which of them (first, one past the last) stand in `( … ) as label`.
    """

    modules: list[AppliedModule] = field(default_factory=list)
    target: str = ""
    containers: list[tuple[int, int, str]] = field(default_factory=list)


def settle(scopes: Sequence[Scope]) -> None:
    """Set `fixed` for few modules: first for those whose words are wrong, since that may right the others' numbers."""
    while True:
        wrong = [(module, given) for module, given in _named(scopes) if not module.fixed and given != module.label]
        if not wrong:
            return
        far = [pair for pair in wrong if _COUNT.sub("", pair[1]) != _COUNT.sub("", pair[0].label)]
        for module, _ in far or wrong:
            module.fixed = True


def _named(scopes: Sequence[Scope]) -> Iterator[tuple[AppliedModule, str]]:
    """Every module with the name that the elaborator gives it."""
    labels = Labels()
    found: list[tuple[AppliedModule, int]] = []
    seen: set[str] = set()
    for scope in scopes:
        if scope.target:
            labels.open_word(scope.target)
        opens = {first: label for first, _, label in scope.containers}
        closes = {end for _, end, _ in scope.containers}
        for place, module in enumerate(scope.modules):
            if place in closes:
                labels.close()
            if place in opens:
                labels.open_as(opens[place])
            if module.shared in seen:
                continue
            if module.shared:
                seen.add(module.shared)
                labels.open_root(module.shared)
            word = module.label if module.fixed else module.shared or module.word
            found.append((module, labels.leaf(word, module.fixed)))
            if module.shared:
                labels.close()
        if len(scope.modules) in closes:
            labels.close()
        if scope.target:
            labels.close()
    given = names(labels.events)
    yield from ((module, given[leaf]) for module, leaf in found)
