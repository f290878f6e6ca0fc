"""Runs the IR of a network op by op with calls of torch.nn.functional: what an emitted module is judged by.

Shares no code with the emitter: it reads the common ops by their names and arguments alone, and takes weights from a
state_dict whose keys are the labels of the IR. The other ops run in their own PyTorch form, which `tests/ops/` judge.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from archdsl.ir.graph import INPUT, Graph, Node
from archdsl.ops import registry
from archdsl.types import TensorType
from tests.ops.torch_interpreter import make

Weights = Mapping[str, Tensor]


@torch.no_grad()
def run(graph: Graph, inputs: Sequence[Tensor], weights: Weights, prefix: str = "") -> list[Tensor]:
    """The outputs of `graph` in eval mode. Inputs and outputs have a batch axis; `weights` by label, dots between."""
    made: list[list[Tensor]] = []
    for node in graph.nodes:
        operands = [inputs[r.output] if r.node == INPUT else made[r.node][r.output] for r in node.operands]
        path = prefix + _key(node.label)
        if node.each:
            made.append(_each(node, operands, weights, f"{path}."))
        elif node.length is not None:
            made.append(_scan(node, operands, weights, f"{path}."))
        elif node.body is not None:
            given = operands or [torch.empty(len(inputs[0]))]  # a block without inputs is asked for its batch
            made.append(run(node.body, given, weights, f"{path}."))
        else:
            own = {k: weights[path + (f".{k}" if k else "")] for k in _names(node, graph.operand_types(node))}
            result = _OPS.get(node.word, _own_form)(node.op, operands, own, graph.operand_types(node), len(inputs[0]))
            made.append([result] if isinstance(result, Tensor) else list(result))
    return [inputs[r.output] if r.node == INPUT else made[r.node][r.output] for r in graph.outputs]


def keys(graph: Graph, prefix: str = "") -> Iterator[tuple[str, tuple[int, ...], bool]]:
    """(key, shape, trainable) of each weight by its label; a module that is applied twice is listed twice."""
    for node in graph.nodes:
        path = prefix + _key(node.label)
        if node.body is not None:
            yield from keys(node.body, f"{path}.")
        elif node.op is not None:
            for weight in node.op.weights(graph.operand_types(node)):
                yield path + (f".{weight.name}" if weight.name else ""), weight.shape, weight.trainable


def _key(label: str) -> str:
    """torch keeps `training` for itself, so a module of this name has an underscore behind it."""
    return re.sub(r"\btraining(_*)(?=\.|$)", r"training\1_", label)


def _names(node: Node, types: tuple[TensorType, ...]) -> list[str]:
    if node.op is None:
        return []
    return [w.name for w in node.op.weights(types) if w.name != "num_batches_tracked"]


def _each(node: Node, operands: list[Tensor], weights: Weights, prefix: str) -> list[Tensor]:
    """One element after the other."""
    assert node.body is not None
    assert node.length is not None
    steps = [run(node.body, [x[:, t] for x in operands], weights, prefix) for t in range(node.length)]
    return [torch.stack(outputs, 1) for outputs in zip(*steps, strict=True)]


def _scan(node: Node, operands: list[Tensor], weights: Weights, prefix: str) -> list[Tensor]:
    assert node.body is not None
    assert node.length is not None
    sequence, *states = operands
    kinds = node.body.inputs[1:]
    states = states or [torch.zeros(len(sequence), *x.shape, dtype=sequence.dtype) for x in kinds]
    outputs = []
    for t in range(node.length):
        step = run(node.body, [sequence[:, t], *states], weights, prefix)
        outputs.append(step[0])
        states = step[len(step) - len(kinds) :]
    return [torch.stack(outputs, 1), *states]


# --- ops: (op, operands, weights, types, batch) -> tensor or tensors -----------------------------------------------


def _stretched(xs: Sequence[Tensor]) -> list[Tensor]:
    """A factor per channel, [C], is a map of one place."""
    rank = max(x.dim() for x in xs)
    return [x.reshape(*x.shape, *[1] * (rank - x.dim())) for x in xs]


def _same(x: Tensor, op: Any, dilation: Sequence[int], value: float = 0.0) -> Tensor:
    """TensorFlow's "same" padding."""
    sides: list[int] = []
    for size, k, s, d in zip(x.shape[2:], op.kernel, op.stride, dilation, strict=True):
        total = max((math.ceil(size / s) - 1) * s + (k - 1) * d + 1 - size, 0)
        sides = [total // 2, total - total // 2, *sides]
    return F.pad(x, sides, value=value)


def _symmetric(op: Any, dilation: Sequence[int]) -> list[int]:
    if op.padding == "valid":
        return [0] * len(op.kernel)
    if op.padding == "half":
        return [d * (k - 1) // 2 for k, d in zip(op.kernel, dilation, strict=True)]
    return [int(p) for p in op.padding]


def _conv(op: Any, xs: list[Tensor], w: Weights, *_: Any) -> Tensor:
    x, rank = xs[0], len(op.kernel)
    same = op.padding == "same"
    x, padding = (_same(x, op, op.dilation), 0) if same else (x, _symmetric(op, op.dilation))
    groups = x.shape[1] if op.name == "depthwise" else op.groups
    call = (F.conv1d, F.conv2d, F.conv3d)[rank - 1]
    return call(x, w["weight"], w.get("bias"), op.stride, padding, op.dilation, groups)  # type: ignore[no-any-return,operator]


def _max_pool(op: Any, xs: list[Tensor], *_: Any) -> Tensor:
    x, rank = xs[0], len(op.kernel)
    call = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[rank - 1]
    if op.padding == "same":
        x, padding = _same(x, op, op.dilation, -math.inf), [0] * rank
    else:
        padding = _symmetric(op, op.dilation)
    return call(x, op.kernel, op.stride, padding, op.dilation, op.ceil)


def _avg_pool(op: Any, xs: list[Tensor], *_: Any) -> Tensor:
    x, rank, ones = xs[0], len(op.kernel), [1] * len(op.kernel)
    call: Any = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[rank - 1]
    if op.padding != "same":
        return call(x, op.kernel, op.stride, _symmetric(op, ones), op.ceil, op.count_padding)  # type: ignore[no-any-return]
    mean = call(_same(x, op, ones), op.kernel, op.stride)
    inside = call(_same(torch.ones_like(x), op, ones), op.kernel, op.stride)
    return mean if op.count_padding else mean / inside  # type: ignore[no-any-return]


def _bn(op: Any, xs: list[Tensor], w: Weights, *_: Any) -> Tensor:
    return F.batch_norm(xs[0], w["running_mean"], w["running_var"], w.get("weight"), w.get("bias"), eps=op.eps)


def _layer_norm(op: Any, xs: list[Tensor], w: Weights, *_: Any) -> Tensor:
    return F.layer_norm(xs[0], xs[0].shape[-1:], w.get("weight"), w.get("bias"), op.eps)


def _linear(op: Any, xs: list[Tensor], w: Weights, types: tuple[TensorType, ...], batch: int) -> Tensor:
    x = xs[0]
    if types[0].rank > 1 and set(types[0].shape[1:]) == {1}:  # a map of one place counts as a vector
        x = x.flatten(1)
    return F.linear(x, w["weight"], w.get("bias"))


def _fold(function: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
    def apply(op: Any, xs: list[Tensor], *_: Any) -> Tensor:
        first, *rest = _stretched(xs)
        for x in rest:
            first = function(first, x)
        return first

    return apply


def _mean(op: Any, xs: list[Tensor], *_: Any) -> Tensor:
    return _fold(torch.add)(op, xs) / len(xs)


def _scalar(op: Any, xs: list[Tensor], *_: Any) -> Tensor:
    function = {"+": torch.add, "-": torch.sub, "*": torch.mul, "/": torch.div}[op.operator]
    number = torch.tensor(op.value, dtype=xs[0].dtype)
    return function(number, xs[0]) if op.reverse else function(xs[0], number)


def _axis(op: Any, types: tuple[TensorType, ...]) -> int:
    return int(op.axis + 1 if op.axis >= 0 else op.axis)


def _concat(op: Any, xs: list[Tensor], w: Weights, types: tuple[TensorType, ...], batch: int) -> Tensor:
    return torch.cat(xs, _axis(op, types))


def _split(op: Any, xs: list[Tensor], w: Weights, types: tuple[TensorType, ...], batch: int) -> list[Tensor]:
    return list(torch.split(xs[0], list(op.sections), _axis(op, types)))


def _pad(op: Any, xs: list[Tensor], *_: Any) -> Tensor:
    """Each axis picks its elements by position, those before the first one counted below 0."""
    x = xs[0]
    axes = range(x.dim() - len(op.amounts), x.dim()) if op.axis == "spatial" else (op.axis + 1,)
    for axis, (before, after) in zip(axes, op.amounts, strict=True):
        n = x.shape[axis]
        at = torch.arange(-before, n + after)
        inside = {
            "constant": at.clamp(0, n - 1),
            "replicate": at.clamp(0, n - 1),
            "circular": at % n,
            "reflect": n - 1 - (n - 1 - at.abs()).abs(),
        }[op.mode]
        made = x.index_select(axis, inside)
        outside = (at != inside).reshape(-1, *[1] * (x.dim() - axis - 1))
        x = made.masked_fill(outside, op.value) if op.mode == "constant" else made
    return x


def _upsample(op: Any, xs: list[Tensor], *_: Any) -> Tensor:
    extent = {"scale_factor": op.scale} if op.size == "scaled" else {"size": op.size}
    corners = op.align_corners or None
    return F.interpolate(xs[0], mode=op.mode, align_corners=corners, antialias=op.antialias, **extent)


def _constant(op: Any, xs: list[Tensor], w: Weights, types: Any, batch: int) -> Tensor:
    """Worked out at torch's default precision, as the module does when it is built."""
    if not op.steps:
        value = w[""] if w else torch.tensor(op.values).unsqueeze(0).double()
        return value.expand(batch, *value.shape[1:])
    made: list[Any] = [[torch.tensor(values).unsqueeze(0)] for values in op.values]
    for word, arguments, operands in op.steps:
        given = [made[number][output] for number, output in operands]
        step = registry.load(word)(**dict(arguments))
        kinds = tuple(TensorType(tuple(x.shape[1:])) for x in given)
        result = _OPS.get(word, _own_form)(step, given, {}, kinds, 1)
        made.append([result] if isinstance(result, Tensor) else list(result))
    value = made[-1][op.output].double()
    return value.expand(batch, *value.shape[1:])


def _own_form(op: Any, xs: list[Tensor], w: Weights, types: tuple[TensorType, ...], batch: int) -> Any:
    form = make(op, types, functional=not w).eval()
    if form.module is not None:
        form.module.load_state_dict(dict(w), strict=True, assign=True)
    return form(*xs)


def _plain(function: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    return lambda op, xs, *_: function(xs[0])


_OPS: dict[str, Callable[..., Any]] = {
    "conv": _conv,
    "depthwise": _conv,
    "linear": _linear,
    "bn": _bn,
    "layer_norm": _layer_norm,
    "group_norm": lambda op, xs, w, *_: F.group_norm(xs[0], op.groups, w.get("weight"), w.get("bias"), op.eps),
    "max_pool": _max_pool,
    "avg_pool": _avg_pool,
    "global_avg_pool": _plain(lambda x: x.mean(tuple(range(2, x.dim())), keepdim=True)),
    "upsample": _upsample,
    "add": _fold(torch.add),
    "sub": _fold(torch.sub),
    "mul": _fold(torch.mul),
    "maximum": _fold(torch.maximum),
    "mean": _mean,
    "scalar": _scalar,
    "concat": _concat,
    "stack": lambda op, xs, w, types, batch: torch.stack(xs, op.axis + 1),
    "split": _split,
    "pad": _pad,
    "flatten": lambda op, xs, *_: xs[0].flatten(op.first + 1),
    "reshape": lambda op, xs, *_: xs[0].reshape(len(xs[0]), *op.shape),
    "transpose": lambda op, xs, *_: xs[0].transpose(op.first + 1, op.second + 1),
    "channel_shuffle": lambda op, xs, *_: F.channel_shuffle(xs[0], op.groups),
    "constant": _constant,
    "learned": lambda op, xs, w, types, batch: w[""].expand(batch, *op.shape),
    "dropout": _plain(lambda x: x),
    "drop_path": _plain(lambda x: x),
    "relu": _plain(F.relu),
    "relu6": _plain(F.relu6),
    "gelu": lambda op, xs, *_: F.gelu(xs[0], approximate=op.approximate),
    "silu": _plain(F.silu),
    "sigmoid": _plain(torch.sigmoid),
    "tanh": _plain(torch.tanh),
    "leaky_relu": lambda op, xs, *_: F.leaky_relu(xs[0], op.slope),
    "elu": lambda op, xs, *_: F.elu(xs[0], op.alpha),
    "prelu": lambda op, xs, w, *_: F.prelu(xs[0], w["weight"]),
}
