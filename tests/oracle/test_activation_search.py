"""Holds the activations of the search against torch's own functions, and the network around them against ResNet-164."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

import archdsl

X = torch.linspace(-6, 6, 97, dtype=torch.float64).view(1, 97)  # 0 in the middle

# Tables 1 and 2 of arXiv:1710.05941; beta is 1 before it learns.
FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "swish": lambda x: x * torch.sigmoid(x),
    "max_sigmoid": lambda x: torch.max(x, torch.sigmoid(x)),
    "cos_minus_x": lambda x: torch.cos(x) - x,
    "min_sin": lambda x: torch.min(x, torch.sin(x)),
    "arctan_squared_minus_x": lambda x: torch.atan(x) ** 2 - x,
    "max_tanh": lambda x: torch.max(x, torch.tanh(x)),
    "sinc_plus_x": lambda x: torch.where(x == 0, 1, torch.sin(x) / x) + x,
    "x_arcsinh_squared": lambda x: x * torch.asinh(x) ** 2,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name: str) -> None:
    spec = f"import activation_search: {name}\nnetwork n(x: [97]) = x -> {name}"
    module = archdsl.loads(spec).build().double()
    torch.testing.assert_close(module(X), FUNCTIONS[name](X), rtol=1e-14, atol=1e-15)


def test_beta_scales_what_the_gate_sees() -> None:
    module = archdsl.loads("import activation_search: swish\nnetwork n(x: [97]) = x -> swish").build().double()
    (beta,) = module.parameters()
    beta.data.fill_(2.5)
    torch.testing.assert_close(module(X), X * torch.sigmoid(2.5 * X))


def test_with_relu_it_is_the_network_of_the_zoo() -> None:
    """One unit of each width, with the same weights in the same order."""
    made = "network ours(x: [3, 32, 32]) = x -> searched(relu, 1)"
    zoo = "network theirs(x: [3, 32, 32]) = x -> preresnet_cifar(bottleneck, [1] * 3)"
    imports = "import activation_search: searched\nimport preresnet: preresnet_cifar, bottleneck"
    ours, theirs = (archdsl.loads(f"{imports}\n{made}\n{zoo}", name).build() for name in ("ours", "theirs"))
    pairs = zip(theirs.state_dict().items(), ours.state_dict().values(), strict=True)
    theirs.load_state_dict({key: mine.view_as(other) for (key, other), mine in pairs})
    x = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x))
