"""Checks that formatting keeps the tree and the comments, changes nothing twice, and prints what people expect."""

from __future__ import annotations

import copy
import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archdsl.diagnostics.model import ArchError, Diagnostics
from archdsl.source import Source
from archdsl.syntax.format import format_source
from archdsl.syntax.parse import parse
from tests.few import few

EXAMPLES = (Path(__file__).parent / "design_examples.arch").read_text(encoding="utf-8")
_POSITIONS = {"start", "end", "name_start", "name_end", "path_start", "path_end", "offset", "source"}
_PIECES = re.compile(r"#[^\n]*|\"[^\"\n]*\"|'[^'\n]*'|[A-Za-z0-9_.%]+|->|\*\*|//|[=!<>]=|\s+|.")


def formatted(text: str) -> str:
    return format_source(Source("test.arch", text))


def shape(node: Any) -> Any:
    """The tree without its positions."""
    if isinstance(node, list | tuple):
        return [shape(part) for part in node]
    if is_dataclass(node) and not isinstance(node, type):
        inner = [shape(getattr(node, f.name)) for f in fields(node) if f.name not in _POSITIONS]
        return [type(node).__name__, *inner]
    return copy.copy(node)


def tree_of(text: str) -> Any:
    diagnostics = Diagnostics()
    file = parse(Source("test.arch", text), diagnostics)
    assert list(diagnostics) == []
    return [(shape(item.declaration), shape(item.decorators), item.doc) for item in file.items]


def comments(text: str) -> list[str]:
    return [c.rstrip() for c in re.findall(r"#[^\n]*", re.sub(r"\"[^\"\n]*\"", '""', text))]


def check(text: str) -> str:
    once = formatted(text)
    assert formatted(once) == once
    assert tree_of(once) == tree_of(text)
    assert comments(once) == comments(text)
    return once


def test_design_examples_stay() -> None:
    once = check(EXAMPLES)
    gone = [line for line in EXAMPLES.splitlines() if line not in once.splitlines()]
    assert all(len(line) > 120 for line in gone) and len(gone) == 2


def test_canonical_form() -> None:
    text = (
        "\ufeffarch 1\r\n\n\n\nimport std:conv_bn,cbr\r\nblock f(x;a,b=-1){ # why\n\n\ta=1;b  =2 # b\n"
        "  if a{return x}\nelse {return\tx}\n"
        "  y = x->conv( 3,[1,-2] )[0:1]\n ->relu\n  # c\n\n}\n@cite('a') network n=f(  )\nA=[1,\n\n2, # two\n(3,4)\n]"
    )
    assert check(text) == (
        "arch 1\n\nimport std: conv_bn, cbr\nblock f(x; a, b = -1) {  # why\n    a = 1\n    b = 2  # b\n"
        "    if a { return x } else { return x }\n    y = x -> conv(3, [1, -2])[0:1]\n        -> relu\n    # c\n}\n"
        "@cite('a')\nnetwork n = f()\nA = [1,\n\n    2,  # two\n    (3, 4),\n]\n"
    )


def test_tables_and_columns_keep_their_alignment() -> None:
    text = (
        "A = [                 # table\n    (1,  16, 1),  # one\n    (6, 160, 2),\n]\n\n"
        "fn f(a)       = a   # first\nfn g(a, b, c) = a\n"
    )
    assert check(text) == text
    assert check("fn f(a) =   a\nfn g(a, b)   = a\n") == "fn f(a) = a\nfn g(a, b) = a\n"


def test_long_lines_break() -> None:
    names = [f"stage_number_{i}" for i in range(12)]
    assert check(f"block f(x) = x->{'->'.join(names)}") == "block f(x) = x\n" + "".join(f"    -> {n}\n" for n in names)
    assert check(f"A = [{','.join(names)}]") == "A = [\n" + "".join(f"    {n},\n" for n in names) + "]\n"
    for text in [
        f"A = ({' + '.join(names)})",
        f"A = f({', '.join(names)})",
        f"A = [x for x in f({', '.join(names)})]",
        f"block f(x; {', '.join(names)}) {{ return x }}",
        f"block f(x) {{ a = [{', '.join(names)}]; b = a; return x -> [{', '.join(names)}] -> concat }}",
        f"A = {' + '.join(names * 3)}",
    ]:
        check(text)


def test_broken_files_are_not_touched() -> None:
    with pytest.raises(ArchError) as caught:
        formatted("block b(x) = x ->")
    assert [d.code for d in caught.value.diagnostics] == ["expected-stage"]


@settings(max_examples=few(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_spacing_and_comments(data: st.DataObject) -> None:
    """White space changes wherever it may, comments appear at the ends of lines, blank lines come and go."""
    items = EXAMPLES.split("\n\n")
    text = "\n\n".join(data.draw(st.lists(st.sampled_from(items), min_size=1, max_size=3, unique=True)))
    depth = 0
    result = ""
    for piece in _PIECES.findall(text):
        if piece.isspace():
            if "\n" in piece:
                comment = data.draw(st.sampled_from(["", "", "  # note", "#x, ->", "\n", "\n   # alone, (\n"]))
                margin = (
                    "" if depth == 0 and not piece.endswith(" ") else data.draw(st.sampled_from([" ", "\t", "    "]))
                )
                piece = comment + "\n" * piece.count("\n") + margin
            else:
                piece = data.draw(st.sampled_from([" ", "  ", "\t"]))
        elif depth and piece == ",":
            piece += data.draw(st.sampled_from(["", " ", "\n", "  # c\n", "\n\n"]))
        elif piece == "->":
            piece = data.draw(st.sampled_from(["->", " -> ", "\n    -> ", " ->  # go\n    "]))
        depth += (piece[:1] in ("(", "[", "{")) - (piece[:1] in (")", "]", "}"))
        result += piece
    check(result)


def test_lines_that_go_on() -> None:
    text = (
        "block f(x) =\n    x -> relu\n        -> relu\n\nblock g(x) = (x -> relu\n    -> relu)\n\n"
        "block h(x) = x -> [\n    relu\n        -> relu,\n    id,\n]\n    -> add\n"
    )
    assert check(text) == text
