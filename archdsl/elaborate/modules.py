"""Gives the names at the top of files their values in one elaboration, each when it is first used."""

from __future__ import annotations

from archdsl.elaborate.advice import nearest
from archdsl.elaborate.arguments import bind, described_parameters
from archdsl.elaborate.deep import with_room
from archdsl.elaborate.definitions import Block, Function, Module
from archdsl.elaborate.session import Frame, Problem, Session
from archdsl.elaborate.values import UNKNOWN, BlockName, Stage, Value, plain, shared_in
from archdsl.synonyms.names import meaning
from archdsl.syntax import tree
from archdsl.syntax.items import Item


def lookup(session: Session, module: Module, name: str) -> Value | None:
    """What `name` means at the top of `module`: a Block, a Function, a Module, a constant; None if nothing.

    UNKNOWN when its definition failed, was reported and must stay silent from then on.
    """
    values = session.values.get(module)
    if values is None:
        values = session.values[module] = {}
    elif name in values:
        return values[name]
    item = module.names.get(name)
    if item is None:
        return None
    wrong = module.twice.get(name) or item.fault
    if wrong is not None:
        session.report(wrong)
        values[name] = UNKNOWN
        return UNKNOWN
    frame = Frame(session, module, item)
    if (module, name) in session.evaluating:
        names = [n for m, n in session.evaluating if m is module]
        circle = names[names.index(name) :]
        first = min(circle, key=lambda one: module.names[one].offset)  # whoever asked first: the reader's first line
        at = circle.index(first)
        shown = " -> ".join([*circle[at:], *circle[:at], first])
        session.report(
            Frame(session, module, module.names[first])
            .problem(
                module.names[first].declaration,
                "definition-cycle",
                f"{first} is defined by itself: {shown}",
                help="give one of them a value",
            )
            .diagnostic
        )
        values[name] = UNKNOWN
        return UNKNOWN
    session.evaluating.append((module, name))
    try:
        value = _define(frame, module, item, name)
    except Problem as problem:
        session.report(problem.diagnostic)
        value = UNKNOWN
    finally:
        session.evaluating.pop()
    return values.setdefault(name, value)


def _define(frame: Frame, module: Module, item: Item, name: str) -> Value:
    declaration = item.declaration
    if isinstance(declaration, tree.Import):
        return _imported(frame, item, declaration, name)
    if isinstance(declaration, tree.Constant):
        value = frame.session.picking.at_top(frame, lambda: frame.session.evaluate_open(frame, declaration.value))
        return plain(value) if isinstance(value, Stage) else value
    if isinstance(declaration, tree.Variant):
        return _variant(frame, module, item, declaration)
    assert isinstance(declaration, tree.Definition)
    if declaration.kind == "fn":
        return Function(name, item, declaration, module)
    return Block(declaration.kind, name, item, declaration, item, module, {})


def _imported(frame: Frame, item: Item, declaration: tree.Import, name: str) -> Value:
    found = frame.module.imports[id(item)]
    if isinstance(found, list):
        for diagnostic in found:
            frame.session.report(diagnostic)
        return UNKNOWN
    if not declaration.names:
        return found
    value = with_room(lookup, frame.session, found, name)  # which may be imported in its turn, and so on
    if value is not None:
        return value
    node = next(n for n in declaration.names if n.id == name)
    meant = meaning(name)
    near = meant.word if meant is not None and meant.word in found.names else nearest(name, found.names)
    raise frame.problem(
        node,
        "unknown-import",
        f"{declaration.path} has no {name}",
        help=f"did you mean {near}?" if near else f"it has: {', '.join(sorted(found.names)[:12])}",
    )


def _variant(frame: Frame, module: Module, item: Item, declaration: tree.Variant) -> Value:
    base_expr: tree.Expr = declaration.base
    arguments: list[tree.Argument] = []
    if isinstance(base_expr, tree.Call):
        arguments = base_expr.arguments
        base_expr = base_expr.callee
    base = frame.session.evaluate(frame, base_expr)
    if base is UNKNOWN:
        return UNKNOWN
    if not isinstance(base, BlockName):
        raise frame.problem(
            declaration.base,
            "not-a-variant",
            f"{declaration.kind} {declaration.name} = … needs a {declaration.kind} on its right",
            help=f"write the body in full: {declaration.kind} {declaration.name}(x; …) = …",
        )
    block = base.block
    if block.kind != declaration.kind:
        raise frame.problem(
            declaration.base,
            "variant-kind",
            f"{block.name} is a {block.kind}, so its variant cannot be a {declaration.kind}",
            help=f"write {block.kind} {declaration.name} = {block.name}(…)",
        )
    names = described_parameters(block.definition)
    bound = bind(frame, block.name, names, arguments, declaration.base, at_top=True, before=block.defaults)
    defaults = dict(block.defaults)
    for name, (value, where) in bound.items():
        if value is UNKNOWN:
            return UNKNOWN
        if shared_in(value) is not None:
            raise frame.problem(where, "shared-escapes", "a shared stage stays in its body", help="pass a plain stage")
        defaults[name] = value
    return Block(block.kind, declaration.name, item, block.definition, block.body_item, block.module, defaults)
