"""Turns what the parser reduces in statements and definitions into their nodes, and a whole item into a ParsedItem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from archdsl.syntax.build_expressions import Children, ExpressionBuilder, height
from archdsl.syntax.fault import Fault
from archdsl.syntax.literals import too_large
from archdsl.syntax.token import Token
from archdsl.syntax.tree import (
    Argument,
    Assign,
    Attribute,
    Call,
    Constant,
    Declaration,
    Decorator,
    Definition,
    Expr,
    For,
    If,
    Import,
    ListExpr,
    Lone,
    Name,
    Param,
    Return,
    Statement,
    TensorInput,
    Variant,
)

ANNOTATIONS = ("int", "float", "bool", "str", "list", "stage")


@dataclass(slots=True)
class ParsedItem:
    """One item's text as a tree; offsets count from the start of that text."""

    declaration: Declaration
    decorators: list[Decorator]


class _Annotation(NamedTuple):
    """`name`, `[shape]` or `name[shape]`."""

    name: Name | None
    shape: list[Expr] | None
    start: int
    end: int


class _ListedParameter(NamedTuple):
    """One entry of a signature, before it is known on which side of `;` it stands."""

    name: Name
    annotation: _Annotation | None
    default: Expr | None
    end: int


class _ParameterList(NamedTuple):
    before: list[_ListedParameter]
    after: list[_ListedParameter] | None  # None without `;`


class _Statements(NamedTuple):
    statements: list[Statement]
    end: int


class TreeBuilder(ExpressionBuilder):
    """Callbacks for statements and definitions."""

    # --- statements

    def expressions(self, c: Children) -> Expr:
        if len(c) == 1:
            alone: Expr = c[0]
            return alone
        items = c[0::2]
        start, end = items[0].start, items[-1].end
        return ListExpr(start, end, items, depth=height(start, end, [n.depth for n in items]))

    def lone(self, c: Children) -> Lone:
        return Lone(c[0].start, c[0].end, c[0], depth=height(c[0].start, c[0].end, [c[0].depth]))

    def assign(self, c: Children) -> Assign:
        left, _, value = c
        _check_target(left)
        targets = left.items if isinstance(left, ListExpr) else [left]
        depth = height(left.start, value.end, [value.depth, left.depth])
        return Assign(left.start, value.end, targets, value, depth=depth)

    def shared(self, c: Children) -> Assign:
        start, value = c[0].start, c[3]
        return Assign(start, value.end, [c[1]], value, True, depth=height(start, value.end, [value.depth]))

    def returns(self, c: Children) -> Return:
        start, value = c[0].start, c[1]
        return Return(start, value.end, value, depth=height(start, value.end, [value.depth]))

    def loop(self, c: Children) -> For:
        _, targets, _, iterable, body = c
        start = c[0].start
        depth = height(start, body.end, [iterable.depth, *(s.depth for s in body.statements)])
        return For(start, body.end, targets, iterable, body.statements, depth=depth)

    def branches(self, c: Children) -> If:
        parts = [part for part in c if not isinstance(part, Token)]
        otherwise: list[Statement] = parts.pop().statements if len(parts) % 2 else []
        pairs = [(condition, body.statements) for condition, body in zip(parts[0::2], parts[1::2], strict=True)]
        start, end = c[0].start, c[-1].end
        depths = [condition.depth for condition, _ in pairs]
        depths += [s.depth for _, body in pairs for s in body] + [s.depth for s in otherwise]
        return If(start, end, pairs, otherwise, depth=height(start, end, depths))

    def braces(self, c: Children) -> _Statements:
        return _Statements([s for s in c if not isinstance(s, Token)], c[-1].end)

    def body(self, c: Children) -> _Statements:
        if len(c) == 1:
            braces: _Statements = c[0]
            return braces
        value: Expr = c[1]
        return _Statements(
            [Return(value.start, value.end, value, depth=height(value.start, value.end, [value.depth]))], value.end
        )

    # --- signatures

    def annotation(self, c: Children) -> _Annotation:
        name = c[0] if isinstance(c[0], Name) else None
        start = name.start if name else c[0].start
        if name and len(c) == 1:
            return _Annotation(name, None, start, name.end)
        shape = next((part[0::2] for part in c if isinstance(part, list)), [])
        return _Annotation(name, shape, start, c[-1].end)

    def slot(self, c: Children) -> _ListedParameter:
        name: Name = c[0]
        annotation = next((part for part in c if isinstance(part, _Annotation)), None)
        default = c[-1] if isinstance(c[-2 if len(c) > 1 else -1], Token) and c[-2] == "=" else None
        end = default.end if default else annotation.end if annotation else name.end
        return _ListedParameter(name, annotation, default, end)

    def slots(self, c: Children) -> list[_ListedParameter]:
        return c[0::2]

    def signature(self, c: Children) -> _ParameterList:
        lists: list[list[_ListedParameter] | None] = [None]
        for part in c[1:-1]:
            if isinstance(part, Token):
                lists.append(None)
            else:
                lists[-1] = part
        after = None if len(lists) == 1 else lists[1] or []
        signature = _ParameterList(lists[0] or [], after)
        seen: set[str] = set()
        for slot in signature.before + (after or []):
            if slot.name.id in seen:
                help = "every input and parameter has its own name"
                message = f"`{slot.name.id}` is named twice"
                raise Fault("duplicate-parameter", message, slot.name.start, slot.name.end, help)
            seen.add(slot.name.id)
        return signature

    # --- definitions

    def definition(self, c: Children) -> Definition:
        kind, name, signature, body = c
        if kind == "fn":
            inputs, params = _fn_signature(signature)
        else:
            inputs = [_tensor_input(slot) for slot in signature.before]
            params = [_param(slot) for slot in signature.after or []]
        start = kind.start
        depths = [s.depth for s in body.statements]
        depths += [p.default.depth for p in params if p.default is not None]
        depths += [e.depth for i in inputs for e in i.shape or []]
        depth = height(start, body.end, depths)
        return Definition(
            str(kind), name.id, inputs, params, body.statements, start, body.end, name.start, name.end, depth
        )

    def variant(self, c: Children) -> Variant:
        kind, name, _, base = c
        start = kind.start
        if kind == "fn":
            message = f"`fn {name.id}` needs its parameters in parentheses"
            raise Fault("bad-variant", message, name.start, name.end, f"write `fn {name.id}() = …`")
        called = base.callee if isinstance(base, Call) else base
        while isinstance(called, Attribute):
            called = called.value
        if not isinstance(called, Name):
            message = f"a variant names its base: `{kind} {name.id} = base(arguments)`"
            help = f"for a body, write the inputs: `{kind} {name.id}(x) = …`"
            raise Fault("bad-variant", message, base.start, base.end, help)
        depth = height(start, base.end, [base.depth])
        return Variant(str(kind), name.id, base, start, base.end, name.start, name.end, depth)

    def constant(self, c: Children) -> Constant:
        name, _, value = c
        depth = height(name.start, value.end, [value.depth])
        return Constant(name.id, value, name.start, value.end, name.start, name.end, depth)

    def import_names(self, c: Children) -> Import:
        word, path, _, names = c
        return Import(_dotted(path), names, None, word.start, names[-1].end, path[0].start, path[-1].end)

    def import_as(self, c: Children) -> Import:
        word, path, _, alias = c
        return Import(_dotted(path), [], alias, word.start, alias.end, path[0].start, path[-1].end)

    def path(self, c: Children) -> list[Name]:
        return c[0::2]

    def decorator(self, c: Children) -> Decorator:
        arguments: list[Argument] = c[2][0] if len(c) == 3 else []
        end = c[2][1] if len(c) == 3 else c[1].end
        height(c[0].start, end, [a.value.depth for a in arguments])
        self.too_large = None  # attributes stand first, and claim numbers of any size
        return Decorator(c[1].id, arguments, c[0].start, end)

    def item(self, c: Children) -> ParsedItem:
        declaration: Declaration = c[-1]
        if self.too_large is not None:
            raise too_large(self.too_large.start, self.too_large.end)
        if len(c) > 1 and isinstance(declaration, Import | Constant):
            message = f"`@{c[0].name}` belongs to a fn, block, cell or network"
            help = "move it directly above that definition, or delete it"
            raise Fault("lone-decorator", message, c[0].start, c[0].end, help)
        return ParsedItem(declaration, c[:-1])


def _dotted(path: list[Name]) -> str:
    return ".".join(name.id for name in path)


def _fn_signature(signature: _ParameterList) -> tuple[list[TensorInput], list[Param]]:
    """All of a fn's entries are parameters. Raises Fault fn-has-inputs when something stands before `;`."""
    if signature.after is None:
        return [], [_param(slot) for slot in signature.before]
    if signature.before:
        slot = signature.before[0]
        help = "separate the parameters by commas; to work on tensors, write a `block`"
        message = "a `fn` takes compile-time values only: nothing stands before `;`"
        raise Fault("fn-has-inputs", message, slot.name.start, slot.end, help)
    return [], [_param(slot) for slot in signature.after]


def _tensor_input(slot: _ListedParameter) -> TensorInput:
    """An entry before `;`. Raises Fault default-for-input and bad-input-type."""
    name, annotation, default, end = slot
    if default is not None:
        message = f"`{name.id}` is a tensor input and has no default: `;` separates inputs from parameters"
        help = "write `;` before the first parameter, for example `(x; stride = 1)`"
        raise Fault("default-for-input", message, name.start, end, help)
    dtype, shape = "float", None
    if annotation is not None:
        dtype, shape = annotation.name.id if annotation.name else "float", annotation.shape
        if shape is None or dtype not in ("float", "int"):
            message = f"`{name.id}` is a tensor input: its type is a shape"
            help = "write `x: [3, 224, 224]` or `ids: int[128]`; parameters stand after `;`"
            if not shape and annotation.name is not None and annotation.name.id == "list":
                help = "a block names each tensor that it takes, `(x, y; …)`; where their number varies, "
                help += "write a fn that gives a stage: `fn fuse(n) = [conv(8)] * n -> add`"
            raise Fault("bad-input-type", message, annotation.start, annotation.end, help)
    return TensorInput(name.id, shape, dtype, name.start, end)


def _param(slot: _ListedParameter) -> Param:
    """A parameter. Raises Fault bad-annotation for a shape (parameters are no tensors) or an unknown kind."""
    name, annotation, default, end = slot
    if annotation is not None and annotation.shape is not None:
        message = f"`{name.id}` is a parameter, not a tensor: it has no shape"
        help = "tensor inputs stand before `;`; a parameter may say int, float, bool, str, list or stage"
        raise Fault("bad-annotation", message, annotation.start, annotation.end, help)
    if annotation is not None and annotation.name is not None and annotation.name.id not in ANNOTATIONS:
        message = f"there is no kind called {annotation.name.id}"
        help = f"a parameter may say {', '.join(ANNOTATIONS[:-1])} or {ANNOTATIONS[-1]}"
        raise Fault("bad-annotation", message, annotation.start, annotation.end, help)
    return Param(name.id, annotation.name if annotation else None, default, name.start, end)


def _check_target(target: Expr) -> None:
    """Raises Fault bad-target where something that is assigned is neither a name nor a list of such."""
    if isinstance(target, ListExpr):
        if len(target.items) < 2:
            message = "a list of one name is no target" if target.items else "no name to assign"
            help = "write `a = xs[0]`" if target.items else "write a name before `=`"
            raise Fault("bad-target", message, target.start, target.end, help)
        for item in target.items:
            _check_target(item)
    elif not isinstance(target, Name):
        raise Fault("bad-target", "only names can be assigned", target.start, target.end, _target_help(target))


def _target_help(target: Expr) -> str:
    if isinstance(target, Attribute):
        return f"there is no `self`: give the stage a name, `f = conv(64, 3)`, then `x -> f as {target.name}`"
    return "give the new value a name; a list grows by `xs = xs + [x]`"
