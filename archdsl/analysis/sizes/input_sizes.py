"""Turns a network into what its input size changes: which sizes work, and all numbers as formulas of the size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace

from archdsl.analysis.cost import cost
from archdsl.analysis.fields import Field, axis_names
from archdsl.analysis.mixing import Mixing, mixed_otherwise, mixed_regions, mixing
from archdsl.analysis.receptive_field import receptive_field
from archdsl.analysis.sizes.loss import Loss, Totals, WeightTree, losses, same_weights, totals, walk, weight_tree
from archdsl.analysis.sizes.regions import Point, Region, everything
from archdsl.analysis.sizes.sets import MOST, SizeSet, TooIrregular, from_sizes
from archdsl.analysis.sizes.traced import Extent, Piece, Products, explore, products, read_as_text, value_at
from archdsl.diagnostics.model import Diagnostic
from archdsl.ir.graph import Graph
from archdsl.ops.base import spatial_axes
from archdsl.record import dataclass
from archdsl.source import Span

WIDEST = 512  # declared size beyond which only the sizes near it are tried

Shapes = Mapping[str, tuple[int, ...]]
Elaborate = Callable[[Shapes, bool], Graph | Diagnostic]  # at these shapes; True: they are symbolic
Shape = tuple[Products, ...]


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
    shape: Shape


@dataclass(frozen=True, slots=True)
class Variant:
    """One form of the network and the input sizes that take it; nearly always there is one for all that work.

    `weights` are the sizes at which all weights have the names and shapes that they have at the native size; None if
    that cannot be told by formula.
    """

    region: Region
    outputs: tuple[Shape, ...]
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

    sizes: Point
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
    variants: tuple[Variant, ...]
    refusals: tuple[Refusal, ...]
    fields: tuple[tuple[Field, ...], ...]
    problem: str = ""
    tried: tuple[int, int] | None = None
    _at: Callable[[Point], AtSize] = field(repr=False, default=lambda point: AtSize(point, None))

    @property
    def mixed(self) -> tuple[tuple[Mixing, Region], ...]:
        """The linears that work along another axis than at the native size, and at which sizes they do."""
        return mixed_regions([(variant.mixing, variant.region) for variant in self.variants])

    @property
    def native(self) -> Point:
        """The sizes that the spec declares."""
        return tuple(axis.native for axis in self.axes)

    @property
    def variant(self) -> Variant:
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
            ValueError: neither one size nor one per axis, or a size below 1.
        """
        if len(sizes) == 1 and len(self.axes) > 1:
            first = self.axes[0].input
            sizes = tuple(sizes[0] if axis.input == first else axis.native for axis in self.axes)
        if len(sizes) != len(self.axes) or min(sizes) < 1:
            raise ValueError(f"{len(self.axes)} positive sizes are needed, or one for all")
        return self._at(sizes)

    def lossless(self, sizes: Sequence[int]) -> list[int]:
        """Those of the sizes (all axes of the first input alike) that work and cut nothing off."""
        return [size for size in sizes if self.at(size).works and not self.at(size).lost]


def input_sizes(native: Graph, elaborate: Elaborate, tried: tuple[int, int] | None = None) -> Sizes:
    """How `native`, a network at its declared size, takes other sizes; `elaborate` makes it at them.

    `tried` is the range of sizes to elaborate where no formula is found; by default 1 to twice the native size,
    where that is above `WIDEST` those around it.

    Raises:
        ValueError: no input has an axis whose size may change, or `tried` goes beyond what can be told.
    """
    axes = _axes(native)
    if not axes:
        raise ValueError("no input has an axis whose size may change")
    if tried is not None and tried[1] > MOST:
        raise ValueError(f"sizes up to {MOST:,} can be tried, not {tried[1]:,}")
    fields = receptive_field(native).outputs

    def made(sizes: tuple[int, ...], symbolic: bool) -> Graph | Diagnostic:
        shapes = {name: list(x.shape) for name, x in zip(native.input_names, native.inputs, strict=True)}
        for axis, size in zip(axes, sizes, strict=True):
            shapes[axis.input][axis.axis] = size
        return elaborate({name: tuple(shape) for name, shape in shapes.items()}, symbolic)

    point = tuple(axis.native for axis in axes)
    try:
        variants, refusals = _explored(native, point, lambda sizes: made(sizes, True))
    except TooIrregular as reason:
        return _tried(native, axes, fields, lambda sizes: made(sizes, False), tried, str(reason))
    works = Region(())
    for variant in variants:
        works |= variant.region
    alike = works.equal(tuple(i for i, axis in enumerate(axes) if axis.input == axes[0].input), point)
    alone = tuple(works.at(i, point) for i in range(len(axes)))

    def fits(sizes: Point) -> bool:
        """Whether the weights of the native size fit, found by elaborating: where no formula tells."""
        graph = made(sizes, False)
        return isinstance(graph, Graph) and weight_tree(graph) == weight_tree(native)

    at = lambda sizes: _calculated(variants, refusals, sizes, fits)  # noqa: E731
    return Sizes(native.name, axes, works, alike, alone, variants, refusals, fields, _at=at)


def _axes(graph: Graph) -> tuple[SizeAxis, ...]:
    found = [
        (name, axis, called, x.shape[axis])
        for name, x in zip(graph.input_names, graph.inputs, strict=True)
        for axis, called in zip(spatial_axes(x), axis_names(x), strict=True)
    ]
    initials = [called[0] for _, _, called, _ in found]
    return tuple(
        SizeAxis(name, axis, called, called[0] if initials.count(called[0]) == 1 else f"{called[0]}_{name}", size)
        for name, axis, called, size in found
    )


Run = tuple[Graph, Totals, WeightTree, tuple[MapSize, ...], tuple[Loss, ...], tuple[Mixing, ...]] | Diagnostic


def _explored(
    native: Graph, point: Point, make: Callable[[tuple[int, ...]], Graph | Diagnostic]
) -> tuple[tuple[Variant, ...], tuple[Refusal, ...]]:
    def run(sizes: tuple[int, ...]) -> Run:
        graph = make(sizes)
        if isinstance(graph, Diagnostic):
            return graph
        found = graph, totals(graph), weight_tree(graph), tuple(_maps(graph)), losses(graph), mixing(graph)
        if read_as_text():
            raise TooIrregular("a size is read as text")
        return found

    wanted = weight_tree(native)
    variants, refusals = [], []
    for piece in explore(everything(len(point)), point, run):
        if isinstance(piece.result, Diagnostic):
            refusals.append(Refusal(piece.region, piece.result))
        else:
            variants.append(_variant(piece, wanted, point))
    return tuple(_merged(variants)), tuple(refusals)


def _variant(piece: Piece[Run], wanted: WeightTree, point: Point) -> Variant:
    assert not isinstance(piece.result, Diagnostic)
    graph, sums, weights, maps, lost, mixed = piece.result
    return Variant(
        region=piece.region,
        outputs=tuple(_shape(x.shape) for x in graph.output_types),
        params=products(sums.params),
        macs=products(sums.macs),
        activations=products(sums.activations),
        maps=maps,
        losses=lost,
        weights=_fitting(weights, wanted, piece.region, len(point)),
        mixing=mixed,
    )


def _fitting(given: WeightTree, wanted: WeightTree, region: Region, axes: int) -> Region | None:
    try:
        return same_weights(given, wanted, region, axes)
    except TooIrregular:
        return None


def _merged(variants: list[Variant]) -> list[Variant]:
    """Variants with equal formulas become one."""
    found: list[Variant] = []
    for variant in variants:
        for index, other in enumerate(found):
            if _formulas(other) == _formulas(variant):
                weights = None if other.weights is None or variant.weights is None else other.weights | variant.weights
                found[index] = replace(other, region=other.region | variant.region, weights=weights)
                break
        else:
            found.append(variant)
    return found


def _formulas(v: Variant) -> tuple[object, ...]:
    return v.outputs, v.params, v.macs, v.activations, v.maps, v.losses, v.mixing


def _shape(shape: tuple[int, ...]) -> Shape:
    return tuple(map(products, shape))


def _maps(graph: Graph) -> Iterator[MapSize]:
    """The first tensor of each size in order of application, each body looked at once."""
    seen: set[object] = set()
    for _, node, path, span in walk(graph):
        for x in node.types:
            shape = _shape(x.shape)
            sizes = tuple(frozenset(shape[axis].items()) for axis in spatial_axes(x)) if x.rank > 1 else ()
            if sizes not in seen and any(isinstance(n, Extent) for n in x.shape[1:]):
                seen.add(sizes)
                yield MapSize(path, node.word, span, shape)


def _calculated(
    variants: Sequence[Variant], refusals: Sequence[Refusal], sizes: Point, fits: Callable[[Point], bool]
) -> AtSize:
    for variant in variants:
        if sizes in variant.region:
            break
    else:
        return AtSize(sizes, next(refusal.problem for refusal in refusals if sizes in refusal.region))
    return AtSize(
        sizes,
        None,
        outputs=tuple(tuple(value_at(n, sizes) for n in shape) for shape in variant.outputs),
        params=value_at(variant.params, sizes),
        macs=value_at(variant.macs, sizes),
        activations=value_at(variant.activations, sizes),
        same_weights=fits(sizes) if variant.weights is None else sizes in variant.weights,
        lost=tuple(Lost(x.path, x.word, x.side, x.span, x.rows(sizes)) for x in variant.losses if x.rows(sizes)),
        mixed=tuple(mixed_otherwise(variants[0].mixing, variant.mixing)),
    )


def _tried(
    native: Graph,
    axes: tuple[SizeAxis, ...],
    fields: tuple[tuple[Field, ...], ...],
    make: Callable[[tuple[int, ...]], Graph | Diagnostic],
    tried: tuple[int, int] | None,
    reason: str,
) -> Sizes:
    """Elaborates sizes one by one: all axes of the first input alike, then each axis with the others native."""
    point = tuple(axis.native for axis in axes)
    wanted, mixed = weight_tree(native), mixing(native)
    known: dict[Point, AtSize] = {}

    def at(sizes: Point) -> AtSize:
        if sizes not in known:
            graph = make(sizes)
            known[sizes] = (
                AtSize(sizes, graph) if isinstance(graph, Diagnostic) else _measured(graph, sizes, wanted, mixed)
            )
        return known[sizes]

    least, most = tried or _near(max(point))
    sizes = range(least, most + 1)
    alike = [axis.input == axes[0].input for axis in axes]

    def working(changed: Sequence[bool]) -> SizeSet:
        points = {n: tuple(n if c else p for c, p in zip(changed, point, strict=True)) for n in sizes}
        return from_sizes(tuple(n for n in sizes if at(points[n]).works))

    alone = tuple(working([i == j for j in range(len(axes))]) for i in range(len(axes)))
    return Sizes(native.name, axes, None, working(alike), alone, (), (), fields, reason, (least, most), at)


def _near(size: int) -> tuple[int, int]:
    """The sizes that are tried where nobody says which."""
    if size <= WIDEST:
        return 1, 2 * size
    return (size - WIDEST // 2, size + WIDEST // 2) if size + WIDEST <= MOST else (1, WIDEST)


def _measured(graph: Graph, sizes: Point, wanted: WeightTree, mixed: tuple[Mixing, ...]) -> AtSize:
    found = cost(graph)
    return AtSize(
        sizes,
        None,
        outputs=tuple(x.shape for x in graph.output_types),
        params=found.params,
        macs=found.macs,
        activations=found.activations,
        same_weights=weight_tree(graph) == wanted,
        lost=tuple(Lost(x.path, x.word, x.side, x.span, x.rows(())) for x in losses(graph) if x.rows(())),
        mixed=tuple(mixed_otherwise(mixed, mixing(graph))),
    )
