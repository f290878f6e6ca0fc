"""Writes the definitions of random spaces: blocks, cells, variants, functions, constants, and the network."""

from __future__ import annotations

from tests.space.random_bodies import Bodies
from tests.space.random_text import KINDS, VALUES, Parameters, Scope

PLAIN = {**VALUES, "width": ("4", "8"), "stage": ("relu", "conv(8)"), "stages": ("[relu, silu]", "[id, sigmoid]")}


class Definitions(Bodies):
    """A whole spec."""

    def parameters(self, most: int) -> tuple[Parameters, str]:
        """Parameters by kind, and as they are written; those that end in `_` have a default."""
        names: Parameters = {}
        written = []
        for number in range(self.random.randrange(most + 1)):
            kind = self.pick(*KINDS)
            default = ""
            if self.maybe(0.3):
                default = self.default(kind)
            name = f"{kind}{number}{'_' if default else ''}"
            names[name] = kind
            written.append(f"{name} = {default}" if default else name)
        ordered = sorted(written, key=lambda text: "=" in text)
        return names, ", ".join(ordered)

    def default(self, kind: str) -> str:
        """A default, or the value of a constant: no tensor is near."""
        options = [text for text in PLAIN[kind] if "x." not in text]
        return self.oneof("default", options) if len(options) > 1 and self.maybe(0.5) else options[0]

    def body(self, scope: Scope, kind: str, least: int, most: int) -> list[str]:
        lines = self.several(scope, least, most)
        if kind == "block" and self.maybe(0.2):
            lines += self.returns(scope)
        loose = ("loose() -> concat -> conv(x.channels)", "[x] + loose() -> concat -> conv(x.channels)")
        results = ["x", "x", "x", f"x -> {self.stage(scope, 1)}", self.tensor(scope)]
        if kind == "cell" and self.maybe(0.3):
            self.kinded("loose")
            use = self.pick(
                "y -> conv(y.channels, 3) -> conv(x.channels)", "y -> (conv(x.channels) if y.channels > 8 else relu)"
            )
            tail = " -> conv(x.channels)" if "relu" in use else ""
            return [*lines, "y = loose() -> concat", f"return {use}{tail}"]
        if kind == "cell":
            results = [*loose, "loose(true) -> concat -> conv(x.channels)".replace("true", "inputs = true"), "x"]
        result = self.random.choice(results)
        self.kinded(*(["loose"] if "loose" in result else []))
        return [*lines, f"return {result}"]

    def block(self, number: int) -> str:
        kind = self.pick("block", "block", "cell")
        name = f"{self.pick('unit', 'part') if kind == 'block' else 'cell'}{number}"
        names, written = self.parameters(2)
        lines = self.body(Scope(names), kind, 1, 2)
        if self.maybe(0.3):
            lines = [f"return x -> {self.stage(Scope(names), 2)}"]
        self.blocks.append((name, kind, names))
        return self.braced(f"{kind} {name}(x{'; ' + written if written else ''})", lines)

    def braced(self, head: str, lines: list[str]) -> str:
        return f"{head} {{\n" + "".join(f"    {line}\n" for line in lines) + "}"

    def strided(self, number: int) -> str:
        """A cell that offers other options at other arguments: to keep x only where the size stays."""
        name = f"strided{number}"
        options = ["conv(x.channels, 1, stride)", "max_pool(3, stride)"]
        more = self.pick("[id] if stride == 1 else []", f"[{self.free()}] if stride == 1 else []")
        if not self.spend("other options"):
            return self.block(number)
        self.changing.append((name, "cell", {}))
        lines = [f"ops = [{', '.join(options[: self.random.randrange(1, 3)])}] + ({more})", "return x -> oneof(ops)"]
        return self.braced(f"cell {name}(x; stride = 1)", lines)

    def residual(self, number: int) -> str:
        """A block that takes a stage."""
        name = f"residual{number}"
        lines = [self.pick("return x -> id + body", "return (x -> body) + x", "return [x, x -> body] -> mean")]
        self.blocks.append((name, "block", {"body": "stage"}))
        return self.braced(f"block {name}(x; body)", lines)

    def recursive(self, number: int) -> str:
        name = f"again{number}"
        step = self.stage(Scope({"n": "count"}), 1)
        self.blocks.append((name, "block", {"n": "count"}))
        return f"block {name}(x; n) = x if n <= 0 else x -> {step} -> {name}(n - 1)"

    def function(self, number: int) -> str:
        kind = self.pick("width", "kernel", "stage", "count")
        options = [text for text in PLAIN[kind] if "x." not in text]
        if self.maybe(0.5):
            given, other = self.random.sample(options, 2) if len(options) > 1 else options * 2
            self.functions.append((f"made{number}({given})", kind))
            return f"fn made{number}(n) = {self.oneof('fn', ['n', other])}"
        self.functions.append((f"made{number}()", kind))
        return f"fn made{number}() = {self.oneof('fn', options)}"

    def constant(self, number: int) -> str:
        kind = self.pick("width", "kernel", "count", "stages", "widths")
        options = [text for text in PLAIN[kind] if "x." not in text]
        if kind == "stages" and self.maybe(0.5):
            value = f"[relu, {self.oneof('constant', ['silu', 'tanh'])}]"
        else:
            value = self.oneof("constant", options)
        self.constants.append((f"C{number}", kind))
        return f"C{number} = {value}"

    def variant(self, number: int) -> str:
        if not self.blocks:
            return self.block(number)
        base, kind, names = self.random.choice(self.blocks)
        self.kinded("variant")
        given = [f"{n} = {self.default(its)}" for n, its in names.items() if self.maybe(0.5)]
        rest = {n: its for n, its in names.items() if not any(text.startswith(f"{n} =") for text in given)}
        self.blocks.append((f"variant{number}", kind, rest))
        return f"{kind} variant{number} = {base}({', '.join(given)})"

    def pair(self, number: int) -> str:
        """A cell of two inputs, one of which may be left alone."""
        name = f"pair{number}"
        scope = Scope({}, ("x", "p"))
        lines = self.several(scope, 1, 2)
        if self.spend("input"):
            lines.append(f"y = oneof([{', '.join(scope.same[:3])}]) -> {self.stage(scope, 1)}")
        else:
            lines.append("y = x -> relu")
        lines.append(
            self.pick("return loose() -> concat -> conv(x.channels)", "return x + y", "return y", "return p + y")
        )
        self.changing.append((name, "pair", {}))
        return self.braced(f"cell {name}(x, p)", lines)

    def stepped(self, number: int) -> str:
        name = f"rnn{number}"
        act = self.oneof("scan", ["tanh", "sigmoid"])
        out = self.pick("linear(d)", f"({self.oneof('scan', ['linear(d)', '(linear(d) -> linear(d))'])})")
        self.changing.append((name, "scan", {}))
        return f"block {name}(e, h: [d]; d) = [e, h] -> concat -> {out} -> {act}"

    # --- network -----------------------------------------------------------------------------------------------

    def spec(self) -> str:
        makers = [self.block, self.block, self.block, self.strided, self.residual, self.recursive, self.function]
        makers += [self.constant, self.variant, self.variant, self.pair, self.stepped]
        definitions = [self.random.choice(makers)(number) for number in range(self.random.randrange(0, 4))]
        scope = Scope()
        lines = self.featured(scope, 3)
        for name, kind, names in self.blocks:
            if not any(name in line for line in (*definitions, *lines) if not line.startswith(f"{kind} {name}")):
                lines += self.called(scope, name, kind, names)
        for name, kind, _ in self.changing:
            lines += self.used(scope, name, kind)
        if self.maybe(0.3):
            lines += [f"x = x -> conv({self.width(scope)}, 3, {self.pick('1', '2')})", "y = x -> bn"]
            scope.same = ["x", "y"]
            lines += self.several(scope, 0, 1, "network")
        result = self.pick(
            "x", "x", "x -> global_avg_pool -> linear(3)", "x, x -> relu", f"x -> {self.stage(scope, 1)}"
        )
        size, parameters = "8", ""
        if self.maybe(0.05):
            size, parameters = "size", f"; size = {self.oneof('size', ['8', '4'])}"
        inputs = f"x: [{self.pick('4', '8')}, {size}, {size}]" + (", q: [2, 3]" if self.maybe(0.05) else "")
        network = self.braced(f"network net({inputs}{parameters})", [*lines, f"return {result}"])
        return "\n".join([*definitions, network])

    def called(self, scope: Scope, name: str, kind: str, names: Parameters) -> list[str]:
        """Calls of a block: alike, with other arguments, or repeated."""
        calls = [self.call(scope, [(name, kind, names)]) for _ in range(self.random.randrange(1, 4))]
        if self.maybe(0.4):
            calls = [calls[0]] * len(calls)
        if self.maybe(0.3):
            calls[0] = f"{calls[0]} * {self.count(scope)}"
        return [f"x = x -> {' -> '.join(calls)}"]

    def used(self, scope: Scope, name: str, kind: str) -> list[str]:
        """A call of what does not go from x to the type of x."""
        self.kinded(kind)
        if kind == "cell":
            scope.same = ["x"]
            calls = [f"{name}()", f"{name}(2)", f"{name}(stride = 2)", f"{name}()"]
            return [f"x = x -> {self.pick(*calls)} -> {self.pick(*calls)}"]
        if kind == "pair":
            others = self.tensor(scope)
            if self.maybe(0.5):
                step = [f"for _ in range({self.pick('1', '2')}) {{", f"    h, p = [h, p] -> {name}, h", "}"]
                return ["h, p = x, x", *step, "x = h"]
            return [f"x = [x, {others}] -> {name}"]
        scope.same = ["x"]
        return [f"x = x -> flatten(1) -> transpose -> scan({name}({self.width(scope)})) -> transpose"]
