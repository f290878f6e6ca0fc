"""Compares segmentation, super-resolution, warping and second-order networks with pytorchcv, torchvision and papers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

import archdsl
from archdsl.analysis.receptive_field import receptive_field
from tests.oracle import test_networks
from tests.oracle.attention import pytorchcv_model
from tests.oracle.counting import macs_of, params_of
from tests.oracle.pooled import edsr, fabric, low_rank_bilinear
from tests.oracle.test_networks import SPECS, RecordProperty, Row, Shape
from tests.oracle.vision import (
    bilinear_cnn,
    covariance_resnet,
    deform,
    espcn,
    fcn,
    gcn,
    segmentation,
    spatial_transformer,
)

SMALL: tuple[Shape, ...] = ((3, 64, 96),)


def _drn(letter: str, depth: int, **facts: Any) -> Row:
    return Row(
        "drn.arch", f"drn_{letter}_{depth}", make=pytorchcv_model, name=f"drn{letter}{depth}", sizes=SMALL, **facts
    )


def _fcn(network: str, *offsets: int) -> Row:
    kwargs = {"offsets": offsets}
    return Row("fcn.arch", network, fcn, kwargs=kwargs, native=(3, 500, 500), sizes=((3, 41, 56),), large=True)


def _segmentation(network: str, **facts: Any) -> Row:
    return Row("deeplab.arch", network, segmentation, native=(3, 520, 520), sizes=((3, 49, 66),), **facts)


def _on_resnet(spec: str, make: Any, depth: int, **facts: Any) -> Row:
    kwargs = {"backbone": f"resnet{depth}"}
    return Row(spec, f"{make.__name__}_resnet{depth}", make, kwargs=kwargs, native=(3, 512, 512), sizes=SMALL, **facts)


def _isqrt_cov(depth: int, **facts: Any) -> Row:
    return Row(
        "isqrt_cov.arch",
        f"isqrtcov_resnet{depth}",
        make=covariance_resnet,
        name=f"isqrtcovresnet{depth}",
        sizes=SMALL,
        **facts,
    )


def _edsr(network: str, *sizes: Shape, **kwargs: Any) -> Row:
    return Row("edsr.arch", network, edsr, kwargs=kwargs, native=(3, 48, 48), sizes=sizes)


BASELINE = {"width": 64, "depth": 16, "by": 1.0}
SMALL_EDSR, SMALL_FABRIC = {"width": 8, "depth": 2}, {"width": 4, "layers": 3}

# Compared as functions only: pytorchcv's multiply-accumulates are those of another way to take a mean away.
COVARIANCES = [_isqrt_cov(18), _isqrt_cov(34), _isqrt_cov(50), _isqrt_cov(101, large=True)]

ROWS = [
    *(
        Row("espcn.arch", f"espcn_x{r}", espcn, kwargs={"r": r}, native=(1, 17, 17), sizes=((1, 9, 14),), fast=True)
        for r in (2, 3, 4)
    ),
    Row(
        "spatial_transformer.arch",
        "stn_mnist",
        spatial_transformer,
        native=(1, 28, 28),
        sizes=((1, 28, 28),),
        fast=True,
    ),
    _drn("c", 26),
    _drn("c", 42),
    _drn("c", 58),
    _drn("d", 22, fast=True),
    _drn("d", 38),
    _drn("d", 54),
    _drn("d", 105),
    replace(_fcn("fcn_vgg16"), sizes=()),  # only counted: the others contain it
    _fcn("fcn32s", 19),
    _fcn("fcn16s", 5, 27),
    _fcn("fcn8s", 5, 9, 31),
    _segmentation("fcn_resnet50"),
    _segmentation("fcn_resnet101"),
    _segmentation("deeplabv3_resnet50"),
    _segmentation("deeplabv3_resnet101", large=True),
    _on_resnet("gcn.arch", gcn, 50),
    _on_resnet("gcn.arch", gcn, 152, large=True),
    _on_resnet("deformable.arch", deform, 50),
    _on_resnet("deformable.arch", deform, 101),
    Row("bilinear_cnn.arch", "bcnn_vgg16", bilinear_cnn, native=(3, 448, 448), sizes=((3, 49, 66),), large=True),
    Row("bilinear_cnn.arch", "lrbp_vgg16", low_rank_bilinear, native=(3, 448, 448), sizes=((3, 49, 66),)),
    Row(
        "edsr.arch",
        "edsr_x2",
        edsr,
        kwargs={**SMALL_EDSR, "times": 2},
        native=(3, 11, 16),
        sizes=((3, 11, 16),),
        fast=True,
        arguments=SMALL_EDSR,
    ),
    _edsr("edsr_x2", times=2),
    _edsr("edsr_x3", times=3),
    _edsr("edsr_x4", times=4),
    _edsr("edsr_baseline_x2", (3, 11, 16), times=2, **BASELINE),
    _edsr("edsr_baseline_x4", (3, 11, 16), times=4, **BASELINE),
    Row(
        "fabric.arch",
        "fabric_mnist",
        fabric,
        kwargs=SMALL_FABRIC,
        native=(1, 32, 32),
        sizes=((1, 32, 32),),
        fast=True,
        arguments=SMALL_FABRIC,
    ),
    Row("fabric.arch", "fabric_mnist", fabric, native=(1, 32, 32), sizes=()),
]


@pytest.mark.parametrize("row", test_networks.counted(ROWS), ids=lambda row: row.network)
def test_counts(row: Row, record_property: RecordProperty) -> None:
    """Parameters and multiply-accumulates at the native size are the reference's, to the last digit."""
    test_networks.test_counts(row, record_property)


@pytest.mark.parametrize(("row", "shape"), test_networks.small_cases([*ROWS, *COVARIANCES]))
def test_function(row: Row, shape: Shape, record_property: RecordProperty) -> None:
    """The built model is the reference's function: outputs, gradients and training steps."""
    test_networks.test_function(row, shape, record_property)


@pytest.mark.parametrize("row", [row for row in ROWS if row.spec == "drn.arch"], ids=lambda row: row.network)
def test_receptive_field_of_dilated(row: Row) -> None:
    """The trunk sees 1 + the sum of (kernel - 1) * dilation * stride so far over the longest path's convolutions."""
    with torch.device("meta"):
        reference = row.reference()
    size, jump = 1, 1
    for name, layer in reference.features.named_modules():
        if isinstance(layer, nn.Conv2d) and "identity" not in name:
            size += (layer.kernel_size[0] - 1) * layer.dilation[0] * jump
            jump *= layer.stride[0]
    assert jump == 8
    assert row.load(row.native).metric("receptive_field") == size


@pytest.mark.parametrize("row", COVARIANCES, ids=lambda row: row.network)
def test_counts_of_covariance(row: Row) -> None:
    """pytorchcv multiplies 256 channels by a centring matrix of as many rows as the last map has places: 14 x 14."""
    ours = row.load(row.native)
    with torch.device("meta"):
        reference = row.reference()
    assert ours.params == params_of(reference)
    assert ours.macs == macs_of(reference, [row.native]) - 256 * 196**2


def test_receptive_field_of_fcn() -> None:
    """Long et al. 2015, Table 1, column FCN-VGG16: the scores see 404 pixels and are 32 pixels apart."""
    network = archdsl.load(str(SPECS / "fcn.arch"), "fcn_vgg16")
    assert [(field.rf, field.stride, field.aligned) for field in receptive_field(network.graph).axes] == [
        (404, 32, True),
        (404, 32, True),
    ]


def test_the_field_of_a_transformed_map_is_not_defined() -> None:
    """Linear layers see the whole image; the trunk has no field, because where it reads depends on the image."""
    network = archdsl.load(str(SPECS / "spatial_transformer.arch"), "stn_mnist")
    for field in receptive_field(network.graph).axes:
        assert field.rf == "whole input"
        assert field.rf_without_global is None
        assert "grid_sample" in field.undefined
