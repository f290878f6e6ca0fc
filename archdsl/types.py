"""Says what flows along an edge: the shape (batch axis left out) and element type of a tensor."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any, NamedTuple


class Symbolic(int):
    """A size that stands for those at all input sizes (archdsl.analysis.sizes.traced); its int is one sample.

    Arithmetic and comparisons in Python keep track. What C code reads of an int (indices, ranges, mixing with floats)
    cannot, so such places call `known` first.
    """

    @abstractmethod
    def known(self) -> int:
        """The number, if the caller cannot do without one; the sizes are then no longer found by formula."""

    @abstractmethod
    def positive(self) -> int:
        """max(self, 0) without a decision."""


class Irregular(Exception):
    """What a `Symbolic` size raises where it has no formula; `place` is the span of the spec that asked, once known.

    `has_place` is false where no place of the spec is to blame.
    """

    place: Any = None
    has_place = True


def known(size: int) -> int:
    """`size` for a place that needs a plain number."""
    return size.known() if isinstance(size, Symbolic) else size


def positive(size: int) -> int:
    """max(size, 0)."""
    return size.positive() if isinstance(size, Symbolic) else max(size, 0)


class TensorType(NamedTuple):
    """Shape without the batch axis, channels first (`[C, H, W]`), and element type: "float" or "int"."""

    shape: tuple[int, ...]
    dtype: str = "float"

    @property
    def rank(self) -> int:
        """Number of axes, batch not counted."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements at batch 1."""
        return math.prod(self.shape)

    def __str__(self) -> str:
        prefix = "" if self.dtype == "float" else self.dtype
        return f"{prefix}[{', '.join(map(str, self.shape))}]"
