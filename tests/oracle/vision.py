"""Makes networks for maps, warping and second-order statistics to compare with, from papers and torch functions."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from tests.oracle.attention import get_model
from tests.oracle.reference import torchvision, torchvision_model


def espcn(_: str, r: int) -> nn.Module:
    """Shi et al. 2016, section 3.1: 5-3-3 on one channel, tanh, sub-pixel convolution."""
    return nn.Sequential(
        nn.Conv2d(1, 64, 5, padding=2),
        nn.Tanh(),
        nn.Conv2d(64, 32, 3, padding=1),
        nn.Tanh(),
        nn.Conv2d(32, r * r, 3, padding=1),
        nn.PixelShuffle(r),
    )


class FCN(nn.Module):
    """Long et al. 2015 as in the authors' Caffe models, out of torchvision's VGG-16, with 21 classes.

    `offsets` say where the scores of pool4 and pool3 and finally the pixels begin in what is cropped; none: the coarse
    scores as they are.
    """

    def __init__(self, offsets: Sequence[int]) -> None:
        super().__init__()
        self.offsets = tuple(offsets)
        self.features = torchvision_model("vgg16").features
        self.features[0].padding = (100, 100)
        for layer in self.features:
            if isinstance(layer, nn.MaxPool2d):
                layer.ceil_mode = True
        fc6 = (nn.Conv2d(512, 4096, 7), nn.ReLU(), nn.Dropout(0.5))
        self.coarse = nn.Sequential(*fc6, nn.Conv2d(4096, 4096, 1), nn.ReLU(), nn.Dropout(0.5), nn.Conv2d(4096, 21, 1))
        skips = len(self.offsets) - 1
        self.doubled = nn.ModuleList(nn.ConvTranspose2d(21, 21, 4, 2, bias=False) for _ in range(skips))
        self.scores = nn.ModuleList(nn.Conv2d(channels, 21, 1) for channels in (512, 256)[: max(skips, 0)])
        if self.offsets:
            step = 32 >> skips
            self.last = nn.ConvTranspose2d(21, 21, 2 * step, step, bias=False)

    def forward(self, image: Tensor) -> Tensor:
        """[batch, 3, H, W] to scores [batch, 21, H, W]."""
        pools = []
        x = image
        for layer in self.features:
            x = layer(x)
            if isinstance(layer, nn.MaxPool2d):
                pools.append(x)
        x = self.coarse(x)
        for index, (double, score) in enumerate(zip(self.doubled, self.scores, strict=True)):
            x = double(x)
            x = x + _crop(score(pools[3 - index]), self.offsets[index], x)
        return _crop(self.last(x), self.offsets[-1], image) if self.offsets else x


def _crop(x: Tensor, offset: int, like: Tensor) -> Tensor:
    return x.narrow(2, offset, like.shape[2]).narrow(3, offset, like.shape[3])


def fcn(_: str, offsets: Sequence[int]) -> nn.Module:
    """FCN-32s, 16s or 8s, by the offsets of their crops."""
    return FCN(offsets)


def segmentation(name: str) -> nn.Module:
    """torchvision's segmentation network with its auxiliary head, the two results as a tuple."""
    maker = getattr(torchvision.models.segmentation, name)
    model: nn.Module = maker(weights=None, weights_backbone=None, aux_loss=True)
    model.register_forward_hook(lambda _, args, out: (out["out"], out["aux"]))
    return model


def covariance_resnet(name: str) -> nn.Module:
    """pytorchcv's iSQRT-COV-ResNet, as it is."""
    model: nn.Module = get_model(name, pretrained=False)
    return model


class BilinearCNN(nn.Module):
    """Lin et al. 2015 on torchvision's VGG-16 without its last pool: a sum of outer products, place by place."""

    def __init__(self) -> None:
        super().__init__()
        self.features = torchvision_model("vgg16").features[:-1]
        self.fc = nn.Linear(512 * 512, 200)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, 3, H, W] to scores [batch, 200]."""
        x = self.features(x)
        pooled = torch.einsum("bihw,bjhw->bij", x, x) / (x.shape[2] * x.shape[3])
        scores: Tensor = self.fc(nn.functional.normalize(torch.sqrt(pooled.flatten(1) + 1e-5)))
        return scores


def bilinear_cnn(_: str) -> nn.Module:
    """B-CNN [D, D] for the 200 birds of CUB."""
    return BilinearCNN()


class SpatialTransformerNet(nn.Module):
    """PyTorch's tutorial network for MNIST, up to the scores; the grid of equation 1 and the sampler of torch."""

    def __init__(self) -> None:
        super().__init__()
        pool = (nn.MaxPool2d(2), nn.ReLU())
        self.localization = nn.Sequential(nn.Conv2d(1, 8, 7), *pool, nn.Conv2d(8, 10, 5), *pool, nn.Flatten())
        self.fc_loc = nn.Sequential(nn.Linear(90, 32), nn.ReLU(), nn.Linear(32, 6))
        maps = (nn.Conv2d(1, 10, 5), *pool, nn.Conv2d(10, 20, 5), nn.Dropout2d(0.5), *pool, nn.Flatten())
        self.body = nn.Sequential(*maps, nn.Linear(320, 50), nn.ReLU(), nn.Dropout(0.5), nn.Linear(50, 10))

    def forward(self, image: Tensor) -> Tensor:
        """[batch, 1, 28, 28] to scores [batch, 10]."""
        theta = self.fc_loc(self.localization(image)).unflatten(1, (2, 3))
        centres = (torch.arange(28, dtype=image.dtype, device=image.device) * 2 + 1) / 28 - 1
        x, y = centres.expand(28, 28), centres[:, None].expand(28, 28)
        places = torch.stack([x, y, torch.ones_like(x)], dim=-1)
        grid = (places[None, :, :, None] * theta[:, None, None]).sum(-1)
        scores: Tensor = self.body(nn.functional.grid_sample(image, grid, align_corners=False))
        return scores


def spatial_transformer(_: str) -> nn.Module:
    """The tutorial's network."""
    return SpatialTransformerNet()


class GlobalConvolution(nn.Module):
    """Peng et al. 2017, Figure 2 (B): two ways through a k x k window, one axis after the other."""

    def __init__(self, channels: int, out: int, k: int) -> None:
        super().__init__()
        column, row = {"kernel_size": (k, 1), "padding": (k // 2, 0)}, {"kernel_size": (1, k), "padding": (0, k // 2)}
        self.left = nn.Sequential(nn.Conv2d(channels, out, **column), nn.Conv2d(out, out, **row))
        self.right = nn.Sequential(nn.Conv2d(channels, out, **row), nn.Conv2d(out, out, **column))

    def forward(self, x: Tensor) -> Tensor:
        """[batch, channels, H, W] to [batch, out, H, W]."""
        result: Tensor = self.left(x) + self.right(x)
        return result


class BoundaryRefinement(nn.Module):
    """Peng et al. 2017, Figure 2 (C): scores and a residual."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            nn.Conv2d(classes, classes, 3, padding=1), nn.ReLU(), nn.Conv2d(classes, classes, 3, padding=1)
        )

    def forward(self, x: Tensor) -> Tensor:
        """[batch, classes, H, W] to the same."""
        result: Tensor = x + self.residual(x)
        return result


class GCN(nn.Module):
    """Peng et al. 2017, Figure 2 (A), on a ResNet of torchvision's, with k = 15 and 21 classes."""

    def __init__(self, backbone: str) -> None:
        super().__init__()
        self.backbone = torchvision_model(backbone)
        del self.backbone.fc
        channels = (256, 512, 1024, 2048)
        self.scores = nn.ModuleList(
            nn.Sequential(GlobalConvolution(c, 21, 15), BoundaryRefinement(21)) for c in channels
        )
        self.up = nn.ModuleList(nn.ConvTranspose2d(21, 21, 4, 2, 1, bias=False) for _ in range(5))
        self.refine = nn.ModuleList(BoundaryRefinement(21) for _ in range(5))

    def forward(self, x: Tensor) -> Tensor:
        """[batch, 3, H, W] to scores [batch, 21, H, W]; H and W divisible by 32."""
        net = self.backbone
        x = net.maxpool(net.relu(net.bn1(net.conv1(x))))
        maps = []
        for stage, score in zip((net.layer1, net.layer2, net.layer3, net.layer4), self.scores, strict=True):
            x = stage(x)
            maps.append(score(x))
        y = maps.pop()
        for up, refine in zip(self.up, self.refine, strict=True):
            y = up(y)
            y = refine(y + maps.pop() if maps else y)
        return y


def gcn(_: str, backbone: str) -> nn.Module:
    """The global convolutional network on one of torchvision's ResNets."""
    return GCN(backbone)
