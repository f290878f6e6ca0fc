"""Numbers of nasnetalarge in one process: from its spec, and from timm's model on the meta device with torch's counter.

Body memos live for one load, so each load elaborates every body anew. Syntax trees, and shapes and costs of single
ops, are kept from load to load: the warm case. In the cold case neither was ever seen. No side counts its imports.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

import archdsl
from bench.timing import best, forget, row
from tests.oracle.reference import timm_model

SPEC = Path(__file__).parents[1] / "specs" / "nasnet.arch"
SIZE = (3, 331, 331)


def ours() -> tuple[int, int]:
    """Parameters and multiply-accumulates, from the spec."""
    network = archdsl.load(SPEC, "nasnetalarge")
    return network.params, network.macs


def ours_in_full() -> None:
    """All that `archdsl analyze` prints."""
    archdsl.load(SPEC, "nasnetalarge").analyze()


def peer() -> tuple[int, int]:
    """The same two numbers from timm and torch, without memory for weights."""
    with torch.device("meta"):
        model = timm_model("nasnetalarge").eval()
        counter = FlopCounterMode(display=False)
        with counter, torch.no_grad():
            model(torch.empty(1, *SIZE))
    return sum(p.numel() for p in model.parameters()), counter.get_total_flops() // 2


def run() -> None:
    """Measure both and print the ratios."""
    assert ours() == peer(), "both must give the same numbers"
    theirs = best(peer, runs=3)
    warm = best(ours, runs=20)
    full = best(ours_in_full, runs=20)
    cold = best(ours, runs=5, before=forget)
    row("timm.create_model on meta + FlopCounterMode", theirs)
    row("archdsl: load, params and macs, warm", warm, theirs / warm)
    row("archdsl: load and the whole report, warm", full, theirs / full)
    row("archdsl: load, params and macs, nothing seen before", cold, theirs / cold)
