"""Knows the words of the language; says what an unknown one may mean: in the file, the language, library or zoo."""

from __future__ import annotations

from collections.abc import Collection

from archdsl import library
from archdsl.elaborate.definitions import Module
from archdsl.elaborate.nearest import nearest
from archdsl.ops import registry
from archdsl.syntax.parse import outline
from archdsl.syntax.read import read_source

BUILTIN_WORDS = frozenset(
    [
        "id",
        "loose",
        "oneof",
        "scan",
        "tied",
        "int",
        "float",
        "round",
        "floor",
        "ceil",
        "abs",
        "min",
        "max",
        "sum",
        "len",
        "range",
        "reversed",
        "zip",
        "enumerate",
        "sqrt",
        "log2",
    ]
)


def library_words() -> frozenset[str]:
    """Ops and built-ins: the words that every file knows."""
    return frozenset(registry.names()) | BUILTIN_WORDS


def suggestion(module: Module, name: str, own: Collection[str] = ()) -> str:
    """A help line for an unknown name: the nearest known one, or where to import it from."""
    items = outline(read_source(library.STANDARD / "std.arch")).items
    standard = {item.name for item in items if item.name is not None}
    if name in standard:
        return f"it is in the standard library: write `import std: {name}` at the top of the file"
    known = {*own, *module.names, *library_words()}
    near = nearest(name, known, 0.7) or nearest(name, standard, 0.7)
    files = library.definers(name)
    if files and near not in known:
        others = f" (also defined in {', '.join(files[1:4])})" if files[1:] else ""
        return f"it is in the zoo: write `import {files[0]}: {name}` at the top of the file{others}"
    if near is None:
        return "define it above with block, fn or `name = …`; `archdsl ops` lists the ops"
    if near in known:
        return f"did you mean {near}?"
    return f"did you mean {near}? Then write `import std: {near}` at the top of the file"
