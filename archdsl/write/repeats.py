"""Writes what repeats once: `stage * n`, `(first -> second) * n`, `( … ) as label`, and loops over numbered labels."""

from __future__ import annotations

import re
from collections.abc import Collection

from archdsl.syntax import tree
from archdsl.syntax.print_tree import print_expression
from archdsl.write.trees import arithmetic, assign, call, chain, integer, labelled, name

LEAST = 4  # stages that make a loop
_NUMBER = re.compile(r"(?<![0-9])(0|[1-9][0-9]*)(?![0-9])")


def contained(stages: list[tree.Expr], label: str) -> tree.Expr:
    """`( … ) as label`; a single repeat needs no parentheses."""
    short = repeated(stages)
    if len(short) == 1 and isinstance(short[0], tree.Arithmetic):
        return labelled(short[0], label)
    return labelled(chain(short), label, container=True)


def repeated(stages: list[tree.Expr]) -> list[tree.Expr]:
    """The same stages, those that repeat in sequence written `stage * n` or `(first -> second) * n`."""
    texts = [print_expression(stage) for stage in stages]
    found: list[tree.Expr] = []
    place = 0
    while place < len(stages):
        best, period = 1, 1
        for length in range(1, min(8, (len(stages) - place) // 2) + 1):
            times = 1
            unit = texts[place : place + length]
            while texts[place + times * length : place + (times + 1) * length] == unit:
                times += 1
            if times > 1 and times * length > best * period:
                best, period = times, length
        if best == 1:
            found.append(stages[place])
        else:
            found.append(arithmetic(chain(stages[place : place + period]), "*", integer(best)))
        place += best * period
    return found


def rolled(
    items: list[tree.Expr], variable: str, taken: Collection[str]
) -> tuple[list[tree.Statement], list[tree.Expr]]:
    """The statements with which a chain that begins with `variable` is run, and the items that are left.

    Equal stages under labels that count up (`layer1`, `layer2`, …) become a loop; it reads and assigns `variable`.
    """
    statements: list[tree.Statement] = []
    left = items[:1]
    index = next(i for i in "ijkn" if i not in taken) if any(i not in taken for i in "ijkn") else ""
    place = 1
    while place < len(items):
        run = _counting(items, place) if index else None
        if run is None:
            left.append(items[place])
            place += 1
            continue
        length, first, before, after = run
        if len(left) > 1:
            statements.append(assign([variable], chain(left)))
        stage = items[place]
        assert isinstance(stage, tree.As)
        label = tree.Text(0, 0, [part for part in (before, name(index), after) if part])
        statement = assign([variable], chain([name(variable), tree.As(0, 0, stage.value, label, stage.container)]))
        bounds = [(None, integer(n)) for n in ((first, first + length) if first else (length,))]
        statements.append(tree.For(0, 0, [name(index)], call("range", bounds), [statement]))
        left = [name(variable)]
        place += length
    return statements, left


def _counting(items: list[tree.Expr], place: int) -> tuple[int, int, str, str] | None:
    """How many items from `place` on are one stage under labels that count up; the first number, and what is around."""
    first = _label(items[place])
    for match in _NUMBER.finditer(first):
        before, after, number = first[: match.start()], first[match.end() :], int(match[0])
        length = 1
        while (
            place + length < len(items)
            and _label(items[place + length]) == f"{before}{number + length}{after}"
            and _stage(items[place + length]) == _stage(items[place])
        ):
            length += 1
        if length >= LEAST:
            return length, number, before, after
    return None


def _label(item: tree.Expr) -> str:
    return "".join(part for part in item.label.parts if isinstance(part, str)) if isinstance(item, tree.As) else ""


def _stage(item: tree.Expr) -> str:
    assert isinstance(item, tree.As)
    return f"{item.container} {print_expression(item.value)}"
