"""Turns trees of Python expressions into lines laid out as `ruff format` lays them out (88 columns)."""

from __future__ import annotations

from archdsl.emit.pytorch.code import (
    BINDS,
    Apply,
    Atom,
    Binary,
    Code,
    DictDisplay,
    DictGenerator,
    Generator,
    Lambda,
    ListFor,
    SequenceDisplay,
    Starred,
    Ternary,
    binding,
    clauses,
    flat,
    flat_arguments,
    head,
    wrapped,
)

WIDTH = 88
INDENT = 4


def layout(prefix: str, code: Code, suffix: str = "", indent: int = 0) -> list[str]:
    """The lines of `prefix code suffix`, broken at brackets where one line would pass the width."""
    pad = " " * indent
    line = pad + prefix + flat(code) + suffix
    if len(line) <= WIDTH:
        return [line]
    match code:
        case Apply(function, arguments) if arguments:
            first = pad + prefix + head(function) + "("
            return [first, *_arguments(arguments, indent + INDENT, call=True), pad + ")" + suffix]
        case SequenceDisplay(items, brackets) if items and brackets:
            inner = tuple(("", item) for item in items)
            return [pad + prefix + brackets[0], *_arguments(inner, indent + INDENT), pad + brackets[1] + suffix]
        case SequenceDisplay(items) if items:
            inner = tuple(("", item) for item in items)
            return [pad + prefix + "(", *_arguments(inner, indent + INDENT), pad + ")" + suffix]
        case DictDisplay(items) if items:
            return [pad + prefix + "{", *_entries(items, indent + INDENT), pad + "}" + suffix]
        case DictGenerator(key, value, variable, iterable):
            element = layout(f"{flat(key)}: ", value, "", indent + INDENT)
            clause = layout(f"for {variable} in ", iterable, "", indent + INDENT)
            return [pad + prefix + "{", *element, *clause, pad + "}" + suffix]
        case Starred(Ternary() | Binary() as value):
            return [pad + prefix + "*(", *_operator(value, indent + INDENT), pad + ")" + suffix]
        case Starred(value):
            return layout(prefix + "*", value, suffix, indent)
        case Lambda(value):
            return layout(prefix + "lambda: ", value, suffix, indent)
        case ListFor(element):
            inside = " " * (indent + INDENT)
            behind = [inside + clause for clause in clauses(code)]
            return [pad + prefix + "[", *layout("", element, "", indent + INDENT), *behind, pad + "]" + suffix]
        case Generator():
            return [pad + prefix + "(", *_generator(code, indent + INDENT), pad + ")" + suffix]
        case Ternary() | Binary():
            return [pad + prefix + "(", *_operator(code, indent + INDENT), pad + ")" + suffix]
        case _:
            return [line]


def _arguments(arguments: tuple[tuple[str, Code], ...], indent: int, call: bool = False) -> list[str]:
    """What stands between broken brackets: of a call one line if it fits, else one argument or item a line."""
    pad = " " * indent
    line = pad + flat_arguments(arguments)
    if call and len(line) <= WIDTH:
        return [line]
    if len(arguments) == 1 and isinstance(only := arguments[0][1], Generator) and not arguments[0][0]:
        return _generator(only, indent)
    lines = []
    comma = "," if len(arguments) > 1 or not call else ""
    for name, value in arguments:
        lines += layout(f"{name}=" if name else "", value, comma, indent)
    return lines


def _entries(items: tuple[tuple[Code, Code], ...], indent: int) -> list[str]:
    return [line for key, value in items for line in layout(f"{flat(key)}: ", value, ",", indent)]


def _generator(code: Generator, indent: int) -> list[str]:
    pad = " " * indent
    return [*layout("", code.element, "", indent), f"{pad}for {code.variable} in {flat(code.iterable)}"]


def _operator(code: Ternary | Binary, indent: int) -> list[str]:
    """The inside of the parentheses around a long operator expression."""
    pad = " " * indent
    line = pad + flat(code)
    if len(line) <= WIDTH:
        return [line]
    if isinstance(code, Ternary):
        return [
            *layout("", code.then, "", indent),
            *layout("if ", code.condition, "", indent),
            *layout("else ", code.otherwise, "", indent),
        ]
    binds = BINDS[code.operator]
    terms: list[tuple[str, Code]] = []
    rest: Code = code
    while isinstance(rest, Binary) and BINDS[rest.operator] == binds:
        terms.append((f"{rest.operator} ", _closed(rest.right, binds + 1)))
        rest = rest.left
    terms.append(("", _closed(rest, binds)))
    return [line for prefix, term in reversed(terms) for line in layout(prefix, term, "", indent)]


def _closed(code: Code, least: int) -> Code:
    """`code`, in parentheses if it binds less tightly than its place asks."""
    return Atom(wrapped(code, least)) if binding(code) < least else code
