"""Lists what other frameworks and papers call our ops and blocks, and finds what a name means."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from archdsl.ops import registry
from archdsl.synonyms.otherwise import ABSENT, PHRASES

# Our word: what torch.nn and its functions, Keras, TensorFlow, Gluon, Caffe, Darknet, ONNX, flax and papers call it.
# Names are compared without case, underscores, "1d" to "3d", and "Lazy" before them.
WORDS = {
    # ops
    "conv": "convolution Conv2d Convolutional pointwise pointwise_conv conv1x1 conv3x3 conv5x5 conv7x7 create_conv2d",
    "depthwise": "DepthwiseConv2D depthwise_conv dwconv dw_conv conv_dw depthwise_convolution",
    "conv_transpose": """
        ConvTranspose2d Conv2DTranspose deconv deconvolution transposed_conv transpose_conv transposed_convolution
        fractionally_strided_conv up_conv
    """,
    "deform_conv": "DeformConv2d deformable_conv deformable_convolution dcn",
    "convolve": "functional_conv2d conv_general_dilated",
    "linear": "Dense fc fully_connected inner_product gemm affine projection DenseGeneral",
    "max_pool": "MaxPool2d MaxPooling2D max_pool2d_with_indices",
    "avg_pool": "AvgPool2d AveragePooling2D average_pool mean_pool AvgPooling",
    "lp_pool": "LPPool2d l2_pool",
    "global_avg_pool": "GlobalAveragePooling2D gap global_average_pool GlobalAvgPool2D",
    "global_max_pool": "GlobalMaxPooling2D gmp GlobalMaxPool2D",
    "adaptive_avg_pool": "AdaptiveAvgPool2d AdaptiveAveragePooling2D",
    "adaptive_max_pool": "AdaptiveMaxPool2d AdaptiveMaxPooling2D adaptive_max_pool2d_with_indices",
    "bn": "BatchNorm2d batch_norm BatchNormalization SyncBatchNorm FrozenBatchNorm2d",
    "layer_norm": "LayerNorm LayerNormalization ln",
    "rms_norm": "RMSNorm RMSNormalization T5LayerNorm LlamaRMSNorm",
    "batch_renorm": "BatchRenorm2d BatchRenormalization",
    "group_norm": "GroupNorm GroupNormalization gn",
    "instance_norm": "InstanceNorm2d InstanceNormalization",
    "local_response_norm": "LocalResponseNorm CrossMapLRN2d lrn local_response_normalization",
    "relu": "ReLU rectifier rectified_linear",
    "relu6": "ReLU6",
    "selu": "SELU",
    "silu": "SiLU swish",
    "mish": "Mish",
    "sigmoid": "Sigmoid logistic sigm expit",
    "tanh": "Tanh hyperbolic_tangent",
    "hardswish": "Hardswish h_swish hard_silu",
    "hardsigmoid": "Hardsigmoid h_sigmoid",
    "leaky_relu": "LeakyReLU lrelu leaky",
    "elu": "ELU",
    "gelu": "GELU gelu_tanh gelu_new gelu_pytorch_tanh",
    "prelu": "PReLU parametric_relu",
    "power": "pow square",
    "exp": "exponential",
    "sin": "sine",
    "cos": "cosine",
    "abs": "absolute",
    "arctan": "atan",
    "arcsinh": "asinh",
    "softplus": "Softplus smooth_relu",
    "clamp": "clip clip_by_value",
    "softmax": "Softmax Softmax2d",
    "add": "Add eltwise elementwise_add ElementwiseSum",
    "mul": "Multiply elementwise_mul hadamard",
    "mean": "Average",
    "maximum": "Maximum maxout elementwise_max",
    "minimum": "Minimum elementwise_min",
    "sub": "Subtract",
    "div": "Divide true_divide",
    "concat": "Concatenate cat concatenation route hstack vstack depth_concat filter_concat",
    "stack": "",
    "zeros": "zeros_like new_zeros",
    "matmul": "bmm mm Dot batch_matmul",
    "sdpa": "scaled_dot_product_attention dot_product_attention flash_attention flash_attn memory_efficient_attention",
    "pad": "ZeroPad2d ZeroPadding2D ConstantPad2d padding",
    "crop": "Cropping2D center_crop",
    "dropout": "Dropout2d SpatialDropout2D drop",
    "drop_path": "DropPath stochastic_depth drop_connect",
    "learned": """
        Parameter weight Variable get_variable add_weight cls_token pos_embed class_token position_embedding pos_emb
        positional_embedding learned_positional_embedding dist_token mask_token register_tokens
        query_embed logit_scale
    """,
    "reduce": "amax amin reduce_mean reduce_max reduce_min reduce_norm vector_norm",
    "constant": "register_buffer Buffer buffer",
    "take": "index_select tf_gather",
    "upsample": """
        interpolate resize Upsample UpSampling2D UpsamplingNearest2d UpsamplingBilinear2d upsample_nearest
        upsample_bilinear BilinearResize2D Resizing unpooling nearest_neighbor
    """,
    "embedding": "Embedding Embed lookup_table token_embedding token_embed word_embedding type_embedding",
    "add_sinusoids": """
        PositionalEncoding sinusoidal_encoding sinusoidal sinusoidal_positional_embedding sincos sinusoids
    """,
    "flatten": "Flatten ravel",
    "reshape": "view Reshape Unflatten rearrange",
    "permute": "Permute permute_dimensions moveaxis movedim",
    "transpose": "swapaxes swapdims",
    "channel_shuffle": "ChannelShuffle native_channel_shuffle shuffle_channels shuffle",
    "pixel_shuffle": "PixelShuffle depth_to_space sub_pixel sub_pixel_conv",
    "pixel_unshuffle": "PixelUnshuffle space_to_depth reorg",
    "unfold": "Unfold im2col extract_patches extract_image_patches conv_general_dilated_patches",
    "fold": "Fold col2im",
    "max_unpool": "MaxUnpool unpool max_unpooling",
    "roi_align": "RoIAlign crop_and_resize",
    "roi_pool": "RoIPool roi_pooling ROIPooling",
    "split": "tensor_split",
    "unbind": "unstack",
    "slice": "narrow strided_slice getitem",
    "affine_grid": "GridGenerator",
    "grid_sample": "BilinearSampler",
    "upper_triangle": "triu",
    # built-ins
    "id": "Identity noop",
    "scan": "RNN while_loop",
    "taps": "IntermediateLayerGetter create_feature_extractor FeatureListNet features_only",
    "each": "TimeDistributed vmap BatchApply",
    "tied": "weight_tying tie_weights",
    "oneof": "choice mixed_op LayerChoice",
    # std
    "conv_bn": "ConvNorm conv2d_bn",
    "cbr": "conv_bn_relu ConvBNReLU Conv2dNormActivation ConvNormAct ConvModule conv_block BasicConv2d conv_bn_act",
    "std_conv": "weight_standardization StdConv2d StdConv2dSame ws_conv conv_ws",
    "wn_conv": "weight_norm WNConv1d",
    "cbr6": "ConvBNReLU6",
    "dw_bn": "depthwise_bn",
    "relu_conv_bn": "",
    "factorized_reduction": "FactorizedReduce",
    "se": "squeeze_excite squeeze_excitation squeeze_and_excitation se_block se_module se_layer",
    "attend": "split_heads",
    "multi_head_attention": """
        MultiheadAttention mha MultiHeadDotProductAttention multi_head_attention_forward cross_attention
    """,
    "rotary": "rope rotary_embedding rotary_pos_emb apply_rotary_emb RotaryEmbedding",
    "self_attention": "attention msa",
    "mlp": "feed_forward ffn",
    "lstm": "LSTM LSTMCell BasicLSTMCell OptimizedLSTMCell",
    "gru": "GRU GRUCell",
    "bidirectional": "Bidirectional BiLSTM BiGRU bidirectional_lstm birnn",
    "glu": "gated_linear_unit",
    "normalize": "l2_normalize l2_norm UnitNormalization",
    "roll": "",
    "make_divisible": "round_filters round_channels",
}

# What a dotted name may begin with in other places: packages, and an object's own modules.
PACKAGES = frozenset(
    (
        *("nn", "F", "torch", "tf", "keras", "layers", "tensorflow", "np", "numpy", "jnp", "jax", "flax", "math"),
        *("mx", "gluon", "timm", "torchvision", "self"),
    )
)


class Meaning(NamedTuple):
    """What a foreign name is here: our `word`, or "" and a `text` that says how to write it or why it cannot be."""

    word: str
    text: str


def meaning(name: str) -> Meaning | None:
    """What others' `name` ("nn.Conv2d", "swish") is here; None for a name that nobody uses."""
    word = plain(name)
    if word.endswith("loss"):
        word = "loss"
    if word == "rmsnorm" and name.lower().endswith(("2d", "3d")):  # not along the last axis
        word = plain("channel_rms_norm")
    if word in ("layernorm", "ln") and name.lower().endswith(("1d", "2d", "3d")):  # nor this
        word = plain("channel_layer_norm" + "_of_sequences" * name.lower().endswith("1d"))
    if re.fullmatch(r"(\w+\.)*(F|functional|torch|tf\.nn|lax)\.(conv|conv[123]d|convolution)", name):
        word = plain("functional_conv")  # the function, which takes the kernel as an argument
    return _meanings().get(word)


def plain(name: str) -> str:
    """A name as the tables compare it: without packages, case, underscores, "2d" and "Lazy"."""
    word = re.sub(r"(?<=[a-z])[123]d", "", name.rpartition(".")[2].lower().replace("_", ""))
    return word.removeprefix("lazy")


@cache
def _meanings() -> dict[str, Meaning]:
    found: dict[str, Meaning] = {}
    for word in [*registry.names(), *WORDS]:
        found[plain(word)] = Meaning(word, "")
    for word, names in WORDS.items():
        for name in names.split():
            found.setdefault(plain(name), Meaning(word, ""))
    for names, text in PHRASES.items():
        for name in names.split():
            found.setdefault(plain(name), Meaning("", " ".join(text.split())))
    for reason, names in ABSENT.items():
        for name in names.split():
            found.setdefault(plain(name), Meaning("", reason))
    return found
