"""Holds what is known of a network's input sizes: which of them work, formulas of the size, numbers at a size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from archdsl.analysis.fields import Field
from archdsl.analysis.mixing import Mixing, mixed_regions
from archdsl.analysis.sizes.forms import LARGEST
from archdsl.analysis.sizes.loss import Loss
from archdsl.analysis.sizes.products import Products
from archdsl.analysis.sizes.regions import Region, SizePoint
from archdsl.analysis.sizes.sets import SizeSet
from archdsl.diagnostics.display import brief
from archdsl.diagnostics.model import Diagnostic
from archdsl.numerals import as_int
from archdsl.source import Span

ShapeFormula = tuple[Products, ...]


@dataclass(frozen=True, slots=True)
class SizeAxis:
    """An axis of an input whose size may change: all but the channels. `letter` stands for its size in formulas."""

    input: str
    axis: int
    name: str
    letter: str
    native: int


@dataclass(frozen=True, slots=True)
class MapSize:
    """The first tensor with these sizes along its spatial axes: module, word, place, shape."""

    path: str
    word: str
    span: Span | None
    shape: ShapeFormula


@dataclass(frozen=True, slots=True)
class SizeVariant:
    """One form of the network and the input sizes that take it; nearly always there is one for all that work.

    `weights` are the sizes at which all weights have the names and shapes that they have at the native size; None if
    that cannot be told by formula.
    """

    region: Region
    outputs: tuple[ShapeFormula, ...]
    params: Products
    macs: Products
    activations: Products
    maps: tuple[MapSize, ...]
    losses: tuple[Loss, ...]
    weights: Region | None
    mixing: tuple[Mixing, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Input sizes that do not elaborate for one reason; `problem` is the message at one of them."""

    region: Region
    problem: Diagnostic


@dataclass(frozen=True, slots=True)
class Lost:
    """Rows (or columns: `side`) of its operand that an op ignores at the end, at one input size."""

    path: str
    word: str
    side: str
    span: Span | None
    rows: int


@dataclass(frozen=True, slots=True)
class AtSize:
    """Exact numbers at one input size, batch 1. `problem` says why the size does not work; the rest is then empty.

    `outputs` are shapes without batch; `lost` what ops cut off; `same_weights` whether the weights of the native size
    fit; `mixed` the linears that work along another axis than at the native size.
    """

    sizes: SizePoint
    problem: Diagnostic | None
    outputs: tuple[tuple[int, ...], ...] = ()
    params: int = 0
    macs: int = 0
    activations: int = 0
    same_weights: bool = False
    lost: tuple[Lost, ...] = ()
    mixed: tuple[Mixing, ...] = ()

    @property
    def works(self) -> bool:
        """Whether the network elaborates at this size."""
        return self.problem is None


@dataclass(frozen=True)
class Sizes:
    """How a network takes its input size.

    `works` holds exactly the sizes at which the network elaborates (sizes up to 2**30, tensors up to 2**40 elements),
    `variants` and `refusals` the formulas and the reasons. Where no formula exists `works` is None and `problem` says
    why; sizes are then elaborated one by one, and `alike` and `alone` hold what was found in the range `tried`.
    `alike` are the sizes s that work along all axes of the first input at once (squares), `alone[i]` those of axis
    number i that work while the other axes have their native size.
    """

    name: str
    axes: tuple[SizeAxis, ...]
    works: Region | None
    alike: SizeSet
    alone: tuple[SizeSet, ...]
    variants: tuple[SizeVariant, ...]
    refusals: tuple[Refusal, ...]
    fields: tuple[tuple[Field, ...], ...]
    problem: str = ""
    tried: tuple[int, int] | None = None
    _at: Callable[[SizePoint], AtSize] = field(repr=False, default=lambda point: AtSize(point, None))

    @property
    def mixed(self) -> tuple[tuple[Mixing, Region], ...]:
        """The linears that work along another axis than at the native size, and at which sizes they do."""
        return mixed_regions([(variant.mixing, variant.region) for variant in self.variants])

    @property
    def native(self) -> SizePoint:
        """The sizes that the spec declares."""
        return tuple(axis.native for axis in self.axes)

    @property
    def variant(self) -> SizeVariant:
        """The form at the native size.

        Raises:
            ValueError: there are no formulas; `problem` says why.
        """
        if self.problem:
            raise ValueError(f"sizes have no formula: {self.problem}")
        return self.variants[0]

    def at(self, *sizes: int) -> AtSize:
        """Exact numbers at an input size: one number for all axes of the first input, or one per axis.

        Raises:
            TypeError: a size is no whole number.
            ValueError: neither one size nor one per axis, or a size below 1 or above `LARGEST`.
        """
        sizes = tuple(map(as_int, sizes))
        for size in sizes:
            if not isinstance(size, int) or isinstance(size, bool):
                raise TypeError(f"at takes whole numbers, not {brief(size)}")
        if len(sizes) == 1 and len(self.axes) > 1:
            first = self.axes[0].input
            sizes = tuple(sizes[0] if axis.input == first else axis.native for axis in self.axes)
        if len(sizes) != len(self.axes) or min(sizes) < 1:
            raise ValueError(f"{len(self.axes)} positive sizes are needed, or one for all")
        if max(sizes) > LARGEST:
            raise ValueError(f"sizes up to {LARGEST:,} are told")
        return self._at(sizes)

    def lossless(self, sizes: Sequence[int]) -> list[int]:
        """Those of the sizes (all axes of the first input alike) that work and cut nothing off."""
        return [size for size in sizes if self.at(size).works and not self.at(size).lost]
