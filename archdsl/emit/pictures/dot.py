"""Writes a scene as DOT, which Graphviz lays out: a cluster per panel."""

from __future__ import annotations

from collections.abc import Mapping

from archdsl.diagnostics.model import Diagnostics
from archdsl.emit.figure.ends import box_name, edge_words, ends, lines_beside
from archdsl.emit.figure.look import Look
from archdsl.emit.figure.scene import Box, Outline, Panel, Scene, Sketch, Style
from archdsl.emit.marks.palettes import PALETTES, Palette

_SHAPES = {Outline.BOX: "box", Outline.CIRCLE: "circle", Outline.BAR: "box", Outline.TEXT: "plain"}

UNUSED = ("width", "cells", "color", "dpi")  # what lays the text out decides


def write(scene: Scene, look: Look, diagnostics: Diagnostics) -> bytes:
    """The panels as clusters: `dot -Tsvg` draws them; of the options the theme and the direction hold."""
    palette = PALETTES[look.theme]
    lines = [
        f"digraph {quoted(scene.root.name)} {{",
        f'graph [rankdir={"LR" if look.left_to_right else "TB"}, labelloc=t, labeljust=l, fontname="Helvetica", '
        f"fontcolor={quoted(palette['ink'])}, bgcolor={quoted(palette['sheet'])}, "
        f"label={label(f'{scene.root.name}: {scene.caption}')}]",
        f'node [shape=box, style=filled, fontname="Helvetica", fontcolor={quoted(palette["ink"])}]',
        f'edge [fontname="Helvetica", color={quoted(palette["wire"])}, fontcolor={quoted(palette["soft"])}]',
    ]
    for number, panel in enumerate(scene.panels, 1):
        lines += _cluster(panel, f"p{number}", palette)
    return "\n".join([*lines, "}"]).encode() + b"\n"


def _cluster(panel: Panel, name: str, palette: Palette) -> list[str]:
    title = " ".join(filter(None, (panel.title.name, panel.title.variant, panel.title.uses)))
    lines = _sketch(panel.sketch, name, title, palette)
    if said := lines_beside(panel):
        values = {"shape": "plain", "style": '""', "label": label("\n".join(said), "l")}
        lines.insert(-1, f"{name}words {attributes(values)}")
    return lines


def _sketch(sketch: Sketch, name: str, title: str, palette: Palette) -> list[str]:
    """A cluster; boxes that are open are clusters in it."""
    lines = [f"subgraph cluster_{name} {{", f"graph [label={label(title)}, color={quoted(palette['frame'])}]"]
    for i, box in enumerate(sketch.boxes):
        if box.inside is None:
            lines.append(f"{box_name(name, i)} {_node(box, palette)}")
        else:
            words = "\n".join(line.text for line in box.lines)
            lines += _sketch(box.inside, box_name(name, i), words, palette)
    for edge, said in zip(sketch.edges, edge_words(sketch), strict=True):
        lines.append(f"{' -> '.join(ends(sketch, edge, name))} {_edge(*said)}")
    return [*lines, "}"]


def _node(box: Box, palette: Palette) -> str:
    role = box.style.name.lower()
    values = {"label": label("\n".join(line.text for line in box.lines)), "shape": _SHAPES[box.shape]}
    if box.shape is Outline.TEXT:
        return attributes(values | {"style": '""'})
    colours = {"fillcolor": quoted(palette[f"{role}.fill"]), "color": quoted(palette[f"{role}.border"])}
    if box.style is Style.BLOCK:
        colours["style"] = '"filled,rounded"'
    return attributes(values | colours | ({"peripheries": "2"} if box.deep else {}))


def _edge(name: str, words: str) -> str:
    values = {"label": label(words)} if words else {}
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
