"""Variants are variants: whatever the network below them takes can be set, by name, in each network of the zoo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import archdsl
from archdsl.diagnostics.model import ArchError
from archdsl.elaborate.elaborator import complete_networks
from archdsl.elaborate.spec import Spec
from archdsl.ir.graph import Graph, bodies
from tests.zoo_sample import swept

# Decided by the paper, or computed from a parameter that the network has instead.
COMPUTED = {
    ("condensenet", "C"), ("condensenet", "G"), ("condensenet", "depths"), ("condensenet", "stride"),
    ("densenet_cifar", "n"), ("densenet_cifar", "down"), ("densenet_cifar", "layer"), ("densenet_cifar", "stem"),
    ("preresnet_cifar", "depths"), ("preresnet_cifar", "unit"), ("preresnet_cifar", "stem"),
    ("preresnet_cifar", "size"), ("preresnet_cifar", "width"),
}  # fmt: skip


def hidden(graph: Graph) -> set[tuple[str, str]]:
    """Parameters of the networks that this one applies to its own input, which it does not have itself.

    Those of a network that is an argument can be given with it: `backbone = resnet50(dilated = 2)`.
    """
    own, given = {name for name, _ in graph.arguments}, " ".join(str(value) for _, value in graph.arguments)
    inner = [b for b in bodies(graph) if b.kind == "network" and b is not graph and b.name not in given]
    return {(body.name, name) for body in inner for name, _ in body.arguments if name not in own}


@pytest.mark.parametrize("path", swept())
def test_parameters_of_the_zoo_can_be_set(path: Path) -> None:
    spec = Spec.read(path)
    for name in complete_networks(spec):
        graph = archdsl.load(spec, name).graph
        assert hidden(graph) <= COMPUTED, name
        if "classes" in dict(graph.arguments):
            changed = archdsl.load(spec, name, classes=7).graph
            assert dict(changed.arguments)["classes"] == 7
            assert changed.output_types != graph.output_types, name


@pytest.mark.parametrize("name", ["mobilenet_v2_192", "mobilenet_v2_96", "densenet_bc100_k12", "condensenet50_cifar"])
def test_the_cases(name: str) -> None:
    assert archdsl.load(name, classes=10).graph.output_types[0].shape == (10,)


BASE = """network base(x: [3, size, size]; width = 8, classes = 10, size = 16) = x -> conv(width, 3, 2) -> conv(classes)
network one = base(width = 4)
network two = one(classes = 3, size = 8)
network wraps(x: [3, 8, 8]) = x -> two
"""


@pytest.mark.parametrize(
    ("network", "options", "shape"),
    [
        ("one", {}, (10, 8, 8)),
        ("one", {"width": 2, "classes": 5}, (5, 8, 8)),
        ("two", {"classes": 5}, (5, 4, 4)),
        ("two", {"size": 32}, (3, 16, 16)),
        ("two", {"width": 1, "classes": 2, "size": 4}, (2, 2, 2)),
        ("two", {"input": (3, 12, 12)}, (3, 6, 6)),
    ],
)
def test_all_can_be_set(network: str, options: dict[str, Any], shape: tuple[int, ...]) -> None:
    assert archdsl.loads(BASE, network, **options).graph.output_types[0].shape == shape


def test_what_is_applied_is_no_variant_and_the_message_says_so() -> None:
    with pytest.raises(ArchError) as caught:
        archdsl.loads(BASE, "wraps", classes=5)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "unknown-parameter" and "network wraps = base(…)" in diagnostic.help
