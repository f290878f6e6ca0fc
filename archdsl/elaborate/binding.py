"""Matches the arguments of a call to the parameters of an op, block or function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archdsl.elaborate.argument_help import flowing, signature, unknown
from archdsl.elaborate.session import Frame
from archdsl.elaborate.values import SCALARS, UNKNOWN, ListValue, Stage, Value, kind_of, tensors_in
from archdsl.syntax import tree

Bound = dict[str, tuple[Value, tree.Argument]]


def described_parameters(definition: tree.Definition) -> list[str]:
    """Names of the parameters of a definition, in order."""
    return [param.name for param in definition.params]


def bind(
    frame: Frame,
    callee: str,
    names: Sequence[str],
    arguments: Sequence[tree.Argument],
    call: Any,
    inputs: Sequence[str] = (),
) -> Bound:
    """Evaluate `arguments` and give each its parameter; parameters left out are absent from the result.

    `inputs` are the names of the tensors that flow in, for the message to a reader who takes them for parameters.

    Raises:
        Problem: too many, an unknown name, one given twice, or a tensor in parentheses.
    """
    bound: Bound = {}
    known = names if len(names) < 20 else frozenset(names)
    for position, argument in enumerate(arguments):
        name = argument.name
        if name is None:
            if position >= len(names):
                value = frame.session.evaluate(frame, argument.value)
                if tensors_in(value):
                    raise _tensor_inside(frame, callee, arguments, argument, value)
                raise frame.problem(
                    argument,
                    "too-many-arguments",
                    f"{callee} takes {_count(len(names), 'argument')}, this is number {position + 1}",
                    help=signature(callee, names, inputs),
                )
            name = names[position]
        elif name not in known:
            raise frame.problem(
                argument,
                "unknown-argument",
                f"{callee} has no argument {name}",
                help=unknown(frame, callee, names, arguments),
            )
        if name in bound:
            raise frame.problem(
                argument,
                "duplicate-argument",
                f"{name} is given twice",
                labels=[(bound[name][1], "first here")],
                help=f"remove one of them; {signature(callee, names)}",
            )
        value = frame.session.evaluate(frame, argument.value)
        if value.__class__ not in SCALARS and tensors_in(value):
            raise _tensor_inside(frame, callee, arguments, argument, value)
        bound[name] = (value, argument)
    return bound


def _tensor_inside(
    frame: Frame, callee: str, arguments: Sequence[tree.Argument], argument: tree.Argument, value: Value
) -> Exception:
    return frame.problem(
        argument,
        "tensor-in-parentheses",
        f"the parentheses of {callee} hold compile-time values, this is {kind_of(value)}",
        help=flowing(frame, callee, arguments),
    )


def missing(frame: Frame, callee: str, name: str, names: Sequence[str], where: Any) -> Exception:
    """The problem of a required argument that is left out."""
    return frame.problem(
        where,
        "missing-argument",
        f"{callee} needs its argument {name}",
        help=signature(callee, names),
    )


ANNOTATIONS = {"int": int, "float": float, "bool": bool, "str": str, "list": ListValue, "stage": Stage}


def check_annotation(frame: Frame, callee: str, param: tree.Param, value: Value, where: Any) -> Value:
    """The value of an annotated parameter, an int made a float where a float is asked.

    Raises:
        Problem: the value is of another kind.
    """
    if param.annotation is None or value is UNKNOWN:
        return value
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


def _count(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"
