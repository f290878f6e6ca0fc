"""Compares the residual and dense families of the zoo with timm and torchvision, where those have the network."""

from __future__ import annotations

from typing import Any

import pytest

from tests.oracle import test_networks
from tests.oracle.reference import timm_model
from tests.oracle.test_networks import RecordProperty, Row, Shape

SMALL: tuple[Shape, ...] = ((3, 66, 101),)


def _timm(spec: str, network: str, name: str = "", **facts: Any) -> Row:
    return Row(spec, network, make=timm_model, name=name, sizes=SMALL, **facts)


ROWS = [
    _timm("preresnet.arch", "resnetv2_50", fast=True),
    _timm("preresnet.arch", "resnetv2_101"),
    _timm("preresnet.arch", "resnetv2_152", large=True),
]


def _cases() -> list[Any]:
    """Every row at its small size; all but the fast ones are slow, large ones run one after the other."""
    cases = []
    for row in ROWS:
        marks = [] if row.fast else [pytest.mark.slow]
        if row.large:
            marks.append(pytest.mark.xdist_group("large"))
        cases += [pytest.param(row, shape, marks=marks, id=row.network) for shape in row.sizes]
    return cases


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.network)
def test_counts(row: Row, record_property: RecordProperty) -> None:
    """Parameters and multiply-accumulates at the native size are the reference's, to the last digit."""
    test_networks.test_counts(row, record_property)


@pytest.mark.parametrize(("row", "shape"), _cases())
def test_function(row: Row, shape: Shape, record_property: RecordProperty) -> None:
    """The built model is the reference's function: outputs, gradients and training steps."""
    test_networks.test_function(row, shape, record_property)
