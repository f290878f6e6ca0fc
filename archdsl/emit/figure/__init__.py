"""Turns a network into the figure that a paper would print: its skeleton, and a panel per block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archdsl.analysis.cost import cost
from archdsl.diagnostics.model import WARNING, Diagnostic, Diagnostics
from archdsl.emit.figure.look import Look
from archdsl.emit.figure.proof import prove
from archdsl.emit.figure.scene import Panel, Scene, Sketch
from archdsl.emit.figure.scenes import scene, wrapper_panels
from archdsl.emit.plots.scale import short as short
from archdsl.emit.registry import PICTURES, writer
from archdsl.ir.graph import Graph, bodies

MOST_BOXES = 4_000  # in a figure whose blocks are opened in place
_DEEPEST = 30  # bodies drawn inside each other


def compose(graph: Graph, look: Look, diagnostics: Diagnostics) -> Scene:
    """What is drawn of `graph`, by what `look` asks for; that it was too much goes to `diagnostics`.

    Raises:
        KeyError: there is no block of a name that `look` gives; its arguments are the name and those that there are.
    """
    return _shown(_opened(graph, look, diagnostics), look.blocks)


def _opened(graph: Graph, look: Look, diagnostics: Diagnostics) -> Scene:
    """The scene with those blocks in place that `look` opens: by name, and level by level."""
    whole = cost(graph)
    caption = f"{short(whole.params)} parameters, {short(whole.macs)} multiply-accumulates"
    known = {body.name for body in bodies(graph) if body is not graph}
    for name in (*look.blocks, *look.inline):
        if name not in known:
            raise KeyError(name, *sorted(known))
    found = scene(graph, caption, whole=look.blocks)
    opened: set[str | Graph] = set()
    for level in range(look.depth + 1):
        more = set(look.inline) if level == 0 else opened.union(*map(_called, _starts(found, look.blocks)))
        more = {one for one in more if (one if isinstance(one, str) else one.name) not in look.blocks}
        if more == opened:
            continue
        tried = scene(graph, caption, more, whole=look.blocks)
        if too_much := _too_much([panel.sketch for panel in tried.panels]):
            help = f"at most {MOST_BOXES:,} boxes are drawn so: open less, or some blocks alone with --block"
            diagnostics.add(Diagnostic("figure-too-large", too_much, None, WARNING, help=help))
            return found
        found, opened = tried, more
    return found


def _too_much(sketches: Sequence[Sketch]) -> str:
    """Why nobody could read so much of what is opened in place; "" where that can be."""
    known: dict[int, tuple[int, int]] = {}
    extents = [_extent(sketch, known) for sketch in sketches]
    count, deepest = sum(boxes for boxes, _ in extents), max(depth for _, depth in extents)
    then = ": it stays folded as far as that"
    if count > MOST_BOXES:
        return f"opened as asked, the figure would have {count:,} boxes{then}"
    return f"opened as asked, blocks would lie {deepest} deep in each other{then}" if deepest > _DEEPEST else ""


def _starts(found: Scene, blocks: Sequence[str]) -> list[Sketch]:
    """Where opening level by level begins: in the skeleton, or in the blocks that are drawn alone."""
    return [panel.sketch for panel in _shown(found, blocks).panels[: None if blocks else 1]]


def _shown(found: Scene, blocks: Sequence[str]) -> Scene:
    """The scene, or those panels of it that show `blocks`; one that has none, such as a wrapper, gets one."""
    if not blocks:
        return found
    return replace(found, panels=tuple(panel for block in dict.fromkeys(blocks) for panel in _panels(found, block)))


def _panels(found: Scene, block: str) -> list[Panel]:
    """The panels of a block, with those of its bodies that are drawn in their callers."""
    panels = [panel for panel in found.panels[1:] if panel.sketch.graph.name == block]
    shown = {id(instance.graph) for panel in panels for instance in panel.instances}
    hidden = [body for body in bodies(found.root) if body.name == block and id(body) not in shown]
    return panels + (wrapper_panels(found.root, hidden) if hidden else [])


def _called(found: Sketch) -> set[str | Graph]:
    """The bodies that boxes of a sketch, or what is drawn inside of them, call."""
    called: set[str | Graph] = set()
    for box in found.boxes:
        called |= _called(box.inside) if box.inside is not None else {c for c in box.callees if c is not None}
    return called


def _extent(found: Sketch, known: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """How many boxes a sketch has, with those drawn inside of its boxes, and how deep these lie in each other."""
    if id(found) not in known:
        inner = [_extent(box.inside, known) for box in found.boxes if box.inside is not None]
        count = len(found.boxes) + sum(boxes for boxes, _ in inner)
        known[id(found)] = count, 1 + max((depth for _, depth in inner), default=0)
    return known[id(found)]


def draw(graph: Graph, format: str, look: Look, diagnostics: Diagnostics) -> bytes:
    """The picture of `graph` in a form of `pictures/`; equal input gives equal bytes.

    What is odd about it goes to `diagnostics`.

    Raises:
        ArchError: there is no such form (unknown-format), or the page is too narrow (page-too-narrow).
        KeyError: there is no block of a name that `look` gives; its arguments are the name and those that there are.
    """
    write = writer(PICTURES, format)
    picture: bytes = write(compose(graph, look, diagnostics), look, diagnostics)
    return picture


def proof(graph: Graph, look: Look) -> str:
    """What the figure that `look` asks for was found to show of `graph`, in a sentence.

    Raises:
        ArchError: it shows something else (figure-differs), or cannot be drawn (see `draw`).
        KeyError: as `draw` does.
    """
    found = _opened(graph, look, Diagnostics())
    drawn = _shown(found, look.blocks)
    return prove(found, drawn, writer(PICTURES, "svg")(drawn, look, Diagnostics()))
