"""Turns a network into the list of its blocks: how often each is used, how it varies, which instance to draw."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from archdsl.emit.figure.measure import shorten
from archdsl.emit.figure.pieces import Opened, is_side, opened
from archdsl.emit.figure.words import value_text
from archdsl.ir.graph import Graph, SiteKey, bodies

Key = tuple[Any, ...]
_VALUES = 5  # distinct values listed before a range is shown
_ARGUMENTS = 6  # arguments listed in a remark


@dataclass(slots=True)
class Usage:
    """One definition and its instances: distinct bodies, each with the number of places that it stands in."""

    name: str
    instances: list[tuple[Opened, int]] = field(default_factory=list)

    @property
    def uses(self) -> int:
        """How many times the block stands in the network, all calls expanded."""
        return sum(count for _, count in self.instances)

    @property
    def drawn(self) -> Opened:
        """The instance to draw: the one with the most parts, of these the most used, of these the first."""
        return max(self.instances, key=lambda pair: (len(pair[0].graph.nodes), pair[1]))[0]

    def values(self, argument: str) -> list[Any]:
        """Distinct values of an argument, in order of use."""
        return list(dict.fromkeys(dict(body.graph.arguments).get(argument) for body, _ in self.instances))

    @property
    def varying(self) -> list[str]:
        """Names of the arguments in which instances differ."""
        seen = dict.fromkeys(name for body, _ in self.instances for name, _ in body.graph.arguments)
        return [name for name in seen if len(self.values(name)) > 1]

    @property
    def optional(self) -> frozenset[SiteKey]:
        """Places of the drawn instance where some other instance has nothing."""
        everywhere = {piece.origin for piece in self.drawn.pieces}
        for body, _ in self.instances:
            everywhere &= {piece.origin for piece in body.pieces}
        return frozenset(piece.origin for piece in self.drawn.pieces) - everywhere

    @property
    def alternatives(self) -> dict[SiteKey, str]:
        """What other instances have where the drawn one has something else, by place."""
        drawn = _contents(self.drawn)
        found: dict[SiteKey, dict[str, None]] = {}
        for body, _ in self.instances:
            for origin, here in _contents(body).items():
                there = drawn.get(origin, here)
                (name, operands), (drawn_name, drawn_operands) = _gist(here), _gist(there)
                simple = max(map(_layers, (there, here))) < 2 and operands == drawn_operands
                if simple and name != drawn_name:
                    found.setdefault(origin, {})[shorten(name, 24)] = None
        return {origin: " or ".join(list(names)[:2]) for origin, names in found.items()}

    def remarks(self) -> tuple[str, ...]:
        """The values of the arguments that vary, and those of the drawn instance."""
        names = self.varying
        if not names:
            return ()
        more = ["…"] if len(names) > _ARGUMENTS else []
        values = [f"{shorten(name, 24)} {_listed(self.values(name))}" for name in names[:_ARGUMENTS]]
        arguments = dict(self.drawn.graph.arguments)
        drawn = [f"{shorten(name, 24)} {value_text(arguments.get(name))}" for name in names[:_ARGUMENTS]]
        return (*_wrapped(values + more, ""), *_wrapped(drawn + more, "drawn: "))


def key_of(graph: Graph) -> Key:
    """What bodies of one block have in common."""
    return (*graph.definition, graph.name, graph.kind)


def blocks(root: Graph) -> dict[Key, Usage]:
    """The blocks that are called, in order of their first call, outer ones first."""
    counts: dict[int, int] = {id(root): 1}
    for graph in reversed(list(bodies(root))):  # callers before callees
        for piece in opened(graph).pieces:
            if isinstance(piece.target, Graph) and counts.get(id(graph)):
                counts[id(piece.target)] = counts.get(id(piece.target), 0) + counts[id(graph)]
    found: dict[Key, Usage] = {}
    queue, seen = [root], {id(root)}
    for graph in queue:
        for piece in opened(graph).pieces:
            if isinstance(piece.target, Graph) and id(piece.target) not in seen:
                seen.add(id(piece.target))
                queue.append(piece.target)
                usage = found.setdefault(key_of(piece.target), Usage(piece.target.name))
                usage.instances.append((opened(piece.target), counts[id(piece.target)]))
    return found


# The ops and blocks at one place: name, number of operands, and whether it is drawn as a word in another's box.
_Contents = tuple[tuple[str, int, bool], ...]


def _contents(body: Opened) -> dict[SiteKey, _Contents]:
    found: dict[SiteKey, _Contents] = {}
    for piece in body.pieces:
        found[piece.origin] = (*found.get(piece.origin, ()), (piece.target.name, len(piece.operands), is_side(piece)))
    return found


def _layers(contents: _Contents) -> int:
    return sum(not side for *_, side in contents)


def _gist(contents: _Contents) -> tuple[str, int]:
    """Name and number of operands of the first layer or block, or of the first op where there is none."""
    name, operands, _ = next((part for part in contents if not part[2]), contents[0])
    return name, operands


def _listed(values: list[Any]) -> str:
    """`64 | 128 | 256`, or `64 … 512` when there are many."""
    if len(values) <= _VALUES:
        return " | ".join(map(value_text, values))
    if all(isinstance(v, int | float) for v in values):
        return f"{value_text(min(values))} … {value_text(max(values))}"
    return f"{value_text(values[0])} | … ({len(values)} values)"


def _wrapped(parts: list[str], head: str, limit: int = 58) -> list[str]:
    """Parts set after each other on lines of at most about `limit` characters."""
    lines, current = [], head
    for i, part in enumerate(parts):
        piece = part + (" · " if i < len(parts) - 1 else "")
        if len(current) + len(piece) > limit and current != head:
            lines.append(current.rstrip(" ·"))
            current = ""
        current += piece
    return [*lines, current]
