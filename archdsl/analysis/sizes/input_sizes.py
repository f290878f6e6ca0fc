"""Turns a network into what its input size changes: which sizes work, and all numbers as formulas of the size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from archdsl.analysis.fields import axis_names
from archdsl.analysis.mixing import Mixing, mixed_otherwise, mixing
from archdsl.analysis.receptive_field import receptive_field
from archdsl.analysis.sizes.answer import AtSize, Lost, MapSize, Refusal, ShapeFormula, SizeAxis, Sizes, SizeVariant
from archdsl.analysis.sizes.forms import LARGEST
from archdsl.analysis.sizes.loss import Loss, Totals, WeightTree, losses, same_weights, totals, walk, weight_tree
from archdsl.analysis.sizes.one_by_one import try_sizes
from archdsl.analysis.sizes.products import value_at
from archdsl.analysis.sizes.regions import Region, SizePoint, everything
from archdsl.analysis.sizes.sets import MOST, TooIrregular
from archdsl.analysis.sizes.traced import Extent, Outcome, explore, products, read_as_text
from archdsl.analysis.sizes.work import EVALUATION, spend
from archdsl.diagnostics.display import brief
from archdsl.diagnostics.model import Diagnostic
from archdsl.ir.graph import Graph
from archdsl.ops.base import spatial_axes
from archdsl.source import Span

ShapesByName = Mapping[str, tuple[int, ...]]
# At these shapes; True: they are symbolic. Also the work that it took.
Elaborate = Callable[[ShapesByName, bool], tuple[Graph | Diagnostic, int]]


def input_sizes(native: Graph, elaborate: Elaborate, tried: tuple[int, int] | None = None) -> Sizes:
    """How `native`, a network at its declared size, takes other sizes; `elaborate` makes it at them.

    `tried` is the range of sizes to elaborate where no formula is found; by default 1 to twice the native size,
    where that is above `WIDEST` those around it.

    Raises:
        ValueError: no input has an axis whose size may change, or one, or `tried`, goes beyond what can be told.
    """
    axes = size_axes(native)
    if not axes:
        raise ValueError("no input has an axis whose size may change")
    if large := [axis for axis in axes if axis.native > LARGEST]:
        message = f"{large[0].input} is declared with {large[0].native:,}; formulas tell sizes up to {LARGEST:,}"
        raise ValueError(message)
    if tried is not None and tried[1] > MOST:
        raise ValueError(f"sizes up to {MOST:,} can be tried, not {brief(tried[1])}")
    fields = receptive_field(native).outputs
    made = partial(made_at, native, axes, elaborate)  # pickles, as no closure does
    point = tuple(axis.native for axis in axes)
    try:
        variants, refusals = _explored(native, point, partial(made, symbolic=True))
    except TooIrregular as reason:
        return try_sizes(native, axes, fields, partial(made, symbolic=False), tried, _told(reason, native))
    works = Region(())
    for variant in variants:
        works |= variant.region
    alike = works.equal(tuple(i for i, axis in enumerate(axes) if axis.input == axes[0].input), point)
    alone = tuple(works.at(i, point) for i in range(len(axes)))
    at = partial(_calculated, variants, refusals, partial(_fits, native, made))
    return Sizes(native.name, axes, works, alike, alone, variants, refusals, fields, _at=at)


def _told(reason: TooIrregular, native: Graph) -> str:
    """Why there is no formula, with the line of the spec, where one is to blame."""
    place = reason.place
    if not isinstance(place, Span) or not reason.has_place:
        return str(reason)
    own = place.source.name == native.span.source.name
    return f"{reason} ({f'line {place.line}' if own else f'{Path(place.source.name).name}:{place.line}'})"


def made_at(
    native: Graph, axes: Sequence[SizeAxis], elaborate: Elaborate, sizes: SizePoint, symbolic: bool
) -> tuple[Graph | Diagnostic, int]:
    shapes = {name: list(x.shape) for name, x in zip(native.input_names, native.inputs, strict=True)}
    for axis, size in zip(axes, sizes, strict=True):
        shapes[axis.input][axis.axis] = size
    return elaborate({name: tuple(shape) for name, shape in shapes.items()}, symbolic)


def _fits(native: Graph, made: Callable[[SizePoint, bool], tuple[Graph | Diagnostic, int]], sizes: SizePoint) -> bool:
    """Whether the weights of the native size fit, found by elaborating: where no formula tells."""
    graph, _ = made(sizes, False)
    return isinstance(graph, Graph) and weight_tree(graph) == weight_tree(native)


def size_axes(graph: Graph) -> tuple[SizeAxis, ...]:
    """The axes of its inputs whose size may change: all but the channels."""
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


Traced = tuple[Graph, Totals, WeightTree, tuple[MapSize, ...], tuple[Loss, ...], tuple[Mixing, ...]] | Diagnostic


def _explored(
    native: Graph, point: SizePoint, make: Callable[[tuple[int, ...]], tuple[Graph | Diagnostic, int]]
) -> tuple[tuple[SizeVariant, ...], tuple[Refusal, ...]]:
    def run(sizes: tuple[int, ...]) -> Traced:
        graph, work = make(sizes)
        spend(EVALUATION * work)
        if isinstance(graph, Diagnostic):
            return graph
        found = graph, totals(graph), weight_tree(graph), tuple(_maps(graph)), losses(graph), mixing(graph)
        if read_as_text():
            raise TooIrregular("a size is read as text")
        return found

    wanted = weight_tree(native)
    variants, refusals = [], []
    for outcome in explore(everything(len(point)), point, run):
        if isinstance(outcome.result, Diagnostic):
            refusals.append(Refusal(outcome.region, outcome.result))
        else:
            variants.append(_variant(outcome, wanted, point))
    return tuple(_merged(variants)), tuple(refusals)


def _variant(outcome: Outcome[Traced], wanted: WeightTree, point: SizePoint) -> SizeVariant:
    assert not isinstance(outcome.result, Diagnostic)
    graph, sums, weights, maps, lost, mixed = outcome.result
    return SizeVariant(
        region=outcome.region,
        outputs=tuple(_shape(x.shape) for x in graph.output_types),
        params=products(sums.params),
        macs=products(sums.macs),
        activations=products(sums.activations),
        maps=maps,
        losses=lost,
        weights=_fitting(weights, wanted, outcome.region, len(point)),
        mixing=mixed,
    )


def _fitting(given: WeightTree, wanted: WeightTree, region: Region, axes: int) -> Region | None:
    try:
        return same_weights(given, wanted, region, axes)
    except TooIrregular:
        return None


def _merged(variants: list[SizeVariant]) -> list[SizeVariant]:
    """Variants with equal formulas become one."""
    found: list[SizeVariant] = []
    for variant in variants:
        for index, other in enumerate(found):
            if _formulas(other) == _formulas(variant):
                weights = None if other.weights is None or variant.weights is None else other.weights | variant.weights
                found[index] = replace(other, region=other.region | variant.region, weights=weights)
                break
        else:
            found.append(variant)
    return found


def _formulas(v: SizeVariant) -> tuple[object, ...]:
    return v.outputs, v.params, v.macs, v.activations, v.maps, v.losses, v.mixing


def _shape(shape: tuple[int, ...]) -> ShapeFormula:
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
    variants: Sequence[SizeVariant], refusals: Sequence[Refusal], fits: Callable[[SizePoint], bool], sizes: SizePoint
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
