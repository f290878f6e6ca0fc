"""Turns a misspelt name into the known one that it may mean, quickly however many names and mistakes there are."""

from __future__ import annotations

import difflib
from collections.abc import Collection

# What other frameworks and papers call it.
ALSO_CALLED = {
    **dict.fromkeys(("batchnorm", "batch_norm", "batchnorm2d", "batchnormalization"), "bn"),
    **dict.fromkeys(("fc", "dense", "fully_connected"), "linear"),
    **dict.fromkeys(("conv2d", "convolution"), "conv"),
    **dict.fromkeys(("dwconv", "dw_conv", "depthwise_conv", "depthwiseconv2d"), "depthwise"),
    **dict.fromkeys(("maxpool", "maxpool2d", "maxpooling2d"), "max_pool"),
    **dict.fromkeys(("avgpool", "avgpool2d", "averagepooling2d"), "avg_pool"),
    **dict.fromkeys(("gap", "globalaveragepooling2d", "global_average_pool"), "global_avg_pool"),
    **dict.fromkeys(("cat", "concatenate", "concatenation"), "concat"),
    **dict.fromkeys(("identity", "skip", "shortcut"), "id"),
    **dict.fromkeys(("filters", "out_channels", "channels", "features", "out_features", "units"), "out"),
    **dict.fromkeys(("kernel_size", "ksize", "k"), "kernel"),
    **dict.fromkeys(("strides", "s"), "stride"),
    **dict.fromkeys(("pad", "p"), "padding"),
    **dict.fromkeys(("cardinality", "num_groups"), "groups"),
    **dict.fromkeys(("use_bias",), "bias"),
}
MISTAKES = 100  # after so many mistakes, repeated ones counted, nobody needs more advice, and each comparison costs
NAMES = 300


def nearest(name: str, known: Collection[str], cutoff: float = 0.6, mistakes: int = 0) -> str | None:
    """The closest of `known` to `name`; None when nothing is close, or it is not worth the time after `mistakes`."""
    if len(name) > 60 or mistakes > MISTAKES:
        return None
    meant = ALSO_CALLED.get(name.lower())
    if meant is not None and meant in known:
        return meant
    candidates = [other for other in known if abs(len(other) - len(name)) <= 10]
    if len(candidates) > NAMES:
        candidates = [other for other in candidates if other[:1] == name[:1]][:NAMES]
    near = difflib.get_close_matches(name, candidates, 1, cutoff)
    return near[0] if near else None
