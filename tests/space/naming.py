"""Names of decisions, as far as the text alone gives them: the role of each `oneof`, the word of each call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tests.space.arithmetic_of_ops import SIGNATURES
from tests.space.program import Assign, Call, Definition, Name, Node, OneOf, Parameter, parts


class Places:
    """What each place of one definition is called, by the identity of its node."""

    def __init__(self, definition: Definition, signatures: Mapping[str, Iterable[str]]) -> None:
        self.roles: dict[int, str] = {}
        self.words: dict[int, str] = {}
        self._signatures = {name: tuple(names) for name, names in signatures.items()}
        self._seen: dict[tuple[str, str], int] = {}
        self._walk(definition, definition.name if definition.kind == "constant" else "out")

    def _numbered(self, kind: str, word: str) -> str:
        count = self._seen[kind, word] = self._seen.get((kind, word), 0) + 1
        return word if count == 1 else f"{word}_{count}"

    def _walk(self, node: Any, role: str) -> None:
        match node:
            case tuple():
                for item in node:
                    self._walk(item, role)
            case OneOf(options):
                self.roles[id(node)] = self._numbered("role", role)
                self._walk(options, role)
            case Name(word):
                self.words[id(node)] = self._numbered("word", word)
            case Assign(targets, value, _):
                self._walk(value, "_".join(targets))
            case Parameter(name, default):
                self._walk(default, name)
            case Call(callee, given):
                self._walk(callee, role)
                names = self._names(callee)
                for position, argument in enumerate(given):
                    known = names[position] if position < len(names) else role
                    self._walk(argument.value, argument.name or known)
            case Node():
                for part in parts(node):
                    self._walk(part, role)

    def _names(self, callee: Node) -> tuple[str, ...]:
        word = callee.id if isinstance(callee, Name) else ""
        return self._signatures.get(word) or SIGNATURES.get(word, ())


def joined(path: Iterable[str]) -> str:
    """The path as text; repetitions stand in brackets and take no dot."""
    text = ""
    for piece in path:
        text += piece if piece.startswith("[") or not text else f".{piece}"
    return text
