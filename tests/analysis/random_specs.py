"""Random specs in the text of the language whose shapes follow from the input size by all kinds of ops and tests."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

CHANNELS = 4
STEPS = (
    "conv({c}, {k}, {s})",
    "conv({c}, {k}, {s}, padding = {p})",
    'conv({c}, {k}, {s}, padding = "same")',
    "conv({c}, {k}, padding = 0, dilation = {s})",
    "max_pool({k}, {s}, 0, ceil = true)",
    "max_pool({k}, {s}, ceil = true)",
    "avg_pool({k}, {s})",
    "max_pool({s})",
    'max_pool({k}, {s}, "same")',
    "depthwise({k}, ({s}, 1))",
    "conv_transpose({c}, {k}, {s}, padding = 0)",
    "upsample({s})",
    'upsample(1.5, mode = "bilinear")',
    "pad(((0, {p}), ({s}, 0)))",
    "crop({p})",
    "pixel_unshuffle({s}) -> conv({c})",
    "slice({p}, -1, {s}, axis = 1)",
    "split(2, axis = 2) -> concat",
    "chunk(2, axis = 1) -> concat(axis = 1)",
    "transpose(1, 2)",
    "se({p} + 1)",
    "factorized_reduction({c})",
    "relu",
)
JOINS = (
    "x + y",
    "[x, y] -> concat -> conv({c})",
    "[x, y] -> concat(axis = 1)",
    "x + (y -> upsample(size = x.shape[1:]))",
    "x if x.height > y.height else y",
    "x * (y -> global_avg_pool -> conv(x.channels))",
    "x -> conv({c}, 3, 2) if x.width % {s} == 0 or x.height == {k} else x",
    "[x -> flatten(1), y -> flatten(1)] -> matmuls",
)
ENDS = (
    "x",
    "x -> global_avg_pool -> linear(3)",
    "x -> flatten -> linear(3)",
    "x -> adaptive_avg_pool(3) -> flatten -> linear(2)",
    "x -> flatten(1) -> transpose -> self_attention(2)",
    "x -> linear(3)",
)


@dataclass(frozen=True)
class Line:
    """One statement: a step or a join, which of x and y it changes, and its numbers."""

    join: bool
    which: int
    target: str
    kernel: int
    stride: int
    amount: int

    def text(self) -> str:
        body = (JOINS if self.join else STEPS)[self.which % len(JOINS if self.join else STEPS)]
        body = body.format(c=CHANNELS, k=self.kernel, s=self.stride, p=self.amount)
        return f"    {self.target} = " + (body if self.join else f"{self.target} -> {body}")


LINES = st.builds(
    Line,
    st.sampled_from((False, False, True)),
    st.integers(0, len(STEPS) * len(JOINS) - 1),
    st.sampled_from(("x", "x", "y")),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 2),
)
SPECS = st.tuples(
    st.lists(LINES, min_size=1, max_size=5), st.lists(LINES, min_size=1, max_size=5), st.sampled_from(ENDS)
)


def spec(drawn: tuple[list[Line], list[Line], str], size: tuple[int, int]) -> str:
    """A block of the first lines, applied twice in a network of the others."""
    block, network, end = ("\n".join(line.text() for line in drawn[0]), drawn[1], drawn[2])
    lines = "\n".join(line.text() for line in network)
    return (
        "import std: se, factorized_reduction, self_attention\n"
        "block matmuls(a, b) = [a, b -> transpose] -> matmul -> reshape([1, a.channels, b.channels])\n"
        f"block unit(x) {{\n    y = x\n{block}\n    return x\n}}\n"
        f"network n(x: [{CHANNELS}, {size[0]}, {size[1]}]) {{\n    y = x -> unit\n    x = x -> relu\n{lines}\n"
        f"    x = x -> unit\n    return {end}\n}}\n"
    )
