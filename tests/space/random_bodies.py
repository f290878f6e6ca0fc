"""Writes the statements of random spaces: what is done with tensors, in a row, in loops and under conditions."""

from __future__ import annotations

from collections.abc import Callable

from tests.space.random_text import Expressions, Scope


class Bodies(Expressions):
    """Statements that leave x of the type that it had, but for those that are said to change it."""

    waits = False  # whether blocks get their arguments in several calls

    def forms(self, depth: int, where: str) -> list[Callable[[Scope], list[str]]]:
        """What can be written; `returns` stands where nothing else has to follow."""
        forms: list[Callable[[Scope], list[str]]] = [
            self.onward,
            self.onward,
            self.aside,
            self.number,
            self.number,
            self.list_first,
            self.only_untaken,
            self.optional_edge,
            self.edges,
            self.from_states,
            self.trellis,
            self.some,
            self.some,
            self.shared,
            self.width_of_chosen,
            self.chosen_block,
            self.along,
            self.along,
            self.swapped,
            self.misfit,
            self.split,
            self.twice,
            self.alike,
            self.from_lists,
        ]
        forms += [self.waiting] * 6 if self.waits else []
        if depth:
            forms += [self.branches, self.branches, self.repeated, self.repeated, self.unset, self.interpolated]
            forms += [self.returns] if where == "block" else []
        return forms

    def statements(self, scope: Scope, depth: int = 1, where: str = "block") -> list[str]:
        return self.random.choice(self.forms(depth, where))(scope)

    def featured(self, scope: Scope, most: int) -> list[str]:
        """Statements of different forms."""
        forms = self.random.sample(self.forms(1, "network"), self.random.randrange(1, most + 1))
        return [line for form in forms for line in form(scope)]

    def several(self, scope: Scope, least: int, most: int, where: str = "block") -> list[str]:
        count = self.random.randrange(least, most + 1)
        return [line for _ in range(count) for line in self.statements(scope, 1, where)]

    # --- tensors -----------------------------------------------------------------------------------------------

    def onward(self, scope: Scope) -> list[str]:
        source = self.pick("x", "x", self.tensor(scope))
        return [f"x = {source} -> {self.stage(scope, 2)}"]

    def aside(self, scope: Scope) -> list[str]:
        """A tensor beside x, which may or may not be used."""
        name = scope.new("t")
        line = f"{name} = {self.tensor(scope)} -> {self.stage(scope, 2)}"
        scope.same.append(name)
        return [line, f"x = x + {name}"] if self.maybe(0.7) else [line]

    def number(self, scope: Scope) -> list[str]:
        """A value with a name, to be used later, or passed on, or not at all."""
        kind = self.pick("width", "width", "kernel", "count", "flag", "stage", "stage", "stages", "widths")
        name, line = scope.new(kind[0]), self.value(scope, kind)
        scope.names[name] = kind
        return [f"{name} = {line}"]

    def list_first(self, scope: Scope) -> list[str]:
        """Options that have a name before they are chosen from."""
        name = scope.new("ops")
        options = [self.stage(scope, 1), self.leaf(scope), self.free()]
        if not self.spend("named list"):
            return self.onward(scope)
        lines = [f"{name} = [{', '.join(options)}]", f"x = x -> oneof({name})"]
        if self.maybe(0.3) and self.spend("named list"):
            lines.append(f"x = x + (x -> oneof({name}))")
        return lines

    def only_untaken(self, scope: Scope) -> list[str]:
        """A choice whose value reaches one option only."""
        name = scope.new("w")
        inner = self.oneof("untaken", ["4", "8"])
        option = self.pick(f"conv({name}) -> conv(x.channels)", f"(relu -> conv({name}, 3)) -> conv(x.channels)")
        return [f"{name} = {inner}", f"x = x -> {self.oneof('op', [f'({option})', self.leaf(scope)])}"]

    def optional_edge(self, scope: Scope) -> list[str]:
        name = scope.new("edges")
        sources = [f"[{self.tensor(scope)}]", f"[x -> {self.stage(scope, 1)}]"]
        edges = " + ".join([sources[0], *(self.oneof("optional", ["[]", source]) for source in sources)])
        join = self.pick("add", "mean", "concat -> conv(x.channels)", "maximum")
        return [f"{name} = {edges}", f"x = {name} -> {join}"]

    def edges(self, scope: Scope) -> list[str]:
        """Nodes that take any of those before them, as macro spaces have it."""
        name, i = scope.new("nodes"), scope.new("i")
        edge = self.oneof("optional", ["[]", f"[{name}[0]]"])
        return [
            f"{name} = [{self.tensor(scope)}]",
            f"for {i} in range(2) {{",
            f"    {name} = {name} + [[{name}[{i}]] + {edge} -> add -> {self.leaf(scope)}]",
            "}",
            f"x = {name}{self.pick('[2]', '[-1]', '[1:] -> add').replace('[1:] -> add', '[2]')}",
        ]

    def from_states(self, scope: Scope) -> list[str]:
        """Nodes on chosen earlier ones, through chosen ops."""
        name, i = scope.new("states"), scope.new("i")
        if not self.spend("input"):
            return self.onward(scope)
        line = f"oneof({name}) -> {self.stage(scope, 1)}"
        if self.maybe(0.4):
            line = f"({line}) + ({name}[-1] -> {self.free()})"
        start = f"{name} = [{', '.join(scope.same[:2])}]"
        if self.maybe(0.4):
            return [start, f"{name} = {name} + [{line}]", f"x = {name} -> {self.pick('add', 'mean')}"]
        return [start, f"for {i} in range({self.pick('1', '2')}) {{", f"    {name} = {name} + [{line}]", "}",
                f"x = {name}[-1]"]  # fmt: skip

    def trellis(self, scope: Scope) -> list[str]:
        if self.choices < 3:
            return self.onward(scope)
        self.choices -= 3
        self.kinded("trellis")
        name, levels = scope.new("level"), scope.new("levels")
        steps, size = self.pick("2", "3"), self.pick("2", "3")
        step = f"{name} = oneof([l for l in [{name} - 1, {name}, {name} + 1] if l in range({size})])"
        use = self.pick(
            f"x = x -> {levels}[{name}]",
            f"if {name} > 0 {{ x = x -> conv(x.channels) }}",
            f"x = x -> conv(4 * {name} + 4) -> conv(x.channels)",
            f"x = x -> relu * {name}",
        )
        lines = [f"{name} = {self.pick('0', '1')}", f"{levels} = [relu, bn, conv(x.channels)]"]
        inside = self.maybe(0.4)
        return [*lines, f"for _ in range({steps}) {{", f"    {step}", *([f"    {use}"] if inside else []), "}",
                *([] if inside else [use])]  # fmt: skip

    def some(self, scope: Scope) -> list[str]:
        """Several of a list: of stages, or of tensors."""
        if not self.spend("someof"):
            return self.onward(scope)
        join = self.pick("add", "mean", "concat -> conv(x.channels)")
        count = self.oneof("depth", ["1", "2"]) if self.maybe(0.15) else self.pick("2", "2", "1")
        if self.maybe(0.5):
            stages = f"[{self.stage(scope, 1)}, {self.leaf(scope)}, {self.free()}]"
            return [f"x = x -> someof({stages if self.maybe(0.7) else self.stages(scope)}, {count}) -> {join}"]
        name = scope.new("states")
        states = [
            *self.random.sample(scope.same, min(2, len(scope.same))),
            f"x -> {self.leaf(scope)}",
            f"x -> {self.leaf(scope)}",
        ]
        return [f"{name} = [{', '.join(states)}]", f"x = someof({name}, {count}) -> {join}"]

    def shared(self, scope: Scope) -> list[str]:
        name = scope.new("f")
        self.kinded("shared")
        stage = self.pick(
            f"conv(x.channels, {self.kernel(scope)})",
            self.oneof("op", ["conv(x.channels)", "conv(x.channels, 3)"]),
            f"conv({self.width(scope)}) -> {self.free()} -> conv(x.channels)",
        )
        if self.blocks and self.maybe(0.5):
            stage = self.call(scope, self.blocks)
        if self.maybe(0.2):
            self.kinded("condition")
            other = f"x -> conv({self.width(scope)}) -> {name}" if self.maybe(0.5) else f"x -> {self.free()} -> {name}"
            lines = [f"shared {name} = {stage}", f"if {self.condition(scope)} {{", f"    x = x -> {name}", "} else {"]
            return [*lines, f"    x = {other} -> conv(x.channels)", "}"]
        use = self.pick(f"x -> {name} -> {name}", f"(x -> {name}) + (x -> relu -> {name})", f"x -> {name}")
        again = f" if {self.condition(scope)} else x" if self.maybe(0.3) else ""
        return [f"shared {name} = {stage}", f"x = {use}{again}"]

    def width_of_chosen(self, scope: Scope) -> list[str]:
        """What is chosen has a number of channels that is read."""
        name, t = scope.new("t"), scope.new("t")
        options = [f"x -> conv({self.width(scope)})", f"x -> {self.pick('conv(6)', 'conv(4, 3)', 'relu')}"]
        if not self.choices:
            return self.onward(scope)
        use = self.pick(
            f"x = x -> conv({name}.channels) -> conv(x.channels)",
            f"x = x -> (conv(x.channels) if {name}.channels > 4 else relu)",
            f"x = [x, {name}] -> concat -> conv(x.channels)",
            f"x = [x, {name} -> relu] -> concat -> conv({name}.channels) -> conv(x.channels)",
        )
        lines = [f"{t} = {options[1]}", f"{name} = {self.oneof('attribute', [options[0], t])}"]
        return [*lines, use]

    def chosen_block(self, scope: Scope) -> list[str]:
        """Blocks are chosen by their words, and called with arguments afterwards."""
        alike = [name for name, _, its in self.blocks if not its]
        if len(alike) < 2 or not self.choices:
            return self.onward(scope)
        return [f"x = x -> {self.oneof('word', self.random.sample(alike, 2))}()"]

    def waiting(self, scope: Scope) -> list[str]:
        """A block that is given its arguments in two calls."""
        known = [(name, its) for name, _, its in self.blocks if any(not each.endswith("_") for each in its)]
        if not known:
            return self.onward(scope)
        self.kinded("waiting")
        block, parameters = self.random.choice(known)
        required = [each for each in parameters if not each.endswith("_")]
        later = self.random.sample(required, self.random.randrange(1, len(required) + 1))
        early = [
            f"{each} = {self.value(scope, its)}"
            for each, its in parameters.items()
            if each not in later and (each in required or self.maybe(0.4))
        ]
        by_name = self.maybe(0.5)
        if not by_name:
            later = [each for each in required if each in later]
        last = [(f"{each} = " if by_name else "") + self.value(scope, parameters[each]) for each in later]
        name = scope.new("w")
        lines = [f"{name} = {block}({', '.join(early)})"]
        if self.maybe(0.3):
            return [*lines, f"for _ in range({self.pick('1', '2')}) {{", f"    x = x -> {name}({', '.join(last)})", "}"]
        return [*lines, f"x = x -> {name}({', '.join(last)})"]

    def along(self, scope: Scope) -> list[str]:
        """Over a list of stages or widths, which may be chosen or filtered."""
        name, i = scope.new("k"), scope.new("i")
        self.kinded("loop")
        forms = (
            lambda: [f"for {name} in {self.widths(scope)} {{", f"    x = x -> conv({name}) -> conv(x.channels)", "}"],
            lambda: [f"for {name} in {self.stages(scope)} {{", f"    x = x -> {name}", "}"],
            lambda: [f"for {i}, {name} in enumerate({self.stages(scope)}) {{",
                     f"    x = x -> {name} if {i} < {self.count(scope)} else x -> relu", "}"],
            lambda: [f"x = [x -> conv({name}) -> conv(x.channels) for {name} in {self.widths(scope)}] -> add"],
            lambda: [f"x = x -> [({name} -> {self.stage(scope, 0)}) for {name} in {self.stages(scope)}] -> mean"],
            lambda: [f"for {name}, {i} in zip({self.widths(scope)}, [1, 2]) {{",
                     f"    x = x -> conv({name}) -> relu * {i} -> conv(x.channels)", "}"],
        )  # fmt: skip
        return self.random.choice(forms)()

    def swapped(self, scope: Scope) -> list[str]:
        """Several names at once."""
        a, b = scope.new("a"), scope.new("b")
        if self.maybe(0.5):
            line = f"{a}, {b} = {self.pick(f'x, x -> {self.stage(scope, 1)}', f'x -> [{self.leaf(scope)}, id]')}"
            scope.same += [a, b]
            return [line, f"x = {self.tensor(scope)} + {self.pick(a, b)}"]
        values = self.oneof("unpacked", ["[4, 3]", "[6, 1]"]) if self.maybe(0.3) else f"{self.width(scope)}, 3"
        return [f"{a}, {b} = {values}", f"x = x -> conv({a}, {b}) -> conv(x.channels)"]

    def interpolated(self, scope: Scope) -> list[str]:
        """A chosen number in a label."""
        name = scope.new("c")
        self.kinded("text")
        return [f"{name} = {self.count(scope)}", f'x = x -> conv(x.channels) as "{name}_{{{name}}}"']

    def misfit(self, scope: Scope) -> list[str]:
        """Designs that fail: what is joined does not fit for each option."""
        self.kinded("misfit")
        bad = self.oneof("misfit", [self.leaf(scope), self.pick("max_pool(2)", "conv(5, 3)", "conv(x.channels, 9, 9)")])
        return [f"x = [x, x -> {bad}] -> {self.pick('add', 'concat -> conv(x.channels)', 'add')}"]

    def split(self, scope: Scope) -> list[str]:
        a, b = scope.new("p"), scope.new("p")
        order = self.oneof("input", [a, b])
        return [f"{a}, {b} = x -> split(2)", f"x = [{order}, {b} -> {self.free()}] -> concat"]

    def twice(self, scope: Scope) -> list[str]:
        """A stage that has a name, applied at several places."""
        name = scope.new("f")
        self.kinded("twice")
        stage = self.call(scope, self.blocks) if self.blocks and self.maybe(0.6) else self.stage(scope, 2)
        again = self.pick(
            f"x = x + (x -> {name})",
            f"x = x -> {name} * {self.count(scope)}",
            f"x = x -> [{name}, {name}] -> mean",
            f"x = x -> {self.oneof('word', [name, self.leaf(scope)])}",
        )
        return [f"{name} = {stage}", f"x = x -> {name}", again]

    def alike(self, scope: Scope) -> list[str]:
        """Tensors that may be one, each with a name, chosen from lists that hold them."""
        a, b, c, all = (scope.new(letter) for letter in "abcl")
        if not self.spend("alike"):
            return self.onward(scope)
        same = self.pick(f"{a} -> id", f"{a} -> {self.free()} * {self.count(scope)}", a, f"[{a}, x][0]")
        lines = [f"{a} = x -> {self.stage(scope, 1)}", f"{b} = {same}", f"{c} = {a} if {self.condition(scope)} else x"]
        lines += [f"{all} = [{a}, {b}, {c}, x]"]
        lines += [f"{all} = [{c}]"] if self.maybe(0.2) else []
        lines += (
            [f"if {self.condition(scope)} {{", f"    {all} = {all} + [x -> {self.free()}]", "}"]
            if self.maybe(0.3)
            else []
        )
        return [*lines, f"x = oneof({all})"]

    def from_lists(self, scope: Scope) -> list[str]:
        """A list of tensors that is chosen, run through."""
        t, u = scope.new("t"), scope.new("u")
        lists = self.oneof("tensors", [f"[x, {t}]", f"[{t}]", f"[{t}, x]"])
        step = self.pick(f"x = x + ({u} -> {self.leaf(scope)})", f"x = x + {self.oneof('input', [u, 'x'])}")
        return [f"{t} = x -> {self.stage(scope, 0)}", f"for {u} in {lists} {{", f"    {step}", "}"]

    # --- control -----------------------------------------------------------------------------------------------

    def inner(self, scope: Scope) -> list[str]:
        """A body in braces; the names that it sets may be unset afterwards."""
        own = Scope(scope.names, tuple(scope.same))
        own.fresh = scope.fresh
        lines = self.statements(own, 0) + (self.statements(own, 0) if self.maybe(0.3) else [])
        scope.fresh = own.fresh
        return ["    " + line for line in lines]

    def branches(self, scope: Scope) -> list[str]:
        lines = [f"if {self.condition(scope)} {{", *self.inner(scope), "}"]
        if self.maybe(0.5):
            lines[-1] = "} else {"
            lines += [*self.inner(scope), "}"]
        return lines

    def repeated(self, scope: Scope) -> list[str]:
        name = scope.new("i")
        times = self.count(scope) if self.maybe(0.5) else self.pick("1", "2")
        self.kinded("loop")
        return [f"for {name} in range({times}) {{", *self.inner(scope), "}"]

    def unset(self, scope: Scope) -> list[str]:
        """A name that only one branch sets."""
        if not self.choices:
            return self.branches(scope)
        name = scope.new("u")
        self.kinded("unset")
        lines = [f"if {self.condition(scope)} {{", f"    {name} = x -> {self.stage(scope, 1)}", "}"]
        return [*lines, f"x = {self.pick(f'x + {name}', f'{name} -> relu')}"]

    def returns(self, scope: Scope) -> list[str]:
        self.kinded("return")
        return [f"if {self.condition(scope)} {{", f"    return x -> {self.stage(scope, 1)}", "}"]
