"""Says what flows along an edge: the shape (batch axis left out) and element type of a tensor."""

from __future__ import annotations

from typing import NamedTuple


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
        size = 1
        for extent in self.shape:
            size *= extent
        return size

    def __str__(self) -> str:
        prefix = "" if self.dtype == "float" else self.dtype
        return f"{prefix}[{', '.join(map(str, self.shape))}]"
