"""The options of commands that draw pictures: how wide, and of how many dots."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click
from click.core import ParameterSource

from archdsl.emit.figure.look import LEAST_DPI, MOST_DPI, paper
from archdsl.emit.registry import unused
from archdsl.terminal import tell


class WidthType(click.ParamType[str]):
    """`5.5in`, `14cm`, `140mm`, `397pt`, `a4` or `slide`."""

    name = "WIDTH"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """The width as it was given, if it is one."""
        try:
            paper(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return str(value)


width_option = click.option(
    "--width", type=WidthType(), help="Fit it where it is used: 3.5in, 5.5in, 14cm, 140mm, 397pt, a4, slide."
)


dpi_option = click.option(
    "--dpi",
    type=click.IntRange(LEAST_DPI, MOST_DPI),
    default=144,
    show_default=True,
    help="Dots per inch of a png.",
)


def tell_unused(format: str, options: Iterable[str]) -> None:
    """Says on stderr which of the options that are given say nothing to a format."""
    source = click.get_current_context().get_parameter_source
    given = [name for name in options if source(name) is not ParameterSource.DEFAULT]
    if idle := unused(format, [f"--{name.replace('_', '-')}" for name in given]):
        tell("{}", idle)
