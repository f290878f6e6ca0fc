"""Turns `archdsl COMMAND …` into the command of that name, by reading the folder of commands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from archdsl import __version__
from archdsl.lazy import load_module

_FOLDER = Path(__file__).parent / "commands"


class Commands(click.Group):
    """One command per file of archdsl/commands, each loaded when it is asked for: `zoo` does not pay for `draw`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, sorted."""
        return sorted(path.stem for path in _FOLDER.glob("*.py") if path.stem != "__init__")

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command called `cmd_name`, or None."""
        if cmd_name not in self.list_commands(ctx):
            return None
        found: Any = load_module(f"archdsl.commands.{cmd_name}").COMMAND
        assert isinstance(found, click.Command)
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="archdsl")
def main() -> None:
    """Architectures as text: numbers, PyTorch source and pictures from one .arch file.

    FILE may be - to read from stdin; FILE:NETWORK names one network of a file.
    Shell completion: eval "$(_ARCHDSL_COMPLETE=bash_source archdsl)"
    """
