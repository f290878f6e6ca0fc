"""Names the modules of a body of a space: as in a network, but for those that are options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from archdsl.elaborate.labels import names
from archdsl.emit.pytorch.names import identifier, unique
from archdsl.ir.alternatives import Alternatives
from archdsl.ir.graph import Ref
from archdsl.supernet.items import ChosenTensor, MadeNode


def module_names(
    source: Alternatives, applied: Iterable[MadeNode], picks: Iterable[ChosenTensor], plain: frozenset[int]
) -> dict[int, str]:
    """The label of each item that is a module, by its key.

    `plain` are the keys of those that may stand in an nn.Sequential. What an assignment names is held together where
    that is one chain of these, else it lies flat: `y_bn` for `y.bn`.
    """
    kept = {item.key: item for item in applied}
    labels = _spelled(source, kept)
    groups: dict[str, list[int]] = {}
    for key, label in labels.items():
        groups.setdefault(label.partition(".")[0], []).append(key)
    found: dict[int, str] = {}
    taken: set[str] = set()
    slots: dict[int, str] = {}
    for stem, keys in groups.items():
        whole = len(keys) > 1 and _is_chain([kept[key] for key in keys], plain) and stem not in taken
        for key in keys:
            slot = kept[key].node.slot
            if slot is not None and slot in slots:
                found[key] = slots[slot]
                continue
            found[key] = labels[key] if whole else unique(labels[key].replace(".", "_"), taken)
            taken.add(stem if whole else found[key])
            if slot is not None:
                slots[slot] = found[key]
    for pick in picks:
        found[pick.key] = unique(decision_label(pick.decision.name), taken)
        taken.add(found[pick.key])
    return found


def _spelled(source: Alternatives, kept: Mapping[int, MadeNode]) -> dict[int, str]:
    """The labels that these would have if there were no others."""
    leaf_of = {item.nodes[0]: source.leaves[item.nodes[0]] for item in kept.values()}
    wanted = set(leaf_of.values())
    every = {leaf for leaf in source.leaves if leaf is not None}
    numbers = [n for n in range(len(source.events)) if n not in every or n in wanted]
    spelled = names([source.events[n] for n in numbers])
    by_event = {numbers[number]: name for number, name in spelled.items()}
    found = {}
    for key, item in kept.items():
        leaf = leaf_of[item.nodes[0]]
        if leaf is not None:
            found[key] = by_event[leaf]
    return found


def _is_chain(items: list[MadeNode], plain: frozenset[int]) -> bool:
    """Whether each takes what the one before gives."""
    if any(item.key not in plain or item.when is not items[0].when for item in items):
        return False
    return all(item.operands == (Ref(before.key),) for before, item in pairwise(items))


def decision_label(name: str) -> str:
    """What a module that a decision picks is called: `ops_0` for `normal.0.ops`, `kernel` for `16.unit[0].kernel`."""
    *path, role = name.split(".")
    steps: list[str] = []
    while path and path[-1].isdecimal():
        steps.insert(0, path.pop())
    return identifier("_".join([role, *steps]))
