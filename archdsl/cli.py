"""Turns `archdsl COMMAND …` into the command of that name, by reading the folder of commands."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from archdsl import __version__
from archdsl.diagnostics.model import ArchError
from archdsl.lazy import load_module
from archdsl.terminal import no_stdout, tell

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EBADF)
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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; an unknown command is refused with the one that is near."""
        near = load_module("difflib").get_close_matches(args[0], self.list_commands(ctx), 1) if args else []
        if near and near[0] != args[0] and args[0][0] != "-":
            ctx.fail(f"No such command '{args[0]}'; did you mean {near[0]}?")
        return super().resolve_command(ctx, args)

    def main(self, *args: Any, **options: Any) -> NoReturn:
        """Run a command line and exit: with 0, with 1 and diagnostics on stderr, or with 2 when it is used wrongly."""
        if "_ARCHDSL_COMPLETE" in os.environ:
            load_module("archdsl.completion")  # bash is then asked with `:` and `=` in mind
        try:
            sys.exit(self._run(*args, **options))
        except ArchError as error:
            load_module("archdsl.command_line").show(error.diagnostics)
        except click.exceptions.NoArgsIsHelpError as error:
            tell(error.format_message())
            sys.exit(error.exit_code)
        except click.ClickException as error:
            if isinstance(error, click.UsageError) and error.ctx is not None:
                tell(f"{error.ctx.get_usage()}\nTry '{error.ctx.command_path} --help' for help.\n")
            tell("Error: {}", error.format_message())
            sys.exit(error.exit_code)
        except click.Abort:
            tell("stopped")
        sys.exit(1)

    def _run(self, *args: Any, **options: Any) -> Any:
        """The exit status that click knows of: None after a command, 0 after --help."""
        try:
            found = super().main(*args, **{**options, "standalone_mode": False})
            if found == 0 and sys.stdout is None:
                raise no_stdout(ValueError())
            return found
        except OSError as error:
            if error.filename is not None or error.errno not in _FULL:
                raise
            raise no_stdout(error) from None  # click printed --help or --version itself


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="archdsl")
def main() -> None:
    """Architectures as text: numbers, PyTorch source and pictures from one .arch file.

    Exit codes: 0; 1 with a message that has a code, error[…], with what check, lint and fmt --check find, and where zoo
    finds nothing; 2 for words that form no command line.

    FILE may be - to read from stdin, and -o - writes to stdout; FILE:NETWORK names one network of a file.

    Completion: eval "$(_ARCHDSL_COMPLETE=bash_source archdsl)", or zsh_source, fish_source.
    """
