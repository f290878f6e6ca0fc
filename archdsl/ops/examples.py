"""Turns the text of an Example's call into the op it means, without the compiler: for documentation and tests."""

from __future__ import annotations

import ast
import math
from typing import Any

from archdsl.ops import registry
from archdsl.ops.base import Op, parameters


def op_of(call: str) -> Op:
    """The unresolved op of a call with literal arguments: `conv(64, (1, 7), bias = false)`.

    Raises:
        KeyError: no op has this name.
        ValueError: an argument is not accepted.
    """
    tree = ast.parse(call, mode="eval").body
    name, positional, named = (
        (tree, [], []) if not isinstance(tree, ast.Call) else (tree.func, tree.args, tree.keywords)
    )
    word = ast.unparse(name)
    made = registry.load(word)
    if made is None:
        raise KeyError(word)
    types = {p.name: p.type for p in parameters(made)}
    given = dict(zip(types, positional, strict=False)) | {k.arg or "": k.value for k in named}
    return made(**{key: types[key].accepts(_value(node)) for key, node in given.items()})


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Name):
        return {"true": True, "false": False, "inf": math.inf}[node.id]
    if isinstance(node, ast.UnaryOp):
        return -_value(node.operand)
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(_value(v) for v in node.elts)
    return ast.literal_eval(node)
