"""Turns text from a spec into Python identifiers that are safe, readable and unused."""

from __future__ import annotations

import builtins
import itertools
import keyword
import re
from collections.abc import Container, Iterable, Sequence

# Words whose capitals are not those of a plain word.
_SPELLINGS = {
    "alexnet": "AlexNet",
    "bn": "BN",
    "cbr": "CBR",
    "convnext": "ConvNeXt",
    "cnn": "CNN",
    "cbam": "CBAM",
    "darts": "DARTS",
    "densenet": "DenseNet",
    "dw": "DW",
    "efficientnet": "EfficientNet",
    "fpn": "FPN",
    "gelu": "GELU",
    "googlenet": "GoogLeNet",
    "lrn": "LRN",
    "mlp": "MLP",
    "mobilenet": "MobileNet",
    "nasnet": "NASNet",
    "nasnetalarge": "NASNetALarge",
    "nasnetamobile": "NASNetAMobile",
    "polynet": "PolyNet",
    "relu": "ReLU",
    "resnet": "ResNet",
    "resnext": "ResNeXt",
    "se": "SE",
    "shufflenet": "ShuffleNet",
    "silu": "SiLU",
    "squeezenet": "SqueezeNet",
    "vgg": "VGG",
    "vit": "ViT",
}

# Names that mean something else to a reader of PyTorch code.
_TORCH_CLASSES = frozenset(
    {
        "Tensor",
        "Module",
        "Parameter",
        "Sequential",
        "ModuleList",
        "ModuleDict",
        "Identity",
        "Linear",
        "Bilinear",
        "Conv1d",
        "Conv2d",
        "Conv3d",
        "Embedding",
        "Flatten",
        "Unflatten",
        "Fold",
        "Unfold",
        "Dropout",
        "Softmax",
        "Sigmoid",
        "Tanh",
        "ReLU",
        "ReLU6",
        "GELU",
        "SiLU",
        "Mish",
        "ELU",
        "SELU",
        "PReLU",
        "Upsample",
        "Transformer",
        "GLU",
        "LSTM",
        "GRU",
        "RNN",
        "Threshold",
        "Buffer",
        "Container",
        "LayerNorm",
        "GroupNorm",
        "OrderedDict",
    }
)

RESERVED = (
    frozenset(keyword.kwlist)
    | frozenset(keyword.softkwlist)
    | frozenset(dir(builtins))
    | frozenset(("self", "nn", "F", "torch", "Tensor", "OrderedDict", "i", "_", "l", "O", "I"))
)


def identifier(text: str) -> str:
    """An ASCII identifier that resembles `text`: no keyword, no builtin, no leading underscore."""
    name = re.sub(r"[^0-9A-Za-z_]+", "_", text).strip("_")[:60]
    if not name:
        return "x"
    if name[0].isdigit():
        name = f"n{name}"
    return f"{name}_" if name in RESERVED else name


def variable_name(text: str) -> str:
    """A variable's name in lower case: AuxLogits is aux_logits."""
    return identifier(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower())


def unique(name: str, taken: Container[str]) -> str:
    """`name`, or the first of name2, name3, … that is not in `taken`: v1_2, v1_3, … where the name ends in a digit."""
    between = "_" if name[-1:].isdigit() else ""
    return _first_free(itertools.chain([name], (f"{name}{between}{number}" for number in itertools.count(2))), taken)


def next_variable(name: str, taken: Container[str]) -> str:
    """`name`, or the first variable behind it that is not in `taken`: x, x2, x3, … and x2, x3, …"""
    stem = name.rstrip("0123456789")
    numbers = itertools.count(int(name[len(stem) :] or 1) + 1)
    return _first_free(itertools.chain([name], (f"{stem}{number}" for number in numbers)), taken)


def _first_free(names: Iterable[str], taken: Container[str]) -> str:
    return next(name for name in names if name not in taken)


def class_name(text: str) -> str:
    """CamelCase of a block's name: conv_bn is ConvBN, resnet50 is ResNet50, x1_0 keeps its underscore."""
    name = ""
    for part in re.findall(r"[A-Za-z]+|[0-9]+", text):
        if part.isdigit():
            name += f"_{part}" if name[-1:].isdigit() else part
        else:
            name += _SPELLINGS.get(part.lower(), _camel(part))
    name = name or "Block"
    if name[0].isdigit():
        name = f"Net{name}"
    clashes = name in _TORCH_CLASSES or name in RESERVED
    return f"{name}Block" if clashes else name[:80]


def _camel(word: str) -> str:
    if word.endswith("net") and len(word) > 3:
        return f"{word[0].upper()}{word[1:-3]}Net"
    return word[0].upper() + word[1:]


def prose(text: str) -> list[str]:
    """Lines of documentation that can stand in a docstring: no closing quotes, escapes or control characters."""
    lines = []
    for line in re.split(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", text):
        line = "".join(c if c.isprintable() else " " for c in line)
        lines.append(line.replace("\\", "\\\\").replace('"', "'").strip())
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def input_names(names: Sequence[str], taken: frozenset[str]) -> tuple[str, ...]:
    """Distinct parameter names of `forward`."""
    chosen: list[str] = []
    for name in names:
        chosen.append(unique(identifier(name), taken | set(chosen)))
    return tuple(chosen)
