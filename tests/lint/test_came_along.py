"""Checks that advice stands where its reader can follow it: in the spec itself, never in what came with archdsl."""

from __future__ import annotations

import pytest

import archdsl
from archdsl import library

TEXTS = [
    "import resnet: bottleneck\nnetwork n(x: [3, 64, 64]) = x -> conv(16, 3) -> bn -> bottleneck(64)\n",
    "import resnet: bottleneck\nblock two(x; w) = x -> bottleneck(w) * 2\nnetwork n(x: [64, 64, 64]) = x -> two(64)\n",
    "import resnet: resnet50\nnetwork n = resnet50(classes = 10)\n",
    "import vgg as v\nnetwork n(x: [3, 224, 224]) = x -> v.vgg11 -> softmax\n",
    "import std: se, cbr\nnetwork n(x: [32, 56, 56]) = x -> se(8) -> cbr(64, 3) -> conv(8) -> bn\n",
]


@pytest.mark.parametrize("text", TEXTS)
def test_findings_stand_in_the_readers_own_text(text: str) -> None:
    found = archdsl.loads(text).lint()
    assert found
    for finding in found:
        for span in finding.spans:
            assert not library.is_bundled(span.source.name, "<text>"), finding.message


def test_a_network_of_the_zoo_is_advised_in_its_own_text() -> None:
    found = archdsl.load("resnet50").lint()
    assert found and all(span.source.name.endswith("resnet.arch") for finding in found for span in finding.spans)
