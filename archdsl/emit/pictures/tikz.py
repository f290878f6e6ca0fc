"""Writes a scene as a LaTeX document of its own, a TikZ picture a page."""

from __future__ import annotations

from archdsl.diagnostics.model import Diagnostics
from archdsl.emit.figure.look import Look
from archdsl.emit.figure.room import tell_glyphs
from archdsl.emit.figure.scene import Scene
from archdsl.emit.figure.sheets import drawing
from archdsl.emit.marks.palettes import PALETTES
from archdsl.emit.marks.tikz import tikz

UNUSED = ("dpi",)


def write(scene: Scene, look: Look, diagnostics: Diagnostics) -> bytes:
    """The pages of the figure; what is odd about them goes to `diagnostics`."""
    found = drawing(scene, look, diagnostics)
    tell_glyphs(found, "tikz", diagnostics)
    return tikz(found, PALETTES[look.theme])
