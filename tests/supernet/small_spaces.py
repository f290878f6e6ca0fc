"""Small spaces of all kinds, for supernets: cells of papers with few channels, and what steers."""

from __future__ import annotations

import archdsl
from archdsl.elaborate.spec import Spec
from archdsl.source import Source
from archdsl.spaces.space import Space

NASBENCH = """
import nasbench201: OPS, residual, searched
import std: conv_bn

network nasbench(x: [3, 8, 8]; n = 2, width = 4) {
    ops = [oneof(OPS) for _ in range(6)]
    x = x -> conv_bn(width, 3) -> searched(ops) * n -> residual(2 * width) -> searched(ops) * n
    return x -> bn -> relu -> global_avg_pool -> linear(10)
}
"""

DARTS = """
import darts: sep3, sep5, dil3, avg3, max3, skip
import std: conv_bn, relu_conv_bn, factorized_reduction

block none(x; c, stride) = x * 0.0 -> avg_pool(1, stride)

OPS = [none, skip, sep3, sep5, dil3, avg3, max3]

## All edges, an op on each; as DARTS searches.
cell edges(h, p; c, stride = 1, steps = 2) {
    p = p -> relu -> factorized_reduction(c) if p.height > h.height else p -> relu_conv_bn(c)
    states = [p, h -> relu_conv_bn(c)]
    for i in range(steps) {
        edges = [s -> oneof(OPS)(c = c, stride = stride if j < 2 else 1) for j, s in enumerate(states)]
        states = states + [edges -> add]
    }
    return states[2:] -> concat
}

cell normal = edges()
cell reduction = edges(stride = 2)

## Two edges for each node; as DARTS derives.
cell derived(h, p; c) {
    states = [p -> relu_conv_bn(c), h -> relu_conv_bn(c)]
    for i in range(3) {
        a, b = someof(states, 2)
        states = states + [(a -> oneof(OPS)(c = c, stride = 1)) + (b -> oneof(OPS)(c = c, stride = 1))]
    }
    return states[2:] -> concat
}

network darts(x: [3, 8, 8]; c = 4) {
    stem = x -> conv_bn(3 * c, 3)
    h, p = [stem, stem] -> normal(c), stem
    h, p = [h, p] -> reduction(2 * c), h
    h, p = [h, p] -> normal(2 * c), h
    return h -> global_avg_pool -> linear(10)
}

network darts_derived(x: [3, 8, 8]; c = 4) {
    stem = x -> conv_bn(c, 3)
    h, p = [stem, stem] -> derived(c), stem
    h, p = [h, p] -> derived(c), h
    return h -> global_avg_pool -> linear(10)
}
"""

PNAS = """
cell pnas_cell(h, p; f) {
    h = h -> conv(f) -> bn
    p = p -> conv(f) -> bn
    states = [h, p]
    for b in range(3) {
        left = oneof(states) -> oneof([conv(f, 3), conv(f, 1, bias = false) -> bn, max_pool(3, 1, "half"), id])
        right = oneof(states) -> oneof([conv(f, 3), avg_pool(3, 1, "half"), relu])
        states = states + [left + right]
    }
    return loose() -> concat
}

network pnas(x: [3, 8, 8]; f = 4) {
    h, p = x -> conv(f, 3), x
    for i in range(3) { h, p = [h, p] -> pnas_cell(f), h }
    return h -> global_avg_pool -> linear(10)
}
"""

ENAS = """
import std: conv_bn, relu_conv_bn, factorized_reduction

block separable(x; f, kernel) = x -> depthwise(kernel, bias = false) -> conv_bn(f)

network enas(x: [3, 8, 8]; layers = 4, f = 4) {
    tensors = [x -> conv_bn(f, 3)]
    for i in range(layers) {
        y = tensors[-1] -> oneof([relu_conv_bn(f, 3), relu_conv_bn(f, 5), separable(f, 3), separable(f, 5),
            avg_pool(3, 1, "half"), max_pool(3, 1, "half")])
        if i > 0 { y = [tensors[j] for j in range(i) if oneof([true, false])] + [y] -> concat -> relu_conv_bn(f) }
        tensors = tensors + [y]
        if i == 1 {
            f = 2 * f
            tensors = [t -> factorized_reduction(f) for t in tensors]
        }
    }
    return tensors[-1] -> global_avg_pool -> linear(10)
}
"""

MOBILE = """
block mb(x; out, stride = 1) {
    hidden = x.channels * oneof([2, 3])
    y = x -> conv(hidden, 1) -> bn -> relu -> depthwise(oneof([3, 5]), stride) -> bn -> relu -> conv(out, 1) -> bn
    return y + x if stride == 1 and out == x.channels else y
}

network mobile(x: [3, 16, 16]) {
    x = x -> conv(oneof([4, 6]), 3, 2) -> bn
    for width in [4, 8] {
        x = x -> mb(width, 2)
        x = x -> mb(width) * oneof([1, 2, 3])
    }
    return x -> global_avg_pool -> linear(10)
}
"""

STEERED = """
block twice(x) {
    if oneof([true, false]) { return x -> conv(x.channels, 3) -> relu }
    return x
}

block nested(x) = x -> oneof([conv(oneof([4, 8])) -> conv(4), twice, shared_pair])

block shared_pair(x) {
    shared f = conv(4, 3) -> bn
    return x -> f -> oneof([relu, tanh]) -> f
}

network steered(x: [4, 8, 8]) {
    x = x -> nested -> twice -> nested
    tails = [x -> conv(4), x -> relu -> conv(8, oneof([1, 3])), x]
    x = oneof(tails) -> bn
    while_open = [x] + oneof([[], [x -> conv(2)], [x -> conv(2), x -> relu]])
    x = while_open -> concat -> conv(oneof([4, 6])) -> relu
    return (x -> conv(5)) * oneof([0.5, 2.0]) -> global_avg_pool -> linear(3)
}
"""

RECURRENT = """
cell step(x, h: [4]) = (x + h) -> linear(4) -> oneof([tanh, sigmoid, relu])

network recurrent(x: [6, 4]) = x -> scan(step)
"""

ELEMENTS = """
block unit(x) = x -> oneof([conv(4, 3), conv(4)]) -> bn
block both(x) = x -> unit, x -> oneof([relu, tanh])

network elements(x: [3, 4, 6, 6]) {
    a, b = x -> each(both)
    y = a + b -> each(oneof([relu, unit]))
    y = y -> each(conv(oneof([4, 6]), 3) -> conv(4))
    return y -> oneof([each(max_pool(2)), each(unit -> max_pool(2))])
}
"""

SIZES = """
network sizes(x: [3, size, size]; size = oneof([8, 16])) = x -> conv(4, oneof([1, 3])) -> bn -> global_avg_pool
"""

SPACES = {
    "nasbench": NASBENCH,
    "darts": DARTS,
    "darts_derived": DARTS,
    "pnas": PNAS,
    "enas": ENAS,
    "mobile": MOBILE,
    "steered": STEERED,
    "recurrent": RECURRENT,
    "elements": ELEMENTS,
    "sizes": SIZES,
}


def space(name: str) -> Space:
    """A space of these."""
    return archdsl.space(Spec(Source("small.arch", SPACES[name])), name)
