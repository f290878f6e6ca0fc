"""Writes a scene as a Mermaid flow chart, which pages of many code hosts show: a subgraph per panel."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from archdsl.diagnostics.model import Diagnostics
from archdsl.emit.figure.ends import box_name, edge_words, ends, lines_beside
from archdsl.emit.figure.fills import Fill, fills, roles, texts_of
from archdsl.emit.figure.look import Look
from archdsl.emit.figure.scene import Box, Outline, Scene, Sketch, Style
from archdsl.emit.figure.shares import BoxPath
from archdsl.emit.marks.palettes import COST_STEPS, PALETTES

# What Mermaid, Markdown or HTML could read as their own, inside quotes.
_SPECIAL = re.compile(r"[^\w\s.,:×→↻·/+⊕−÷~=-]")
_OPEN = {
    Outline.BOX: ('["', '"]'),
    Outline.CIRCLE: ('(("', '"))'),
    Outline.BAR: ('[["', '"]]'),
    Outline.TEXT: ('(["', '"])'),
}

UNUSED = ("width", "cells", "dpi")  # what lays the text out decides


def write(scene: Scene, look: Look, diagnostics: Diagnostics) -> bytes:
    """The panels as subgraphs of one chart; of the options colours, the theme and the direction hold."""
    palette, colours = PALETTES[look.theme], fills(scene, look.color)
    caption = "<br/>".join(escaped(text) for text in (scene.root.name, scene.caption, colours.scale) if text)
    lines = [f"flowchart {'LR' if look.left_to_right else 'TB'}"]
    lines += [] if look.bare else [f'  caption["{caption}"]:::port']
    for number, (panel, fill, told) in enumerate(zip(scene.panels, colours.each, colours.told, strict=True), 1):
        title = " ".join(filter(None, (panel.title.name, panel.title.variant, panel.title.uses)))
        made = _subgraph(panel.sketch, f"p{number}", escaped(title), _MermaidBoxes(fill, told))
        if said := lines_beside(panel):
            made.insert(-1, f'  p{number}words["{"<br/>".join(map(escaped, said))}"]:::port')
        lines += [f"  {line}" for line in made]
    chooses = any(box.style is Style.CHOICE for panel in scene.panels for _, box in panel.sketch.all_boxes())
    known = [(*roles(style), "ink") for style in Style if chooses or style is not Style.CHOICE]
    known += [
        (role, "cost.border", f"{role}.ink")
        for role in (f"cost.{step}" for step in range(COST_STEPS))
        if colours.meaning
    ]
    for role, border, ink in known:
        look_of = f"fill:{palette[role]},stroke:{palette[border]},color:{palette[ink]}"
        dashes = ",stroke-dasharray:3 2" if role == roles(Style.CHOICE)[0] else ""
        lines.append(f"  classDef {_class(role)} {look_of}{dashes}")
    return "\n".join(lines).encode() + b"\n"


class _MermaidBoxes(NamedTuple):
    """How the boxes of a panel look: their colours, and what is said of each below its text."""

    fill: Fill
    told: Mapping[BoxPath, str]

    def words(self, path: BoxPath, box: Box) -> str:
        return "<br/>".join(map(escaped, texts_of(box, self.told.get(path, "")))) or " "

    def node(self, path: BoxPath, box: Box) -> str:
        before, after = ('("', '")') if box.style is Style.BLOCK else _OPEN[box.shape]
        return f"{before}{self.words(path, box)}{after}:::{_class(self.fill(path, box)[0])}"


def _class(role: str) -> str:
    """What boxes of a fill are called: letters and digits."""
    return role.removesuffix(".fill").replace(".", "")


def _subgraph(sketch: Sketch, name: str, title: str, boxes: _MermaidBoxes, path: BoxPath = ()) -> list[str]:
    """A subgraph; boxes that are open are subgraphs in it."""
    lines = [f'subgraph {name}["{title}"]']
    for i, box in enumerate(sketch.boxes):
        here = (*path, i)
        if box.inside is None:
            lines.append(f"  {box_name(name, i)}{boxes.node(here, box)}")
        else:
            inner = _subgraph(box.inside, box_name(name, i), boxes.words(here, box), boxes, here)
            lines += [f"  {line}" for line in inner]
    for edge, said in zip(sketch.edges, edge_words(sketch), strict=True):
        source, target = ends(sketch, edge, name)
        lines.append(f"  {source} {_arrow(*said, edge.chosen)} {target}")
    return [*lines, "end"]


def _arrow(name: str, label: str, chosen: bool) -> str:
    words, arrow = ", ".join(filter(None, (name, label))), "-.->" if chosen else "-->"
    return f'{arrow}|"{escaped(words)}"|' if words else arrow


def escaped(text: str) -> str:
    """Text on one line inside quotes that means itself: all that could be syntax as Mermaid's codes of characters."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", plain)
