"""Says what to write instead of an argument that does not fit: its name, its value, or a tensor in parentheses."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from archdsl.elaborate.advice import texts
from archdsl.elaborate.nearest import nearest
from archdsl.elaborate.session import Frame
from archdsl.elaborate.synonyms import argument as our_argument
from archdsl.elaborate.synonyms import left_out
from archdsl.elaborate.values import Value, show, tensors_in
from archdsl.ops.base import Parameter
from archdsl.syntax import tree

MOST = 4  # unknown arguments that one message speaks of


def signature(callee: str, names: Sequence[str], inputs: Sequence[str] = ()) -> str:
    """A help line: the arguments in order, and of a block without any that its inputs are tensors."""
    text = f"its signature is {callee}({', '.join(names)})"
    if names or len(inputs) < 2:
        return text
    return (
        f"{', '.join(inputs)} are tensors that flow in; parameters stand behind a `;`, "
        f"as in `block {callee}({inputs[0]}; {inputs[-1]})`"
    )


def unknown(frame: Frame, callee: str, names: Sequence[str], arguments: Sequence[tree.Argument]) -> str:
    """A help line for the unknown arguments of a call, all of them at once."""
    lines = []
    strangers = dict.fromkeys(a.name for a in arguments if a.name is not None and a.name not in names)
    for name in list(strangers)[:MOST]:
        ours, reason = our_argument(name, names), left_out(name)
        near = None if ours or reason else nearest(name, names, mistakes=frame.session.failures)
        if ours is not None:
            lines.append(f"{name} is called {ours} here" + _OTHERWISE.get((name, ours), ""))
        elif reason is not None:
            lines.append(f"{name}: {reason}")
        elif near is not None:
            lines.append(f"did you mean {near}?" if len(strangers) == 1 else f"did you mean {near} by {name}?")
    return "; ".join(lines) or signature(callee, names)


_OTHERWISE = {
    ("dim", "axis"): ", counted without the batch: torch's 1 is 0",
    ("start_dim", "first"): ", counted without the batch: torch's 1 is 0",
}


def unfit(callee: str, parameter: Parameter, argument: tree.Argument, value: Value, text: str) -> str:
    """A help line for a value, written `text`, that an op does not take."""
    words = texts(parameter)
    if text in words:
        return f'text stands in quotes: {parameter.name} = "{text}"'
    if parameter.name == "eps":
        return f"sizes that flow in are not written; see `archdsl ops {callee}`"
    if isinstance(value, str) and words:
        near = difflib.get_close_matches(value.lower(), words, 1)
        if near:
            return f'did you mean "{near[0]}"?'
    if isinstance(value, float):
        return f"use `//`, int(…), round(…) or make_divisible(…); see `archdsl ops {callee}`"
    if argument.name is None and parameter.type.name == "bool" and isinstance(value, int):
        return f"the channels that flow in are not written; the order of arguments: `archdsl ops {callee}`"
    return f"it takes {parameter.type.name}; see `archdsl ops {callee}`"


def stage(callee: str, parameter: Parameter, text: str, value: Value) -> str:
    """A help line for a stage, written `text`, where an op takes a number or text."""
    if text in texts(parameter):
        return f'text stands in quotes: {parameter.name} = "{text}"'
    return f"apply the stage: `x -> {show(value)}`; only blocks take stages as arguments"


def flowing(frame: Frame, callee: str, arguments: Sequence[tree.Argument]) -> str:
    """A help line for tensors in parentheses: the call with them before the arrow."""
    flows: list[str] = []
    rest: list[str] = []
    for argument in arguments:
        text = " ".join(frame.span(argument).text.split())
        (flows if tensors_in(frame.session.evaluate(frame, argument.value)) else rest).append(text)
    left = flows[0] if len(flows) == 1 else f"[{', '.join(flows)}]"
    call = f"{callee}({', '.join(rest)})" if rest else callee
    return f"tensors flow through arrows: write `{shortened(left)} -> {shortened(call)}`"


def shortened(text: str) -> str:
    """At most 60 characters of it."""
    return text if len(text) <= 60 else text[:59] + "…"
