"""The options of commands that take two networks: what is for one of them, and what is for both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from archdsl.command_line import Command, input_option, pick_option, set_option

_SIDED = {"settings": "set", "inputs": "input", "pick": "pick"}  # what two networks may differ in, and its option


def side_options(first: str, second: str) -> Command:
    """`--set-old`, `--input-new` and the like: what is for one of two networks that stand beside each other."""

    def add(function: Command) -> Command:
        for side, whose in (("new", second), ("old", first)):
            function = pick_option(f"--pick-{side}", f"pick_{side}", f" in {whose}")(function)
            function = input_option(f"--input-{side}", f"inputs_{side}", f" of {whose}")(function)
            function = set_option(f"--set-{side}", f"settings_{side}", f" of {whose}")(function)
        return function

    return add


def of_sides(options: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `load` takes for each of two networks: its own options, which leave `options`, beside those for both."""
    old, new = ({key: options.pop(f"{key}_{side}") for key in _SIDED} for side in ("old", "new"))
    return _both(options, old), _both(options, new)


def _both(options: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    joined = {key: (*options[key], *own[key]) for key in ("settings", "pick")}
    return {**options, "inputs": own["inputs"] or options["inputs"], **joined}


def need_two(other: str | None, options: Mapping[str, Any]) -> None:
    """Refuses options for one of two networks where there is but one."""
    used = [f"--{_SIDED[key]}-{side}" for key in _SIDED for side in ("old", "new") if options[f"{key}_{side}"]]
    if other is None and used:
        raise click.UsageError(f"{used[0]} is for two networks; of one it is {used[0].rpartition('-')[0]}")
