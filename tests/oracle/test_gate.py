"""Proves that the comparison of functions can fail: every small wrong thing in a network must be seen.

Both sides are torchvision's own models at small sizes; one side is then made wrong in a single place. A comparison
that lets one of these pass would also let a wrong spec pass.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.oracle.equality import compare, relative_error
from tests.oracle.mapping import Mapping, MappingError, executed_owners, mappings, share_weights
from tests.oracle.reference import torchvision_model

SMALL = (3, 65, 72)
make = functools.partial
slow = functools.partial(pytest.param, marks=pytest.mark.slow)


def feed(module: nn.Module, change: Callable[[Tensor], Tensor]) -> None:
    """Changes what `module` is fed."""
    module.register_forward_pre_hook(lambda _, args: (change(args[0]),))


def pad_one_side(conv: nn.Conv2d) -> None:
    """Moves the padding of a 3x3 convolution from left and right to the left alone."""
    conv.padding = (0, 0)
    feed(conv, lambda x: F.pad(x, (2, 0, 1, 1)))


def exclude_padding(after_pool: nn.Module) -> None:
    """Makes the 3x3 average pool in front of `after_pool` divide by the positions inside the map only."""
    feed(after_pool, lambda x: x / F.avg_pool2d(torch.ones_like(x), 3, 1, 1))


def move_stride(block: nn.Module) -> None:
    """Strides in the 1x1 convolution of a bottleneck, as the paper prints it, instead of in the 3x3."""
    block.conv1.stride, block.conv2.stride = (2, 2), (1, 1)


def swap_outputs(first: nn.Module, second: nn.Module) -> None:
    """Exchanges the outputs of two modules that run one after the other on equal shapes."""
    kept: list[Tensor] = []
    first.register_forward_hook(lambda _, args, output: kept.append(output) or second.forward(*args))
    second.register_forward_hook(lambda *_: kept.pop())


def shuffled(x: Tensor) -> Tensor:
    """`x` with its channels in two groups interleaved."""
    return x.unflatten(1, (2, -1)).transpose(1, 2).flatten(1, 2)


RESNET18 = make(torchvision_model, "resnet18")
RESNET50 = make(torchvision_model, "resnet50")
SQUEEZENET = make(torchvision_model, "squeezenet1_1")
GOOGLENET = make(torchvision_model, "googlenet", aux_logits=False)
MOBILENET = make(torchvision_model, "mobilenet_v2")
SHUFFLENET = make(torchvision_model, "shufflenet_v2_x0_5")
INCEPTION = make(torchvision_model, "inception_v3", aux_logits=False)

# name: (model, what is done to one side)
MUTATIONS: dict[str, tuple[Callable[[], nn.Module], Callable[[nn.Module], object]]] = {
    "one eps": (RESNET18, lambda m: setattr(m.layer3[0].bn1, "eps", 1e-3)),
    "one relu removed": (SQUEEZENET, lambda m: setattr(m.features[9], "expand3x3_activation", nn.Identity())),
    "one relu leaks": (SQUEEZENET, lambda m: setattr(m.features[3], "squeeze_activation", nn.LeakyReLU(0.01))),
    "one relu6 is a relu": (MOBILENET, lambda m: m.features[18].__setitem__(2, nn.ReLU())),
    "one max pool is an average pool": (
        SQUEEZENET,
        lambda m: m.features.__setitem__(5, nn.AvgPool2d(3, 2, ceil_mode=True)),
    ),
    "one ceil mode": (GOOGLENET, lambda m: setattr(m.maxpool3, "ceil_mode", False)),
    "one pad side": (RESNET18, lambda m: pad_one_side(m.layer2[1].conv2)),
    "one padding value": (RESNET18, lambda m: setattr(m.layer2[1].conv2, "padding_mode", "reflect")),
    "one dilation": (RESNET18, lambda m: m.layer2[1].conv2.__dict__.update(dilation=(2, 2), padding=(2, 2))),
    "one stride moved": (RESNET50, lambda m: move_stride(m.layer2[0])),
    "one count_include_pad": (INCEPTION, lambda m: exclude_padding(m.Mixed_6c.branch_pool)),
    "two branches exchanged": (GOOGLENET, lambda m: swap_outputs(m.inception4c.branch3, m.inception4c.branch4)),
    "one shuffle too many": (SHUFFLENET, lambda m: feed(m.stage3[1], shuffled)),
    "one dropout": (SQUEEZENET, lambda m: setattr(m.classifier[0], "p", 0.4)),
    "one momentum": (RESNET18, lambda m: setattr(m.layer1[0].bn2, "momentum", 0.01)),
    "one bias missing": (SQUEEZENET, lambda m: m.features[0].register_parameter("bias", None)),
    "one scale": (RESNET18, lambda m: feed(m.fc, lambda x: x * (1 + 1e-6))),
}


# These need large models.
LARGE = ("one stride moved", "one count_include_pad")


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] if n in LARGE else []) for n in MUTATIONS])
def test_a_mutation_is_seen(name: str) -> None:
    """One wrong detail on one side makes the comparison fail, and not for want of signal."""
    model, mutate = MUTATIONS[name]
    ours, reference = model(), model()
    mutate(ours)
    report = compare(ours, reference, SMALL if model is not INCEPTION else (3, 97, 97))
    assert report.problems
    assert not any("died" in problem for problem in report.problems), report.problems


@pytest.mark.parametrize("model", [SQUEEZENET, SHUFFLENET, *map(slow, (RESNET18, GOOGLENET, MOBILENET))])
def test_equal_models_are_equal(model: Callable[[], nn.Module]) -> None:
    """A model equals itself, training included."""
    report = compare(model(), model(), SMALL)
    assert not report.problems
    assert report.train_error == 0.0


class ByMatrix(nn.Conv2d):
    """A convolution computed as one matrix product: the same function with other rounding."""

    def _conv_forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        assert isinstance(self.padding, tuple)
        size = [(x.shape[2 + a] + 2 * self.padding[a] - self.kernel_size[a]) // self.stride[a] + 1 for a in range(2)]
        columns = F.unfold(x, self.kernel_size, self.dilation, self.padding, self.stride)
        result = (weight.flatten(1) @ columns).unflatten(2, size)
        return result if bias is None else result + bias[:, None, None]


@pytest.mark.parametrize("model", [RESNET18, SQUEEZENET, slow(RESNET50)])
def test_other_rounding_is_still_equal(model: Callable[[], nn.Module]) -> None:
    """The same function computed in another way passes, with room below the tolerance."""
    ours = model()
    for layer in ours.modules():
        if type(layer) is nn.Conv2d:
            layer.__class__ = ByMatrix
    report = compare(ours, model(), SMALL)
    assert not report.problems
    assert report.output_error is not None and 0.0 < report.output_error < 1e-10
    assert report.train_error is not None and 0.0 < report.train_error < 1e-9


@pytest.mark.slow
def test_eps_everywhere_would_pass_with_fresh_weights() -> None:
    """Why weights are redrawn: Inception-v3 as initialised hardly notices a wrong eps in every batch norm."""
    torch.manual_seed(0)
    ours, reference = INCEPTION().eval(), INCEPTION().eval()
    ours.load_state_dict(reference.state_dict())
    for layer in ours.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.eps = 1e-5
    x = torch.randn(1, 3, 97, 97)
    with torch.no_grad():
        assert (ours(x) - reference(x)).abs().max() < 1e-3
    assert compare(ours, reference, (3, 97, 97)).problems


def test_relative_errors() -> None:
    """Relative to the largest value expected; never small where a value is not a number, wherever that is."""
    expected = torch.zeros(1 << 19, dtype=torch.float64)
    expected[7] = 4.0
    assert relative_error(expected, expected) == 0.0
    assert relative_error(expected + 1.0, expected) == 0.25
    assert relative_error(expected + 1.0, expected, floor=8.0) == 0.125
    assert relative_error(expected + 1.0, torch.zeros_like(expected)) == float("inf")
    assert relative_error(expected[:9], expected) == float("inf")
    for position in (0, 7, len(expected) - 1):
        broken = expected.clone()
        broken[position] = float("nan")
        assert relative_error(broken, expected) == relative_error(expected, broken) == float("inf")


def test_a_dead_signal_is_reported() -> None:
    """Where the output hardly depends on the input, agreement is refused rather than believed."""

    class Dying(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)

        def forward(self, x: Tensor) -> Tensor:
            return 1.0 + 1e-6 * self.conv(x).mean((2, 3))

    problems = compare(Dying(), Dying(), (3, 8, 8)).problems
    assert any("the signal died" in problem for problem in problems)


def test_a_lost_gradient_is_reported() -> None:
    """A parameter that cannot matter is no evidence."""

    class Idle(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.idle = nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.conv(x) + 0.0 * self.idle(x)

    problems = compare(Idle(), Idle(), (3, 8, 8)).problems
    assert any("no gradient reaches idle.weight" in problem for problem in problems)


def test_swapped_weights_are_seen() -> None:
    """Two equal-shaped weights exchanged by the mapping."""
    ours, reference = RESNET18(), RESNET18()
    keys = mappings(ours, reference, SMALL)[0].keys
    a, b = "layer1.0.conv1.weight", "layer1.1.conv1.weight"
    report = compare(ours, reference, SMALL, mapping=Mapping("swapped", {**keys, a: b, b: a}))
    assert report.problems


class Branches(nn.Module):
    """Two convolutions of equal shape, one of them before a relu; registered and run in that order or the other."""

    def __init__(
        self, before_relu: str, other: str, *, run_swapped: bool = False, made_swapped: bool = False, width: int = 4
    ) -> None:
        super().__init__()
        self.pair = (before_relu, other)
        self.order = self.pair[::-1] if run_swapped else self.pair
        for name in self.pair[::-1] if made_swapped else self.pair:
            self.add_module(name, nn.Conv2d(3, width if name == other else 4, 3))
        self.scale = nn.Parameter(torch.ones(4, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        made = {name: self.get_submodule(name)(x) for name in self.order}
        return torch.cat([made[self.pair[0]].relu() * self.scale, made[self.pair[1]]], 1)


def test_weights_are_paired_by_execution() -> None:
    """Other names, same order: paired call by call, direct parameters included."""
    ours, reference = Branches("a", "b"), Branches("left", "right")
    assert mappings(ours, reference, (3, 8, 8))[0].how == "execution"
    report = compare(ours, reference, (3, 8, 8))
    assert (report.problems, report.mapping) == ([], "execution")


def test_weights_are_paired_by_registration() -> None:
    """Parallel branches run in another order: the order of registration is tried as well."""
    report = compare(Branches("a", "b", run_swapped=True), Branches("left", "right"), (3, 8, 8))
    assert (report.problems, report.mapping) == ([], "registration")


def test_weights_are_paired_by_gradient() -> None:
    """Branches written in another order altogether: paired by what they see and what becomes of it."""
    report = compare(Branches("a", "b", run_swapped=True, made_swapped=True), Branches("left", "right"), (3, 8, 8))
    assert (report.problems, report.mapping) == ([], "gradient")


def test_the_first_disagreement_is_shown() -> None:
    """Weights that cannot be paired name the first module where the shapes part."""
    ours, reference = Branches("a", "b", width=5), Branches("left", "right")
    with pytest.raises(MappingError, match=r"module 2: ours is b with .*5, 3, 3, 3.* right with .*4, 3, 3, 3"):
        mappings(ours, reference, (3, 8, 8))


def test_modules_left_over_are_shown() -> None:
    """A module more on one side is named, and one that never runs is not silently dropped."""
    sequence = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 1))
    with pytest.raises(MappingError, match="ours has 2 modules with weights, the reference 1; first left over is"):
        mappings(sequence, nn.Sequential(nn.Conv2d(3, 4, 1)), (3, 8, 8))
    idle = Branches("a", "b")
    idle.add_module("idle", nn.Conv2d(1, 1, 1))
    with pytest.raises(MappingError, match="never called: idle"):
        executed_owners(idle, (3, 8, 8))


def test_copying_uses_every_weight() -> None:
    """A mapping that forgets a tensor of the reference is refused."""
    ours, reference = Branches("a", "b"), Branches("a", "b")
    keys = {key: key for key in ours.state_dict()}
    keys["a.bias"] = "b.bias"
    with pytest.raises(MappingError, match=r"not mapped: \['a.bias'\]"):
        share_weights(ours, reference, Mapping("wrong", keys))
