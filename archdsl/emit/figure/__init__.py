"""Turns a network into the figure that a paper would print: its skeleton, and a panel per block."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from archdsl.analysis.cost import params_and_macs
from archdsl.diagnostics.model import WARNING, Diagnostic, Diagnostics
from archdsl.diagnostics.unknown import UnknownName
from archdsl.emit.figure.fills import fills
from archdsl.emit.figure.look import Look
from archdsl.emit.figure.proof import prove
from archdsl.emit.figure.room import tell_caption
from archdsl.emit.figure.scene import Panel, Scene, Sketch
from archdsl.emit.figure.scenes import scene
from archdsl.emit.figure.told import told
from archdsl.emit.plots.scale import short as short
from archdsl.emit.registry import PICTURES, writer
from archdsl.ir.graph import Graph, bodies

_SKELETON = "network"  # what the panel of the network itself is called
MOST_BOXES = 4_000  # in a figure whose blocks are opened in place
_DEEPEST = 30  # bodies drawn inside each other

# Why a block is not opened.
_SCANNED = "it is applied to each element of a sequence"
_SEVERAL = "a box stands for several calls of it"
_OTHER_WAYS = {_SCANNED: "--block {} draws it alone", _SEVERAL: "--depth draws calls one by one, each open"}


def compose(graph: Graph, look: Look, diagnostics: Diagnostics, space: str = "") -> Scene:
    """What is drawn of `graph`, by what `look` asks for; that it was too much goes to `diagnostics`.

    `space` says how much there is of it, where it is no network but the outline of a space (`archdsl.ir.chosen`).

    Raises:
        UnknownName: there is no block of a name that `look` gives.
    """
    return _shown(whole_scene(graph, look, diagnostics, space), look.blocks)


def whole_scene(graph: Graph, look: Look, diagnostics: Diagnostics, space: str = "") -> Scene:
    """The scene with those blocks in place that `look` opens: by name, and level by level; all panels of it.

    Raises:
        UnknownName: there is no block of a name that `look` gives.
    """
    caption = space
    if not space:
        params, macs = params_and_macs(graph)
        caption = f"{short(params)} parameters, {short(macs)} multiply-accumulates"
    look = replace(look, blocks=_blocks(graph, look))
    found = scene(graph, caption, alone=look.blocks)
    for level in range(look.depth + 1):
        opens = look.inline or level
        tried = scene(graph, caption, look.inline, alone=look.blocks, levels=level) if opens else found
        if opens and (too_much := _too_much([panel.sketch for panel in tried.panels])):
            help = f"at most {MOST_BOXES:,} boxes are drawn so: open less, or some blocks alone with --block"
            diagnostics.add(Diagnostic("figure-too-large", too_much, None, WARNING, help=help))
            return _told_where_large(replace(found, space=space), diagnostics)
        found = tried
        if all(why == _SCANNED for _, why in _closed(tried, (), replace(look, depth=level + 1))):
            break  # nothing is left to open
    for name, why in dict.fromkeys(_closed(found, look.inline, look)):
        message, help = f"the block {name} is not opened everywhere: {why}", _OTHER_WAYS[why].format(name)
        diagnostics.add(Diagnostic("stays-closed", message, None, WARNING, help=help))
    return _told_where_large(replace(found, space=space), diagnostics)


def _told_where_large(found: Scene, diagnostics: Diagnostics) -> Scene:
    """The scene with panels of more boxes than anybody could read told line by line, which goes to `diagnostics`."""
    panels = list(found.panels)
    for number, panel in enumerate(panels):
        count = _extent(panel.sketch, {})[0]
        if count > MOST_BOXES and not panel.words:
            message = f"{panel.title.text} has {count:,} boxes in one body: they are told line by line"
            help = f"at most {MOST_BOXES:,} are drawn: write what repeats as a block, or as a loop of equal stages"
            diagnostics.add(Diagnostic("figure-too-large", message, panel.sketch.graph.span, WARNING, help=help))
            panels[number] = replace(panel, words=told(panel.sketch))
    return replace(found, panels=tuple(panels))


def _blocks(graph: Graph, look: Look) -> tuple[str, ...]:
    """The blocks that `look` asks for: by name, or by the title of a panel, as `basic a` for a variant of `basic`.

    The network itself, which may be asked for as well, is none.

    Raises:
        UnknownName: there is none of such a name or title.
    """
    known, titled = block_names(graph, look)
    for name in look.inline:
        if name not in known:
            raise no_block_to_open(name, known)
    for name in look.blocks:
        if name not in known and name not in titled and not is_network(name, graph):
            raise UnknownName("block", name, sorted({*known, *titled}))
    return tuple([name if name in known else titled[name] for name in look.blocks if name in known or name in titled])


def no_block_to_open(name: str, known: Collection[str]) -> UnknownName:
    """That no block of such a name can be drawn in place; of a variant, that it cannot be without the others."""
    variant = name.rpartition(" ")[0] in known
    return UnknownName("block", name, sorted(known), "All its variants are drawn in place, or none." if variant else "")


def is_network(name: str, *graphs: Graph) -> bool:
    """Whether the network itself, or one of several, is asked for by a name that no block has."""
    return name in (_SKELETON, *[graph.name for graph in graphs])


def block_names(graph: Graph, look: Look) -> tuple[set[str], dict[str, str]]:
    """The names of the blocks of a network; where `look` asks for others, also those by the titles of their panels."""
    known = {body.name for body in bodies(graph) if body is not graph}
    if known.issuperset(look.blocks):
        return known, {}
    panels = scene(graph, inline=look.inline, alone=known).panels[1:]
    return known, {panel.title.text: panel.sketch.graph.name for panel in panels}


def _too_much(sketches: Sequence[Sketch]) -> str:
    """Why nobody could read so much of what is opened in place; "" where that can be."""
    known: dict[int, tuple[int, int]] = {}
    extents = [_extent(sketch, known) for sketch in sketches]
    count, deepest = sum(boxes for boxes, _ in extents), max(depth for _, depth in extents)
    then = ": it stays folded as far as that"
    if count > MOST_BOXES:
        return f"opened as asked, the figure would have {count:,} boxes{then}"
    return f"opened as asked, blocks would lie {deepest} deep in each other{then}" if deepest > _DEEPEST else ""


def _closed(found: Scene, inline: Collection[str], look: Look) -> Iterator[tuple[str, str]]:
    """The blocks that `look` would have open, by name or by level, and that some box does not show open, with why."""
    for number, panel in enumerate(found.panels):
        start, levels = panel.sketch, look.depth
        if look.blocks:
            levels = look.depth if number and start.graph.name in look.blocks else 0
        elif number:
            levels = 0
        while number == 0 and len(boxes := [box for box in start.boxes if box.units]) == 1 and boxes[0].inside:
            start = boxes[0].inside  # the network is that call: it counts as no level
        yield from _closed_in(start, inline, levels)


def _closed_in(sketch: Sketch, inline: Collection[str], levels: int) -> Iterator[tuple[str, str]]:
    for box in sketch.boxes:
        if box.inside is not None:
            yield from _closed_in(box.inside, inline, max(levels - 1, 0))
            continue
        for callee in filter(None, box.callees):
            if callee.name in inline or levels:
                scanned = any(phrase.key == "steps" for row in box.rows for phrase in row.phrases)
                yield callee.name, _SCANNED if scanned else _SEVERAL


def _shown(found: Scene, blocks: Sequence[str]) -> Scene:
    """The scene, or those panels of it that show `blocks`: names of blocks, titles of panels, or the network's.

    Raises:
        UnknownName: none has such a title any more, where levels are opened.
    """
    if not blocks:
        return found
    panels: dict[int, Panel] = {}
    for name in blocks:
        asked = [panel for panel in found.panels[1:] if name in names_of(panel)]
        asked = asked or [panel for panel in found.panels[:1] if is_network(name, found.root)]
        if not asked:
            raise UnknownName("block", name, sorted({panel.title.text for panel in found.panels[1:]}))
        panels |= {id(panel): panel for panel in asked}
    shown = tuple(panels.values())
    whole = "" if found.panels[0] in shown else "whole network: "
    lacking = sorted(_called(shown) - {panel.title.name for panel in shown})
    missing = f" · not drawn here: {', '.join(lacking)}" if lacking else ""
    return replace(found, panels=shown, caption=f"{whole}{found.caption}{missing}")


def _called(panels: Sequence[Panel]) -> set[str]:
    """What the blocks are called that closed boxes of panels call."""
    boxes = [box for panel in panels for _, box in panel.sketch.all_boxes() if box.inside is None and box.callees]
    return {phrase.text for box in boxes for row in box.rows for phrase in row.phrases if phrase.key.endswith("name")}


def names_of(panel: Panel) -> tuple[str, str]:
    """What a panel can be asked for by: the name of its block, and its title."""
    return panel.sketch.graph.name, panel.title.text


def _extent(found: Sketch, known: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """How many boxes a sketch has, with those drawn inside of its boxes, and how deep these lie in each other."""
    if id(found) not in known:
        inner = [_extent(box.inside, known) for box in found.boxes if box.inside is not None]
        count = len(found.boxes) + sum(boxes for boxes, _ in inner)
        known[id(found)] = count, 1 + max((depth for _, depth in inner), default=0)
    return known[id(found)]


def draw(graph: Graph, format: str, look: Look, diagnostics: Diagnostics, space: str = "") -> bytes:
    """The picture of `graph`, a network or the outline of a `space` (see `compose`), in a form of `pictures/`; equal
    input gives equal bytes.

    What is odd about it goes to `diagnostics`.

    Raises:
        ArchError: there is no such form (unknown-format), or the page is too narrow (page-too-narrow).
        UnknownName: there is no block of a name that `look` gives.
    """
    write = writer(PICTURES, format)
    found = compose(graph, look, diagnostics, space)
    picture: bytes = write(found, look, diagnostics)
    if look.bare:
        _, _, remarks = found.caption.partition(" · ")  # behind the totals
        tell_caption([remarks, fills(found, look.color).scale], diagnostics)
    return picture


def proof(graph: Graph, look: Look, format: str = "svg", space: str = "") -> str:
    """What the figure that `look` asks for was found to show of `graph`, in a sentence; `format` is what is written.

    Raises:
        ArchError: it shows something else (figure-differs), or cannot be drawn (see `draw`).
        UnknownName: as `draw` does.
    """
    writer(PICTURES, format)
    found = whole_scene(graph, look, Diagnostics(), space)
    drawn = _shown(found, look.blocks)
    return prove(found, drawn, writer(PICTURES, "svg")(drawn, look, Diagnostics()), format, look.blocks)
