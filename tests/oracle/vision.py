"""Makes networks for maps, warping and second-order statistics to compare with, from papers and torch functions."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

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


class Taps(nn.Conv2d):
    """Dai et al. 2017, equation 2: a 3x3 convolution tap by tap, each moved and read from its four neighbours."""

    def forward(self, x: Tensor, moves: Tensor) -> Tensor:
        """[batch, C, H, W] and [batch, 18, H, W] to [batch, out, H, W]."""
        rows, columns = (torch.arange(n, device=x.device, dtype=x.dtype) for n in x.shape[2:])
        result = x.new_zeros(x.shape[0], self.out_channels, *x.shape[2:])
        for tap, (down, right) in enumerate(zip(moves[:, ::2].unbind(1), moves[:, 1::2].unbind(1), strict=True)):
            y = rows[:, None] + self.dilation[0] * (tap // 3 - 1) + down
            z = columns + self.dilation[1] * (tap % 3 - 1) + right
            read = sum(_corner(x, y.floor() + i, z.floor() + j, y, z) for i in (0, 1) for j in (0, 1))
            result = result + torch.einsum("oc,bchw->bohw", self.weight[:, :, tap // 3, tap % 3], read)
        return result


class Deformable(nn.Module):
    """A 3x3 convolution with dilation 2 whose taps a second one moves."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.offset = nn.Conv2d(channels, 18, 3, padding=2, dilation=2)
        self.taps = Taps(channels, channels, 3, dilation=2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, channels, H, W] to the same."""
        result: Tensor = self.taps(x, self.offset(x))
        return result


def _corner(x: Tensor, row: Tensor, column: Tensor, y: Tensor, z: Tensor) -> Tensor:
    """`x` at whole (row, column) [batch, H, W], weighted by the distance to (y, z); 0 outside."""
    height, width = x.shape[2:]
    inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    place = row.clamp(0, height - 1).long() * width + column.clamp(0, width - 1).long()
    values = x.flatten(2).gather(2, place.flatten(1)[:, None].expand(-1, x.shape[1], -1)).view_as(x)
    return values * (inside * (1 - (y - row).abs()) * (1 - (z - column).abs()))[:, None]


def deform(_: str, backbone: str) -> nn.Module:
    """torchvision's ResNet, the last stage without stride and deformable; scores of 21 classes for every pixel."""
    net = torchvision_model(backbone)
    for unit in net.layer4:
        unit.conv2 = Deformable(512)
    net.layer4[0].downsample[0].stride = (1, 1)
    trunk = (net.conv1, net.bn1, net.relu, net.maxpool, net.layer1, net.layer2, net.layer3, net.layer4)
    return Enlarged(nn.Sequential(*trunk, nn.Conv2d(2048, 21, 1)))


class Enlarged(nn.Module):
    """A network's map, enlarged to the size of the image by bilinear interpolation."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, image: Tensor) -> Tensor:
        """[batch, 3, H, W] to [batch, channels, H, W]."""
        return nn.functional.interpolate(self.net(image), image.shape[2:], mode="bilinear")


class Encoding(nn.Module):
    """Zhang et al. 2018, section 3: what places add up to that stand for each of K codewords of c features.

    The sum of w (x - d) over places is the sum of w x, less d as often as the w of all places together say.
    """

    def __init__(self, c: int, K: int) -> None:
        super().__init__()
        self.codewords = nn.Parameter(torch.empty(1, 1, K, c))
        self.scales = nn.Parameter(torch.empty(1, 1, K, 1))

    def forward(self, x: Tensor) -> Tensor:
        """[batch, c, H, W] to [batch, K, c]."""
        places, words = x.flatten(2).transpose(1, 2), self.codewords[0, 0]
        distances = (places[:, :, None] - words).square().sum(3)
        near = torch.softmax(self.scales[0, 0, :, 0] * distances, 2)
        sums = (near[..., None] * places[:, :, None]).sum(1)
        return sums - near.sum(1)[..., None] * words


class EncNet(nn.Module):
    """The authors' EncNet without lateral connections, on torchvision's dilated ResNet."""

    def __init__(self, name: str, classes: int, K: int) -> None:
        super().__init__()
        model = segmentation(name)
        self.backbone = model.backbone
        self.squeeze = nn.Sequential(nn.Conv2d(2048, 512, 3, padding=1, bias=False), nn.BatchNorm2d(512), nn.ReLU())
        encode = (nn.Conv2d(512, 512, 1, bias=False), nn.BatchNorm2d(512), nn.ReLU(), Encoding(512, K))
        self.encode = nn.Sequential(*encode, nn.BatchNorm1d(K), nn.ReLU())
        self.gate = nn.Linear(512, 512)
        self.scores = nn.Sequential(nn.Dropout2d(0.1), nn.Conv2d(512, classes, 1))
        self.aux = model.aux_classifier
        self.aux[-1] = nn.Conv2d(256, classes, 1)
        self.whole = nn.Linear(512, classes)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """[batch, 3, H, W] to scores of pixels, of the image, and of pixels by the auxiliary head."""
        maps = self.backbone(x)
        y = self.squeeze(maps["out"])
        encoded = self.encode(y).mean(1)
        y = y * (1 + torch.sigmoid(self.gate(encoded)))[:, :, None, None]
        scores = [self.scores(y.relu()), self.aux(maps["aux"])]
        up = [F.interpolate(score, x.shape[2:], mode="bilinear", align_corners=True) for score in scores]
        return up[0], self.whole(encoded), up[1]


def encnet(_: str, backbone: str, classes: int = 150, K: int = 32) -> nn.Module:
    """EncNet on one of torchvision's ResNets, which brings its auxiliary head, too."""
    return EncNet(f"fcn_{backbone}", classes, K)


class GeM(nn.Module):
    """Radenovic et al. 2017, equation 3: the p-th root of the mean of p-th powers."""

    def __init__(self) -> None:
        super().__init__()
        self.p = nn.Parameter(torch.full((1,), 3.0))

    def forward(self, x: Tensor) -> Tensor:
        """[batch, C, H, W] to [batch, C]."""
        return x.clamp(min=1e-6).pow(self.p).mean((2, 3)).pow(1 / self.p)


class Retrieval(nn.Module):
    """GeM of torchvision's ResNet, of length 1, whitened, of length 1."""

    def __init__(self, backbone: str) -> None:
        super().__init__()
        model = torchvision_model(backbone)
        stem = (model.conv1, model.bn1, model.relu, model.maxpool)
        self.features = nn.Sequential(*stem, model.layer1, model.layer2, model.layer3, model.layer4)
        self.pool = GeM()
        self.whiten = nn.Linear(2048, 2048)

    def forward(self, x: Tensor) -> Tensor:
        return F.normalize(self.whiten(F.normalize(self.pool(self.features(x)))))


def retrieval(_: str, backbone: str) -> nn.Module:
    """The network of image retrieval on one of torchvision's ResNets."""
    return Retrieval(backbone)
