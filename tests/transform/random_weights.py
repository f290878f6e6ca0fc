"""Weights for a network by key: small enough not to overflow, variances positive, each statistic random."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from math import prod
from typing import Any
from zlib import crc32

import torch
from torch import Tensor

from archdsl.ir.graph import Graph
from archdsl.ir.weights import Owned, weights


def random_inputs(graph: Graph, batch: int = 2) -> list[Tensor]:
    """So many samples of each input."""
    generator = torch.Generator().manual_seed(0)
    return [
        torch.randn(batch, *x.shape, generator=generator, dtype=torch.float64)
        if x.dtype == "float"
        else torch.randint(0, 8, (batch, *x.shape), generator=generator)
        for x in graph.inputs
    ]


def _drawn(owned: Owned) -> Tensor:
    if owned.weight.name == "num_batches_tracked":
        return torch.tensor(1)
    generator = torch.Generator().manual_seed(crc32(owned.key.encode()))
    shape = owned.weight.shape
    drawn = torch.randn(shape, generator=generator).double()
    return drawn.abs() + 0.5 if owned.weight.name == "running_var" else drawn / prod(shape[1:]) ** 0.5


class Later:
    """A tensor that is made when it is asked for, each time again: of gigabytes of weights one layer exists at a time.

    It knows the operations that a formula of `archdsl.transform.carry` may use, and no others.
    """

    def __init__(self, now: Callable[[], Tensor], shape: Sequence[int] = ()) -> None:
        self.now = now
        self.shape = shape

    def _then(self, name: str, *others: Any) -> Later:
        def now() -> Tensor:
            made: Tensor = getattr(self.now(), name)(*[x.now() if isinstance(x, Later) else x for x in others])
            return made

        return Later(now)

    def __add__(self, other: Any) -> Later:
        return self._then("__add__", other)

    def __sub__(self, other: Any) -> Later:
        return self._then("__sub__", other)

    def __rsub__(self, other: Any) -> Later:
        return self._then("__rsub__", other)

    def __mul__(self, other: Any) -> Later:
        return self._then("__mul__", other)

    def __truediv__(self, other: Any) -> Later:
        return self._then("__truediv__", other)

    def __rtruediv__(self, other: Any) -> Later:
        return self._then("__rtruediv__", other)

    def __pow__(self, other: Any) -> Later:
        return self._then("__pow__", other)

    def reshape(self, *shape: int) -> Later:
        return self._then("reshape", *shape)


class Weights(Mapping[str, Tensor]):
    """A state_dict for `graph` of tensors to be made later; each is as large as the graph says."""

    def __init__(self, graph: Graph, made: Mapping[str, Later]) -> None:
        self.shapes = {owned.key: owned.weight.shape for owned in weights(graph)}
        self.made = made
        assert list(made) == list(self.shapes)

    def __getitem__(self, key: str) -> Tensor:
        tensor = self.made[key].now()
        assert tuple(tensor.shape) == self.shapes[key]
        return tensor

    def __iter__(self) -> Iterator[str]:
        return iter(self.made)

    def __len__(self) -> int:
        return len(self.made)


def random_state(graph: Graph) -> dict[str, Later]:
    """A state_dict in float64."""
    return {owned.key: Later(partial(_drawn, owned), owned.weight.shape) for owned in weights(graph)}
