"""Lists spaces of papers that are measured."""

from __future__ import annotations

from typing import NamedTuple

import archdsl
from archdsl.spaces.space import Space


class PaperSpace(NamedTuple):
    """A space of the library, and how many candidates a second are the least that will do."""

    network: str
    least: int

    def open(self) -> Space:
        """Its designs."""
        return archdsl.space(self.network)


SPACES = {
    "NAS-Bench-201": PaperSpace("nasbench201_space", 100_000),
    "DARTS": PaperSpace("darts_space", 100_000),
    "PNAS": PaperSpace("pnas_space", 100_000),
    "ENAS, micro": PaperSpace("enas_micro_space", 2_000),
    "ENAS, macro": PaperSpace("enas_macro_space", 2_000),
    "depth, width, kernel": PaperSpace("ofa_space", 2_000),
}
