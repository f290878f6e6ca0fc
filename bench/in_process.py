"""Numbers of nasnetalarge in one process: from its spec, and from timm's model on the meta device with torch's counter.

Nothing is kept between loads but what a ready `archdsl.Spec` holds: its text, read and parsed. No side counts its
imports.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

import archdsl
from bench.timing import best, row
from tests.oracle.reference import timm_model

SPEC = Path(__file__).parents[1] / "specs" / "nasnet.arch"
SIZE = (3, 331, 331)


def ours(spec: Path | archdsl.Spec) -> tuple[int, int]:
    """Parameters and multiply-accumulates, from the spec."""
    network = archdsl.load(spec, "nasnetalarge")
    return network.params, network.macs


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
    assert ours(SPEC) == peer(), "both must give the same numbers"
    theirs = best(peer, runs=3)
    spec = archdsl.Spec.read(SPEC)
    warm = best(lambda: ours(spec), runs=20)
    full = best(lambda: archdsl.load(spec, "nasnetalarge").analyze(), runs=20)
    cold = best(lambda: ours(SPEC), runs=20)
    row("timm.create_model on meta + FlopCounterMode", theirs)
    row("archdsl: load, params and macs, from a Spec", warm, theirs / warm)
    row("archdsl: load and the whole report, from a Spec", full, theirs / full)
    row("archdsl: load, params and macs, from the path", cold, theirs / cold)
