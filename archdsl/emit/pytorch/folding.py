"""Turns a list of constructor calls into a shorter one: runs of equal or evenly growing calls become generators."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archdsl.emit.pytorch import code
from archdsl.emit.pytorch.code import Apply, Atom, Binary, Code, Generator, Starred

_SHORTEST_GROWING = 3


def fold(items: Sequence[Code]) -> list[Code]:
    """`items` with runs written as `*(… for i in range(n))`."""
    folded: list[Code] = []
    position = 0
    while position < len(items):
        length, run = _run(items, position)
        if run is None:
            folded.append(items[position])
            position += 1
        else:
            folded.append(Starred(run))
            position += length
    return folded


def fold_pairs(keys: Sequence[str], items: Sequence[Code]) -> Generator | None:
    """A generator of (key, call) when the keys count up (`layer1`, `layer2`, …) and the calls are one run."""
    first = re.fullmatch(r"([A-Za-z_]*)(0|[1-9][0-9]{0,8})", keys[0])
    if first is None or len(items) < _SHORTEST_GROWING:
        return None
    prefix, start = first[1], int(first[2])
    if any(key != f"{prefix}{start + i}" for i, key in enumerate(keys)):
        return None
    length, run = _run(items, 0, start)
    if run is None or length < len(items):
        return None
    key = Atom(f'f"{prefix}{{i}}"') if prefix else Atom("str(i)")
    return Generator(code.SequenceDisplay((key, run.element), "()"), "i", _range(start, length))


def fold_items(items: Sequence[tuple[Code, Code]]) -> Code:
    """A dict; `{c: nn.BatchNorm2d(c) for c in (8, 16)}` where the values differ in the keys alone."""
    keys = [key for key, _ in items]
    used = set().union(*(code.atoms(part) for item in items for part in item))
    variable = next(name for name in ("c", "n", "k", "key") if name not in used)
    element = _common([value for _, value in items], keys, Atom(variable))
    if element is None or variable not in code.atoms(element) or isinstance(keys[0], code.SequenceDisplay):
        return code.DictDisplay(tuple(items))
    return code.DictGenerator(Atom(variable), element, variable, code.SequenceDisplay(tuple(keys), "()"))


def _common(values: Sequence[Code], keys: Sequence[Code], variable: Code) -> Code | None:
    """The value of which all are instances, the key of each in place of the variable; None: there is none."""
    first = values[0]
    if all(value == first for value in values):
        return first
    if list(values) == list(keys):
        return variable
    if not isinstance(first, Apply) or any(not isinstance(value, Apply) for value in values):
        return None
    calls = [value for value in values if isinstance(value, Apply)]
    names = [name for name, _ in first.arguments]
    if any(call.function != first.function or [name for name, _ in call.arguments] != names for call in calls):
        return None
    arguments = [_common([call.arguments[i][1] for call in calls], keys, variable) for i in range(len(names))]
    found = [argument for argument in arguments if argument is not None]
    return Apply(first.function, tuple(zip(names, found, strict=True))) if len(found) == len(names) else None


def _range(start: int, length: int) -> Code:
    bounds = (Atom(str(start)), Atom(str(start + length))) if start else (Atom(str(length)),)
    return Apply(Atom("range"), tuple(("", b) for b in bounds))


def _run(items: Sequence[Code], position: int, start: int = 0) -> tuple[int, Generator | None]:
    """The longest run from `position`; its numbers are a + b * i with i counting from `start`."""
    skeleton, first = _numbers(items[position])
    length = 1
    steps: list[int] | None = None
    previous = first
    for item in items[position + 1 :]:
        other, numbers = _numbers(item)
        if other != skeleton:
            break
        difference = [b - a for a, b in zip(previous, numbers, strict=True)]
        if steps is None:
            steps = difference
        if difference != steps:
            break
        previous = numbers
        length += 1
    if steps is None:
        return 1, None
    growing = any(steps)
    if growing:
        if _has_generator(items[position]):
            return 1, None  # two loops would share the variable
        equal = _equal(items, position + 1)
        if length < _SHORTEST_GROWING or equal >= length:
            return 1, None
    element = _rebuild(items[position], [_growing(a - b * start, b) for a, b in zip(first, steps, strict=True)])
    return length, Generator(element, "i" if growing else "_", _range(start if growing else 0, length))


def _has_generator(item: Code) -> bool:
    return " for " in code.flat(item)


def _equal(items: Sequence[Code], position: int) -> int:
    """How many items from `position` are equal."""
    length = 1
    while position + length < len(items) and items[position + length] == items[position]:
        length += 1
    return length


def _growing(start: int, step: int) -> Code:
    """start + step * i."""
    if not step:
        return Atom(str(start))
    term: Code = Atom("i") if abs(step) == 1 else Binary("*", Atom(str(abs(step))), Atom("i"))
    if step < 0:
        return Binary("-", Atom(str(start)), term)
    return Binary("+", Atom(str(start)), term) if start else term


def _numbers(item: Code) -> tuple[Code, list[int]]:
    """`item` with its integers blanked out, and the integers in order."""
    found: list[int] = []

    def blank(atom: Atom) -> Code:
        if re.fullmatch(r"-?[0-9]+", atom.text):
            found.append(int(atom.text))
            return Atom("0")
        return atom

    return code.transform(item, blank), found


def _rebuild(item: Code, numbers: Sequence[Code]) -> Code:
    """`item` with its integers replaced in order."""
    rest = iter(numbers)

    def fill(atom: Atom) -> Code:
        return next(rest) if re.fullmatch(r"-?[0-9]+", atom.text) else atom

    return code.transform(item, fill)
