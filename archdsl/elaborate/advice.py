"""Knows the words of the language; says what an unknown one may mean: in the file, the language, library or zoo."""

from __future__ import annotations

import re
from collections.abc import Collection

from archdsl import library
from archdsl.elaborate.definitions import Module
from archdsl.elaborate.nearest import nearest
from archdsl.elaborate.synonyms import PACKAGES, Meaning, meaning, plain
from archdsl.ops import registry
from archdsl.ops.base import Parameter, parameters
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
    """A help line for an unknown name, dotted or not: what it is called here, or where to import it from."""
    package, _, last = name.rpartition(".")
    if package or name in PACKAGES:
        return _of_a_package(name, last if package else "")
    items = outline(read_source(library.STANDARD / "std.arch")).items
    standard = {item.name for item in items if item.name is not None}
    if name in standard:
        return f"it is in the standard library: write `import std: {name}` at the top of the file"
    if any(name in texts(p) for op in map(registry.load, registry.names()) if op for p in parameters(op)):
        return f'text stands in quotes: "{name}"'
    mine = {*own, *module.names}
    same = next((other for other in mine if plain(other) == plain(name)), None)
    if same is not None:
        return f"did you mean {same}?"
    meant = meaning(name)
    if meant is not None:
        return said(name, meant)
    near = nearest(name, mine | library_words(), 0.7)
    if near is not None:
        return f"did you mean {near}?"
    files = library.definers(name)
    if files:
        others = f" (also defined in {', '.join(files[1:4])})" if files[1:] else ""
        return f"it is in the zoo: write `import {files[0]}: {name}` at the top of the file{others}"
    near = nearest(name, standard, 0.7)
    if near is not None:
        return f"did you mean {near}? Then write `import std: {near}` at the top of the file"
    return "define it above with block, fn or `name = …`; `archdsl ops` lists the ops"


def _of_a_package(name: str, last: str) -> str:
    """`nn.Conv2d`, `torch.cat`, `self.conv1`: packages and objects stand nowhere here."""
    if name.startswith("self."):
        return f"there is no `self`: a stage is written where it is applied, `x -> conv(8, 3) as {last}`"
    meant = meaning(last) if last else None
    if meant is None:
        return "nothing of Python is imported: the ops are known everywhere, and `archdsl ops` lists them"
    return said(name, meant)


def said(name: str, meant: Meaning) -> str:
    word = meant.word
    if not word:
        return meant.text
    if word in BUILTIN_WORDS:
        return f"{name} is called {word} here"
    if registry.load(word) is None:
        return f"{name} is called {word} here: write `import std: {word}` at the top of the file"
    if word == name:
        return f"write `{usage(word)}`"
    inputs = ", without the channels that flow in" if "." in name and word in _NEED_NO_CHANNELS else ""
    return f"{name} is called {word} here{inputs}: `{usage(word)}`"


_NEED_NO_CHANNELS = frozenset(
    ("conv", "depthwise", "conv_transpose", "deform_conv", "linear", "bn", "layer_norm", "group_norm")
)


def usage(word: str) -> str:
    """How an op is applied: `x -> conv(64, 3, 2)`, `[x, y] -> concat`."""
    op = registry.load(word)
    assert op is not None
    example = op.examples[0]
    operands = "[x, y] -> " if len(example.inputs) > 1 else "x -> " if example.inputs else ""
    return operands + example.call


def texts(parameter: Parameter) -> list[str]:
    """The texts that an argument may be: "half", "valid" and "same" of a padding."""
    return re.findall(r'"(\w+)"', parameter.type.name)
