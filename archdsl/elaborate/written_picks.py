"""Reads `@picks(…)` above a network: the design that the spec itself takes out of a space."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from archdsl.elaborate.definitions import bases
from archdsl.elaborate.spec import Spec
from archdsl.source import Span
from archdsl.syntax import tree
from archdsl.syntax.format_words import on_one_line
from archdsl.syntax.items import Item


class WrittenPick(NamedTuple):
    """The text of an option, where it is written, and whether above the network itself, not above its base."""

    text: str
    span: Span
    own: bool


def written_picks(spec: Spec, network: str) -> Mapping[str, WrittenPick]:
    """What `@picks` above the network of that name says, by decision, and above those of which it is a variant."""
    found: dict[str, WrittenPick] = {}
    for index, (_, item) in enumerate(bases(spec.root, network)):
        for argument in picks_above(item):
            if argument.name is not None:
                text, span = _option(item, argument.value), item.span(argument.start, argument.end)
                found.setdefault(argument.name, WrittenPick(text, span, index == 0))
    return found


def picks_above(item: Item) -> list[tree.Argument]:
    """The arguments of all `@picks` above a definition."""
    return [argument for one in item.decorators if one.name == "picks" for argument in one.arguments]


def _option(item: Item, value: tree.Expr) -> str:
    """The text of an option: what a text says, else what is written, as it is formatted."""
    if isinstance(value, tree.Text):
        return "".join([part if isinstance(part, str) else f"{{{part.id}}}" for part in value.parts])
    return on_one_line(item.span(value.start, value.end).text)
