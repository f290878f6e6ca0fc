"""The syntax tree: what a definition says, with the place of every part.

Positions are character offsets from the start of the *definition's* text, which is parsed alone; `Item.offset` turns
them into offsets of the file. Trees are never changed.
`depth` is the height of the node (a leaf has 1).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Expr:
    """Base of expressions; `start`, `end` are offsets in the definition's text."""

    start: int
    end: int
    depth: int = field(default=1, kw_only=True)


@dataclass(slots=True)
class Number(Expr):
    """A literal. `text` is as written ("4.09G", "25_557_032", "2%"); `value` an int, or a float if it has a point.

    With a suffix the value is an int if exact (`4.09G` is 4_090_000_000, `70k` is 70_000), else a float; `2%` is 0.02.
    """

    value: int | float
    text: str


@dataclass(slots=True)
class Boolean(Expr):
    """`true` or `false`."""

    value: bool


@dataclass(slots=True)
class Text(Expr):
    """A string. `parts` lists literal text (str) and names to interpolate (Name): "layer{i}" is ["layer", Name i]."""

    parts: list[str | Name]


@dataclass(slots=True)
class Name(Expr):
    """A name."""

    id: str


@dataclass(slots=True)
class ListExpr(Expr):
    """`[a, b]`, `(a, b)` or `a, b`."""

    items: list[Expr]


def names_in(targets: Sequence[Expr]) -> Iterator[Name]:
    """The names that targets set, in order of writing: those of `(a, b), c` are a, b and c."""
    for target in targets:
        if isinstance(target, ListExpr):
            yield from names_in(target.items)
        elif isinstance(target, Name):
            yield target


@dataclass(slots=True)
class Comprehension(Expr):
    """`[item for targets in iterable if condition]`, one or more `for` clauses."""

    item: Expr
    clauses: list[Clause]


@dataclass(slots=True)
class Clause:
    """`for targets in iterable if conditions…` of a comprehension."""

    targets: list[Expr]
    iterable: Expr
    conditions: list[Expr]


@dataclass(slots=True)
class Ternary(Expr):
    """`then if condition else otherwise`."""

    then: Expr
    condition: Expr
    otherwise: Expr


@dataclass(slots=True)
class Chain(Expr):
    """`a -> b -> c`, flat."""

    items: list[Expr]


@dataclass(slots=True)
class As(Expr):
    """`value as label`. `container` is true when `value` is written in parentheses or brackets: `(a -> b) as label`."""

    value: Expr
    label: Text
    container: bool


@dataclass(slots=True)
class Logic(Expr):
    """`a or b or c`, `a and b`: operator is "or" or "and"; flat."""

    operator: str
    items: list[Expr]


@dataclass(slots=True)
class Not(Expr):
    """`not value`."""

    value: Expr


@dataclass(slots=True)
class Compare(Expr):
    """`first op right op right …` as in Python; ops: == != < <= > >= in "not in"."""

    first: Expr
    rest: list[tuple[str, Expr]]


@dataclass(slots=True)
class Arithmetic(Expr):
    """`first op right op right …`, left to right, all ops of one precedence: + - or * / // %; flat."""

    first: Expr
    rest: list[tuple[str, Expr]]


@dataclass(slots=True)
class Negate(Expr):
    """`-value`."""

    value: Expr


@dataclass(slots=True)
class Power(Expr):
    """`base ** exponent`, right-associative."""

    base: Expr
    exponent: Expr


@dataclass(slots=True)
class Argument:
    """One argument of a call; `name` is None for a positional one."""

    name: str | None
    value: Expr
    start: int
    end: int


@dataclass(slots=True)
class Call(Expr):
    """`callee(arguments)`."""

    callee: Expr
    arguments: list[Argument]


@dataclass(slots=True)
class Attribute(Expr):
    """`value.name`."""

    value: Expr
    name: str


@dataclass(slots=True)
class Index(Expr):
    """`value[index]`."""

    value: Expr
    index: Expr


@dataclass(slots=True)
class Slice(Expr):
    """`value[lower:upper:step]`, each part optional."""

    value: Expr
    lower: Expr | None
    upper: Expr | None
    step: Expr | None


# --- statements ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Statement:
    """Base of statements."""

    start: int
    end: int
    depth: int = field(default=1, kw_only=True)


@dataclass(slots=True)
class Assign(Statement):
    """`targets = value`; `shared name = value` has `shared` set and one target."""

    targets: list[Expr]
    value: Expr
    shared: bool = False


@dataclass(slots=True)
class Return(Statement):
    """`return value`; also the one-line body `= value`."""

    value: Expr


@dataclass(slots=True)
class For(Statement):
    """`for targets in iterable { body }`."""

    targets: list[Expr]
    iterable: Expr
    body: list[Statement]


@dataclass(slots=True)
class If(Statement):
    """`if … { } elif … { } else { }`."""

    branches: list[tuple[Expr, list[Statement]]]
    otherwise: list[Statement]


@dataclass(slots=True)
class Lone(Statement):
    """An expression whose result nobody uses: an error, kept in the tree so that elaboration can say so."""

    value: Expr


# --- definitions -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Param:
    """One parameter: `name: annotation = default`. An annotation is a name: int float bool str list stage."""

    name: str
    annotation: Name | None
    default: Expr | None
    start: int
    end: int


@dataclass(slots=True)
class TensorInput:
    """One tensor input: `x`, `x: [3, size, size]` or `ids: int[128]`."""

    name: str
    shape: list[Expr] | None
    dtype: str
    start: int
    end: int


@dataclass(slots=True)
class Decorator:
    """`@name(arguments)`."""

    name: str
    arguments: list[Argument]
    start: int
    end: int


@dataclass(slots=True)
class Definition:
    """`fn`, `block`, `cell` or `network` with a body. `name_start`, `name_end` is where the name stands."""

    kind: str
    name: str
    inputs: list[TensorInput]
    params: list[Param]
    body: list[Statement]
    start: int
    end: int
    name_start: int
    name_end: int
    depth: int = 1


@dataclass(slots=True)
class Variant:
    """`network a = b(args)`: a definition with new defaults; `base` is a Name, an Attribute or a Call of one."""

    kind: str
    name: str
    base: Expr
    start: int
    end: int
    name_start: int
    name_end: int
    depth: int = 1


@dataclass(slots=True)
class Constant:
    """`NAME = expr` at top level."""

    name: str
    value: Expr
    start: int
    end: int
    name_start: int
    name_end: int
    depth: int = 1


@dataclass(slots=True)
class Import:
    """`import path: a, b` (names) or `import path as alias`. `names` holds Name nodes."""

    path: str
    names: list[Name]
    alias: Name | None
    start: int
    end: int
    path_start: int
    path_end: int
    depth: int = 1


@dataclass(slots=True)
class Broken:
    """A definition that does not parse: it still declares its name (None when even that is missing)."""

    kind: str
    name: str | None
    start: int
    end: int
    depth: int = 1


Declaration = Definition | Variant | Constant | Import | Broken
