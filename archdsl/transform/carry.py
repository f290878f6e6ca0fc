"""Says how the weights of a rewritten network are made of those of the network that it was made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from archdsl.ir.graph import Graph
from archdsl.ir.weights import weights


@dataclass(frozen=True, slots=True)
class Formula:
    """A weight made of others: `compute` of the tensors called `names`, in this order.

    It may use what torch's and numpy's arrays have in common: arithmetic, powers, `reshape`.
    """

    names: tuple[str, ...]
    compute: Callable[..., Any]


# For a rewritten body the weights that are not the old ones of the same name; all names are `Owned.name` in that body.
Formulas = Mapping[Graph, Mapping[str, Formula]]


def carry(state: Mapping[str, Any], root: Graph, formulas: Formulas) -> dict[str, Any]:
    """The state_dict of `root` made of that of the network that it was rewritten from.

    Raises:
        KeyError: `state` lacks a weight.
    """
    made: dict[str, Any] = {}
    for owned in weights(root):
        formula = formulas.get(owned.body, {}).get(owned.name)
        if formula is None:
            made[owned.key] = state[owned.key]
        else:
            made[owned.key] = formula.compute(*[state[owned.path + name] for name in formula.names])
    return made
