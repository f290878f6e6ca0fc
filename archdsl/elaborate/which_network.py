"""Chooses the network that is meant where none is named: the only one, or a message that proposes one that runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archdsl.diagnostics.display import safe
from archdsl.diagnostics.model import ArchError, Diagnostic, Diagnostics
from archdsl.elaborate.elaborator import Shapes, elaborate, find_network, open_parameters, open_session
from archdsl.elaborate.spec import Spec

SHOWN = 12


def only_network(spec: Spec, parameters: Mapping[str, Any], shapes: Shapes | None) -> str:
    """The name of the only network of a spec.

    Raises:
        ArchError: there is none, or there are several. Then the message names one that runs with what is given.
    """
    names = spec.networks
    if len(names) == 1:
        return names[0]
    file = safe(spec.root.source.name)
    if not names:
        wrong = spec.reach_of_all().diagnostics
        hint = "define one: network name(x: [3, 224, 224]) = x -> …"
        raise ArchError(wrong or [Diagnostic("no-network", f"{file} defines no network", None, help=hint)])
    session = open_session(spec, Diagnostics())
    blocks = {name: block for name in names if (block := find_network(session, name)) is not None}
    needs = {name: [p for p in open_parameters(block) if p not in parameters] for name, block in blocks.items()}
    whole = [name for name in blocks if not needs[name]]
    proposed = next((name for name in whole if _runs(spec, name, parameters, shapes)), None)
    if proposed is not None:
        hint = f"name one, as in {file}:{proposed}; it has {_list(whole)}"
    elif whole or not blocks:
        hint = f"none of them runs as it stands: `archdsl check {file}` says why"
    else:
        name = next(iter(blocks))
        hint = f"each needs parameters, as in {file}:{name} --set {needs[name][0]}=…; it has {_list(names)}"
    raise ArchError([Diagnostic("which-network", f"{file} has {len(names)} networks", None, help=hint)])


def _runs(spec: Spec, name: str, parameters: Mapping[str, Any], shapes: Shapes | None) -> bool:
    try:
        return elaborate(spec, name, parameters, shapes, diagnostics=Diagnostics()) is not None
    except ArchError:
        return False


def _list(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
