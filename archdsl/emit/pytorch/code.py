"""Turns small expression trees into lines of Python laid out as `ruff format` lays them out (88 columns)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

WIDTH = 88
INDENT = 4


@dataclass(frozen=True, slots=True)
class Atom:
    """A name, a number or a string literal."""

    text: str


@dataclass(frozen=True, slots=True)
class Local:
    """A constructor parameter: a plain name in `__init__`, `self.name` in `forward`."""

    name: str


@dataclass(frozen=True, slots=True)
class Apply:
    """`function(a, b, name=c)`; positional arguments have the name ""."""

    function: Code
    arguments: tuple[tuple[str, Code], ...] = ()


@dataclass(frozen=True, slots=True)
class Attribute:
    """`target.name`."""

    target: Code
    name: str


@dataclass(frozen=True, slots=True)
class Item:
    """`target[index]`, the index as written."""

    target: Code
    index: str


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator right`."""

    operator: str
    left: Code
    right: Code


@dataclass(frozen=True, slots=True)
class Not:
    """`not value`."""

    value: Code


@dataclass(frozen=True, slots=True)
class Ternary:
    """`then if condition else otherwise`."""

    then: Code
    condition: Code
    otherwise: Code


@dataclass(frozen=True, slots=True)
class Sequence:
    """`[a, b]`, `(a, b)` or, with no brackets, the bare `a, b` of `return` and assignment."""

    items: tuple[Code, ...]
    brackets: str = "[]"


@dataclass(frozen=True, slots=True)
class Mapping:
    """`{"a": x, "b": y}`; keys are written literals."""

    items: tuple[tuple[str, Code], ...]


@dataclass(frozen=True, slots=True)
class Starred:
    """`*value`."""

    value: Code


@dataclass(frozen=True, slots=True)
class Generator:
    """`element for variable in iterable`, in parentheses unless it is the only argument of a call."""

    element: Code
    variable: str
    iterable: Code


Code = Atom | Local | Apply | Attribute | Item | Binary | Not | Ternary | Sequence | Mapping | Starred | Generator

_BINDS = {
    "==": 3,
    "!=": 3,
    ">": 3,
    "<": 3,
    "|": 4,
    "^": 5,
    "&": 6,
    "+": 8,
    "-": 8,
    "*": 9,
    "/": 9,
    "//": 9,
    "%": 9,
    "@": 9,
    "**": 11,
}
_POSTFIX = 12


def literal(value: object) -> Code:
    """The literal of a number, bool, None, string or (nested) tuple."""
    if isinstance(value, tuple):
        return Sequence(tuple(literal(v) for v in value), "()")
    if isinstance(value, str):
        return Atom(quote(value))
    if isinstance(value, float) and value != value:
        return Atom('float("nan")')
    if value in (float("inf"), float("-inf")):
        return Atom(f'float("{value}")')
    return Atom(repr(value))


def quote(text: str) -> str:
    """A one-line ASCII string literal, in the quotes that a formatter would leave."""
    mark = "'" if text.count('"') > text.count("'") else '"'
    out = []
    for character in text:
        if character in ("\\", mark):
            out.append("\\" + character)
        elif " " <= character <= "~":
            out.append(character)
        else:
            code = ord(character)
            out.append(f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}")
    return mark + "".join(out) + mark


def _binding(code: Code) -> int:
    """How tightly the outermost operator of `code` binds."""
    match code:
        case Ternary() | Starred():
            return 0
        case Sequence(brackets=""):
            return -1
        case Not():
            return 2
        case Binary(operator):
            return _BINDS[operator]
        case Atom(text):
            return 10 if text.startswith("-") else _POSTFIX + 1
        case _:
            return _POSTFIX + 1


def _wrapped(code: Code, least: int) -> str:
    text = flat(code)
    return f"({text})" if _binding(code) < least else text


def flat(code: Code) -> str:
    """`code` on one line, however long."""
    match code:
        case Atom(text):
            return text
        case Local(name):
            return name
        case Apply(function, arguments):
            return f"{_head(function)}({_flat_arguments(arguments)})"
        case Attribute(target, name):
            dotted = isinstance(target, Atom) and target.text.isdigit()
            return f"({flat(target)}).{name}" if dotted else f"{_wrapped(target, _POSTFIX)}.{name}"
        case Item(target, index):
            return f"{_wrapped(target, _POSTFIX)}[{index}]"
        case Binary(operator, left, right):
            binds = _BINDS[operator]
            if operator == "**":
                return _power(left, right)
            return f"{_wrapped(left, binds)} {operator} {_wrapped(right, binds + 1)}"
        case Not(value):
            return f"not {_wrapped(value, 2)}"
        case Ternary(then, condition, otherwise):
            return f"{_wrapped(then, 1)} if {_wrapped(condition, 1)} else {_wrapped(otherwise, 0)}"
        case Sequence(items, brackets):
            inner = ", ".join(flat(i) for i in items)
            comma = "," if len(items) == 1 and brackets != "[]" else ""
            return brackets[:1] + inner + comma + brackets[1:]
        case Mapping(items):
            return "{" + ", ".join(f"{key}: {flat(value)}" for key, value in items) + "}"
        case Starred(value):
            return f"*{_wrapped(value, _POSTFIX)}"
        case Generator():
            return f"({_clause(code)})"


def _power(left: Code, right: Code) -> str:
    """A formatter writes `x**2` when both sides are simple, else `f(x) ** 2`."""
    simple = all(isinstance(side, Atom | Local) or _dotted(side) for side in (left, right))
    operator = "**" if simple else " ** "
    return f"{_wrapped(left, 12)}{operator}{_wrapped(right, 10)}"


def _dotted(code: Code) -> bool:
    while isinstance(code, Attribute):
        code = code.target
    return isinstance(code, Atom | Local)


def _clause(code: Generator) -> str:
    return f"{flat(code.element)} for {code.variable} in {flat(code.iterable)}"


def _head(function: Code) -> str:
    return _wrapped(function, _POSTFIX)


def _flat_arguments(arguments: tuple[tuple[str, Code], ...]) -> str:
    if len(arguments) == 1 and not arguments[0][0] and isinstance(only := arguments[0][1], Generator):
        return _clause(only)
    return ", ".join((f"{name}=" if name else "") + flat(value) for name, value in arguments)


def layout(prefix: str, code: Code, suffix: str = "", indent: int = 0) -> list[str]:
    """The lines of `prefix code suffix`, broken at brackets where one line would pass the width."""
    pad = " " * indent
    line = pad + prefix + flat(code) + suffix
    if len(line) <= WIDTH:
        return [line]
    match code:
        case Apply(function, arguments) if arguments:
            head = pad + prefix + _head(function) + "("
            return [head, *_arguments(arguments, indent + INDENT, call=True), pad + ")" + suffix]
        case Sequence(items, brackets) if items and brackets:
            inner = tuple(("", item) for item in items)
            return [pad + prefix + brackets[0], *_arguments(inner, indent + INDENT), pad + brackets[1] + suffix]
        case Sequence(items) if items:
            inner = tuple(("", item) for item in items)
            return [pad + prefix + "(", *_arguments(inner, indent + INDENT), pad + ")" + suffix]
        case Mapping(items) if items:
            return [pad + prefix + "{", *_entries(items, indent + INDENT), pad + "}" + suffix]
        case Starred(value):
            return layout(prefix + "*", value, suffix, indent)
        case Generator():
            return [pad + prefix + "(", *_generator(code, indent + INDENT), pad + ")" + suffix]
        case Ternary() | Binary():
            return [pad + prefix + "(", *_operator(code, indent + INDENT), pad + ")" + suffix]
        case _:
            return [line]


def _arguments(arguments: tuple[tuple[str, Code], ...], indent: int, call: bool = False) -> list[str]:
    """What stands between the brackets of a broken call: one line if it fits, else one argument a line."""
    pad = " " * indent
    line = pad + _flat_arguments(arguments)
    if len(line) <= WIDTH:
        return [line]
    if len(arguments) == 1 and isinstance(only := arguments[0][1], Generator) and not arguments[0][0]:
        return _generator(only, indent)
    lines = []
    comma = "," if len(arguments) > 1 or not call else ""
    for name, value in arguments:
        lines += layout(f"{name}=" if name else "", value, comma, indent)
    return lines


def _entries(items: tuple[tuple[str, Code], ...], indent: int) -> list[str]:
    line = " " * indent + ", ".join(f"{key}: {flat(value)}" for key, value in items)
    if len(line) <= WIDTH:
        return [line]
    return [line for key, value in items for line in layout(f"{key}: ", value, ",", indent)]


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
    binds = _BINDS[code.operator]
    terms: list[tuple[str, Code]] = []
    rest: Code = code
    while isinstance(rest, Binary) and _BINDS[rest.operator] == binds:
        terms.append((f"{rest.operator} ", _closed(rest.right, binds + 1)))
        rest = rest.left
    terms.append(("", _closed(rest, binds)))
    return [line for prefix, term in reversed(terms) for line in layout(prefix, term, "", indent)]


def _closed(code: Code, least: int) -> Code:
    """`code`, in parentheses if it binds less tightly than its place asks."""
    return Atom(_wrapped(code, least)) if _binding(code) < least else code


def transform(code: Code, change: Callable[[Atom], Code], local: Callable[[Local], Code] | None = None) -> Code:
    """`code` with every Atom (and Local) replaced, left to right."""

    def walk(part: Code) -> Code:
        match part:
            case Atom():
                return change(part)
            case Local():
                return part if local is None else local(part)
            case Apply(function, arguments):
                return Apply(walk(function), tuple((name, walk(value)) for name, value in arguments))
            case Attribute(target, name):
                return Attribute(walk(target), name)
            case Item(target, index):
                return Item(walk(target), index)
            case Binary(operator, left, right):
                return Binary(operator, walk(left), walk(right))
            case Not(value):
                return Not(walk(value))
            case Ternary(then, condition, otherwise):
                return Ternary(walk(then), walk(condition), walk(otherwise))
            case Sequence(items, brackets):
                return Sequence(tuple(walk(i) for i in items), brackets)
            case Mapping(items):
                return Mapping(tuple((key, walk(value)) for key, value in items))
            case Starred(value):
                return Starred(walk(value))
            case Generator(element, variable, iterable):
                return Generator(walk(element), variable, walk(iterable))

    return walk(code)


def atoms(code: Code) -> set[str]:
    """The names and literals in `code`."""
    found: set[str] = set()

    def note(atom: Atom) -> Code:
        found.add(atom.text)
        return atom

    transform(code, note)
    return found
