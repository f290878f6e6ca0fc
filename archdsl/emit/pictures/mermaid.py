"""Writes a scene as a Mermaid flow chart, which pages of many code hosts show: a subgraph per panel."""

from __future__ import annotations

import re

from archdsl.diagnostics.model import Diagnostics
from archdsl.emit.figure.ends import box_name, edge_words, ends, lines_beside
from archdsl.emit.figure.look import Look
from archdsl.emit.figure.scene import Box, Outline, Scene, Sketch, Style
from archdsl.emit.marks.palettes import PALETTES

# What Mermaid, Markdown or HTML could read as their own, inside quotes.
_SPECIAL = re.compile(r"[^\w\s.,:×→↻·/+⊕−÷~=-]")
_OPEN = {
    Outline.BOX: ('["', '"]'),
    Outline.CIRCLE: ('(("', '"))'),
    Outline.BAR: ('[["', '"]]'),
    Outline.TEXT: ('(["', '"])'),
}

UNUSED = ("width", "cells", "color", "dpi")  # what lays the text out decides


def write(scene: Scene, look: Look, diagnostics: Diagnostics) -> bytes:
    """The panels as subgraphs of one chart; of the options the theme's colours and the direction hold."""
    palette = PALETTES[look.theme]
    lines = [f"flowchart {'LR' if look.left_to_right else 'TB'}"]
    lines.append(f'  caption["{escaped(scene.root.name)}<br/>{escaped(scene.caption)}"]:::port')
    for number, panel in enumerate(scene.panels, 1):
        title = " ".join(filter(None, (panel.title.name, panel.title.variant, panel.title.uses)))
        made = _subgraph(panel.sketch, f"p{number}", escaped(title))
        if said := lines_beside(panel):
            made.insert(-1, f'  p{number}words["{"<br/>".join(map(escaped, said))}"]:::port')
        lines += [f"  {line}" for line in made]
    for style in Style:
        role = style.name.lower()
        fill, border = palette[f"{role}.fill"], palette[f"{role}.border"]
        lines.append(f"  classDef {role} fill:{fill},stroke:{border},color:{palette['ink']}")
    return "\n".join(lines).encode() + b"\n"


def _subgraph(sketch: Sketch, name: str, title: str) -> list[str]:
    """A subgraph; boxes that are open are subgraphs in it."""
    lines = [f'subgraph {name}["{title}"]']
    for i, box in enumerate(sketch.boxes):
        if box.inside is None:
            lines.append(f"  {box_name(name, i)}{_node(box)}")
        else:
            lines += [f"  {line}" for line in _subgraph(box.inside, box_name(name, i), _words(box))]
    for edge, said in zip(sketch.edges, edge_words(sketch), strict=True):
        source, target = ends(sketch, edge, name)
        lines.append(f"  {source} {_arrow(*said)} {target}")
    return [*lines, "end"]


def _words(box: Box) -> str:
    return "<br/>".join(escaped(line.text) for line in box.lines) or " "


def _node(box: Box) -> str:
    before, after = ('("', '")') if box.style is Style.BLOCK else _OPEN[box.shape]
    return f"{before}{_words(box)}{after}:::{box.style.name.lower()}"


def _arrow(name: str, label: str) -> str:
    words = ", ".join(filter(None, (name, label)))
    return f'-->|"{escaped(words)}"|' if words else "-->"


def escaped(text: str) -> str:
    """Text on one line inside quotes that means itself: all that could be syntax as Mermaid's codes of characters."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", plain)
