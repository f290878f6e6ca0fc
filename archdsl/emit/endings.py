"""Turns the ending of a file into the format of the picture that it asks for, and a wrong one into what would do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from archdsl.diagnostics.model import ArchError, Diagnostic

# Endings that are not called as their format is.
_OF = {"tex": "tikz", "mmd": "mermaid", "gv": "dot"}
# What to draw instead of what no format is.
_INSTEAD = {
    "md": "draw an svg to show in Markdown, or a mermaid to put between ```mermaid and ```",
    "svgz": "draw an svg, and compress it with gzip",
    "html": "`archdsl view` makes a page; an svg is shown by browsers as it is",
    **dict.fromkeys(("eps", "ps"), "draw a pdf, of which `pdftops -eps` makes an eps"),
    **dict.fromkeys(("jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff"), "draw a png"),
}

# What makes the files that end so.
_COMMANDS = {
    **dict.fromkeys(("svg", "pdf", "png", "tikz", "tex", "dot", "gv", "mermaid", "mmd"), "draw"),
    **dict.fromkeys(("html", "htm"), "view"),
    "py": "compile",
    "arch": "spec",
}


def format_of(path: str | Path) -> str:
    """The format that the ending of a file asks for: `tikz` of `net.tex`, an ending that none has as it is."""
    ending = Path(path).suffix.lstrip(".").lower()
    return _OF.get(ending, ending)


def need_ending(path: str | Path, own: str, what: str) -> None:
    """See that a file of text is not named as something else is: `what` is written, in files that end in `own`.

    Raises:
        ArchError: the ending promises a picture, a page, a model or a spec, and is not `own` (other-ending).
    """
    ending = Path(path).suffix.lstrip(".").lower()
    command = _COMMANDS.get(ending, "draw" if ending in _INSTEAD else None)
    if command is None or ending == own or (own, ending) == ("html", "htm"):
        return
    message = f"{path} is to hold {what}, and its ending says something else"
    help = f"end the name in .{own}; `archdsl {command}` makes what ends in .{ending}"
    if ending in _INSTEAD and ending not in _COMMANDS:
        help = f"end the name in .{own}; {_INSTEAD[ending]}"
    raise ArchError([Diagnostic("other-ending", message, None, help=help)])


def unknown_format(format: str, message: str, known: Sequence[str]) -> ArchError:
    """That there is no such format (unknown-format), with what there is instead."""
    instead = f"{_INSTEAD[format]}; there are" if format in _INSTEAD else "end the name of the file in"
    return ArchError([Diagnostic("unknown-format", message, None, help=f"{instead}: {', '.join(known)}")])
