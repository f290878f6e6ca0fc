"""Compares networks that do other things than to name what an image shows: clips, volumes, made images."""

from __future__ import annotations

from typing import Any

import pytest

from tests.oracle import test_networks
from tests.oracle.detection import darknet, dsod, pvanet, yolo
from tests.oracle.generative import dcgan_discriminator, dcgan_generator
from tests.oracle.sequences import tcn, wavenet
from tests.oracle.small_detection import efficientdet, ssd_mobilenet
from tests.oracle.test_networks import RecordProperty, Row, Shape
from tests.oracle.volumes import c3d, lrcn, nnunet, unet, video, vnet


def _video(name: str, **facts: Any) -> Row:
    return Row("video_resnet.arch", name, video, native=(3, 16, 112, 112), sizes=((3, 3, 18, 33),), **facts)


def _narrow(spec: str, make: Any, native: Shape, small: Shape, width: int = 2) -> tuple[Row, Row]:
    """The network, only counted, and one of fewer channels, compared as a function."""
    name, few = spec.partition(".")[0], {"width": width}
    narrow = Row(spec, name, make, "", few, small, (small,), fast=True, arguments=few)
    return narrow, Row(spec, name, make, native=native, sizes=())


def _yolo(size: str, small: Shape = (3, 64, 64), **facts: Any) -> list[Row]:
    """Of versions 5 and 8."""
    names = [f"yolov{version}{size}" for version in (5, 8)]
    return [Row(f"{n[:-1]}.arch", n, yolo, native=(3, 640, 640), sizes=(small,), **facts) for n in names]


FEW, PATCH = {"width": 2, "most": 20}, (4, 32, 32, 64)
THIN, SIZE = {"width": 0.25}, (3, 84, 116)
CALM, D0 = {"drop": 0.0}, (3, 512, 512)
GROWTH, SHORT = {"growth": 4}, {"stacks": 2, "doublings": 3}

ROWS = [
    _video("r3d_18"),
    _video("mc3_18"),
    _video("r2plus1d_18"),
    Row("c3d.arch", "c3d", c3d, "", {"places": 1}, (3, 16, 16, 16), ((3, 16, 16, 16),)),
    Row("c3d.arch", "c3d", c3d, native=(3, 16, 112, 112), sizes=()),
    Row("lrcn.arch", "lrcn", lrcn, "", {"places": 1}, (2, 3, 67, 67), ((2, 3, 67, 67),), fast=True),
    Row("lrcn.arch", "lrcn", lrcn, native=(16, 3, 227, 227), sizes=()),
    *_narrow("unet.arch", unet, (1, 572, 572), (1, 188, 204)),
    *_narrow("vnet.arch", vnet, (1, 128, 128, 64), (1, 16, 16, 16), width=1),
    Row("nnunet.arch", "nnunet_brain", nnunet, "", FEW, PATCH, (PATCH,), arguments=FEW),
    Row("nnunet.arch", "nnunet_brain", nnunet, native=(4, 128, 128, 128), sizes=()),
    Row("dcgan.arch", "dcgan_generator", dcgan_generator, native=(100, 1, 1), sizes=((100, 1, 1),), fast=True),
    Row("dcgan.arch", "dcgan_discriminator", dcgan_discriminator, native=(3, 64, 64), sizes=((3, 80, 96),), fast=True),
    Row("yolov3.arch", "darknet53", darknet, native=(3, 256, 256), sizes=()),
    Row("yolov3.arch", "yolov3", darknet, native=(3, 416, 416), sizes=((3, 64, 96),), large=True),
    *_yolo("n", fast=True),
    *_yolo("s"),
    *_yolo("m"),
    *_yolo("l"),
    *_yolo("x", large=True),
    Row("dsod.arch", "dsod300", dsod, "", GROWTH, (3, 80, 112), ((3, 80, 112),), arguments=GROWTH),
    Row("dsod.arch", "dsod300", dsod, native=(3, 300, 300), sizes=()),
    Row("pvanet.arch", "pvanet", pvanet, native=(3, 640, 1056), sizes=((3, 64, 96),)),
    # Without stochastic depth, which draws random numbers while training.
    Row("efficientdet.arch", "efficientdet_d0", efficientdet, "", CALM, D0, ((3, 128, 256),), arguments=CALM),
    Row("efficientdet.arch", "efficientdet_d1", efficientdet, native=(3, 640, 640), sizes=()),
    Row("efficientdet.arch", "efficientdet_d2", efficientdet, native=(3, 768, 768), sizes=()),
    Row("ssd_mobilenet.arch", "ssd_mobilenet_v1", ssd_mobilenet, "", THIN, SIZE, (SIZE,), True, arguments=THIN),
    Row("ssd_mobilenet.arch", "ssd_mobilenet_v1", ssd_mobilenet, native=(3, 300, 300), sizes=()),
    Row("tcn.arch", "tcn_mnist", tcn, native=(1, 784), sizes=((1, 90),), fast=True),
    Row("wavenet.arch", "wavenet", wavenet, "", SHORT, (256, 20), ((256, 20),), fast=True, arguments=SHORT),
    Row("wavenet.arch", "wavenet", wavenet, native=(256, 16_000), sizes=()),
]


@pytest.mark.parametrize("row", test_networks.counted(ROWS), ids=lambda row: row.network)
def test_counts(row: Row, record_property: RecordProperty) -> None:
    """Parameters and multiply-accumulates at the native size are the reference's, to the last digit."""
    test_networks.test_counts(row, record_property)


@pytest.mark.parametrize(("row", "shape"), test_networks.small_cases(ROWS))
def test_function(row: Row, shape: Shape, record_property: RecordProperty) -> None:
    """The built model is the reference's function: outputs, gradients and training steps."""
    test_networks.test_function(row, shape, record_property)
