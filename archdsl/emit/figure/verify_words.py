"""Compares what the boxes of a panel say, with the values of one body put in, with that body's ops and calls."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

from archdsl.emit.figure.measure import short_name
from archdsl.emit.figure.pieces import Place
from archdsl.emit.figure.places import DrawnPlaces
from archdsl.emit.figure.scene import Box, Fold, Instance, Panel, Phrase, Sketch
from archdsl.emit.figure.verify_choices import choice_differences
from archdsl.emit.figure.verify_index import SceneIndex
from archdsl.emit.figure.verify_tables import value_of
from archdsl.emit.figure.verify_titles import table_words
from archdsl.emit.figure.verify_weights import WeightsOwner, owner_differences, sharing_differences
from archdsl.emit.figure.words import EACH, STEPS, number, op_phrases, shape_text, value_text
from archdsl.ir.chosen import OneOf
from archdsl.ir.graph import Graph, Node
from archdsl.ir.hashing import exact_hash
from archdsl.ops.base import Kind, Op

_WHICH = re.compile(r"output \d|last but one")
_STEPS = re.compile(r"(-?[\d.]+) to (-?[\d.]+)(?: by (−?[\d.]+))?")
_PARTS = re.compile(r'(?:^|, then )((?:"(?:[^"\\]|\\.)*"|(?!, then ).)*)')  # what stands in quotes is whole
_COUNTED = re.compile(r"(.*) × ([\d,]+)")


def word_differences(index: SceneIndex, panel: Panel, instance: Instance) -> Iterator[str]:
    """Where the text of boxes and edges, for one body of a panel, is not true."""
    reader = _PanelReader(index, panel, instance)
    yield from reader.differences(panel.sketch, instance.sketch)
    yield from owner_differences(reader.named)


class _PanelReader:
    """Reads the sketch of a panel, and those inside its boxes; `named` is what is said of whose weights are used."""

    def __init__(self, index: SceneIndex, panel: Panel, instance: Instance) -> None:
        self.index, self.instance = index, instance
        said = (part for word in table_words(panel.sketch) for part in (word, *re.split("[·/]", word)))
        self.words = {word for word in said if not word.isdigit()}
        self.named: list[tuple[str, WeightsOwner]] = []

    def differences(
        self, drawn: Sketch, own: Sketch, paths: tuple[str, ...] = (), owner: WeightsOwner = ()
    ) -> Iterator[str]:
        """Where text is not true in a sketch that is inside of boxes at `paths`, which have weights of `owner`."""
        places = DrawnPlaces.of(own)
        if places.differences or len(drawn.boxes) != len(own.boxes):
            return
        reader = _BoxReader(self.index, self.instance, places, drawn, self.words)
        for box, mine in zip(drawn.boxes, own.boxes, strict=True):
            yield from reader.box(box, mine.units)
            if box.inside is not None and mine.inside is not None:
                there = mine.units[0][0]
                outer = (*paths, places.path(there)), (*owner, *places.weights(there))
                yield from self.differences(box.inside, mine.inside, *outer)
        yield from reader.edges(drawn, own)
        known = list(reader.whose(drawn, own))
        yield from sharing_differences(places, known, paths)
        self.named += [(said, (*owner, *places.weights(place))) for place, said in known if said]


def listed(text: str, count: int) -> list[str]:
    """What each of `count` units has, read from `a × 2, then b` or `1 to 9 by 2`."""
    steps = _STEPS.fullmatch(text)
    if steps is not None and count > 2:
        first, last, step = (Decimal((number or "1").replace("−", "-")) for number in steps.groups())
        made = [number(float(first + step * place)) for place in range(count)]
        return made if first + step * (count - 1) == last else []
    *before, end = _PARTS.findall(text)
    found = _each(before)
    return found + (_each([end]) if before and _COUNTED.fullmatch(end) else [end] * (count - len(found)))


def _each(parts: Sequence[str]) -> list[str]:
    """The variants that `b` and `a × 3` stand for, each of them."""
    made: list[str] = []
    for part in parts:
        counted = _COUNTED.fullmatch(part)
        made += [counted[1]] * int(counted[2].replace(",", "")) if counted else [part]
    return made


class _BoxReader:
    def __init__(
        self, index: SceneIndex, instance: Instance, places: DrawnPlaces, drawn: Sketch, words: Collection[str]
    ) -> None:
        self.index, self.instance, self.places, self._words = index, instance, places, words
        boxes = drawn.boxes
        chained = [e for e in drawn.edges if boxes[e.source].fold is boxes[e.target].fold is Fold.BESIDE]
        self._followed = {id(boxes[edge.source]) for edge in chained}
        self._following = {id(boxes[edge.target]) for edge in chained}

    def beside(self, box: Box, count: int) -> str:
        """What a box of branches side by side says of them: the first one, and those behind it."""
        if id(box) in self._following:
            return f"in each of the {count} paths"
        return f"{count}{' paths' if id(box) in self._followed else ''} side by side"

    def box(self, box: Box, units: Sequence[tuple[Place, ...]]) -> Iterator[str]:
        """Where the text of one box is not that of its units."""
        phrases = {phrase.key: phrase for row in box.rows for phrase in row.phrases}
        head = next((line.text for line in box.lines), "")
        if len([p for row in box.rows for p in row.phrases]) != len(phrases):
            yield f"the box {head!r} says something twice"
        if not units:
            return
        yield from (f"the box {head!r}: {text}" for text in self._told(box, phrases, units))

    def _told(self, box: Box, phrases: dict[str, Phrase], units: Sequence[tuple[Place, ...]]) -> Iterator[str]:
        if box.fold is Fold.TURNS:
            yield from self._count(phrases, "times", len(units) // box.period)
            starts = _starts(phrases)
            for position in range(box.period):
                prefix = max(start for start in starts if start <= position)
                own = _own(phrases, position)
                yield from self._units(own, units[position :: box.period], repeated=False)
                last = min((start for start in starts if start > prefix), default=box.period)
                if position == prefix:
                    yield from self._count(own, "times", last - prefix)
            return
        if box.fold in (Fold.CHOICE, Fold.COUNTED):
            yield from self._chosen(box, phrases, units)
            return
        yield from self._units(phrases, units, box.fold is not Fold.BESIDE, box.inside is not None)
        if box.fold is Fold.BESIDE:
            yield from self._count(phrases, "times", 1)
        if box.fold is Fold.BESIDE and self._said(phrases, "beside") != self.beside(box, len(units)):
            yield f"it does not say that {self.beside(box, len(units))!r}"
        feeds = self._feeds(box, units) if box.fold is Fold.RUN and box.feeds != ((1, 0),) else ""
        if self._said(phrases, "feeds") != feeds:
            yield f"its units follow each other as {feeds!r}"

    def _units(
        self, phrases: dict[str, Phrase], units: Sequence[tuple[Place, ...]], repeated: bool, inside: bool = False
    ) -> Iterator[str]:
        nodes = [self.places.node(unit[0]) for unit in units]
        variants = self._said(phrases, "name variant")
        if repeated and (", then " in variants or _COUNTED.fullmatch(variants)):  # `b, then a × 3`
            if self._said(phrases, "times") or len(_each(variants.split(", then "))) != len(units):
                yield f"it stands for {len(units)}, not {variants}"
        elif repeated:
            yield from self._count(phrases, "times", len(units))
        if isinstance(nodes[0][0].target, Graph):
            yield from self._calls(phrases, [node for node, _ in nodes], inside)
            return
        for unit in units:
            yield from self._ops(phrases, [self.places.node(place) for place in unit])

    def _chosen(self, box: Box, phrases: dict[str, Phrase], units: Sequence[tuple[Place, ...]]) -> Iterator[str]:
        """Where a box does not say what is chosen from, by which decision, and what picks take."""
        *options, last = [[self.places.node(place) for place in unit] for unit in units]
        chooser = last[0][0].target
        if not isinstance(chooser, OneOf):
            yield "it is no choice"
            return
        starts = _starts(phrases)
        wanted = [len(options)] if box.fold is Fold.COUNTED else range(len(units))
        if not starts or set(wanted) - set(starts):
            yield "not all that it stands for is said"
            return
        if box.fold is Fold.COUNTED:
            plain = {key: phrase for key, phrase in phrases.items() if ":" not in key}
            yield from self._units(plain, units[:-1], repeated=False)
        else:
            for place in range(len(options)):
                yield from self._units(_own(phrases, place), [units[place]], repeated=False)
        yield from self._ops(_own(phrases, len(options)), last)
        known = [[node for node, _ in unit] for unit in (*options, last)]
        yield from choice_differences(box, phrases, known, chooser)

    # --- ops

    def _ops(self, phrases: dict[str, Phrase], chain: list[tuple[Node, Graph]]) -> Iterator[str]:
        """Where a box does not say one of its units: each argument of each op, and nothing else."""
        seen: set[str] = set()
        for step, (node, holder) in enumerate(chain):
            op = node.target
            if isinstance(op, Graph):
                yield "a call is said as an op"
                return
            if len(node.operands) > 1 and op.symbol and len(chain) == 1:
                plain = all(not p.text for p in op_phrases(op, holder.operand_types(node)) if not p.key.endswith("op"))
                if self._said(phrases, "op") != op.symbol or not plain:
                    yield f"{op.symbol} is not said"
                return
            after = chain[step + 1][0].target if step + 1 < len(chain) else None
            normed = isinstance(after, Op) and after.kind is Kind.NORM
            expected = op_phrases(op, holder.operand_types(node), f"{step}.", normed)
            subjects = {p.text for p in expected if p.key.endswith(".op")} | {op.kind.value}
            for phrase in expected:
                seen.add(phrase.key)
                yield from self._argument(phrases.get(phrase.key), phrase, subjects)
        extra = [p.text for key, p in phrases.items() if p.text and key[0].isdigit() and key not in seen]
        extra = [text for text in extra if not text.startswith("shared ")]
        if extra:
            yield f"it says {extra}, which no op has"

    def _argument(self, said: Phrase | None, wanted: Phrase, subjects: set[str]) -> Iterator[str]:
        """Where one argument is said to be something else than it is."""
        if said is None:
            yield f"{wanted.key} is not said"
            return
        name = wanted.key.rpartition(".")[2]
        settings = [value for op, key, value in self.index.scene.settings if op in subjects and key == name]
        if said.word:
            value = value_of(self.instance, said.word)
            if value is None or value not in (wanted.value, wanted.text):
                yield f"{wanted.key} is {said.word} = {value}, not {wanted.value}"
            elif said.text not in (said.word, f"{said.word}?", said.form.format(said.word)):
                yield f"{said.text!r} does not say {said.word}"
        elif settings:
            if (said.text == "") != (wanted.value == settings[0]):
                yield f"{wanted.key} is {wanted.value}, the figure says {said.text!r} beside {settings[0]}"
        elif said.text not in (wanted.text, wanted.form.format(wanted.value)):
            yield f"{wanted.key} is {wanted.text!r}, not {said.text!r}"

    # --- calls

    def _calls(self, phrases: dict[str, Phrase], nodes: list[Node], inside: bool) -> Iterator[str]:
        """Where a reader of a box would take another body for one that it calls."""
        graphs = [node.target for node in nodes if isinstance(node.target, Graph)]
        if len(graphs) != len(nodes):
            yield "an op is said as a call"
            return
        name = self._said(phrases, "name")
        yield from dict.fromkeys(filter(None, (self.index.misnamed(graph, name) for graph in graphs)))
        forms = [(node.length, EACH if node.each else STEPS) for node in nodes]
        steps = {form.format(f"{length:,}") if length is not None else "" for length, form in forms}
        if steps != {self._said(phrases, "steps")}:
            yield f"it takes {steps}"
        yield from self._states(self._said(phrases, "states"), nodes)
        told = {key.removeprefix("argument "): self._values(p, len(graphs)) for key, p in phrases.items()
                if key.startswith("argument ")}  # fmt: skip
        numbers = self._values(phrases["number"], len(graphs)) if "number" in phrases else None
        letters = None
        if "name variant" in phrases:
            variants = self._said(phrases, "name variant").strip("()")
            letters = _each(variants.split(", then "))
            letters = letters if len(letters) == len(graphs) else listed(variants, len(graphs))
        for i, graph in enumerate(graphs):
            arguments = dict(graph.arguments)
            for name, values in told.items():
                if i >= len(values) or value_text(arguments.get(name)) != values[i]:
                    yield f"{name} of call {i + 1} is {value_text(arguments.get(name))}, not {values[i : i + 1]}"
            if inside or id(graph) not in self.index.shown:
                if numbers is not None and numbers[i : i + 1] != [""]:
                    yield f"call {i + 1} has a number, but there is no row"
                continue
            letter, number = self.index.letter(graph), self.index.number(graph)
            if (letters[i] if letters and i < len(letters) else "") != letter:
                yield f"call {i + 1} is variant {letter}"
            if (numbers[i] if numbers and i < len(numbers) else "") != (number or ""):
                yield f"call {i + 1} is no. {number}"
            if any(p.word and p.text not in (p.word, f"{p.word}?", p.form.format(p.word)) for p in phrases.values()):
                yield "it does not say a word of its own"
            said = {name: values[i] for name, values in told.items() if i < len(values)}
            if {exact_hash(body) for body in self.index.fits(graph, said, number)} != {exact_hash(graph)}:
                yield f"call {i + 1} of {graph.name} may be taken for another body"

    def _states(self, said: str, nodes: Sequence[Node]) -> Iterator[str]:
        """Where a scan does not say along which input it goes, and which output of a step is which state of the next.

        A scan takes the sequence first; the cell's last outputs are its states.
        """
        wanted = ""
        for cell in [node.target for node in nodes if isinstance(node.target, Graph) and node.states]:
            names, count = [short_name(name) for name in cell.input_names], len(cell.outputs)
            after = [str(count - len(names) + 1 + number) for number in range(1, len(names))]
            source = "output" + "s" * (len(after) > 1) + (f" {', '.join(after)}" if count > 1 else "")
            wanted = f"{names[0]} along the sequence; {', '.join(names[1:])} from {source}"
            if said != wanted:
                yield f"its steps go on as {wanted!r}, not {said!r}"
        if not wanted and said:
            yield f"it is no scan, but says {said!r}"

    def _values(self, phrase: Phrase, count: int) -> list[str]:
        """What a phrase says of each of `count` calls."""
        text = phrase.text
        if phrase.word:
            text = value_of(self.instance, phrase.word) or ""
        elif phrase.form.endswith("{}") and text:
            text = text.removeprefix(phrase.form.removesuffix("{}"))
        values = listed(text, count)
        return values if phrase.word else [self._given(value) for value in values]

    def _given(self, said: str) -> str:
        """The text that a call is given, which stands in quotes where the table has a word that reads the same."""
        if said in self._words:
            return f"the word {said}"
        bare = said.removeprefix('"').removesuffix('"')
        return bare if said == f'"{bare}"' and bare in self._words else said

    def _count(self, phrases: dict[str, Phrase], key: str, count: int) -> Iterator[str]:
        phrase = phrases.get(key)
        said = "" if phrase is None else value_of(self.instance, phrase.word) if phrase.word else phrase.text
        if (said or "").removeprefix("× ") != (f"{count:,}" if count > 1 or (phrase and phrase.word) else ""):
            yield f"it stands for {count}, not {said}"

    def _feeds(self, box: Box, units: Sequence[tuple[Place, ...]]) -> str:
        """How the units of a run follow each other, in words."""
        node, _ = self.places.node(units[0][0])
        several = len(self.places.node(units[0][-1])[0].types) > 1
        names = _operand_names(node)
        made = []
        for operand, (lag, output) in enumerate(box.feeds):
            where = {0: "the same for all", 1: "from the one before", 2: "from two before"}.get(lag)
            which = f" (output {output + 1})" if several and lag else ""
            made.append(f"{names[operand] or f'operand {operand + 1}'} {where}{which}")
        return ", ".join(made)

    def _said(self, phrases: dict[str, Phrase], key: str) -> str:
        phrase = phrases.get(key)
        if phrase is None:
            return ""
        if phrase.word:
            value = value_of(self.instance, phrase.word) or ""
            return phrase.form.format(value) if key == "steps" else value
        return phrase.text

    # --- edges, weights

    def edges(self, drawn: Sketch, own: Sketch) -> Iterator[str]:
        """Where an operand's name or the shape of a tensor is wrong."""
        known: dict[int, list[str]] = {}  # by box what its operands are called
        for edge in drawn.edges:
            target, source = own.boxes[edge.target], own.boxes[edge.source]
            if target.units:
                node, holder = self.places.node(target.units[0][0])
                names = known.setdefault(edge.target, known.get(edge.target) or _operand_names(node, holder))
                if max(edge.operands) >= len(names):
                    yield f"{node.word} has no operand {max(edge.operands) + 1}"
                    continue
                wanted = [names[operand] for operand in edge.operands]
                told, count = edge.name, len(edge.operands)
                if count > 1:
                    told = told.removeprefix(f"{count} × ") if wanted[0] else told.removeprefix(f"× {count}")
                    if told == edge.name:
                        yield f"{count} operands of {node.word} come along {edge.name!r}"
                said = told if told in wanted else value_of(self.instance, told) or told
                if {said} != set(wanted):
                    yield f"an operand of {node.word} is called {edge.name!r}, not {wanted}"
            elif edge.name:
                yield f"an output is called {edge.name!r} at its head"
            which, joint, shape = edge.label.rpartition(": ")
            if source.units and shape and (joint or _WHICH.match(shape) is None) and edge.back < len(source.units):
                made = self.places.node(source.units[-1 - edge.back][-1])[0].types
                if edge.output >= len(made) or shape_text(made[edge.output]) != shape:
                    yield f"a tensor of {shape} is none"
            if which and f"output {edge.output + 1}" not in which and edge.back == 0:
                yield f"output {edge.output + 1} is called {which}"

    def whose(self, drawn: Sketch, own: Sketch) -> Iterator[tuple[Place, str]]:
        """What boxes say of whose weights each op and call uses that has some, "" where they say nothing."""
        for box, mine in zip(drawn.boxes, own.boxes, strict=True):
            all_phrases = phrases = {phrase.key: phrase for row in box.rows for phrase in row.phrases}
            for position, unit in enumerate(mine.units):
                if box.fold in (Fold.TURNS, Fold.CHOICE):
                    phrases = _own(all_phrases, position % box.period)
                weighted = [(step, place) for step, place in enumerate(unit) if self._has_weights(place)]
                together = self._said(phrases, "shared").removeprefix("shared ").split(", ")
                for k, (step, place) in enumerate(weighted):
                    said = self._said(phrases, f"{step}.shared").removeprefix("shared ")
                    yield place, said or (together[k] if len(together) == len(weighted) else "")

    def _has_weights(self, place: Place) -> bool:
        node, holder = self.places.node(place)
        return not isinstance(node.target, Op) or bool(node.target.weights(holder.operand_types(node)))


def _starts(phrases: dict[str, Phrase]) -> list[int]:
    """The places in a period that lines of a box begin with."""
    return [int(key.partition(":")[0]) for key in phrases if ":" in key]


def _own(phrases: dict[str, Phrase], position: int) -> dict[str, Phrase]:
    """What a box of units that take turns says of those at one place of the period."""
    prefix = max(start for start in _starts(phrases) if start <= position)
    return {key.partition(":")[2]: p for key, p in phrases.items() if key.startswith(f"{prefix}:")}


def _operand_names(node: Node, holder: Graph | None = None) -> list[str]:
    """What the operands of an op or call are called, where there are several."""
    count, target = len(node.operands), node.target
    if count < 2:
        return [""] * count
    if isinstance(target, Graph):
        return list(target.input_names[:count])
    if target.commutes:
        return [""] * count
    given = holder.operand_types(node) if holder is not None else ()
    axis = getattr(target, "axis", None)
    if target.kind is Kind.CONCAT and axis is not None and given and given[0].rank == node.types[0].rank:
        return [str(x.shape[axis]) for x in given]
    return list(target.operands) or [str(number + 1) for number in range(count)]
