"""Holds a picture as data: bodies as boxes and edges, panels of them, tables; nothing has a place on the page yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from archdsl.emit.figure.measure import line_height, text_width
from archdsl.emit.figure.pieces import Origin, Place
from archdsl.ir.graph import Graph

TITLE, MAIN, SMALL = 12.0, 10.0, 8.0  # text sizes, in points
_PADDING_X, _PADDING_Y = 7.0, 4.5  # between text and the border of its box, in points
_END = 3.0  # around the words at the end of a wire, in points
_SYMBOL = 17.0  # diameter of ⊕, in points
BAR, _BRANCH = 16.0, 44.0  # height of a concat bar and its width per branch, in points

BRANCHES = " × "  # between the number of branches that come along an edge and the channels of each


class Style(StrEnum):
    """What a box stands for; decides its colour."""

    CONVOLUTION = "convolution"
    LINEAR = "linear"
    ATTENTION = "attention, matmul"
    POOL = "pool"
    NORM = "norm, activation"
    MERGE = "arithmetic, concat, split"
    EMBEDDING = "embedding, tensor"
    RESHAPE = "reshape, resize"
    BLOCK = "block"
    CHOICE = "choice"
    PORT = "port"  # an input or output of the panel


class Outline(StrEnum):
    """The outline of a box."""

    BOX = "box"
    CIRCLE = "circle"
    BAR = "bar"
    TEXT = "text"  # no outline
    END = "end"  # a bar across the wire that ends there, and words behind it


class Phrase(NamedTuple):
    """A part of a line: what is said of one argument, "" where a reader expects its value.

    `key` tells it from the others of its line. `joint` stands between it and what comes before. `value` is the value
    alone and `form` how any value is said: a panel of several instances says `form` with a `word` that its table gives
    values. A phrase that is `fixed` is the same in all instances of a panel.
    """

    key: str
    text: str
    value: str = ""
    form: str = "{}"
    joint: str = ""
    fixed: bool = False
    word: str = ""


def composed(phrases: Sequence[Phrase]) -> str:
    """Phrases as one line."""
    text = ""
    for phrase in phrases:
        if phrase.text:
            text += (phrase.joint if text else "") + phrase.text
    return text


class BoxRow(NamedTuple):
    """Phrases that stand in one line, at `size` points."""

    phrases: tuple[Phrase, ...]
    size: float = MAIN
    bold: bool = False

    @property
    def line(self) -> TextLine:
        """The row as text, in which words of the table are marked."""
        if not any(phrase.word for phrase in self.phrases):
            return TextLine(composed(self.phrases), self.size, self.bold)
        text, words = "", []
        for phrase in self.phrases:
            if phrase.text:
                text += phrase.joint if text else ""
                if phrase.word:
                    places = phrase.form.split("{0}") if "{0}" in phrase.form else phrase.form.split("{}")
                    begin = len(text)
                    for before in places[:-1] if not phrase.text.startswith(phrase.word) else [""]:
                        begin += len(before)
                        words.append((begin, begin + len(phrase.word)))
                        begin += len(phrase.word)
                text += phrase.text
        return TextLine(text, self.size, self.bold, tuple(words))


class Fold(StrEnum):
    """How the units of one box hang together; `archdsl.emit.figure.verify` reads the edges between them off it."""

    ONE = "one"  # there is but one
    RUN = "run"  # each takes what the ones before it give, as `Box.feeds` says
    TURNS = "turns"  # a, b, a, b: a run whose units take turns
    BESIDE = "beside"  # equal branches: all take the same, each gives its own
    CHOICE = "choice"  # options that all take the same, and behind them what takes one
    COUNTED = "counted"  # a run of so many that is chosen: behind them what takes the result of one


class TextLine(NamedTuple):
    """One line of text at `size` points; `words` are its parts, from and to, that the panel's table gives values."""

    text: str
    size: float = MAIN
    bold: bool = False
    words: tuple[tuple[int, int], ...] = ()


class Box(NamedTuple):
    """A node of the picture: an op with the norms and activations around it, a call, a fold of these, or a port.

    `units` are what it stands for, each a chain of places in the body; none for an input or output. `callees` are the
    bodies that its units call, one per unit, None for one of ops; empty where the box is about ops. `ins` and `outs`
    count the places where edges meet it above and below: operands and results of their own, 0 where there is one or
    none. `deep` draws a second sheet behind the box: it stands for several. `origin` is None for inputs and outputs,
    `port` the number of one among the inputs, or outputs, of the body.

    `period` counts the units that take turns. `feeds` say where the units of a run take their operands from, (steps
    back, output) each: (1, 0) is the result of the unit before, (2, 0) of the one before that; the first units' come
    along the edges, as if the box had begun earlier. Steps 0 are for what is the same for all. Of a choice they say
    what its last unit takes, 0 what flows in as it is. `inside` is the body called, where it is drawn in place.
    """

    rows: tuple[BoxRow, ...]
    style: Style
    shape: Outline = Outline.BOX
    units: tuple[tuple[Place, ...], ...] = ()
    fold: Fold = Fold.ONE
    period: int = 1
    callees: tuple[Graph | None, ...] = ()
    ins: int = 0
    outs: int = 0
    deep: bool = False
    feeds: tuple[tuple[int, int], ...] = ()
    inside: Sketch | None = None
    origin: Origin | None = None
    port: int | None = None

    @property
    def lines(self) -> tuple[TextLine, ...]:
        """The text, without lines that say nothing."""
        return tuple(line for line in (row.line for row in self.rows) if line.text)

    @property
    def said(self) -> str:
        """The text on one line."""
        return " ".join([text for row in self.rows if (text := composed(row.phrases))])

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that hold the text, in points."""
        width, height = room_for(self.lines, self.shape)
        if self.shape is Outline.CIRCLE:
            return max(_SYMBOL, width + 6 - 2 * _PADDING_X), _SYMBOL
        if self.shape is Outline.BAR:
            return max(width, _BRANCH * max(2, self.ins, self.outs)), BAR
        return width, height


def room_for(lines: tuple[TextLine, ...], shape: Outline = Outline.BOX) -> tuple[float, float]:
    """Width and height of a box that holds these lines, in points."""
    width = max((text_width(line.text, line.size, line.bold) for line in lines), default=0.0)
    if shape is Outline.END:
        return width + 2 * _END, sum(line_height(line.size) for line in lines) + 2 * _END
    padding = _PADDING_Y if shape is Outline.TEXT else 2 * _PADDING_Y
    return width + 2 * _PADDING_X, sum(line_height(line.size) for line in lines) + padding


class Edge(NamedTuple):
    """A tensor's way from box `source` to box `target`, indices into the boxes of one sketch.

    It leaves as output `output` of the source's last unit, or of that `back` units before, and arrives as operand
    `operands` of the target's first unit (several where the source is a fold of branches, each of which gives one, or
    lets through what may be missing: then the results from `output` on).
    `name` is the operand's, where there is more than one; `label` the shape, where it changed. `out` and `into` count
    the places of `outs` and `ins`. A name that `varies` is a number that the instances of a panel may differ in. What
    comes along an edge that is `chosen` need not be there: another tensor, or none, may be taken.
    """

    source: int
    target: int
    output: int = 0
    operands: tuple[int, ...] = (0,)
    name: str = ""
    label: str = ""
    out: int = 0
    into: int = 0
    back: int = 0
    varies: bool = False
    chosen: bool = False

    @property
    def tensor(self) -> tuple[int, int, int]:
        """What leaves the source here: the box, the result, how many units of a run stand behind the one it is of."""
        return self.source, self.output, self.back


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """One body as boxes and edges, inputs and outputs among them, in an order in which every edge goes forward."""

    graph: Graph
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]

    def all_boxes(self, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Box]]:
        """The boxes and those drawn inside of them, each by its number behind that of the box around it."""
        for number, box in enumerate(self.boxes):
            yield (*path, number), box
            if box.inside is not None:
                yield from box.inside.all_boxes((*path, number))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a head: what differs between the instances that one panel shows."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Title:
    """What stands over a panel: a name, the letter of the variant ("" if there is one), how often it is used, when."""

    name: str
    variant: str = ""
    uses: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What the panel is called: `basic a`."""
        return " ".join(filter(None, (self.name, self.variant)))


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """One body that a panel shows: how often it stands in the network, and its values of the panel's words.

    `sketch` is the body's own: its boxes and edges are those of the panel, one for one. `uses` are calls, a scan is
    one; `steps` count each step of it; `modules` are the modules that these are. `paths` are some of the paths of
    those, all of them where there are few. What is drawn open is no use, but for blocks that are drawn alone.
    """

    sketch: Sketch
    uses: int
    values: tuple[tuple[str, str], ...] = ()
    paths: tuple[str, ...] = ()
    steps: int = 1
    modules: int = 1

    @property
    def graph(self) -> Graph:
        """The body."""
        return self.sketch.graph


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Instances of one block that are the same boxes and edges, drawn once.

    In the text of its boxes a value that differs between the instances is a word, which the table gives its values.
    A panel with `words` is told instead of drawn: a line per box, what it takes and what it is.
    """

    title: Title
    sketch: Sketch
    instances: tuple[Instance, ...]
    table: Table | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A network's figure as data: the skeleton first, then a panel per variant of each block, as first called.

    `settings` are arguments of ops that are the same all over the network and said once, as (op, argument, value).
    With a `depth` there are panels only for blocks at most so many calls below the network. `alone` names blocks whose
    bodies have panels wherever they are called, in open boxes, too. Of a space `space` says how much there is of it.
    """

    root: Graph
    panels: tuple[Panel, ...]
    caption: str = ""
    settings: tuple[tuple[str, str, str], ...] = ()
    depth: int | None = None
    alone: tuple[str, ...] = ()
    space: str = ""
