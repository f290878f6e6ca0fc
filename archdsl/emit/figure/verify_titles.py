"""Compares the titles of panels with their bodies: a letter for each variant of a block, and remarks that are true.

A condition, `width = 64 or 128, 56 × 56 in`, must hold for each body of its panel and for no other body of the block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from operator import ge

from archdsl.analysis.cost import cost
from archdsl.emit.figure.scene import Panel, Scene, Sketch, Title
from archdsl.emit.figure.settings import said
from archdsl.emit.figure.told import told
from archdsl.emit.figure.where import where
from archdsl.emit.figure.words import shape_text, value_text
from archdsl.emit.plots.scale import short
from archdsl.ir.graph import Graph

_CHANNELS = re.compile(r"C(?:\((.*)\))?: channels of (.*)")
_BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]")
# Remarks that do not say what selects a variant.
_NO_CONDITION = re.compile(r"no\. \d+$|C(\(.*\))?: channels of ")
_NUMBERS = re.compile(r"\d+(?:[|…]\d+)*")  # one, or several of which one is picked
_OTHERWISE = "otherwise"

BodyFact = tuple[str, str, str]  # what stands before a value, the value, what stands after it


def title_differences(scene: Scene) -> Iterator[str]:
    """Where a letter tells no variant, or a remark is not true."""
    if scene.panels and scene.panels[0].title != Title("network"):
        yield f"the network is called {scene.panels[0].title}"
    settings = [*map(said, scene.settings)]
    whole = cost(scene.root)
    totals = scene.space or f"{short(whole.params)} parameters, {short(whole.macs)} multiply-accumulates"
    if scene.caption not in (" · ".join(settings), " · ".join([totals, *settings])):
        yield f"below its name stands {scene.caption!r}, not {[totals, *settings]}"
    for panel in scene.panels:
        explained = {
            found[0].partition(": ")[0] for remark in panel.title.remarks if (found := _CHANNELS.match(remark))
        }
        known = explained.union(panel.table.head if panel.table is not None else ())
        parts = {part for word in table_words(panel.sketch) for part in re.split("[·/]", word) if not part.isdigit()}
        if parts - known:
            yield f"{panel.title.name}: nobody knows what {sorted(parts - known)} stand for"
        if panel.words and panel.words != told(panel.sketch):
            yield f"{panel.title.name} {panel.title.variant}: it is told as something else than it is"
    blocks: dict[tuple[str, ...], list[Panel]] = {}
    for panel in scene.panels[1:]:
        if panel.instances:
            graph = panel.instances[0].graph
            blocks.setdefault((*graph.definition, graph.name, graph.kind), []).append(panel)
    for panels in blocks.values():
        letters = [panel.title.variant for panel in panels]
        if len(set(letters)) < len(letters) or ("" in letters) != (len(letters) == 1):
            yield f"{panels[0].title.name}: its variants are {letters}"
        for panel in panels:
            others = [one.graph for other in panels if other is not panel for one in other.instances]
            given = [remark for remark in panel.title.remarks if not _NO_CONDITION.match(remark)]
            if len(given) != (len(panels) > 1):
                yield f"{panel.title.name} {panel.title.variant}: what selects it is {given}"
            if given == [_OTHERWISE] and sum(_OTHERWISE in other.title.remarks for other in panels) > 1:
                yield f"{panel.title.name}: two variants are {_OTHERWISE!r}"
            for remark in panel.title.remarks:
                # Otherwise: no condition of the others is true of it, or that is found where they are read.
                if remark != _OTHERWISE and not _is_true(remark, panel, others):
                    yield f"{panel.title.name} {panel.title.variant}: {remark!r} is not true"


def table_words(found: Sketch) -> Iterator[str]:
    """The words of a panel that its table gives values."""
    for box in found.boxes:
        yield from (phrase.word for row in box.rows for phrase in row.phrases if phrase.word)
        if box.inside is not None:
            yield from table_words(box.inside)
    for edge in found.edges:
        name = edge.name.rpartition(" × ")[2]
        if edge.varies and name and not _NUMBERS.fullmatch(name):
            yield name


def _is_true(remark: str, panel: Panel, others: Sequence[Graph]) -> bool:
    graphs = [instance.graph for instance in panel.instances]
    if remark.startswith("no. "):
        return {f"no. {dict(instance.values).get('no.')}" for instance in panel.instances} == {remark}
    if (channels := _CHANNELS.fullmatch(remark)) is not None:
        maps = [name for name, x in zip(graphs[0].input_names, graphs[0].inputs, strict=True) if x.shape]
        return channels[2] in maps if channels[1] is None else channels[1] == channels[2]
    if remark.startswith("at "):
        paths = [path for instance in panel.instances for path in instance.paths]
        return remark == f"at {where(paths, sum(instance.modules for instance in panel.instances))}"
    return all(_holds(remark, graph) for graph in graphs) and not any(_holds(remark, graph) for graph in others)


def _holds(condition: str, graph: Graph) -> bool:
    """Whether a condition, of up to three facts, holds for a body, however its commas are read."""
    return _all_hold(condition, list(_facts(graph)), 3)


def _all_hold(text: str, facts: Sequence[BodyFact], most: int) -> bool:
    """Whether a text is so many true facts at most, with commas between them."""
    if _is_one_of(text, facts):
        return True
    commas = [found.start() for found in re.finditer(", ", text)] if most > 1 else []
    return any(_is_one_of(text[:at], facts) and _all_hold(text[at + 2 :], facts, most - 1) for at in commas)


def _is_one_of(text: str, facts: Sequence[BodyFact]) -> bool:
    """Whether one of the facts is in a list, `width = 32, 64 or 128`."""
    return any(
        text.startswith(before)
        and text.endswith(after)
        and _is_among(value, text[len(before) : len(text) - len(after)], whole=not before and not after)
        for before, value, after in facts
    )


def _is_among(value: str, listed: str, whole: bool) -> bool:
    """Whether a value is one of `a, b or c`, which is no two facts; a `whole` fact is listed by `or` alone."""
    if whole or listed == value:
        return value in listed.split(" or ")
    head, joint, last = listed.rpartition(" or ")
    bare = listed
    while (shorter := _BRACKETS.sub("", bare)) != bare:
        bare = shorter
    if (
        not joint
        or bare.endswith(" in")
        or any(sign in bare for sign in (" = ", " as large as ", "er than ", "channels kept", "channels changed"))
    ):
        return False
    if ", " in value:  # the shapes of several inputs, or a tuple
        return listed.startswith((f"{value}, ", f"{value} or ")) or f", {value}" in head or last == value
    return value in (*head.split(", "), last)


def _facts(graph: Graph) -> Iterator[BodyFact]:
    """What may be said of a body: its arguments and what it takes."""
    yield from ((f"{name} = ", value_text(value), "") for name, value in graph.arguments)
    if not graph.inputs:
        return
    first, names = graph.inputs[0], graph.input_names
    yield "", ", ".join(map(shape_text, graph.inputs)), " in"
    for name, x in zip(names[1:], graph.inputs[1:], strict=True):
        if x.rank == first.rank:
            a, b = x.shape[1:], first.shape[1:]
            if a == b:
                yield "", f"{name} as large as {names[0]}", ""
            elif all(map(ge, a, b)) or all(map(ge, b, a)):
                yield "", f"{name} {'larger' if all(map(ge, a, b)) else 'smaller'} than {names[0]}", ""
    if first.rank > 1:
        yield "", str(first.shape[0]), " channels in"
        yield "", " × ".join(map(str, first.shape[1:])), " in"
        if graph.output_types[0].shape:
            yield "", f"channels {'kept' if graph.output_types[0].shape[0] == first.shape[0] else 'changed'}", ""
