"""What ops refuse: the code, the message in the reader's words, the argument or operand at fault, and what to do."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from archdsl.diagnostics.catalog import codes
from archdsl.ops import arguments, registry
from archdsl.ops.arguments import LIMIT
from archdsl.ops.base import ArgumentType, OpError, apply, parameters
from archdsl.ops.examples import op_of
from archdsl.types import TensorType

OPS = Path(registry.__file__).parent
KERNEL = TensorType((4, 32, 3, 3))
MAP, VECTOR, IDS = TensorType((64, 8, 9)), TensorType((64,)), TensorType((16,), "int")

REFUSED = [
    ("conv(8)", (VECTOR,), "wrong-rank", "conv needs a map [C, L], [C, H, W] or [C, D, H, W], got [64]", 0),
    (
        "conv(8, (3, 3, 3))",
        (MAP,),
        "bad-argument-value",
        "kernel (3, 3, 3) has 3 sizes, but [64, 8, 9] has 2",
        "kernel",
    ),
    ("conv(8, groups = 3)", (MAP,), "channels-not-divisible", "conv cannot split 64 input channels into 3", "groups"),
    ("conv(9, groups = 2)", (MAP,), "channels-not-divisible", "conv cannot split 9 output channels into 2", "groups"),
    ("conv(8, 11, 1, 0)", (MAP,), "empty-result", "conv with kernel 11 does not fit in axis 1 of [64, 8, 9]", "kernel"),
    ("conv(8, 5, 1, 0, 3)", (MAP,), "empty-result", "conv with kernel 5 (spans 13 at dilation 3) does not", "kernel"),
    ("clamp", (MAP,), "bad-argument-value", "clamp without a bound changes nothing", None),
    ("clamp(3, 3)", (MAP,), "bad-argument-value", "clamp from 3.0 to 3.0 gives one number", "high"),
    ("depthwise(3)", (VECTOR,), "wrong-rank", "depthwise needs a map", 0),
    (
        "conv_transpose(8, 2)",
        (MAP,),
        "odd-transpose",
        "conv_transpose with kernel 2, stride 1 and dilation 1",
        "kernel",
    ),
    (
        "conv_transpose(8, 4, 2, output_padding = 1)",
        (MAP,),
        "odd-transpose",
        "conv_transpose with kernel 4, stride 2, dilation 1 and output_padding 1 cannot make",
        "output_padding",
    ),
    (
        "conv_transpose(8, 3, 2, 0, output_padding = 2)",
        (MAP,),
        "bad-padding",
        "conv_transpose cannot add 2",
        "output_padding",
    ),
    (
        'conv_transpose(8, 3, 2, "same", output_padding = 1)',
        (MAP,),
        "bad-padding",
        "conv_transpose takes no",
        "output_padding",
    ),
    ("max_pool(3, 8, 3, true, 3)", (MAP,), "bad-padding", "max_pool with ceil pads by 3, more than half", "padding"),
    ("conv_transpose(8, 1, 1, 4)", (MAP,), "empty-result", "conv_transpose cuts all of [64, 8, 9] away", "padding"),
    ("conv_transpose(8, 3, groups = 5)", (MAP,), "channels-not-divisible", "conv_transpose cannot split", "groups"),
    ("max_pool(2, 2, 2)", (MAP,), "bad-padding", "max_pool pads by 2, more than half of its window of 2", "padding"),
    (
        "max_pool(4, 2, dilation = 3)",
        (TensorType((1, 2)),),
        "bad-padding",
        "a window of max_pool reads only padding along axis 1 of [1, 2]: its taps, 3 apart, step over all 2 elements",
        "dilation",
    ),
    ("avg_pool(3, 1, 2)", (MAP,), "bad-padding", "avg_pool pads by 2, more than half of its window of 3", "padding"),
    ("avg_pool(7)", (TensorType((4, 5, 5)),), "empty-result", "avg_pool with kernel 7 does not fit", "kernel"),
    ("avg_pool(3)", (TensorType((4, 1, 5, 5)),), "empty-result", "avg_pool with kernel 3 is larger than", "kernel"),
    ("global_avg_pool", (VECTOR,), "wrong-rank", "global_avg_pool needs a map", 0),
    ("adaptive_avg_pool((1, 2, 3))", (MAP,), "bad-argument-value", "size (1, 2, 3) has 3 sizes", "size"),
    ("linear(10)", (TensorType(()),), "wrong-rank", "linear needs an axis to work on, got []", 0),
    ("bn", (TensorType(()),), "wrong-rank", "bn needs one to four axes, channels first, got []", 0),
    ("group_norm(3)", (MAP,), "channels-not-divisible", "group_norm cannot split 64 channels into 3 groups", "groups"),
    ("group_norm(64)", (VECTOR,), "norm-of-one", "group_norm has one element to normalise at a time in [64]", 0),
    ("rms_norm", (TensorType(()),), "wrong-rank", "rms_norm needs an axis, got []", 0),
    ("batch_renorm(r_max = 0.5)", (MAP,), "bad-argument-value", "r_max is at least 1, got 0.5", "r_max"),
    ("batch_renorm(d_max = -1)", (MAP,), "bad-argument-value", "d_max is at least 0, got -1", "d_max"),
    ("instance_norm", (TensorType((4, 1, 1)),), "norm-of-one", "instance_norm has one element to normalise", 0),
    ("softmax", (TensorType((10, 1, 1)),), "bad-argument-value", "softmax along axis 2 of [10, 1, 1], which", "axis"),
    ("softmax(axis = 3)", (MAP,), "bad-axis", "softmax along axis 3: [64, 8, 9] has axes 0 to 2", "axis"),
    ("add", (MAP, VECTOR, TensorType((32, 8, 9))), "shape-mismatch", "cannot add [64, 8, 9] and [32, 8, 9]", 2),
    ("add", (), "wrong-input-count", "add takes at least 1 tensor, got 0", None),
    ("sub", (MAP,), "wrong-input-count", "sub takes 2 tensors, got 1", None),
    ("relu", (MAP, MAP), "wrong-input-count", "relu takes 1 tensor, got 2", None),
    ('scalar("/", 0)', (MAP,), "division-by-zero", "division by zero", "value"),
    (
        "concat",
        (MAP, TensorType((64, 8, 8))),
        "shape-mismatch",
        "cannot concat [64, 8, 9] and [64, 8, 8] along axis",
        1,
    ),
    ("concat", (MAP, VECTOR), "shape-mismatch", "cannot concat [64, 8, 9] and [64] along axis 0", 1),
    ("stack", (MAP, VECTOR), "shape-mismatch", "cannot stack [64, 8, 9] and [64]", 1),
    ("split(3)", (MAP,), "channels-not-divisible", "cannot split axis 0 of [64, 8, 9] into 3 equal parts", "sections"),
    ("split([60, 5])", (MAP,), "bad-argument-value", "split sizes (60, 5) add up to 65, but axis 0", "sections"),
    ("chunk(5, axis = 1)", (MAP,), "channels-not-divisible", "axis 1 of [64, 8, 9] cannot be cut into 5", "count"),
    ("slice(70)", (MAP,), "empty-result", "slice from 70 to end takes nothing of axis 0 of [64, 8, 9]", "begin"),
    ("reshape([7, -1])", (MAP,), "shape-mismatch", "cannot reshape [64, 8, 9] with 4608 elements to (7, -1)", "shape"),
    ("permute([0, 1, 1])", (MAP,), "bad-axis", "permute (0, 1, 1) does not name every axis of [64, 8, 9]", "order"),
    ("transpose", (VECTOR,), "bad-axis", "transpose along axis 1: [64] has axes 0 to 0", "second"),
    (
        "pad(((1, 2), (0, 1)))",
        (TensorType((4, 5)),),
        "bad-argument-value",
        "amounts of 2 axes are given for one axis",
        "amounts",
    ),
    ('pad(8, "reflect")', (MAP,), "bad-padding", "pad cannot mirror 8 elements of axis 1 of [64, 8, 9]", "amounts"),
    ('pad((8, 10), "circular")', (MAP,), "bad-padding", "pad cannot go around 10 elements of axis 2", "amounts"),
    ('pad(1, "reflect", 2)', (MAP,), "bad-argument-value", 'value has no meaning beside mode = "reflect"', "value"),
    ("pad(1, axis = 3)", (MAP,), "bad-axis", "pad along axis 3: [64, 8, 9] has axes 0 to 2", "axis"),
    ("crop(4)", (MAP,), "empty-result", "crop takes all of [64, 8, 9] away", "amounts"),
    ("channel_shuffle(3)", (MAP,), "channels-not-divisible", "channel_shuffle cannot split 64 channels", "groups"),
    ("pixel_shuffle(3)", (MAP,), "channels-not-divisible", "pixel_shuffle(3) needs a multiple of 9", "factor"),
    ("pixel_unshuffle(2)", (MAP,), "shape-mismatch", "pixel_unshuffle(2) needs height and width divisible", "factor"),
    ("shift(4)", (MAP,), "bad-argument-value", "shift needs an odd kernel, got 4", "kernel"),
    ("shift(9)", (MAP,), "channels-not-divisible", "shift(9) needs at least 81 channels, got 64", "kernel"),
    ("upsample(0.1)", (MAP,), "empty-result", "upsample by 0.1 leaves nothing of [64, 8, 9]", "scale"),
    ('upsample(mode = "linear")', (MAP,), "bad-argument-value", "upsample cannot use linear on [64, 8, 9]", "mode"),
    (
        'upsample(mode = "bicubic")',
        (TensorType((4, 9)),),
        "bad-argument-value",
        "upsample cannot use bicubic on [4, 9]",
        "mode",
    ),
    ("upsample(antialias = true)", (MAP,), "bad-argument-value", "torch has no antialias for nearest", "antialias"),
    (
        'upsample(mode = "bicubic", align_corners = true, antialias = true)',
        (MAP,),
        "bad-argument-value",
        "antialias has no meaning beside align_corners",
        "antialias",
    ),
    ("upsample(align_corners = true)", (MAP,), "bad-argument-value", "align_corners has no meaning", "align_corners"),
    ("matmul", (MAP, VECTOR), "wrong-rank", "matmul needs matrices [n, m] or stacks of them, got [64]", 1),
    ("matmul", (MAP, MAP), "shape-mismatch", "cannot multiply matrices [64, 8, 9] and [64, 8, 9]: 9 columns", 1),
    ("matmul", (MAP, TensorType((63, 9, 2))), "shape-mismatch", "matmul cannot pair [64, 8, 9] with [63, 9, 2]", 1),
    ("sdpa", (MAP, TensorType((64, 8, 5)), MAP), "shape-mismatch", "sdpa cannot compare queries", 1),
    ("sdpa", (MAP, MAP, TensorType((64, 7, 9))), "shape-mismatch", "sdpa has keys [64, 8, 9] and values [64, 7, 9]", 2),
    ("embedding(10, 4)", (VECTOR,), "wrong-dtype", "embedding needs a tensor of ints, got [64]", 0),
    ("trace", (VECTOR,), "wrong-rank", "trace needs a square matrix [n, n], got [64]", 0),
    ("upper_triangle", (TensorType((3, 4)),), "shape-mismatch", "upper_triangle needs a square matrix", 0),
    ("add_identity", (MAP,), "wrong-rank", "add_identity needs a square matrix [n, n], got [64, 8, 9]", 0),
    ("affine_grid(4)", (TensorType((6,)),), "shape-mismatch", "affine_grid needs a matrix [2, 3], got [6]", 0),
    ("affine_grid((4, 5, 6))", (TensorType((2, 3)),), "bad-argument-value", "affine_grid makes maps with two", "size"),
    ("grid_sample", (VECTOR, MAP), "wrong-rank", "grid_sample reads a map [C, H, W], got [64]", 0),
    ("grid_sample", (MAP, MAP), "shape-mismatch", "grid_sample needs a grid [2, h, w] of x and y, got [64", 1),
    ("deform_conv(4)", (VECTOR, MAP), "wrong-rank", "deform_conv needs a map [C, H, W], got [64]", 0),
    ("deform_conv(4)", (MAP, MAP), "shape-mismatch", "deform_conv needs offsets [18, 8, 9], got [64, 8, 9]", 1),
    ("deform_conv(4)", (MAP, TensorType((54, 8, 9))), "channels-not-divisible", "deform_conv cannot split 64", 1),
    (
        'deform_conv(4, 3, 2, "same")',
        (MAP, TensorType((18, 4, 5))),
        "bad-padding",
        "deform_conv cannot pad [64, 8, 9] on one side only",
        "padding",
    ),
    ("convolve", (VECTOR, MAP), "wrong-rank", "convolve needs a map [C, L]", 0),
    ("convolve", (MAP, MAP), "wrong-rank", "convolve needs for [64, 8, 9] a kernel [out, 64 / groups, h, w], got", 1),
    ("convolve", (MAP, KERNEL), "shape-mismatch", "convolve has 64 channels in [64, 8, 9], but a kernel [4, 32, 3", 1),
    ("convolve(groups = 2)", (MAP, TensorType((5, 32, 3, 3))), "channels-not-divisible", "convolve cannot", "groups"),
    ("convolve(padding = 0)", (TensorType((32, 2, 9)), KERNEL), "empty-result", "convolve with kernel 3", 1),
    ("unfold(3)", (VECTOR,), "wrong-rank", "unfold needs a map [C, H, W], got [64]", 0),
    ("unfold(9)", (MAP,), "empty-result", "unfold with kernel 9 does not fit in axis 1 of [64, 8, 9]", "kernel"),
    ('unfold(2, 1, "same")', (MAP,), "bad-padding", "unfold cannot pad [64, 8, 9] on one side only", "padding"),
    ("fold(8, 3)", (MAP,), "wrong-rank", "fold needs windows [C * kernel * kernel, L], got [64, 8, 9]", 0),
    ("fold(8, 3)", (TensorType((64, 36)),), "channels-not-divisible", "fold needs a multiple of 9 channels", "kernel"),
    (
        "fold(8, 4)",
        (TensorType((64, 36)),),
        "shape-mismatch",
        "fold puts 25 windows on a map [4, 8, 8], got 36",
        "size",
    ),
    ("max_unpool(2)", (MAP, MAP), "shape-mismatch", "max_unpool needs [64, 4, 4] for the windows of [64, 8, 9]", 0),
    ("max_unpool(3, 2)", (MAP, MAP), "bad-argument-value", "max_unpool cannot tell windows that overlap", "stride"),
    ('max_unpool(2, 2, "same")', (MAP, MAP), "bad-padding", "max_unpool cannot pad [64, 8, 9] on one", "padding"),
    ("roi_align(7)", (MAP, MAP), "shape-mismatch", "roi_align needs boxes [n, 4] of x1, y1, x2, y2, got [64", 1),
    ("roi_pool(7)", (VECTOR, MAP), "wrong-rank", "roi_pool needs a map [C, H, W], got [64]", 0),
    ("roi_pool((1, 2, 3))", (MAP, TensorType((9, 4))), "bad-argument-value", "roi_pool makes maps with two", "size"),
    ("dropout(channels = true)", (VECTOR,), "wrong-rank", "dropout needs a map", 0),
    ("add_sinusoids", (MAP,), "wrong-rank", "add_sinusoids needs positions and features [T, d], got [64, 8, 9]", 0),
    ('reduce("max", 3)', (MAP,), "bad-axis", "reduce along axis 3: [64, 8, 9] has axes 0 to 2", "axis"),
    ("flatten(3)", (MAP,), "bad-axis", "flatten along axis 3: [64, 8, 9] has axes 0 to 2", "first"),
    ("relu", (IDS,), "wrong-dtype", "relu needs a tensor of floats, got int[16]", 0),
    ("add", (VECTOR, TensorType((64,), "int")), "wrong-dtype", "add needs a tensor of floats, got int[64]", 1),
    (
        "upsample(1024)",
        (TensorType((2**20, 64, 64)),),
        "too-large",
        "upsample makes [1048576, 65536, 65536]: more",
        None,
    ),
    ("conv(2147483648)", (TensorType((2**10, 1)),), "too-large", "conv makes weight: more than 2**40 elements", None),
    ("pad(2147483648)", (MAP,), "too-large", "pad makes [64, 4294967304, 4294967305]: more than", None),
]


@pytest.mark.parametrize(
    ("call", "inputs", "code", "message", "fault"), REFUSED, ids=[f"{c[0]}-{c[2]}" for c in REFUSED]
)
def test_refusals(call: str, inputs: tuple[TensorType, ...], code: str, message: str, fault: object) -> None:
    with pytest.raises(OpError) as caught:
        apply(op_of(call), inputs)
    error = caught.value
    assert error.code == code
    assert error.message.startswith(message)
    assert error.help
    assert fault == (error.parameter if error.parameter else error.operand)


def test_every_code_is_refused_once_above_and_has_a_page() -> None:
    written = {
        code
        for file in OPS.glob("*.py")
        for code in re.findall(r'OpError\(\s*"([a-z-]+)"', file.read_text(encoding="utf-8"))
    }
    of_operators = {"number-too-large"}  # x + inf: no call of an op takes it so far
    assert written == {code for _, _, code, _, _ in REFUSED} | of_operators
    assert written <= set(codes())


ACCEPTED = [
    (arguments.INT, [(3, 3), (-1, -1)]),
    (arguments.FLOAT, [(1, 1.0), (2.5, 2.5)]),
    (arguments.NUMBER, [(1, 1), (0.5, 0.5)]),
    (arguments.BOOL, [(True, True)]),
    (arguments.SIZE, [(3, 3), ((1, 7), (1, 7))]),
    (arguments.PADDING, [("same", "same"), (0, 0), ((0, 3), (0, 3)), ("auto", "auto")]),
    (arguments.SHAPE, [((1, 768), (1, 768))]),
    (arguments.RESHAPE, [((-1, 8), (-1, 8))]),
    (arguments.SECTIONS, [(2, 2), ((1, 2), (1, 2))]),
    (arguments.AMOUNTS, [(1, 1), ((0, 2), (0, 2)), (((0, 1), (1, 0)), ((0, 1), (1, 0)))]),
    (arguments.SCALE, [(2, 2), (1.5, 1.5), ((2, 3), (2, 3))]),
]


@pytest.mark.parametrize(("type", "cases"), ACCEPTED, ids=[t.name for t, _ in ACCEPTED])
def test_arguments_as_stored(type: ArgumentType, cases: list[tuple[object, object]]) -> None:
    for value, stored in cases:
        assert (type.accepts(value), type.accepts(value).__class__) == (stored, stored.__class__)


@pytest.mark.parametrize(
    ("type", "value", "message"),
    [
        (arguments.COUNT, 2.5, "needs an int, got 2.5"),
        (arguments.COUNT, True, "needs a positive int, got true"),
        (arguments.COUNT, 0, "needs a positive int, got 0"),
        (arguments.COUNT, LIMIT + 1, "needs an int of at most 2**31, got 2147483649"),
        (arguments.COUNT, 10**5000, "needs an int of at most 2**31, got a number of more than 18 digits"),
        (arguments.FLOAT, "3", 'needs a number, got "3"'),
        (arguments.FLOAT, float("inf"), "needs a finite number"),
        (arguments.FLOAT, 10**5000, "needs a number below 2**63, got a number of more than 18 digits"),
        (arguments.PROBABILITY, 1.5, "needs a probability from 0 to 1, got 1.5"),
        (arguments.POSITIVE, 0, "needs a number above 0, got 0"),
        (arguments.BOOL, 1, "needs true or false, got 1"),
        (arguments.SIZE, (3, 0), "needs a positive int or one per axis, as in (3, 3), got 0"),
        (arguments.SIZE, (), "needs a positive int or one per axis, as in (3, 3), got ()"),
        (
            arguments.SIZE,
            (1,) * 99,
            "needs a positive int or one per axis, as in (3, 3), got (1, 1, 1, 1, 1, 1, 1, 1, ...)",
        ),
        (arguments.PADDING, "full", 'needs "half", "valid", "same", an int or (h, w), got "full"'),
        (arguments.PADDING, -1, "needs an int that is not negative or one per axis, as in (3, 3), got -1"),
        (arguments.SHAPE, 5, "needs a list of positive sizes, got 5"),
        (arguments.RESHAPE, (-1, -1), "needs a list of positive sizes, one of which may be -1, got (-1, -1)"),
        (arguments.SECTIONS, 20_000, "needs at most 10000 parts, got 20000"),
        (
            arguments.AMOUNTS,
            ((1,), (2, 3)),
            "needs an int, (h, w), ((top, bottom), (left, right)), or (before, after) of one axis, none negative, "
            "got (1,)",
        ),
        (arguments.choice("a", "b"), "c", 'needs one of "a", "b", got "c"'),
        (arguments.choice("a", "b"), "c" * 99, f'needs one of "a", "b", got "{"c" * 37}..."'),
        (arguments.or_word("kernel", arguments.SIZE), "size", 'needs int or (h, w) or "kernel", got "size"'),
    ],
    ids=lambda value: value.name if isinstance(value, ArgumentType) else arguments.shown(value),
)
def test_arguments_refused(type: ArgumentType, value: object, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        type.accepts(value)


VALUES = (-1, 0, 2**31, 2**80, 1e300, -0.5, True, "", "half", (), (1,), (2**31,) * 3, ((1, 2), (3, 4)), (("",),))
OPERANDS = ((), (MAP,), (VECTOR,), (MAP, MAP), (MAP, MAP, MAP), (TensorType(()),), (TensorType((2, 3, 4, 5, 6)),))


@pytest.mark.parametrize("name", registry.names())
def test_no_argument_breaks_an_op(name: str) -> None:
    """Any value in any argument is taken or refused with words, within no time."""
    op = registry.load(name)
    assert op is not None
    signature = parameters(op)
    types = {p.name: p.type for p in signature}
    for value, inputs, tried in product(VALUES, OPERANDS, signature):
        values = {p.name: 2 for p in signature if p.required} | {tried.name: value}
        try:
            made = op(**{key: types[key].accepts(v) for key, v in values.items()})
            resolved, results = apply(made, inputs)
            resolved.weights(inputs), resolved.macs(inputs, results), resolved.reach(inputs), resolved.torch(inputs)
        except ValueError as error:
            assert str(error).startswith("needs "), (value, inputs, tried.name)
        except OpError as error:
            assert error.message and error.help, (value, inputs, tried.name)
