"""Costs by stage, and kernels without biases and norms, against sums over the flat graph."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

import archdsl
from archdsl.analysis.cost import cost
from archdsl.analysis.kernels import kernel_params
from archdsl.analysis.stages import by_stage, size_of
from archdsl.ir.graph import Graph
from archdsl.types import TensorType
from tests.analysis import flat as naive
from tests.analysis.random_graphs import graphs
from tests.few import few


@given(graphs())
@settings(max_examples=few(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_stages_add_up_op_by_op(root: Graph) -> None:
    expected: dict[tuple[int, ...], list[int]] = {}
    for a in naive.flatten(root).counted:
        sums = expected.setdefault(size_of(a.outputs[0]), [0, 0])
        sums[0] += 1
        sums[1] += a.op.macs(a.inputs, a.outputs)
    found = by_stage(root)
    assert {size: [part.ops, part.macs] for size, part in found.items()} == expected
    assert sum(part.params for part in found.values()) == cost(root).params


@given(graphs())
@settings(max_examples=few(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_kernels_are_the_weights_of_products(root: Graph) -> None:
    held = {}
    for a in naive.flatten(root).counted:
        if a.op.macs(a.inputs, a.outputs):
            held |= {(a.module, w.name): w.size for w in a.op.weights(a.inputs) if w.trainable and len(w.shape) > 1}
    assert kernel_params(root) == sum(held.values())


def test_stages_of_resnet50() -> None:
    """He et al. 2015, Table 1: output sizes 112 to 7, then the classifier."""
    report = archdsl.load("resnet50").analyze()
    assert list(report.by_stage()) == ["112x112", "56x56", "28x28", "14x14", "7x7", "vector"]
    assert report.by_stage()["112x112"].macs == 118_013_952
    assert report.by_stage()["vector"].params == 2_049_000


def test_a_map_of_one_pixel_is_a_vector() -> None:
    assert size_of(TensorType((3, 1, 1))) == size_of(TensorType((3,))) == ()
    assert size_of(TensorType((3, 1, 2))) == (1, 2)
