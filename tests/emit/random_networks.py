"""Turns lists of small integers into nested networks: shared weights, options, containers, several outputs."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from archdsl.ir.graph import Graph, Ref
from archdsl.ops.registry import load
from tests.emit.build_graph import Builder

SIDE = 4
MOST_CHANNELS = 24
KINDS = (
    "conv",
    "bn",
    "relu",
    "add",
    "concat",
    "split",
    "call",
    "twice",
    "chain",
    "option",
    "loop",
    "scan",
    "pool",
)


@dataclass(frozen=True)
class Instruction:
    kind: str
    first: int
    second: int
    size: int
    labelled: bool


@dataclass(frozen=True)
class Recipe:
    """One definition: a body for every (channels, width, flag)."""

    name: str
    inputs: int
    outputs: int
    instructions: tuple[Instruction, ...]


SMALL = st.integers(0, 7)
INSTRUCTIONS = st.builds(Instruction, st.sampled_from(KINDS), SMALL, SMALL, st.integers(1, 3), st.booleans())
RECIPES = st.lists(
    st.tuples(st.integers(1, 2), st.integers(1, 2), st.lists(INSTRUCTIONS, min_size=1, max_size=6)),
    min_size=2,
    max_size=4,
).map(lambda parts: [Recipe(f"block_{i}", n, o, tuple(body)) for i, (n, o, body) in enumerate(parts)])


VARIED = st.builds(
    Instruction,
    st.sampled_from(("option", "option", "option", "conv", "relu", "add", "concat", "chain", "bn", "numbered", "scan")),
    SMALL,
    SMALL,
    st.integers(1, 4),
    st.booleans(),
)
CALLS = st.tuples(
    st.lists(VARIED, min_size=2, max_size=7),
    st.lists(st.tuples(st.sampled_from((2, 4, 6)), st.booleans()), min_size=2, max_size=5),
)


def calls(instructions: list[Instruction], arguments: list[tuple[int, bool]]) -> Graph:
    """One definition called with several arguments in a row: its instances differ in numbers and options."""
    maker = Maker([Recipe("unit", 1, 1, tuple(instructions)), Recipe("top", 1, 1, ())])
    b = Builder("calls", {"x": (4, SIDE, SIDE)}, kind="network")
    x = b[0]
    for number, (width, flag) in enumerate(arguments):
        body = maker.body(0, b.type_of(x).shape[0], width, flag)
        x = b.add(load("conv")(4), b.add(body, x, label=f"unit{number}"), label=f"conv{number}")
    return b.build(x)


class Maker:
    """Makes bodies from recipes, one per arguments and input channels."""

    def __init__(self, recipes: list[Recipe]) -> None:
        self.recipes = recipes
        self.made: dict[tuple[object, ...], Graph] = {}

    def network(self) -> Graph:
        return self.body(len(self.recipes) - 1, 3, 4, True)

    def body(self, number: int, channels: int, width: int, flag: bool) -> Graph:
        key = (number, channels, width, flag)
        if key not in self.made:
            self.made[key] = Body(self, number, channels, width, flag).run()
        return self.made[key]


class Body:
    """Runs one recipe."""

    def __init__(self, maker: Maker, number: int, channels: int, width: int, flag: bool) -> None:
        self.maker, self.number, self.width, self.flag = maker, number, width, flag
        recipe = maker.recipes[number]
        self.recipe = recipe
        inputs = {f"x{i}" if i else "x": (channels, SIDE, SIDE) for i in range(recipe.inputs)}
        last = number == len(maker.recipes) - 1
        arguments = {} if last else {"width": width, "flag": flag}
        self.b = Builder(recipe.name, inputs, kind="network" if last else "block", **arguments)
        self.values: list[Ref] = [self.b[i] for i in range(recipe.inputs)]

    def run(self) -> Graph:
        for place, instruction in enumerate(self.recipe.instructions):
            self.place = place
            getattr(self, instruction.kind)(instruction)
        count = len(self.values)
        return self.b.build_live(*(self.values[(count - 1 - 2 * o) % count] for o in range(self.recipe.outputs)))

    def pick(self, number: int) -> Ref:
        return self.values[-1 - number % len(self.values)]

    def channels(self, ref: Ref) -> int:
        return self.b.type_of(ref).shape[0]

    def label(self, instruction: Instruction, word: str) -> str:
        return f"part{self.place % 2}.{word}{self.place}" if instruction.labelled else f"{word}_{self.place}"

    def put(
        self, name: str, *operands: Ref, label: str = "", sub: object = 0, slot: int | None = None, **args: object
    ) -> Ref:
        return self.b.add(load(name)(**args), *operands, label=label, site=(self.place, sub), slot=slot)

    def out(self, instruction: Instruction) -> int:
        return self.width * instruction.size if instruction.size < 3 else 6

    def conv(self, i: Instruction) -> None:
        self.values.append(
            self.put("conv", self.pick(i.first), label=self.label(i, "conv"), out=self.out(i), kernel=2 * i.size - 1)
        )

    def bn(self, i: Instruction) -> None:
        self.values.append(self.put("bn", self.pick(i.first), label=self.label(i, "bn")))

    def relu(self, i: Instruction) -> None:
        self.values.append(self.put("relu", self.pick(i.first), label=self.label(i, "relu")))

    def pool(self, i: Instruction) -> None:
        self.values.append(self.put("max_pool", self.pick(i.first), label=self.label(i, "pool"), kernel=3, stride=1))

    def add(self, i: Instruction) -> None:
        left, right = self.pick(i.first), self.pick(i.second)
        if self.channels(left) != self.channels(right):
            right = self.put("conv", right, label=self.label(i, "match"), out=self.channels(left), sub=1)
        self.values.append(self.put("add", left, right))

    def concat(self, i: Instruction) -> None:
        parts = [self.pick(i.first), self.pick(i.second), self.pick(i.size)]
        if sum(map(self.channels, parts)) <= MOST_CHANNELS:
            self.values.append(self.put("concat", *parts))

    def split(self, i: Instruction) -> None:
        ref = self.pick(i.first)
        if self.channels(ref) % 2 == 0:
            made = self.put("split", ref, sections=2)
            self.values += [made, made._replace(output=1)]

    def call(self, i: Instruction) -> None:
        if not self.number:
            return self.conv(i)
        callee = (i.first + i.second) % self.number
        first = self.pick(i.first)
        inputs = self.maker.recipes[callee].inputs
        second = self.pick(i.second)
        if inputs == 2 and self.channels(second) != self.channels(first):
            second = first
        body = self.maker.body(callee, self.channels(first), 2 * i.size, bool(i.second % 2))
        operands = (first, second)[:inputs]
        made = self.b.add(body, *operands, label=self.label(i, "call"), site=(self.place, 0))
        self.values += [
            made._replace(output=o)
            for o in range(len(body.outputs))
            if self.channels(made._replace(output=o)) <= MOST_CHANNELS
        ]

    def twice(self, i: Instruction) -> None:
        ref = self.pick(i.first)
        label = self.label(i, "shared")
        for time in range(2):
            ref = self.put("conv", ref, label=label, out=self.channels(ref), sub=time, slot=self.place)
        self.values.append(ref)

    def chain(self, i: Instruction) -> None:
        ref = self.pick(i.first)
        names = ("0", "1", "2") if i.labelled else ("conv", "norm", "act")
        ref = self.put("conv", ref, label=f"chain{self.place}.{names[0]}", out=self.out(i), sub=0)
        ref = self.put("bn", ref, label=f"chain{self.place}.{names[1]}", sub=1)
        self.values.append(self.put("relu", ref, label=f"chain{self.place}.{names[2]}", sub=2))

    def option(self, i: Instruction) -> None:
        """A stage that is there only with the flag, or only where it changes the width; perhaps another instead."""
        ref = self.pick(i.first)
        present = self.flag if i.labelled else self.channels(ref) != self.width
        if present and i.size == 1:
            ref = self.put("conv", ref, label=f"opt{self.place}", out=self.width, sub=0)
        elif present and i.size == 2:
            made = self.put("relu", ref, label=f"opt{self.place}", sub=0)
            ref = self.put("add", made, ref, sub=1)
        elif present:
            ref = self.put("conv", ref, label=f"opt{self.place}.0", out=self.channels(ref), sub=0)
            ref = self.put("bn", ref, label=f"opt{self.place}.1", sub=1)
        elif i.size == 1:
            ref = self.put("relu", ref, label=f"other{self.place}", sub=2)
        if present and i.size == 4:
            ref = self.put("relu", ref, sub=3)
        self.values.append(ref)

    def numbered(self, i: Instruction) -> None:
        """A numbered container; the members behind an optional one are numbered as if it had never been."""
        ref = self.pick(i.first)
        wide = self.flag if i.labelled else self.channels(ref) != self.width
        count = 0
        for sub, (name, present) in enumerate(
            (("conv", wide), ("bn", True), ("relu", i.size > 2 and wide), ("conv", True))
        ):
            if present:
                arguments = {"out": self.width} if name == "conv" else {}
                ref = self.put(name, ref, label=f"num{self.place}.{count}", sub=sub, **arguments)
                count += 1
        self.values.append(ref)

    def loop(self, i: Instruction) -> None:
        """Cells of two states, each taking the outputs of the two before it; or fan-out into a list."""
        h, p = self.pick(i.first), self.pick(i.second)
        width = min(self.channels(h), 6)
        h = self.put("conv", h, label=f"enter{self.place}", out=width, sub="h")
        p = self.put("conv", p, label=f"prior{self.place}", out=width, sub="p")
        cell = cell_body(width)
        for time in range(i.size + 1):
            made = self.b.add(cell, h, p, label=f"cells{self.place}.{time}", site=(self.place, "cell", time))
            h, p = made, h
        self.values += [h, p] if i.labelled else [h]

    def scan(self, i: Instruction) -> None:
        """Three elements, the state from zero or given, with an output of its own or without."""
        ref, width = self.pick(i.first), 2 * self.width if i.size == 3 else 2
        xs = self.put("stack", ref, ref, ref, sub="xs")
        cell = scanned_body(self.channels(ref), width, i.labelled)
        states = []
        if i.second % 2:
            states = [self.put("conv", self.pick(i.second), label=f"start{self.place}", out=width, sub="h")]
        made = self.b.add(cell, xs, *states, label=self.label(i, "scan"), site=(self.place, "scan"), length=3)
        if i.second % 4 < 3:
            shape = (-1, SIDE, SIDE)
            self.values.append(self.put("reshape", made, sub="ys", shape=shape))
        if i.second % 4:
            self.values.append(made._replace(output=1))


def scanned_body(channels: int, width: int, output: bool) -> Graph:
    """conv(x) + h, with h before it if an output is wanted."""
    key = (channels, width, output)
    if key not in _SCANNED:
        name = "shown" if output else "carried"
        b = Builder(name, {"x": (channels, SIDE, SIDE), "h": (width, SIDE, SIDE)}, width=width)
        made = b.add(load("conv")(width), b[0], label="a", site=0)
        state = b.add(load("add")(), made, b[1], site=1)
        _SCANNED[key] = b.build(*([made] if output else []), state)
    return _SCANNED[key]


_SCANNED: dict[tuple[int, int, bool], Graph] = {}


def cell_body(width: int) -> Graph:
    """conv(h) + p."""
    if width not in _CELLS:
        b = Builder("cell", {"h": (width, SIDE, SIDE), "p": (width, SIDE, SIDE)}, kind="cell")
        made = b.add(load("conv")(width), b[0], label="a", site=0)
        _CELLS[width] = b.build(b.add(load("add")(), made, b[1], site=1))
    return _CELLS[width]


_CELLS: dict[int, Graph] = {}
