"""Turns the variants of a block into what selects each: an argument, a fact of the input, or two of these."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from itertools import combinations

from archdsl.emit.figure.where import is_summary
from archdsl.emit.figure.words import shape_text, value_text
from archdsl.ir.graph import Graph

OTHERWISE = "otherwise"  # what selects a variant where each other one has a condition that is not true of it
_SWITCH = 3  # values of a fact that a spec may branch on; a width of more tells variants apart by accident
_FEW = 4  # values of a fact that tells why a variant is chosen, at most
_VALUES = 3  # values of one fact that are listed
_WIDTH = 8  # channels or pixels, at least
_FACTS = 3  # facts of few values that are told together, at most
_LONG = 48  # characters of a condition
_IN_A_LIST = re.compile(r" or |, (?![^(\[]*[)\]])")  # what stands between the values of a list, inside of a value

Fact = Callable[[Graph], str]


def conditions(variants: Sequence[Sequence[Graph]], places: Sequence[str]) -> list[str]:
    """For each variant a condition that its bodies meet and those of no other variant do.

    An argument that has one value in each of many variants, another one in each, comes first. Then facts of few values
    do, up to three of them before a width: what has many values says nothing of why, and neither does an argument by
    which the body's conditions do not go (`Graph.steered_by`), however well it tells the variants apart. Before those,
    the `places` where a variant stands are named, unless they are many. Where nothing short is true, the only such
    variant is `OTHERWISE`, and of several each says where it stands, as far as that is short.
    """
    if len(variants) < 2:
        return [""] * len(variants)
    facts, arguments = _facts(variants), len(variants[0][0].arguments)
    known = [[[fact(body) for body in bodies] for bodies in variants] for fact in facts]
    sizes = [len({text for bodies in texts for text in bodies}) for texts in known]
    choices: list[tuple[int, ...]] = [(i,) for i in range(len(facts))] + list(combinations(range(len(facts)), 2))
    steered = _steered(variants)
    few = [i for i, size in enumerate(sizes) if 1 < size <= _FEW and (i >= arguments or i in steered)]
    telling = [choice for count in range(1, _FACTS + 1) for choice in combinations(few, count)]
    wide = [any(map(_is_width, (text for bodies in texts for text in bodies))) for texts in known]
    for found in (choices, telling):
        found.sort(
            key=lambda choice: (
                max(sizes[i] for i in choice) > _SWITCH,
                any(wide[i] for i in choice),
                len(choice),
                math.prod(sizes[i] for i in choice),
            )
        )
    own = [(i,) for i in range(arguments) if sizes[i] == len(variants) > _FEW and all(map(_is_one, known[i]))]
    made = []
    for number in range(len(variants)):
        told = (_condition(known, choice, number) for choice in [*own, *telling])
        rest = (_condition(known, choice, number) for choice in choices)
        place = f"at {places[number]}" if places[number] and not is_summary(places[number]) else ""
        made.append(next(filter(None, told), "") or place or next(filter(None, rest), ""))
    if made.count("") == 1:
        return [text or OTHERWISE for text in made]
    return [text or f"at {place}" for text, place in zip(made, places, strict=True)]


def _steered(variants: Sequence[Sequence[Graph]]) -> set[int]:
    """The arguments by which the conditions of the bodies go; all where none is known to."""
    first = variants[0][0]
    names = {name for bodies in variants for body in bodies for name in body.steered_by}
    found = {i for i, (name, _) in enumerate(first.arguments) if name in names}
    return found or set(range(len(first.arguments)))


def _is_width(text: str) -> bool:
    """Whether a fact tells how many channels or pixels there are: a number of that size is no switch."""
    number = text.partition(" = ")[2] or text.partition(" channels in")[0]
    return text.endswith(" in") if not number.isdigit() else int(number) >= _WIDTH


def _is_one(texts: Sequence[str]) -> bool:
    return len(set(texts)) == 1


def _condition(known: Sequence[Sequence[Sequence[str]]], choice: tuple[int, ...], number: int) -> str:
    """What a choice of facts says of a variant, "" if it holds for a body of another one, or is long."""

    def seen(variant: int) -> set[tuple[str, ...]]:
        return set(zip(*(known[fact][variant] for fact in choice), strict=True))

    own = seen(number)
    others = set().union(*(seen(other) for other in range(len(known[0])) if other != number))
    if own & others or "" in {text for row in own for text in row}:
        return ""
    parts = [list(dict.fromkeys(known[fact][number])) for fact in choice]
    if any(_IN_A_LIST.search(text) for part in parts for text in part if " = " in text):
        return ""
    if len(own) != _product(parts) or max(map(len, parts)) > _VALUES:
        return ""
    text = ", ".join(_listed(part) for part in parts)
    return text if len(text) <= _LONG else ""


def _product(parts: Sequence[Sequence[str]]) -> int:
    count = 1
    for part in parts:
        count *= len(part)
    return count


def _listed(texts: Sequence[str]) -> str:
    """`width = 64 or 128` of `width = 64` and `width = 128`, `64 or 128 channels in` of two like it."""
    tail = next((end for end in (" channels in", " in") if all(text.endswith(end) for text in texts)), "")
    if tail:
        return _listed([text.removesuffix(tail) for text in texts]) + tail
    first, *rest = texts
    head = "".join(first.partition(" = ")[:2])
    same = head.endswith(" = ") and all(text.startswith(head) for text in rest)
    listed = [first, *(text.removeprefix(head) if same else text for text in rest)]
    return " or ".join(filter(None, [", ".join(listed[:-1]), listed[-1]]))


def _facts(variants: Sequence[Sequence[Graph]]) -> list[Fact]:
    """What may be said of a body: each argument, then what it takes."""
    first = variants[0][0]
    facts: list[Fact] = [_argument(name) for name, _ in first.arguments]
    facts += [_size_beside(number) for number in range(1, len(first.inputs))]
    facts += [_channels_kept, lambda body: f"{body.inputs[0].shape[0]} channels in" if _is_map(body) else ""]
    facts.append(lambda body: f"{' × '.join(map(str, body.inputs[0].shape[1:]))} in" if _is_map(body) else "")
    facts.append(lambda body: ", ".join(map(shape_text, body.inputs)) + " in" if body.inputs else "")
    return facts


def _size_beside(number: int) -> Fact:
    """How large an input is beside the first one."""

    def told(body: Graph) -> str:
        first, other = body.inputs[0], body.inputs[number]
        if first.rank != other.rank or first.rank < 2:
            return ""
        sides = list(zip(first.shape[1:], other.shape[1:], strict=True))
        larger, smaller = (any(sign * (b - a) > 0 for a, b in sides) for sign in (1, -1))
        if larger and smaller:
            return ""
        names = body.input_names[number], body.input_names[0]
        return f"{names[0]} {'larger than' if larger else 'smaller than' if smaller else 'as large as'} {names[1]}"

    return told


def _argument(name: str) -> Fact:
    def told(body: Graph) -> str:
        return f"{name} = {value_text(dict(body.arguments).get(name))}"

    return told


def _is_map(body: Graph) -> bool:
    return bool(body.inputs) and len(body.inputs[0].shape) > 1


def _channels_kept(body: Graph) -> str:
    if not _is_map(body) or not body.output_types[0].shape:
        return ""
    return f"channels {'kept' if body.inputs[0].shape[0] == body.output_types[0].shape[0] else 'changed'}"
