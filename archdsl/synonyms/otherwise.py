"""Lists what others have a name for and we have none: how it is written here, or why no spec can say it."""

from __future__ import annotations

# What other words of ours say. Code between backticks runs where x is a map `[8, 8, 8]` (a test tries all of it).
PHRASES = {
    "ReflectionPad2d": 'write `x -> pad(amounts, "reflect")`',
    "ReplicationPad2d": 'write `x -> pad(amounts, "replicate")`',
    "CircularPad2d": 'write `x -> pad(amounts, "circular")`',
    "pool pooling": "say which: `max_pool`, `avg_pool`, `global_avg_pool`",
    "global_pool": "say which: `x -> global_avg_pool` or `x -> global_max_pool`",
    "norm": "say which: `bn`, `layer_norm`, `group_norm`, `instance_norm`",
    "dilated atrous dilated_conv atrous_conv dilated_convolution atrous_convolution": """
        write `x -> conv(out, kernel, dilation = n)`
    """,
    "grouped_conv group_conv grouped_convolution": "write `x -> conv(out, kernel, groups = n)`",
    "strided_conv": "write `x -> conv(out, kernel, n)`",
    "ScaledStdConv2d equalized_conv": """
        a kernel may be any tensor: `[x, learned([16, x.channels, 3, 3], "normal") * 0.1] -> convolve`
    """,
    "cond_conv dynamic_conv modulated_conv hypernetwork": """
        a kernel may be any tensor: `[x, x -> global_avg_pool -> conv(9 * x.channels) -> reshape([x.channels, 1, 3, 3])]
        -> convolve(groups = x.channels)`
    """,
    "same_conv conv_same avg_pool_same max_pool_same": """
        as TensorFlow pads: `x -> conv(out, kernel, padding = "same")`, and pools alike
    """,
    "causal causal_conv causal_convolution dilated_causal_conv": """
        pad a sequence in front alone, by n = (kernel - 1) * dilation:
        `x -> pad((n, 0)) -> conv(out, kernel, padding = 0)`
    """,
    "causal_attention causal_self_attention masked_self_attention": "of std: `self_attention`, with `causal = true`",
    "gated gate gating": """
        a gate is a product, `x * (x -> conv(x.channels) -> sigmoid)`, or one of two halves: `a, b = x -> split(2)`,
        then `a * (b -> sigmoid)`
    """,
    "gated_conv gated_convolution": "write `x -> conv(2 * out, kernel) -> split(2) -> [id, sigmoid] -> mul`",
    "channel_layer_norm LayerNormChannelsFirst": """
        the channels at each place: `x -> permute([1, 2, 0]) -> layer_norm -> permute([2, 0, 1])`
    """,
    "channel_layer_norm_of_sequences": "the channels at each place: `x -> transpose -> layer_norm -> transpose`",
    "pixel_norm": 'write `x / ((x -> power(2) -> reduce("mean", axis = 0)) + 1e-8 -> power(0.5))`',
    "filter_response_norm frn": """
        write `x / ((x -> power(2) -> global_avg_pool) + 1e-6 -> power(0.5))`, times a `learned` scale, plus a shift;
        its unit is `[x, learned([x.channels, 1, 1])] -> maximum`
    """,
    "adain adaptive_instance_norm": """
        write `x -> instance_norm`, times a scale and plus a shift per channel, which another tensor gives
    """,
    "FiLM conditional_batch_norm conditional_bn": """
        times a scale and plus a shift per channel, which another tensor gives by `linear`
    """,
    "batch_norm_act bn_relu": "write `x -> bn -> relu`",
    "conv_relu conv_act": "write `x -> conv(out, kernel) -> relu`",
    "bn_relu_conv preact_conv": "write `x -> bn -> relu -> conv(out, kernel)`",
    "eca eca_module efficient_channel_attention": """
        write `x * (x -> global_avg_pool -> transpose(0, 2) -> conv(1, (1, kernel), bias = false) -> transpose(0, 2)
        -> sigmoid)`
    """,
    "residual pre_norm skip_add residual_connection": """
        a sum with what came in: `x + (x -> layer_norm -> linear(x.features))`
    """,
    "skip shortcut skip_connection": """
        what passes on unchanged is the stage `id`; a tensor of your own gets its name first: `shortcut = x`
    """,
    "spatial_softmax soft_argmax": """
        a weight for each place of a channel: `x -> flatten(1) -> softmax -> reshape(x.shape)`; the place itself is a
        product with `learned` or given coordinates
    """,
    "token_mixing mixer_block": """
        along the places of a sequence [T, features]:
        `x -> transpose(0, 1) -> linear(hidden) -> gelu -> linear(x.shape[0]) -> transpose(0, 1)`
    """,
    "highway": "write `x + (x -> linear(x.features) -> sigmoid) * ((x -> linear(x.features) -> relu) - x)`",
    "lora": "write `(x -> linear(out)) + (x -> linear(n, bias = false) -> linear(out, bias = false))`",
    "adapter": "write `x + (x -> linear(hidden) -> relu -> linear(x.features))`",
    "patch_embed patchify patch_embedding to_patch_embedding": """
        of n by n pixels `x -> conv(out, n, n)`; as a sequence `x -> conv(out, n, n) -> flatten(1) -> transpose`
    """,
    "patch_merging": """
        `x -> pixel_unshuffle(2)` brings four neighbours into the channels, in another order than Swin's slices;
        `layer_norm` and `linear` follow, channels last
    """,
    "quick_gelu gelu_quick": "write `x * (x * 1.702 -> sigmoid)`",
    "relu_squared squared_relu relu2": "write `x -> relu -> power(2)`",
    "crelu": "write `[x, -x] -> concat -> relu`",
    "softcap logit_softcap logit_cap": "write `(x / 30.0 -> tanh) * 30.0`",
    "rsqrt": "of a tensor it is `x -> power(-0.5)`",
    "min_pool": "write `-(-x -> max_pool(kernel))`",
    "gem gem_pool generalized_mean_pool": """
        with a fixed exponent, of what is not negative: `x -> relu -> power(3) -> global_avg_pool -> power(1 / 3)`
    """,
    "spp spatial_pyramid_pool spatial_pyramid_pooling": """
        write `[x -> adaptive_max_pool(n) -> flatten for n in [1, 2, 4]] -> concat`
    """,
    "downsample downsampling subsample subsampling": """
        say how: `x -> conv(out, 3, 2)`, `x -> max_pool(2)`, `x -> avg_pool(2)`
    """,
    "resample": "larger is `x -> upsample(2)`; smaller is a stride or a pool",
    "head stem neck backbone encoder decoder classifier classifier_head basic_block residual_block res_block": """
        no op: write a `block` of your own, or take one of the zoo: `import resnet: basic`
    """,
    "mbconv inverted_bottleneck": "the zoo has it: `import efficientnet: mbconv`",
    "ghost_module ghost_conv": "the zoo has it: `import ghostnet: ghost`",
    "sk_conv selective_kernel_conv": "the zoo has it: `import sknet: selective_kernel`",
    "splat split_attention split_attn": "the zoo has what it came from: `import sknet: selective_kernel`",
    "dense_layer dense_block": "the zoo has its layers: `import densenet: dense_layer`",
    "window_attention shifted_window_attention swin_block": """
        windows are made by `window_partition`; of each, [n * n, channels], `self_attention` of std
    """,
    "axial_attention linear_attention cosine_attention talking_heads triplet_attention external_attention": """
        no word of its own: `linear`, `reshape`, `matmul`, `softmax` and `sdpa` write it, as `attend` of std is written
    """,
    "attention_pool multi_query_attention mqa grouped_query_attention group_query_attention gqa performer": """
        no word of its own: `linear`, `reshape`, `matmul`, `softmax` and `sdpa` write it, as `attend` of std is written
    """,
    "celu": "with an alpha a it is `(x / a -> elu) * a`, of 1 `x -> elu`",
    "hardtanh": "from -1 to 1 it is `x -> clamp(-1, 1)`",
    "softsign": "write `x / ((x -> abs) + 1)`",
    "softmin": "along axis 0 it is `-x -> softmax(0)`, along the last `-x -> softmax(-1)`",
    "tanhshrink": "write `x - (x -> tanh)`",
    "softshrink": "write `(x - 0.5 -> relu) - (-x - 0.5 -> relu)`",
    "LogSigmoid": "write `-(-x -> softplus)`",
    "tanh_exp": "write `x * (x -> exp -> tanh)`",
    "log1p": "write `x + 1 -> log`",
    "expm1": "write `(x -> exp) - 1`",
    "sinh": "write `((x -> exp) - (-x -> exp)) / 2`",
    "cosh": "write `((x -> exp) + (-x -> exp)) / 2`",
    "tan": "write `(x -> sin) / (x -> cos)`",
    "logsumexp": 'along axis 0 it is `x -> exp -> reduce("sum", axis = 0) -> log`',
    "sqrt": "of a tensor it is `x -> power(0.5)`",
    "log2": "of a tensor it is `(x -> log) / 0.6931471805599453`",
    "reciprocal": "write `x -> power(-1)`",
    "neg negative": "write `-x`",
    "sum reduce_sum": 'of several tensors it is `[x, x] -> add`, along an axis `x -> reduce("sum", axis = 0)`',
    "channel_rms_norm": """
        the channels at each place: `x -> permute([1, 2, 0]) -> rms_norm -> permute([2, 0, 1])`
    """,
    "repeat tile RepeatVector expand expand_as broadcast_to": """
        write `[x] * n -> concat`; `+` and `*` stretch sizes of 1 by themselves
    """,
    "unsqueeze expand_dims": """
        an axis in front is made by `x -> reshape([1] + x.shape)`, one behind by `x -> reshape(x.shape + [1])`
    """,
    "squeeze": "write `x -> reshape(shape)` with the sizes that stay; `linear` takes `[C, 1, 1]` as it is",
    "bias_add": "a bias is part of the op: `x -> conv(out, bias = true)`",
    "Scale LayerScale": 'write `x * learned([x.channels, 1, 1], "ones")`',
    "Sequential HybridSequential ModuleList ParameterList Container Model Graph Pipeline": """
        stages stand one after the other: `x -> conv(out) -> relu`; what repeats is `x -> conv(out, kernel) * n`, a
        list of stages `[conv(out), relu]`
    """,
    "bicubic": 'write `x -> upsample(2, mode = "bicubic")`',
    "resize_bilinear": 'write `x -> upsample(2, mode = "bilinear")`',
    "ModuleDict ParameterDict": "choose by a condition: `x -> (relu if x.channels > 8 else tanh)`",
    "separable_conv SeparableConv2D sep_conv depthwise_separable_conv": "write `x -> depthwise(kernel) -> conv(out)`",
    "EmbeddingBag": 'write `embedding`, then `x -> reduce("mean", axis = 0)`',
    "LogSoftmax": """
        the logarithm belongs to the loss, which takes scores; as a tensor it is `x -> softmax(0) -> log`, along the
        last axis `x -> softmax(-1) -> log`
    """,
    "Activation": "write the function itself: `x -> relu`",
    "Input InputLayer placeholder": "inputs stand in the signature: `network n(x: [3, 224, 224]) = x -> conv(8)`",
    "RNNCell SimpleRNN SimpleRNNCell RNNBase RNNCellBase min_gru qrnn sru ConvLSTM2D ConvLSTMCell StackedRNNCells": """
        write a block whose last input and output are the state, and `scan` it, as `lstm` and `gru` of std are
    """,
    "Transformer TransformerEncoder TransformerEncoderLayer": """
        the zoo has its layers: `import transformer: encoder_layer`
    """,
    "TransformerDecoder TransformerDecoderLayer": "the zoo has its layers: `import transformer: decoder_layer`",
    "Lambda Module Layer HybridBlock": "write a `block`: its statements are what the forward pass does",
    "checkpoint remat contiguous detach clone float half cuda to": """
        leave it out: it changes nothing of what is computed
    """,
    "arange linspace": "a list makes it: `constant(range(10))`, `constant([i / 9 for i in range(10)])`",
    "ones full ones_like full_like ConstantOfShape": """
        numbers stand in expressions, `x * 0.5 + 1`; a tensor of them is `constant([[0.5] * 4 for i in range(3)])`
    """,
    "eye identity_matrix": "a list makes it: `constant([[1 if i == j else 0 for j in range(4)] for i in range(4)])`",
    "meshgrid add_coords coord_conv": """
        two constants that sums stretch: `constant(range(8)) -> reshape([8, 1])` and
        `constant(range(8)) -> reshape([1, 8])`
    """,
    "fourier_features timestep_embedding": """
        sines and cosines of what `constant` gives, or of the input: `[x * 2.0 -> sin, x * 2.0 -> cos] -> concat`
    """,
    "relative_position_bias RelPosBias rel_pos_bias rel_pos relative_position": """
        a table that is looked up by distances, for 8 places and 4 heads:
        `learned([15, 4]) -> take([[i - j + 7 for j in range(8)] for i in range(8)]) -> permute([2, 0, 1])`, as the
        fourth operand of `sdpa`; of windows, `relative_index` of std makes the index
    """,
    "alibi": """
        distances times a slope for each head, as the fourth operand of `sdpa`:
        `constant([[[-abs(i - j) / 2 ** h for j in range(8)] for i in range(8)] for h in range(4)])`
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
    "glu_mlp": "write `x -> linear(2 * hidden) -> split(2, -1) -> [id, sigmoid] -> mul -> linear(x.features)`",
    "conv_mlp": "write `x -> conv(hidden) -> relu -> conv(x.channels)`",
    "swiglu SwiGLUPacked swiglu_ffn swiglu_mlp": """
        write `x -> linear(2 * hidden) -> split(2, -1) -> [silu, id] -> mul -> linear(x.features)`
    """,
    "geglu geglu_mlp": "write `x -> linear(2 * hidden) -> split(2, -1) -> [id, gelu] -> mul -> linear(x.features)`",
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
        label_smoothing
    """,
    "it draws random numbers, which the language does not": """
        AlphaDropout FeatureAlphaDropout GaussianDropout GaussianNoise RReLU gumbel_softmax FractionalMaxPool2d
        fractional_max_pool2d_with_indices rand randn bernoulli multinomial dropblock stochastic_pool zoneout
        variational_dropout locked_dropout shake_drop patch_dropout gumbel
    """,
    "what it takes depends on the data; shapes and wiring here never do": """
        one_hot argmax topk sort where masked_fill gather scatter nms Masking
        CategoryEncoding argmin nonzero unique searchsorted sparsemax entmax median_pool moe mixture_of_experts
        switch_ffn top_k_routing vector_quantizer vq quantize codebook straight_through knn ball_query
        farthest_point_sample graph_conv gcn_conv gat_conv sage_conv edge_conv message_passing
    """,
    "there is no running sum of a tensor and no error function yet": """
        erf cumsum cumprod mamba selective_scan mlstm slstm xlstm
    """,
    "it prepares data, and is no part of the network": """
        TextVectorization Normalization Discretization Hashing StringLookup IntegerLookup HashedCrossing Rescaling
        MelSpectrogram STFTSpectrogram RandomCrop RandomFlip RandomTranslation RandomRotation RandomZoom
        RandomContrast RandomBrightness AutoContrast Equalization MixUp CutMix Cutout RandomErasing RandAugment
    """,
    "it says how a module runs, not what it computes": """
        DataParallel pmap jit Wrapper TFSMLayer TorchModuleWrapper JaxLayer FlaxLayer no_grad scaled_mm grouped_mm
        scaled_grouped_mm
    """,
    "its power iteration is a matter of training": "SpectralNormalization spectral_norm",
    "jumps have no word": "Hardshrink Threshold sign heaviside",
    "a product with a learned table between two tensors has no word": "Bilinear",
    "products are written with `permute` and `matmul`": "einsum EinsumDense tensordot outer",
    'resizing is "nearest", linear ("bilinear" of a map) or "bicubic": no other mode has a word': """
        area nearest_exact lanczos
    """,
    "kernels that differ from place to place have no word": "LocallyConnected2D involution carafe",
    "fixed kernels have no word: `avg_pool` weighs all alike, `depthwise` learns": """
        blur_pool max_blur_pool anti_alias antialias haar_wavelet dwt
    """,
    "there are no complex numbers, and no Fourier transform": "fft rfft irfft fft2 spectral_conv fourier afno",
    "weights start as PyTorch starts them; the emitted module may start them otherwise": """
        trunc_normal kaiming_normal kaiming_uniform xavier_normal xavier_uniform he_normal glorot_uniform init_weights
    """,
    "scores that are learned sums of tanh have no op": "AdditiveAttention",
    "its input has the channels last: `permute` around `conv` says the same": "conv_tbc",
}
