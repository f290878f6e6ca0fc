"""Turns a drawing into the bytes of a file: the format and the theme by name."""

from __future__ import annotations

from archdsl.diagnostics.display import brief
from archdsl.emit.endings import unknown_format
from archdsl.emit.marks.model import Drawing
from archdsl.emit.marks.palettes import PALETTES
from archdsl.lazy import load_module

# Each is a module beside this one with a function of its name, and the ending of its files.
FORMATS = ("pdf", "png", "svg", "tikz")


def written(drawing: Drawing, format: str, theme: str = "light", dpi: float = 144.0) -> bytes:
    """The file; equal drawings give equal bytes. `dpi` is for png.

    Raises:
        ArchError: there is no such format (unknown-format), or a png cannot be made (see `png`).
        ValueError: there is no such theme.
    """
    if format not in FORMATS:
        message = f"{format!r} is no format of this picture" if format else "the picture's format is not given"
        raise unknown_format(format, message, FORMATS)
    if theme not in PALETTES:
        raise ValueError(f"{brief(theme)} is no theme: there are {', '.join(PALETTES)}")
    write = getattr(load_module(f"archdsl.emit.marks.{format}"), format)
    found: bytes = write(drawing, PALETTES[theme], *([dpi] if format == "png" else []))
    return found
