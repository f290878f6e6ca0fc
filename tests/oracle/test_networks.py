"""Compares every network of specs/ with its reference: parameters, multiply-accumulates and the function itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import archdsl
from tests.oracle.counting import macs_of, params_of
from tests.oracle.equality import Report, compare
from tests.oracle.reference import timm_model, torchvision_model

SPECS = Path(__file__).parents[2] / "specs"
Shape = tuple[int, ...]
RecordProperty = Callable[[str, object], None]

# One odd size and one that is neither square nor even, small because float64 is slow. At the second the last map of
# every network here keeps several positions, so batch norm can train on it.
SIZES: tuple[Shape, ...] = ((3, 75, 75), (3, 66, 101))


def googlenet_with_heads(name: str) -> nn.Module:
    """torchvision's GoogLeNet, its auxiliary scores in the order of the network instead of last head first."""
    model = torchvision_model(name)
    model.register_forward_hook(lambda _, args, out: (out.logits, out.aux_logits1, out.aux_logits2))
    return model


@dataclass(frozen=True)
class Row:
    """A network of specs/ and what it must equal.

    `native` is the paper's input; `sizes` are further ones, the last of which also trains. `fast` rows are compared
    as functions in `make test`, at the last of `sizes` only; all others in `make test-all`, also at that, and the first
    row of a spec at the others and at `native` too: its networks differ in widths, depths and norms, which the last
    size shows and `test_counts` counts at the native one. `large` ones have so many weights that two at a time could
    exhaust the memory. `arguments` make a smaller network of ours, as `kwargs` one of the reference.
    """

    spec: str
    network: str
    make: Callable[..., nn.Module] = torchvision_model
    name: str = ""
    kwargs: dict[str, Any] = field(default_factory=dict)
    native: Shape = (3, 224, 224)
    sizes: tuple[Shape, ...] = SIZES
    fast: bool = False
    large: bool = False
    arguments: dict[str, Any] = field(default_factory=dict)

    def reference(self) -> nn.Module:
        """The reference implementation, untrained."""
        return self.make(self.name or self.network, **self.kwargs)

    def load(self, shape: Shape) -> archdsl.Network:
        """Our network at input `shape`."""
        return archdsl.load(str(SPECS / self.spec), self.network, input=shape, **self.arguments)


ROWS = [
    Row("alexnet.arch", "alexnet", large=True),
    *(Row("vgg.arch", name + bn, large=True) for name in ("vgg11", "vgg13", "vgg16", "vgg19") for bn in ("", "_bn")),
    Row("inception.arch", "googlenet", kwargs={"aux_logits": False}),
    Row("inception.arch", "googlenet_aux", make=googlenet_with_heads, name="googlenet"),
    Row(
        "inception.arch",
        "inception_v3",
        kwargs={"aux_logits": False},
        native=(3, 299, 299),
        sizes=((3, 97, 97), (3, 112, 131)),
    ),
    # The auxiliary head convolves 5x5 what is left after pooling 5x5 by 3: no input may be much smaller than 299.
    Row("inception.arch", "inception_v3_aux", name="inception_v3", native=(3, 299, 299), sizes=((3, 300, 331),)),
    Row("resnet.arch", "resnet18", fast=True),
    *(Row("resnet.arch", name) for name in ("resnet34", "resnet50", "resnet101")),
    Row("resnet.arch", "resnet152", large=True),
    Row("resnet.arch", "wide_resnet50_2", large=True),
    Row("resnet.arch", "resnext50_32x4d"),
    *(Row("densenet.arch", name) for name in ("densenet121", "densenet169", "densenet201")),
    Row("squeezenet.arch", "squeezenet1_0"),
    Row("squeezenet.arch", "squeezenet1_1", fast=True),
    Row("mobilenet_v2.arch", "mobilenet_v2", fast=True),
    Row("shufflenet_v2.arch", "shufflenet_v2_x0_5", fast=True),
    *(Row("shufflenet_v2.arch", f"shufflenet_v2_x{width}") for width in ("1_0", "1_5", "2_0")),
    Row(
        "nasnet.arch",
        "nasnetalarge",
        make=timm_model,
        native=(3, 331, 331),
        sizes=((3, 97, 97), (3, 112, 131)),
        large=True,
    ),
]


def _cases() -> list[Any]:
    """Every row at its sizes (see `Row`); all but the last size of fast rows is slow.

    Above 50 million weights a comparison takes up to 4 GB: those run one after the other, in one worker.
    """
    cases, specs = [], set()
    for row in ROWS:
        first, last = row.spec not in specs, row.sizes[-1:]
        specs.add(row.spec)
        for shape in (*row.sizes, row.native) if first else row.sizes if row.fast else last:
            marks = [] if row.fast and shape in last else [pytest.mark.slow]
            if row.large:
                marks.append(pytest.mark.xdist_group("large"))
            cases.append(pytest.param(row, shape, marks=marks, id=f"{row.network}-{'x'.join(map(str, shape))}"))
    return cases


def small_cases(rows: Sequence[Row]) -> list[Any]:
    """Every row at its small size; all but the fast ones are slow, large ones run one after the other.

    A row without sizes is only counted: one of more or wider modules than others of its spec, and of no other kind.
    """
    cases = []
    for row in rows:
        marks = [] if row.fast else [pytest.mark.slow]
        if row.large:
            marks.append(pytest.mark.xdist_group("large"))
        cases += [pytest.param(row, shape, marks=marks, id=row.network) for shape in row.sizes]
    return cases


def counted(rows: Sequence[Row]) -> list[Any]:
    """Every row; of a spec those are slow that are not fast, but for the first where none is fast.

    Its spec holds the numbers of each network, and test_zoo_counts.py many to what was measured on references.
    """
    quick = {row.spec: row for row in reversed(rows) if not row.large} | {row.spec: row for row in rows if row.fast}
    return [pytest.param(row, marks=() if quick.get(row.spec) is row else pytest.mark.slow) for row in rows]


@pytest.mark.parametrize("row", counted(ROWS), ids=lambda row: row.network)
def test_counts(row: Row, record_property: RecordProperty) -> None:
    """Parameters and multiply-accumulates at the native size are the reference's, to the last digit."""
    network = row.load(row.native)
    with torch.device("meta"):
        reference = row.reference()
    facts = {
        "network": row.network,
        "params": network.params,
        "reference_params": params_of(reference),
        "macs": network.macs,
        "reference_macs": macs_of(reference, [row.native]),
    }
    equal = facts["params"] == facts["reference_params"] and facts["macs"] == facts["reference_macs"]
    record_property("network", facts if equal else {**facts, "verdict": "DIFFERS"})
    assert facts["params"] == facts["reference_params"]
    assert facts["macs"] == facts["reference_macs"]


@pytest.mark.parametrize(("row", "shape"), _cases())
def test_function(row: Row, shape: Shape, record_property: RecordProperty) -> None:
    """The built model is the reference's function, and what was counted is what was built."""
    network = row.load(shape)
    ours = network.build()
    assert params_of(ours) == network.params
    assert macs_of(ours, [shape]) == network.macs
    report = compare(ours, row.reference(), shape, train=shape == row.sizes[-1])
    record_property("network", _facts(row, report))
    assert not report.problems, "\n".join(report.problems)


def _facts(row: Row, report: Report) -> dict[str, Any]:
    """What the table shows of one comparison; the table keeps the worst over the sizes."""
    return {
        "network": row.network,
        "mapping": report.mapping,
        "sizes": "x".join(map(str, report.shape[1:])),
        "output_error": report.output_error,
        "gradient_error": report.gradient_error,
        "train_error": report.train_error,
        "seconds": report.seconds,
        "verdict": "DIFFERS" if report.problems else "equal",
    }
