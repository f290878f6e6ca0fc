"""Checks that arguments are of the kinds that parameters say: `width: int`."""

from __future__ import annotations

from typing import Any

from archdsl.elaborate.picking import is_open, mapped
from archdsl.elaborate.session import Frame
from archdsl.elaborate.shown import kind_of
from archdsl.elaborate.values import UNKNOWN, ListValue, Stage, Value
from archdsl.syntax import tree

ANNOTATIONS = {"int": int, "float": float, "bool": bool, "str": str, "list": ListValue, "stage": Stage}


def check_annotation(frame: Frame, callee: str, param: tree.Param, value: Value, where: Any) -> Value:
    """The value of an annotated parameter, an int made a float where a float is asked.

    Raises:
        Problem: the value is of another kind.
    """
    if param.annotation is None or value is UNKNOWN:
        return value
    if is_open(value):
        return mapped(frame.session, lambda one: check_annotation(frame, callee, param, one, where), value)
    wanted = param.annotation.id
    if wanted == "float" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    kind = ANNOTATIONS.get(wanted)
    fits = kind is not None and isinstance(value, (kind, range) if wanted == "list" else kind)
    if fits and not (wanted == "int" and isinstance(value, bool)):
        return value
    raise frame.problem(
        where,
        "wrong-kind",
        f"{callee} takes {_article(wanted)} as {param.name}, this is {kind_of(value)}",
        help="use int(…), round(…) or make_divisible(…)"
        if wanted == "int" and isinstance(value, float)
        else f"pass {_article(wanted)}",
    )


def _article(kind: str) -> str:
    return {"int": "an int", "str": "text", "bool": "true or false"}.get(kind, f"a {kind}")
