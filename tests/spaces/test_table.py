"""The spaces of papers: their sizes, what was found in them, and that they are known by name wherever one is."""

from __future__ import annotations

from math import comb, factorial, prod
from pathlib import Path

import pytest

import archdsl
from archdsl import expect, library, zoo_spaces
from archdsl.diagnostics.model import Diagnostics
from archdsl.network import check_source
from archdsl.spaces.canonical import canonical
from archdsl.syntax.items import Item
from archdsl.syntax.parse import parse
from archdsl.syntax.read import read_source

DOCS = Path(__file__).parents[2] / "docs"

# Designs as the papers count them, and by the formula where they print none; 2 cells are counted as a pair.
DESIGNS = {
    "nasnet_space": 5_229_943_396_058_757_337_940_161_399_357_440_000,  # arXiv:1707.07012, a combiner for each block
    "nasnet_cell_space": 71_465_842_174_521_600,  # the same, blocks that add
    "pnas_space": 556_627_761_561_600,  # arXiv:1712.00559, section 3.1
    "amoebanet_space": 556_627_761_561_600**2,  # arXiv:1802.01548, section 3.1
    "enas_macro_space": 160_618_186_625_454_535_808_756_219_904,  # arXiv:1802.03268, section 2.3
    "enas_micro_space": 25_628_906_250_000_000_000_000_000,  # section 2.4, as its code samples
    "enas_rnn_space": 669_692_775_628_800,  # section 2.1
    "darts_space": 1_076_746_950_455_072_400,  # arXiv:1806.09055
    "darts_rnn_space": 2_642_411_520,
    "nasbench101_space": 509_607_936,  # arXiv:1902.09635
    "nasbench201_space": 15_625,  # arXiv:2001.00326
    "auto_deeplab_space": 556_627_761_561_600 * 28_657,  # arXiv:1901.02985, section 3
    "ofa_space": 21_758_655_492_572_485_851,  # arXiv:1908.09791, section 3.2
    "mobilenet_v1_space": 16,  # arXiv:1704.04861
}

FORMULAS = {
    "nasnet_space": (factorial(6) * 13**5) ** 4 * 2**10,
    "nasnet_cell_space": (factorial(6) * 13**5) ** 2,
    "pnas_space": prod((b * 8) ** 2 for b in range(2, 7)),
    "amoebanet_space": prod((b * 8) ** 2 for b in range(2, 7)) ** 2,
    "enas_macro_space": 6**12 * 2 ** (12 * 11 // 2),
    "enas_micro_space": (factorial(6) * 5**5) ** 4,
    "enas_rnn_space": 4**12 * factorial(11),
    "darts_space": prod(comb(k, 2) * 7**2 for k in range(2, 6)) ** 2,
    "darts_rnn_space": 4**8 * factorial(8),
    "nasbench101_space": 2 ** (7 * 6 // 2) * 3**5,
    "nasbench201_space": 5**6,
    "ofa_space": (9**2 + 9**3 + 9**4) ** 5,
    "mobilenet_v1_space": 4 * 4,
}

# What a search found, and the network that the zoo has of it.
FOUND = {
    "nasnetalarge_found": "nasnetalarge",
    "pnasnet5large_found": "pnasnet5large",
    "amoebanet_a_found": "amoebanet_a_4_50",
    "enas_macro_found": "enas_macro",
    "enas_micro_found": "enas_micro",
    "enas_rnn_found": "enas_rnn",
    "darts_v2_cifar_found": "darts_v2_cifar",
    "darts_v2_rnn_found": "darts_v2_rnn",
}


def items() -> dict[str, Item]:
    files = [parse(read_source(path), Diagnostics()).items for path in library.space_specs()]
    return {item.name: item for found in files for item in found if item.kind == "network" and item.name}


def test_sizes() -> None:
    """Counted, they are the papers'; of ENAS's cells alone another number is printed; and the page says all that."""
    entries = list(zoo_spaces.entries())
    assert {entry.space: entry.designs for entry in entries if entry.space in DESIGNS} == DESIGNS
    text = zoo_spaces.text(entries).splitlines()
    assert [row.split()[0] for row in text if row.endswith("*")] == ["enas_micro_space"]
    assert max(map(len, text)) <= 80
    assert (DOCS / "spaces-zoo.md").read_text(encoding="utf-8") == zoo_spaces.markdown(entries), "run `make docs`"
    assert {entry.file for entry in entries} == {path.name for path in library.space_specs()}


def test_sizes_that_are_claimed() -> None:
    """Those of the specs are those of the formulas."""
    assert {name: DESIGNS[name] for name in FORMULAS} == FORMULAS
    claimed = items()
    assert [name for name, size in DESIGNS.items() if expect.claims(claimed[name]) != f"designs = {size:_}"] == []


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found(name: str) -> None:
    """It is the hand-written network to the last op, and has the numbers that both specs claim."""
    found, known = archdsl.load(name), archdsl.load(FOUND[name])
    assert canonical(found.graph) == canonical(known.graph)
    assert (found.params, found.macs) == (known.params, known.macs)
    assert expect.claims(items()[name]) == f"params = {found.params:_}, macs = {found.macs:_}"


def test_all_that_was_found_is_compared() -> None:
    assert {name for name in library.spaces() if name.endswith("_found")} == set(FOUND)


def test_names_lead_to_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever one is, and no two networks of zoo and spaces have one name."""
    monkeypatch.chdir(tmp_path)
    assert archdsl.space("nasbench201_space").size == 15_625
    (tmp_path / "own.arch").write_text(
        "import darts_space: normal, reduction\n"
        "network n(x: [8, 16, 16]) = [[x, x] -> normal(8), x] -> reduction(c = 8)\n"
    )
    assert archdsl.space("own.arch").size == DESIGNS["darts_space"]
    assert library.networks().keys().isdisjoint(library.spaces())
    assert library.named().keys() == library.networks().keys() | library.spaces().keys()


@pytest.mark.slow
@pytest.mark.parametrize("path", library.space_specs(), ids=lambda path: path.stem)
def test_nothing_is_wrong(path: Path) -> None:
    assert [one.message for one in check_source(read_source(path))] == []
