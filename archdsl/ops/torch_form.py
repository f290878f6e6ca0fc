"""Turns op arguments into idiomatic PyTorch: scalars where all axes agree, no keywords that equal torch's defaults."""

from __future__ import annotations

from typing import Any

from archdsl.ops.base import Call, Operand, TorchForm


def compact(sizes: tuple[Any, ...]) -> Any:
    """`(3, 3)` as `3`, `(1, 7)` as it is."""
    return sizes[0] if all(s == sizes[0] for s in sizes) else sizes


def options(*given: tuple[str, Any, Any]) -> tuple[tuple[str, Any], ...]:
    """Keyword arguments from (name, value, torch's default), those equal to the default left out."""
    return tuple((name, value) for name, value, default in given if value != default)


def either(
    module: str,
    function: str,
    args: tuple[Any, ...] = (),
    kwargs: tuple[tuple[str, Any], ...] = (),
    names: tuple[str, ...] = (),
) -> TorchForm:
    """A module for nn.Sequential and the function of one tensor for everywhere else, with the same arguments."""
    return TorchForm(
        module=Call(module, args, kwargs, names),
        function=Call(function, (Operand(), *args), kwargs, ("input", *names)),
    )
