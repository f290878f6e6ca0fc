"""Turns the scenes of two networks into one drawing: what is added, removed or changed, each beside its counterpart."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from archdsl.analysis.cost import params_and_macs
from archdsl.diagnostics.model import Diagnostics
from archdsl.diagnostics.unknown import UnknownName
from archdsl.emit.endings import unknown_format
from archdsl.emit.figure import block_names, is_network, names_of, no_block_to_open, short, whole_scene
from archdsl.emit.figure.fills import Fill
from archdsl.emit.figure.frames import Framer, PanelFrame
from archdsl.emit.figure.look import Look, Paper
from archdsl.emit.figure.marking import NEW, OLD, BoxMark, Differences, Marks, Sign, all_boxes, marked
from archdsl.emit.figure.measure import shorten
from archdsl.emit.figure.page import COMFORTABLE, GAP, Arrangement
from archdsl.emit.figure.paint import Painter, badge
from archdsl.emit.figure.patch import Patch, beside, measured, paragraph, stacked, tables, text
from archdsl.emit.figure.room import is_small, tell_caption, tell_glyphs, tell_pages, tell_print, what_helps
from archdsl.emit.figure.scene import MAIN, SMALL, Box, Outline, Panel, Scene, Style, Table, Title
from archdsl.emit.figure.settings import said
from archdsl.emit.figure.shares import BoxPath
from archdsl.emit.figure.sheets import NOTHING, flows, height_around, hover, in_lines, leaf, swatch
from archdsl.emit.figure.sketch import Key, key_of
from archdsl.emit.figure.skyline import Slot
from archdsl.emit.figure.unused import with_ends
from archdsl.emit.marks.formats import FORMATS, written
from archdsl.emit.marks.model import Colour, Drawing
from archdsl.emit.registry import PICTURES
from archdsl.emit.registry import names as formats
from archdsl.emit.titles import titles
from archdsl.ir.graph import Graph

_ROLES = {Sign.ADDED: "added", Sign.REMOVED: "removed", Sign.CHANGED: "changed"}
_COLUMN, _HEIGHT = 420.0, 1000.0  # of one network on a page that nobody gave a width, in points
_TRIES, _SMALLER = 12, 0.88  # smaller scales tried where the least print has no room, each so many times the last
_STEPS = 4  # scales tried between comfortable and least print
_WIDER = (1.1, 1.25, 1.5, 2.0, 3.0, 5.0)  # how much wider pages are tried for what has no room
_NOTE_LINES = 2
_NOTE = 48  # characters of a line of what is said in a box about its change


def draw_two(old: Graph, new: Graph, format: str, look: Look, diagnostics: Diagnostics) -> bytes:
    """The picture of two networks beside each other; equal input gives equal bytes.

    Raises:
        ArchError: no such picture has this form (unknown-format), or the page is too narrow (page-too-narrow).
        UnknownName: neither has a block of a name that `look` gives.
        ValueError: `look` asks for colours that say something else than what differs.
    """
    if look.color != "kind":
        raise ValueError("color says what differs where two networks are drawn")
    if format in formats(PICTURES) and format not in FORMATS:
        raise unknown_format(format, f"two networks beside each other are not drawn as {format}", FORMATS)
    called, titled = zip(*(block_names(graph, look) for graph in (old, new)), strict=True)
    drawn = [{*names, *titles} for names, titles in zip(called, titled, strict=True)]
    for name in look.blocks:
        if name not in drawn[OLD] | drawn[NEW] and not is_network(name, old, new):
            raise UnknownName("block", name, sorted(drawn[OLD] | drawn[NEW]))
    for name in look.inline:
        if name not in called[OLD] | called[NEW]:
            raise no_block_to_open(name, called[OLD] | called[NEW])
    asked = [
        replace(
            look,
            blocks=tuple(name for name in look.blocks if name in drawn[side]),
            inline=tuple(name for name in look.inline if name in called[side]),
        )
        for side in (OLD, NEW)
    ]
    one, other = (whole_scene(graph, mine, diagnostics) for graph, mine in zip((old, new), asked, strict=True))
    found = drawing_of_two(one, other, look, diagnostics)
    tell_pages(found, format, diagnostics)
    tell_glyphs(found, format, diagnostics)
    return written(found, format, look.theme, look.dpi)


def drawing_of_two(old: Scene, new: Scene, look: Look, diagnostics: Diagnostics) -> Drawing:
    """Both skeletons beside each other, then the panels of blocks that differ; what is as before is told by name.

    Raises:
        ArchError: at the width asked for nothing could be read (page-too-narrow).
        UnknownName: where levels are opened, no panel has a title that `look` gives.
    """
    scenes = old, new
    differences = Differences(old.root, new.root)
    marks = marked(old, new, differences)
    groups, same = _groups(scenes, marks, look.blocks, _counterparts(differences))
    remark = f"as before: {', '.join(same)}" if same else ""
    if not any(_differs(known) for side in marks for known in side):
        remark = "no op or block is added, removed or changed"
    both = replace(old, panels=tuple(panel for group in groups for side in group for panel, _ in side))
    parts = not any(panel.sketch.graph is old.root for panel in both.panels)

    def head_of(width: float) -> Patch:
        return NOTHING if look.bare else _head(scenes, remark, width, parts)

    def legend(used: Collection[Colour] | None = None) -> list[Patch]:
        return [] if look.bare else _legend(used)

    def arrange(look: Look) -> Arrangement:
        numbers = iter(range(1, len(both.panels) + 1))
        framers = [tuple([_framer(*one, next(numbers), look) for one in side] for side in group) for group in groups]
        rough = 2 * _COLUMN if look.paper is None else look.paper.width
        return _arranged(framers, look.paper, height_around(head_of(rough), in_lines(legend(), rough)))

    def fits(look: Look) -> bool:
        return look.paper is None or not is_small(arrange(look), look.paper)

    page, paper = arrange(look), look.paper
    if paper is not None and is_small(page, paper):
        wider = [paper.wider(times * paper.width) for times in _WIDER]
        needed = next((on for on in wider if fits(replace(look, paper=on))), None)
        tell_print(page, both, paper, diagnostics, what_helps(look, fits, needed))
    leaves = tuple(leaf(page, number, head_of(page.width), legend, look) for number in range(page.pages))
    names = titles(old.root, new.root)
    if look.bare:
        signs = ", ".join(f"{sign} {role}" for sign, role in _ROLES.items())
        remarks = _remarks(scenes, remark)
        tell_caption([f"{names[OLD]} on the left, {names[NEW]} on the right", signs, *remarks], diagnostics)
    said = f"What differs between {names[OLD]} ({old.caption}) and {names[NEW]} ({new.caption})."
    return Drawing(leaves, " → ".join(names), said)


MarkedPanel = tuple[Panel, Marks]


def _counterparts(differences: Differences) -> dict[Key, Key]:
    """The blocks of the new network that have another name than the ones of the old network that they correspond to."""
    pairs = [(key_of(old), key_of(new)) for old, new in differences.counterparts()]
    blocks = {old for old, _ in pairs}
    found: dict[Key, Key] = {}
    for old, new in pairs:
        if old != new and new not in blocks and old not in found.values():
            found.setdefault(new, old)
    return found


def _groups(
    scenes: tuple[Scene, Scene],
    marks: tuple[list[Marks], list[Marks]],
    only: Sequence[str],
    counterparts: Mapping[Key, Key],
) -> tuple[list[tuple[list[MarkedPanel], list[MarkedPanel]]], list[str]]:
    """Panels that stand beside each other: the skeletons, each block that differs; and the names of the others.

    Blocks that only one of the two networks has stand beside each other as they come. With `only` the panels of
    these blocks, by name or title, whether they differ or not; the skeletons by the name of a network.
    """
    found: dict[Key, tuple[list[MarkedPanel], list[MarkedPanel]]] = {}
    names: dict[Key, list[str]] = {}
    titled = _titles(scenes, 40)
    for side, one in enumerate(scenes):
        for number, (panel, known) in enumerate(zip(one.panels, marks[side], strict=True)):
            skeleton = panel.sketch.graph is one.root
            key = () if skeleton else key_of(panel.sketch.graph)
            key = counterparts.get(key, key) if side == NEW else key
            shown = replace(panel, title=Title(titled[side])) if skeleton and number == 0 else panel
            names.setdefault(key, []).append(panel.title.name)
            found.setdefault(key, ([], []))[side].append((shown, known))
    if only:
        blocks = {key: asked for key, group in found.items() if key != () and (asked := _asked(group, only))}
        called = {name for group in blocks.values() for side in group for panel, _ in side for name in names_of(panel)}
        whole = any(name not in called and is_network(name, *[one.root for one in scenes]) for name in only)
        found = ({(): found[()]} if whole else {}) | blocks
        if not found:
            raise UnknownName(
                "block", only[0], sorted({panel.title.text for one in scenes for panel in one.panels[1:]})
            )
    differs = {key: any(_differs(known) for side in group for _, known in side) for key, group in found.items()}
    drawn = [key for key in found if key == () or only or differs[key]]
    paired = [found[key] for key in drawn if key == () or all(found[key])]
    alone: tuple[list[MarkedPanel], list[MarkedPanel]] = ([], [])
    for key, group in found.items():
        if key != () and not all(group):
            alone[OLD].extend(group[OLD])
            alone[NEW].extend(group[NEW])
    same = [names[key][0] for key in found if key != () and all(found[key]) and not differs[key]]
    return [*paired, *([alone] if any(alone) else [])], list(dict.fromkeys(same))


def _asked(
    group: tuple[list[MarkedPanel], list[MarkedPanel]], only: Sequence[str]
) -> tuple[list[MarkedPanel], list[MarkedPanel]] | None:
    """All panels of a block that is asked for by name; of one asked for by title that panel, beside its counterpart."""
    if any(panel.sketch.graph.name in only for side in group for panel, _ in side):
        return group
    old, new = ([one for one in side if one[0].title.text in only] for side in group)
    return (old or group[OLD], new or group[NEW]) if old or new else None


def _differs(marks: Marks) -> bool:
    return any(mark.sign is not Sign.SAME for mark in marks.values())


def _framer(panel: Panel, marks: Marks, number: int, look: Look) -> Framer:
    panel = replace(panel, sketch=with_ends(panel.sketch))  # the boxes that are painted
    signs = {path: mark for path, mark in marks.items() if mark.sign is not Sign.SAME}
    painter = Painter(_fill(signs), _hover(panel, signs), {path: str(mark.sign) for path, mark in signs.items()})
    notes = {path: note for path, mark in signs.items() if (note := _note(mark.notes))}
    if panel.words:  # a line per box
        lines = zip(panel.words, (signs.get((i,)) for i in range(len(panel.words))), strict=True)
        panel = replace(panel, words=tuple(line if mark is None else f"{mark.sign} {line}" for line, mark in lines))
    else:  # what has no room inside stands below the title
        small = [(path, box) for path, box, _ in all_boxes(panel.sketch) if box.shape in (Outline.CIRCLE, Outline.BAR)]
        told = [(box.said, signs[path]) for path, box in small if path in notes]
        said = [f"{mark.sign} {name}: {'; '.join(mark.notes)}" for name, mark in told]
        title = replace(panel.title, remarks=(*panel.title.remarks, *dict.fromkeys(said)))
        panel = replace(panel, title=title)
    return Framer(panel, number, painter, flows(panel, look), notes)


def _note(notes: Sequence[str]) -> str:
    """What has room in two lines of a box: of several notes no sizes, which the wires tell, and as many as fit."""
    telling = [note for note in notes if not note.startswith(("input ", "output "))] or list(notes)
    lines = [""]
    for number, note in enumerate(telling):
        longer = "; ".join(filter(None, [lines[-1], note]))
        if len(longer) <= _NOTE:
            lines[-1] = longer
        elif len(note) <= _NOTE and lines[-1] and len(lines) < _NOTE_LINES:
            lines.append(note)
        elif any(lines):
            return ";\n".join([*lines[:-1], f"{lines[-1]}; and {len(telling) - number} more"])
        else:
            return shorten(note, _NOTE)
    return ";\n".join(lines)


def _fill(signs: Mapping[BoxPath, BoxMark]) -> Fill:
    """Colours what differs; what is as before stays pale."""

    def fill(path: BoxPath, box: Box) -> tuple[str, str, str]:
        if path not in signs:
            return ("port.fill", "port.border", "soft") if box.style is Style.PORT else ("frame.fill", "frame", "soft")
        role = _ROLES[signs[path].sign]
        return "frame.fill" if box.inside is not None else f"{role}.fill", f"{role}.border", "ink"

    return fill


def _hover(panel: Panel, signs: Mapping[BoxPath, BoxMark]) -> Callable[[Box], str]:
    """What is known of a box, behind what became of it."""
    said = {id(box): signs[(number,)] for number, box in enumerate(panel.sketch.boxes) if (number,) in signs}

    def words(box: Box) -> str:
        mark = said.get(id(box))
        return (
            hover(box)
            if mark is None
            else "\n".join([": ".join([_ROLES[mark.sign], "; ".join(mark.notes)]).rstrip(": "), hover(box)])
        )

    return words


def _arranged(framers: Sequence[Sequence[Sequence[Framer]]], paper: Paper | None, head: float) -> Arrangement:
    """Two columns of equal width, printed as large as the pages allow that the least print needs."""
    if paper is None:
        return _columns(framers, _COLUMN, _HEIGHT, None, 1.0)
    scale = paper.least / SMALL
    best = _fitted(framers, paper, head, scale)
    tries = 0
    while (fits := _fits(best, paper, head)) < 1 and tries < _TRIES:
        tries, scale = tries + 1, scale * max(fits, _SMALLER)
        best = _fitted(framers, paper, head, scale)
    if tries:
        return replace(best, scale=best.scale * min(1.0, fits))
    for step in range(1, _STEPS + 1):
        larger = scale + (max(COMFORTABLE, scale) - scale) * step / _STEPS
        found = _fitted(framers, paper, head, larger)
        if _fits(found, paper, head) < 1 or found.pages > best.pages:
            break
        best = found
    return best


def _fitted(framers: Sequence[Sequence[Sequence[Framer]]], paper: Paper, head: float, scale: float) -> Arrangement:
    width, height = _room(paper, head, scale)
    return _columns(framers, (width - GAP) / 2, height, height, scale)


def _room(paper: Paper, head: float, scale: float) -> tuple[float, float]:
    """Width and height that the frames of a page have, in points that are printed `scale` times as large."""
    return (paper.width - 2 * paper.margin) / scale, (paper.height - 2 * paper.margin) / scale - head


def _fits(found: Arrangement, paper: Paper, head: float) -> float:
    """1 where all has room on the pages of a paper, else how many times as large it may be printed."""
    width, height = _room(paper, head, found.scale)
    whole = (height + head) / (max(map(found.height, range(found.pages))) + head)
    fits = min(width / found.width, whole)
    return 1.0 if fits > 0.9999 else fits


def _columns(
    framers: Sequence[Sequence[Sequence[Framer]]], column: float, limit: float, height: float | None, scale: float
) -> Arrangement:
    """Frames in rows of two; a row that has no room on a page begins the next one."""
    most = limit if height is None else height
    rows: list[list[PanelFrame | None]] = []
    for group in framers:
        sides = [[frame for framer in side for frame in framer.frames(column, limit, most)] for side in group]
        rows += [list(row) for row in zip_longest(*sides)]
    wide = max([column] + [frame.width for row in rows for frame in row if frame is not None]) if height else 0.0
    lefts = [frame.width for row in rows if (frame := row[OLD]) is not None]
    second = (wide or max(lefts, default=0.0)) + GAP
    frames: list[PanelFrame] = []
    slots: list[Slot] = []
    page, y = 0, 0.0
    for row in rows:
        high = max(frame.height for frame in row if frame is not None)
        if height is not None and y and y + high > height + 0.01:
            page, y = page + 1, 0.0
        for side, frame in enumerate(row):
            if frame is not None:
                frames.append(frame)
                slots.append(Slot(page, side * second, y))
        y += high + GAP
    ends = [slot.x + frame.width for slot, frame in zip(slots, frames, strict=True)]
    return Arrangement(tuple(frames), tuple(slots), 2 * wide + GAP if height else max(ends), scale)


def _head(scenes: tuple[Scene, Scene], remark: str, width: float, parts: bool) -> Patch:
    """Both names, the numbers of both and their difference, and remarks."""
    (old_params, old_macs), (new_params, new_macs) = (params_and_macs(scene.root) for scene in scenes)
    names = _titles(scenes, 60)
    rows = (
        (names[OLD], short(old_params), short(old_macs)),
        (names[NEW], short(new_params), short(new_macs)),
        ("difference", _difference(old_params, new_params), _difference(old_macs, new_macs)),
    )
    numbers = tables(measured(Table(("network", "parameters", "multiply-accumulates"), rows)), width)
    title = [text(part, 16.0, "ink", True) for part in _titled(names, width)]
    whole = "numbers of the whole networks" if parts else ""
    return stacked([*title, numbers, *paragraph(filter(None, [whole, *_remarks(scenes, remark)]), width, MAIN)], 2.0)


def _remarks(scenes: tuple[Scene, Scene], remark: str) -> list[str]:
    """What boxes do not repeat, and what is as before."""
    names = _titles(scenes, 60)
    settings = [" · ".join(map(said, scene.settings)) for scene in scenes]
    told = [f"{name}: {text}" for name, text in zip(names, settings, strict=True) if text]
    return [*(settings[:1] if settings[OLD] == settings[NEW] else told), remark]


def _titles(scenes: tuple[Scene, Scene], most: int) -> tuple[str, str]:
    """What to call both networks in so many characters; where that leaves out what tells them apart, with a number."""
    whole = titles(scenes[OLD].root, scenes[NEW].root)
    one, other = (shorten(name, most) for name in whole)
    if one == other and whole[OLD] != whole[NEW]:
        one, other = (f"{shorten(name, most - 4)} ({number})" for number, name in enumerate(whole, 1))
    return one, other


def _titled(names: Sequence[str], width: float) -> list[str]:
    """`old → new` in one line, or in two where that is too wide."""
    whole = " → ".join(names)
    return [whole] if text(whole, 16.0, "ink", True).width <= width else [f"{names[OLD]} →", names[NEW]]


def _difference(old: int, new: int) -> str:
    return f"{'+' if new > old else '−' if new < old else '±'}{short(abs(new - old))}"


def _legend(used: Collection[Colour] | None) -> list[Patch]:
    """The signs with their colours, and what has none; with `used` those whose borders are among these colours."""
    made = [
        beside([_badge(sign), swatch(f"{role}.fill", f"{role}.border", role)], 3.0)
        for sign, role in _ROLES.items()
        if used is None or f"{role}.border" in used
    ]
    same = swatch("frame.fill", "frame", "as before, but for sizes")
    return [*made, same] if used is None or "frame" in used else made


def _badge(sign: Sign) -> Patch:
    role = f"{_ROLES[sign]}.border"
    return Patch(9.0, 10.0, lambda x, y: badge(str(sign), (x + 4.5, y + 5.0), role))
