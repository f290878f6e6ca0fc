"""Input sizes by formula against the naive twin: the spec elaborated afresh on both sides of every boundary."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

import archdsl
from archdsl import library, zoo
from archdsl.analysis.sizes.answer import AtSize, Sizes
from archdsl.analysis.sizes.formulas import form_text
from archdsl.analysis.sizes.sets import SizeSet
from archdsl.ir.graph import Graph
from archdsl.network import Network
from archdsl.ops.base import Kind
from tests.analysis.flat import flatten

FAST = (
    "alexnet", "efficientnet_b0", "googlenet", "mobilenet_v2", "shufflenet_v2_x1_0", "transformer_base",
    "vit_tiny_patch16", "xception",
)  # fmt: skip
SLOW = (
    "amoebanet_a_4_50", "darts_v2_imagenet", "densenet121", "dpn92", "efficientnet_b4", "inception_resnet_v2",
    "inception_v3", "inception_v4", "nasnet_cifar", "resattnet56", "resnet50", "vgg16",
    "mobilenet_v3_large", "nasnet_mobile", "nasnetalarge", "pc_darts_imagenet", "pnasnet5large", "polynet", "senet154",
    "transformer_encoder_base", "vit_base_patch32",
)  # fmt: skip


def naive_cut(graph: Graph) -> set[tuple[str, int, int]]:
    """Word, axis and number of the rows that one window more would read; the windows are laid down one by one."""
    found = set()
    for a in flatten(graph).applications:
        if a.op.kind not in (Kind.CONVOLUTION, Kind.POOL) or not hasattr(a.op, "pads"):
            continue  # adaptive pools and transposed convolutions read everything
        for axis, (n, count) in enumerate(zip(a.inputs[0].shape[1:], a.outputs[0].shape[1:], strict=True)):
            dilation = getattr(a.op, "dilation", (1, 1, 1))[axis]
            begin, stride = -a.op.pads(a.inputs)[axis][0], a.op.stride[axis]  # type: ignore[attr-defined]
            taps = [tap * dilation for tap in range(a.op.kernel[axis])]  # type: ignore[attr-defined]
            last = begin + (count - 1) * stride + taps[-1]
            more = range(begin + count * stride, begin + count * stride + taps[-1] + 1)
            cut = sum(last < row < n for row in more)
            if cut:
                found.add((a.op.name, axis, cut))
    return found


def edges(found: SizeSet, most: int) -> set[int]:
    """Sizes on both sides of where membership changes, some of them."""
    changes = [size for size in range(2, most) if (size in found) != (size - 1 in found)]
    return {size for change in changes[:6] + changes[-3:] for size in (change - 1, change)}


def check(sizes: Sizes, make: Callable[[tuple[int, ...]], Network], some: int, seed: int = 0) -> None:
    """Every claim at the edges, at the declared size, and at random sizes, axes alike or not."""
    chance = random.Random(seed)
    native = sizes.native
    axes = range(len(native))
    most = max(2 * max(native), 40)
    near = {1, 2, 3, native[0] - 1, native[0] + 1} | edges(sizes.alike, most)
    points = {tuple(size for _ in axes) for size in near} | {native}
    for i in axes:
        points |= {(*native[:i], size, *native[i + 1 :]) for size in edges(sizes.alone[i], most)}
    if sizes.works is not None:
        for box in sizes.works.boxes:
            tight = [sorted(edges(part, most)) or [part.first] for part in box]
            points |= {tuple(chance.choice(part) for part in tight) for _ in range(3)}
    points |= {tuple(chance.randint(1, most) for _ in axes) for _ in range(some)}
    for point in sorted(point for point in points if min(point) > 0):
        agree(sizes.at(*point), sizes, make, point)


def agree(found: AtSize, sizes: Sizes, make: Callable[[tuple[int, ...]], Network], point: tuple[int, ...]) -> None:
    try:
        network = make(point)
    except archdsl.ArchError as error:
        assert not found.works, (point, error)
        assert found.problem is not None
        assert found.problem.code in [d.code for d in error.diagnostics], point
    else:
        assert found.works, (point, found.problem)
        assert found.outputs == tuple(x.shape for x in network.graph.output_types), point
        assert (found.params, found.macs) == (network.params, network.macs), point
        assert found.activations == network.metric("activations"), point
        assert {(x.word, _axis(x.side, network), x.rows) for x in found.lost} == naive_cut(network.graph), point
    if sizes.works is not None:
        assert (point in sizes.works) == found.works
    within = sizes.tried is None or sizes.tried[0] <= point[0] <= sizes.tried[1]
    if within and len(set(point)) == 1 and len({axis.input for axis in sizes.axes}) == 1:
        assert (point[0] in sizes.alike) == found.works


def _axis(side: str, network: Network) -> int:
    return ("height", "width").index(side) if side != "length" else 0


def maker(name: str) -> Callable[[tuple[int, ...]], Network]:
    """The naive way: read the file and elaborate it at the size."""
    path = library.find(name)
    assert path is not None
    native = archdsl.load(path, name)
    axes = native.sizes().axes

    def make(point: tuple[int, ...]) -> Network:
        shapes = {n: list(x.shape) for n, x in zip(native.graph.input_names, native.graph.inputs, strict=True)}
        for axis, size in zip(axes, point, strict=True):
            shapes[axis.input][axis.axis] = size
        return archdsl.load(path, name, input=shapes)

    return make


@pytest.mark.parametrize("name", [*FAST, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
def test_the_zoo_elaborates_exactly_where_claimed(name: str) -> None:
    sizes = archdsl.load(name).sizes()
    assert not sizes.problem
    check(sizes, maker(name), some=6)


@pytest.mark.slow
def test_every_network_of_the_zoo_has_formulas() -> None:
    for entry in zoo.entries():
        network = archdsl.load(entry.network)
        sizes = network.sizes()
        here = sizes.at(*sizes.native)
        counts_steps = any(node.length is not None for node in network.graph.nodes)
        assert sizes.problem.startswith("a size is a count") if counts_steps else not sizes.problem, entry.network
        assert here.same_weights, entry.network
        assert (here.params, here.macs) == (network.params, network.macs), entry.network


def smallest(name: str) -> int:
    return archdsl.load(name).sizes().alike.first


def test_known_minima() -> None:
    """torchvision's Inception v3 says "N x 3 x 75 x 75" is the least; AlexNet 63; ResNet takes any size."""
    assert smallest("inception_v3") == 75
    assert smallest("alexnet") == 63
    assert smallest("vgg16") == 32
    assert smallest("densenet121") == 29
    assert smallest("resnet50") == 1


def text_of(body: str, size: str = "7, 7") -> Sizes:
    return archdsl.loads(f"network n(x: [3, {size}]) {{\n{body}\n}}\n").sizes()


def formula(sizes: Sizes) -> str:
    return form_text(sizes.variant.outputs[0][1], sizes.axes, sizes.variant.region) or ""


def test_odd_sizes_do_not_halve_alike() -> None:
    """7 gives 4, 4 and 3 (shared/design/analysis.md, section 6): tools that write H/2 for all three are wrong."""
    for op, expected, text in (
        ("conv(4, 3, 2, padding = 1)", 4, "(h + 1) // 2"),
        ("conv(4, 1, 2)", 4, "(h + 1) // 2"),
        ("max_pool(2)", 3, "h // 2"),
    ):
        sizes = text_of(f"    return x -> {op}")
        assert sizes.at(7).outputs[0][1] == expected
        assert formula(sizes) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('return x -> conv(4, 3, 2, padding = "same")', "(h + 1) // 2"),
        ("return x -> max_pool(3, 2, 0, ceil = true)", "h // 2"),
        ("return x -> conv(4, 3, 2) -> upsample(2)", "2 * ((h + 1) // 2)"),
        ("return x -> conv(4, 3, 4, 0) -> conv(4, 3, 2, 0)", "(h - 3) // 8"),
        ("return x -> conv_transpose(4, 4, 2, 1)", "2 * h"),
        ("return x -> conv_transpose(4, 3, 2, 0)", "2 * h + 1"),
        ("return x -> pad(3) -> crop(1)", "h + 4"),
        ("return x -> global_avg_pool", "1"),
        ("return x -> adaptive_avg_pool(5)", "5"),
        ("return [x, x] -> concat(axis = 1)", "2 * h"),
        ("return x -> upsample(1.5)", "h + h // 2"),
    ],
)
def test_formulas(body: str, text: str) -> None:
    assert formula(text_of(f"    {body}", "64, 64")) == text


def test_joins_constrain_residues() -> None:
    """A decoder without fitting: what is halved twice and doubled twice has its size again only at multiples of 4.

    At size 1 the language broadcasts what is added ([C, 1, 1] is a factor per channel), so that elaborates too.
    """
    down = "    a = x -> conv(3, 3, 2)\n    b = a -> conv(3, 3, 2)\n"
    up = "    a = a + (b -> upsample(2))\n    return x + (a -> upsample(2))"
    sizes = text_of(down + up, "8, 8")
    assert [size for size in range(1, 30) if size in sizes.alike] == [1, 4, 8, 12, 16, 20, 24, 28]
    assert (sizes.alike.period, sizes.alike.residues, sizes.alike.exceptions) == (4, (0,), (1,))
    check(sizes, lambda p: archdsl.loads(f"network n(x: [3, 8, 8]) {{\n{down + up}\n}}", input=(3, *p)), some=60)


def test_pinned_positions_make_one_size() -> None:
    """Positions learned for 14 x 14 patches take every input of 196 of them; one patch alone is broadcast."""
    body = '    t = x -> conv(8, 16, 16) -> flatten(1) -> transpose\n    return t + learned([196, 8], "normal")'
    sizes = text_of(body, "224, 224")
    assert sizes.alike.exceptions == (*range(16, 32), *range(224, 240))
    assert sizes.alike.finite
    for point, works in (((224, 224), True), ((239, 230), True), ((112, 448), True), ((240, 224), False)):
        assert sizes.at(*point).works == works == (sizes.works is not None and point in sizes.works)


def test_flatten_pins_the_weights_not_the_shapes() -> None:
    """Any size elaborates, and another makes another linear layer: weights of 7 x 7 fit maps of 49 places only."""
    sizes = text_of("    return x -> conv(4, 3, 2) -> flatten -> linear(10)", "13, 13")
    assert sizes.at(1, 200).works
    assert [sizes.at(h, w).same_weights for h, w in ((13, 13), (14, 14), (1, 97), (1, 98), (97, 2), (15, 13))] == [
        True, True, True, True, True, False,
    ]  # fmt: skip


def test_weights_of_a_large_flatten() -> None:
    """AlexNet's own 6 x 6 x 256 into 4096: all ways to write 36 as a product, by maps of stride 32."""
    sizes = text_of("    return x -> conv(256, 32, 32, 0) -> flatten -> linear(4096)", "192, 192")
    assert sizes.variant.weights is not None
    assert sizes.variant.weights.equal((0, 1), (1, 1)).exceptions == tuple(range(192, 224))
    for grid, fits in (((6, 6), True), ((4, 9), True), ((36, 1), True), ((7, 5), False), ((12, 12), False)):
        assert ((32 * grid[0] + 5, 32 * grid[1] + 31) in sizes.variant.weights) == fits


def test_control_flow_that_reads_a_size_is_followed() -> None:
    body = "    if x.height > 10 and x.width % 2 == 0 { x = x -> conv(5, 3, 2) }\n    return x -> conv(4)"
    sizes = text_of(body, "16, 16")
    assert not sizes.problem
    assert len(sizes.variants) > 1
    check(sizes, lambda p: archdsl.loads(f"network n(x: [3, 16, 16]) {{\n{body}\n}}", input=(3, *p)), some=30)


def test_a_parameter_that_is_the_size() -> None:
    """`[3, size, size]`: the parameter follows the first axis, so other widths meet a pooled map of the wrong size."""
    body = "    return (x -> adaptive_avg_pool((size, size))) + x"
    text = f"network n(x: [3, size, size]; size = 8) {{\n{body}\n}}"
    sizes = archdsl.loads(text).sizes()
    assert [sizes.at(*p).works for p in ((8, 8), (9, 9), (9, 8))] == [True, True, False]
    assert sizes.problem  # height = width is no condition on each axis alone
    assert sizes.tried == (1, 16)


@pytest.mark.parametrize(
    "body",
    [
        "    return x -> conv(int(x.height * 0.5) + 1)",
        "    return x -> conv(4) * (x.height // 4)",
        "    return x -> conv([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16][x.height - 1])",
        '    return x -> conv(4) as "at{x.height}"',
        "    return [x -> conv(2) for i in range(x.height)] -> add",
    ],
)
def test_sizes_without_formulas_are_tried(body: str) -> None:
    """Where C code or text reads a size nothing can be proved, and the sizes are elaborated instead."""
    body = body.replace('as "at{x.height}"', 'as "at{h}"')
    text = f"network n(x: [3, 8, 8]) {{\n    h = x.height\n{body}\n}}"
    sizes = archdsl.loads(text).sizes()
    assert sizes.problem
    assert sizes.works is None
    assert sizes.tried == (1, 16)
    check(sizes, lambda p: archdsl.loads(text, input=(3, *p)), some=4)


@pytest.mark.parametrize(
    ("text", "by_formula"),
    [
        # A result that nobody uses, and that small inputs cannot have.
        ("network n(x: [3, 8, 8]) {\n    y = x -> conv(4, 5, padding = 0)\n    return x -> conv(4)\n}", True),
        # A function reads a size, also by a default.
        (
            "fn half(n) = n // 2\nblock b(x; k = 3) = x -> conv(k)\n"
            "network n(x: [3, 8, 8]) {\n    return x -> conv(half(x.height)) -> b\n}",
            True,
        ),
        # What a resolved op no longer tells: to the end, from the end, equal parts, the size left over.
        ("network n(x: [3, 9]) = x -> slice(2, axis = 1) -> slice(-4, -1, axis = 1)", True),
        ("network n(x: [3, 8]) = x -> split(4, axis = 1) -> add", True),
        ("network n(x: [4, 12]) = x -> reshape([2, 2, -1]) -> reshape([2, -1])", True),
        ("network n(x: [4, 12]) = x -> chunk(3, axis = 1) -> concat(axis = 1)", True),
        # The first axis is no longer the channels.
        (
            "network n(x: [3, 4, 5]) {\n    t = x -> flatten(1) -> transpose\n    return t -> linear(t.channels)\n}",
            True,
        ),
        # Weights that two sizes share must fit both.
        (
            "network n(x: [4, 12]) {\n    shared f = linear(5)\n"
            "    y = x -> max_pool(2) -> upsample(2)\n    return (x -> f) + (y -> f)\n}",
            True,
        ),
        # linear takes [C, 1, 1] as a vector, and no other map.
        ("network n(x: [3, 8, 8]) = x -> max_pool(5, 5) -> linear(7)", True),
        ("network n(x: [3, 8]) = x -> max_pool(5, 5) -> linear(7)", True),
        # A kernel as large as the map; half padding then depends on the size.
        ("network n(x: [3, 6]) = x -> conv(2, x.width, 2, 0)", True),
        ("network n(x: [3, 6, 6]) = x -> avg_pool((x.height, x.width))", True),
        # Two inputs that must agree, in three dimensions and in one.
        ("network n(a: [2, 4, 5, 6], b: [2, 8, 5, 6]) = [a -> upsample((2, 1, 1)), b] -> add", False),
        ("network n(x: [3, 8]) = [x -> conv(3, 2, 2, 0), x -> max_pool(2, ceil = true)] -> add", True),
    ],
)
def test_what_the_graph_does_not_show(text: str, by_formula: bool) -> None:
    sizes = archdsl.loads(text).sizes()
    assert (not sizes.problem) == by_formula, sizes.problem
    axes = sizes.axes
    native = archdsl.loads(text).graph

    def make(point: tuple[int, ...]) -> Network:
        shapes = {n: list(x.shape) for n, x in zip(native.input_names, native.inputs, strict=True)}
        for axis, size in zip(axes, point, strict=True):
            shapes[axis.input][axis.axis] = size
        return archdsl.loads(text, input=shapes)

    check(sizes, make, some=25)
