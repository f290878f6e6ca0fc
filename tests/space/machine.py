"""Runs a program for one design: statements and expressions, by the page on values and operators."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

from tests.space.arithmetic_of_ops import SIGNATURES, Shape
from tests.space.functions import BUILTINS, Functions
from tests.space.naming import Way, joined, names_in
from tests.space.program import (
    Arrow,
    Assign,
    Attribute,
    Binary,
    Call,
    Comprehension,
    Conditional,
    Definition,
    For,
    Given,
    If,
    Item,
    Labelled,
    Listing,
    Literal,
    Name,
    Node,
    Not,
    OneOf,
    Return,
)
from tests.space.run import Fails, Frame
from tests.space.values import (
    Block,
    BlockCall,
    Builtin,
    Chain,
    Combine,
    Function,
    Lacking,
    Op,
    Repeat,
    Shared,
    Stage,
    Tensor,
    Value,
    distinct,
    holds_stage,
    holds_tensor,
    loosened,
    renewed,
    together,
    unique,
)

NUMERIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
AXES = {"channels": 0, "features": -1, "height": -2, "width": -1}


class Machine(Functions):
    """Evaluates."""

    def network(self) -> tuple[int, int]:
        """Parameters and multiply-accumulates of the network that these picks give."""
        self.tops: dict[str, Value] = {}
        self.definitions = {made.name: made for made in self.setting.program.definitions}
        block = self.top(self.setting.program.network).raw
        frame = Frame(self.setting.places[block.definition.name])
        given = self.completed(frame, block, {}, "")
        scope = Frame(frame.places, locals=given)
        shapes = tuple(self.sizes(scope, each.type) for each in block.definition.inputs)
        body, _ = self.run_body(Frame(frame.places), block, given, "", shapes)
        return body.params(), body.macs()

    def top(self, name: str) -> Value:
        """What a name at the top of the file means."""
        if name not in self.tops:
            made = self.definitions[name]
            if made.kind == "fn":
                self.tops[name] = Value(Function(made))
            elif made.value is None:
                self.tops[name] = Value(Block(name, made.kind, made, {}))
            elif made.kind == "constant":
                self.tops[name] = self.evaluate(Frame(self.setting.places[name], (name,)), made.value)
            else:
                self.tops[name] = Value(self._variant(made))
        return self.tops[name]

    def _variant(self, made: Definition) -> Block:
        assert isinstance(made.value, Call) and isinstance(made.value.callee, Name)
        base = self.top(made.value.callee.id).raw
        given = self.bound(
            Frame(self.setting.places[made.name], (made.name,)), made.value.given, _parameters(base.definition)
        )
        return Block(made.name, made.kind, base.definition, {**base.defaults, **given})

    def sizes(self, frame: Frame, type: Any) -> Shape:
        values = [self.evaluate(frame, item) for item in type.items]
        self.run.use(*values)
        return tuple(value.raw for value in values)

    # --- arguments ---------------------------------------------------------------------------------------------

    def bound(self, frame: Frame, given: tuple[Given, ...], names: tuple[str, ...]) -> dict[str, Value]:
        return {item.name or names[place]: self.evaluate(frame, item.value) for place, item in enumerate(given)}

    def completed(self, frame: Frame, block: Block, given: dict[str, Value], segment: str) -> dict[str, Value]:
        """The arguments of a block with its defaults, which are evaluated for this call."""
        return self._with_defaults(frame, block.definition, {**block.defaults, **given}, segment)

    def _with_defaults(
        self, frame: Frame, definition: Definition, given: dict[str, Value], segment: str
    ) -> dict[str, Value]:
        values: dict[str, Value] = {}
        scope = frame.within(self.setting.places[definition.name], *([segment] if segment else []), locals=values)
        for parameter in definition.parameters:
            if parameter.name in given:
                values[parameter.name] = given[parameter.name]
            else:
                assert parameter.default is not None, parameter.name
                values[parameter.name] = self.evaluate(scope, parameter.default)
        return values

    # --- statements --------------------------------------------------------------------------------------------

    def execute(self, frame: Frame, body: tuple[Any, ...]) -> Value | None:
        for statement in body:
            result: Value | None = None
            match statement:
                case Assign(targets, value, shared):
                    self._assign(frame, targets, self.evaluate(frame, value), shared)
                case Return(value):
                    result = self.evaluate(frame, value)
                case If(condition, then, otherwise):
                    result = self.execute(frame, then if self.truth(frame, condition) else otherwise)
                    frame.renew(statement)
                case For(targets, iterable, inner):
                    values = self.evaluate(frame, iterable)
                    for _ in self.loop(frame, targets, values):
                        result = self.execute(frame, inner)
                        if result is not None:
                            break
                    frame.renew(statement, lists=False)
            if result is not None:
                return result
        return None

    def _assign(self, frame: Frame, targets: tuple[str, ...], value: Value, shared: bool) -> None:
        if shared:
            assert frame.body is not None
            value = Value(Shared(value, frame.body, targets[0], frame.path), value.deps)
        self._unpack(frame, targets, value)

    def _unpack(self, frame: Frame, targets: tuple[str, ...], value: Value) -> None:
        if len(targets) == 1:
            frame.locals[targets[0]] = value
            return
        if len(value.raw) != len(targets):
            raise Fails
        for target, item in zip(targets, value.raw, strict=True):
            frame.locals[target] = item.of(loosened(value.deps))

    def truth(self, frame: Frame, condition: Node) -> bool:
        value = self.evaluate(frame, condition)
        self.run.use(value)
        assert isinstance(value.raw, bool)
        return value.raw

    def loop(self, frame: Frame, targets: tuple[str, ...], values: Value) -> Iterator[None]:
        self.run.use(values)
        assert isinstance(values.raw, tuple)
        outer = frame.path
        items = tuple(map(renewed, values.raw)) if values.deps else values.raw
        for label, item in zip(_labels(targets, items), items, strict=True):
            frame.path = (*outer, label)
            self._unpack(frame, targets, item)
            yield
            frame.path = outer
        frame.path = outer

    # --- expressions -------------------------------------------------------------------------------------------

    def evaluate(self, frame: Frame, node: Node) -> Value:
        match node:
            case Literal(value):
                return Value(value)
            case Name(name):
                return self._name(frame, node, name)
            case Listing(items):
                return Value(tuple(self.evaluate(frame, item) for item in items))
            case OneOf(options, count):
                offered = self.evaluate(frame, options)
                self.run.use(offered)
                if count is not None:
                    return self._someof(frame, node, offered.raw, self.evaluate(frame, count))
                return self._decided(frame, node, offered.raw, self._texts(frame, node, offered.raw))
            case Arrow(source, target):
                return self._arrow(frame, self.evaluate(frame, source), self.evaluate(frame, target), target)
            case Binary(left, "and" | "or" as symbol, right):
                stop = symbol == "or"
                return Value(stop if self.truth(frame, left) is stop else self.truth(frame, right))
            case Binary(left, symbol, right):
                return self.binary(frame, symbol, self.evaluate(frame, left), self.evaluate(frame, right))
            case Not(value):
                return Value(not self.truth(frame, value))
            case Conditional(then, condition, otherwise):
                return renewed(self.evaluate(frame, then if self.truth(frame, condition) else otherwise))
            case Item(value, index):
                return self._item(self.evaluate(frame, value), self.evaluate(frame, index))
            case Attribute(value, name):
                tensor = self.evaluate(frame, value)
                return Value(tensor.raw.shape[AXES[name]], loosened(tensor.deps))
            case Comprehension(item, targets, iterable, condition):
                return self._comprehension(frame, item, targets, iterable, condition)
            case Call(callee, given):
                return self._call(frame, node, callee, given)
            case Labelled(stage, text):
                for name in [part.split("}")[0] for part in text.split("{")[1:]]:
                    self.run.use(frame.locals[name])
                return self.evaluate(frame, stage)
        raise AssertionError(node)

    def _name(self, frame: Frame, node: Node, name: str) -> Value:
        if name in frame.locals:
            return frame.locals[name]
        if name in self.definitions:
            value = self.top(name)
            return Value(replace(value.raw, node=node)) if isinstance(value.raw, Block) else value
        if name == "id":
            return Value(Chain(()))
        if name in SIGNATURES:
            return Value(Op(name, {}))
        if name in BUILTINS:
            return Value(Builtin(name))
        raise Fails  # it has no value on the path taken

    def _texts(self, frame: Frame, node: Any, options: tuple[Value, ...]) -> tuple[str, ...]:
        written = node.options
        items = written.items if isinstance(written, Listing) else (None,) * len(options)
        looks = isinstance(written, Comprehension) and written.condition is not None
        if looks and not names_in(written.condition) & set(written.targets):
            looks = False
        pairs = enumerate(zip(options, items, strict=True))
        return unique(frame.text(option, place, item, looks) for place, (option, item) in pairs)

    def _someof(self, frame: Frame, node: Node, options: tuple[Value, ...], count: Value) -> Value:
        """So many of the options, in their order."""
        self.run.use(count)
        if count.raw > len(options):
            raise Fails
        ways = list(combinations(range(len(options)), count.raw))
        texts = self._texts(frame, node, options)
        lists = tuple(Value(tuple(options[place] for place in way)) for way in ways)
        return self._decided(frame, node, lists, unique(" + ".join(texts[i] for i in way) or "[]" for way in ways))

    def _decided(self, frame: Frame, node: Node, items: tuple[Value, ...], texts: tuple[str, ...]) -> Value:
        """What is taken of the items, which remembers that it was chosen."""
        if not items:
            raise Fails
        role = frame.places.roles[id(node)]
        name = role if frame.path == (role,) and not frame.cell else joined((*frame.path, role))
        decision = self.run.decide(name, texts, frame)
        decision.tensors = any(map(holds_tensor, items))
        return items[decision.index].of(((decision, distinct(items)),))

    def _arrow(self, frame: Frame, source: Value, target: Value, node: Node) -> Value:
        nothing = source.raw == () and source.deps and not any(decision.tensors for decision, _ in source.deps)
        if holds_stage(source) or nothing:  # an empty list of stages is one, where it was chosen
            return Value(Chain(_steps(source) + _steps(target)))
        return self.apply(frame, source, target, Way(node))

    def binary(self, frame: Frame, symbol: str, left: Value, right: Value) -> Value:
        a, b = left.raw, right.raw
        if isinstance(a, Tensor) or isinstance(b, Tensor):
            return self.combine(frame, symbol, left, right)
        if isinstance(a, tuple) and isinstance(b, tuple) and symbol == "+":
            return Value(a + b, together(left.deps, right.deps))
        if symbol in ("in", "not in"):
            return self._contains(symbol, left, right)
        if isinstance(a, Stage) or isinstance(b, Stage):
            if symbol == "*" and isinstance(b, int):
                return Value(Repeat(left, right))
            return Value(Combine(left, symbol, right))
        if isinstance(a, tuple) and symbol == "*":
            return Value(a * b, together(left.deps, right.deps))
        deps = together(left.deps, right.deps)
        if (left.deps and right.deps) or symbol not in ("+", "-", "*"):
            deps = loosened(deps)
        return Value(NUMERIC[symbol](a, b), deps)

    def _contains(self, symbol: str, left: Value, right: Value) -> Value:
        deps = loosened(left.deps, right.deps, *(item.deps for item in right.raw))
        return Value((left.raw in [item.raw for item in right.raw]) == (symbol == "in"), deps)

    def _item(self, value: Value, index: Value) -> Value:
        chosen = index.deps if distinct(value.raw) else loosened(index.deps)
        if not -len(value.raw) <= index.raw < len(value.raw):
            raise Fails
        item: Value = value.raw[index.raw]
        return item.of(loosened(value.deps), chosen)

    def _comprehension(
        self, frame: Frame, item: Node, targets: tuple[str, ...], iterable: Node, condition: Node | None
    ) -> Value:
        outer = dict(frame.locals)
        items = [
            self.evaluate(frame, item)
            for _ in self.loop(frame, targets, self.evaluate(frame, iterable))
            if condition is None or self.truth(frame, condition)
        ]
        frame.locals = outer
        return Value(tuple(items))

    def _call(self, frame: Frame, node: Node, callee: Node, given: tuple[Given, ...]) -> Value:
        called = self.evaluate(frame, callee)
        raw = called.raw
        match raw:
            case Builtin(name):
                return self.builtin(name, frame, given)
            case Op(name, _, _):
                return Value(Op(name, self.bound(frame, given, SIGNATURES[name]), node), called.deps)
            case Block() | Lacking():
                block, before = (raw.block, raw.given) if isinstance(raw, Lacking) else (raw, {})
                free = tuple(n for n in _parameters(block.definition) if n not in before and n not in block.defaults)
                arguments = {**before, **self.bound(frame, given, free)}
                required = [each.name for each in block.definition.parameters if each.default is None]
                if not {*arguments, *block.defaults} >= {*required}:
                    return Value(Lacking(block, arguments), called.deps)
                segment = self.segment(Way(node), None, block.name)
                return Value(BlockCall(block, self.completed(frame, block, arguments, segment), node), called.deps)
            case Function(definition):
                self.run.use(called)
                arguments = self.bound(frame, given, _parameters(definition))
                segment = self.segment(Way(node), None, definition.name)
                arguments = self._with_defaults(frame, definition, arguments, segment)
                inner = frame.within(self.setting.places[definition.name], segment, locals=arguments)
                result = self.execute(inner, definition.body)
                if result is None:
                    raise Fails
                return result
        raise AssertionError(f"{raw} is called")


def _parameters(definition: Definition) -> tuple[str, ...]:
    return tuple(parameter.name for parameter in definition.parameters)


def _steps(value: Value) -> tuple[Value, ...]:
    """The stages of a chain, which remember what it came from; else what it is, alone."""
    if not isinstance(value.raw, Chain) or (value.deps and not value.raw.parts):
        return (value,)
    return tuple(part.of(value.deps) for part in value.raw.parts)


def _labels(targets: tuple[str, ...], items: tuple[Value, ...]) -> list[str]:
    """What each step of a loop is called: by its first variable, where that is a number or a word and tells apart."""
    raws = [item.raw[0].raw if len(targets) > 1 and isinstance(item.raw, tuple) else item.raw for item in items]
    plain = all(type(raw) is int or (isinstance(raw, str) and raw.isidentifier()) for raw in raws)
    return [str(raw) for raw in (raws if plain and len(set(raws)) == len(raws) else range(len(raws)))]
