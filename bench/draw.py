"""Pictures of the same networks: torchview with Graphviz's dot, and ours; seconds, and the smallest print on A4.

Both begin with the network in hand, which costs neither: an nn.Module on the meta device, and what `load` gives, fresh
each time, since a network keeps what was found about it. torchview follows a forward pass and opens all modules
(`expand_nested`, `depth=20`), as our figure shows all ops; dot then lays out and writes an svg. Print is as small as it
is when the whole picture is shrunk to fit on A4; ours is drawn for A4 (`--width a4`), on as many pages as it takes.
"""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Iterator

import torch
from torch import nn
from torchview import draw_graph

import archdsl
from archdsl.diagnostics.model import Diagnostics
from archdsl.emit.figure import compose
from archdsl.emit.figure.look import PAPERS, look
from archdsl.emit.figure.sheets import drawing
from archdsl.emit.marks.model import GroupMark, Mark, TextMark
from bench.timing import best
from tests.oracle.reference import timm_model, torchvision_model

NETWORKS = {
    "resnet50": 224,
    "inception_v3": 299,
    "densenet121": 224,
    "efficientnet_b0": 224,
    "mobilenet_v3_large": 224,
    "nasnetalarge": 331,
}
PAPER = PAPERS["a4"]


def module(name: str) -> nn.Module:
    """The module that others draw, without memory for weights."""
    with torch.device("meta"):
        if name == "nasnetalarge":
            return timm_model(name).eval()
        return torchvision_model(name, **({"aux_logits": False} if name == "inception_v3" else {})).eval()


def theirs(model: nn.Module, size: int) -> str:
    """The svg that torchview and dot make."""
    shown = draw_graph(
        model, input_size=(1, 3, size, size), device="meta", mode="eval", expand_nested=True, depth=20
    ).visual_graph
    return str(shown.pipe("svg").decode())


def print_of_theirs(svg: str) -> float:
    """The smallest print of an svg by dot on A4, in points."""
    size = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg)
    assert size is not None
    shrunk = min(1.0, PAPER.width / float(size[1]), PAPER.height / float(size[2]))
    return min(map(float, re.findall(r'font-size="([\d.]+)"', svg))) * shrunk


def print_of_ours(name: str) -> tuple[float, int]:
    """The smallest print of our figure on A4, in points, and the number of its pages."""
    asked = look(width="a4")
    odd = Diagnostics()
    drawn = drawing(compose(archdsl.load(name).graph, asked, odd), asked, odd)
    assert all(leaf.width <= PAPER.width + 0.01 and leaf.height <= PAPER.height + 0.01 for leaf in drawn.leaves)
    return min(size for leaf in drawn.leaves for size in sizes(leaf.marks)), len(drawn.leaves)


def sizes(marks: tuple[Mark, ...]) -> Iterator[float]:
    """The size of every text, in points."""
    for mark in marks:
        if isinstance(mark, GroupMark):
            yield from sizes(mark.marks)
        elif isinstance(mark, TextMark):
            yield mark.size


def run() -> None:
    """Measure both on every network; the bar is a tenth of the time, and print of 7 points."""
    if shutil.which("dot") is None:
        print("  not measured: torchview needs Graphviz's program dot, which is not installed")
        return
    print(f"  {'':<20}{'torchview':>12}{'archdsl':>12}{'ratio':>8}{'print on A4':>18}{'':>10}")
    fresh: list[archdsl.Network] = []
    both: list[tuple[float, float]] = []
    for name, size in NETWORKS.items():
        model = module(name)
        their_print = print_of_theirs(theirs(model, size))
        slow = best(lambda model=model, size=size: theirs(model, size), runs=5)
        quick = best(
            lambda: fresh[-1].figure("svg", width="a4"),
            runs=10,
            before=lambda name=name: fresh.append(archdsl.load(name)),
        )
        both.append((slow, quick))
        ours, pages = print_of_ours(name)
        times = f"{slow * 1000:>9.0f} ms{quick * 1000:>9.1f} ms{slow / quick:>6.0f} x"
        print(f"  {name:<20}{times}{their_print:>10.2f} against {ours:.1f} pt on {pages} page{'s' * (pages > 1)}")
    theirs_together, ours_together = map(sum, zip(*both, strict=True))
    times = f"{theirs_together * 1000:>9.0f} ms{ours_together * 1000:>9.1f} ms{theirs_together / ours_together:>6.0f} x"
    mean = math.prod(slow / quick for slow, quick in both) ** (1 / len(both))
    print(f"  {'together':<20}{times}   {mean:.1f} x in the geometric mean")
