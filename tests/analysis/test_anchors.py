"""Numbers of published networks that other tools counted.

params and macs: torch's FlopCounterMode / 2 on torchvision 0.28 and timm 1.0.31, eval mode, batch 1; depths and paths:
counted on torch.fx graphs of torchvision, auxiliary heads off (the design's analysis notes, sections 1.4 and 5).
"""

import pytest

import archdsl
from archdsl.analysis.registry import metric
from archdsl.ir.hashing import exact_hash
from archdsl.ir.read_text import read_graph
from archdsl.ir.text import print_graph
from archdsl.ir.verify import verify

ANCHORS = {
    "resnet.arch:resnet50": {
        "params": 25_557_032,
        "macs": 4_089_184_256,
        "depth": 50,
        "shortest_depth": 6,
        "paths": 2**16,
    },
    "densenet.arch:densenet121": {"depth": 124, "shortest_depth": 8, "paths": 2**58},
    "densenet.arch:densenet201": {"params": 20_013_928, "macs": 4_291_365_888},
    "inception.arch:googlenet": {"depth": 25, "paths": 262_144},
    "inception.arch:inception_v3": {"depth": 49, "shortest_depth": 18, "paths": 5_308_416},
    "mobilenet_v2.arch:mobilenet_v2": {"params": 3_504_872, "macs": 300_774_272},
    "shufflenet_v2.arch:shufflenet_v2_x1_0": {"params": 2_278_604, "macs": 144_907_992},
    "nasnet.arch:nasnetalarge": {"params": 88_753_150, "macs": 23_783_414_658},
}


@pytest.mark.parametrize("target", ANCHORS)
def test_numbers_and_soundness_of_real_networks(target: str) -> None:
    graph = archdsl.load(f"specs/{target}").graph
    assert {name: metric(name)(graph) for name in ANCHORS[target]} == ANCHORS[target]
    verify(graph)
    text = print_graph(graph)
    back = read_graph(text)
    assert print_graph(back) == text
    assert exact_hash(back) == exact_hash(graph)
