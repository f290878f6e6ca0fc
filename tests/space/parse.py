"""Reads the part of the language that the reference knows, by a small parser of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from tests.space.program import (
    Arrow,
    Assign,
    Attribute,
    Binary,
    Call,
    Comprehension,
    Conditional,
    Definition,
    For,
    Given,
    If,
    Input,
    Item,
    Labelled,
    Listing,
    Literal,
    Name,
    Node,
    Not,
    OneOf,
    Parameter,
    Program,
    Return,
)

TOKENS = re.compile(r'#[^\n]*|\s*\n|[ \t]+|"[^"]*"|\d+\.\d+|\d+|\w+|->|//|==|!=|<=|>=|[-+*%<>=()\[\]{},;.:]')
LADDER = (("or",), ("and",), ("not",), ("==", "!=", "<", "<=", ">", ">=", "in", "not in"), ("+", "-"), ("*", "//", "%"))
KINDS = ("fn", "block", "cell", "network")
Part = TypeVar("Part")


def tokens(text: str) -> list[str]:
    """The tokens; a line end is one unless a bracket is open."""
    found: list[str] = []
    depth, position = 0, 0
    while position < len(text):
        match = TOKENS.match(text, position)
        assert match, text[position : position + 30]
        position = match.end()
        token = match.group()
        if "\n" in token:
            found += [] if depth or not found or found[-1] == "\n" else ["\n"]
        elif token.strip() and token[0] != "#":
            depth += (token in "([") - (token in ")]")
            found.append("\n" if token == ";" and not depth else token)
    return [*found, "\n", ""]


class Parser:
    def __init__(self, text: str) -> None:
        self.tokens = tokens(text)
        self.place = 0

    @property
    def next(self) -> str:
        return self.tokens[self.place]

    def take(self, *wanted: str) -> str:
        """The next token, which is one of these if any are given."""
        token = self.next
        assert not wanted or token in wanted, f"{wanted} expected before {' '.join(self.tokens[self.place :][:12])}"
        self.place += 1
        return token

    def found(self, *wanted: str) -> bool:
        """Whether the next token is one of these, which is then taken."""
        if self.next not in wanted:
            return False
        self.place += 1
        return True

    def several(self, part: Callable[[], Part], *ends: str) -> tuple[Part, ...]:
        """Parts with commas between them, up to an end, which stays."""
        parts: list[Part] = []
        while self.next not in ends:
            parts.append(part())
            if not self.found(","):
                break
        return tuple(parts)

    # --- definitions -------------------------------------------------------------------------------------------

    def program(self) -> Program:
        definitions: list[Definition] = []
        while True:
            while self.found("\n"):
                pass
            if not self.next:
                return Program(tuple(definitions))
            definitions.append(self.definition())

    def definition(self) -> Definition:
        kind = self.take() if self.next in KINDS else "constant"
        name = self.take()
        if self.found("="):
            return Definition(kind, name, value=self.expression())
        self.take("(")
        inputs = () if kind == "fn" else self.several(self.input, ";", ")")
        self.found(";")
        parameters = self.several(self.parameter, ")")
        self.take(")")
        if self.found("="):
            return Definition(kind, name, inputs, parameters, body=(Return(self.returned()),))
        return Definition(kind, name, inputs, parameters, body=self.body())

    def input(self) -> Input:
        return Input(self.take(), self.expression() if self.found(":") else None)

    def parameter(self) -> Parameter:
        return Parameter(self.take(), self.expression() if self.found("=") else None)

    # --- statements --------------------------------------------------------------------------------------------

    def body(self) -> tuple[Node, ...]:
        self.take("{")
        statements: list[Node] = []
        while not self.found("}"):
            if not self.found("\n"):
                statements.append(self.statement())
        return tuple(statements)

    def statement(self) -> Node:
        if self.found("return"):
            return Return(self.returned())
        if self.found("if"):
            condition, then = self.flow(), self.body()
            return If(condition, then, self.body() if self.found("else") else ())
        if self.found("for"):
            targets = self.several(self.take, "in")
            self.take("in")
            return For(targets, self.expression(), self.body())
        shared = self.found("shared")
        targets = self.several(self.take, "=")
        self.take("=")
        return Assign(targets, self.returned(), shared)

    def returned(self) -> Node:
        """An expression, or several with commas, which are a list."""
        first = self.expression()
        if self.next != ",":
            return first
        self.take(",")
        return Listing((first, *self.several(self.expression, "\n", "}")))

    # --- expressions -------------------------------------------------------------------------------------------

    def expression(self) -> Node:
        then = self.flow()
        if not self.found("if"):
            return then
        condition = self.flow()
        self.take("else")
        return Conditional(then, condition, self.expression())

    def flow(self) -> Node:
        node = self.labelled()
        while self.found("->"):
            node = Arrow(node, self.labelled())
        return node

    def labelled(self) -> Node:
        node = self.binary(0)
        return Labelled(node, self.take().strip('"')) if self.found("as") else node

    def binary(self, rung: int) -> Node:
        if rung == len(LADDER):
            return self.postfix()
        if LADDER[rung] == ("not",):
            return Not(self.binary(rung)) if self.found("not") else self.binary(rung + 1)
        left = self.binary(rung + 1)
        while (operator := self.operator()) in LADDER[rung]:
            self.place += len(operator.split())
            left = Binary(left, operator, self.binary(rung + 1))
        return left

    def operator(self) -> str:
        two = " ".join(self.tokens[self.place : self.place + 2])
        return two if two == "not in" else self.next

    def postfix(self) -> Node:
        node = self.atom()
        while self.next in ("(", "[", ".") and self.next:
            if self.found("("):
                given = self.several(self.argument, ")")
                self.take(")")
                chosen = isinstance(node, Name) and node.id in ("oneof", "someof")
                node = OneOf(*(item.value for item in given)) if chosen else Call(node, given)
            elif self.found("["):
                node = Item(node, self.expression())
                self.take("]")
            else:
                self.take(".")
                node = Attribute(node, self.take())
        return node

    def argument(self) -> Given:
        if self.tokens[self.place + 1] == "=":
            name = self.take()
            self.take("=")
            return Given(name, self.expression())
        return Given("", self.expression())

    def atom(self) -> Node:
        token = self.take()
        if token == "-":
            return Literal(-int(self.take()))
        if token == "(":
            node = self.expression()
            self.take(")")
            return node
        if token == "[":
            return self.listing()
        if token in ("true", "false"):
            return Literal(token == "true")
        if token[0] == '"':
            return Literal(token.strip('"'))
        if token[0].isdigit():
            return Literal(float(token) if "." in token else int(token))
        assert token.isidentifier(), f"{token!r} before {' '.join(self.tokens[self.place :][:12])}"
        return Name(token)

    def listing(self) -> Node:
        items = self.several(self.expression, "]", "for")
        if self.found("]"):
            return Listing(items)
        self.take("for")
        targets = self.several(self.take, "in")
        self.take("in")
        iterable = self.flow()
        condition = self.flow() if self.found("if") else None
        self.take("]")
        return Comprehension(items[0], targets, iterable, condition)


def parse(text: str) -> Program:
    """The program of a spec; its network is the one that is defined last."""
    return Parser(text).program()
