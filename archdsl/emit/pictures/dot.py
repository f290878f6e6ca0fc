"""Writes a scene as DOT, which Graphviz lays out: a cluster per panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from archdsl.diagnostics.model import Diagnostics
from archdsl.emit.figure.ends import box_name, edge_words, ends, lines_beside
from archdsl.emit.figure.fills import Fill, fills, texts_of
from archdsl.emit.figure.look import Look
from archdsl.emit.figure.scene import Box, Outline, Panel, Scene, Sketch, Style
from archdsl.emit.figure.shares import BoxPath
from archdsl.emit.marks.palettes import PALETTES, Palette

_SHAPES = {Outline.BOX: "box", Outline.CIRCLE: "circle", Outline.BAR: "box", Outline.TEXT: "plain"}

UNUSED = ("width", "cells", "dpi")  # what lays the text out decides


def write(scene: Scene, look: Look, diagnostics: Diagnostics) -> bytes:
    """The panels as clusters: `dot -Tsvg` draws them; of the options colours, the theme and the direction hold."""
    palette, colours = PALETTES[look.theme], fills(scene, look.color)
    caption = "" if look.bare else " · ".join(filter(None, (f"{scene.root.name}: {scene.caption}", colours.scale)))
    lines = [
        f"digraph {quoted(scene.root.name)} {{",
        f'graph [rankdir={"LR" if look.left_to_right else "TB"}, labelloc=t, labeljust=l, fontname="Helvetica", '
        f"fontcolor={quoted(palette['ink'])}, bgcolor={quoted(palette['sheet'])}, "
        f"label={label(caption)}]",
        f'node [shape=box, style=filled, fontname="Helvetica", fontcolor={quoted(palette["ink"])}]',
        f'edge [fontname="Helvetica", color={quoted(palette["wire"])}, fontcolor={quoted(palette["soft"])}]',
    ]
    for number, (panel, fill, told) in enumerate(zip(scene.panels, colours.each, colours.told, strict=True), 1):
        lines += _cluster(panel, f"p{number}", _DotBoxes(palette, fill, told))
    return "\n".join([*lines, "}"]).encode() + b"\n"


class _DotBoxes(NamedTuple):
    """How the boxes of a panel look: their colours, and what is said of each below its text."""

    palette: Palette
    fill: Fill
    told: Mapping[BoxPath, str]

    def text(self, path: BoxPath, box: Box) -> str:
        return "\n".join(texts_of(box, self.told.get(path, "")))

    def node(self, path: BoxPath, box: Box) -> str:
        values = {"label": label(self.text(path, box)), "shape": _SHAPES[box.shape]}
        if box.shape is Outline.TEXT:
            return attributes(values | {"style": '""'})
        fill, border, ink = self.fill(path, box)
        values |= {"fillcolor": quoted(self.palette[fill]), "color": quoted(self.palette[border])}
        if ink != "ink":
            values["fontcolor"] = quoted(self.palette[ink])
        if box.style in (Style.BLOCK, Style.CHOICE):
            values["style"] = '"filled,rounded"' if box.style is Style.BLOCK else '"filled,rounded,dashed"'
        return attributes(values | ({"peripheries": "2"} if box.deep else {}))


def _cluster(panel: Panel, name: str, boxes: _DotBoxes) -> list[str]:
    title = " ".join(filter(None, (panel.title.name, panel.title.variant, panel.title.uses)))
    lines = _sketch(panel.sketch, name, title, boxes)
    if said := lines_beside(panel):
        values = {"shape": "plain", "style": '""', "label": label("\n".join(said), "l")}
        lines.insert(-1, f"{name}words {attributes(values)}")
    return lines


def _sketch(sketch: Sketch, name: str, title: str, boxes: _DotBoxes, path: BoxPath = ()) -> list[str]:
    """A cluster; boxes that are open are clusters in it."""
    frame = quoted(boxes.palette["frame"])
    lines = [f"subgraph cluster_{name} {{", f"graph [label={label(title)}, color={frame}]"]
    for i, box in enumerate(sketch.boxes):
        if box.inside is None:
            lines.append(f"{box_name(name, i)} {boxes.node((*path, i), box)}")
        else:
            words = boxes.text((*path, i), box)
            lines += _sketch(box.inside, box_name(name, i), words, boxes, (*path, i))
    for edge, said in zip(sketch.edges, edge_words(sketch), strict=True):
        lines.append(f"{' -> '.join(ends(sketch, edge, name))} {_edge(*said, edge.chosen)}")
    return [*lines, "}"]


def _edge(name: str, words: str, chosen: bool) -> str:
    values = {"style": "dashed"} if chosen else {}
    values |= {"label": label(words)} if words else {}
    return attributes(values | ({"headlabel": label(name)} if name else {}))


def quoted(text: str) -> str:
    """A DOT string that means `text`, character by character: no escapes, no entities, no control characters."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def label(text: str, justify: str = "n") -> str:
    """A DOT label that shows `text`, its lines centred ("n") or set left ("l")."""
    # Labels, unlike other strings, also read entities (&amp;).
    lines = [quoted(line.replace("&", "&amp;"))[1:-1] for line in text.split("\n")]
    return '"' + f"\\{justify}".join(lines) + ("\\l" if justify == "l" else "") + '"'


def attributes(values: Mapping[str, str]) -> str:
    """`[a=1, b="x"]`; the values are DOT already."""
    return "[" + ", ".join(f"{name}={value}" for name, value in values.items()) + "]"
