"""Turns statements with conditions into an indented method body with `if`, `else` and early returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from archdsl.emit.pytorch import code
from archdsl.emit.pytorch.code import Atom, Code, Not
from archdsl.emit.pytorch.layout import layout
from archdsl.emit.pytorch.template import InstanceMask

_BODY = 8  # indentation of a statement


@dataclass(slots=True)
class CodeLine:
    """A statement: `prefix value`, and the body of a loop indented below; done only in the instances of `when`."""

    prefix: str
    value: Code
    when: InstanceMask | None
    suffix: str = ""
    below: tuple[CodeLine, ...] = ()

    def written(self, indent: int) -> list[str]:
        """The statement at this indentation."""
        lines = layout(self.prefix, self.value, self.suffix, indent)
        return lines + [line for inner in self.below for line in inner.written(indent + 4)]


def write_lines(all_lines: Sequence[CodeLine], condition: Callable[[InstanceMask], Code]) -> list[str]:
    """The body of a method: neighbours with one condition under one `if`, opposite ones under its `else`."""
    groups: list[tuple[InstanceMask | None, list[CodeLine]]] = []
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
        test = condition(when)
        other: list[CodeLine] = []
        if position < len(groups) and groups[position][0] == tuple(not p for p in when):
            other = groups[position][1]
            position += 1
        if other and isinstance(test, Not):
            test, lines, other = test.value, other, lines
        rest = [line for _, group in groups[position:] for line in group]
        early = _returns_early(lines, other, rest)
        out.append(" " * _BODY + f"if {code.flat(test)}:")
        out += [text for line in lines for text in line.written(_BODY + 4)]
        if early:
            position = len(groups)
        elif other:
            out.append(" " * _BODY + "else:")
        out += [text for line in other for text in line.written(_BODY if early else _BODY + 4)]
    return out


def _returns_early(lines: list[CodeLine], other: list[CodeLine], rest: list[CodeLine]) -> bool:
    """`if c: y = a`, `else: y = b`, `return y` becomes `if c: return a`, `return b`; changes the lines in place."""
    if not other or len(rest) != 1 or rest[0].prefix != "return " or not isinstance(rest[0].value, Atom):
        return False
    assignment = f"{rest[0].value.text} = "
    if any(branch[-1].prefix != assignment for branch in (lines, other)):
        return False
    for branch in (lines, other):
        branch[-1].prefix = "return "
    return True
