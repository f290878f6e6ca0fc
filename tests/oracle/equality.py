"""Says whether two nn.Modules are the same function: outputs, gradients and training steps, in float64.

An agreement of plain outputs shows little: a network can be wrong in every batch norm and still print the same scores.
Here the weights are drawn so that every layer matters (redraw.py), and what is compared is the *difference* of the
outputs on two inputs and all gradients, each relative to its own largest value.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from tests.oracle.behaviour import Behaviour, behaviour, functional, outputs_of
from tests.oracle.counting import params_of, to_eval
from tests.oracle.mapping import Mapping, MappingError, mappings, own_weights, share_weights
from tests.oracle.pair_by_gradient import pair_by_gradient
from tests.oracle.redraw import redraw

TOLERANCE = 1e-8
# Below this ratio of f(a) - f(b) to f(a) the output hardly depends on the input and agreement would say nothing.
HEALTHY = 1e-3
DROPOUT = nn.modules.dropout._DropoutNd


@dataclass
class Report:
    """What a comparison found. Errors are relative to the reference's own largest value; None: not compared.

    `problems` is empty if and only if the two are the same function.
    """

    shape: tuple[int, ...]
    mapping: str = ""
    output_error: float | None = None
    gradient_error: float | None = None
    train_error: float | None = None
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


def compare(
    ours: nn.Module,
    reference: nn.Module,
    shape: tuple[int, ...],
    *,
    seed: int = 0,
    train: bool = True,
    mapping: Mapping | None = None,
    tolerance: float = TOLERANCE,
) -> Report:
    """Compares two modules on a batch of two inputs of `shape` (no batch axis).

    Both are changed: float64, new weights, dropout off. With several possible mappings of the weights, one under
    which the two agree is enough; `mapping` prescribes one. `train` also takes two training steps; dropout is then
    off on both sides, and its probabilities are compared instead.
    """
    start = time.perf_counter()
    report = Report(shape)
    if params_of(ours) != params_of(reference):
        report.problems.append(f"ours has {params_of(ours):,} params, the reference {params_of(reference):,}")
        return report
    inputs = two_inputs(shape, seed)
    redraw(reference, seed, inputs)
    ours.double()
    expected = behaviour(reference, inputs, seed)
    report.problems += unhealthy(expected)
    common = report.problems
    try:
        for candidate in [mapping] if mapping else candidates(ours, reference, inputs):
            report.mapping, report.problems = candidate.how, list(common)
            share_weights(ours, reference, candidate)
            compare_behaviour(report, behaviour(ours, inputs, seed), expected, candidate, tolerance)
            if len(report.problems) == len(common):
                break
    except MappingError as error:
        report.problems = [*common, f"the weights cannot be mapped: {error}"]
        return report
    del expected
    if not report.problems:
        report.problems += compare_dropouts(ours, reference, inputs)
    if train and not report.problems:
        compare_training(report, ours, reference, inputs, seed, candidate, tolerance)
    report.seconds = time.perf_counter() - start
    return report


def candidates(ours: nn.Module, reference: nn.Module, inputs: Tensor) -> Iterator[Mapping]:
    """The mappings of the weights to try, cheap ones first; MappingError where there is none at all."""
    trouble: list[str] = []
    found: list[Mapping] = []
    try:
        found = mappings(ours, reference, tuple(inputs.shape[1:]))
    except MappingError as error:
        trouble.append(str(error))
    yield from found
    if found and found[0].how == "names":
        return
    try:
        yield pair_by_gradient(ours, reference, inputs)
    except MappingError as error:
        if not found:
            raise MappingError("; ".join([*trouble, str(error)])) from error


def two_inputs(shape: tuple[int, ...], seed: int) -> Tensor:
    """A batch of two inputs of `shape` in float64: noise with a mean and a spread of its own for each channel.

    Plain noise would look the same to a network that averages over a large map.
    """
    random = torch.Generator().manual_seed(seed)
    noise = torch.randn(2, *shape, generator=random, dtype=torch.float64)
    channels = (2, shape[0]) + (1,) * (len(shape) - 1)
    mean = torch.randn(channels, generator=random, dtype=torch.float64)
    spread = 0.5 + 1.5 * torch.rand(channels, generator=random, dtype=torch.float64)
    return mean + spread * noise


def relative_error(actual: Tensor, expected: Tensor, floor: float = 0.0) -> float:
    """Largest absolute error over the largest absolute value expected (at least `floor`); infinite where undefined."""
    if actual.shape != expected.shape:
        return float("inf")
    return _ratio(farthest(actual, expected), max(floor, _largest(expected)))


def farthest(one: Tensor, other: Tensor) -> float:
    """The largest absolute difference of two tensors of one shape; infinite where a value is not a finite number."""
    pieces = zip(*(tensor.flatten().split(1 << 18) for tensor in (one, other)), strict=True)  # no copies of a gigabyte
    distances = [torch.dist(a.double(), b.double(), torch.inf).item() for a, b in pieces]
    return max(distances, default=0.0) if all(map(math.isfinite, distances)) else float("inf")


def _ratio(error: float, scale: float) -> float:
    if error == 0.0 and math.isfinite(scale):
        return 0.0
    return error / scale if 0.0 < scale < float("inf") else float("inf")


def _largest(tensor: Tensor) -> float:
    found = [torch.linalg.vector_norm(piece, torch.inf).item() for piece in tensor.flatten().split(1 << 18)]
    return max(found, default=0.0) if all(map(math.isfinite, found)) else float("inf")


def unhealthy(expected: Behaviour) -> list[str]:
    """Why agreement with this behaviour would say nothing; empty where it would."""
    problems = []
    for index, output in enumerate(expected.outputs):
        ratio = ((output[0] - output[1]).abs().max() / output.abs().max()).item()
        if not ratio > HEALTHY:
            problems.append(f"the signal died: output {index} differs between two inputs by only {ratio:.1e} of itself")
    dead = [name for name, gradient in expected.at_parameters.items() if not gradient.any()]
    if dead:
        problems.append(f"the signal died: no gradient reaches {dead[0]} and {len(dead) - 1} more")
    return problems


def compare_behaviour(
    report: Report, actual: Behaviour, expected: Behaviour, mapping: Mapping, tolerance: float
) -> None:
    """Fills the output and gradient errors of `report`, and its problems where one exceeds `tolerance`."""
    if len(actual.outputs) != len(expected.outputs):
        report.problems.append(f"ours returns {len(actual.outputs)} outputs, the reference {len(expected.outputs)}")
        return
    outputs = {}
    for index, (mine, theirs) in enumerate(zip(actual.outputs, expected.outputs, strict=True)):
        if mine.shape != theirs.shape:
            report.problems.append(f"output {index} is {list(mine.shape)}, the reference's {list(theirs.shape)}")
            return
        outputs[f"output {index}"] = relative_error(mine, theirs)
        outputs[f"difference of outputs {index}"] = relative_error(mine[0] - mine[1], theirs[0] - theirs[1])
    gradients = {"the gradient at the input": relative_error(actual.at_input, expected.at_input)}
    # A bias of the keys of a softmax has no true gradient, only rounding, so the yardstick is at least a millionth of
    # the largest gradient.
    floor = 1e-6 * max(torch.linalg.vector_norm(g, torch.inf).item() for g in expected.at_parameters.values())
    for name, gradient in actual.at_parameters.items():
        theirs = expected.at_parameters[mapping.keys[name]]
        gradients[f"the gradient at {name}"] = relative_error(gradient, theirs, floor)
    report.output_error = _judge(report, outputs, tolerance)
    report.gradient_error = _judge(report, gradients, tolerance)


def compare_dropouts(ours: nn.Module, reference: nn.Module, inputs: Tensor) -> list[str]:
    """Compares the dropouts of two networks that agree otherwise, then turns all of them off.

    A dropout is its class, its probability and what it is fed, so that heads may be written in any order.
    """
    mine, theirs = (_dropouts(module, inputs) for module in (ours, reference))
    for module in (ours, reference):
        for layer in module.modules():
            if isinstance(layer, DROPOUT):
                layer.p = 0.0
    if mine == theirs:
        return []
    return [f"dropout: (size of input, class, probability) are {mine} in ours, {theirs} in the reference"]


def train_steps(module: nn.Module, inputs: Tensor, seed: int, rate: float | None = None) -> float:
    """Two steps of gradient descent in train mode, in place; the learning rate that they took.

    Without a `rate`, one is chosen that moves the weights by about a hundredth of themselves in the first step.
    """
    module.train()
    parameters = list(module.parameters())
    for step in range(2):
        loss = functional(outputs_of(module(inputs)), seed + step)
        gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
        if rate is None:
            rate = 0.01 * _norm(parameters) / max(_norm(g for g in gradients if g is not None), 1e-300)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                if gradient is not None:
                    parameter.sub_(gradient, alpha=rate)
        del gradients
    assert rate is not None
    return rate


def compare_training(
    report: Report,
    ours: nn.Module,
    reference: nn.Module,
    inputs: Tensor,
    seed: int,
    mapping: Mapping,
    tolerance: float,
) -> None:
    """Fills the training error of `report`: how differently two steps moved each tensor, buffers included.

    Both start from the reference's weights. A bias in front of a batch norm gets no true gradient while training, only
    rounding; so the yardstick of a tensor is at least a millionth of the largest move of all.
    """
    own_weights(ours)
    rate = train_steps(reference, inputs, seed)
    mine, theirs = ours.state_dict(), reference.state_dict()
    moves = {key: farthest(mine[key], theirs[mapping.keys[key]]) for key in mine}
    train_steps(ours, inputs, seed, rate)
    floor = 1e-6 * max(moves.values())
    errors = {
        f"the training of {key}": _ratio(farthest(mine[key], theirs[mapping.keys[key]]), max(move, floor))
        for key, move in moves.items()
    }
    report.train_error = _judge(report, errors, tolerance)


def _judge(report: Report, errors: dict[str, float], tolerance: float) -> float:
    worst = max(errors, key=lambda name: errors[name])
    if not errors[worst] <= tolerance:
        count = sum(not error <= tolerance for error in errors.values())
        more = f" (and {count - 1} of {len(errors)} others)" if count > 1 else ""
        report.problems.append(f"{worst} is off by {errors[worst]:.1e}{more}")
    return errors[worst]


def _dropouts(module: nn.Module, inputs: Tensor) -> list[tuple[str, str, float]]:
    """Each use of a dropout that can drop: size of what it is fed, to six digits, class and probability; sorted."""
    seen: list[tuple[str, str, float]] = []

    def note(layer: nn.Module, args: tuple[Tensor, ...]) -> None:
        assert isinstance(layer, DROPOUT)
        seen.append((f"{args[0].norm().item():.5e}", type(layer).__name__, layer.p))

    layers = [layer for layer in module.modules() if isinstance(layer, DROPOUT) and layer.p > 0.0]
    handles = [layer.register_forward_pre_hook(note) for layer in layers]
    with torch.no_grad():
        to_eval(module)(inputs)
    for handle in handles:
        handle.remove()
    return sorted(seen)


def _norm(tensors: Iterable[Tensor]) -> float:
    return math.hypot(*(torch.linalg.vector_norm(t.detach()).item() for t in tensors))
