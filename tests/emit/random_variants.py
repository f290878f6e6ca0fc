"""Random specs whose blocks are called with arguments that change their structure in every way the language has."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from archdsl.diagnostics.model import ArchError
from archdsl.elaborate.decisions import Decisions
from archdsl.elaborate.spec import Spec
from archdsl.network import Network, from_spec
from archdsl.source import Source

Words = dict[str, str]  # the parameters in scope: name and kind

WEIGHTED = (
    "conv(x.channels)",
    "conv(x.channels, 3)",
    "conv(x.channels, 3, bias = false)",
    "conv(x.channels, 5, groups = 2)",
    "depthwise(3)",
    "bn",
    "bn(1e-3)",
    "group_norm(2)",
    "prelu",
    "prelu(true)",
    "layer_norm",
    "with_token(1)",
    "with_token(3)",
)
FREE = (
    "relu",
    "gelu",
    "sigmoid",
    "tanh",
    "max_pool(3, 1)",
    "avg_pool(3, 1)",
    "dropout(0.1)",
    "channel_shuffle(2)",
    "upsample(1)",
    "id",
)
LABELS = ("y", "a", "b", "conv", "g", "half", "to", '"a.b"', '"a.conv"', '"0"', '"layers.0"', '"g.conv"', '"y.bn"')
ONE_PART = ("split(1)", "chunk(1)", "split([x.channels])", "split(1, axis = -1)", "parted(1)", "drop_path(0)")
KINDS = ("stage", "stage", "stage", "int", "bool", "width", "kernel", "maker", "list", "word", "parts")
NAMES = ("y", "z", "a", "conv", "g2", "s", "out")
VALUES = {
    "int": ("0", "1", "2", "3"),
    "bool": ("true", "false"),
    "width": ("4", "8", "12", "x.channels", "2 * x.channels"),
    "kernel": ("1", "3", "5"),
    "stride": ("1", "1", "2"),
    "parts": ("1", "1", "2", "4"),
    "maker": ("conv", "made", "made_twice"),
    "list": ("[]", "[3]", "[1, 3]", "[3, 5, 3]"),
    "word": ('"relu"', '"gelu"', '"none"'),
    "size": ("x.height * x.width",),
    "channels": ("x.channels",),
}


class Writer:
    """Writes one spec. Most stages keep the type of their operand, so most random specs are accepted."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.blocks: list[tuple[str, Words]] = []  # from [C, H, W] to the same
        self.pairs: list[tuple[str, Words]] = []  # from two to two
        self.cells: list[tuple[str, Words]] = []  # to be scanned
        self.halving: list[tuple[str, Words]] = []  # with a stride
        self.sources: list[tuple[str, Words]] = []  # without inputs

    def maybe(self, share: float) -> bool:
        return self.random.random() < share

    def pick(self, *texts: str) -> str:
        return self.random.choice(texts)

    def named(self, words: Words, kind: str, otherwise: str) -> str:
        """A parameter of this kind, mostly, if there is one."""
        names = [name for name, its in words.items() if its == kind]
        return self.random.choice(names) if names and self.maybe(0.8) else otherwise

    # --- stages ------------------------------------------------------------------------------------------------

    def stage(self, depth: int, words: Words) -> str:
        """A stage that keeps the type of its operand."""
        choice = self.random.random()
        if "stage" in words.values() and choice < 0.2:
            return self.named(words, "stage", "id")
        if not depth or choice < 0.4:
            return self.pick(*(WEIGHTED if self.maybe(0.6) else FREE))
        one, two = self.stage(depth - 1, words), self.stage(depth - 1, words)
        forms: tuple[Callable[[], str], ...] = (
            lambda: f"({one} -> {two})",
            lambda: f"({one} -> {two})",
            lambda: (
                f"(conv({self.named(words, 'width', '12')}) -> {self.pick('relu', 'bn', 'id')} -> conv(x.channels))"
            ),
            lambda: f"conv(x.channels, {self.named(words, 'kernel', '3')})",
            lambda: f"([{one}, {two}] -> {self.pick('add', 'concat -> conv(x.channels)', 'mean', 'maximum')})",
            lambda: f"({one} as {self.pick(*LABELS)})",
            lambda: f"(({one} -> {two}) as {self.pick(*LABELS)})",
            lambda: f"({one} * {self.named(words, 'int', self.pick('0', '1', '2', '3'))})",
            lambda: f"(id {self.pick('+', '*', '-')} {one})",
            lambda: f"(id * (global_avg_pool -> conv(x.channels) -> {self.pick('sigmoid', 'tanh')}))",
            lambda: f"(id + {one} * 0.5)",
            lambda: f"({one} if {self.condition(words)} else {two})",
            lambda: f"oneof([{one}, {two}])",
            lambda: f"{self.named(words, 'maker', 'made')}(x.channels)",
            lambda: f"(made({self.named(words, 'width', '6')}) -> conv(x.channels))",
            lambda: f"({self.activation(words)} -> {one})",
            lambda: f"({self.pick(*ONE_PART)} -> {one})",
            lambda: f"({self.cut(words)} -> concat -> {one})",
            lambda: self.call(self.blocks, words) if self.blocks else two,
            lambda: self.call(self.blocks, words) if self.blocks else one,
        )
        return self.random.choice(forms)()

    def cut(self, words: Words) -> str:
        """A stage that gives a list of one part or more."""
        return f"{self.pick('split', 'chunk', 'parted')}({self.named(words, 'parts', self.pick('1', '2'))})"

    def activation(self, words: Words) -> str:
        word = self.named(words, "word", '"relu"')
        return f'(relu if {word} == "relu" else gelu if {word} == "gelu" else id)'

    def condition(self, words: Words) -> str:
        name = self.random.choice([n for n, k in words.items() if k not in ("stage", "maker")] or ["x.channels"])
        if words.get(name) == "bool":
            return name
        if words.get(name) == "word":
            return f'{name} {self.pick("==", "!=")} "relu"'
        if words.get(name) == "list":
            return f"len({name}) {self.pick('==', '>')} 1"
        return f"{name} {self.pick('==', '>', '!=')} {self.pick('1', '2', '8')}"

    def call(self, blocks: list[tuple[str, Words]], words: Words) -> str:
        """A call of one of `blocks`; parameters are passed on or given values."""
        name, parameters = self.random.choice(blocks)
        given = []
        for parameter, kind in parameters.items():
            value = self.stage(2, words) if kind == "stage" else self.pick(*VALUES[kind])
            given.append(f"{parameter} = {self.named(words, kind, value) if self.maybe(0.6) else value}")
        return f"{name}({', '.join(given)})"

    # --- statements --------------------------------------------------------------------------------------------

    def statements(self, words: Words, depth: int = 1) -> list[str]:
        """A few statements that change x or y."""
        target, one, two = self.pick("x", "x", "y"), self.stage(2, words), self.stage(2, words)
        forms: list[Callable[[], list[str]]] = [
            lambda: [f"{target} = x -> {one}"],
            lambda: [f"{target} = x -> {one} as {self.pick(*LABELS)}"],
            lambda: [f"{target} = x -> {one} if {self.condition(words)} else x -> {two}"],
            lambda: [f"{target} = x -> {one} if {self.condition(words)} else x"],
            lambda: [f"{target} = {self.pick('x + y', 'x * y', '[x, y] -> concat -> conv(x.channels)', 'y', 'x - y')}"],
            lambda: ["p, q = x -> split(2)", f"{target} = [p -> {self.pick(*FREE)}, q] -> concat"],
            lambda: self.parts(words, target),
            lambda: self.two(one, two, target),
            lambda: [f'{target} = x * learned([x.channels, 1, 1], "normal") + {self.pick("x", "y")}'],
            lambda: self.shared(words, target),
            lambda: self.along(words, target),
        ]
        if self.pairs:
            forms += [lambda: [f"x, y = [x, y] -> {self.call(self.pairs, words)}"]]
        if self.sources:
            forms += [lambda: [f"{target} = x + {self.call(self.sources, words)}"]]
        if self.cells:
            forms += [
                lambda: [f"{target} = x -> flatten(1) -> scan({self.call(self.cells, words)}) -> reshape(x.shape)"]
            ]
        if depth:
            forms += [lambda: self.branches(words)] * 2 + [lambda: self.repeated(words)]
        return self.random.choice(forms)()

    def two(self, one: str, two: str, target: str) -> list[str]:
        first, second = self.random.sample(NAMES, 2)
        return [f"{first} = x -> {one}", f"{second} = y -> {two}", f"{target} = {first} + {second}"]

    def parts(self, words: Words, target: str) -> list[str]:
        """What is done with the parts of a list, which may be one."""
        cut, count = self.cut(words), self.named(words, "parts", self.pick("1", "2"))
        uses = (
            [f"{target} = x -> {cut} -> {self.pick('mean', 'add', 'maximum', 'concat')} -> conv(x.channels)"],
            [f"{target} = (x -> {cut})[{self.pick('0', '-1')}] -> conv(x.channels)"],
            [f"{target} = [p -> {self.pick(*FREE)} for p in x -> {cut}] -> concat"],
            [f"{target} = [x for i in range({count})] -> stack -> unbind -> mean"],
            [
                f"ps = x -> {cut}",
                "ys = [ps[0]]",
                "for p in ps[1:] { ys = ys + [p + ys[-1] -> conv(p.channels, 3)] }",
                f"{target} = ys -> concat",
            ],
        )
        return self.random.choice(uses)

    def shared(self, words: Words, target: str) -> list[str]:
        name = f"{self.pick(*NAMES)}{self.random.randrange(3)}"
        uses = self.pick(f"x -> {name} -> {name}", f"(x -> {name}) + (y -> {name})", f"x -> {name}")
        other = f" if {self.condition(words)} else x" if self.maybe(0.4) else ""
        label = f" as {self.pick(*LABELS)}" if self.maybe(0.3) else ""
        return [f"shared {name} = {self.stage(1, words)}{label}", f"{target} = {uses}{other}"]

    def branches(self, words: Words) -> list[str]:
        inner = "; ".join(self.statements(words, 0))
        if self.maybe(0.2):
            inner += "; return x"
        other = f" else {{ {'; '.join(self.statements(words, 0))} }}" if self.maybe(0.5) else ""
        return [f"if {self.condition(words)} {{ {inner} }}{other}"]

    def along(self, words: Words, target: str) -> list[str]:
        """Over a list of kernels: in a row, with labels or without, or side by side."""
        kernels = self.named(words, "list", "[1, 3]")
        label = self.pick("", ' as "k{k}_{i}"', ' as "along{i}"')
        if self.maybe(0.3):
            return [
                f"{target} = x + ([x] + [x -> conv(x.channels, k){label.replace('_{i}', '').replace('{i}', '{k}')}"
                f" for k in {kernels}] -> add)"
            ]
        return [f"for i, k in enumerate({kernels}) {{ {target} = x -> conv(x.channels, k){label} }}"]

    def repeated(self, words: Words) -> list[str]:
        return [f"for i in range({self.named(words, 'int', '2')}) {{ {'; '.join(self.statements(words, 0))} }}"]

    # --- definitions -------------------------------------------------------------------------------------------

    def parameters(self, *more: str) -> Words:
        kinds = [self.pick(*KINDS) for _ in range(self.random.randrange(1, 4))]
        return {f"{kind[0]}{i}_": kind for i, kind in enumerate([*kinds, *more])}

    def block(self, number: int) -> str:
        words = self.parameters()
        kind, name = ("cell", "part") if self.maybe(0.15) else ("block", self.pick("f", "unit", "part"))
        head = f"{kind} {name}{number}(x; {', '.join(words)})"
        if self.maybe(0.3):
            body = f" = x -> {self.stage(3, words)}"
        else:
            results = ("x", "x", "x + y", "[x, y] -> concat -> conv(x.channels)", "y")
            loose = ("loose() -> concat -> conv(x.channels)",) * 3 if kind == "cell" else ()
            body = self.body(words, self.pick(*results, *loose))
        self.blocks.append((f"{name}{number}", words))
        return head + body

    def body(self, words: Words, result: str, first: str = "y = x") -> str:
        lines = [line for _ in range(self.random.randrange(1, 4)) for line in self.statements(words)]
        return f" {{\n    {first}\n" + "".join(f"    {line}\n" for line in lines) + f"    return {result}\n}}"

    def pair(self, number: int) -> str:
        words = self.parameters()
        text = f"block pair{number}(x, y; {', '.join(words)})" + self.body(
            words, self.pick("x, y", "y, x + y", "x, x"), "z = y"
        )
        self.pairs.append((f"pair{number}", words))
        return text

    def halved(self, number: int) -> str:
        words = self.parameters("stride")
        stride = next(n for n, kind in words.items() if kind == "stride")
        one, two, three = (self.stage(2, words) for _ in range(3))
        skip = self.pick(
            f"x -> {one} if {stride} == 1 else x -> avg_pool(2) -> {two}",
            f"x if {stride} == 1 else x -> conv(x.channels, 1, {stride}) -> {one}",
            f"x -> max_pool({stride}) -> {one}",
        )
        lines = f"    s = {skip}\n    y = x -> conv(x.channels, 3, {stride}) -> {three}\n    return y + s\n"
        self.halving.append((f"down{number}", words))
        return f"block down{number}(x; {', '.join(words)}) {{\n{lines}}}"

    def cell(self, number: int) -> str:
        words = {"n": "size", **{n: k for n, k in self.parameters().items() if k != "kernel"}}
        one = self.pick("tanh", "linear(n)", "(relu -> linear(n))", "(linear(n) as gate -> sigmoid)")
        two = self.pick("tanh", "linear(n)", "(relu -> linear(n))", "id")
        made = f"[e, h] -> concat -> linear(n) -> ({one} if {self.condition(words)} else {two})"
        made += self.pick("", "", " -> split(1)", " -> chunk(1) -> relu")
        self.cells.append((f"cell{number}", words))
        return f"block cell{number}(e, h: [n]; {', '.join(words)}) = {made}".replace("x.channels", "n")

    def recursive(self, number: int) -> str:
        words = {"n": "int", **self.parameters()}
        one, two = (self.stage(2, words) for _ in range(2))
        again = f"again{number}(n = n - 1, {', '.join(f'{name} = {name}' for name in words if name != 'n')})"
        body = (
            f"x -> {one} if n <= 0 else x -> {self.pick(f'{again} -> {two}', f'{two} -> {again}', f'(id + {again})')}"
        )
        self.blocks.append((f"again{number}", words))
        return f"block again{number}(x; {', '.join(words)}) = {body}"

    def source(self, number: int) -> str:
        words = {"c": "channels", **{n: k for n, k in self.parameters().items() if k not in ("stage", "kernel")}}
        one, two = (self.pick("learned([c, 1, 1])", "(learned([c, 1, 1]) -> bn -> relu)") for _ in range(2))
        self.sources.append((f"bias{number}", words))
        return f"block bias{number}(; {', '.join(words)}) = {one} if {self.condition(words)} else {two}".replace(
            "x.channels", "c"
        )

    def spec(self) -> str:
        makers = [self.block, self.block, self.block, self.pair, self.halved, self.cell, self.source, self.recursive]
        definitions = [self.block(0)]
        definitions += [self.random.choice(makers)(number) for number in range(1, self.random.randrange(1, 5))]
        lines = ["y = x"]
        for _ in range(self.random.randrange(2, 6)):
            label = f" as part{self.random.randrange(9)}" if self.maybe(0.15) else ""
            repeat = f" * {self.random.randrange(1, 3)}" if self.maybe(0.15) else ""
            lines.append(f"{self.pick('x', 'x', 'y')} = x -> {self.call(self.blocks[-2:], {})}{repeat}{label}")
            if self.halving:
                lines += [f"x = x -> {self.call(self.halving, {})}", "y = x"]
            elif self.maybe(0.3):
                lines += [f"x = x -> conv({self.pick('4', '8', '12')}, 1)", "y = x"]
            if self.pairs and self.maybe(0.7):
                lines.append(f"x, y = [x, y] -> {self.call(self.pairs, {})}")
        network = "network net(x: [8, 8, 8]) {\n" + "".join(f"    {line}\n" for line in lines)
        made = "block made(x; out) = x -> conv(out) -> bn\nblock made_twice(x; out) = x -> made(out) -> made(out)"
        made += "\nblock with_token(x; n) = [learned([n, x.height, x.width]), x] -> concat -> conv(x.channels)"
        made += "\nblock parted(x; n) = x -> split(n)"
        outputs = self.pick("x, y", "x, y", "x, y", "x -> split(1)", "(x -> parted(1))[0], y", "(x -> split(2)) + [y]")
        return "\n".join([made, *definitions, network + f"    return {outputs}\n}}\n"])


def spec(seed: int) -> str:
    """The text of a spec."""
    return Writer(seed).spec()


class Drawn(Decisions):
    """Answers by a draw of their own for the name of each decision, so that the order of asking changes nothing."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.seed = seed

    def pick(self, name: str, options: tuple[str, ...]) -> int:
        """Any option."""
        return Random(f"{self.seed} {name}").randrange(len(options))


def elaborated(text: str, seed: int) -> Network | None:
    """The network of a random spec, its choices drawn; None if it is refused."""
    try:
        return from_spec(Spec(Source("<text>", text)), picks=Drawn(seed))
    except ArchError:
        return None
