"""Holds the PyTorch source of what torch lacks: TensorFlow's "same" padding, for convolutions and pools of any rank."""

from __future__ import annotations

from archdsl.ops.torch_form import Helper

PAD_SAME = Helper(
    "pad_same",
    '''def pad_same(
    x: Tensor,
    kernel: int | tuple[int, ...],
    stride: int | tuple[int, ...],
    dilation: int | tuple[int, ...] = 1,
    value: float = 0.0,
) -> Tensor:
    """Pad as TensorFlow's "same" does, so that output = ceil(input / stride)."""
    sizes = (kernel, stride, dilation)
    axes = [v if isinstance(v, tuple) else (v,) * (x.dim() - 2) for v in sizes]
    pads: list[int] = []
    for size, k, s, d in zip(x.shape[2:], *axes):
        total = max((-(-size // s) - 1) * s + (k - 1) * d + 1 - size, 0)
        pads = [total // 2, total - total // 2, *pads]
    return F.pad(x, pads, value=value)
''',
)


def conv_same(rank: int) -> tuple[Helper, ...]:
    """nn.Conv{rank}d with "same" padding."""
    name = f"Conv{rank}dSame"
    source = f'''class {name}(nn.Conv{rank}d):
    """nn.Conv{rank}d with TensorFlow's "same" padding."""

    def forward(self, x: Tensor) -> Tensor:
        x = pad_same(x, self.kernel_size, self.stride, self.dilation)
        return super().forward(x)
'''
    return PAD_SAME, Helper(name, source)


def conv_transpose_same(rank: int) -> tuple[Helper, ...]:
    """nn.ConvTranspose{rank}d whose output is stride * input; its own padding is what is cut off the beginning."""
    name = f"ConvTranspose{rank}dSame"
    axes = ("depth", "height", "width")[3 - rank :]
    source = f'''class {name}(nn.ConvTranspose{rank}d):
    """The input gradient of a convolution with TensorFlow's "same" padding."""

    def forward(self, x: Tensor) -> Tensor:
        {", ".join(axes)}{"," if rank == 1 else ""} = (n * s for n, s in zip(x.shape[2:], self.stride))
        return super().forward(x)[:, :, {", ".join(f":{axis}" for axis in axes)}]
'''
    return (Helper(name, source),)


def max_pool_same(rank: int) -> tuple[Helper, ...]:
    """nn.MaxPool{rank}d with "same" padding, by minus infinity."""
    name = f"MaxPool{rank}dSame"
    source = f'''class {name}(nn.MaxPool{rank}d):
    """nn.MaxPool{rank}d with TensorFlow's "same" padding."""

    def forward(self, x: Tensor) -> Tensor:
        least = float("-inf")
        x = pad_same(x, self.kernel_size, self.stride, self.dilation, least)
        return super().forward(x)
'''
    return PAD_SAME, Helper(name, source)


def avg_pool_same(rank: int) -> tuple[Helper, ...]:
    """nn.AvgPool{rank}d with "same" padding; the padding is averaged in only if `count_include_pad`."""
    name = f"AvgPool{rank}dSame"
    source = f'''class {name}(nn.AvgPool{rank}d):
    """nn.AvgPool{rank}d with TensorFlow's "same" padding."""

    def forward(self, x: Tensor) -> Tensor:
        mean = super().forward(pad_same(x, self.kernel_size, self.stride))
        if self.count_include_pad:
            return mean
        inside = pad_same(torch.ones_like(x[:1, :1]), self.kernel_size, self.stride)
        return mean / super().forward(inside)
'''
    return PAD_SAME, Helper(name, source)
