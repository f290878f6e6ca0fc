"""What is printed of a tree reads back as the same tree, for every definition of the zoo and of the language pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archdsl.diagnostics.model import Diagnostics
from archdsl.library import STANDARD
from archdsl.source import Source
from archdsl.syntax import tree
from archdsl.syntax.parse import parse
from archdsl.syntax.print_tree import print_declaration
from tests.zoo_sample import swept

PLACES = ("start", "end", "depth", "name_start", "name_end", "path_start", "path_end")
EXPRESSIONS = (
    "a -> (b -> c) as d -> e", "(a if b else c) if d else e if f else g", "(a -> b) * 2", "-(a + b) ** -c", "(-a) ** b",
    "(a or b) and not (c and d)", "not a in b", "(a < b) == c", "a - (b - c) - d", "a * (b // c) % d",
    "f(a)(b = c -> d)[1:][::2].x",
    "[a for b, c in (d if e else f) if g if h]", '"a\\\\\\"\\{b}{c}"', "[a, b] as c", "(a) as b",
    "a as b", 'a as "b.c"', "a * 3 as b",
    "(a + b) -> c", "a + (b -> c)", "[]", "[[a], [b, c]]", "x.y.z(1, 2.5, 4.09G, 2%, w = true)", "a[b:c:d]", "(a, b)",
)  # fmt: skip


def shape(node: Any) -> Any:
    """A tree without places."""
    if isinstance(node, list | tuple):
        return [shape(part) for part in node]
    if not hasattr(node, "__dataclass_fields__"):
        return node
    return (type(node).__name__, *(shape(getattr(node, f)) for f in node.__dataclass_fields__ if f not in PLACES))


def declarations(text: str) -> list[tree.Declaration]:
    diagnostics = Diagnostics()
    found = [item.declaration for item in parse(Source("<text>", text), diagnostics).items]
    assert not diagnostics.errors, [d.message for d in diagnostics.errors]
    return found


@pytest.mark.parametrize("path", [*swept(), STANDARD / "std.arch"], ids=lambda path: path.stem)
def test_every_definition_of_the_zoo(path: Path) -> None:
    for declaration in declarations(path.read_text(encoding="utf-8")):
        (again,) = declarations(print_declaration(declaration))
        assert shape(again) == shape(declaration)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_parentheses_stand_where_they_must(text: str) -> None:
    (declaration,) = declarations(f"x = {text}\n")
    (again,) = declarations(print_declaration(declaration))
    assert shape(again) == shape(declaration)
