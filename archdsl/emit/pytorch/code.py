"""Holds small trees of Python expressions, and turns them into text on one line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


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
class Index:
    """`target[index]`, an index of text as written."""

    target: Code
    index: str | Code


@dataclass(frozen=True, slots=True)
class SliceDisplay:
    """`lower:upper:step` of an index, each part optional."""

    lower: Code | None
    upper: Code | None
    step: Code | None


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
class Negative:
    """`-value`."""

    value: Code


@dataclass(frozen=True, slots=True)
class ListFor:
    """`[element for target in iterable if test …]`; clauses are (target, iterable, tests)."""

    element: Code
    clauses: tuple[tuple[str, Code, tuple[Code, ...]], ...]


@dataclass(frozen=True, slots=True)
class Ternary:
    """`then if condition else otherwise`."""

    then: Code
    condition: Code
    otherwise: Code


@dataclass(frozen=True, slots=True)
class SequenceDisplay:
    """`[a, b]`, `(a, b)` or, with no brackets, the bare `a, b` of `return` and assignment."""

    items: tuple[Code, ...]
    brackets: str = "[]"


@dataclass(frozen=True, slots=True)
class DictDisplay:
    """`{"a": x, "b": y}`."""

    items: tuple[tuple[Code, Code], ...]


@dataclass(frozen=True, slots=True)
class DictGenerator:
    """`{key: value for variable in iterable}`."""

    key: Code
    value: Code
    variable: str
    iterable: Code


@dataclass(frozen=True, slots=True)
class Starred:
    """`*value`."""

    value: Code


@dataclass(frozen=True, slots=True)
class Lambda:
    """`lambda: value`."""

    value: Code


@dataclass(frozen=True, slots=True)
class Generator:
    """`element for variable in iterable`, in parentheses unless it is the only argument of a call."""

    element: Code
    variable: str
    iterable: Code


Code = (
    Atom
    | Local
    | Apply
    | Attribute
    | Index
    | SliceDisplay
    | Binary
    | Not
    | Negative
    | ListFor
    | Ternary
    | SequenceDisplay
    | DictDisplay
    | DictGenerator
    | Starred
    | Lambda
    | Generator
)

BINDS = {
    "or": 1,
    "and": 2,
    "==": 4,
    "!=": 4,
    ">": 4,
    "<": 4,
    ">=": 4,
    "<=": 4,
    "in": 4,
    "not in": 4,
    "|": 5,
    "^": 6,
    "&": 7,
    "+": 9,
    "-": 9,
    "*": 10,
    "/": 10,
    "//": 10,
    "%": 10,
    "@": 10,
    "**": 12,
}
_NOT = 3
_UNARY = 11
_POSTFIX = 13


def literal(value: object) -> Code:
    """The literal of a number, bool, None, string or (nested) tuple."""
    if isinstance(value, tuple):
        return SequenceDisplay(tuple(literal(v) for v in value), "()")
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


def item(target: Code, key: Code, default: Code | None = None) -> Code:
    """`design["depth"]`, or `design.get("depth", "1")`."""
    if default is None:
        return Index(target, key)
    return Apply(Attribute(target, "get"), (("", key), ("", default)))


def binding(code: Code) -> int:
    """How tightly the outermost operator of `code` binds."""
    match code:
        case Ternary() | Starred() | Lambda():
            return 0
        case SequenceDisplay(brackets=""):
            return -1
        case Not():
            return _NOT
        case Negative():
            return _UNARY
        case Binary(operator):
            return BINDS[operator]
        case Atom(text):
            return _UNARY if text.startswith("-") else _POSTFIX + 1
        case _:
            return _POSTFIX + 1


def wrapped(code: Code, least: int) -> str:
    """`code` on one line, in parentheses if it binds less tightly than `least`."""
    text = flat(code)
    return f"({text})" if binding(code) < least else text


def flat(code: Code) -> str:
    """`code` on one line, however long."""
    match code:
        case Atom(text):
            return text
        case Local(name):
            return name
        case Apply(function, arguments):
            return f"{head(function)}({flat_arguments(arguments)})"
        case Attribute(target, name):
            dotted = isinstance(target, Atom) and target.text.isdigit()
            return f"({flat(target)}).{name}" if dotted else f"{wrapped(target, _POSTFIX)}.{name}"
        case Index(target, index):
            return f"{wrapped(target, _POSTFIX)}[{index if isinstance(index, str) else flat(index)}]"
        case SliceDisplay(lower, upper, step):
            return _slice(lower, upper, step)
        case Binary(operator, left, right):
            binds = BINDS[operator]
            if operator == "**":
                return _power(left, right)
            return f"{wrapped(left, binds)} {operator} {wrapped(right, binds + 1)}"
        case Not(value):
            return f"not {wrapped(value, _NOT)}"
        case Negative(value):
            return f"-{wrapped(value, _UNARY)}"
        case ListFor(element):
            return f"[{flat(element)} {' '.join(clauses(code))}]"
        case Ternary(then, condition, otherwise):
            return f"{wrapped(then, 1)} if {wrapped(condition, 1)} else {wrapped(otherwise, 0)}"
        case SequenceDisplay(items, brackets):
            inner = ", ".join(flat(i) for i in items)
            comma = "," if len(items) == 1 and brackets != "[]" else ""
            return brackets[:1] + inner + comma + brackets[1:]
        case DictDisplay(items):
            return "{" + ", ".join(f"{flat(key)}: {flat(value)}" for key, value in items) + "}"
        case DictGenerator(key, value, variable, iterable):
            return f"{{{flat(key)}: {flat(value)} for {variable} in {flat(iterable)}}}"
        case Starred(value):
            return f"*{wrapped(value, _POSTFIX)}"
        case Lambda(value):
            return f"lambda: {flat(value)}"
        case Generator():
            return f"({_clause(code)})"


def _slice(lower: Code | None, upper: Code | None, step: Code | None) -> str:
    """A formatter puts spaces around the colons where a part is more than a name or a number."""
    parts = [lower, upper] if step is None else [lower, upper, step]
    simple = all(part is None or (isinstance(part, Atom | Local) and "." not in flat(part)) for part in parts)
    texts = ["" if part is None else flat(part) for part in parts]
    return (":" if simple else " : ").join(texts).strip()


def clauses(code: ListFor) -> list[str]:
    """`for i in range(3)`, `if i > 0`: what stands behind the element, part by part."""
    found = []
    for target, iterable, tests in code.clauses:
        found.append(f"for {target} in {wrapped(iterable, 1)}")
        found += [f"if {wrapped(test, 1)}" for test in tests]
    return found


def _power(left: Code, right: Code) -> str:
    """A formatter writes `x**2` when both sides are simple, else `f(x) ** 2`."""
    simple = all(isinstance(side, Atom | Local) or _dotted(side) for side in (left, right))
    operator = "**" if simple else " ** "
    return f"{wrapped(left, _POSTFIX)}{operator}{wrapped(right, _UNARY)}"


def _dotted(code: Code) -> bool:
    while isinstance(code, Attribute):
        code = code.target
    return isinstance(code, Atom | Local)


def _clause(code: Generator) -> str:
    return f"{flat(code.element)} for {code.variable} in {flat(code.iterable)}"


def head(function: Code) -> str:
    """What stands before the opening parenthesis of a call."""
    return wrapped(function, _POSTFIX)


def flat_arguments(arguments: tuple[tuple[str, Code], ...]) -> str:
    """What stands between the parentheses of a call."""
    if len(arguments) == 1 and not arguments[0][0] and isinstance(only := arguments[0][1], Generator):
        return _clause(only)
    return ", ".join((f"{name}=" if name else "") + flat(value) for name, value in arguments)


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
            case Index(target, index):
                return Index(walk(target), index if isinstance(index, str) else walk(index))
            case SliceDisplay(lower, upper, step):
                return SliceDisplay(*[None if part is None else walk(part) for part in (lower, upper, step)])
            case Binary(operator, left, right):
                return Binary(operator, walk(left), walk(right))
            case Not(value):
                return Not(walk(value))
            case Negative(value):
                return Negative(walk(value))
            case ListFor(element, parts):
                made = [(target, walk(over), tuple(map(walk, tests))) for target, over, tests in parts]
                return ListFor(walk(element), tuple(made))
            case Ternary(then, condition, otherwise):
                return Ternary(walk(then), walk(condition), walk(otherwise))
            case SequenceDisplay(items, brackets):
                return SequenceDisplay(tuple(walk(i) for i in items), brackets)
            case DictDisplay(items):
                return DictDisplay(tuple((walk(key), walk(value)) for key, value in items))
            case DictGenerator(key, value, variable, iterable):
                return DictGenerator(walk(key), walk(value), variable, walk(iterable))
            case Starred(value):
                return Starred(walk(value))
            case Lambda(value):
                return Lambda(walk(value))
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
