"""Lists spaces of papers, as specs."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import archdsl
from archdsl.spaces.space import Space

ROOT = Path(__file__).parents[1]
OWN = "bench/spaces.arch"


class PaperSpace(NamedTuple):
    """A space of a paper: where its spec is, and how many candidates a second are the least that will do."""

    file: str
    network: str
    least: int

    def open(self) -> Space:
        """Its designs."""
        return archdsl.space(ROOT / self.file, self.network)


SPACES = {
    "NAS-Bench-201": PaperSpace("specs/spaces/nasbench201_space.arch", "nasbench201_space", 100_000),
    "DARTS": PaperSpace(OWN, "darts", 100_000),
    "PNAS": PaperSpace(OWN, "pnas", 100_000),
    "ENAS, micro": PaperSpace(OWN, "enas_micro", 2_000),
    "ENAS, macro": PaperSpace(OWN, "enas_macro", 2_000),
    "depth, width, kernel": PaperSpace(OWN, "depth_width_kernel", 2_000),
}
