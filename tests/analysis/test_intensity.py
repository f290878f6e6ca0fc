"""Intensity, element-wise share and the bound of G1, by their definitions on the flat graph."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import isclose

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import archdsl
from archdsl.analysis.intensity import (
    METRICS,
    arithmetic_intensity,
    convolutions,
    elementwise_share,
    least_memory_access,
)
from archdsl.ir.graph import Graph
from archdsl.ops.base import Kind
from tests.analysis import flat as naive
from tests.analysis.random_graphs import graphs
from tests.few import few


@given(graphs())
@settings(max_examples=few(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_ratios_equal_the_flat_ones(root: Graph) -> None:
    flat = naive.flatten(root)
    access = naive.memory_access(flat)
    assert arithmetic_intensity(root) == Fraction(naive.macs(flat), max(access, 1))
    kinds = (Kind.ACTIVATION, Kind.ARITHMETIC, Kind.NORM)
    part = naive.Flat([a for a in flat.applications if a.op.kind in kinds], [], [], set())
    assert elementwise_share(root) == Fraction(naive.memory_access(part), max(access, 1))


@given(graphs())
@settings(max_examples=few(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_applied_convolution_is_listed(root: Graph) -> None:
    expected = Counter(
        (a.op.macs(a.inputs, a.outputs), a.inputs[0].size + a.outputs[0].size + a.op.weights(a.inputs)[0].size)
        for a in naive.flatten(root).applications
        if a.op.kind is Kind.CONVOLUTION
    )
    found: Counter[tuple[int, int]] = Counter()
    for conv in convolutions(root):
        found[conv.macs, conv.memory_access] += conv.applications
        assert conv.excess >= 1 or isclose(conv.excess, 1)
    assert found == expected


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 400), st.integers(1, 400))
def test_the_bound_of_g1_holds_and_is_met_at_equal_widths(h: int, w: int, c1: int, c2: int) -> None:
    access = h * w * (c1 + c2) + c1 * c2
    least = least_memory_access(h, w, h * w * c1 * c2)
    assert access > least or isclose(access, least)
    assert isclose(access, least, rel_tol=1e-11) is (c1 == c2)


# ShuffleNet v2, Table 1: 1x1 convolutions of equal cost; input to output channels 1:1, 1:2, 1:6, 1:12.
@pytest.mark.parametrize(("c1", "c2"), [(128, 128), (90, 180), (52, 312), (36, 432)])
def test_the_pairs_of_table_1(c1: int, c2: int) -> None:
    root = archdsl.loads(f"arch 1\nnetwork net(x: [{c1}, 56, 56]) = x -> conv({c2}, bias = false)").graph
    (conv,) = convolutions(root)
    assert conv.memory_access == 56 * 56 * (c1 + c2) + c1 * c2
    assert isclose(conv.least_memory_access, least_memory_access(56, 56, conv.macs))
    assert isclose(conv.memory_access - conv.least_memory_access, 56 * 56 * (c1**0.5 - c2**0.5) ** 2, abs_tol=1e-6)


def test_depthwise_convolutions_count_as_element_wise() -> None:
    text = "arch 1\nnetwork net(x: [8, 10, 10]) = x -> depthwise(3, bias = false) -> conv(8, bias = false)"
    root = archdsl.loads(text).graph
    depthwise, pointwise = 2 * 800 + 72, 2 * 800 + 64
    assert METRICS["elementwise_share"](root) == depthwise / (depthwise + pointwise)
    assert METRICS["arithmetic_intensity"](root) == (7200 + 6400) / (depthwise + pointwise)


def test_mobile_nets_are_more_element_wise_than_residual_ones() -> None:
    shares = [
        METRICS["elementwise_share"](archdsl.load(f"specs/{target}").graph)
        for target in ("resnet.arch:resnet50", "mobilenet_v2.arch:mobilenet_v2")
    ]
    assert 0.3 < shares[0] < shares[1] < 1
