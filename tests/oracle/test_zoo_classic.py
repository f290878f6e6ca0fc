"""Compares the classic networks of the zoo with pytorchcv, torchvision, timm, and networks built from the papers."""

from __future__ import annotations

from typing import Any

import pytest
from torch import nn

from tests.oracle import classic, grouped, squeezed, test_networks
from tests.oracle.attention import pytorchcv_model
from tests.oracle.enas_macro import enas_macro
from tests.oracle.reference import timm_model
from tests.oracle.test_networks import RecordProperty, Row, Shape
from tests.oracle.test_zoo_small import shufflenet_v1

SMALL: tuple[Shape, ...] = ((3, 66, 101),)


def _cifar(spec: str, network: str, make: Any = pytorchcv_model, **facts: Any) -> Row:
    """A network for CIFAR, compared as a function at a size that is neither square nor a power of 2."""
    facts.setdefault("sizes", ((3, 20, 28),))
    return Row(spec, network, make=make, native=(3, 32, 32), **facts)


def _option_a(layers: int, **facts: Any) -> Row:
    kwargs = {"n": (layers - 2) // 6}
    return _cifar("resnet_cifar.arch", f"resnet{layers}_cifar", classic.resnet_cifar, kwargs=kwargs, **facts)


def _multi(variant: str, fast: bool = False, sizes: Any = ((3, 20, 28),), **facts: Any) -> Row:
    kwargs: dict[str, Any] = {"kwargs": facts, "fast": fast, "sizes": sizes}
    return _cifar("multi_resnet.arch", f"multi_resnet{variant}", classic.multi_resnet, **kwargs)


def _resnext(cardinality: int, base: int, **facts: Any) -> Row:
    kwargs = {"cardinality": cardinality, "base": base}
    return _cifar("resnext_cifar.arch", f"resnext29_{cardinality}x{base}d", classic.resnext29, kwargs=kwargs, **facts)


def _shake(width: int, **facts: Any) -> Row:
    kwargs = {"width": width}
    return _cifar("shake_shake.arch", f"shake_shake26_2x{width}d", classic.shake_shake26, kwargs=kwargs, **facts)


def _root(root: int) -> Row:
    name = f"resnet50_root{root}"
    return Row("deep_roots.arch", name, make=grouped.resnet50_root, kwargs={"root": root}, sizes=SMALL)


def _nin(root: int) -> Row:
    kwargs = {"middle": root, "last": max(1, root // 2)}
    return _cifar("deep_roots.arch", f"nin_cifar_root{root}", grouped.nin_cifar, kwargs=kwargs, fast=root == 8)


def _igc(primary: int, secondary: int, grows: str = "secondary", **facts: Any) -> Row:
    kwargs = {"primary": primary, "secondary": secondary, "grows": grows}
    name = f"igc_l{primary}m{secondary}"
    return Row("igcnet.arch", name, make=grouped.igcnet, kwargs=kwargs, sizes=SMALL, **facts)


def _shift(layers: int, e: int, **facts: Any) -> Row:
    kwargs = {"n": (layers - 2) // 6, "e": e}
    return _cifar("shift_resnet.arch", f"shift_resnet{layers}_e{e}", grouped.shift_resnet, kwargs=kwargs, **facts)


def _condense(network: str, cifar: bool = False, sizes: Any = ((3, 64, 96),), fast: bool = False, **facts: Any) -> Row:
    kwargs = {"cifar": cifar, **facts}
    native = (3, 32, 32) if cifar else (3, 224, 224)
    return Row("condensenet.arch", network, classic.condensenet, "", kwargs, native, sizes, fast)


def mobilenet_v3(name: str) -> nn.Module:
    """timm's MobileNetV3 with the authors' constants of batch norm, and with dropout as a module."""
    model = timm_model(name, drop_rate=0.0, bn_eps=1e-3, bn_momentum=0.01)
    model.flatten = nn.Sequential(model.flatten, nn.Dropout(0.2))
    return model


def poly_module(kind: str, order: int) -> nn.Module:
    """A module of PolyNet."""
    return classic.PolyModule(kind, order)


def _module(kind: str, order: int) -> Row:
    facts = {"native": (1152, 20, 20), "sizes": ((1152, 5, 8),), "fast": order == 2}
    return Row("polynet_modules.arch", f"{kind}_{order}", poly_module, kind, {"order": order}, **facts)


def _mobilenet_v2(variant: str, width: float = 1.0, size: int = 224, **facts: Any) -> Row:
    kwargs, native = {"width_mult": width}, (3, size, size)
    facts.setdefault("sizes", SMALL)
    return Row(
        "mobilenet_v2.arch", f"mobilenet_v2_{variant}", name="mobilenet_v2", kwargs=kwargs, native=native, **facts
    )


def _mobilenet_v3(size: str, percent: str, **facts: Any) -> Row:
    network, name = f"mobilenet_v3_{size}_{percent}", f"mobilenetv3_{size}_{percent}"
    return Row("mobilenet_v3_widths.arch", network, make=mobilenet_v3, name=name, sizes=SMALL, **facts)


def _shufflenet(width: str, groups: int, channels: int, stem: int = 12) -> Row:
    kwargs = {"groups": groups, "width": channels, "stem": stem}
    return Row("shufflenet_v1.arch", f"shufflenet_v1_x{width}_g{groups}", shufflenet_v1, kwargs=kwargs, sizes=SMALL)


def _wide_resnext(base: int, sizes: Any = SMALL) -> Row:
    kwargs, name = {"groups": 32, "width_per_group": base}, f"resnext101_32x{base}d"
    return Row("resnext.arch", name, name="resnet101", kwargs=kwargs, sizes=sizes, large=True)


ROWS = [
    *(
        Row("resnet_v1.arch", f"resnet{depth}_v1", make=pytorchcv_model, name=f"resnet{depth}", sizes=SMALL)
        for depth in (50, 101, 152)
    ),
    _option_a(20, fast=True),
    *(_option_a(layers) for layers in (32, 44, 56, 110)),
    _option_a(1202, sizes=()),  # only counted: its units are those of the others
    *(
        _cifar("resnet_cifar.arch", f"resnet{layers}_cifar_b", name=f"resnet{layers}_cifar10", fast=layers == 20)
        for layers in (20, 56, 110)
    ),
    *(
        _cifar("ror.arch", f"ror3_{layers}", name=f"ror3_{layers}_cifar10", fast=layers == 56)
        for layers in (56, 110, 164)
    ),
    _shake(32, fast=True),
    _shake(64),
    _shake(96),
    _resnext(32, 4, fast=True),
    _resnext(8, 64),
    _resnext(16, 64, large=True),
    _multi("200_k5", n=22, k=5),
    _multi("398_k5", n=44, k=5),
    _multi("26_k2_w10", n=4, k=2, width=160, wide=True, sizes=((3, 12, 20),)),
    _multi("26_k4_w10", n=4, k=4, width=160, wide=True, sizes=()),  # only counted
    _cifar("deep_roots.arch", "nin_cifar", grouped.nin_cifar),
    *(_nin(root) for root in (2, 4, 8, 16)),
    *(_root(root) for root in (2, 4, 8, 16, 32, 64)),
    _igc(4, 32),
    _igc(16, 16),
    _igc(100, 2, "primary", fast=True),
    *(_shift(20, e, fast=e == 3) for e in (1, 3, 6, 9)),
    *(_shift(layers, 3) for layers in (56, 110)),
    Row("shiftnet.arch", "shiftnet_a", make=grouped.shiftnet, kwargs={"width": 32}, sizes=SMALL),
    Row("shiftnet.arch", "shiftnet_b", make=grouped.shiftnet, kwargs={"width": 16}, sizes=SMALL),
    *(_condense(f"condensenet74_c{g}_g{g}", depths=(4, 6, 8, 10, 8), growth=8, groups=g) for g in (4, 8)),
    *(
        _condense(f"condensenet{layers}_cifar", True, ((3, 20, 28),), layers == 50, depths=(n,) * 3, growth=growth)
        for layers, n, growth in (
            (50, 8, 8),
            (74, 12, 8),
            (86, 14, 8),
            (98, 16, 8),
            (110, 18, 8),
            (122, 20, 8),
            (182, 30, 12),
        )
    ),
    _mobilenet_v2("140", 1.4),
    _mobilenet_v2("075", 0.75),
    _mobilenet_v2("050", 0.5),
    _mobilenet_v2("035", 0.35, fast=True),
    *(_mobilenet_v2(f"{size}", size=size, sizes=()) for size in (192, 160, 128, 96)),
    _mobilenet_v3("large", "075"),
    _mobilenet_v3("small", "075"),
    _mobilenet_v3("small", "050", fast=True),
    *(_shufflenet("0_5", groups, width) for groups, width in ((1, 72), (2, 104), (4, 144))),
    *(_shufflenet("0_25", groups, width) for groups, width in ((1, 36), (2, 48), (4, 64))),
    _shufflenet("0_25", 8, 96, 8),
    Row("shufflenet_v1_se.arch", "shufflenet_v1_x2_g3_se", squeezed.shufflenet_v1_se, sizes=SMALL, fast=True),
    Row("bn_inception.arch", "bn_inception", squeezed.bn_inception, sizes=SMALL),
    Row("se_inception.arch", "se_bn_inception", squeezed.se_bn_inception, sizes=SMALL, fast=True),
    Row(
        "se_inception.arch",
        "se_inception_resnet_v2",
        squeezed.se_inception_resnet_v2,
        native=(3, 299, 299),
        sizes=((3, 97, 119),),
        large=True,
    ),
    *(_module(kind, order) for kind in ("poly", "mpoly", "way") for order in (2, 3)),
    _wide_resnext(8),
    *(_wide_resnext(base, ()) for base in (16, 32, 48)),  # only counted: up to 828 million weights
    _cifar("enas_macro.arch", "enas_macro", enas_macro, sizes=((3, 12, 20),), large=True),
]


@pytest.mark.parametrize("row", test_networks.counted(ROWS), ids=lambda row: row.network)
def test_counts(row: Row, record_property: RecordProperty) -> None:
    """Parameters and multiply-accumulates at the native size are the reference's, to the last digit."""
    test_networks.test_counts(row, record_property)


@pytest.mark.parametrize(("row", "shape"), test_networks.small_cases(ROWS))
def test_function(row: Row, shape: Shape, record_property: RecordProperty) -> None:
    """The built model is the reference's function: outputs, gradients and training steps."""
    test_networks.test_function(row, shape, record_property)
