"""Says what to write instead of an attribute, a call or a stage that a value is not."""

from __future__ import annotations

from archdsl.elaborate.advice import said
from archdsl.elaborate.argument_help import flowing
from archdsl.elaborate.session import Frame
from archdsl.elaborate.synonyms import meaning
from archdsl.elaborate.values import ListValue, Stage, Tensor, Value, tensors_in
from archdsl.syntax import tree


def attribute(name: str, value: Value) -> str:
    """A help line for an attribute that a value does not have."""
    if isinstance(value, (ListValue, range)):
        return _LIST_METHODS.get(name, "lists have no attributes: `len(xs)`, `xs[0]`, `xs[1:]`, `xs + [x]`")
    if isinstance(value, Stage):
        return f"stages have no methods; what follows stands behind an arrow: `-> {name}`"
    known = "tensors have .channels .features .height .width .depth .rank .shape .size"
    meant = meaning(name) if isinstance(value, Tensor) else None
    if meant is None:
        return known if isinstance(value, Tensor) else f"only {known}"
    return f"tensors have no methods: {said(name, meant)}"


_LIST_METHODS = {
    "append": "a list grows by a new one: `xs = xs + [x]`",
    "insert": "a list grows by a new one: `xs = [x] + xs`",
    "extend": "a list grows by a new one: `xs = xs + ys`",
    "pop": "take it and go on with the rest: `x, xs = xs[-1], xs[:-1]`",
    "reverse": "write `xs = reversed(xs)`",
    "index": "lists are not searched; `in` says whether an element is there",
}


def called_twice(frame: Frame, node: tree.Call) -> str:
    """A help line for `conv(8, 3)(x)`."""
    if any(tensors_in(frame.session.evaluate(frame, argument.value)) for argument in node.arguments):
        return flowing(frame, " ".join(frame.span(node.callee).text.split()), node.arguments)
    return "apply it to a tensor: `x -> f`; or keep the bare name"


def not_callable(node: tree.Call, value: Value) -> str:
    """A help line for a value that takes no arguments."""
    if isinstance(node.callee, tree.Attribute) and node.callee.name in ("size", "shape"):
        return "`x.shape` is a list without the batch: `x.shape[0]` are the channels, as `x.channels`"
    if isinstance(value, (ListValue, range, str)):
        return "an element is taken in brackets: `xs[0]`"
    return "only ops, blocks, functions and built-ins take arguments in parentheses"


def no_stage(value: Value) -> str:
    """A help line for a value behind an arrow that is no stage."""
    if isinstance(value, str):
        meant = meaning(value)
        written = meant.word if meant is not None and meant.word else value
        return f"a stage is written without quotes: {written[:40]}"
    return "a stage is an op or block, with its arguments: `x -> conv(64, 3)`"
