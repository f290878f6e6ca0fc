"""Turns what the parser reduces inside expressions into expression nodes (one method per rule of grammar/arch.lark)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archdsl.syntax import literals
from archdsl.syntax.fault import Fault
from archdsl.syntax.python_words import NO_NAMES
from archdsl.syntax.token import Token
from archdsl.syntax.tree import (
    Argument,
    Arithmetic,
    As,
    Attribute,
    Boolean,
    Call,
    Chain,
    Clause,
    Compare,
    Comprehension,
    Expr,
    Index,
    ListExpr,
    Logic,
    Name,
    Negate,
    Not,
    Number,
    Power,
    Slice,
    Ternary,
    Text,
)

MAX_DEPTH = 200

Children = list[Any]  # tokens and nodes, as the rule lists them


def height(start: int, end: int, depths: Sequence[int]) -> int:
    """One more than the largest of `depths`. Raises Fault too-deep over MAX_DEPTH."""
    depth = 1 + max(depths, default=0)
    if depth > MAX_DEPTH:
        message = f"this is nested more than {MAX_DEPTH} levels deep"
        raise Fault("too-deep", message, start, min(end, start + 1), "give inner parts a name of their own")
    return depth


class ExpressionBuilder:
    """Callbacks for expressions. Rules that have one child never come here: the parser passes the child on."""

    def __init__(self) -> None:
        # The bracketed node closed last: `as` right behind it labels a container.
        self._bracketed: Expr | None = None
        self.too_large: Number | None = None  # the first int that is, so far; an attribute may have one

    # --- words (called when the token is read)

    def NAME(self, token: Token) -> Name:
        """A name. Raises Fault python-syntax for `True`, `False` and `None`."""
        word = str(token)
        if word in NO_NAMES:
            message, help = NO_NAMES[word]
            raise Fault("python-syntax", message, token.start, token.end, help)
        return Name(token.start, token.end, word)

    def NUMBER(self, token: Token) -> Number:
        found = literals.number(str(token), token.start)
        if found.value >= literals.LARGEST and isinstance(found.value, int):
            self.too_large = self.too_large or found
        return found

    def STRING(self, token: Token) -> Text:
        return literals.string(str(token), token.start)

    def BOOLEAN(self, token: Token) -> Boolean:
        return Boolean(token.start, token.end, token == "true")

    # --- operators, loosest first

    def ternary(self, c: Children) -> Ternary:
        start, end = c[0].start, c[4].end
        return Ternary(start, end, *c[0::2], depth=height(start, end, [n.depth for n in c[0::2]]))

    def chain(self, c: Children) -> Chain:
        items = c[0::2]
        start, end = items[0].start, items[-1].end
        return Chain(start, end, items, depth=height(start, end, [n.depth for n in items]))

    def labelled(self, c: Children) -> As:
        value, _, label = c
        if isinstance(label, Name):
            label = Text(label.start, label.end, [label.id])
        start, end = value.start, label.end
        return As(start, end, value, label, value is self._bracketed, depth=height(start, end, [value.depth]))

    def either(self, c: Children) -> Logic:
        return self._logic("or", c[0::2])

    def both(self, c: Children) -> Logic:
        return self._logic("and", c[0::2])

    def _logic(self, operator: str, items: list[Expr]) -> Logic:
        start, end = items[0].start, items[-1].end
        return Logic(start, end, operator, items, depth=height(start, end, [n.depth for n in items]))

    def negation(self, c: Children) -> Not:
        start, end = c[0].start, c[1].end
        return Not(start, end, c[1], depth=height(start, end, [c[1].depth]))

    def comparison(self, c: Children) -> Compare:
        rest = [(" ".join(operator.split()), right) for operator, right in zip(c[1::2], c[2::2], strict=True)]
        start, end = c[0].start, c[-1].end
        return Compare(start, end, c[0], rest, depth=height(start, end, [n.depth for n in c[0::2]]))

    def sum(self, c: Children) -> Arithmetic:
        rest = [(str(operator), right) for operator, right in zip(c[1::2], c[2::2], strict=True)]
        start, end = c[0].start, c[-1].end
        return Arithmetic(start, end, c[0], rest, depth=height(start, end, [n.depth for n in c[0::2]]))

    product = sum

    def unary(self, c: Children) -> Negate:
        start, end = c[0].start, c[1].end
        return Negate(start, end, c[1], depth=height(start, end, [c[1].depth]))

    def power(self, c: Children) -> Power:
        start, end = c[0].start, c[2].end
        return Power(start, end, c[0], c[2], depth=height(start, end, [c[0].depth, c[2].depth]))

    # --- postfixes

    def call(self, c: Children) -> Call:
        callee, (arguments, end) = c
        depths = [callee.depth, *(a.value.depth for a in arguments)]
        return Call(callee.start, end, callee, arguments, depth=height(callee.start, end, depths))

    def arguments(self, c: Children) -> tuple[list[Argument], int]:
        """The arguments and the offset after `)`. Raises Fault positional-after-keyword and repeated-argument."""
        given: list[Argument] = [a for a in c if isinstance(a, Argument)]
        names: set[str] = set()
        for a in given:
            if a.name is None and names:
                help = "write the positional arguments first, or give this one its name"
                message = "a positional argument after a named one"
                raise Fault("positional-after-keyword", message, a.start, a.end, help)
            if a.name in names:
                end = a.start + len(a.name or "")
                raise Fault("repeated-argument", f"`{a.name}` is given twice", a.start, end, "keep one of the two")
            if a.name is not None:
                names.add(a.name)
        return given, c[-1].end

    def setting(self, c: Children) -> Argument:
        """An argument of an attribute, whose name may be a text: `@picks("normal.0.left" = h)`."""
        if len(c) == 3 and isinstance(c[0], Text):
            name = "".join([part if isinstance(part, str) else f"{{{part.id}}}" for part in c[0].parts])
            return Argument(name, c[2], c[0].start, c[2].end)
        return self.argument(c)

    settings = arguments

    def argument(self, c: Children) -> Argument:
        if len(c) == 1:
            return Argument(None, c[0], c[0].start, c[0].end)
        return Argument(c[0].id, c[2], c[0].start, c[2].end)

    def attribute(self, c: Children) -> Attribute:
        value, _, name = c
        return Attribute(value.start, name.end, value, name.id, depth=height(value.start, name.end, [value.depth]))

    def index(self, c: Children) -> Index:
        value, _, index, close = c
        start, end = value.start, close.end
        return Index(start, end, value, index, depth=height(start, end, [value.depth, index.depth]))

    def slice(self, c: Children) -> Slice:
        bounds: list[Expr | None] = [None]
        for part in c[2:-1]:
            if isinstance(part, Token):
                bounds.append(None)
            else:
                bounds[-1] = part
        lower, upper, step = (*bounds, None)[:3]
        start, end = c[0].start, c[-1].end
        depth = height(start, end, [c[0].depth, *(b.depth for b in bounds if b is not None)])
        return Slice(start, end, c[0], lower, upper, step, depth=depth)

    # --- brackets

    def items(self, c: Children) -> Children:
        return c

    def parentheses(self, c: Children) -> Expr:
        """`()`, `(a, b)` and `(a,)` are lists; `(a)` is a with its parentheses in its span."""
        start, end = c[0].start, c[-1].end
        inner: Children = c[1] if len(c) == 3 else []
        if len(inner) == 1:
            node: Expr = inner[0]
            node.start, node.end = start, end
            node.depth = height(start, end, [node.depth])
        else:
            node = self._list(inner[0::2], start, end)
        self._bracketed = node
        return node

    def brackets(self, c: Children) -> ListExpr:
        self._bracketed = node = self._list(c[1][0::2] if len(c) == 3 else [], c[0].start, c[-1].end)
        return node

    def _list(self, items: list[Expr], start: int, end: int) -> ListExpr:
        return ListExpr(start, end, items, depth=height(start, end, [n.depth for n in items]))

    def comprehension(self, c: Children) -> Comprehension:
        item: Expr = c[1]
        clauses: list[Clause] = c[2:-1]
        start, end = c[0].start, c[-1].end
        inner = [n.depth for clause in clauses for n in (clause.iterable, *clause.conditions)]
        depth = height(start, end, [item.depth, *inner])
        self._bracketed = node = Comprehension(start, end, item, clauses, depth=depth)
        return node

    def clause(self, c: Children) -> Clause:
        return Clause(c[1], c[3], c[5::2])

    def targets(self, c: Children) -> list[Expr]:
        return c[0::2]

    def target(self, c: Children) -> Expr:
        """A name, or several in parentheses."""
        if len(c) == 1:
            return c[0]  # type: ignore[no-any-return]
        return c[1][0] if len(c[1]) == 1 else self._list(c[1], c[0].start, c[2].end)

    def names(self, c: Children) -> list[Name]:
        return c[0::2]
