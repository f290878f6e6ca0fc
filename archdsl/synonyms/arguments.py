"""Lists what other frameworks and papers call the arguments of our ops and blocks, and which have no place here."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from archdsl.synonyms.names import meaning, plain

# Our argument: what others call it. The first of ours that the called op or block has is meant.
ARGUMENTS = {
    "out": """
        out_channels out_features filters units features num_output num_filter num_filters num_hidden channels planes
        output_dim dim_out width
    """,
    "kernel": "kernel_size pool_size window window_shape filter_size kernel_shape ksize k size",
    "stride": "strides window_strides subsample s",
    "padding": "pad pads p",
    "dilation": "dilation_rate dilations rate atrous_rate kernel_dilation",
    "groups": "num_groups num_group feature_group_count cardinality group",
    "bias": "use_bias bias_term bias_attr",
    "multiplier": "depth_multiplier channel_multiplier",
    "eps": "epsilon",
    "shift": "bias use_bias center",
    "affine": "elementwise_affine",
    "ceil": "ceil_mode",
    "count_padding": "count_include_pad",
    "slope": "negative_slope alpha",
    "p": "rate ratio drop_prob drop_rate drop_path norm_type prob",
    "axis": "dim along",
    "size": "output_size local_size depth_radius",
    "scale": "scale_factor factor",
    "factor": "upscale_factor downscale_factor block_size",
    "mode": "interpolation method resample",
    "count": "num_embeddings input_dim vocab_size chunks",
    "features": "embedding_dim output_dim dim",
    "first": "start_dim dim0 axis0",
    "second": "dim1 axis1",
    "order": "dims perm axes",
    "shape": "unflattened_size target_shape newshape",
    "sections": "split_size split_size_or_sections num_or_size_splits indices_or_sections",
    "amounts": "padding pad paddings cropping pad_width",
    "value": "constant_values",
    "exponent": "p",
    "causal": "is_causal use_causal_mask",
    "outside": "padding_mode",
    "heads": "num_heads n_heads",
    "squeezed": "squeeze_channels rd_channels",
    "hidden": "hidden_features dim_feedforward mlp_dim",
    "d": "hidden_size units",
    "act": "activation act_layer",
    "begin": "start",
    "end": "stop",
    "low": "min min_val min_value clip_value_min",
    "high": "max max_val max_value clip_value_max",
    "how": "reduction op",
}

# Arguments that have no place here, and what to do instead.
LEFT_OUT = {
    "leave it out: what flows in says how many channels it has": """
        in_channels in_features num_features num_channels num_parameters input_size input_channels input_dim in_planes
        normalized_shape embed_dim d_model kdim vdim
    """,
    "leave it out: it says how to start, train or run, not what is computed": """
        momentum track_running_stats inplace device dtype kernel_initializer bias_initializer kernel_regularizer
        bias_regularizer activity_regularizer kernel_constraint bias_constraint weight_attr trainable training seed
        init recompute_scale_factor sparse scale_grad_by_freq max_norm padding_idx process_group
    """,
    "leave it out: the batch axis is not written": "batch_first batch_size time_major",
    "leave it out: channels come first, [C, H, W]": "data_format layout channels_last",
    "write the label behind it: `-> relu as act1`": "name",
    "write it behind, as a stage of its own: `-> relu`": """
        activation act act_fn act_layer act_type activation_fn activation_layer nonlinearity
    """,
    "write it behind, as a stage of its own: `-> bn`": "norm norm_layer normalizer_fn use_bn",
    'pad before it, `-> pad(amounts, "reflect")`, and write `padding = 0`': "padding_mode pad_type",
    "the signature says it: `network n(x: [3, 224, 224])`": "input_shape batch_input_shape",
    "write `dropout` behind it": "dropout drop",
    "leave it out: pools give values, not places, which `max_unpool` finds anew": "return_indices",
    "there is no such divisor: with `count_padding = false` only elements of the map count": "divisor_override",
    "no bias is left out alone here; `affine = false` leaves out scale and shift of a norm": "bias use_bias center",
    "there is no axis to choose here: the op's page says along which it works": "dim axis end_dim",
    "std has `bidirectional` around what is scanned": "bidirectional",
    "there is no word for it": """
        output_padding antialias add_bias_kv add_zero_attn proj_size num_layers norm_type threshold
        lambd
    """,
}


# Texts that others give an argument and we do not; of all else the argument's own page speaks.
TEXTS = {
    "full": "pad by hand, `-> pad(kernel - 1)`, and write `padding = 0` behind it",
    "causal area nearest_exact lanczos": "",  # as the name says
}


def text_elsewhere(value: str) -> str:
    """What to write for a text that others give an argument; "" for one that nobody gives."""
    for texts, said in TEXTS.items():
        if plain(value) in map(plain, texts.split()):
            meant = meaning(value)
            return said or (meant.text if meant is not None else "")
    return ""


def argument(name: str, names: Collection[str]) -> str | None:
    """Which of the parameters `names` others call `name`; None if none of them."""
    same = next((ours for ours in names if plain(ours) == plain(name)), None)
    return same or next((ours for ours in _inverted("arguments").get(name.lower(), ()) if ours in names), None)


def left_out(name: str) -> str | None:
    """What to do about an argument that has no place here; None for one that nobody uses."""
    return next(iter(_inverted("left out").get(name.lower(), ())), None)


@cache
def _inverted(which: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for ours, names in (ARGUMENTS if which == "arguments" else LEFT_OUT).items():
        for name in names.lower().split():
            found.setdefault(name, []).append(ours)
    return found
