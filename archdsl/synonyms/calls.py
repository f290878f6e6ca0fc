"""Carries a call of PyTorch's over into our words, argument by argument, or says that it cannot.

`nn.Conv2d(3, 64, 3)` is `x -> conv(64, 3, padding = 0)`: what flows in is not written, and where PyTorch's default is
another than ours, it is. A call with an argument that has no equal here is not carried over at all.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from archdsl.ops import registry
from archdsl.ops.base import Op, parameters
from archdsl.synonyms.names import plain

# What PyTorch calls it (exactly): our op, and PyTorch's arguments in order, those behind `|` optional. Each is
# `theirs>ours` (or one name for both), with a sign behind it:
#   `-`  what flows in, or how to start and run: left out here
#   `?`  has no equal here: a call that gives it is not carried over
#   `@`  an axis: counted without the batch here
#   `#`  one number only: of several, PyTorch counts the sides of a border from the last axis on
#   `*`  the tensors that flow in
# `+name=value` is what our call needs besides, to be PyTorch's.
CALLS = {
    "Conv1d Conv2d Conv3d": """
        conv in_channels- out_channels>out kernel_size>kernel | stride padding dilation groups bias
    """,
    "LazyConv1d LazyConv2d LazyConv3d": """
        conv out_channels>out kernel_size>kernel | stride padding dilation groups bias
    """,
    "ConvTranspose1d ConvTranspose2d ConvTranspose3d": """
        conv_transpose in_channels- out_channels>out kernel_size>kernel |
        stride padding output_padding groups bias dilation
    """,
    "LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d": """
        conv_transpose out_channels>out kernel_size>kernel | stride padding output_padding groups bias dilation
    """,
    "Linear": "linear in_features- out_features>out | bias",
    "LazyLinear": "linear out_features>out | bias",
    "Dense": "linear units>out | activation? use_bias>bias",
    "fc dense": "linear out",
    "MaxPool1d MaxPool2d MaxPool3d": """
        max_pool kernel_size>kernel | stride padding dilation return_indices? ceil_mode>ceil
    """,
    "AvgPool1d AvgPool2d AvgPool3d": """
        avg_pool kernel_size>kernel | stride padding ceil_mode>ceil count_include_pad>count_padding divisor_override?
    """,
    "LPPool1d LPPool2d LPPool3d": "lp_pool norm_type>p kernel_size>kernel | stride ceil_mode>ceil",
    "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d": "adaptive_avg_pool output_size>size",
    "AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d": "adaptive_max_pool output_size>size | return_indices?",
    "BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm": "bn num_features- | eps momentum affine track_running_stats?",
    "LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d": "bn | eps momentum affine track_running_stats?",
    "LayerNorm": "layer_norm normalized_shape-# | eps elementwise_affine>affine bias>shift",
    "RMSNorm": "rms_norm normalized_shape-# eps | elementwise_affine>affine",
    "GroupNorm": "group_norm num_groups>groups num_channels- | eps affine",
    "InstanceNorm1d InstanceNorm2d InstanceNorm3d": """
        instance_norm num_features- | eps momentum- affine track_running_stats?
    """,
    "LocalResponseNorm": "local_response_norm size | alpha beta k",
    "ReLU": "relu | inplace-",
    "ReLU6": "relu6 | inplace-",
    "SELU": "selu | inplace-",
    "SiLU": "silu | inplace-",
    "Mish": "mish | inplace-",
    "Hardswish": "hardswish | inplace-",
    "Hardsigmoid": "hardsigmoid | inplace-",
    "Sigmoid": "sigmoid |",
    "Tanh": "tanh |",
    "LeakyReLU": "leaky_relu | negative_slope>slope inplace-",
    "ELU": "elu | alpha inplace-",
    "GELU": "gelu | approximate",
    "Softplus": "softplus | beta threshold?",
    "clamp": "clamp input* | min>low max>high",
    "PReLU": "prelu | num_parameters?",
    "Softmax": "softmax dim>axis@",
    "Softmax2d": "softmax | +axis=0",
    "Dropout": "dropout | p inplace-",
    "Dropout1d Dropout2d Dropout3d": "dropout | p inplace- +channels=true",
    "DropPath": "drop_path drop_prob>p",
    "Upsample": "upsample | size scale_factor>scale mode align_corners recompute_scale_factor?",
    "interpolate": "upsample input* | size scale_factor>scale mode align_corners recompute_scale_factor? antialias",
    "UpsamplingNearest2d": "upsample | size scale_factor>scale",
    "UpsamplingBilinear2d": 'upsample | size scale_factor>scale +mode="bilinear" +align_corners=true',
    "Flatten": "flatten | start_dim>first@ end_dim?",
    "Unfold": "unfold kernel_size>kernel | dilation padding stride",
    "Fold": "fold output_size>size kernel_size>kernel | dilation padding stride",
    "PixelShuffle": "pixel_shuffle upscale_factor>factor",
    "PixelUnshuffle": "pixel_unshuffle downscale_factor>factor",
    "ChannelShuffle": "channel_shuffle groups",
    "ZeroPad1d ZeroPad2d ZeroPad3d": "pad padding>amounts#",
    "ConstantPad1d ConstantPad2d ConstantPad3d": "pad padding>amounts# value",
    "ReflectionPad1d ReflectionPad2d ReflectionPad3d": 'pad padding>amounts# +mode="reflect"',
    "ReplicationPad1d ReplicationPad2d ReplicationPad3d": 'pad padding>amounts# +mode="replicate"',
    "CircularPad1d CircularPad2d CircularPad3d": 'pad padding>amounts# +mode="circular"',
    "Embedding": "embedding num_embeddings>count embedding_dim>features | padding_idx-",
    "gelu_tanh gelu_new gelu_pytorch_tanh": 'gelu | +approximate="tanh"',
    "square": "power input* | +exponent=2",
    "cat concat": "concat tensors* dim>axis@",
    "flatten": "flatten input* start_dim>first@ | end_dim?",
    "dropout": "dropout input* | p training? inplace-",
}

# Functions whose arguments behind the tensor are those of the module of that name.
FUNCTIONS = """
    relu relu6 selu silu mish hardswish hardsigmoid sigmoid tanh leaky_relu elu gelu softplus softmax pixel_shuffle
    pixel_unshuffle unfold fold max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d
    adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d
    local_response_norm lp_pool1d lp_pool2d
"""
TORCH = frozenset(("nn", "F", "torch", "functional", "timm", "self"))
PADDED = frozenset(("conv", "conv_transpose", "max_pool", "avg_pool"))  # PyTorch pads nothing by default, these do
# Values without an equal here: none, (3,), *sizes, sizes that count the batch, attributes of modules.
_FOREIGN = re.compile(r"|.*\bNone\b.*|[(\[].*,[)\]]|[*].*|.*\.(?:shape|size)\b.*|.*\bself\..*|.*\blambda\b.*")
# Where PyTorch's own default is None, which may be written out.
NONE = frozenset(
    ("size", "min", "max", "scale_factor", "stride", "align_corners", "divisor_override", "recompute_scale_factor")
)
LONGEST = 200  # characters of a call that are read


class _Theirs(NamedTuple):
    theirs: str
    ours: str
    sign: str
    required: bool


class _CallForm(NamedTuple):
    op: str
    arguments: tuple[_Theirs, ...]
    besides: dict[str, str]


def carried(name: str, written: str) -> str | None:
    """Our call for others' `name` followed by `written` ("(3, 64, 3) -> …"); None where there is no equal one.

    `written` is the text behind the name; without parentheses in front it is a name alone.
    """
    package, _, last = name.rpartition(".")
    form = _form(package, last)
    if form is None:
        return None
    given = _given(written)
    if given is None:
        return None
    operand = "x"
    if form.arguments and form.arguments[0].sign == "*":
        if given and given[0][0]:
            return None
        operand, given = (given[0][1], given[1:]) if given else (operand, given)
        form = form._replace(arguments=form.arguments[1:])
    elif (
        last in FUNCTIONS.split() and given and not given[0][0] and (package or re.fullmatch(r"[a-z_]\w*", given[0][1]))
    ):
        operand, given = given[0][1], given[1:]
    ours = _ours(form, given)
    operand = f"({operand})" if re.search(r"\b(?:if|lambda)\b", operand) else operand
    call = None if ours is None else f"{operand} -> {_written(form.op, ours)}"
    return call if call is None or len(call) <= LONGEST else None


def _form(package: str, last: str) -> _CallForm | None:
    """By its exact name; in another spelling only where all arguments are carried over, for others count otherwise."""
    if package and package.partition(".")[0] not in TORCH:
        return None
    exact = _forms().get(last)
    if exact is not None:
        return exact
    near = _plain_forms().get(plain(last))
    return None if near is None or any(a.sign.startswith("-") and a.required for a in near.arguments) else near


@cache
def _forms() -> dict[str, _CallForm]:
    return {name: _read(text) for names, text in CALLS.items() for name in names.split()}


@cache
def _plain_forms() -> dict[str, _CallForm]:
    found: dict[str, _CallForm] = {}
    for name, form in _forms().items():
        if name != "Dense" and not name.startswith("Lazy"):
            found.setdefault(plain(name), form)
    return found


def _read(text: str) -> _CallForm:
    op, *words = text.split()
    arguments, besides, required = [], {}, True
    for word in words:
        if word == "|":
            required = False
        elif word[0] == "+":
            ours, _, value = word[1:].partition("=")
            besides[ours] = value
        else:
            theirs, _, ours = word.rstrip("-?@#*").partition(">")
            arguments.append(_Theirs(theirs, ours or theirs, word[len(word.rstrip("-?@#*")) :], required))
    return _CallForm(op, tuple(arguments), besides)


def _given(written: str) -> list[tuple[str, str]] | None:
    """The arguments as (name or "", text); [] without parentheses; None when they do not end, or hold a comment."""
    if not written.startswith("("):
        return []
    found, depth, start, quote = [], 0, 1, ""
    for at, sign in enumerate(written[:LONGEST]):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "#":
            return None
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        if not quote and (depth == 0 or (depth == 1 and sign == ",")):
            text = " ".join(written[start:at].split())
            start = at + 1
            if text:
                named = re.match(r"(\w+)\s*=(?!=)\s*(.*)", text)
                found.append((named[1], named[2]) if named else ("", text))
        if depth == 0:
            return found
    return None


def _ours(form: _CallForm, given: list[tuple[str, str]]) -> dict[str, str] | None:
    """Our arguments; None when one of theirs has no equal, or one that they need is missing."""
    known = {argument.theirs: argument for argument in form.arguments}
    known.update({a.ours: a for a in form.arguments if a.ours not in known})
    ours: dict[str, str] = {}
    seen: set[str] = set()
    for position, (name, text) in enumerate(given):
        argument = known.get(name) if name else _at(form.arguments, position)
        if argument is None or argument.theirs in seen:
            return None
        seen.add(argument.theirs)
        if text == "None" and argument.theirs in NONE:
            continue
        value = _value(argument, text)
        if value is None or not _fits(form.op, argument.ours, value):
            return None
        if "-" not in argument.sign and not ("@" in argument.sign and _is_default(form.op, argument.ours, value)):
            ours[argument.ours] = value
    missing = [a for a in form.arguments if a.required and a.theirs not in seen]
    if missing and (any(a.sign != "-" for a in missing) or given):
        return None  # `Conv2d(64, 3)` is not a whole call
    if form.op == "clamp" and not ours:
        return None
    if form.op == "upsample" and len({"size", "scale"} & ours.keys()) != 1:
        return None
    return {**ours, **form.besides, **_padding(form.op, ours)}


def _at(arguments: tuple[_Theirs, ...], position: int) -> _Theirs | None:
    return arguments[position] if position < len(arguments) else None


def _value(argument: _Theirs, text: str) -> str | None:
    """Their text as ours; None where it has no equal."""
    if argument.sign == "?" or _FOREIGN.fullmatch(text):
        return None
    text = {"True": "true", "False": "false"}.get(text, text)
    if re.fullmatch(r"'\w*'", text):
        text = f'"{text[1:-1]}"'
    if "#" in argument.sign and not re.fullmatch(r"[\w.]+", text):
        return None
    if "@" in argument.sign:
        if re.fullmatch(r"-[1-9]", text):
            return text
        return str(int(text) - 1) if re.fullmatch(r"[1-9]", text) else None
    return text


def _fits(op: str, name: str, value: str) -> bool:
    """Whether our op takes a number or text that is written out; of other expressions nothing is known."""
    kind = next((p.type for p in parameters(_class(op)) if p.name == name), None)
    written = {"true": "True", "false": "False"}.get(value, value)
    if kind is None or not re.fullmatch(r"True|False|[\d.e-]+|\"\w*\"", written):
        return True
    try:
        kind.accepts(ast.literal_eval(written))
    except (ValueError, SyntaxError):
        return False
    return True


def _is_default(op: str, name: str, value: str) -> bool:
    return any(p.name == name and not p.required and str(p.default) == value for p in parameters(_class(op)))


def _class(op: str) -> type[Op]:
    found = registry.load(op)
    assert found is not None
    return found


def _padding(op: str, ours: dict[str, str]) -> dict[str, str]:
    """`padding = 0` where ours would pad by itself."""
    if op not in PADDED or "padding" in ours:
        return {}
    kernel, stride = ours["kernel"], ours.get("stride", "1" if op.startswith("conv") else ours["kernel"])
    apart = kernel == stride or (kernel.isdecimal() and stride.isdecimal() and len(kernel) < 9 > len(stride))
    if apart and op != "conv_transpose" and "dilation" not in ours and (kernel == stride or int(kernel) <= int(stride)):
        return {}
    return {"padding": "0"}


def _written(op: str, ours: dict[str, str]) -> str:
    """The first arguments by position as far as they follow each other, at most three, and the rest by name."""
    return op if not ours else f"{op}({', '.join(_in_order(op, ours))})"


def _in_order(op: str, ours: dict[str, str]) -> Iterator[str]:
    following = True
    for position, parameter in enumerate(parameters(_class(op))):
        if parameter.name in ours:
            named = (
                not following
                or position > 2
                or ours[parameter.name] in ("true", "false")
                or (parameter.name, ours[parameter.name]) == ("padding", "0")
            )
            yield f"{parameter.name} = {ours[parameter.name]}" if named else ours[parameter.name]
        else:
            following = False
