"""The program that a random space is: a tree of its own, which knows how to be written as a spec.

The fields of each node stand in the order of the text, so that to walk a tree is to read it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, eq=False)
class Node:
    """Any part of a program; two are the same only if they are one."""


@dataclass(frozen=True, eq=False)
class Literal(Node):
    value: int | float | str  # or bool


@dataclass(frozen=True, eq=False)
class Name(Node):
    id: str


@dataclass(frozen=True, eq=False)
class Listing(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class OneOf(Node):
    """`oneof(options)`, or with a count `someof(options, count)`."""

    options: Node
    count: Node | None = None


@dataclass(frozen=True, eq=False)
class Arrow(Node):
    source: Node
    target: Node


@dataclass(frozen=True, eq=False)
class Binary(Node):
    """Arithmetic, comparison, `in`, `and`, `or`."""

    left: Node
    operator: str
    right: Node


@dataclass(frozen=True, eq=False)
class Not(Node):
    value: Node


@dataclass(frozen=True, eq=False)
class Conditional(Node):
    then: Node
    condition: Node
    otherwise: Node


@dataclass(frozen=True, eq=False)
class Item(Node):
    value: Node
    index: Node


@dataclass(frozen=True, eq=False)
class Attribute(Node):
    value: Node
    name: str


@dataclass(frozen=True, eq=False)
class Given(Node):
    """An argument; without a name it goes by its position."""

    name: str
    value: Node


@dataclass(frozen=True, eq=False)
class Call(Node):
    callee: Node
    given: tuple[Given, ...]


@dataclass(frozen=True, eq=False)
class Comprehension(Node):
    item: Node
    targets: tuple[str, ...]
    iterable: Node
    condition: Node | None


@dataclass(frozen=True, eq=False)
class Labelled(Node):
    """A stage `as` a text, which may hold names in braces."""

    stage: Node
    text: str


@dataclass(frozen=True, eq=False)
class Assign(Node):
    targets: tuple[str, ...]
    value: Node
    shared: bool = False


@dataclass(frozen=True, eq=False)
class For(Node):
    targets: tuple[str, ...]
    iterable: Node
    body: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class If(Node):
    condition: Node
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Return(Node):
    value: Node


@dataclass(frozen=True, eq=False)
class Parameter(Node):
    name: str
    default: Node | None


@dataclass(frozen=True, eq=False)
class Input(Node):
    name: str
    type: Node | None  # a Listing of sizes


@dataclass(frozen=True, eq=False)
class Definition(Node):
    """A fn, block, cell or network; a constant or a variant has a value instead of a body."""

    kind: str
    name: str
    inputs: tuple[Input, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    value: Node | None = None
    body: tuple[Node, ...] = ()


@dataclass(frozen=True, eq=False)
class Program(Node):
    """A spec; the last definition is its network."""

    definitions: tuple[Definition, ...]

    @property
    def network(self) -> str:
        return self.definitions[-1].name


def parts(node: Node) -> list[Any]:
    """The values of the fields."""
    return [getattr(node, field.name) for field in fields(node)]


def walk(node: Any) -> Iterator[Node]:
    """The node and all below it, in the order of the text."""
    if isinstance(node, tuple):
        for item in node:
            yield from walk(item)
    elif isinstance(node, Node):
        yield node
        for part in parts(node):
            yield from walk(part)


# --- text ------------------------------------------------------------------------------------------------------

LEVELS = {"or": 4, "and": 5, "+": 8, "-": 8, "*": 9, "//": 9, "%": 9}
LOWEST, FLOW, LABEL, NEGATION, COMPARED, HIGHEST = 1, 2, 3, 6, 7, 12


def level(node: Node) -> int:
    """How tight the outermost operator binds."""
    if isinstance(node, Binary):
        return LEVELS.get(node.operator, COMPARED)
    levels: dict[type[Node], int] = {Conditional: LOWEST, Arrow: FLOW, Labelled: LABEL, Not: NEGATION}
    return levels.get(type(node), HIGHEST)


def write(node: Node, least: int = LOWEST) -> str:
    """The text of an expression, in parentheses where it binds looser than `least`."""
    text = _expression(node)
    return text if level(node) >= least else f"({text})"


def _expression(node: Node) -> str:
    match node:
        case Literal(value):
            return (
                str(value).lower()
                if isinstance(value, bool)
                else f'"{value}"'
                if isinstance(value, str)
                else str(value)
            )
        case Name(name):
            return name
        case Listing(items):
            return f"[{', '.join(map(write, items))}]"
        case OneOf(options, count):
            return f"oneof({write(options)})" if count is None else f"someof({write(options)}, {write(count)})"
        case Arrow(source, target):
            return f"{write(source, FLOW)} -> {write(target, LABEL)}"
        case Binary(left, operator, right):
            mine = level(node)
            tighter = mine + 1
            return f"{write(left, tighter if mine == COMPARED else mine)} {operator} {write(right, tighter)}"
        case Not(value):
            return f"not {write(value, NEGATION)}"
        case Conditional(then, condition, otherwise):
            return f"{write(then, FLOW)} if {write(condition, FLOW)} else {write(otherwise)}"
        case Item(value, index):
            return f"{write(value, HIGHEST)}[{write(index)}]"
        case Attribute(value, name):
            return f"{write(value, HIGHEST)}.{name}"
        case Given(name, value):
            return f"{name} = {write(value)}" if name else write(value)
        case Call(callee, given):
            return f"{write(callee, HIGHEST)}({', '.join(map(write, given))})"
        case Comprehension(item, targets, iterable, condition):
            over = f"{write(item)} for {', '.join(targets)} in {write(iterable, FLOW)}"
            return f"[{over}]" if condition is None else f"[{over} if {write(condition, FLOW)}]"
        case Labelled(stage, text):
            return f'{write(stage, NEGATION + 1)} as "{text}"'
    raise AssertionError(node)


def _statements(body: tuple[Node, ...], indent: str) -> list[str]:
    lines: list[str] = []
    for statement in body:
        match statement:
            case Assign(targets, value, shared):
                lines.append(f"{indent}{'shared ' if shared else ''}{', '.join(targets)} = {write(value)}")
            case Return(value):
                lines.append(f"{indent}return {write(value)}")
            case For(targets, iterable, inner):
                lines.append(f"{indent}for {', '.join(targets)} in {write(iterable)} {{")
                lines += [*_statements(inner, indent + "    "), f"{indent}}}"]
            case If(condition, inner, otherwise):
                lines.append(f"{indent}if {write(condition)} {{")
                lines += [*_statements(inner, indent + "    "), f"{indent}}}"]
                if otherwise:
                    lines[-1] += " else {"
                    lines += [*_statements(otherwise, indent + "    "), f"{indent}}}"]
    return lines


def _definition(made: Definition) -> str:
    if made.value is not None:
        head = made.name if made.kind == "constant" else f"{made.kind} {made.name}"
        return f"{head} = {write(made.value)}"
    parameters = ", ".join(p.name if p.default is None else f"{p.name} = {write(p.default)}" for p in made.parameters)
    inputs = ", ".join(i.name if i.type is None else f"{i.name}: {write(i.type)}" for i in made.inputs)
    signature = parameters if made.kind == "fn" else f"{inputs}; {parameters}" if parameters else inputs
    head = f"{made.kind} {made.name}({signature})"
    return "\n".join([f"{head} {{", *_statements(made.body, "    "), "}"])


def spec(program: Program) -> str:
    """The text of a program."""
    return "\n".join(map(_definition, program.definitions)) + "\n"
