"""Turns the expression that gave an op a long list into the same expression of numbers alone, for those who write code.

    fn index(m) = [[i - j + m - 1 for j in range(m)] for i in range(m)]
    table -> take(index(49))

takes 2,401 numbers, which nobody would write into PyTorch code; `[[i - j + 49 - 1 for j in range(49)] for i in
range(49)]` is what a person would. Functions are written out where they are called, and names are replaced by what
they stand for, but for those of comprehensions. The result is plain data, like all arguments of ops: a number, or a
tuple of a word and parts:

    ("var", name)  ("list", item, …)  ("for", item, (target, iterable, condition, …), …)  ("call", built-in, value, …)
    ("if", then, test, otherwise)  ("op", operator, left, right)  ("neg", value)  ("not", value)  ("at", list, index)
"""

from __future__ import annotations

from typing import Any

from archdsl.elaborate.definitions import Function
from archdsl.elaborate.operators import is_number
from archdsl.elaborate.session import Frame, Mistake
from archdsl.elaborate.values import Builtin, ListValue, Value
from archdsl.syntax import tree

FEW = 4
"""So many numbers are always written as they are."""

_SHORT = 16  # of lists inside the expression

_SAME_IN_PYTHON = frozenset({"abs", "enumerate", "float", "int", "len", "max", "min", "range", "round", "sum", "zip"})


class _Unspellable(Exception):
    """Python would say it otherwise, or it is no expression of numbers."""


def spelled(frame: Frame, node: tree.Expr) -> tuple[Any, ...]:
    """The expression at `node`; nothing where it cannot be told by a short one."""
    try:
        found = _Speller(frame, {}, frozenset(), 0).spell(node)
    except (_Unspellable, Mistake):
        return ()
    return found if isinstance(found, tuple) and _parts(found) < 200 else ()


def _parts(found: Any) -> int:
    return sum(map(_parts, found)) if isinstance(found, tuple) else 1


class _Speller:
    """Spells what stands in one text: `known` are the names that it replaces, `taken` the variables in use."""

    def __init__(self, frame: Frame, known: dict[str, Any], taken: frozenset[str], depth: int) -> None:
        if depth > 16:
            raise _Unspellable
        self.frame, self.known, self.taken, self.depth = frame, known, taken, depth

    def spell(self, node: tree.Expr) -> Any:
        match node:
            case tree.Number(value=value):
                return value
            case tree.Name(id=name) if name in self.known:
                return self.known[name]
            case tree.Name() | tree.Attribute():
                return _number(self.frame.session.evaluate_open(self.frame, node))
            case tree.ListExpr(items=items):
                return ("list", *map(self.spell, items))
            case tree.Comprehension(item=item, clauses=clauses):
                return self._comprehension(item, clauses)
            case tree.Ternary(then=then, condition=condition, otherwise=otherwise):
                return ("if", self.spell(then), self.spell(condition), self.spell(otherwise))
            case tree.Arithmetic(first=first, rest=rest):
                made = self.spell(first)
                for operator, right in rest:
                    made = ("op", operator, made, self.spell(right))
                return made
            case tree.Logic(operator=operator, items=[first, *others]):
                made = self.spell(first)
                for right in others:
                    made = ("op", operator, made, self.spell(right))
                return made
            case tree.Compare(first=first, rest=[(operator, right)]):
                return ("op", operator, self.spell(first), self.spell(right))
            case tree.Power(base=base, exponent=exponent):
                return ("op", "**", self.spell(base), self.spell(exponent))
            case tree.Negate(value=value):
                return ("neg", self.spell(value))
            case tree.Not(value=value):
                return ("not", self.spell(value))
            case tree.Index(value=value, index=index):
                return ("at", self.spell(value), self.spell(index))
            case tree.Call():
                return self._call(node)
        raise _Unspellable

    def _comprehension(self, item: tree.Expr, clauses: list[tree.Clause]) -> Any:
        inner = _Speller(self.frame, dict(self.known), self.taken, self.depth)
        made = []
        for clause in clauses:
            iterable = inner.spell(clause.iterable)
            target = inner._targets(clause.targets)
            made.append((target, iterable, *map(inner.spell, clause.conditions)))
        return ("for", inner.spell(item), *made)

    def _targets(self, targets: list[tree.Expr]) -> str:
        """The variables of a `for`, as Python writes them; none hides one around it."""
        names = []
        for target in targets:
            if not isinstance(target, tree.Name):
                raise _Unspellable
            name, number = target.id, 2
            while name in self.taken:
                name, number = f"{target.id}{number}", number + 1
            self.taken |= {name}
            self.known[target.id] = ("var", name)
            names.append(name)
        return ", ".join(names)

    def _call(self, node: tree.Call) -> Any:
        callee = self.frame.session.evaluate_open(self.frame, node.callee)
        if isinstance(callee, Builtin) and callee.name in _SAME_IN_PYTHON:
            if any(argument.name is not None for argument in node.arguments):
                raise _Unspellable
            return ("call", callee.name, *[self.spell(argument.value) for argument in node.arguments])
        if not isinstance(callee, Function):
            raise _Unspellable
        frame = self.frame
        inside = Frame(frame.session, callee.module, callee.item, None, frame.span(node))
        given = self._arguments(callee.definition.params, node)
        defaults = _Speller(inside, {}, self.taken, self.depth + 1)
        for param in callee.definition.params:
            if param.name not in given:
                if param.default is None:
                    raise _Unspellable
                given[param.name] = defaults.spell(param.default)
        return _Speller(inside, given, self.taken, self.depth + 1).returned(callee.definition.body)

    def _arguments(self, params: list[tree.Param], node: tree.Call) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for number, argument in enumerate(node.arguments):
            name = argument.name or (params[number].name if number < len(params) else "")
            given[name] = self.spell(argument.value)
        return given

    def returned(self, body: list[tree.Statement]) -> Any:
        """What a body of assignments and a `return` gives."""
        for statement in body:
            match statement:
                case tree.Assign(targets=[tree.Name(id=name)], value=value):
                    self.known[name] = self.spell(value)
                case tree.Assign(targets=targets, value=tree.ListExpr(items=items)) if len(targets) == len(items):
                    values = list(map(self.spell, items))
                    for target, one in zip(targets, values, strict=True):
                        if not isinstance(target, tree.Name):
                            raise _Unspellable
                        self.known[target.id] = one
                case tree.Return(value=value):
                    return self.spell(value)
                case _:
                    raise _Unspellable
        raise _Unspellable


def _number(value: Value) -> Any:
    """A number, or a short list of such."""
    if is_number(value):
        return value
    if isinstance(value, ListValue) and len(value.items) <= _SHORT:
        return ("list", *map(_number, value.items))
    raise _Unspellable
