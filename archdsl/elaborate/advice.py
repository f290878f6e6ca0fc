"""Says what to write instead of an unknown word, or of an argument, attribute or stage that does not fit."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from archdsl import library
from archdsl.elaborate.shown import show
from archdsl.elaborate.values import UNKNOWN, Builtin, ListValue, Stage, Tensor, Value, tensors_in
from archdsl.ops import registry
from archdsl.ops.arguments import signature as op_signature
from archdsl.ops.base import Parameter, parameters
from archdsl.source import Span
from archdsl.synonyms.arguments import argument as our_argument
from archdsl.synonyms.arguments import left_out, text_elsewhere
from archdsl.synonyms.calls import LONGEST, carried
from archdsl.synonyms.names import PACKAGES, Meaning, meaning, plain
from archdsl.synonyms.spelling import slipped
from archdsl.syntax import tree
from archdsl.syntax.parse import outline
from archdsl.syntax.read import read_source

if TYPE_CHECKING:
    from archdsl.elaborate.definitions import Module
    from archdsl.elaborate.session import Frame


BUILTIN_WORDS = frozenset(
    [
        "id",
        "inf",
        "loose",
        "oneof",
        "someof",
        "scan",
        "taps",
        "each",
        "tied",
        "int",
        "float",
        "round",
        "floor",
        "ceil",
        "abs",
        "min",
        "max",
        "sum",
        "len",
        "range",
        "reversed",
        "zip",
        "enumerate",
        "sqrt",
        "log2",
    ]
)
OPS_TOO = frozenset(["abs"])  # with arguments built-ins of numbers, alone ops, which take none


def library_words() -> frozenset[str]:
    """Ops and built-ins: the words that every file knows."""
    return frozenset(registry.names()) | BUILTIN_WORDS


def suggestion(module: Module, where: Span, own: Collection[str] = ()) -> str:
    """A help line for an unknown name that begins at `where`: what it is called here, or where to import it from."""
    text = where.source.text
    path = _DOTTED.match(text, where.start)
    name = path[0] if path else where.text
    behind = text[where.start + len(name) : where.start + len(name) + LONGEST]
    package, _, last = name.rpartition(".")
    if package or name in PACKAGES:
        return _of_a_package(name, last if package else "", behind)
    items = outline(read_source(library.STANDARD / "std.arch")).items
    standard = {item.name for item in items if item.name is not None}
    if name in standard:
        return f"it is in the standard library: write `import std: {name}` at the top of the file"
    if any(name in texts(p) for op in map(registry.load, registry.names()) if op for p in parameters(op)):
        return f'text stands in quotes: "{name}"'
    mine = {*own, *module.names}
    word = plain(name)
    same = next((other for other in mine if plain(other) == word), None)
    if same is not None:
        return f"did you mean {same}?"
    meant = meaning(name)
    if meant is not None:
        return said(name, meant, behind)
    numbered = meaning(name.rstrip("0123456789")) if name[-1].isdigit() else None
    if numbered is not None and numbered.word:
        return f"a name of your own stands behind the stage: `-> {numbered.word}(…) as {name}`"
    near = nearest(name, mine, 0.7) or slipped(name, library_words())
    if near is not None:
        return f"did you mean {near}?"
    name = next((other for other in library.defined() if plain(other) == word), name)
    files = library.definers(name)
    if files:
        others = f" (also defined in {', '.join(files[1:4])})" if files[1:] else ""
        return f"it is in the zoo: write `import {files[0]}: {name}` at the top of the file{others}"
    near = slipped(name, standard)
    if near is not None:
        return f"did you mean {near}? Then write `import std: {near}` at the top of the file"
    if where.source.name.startswith(OUTSIDE):
        return "a value is a number, true or false, a list, text in quotes, or what the spec knows by name"
    return "define it above with block, fn or `name = …`; `archdsl ops` lists the ops"


OUTSIDE = "<value of "  # begins the name of what is read of a value that a parameter is given from outside
_DOTTED = re.compile(r"\w+(?:\.\w+)*")


def _of_a_package(name: str, last: str, behind: str) -> str:
    """`nn.Conv2d`, `torch.cat`, `self.conv1`: packages and objects stand nowhere here."""
    if name.startswith("self."):
        return f"there is no `self`: a stage is written where it is applied, `x -> … as {last}`"
    if last in _METHODS:
        return _METHODS[last]
    meant = meaning(name) if last else None
    if meant is None:
        return "nothing of Python is imported: the ops are known everywhere, and `archdsl ops` lists them"
    return said(name, meant, behind)


def said(name: str, meant: Meaning, written: str = "") -> str:
    """What others' `name`, followed by the text `written`, is here: their own call in our words, or our signature."""
    word = meant.word
    call = carried(name, written)
    if call is not None:
        return f"{name} is called {word} here: `{call}`" if word else f"write `{call}`"
    if not word:
        return meant.text
    op = registry.load(word)
    if op is None and word in BUILTIN_WORDS:
        return f"{name} is called {word} here"
    if op is None:
        return f"{name} is called {word} here: write `import std: {word}` at the top of the file"
    called = ", ".join(op.operands[: max(op.arity[0], 1)] or ("x", "y", "z")[: max(op.arity[0], 2)])
    operands = f"[{called}]" if op.arity[1] != 1 and op.arity[0] else "x"
    if word == name or operands != "x" or not parameters(op):
        called = "tensors flow in through an arrow" if word == name else f"{name} is called {word} here"
        return f"{called}: `{operands} -> {op_signature(op)}`"
    return f"{name} is called {word} here: `{op_signature(op)}`"


def texts(parameter: Parameter) -> list[str]:
    """The texts that an argument may be: "half", "valid" and "same" of a padding."""
    return re.findall(r'"(\w+)"', parameter.type.name)


MISTAKES = 100  # after so many mistakes, repeated ones counted, nobody needs more advice, and each comparison costs
NAMES = 300


def nearest(name: str, known: Collection[str], cutoff: float = 0.6, mistakes: int = 0) -> str | None:
    """The closest of `known` to `name`; None when nothing is close, or it is not worth the time after `mistakes`."""
    if len(name) > 60 or mistakes > MISTAKES:
        return None
    candidates = [other for other in known if abs(len(other) - len(name)) <= 10]
    if len(candidates) > NAMES:
        candidates = [other for other in candidates if other[:1] == name[:1]][:NAMES]
    near = difflib.get_close_matches(name, candidates, 1, cutoff)
    return near[0] if near else None


_NESTED = 8  # calls in each other that a message writes out
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


def unknown_arguments(frame: Frame, callee: str, names: Sequence[str], arguments: Sequence[tree.Argument]) -> str:
    """A help line for the unknown arguments of a call, all of them at once."""
    lines = []
    strangers = dict.fromkeys(a.name for a in arguments if a.name is not None and a.name not in names)
    for name in list(strangers)[:MOST]:
        ours, reason = our_argument(name, names), _ALONG.get((callee, name)) or left_out(name)
        near = None if ours or reason else nearest(name, names, mistakes=frame.session.failures)
        if ours is not None:
            lines.append(f"{name} is called {ours} here" + _OTHERWISE.get((name, ours), ""))
        elif reason is not None:
            lines.append(f"{name}: {reason}")
        elif near is not None:
            lines.append(f"did you mean {near}?" if len(strangers) == 1 else f"did you mean {near} by {name}?")
    return "; ".join(lines) or signature(callee, names)


_CHANNELS = "for the channels at each place of a map: `x -> permute([1, 2, 0]) -> {} -> permute([2, 0, 1])`"
_ALONG = {
    (norm, name): f"it works along the last axis; {_CHANNELS.format(norm)}"
    for norm in ("layer_norm", "rms_norm")
    for name in ("axis", "dim")
}
_OTHERWISE = {
    ("dim", "axis"): ", counted without the batch: torch's 1 is 0",
    ("start_dim", "first"): ", counted without the batch: torch's 1 is 0",
}


def unfit_argument(callee: str, parameter: Parameter, name: str | None, value: Value, text: str) -> str:
    """A help line for a value, written `text`, that an op does not take; `name`: by which it is given."""
    words = texts(parameter)
    if text in words:
        return f'text stands in quotes: {parameter.name} = "{text}"'
    if parameter.name == "eps":
        return f"sizes that flow in are not written; see `archdsl ops {callee}`"
    if isinstance(value, str) and words:
        near = difflib.get_close_matches(value.lower(), words, 1)
        if near:
            return f'did you mean "{near[0]}"?'
    if isinstance(value, str) and (op := registry.load(callee)) is not None:
        other = next((p.name for p in parameters(op) if value in texts(p)), None)
        if other is not None:
            return f'name the argument: `{other} = "{value}"`'
    if isinstance(value, str) and words and (said := text_elsewhere(value)):
        return said
    if isinstance(value, float):
        return f"use `//`, int(…), round(…) or make_divisible(…); see `archdsl ops {callee}`"
    if name is None and parameter.type.name == "bool" and isinstance(value, int):
        return f"the channels that flow in are not written; the order of arguments: `archdsl ops {callee}`"
    return f"it takes {parameter.type.name}; see `archdsl ops {callee}`"


def stage_as_argument(callee: str, parameter: Parameter, text: str, value: Value) -> str:
    """A help line for a stage, written `text`, where an op takes a number or text."""
    if text in texts(parameter):
        return f'text stands in quotes: {parameter.name} = "{text}"'
    return f"apply the stage: `x -> {show(value)}`; only blocks take stages as arguments"


def flowing(frame: Frame, callee: str, arguments: Sequence[tree.Argument]) -> str:
    """A help line for tensors in parentheses: the call with them before the arrow; or what stands in their place."""
    op = registry.load(callee)
    if op is not None and op.long_list:
        return (
            f"{callee} takes numbers that are known before anything runs: `{callee}([0, 2, 1])`, a comprehension, a fn"
        )
    flows: list[str] = []
    rest: list[str] = []
    several = takes_several(callee)
    for argument in arguments:
        text = " ".join(frame.span(argument).text.split())
        value = frame.session.evaluate_open(frame, argument.value)
        empty = isinstance(value, ListValue) and not value.items
        meant = several and argument.name is None and (value is UNKNOWN or empty)
        (flows if meant or tensors_in(value) else rest).append(text)
    joined = ["…", *flows] if several and len(flows) == 1 and not flows[0].startswith("[") else flows
    left = flows[0] if len(joined) == 1 else f"[{', '.join(joined)}]"
    call = f"{callee}({', '.join(rest)})" if rest else callee
    return f"tensors flow through arrows: write `{shortened(left)} -> {shortened(call)}`"


def takes_several(callee: str) -> bool:
    """Whether that is an op of several tensors."""
    op = registry.load(callee)
    return op is not None and op.arity[1] != 1 and op.arity[0] > 0


def in_arrows(frame: Frame, callee: str, argument: tree.Argument) -> str:
    """A help line for `relu(conv(x, 4))`, `x -> conv(4) -> relu`; "" where what is innermost is no tensor."""
    stages, inner = [callee], argument.value
    while isinstance(inner, tree.Call) and inner.arguments and not inner.arguments[0].name and len(stages) < _NESTED:
        rest = ", ".join([frame.span(one).text for one in inner.arguments[1:]])
        stages.append(frame.span(inner.callee).text + (f"({rest})" if rest else ""))
        inner = inner.arguments[0].value
    if not isinstance(inner, tree.Name):
        return ""
    value = frame.session.evaluate(frame, inner)
    if not tensors_in(value) and (value is not UNKNOWN or stages[1:]):
        return ""
    written = " -> ".join([frame.span(inner).text, *reversed(stages)])
    return f"tensors flow through arrows: write `{shortened(written)}`"


def shortened(text: str) -> str:
    """At most 60 characters of it."""
    return text if len(text) <= 60 else text[:59] + "…"


def missing_attribute(name: str, value: Value) -> str:
    """A help line for an attribute that a value does not have."""
    if isinstance(value, (ListValue, range)):
        return _LIST_METHODS.get(name, "lists have no attributes: `len(xs)`, `xs[0]`, `xs[1:]`, `xs + [x]`")
    if isinstance(value, Stage):
        return f"stages have no methods; what follows stands behind an arrow: `-> {name}`"
    if isinstance(value, Tensor) and name in _METHODS:
        return f"tensors have no methods: {_METHODS[name]}"
    known = "tensors have .channels .features .height .width .depth .rank .shape .size"
    meant = meaning(name) if isinstance(value, Tensor) else None
    if meant is None:
        return known if isinstance(value, Tensor) else f"only {known}"
    return f"tensors have no methods: {said(name, meant)}"


# Methods and functions of tensors whose names mean something else here.
_METHODS = {
    "mean": 'over all places it is `x -> global_avg_pool`, along one axis `x -> reduce("mean", axis = 0)`',
    "max": 'over all places it is `x -> global_max_pool`, along one axis `x -> reduce("max", axis = 0)`',
    "t": "write `x -> transpose`",
    "min": 'along one axis it is `x -> reduce("min", axis = 0)`',
    "norm": 'along one axis it is `x -> reduce("norm", axis = 0)`',
    "sinc": "sinc of pi * x is `x * 3.141592653589793 -> sinc`: here sinc is sin(x) / x",
}

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
    if isinstance(value, Builtin) and (said := of_tensors(value.name)):
        return said
    return "a stage is an op or block, with its arguments: `x -> conv(64, 3)`"


def of_tensors(name: str) -> str:
    """What a built-in of numbers is for a tensor; "" where there is nothing of the kind."""
    meant = meaning(name)
    if meant is None or meant.word in BUILTIN_WORDS - OPS_TOO:
        return _METHODS.get(name, "")
    return f"of tensors it is an op: `… -> {meant.word}`" if meant.word else meant.text
