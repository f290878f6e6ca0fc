"""Every published network as a file: short, clean for ruff, with the labels as keys and the parameters as counted."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import archdsl
from archdsl.emit.pytorch import build, source
from tests.emit.check import check_style
from tests.oracle import plain

SPECS = Path(__file__).parents[2] / "specs"
NETWORKS = {
    "alexnet": ("alexnet",),
    "vgg": ("vgg11", "vgg16_bn"),
    "inception": ("googlenet", "googlenet_aux", "inception_v3", "inception_v3_aux"),
    "resnet": ("resnet18", "resnet34", "resnet50", "resnet152", "wide_resnet50_2", "resnext50_32x4d"),
    "densenet": ("densenet121", "densenet201"),
    "squeezenet": ("squeezenet1_0", "squeezenet1_1"),
    "mobilenet_v2": ("mobilenet_v2",),
    "shufflenet_v2": ("shufflenet_v2_x0_5", "shufflenet_v2_x2_0"),
    "nasnet": ("nasnetalarge",),
    "cbam": ("cbam_resnet18",),
    "nonlocal": ("nonlocal5_resnet50", "nonlocal5_dot_resnet50"),
    "resattnet": ("resattnet56",),
    "sknet": ("sknet50", "skresnet18"),
    "transformer": ("transformer_encoder_base", "transformer_base"),
    "vit": ("vit_base_patch16",),
    "bilinear_cnn": ("bcnn_vgg16",),
    "deeplab": ("fcn_resnet50", "deeplabv3_resnet50"),
    "deformable": ("deform_resnet50",),
    "drn": ("drn_c_26", "drn_d_54"),
    "espcn": ("espcn_x3",),
    "fcn": ("fcn8s",),
    "gcn": ("gcn_resnet50",),
    "isqrt_cov": ("isqrtcov_resnet50",),
    "spatial_transformer": ("stn_mnist",),
}
ALL = [(stem, name) for stem, names in NETWORKS.items() for name in names]
MOST_LINES = {"resnet50": 120, "nasnetalarge": 350}
BUFFERS = ("num_batches_tracked", "running_mean", "running_var")


@pytest.mark.parametrize(("stem", "name"), ALL)
def test_keys_and_parameters(stem: str, name: str) -> None:
    network = archdsl.load(SPECS / f"{stem}.arch", name)
    with torch.device("meta"):
        module = build(network.graph)
    state = sorted(k for k in module.state_dict() if not k.endswith(BUFFERS))
    # A set, because a shared stage has its keys once.
    assert state == sorted({k for k, _, _ in plain.keys(network.graph) if not k.endswith(BUFFERS)})
    assert sum(p.numel() for p in module.parameters()) == network.params


@pytest.mark.parametrize("name", MOST_LINES)
def test_length(name: str) -> None:
    stem = next(stem for stem, names in NETWORKS.items() if name in names)
    text = source(archdsl.load(SPECS / f"{stem}.arch", name).graph)
    assert len(text.splitlines()) <= MOST_LINES[name]


def test_style(tmp_path: Path) -> None:
    check_style(tmp_path, [source(archdsl.load(SPECS / f"{stem}.arch", name).graph) for stem, name in ALL])
