"""Turns a network into its blocks: the bodies of each, how often and where each stands, and what tells them apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, islice, takewhile
from pathlib import PurePath

from archdsl.emit.figure.measure import short_name
from archdsl.emit.figure.pieces import dotted
from archdsl.emit.figure.scene import Box, BoxRow, Fold, Phrase, Sketch
from archdsl.emit.figure.series import series
from archdsl.emit.figure.sketch import (
    Key,
    apart,
    flat_sketch,
    key_of,
    of_module,
    skeleton_of,
    sketch,
    topology,
    with_inside,
)
from archdsl.emit.figure.words import value_text
from archdsl.ir.graph import Graph, bodies
from archdsl.ir.hashing import exact_hash

_LONG = 32  # characters of an argument that is said where a block is called
_MOST = 5  # arguments that are said there; of blocks with more, calls say a number
_PATHS = 256  # module paths kept per body
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

CalledPlace = tuple[tuple[int, ...], str]  # which call of each caller on the way leads there, and the module path
SketchedCall = tuple[Graph, str, int]  # the body called, the module path, the steps of a scan


@dataclass(slots=True)
class AppliedBody:
    """How often a body is applied: calls of it, with a scan as one, and steps of these; how many modules that are.

    `places` are the first ones of its places in order, one of each module.
    """

    calls: int = 0
    steps: int = 0
    modules: int = 0
    places: list[CalledPlace] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        """The module paths of the places, each once."""
        return [path for _, path in self.places]


@dataclass(slots=True)
class BlockVariant:
    """Bodies of one block that are the same boxes and edges; `letter` is "" where the block has but one variant."""

    bodies: list[Graph]
    letter: str = ""


@dataclass(slots=True)
class CalledBlock:
    """A block that is called: its bodies in order of first call, and the arguments by which calls tell them apart.

    Where those, the variant and the types of what a body takes leave several that compute different things, `numbers`
    tell the bodies apart.
    """

    name: str
    bodies: list[Graph] = field(default_factory=list)
    variants: list[BlockVariant] = field(default_factory=list)
    telling: tuple[str, ...] = ()
    numbers: dict[int, int] = field(default_factory=dict)


class CalledBlocks:
    """The blocks of a network; those named in `inline` are drawn in their callers.

    So are all that are called at most `levels` below the network, or below the blocks named in `alone`. Each body of
    these has a panel: small ones too, which else are drawn in their callers alone.
    Where tables stand beside panels (`tabled`), calls of blocks with many arguments say a number, whose row has them.
    """

    def __init__(
        self,
        root: Graph,
        inline: Collection[str] = (),
        depth: int | None = None,
        tabled: bool = True,
        alone: Collection[str] = (),
        levels: int = 0,
    ) -> None:
        self.root = root
        self._inline = inline
        self._tabled = tabled
        self._alone = alone
        self._levels = levels
        self._sketches: dict[tuple[int, int], Sketch] = {}
        self.found: dict[Key, CalledBlock] = {}
        self._collect(depth)
        if alone:
            self._collect_hidden()
        self._letters: dict[int, str] = {}
        self._names: dict[Key, str] = {}
        self._tell_names()
        for block in self.found.values():
            self._tell(block)

    def of(self, graph: Graph) -> CalledBlock:
        """The block that a body belongs to."""
        return self.found[key_of(graph)]

    def letter(self, graph: Graph) -> str:
        """Which variant of its block a body is; "" where there is but one."""
        return self._letters.get(id(graph), "")

    def named(self, graph: Graph) -> str:
        """What the block that a body belongs to is called: its name, and its file where another one has that name."""
        return self._names.get(key_of(graph)) or short_name(graph.name)

    def expanded(self, graph: Graph) -> Sketch:
        """What the panel of a body shows: its sketch, with those bodies inside that are drawn in place."""
        return self._expanded(graph, self._levels if graph.name in self._alone else 0)

    def skeleton(self) -> Sketch:
        """The root's sketch; while that is a single call, what is called is drawn in place, unless blocks are alone."""
        chain = [self.root]
        while not self._alone and (box := _only_call(sketch(chain[-1]))) is not None:
            chain += filter(None, box.callees)
        made = self._expanded(chain.pop(), 0 if self._alone else self._levels)
        while chain:
            outer = sketch(chain.pop())
            made = with_inside(outer, {i: made for i, box in enumerate(outer.boxes) if box is _only_call(outer)})
        return made

    def _expanded(self, graph: Graph, levels: int) -> Sketch:
        """A body's sketch with so many levels of what it calls drawn in place."""
        if (known := self._sketches.get((id(graph), levels))) is not None:
            return known
        pending = [(graph, levels)]
        while pending:
            body, depth = pending[-1]
            found = apart(body) if depth else sketch(body)
            opened = {i: o for i, box in enumerate(found.boxes) if (o := self._opens(box, depth)) is not None}
            if missing := [o for o in opened.values() if (id(o[0]), o[1]) not in self._sketches]:
                pending += missing
                continue
            pending.pop()
            paths = {i: origin.paths[0] for i in opened if (origin := found.boxes[i].origin) is not None}
            inside = {i: of_module(self._sketches[id(c), left], paths[i]) for i, (c, left) in opened.items()}
            self._sketches[id(body), depth] = with_inside(found, inside) if inside else found
        return self._sketches[id(graph), levels]

    def _opens(self, box: Box, levels: int) -> tuple[Graph, int] | None:
        """The body that is drawn inside of a box in a sketch of so many levels, and how many are left to it."""
        callee = _called_once(box) if levels or self._inline else None
        if callee is None or not (levels or callee.name in self._inline):
            return None
        return callee, max(levels - 1, 0)

    # --- who calls whom

    def _collect(self, depth: int | None) -> None:
        """Finds the bodies that need panels, callers first, and counts them."""
        called: dict[int, list[SketchedCall]] = {}

        def calls(graph: Graph) -> list[SketchedCall]:
            called[id(graph)] = _calls(self.skeleton() if graph is self.root else self.expanded(graph))
            return called[id(graph)]

        self.applied = _applied(self.root, calls)
        levels = {id(self.root): 0}
        queue = [self.root]
        for graph in queue:
            if depth is not None and levels[id(graph)] >= depth:
                continue
            for callee, _, _ in called[id(graph)]:
                if id(callee) not in levels:
                    levels[id(callee)] = levels[id(graph)] + 1
                    queue.append(callee)
                    self.found.setdefault(key_of(callee), CalledBlock(callee.name)).bodies.append(callee)
        for block in self.found.values():  # as the network has them, which callers that come later may have first
            block.bodies.sort(key=lambda body: self.applied[id(body)].places[0])

    def _collect_hidden(self) -> None:
        """Adds the bodies of blocks that are drawn alone which no box calls, as their callers have them inside.

        All bodies of such blocks count wherever the network applies them, drawn open or not.
        """
        shown = {id(body) for block in self.found.values() for body in block.bodies}
        whole = _applied(self.root, lambda graph: [(callee, node.label, node.steps) for _, node, callee in graph.calls])
        for graph in bodies(self.root):
            if graph.name in self._alone and graph is not self.root:
                self.applied[id(graph)] = whole[id(graph)]
                if id(graph) not in shown:
                    self.found.setdefault(key_of(graph), CalledBlock(graph.name)).bodies.append(graph)
        for block in self.found.values():
            block.bodies.sort(key=lambda body: whole[id(body)].places[0])

    def _tell_names(self) -> None:
        """Finds names that tell the blocks that are called, or have panels, apart."""
        callees = [c for made in self._sketches.values() for box in made.boxes for c in box.callees if c is not None]
        alike: dict[str, dict[Key, None]] = defaultdict(dict)
        for key in [*map(key_of, callees), *self.found]:
            alike[str(key[2])][key] = None
        for name, keys in alike.items():
            self._names |= zip(keys, distinct_names(name, list(keys)), strict=True)

    def _tell(self, block: CalledBlock) -> None:
        """Finds the variants of a block and how its bodies are told apart."""
        groups: dict[Key, list[Graph]] = {}
        opened = self._inline or self._levels
        plain = {} if opened or len(block.bodies) < 2 else self._unfolded(block)
        for body in block.bodies if len(block.bodies) > 1 else ():
            key = skeleton_of(self.expanded(body)) if opened else plain.get(id(body)) or topology(body)
            groups.setdefault(key, []).append(body)
        block.variants = [BlockVariant(group) for group in groups.values() or [block.bodies]]
        if len(block.variants) > 1:
            for number, variant in enumerate(block.variants):
                variant.letter = _letter(number)
        for variant in block.variants:
            for body in variant.bodies:
                self._letters[id(body)] = variant.letter
        values: dict[str, set[str]] = defaultdict(set)
        for body in block.bodies:
            for name, value in body.arguments:
                values[name].add(value_text(value))
        block.telling = tuple(name for name, texts in values.items() if len(texts) > 1 and all(map(_is_short, texts)))
        if not self._tabled:
            return
        if len(block.telling) > _MOST:
            block.telling = ()
        told: dict[Key, list[Graph]] = defaultdict(list)
        for body in block.bodies:
            arguments = dict(body.arguments)
            said = tuple(value_text(arguments.get(name)) for name in block.telling)
            told[self._letters[id(body)], said, body.inputs].append(body)
        if any(len(alike) > 1 and len({exact_hash(body) for body in alike}) > 1 for alike in told.values()):
            block.numbers = {id(body): number for number, body in enumerate(block.bodies, start=1)}

    def _unfolded(self, block: CalledBlock) -> dict[int, Key]:
        """Draws bodies unfolded that then are what another one is in which nothing repeats; all these are one variant.

        Of Inception v3's 1×7 and 7×1 convolutions those of equal widths take turns, in the last module alone.
        """
        single = {topology(body) for body in block.bodies if all(len(box.units) < 2 for box in sketch(body).boxes)}
        made: dict[int, Key] = {}
        for body in block.bodies if single else ():
            if topology(body) not in single and (key := skeleton_of(flat := flat_sketch(body))) in single:
                self._sketches[id(body), 0] = flat
                made[id(body)] = key
        return made

    # --- what boxes say of what they call

    def spoken(self, found: Sketch) -> Sketch:
        """A sketch whose boxes say of the bodies that they call what tells them from others, and nothing else."""
        return replace(found, boxes=tuple([self._spoken(box) for box in found.boxes]))

    def _spoken(self, box: Box) -> Box:
        if not box.callees:
            return box
        inside = None if box.inside is None else self.spoken(box.inside)
        return box._replace(rows=tuple([self._said(box, row) for row in box.rows]), inside=inside)

    def _said(self, box: Box, row: BoxRow) -> BoxRow:
        made = []
        for phrase in row.phrases:
            number, _, key = phrase.key.rpartition(":")
            callees = [c for c in box.callees[int(number or 0) :: box.period] if c is not None]
            block = self.found.get(key_of(callees[0])) if callees else None
            argument = key.removeprefix("argument ")
            if callees and key == "name":
                made.append(phrase._replace(text=self.named(callees[0])))
            elif block is not None and key == "number":
                made.append(self._number(phrase, block, callees if box.inside is None else []))
            elif argument == key or (box.inside is None and (block is None or argument in block.telling)):
                made.append(phrase)
            if block is not None and key == "name" and box.inside is None:
                told = series([self.letter(c) for c in callees])
                shown = f"({told})" if ", then " in told else told
                made.append(Phrase(f"{phrase.key} variant", shown, told, joint=" "))
        return row._replace(phrases=tuple(made))

    def _number(self, phrase: Phrase, block: CalledBlock, callees: list[Graph]) -> Phrase:
        known = [str(block.numbers[id(c)]) for c in callees if id(c) in block.numbers]
        told = series(known) if known and len(known) == len(callees) else ""
        return phrase._replace(text=phrase.form.format(told) if told else "", value=told)


def distinct_names(name: str, keys: Sequence[Key]) -> list[str]:
    """`unit (a.arch)` and `unit (b.arch)` for blocks of one name; where needed the path from a directory of both.

    Blocks of one file also say the definition that they stand in, and what they are.
    """
    if len(keys) < 2:
        return [short_name(name)] * len(keys)
    paths = [PurePath(str(key[0])) for key in keys]
    levels = zip(*(path.parts[:-1] for path in paths), strict=False)
    shared = len(list(takewhile(lambda level: len(set(level)) == 1, levels)))
    told = [path.name for path in paths]
    if len(set(told)) < len(set(paths)):
        told = ["/".join(path.parts[shared:]) for path in paths]
    for further in (1, 3) if len(set(paths)) < len(keys) else ():
        told = [f"{text}, {key[further]}" for text, key in zip(told, keys, strict=True)]
    return [f"{short_name(name)} ({short_name(text)})" for text in told]


def _is_short(text: str) -> bool:
    """Whether a value is said where a block is called: it is short, and reads as no list of values."""
    return len(text) <= _LONG and ", then " not in text and " to " not in text


def _letter(number: int) -> str:
    """a, b, …, z, a1, b1, …"""
    turn, place = divmod(number, len(_LETTERS))
    return _LETTERS[place] + (str(turn) if turn else "")


def _called_once(box: Box) -> Graph | None:
    """The body that a box may be drawn with inside it: that of a single call which is no scan."""
    if box.fold is not Fold.ONE or not box.callees or box.origin is None or box.origin.pieces[0].length is not None:
        return None
    return box.callees[0]


def _only_call(found: Sketch) -> Box | None:
    """The box of a sketch that is a single call, None for any other sketch."""
    boxes = [box for box in found.boxes if box.units]
    return boxes[0] if len(boxes) == 1 and _called_once(boxes[0]) is not None else None


def _applied(root: Graph, calls: Callable[[Graph], Sequence[SketchedCall]]) -> dict[int, AppliedBody]:
    """How often each body is applied, by what `calls` says that each one calls; modules of one path are one."""
    found: dict[int, AppliedBody] = defaultdict(AppliedBody, {id(root): AppliedBody(1, 1, 1, [((), "")])})
    for graph in reversed(list(bodies(root))):  # callers before callees
        own = found[id(graph)]
        if not own.calls:
            continue
        first: dict[object, CalledPlace] = {}  # of each module
        for place in sorted(own.places):
            first.setdefault(place[1] or place[0], place)
        own.places = list(first.values())[:_PATHS]
        modules: dict[int, dict[object, tuple[int, str]]] = defaultdict(dict)  # by callee, each as it is first called
        for number, (callee, path, steps) in enumerate(calls(graph)):
            found[id(callee)].calls += own.calls
            found[id(callee)].steps += own.steps * steps
            modules[id(callee)].setdefault(path or number, (number, path))
        for body, called in modules.items():
            found[body].modules += own.modules * len(called)
            ways = (((*there, n), dotted(outer, path)) for there, outer in own.places for n, path in called.values())
            found[body].places += islice(ways, _PATHS)  # in order
    return found


def _calls(found: Sketch) -> list[SketchedCall]:
    """The bodies called from a sketch and what is drawn in it, each time that they are."""
    made: list[SketchedCall] = []
    for box in found.boxes:
        pieces = box.origin.pieces if box.origin is not None else ()
        if box.inside is not None:
            outer = pieces[0].path
            made += [(callee, dotted(outer, path), steps) for callee, path, steps in _calls(box.inside)]
        elif box.callees:
            firsts = accumulate((len(unit) for unit in box.units), initial=0)  # the first piece of each unit
            made += [
                (callee, pieces[i].path, pieces[i].length or 1)
                for callee, i in zip(box.callees, firsts, strict=False)
                if callee is not None
            ]
    return made
