"""Makes networks that make images to compare with, in torch from PyTorch's examples and papers."""

from __future__ import annotations

from torch import Tensor, nn


class _Main(nn.Module):
    """A sequence under the name that PyTorch's example gives it."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.main = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """The sequence."""
        result: Tensor = self.main(x)
        return result


def dcgan_generator(_: str) -> nn.Module:
    """Radford et al. 2015, Figure 1, with half of its channels: 100 numbers to 64 x 64 pixels."""
    layers: list[nn.Module] = []
    for a, b, stride, padding in ((100, 512, 1, 0), (512, 256, 2, 1), (256, 128, 2, 1), (128, 64, 2, 1)):
        layers += [nn.ConvTranspose2d(a, b, 4, stride, padding, bias=False), nn.BatchNorm2d(b), nn.ReLU()]
    return _Main(*layers, nn.ConvTranspose2d(64, 3, 4, 2, 1, bias=False), nn.Tanh())


def dcgan_discriminator(_: str) -> nn.Module:
    """The same way back, to one number; no norm on the pixels."""
    layers: list[nn.Module] = [nn.Conv2d(3, 64, 4, 2, 1, bias=False), nn.LeakyReLU(0.2)]
    for width in (128, 256, 512):
        layers += [nn.Conv2d(width // 2, width, 4, 2, 1, bias=False), nn.BatchNorm2d(width), nn.LeakyReLU(0.2)]
    return _Main(*layers, nn.Conv2d(512, 1, 4, bias=False), nn.Sigmoid())
