"""Lists what other frameworks and papers call our ops and blocks, and what has no word here and why."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from archdsl.ops import registry

# Our word: what torch.nn and its functions, Keras, TensorFlow, Gluon, Caffe, Darknet, ONNX, flax and papers call it.
# Names are compared without case, underscores, "1d" to "3d", and "Lazy" before them.
WORDS = {
    # ops
    "conv": "convolution Conv2d Convolutional pointwise pointwise_conv conv1x1 conv3x3 atrous_conv dilated_conv",
    "depthwise": "DepthwiseConv2D depthwise_conv dwconv dw_conv conv_dw depthwise_convolution",
    "conv_transpose": """
        ConvTranspose2d Conv2DTranspose deconv deconvolution transposed_conv transpose_conv transposed_convolution
        fractionally_strided_conv up_conv
    """,
    "deform_conv": "DeformConv2d deformable_conv deformable_convolution dcn",
    "linear": "Dense fc fully_connected inner_product gemm affine projection DenseGeneral",
    "max_pool": "MaxPool2d MaxPooling2D max_pool2d_with_indices",
    "avg_pool": "AvgPool2d AveragePooling2D average_pool mean_pool",
    "lp_pool": "LPPool2d l2_pool",
    "global_avg_pool": "GlobalAveragePooling2D gap global_average_pool GlobalAvgPool2D",
    "global_max_pool": "GlobalMaxPooling2D gmp GlobalMaxPool2D",
    "adaptive_avg_pool": "AdaptiveAvgPool2d AdaptiveAveragePooling2D",
    "adaptive_max_pool": "AdaptiveMaxPool2d AdaptiveMaxPooling2D adaptive_max_pool2d_with_indices",
    "bn": "BatchNorm2d batch_norm BatchNormalization SyncBatchNorm FrozenBatchNorm2d",
    "layer_norm": "LayerNorm LayerNormalization ln",
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
    "gelu": "GELU gelu_tanh gelu_new",
    "prelu": "PReLU parametric_relu",
    "power": "pow square",
    "softmax": "Softmax Softmax2d",
    "add": "Add eltwise elementwise_add ElementwiseSum",
    "mul": "Multiply elementwise_mul hadamard",
    "mean": "Average",
    "maximum": "Maximum maxout elementwise_max",
    "sub": "Subtract",
    "div": "Divide true_divide",
    "concat": "Concatenate cat concatenation route hstack vstack depth_concat filter_concat",
    "stack": "",
    "zeros": "zeros_like new_zeros",
    "matmul": "bmm mm Dot batch_matmul",
    "sdpa": "scaled_dot_product_attention dot_product_attention flash_attention",
    "pad": "ZeroPad2d ZeroPadding2D ConstantPad2d padding",
    "crop": "Cropping2D center_crop",
    "dropout": "Dropout2d SpatialDropout2D drop",
    "drop_path": "DropPath stochastic_depth drop_connect",
    "learned": "Parameter weight Variable get_variable add_weight cls_token pos_embed class_token position_embedding",
    "reduce": "amax reduce_mean reduce_max",
    "upsample": """
        interpolate resize Upsample UpSampling2D UpsamplingNearest2d UpsamplingBilinear2d upsample_nearest
        upsample_bilinear BilinearResize2D Resizing unpooling
    """,
    "embedding": "Embedding Embed lookup_table",
    "add_sinusoids": "PositionalEncoding sinusoidal_encoding",
    "flatten": "Flatten ravel",
    "reshape": "view Reshape Unflatten rearrange",
    "permute": "Permute permute_dimensions moveaxis",
    "transpose": "swapaxes t",
    "channel_shuffle": "ChannelShuffle native_channel_shuffle shuffle_channels shuffle",
    "pixel_shuffle": "PixelShuffle depth_to_space sub_pixel",
    "pixel_unshuffle": "PixelUnshuffle space_to_depth reorg",
    "split": "tensor_split",
    "unbind": "unstack",
    "slice": "narrow strided_slice getitem",
    "affine_grid": "GridGenerator",
    "grid_sample": "BilinearSampler",
    "upper_triangle": "triu",
    # built-ins
    "id": "Identity noop skip shortcut skip_connection",
    "scan": "RNN while_loop",
    "tied": "weight_tying tie_weights",
    "oneof": "choice mixed_op LayerChoice",
    # std
    "conv_bn": "ConvNorm conv2d_bn",
    "cbr": "conv_bn_relu ConvBNReLU Conv2dNormActivation ConvNormAct ConvModule conv_block BasicConv2d",
    "cbr6": "ConvBNReLU6",
    "dw_bn": "depthwise_bn",
    "relu_conv_bn": "",
    "factorized_reduction": "FactorizedReduce",
    "se": "squeeze_excite squeeze_excitation squeeze_and_excitation se_block se_module se_layer",
    "attend": "split_heads",
    "multi_head_attention": """
        MultiheadAttention mha MultiHeadDotProductAttention multi_head_attention_forward cross_attention
        GroupQueryAttention
    """,
    "self_attention": "attention msa",
    "mlp": "feed_forward ffn",
    "lstm": "LSTM LSTMCell BasicLSTMCell",
    "make_divisible": "round_filters round_channels",
}

# What other words of ours say. Code between backticks runs where x is a map `[8, 8, 8]` (a test tries all of it).
PHRASES = {
    "ReflectionPad2d": 'write `x -> pad(amounts, "reflect")`',
    "ReplicationPad2d": 'write `x -> pad(amounts, "replicate")`',
    "CircularPad2d": 'write `x -> pad(amounts, "circular")`',
    "pool pooling": "say which: `max_pool`, `avg_pool`, `global_avg_pool`",
    "global_pool": "say which: `x -> global_avg_pool` or `x -> global_max_pool`",
    "norm": "say which: `bn`, `layer_norm`, `group_norm`, `instance_norm`",
    "glu": "write `a, b = x -> split(2)`, then `a * (b -> sigmoid)`",
    "channel_layer_norm LayerNormChannelsFirst": """
        the channels at each place: `x -> permute([1, 2, 0]) -> layer_norm -> permute([2, 0, 1])`
    """,
    "index_select take tf_gather": """
        a fixed list of places is written out, `[x -> slice(i, i + 1) for i in places] -> concat`; one that depends
        on the data has no word
    """,
    "celu": "with an alpha a it is `(x / a -> elu) * a`, of 1 `x -> elu`",
    "hardtanh": "from -1 to 1 it is `((x + 1) * 3.0 -> relu6) / 3.0 - 1`; between other bounds as `clip`",
    "clip clamp clip_by_value": """
        from a to b it is `((x - a) * (6.0 / (b - a)) -> relu6) * ((b - a) / 6.0) + a`; from 0 to 6 `x -> relu6`
    """,
    "softsign": "write `x / ((x -> relu) + (-x -> relu) + 1)`",
    "softmin": "write `-x -> softmax(0)`",
    "tanhshrink": "write `x - (x -> tanh)`",
    "softshrink": "write `(x - 0.5 -> relu) - (-x - 0.5 -> relu)`",
    "abs absolute": "of a tensor it is `(x -> relu) + (-x -> relu)`",
    "sqrt": "of a tensor it is `x -> power(0.5)`",
    "reciprocal": "write `x -> power(-1)`",
    "neg negative": "write `-x`",
    "minimum elementwise_min": "write `-([-x, -x] -> maximum)`",
    "sum reduce_sum": 'of several tensors it is `[x, x] -> add`, along an axis `x -> reduce("sum", axis = 0)`',
    "normalize l2_normalize UnitNormalization": """
        write `x / ((x -> power(2) -> reduce("sum", axis = 0)) -> power(0.5))`
    """,
    "rms_norm RMSNorm RMSNormalization": """
        write `x / ((x -> power(2) -> reduce("mean", axis = 0)) + 1e-6 -> power(0.5))`, times a `learned` scale
    """,
    "repeat tile RepeatVector expand expand_as broadcast_to": """
        write `[x] * n -> concat`; `+` and `*` stretch sizes of 1 by themselves
    """,
    "unsqueeze expand_dims": "write `x -> reshape([1] + x.shape)`",
    "squeeze": "write `x -> reshape(shape)` with the sizes that stay; `linear` takes `[C, 1, 1]` as it is",
    "bias_add": "a bias is part of the op: `x -> conv(out, bias = true)`",
    "Scale LayerScale": 'write `x * learned([x.channels, 1, 1], "ones")`',
    "Sequential HybridSequential ModuleList ParameterList Container Model Graph Pipeline": """
        stages stand one after the other: `x -> conv(out) -> relu`; what repeats is `x -> conv(out, kernel) * n`, a
        list of stages `[conv(out), relu]`
    """,
    "ModuleDict ParameterDict": "choose by a condition: `x -> (relu if x.channels > 8 else tanh)`",
    "TimeDistributed": "`linear` works along the last axis of a sequence: `x -> linear(out)`",
    "separable_conv SeparableConv2D sep_conv depthwise_separable_conv": "write `x -> depthwise(kernel) -> conv(out)`",
    "EmbeddingBag": 'write `embedding`, then `x -> reduce("mean", axis = 0)`',
    "LogSoftmax": "write `x -> softmax(0)`: the logarithm belongs to the loss",
    "Activation": "write the function itself: `x -> relu`",
    "Input InputLayer placeholder": "inputs stand in the signature: `network n(x: [3, 224, 224]) = x -> conv(8)`",
    "GRU GRUCell RNNCell SimpleRNN SimpleRNNCell RNNBase RNNCellBase": """
        write a block whose last input and output are the state, and `scan` it, as `lstm` of std is
    """,
    "Transformer TransformerEncoder TransformerEncoderLayer": """
        the zoo has its layers: `import transformer: encoder_layer`
    """,
    "TransformerDecoder TransformerDecoderLayer": "the zoo has its layers: `import transformer: decoder_layer`",
    "Lambda Module Layer HybridBlock": "write a `block`: its statements are what the forward pass does",
    "checkpoint contiguous detach clone float half cuda to": "leave it out: it changes nothing of what is computed",
    "roll": """
        along axis 1 by n places it is `[x -> slice(-n, axis = 1), x -> slice(0, -n, axis = 1)] -> concat(1)`; axis 0
        are the channels
    """,
    "flip": "the channels backwards are `[x -> slice(i, i + 1) for i in reversed(range(x.channels))] -> concat`",
    "arange linspace meshgrid ones full eye ones_like full_like constant ConstantOfShape": """
        there are no constant tensors but `zeros`: numbers stand in expressions, `x * 0.5 + 1`, and `add_sinusoids` adds
        fixed positions; `learned` is trained, whatever it starts from
    """,
    "var variance reduce_variance": """
        without Bessel's correction it is, along an axis,
        `x - (x -> reduce("mean", axis = 0)) -> power(2) -> reduce("mean", axis = 0)`
    """,
    "std standard_deviation reduce_std": """
        without Bessel's correction it is, along an axis,
        `x - (x -> reduce("mean", axis = 0)) -> power(2) -> reduce("mean", axis = 0) -> power(0.5)`
    """,
    "GRN GlobalResponseNorm": """
        with the norms g = `(x -> power(2) -> global_avg_pool) * float(x.height * x.width) -> power(0.5)` it is
        `x * (g / ((g -> reduce("mean")) + 1e-6)) * learned([x.channels, 1, 1]) + learned([x.channels, 1, 1]) + x`
    """,
    "swiglu SwiGLUPacked": "write `x -> linear(2 * hidden) -> split(2, -1) -> [silu, id] -> mul -> linear(x.features)`",
    "geglu": "write `x -> linear(2 * hidden) -> split(2, -1) -> [id, gelu] -> mul -> linear(x.features)`",
    "reglu": "write `x -> linear(2 * hidden) -> split(2, -1) -> [id, relu] -> mul -> linear(x.features)`",
    "window_partition": """
        windows of n by n are
        `x -> reshape([x.channels, x.height // n, n, x.width // n, n]) -> permute([1, 3, 2, 4, 0])`, then
        `reshape` to [windows, n * n, channels]
    """,
    "window_reverse window_unpartition": "it is `window_partition` backwards: `reshape`, `permute`, `reshape`",
    "channel_attention": "as in SENet it is `se` of std; CBAM's is in the zoo, `import cbam: cbam`",
    "print": "the command `analyze` shows the shape of every part",
}

# What no spec can say, and why.
ABSENT = {
    "losses and metrics belong to the code that trains: a network ends with its scores": """
        loss cross_entropy binary_cross_entropy binary_cross_entropy_with_logits kl_div linear_cross_entropy
        CosineSimilarity PairwiseDistance pdist AdaptiveLogSoftmaxWithLoss NLLLoss2d ActivityRegularization
    """,
    "it draws random numbers, which the language does not": """
        AlphaDropout FeatureAlphaDropout GaussianDropout GaussianNoise RReLU gumbel_softmax FractionalMaxPool2d
        fractional_max_pool2d_with_indices rand randn bernoulli multinomial dropblock
    """,
    "what it takes depends on the data; shapes and wiring here never do": """
        MaxUnpool2d unpool one_hot argmax topk sort where masked_fill gather scatter nms roi_align roi_pool Masking
        CategoryEncoding
    """,
    "there is no exp, log, sine or running sum of a tensor yet": """
        Softplus LogSigmoid exp log sin cos erf cumsum rope rotary_embedding
    """,
    "it prepares data, and is no part of the network": """
        TextVectorization Normalization Discretization Hashing StringLookup IntegerLookup HashedCrossing Rescaling
        MelSpectrogram STFTSpectrogram RandomCrop RandomFlip RandomTranslation RandomRotation RandomZoom
        RandomContrast RandomBrightness AutoContrast Equalization MixUp RandAugment
    """,
    "it says how a module runs, not what it computes": """
        DataParallel Wrapper TFSMLayer TorchModuleWrapper JaxLayer FlaxLayer no_grad scaled_mm grouped_mm
        scaled_grouped_mm
    """,
    "weights that are computed from weights have no word yet": """
        SpectralNormalization spectral_norm weight_norm StdConv2d ScaledStdConv2d
    """,
    "jumps have no word": "Hardshrink Threshold sign heaviside",
    "a product with a learned table between two tensors has no word": "Bilinear",
    "products are written with `permute` and `matmul`": "einsum EinsumDense tensordot",
    "windows as a tensor of their own have no word yet": "Fold Unfold im2col col2im",
    "`scan` carries vectors and maps forward only; these layers have no word yet": """
        Bidirectional ConvLSTM2D StackedRNNCells
    """,
    'resizing is "nearest" or linear ("bilinear" of a map): no other mode has a word': """
        bicubic area nearest_exact lanczos
    """,
    "a table that is looked up by distances has no word; `learned` added to the scores has a weight for every pair": """
        relative_position_bias RelPosBias rel_pos_bias relative_position
    """,
    "kernels that differ from place to place have no word": "LocallyConnected2D",
    "scores that are learned sums of tanh have no op": "AdditiveAttention",
    "its input has the channels last: `permute` around `conv` says the same": "conv_tbc",
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
    if word == "layernorm" and name.lower().endswith("2d"):  # of maps: not along the last axis
        word = plain("channel_layer_norm")
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
