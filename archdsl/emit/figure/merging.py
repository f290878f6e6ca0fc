"""Turns several bodies of one variant into the boxes that show them all: what differs becomes a word of a table."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, combinations, count

from archdsl.emit.figure.scene import BRANCHES, Box, BoxRow, Edge, Phrase, Sketch
from archdsl.emit.figure.series import THEN, parts_of
from archdsl.emit.figure.words import shape_text, value_text
from archdsl.ir.graph import Graph

Values = tuple[str, ...]  # one per body

# Names of a table's own columns, with what they are called besides where an argument or an input has such a name, too.
_HEADS = {"where": "where (modules)", "output": "output (result)"}
_WHOLE = re.compile(r"[1-9]\d*")
# What a value is called that no argument gives, before letters; those of a call have its own name for the argument.
_WORDS = {
    "op": ("act", "activation"),
    "kernel": ("k",),
    "stride": ("s",),
    "groups": ("g",),
    "dilation": ("d",),
    "variant": ("v",),
    "times": ("t",),
}
_NAME = 12  # characters of an argument's name that is such a word, at most
_LETTERS = "nmpqrstuvwyzabdefghijklo"
_FACTOR = re.compile(r"[·/]")
_FACTORS = range(2, 17)
_WIDTH = 8  # a number of channels, at least: a kernel times 16 is none


@dataclass(slots=True)
class TableWords:
    """The words of one panel: names and letters for values that differ, and for products of these."""

    graphs: Sequence[Graph]
    arguments: dict[str, Values] = field(default_factory=dict)  # those in which the bodies differ
    channels: dict[str, Values] = field(default_factory=dict)  # of inputs in which they differ: C
    letters: dict[str, Values] = field(default_factory=dict)
    used: dict[str, Values] = field(default_factory=dict)  # the words that the panel says
    said: set[str] = field(default_factory=set)  # words, and arguments and channels in those that are products
    channels_of: dict[str, str] = field(default_factory=dict)  # the inputs that channels are of

    def __post_init__(self) -> None:
        first = self.graphs[0]
        for name, _ in first.arguments:
            values = tuple(value_text(dict(graph.arguments).get(name)) for graph in self.graphs)
            if len(set(values)) > 1:
                self.arguments[name] = values
        maps = [number for number, x in enumerate(first.inputs) if x.shape]
        for number in maps:
            values = tuple(str(graph.inputs[number].shape[0]) for graph in self.graphs)
            if len(set(values)) > 1 and values not in self.channels.values():
                alone = len(maps) == 1 and "C" not in names_of(first)
                name = "C" if alone else f"C({first.input_names[number]})"
                self.channels[name] = values
                self.channels_of[name] = first.input_names[number]

    def word(self, values: Values, of: str = "") -> str:
        """A word for a value of each body: an argument or the channels of an input, products of them, or a letter.

        `of` is the key of the phrase that has the value: there may be a word of its own.
        """
        numbers = [int(value) for value in values] if all(map(_WHOLE.fullmatch, values)) else None
        own = {name: known for name, known in self.arguments.items() if known not in self.channels.values()}
        found = (
            _equal(values, self.arguments)
            or (numbers and _multiple(numbers, _wholes(own)))
            or _equal(values, self.channels)
            or (numbers and _multiple(numbers, _wholes(self.channels)))
            or (numbers and _product(numbers, _wholes({**own, **self.channels})))
            or _equal(values, self.letters)
            or (numbers and _multiple(numbers, _wholes(self.letters)))
        )
        if not found:
            taken = {*self.letters, *self.channels, *names_of(self.graphs[0])}
            found = next(word for word in chain(_own_words(of), _letters()) if word not in taken)
            self.letters[found] = values
        self.said |= {found, *_FACTOR.split(found)}
        self.used[found] = values
        return found


def _own_words(key: str) -> tuple[str, ...]:
    """Words for what the phrase of a key says."""
    name = key.rpartition(":")[2].rpartition(".")[2]
    kind, _, argument = name.partition(" ")
    if kind in ("argument", "decision") and 0 < len(argument) <= _NAME and argument not in _HEADS:
        return (argument,)
    return _WORDS.get(name.rpartition(" ")[2], ())


def _equal(values: Values, known: dict[str, Values]) -> str | None:
    return next((name for name, own in known.items() if own == values), None)


def _wholes(known: dict[str, Values]) -> dict[str, list[int]]:
    """Those of which all values are whole numbers."""
    return {n: [int(v) for v in values] for n, values in known.items() if all(map(_WHOLE.fullmatch, values))}


def _multiple(values: list[int], known: dict[str, list[int]]) -> str | None:
    """A multiple or part of a width."""
    for name, own in known.items():
        for factor in _FACTORS if min(own) >= _WIDTH else ():
            if values == [factor * n for n in own]:
                return f"{factor}·{name}"
            if [factor * value for value in values] == own:
                return f"{name}/{factor}"
    return None


def _product(values: list[int], known: dict[str, list[int]]) -> str | None:
    """A width times something else."""
    for (name, own), (other, others) in combinations(known.items(), 2):
        widths = max(min(own), min(others)) >= _WIDTH
        if widths and values == [a * b for a, b in zip(own, others, strict=True)]:
            return f"{name}·{other}"
    return None


def _letters() -> Iterator[str]:
    yield from _LETTERS
    yield from (f"{letter}{number}" for number in count(2) for letter in _LETTERS)


def merged(sketches: Sequence[Sketch], words: TableWords) -> Sketch:
    """One sketch for all: each phrase as it is where all say the same, else with a word."""
    first = sketches[0]
    if len(sketches) == 1:
        return first
    boxes = tuple(_box([found.boxes[i] for found in sketches], words) for i in range(len(first.boxes)))
    edges = tuple(_edge([found.edges[i] for found in sketches], words) for i in range(len(first.edges)))
    return Sketch(first.graph, boxes, edges)


def _box(boxes: Sequence[Box], words: TableWords) -> Box:
    first = boxes[0]
    rows = tuple(_row([box.rows[i] for box in boxes], words) for i in range(len(first.rows)))
    inside = [box.inside for box in boxes if box.inside is not None]
    return first._replace(
        rows=rows, inside=merged(inside, words) if inside else None, deep=any(box.deep for box in boxes)
    )


def _row(rows: Sequence[BoxRow], words: TableWords) -> BoxRow:
    first = rows[0]
    phrases = tuple(_phrase([row.phrases[i] for row in rows], words) for i in range(len(first.phrases)))
    return first._replace(phrases=phrases)


def _phrase(phrases: Sequence[Phrase], words: TableWords) -> Phrase:
    first = phrases[0]
    if len({phrase.text for phrase in phrases}) == 1:
        return first
    if first.key.rpartition(":")[2] in OPTIONAL:
        return first._replace(text="")
    values = tuple(phrase.value for phrase in phrases)
    if len({phrase.form for phrase in phrases}) > 1:  # kernels, square and not
        first, values = first._replace(form="{}"), tuple(phrase.text for phrase in phrases)
    if len(set(values)) == 1:
        return first._replace(text=first.form.format(first.value))
    word = words.word(values, first.key)
    if first.form not in (f"{word} {{}}", f"{word} = {{}}"):
        return first._replace(text=first.form.format(word), word=word)
    return first._replace(text=f"{word}?" if set(values) <= {"true", "false"} else word, word=word)


# Phrases that are left out where the instances of a panel differ in them: a table has them, or nobody needs them.
OPTIONAL = frozenset({"stage", "shape"})


def _edge(edges: Sequence[Edge], words: TableWords) -> Edge:
    first = edges[0]
    if len({edge.name for edge in edges}) > 1:
        count, joint, _ = first.name.rpartition(BRANCHES)
        names = tuple(edge.name.removeprefix(count + joint) for edge in edges)
        first = first._replace(name=count + joint + words.word(names))
    if len({edge.label for edge in edges}) > 1:
        which, joint, _ = first.label.partition(": ")
        first = first._replace(label=which if joint else "")
    return first


def quoted(found: Sketch, words: Collection[str]) -> Sketch:
    """A sketch in which texts that calls are given stand in quotes where a word of the table reads the same."""
    boxes = []
    for box in found.boxes:
        rows = tuple([row._replace(phrases=tuple([_quoted(p, words) for p in row.phrases])) for row in box.rows])
        inside = None if box.inside is None else quoted(box.inside, words)
        boxes.append(box._replace(rows=rows, inside=inside) if box.callees else box)
    return replace(found, boxes=tuple(boxes))


def _quoted(phrase: Phrase, words: Collection[str]) -> Phrase:
    if phrase.word or not phrase.key.rpartition(":")[2].startswith("argument "):
        return phrase
    parts = [part.partition(" × ") for part in parts_of(phrase.value)]
    told = THEN.join(
        f'"{text}"{joint}{count}' if text in words else text + joint + count for text, joint, count in parts
    )
    return phrase if told == phrase.value else phrase._replace(text=phrase.form.format(told))


def names_of(graph: Graph) -> set[str]:
    """What a body calls its arguments and inputs."""
    return {*dict(graph.arguments), *graph.input_names}


def own_head(name: str, graph: Graph) -> str:
    """What a table for a body calls a column of its own: no argument or input is called so."""
    return _HEADS[name] if name in names_of(graph) else name


def ports(graph: Graph) -> list[tuple[str, str]]:
    """What a body takes and gives: the names and shapes of its inputs and outputs."""
    inputs = [(name, shape_text(x)) for name, x in zip(graph.input_names, graph.inputs, strict=True)]
    several = len(graph.outputs) > 1
    return inputs + [
        (f"output {number}" if several else own_head("output", graph), shape_text(x))
        for number, x in enumerate(graph.output_types, start=1)
    ]
