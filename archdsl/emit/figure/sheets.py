"""Turns a scene into a drawing: pages with the network's name above and the legend below its framed panels."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from archdsl.diagnostics.model import Diagnostics
from archdsl.emit.figure.fills import SceneFills, fills, roles
from archdsl.emit.figure.frames import Framer
from archdsl.emit.figure.look import Look
from archdsl.emit.figure.measure import text_width
from archdsl.emit.figure.page import GAP, Arrangement, arranged, width_needed
from archdsl.emit.figure.paint import DASHES, Painter
from archdsl.emit.figure.patch import Patch, beside, paragraph, stacked, text
from archdsl.emit.figure.placed import Flow
from archdsl.emit.figure.room import is_small, refuse_hopeless, tell_print, tell_width, what_helps
from archdsl.emit.figure.scene import MAIN, SMALL, Box, Panel, Scene, Sketch, Style
from archdsl.emit.figure.shares import percentage
from archdsl.emit.marks.model import (
    CircleMark,
    Colour,
    Drawing,
    GroupMark,
    Leaf,
    Mark,
    PathMark,
    RectMark,
    TextMark,
)
from archdsl.emit.marks.palettes import COST_STEPS, PALETTES, Palette, cost_role

_HEADLINE = 16.0  # size of the network's name, in points
_LEAST_HEAD = 250.0  # width that name, totals and legend may take at least, in points
NOTHING = stacked([])  # above or below frames
_BORDER = 8.0  # around a figure of natural size, in points


def drawing(scene: Scene, look: Look, diagnostics: Diagnostics) -> Drawing:
    """The pages of a scene; a width that holds it only in small print is told to `diagnostics`.

    Raises:
        ArchError: at the width asked for nothing could be read (page-too-narrow).
    """
    found = fills(scene, look.color)
    whole = set().union(*(_styles(panel.sketch) for panel in scene.panels))
    palette = PALETTES[look.theme]

    def head_of(width: float) -> Patch:
        return NOTHING if look.bare else _head(scene, width)

    def legend(used: Collection[Colour] | None = None) -> list[Patch]:
        """Of the boxes of all pages, or of the one that uses these colours."""
        if look.bare or found.meaning:
            return [] if look.bare else _cost_legend(found)
        return _kind_legend(
            [style for style in Style if style in whole and (used is None or roles(style)[0] in used)], palette
        )

    def framers(look: Look) -> list[Framer]:
        each = enumerate(zip(scene.panels, found.each, found.told, strict=True), 1)
        return [Framer(panel, i, Painter(fill, hover), flows(panel, look), words) for i, (panel, fill, words) in each]

    paper = look.paper

    everything = legend()

    def around(scale: float) -> float:
        width = 1000.0 if paper is None else min(paper.width, (paper.width - 2 * paper.margin) / scale)
        return height_around(head_of(width), in_lines(everything, width))

    mine = framers(look)
    if paper is not None:
        refuse_hopeless(mine, scene, paper)
    page = arranged(mine, paper, around)
    if paper is not None and is_small(page, paper):
        needed = width_needed(mine, paper, around, page)
        helps = what_helps(look, lambda x: not is_small(arranged(framers(x), paper, around), paper), needed)
        tell_print(page, scene, paper, diagnostics, helps)
    room = _LEAST_HEAD if paper is None else (paper.width - 2 * paper.margin) / page.scale
    for width in (max(page.width, min(_LEAST_HEAD, room)), room):
        head, foot = head_of(width), in_lines(everything, width)
        highest = max(map(page.height, range(page.pages))) + height_around(head, foot)
        if paper is None or highest * page.scale <= paper.height - 2 * paper.margin:
            break
    page = replace(page, width=max(page.width, head.width, foot.width))  # frames grow as wide as what is around them
    leaves = [leaf(page, i, head, legend, look) for i in range(page.pages)]
    made = Drawing(tuple(leaves), scene.root.name, _described(scene))
    if paper is not None:
        tell_width(made, paper, diagnostics)
    return made


def flows(panel: Panel, look: Look) -> tuple[Flow, ...]:
    if look.cells and panel.sketch.graph.kind == "cell":
        return (Flow.UP,)
    return (Flow.RIGHT,) if look.left_to_right else (Flow.DOWN, Flow.RIGHT)


def height_around(head: Patch, foot: Patch) -> float:
    """What stands above and below frames takes so much, with the gaps between."""
    return sum(patch.height + GAP for patch in (head, foot) if patch.height)


def leaf(
    page: Arrangement, number: int, head: Patch, legend: Callable[[Collection[Colour]], Sequence[Patch]], look: Look
) -> Leaf:
    """One page: the head on the first, below the frames the legend of the colours that their boxes use."""
    above = head if number == 0 else NOTHING
    top = height_around(above, NOTHING)
    frames = list(page.marks(number, top))
    foot = in_lines(legend(set(_box_colours(frames))), page.width)
    bottom = top + page.height(number)
    marks = [*above.paint(0.0, 0.0), *frames, *foot.paint(0.0, bottom + GAP)]
    height = bottom + height_around(NOTHING, foot)
    width = max(page.width, head.width, foot.width)
    paper = look.paper
    border = _BORDER if paper is None else paper.margin
    size = width * page.scale + 2 * border, height * page.scale + 2 * border
    left = upper = border
    if paper is not None and paper.whole:
        left += max(0.0, (paper.width - size[0]) / 2)
        upper += max(0.0, (paper.height - size[1]) / 2) if paper.width > paper.height else 0.0
        size = paper.width, paper.height
    return Leaf(*size, tuple(moved(mark, page.scale, (left, upper)) for mark in marks))


def _box_colours(marks: Iterable[Mark], inside: bool = False) -> Iterator[Colour]:
    """What fills the boxes among marks, and what borders them; frames and tags are none."""
    for mark in marks:
        if isinstance(mark, GroupMark):
            yield from _box_colours(mark.marks, mark.kind not in ("panel", "edge"))
        elif inside and isinstance(mark, (RectMark, CircleMark)):
            yield from filter(None, (mark.fill, mark.stroke))


def moved(mark: Mark, scale: float, by: tuple[float, float]) -> Mark:
    """A mark `scale` times as large, then moved to the right and down."""
    if isinstance(mark, GroupMark):
        return GroupMark(tuple([moved(inner, scale, by) for inner in mark.marks]), mark.id, mark.kind, mark.title)
    if isinstance(mark, PathMark):
        steps = tuple(
            [(step[0], *[float(x) * scale + by[i % 2] for i, x in enumerate(step[1:])]) for step in mark.steps]
        )
        dashes = tuple([dash * scale for dash in mark.dashes])
        return PathMark(steps, mark.stroke, mark.fill, mark.line * scale, mark.arrow, dashes)
    x, y = mark.x * scale + by[0], mark.y * scale + by[1]
    if isinstance(mark, TextMark):
        return TextMark(x, y, mark.text, mark.size * scale, mark.colour, mark.bold, mark.anchor)
    if isinstance(mark, CircleMark):
        return CircleMark(x, y, mark.radius * scale, mark.fill, mark.stroke, mark.line * scale)
    size, dashes = (mark.width * scale, mark.height * scale), tuple([dash * scale for dash in mark.dashes])
    return RectMark(x, y, *size, mark.fill, mark.stroke, mark.line * scale, mark.radius * scale, dashes)


def _head(scene: Scene, width: float) -> Patch:
    """The name of the network, smaller if it is long, above what it costs."""
    name = scene.root.name
    size = max(MAIN, min(_HEADLINE, _HEADLINE * width / max(1.0, text_width(name, _HEADLINE, True))))
    return stacked([*paragraph([name], width, size, "ink", True), *paragraph([scene.caption], width, MAIN)])


def hover(box: Box) -> str:
    """All that is known of a box: its text in full, the modules and lines that it stands for, what they cost."""
    said = [box.said]
    if box.origin is not None:
        paths = [path for path in dict.fromkeys(box.origin.paths) if path]
        if paths:
            said.append(", ".join(paths[:3]) + (f" and {len(paths) - 3:,} more" if len(paths) > 3 else ""))
        places = dict.fromkeys(f"{span.source.name.rpartition('/')[2]}:{span.line}" for span in box.origin.spans)
        said += [", ".join(list(places)[:3])] if places else []
        if not box.origin.is_open:
            params, macs = box.origin.params_and_macs
            said.append(f"{params:,} parameters, {macs:,} multiply-accumulates")
    return "\n".join(filter(None, said))


def swatch(fill: str, border: str, words: str, dashes: tuple[float, ...] = ()) -> Patch:
    label = text(words, SMALL, "soft")

    def paint(x: float, y: float) -> Iterable[Mark]:
        yield RectMark(x, y + label.height / 2 - 4, 14, 8, fill, border, 0.6, 1.5, dashes)
        yield from label.paint(x + 18, y)

    return Patch(18 + label.width, label.height, paint)


def _kind_legend(styles: Iterable[Style], palette: Palette) -> list[Patch]:
    """What each colour stands for: styles that have one colour are listed together."""
    alike: dict[tuple[str, bool], list[Style]] = {}
    for style in styles:
        if style is not Style.PORT:
            alike.setdefault((palette[roles(style)[0]], style is Style.CHOICE), []).append(style)
    return [
        swatch(*roles(styles[0]), ", ".join(styles), DASHES if dashed else ()) for (_, dashed), styles in alike.items()
    ]


def _styles(found: Sketch) -> set[Style]:
    """The styles of the boxes of a sketch, and of those drawn inside of them."""
    inner = [_styles(box.inside) for box in found.boxes if box.inside is not None]
    return {box.style for box in found.boxes}.union(*inner)


def _cost_legend(found: SceneFills) -> list[Patch]:
    """A scale from nothing to the largest share."""
    steps = [Patch(10, 10, _square(cost_role((i + 0.5) / COST_STEPS))) for i in range(COST_STEPS)]
    words = [text("0 %", SMALL, "soft"), beside(steps, 0.0), text(percentage(found.most), SMALL, "soft")]
    return [beside(words, 5.0), *paragraph([found.meaning], 160.0)]


def _square(role: str) -> Callable[[float, float], Iterable[Mark]]:
    return lambda x, y: [RectMark(x, y, 10, 10, role, "cost.border", 0.4)]


def in_lines(patches: Sequence[Patch], width: float) -> Patch:
    """Patches beside each other in as many lines as they need."""
    lines: list[list[Patch]] = []
    for patch in patches:
        if lines and sum(other.width + 12 for other in lines[-1]) + patch.width <= width:
            lines[-1].append(patch)
        else:
            lines.append([patch])
    return stacked([beside(line, 12) for line in lines], 2.0)


def _described(scene: Scene) -> str:
    names = dict.fromkeys(panel.title.name for panel in scene.panels)
    return f"Diagram of {scene.root.name}: {scene.caption}. Panels: {', '.join(names)}."
