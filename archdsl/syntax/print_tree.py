"""Turns a syntax tree into text, one statement a line; `format` breaks the lines that are too long."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.syntax import tree
from archdsl.syntax.format_words import KEYWORDS
from archdsl.syntax.python_words import NO_NAMES

# How tightly what an expression is made of binds, the loosest first; an operand that binds less gets parentheses.
_TERNARY, _CHAIN, _LABELLED, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _UNARY, _POWER, _POSTFIX = range(12)


def print_declaration(item: tree.Declaration) -> str:
    """The text of one definition, variant, constant or import, ending in a newline.

    Raises:
        TypeError: it is a Broken one.
    """
    match item:
        case tree.Definition():
            return _definition(item)
        case tree.Variant():
            return f"{item.kind} {item.name} = {print_expression(item.base)}\n"
        case tree.Constant():
            return f"{item.name} = {print_expression(item.value)}\n"
        case tree.Import() if item.alias is None:
            return f"import {item.path}: {', '.join(name.id for name in item.names)}\n"
        case tree.Import():
            assert item.alias is not None
            return f"import {item.path} as {item.alias.id}\n"
    raise TypeError(f"no text for {item!r}")


def _definition(item: tree.Definition) -> str:
    inputs = ", ".join(map(_input, item.inputs))
    params = ", ".join(map(_param, item.params))
    between = "; " if inputs and params else ";" if params and item.kind != "fn" else ""
    head = f"{item.kind} {item.name}({inputs}{between}{' ' if between == ';' else ''}{params})"
    if len(item.body) == 1 and isinstance(item.body[0], tree.Return):
        return f"{head} = {print_expression(item.body[0].value)}\n"
    return f"{head} {{\n{_statements(item.body, 1)}}}\n"


def _input(item: tree.TensorInput) -> str:
    if item.shape is None:
        return item.name
    dtype = "" if item.dtype == "float" else item.dtype
    return f"{item.name}: {dtype}[{', '.join(map(print_expression, item.shape))}]"


def _param(item: tree.Param) -> str:
    annotation = "" if item.annotation is None else f": {item.annotation.id}"
    default = "" if item.default is None else f" = {print_expression(item.default)}"
    return f"{item.name}{annotation}{default}"


# --- statements ---------------------------------------------------------------------------------------------------


def _statements(statements: list[tree.Statement], level: int) -> str:
    return "".join("    " * level + _statement(statement, level) + "\n" for statement in statements)


def _statement(item: tree.Statement, level: int) -> str:
    match item:
        case tree.Assign():
            targets = _targets(item.targets)
            return f"{'shared ' if item.shared else ''}{targets} = {print_expression(item.value)}"
        case tree.Return():
            return f"return {print_expression(item.value)}"
        case tree.Lone():
            return print_expression(item.value)
        case tree.For():
            targets = _targets(item.targets)
            return f"for {targets} in {print_expression(item.iterable)} {_block(item.body, level)}"
        case tree.If():
            branches = [f"if {print_expression(test)} {_block(body, level)}" for test, body in item.branches]
            text = " el".join(branches)
            return f"{text} else {_block(item.otherwise, level)}" if item.otherwise else text
    raise TypeError(f"no text for {item!r}")


def _block(statements: list[tree.Statement], level: int) -> str:
    return f"{{\n{_statements(statements, level + 1)}{'    ' * level}}}" if statements else "{ }"


# --- expressions --------------------------------------------------------------------------------------------------


def print_expression(item: tree.Expr) -> str:
    """The text of an expression, on one line."""
    return _expression(item)[0]


def _at(item: tree.Expr, level: int) -> str:
    """The text where what binds less than `level` needs parentheses."""
    text, own = _expression(item)
    return text if own >= level else f"({text})"


def _expression(item: tree.Expr) -> tuple[str, int]:
    """The text, and how tightly it binds."""
    match item:
        case tree.Number():
            return item.text, _POSTFIX
        case tree.Boolean():
            return "true" if item.value else "false", _POSTFIX
        case tree.Text():
            return _text(item), _POSTFIX
        case tree.Name():
            return item.id, _POSTFIX
        case tree.ListExpr():
            return f"[{', '.join(map(print_expression, item.items))}]", _POSTFIX
        case tree.Comprehension():
            return f"[{print_expression(item.item)}{''.join(map(_clause, item.clauses))}]", _POSTFIX
        case tree.Ternary():
            then, test, other = _at(item.then, _CHAIN), _at(item.condition, _CHAIN), print_expression(item.otherwise)
            return f"{then} if {test} else {other}", _TERNARY
        case tree.Chain():
            return " -> ".join(_at(part, _LABELLED) for part in item.items), _CHAIN
        case tree.As():
            return f"{_labelled(item)} as {_label(item.label)}", _LABELLED
        case tree.Logic():
            level = _OR if item.operator == "or" else _AND
            return f" {item.operator} ".join(_at(part, level + 1) for part in item.items), level
        case tree.Not():
            return f"not {_at(item.value, _NOT)}", _NOT
        case tree.Compare():
            return _binary(item.first, item.rest, _SUM), _COMPARE
        case tree.Arithmetic():
            level = _SUM if item.rest[0][0] in ("+", "-") else _PRODUCT
            return _binary(item.first, item.rest, level + 1), level
        case tree.Negate():
            return f"-{_at(item.value, _UNARY)}", _UNARY
        case tree.Power():
            return f"{_at(item.base, _POSTFIX)} ** {_at(item.exponent, _UNARY)}", _POWER
    return _postfix(item), _POSTFIX


def _postfix(item: tree.Expr) -> str:
    match item:
        case tree.Call():
            return f"{_at(item.callee, _POSTFIX)}({', '.join(map(_argument, item.arguments))})"
        case tree.Attribute():
            return f"{_at(item.value, _POSTFIX)}.{item.name}"
        case tree.Index():
            return f"{_at(item.value, _POSTFIX)}[{print_expression(item.index)}]"
        case tree.Slice():
            lower, upper, step = ("" if x is None else print_expression(x) for x in (item.lower, item.upper, item.step))
            return f"{_at(item.value, _POSTFIX)}[{lower}:{upper}{f':{step}' if step else ''}]"
    raise TypeError(f"no text for {item!r}")


def _binary(first: tree.Expr, rest: list[tuple[str, tree.Expr]], level: int) -> str:
    return " ".join([_at(first, level), *(f"{operator} {_at(right, level)}" for operator, right in rest)])


def _targets(targets: Sequence[tree.Expr]) -> str:
    return ", ".join(f"({_targets(t.items)})" if isinstance(t, tree.ListExpr) else print_expression(t) for t in targets)


def _clause(item: tree.Clause) -> str:
    tests = "".join(f" if {_at(test, _CHAIN)}" for test in item.conditions)
    return f" for {_targets(item.targets)} in {_at(item.iterable, _CHAIN)}{tests}"


def _argument(item: tree.Argument) -> str:
    return print_expression(item.value) if item.name is None else f"{item.name} = {print_expression(item.value)}"


def _labelled(item: tree.As) -> str:
    if item.container and not isinstance(item.value, (tree.ListExpr, tree.Comprehension)):
        return f"({print_expression(item.value)})"
    return _at(item.value, _OR)


def _label(item: tree.Text) -> str:
    plain = item.parts[0] if len(item.parts) == 1 else None
    return plain if isinstance(plain, str) and is_name(plain) else _text(item)


def is_name(text: str) -> bool:
    """Whether `text` can be written as a name."""
    return text.isascii() and text.isidentifier() and text not in RESERVED


RESERVED = KEYWORDS | NO_NAMES.keys() | {"true", "false"}
_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "{": "\\{", "}": "\\}"})


def _text(item: tree.Text) -> str:
    parts = (part.translate(_ESCAPED) if isinstance(part, str) else f"{{{part.id}}}" for part in item.parts)
    return f'"{"".join(parts)}"'
