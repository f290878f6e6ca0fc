"""Random specs in the text of the language, full of what figures fold: repeats, cells of several states, branches.

Covered: blocks of several inputs and outputs, calls whose arguments vary along a loop, variants by argument and by
channels, recursion, shared stages, scans, picks, concat with repeated operands,
`x + x`, tensors tapped between repeats, equal branches side by side, learned tensors, gates.
"""

from __future__ import annotations

import random

_OPS = (
    "conv({c}, {k})",
    "conv({c}, {k}) -> bn -> relu",
    "bn -> relu -> conv({c}, 3, bias = false)",
    "conv({c}, 3, padding = 0) -> pad(1)",
    "conv({c}, 3, groups = {g}, bias = {b})",
    "depthwise({k}) -> bn(eps = 1e-{e})",
    "avg_pool(3, 1, count_padding = {b})",
    "max_pool(3, 1)",
    "relu",
    "sigmoid",
    "leaky_relu(0.{e})",
    "elu({e})",
    "group_norm({g})",
    "dropout(0.{e}, channels = {b})",
    "channel_shuffle({g})",
    "slice({z}, {z} + 4, axis = 0) -> conv({c})",
    "transpose(1, 2)",
    "softmax(axis = {z})",
    'reduce("sum", axis = {o}) -> upsample(size = (6, 6))',
    "instance_norm(affine = {b})",
)
_JOINS = (
    "{x} + {y}",
    "{x} - {y}",
    "[{x}, {y}, {x}] -> add",
    "[{x}, {y}] -> concat -> conv({c})",
    "[{y}, {x}, {x}] -> concat -> conv({c}, bias = {b})",
    "{x} * ({y} -> conv({c}) -> sigmoid)",
    "[{x}, {y}] -> two({k})",
    "[{y}, {x}] -> two({k})",
    "([{x}, {y}] -> state)[{z}]",
    "[{x} -> conv(4) -> relu -> conv({c}) for _ in range({n})] -> {join}",
    "[{x} -> unit({c}, {k}) for _ in range({n})] -> {join} -> conv({c})",
    "({x} -> split([4, 4])) -> [id, conv(4, 3)] -> concat",
    "[{x}, learned([8, 1, 1])] -> mul",
)
_REPEATS = (
    "{x} -> unit({c}, {k}) * {n}",
    "{x} -> unit({c}, 1) -> unit({c}, 3) * {n}",
    "{x} -> (unit({c}, {k}) -> gated({g})) * {n}",
    "{x} -> grow * {n} -> conv({c})",
    "{x} -> recursive({n})",
    "{x} -> either * 2",
    "{x} -> conv(4) -> unit({c}, {k}) -> unit({c}, {k})",
    "{x} -> conv({c}, 3) * {n}",
    "{x} -> f -> f",
    "{x} -> twice(unit({c}, {k}))",
    "{x} -> seen * {n}",
)
_LOOPS = (
    "for i in range({n}) {{ x, y = [[x, y] -> two({k}), x] }}",
    "for i in range({n}) {{ x, y = [x, y] -> state }}",
    "for i in range({n}) {{ x = [x, m] -> two(i % 2 * 2 + 1) }}",
    "for i in range({n}) {{ x = x -> unit({c}, 1 if i < {z} + 1 else 3) }}",
    "for i in range({n}) {{ x = x -> unit({c}, i % 2 * 2 + 1)\n    if i == {z} {{ y = x }} }}",
    "for i in range({n}) {{ x = x -> many(i, [{k}, i]) }}",
    'for i in range({n}) {{ x = x -> many({n} - i, [1, "{c} or {k} " * 9]) }}',
    "for i in range({n}) {{ x = x -> wide(i + 1, {g}, 2 * i + 2, {n}) -> conv({c}) }}",
    "for i in range({n}) {{ x = [x, x] -> two({k}) }}",
)
_BLOCKS = """
block unit(x; width, k) {
    y = x -> conv(width, k) -> bn -> relu UNIT
    return y if x.channels != width else x + y
}
block two(a, b; k) = (a -> conv(8, k)) BOTH (b -> TWO)
block state(h, c) {
    n = [h, c] -> concat -> conv(8) -> CELL
    return n * c, n + h
}
block grow(x) = [x, x -> conv(4, 3) -> relu] -> concat
block recursive(x; depth) {
    if depth == 0 { return x -> conv(8, 3) }
    return [x -> recursive(depth - 1), x -> recursive(depth - 1) -> relu] -> add
}
block gated(x; r) = x * (x -> global_avg_pool -> conv(r) -> relu -> conv(x.channels) -> sigmoid)
block either(x) = x -> oneof([conv(8, 3) -> relu, max_pool(3, 1) -> conv(8), id])
block many(x; kind, table) {
    if kind == 0 { return x -> conv(8, table[0]) -> bn }
    if kind == 1 { return x -> conv(8) -> max_pool(3, 1) }
    if kind == 2 { return x + (x -> conv(8, table[0])) }
    if kind == 3 { return [x, x -> many(0, table)] -> concat -> conv(8) }
    return x -> unit(8, kind % 2 * 2 + 1) -> unit(8, 3) -> unit(8, 1)
}
block wide(x; a, b, c, d) = [x -> conv(a), x -> conv(b, 3), x -> conv(c, 3) -> relu, x -> max_pool(3, 1) -> conv(d)]
    -> concat
block twice(x; stage) = x -> stage -> stage
block seen(x) = x -> conv(8) -> bn
block rnn(x, h: [8]) = [x, h] -> concat -> linear(8) -> tanh
"""
_NETWORK = """
network n(x: [CH, 6, 6]) {
    shared f = SHARED
    x = x -> conv(8)
    y = x -> relu
    m = x -> bn
LINES
    z = x -> global_avg_pool
    return END
}
"""
_ENDS = (
    "x",
    "x, y",
    "z -> linear(10)",
    "[x, y] -> concat -> global_avg_pool -> linear(10)",
    "y, x, y",
    "x -> flatten(1) -> transpose -> scan(rnn)",
)


def random_spec(seed: int) -> str:
    """A spec of blocks and one network `n`; most are right."""
    rng = random.Random(seed)

    def fill(text: str) -> str:
        x, y = rng.choice(("xy", "yx", "xx", "xm", "mx"))
        return text.format(
            c=8, k=rng.choice((1, 3)), g=rng.choice((1, 2, 4)), b=rng.choice(("true", "false")), e=rng.randint(1, 4),
            z=rng.randint(0, 1), o=rng.randint(1, 2), n=rng.randint(2, 6), x=x, y=y,
            join=rng.choice(("add", "concat", "maximum", "mean", "mul")),
        )  # fmt: skip

    def line() -> str:
        kind = rng.random()
        if kind < 0.25:
            return fill(rng.choice(_LOOPS))
        target = rng.choice("xxxy")
        if kind < 0.5:
            return f"{target} = " + fill(rng.choice(_REPEATS)).replace("CH", "8")
        if kind < 0.75:
            return f"{target} = " + fill(rng.choice(_JOINS))
        return f"{target} = {target} -> " + fill(rng.choice(_OPS))

    blocks = _BLOCKS.replace("UNIT", "-> " + fill(rng.choice(_OPS)) if rng.random() < 0.5 else "")
    blocks = blocks.replace("BOTH", rng.choice("+-*")).replace("TWO", fill(rng.choice(_OPS)))
    blocks = blocks.replace("CELL", rng.choice(("relu", "sigmoid", "conv(8, 3) -> relu")))
    network = _NETWORK.replace("CH", rng.choice(("3", "8")))
    network = network.replace("SHARED", fill(rng.choice(_OPS))).replace("END", rng.choice(_ENDS))
    lines = "\n".join("    " + line() for _ in range(rng.randint(2, 7)))
    return f"arch 1\n{blocks}{network.replace('LINES', lines)}"
