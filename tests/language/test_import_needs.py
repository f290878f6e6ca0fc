"""What timm's models need beyond plain layers: each item of a survey has a spec here that runs, or a reason.

The survey is tests/oracle/data/import_needs.csv: 431 models of timm 1.0.31, weighted to all 1,371 of them, an item for
each thing that had no word, with the share of models that need it.
"""

from __future__ import annotations

import csv
from pathlib import Path

import torch

from archdsl import loads

DATA = Path(__file__).parents[1] / "oracle" / "data" / "import_needs.csv"

# Input shapes and body of a network; names of std before `|`.
SPECS = {
    "constant tensors (arange, grids, masks, tables worked out once)": "x: [8, 4] = x * (constant(range(8)) -> cos)",
    "other axes folded into the batch (windows): the importer must see it, no word is missing": """x: [8, 8, 16] {
        w = x -> reshape([2, 4, 2, 4, 16]) -> transpose(1, 2) -> reshape([4, 16, 16])
        return w -> linear(16)
    }""",
    "linear on [H, W, C] and more axes": "x: [7, 7, 16] = x -> linear(32)",
    "gather from a learned table by a constant index (relative position bias)": """relative_index | x: [9, 8] {
        table = learned([25, 2], "normal", batch_axis = false)
        bias = table -> take(relative_index(3, 3)) -> reduce("mean", axis = 2) -> reduce("mean", axis = 1)
        return x + (bias -> flatten(1))
    }""",
    "expression of parameters (exp, softmax, sum, product of learned tensors)": """x: [8, 4] {
        scale = (learned([8], "normal") -> softmax) * (learned([8], 0.5) -> exp)
        return x * scale
    }""",
    "sdpa with a mask or bias operand": """q: [2, 5, 8] {
        past = constant([[0 if j <= i else -100 for j in range(5)] for i in range(5)]) -> reshape([1, 5, 5])
        return [q, q, q, past] -> sdpa
    }""",
    "normalize / vector norm": "normalize | x: [5, 8] = x -> normalize",
    "expand / repeat of an activation (broadcast)": "x: [8, 4], c: [8, 1] = [x * c, x] -> concat",
    "elementwise along the last axis of [H, W, C] (layer scale, channels last)": """x: [7, 7, 16] {
        return x * learned([1, 1, 16], 1e-6, batch_axis = false)
    }""",
    "rms_norm": "x: [5, 8] = x -> rms_norm",
    "convolution, pool or batch norm over folded batch (windows, patches, scales)": """x: [4, 3, 8, 8] {
        return x -> each(conv(8, 3) -> bn -> relu -> max_pool(2))
    }""",
    "computed weights: weight standardisation": "std_conv | x: [4, 8, 8] = x -> std_conv(8, 3)",
    "roll": "roll | x: [8, 8, 4] = x -> roll(-3, axis = 0)",
    "hardtanh as relu6": "x: [4, 8, 8] = x -> clamp(0, 6)",
    "pad of folded or channels-last maps, of channels": """x: [7, 7, 4] {
        return x -> pad((0, 1), axis = 0) -> pad((0, 1), axis = 1)
    }""",
    "einsum (as matmul and permutes)": "x: [2, 5, 8], y: [2, 7, 8] = [x, y -> transpose(1, 2)] -> matmul",
    "resize of a parameter (position embedding, bias table)": """x: [16, 14, 14] {
        return x + (learned([16, 7, 7], "normal") -> upsample(size = (14, 14), mode = "bicubic"))
    }""",
    "computed bias (cat of q, zeros, v)": """x: [5, 8] {
        bias = [learned([8], batch_axis = false), constant([0] * 8), learned([8], batch_axis = false)] -> concat
        return (x -> linear(24, bias = false)) + (bias -> reshape([1, 24]))
    }""",
    "unfold / fold (im2col)": "x: [4, 8, 8] = x -> unfold(3, padding = 1) -> fold((8, 8), 3, padding = 1)",
    "computed weights: convolution with a per-sample kernel": """x: [4, 8, 8] {
        return [x, x -> global_avg_pool -> conv(36) -> reshape([4, 1, 3, 3])] -> convolve(groups = 4)
    }""",
    "elementwise functions: exp, log, abs, sin, cos, softplus": """x: [8] {
        return x -> abs -> softplus -> log -> sin -> cos -> exp
    }""",
    "norm with a scale but no shift": "x: [5, 8] = x -> layer_norm(shift = false)",
    "addcmul": "x: [8], y: [8], z: [8] = x + y * z * 0.5",
    "upsample bicubic / antialias": """x: [4, 8, 8] {
        return x -> upsample(size = (6, 6), mode = "bicubic", antialias = true)
    }""",
    "pad by reflection, edge or wrap": """x: [4, 8, 8] {
        return x -> pad(2, "reflect") -> pad(1, "replicate") -> pad(1, "circular")
    }""",
    "buffer as operand (mask, table)": "x: [8, 4] = x * (constant(range(8), persistent = true) as steps)",
    "cumsum": """x: [5, 8] {
        return [constant([[1 if j <= i else 0 for j in range(5)] for i in range(5)]), x] -> matmul
    }""",
    "variance along axes": """x: [5, 8] {
        return x - (x -> reduce("mean", axis = 1)) -> power(2) -> reduce("mean", axis = 1)
    }""",
    "clamp": "x: [8] = x -> clamp(-1, 1)",
    "flip": "x: [5, 8] = x -> flip",
    "other: meshgrid": """x: [2, 4, 4] {
        grid = [constant(range(4)) -> reshape([1, 4, 1]), constant(range(4)) -> reshape([1, 1, 4])]
        return x * (grid[0] * 4.0 + grid[1])
    }""",
    "elementwise between other ranks": "x: [7, 7, 4], v: [4] = x * (v -> reshape([1, 1, 4]))",
    "other: arange": "x: [8, 4] = x * constant(range(8))",
    "bidirectional LSTM / GRU over rows": "gru, bidirectional | x: [6, 6, 8] = x -> each(bidirectional(gru(4)))",
    "computed weights: other": """x: [4, 8, 8] {
        kernel = learned([8, 4, 3, 3], "fan_in", batch_axis = false)
        return [x, kernel * (learned([8, 1, 1, 1], 1, batch_axis = false) -> sigmoid)] -> convolve
    }""",
    "pad by a negative amount (crop)": "x: [4, 8, 8] = x -> crop(1)",
    "other: __floordiv__": "x: [4, 8, 8] = x -> adaptive_avg_pool((x.height // 3, x.width // 3))",
    "other: remainder": "x: [4, 8, 8] = x -> pad((0, (-x.width) % 3))",
}
DEPENDS_ON_DATA = {
    "boolean masks of activations": "which elements stay is decided by the data",
    "gather, top-k, one-hot, sort": "places that the data decides",
    "other: all": "a branch that the data decides",
}


def test_each_item_has_a_spec_that_runs() -> None:
    with DATA.open(encoding="utf-8") as file:
        share = {row["item"]: float(row["share_of_timm"].rstrip("%")) for row in csv.DictReader(file)}
    assert share.keys() == SPECS.keys() | DEPENDS_ON_DATA.keys() and not SPECS.keys() & DEPENDS_ON_DATA.keys()
    for item, written in SPECS.items():
        words, _, body = written.rpartition("| ")
        head, sign, rest = body.partition(" = " if "{" not in body.partition("\n")[0] else " {")
        text = f"network n({head}){sign}{rest}\n"
        network = loads(f"import std: {words}\n{text}" if words else text)
        inputs = [torch.rand(2, *type_.shape) for type_ in network.graph.inputs]
        made = network.build().eval()(*inputs)
        assert list(made.shape[1:]) == list(network.graph.output_types[0].shape) and made.isfinite().all(), item
    # Of what is asked for, by how many models ask for it.
    assert sum(share[item] for item in SPECS) > 0.99 * sum(share.values())
