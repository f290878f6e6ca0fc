"""Turns a network into panels: its skeleton first, then one for each variant of each block."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from archdsl.analysis.cost import params_and_macs
from archdsl.emit.figure.conditions import conditions
from archdsl.emit.figure.instances import BlockVariant, CalledBlock, CalledBlocks
from archdsl.emit.figure.merging import TableWords, merged, own_head, ports, quoted
from archdsl.emit.figure.scene import Box, BoxRow, Fold, Instance, Panel, Scene, Sketch, Title
from archdsl.emit.figure.series import counted
from archdsl.emit.figure.settings import Setting, said, settings_of, silenced
from archdsl.emit.figure.tables import TableRow, table
from archdsl.emit.figure.told import told
from archdsl.emit.figure.where import where
from archdsl.ir.graph import Graph
from archdsl.ir.hashing import exact_hash

_DRAWN = 6  # variants of a block that are drawn; the others are told


def scene(
    root: Graph,
    caption: str = "",
    inline: Collection[str] = (),
    depth: int | None = None,
    alone: Collection[str] = (),
    levels: int = 0,
) -> Scene:
    """The skeleton of `root`, then the panels of each block in order of first call.

    Blocks named in `inline` are drawn where they are called, as far as each is called alone. With `depth` there are
    panels only for blocks at most so many calls below the network. Of blocks named in `alone` all variants are drawn.
    So many `levels` of calls are drawn in place in the skeleton, or in those blocks; calls are then drawn one by one.
    The caption goes on with what is true of all ops of a kind.
    """
    blocks = CalledBlocks(root, inline, depth, alone=alone, levels=levels)
    settings = _settings(blocks)
    (skeleton,) = _counted([silenced(blocks.spoken(blocks.skeleton()), settings)])
    caption = " · ".join(filter(None, (caption, *map(said, settings))))
    panels = [Panel(Title("network"), skeleton, (Instance(skeleton, 1),))]
    for block in blocks.found.values():
        panels += _panels(blocks, block, settings, alone)
    return Scene(root, tuple(panels), caption, tuple(settings), depth, tuple(alone))


def speaker(blocks: CalledBlocks) -> Callable[[Sketch], Sketch]:
    """What makes a sketch of a body of a network say what its figure says: no argument that is always the same.

    So the page says of each box what the figure does.
    """
    settings = _settings(blocks)
    return lambda found: _counted([silenced(blocks.spoken(found), settings)])[0]


def _counted(sketches: Sequence[Sketch]) -> list[Sketch]:
    """Sketches of one form, in which runs of several variants say `b, then a × 3`: `(b, then a) × 4` reads as eight.

    Where one of them has several, all count so, that one word of a table may stand for each.
    """
    columns = [_counted_boxes(boxes) for boxes in zip(*(found.boxes for found in sketches), strict=True)]
    rows = zip(*columns, strict=True) if columns else [()] * len(sketches)
    return [replace(found, boxes=boxes) for found, boxes in zip(sketches, rows, strict=True)]


def _counted_boxes(boxes: Sequence[Box]) -> Sequence[Box]:
    """One box of each sketch."""
    inside = [box.inside for box in boxes if box.inside is not None]
    if inside:
        return [box._replace(inside=found) for box, found in zip(boxes, _counted(inside), strict=True)]
    if not boxes[0].callees or boxes[0].fold in (Fold.TURNS, Fold.COUNTED) or not any(map(_takes_several, boxes)):
        return boxes
    return [box._replace(rows=tuple(map(_counted_row, box.rows))) for box in boxes]


def _takes_several(box: Box) -> bool:
    """Whether a box is a run of several variants of a block."""
    return any(p.key == "name variant" and ", then " in p.value for row in box.rows for p in row.phrases)


def _counted_row(row: BoxRow) -> BoxRow:
    known = {phrase.key: phrase for phrase in row.phrases}
    variant, times = known.get("name variant"), known.get("times")
    if variant is None or times is None:
        return row
    told = counted(variant.value, int(times.value.replace(",", "")))
    changed = {"name variant": variant._replace(text=told, value=told), "times": times._replace(text="")}
    return row._replace(phrases=tuple([changed.get(phrase.key, phrase) for phrase in row.phrases]))


def _settings(blocks: CalledBlocks) -> list[Setting]:
    bodies = [body for block in blocks.found.values() for body in block.bodies]
    return settings_of([blocks.skeleton(), *map(blocks.expanded, bodies)])


def _panels(
    blocks: CalledBlocks, block: CalledBlock, settings: Collection[Setting], alone: Collection[str]
) -> list[Panel]:
    """A panel per variant of a block, the less used ones beyond a few in words."""
    applied = [[blocks.applied[id(body)] for body in variant.bodies] for variant in block.variants]
    uses = [sum(one.calls for one in ones) for ones in applied]
    drawn = sorted(range(len(uses)), key=lambda i: -uses[i])[: len(uses) if block.name in alone else _DRAWN]
    places = [where([path for one in ones for path in one.paths], sum(one.modules for one in ones)) for ones in applied]
    selected = conditions([variant.bodies for variant in block.variants], places)
    made = []
    for number, variant in enumerate(block.variants):
        sketches = [silenced(blocks.spoken(blocks.expanded(body)), settings) for body in variant.bodies]
        panel = _panel(blocks, block, variant, sketches)
        title = Title(
            blocks.named(variant.bodies[0]),
            variant.letter,
            _used(
                uses[number],
                sum(blocks.applied[id(body)].modules for body in variant.bodies if params_and_macs(body)[0]),
            ),
            tuple(filter(None, (selected[number], *panel.title.remarks))),
        )
        made.append(replace(panel, title=title, words=() if number in drawn else told(panel.sketch)))
    return made


def _used(count: int, sets: int) -> str:
    """How often what a panel shows is used, and with how many sets of weights where some uses share theirs."""
    shared = f" with {sets:,} set{'s' * (sets > 1)} of weights" if 0 < sets < count else ""
    return f"× {count:,}{shared}" if count > 1 else ""


def _panel(blocks: CalledBlocks, block: CalledBlock, variant: BlockVariant, sketches: list[Sketch]) -> Panel:
    """The panel of one variant, its title still without a name."""
    words = TableWords(variant.bodies)
    sketch = merged(_counted(sketches), words)
    if texts := {word for word in words.said if not word.isdigit()}:
        sketch = quoted(sketch, texts)
    told = {name: words.arguments[name] for name in block.telling if name in words.arguments}
    columns = {name: values for name, values in told.items() if name in words.said}
    if block.numbers:
        columns["no."] = tuple(str(block.numbers[id(body)]) for body in variant.bodies)
    columns |= {name: values for name, values in words.used.items() if name in words.arguments or name in words.letters}
    columns |= {name: words.arguments[name] for name in words.said if name in words.arguments}
    taken = [ports(body) for body in variant.bodies]
    for number, (name, _) in enumerate(taken[0]):
        shapes = tuple(row[number][1] for row in taken)
        if len(set(shapes)) > 1:
            columns[name] = shapes
    alike = len(set(zip(*columns.values(), strict=True)))
    if told.keys() - columns and alike < len(variant.bodies) and alike < len(set(map(exact_hash, variant.bodies))):
        columns = told | columns  # what calls say tells rows apart that nothing in the panel does
    applied = [blocks.applied[id(body)] for body in variant.bodies]
    rows = [
        TableRow(tuple(values[number] for values in columns.values()), one.calls, one.modules, tuple(one.paths))
        for number, one in enumerate(applied)
    ]
    instances = tuple(
        Instance(
            found,
            one.calls,
            tuple((word, values[number]) for word, values in {**columns, **words.used}.items()),
            tuple(one.paths),
            one.steps,
            one.modules,
        )
        for number, (one, found) in enumerate(zip(applied, sketches, strict=True))
    )
    remarks = [f"{word}: channels of {words.channels_of[word]}" for word in words.channels if word in words.said]
    if block.numbers and len(variant.bodies) == 1:
        remarks.insert(0, f"no. {block.numbers[id(variant.bodies[0])]}")
    places = own_head("where", variant.bodies[0])
    shown = table(tuple(columns), rows, places) if columns else None
    return Panel(Title("", remarks=tuple(remarks)), sketch, instances, shown)
