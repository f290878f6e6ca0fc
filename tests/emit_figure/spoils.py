"""Ways to spoil a figure: each takes a scene and gives one that is wrong, or None where there is nothing to spoil."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from archdsl.emit.figure.scene import Box, Edge, Fold, Instance, Panel, Phrase, Scene, Sketch, Style

Spoil = Callable[[random.Random, Scene], Scene | None]


def in_a_panel(change: Callable[[random.Random, Panel], Panel | None]) -> Spoil:
    def spoilt(rng: random.Random, found: Scene) -> Scene | None:
        order = rng.sample(range(len(found.panels)), len(found.panels))
        for number in order:
            panel = change(rng, found.panels[number])
            if panel is not None:
                return replace(found, panels=(*found.panels[:number], panel, *found.panels[number + 1 :]))
        return None

    return spoilt


def in_a_sketch(change: Callable[[random.Random, Sketch], Sketch | None]) -> Spoil:
    def spoilt(rng: random.Random, panel: Panel) -> Panel | None:
        sketch = change(rng, panel.sketch)
        return None if sketch is None else replace(panel, sketch=sketch)

    return in_a_panel(spoilt)


def in_a_box(change: Callable[[Box], Box | None]) -> Spoil:
    """The same change to the box of the panel and to that of each of its instances."""

    def spoilt(rng: random.Random, panel: Panel) -> Panel | None:
        for number in rng.sample(range(len(panel.sketch.boxes)), len(panel.sketch.boxes)):
            if change(panel.sketch.boxes[number]) is not None:
                instances = []
                for one in panel.instances:
                    own = changed_box(one.sketch, number, change)
                    if own is None:
                        break
                    instances.append(replace(one, sketch=own))
                drawn = changed_box(panel.sketch, number, change)
                if drawn is not None and len(instances) == len(panel.instances):
                    return replace(panel, sketch=drawn, instances=tuple(instances))
        return None

    return in_a_panel(spoilt)


def changed_box(sketch: Sketch, number: int, change: Callable[[Box], Box | None]) -> Sketch | None:
    box = change(sketch.boxes[number])
    return None if box is None else replace(sketch, boxes=(*sketch.boxes[:number], box, *sketch.boxes[number + 1 :]))


def in_a_phrase(change: Callable[[random.Random, Phrase], Phrase | None]) -> Spoil:
    """What one phrase of a panel says is changed."""

    def spoilt(rng: random.Random, sketch: Sketch) -> Sketch | None:
        places = [
            (b, r, p)
            for b, box in enumerate(sketch.boxes)
            for r, row in enumerate(box.rows)
            for p in range(len(row.phrases))
            if box.units
        ]
        for b, r, p in rng.sample(places, len(places)):
            box = sketch.boxes[b]
            row = box.rows[r]
            phrase = change(rng, row.phrases[p])
            if phrase is not None:
                row = row._replace(phrases=(*row.phrases[:p], phrase, *row.phrases[p + 1 :]))
                box = box._replace(rows=(*box.rows[:r], row, *box.rows[r + 1 :]))
                return replace(sketch, boxes=(*sketch.boxes[:b], box, *sketch.boxes[b + 1 :]))
        return None

    return in_a_sketch(spoilt)


def edge_dropped(rng: random.Random, sketch: Sketch) -> Sketch:
    gone = rng.randrange(len(sketch.edges))
    return replace(sketch, edges=(*sketch.edges[:gone], *sketch.edges[gone + 1 :]))


def edge_changed(change: Callable[[random.Random, Sketch, Edge], Edge | None]) -> Spoil:
    def spoilt(rng: random.Random, sketch: Sketch) -> Sketch | None:
        for number in rng.sample(range(len(sketch.edges)), len(sketch.edges)):
            edge = change(rng, sketch, sketch.edges[number])
            if edge is not None:
                return replace(sketch, edges=(*sketch.edges[:number], edge, *sketch.edges[number + 1 :]))
        return None

    return in_a_sketch(spoilt)


def from_elsewhere(rng: random.Random, sketch: Sketch, edge: Edge) -> Edge | None:
    others = [i for i in range(edge.target) if i != edge.source and (sketch.boxes[i].units or i == 0)]
    return edge._replace(source=rng.choice(others), output=0, back=0) if others else None


def operands_swapped(rng: random.Random, sketch: Sketch) -> Sketch | None:
    pairs = [
        (i, j)
        for i, a in enumerate(sketch.edges)
        for j, b in enumerate(sketch.edges[:i])
        if a.target == b.target and (a.source, a.output, a.back) != (b.source, b.output, b.back)
        and len(a.operands) == len(b.operands) == 1
    ]  # fmt: skip
    if not pairs:
        return None
    i, j = rng.choice(pairs)
    edges = list(sketch.edges)
    edges[i], edges[j] = (
        edges[i]._replace(operands=edges[j].operands, name=edges[j].name),
        edges[j]._replace(operands=edges[i].operands, name=edges[i].name),
    )
    return replace(sketch, edges=tuple(edges))


def other_text(rng: random.Random, phrase: Phrase) -> Phrase | None:
    if not phrase.text or phrase.key.endswith("stage") or phrase.word:
        return None
    digits = [i for i, letter in enumerate(phrase.text) if letter.isdigit()]
    if not digits:
        return phrase._replace(text=phrase.text[:-1] + "q")
    at = rng.choice(digits)
    return phrase._replace(text=f"{phrase.text[:at]}{(int(phrase.text[at]) + 1) % 10}{phrase.text[at + 1 :]}")


def silent(_: random.Random, phrase: Phrase) -> Phrase | None:
    gone = phrase.text and not phrase.key.endswith("stage")
    return phrase._replace(text="", word="") if gone else None


def another_word(rng: random.Random, panel: Panel) -> Panel | None:
    """A word stands for another column of the table, one with other values."""
    values = {
        word: [dict(one.values).get(word) for one in panel.instances]
        for one in panel.instances
        for word, _ in one.values
    }

    def change(_: random.Random, phrase: Phrase) -> Phrase | None:
        others = [word for word in values if values[word] != values.get(phrase.word)]
        if not phrase.word or not others or phrase.word not in values:
            return None
        word = rng.choice(others)
        return phrase._replace(word=word, text=phrase.form.format(word))

    found = in_a_phrase(change)(rng, Scene(panel.sketch.graph, (panel,)))
    return None if found is None else found.panels[0]


def other_cell(rng: random.Random, panel: Panel) -> Panel | None:
    if panel.table is None:
        return None
    row, columns = rng.randrange(len(panel.table.rows)), list(panel.table.head)
    column = rng.randrange(len(columns))
    cells = list(panel.table.rows[row])
    cells[column] = cells[column] + "1"
    rows = (*panel.table.rows[:row], tuple(cells), *panel.table.rows[row + 1 :])
    return replace(panel, table=replace(panel.table, rows=rows))


def row_missing(rng: random.Random, panel: Panel) -> Panel | None:
    if panel.table is None:
        return None
    gone = rng.randrange(len(panel.table.rows))
    return replace(panel, table=replace(panel.table, rows=(*panel.table.rows[:gone], *panel.table.rows[gone + 1 :])))


def instance_missing(rng: random.Random, panel: Panel) -> Panel | None:
    if panel.title.name == "network":
        return None
    gone = rng.randrange(len(panel.instances))
    return replace(panel, instances=(*panel.instances[:gone], *panel.instances[gone + 1 :]))


def used_more(rng: random.Random, panel: Panel) -> Panel:
    at = rng.randrange(len(panel.instances))
    one: Instance = panel.instances[at]
    more = replace(one, uses=one.uses + 1)
    return replace(panel, instances=(*panel.instances[:at], more, *panel.instances[at + 1 :]))


def panel_missing(rng: random.Random, found: Scene) -> Scene | None:
    if len(found.panels) < 2:
        return None
    gone = rng.randrange(1, len(found.panels))
    return replace(found, panels=(*found.panels[:gone], *found.panels[gone + 1 :]))


def letter_changed(_: random.Random, phrase: Phrase) -> Phrase | None:
    return phrase._replace(text="z", word="") if phrase.key.endswith("variant") and phrase.text else None


def calling_nothing(rng: random.Random, sketch: Sketch) -> Sketch | None:
    calls = [number for number, box in enumerate(sketch.boxes) if box.callees]
    return changed_box(sketch, rng.choice(calls), lambda box: box._replace(callees=())) if calls else None


def remarks_swapped(rng: random.Random, found: Scene) -> Scene | None:
    """Two variants of one block have each other's conditions."""
    pairs = [
        (i, j)
        for i, a in enumerate(found.panels)
        for j, b in enumerate(found.panels[:i])
        if a.title.name == b.title.name and a.title.remarks[:1] != b.title.remarks[:1] and a.title.remarks
    ]
    if not pairs:
        return None
    i, j = rng.choice(pairs)
    panels = list(found.panels)
    for one, other in ((i, j), (j, i)):
        title = found.panels[one].title
        panels[one] = replace(panels[one], title=replace(title, remarks=found.panels[other].title.remarks))
    return replace(found, panels=tuple(panels))


def label_changed(_: random.Random, phrase: Phrase) -> Phrase | None:
    return phrase._replace(text="“elsewhere”") if phrase.key == "stage" and phrase.text else None


def label_added(_: random.Random, phrase: Phrase) -> Phrase | None:
    return phrase._replace(text="“elsewhere”") if phrase.key == "stage" and not phrase.text else None


def line_twice(rng: random.Random, sketch: Sketch) -> Sketch | None:
    number = rng.randrange(len(sketch.boxes))
    rows = sketch.boxes[number].rows
    said = [row for row in rows if row.line.text]
    return changed_box(sketch, number, lambda box: box._replace(rows=(*rows, said[0]))) if said else None


def shape_changed(rng: random.Random, sketch: Sketch) -> Sketch | None:
    def change(box: Box) -> Box:
        rows = [row._replace(phrases=tuple(other if p.key == "shape" else p for p in row.phrases)) for row in box.rows]
        return box._replace(rows=tuple(rows))

    other = Phrase("shape", rng.choice(("", "7 × 7")))
    ports = [number for number, box in enumerate(sketch.boxes) if box.port is not None]
    made = changed_box(sketch, rng.choice(ports), change)
    assert made is not None
    return made if [b.lines for b in made.boxes] != [b.lines for b in sketch.boxes] else None


def without_where(_: random.Random, panel: Panel) -> Panel | None:
    table = panel.table
    if table is None or table.head[-1] != "where":
        return None
    return replace(panel, table=replace(table, head=table.head[:-1], rows=tuple(row[:-1] for row in table.rows)))


FAULTS: dict[str, Spoil] = {
    "a label is another": in_a_phrase(label_changed),
    "a label is said that is none": in_a_phrase(label_added),
    "a line is said twice": in_a_sketch(line_twice),
    "the shape of an input or output is another": in_a_sketch(shape_changed),
    "a table does not say where": in_a_panel(without_where),
    "a box looks like another": in_a_sketch(lambda rng, s: changed_box(s, rng.randrange(len(s.boxes)), lambda box:
                               box._replace(style=Style.POOL if box.style is Style.BLOCK else Style.BLOCK))),
    "a box looks like several": in_a_sketch(lambda rng, s: changed_box(s, rng.randrange(len(s.boxes)), lambda box:
                               box._replace(deep=not box.deep))),
    "the caption is another": lambda _, found: replace(found, caption=found.caption + " · no bias"),
    "what stands for channels is not explained": in_a_panel(lambda _, p: replace(p, title=replace(
                                                 p.title, remarks=tuple(text for text in p.title.remarks
                                                                        if ": channels of" not in text)))
                                                 if any(": channels of" in text for text in p.title.remarks) else None),
    "what is told is another": in_a_panel(lambda _, p: replace(p, words=(*p.words[:-1], p.words[-1] + "0"))
                                          if p.words else None),
    "an edge is missing": in_a_sketch(edge_dropped),
    "an edge comes from elsewhere": edge_changed(from_elsewhere),
    "operands are swapped": in_a_sketch(operands_swapped),
    "an edge arrives at another operand": edge_changed(lambda _r, _s, e: e._replace(operands=(e.operands[0] + 1,))),
    "an edge leaves as another result": edge_changed(lambda _r, _s, e: e._replace(output=e.output + 1)
                                                     if _s.boxes[e.source].units else None),
    "an edge leaves one step earlier": edge_changed(lambda _r, s, e: e._replace(back=e.back + 1)
                                                    if s.boxes[e.source].fold in (Fold.RUN, Fold.TURNS) else None),
    "an operand has another name": edge_changed(lambda _r, _s, e: e._replace(name=e.name + "0") if e.name else None),
    "an edge has another label": edge_changed(lambda _r, _s, e: e._replace(label="output 7") if e.label else None),
    "an edge has no label": edge_changed(lambda _r, _s, e: e._replace(label="") if e.label else None),
    "an edge leaves elsewhere": edge_changed(lambda _r, _s, e: e._replace(out=e.out + 1)),
    "an edge arrives elsewhere": edge_changed(lambda _r, _s, e: e._replace(into=e.into + 1)),
    "a box has a place less": in_a_box(lambda box: box._replace(ins=box.ins - 1) if box.ins else None),
    "a box has no place for its results": in_a_box(lambda box: box._replace(outs=0) if box.outs else None),
    "a box calls nothing": in_a_sketch(calling_nothing),
    "a title is another": in_a_panel(lambda _, p: replace(p, title=replace(p.title, name=p.title.name + " x"))),
    "a remark is another": in_a_panel(lambda _, p: replace(p, title=replace(p.title, remarks=("stride = 99",)))
                                      if p.title.remarks else None),
    "remarks change places": remarks_swapped,
    "nothing says what selects a variant": in_a_panel(lambda _, p: replace(p, title=replace(p.title, remarks=tuple(
                                           text for text in p.title.remarks if ": channels of" in text)))
                                           if p.title.variant else None),
    "a condition says nothing": in_a_panel(lambda _, p: replace(p, title=replace(p.title, remarks=("", *
                                           p.title.remarks[1:]))) if p.title.variant else None),
    "a condition is true of all": in_a_panel(lambda _, p: replace(p, title=replace(p.title, remarks=(
                                             f"at {p.title.name}", *p.title.remarks[1:])))
                                             if p.title.variant else None),
    "a variant has another letter": in_a_panel(lambda _, p: replace(p, title=replace(p.title, variant="z"))
                                               if p.title.name != "network" else None),
    "an input has another name": in_a_box(lambda box: box._replace(rows=(box.rows[0]._replace(phrases=(
                                          Phrase("name", "zz", fixed=True),)), *box.rows[1:]))
                                          if box.port is not None else None),
    "a member is missing": in_a_box(lambda box: box._replace(units=box.units[:-1], callees=box.callees[:-1])
                                    if len(box.units) > 1 else None),
    "members change places": in_a_box(lambda box: box._replace(units=(*box.units[1:], box.units[0]))
                                      if len(box.units) > 1 else None),
    "an op of a chain is missing": in_a_box(lambda box: box._replace(units=(box.units[0][:-1], *box.units[1:]))
                                            if box.units and len(box.units[0]) > 1 else None),
    "a run is said to be branches": in_a_box(lambda box: box._replace(fold=Fold.BESIDE)
                                             if box.fold is Fold.RUN else None),
    "branches are said to be a run": in_a_box(lambda box: box._replace(fold=Fold.RUN, feeds=((1, 0),))
                                              if box.fold is Fold.BESIDE else None),
    "a run goes on in another way": in_a_box(lambda box: box._replace(feeds=((0, 0), *box.feeds[1:]))
                                             if box.feeds and box.feeds[0] != (0, 0) else None),
    "a text is another": in_a_phrase(other_text),
    "a text is missing": in_a_phrase(silent),
    "what stands alone, or counts its variants, is said to be several": in_a_phrase(lambda _, p: p._replace(
        text="× 4") if p.key == "times" and not p.text and not p.word else None),
    "a letter is another": in_a_phrase(letter_changed),
    "a word is another": in_a_panel(another_word),
    "a cell is another": in_a_panel(other_cell),
    "a row is missing": in_a_panel(row_missing),
    "an instance is missing": in_a_panel(instance_missing),
    "a panel is missing": panel_missing,
    "a body is used once more": in_a_panel(used_more),
    "a title counts wrongly": in_a_panel(lambda _, p: replace(p, title=replace(p.title, uses="× 77"))),
}  # fmt: skip
