"""Receptive fields against published vectors, and both against the support of the gradient of the emitted model."""

from __future__ import annotations

import csv
import re
from fractions import Fraction
from pathlib import Path

import pytest
import torch

import archdsl
from archdsl.analysis.fields import Field
from archdsl.analysis.receptive_field import receptive_field
from archdsl.network import networks
from tests.analysis.gradient_support import support

DATA = Path(__file__).parent / "data"
SPECS = Path(__file__).parents[2] / "specs"
VECTORS = DATA / "receptive_field_vectors.arch"
FILES = {
    "vgg16": "vgg.arch",
    "squeezenet1_0": "squeezenet.arch",
    "densenet121": "densenet.arch",
    "googlenet": "inception.arch",
    "inception_v3": "inception.arch",
    **dict.fromkeys(("resnet18", "resnet50", "resnet152"), "resnet.arch"),
}

torch.set_num_threads(1)


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open() as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", table("receptive_field_torchvision.csv"), ids=lambda row: row["torchvision_model"])
def test_trunks_of_torchvision(row: dict[str, str]) -> None:
    name = row["torchvision_model"]
    network = archdsl.load(SPECS / FILES.get(name, f"{name}.arch"), name)
    found = receptive_field(network.graph)
    assert [field.name for field in found.axes] == ["height", "width"]
    for field in found.axes:
        assert field.rf == "whole input"
        assert field.rf_without_global == int(row["rf"]) == network.metric("receptive_field")
        assert field.stride == int(row["effective_stride"])
        assert field.pad_begin == int(row["effective_padding"])
        assert field.aligned is (row["aligned"] == "yes")
        assert field.exact


def identifier(vector: str) -> str:
    return vector.replace("-", "_").replace("@", "_at_")


def pair(text: str) -> list[int | None]:
    """Per axis: "7 x 5", or "3" for both; None where the source gives none."""
    parts = text.split(" x ")
    values = [int(part) if part.isdigit() else None for part in parts]
    return values * (2 // len(values))


def positions(text: str) -> set[int]:
    """Written as "15..17" or "12 15 18"."""
    if ".." in text:
        first, last = text.split("..")
        return set(range(int(first), int(last) + 1))
    return {int(part) for part in text.split()}


VECTOR_ROWS = table("receptive_field_vectors.csv")


def test_every_vector_is_written() -> None:
    assert networks(VECTORS) == [identifier(row["id"]) for row in VECTOR_ROWS]


@pytest.mark.parametrize("row", VECTOR_ROWS, ids=lambda row: row["id"])
def test_published_vectors(row: dict[str, str]) -> None:
    found = receptive_field(archdsl.load(VECTORS, identifier(row["id"])).graph)
    for axis, field in enumerate(found.axes):
        assert field.exact and not field.whole and not field.undefined
        assert field.aligned is (row["aligned"] == "yes")
        if not row["stride"]:  # the paths' strides differ
            assert (field.rf, field.stride) == (None, None)
            assert "strides" in row["aligned"] and field.problem == "not defined: paths of strides 1 and 2 meet"
            continue
        assert field.rf == field.rf_without_global == pair(row["rf_h x rf_w"])[axis]
        assert field.stride == int(row["stride"])
        padding = pair(row["pad_h x pad_w"])[axis]
        assert padding is None or field.pad_begin == padding  # None: unknown there because the size is
    what = re.search("strides|centres", row["aligned"])
    reasons = {join.reason.split()[0] for join in found.misaligned}
    assert reasons == ({what.group()} if what else set())


@pytest.mark.parametrize("row", VECTOR_ROWS, ids=lambda row: row["id"])
def test_hulls_are_the_ends_of_the_gradients_support(row: dict[str, str]) -> None:
    name = identifier(row["id"])
    text = VECTORS.read_text().replace("max_pool(", "avg_pool(")  # of a maximum the gradient shows one element only
    network = archdsl.loads(text, name)
    index, expected = row["exact_width_set_at_output_index(size 33 if unknown)"].removeprefix("out ").split(": ")
    seen = positions(expected)
    width: Field = receptive_field(network.graph).axes[1]
    assert width.interval(int(index)) == (min(seen), max(seen))
    assert max(seen) - min(seen) + 1 == int(row["exact_span"])
    assert len(seen) == int(row["exact_pixels"])
    assert support(network, output=0, index=(int(index), int(index)))[0][1] == seen


def test_a_misaligned_join_names_the_lines_of_its_paths() -> None:
    found = receptive_field(archdsl.load(VECTORS, "google_3").graph)
    join = found.misaligned[0]
    lines = VECTORS.read_text().splitlines()
    assert join.span is not None and "return left" in lines[join.span.line - 1]
    shown = [(path.span and lines[path.span.line - 1].strip(), path.windows.stride) for path in join.paths]
    assert shown == [
        ('left = x -> pad(((2, 1), (2, 1))) -> conv(1, 5, 2, "valid")', Fraction(2)),
        ("return left + (right -> crop(((0, 13), (0, 13))))", Fraction(1)),
    ]
    assert join.reason == "strides differ along height: 2 (line 19) and 1 (line 21)"
