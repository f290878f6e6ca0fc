"""Every op on symbolic sizes: its example at all neighbouring sizes, by formula and by plain numbers."""

from __future__ import annotations

from itertools import product

import pytest

from archdsl.analysis.sizes.products import value_at
from archdsl.analysis.sizes.regions import everything
from archdsl.analysis.sizes.sets import TooIrregular
from archdsl.analysis.sizes.traced import Outcome, explore, products, read_as_text
from archdsl.ops import registry
from archdsl.ops.base import Example, Op, OpError, Types, apply, spatial_axes
from archdsl.ops.convolve import Convolve
from archdsl.ops.examples import op_of
from archdsl.ops.unpool import MaxUnpool
from archdsl.types import TensorType

# Ops, or single calls, whose examples have no formula: a product of sizes is divided by a number, or compared with one;
# the sizes of a second input, here free, must be those that a window with a stride makes of the first, or are a
# window beside it.
IRREGULAR = {
    "reshape",
    *(example.call for example in (*Convolve.examples, *MaxUnpool.examples)),
    "deform_conv(6, (1, 3), 2, groups = 2, bias = false)",
}

Facts = tuple[tuple[tuple[int, ...], ...], int, int] | None


def facts(op: Op, inputs: Types) -> Facts:
    """Shapes of the results, macs, and weight elements; None where the op refuses."""
    try:
        resolved, results = apply(op, inputs)
    except OpError:
        return None
    weights = sum(weight.size for weight in resolved.weights(inputs))
    return tuple(x.shape for x in results), resolved.macs(inputs, results), weights


def extents(inputs: Types) -> tuple[int, ...]:
    """The numbers that stand for sizes: along all axes but the channels, each number one symbol wherever it stands."""
    rank = max(x.rank for x in inputs)
    mapped = [x for x in inputs if x.rank > 1 or rank == 1]
    return tuple(sorted({x.shape[axis] for x in mapped for axis in spatial_axes(x)} - {1}))


def resized(inputs: Types, native: tuple[int, ...], sizes: tuple[int, ...]) -> Types:
    """The operands with other sizes for the numbers `native`."""
    new = dict(zip(native, sizes, strict=True))
    rank = max(x.rank for x in inputs)
    made = []
    for x in inputs:
        axes = spatial_axes(x) if x.rank > 1 or rank == 1 else range(0)
        shape = tuple(new.get(n, n) if axis in axes else n for axis, n in enumerate(x.shape))
        made.append(TensorType(shape, x.dtype))
    return tuple(made)


EXAMPLES = [
    pytest.param(op, example, id=f"{example.call} {example.inputs[0]}")
    for name in registry.names()
    if (op := registry.load(name)) is not None
    for example in op.examples
    if example.inputs and extents(example.inputs)
]


@pytest.mark.parametrize(("op", "example"), EXAMPLES)
def test_results_at_other_sizes(op: type[Op], example: Example) -> None:
    applied = op_of(example.call)
    native = extents(example.inputs)

    def run(sizes: tuple[int, ...]) -> tuple[Facts, bool]:
        return facts(applied, resized(example.inputs, native, sizes)), read_as_text()

    found: list[Outcome[tuple[Facts, bool]]] = []
    try:
        found += explore(everything(len(native)), native, run)
    except TooIrregular:
        assert IRREGULAR & {op.name, example.call}
        return
    assert not IRREGULAR & {op.name, example.call}
    near = [sorted({1, 2, max(n - 3, 1), max(n - 1, 1), n, n + 1, n + 2}) for n in native]
    for point in product(*near):
        (outcome,) = [outcome for outcome in found if point in outcome.region]
        by_formula, as_text = outcome.result
        plain = facts(applied, resized(example.inputs, native, point))
        assert (by_formula is None) == (plain is None), point
        if by_formula is not None and plain is not None:
            assert not as_text
            shapes, *numbers = by_formula
            assert tuple(tuple(value_at(products(n), point) for n in shape) for shape in shapes) == plain[0], point
            assert [value_at(products(n), point) for n in numbers] == list(plain[1:]), point
