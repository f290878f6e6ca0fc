"""Holds what a supernet's file has beside its classes: how a design picks, and how it weighs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archdsl.emit.pytorch.designs import ALL_CHANNELS_BODY, CHANNELS_BODY, CHOICE_BODY, OPTION_BODIES
from archdsl.ops.torch_form import Helper
from archdsl.supernet.checks import checks
from archdsl.supernet.offers import Offer

_DESIGN = """
# The option picked for each decision{weights}.
Design = Mapping[str, {kind}]
"""

_PICK = '''
def pick(picked: str | Tensor, options: dict[str, Tensor]) -> Tensor:
    """The tensor that is picked; of weights, their weighted sum."""
    if isinstance(picked, str):
        return options[picked]
    return sum(w * x for w, x in zip(picked, options.values(), strict=True))
'''

_PICK_ONE = '''
def pick(picked: str, options: dict[str, Tensor]) -> Tensor:
    """The tensor that is picked."""
    return options[picked]
'''

_RUN = '''
def run(picked: str | Tensor, options: dict[str, Callable[[], Tensor]]) -> Tensor:
    """What the option gives that is picked; of weights, the weighted sum of all."""
    if isinstance(picked, str):
        return options[picked]()
    return sum(w * give() for w, give in zip(picked, options.values(), strict=True))
'''

_RUN_ONE = '''
def run(picked: str, options: dict[str, Callable[[], Tensor]]) -> Tensor:
    """What the option gives that is picked."""
    return options[picked]()
'''

_CHOICE = '''
class Choice(nn.ModuleDict):
    """The options of a decision, by their texts: one is picked, or all are weighed."""

    def forward(self, x: Tensor, picked: str | Tensor) -> Tensor:
        if isinstance(picked, str):
            return self[{key}](x)
        weighed = zip(picked, self.values(), strict=True)
        return sum(w * option(x) for w, option in weighed)
'''

_CHOICE_ONE = '''
class Choice(nn.ModuleDict):
    """The options of a decision, by their texts, of which one is picked."""

    def forward(self, x: Tensor, picked: str) -> Tensor:
        return self[{key}](x)
'''

_BY_CHANNELS = '''
class ByChannels(nn.ModuleDict):
    """A module for each number of channels that may come in."""

    def __init__(self, modules: dict[int, nn.Module]) -> None:
        super().__init__({str(key): module for key, module in modules.items()})

    def forward(self, x: Tensor, *others: Tensor) -> Tensor:
        return self[str(x.shape[1])](x, *others)
'''

_BY_ALL_CHANNELS = '''
class ByAllChannels(nn.ModuleDict):
    """A module for all channels that may come in together."""

    def __init__(self, modules: dict[tuple[int, ...], nn.Module]) -> None:
        super().__init__({"_".join(map(str, key)): made for key, made in modules.items()})

    def forward(self, *inputs: Tensor) -> Tensor:
        channels = [str(x.shape[1]) for x in inputs if isinstance(x, Tensor)]
        return self["_".join(channels)](*inputs)
'''

_LISTED = '''
def {name}(tensors: list[Tensor]) -> Tensor:
    """{doc}"""
    return {value}
'''
_ALL_LISTED = (
    ("added", "The sum.", "reduce(torch.add, tensors)"),
    ("multiplied", "The product.", "reduce(torch.mul, tensors)"),
    ("averaged", "The mean.", "reduce(torch.add, tensors) / len(tensors)"),
    ("largest", "The largest at each place.", "reduce(torch.maximum, tensors)"),
    ("smallest", "The smallest at each place.", "reduce(torch.minimum, tensors)"),
)


def prelude(
    weighs: bool, dotted: bool, fixed: Sequence[str], offers: Mapping[str, Sequence[Offer]]
) -> tuple[Helper, ...]:
    """All of them. `weighs`: some decisions may be weighed, but for those that are `fixed`.

    `dotted`: some option has a dot, as no module's name may.
    """
    key = 'picked.replace(".", "_")' if dotted else "picked"
    kind, weights = ("str | Tensor", ", or weights for all of its options") if weighs else ("str", "")
    return (
        Helper("Design", _DESIGN.format(kind=kind, weights=weights)),
        *checks(weighs, fixed, offers),
        Helper("pick", _PICK if weighs else _PICK_ONE),
        Helper("run", _RUN if weighs else _RUN_ONE),
        *[Helper(n, _LISTED.format(name=n, doc=doc, value=value)) for n, doc, value in _ALL_LISTED],
        Helper(OPTION_BODIES[CHOICE_BODY], (_CHOICE if weighs else _CHOICE_ONE).replace("{key}", key)),
        Helper(OPTION_BODIES[CHANNELS_BODY], _BY_CHANNELS),
        Helper(OPTION_BODIES[ALL_CHANNELS_BODY], _BY_ALL_CHANNELS),
    )
