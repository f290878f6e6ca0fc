"""Whose weights boxes use that are drawn open: one name is one set of weights in all of a panel."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace

import archdsl
from archdsl.emit.figure.scene import Phrase, Scene, Sketch
from archdsl.emit.figure.scenes import scene
from archdsl.emit.figure.verify import verify
from tests.few import few

STAGES = ("f", "g", "inner", "outer", "conv(8)", "relu")


def random_nest(seed: int) -> str:
    """Blocks with shared stages, which the network and other blocks call, each as often as it happens."""
    rng = random.Random(seed)

    def body(shared: dict[str, str], stages: tuple[str, ...]) -> str:
        lines = [f"    shared {name} = {of}" for name, of in shared.items()]
        return "\n".join([*lines, f"    return x -> {' -> '.join(rng.choices(stages, k=rng.randint(2, 6)))}", "}"])

    conv, called = {"f": "conv(8)", "g": "conv(8)"}, {"f": "inner", "g": "outer"}
    made = "block inner(x) {\n" + body(conv, ("f", "g", "tanh", "conv(8)"))
    made += "\nblock outer(x) {\n" + body(rng.choice((conv, {"f": "inner", "g": "conv(8)"})), (*STAGES[:3], "relu"))
    return made + "\nnetwork n(x: [8, 6, 6]) {\n" + body(rng.choice((conv, called)), STAGES) + "\n"


def renamed(found: Sketch, name: Callable[[str], str]) -> Sketch:
    """A sketch that calls weights otherwise."""

    def changed(phrase: Phrase) -> Phrase:
        names = phrase.text.removeprefix("shared ").split(", ")
        return phrase if names == [phrase.text] else phrase._replace(text=f"shared {', '.join(map(name, names))}")

    boxes = []
    for box in found.boxes:
        rows = tuple([row._replace(phrases=tuple(map(changed, row.phrases))) for row in box.rows])
        boxes.append(box._replace(rows=rows, inside=None if box.inside is None else renamed(box.inside, name)))
    return replace(found, boxes=tuple(boxes))


def named(found: Sketch) -> Iterator[str]:
    """What a panel calls weights."""
    for _, box in found.all_boxes():
        for phrase in [phrase for row in box.rows for phrase in row.phrases]:
            if phrase.text.startswith("shared "):
                yield from phrase.text.removeprefix("shared ").split(", ")


def with_names(found: Scene, name: Callable[[str], str]) -> Scene:
    """A scene whose network calls weights otherwise."""
    panel, *others = found.panels
    return replace(found, panels=(replace(panel, sketch=renamed(panel.sketch, name)), *others))


def test_each_set_of_weights_has_one_name_in_a_panel() -> None:
    faults, ambiguous = {}, 0
    for seed in range(few(200)):
        graph = archdsl.loads(random_nest(seed)).graph
        for options in ({}, {"levels": 1}, {"levels": 2}, {"inline": ("inner",)}, {"inline": ("outer",)}):
            found = scene(graph, **options)
            if differences := verify(found).differences:
                faults[seed, str(options)] = differences
            bare = defaultdict(set)
            for text in named(found.panels[0].sketch):
                bare[text.rpartition(".")[2]].add(text)
            two = any(len(texts) > 1 for texts in bare.values())
            ambiguous += two
            told = verify(with_names(found, lambda text: text.rpartition(".")[2])).differences
            assert any("sets of weights are called" in text for text in told) == two, (seed, options)
    assert faults == {} and ambiguous > few(100)


def test_two_names_of_one_set_are_refused() -> None:
    text = """
    block twice(x) {
        shared f = conv(8)
        return x -> f -> relu -> f
    }
    network n(x: [8, 6, 6]) {
        shared t = twice
        return x -> t -> tanh -> t
    }
    """
    found = scene(archdsl.loads("\n".join(line[4:] for line in text.split("\n"))).graph, levels=1)
    assert sorted(named(found.panels[0].sketch)) == ["t", "t", "t.f", "t.f", "t.f", "t.f"]
    assert verify(found).differences == ()
    names = iter(["t.f", "t.f", "f", "f"])
    told = verify(with_names(found, lambda text: text if text == "t" else next(names))).differences
    assert any("one set of weights is called ['f', 't.f']" in text for text in told)
