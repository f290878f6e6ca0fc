"""Compares networks from images to images: SegNet, and CycleGAN's and pix2pix's generators and discriminators."""

from __future__ import annotations

import pytest

from tests.oracle import test_networks
from tests.oracle.test_networks import RecordProperty, Row, Shape
from tests.oracle.translated import patch_discriminator, resnet_generator, segnet, segnet_basic, unet_generator

NARROW, FEW = {"width": 2}, {"width": 2, "blocks": 2}
SMALL, FIELD, PIXELS = (3, 33, 36), (3, 24, 28), (3, 256, 256)
CAMVID = (3, 360, 480)

ROWS = [
    Row("segnet.arch", "segnet", segnet, "", NARROW, SMALL, (SMALL,), fast=True, arguments=NARROW),
    Row("segnet.arch", "segnet", segnet, native=CAMVID, sizes=()),
    Row("segnet.arch", "segnet_basic", segnet_basic, native=CAMVID, sizes=((3, 35, 50),)),
    Row("cyclegan.arch", "cyclegan_generator", resnet_generator, "", FEW, FIELD, (FIELD,), fast=True, arguments=FEW),
    Row("cyclegan.arch", "cyclegan_generator", resnet_generator, native=PIXELS, sizes=()),
    Row("cyclegan.arch", "cyclegan_generator_6", resnet_generator, "", {"blocks": 6}, (3, 128, 128), sizes=()),
    Row("cyclegan.arch", "cyclegan_discriminator", patch_discriminator, native=PIXELS, sizes=((3, 80, 64),)),
    Row("pix2pix.arch", "pix2pix_generator", unet_generator, "", NARROW, PIXELS, (PIXELS,), arguments=NARROW),
    Row("pix2pix.arch", "pix2pix_generator", unet_generator, native=PIXELS, sizes=()),
    Row("pix2pix.arch", "pix2pix_discriminator", patch_discriminator, native=(6, 256, 256), sizes=((6, 80, 64),)),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.network)
def test_counts(row: Row, record_property: RecordProperty) -> None:
    """Parameters and multiply-accumulates at the native size are the reference's, to the last digit."""
    test_networks.test_counts(row, record_property)


@pytest.mark.parametrize(("row", "shape"), test_networks.small_cases(ROWS))
def test_function(row: Row, shape: Shape, record_property: RecordProperty) -> None:
    """The built model is the reference's function: outputs, gradients and training steps."""
    test_networks.test_function(row, shape, record_property)
