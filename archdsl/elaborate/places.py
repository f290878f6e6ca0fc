"""Finds, once for each definition, what the places in its text are called: where a block is named, and each choice.

Both are numbered in order of the text from the second on (`mb`, `mb_2`), so that nothing that is known only at run
time, such as an earlier choice, moves a name.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from archdsl.elaborate.advice import BUILTIN_WORDS
from archdsl.elaborate.arguments import described_parameters, parameters_of
from archdsl.elaborate.definitions import Module, bases, own_names
from archdsl.ops import registry
from archdsl.syntax import tree
from archdsl.syntax.items import Item
from archdsl.syntax.parts import parts

if TYPE_CHECKING:
    from archdsl.elaborate.spec import Spec

CHOOSING = ("oneof", "someof")
OUT = "out"  # the role of a choice whose value no parameter takes and no name gets


class Mention(NamedTuple):
    """A name where it stands in the text: what it is, and what it is called there. `loop`: in a comprehension."""

    start: int
    id: str
    word: str
    loop: bool


class Places:
    """The places of one definition, by their offsets in its text."""

    def __init__(self, module: Module, item: Item) -> None:
        found, roles = _Reader(module, item.declaration).read()
        words = _numbered([name for _, name, _ in found])
        self.mentions = [
            Mention(start, name, word, loop) for (start, name, loop), word in zip(found, words, strict=True)
        ]
        self._starts = [mention.start for mention in self.mentions]
        self.roles = dict(zip([start for start, _ in roles], _numbered([role for _, role in roles]), strict=True))

    def first(self, start: int, end: int) -> Mention | None:
        """The first name that stands in a part of the text."""
        index = bisect_left(self._starts, start)
        return self.mentions[index] if index < len(self.mentions) and self._starts[index] < end else None


def places_of(spec: Spec, module: Module, item: Item) -> Places:
    """The places of a definition, found when they are first asked for."""
    found = spec.places.get(id(item))
    return found or spec.places.setdefault(id(item), Places(module, item))


def _numbered(words: Sequence[str]) -> list[str]:
    """Each word, from its second time on with a number that makes it unlike all others."""
    taken, counts, numbered = set(words), dict.fromkeys(words, 0), []
    for word in words:
        counts[word] += 1
        made = word
        while counts[word] > 1 and (made := f"{word}_{counts[word]}") in taken:
            counts[word] += 1
        taken.add(made)
        numbered.append(made)
    return numbered


class _Reader:
    """Walks through a definition: `names` are its names with their offsets, `choices` its choices with their roles."""

    def __init__(self, module: Module, declaration: tree.Declaration) -> None:
        self.module, self.declaration = module, declaration
        self.own = own_names(declaration)
        self.names: list[tuple[int, str, bool]] = []
        self.choices: list[tuple[int, str]] = []

    def read(self) -> tuple[list[tuple[int, str, bool]], list[tuple[int, str]]]:
        pending = [(node, role, False) for node, role in _begun(self.declaration)]
        while pending:
            node, role, loop = pending.pop()
            if isinstance(node, tree.Name) and (node.id in self.own or node.id in self.module.names):
                self.names.append((node.start, node.id, loop))
            if isinstance(node, tree.Attribute) and self._file(node) is not None:
                self.names.append((node.start, node.name, loop))
                continue
            if isinstance(node, tree.Call) and isinstance(node.callee, tree.Name) and node.callee.id in CHOOSING:
                self.choices.append((node.start, role))
            inside = loop or isinstance(node, tree.Comprehension)
            pending += [(part, own, inside) for part, own in self._parts(node, role)]
        return sorted(self.names), sorted(self.choices)

    def _parts(self, node: Any, role: str) -> Iterator[tuple[Any, str]]:
        """What a node evaluates, each part with the role of a choice that would stand there."""
        if isinstance(node, tree.Assign):
            yield from _assigned(node.targets, node.value)
        elif isinstance(node, tree.Call):
            yield node.callee, role
            names = self._parameters(node.callee)
            for position, argument in enumerate(node.arguments):
                known = names[position] if position < len(names) else role
                yield argument.value, argument.name or known
        else:
            targets = node.targets if isinstance(node, (tree.For, tree.Clause)) else []
            yield from ((part, role) for part in parts(node) if part not in targets)

    def _file(self, node: tree.Attribute) -> Module | None:
        """The imported file that `file.name` takes something from; None where it does not stand for that."""
        if not isinstance(node.value, tree.Name) or node.value.id in self.own:
            return None
        found = self.module.imports.get(id(self.module.names.get(node.value.id)))
        return found if isinstance(found, Module) else None

    def _parameters(self, callee: tree.Expr) -> Sequence[str]:
        """The parameters of what is called by that name; none where the text does not tell."""
        if isinstance(callee, tree.Attribute) and (found := self._file(callee)) is not None:
            return _signature(found, callee.name)
        if not isinstance(callee, tree.Name) or callee.id in self.own:
            return ()
        if callee.id in self.module.names:
            return _signature(self.module, callee.id)
        op = None if callee.id in BUILTIN_WORDS else registry.load(callee.id)
        return () if op is None else tuple(parameters_of(op))


def _begun(declaration: tree.Declaration) -> list[tuple[Any, str]]:
    """What a declaration is made of, each part with the role of a choice that stands there."""
    if isinstance(declaration, tree.Constant):
        return [(declaration.value, declaration.name)]
    if isinstance(declaration, tree.Variant):
        return [(declaration.base, OUT)]
    if not isinstance(declaration, tree.Definition):
        return []
    sizes = [(axis, tensor.name) for tensor in declaration.inputs for axis in tensor.shape or ()]
    defaults = [(param.default, param.name) for param in declaration.params if param.default is not None]
    return [*sizes, *defaults, *[(statement, OUT) for statement in declaration.body]]


def _assigned(targets: Sequence[tree.Expr], value: tree.Expr) -> Iterator[tuple[tree.Expr, str]]:
    if not isinstance(value, tree.ListExpr) or not len(targets) == len(value.items) > 1:
        yield value, "_".join(name.id for name in tree.names_in(targets))
        return
    for target, item in zip(targets, value.items, strict=True):  # `left, right = oneof(xs), oneof(xs)`
        yield from _assigned(target.items if isinstance(target, tree.ListExpr) else [target], item)


def _signature(module: Module, name: str) -> Sequence[str]:
    """What a call of a name at the top of a file takes by position, by way of variants and imports."""
    found = [item.declaration for _, item in bases(module, name)]
    if not found or not isinstance(found[-1], tree.Definition):
        return ()
    free = described_parameters(found[-1])
    for variant in reversed(found[:-1]):  # each sets some of what its base leaves
        call = variant.base if isinstance(variant, tree.Variant) else None
        arguments = call.arguments if isinstance(call, tree.Call) else ()
        set_here = {one.name or "".join(free[at : at + 1]) for at, one in enumerate(arguments)}
        free = [name for name in free if name not in set_here]
    return free
