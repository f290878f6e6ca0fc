"""Figures of spaces are proven: designs lead through them to their networks, and what is wrong is found."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

import archdsl
from archdsl.elaborate.spec import Spec
from archdsl.emit.figure.scene import Box, BoxRow, Edge, Fold, Phrase, Scene
from archdsl.emit.figure.verify import verify
from archdsl.source import Source
from archdsl.spaces.figure import SpaceFigure
from archdsl.spaces.following import difference
from tests.few import few
from tests.space.random_spaces import space as random_space
from tests.spaces.figures import DEPTH, EDGES, FORMS, INPUTS, KINDS, OPS, SKIPS, TRELLIS, figure, scene_of
from tests.spaces.test_space import space

COUNT = int(os.environ.get("ARCHDSL_SPACES", few(12)))


LOOKS: tuple[dict[str, object], ...] = {}, {"depth": 2}, {"cells": True}, {"width": "3.5in"}
PROVEN = [
    pytest.param(
        kind, options, id=f"{options}-{kind}", marks=[] if not options or kind == "depth" else pytest.mark.slow
    )
    for options in LOOKS
    for kind in KINDS
]


@pytest.mark.parametrize(("kind", "options"), PROVEN)
def test_every_kind_is_proven(kind: str, options: dict[str, object]) -> None:
    """Of all designs where they are few, the figure is the network; opened blocks and narrow pages too."""
    told = figure(KINDS[kind]).figure_proof(**options)
    assert re.search(r"(all \d+ designs lead|each of 100 designs at random leads) through it to its network$", told)


@pytest.mark.parametrize("seed", range(COUNT))
def test_random_spaces(seed: int) -> None:
    """All kinds of steering together."""
    made = random_space(seed)
    found = archdsl.space(Spec(Source("n.arch", made.text)), made.network)
    if found.size:
        SpaceFigure(found).figure_proof()


HALF = {  # options that only designs have that do not elaborate
    "one of two": "(x -> oneof([id, conv(16)])) + (x -> oneof([id, max_pool(2)]))",
    "one of three": "(x -> oneof([conv(8), conv(8, 3), max_pool(3, 2)])) + (x -> conv(8))",
    "the first": "(x -> oneof([max_pool(3, 2), conv(8, 3), conv(8)])) + (x -> conv(8))",
    "by two choices": "(x -> conv(oneof([8, 16]), 1, oneof([1, 2]))) + (x -> oneof([id, conv(16), max_pool(2)]))",
    "of a chosen channel": "(x -> conv(oneof([8, 16, 24]))) + (x -> oneof([conv(24), conv(16, 3), id, conv(4)]))",
}


@pytest.mark.parametrize("kind", HALF)
def test_options_of_designs_that_fail_alone_are_left_out(kind: str) -> None:
    found = archdsl.space(Spec(Source("<text>", f"network n(x: [8, 8, 8]) = {HALF[kind]}")))
    assert found.size and found.failing
    told = SpaceFigure(found).figure_proof()
    assert re.search(r"all \d+ designs lead through it to its network$", told)


def test_another_design_is_another_network() -> None:
    """The comparison of a design with a network fails for the network of another one."""
    for source in (OPS, INPUTS, EDGES, DEPTH, TRELLIS):
        found = space(source)
        outline = SpaceFigure(found).graph
        first, last = found.unrank(0), found.unrank(found.size - 1)
        assert difference(outline, found.network(first).graph, first) == ""
        assert difference(outline, found.network(first).graph, last) != ""


def spoiled(scene: Scene, change: Callable[[Box, Edge], tuple[Box, Edge] | None]) -> list[Scene]:
    """The scene with one box of a choice, or an edge into it, changed, each in turn."""
    found = []
    for place, shown in enumerate(scene.panels):
        sketch = shown.sketch
        for number, edge in enumerate(sketch.edges):
            box = sketch.boxes[edge.target]
            made = change(box, edge)
            if made is None or made == (box, edge):
                continue
            boxes, edges = list(sketch.boxes), list(sketch.edges)
            boxes[edge.target], edges[number] = made
            panels = list(scene.panels)
            panels[place] = replace(shown, sketch=replace(sketch, boxes=tuple(boxes), edges=tuple(edges)))
            found.append(replace(scene, panels=tuple(panels)))
    return found


def in_phrases(box: Box, change: Callable[[Phrase], Phrase]) -> Box:
    return box._replace(rows=tuple([row._replace(phrases=tuple(map(change, row.phrases))) for row in box.rows]))


def parted(row: BoxRow) -> list[BoxRow]:
    """A row as two, from the second form of an option on."""
    starts = [
        number
        for number, phrase in enumerate(row.phrases)
        if phrase.key.endswith("option") or phrase.key.startswith("pass")
    ]
    places = [0, *starts[1:], len(row.phrases)]
    return [row._replace(phrases=row.phrases[a:b]) for a, b in itertools.pairwise(places)]


def other(phrase: Phrase, *keys: str) -> Phrase:
    """A phrase of one of these keys with another text."""
    named = phrase.key.rpartition(":")[2].rpartition(".")[2]
    return phrase._replace(text=phrase.text + "x", word="") if phrase.text and named.startswith(keys) else phrase


SPOILS: dict[str, tuple[str, Callable[[Box, Edge], tuple[Box, Edge] | None]]] = {
    "an option": (OPS, lambda box, edge: (in_phrases(box, lambda p: other(p, "option", "pass")), edge)),
    "what an option is": (OPS, lambda box, edge: (in_phrases(box, lambda p: other(p, "op", "name")), edge)),
    "a decision": (OPS, lambda box, edge: (in_phrases(box, lambda p: other(p, "decision")), edge)),
    "which option is which": (
        OPS,
        lambda box, edge: (box._replace(feeds=box.feeds[::-1]), edge) if box.fold is Fold.CHOICE else None,
    ),
    "a count": (DEPTH, lambda box, edge: (in_phrases(box, lambda p: other(p, "counts")), edge)),
    "when an option has which form": (FORMS, lambda box, edge: (in_phrases(box, lambda p: other(p, "forms")), edge)),
    "which forms an option has": (
        FORMS,
        lambda box, edge: (box._replace(rows=tuple(itertools.chain.from_iterable(map(parted, box.rows)))), edge),
    ),
    "which count is which": (
        DEPTH,
        lambda box, edge: (box._replace(feeds=box.feeds[::-1]), edge) if box.fold is Fold.COUNTED else None,
    ),
    "a name in the table": (DEPTH, lambda box, edge: (in_phrases(box, lambda p: other(p, "decision")), edge)),
    "the option of an edge": (INPUTS, lambda box, edge: (box, edge._replace(name="h")) if edge.name == "x" else None),
    "how many are taken": (INPUTS, lambda box, edge: (in_phrases(box, lambda p: other(p, "op")), edge)),
    "that an edge is chosen": (INPUTS, lambda box, edge: (box, edge._replace(chosen=not edge.chosen))),
    "that it need not be there": (EDGES, lambda box, edge: (box, edge._replace(chosen=not edge.chosen))),
    "how many come along an edge": (
        SKIPS,
        lambda box, edge: (box, edge._replace(operands=edge.operands[:-1])) if edge.operands[1:] else None,
    ),
    "which come along an edge": (
        SKIPS,
        lambda box, edge: (box, edge._replace(output=1)) if edge.operands[1:] else None,
    ),
    "a condition": (EDGES, lambda box, edge: (in_phrases(box, lambda p: other(p, "decision")), edge)),
}


@pytest.mark.parametrize("what", SPOILS)
def test_what_is_wrong_is_found(what: str) -> None:
    """Each place where a figure could say something else of what is chosen."""
    source, change = SPOILS[what]
    scene = scene_of(figure(source))
    assert verify(scene).differences == ()
    wrong = spoiled(scene, change)
    assert wrong
    for one in wrong:
        assert verify(one).differences, what


def test_a_taken_option_that_is_not_marked() -> None:
    scene = scene_of(figure(OPS, c__y="id"))

    def unmarked(phrase: Phrase) -> Phrase:
        return phrase._replace(text=phrase.text.replace("● ", "").replace("○ ", ""))

    for one in spoiled(scene, lambda box, edge: (in_phrases(box, unmarked), edge)):
        assert verify(one).differences
