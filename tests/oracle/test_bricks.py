"""The blocks of ShuffleNet V2's efficiency study: memory access by the paper's equations, work by torch's counter."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import archdsl

HW = 56 * 56


def equation_1(c1: int, c2: int) -> int:
    """Memory access of a 1x1 convolution (Ma et al. 2018, section 2, G1)."""
    return HW * (c1 + c2) + c1 * c2


def equation_2(c1: int, c2: int, groups: int) -> int:
    """Memory access of a 1x1 convolution in groups (G2)."""
    return HW * (c1 + c2) + c1 * c2 // groups


@pytest.mark.parametrize(("ratio", "c"), [(1, 128), (2, 90), (6, 52), (12, 36), (6, 13), (12, 9)])
def test_g1(ratio: int, c: int) -> None:
    network = archdsl.load(f"g1_ratio_{ratio}", c=c)
    assert network.metric("memory_access") == 10 * 2 * equation_1(c, ratio * c)


@pytest.mark.parametrize(("groups", "c"), [(1, 128), (2, 180), (4, 256), (8, 360), (8, 184)])
def test_g2(groups: int, c: int) -> None:
    network = archdsl.load(f"g2_groups_{groups}", c=c)
    assert network.metric("memory_access") == 10 * equation_2(c, c, groups)


@pytest.mark.parametrize(
    ("name", "c", "fragments", "sums"),
    [
        ("g3_1_fragment", 128, 1, 0),
        ("g3_2_series", 90, 2, 0),
        ("g3_4_series", 64, 4, 0),
        ("g3_2_parallel", 90, 2, 1),
        ("g3_4_parallel", 64, 4, 1),
    ],
)
def test_g3(name: str, c: int, fragments: int, sums: int) -> None:
    network = archdsl.load(name)
    added = sums * (fragments + 1) * HW * c
    assert network.metric("memory_access") == 10 * (fragments * equation_1(c, c) + added)
    assert network.metric("fragments") == fragments


@pytest.mark.parametrize("name", ["g1_ratio_6", "g2_groups_8", "g3_4_parallel", "g4_relu_shortcut", "g4_neither"])
def test_work_is_what_torch_counts(name: str) -> None:
    network = archdsl.load(name)
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        model = network.build()
        model(torch.empty(1, *network.graph.inputs[0].shape))
    assert counter.get_total_flops() == 2 * network.macs
    assert sum(p.numel() for p in model.parameters()) == network.params


def test_work_is_nearly_equal_within_a_table() -> None:
    for table in (
        ("g1_ratio_1", "g1_ratio_2", "g1_ratio_6", "g1_ratio_12"),
        ("g2_groups_1", "g2_groups_2", "g2_groups_4", "g2_groups_8"),
        ("g3_1_fragment", "g3_2_series", "g3_4_series", "g3_2_parallel", "g3_4_parallel"),
        ("g4_relu_shortcut", "g4_relu", "g4_shortcut", "g4_neither"),
    ):
        macs = [archdsl.load(name).macs for name in table]
        assert max(macs) <= 1.06 * min(macs)
