"""Turns statements with conditions into an indented method body with `if`, `else` and early returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from archdsl.emit.pytorch.code import Atom, Code, Not, Ternary
from archdsl.emit.pytorch.layout import layout
from archdsl.emit.pytorch.template import Mask, opposite

_BODY = 8  # indentation of a statement


@dataclass(slots=True)
class CodeLine:
    """A statement: `prefix value`, and the body of a loop indented below; done only in the instances of `when`."""

    prefix: str
    value: Code
    when: Mask | None
    suffix: str = ""
    below: tuple[CodeLine, ...] = ()

    def written(self, indent: int) -> list[str]:
        """The statement at this indentation."""
        lines = layout(self.prefix, self.value, self.suffix, indent)
        return lines + [line for inner in self.below for line in inner.written(indent + 4)]


def write_lines(all_lines: Sequence[CodeLine], condition: Callable[[Mask], Code]) -> list[str]:
    """The body of a method: neighbours with one condition under one `if`, opposite ones under its `else`."""
    groups: list[tuple[Mask | None, list[CodeLine]]] = []
    for line in all_lines:
        if not groups or groups[-1][0] != line.when:
            groups.append((line.when, []))
        groups[-1][1].append(line)
    out: list[str] = []
    position = 0
    while position < len(groups):
        when, lines = groups[position]
        position += 1
        if when is None:
            out += [text for line in lines for text in line.written(_BODY)]
            continue
        other: list[CodeLine] = []
        if position < len(groups) and groups[position][0] is not None and groups[position][0] == opposite(when):
            other = groups[position][1]
            position += 1
        same = _same(lines, other)
        out += [text for line in lines[:same] for text in line.written(_BODY)]
        lines, other = lines[same:], other[same:]
        if not lines and not other:
            continue
        if not lines:
            when, lines, other = opposite(when), other, []
            assert when is not None
        test = condition(when)
        if other and isinstance(test, Not):
            test, lines, other = test.value, other, lines
        rest = [line for _, group in groups[position:] for line in group]
        early = _returns_early(test, lines, other, rest)
        out += layout("if ", test, ":", _BODY)
        out += [text for line in lines for text in line.written(_BODY + 4)]
        if early:
            position = len(groups)
        elif other:
            out.append(" " * _BODY + "else:")
        out += [text for line in other for text in line.written(_BODY if early else _BODY + 4)]
    return out


def _same(lines: list[CodeLine], other: list[CodeLine]) -> int:
    """How many statements both branches begin with."""
    alike = [a.written(0) == b.written(0) for a, b in zip(lines, other, strict=False)]
    return [*alike, False].index(False)


def _returns_early(test: Code, lines: list[CodeLine], other: list[CodeLine], rest: list[CodeLine]) -> bool:
    """`if c: y = a`, `else: y = b`, `return y` becomes `if c: return a`, `return b`, and so do `if c: y = a`,
    `return y if c else b`; changes the lines in place.
    """
    value = rest[0].value if len(rest) == 1 and rest[0].prefix == "return " else None
    sides = [value, value]
    chosen = isinstance(value, Ternary) and value.condition == (test.value if isinstance(test, Not) else test)
    if isinstance(value, Ternary) and chosen:
        sides = [value.otherwise, value.then] if isinstance(test, Not) else [value.then, value.otherwise]
    branches = [lines, other]
    ends = [
        bool(branch) and isinstance(side, Atom) and branch[-1].prefix == f"{side.text} = "
        for branch, side in zip(branches, sides, strict=True)
    ]
    if not (any(ends) if chosen else all(ends)):
        return False
    for branch, side, at_end in zip(branches, sides, ends, strict=True):
        if at_end:
            branch[-1].prefix = "return "
        elif side is not None:
            branch.append(CodeLine("return ", side, None))
    return True
