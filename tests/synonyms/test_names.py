"""Checks that what PyTorch, Keras and papers call a thing leads to our word, or to the reason why there is none."""

from __future__ import annotations

import inspect
import random
import re
from collections import Counter

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from archdsl.elaborate.advice import BUILTIN_WORDS
from archdsl.library import STANDARD, definers
from archdsl.network import check_text, loads
from archdsl.ops import registry
from archdsl.ops.base import parameters
from archdsl.synonyms.arguments import ARGUMENTS, LEFT_OUT, argument, left_out
from archdsl.synonyms.names import WORDS, meaning, plain
from archdsl.synonyms.otherwise import ABSENT, PHRASES
from archdsl.synonyms.spelling import slipped, slips
from archdsl.syntax.parse import outline
from archdsl.syntax.read import read_source

STD = {item.name: item.declaration for item in outline(read_source(STANDARD / "std.arch")).items if item.name}
OPS = registry.names()

MODULES = [
    name for name, value in vars(nn).items() if inspect.isclass(value) and issubclass(value, nn.Module)
]  # fmt: skip
# Not for networks: how torch itself calls and checks.
HELPERS = {
    "assert_int_or_pair", "boolean_dispatch", "handle_torch_function", "has_torch_function",
    "has_torch_function_unary", "has_torch_function_variadic", "Optional",
}  # fmt: skip
FUNCTIONS = [
    name
    for name, value in vars(F).items()
    if callable(value) and not name.startswith("_") and not inspect.isclass(value) and name not in HELPERS
]

# The layers of Keras 3, written down from its documentation.
KERAS = """
Input Dense EinsumDense Embedding Identity Activation Lambda Masking Layer
Conv1D Conv2D Conv3D SeparableConv1D SeparableConv2D DepthwiseConv1D DepthwiseConv2D
Conv1DTranspose Conv2DTranspose Conv3DTranspose
MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D
GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GlobalAveragePooling1D GlobalAveragePooling2D
GlobalAveragePooling3D AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveMaxPooling2D
LSTM LSTMCell GRU GRUCell SimpleRNN SimpleRNNCell RNN StackedRNNCells TimeDistributed Bidirectional
ConvLSTM1D ConvLSTM2D ConvLSTM3D
TextVectorization Normalization SpectralNormalization Discretization CategoryEncoding Hashing HashedCrossing
StringLookup IntegerLookup MelSpectrogram STFTSpectrogram Resizing Rescaling CenterCrop RandomCrop RandomFlip
RandomTranslation RandomRotation RandomZoom RandomContrast RandomBrightness AutoContrast Equalization MixUp RandAugment
BatchNormalization LayerNormalization GroupNormalization UnitNormalization RMSNormalization
Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D GaussianDropout AlphaDropout GaussianNoise
ActivityRegularization MultiHeadAttention GroupQueryAttention Attention AdditiveAttention
Reshape Flatten RepeatVector Permute Cropping1D Cropping2D Cropping3D UpSampling1D UpSampling2D UpSampling3D
ZeroPadding1D ZeroPadding2D ZeroPadding3D
Concatenate Average Maximum Minimum Add Subtract Multiply Dot
ReLU LeakyReLU PReLU ELU Softmax TFSMLayer JaxLayer FlaxLayer TorchModuleWrapper Wrapper
"""

OTHERS = """
swish deconv glu lrn stochastic_depth interpolate space_to_depth depth_to_space reflection_pad BN SE conv2d batch_norm
InnerProduct Convolution Pooling LRN Eltwise Deconvolution Concat route reorg Gemm GlobalAveragePool Clip dense fc gap
depthwise_conv separable_conv squeeze_excite self_attention feed_forward DropPath view cat bmm einsum unsqueeze
nn.Conv2d F.relu torch.cat tf.keras.layers.Dense bn2d ReflectionPad2d LayerNorm2d index_select
"""


def test_every_name_leads_somewhere() -> None:
    words = {*OPS, *BUILTIN_WORDS, *STD}
    found = {name: meaning(name) for name in [*MODULES, *FUNCTIONS, *KERAS.split(), *OTHERS.split()]}
    lost = [n for n, m in found.items() if m is None or (m.word not in words if m.word else len(m.text) <= 10)]
    assert lost == [] and len(found) > 400


def test_the_table_names_what_there_is_and_nothing_twice() -> None:
    assert WORDS.keys() <= {*OPS, *BUILTIN_WORDS, *STD}
    tables = [*WORDS.values(), *PHRASES, *ABSENT.values()]
    counts = Counter(plain(name) for names in tables for name in {plain(n): n for n in names.split()}.values())
    assert [name for name, count in counts.items() if count > 1] == []
    own = {plain(word): word for word in [*OPS, *WORDS]}
    assert [(w, n) for w, names in WORDS.items() for n in names.split() if own.get(plain(n), w) != w] == []
    assert [name for names in [*PHRASES, *ABSENT.values()] for name in names.split() if plain(name) in own] == []


# What the words stand for that a reader fills in.
VALUES = {
    "shape": "[64, 8]",
    "places": "[2, 0]",
    "kernel": 3,
    "a": 0.5,
    "b": 3.0,
    "n": 2,
    "out": 8,
    "amounts": 1,
    "hidden": 4,
}

CODE = [code for text in [*PHRASES.values(), *LEFT_OUT] for code in re.findall(r"`([^`]+)`", text)]


@pytest.mark.parametrize("code", sorted(set(CODE)))
def test_code_in_advice_runs(code: str) -> None:
    """Whole expressions are run; single words and signatures are looked up."""
    if code.startswith("import "):
        path, name = code.removeprefix("import ").split(": ")
        assert path in definers(name)
    elif code.startswith("network"):
        assert [d.code for d in check_text(code if "=" in code else f"{code} = x -> conv(8)")] == []
    elif code.startswith("->"):
        assert check_text(f"network n(x: [8, 8, 8]) = x {code.replace('amounts', '1')}") == []
    elif re.fullmatch(r"\w+ = \w+", code) or code in "+*" or code == "[C, 1, 1]":
        assert True  # an argument, an operator, a type
    elif code == "window_partition":
        assert meaning(code)
    elif re.fullmatch(r"\w+", code):
        assert code in {*OPS, *BUILTIN_WORDS, *STD, "block", "analyze"}
    else:
        setup = "a, b = x -> split(2)\n" if re.match(r"a\b", code) else ""
        if re.search(r"\bg\b", code):
            setup = "g = (x -> power(2) -> global_avg_pool) -> power(0.5)\n"
        text = code.replace("a, b = x -> split(2)", "y = x -> split(2) -> concat")
        statement = text if text.startswith("y =") else f"y = {text}"
        result = "x -> y[0]" if code.startswith("[conv") else "x -> y" if code.startswith("conv") else "y"
        values = (
            "" if setup else "".join(f"{n} = {v}\n" for n, v in VALUES.items() if re.search(rf"\b{n}\b(?! =)", code))
        )
        spec = f"{values}network tried(x: [8, 8, 8]) {{\n{setup}{statement}\nreturn {result}\n}}"
        assert [d.message for d in check_text(spec) if d.severity == "error"] == [], spec


X = torch.rand(2, 8, 8, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(3)) - 0.5
NORMS = X.norm(dim=(2, 3), keepdim=True)
# What the advice for a name computes, where torch can say it, with n = 2, a = 0.5, b = 3, amounts = 1.
COMPUTED = {
    "var": X.var(1, unbiased=False, keepdim=True),
    "std": X.std(1, unbiased=False, keepdim=True),
    "window_partition": X.view(2, 8, 4, 2, 4, 2).permute(0, 2, 4, 3, 5, 1),
    "celu": F.celu(X, 0.5),
    "hardtanh": F.hardtanh(X),
    "softsign": F.softsign(X),
    "softmin": F.softmin(X, 1),
    "tanhshrink": F.tanhshrink(X),
    "softshrink": F.softshrink(X),
    "log_sigmoid": F.logsigmoid(X),
    "tanh_exp": X * X.exp().tanh(),
    "log1p": X.log1p(),
    "expm1": X.expm1(),
    "sinh": X.sinh(),
    "cosh": X.cosh(),
    "tan": X.tan(),
    "logsumexp": X.logsumexp(1, keepdim=True),
    "log_softmax": F.log_softmax(X, 1),
    "ReflectionPad2d": F.pad(X, (1, 1, 1, 1), mode="reflect"),
    "RMSNorm2d": X / (X.pow(2).mean(1, keepdim=True) + 1e-6).sqrt(),
    "pixel_norm": X / (X.pow(2).mean(1, keepdim=True) + 1e-8).sqrt(),
    "frn": X / (X.pow(2).mean((2, 3), keepdim=True) + 1e-6).sqrt(),
    "quick_gelu": X * torch.sigmoid(1.702 * X),
    "relu_squared": F.relu(X) ** 2,
    "crelu": F.relu(torch.cat([X, -X], 1)),
    "softcap": 30 * torch.tanh(X / 30),
    "min_pool": -F.max_pool2d(-X, 3),
    "gem": F.relu(X).pow(3).mean((2, 3), keepdim=True).pow(1 / 3),
    "spp": torch.cat([F.adaptive_max_pool2d(X, n).flatten(1) for n in (1, 2, 4)], 1),
}


@pytest.mark.parametrize("name", COMPUTED)
def test_advice_computes_what_torch_computes(name: str) -> None:
    text = meaning(name).text  # type: ignore[union-attr]
    code = next(c for c in re.findall(r"`([^`]+)`", text) if "x" in c)
    values = "".join(f"{n} = {v}\n" for n, v in VALUES.items() if re.search(rf"\b{n}\b(?! =)", code))
    made = loads(f"{values}network tried(x: [8, 8, 8]) = {code}").build().double().eval()(X)
    assert torch.allclose(made, COMPUTED[name], rtol=1e-9, atol=1e-9), code


def test_gated_units_and_response_norms_are_those_of_their_papers() -> None:
    for name, gate in (("swiglu", F.silu), ("geglu", F.gelu), ("reglu", F.relu)):
        code = re.findall(r"`([^`]+)`", meaning(name).text)[0]  # type: ignore[union-attr]
        module = loads(f"hidden = 4\nnetwork tried(x: [8, 8, 8]) = {code}").build().double().eval()
        first, second = (m for m in module.modules() if isinstance(m, nn.Linear))
        left, right = first(X).chunk(2, -1)
        wanted = second(gate(left) * right if name == "swiglu" else left * gate(right))
        assert torch.allclose(module(X), wanted)
    norm, whole = re.findall(r"`([^`]+)`", meaning("GRN").text)  # type: ignore[union-attr]
    module = loads(f"network tried(x: [8, 8, 8]) {{\ng = {norm}\nreturn {whole}\n}}").build().double().eval()
    scale, shift = module.state_dict().values()
    scale.fill_(2), shift.fill_(3)
    wanted = 2 * X * (NORMS / (NORMS.mean(1, keepdim=True) + 1e-6)) + 3 + X
    assert torch.allclose(module(X), wanted)


def test_efficient_channel_attention_is_that_of_its_paper() -> None:
    """A convolution along the channels' means (Wang et al. 2020, arXiv:1910.03151, section 3.2)."""
    code = re.findall(r"`([^`]+)`", meaning("EcaModule").text)[0]  # type: ignore[union-attr]
    module = loads(f"kernel = 3\nnetwork tried(x: [8, 8, 8]) = {code}").build().double().eval()
    (weight,) = module.state_dict().values()
    gate = F.conv1d(X.mean((2, 3))[:, None], weight.reshape(1, 1, 3), padding=1).sigmoid()
    assert torch.allclose(module(X), X * gate.reshape(2, 8, 1, 1))


def test_a_gated_convolution_and_a_causal_one() -> None:
    gated = re.findall(r"`([^`]+)`", meaning("GatedConv2d").text)[0]  # type: ignore[union-attr]
    module = loads(f"out = 4\nkernel = 3\nnetwork tried(x: [8, 8, 8]) = {gated}").build().double().eval()
    (conv,) = (m for m in module.modules() if isinstance(m, nn.Conv2d))
    assert torch.allclose(module(X), F.glu(conv(X), 1))
    code = re.findall(r"`([^`]+)`", meaning("CausalConv1d").text)[0]  # type: ignore[union-attr]
    module = loads(f"out = 4\nkernel = 3\nn = 2\nnetwork tried(x: [8, 9]) = {code}").build().double().eval()
    x = torch.rand(2, 8, 9, dtype=torch.float64)
    changed = torch.cat([x[:, :, :5], torch.rand(2, 8, 4, dtype=torch.float64)], 2)
    assert torch.equal(module(x)[:, :, :5], module(changed)[:, :, :5]) and module(x).shape == (2, 4, 9)


NEW = """
    roll arange linspace meshgrid ones bicubic relative_position_bias window_partition std var GRN swiglu geglu
    unpool MaxUnpool channel_attention eye reglu rope dropblock
"""


@pytest.mark.parametrize("name", NEW.split())
def test_words_that_had_no_hint(name: str) -> None:
    (found,) = check_text(f"network n(x: [3, 8, 8]) = x -> {name}")
    assert found.code == "unknown-name" and "did you mean" not in found.help and "define it" not in found.help


LEADS = {
    "nn.GLU() glu": "import std: glu",
    "nn.Softmin(dim=-1) F.log_softmax(dim=-1)": "softmax(-1)",
    "F.normalize(dim=-1)": "import std: normalize",
    "sqrt torch.sqrt": "x -> power(0.5)",
    "resize_bilinear": 'upsample(2, mode = "bilinear")',
    "ln2d LN2d ln_2d LayerNorm2d": "permute([2, 0, 1])",
    "ln1d LayerNorm1d": "x -> transpose -> layer_norm -> transpose",
    "causal_conv CausalConv1d causal": "pad((n, 0)) -> conv(out, kernel, padding = 0)",
    "gated gate": "x * (x -> conv(x.channels) -> sigmoid)",
    "dilated DilatedConv2d atrous": "dilation = n",
    "GroupQueryAttention MQA axial_attention": "no word of its own",
    "PatchEmbed patchify": "conv(out, n, n)",
    "Bottleneck CBAM NonLocal Fire ASPP InvertedResidual": "import ",
}


@pytest.mark.parametrize("name", [(name, lead) for names, lead in LEADS.items() for name in names.split()])
def test_names_lead_to_what_they_mean(name: tuple[str, str]) -> None:
    (found,) = check_text(f"network n(x: [3, 8, 8]) = x -> {name[0]}")
    assert name[1] in found.help


def test_names_of_tensors_that_were_forgotten_lead_to_no_op() -> None:
    (found,) = check_text("network n(x: [3, 8, 8]) = x -> conv(t)")
    assert "transpose" not in found.help
    (found,) = check_text("network n(x: [3, 8, 8]) = (x -> conv(3)) + shortcut")
    assert "`shortcut = x`" in found.help


def test_a_causal_padding_is_a_pad_in_front() -> None:
    (found,) = check_text('network n(x: [3, 8]) = x -> conv(8, 3, padding = "causal")')
    assert "pad((n, 0))" in found.help


# Words of networks that look like words of ours, of which they are none.
FALSE_FRIENDS = """
    softcap mbconv ws_conv rep_conv median_pool mixed_pool scale_norm power_norm type_norm spade resonance mlstm pseudo
    linear_probe additive_noise relu3 conv4 gelu_norm pad_sequence group_conv3 sample dropoff splat
    tan dif mit sse
    region shuffler_net adapted_pool norm_conv gated dilated round_up spline concave tangent power_law leaky_unit
"""


@pytest.mark.parametrize("name", FALSE_FRIENDS.split())
def test_a_word_of_another_meaning_is_no_slip(name: str) -> None:
    (found,) = check_text(f"network n(x: [3, 8, 8]) = x -> {name}")
    assert "did you mean" not in found.help, found.help


def test_slips_of_the_pen_are_understood() -> None:
    """A letter behind the first is missing, doubled, or changed with its neighbour."""
    for seed in range(200):
        draw = random.Random(seed)
        word = draw.choice([w for w in [*OPS, *STD] if len(w) > 4])
        at = draw.choice([i for i in range(1, len(word) - 1) if "_" not in word[i : i + 2] and not word[i].isdigit()])
        before, letter, after = word[:at], word[at], word[at + 1 :]
        slip = draw.choice([before + after, before + letter + letter + after, before + after[0] + letter + after[1:]])
        assert slips(slip, word) <= 1, slip
        assert slipped(slip, [*OPS, *STD]) is not None, slip


def test_a_module_with_a_number_is_a_label() -> None:
    (found,) = check_text("network n(x: [3, 8, 8]) = x -> conv1 -> relu")
    assert "`-> conv(…) as conv1`" in found.help
    (found,) = check_text("network n(x: [3, 8, 8]) = x -> self_attention2 -> relu")
    assert "`-> self_attention(…) as self_attention2`" in found.help


def test_a_mode_that_there_is_not() -> None:
    (found,) = check_text('network n(x: [3, 8, 8]) = x -> upsample(2, mode = "area")')
    assert "no other mode has a word" in found.help


def arguments_of(word: str) -> list[str]:
    """Names of the parameters of an op or a word of std."""
    op = registry.load(word)
    return [p.name for p in parameters(op)] if op is not None else [p.name for p in STD[word].params]


def test_arguments_are_those_of_some_word() -> None:
    known = {name for word in [*OPS, *STD] for name in arguments_of(word)} if OPS else set()
    assert ARGUMENTS.keys() <= known


def test_every_argument_of_torch_leads_somewhere() -> None:
    lost, count = [], 0
    for name in MODULES:
        meant = meaning(name)
        assert meant is not None
        if not meant.word or meant.word in BUILTIN_WORDS:
            continue
        ours = arguments_of(meant.word)
        given = [p for p in inspect.signature(getattr(nn, name).__init__).parameters if p not in ("args", "kwargs")][1:]
        known = {p for p in given if p[0] == "_" or argument(p, ours) is not None or left_out(p) is not None}
        lost += [f"{name}({p}): {meant.word}({', '.join(ours)})" for p in given if p not in known]
        count += len(given)
    assert lost == [] and count > 200


def test_advice_comes_before_spelling() -> None:
    (found,) = check_text("network n(x: [3, 8, 8]) = x -> conv(8, 3) -> swish")
    assert "silu" in found.help and "hardswish" not in found.help
    (found,) = check_text("network n(x: [3, 8, 8]) = x -> conv(8, kernel_size = 3, in_channels = 3, bais = true)")
    assert found.help.startswith("kernel_size is called kernel here; in_channels: leave it out")
    assert "did you mean bias by bais?" in found.help


def test_own_names_come_before_those_of_others() -> None:
    (found,) = check_text("block Swish(x) = x -> relu\nnetwork n(x: [3, 8, 8]) = x -> swish")
    assert found.help == "did you mean Swish?"


def test_which_network_proposes_one_that_runs() -> None:
    text = "network base(x: [3, 8, 8]; w) = x -> conv(w)\nnetwork odd = base(0)\nnetwork v = base(4)\n"
    with pytest.raises(Exception) as error:
        loads(text)
    (found,) = error.value.diagnostics  # type: ignore[attr-defined]
    assert found.code == "which-network" and '"v";' in found.help
    with pytest.raises(Exception) as error:
        loads(text.replace("base(4)", "base(w = 0)"))
    assert "says why" in error.value.diagnostics[0].help  # type: ignore[attr-defined]
    with pytest.raises(Exception) as error:
        loads(text.split("network odd")[0] + "network other(x: [3, 8, 8]; w) = x -> conv(w)")
    assert '"base", w=…' in error.value.diagnostics[0].help  # type: ignore[attr-defined]


def test_a_layer_norm_of_maps_is_told_apart() -> None:
    for name in ("LayerNorm2d", "layer_norm_2d", "nn.LayerNorm2d", "timm.LayerNorm2d"):
        assert "permute([2, 0, 1])" in meaning(name).text  # type: ignore[union-attr]
    assert meaning("nn.LayerNorm").word == "layer_norm"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("written", "help"),
    [
        ("x ** 2", "x -> power(2)"),
        ("sqrt(x)", "x -> power(0.5)"),
        ("abs(x)", "… -> abs"),
        ("log2(x)", "x -> log"),
        ("x -> min", 'x -> reduce("min", axis = 0)'),
        ("max(x)", 'x -> reduce("max", axis = 0)'),
        ("x.clamp(0, 1)", "`x -> clamp(low = -inf, high = inf)`"),
        ("torch.clamp(x, max=2)", "`x -> clamp(high = 2)`"),
        ("torch.sinc(x)", "x * 3.141592653589793 -> sinc"),
        ('x -> conv(8, 3, padding = "full")', "pad(kernel - 1)"),
        ('x -> conv(8, 3, padding = "ones")', "needs"),
        ("x.unsqueeze(-1)", "x.shape + [1]"),
        ("[x, x, x] -> F.scaled_dot_product_attention", "[q, k, v] -> sdpa"),
        ("[x, x] -> F.conv2d", "[x, kernel] -> convolve(stride = 1"),
        ("[x, x] -> tf.nn.conv2d", "[x, kernel] -> convolve(stride = 1"),
    ],
)
def test_what_numbers_have_leads_to_what_tensors_have(written: str, help: str) -> None:
    (found,) = check_text(f"network n(x: [3, 8, 8]) = {written}")
    assert help in found.help + found.message
    assert "add_sinusoids" not in found.help
