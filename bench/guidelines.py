"""The four guidelines of ShuffleNet V2: its blocks built from specs/efficiency_bricks.arch, timed, beside what it says.

Published: Ma et al. 2018, arXiv:1807.11164, Tables 1 to 4, column x1: batches a second on a GTX 1080 Ti (GPU) and
images a second on a Snapdragon 810 with one thread (ARM). Measured here: images a second in PyTorch, eager, one thread
of this CPU, batch 1, and on a GPU where torch has one. All columns are relative to the first row; `memory` is our
memory access, also relative to it: a guideline is about what happens to speed when only memory access, or only the
number of pieces, grows.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import torch
from torch import nn

import archdsl
from archdsl.network import Network

ROUNDS = 15  # each row is timed once in every round, so that what else the machine does hits all rows alike


@dataclass(frozen=True)
class Row:
    """One network of the spec: its width on each platform, and the published speeds at those widths."""

    network: str
    gpu_width: int
    arm_width: int
    gpu_speed: float
    arm_speed: float


TABLES = {
    "Table 1 (G1): ratio of channels": [
        Row("g1_ratio_1", 128, 32, 1480, 76.2),
        Row("g1_ratio_2", 90, 22, 1296, 72.9),
        Row("g1_ratio_6", 52, 13, 876, 69.1),
        Row("g1_ratio_12", 36, 9, 748, 57.6),
    ],
    "Table 2 (G2): groups": [
        Row("g2_groups_1", 128, 64, 2451, 40.0),
        Row("g2_groups_2", 180, 90, 1725, 35.0),
        Row("g2_groups_4", 256, 128, 1026, 32.9),
        Row("g2_groups_8", 360, 184, 634, 27.8),  # the paper's 180 is not divisible by 8
    ],
    "Table 3 (G3): fragments": [
        Row("g3_1_fragment", 128, 64, 2446, 40.2),
        Row("g3_2_series", 90, 45, 1790, 38.6),
        Row("g3_4_series", 64, 32, 752, 38.4),
        Row("g3_2_parallel", 90, 45, 1537, 33.4),
        Row("g3_4_parallel", 64, 32, 691, 35.0),
    ],
    "Table 4 (G4): element-wise ops, c = 128 on GPU and ARM": [
        Row("g4_relu_shortcut", 128, 128, 1436, 5.0),
        Row("g4_shortcut", 128, 128, 1458, 5.1),
        Row("g4_relu", 128, 128, 1735, 5.2),
        Row("g4_neither", 128, 128, 1782, 5.4),
    ],
}


def run() -> None:
    """Time all tables and print them."""
    torch.set_num_threads(1)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    for title, rows in TABLES.items():
        print(f"\n  {title}")
        heads = ("GPU c", "published", "memory", "measured", "ARM c", "published", "memory", "measured")
        print(f"  {'':<18}" + "".join(f"{head:>10}" for head in heads))
        wide = [archdsl.load(row.network, c=row.gpu_width) for row in rows]
        narrow = [archdsl.load(row.network, c=row.arm_width) for row in rows]
        columns = [
            [row.gpu_speed for row in rows],
            [1 / _access(network) for network in wide],
            _speeds(wide, device),
            [row.arm_speed for row in rows],
            [1 / _access(network) for network in narrow],
            _speeds(narrow, "cpu"),
        ]
        for i, row in enumerate(rows):
            cells = [f"{column[i] / column[0]:.2f}" for column in columns]
            for at in (1, 4):  # memory access grows where its inverse falls
                cells[at] = f"{columns[at][0] / columns[at][i]:.2f}"
            line = [str(row.gpu_width), *cells[:3], str(row.arm_width), *cells[3:]]
            print(f"  {row.network:<18}" + "".join(f"{cell:>10}" for cell in line))
    print(f"\n  measured under 'GPU c' on: {torch.cuda.get_device_name() if device == 'cuda' else 'the CPU'}")


def _access(network: Network) -> int:
    return int(network.metric("memory_access"))


def _speeds(networks: list[Network], device: str) -> list[float]:
    """Images a second of each, all networks taking turns; the median of the rounds."""
    ready = [_ready(network, device) for network in networks]
    seconds: list[list[float]] = [[] for _ in ready]
    for _ in range(ROUNDS):
        for times, work in zip(seconds, ready, strict=True):
            times.append(work())
    return [1 / median(times) for times in seconds]


def _ready(network: Network, device: str) -> Callable[[], float]:
    model: nn.Module = network.build().eval().to(device)
    x = torch.randn(1, *network.graph.inputs[0].shape, device=device)

    def forward() -> float:
        with torch.inference_mode():
            start = time.perf_counter()
            for _ in range(3):
                model(x)
            if device == "cuda":
                torch.cuda.synchronize()
            return (time.perf_counter() - start) / 3

    forward()
    return forward
