"""Pairs the weights of two nn.Modules mechanically: by name, else in order of execution or of registration."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from tests.oracle.counting import meta_copy, to_eval


class MappingError(AssertionError):
    """The weights of two modules cannot be paired; says where they first disagree."""


@dataclass(frozen=True)
class Mapping:
    """`keys[ours] = reference`, over the whole state dict; `how` says by what order the pairs were found."""

    how: str
    keys: dict[str, str]


@dataclass(frozen=True)
class Owner:
    """A module that owns tensors itself: its path and the shapes of its own parameters and buffers."""

    path: str
    shapes: dict[str, tuple[int, ...]]

    def key(self, name: str) -> str:
        """The key in the state dict of the tensor `name`."""
        return f"{self.path}.{name}" if self.path else name

    def __str__(self) -> str:
        return f"{self.path or '(outermost module)'} with {self.shapes}"


def mappings(ours: nn.Module, reference: nn.Module, shape: tuple[int, ...]) -> list[Mapping]:
    """The mappings to try, most trusted first.

    Equal keys and shapes are taken at their word and nothing else is tried. Otherwise the k-th owner of ours is paired
    with the k-th of the reference, in order of first call at input `shape` (no batch axis) and in order of
    registration, where each pair agrees in shapes and none is left over. MappingError where neither order does.
    """
    mine, theirs = _state_shapes(ours), _state_shapes(reference)
    if mine == theirs:
        return [Mapping("names", {key: key for key in mine})]
    found: list[Mapping] = []
    errors: list[str] = []
    orders: dict[str, Callable[[nn.Module], list[Owner]]] = {
        "execution": lambda module: executed_owners(module, shape),
        "registration": registered_owners,
    }
    for how, order in orders.items():
        try:
            mapping = Mapping(how, _pair(order(ours), order(reference)))
        except MappingError as error:
            errors.append(f"by order of {how}: {error}")
            continue
        if all(mapping.keys != other.keys for other in found):
            found.append(mapping)
    if not found:
        raise MappingError("; ".join(errors))
    return found


def share_weights(ours: nn.Module, reference: nn.Module, mapping: Mapping) -> None:
    """Puts every tensor of `reference` in the place of its partner in `ours`; both sides must be used up.

    Both modules then hold the same memory, until `own_weights`.
    """
    mine, theirs = ours.state_dict(), reference.state_dict()
    unused = theirs.keys() - set(mapping.keys.values())
    if unused:
        raise MappingError(f"not mapped: {sorted(unused)[:5]} of the reference")
    tensors = dict(
        itertools.chain(ours.named_parameters(remove_duplicate=False), ours.named_buffers(remove_duplicate=False))
    )
    for key in mine:
        assert tensors[key].shape == theirs[mapping.keys[key]].shape
        tensors[key].data = theirs[mapping.keys[key]].data


def own_weights(module: nn.Module) -> None:
    """Gives `module` memory of its own."""
    for tensor in itertools.chain(module.parameters(), module.buffers()):
        tensor.data = tensor.data.clone()


def registered_owners(module: nn.Module) -> list[Owner]:
    """The owners of tensors in `module`, in order of registration; a shared module once."""
    owners = [_owner(path, child) for path, child in module.named_modules()]
    return [owner for owner in owners if owner.shapes]


def executed_owners(module: nn.Module, shape: tuple[int, ...]) -> list[Owner]:
    """The owners of tensors in `module`, in order of first call on an input of `shape`; all must be called."""
    meta = to_eval(meta_copy(module))
    called: dict[str, Owner] = {}

    def watch(path: str, child: nn.Module) -> None:
        owner = _owner(path, child)
        if owner.shapes:
            child.register_forward_pre_hook(lambda *_: called.setdefault(path, owner) and None)

    for path, child in meta.named_modules():
        watch(path, child)
    dtype = next(meta.parameters()).dtype
    with torch.no_grad():
        meta(torch.empty(2, *shape, dtype=dtype, device="meta"))
    never = [owner for owner in registered_owners(meta) if owner.path not in called]
    if never:
        raise MappingError(f"never called: {never[0]} and {len(never) - 1} more")
    return list(called.values())


def _owner(path: str, module: nn.Module) -> Owner:
    hidden = module._non_persistent_buffers_set
    tensors = {**module._parameters, **{k: v for k, v in module._buffers.items() if k not in hidden}}
    return Owner(path, {name: tuple(tensor.shape) for name, tensor in tensors.items() if tensor is not None})


def partners(mine: Owner, theirs: Owner) -> list[tuple[str, str]]:
    """The keys of two owners' tensors in pairs: by name where the names agree, else by order; [] if shapes differ."""
    names = list(mine.shapes) if mine.shapes.keys() == theirs.shapes.keys() else list(theirs.shapes)
    if [mine.shapes[name] for name in mine.shapes] != [theirs.shapes[name] for name in names]:
        return []
    return [(mine.key(a), theirs.key(b)) for a, b in zip(mine.shapes, names, strict=True)]


def _state_shapes(module: nn.Module) -> dict[str, tuple[int, ...]]:
    return {key: tuple(tensor.shape) for key, tensor in module.state_dict().items()}


def _pair(ours: list[Owner], reference: list[Owner]) -> dict[str, str]:
    """Pairs the tensors of the k-th owners."""
    keys: dict[str, str] = {}
    for index, (mine, theirs) in enumerate(zip(ours, reference, strict=False)):
        pairs = partners(mine, theirs)
        if not pairs:
            raise MappingError(f"module {index}: ours is {mine}, the reference's is {theirs}")
        keys.update(pairs)
    if len(ours) != len(reference):
        longer, whose = (ours, "ours") if len(ours) > len(reference) else (reference, "the reference's")
        first = longer[min(len(ours), len(reference))]
        raise MappingError(
            f"ours has {len(ours)} modules with weights, the reference {len(reference)}; "
            f"first left over is {whose} {first}"
        )
    return keys
