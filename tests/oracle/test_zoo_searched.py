"""Compares the searched networks of specs/ with timm and with networks built from their authors' own tables."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

import archdsl
from tests.oracle import test_networks
from tests.oracle.counting import macs_of, params_of
from tests.oracle.darts import darts_cifar, darts_imagenet, nasbench201
from tests.oracle.equality import compare
from tests.oracle.reference import timm_model
from tests.oracle.searched import Style, searched
from tests.oracle.test_networks import SPECS, RecordProperty, Row, Shape

SMALL: tuple[Shape, ...] = ((3, 66, 101),)
CIFAR: dict[str, Any] = {"native": (3, 32, 32), "sizes": ((3, 8, 12),)}
TIMM = Style(pads=True)  # specs/nasnet.arch counts the padding of strided average pools, as timm does


def _amoeba(letter: str, n: int, f: int, **facts: Any) -> Row:
    plan = {"n": n, "f": f, "stem": 32}
    facts.setdefault("sizes", SMALL)
    return Row(
        "amoebanet.arch", f"amoebanet_{letter}_{n}_{f}", make=searched, name=f"amoeba_{letter}", kwargs=plan, **facts
    )


def _darts(network: str, make: Callable[[str], nn.Module], genotype: str, **facts: Any) -> Row:
    return Row("darts.arch", network, make=make, name=genotype, **facts)


ROWS = [
    Row("pnasnet.arch", "pnasnet5large", make=timm_model, native=(3, 331, 331), sizes=SMALL, large=True),
    Row(
        "pnasnet.arch",
        "pnasnet5mobile",
        make=searched,
        name="pnasnet",
        kwargs={"n": 3, "f": 54, "stem": 32, "extra": False},
        sizes=SMALL,
        fast=True,
    ),
    Row(
        "nasnet_mobile.arch",
        "nasnet_mobile",
        make=searched,
        name="nasnet",
        kwargs={"n": 4, "f": 44, "stem": 32, "style": TIMM},
        sizes=SMALL,
    ),
    Row(
        "nasnet_mobile.arch",
        "nasnet_cifar",
        make=searched,
        name="nasnet",
        kwargs={"n": 6, "f": 32, "stem": 96, "cifar": True, "style": TIMM, "classes": 10},
        fast=True,
        **CIFAR,
    ),
    _amoeba("a", 4, 50),
    _amoeba("a", 6, 190, native=(3, 331, 331), large=True),
    _amoeba("b", 3, 62, fast=True),
    _amoeba("c", 4, 50),
    # Only counted: the same cells are compared in the row above, and below in a small network.
    _amoeba("c", 6, 228, native=(3, 331, 331), sizes=()),
    _amoeba("d", 6, 256, native=(3, 299, 299), sizes=()),
    Row(
        "enas.arch",
        "enas_micro",
        make=searched,
        name="enas",
        kwargs={"n": 5, "f": 36, "stem": 108, "cifar": True, "classes": 10, "style": Style(enas=True, eps=1e-5)},
        fast=True,
        **CIFAR,
    ),
    # The code of DARTS needs even sizes wherever it halves them.
    _darts("darts_v1_cifar", darts_cifar, "darts_v1", **CIFAR),
    _darts("darts_v2_cifar", darts_cifar, "darts_v2", fast=True, **CIFAR),
    _darts("pc_darts_cifar", darts_cifar, "pc_cifar", **CIFAR),
    _darts("p_darts_cifar", darts_cifar, "p_darts", **CIFAR),
    _darts("darts_v1_imagenet", darts_imagenet, "darts_v1", sizes=((3, 64, 96),)),
    _darts("darts_v2_imagenet", darts_imagenet, "darts_v2", sizes=((3, 64, 96),)),
    _darts("pc_darts_imagenet", darts_imagenet, "pc_image", sizes=((3, 64, 96),)),
    _darts("p_darts_imagenet", darts_imagenet, "p_darts", sizes=((3, 64, 96),)),
]

# Cells of NAS-Bench-201: the text of each, and what the benchmark lists for CIFAR-10. It counts 10 multiply-accumulates
# more than we do, the biases of the classifier. Source: nas_genotypes.md, section 5.
OPS = ("none", "skip", "conv1", "conv3", "avg3")
CELLS = [
    ("|conv3~0|+|none~0|conv3~1|+|skip~0|none~1|skip~2|", 559_386, 78_561_930),
    ("|conv3~0|+|conv3~0|conv3~1|+|conv3~0|conv3~1|conv3~2|", 1_531_546, 220_119_690),
    ("|conv1~0|+|conv1~0|conv1~1|+|conv1~0|conv1~1|conv1~2|", 241_306, 31_376_010),
    ("|skip~0|+|skip~0|skip~1|+|skip~0|skip~1|skip~2|", 73_306, 7_783_050),
    ("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|", 73_306, 7_783_050),
    ("|avg3~0|+|conv1~0|skip~1|+|conv1~0|skip~1|skip~2|", 129_306, 15_647_370),
    ("|conv3~0|+|conv3~0|conv3~1|+|skip~0|conv3~1|conv3~2|", 1_288_506, 184_730_250),
]


@pytest.mark.parametrize("row", test_networks.counted(ROWS), ids=lambda row: row.network)
def test_counts(row: Row, record_property: RecordProperty) -> None:
    """Parameters and multiply-accumulates at the native size are the reference's, to the last digit."""
    test_networks.test_counts(row, record_property)


@pytest.mark.parametrize(("row", "shape"), test_networks.small_cases(ROWS))
def test_function(row: Row, shape: Shape, record_property: RecordProperty) -> None:
    """The built model is the reference's function: outputs, gradients and training steps."""
    test_networks.test_function(row, shape, record_property)


def test_amoebanet_d_small() -> None:
    """The cells of AmoebaNet-D, which are counted at a size too large to compare, in a small network."""
    shape = (3, 66, 101)
    ours = archdsl.load(str(SPECS / "amoebanet.arch"), "amoebanet_d_6_256", input=shape, n=1, f=32, classes=10)
    assert not compare(ours.build(), searched("amoeba_d", n=1, f=32, stem=32, classes=10), shape).problems


def test_gpipe() -> None:
    """AmoebaNet-B (18, 512) of GPipe has 557 million parameters; the 577 million of another table is a slip."""
    network = archdsl.load(str(SPECS / "amoebanet.arch"), "amoebanet_b_6_512")
    assert (network.params, network.macs) == (557_277_864, 298_794_036_064)


def _picks(arch: str) -> list[int]:
    """The operations of a cell's text as positions in OPS, in the order of the text."""
    return [OPS.index(edge.split("~")[0]) for edge in arch.replace("+", "").strip("|").replace("||", "|").split("|")]


def _bench(arch: str, **options: Any) -> archdsl.Network:
    """The network of a cell's text, by its number to base 5."""
    number = int("".join(map(str, _picks(arch))), 5)
    return archdsl.load(str(SPECS / "nasbench201.arch"), "nasbench201", arch=number, **options)


@pytest.mark.parametrize(("arch", "params", "macs"), CELLS)
def test_nasbench201_counts(arch: str, params: int, macs: int) -> None:
    """By number and by picks, a cell has the benchmark's counts."""
    named = {f"{edge}.arch": OPS[number] for edge, number in enumerate(_picks(arch))}
    for network in (_bench(arch), archdsl.load("nasbench201_space", picks=named)):
        assert (network.params, network.macs + 10) == (params, macs)
    reference = nasbench201(arch)
    assert (params_of(reference), macs_of(reference, [(3, 32, 32)])) == (params, macs - 10)


@pytest.mark.parametrize("arch", [CELLS[0][0], CELLS[5][0], "|conv1~0|+|avg3~0|conv3~1|+|skip~0|none~1|conv1~2|"])
def test_nasbench201_function(arch: str) -> None:
    """The built model is the function that the cell's text describes."""
    shape = (3, 12, 20)
    report = compare(_bench(arch, n=1, input=shape).build(), nasbench201(arch, n=1), shape)
    assert not report.problems, "\n".join(report.problems)


def test_nasbench201_is_a_space_of_15_625() -> None:
    """The space has six choices of five operations, and the first and the last number are its corners."""
    spec = str(SPECS / "nasbench201.arch")
    space = archdsl.load("nasbench201_space")
    assert [len(choice.options) for choice in space.choices.values()] == [5] * 6
    assert archdsl.load(spec, "nasbench201", arch=0).params == 73_306
    assert archdsl.load(spec, "nasbench201", arch=5**6 - 1).params == 73_306


def _text(number: int) -> str:
    """The text of the cell that has this number to base 5."""
    names = [OPS[number // 5**k % 5] for k in reversed(range(6))]
    nodes = (names[:1], names[1:3], names[3:])
    return "+".join("|" + "|".join(f"{name}~{i}" for i, name in enumerate(node)) + "|" for node in nodes)


def _counts(number: int) -> tuple[int, int]:
    """Parameters and multiply-accumulates of a cell's network: those of the skeleton and of five cells a stage."""
    edges = _picks(_text(number))
    params, macs = 73_306, 7_783_040
    for channels, size in ((16, 32), (32, 16), (64, 8)):
        for op, kernel in (("conv1", 1), ("conv3", 3)):
            times = 5 * edges.count(OPS.index(op))
            params += times * (kernel**2 * channels**2 + 2 * channels)
            macs += times * kernel**2 * channels**2 * size**2
    return params, macs


def test_nasbench201_by_one_number() -> None:
    """200 of the 15,625 networks, each by its number alone: counts by formula, every tenth also by its text."""
    spec = str(SPECS / "nasbench201.arch")
    for index, number in enumerate(random.Random(0).sample(range(5**6), 200)):
        network = archdsl.load(spec, "nasbench201", arch=number)
        assert (network.params, network.macs) == _counts(number), number
        if index % 10 == 0:
            with torch.device("meta"):
                reference = nasbench201(_text(number))
            assert (network.params, network.macs) == (params_of(reference), macs_of(reference, [(3, 32, 32)])), number


def test_nasbench201_extremes() -> None:
    """No network of the space is smaller than the one without convolutions or larger than the one of 3x3 alone."""
    macs = {number: _counts(number)[1] for number in range(5**6)}
    assert (min(macs.values()), max(macs.values())) == (7_783_040, 220_119_680)
    assert [number for number, value in macs.items() if value == 220_119_680] == [int("333333", 5)]
    network = archdsl.load(str(SPECS / "nasbench201.arch"), "nasbench201", arch=int("333333", 5))
    assert (network.params, network.macs) == (1_531_546, 220_119_680)
