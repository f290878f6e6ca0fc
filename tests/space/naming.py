"""Names of decisions, by docs/language/06-cells-and-choices.md: the role of each `oneof`, and the word of each call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.space.arithmetic_of_ops import SIGNATURES
from tests.space.program import (
    Arrow,
    Assign,
    Binary,
    Call,
    Comprehension,
    Conditional,
    Definition,
    For,
    If,
    Input,
    Labelled,
    Listing,
    Name,
    Node,
    OneOf,
    Parameter,
    Program,
    parts,
    walk,
)


def numbered(words: Iterable[str]) -> list[str]:
    """The words, each that comes again with the next number that makes it unlike all."""
    given = list(words)
    taken = set(given)
    seen: set[str] = set()
    found = []
    for word in given:
        number, made = 2, word
        while made in seen or (word in seen and made in taken):
            made = f"{word}_{number}"
            number += 1
        seen.add(made)
        found.append(made)
    return found


class Places:
    """What each place of one definition is called, by the identity of its node."""

    def __init__(self, definition: Definition, signatures: Mapping[str, tuple[str, ...]]) -> None:
        self._signatures = signatures
        self._own = own_names(definition)
        roles: list[tuple[int, str]] = []
        self._walk(definition, definition.name if definition.kind == "constant" else "out", roles)
        names = numbered(role for _, role in roles)
        self.roles = {node: name for (node, _), name in zip(roles, names, strict=True)}

    def _walk(self, node: Any, role: str, roles: list[tuple[int, str]]) -> None:
        match node:
            case tuple():
                for item in node:
                    self._walk(item, role, roles)
            case OneOf():
                roles.append((id(node), role))
                self._walk(tuple(parts(node)), role, roles)
            case Assign(targets, Listing(items), _) if len(targets) == len(items) > 1:
                for target, item in zip(targets, items, strict=True):
                    self._walk(item, target, roles)
            case Assign(targets, value, _):
                self._walk(value, "_".join(targets), roles)
            case Parameter(name, part) | Input(name, part):
                self._walk(part, name, roles)
            case Call(callee, given):
                self._walk(callee, role, roles)
                names = self._parameters(callee)
                for position, argument in enumerate(given):
                    known = names[position] if position < len(names) else role
                    self._walk(argument.value, argument.name or known, roles)
            case Node():
                self._walk(tuple(parts(node)), role, roles)

    def _parameters(self, callee: Node) -> tuple[str, ...]:
        if not isinstance(callee, Name) or callee.id in self._own:
            return ()
        return self._signatures.get(callee.id) or SIGNATURES.get(callee.id, ())


def own_names(definition: Definition) -> set[str]:
    """Inputs, parameters, and all that the body sets."""
    found = {each.name for each in definition.inputs} | {each.name for each in definition.parameters}
    for node in walk(definition.body):
        found.update(node.targets if isinstance(node, Assign | For) else ())
    return found


class Mentions:
    """The names in a program that mean something of its own, as a call is named by them."""

    def __init__(self, program: Program) -> None:
        top = {made.name for made in program.definitions}
        self.words: dict[int, str] = {}
        self.loops: set[int] = set()  # those in comprehensions
        for made in program.definitions:
            known = top | own_names(made)
            names = [name for name in names_of(made) if name.id in known]
            words = numbered(name.id for name in names)
            self.words |= {id(name): word for name, word in zip(names, words, strict=True)}
            for node in walk(made):
                if isinstance(node, Comprehension):
                    self.loops.update(id(inner) for inner in walk(node))

    def first(self, node: Node) -> Name | None:
        """The first of them in a part of the text."""
        return next((name for name in names_of(node) if id(name) in self.words), None)


@dataclass(frozen=True)
class Turn:
    """A repetition, a list of stages, or the parts of a stage, and which step or part it is at."""

    kind: str
    index: int
    before: tuple[frozenset[int], ...] = ()  # where the stages in the parts before this one were written


@dataclass(frozen=True)
class Way:
    """Where a stage is applied, and the turns that lead to it there: from the name of what is `shared`, where it is in
    such a stage.
    """

    at: Node
    turns: tuple[Turn, ...] = ()
    shared: str = ""

    def within(self, *turn: Any) -> Way:
        return Way(self.at, (*self.turns, Turn(*turn)), self.shared)


def segment(mentions: Mentions, way: Way, written: Node | None, name: str) -> str:
    """How a call of `name` is called: by what stands where it is applied, and where the stage was written."""
    inside = written is not None and not way.shared and any(node is written for node in walk(way.at))
    places = [written] if inside or way.shared else [way.at, *([] if written is None else [written])]
    found = [mention for place in places if place is not None and (mention := mentions.first(place)) is not None]
    words = [way.shared] * bool(way.shared) + [mentions.words[id(mention)] for mention in found]
    if not found or found[-1].id != name:
        words.append(name)
    return ".".join(words) + "".join(_counts(mentions, way, written, inside))


def _counts(mentions: Mentions, way: Way, written: Node | None, inside: bool) -> Iterator[str]:
    for turn in way.turns:
        if turn.kind == "parts":
            before = sum(id(written) in places for places in turn.before)
            if before:
                yield f"[{before}]"
        elif turn.kind == "list" and inside and written is not None:
            mention = mentions.first(written)
            if mention is None or id(mention) in mentions.loops:
                yield f"[{turn.index}]"
        else:
            yield f"[{turn.index}]"


def joined(path: Iterable[str]) -> str:
    return ".".join(path)


# --- instances of cells ------------------------------------------------------------------------------------------


def steering(definition: Definition) -> set[str]:
    """The names that decide what a body consists of: in conditions, loops and repetitions, or applied as stages."""
    found: set[str] = set()
    for node in walk(definition.body):
        match node:
            case Conditional(_, condition, _) | If(condition, _, _):
                found |= names_in(condition)
            case For(_, iterable, _):
                found |= names_in(iterable)
            case Comprehension(_, _, iterable, condition):
                found |= names_in(iterable) | (names_in(condition) if condition is not None else set())
            case Arrow(source, target):
                found |= _stages(target) | (set() if isinstance(source, Arrow) else _stages(source))
                found |= names_in(target.right) if isinstance(target, Binary) and target.operator == "*" else set()
    before = -1
    while len(found) > before:
        before = len(found)
        for node in walk(definition.body):
            if isinstance(node, Assign) and not any(isinstance(part, Arrow) for part in walk(node.value)):
                found |= names_in(node.value) if found & set(node.targets) else set()
    return found


def names_of(node: Node) -> list[Name]:
    return [each for each in walk(node) if isinstance(each, Name)]


def names_in(node: Node) -> set[str]:
    return {name.id for name in names_of(node)}


def _stages(node: Node) -> set[str]:
    match node:
        case Name(name):
            return {name}
        case Conditional(then, _, otherwise):
            return _stages(then) | _stages(otherwise)
        case Labelled(stage, _):
            return _stages(stage)
        case Binary(left, "*", _):
            return _stages(left)
        case Binary(left, "+" | "-", right):
            return _stages(left) | _stages(right)
    return set()
