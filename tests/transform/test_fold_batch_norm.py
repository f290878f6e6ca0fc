"""Folding batch norms: the same function in float64 by an interpreter of the IR, over random specs and the zoo."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

import archdsl
from archdsl.cli import main
from archdsl.diagnostics.model import ArchError
from archdsl.ir.graph import bodies
from archdsl.library import networks as zoo
from archdsl.network import Network
from archdsl.ops.norm import BatchNorm
from archdsl.transform.fold_batch_norm import batch_norms
from tests.few import few
from tests.oracle import plain
from tests.transform.random_weights import Weights, random_inputs, random_state

QUICK = ("googlenet", "mobilenet_v2", "resnet18", "shufflenet_v2_x0_5", "preresnet50", "densenet40_k12")
NORMS = ("bn", "bn(eps = 0.1)", "bn(affine = false)", "batch_renorm", "relu")
MAPS = (
    "conv(4, 3)", "conv(4, 3, bias = false)", "conv(4, 1, groups = 2)", "depthwise(3)", "depthwise(3, bias = false)",
    "conv_transpose(4, 3, 1, 1)", "conv_transpose(4, 3, 1, 1, groups = 2, bias = false)", *NORMS, "layer_norm",
)  # fmt: skip
FLAT = ("linear(4)", "linear(4, bias = false)", *NORMS)
OUTSIDE = ("inner", "with_norm(relu)", "with_norm(inner)", "both", "again", "lone", "norm")


def chains(stages: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(stages), min_size=1, max_size=6).map(" -> ".join)


@st.composite
def specs(draw: st.DrawFn) -> str:
    """A network of chains that fork and join, call blocks, and apply layers and norms that share weights."""
    shape, layer, stages = draw(
        st.sampled_from(
            [
                ("[4, 5, 6]", "conv(4, 3)", MAPS),
                ("[4, 6]", "conv(4, 3, bias = false)", MAPS),
                ("[4]", "linear(4)", FLAT),
                ("[4, 1]", "linear(4, bias = false)", FLAT),
                ("[4, 4]", "linear(4)", FLAT),  # here the norms scale positions
            ]
        )
    )
    chain = chains((*stages, *OUTSIDE))
    return f"""
block inner(x) = x -> {layer} -> {draw(chains(stages))}
block with_norm(x; stage) = x -> stage -> bn
network n(x: {shape}) {{
    shared both = {layer} -> bn
    shared again = inner
    shared lone = {layer}
    shared norm = bn
    x = x -> {layer}
    y = x -> {draw(chain)}
    x = y -> {draw(chain)} -> {layer}
    y = y -> {draw(chain)}
    return {draw(st.sampled_from(("[x, y, x + y]", "x + y", "x")))}
}}
"""


def difference(before: Network, after: Network, batch: int) -> float:
    """The largest relative difference of outputs, each against the largest number of the output."""
    state, inputs = random_state(before.graph), random_inputs(before.graph, batch)
    made = Weights(after.graph, after.weights_from(state))
    return apart(before, inputs, plain.run(after.graph, inputs, made))


def rounding(network: Network, batch: int) -> float:
    """The same difference, of `network` with inputs that differ in their last digits from itself."""
    inputs = random_inputs(network.graph, batch)
    state = Weights(network.graph, random_state(network.graph))
    return apart(network, inputs, plain.run(network.graph, [x * (1 + 1e-15) for x in inputs], state))


def apart(network: Network, inputs: list[Tensor], others: list[Tensor]) -> float:
    wanted = plain.run(network.graph, inputs, Weights(network.graph, random_state(network.graph)))
    pairs = zip(wanted, others, strict=True)
    return max(float((a - b).abs().max() / a.abs().max().clamp(min=1e-30)) for a, b in pairs)


def check(before: Network, batch: int = 2) -> None:
    """The same function, counts that are less by the norms', and the graph as it was where nothing folds."""
    try:
        after = before.fold_batch_norm()
    except ArchError as error:
        assert {d.code for d in error.diagnostics} == {"nothing-to-fold"}
        norms = [n for g in bodies(before.graph) for n in g.nodes if isinstance(n.target, BatchNorm)]
        assert len(error.diagnostics) == max(len(norms), 1)
        return
    found = difference(before, after, batch)
    # Hundreds of attention modules, each times its input, make much of little: not more than of the input's rounding.
    assert found < 1e-10 or found < 10 * rounding(before, batch) < 1e-5
    assert after.macs == before.macs
    assert batch_norms(after.graph) < batch_norms(before.graph)
    assert len(list(bodies(after.graph))) <= len(list(bodies(before.graph)))


@settings(max_examples=int(os.environ.get("ARCHDSL_EXAMPLES", few(60))), deadline=None)
@given(specs())
def test_random_networks(text: str) -> None:
    check(archdsl.loads(text))


@pytest.mark.parametrize(
    "text",
    [
        "block r(x, h: [4]) = [x, h] -> concat -> linear(4) -> bn -> tanh\nnetwork n(xs: [5, 3]) = xs -> scan(r)",
        "network n(x: [4, 3, 4, 5]) = x -> conv(6, 3) -> bn -> depthwise(3) -> bn "
        "-> conv_transpose(4, 2, 2, groups = 2) -> bn",
        "block f(x) = x -> conv(4) -> bn\nnetwork n(x: [4, 8, 8]) {\n    shared g = f\n"
        "    return (x -> g) + (x -> max_pool(2) -> g -> upsample(2))\n}",
        "network n(x: [4, 8, 8]) {\n    shared c = conv(4, 3)\n    shared b = bn\n    return x -> c -> b -> c -> b\n}",
    ],
)
def test_where_all_fold(text: str) -> None:
    """In scans, in three dimensions, in shared blocks at two sizes, and where layer and norm are shared together."""
    before = archdsl.loads(text)
    check(before)
    assert batch_norms(before.fold_batch_norm().graph) == 0


def at_a_small_size(name: str) -> Network | None:
    """The network at the smallest of some sizes that it takes, so that a float64 pass is short.

    33 pixels and one more than a multiple of 32 leave maps of 2 x 2 where strides of 32 in all leave one pixel of 32.
    """
    for size in (33, 48, 65, 97, 129, 193, None):
        try:
            return archdsl.load(name, input=None if size is None else (3, size, size))
        except ArchError:
            continue
    return None


@pytest.mark.parametrize("name", QUICK)
def test_networks_of_the_zoo(name: str) -> None:
    network = at_a_small_size(name)
    assert network is not None
    check(network)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("x -> bn", "it reads an input of n"),
        ("x -> conv(4) -> relu -> bn", "it reads what relu gives, which is no convolution or linear layer"),
        ("x -> inner -> bn", "it reads what inner gives, whose other calls may be read by something else"),
        ("x -> twice", "it or lone shares weights with applications that do not fold"),
        ("x -> fork", "what y gives is read elsewhere too"),
    ],
)
def test_refusals_say_why(body: str, reason: str) -> None:
    text = f"""
block inner(x) = x -> conv(4)
block fork(x) {{
    y = x -> conv(4)
    return y + (y -> bn)
}}
block twice(x) {{
    shared lone = conv(4)
    return (x -> lone) + (x -> lone -> bn)
}}
network n(x: [4, 8, 8]) = {body}
"""
    with pytest.raises(ArchError) as caught:
        archdsl.loads(text).fold_batch_norm()
    (found,) = caught.value.diagnostics
    assert found.code == "nothing-to-fold"
    assert reason in found.message
    assert found.span is not None and found.help


def test_a_network_without_batch_norms() -> None:
    with pytest.raises(ArchError, match="n has no batch norm"):
        archdsl.loads("network n(x: [3, 8, 8]) = x -> conv(4)").fold_batch_norm()


def test_calls_that_share_weights_fold_alike() -> None:
    """One set of weights, two bodies: where the map is a vector a linear layer folds, where it is a sequence not."""
    text = """
block f(x) = x -> linear(4) -> bn
network n(x: [4], y: [4, 4]) {
    shared g = f
    return [x -> g, y -> g]
}
"""
    with pytest.raises(ArchError) as caught:
        archdsl.loads(text).fold_batch_norm()
    assert all("f shares its weights with an application of it" in d.message for d in caught.value.diagnostics)


def test_the_command(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for target, code in (("resnet18", 0), ("preresnet50", 0), ("alexnet", 1)):
        with pytest.raises(SystemExit) as caught:
            main(["compile", target, "--fold-bn", "-o", str(tmp_path / f"{target}.py")])
        assert (caught.value.code or 0) == code
    assert "20 of 20 batch norms are folded" in capfd.readouterr().err
    assert "BatchNorm" not in (tmp_path / "resnet18.py").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("name", zoo())
def test_the_whole_zoo(name: str) -> None:
    """In float64, one sample at a small input. One layer's weights exist at a time: the largest network has 6.6 GB."""
    network = at_a_small_size(name)
    if network is None:
        pytest.skip("it takes arguments")
    check(network, batch=1)
