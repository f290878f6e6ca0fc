"""Writes random spaces as text: expressions and statements in which choices steer whatever the language lets them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

Parameters = dict[str, str]  # name and kind
KINDS = ("width", "kernel", "count", "flag", "stage", "stages", "widths")
VALUES = {
    "width": ("4", "8", "x.channels"),
    "kernel": ("1", "3"),
    "count": ("1", "2"),
    "flag": ("true", "false"),
    "stage": ("relu", "conv(x.channels)", "bn"),
    "stages": ("[relu, bn]", "[conv(x.channels), id]"),
    "widths": ("[4, 8]", "[8, 4, 6]"),
}


class Scope:
    """What can be named at a place of a body."""

    def __init__(self, names: Parameters | None = None, tensors: tuple[str, ...] = ("x",)) -> None:
        self.names = dict(names or {})
        self.same = list(tensors)  # tensors of the type of x
        self.others: list[str] = []  # that may be of another type
        self.fresh = 0

    def new(self, letter: str) -> str:
        self.fresh += 1
        return f"{letter}{self.fresh}"


class Expressions:
    """Every choice is taken from a budget, and says what it is a case of."""

    def __init__(self, random: Random, choices: int) -> None:
        self.random = random
        self.choices = choices
        self.kinds: set[str] = set()
        self.blocks: list[tuple[str, str, Parameters]] = []  # name, kind, parameters; from x to the type of x
        self.changing: list[tuple[str, str, Parameters]] = []  # from x to other channels
        self.functions: list[tuple[str, str]] = []  # a call, and the kind that it gives
        self.constants: list[tuple[str, str]] = []

    def maybe(self, share: float) -> bool:
        return self.random.random() < share

    def pick(self, *texts: str) -> str:
        return self.random.choice(texts)

    def sample(self, *texts: str) -> list[str]:
        """Two or three of them."""
        return self.random.sample(texts, min(len(texts), 2 if self.maybe(0.7) else 3))

    def oneof(self, kind: str, options: list[str]) -> str:
        """A choice between the options; the first of them where the budget is used up."""
        options = list(dict.fromkeys(options)) if self.maybe(0.95) else options
        if not self.choices or len(options) < 2:
            return options[0]
        self.choices -= 1
        self.kinds.add(kind)
        return f"oneof([{', '.join(options)}])"

    def chosen(self, kind: str, options: list[str]) -> str:
        """One of the options: mostly a choice."""
        return self.oneof(kind, options) if self.maybe(0.6) else self.random.choice(options)

    def named(self, scope: Scope, kind: str) -> str | None:
        names = [n for n, k in scope.names.items() if k == kind]
        names += [n for n, k in self.constants if k == kind] + [n for n, k in self.functions if k == kind]
        return self.random.choice(names) if names and self.maybe(0.5) else None

    def kinded(self, *kinds: str) -> None:
        self.kinds.update(kinds)

    # --- values ------------------------------------------------------------------------------------------------

    def value(self, scope: Scope, kind: str) -> str:
        """An argument of a kind."""
        return {
            "width": self.width,
            "kernel": self.kernel,
            "count": self.count,
            "flag": self.condition,
            "stage": lambda s: self.stage(s, 1),
            "stages": self.stages,
            "widths": self.widths,
        }[kind](scope)

    def width(self, scope: Scope) -> str:
        name = self.named(scope, "width")
        forms: tuple[Callable[[], str], ...] = (
            lambda: self.chosen("width", self.sample("4", "6", "8", "12")),
            lambda: self.chosen("width", self.sample("4", "6", "8", "12")),
            lambda: name or "x.channels",
            lambda: f"{name or self.chosen('width', ['4', '8'])} {self.pick('* 2', '+ 4')}",
            lambda: f"{self.widths(scope)}[{self.index(scope)}]",
            lambda: f"({self.pick('4', '8')} if {self.condition(scope)} else {self.width(scope)})",
            lambda: f"{self.tensor(scope)}.channels",
            lambda: f"max({name or '4'}, {self.pick('4', '6')})",
        )
        return self.random.choice(forms)()

    def index(self, scope: Scope) -> str:
        if self.maybe(0.6):
            self.kinded("index")
            return self.oneof("index", self.pick("0, 1", "1, 0", "-1, 0").split(", "))
        return "0" if self.maybe(0.5) else f"1 - {self.oneof('index', ['0', '1'])}"

    def kernel(self, scope: Scope) -> str:
        forms: tuple[Callable[[], str], ...] = (
            lambda: self.chosen("kernel", ["1", "3"]),
            lambda: self.named(scope, "kernel") or self.chosen("kernel", ["3", "5", "1"]),
            lambda: f"2 * {self.count(scope)} + 1",
            lambda: f"(1 if {self.condition(scope)} else 3)",
        )
        return self.random.choice(forms)()

    def count(self, scope: Scope) -> str:
        name = self.named(scope, "count")
        if name:
            return name
        if self.maybe(0.15):
            self.kinded("len")
            return f"len({self.stages(scope)})"
        return self.chosen("depth", self.pick("1, 2", "0, 1", "2, 1, 0", "1, 3").split(", "))

    def condition(self, scope: Scope) -> str:
        name = self.named(scope, "flag")
        forms: tuple[Callable[[], str], ...] = (
            lambda: name or self.oneof("flag", ["true", "false"]),
            lambda: name or self.oneof("flag", ["false", "true"]),
            lambda: f"{self.named(scope, 'width') or 'x.channels'} {self.pick('>', '<=', '==')} {self.pick('4', '6')}",
            lambda: f"{self.named(scope, 'count') or self.oneof('depth', ['1', '2'])} {self.pick('==', '>')} 1",
            lambda: f"{self.named(scope, 'kernel') or '3'} in [1, {self.chosen('kernel', ['3', '5'])}]",
            lambda: f"not {name or 'false'}",
            lambda: f"({name or 'true'} {self.pick('and', 'or')} {self.oneof('flag', ['false', 'true'])})",
        )
        self.kinded("condition")
        return self.random.choice(forms)()

    def widths(self, scope: Scope) -> str:
        name = self.named(scope, "widths")
        if name:
            return name
        if self.maybe(0.2):
            return self.oneof("list", ["[4, 8]", "[8, 6]"])
        if self.maybe(0.2):
            self.kinded("filter")
            return f"([8] + [w for w in [4, 6, 12] if w > {self.chosen('width', ['4', '6'])}])"
        return f"[{self.pick('4', '6')}, {self.chosen('width', ['8', '12'])}]"

    def stages(self, scope: Scope) -> str:
        """A list of stages that keep the type of x."""
        name = self.named(scope, "stages")
        if name:
            return name
        first = f"[{self.stage(scope, 0)}, {self.stage(scope, 0)}]"
        if self.maybe(0.3):
            return f"({first} + {self.oneof('optional', ['[]', f'[{self.stage(scope, 0)}]'])})"
        return first

    # --- stages ------------------------------------------------------------------------------------------------

    def free(self) -> str:
        return self.pick("relu", "silu", "sigmoid", "tanh", "max_pool(3, 1)", "avg_pool(3, 1)", "id")

    def leaf(self, scope: Scope) -> str:
        forms: tuple[Callable[[], str], ...] = (
            self.free,
            lambda: self.pick("bn", "conv(x.channels)", "depthwise(3)", "conv(x.channels, 3, bias = false)"),
            lambda: f"conv(x.channels, {self.kernel(scope)})",
            lambda: f"conv(x.channels, kernel = {self.kernel(scope)})",
            lambda: f"depthwise({self.kernel(scope)})",
            lambda: self.named(scope, "stage") or "bn",
        )
        return self.random.choice(forms)()

    def stage(self, scope: Scope, depth: int) -> str:
        """A stage that keeps the type of x."""
        if not depth or self.maybe(0.15):
            return self.leaf(scope)
        forms: list[Callable[[], str]] = [
            lambda: self.oneof("op", [self.stage(scope, depth - 1), self.free()]),
            lambda: self.oneof("op", [self.stage(scope, depth - 1), self.stage(scope, depth - 1)]),
            lambda: self.oneof("op", [self.free(), self.stage(scope, depth - 1), self.leaf(scope)]),
            lambda: f"oneof({self.stages(scope)})" if self.spend("named list") else "relu",
            lambda: f"({self.stage(scope, depth - 1)} -> {self.stage(scope, depth - 1)})",
            lambda: f"({self.stage(scope, depth - 1)} * {self.count(scope)})",
            lambda: f"(id + {self.stage(scope, depth - 1)})",
            lambda: f"([{self.stage(scope, depth - 1)}, {self.leaf(scope)}] -> {self.pick('add', 'mean', 'maximum')})",
            lambda: f"({self.stage(scope, depth - 1)} if {self.condition(scope)} else {self.leaf(scope)})",
            lambda: f"(conv({self.width(scope)}) -> {self.free()} -> conv(x.channels))",
            lambda: f"{self.stages(scope)}[{self.index(scope)}]",
            lambda: f"({self.stage(scope, depth - 1)} * 0.5)",
            lambda: f"(id * (global_avg_pool -> conv(x.channels) -> {self.oneof('op', ['sigmoid', 'tanh'])}))",
            lambda: f"({self.stages(scope)} -> {self.pick('add', 'maximum', 'concat -> conv(x.channels)')})",
        ]
        if self.blocks:
            forms += [lambda: self.call(scope, self.blocks)] * 4
            forms += [lambda: f"({self.call(scope, self.blocks)} * {self.count(scope)})"]
        return self.random.choice(forms)()

    def spend(self, kind: str) -> bool:
        """Whether there is a choice left for a case of `kind`, which is then used."""
        if not self.choices:
            return False
        self.choices -= 1
        self.kinds.add(kind)
        return True

    def call(self, scope: Scope, blocks: list[tuple[str, str, Parameters]]) -> str:
        """A call of a block with one input."""
        name, kind, parameters = self.random.choice(blocks)
        self.kinded(kind)
        given = [
            f"{parameter} = {self.value(scope, its) if self.maybe(0.5) else self.pick(*VALUES[its])}"
            for parameter, its in parameters.items()
            if not parameter.endswith("_") or self.maybe(0.4)  # it has a default
        ]
        return f"{name}({', '.join(given)})" if given or self.maybe(0.5) else name

    # --- tensors -----------------------------------------------------------------------------------------------

    def tensor(self, scope: Scope) -> str:
        """A tensor of the type of x, perhaps chosen."""
        names = self.random.sample(scope.same, min(len(scope.same), 3))
        if len(names) > 1 and self.maybe(0.5):
            return self.oneof("input", names)
        return names[0]
