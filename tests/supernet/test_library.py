"""The supernets of the spaces of papers that come with archdsl, with few channels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import archdsl
from archdsl.spaces.space import Space
from tests.emit.check import check_style
from tests.supernet.paths import compare_relaxed, compare_some

SMALL: dict[str, dict[str, Any]] = {
    "spaces/nasbench201_space.arch": {"n": 1, "width": 4, "input": (3, 8, 8)},
    "spaces/darts_space.arch:darts_space": {"depth": 3, "c": 4, "input": (3, 8, 8)},
    "spaces/enas_macro_space.arch:enas_macro_space": {"f": 4, "input": (3, 8, 8)},
    "spaces/darts_rnn_space.arch:darts_rnn_space": {"d": 8, "steps": 3, "vocabulary": 10},
    "spaces/mobilenet_v1_space.arch": {"depths": [1, 1, 2]},
    "spaces/enas_micro_space.arch:enas_micro_space": {"n": 1, "f": 4, "input": (3, 8, 8)},
    "spaces/pnas_space.arch:pnas_space": {"n": 1, "f": 16, "stem": 6, "size": 33},
    "spaces/amoebanet_space.arch:amoebanet_space": {"n": 1, "f": 16, "size": 33},
    "spaces/nasnet_space.arch:nasnet_cell_space": {"f": 8},
    "spaces/auto_deeplab_space.arch": {"layers": 4, "f": 2, "size": 64},
    "spaces/ofa_space.arch": {"size": 32},
}
QUICK = [*SMALL][:5]
CLEAN = [
    "enas_macro_space.arch:enas_macro_space",
    "mobilenet_v1_space.arch",
    "ofa_space.arch",
    "auto_deeplab_space.arch",
]


def small(name: str) -> Space:
    """A space of the library."""
    return archdsl.space(f"specs/{name}", **SMALL[name])


@pytest.mark.parametrize("name", QUICK)
def test_a_few_paths(name: str) -> None:
    compare_some(small(name), 2)


@pytest.mark.parametrize("name", ["spaces/nasbench201_space.arch", "spaces/darts_space.arch:darts_space"])
def test_a_relaxation(name: str) -> None:
    compare_relaxed(small(name), 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_paths(name: str) -> None:
    compare_some(small(name), 10, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_relaxations(name: str) -> None:
    compare_relaxed(small(name), 5)


@pytest.mark.slow
def test_sources_are_clean(tmp_path: Path) -> None:
    check_style(tmp_path, [small(f"spaces/{name}").supernet().source() for name in CLEAN])
