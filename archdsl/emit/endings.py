"""Turns the ending of a file into the format of the picture that it asks for, and a wrong one into what would do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from archdsl.diagnostics.display import safe
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.files import keep_inputs, write

# Endings that are not called as their format is.
_OF = {"tex": "tikz", "mmd": "mermaid", "gv": "dot", "htm": "html"}
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
    **dict.fromkeys(("svg", "pdf", "png", *_OF, *_OF.values()), "draw"),
    **dict.fromkeys(("html", "htm"), "view"),  # behind those of pictures, which name them too
    "py": "compile",
    "arch": "spec",
}


def format_of(path: str | Path) -> str:
    """The format that the ending of a file asks for: `tikz` of `net.tex`, an ending that none has as it is."""
    ending = _ending(path)
    return _OF.get(ending, ending)


def write_as(path: Path, content: str | bytes, inputs: Iterable[str], own: str, what: str) -> None:
    """Write `what`, which stands in files that end in `own`, to a file that is not named as something else is.

    `inputs` are paths of files that must not be written over.

    Raises:
        ArchError: as `archdsl.files.write`; or the ending promises a picture, a page, a model or a spec, and is not
            `own`, nor another name of it (other-ending).
    """
    keep_inputs(path, inputs)
    ending = _ending(path)
    if ending in _COMMANDS:
        instead = f"`archdsl {_COMMANDS[ending]}` makes what ends in .{ending}"
    else:
        instead = _INSTEAD.get(ending, "")
    if instead and format_of(path) != own:
        message = f"{safe(str(path))} is to hold {what}, and its ending says something else"
        raise ArchError([Diagnostic("other-ending", message, None, help=f"end the name in .{own}; {instead}")])
    write(path, content)


def picture_as(format: str) -> tuple[str, str]:
    """The ending of a picture in a format, and what to call it."""
    return format, f"a picture as {format}"


def _ending(path: str | Path) -> str:
    return Path(path).suffix.lstrip(".").lower()


def unknown_format(format: str, message: str, known: Sequence[str]) -> ArchError:
    """That there is no such format (unknown-format), with what there is instead."""
    instead = f"{_INSTEAD[format]}; there" if format in _INSTEAD else "there"
    help = f"{instead} are {', '.join(known)}: the ending of the file says which, or the format that is given"
    return ArchError([Diagnostic("unknown-format", message, None, help=help)])
