"""Applies stages to tensors, as one design does: what flows, and the stage that is applied, is used."""

from __future__ import annotations

from typing import Any

from tests.space import arithmetic_of_ops as ops
from tests.space.arithmetic_of_ops import SIGNATURES, Shape, Unfit
from tests.space.naming import Way, segment, steering
from tests.space.program import Assign, Definition, For, Listing, Literal, Node, walk
from tests.space.run import Fails, Frame, Run, Setting
from tests.space.values import (
    Block,
    BlockCall,
    Body,
    Chain,
    Combine,
    Made,
    Op,
    Repeat,
    Scan,
    Shared,
    Stage,
    Tensor,
    Value,
    renewed,
    show,
    written,
)


class Flow:
    """The arrow. What runs bodies is a `Machine`."""

    def __init__(self, setting: Setting, run: Run) -> None:
        self.setting = setting
        self.run = run

    def execute(self, frame: Frame, body: tuple[Any, ...]) -> Value | None:
        raise NotImplementedError

    def completed(self, frame: Frame, block: Block, given: dict[str, Value], segment: str) -> dict[str, Value]:
        raise NotImplementedError

    def sizes(self, frame: Frame, type: Any) -> Shape:
        raise NotImplementedError

    def apply(self, frame: Frame, operand: Value, target: Value, way: Way) -> Value:
        """`operand -> target` where tensors flow."""
        self.run.use(operand, target)
        raw = target.raw
        match raw:
            case tuple():
                return self._fan_out(frame, operand, raw, way)
            case Chain(steps):
                before: tuple[frozenset[int], ...] = ()
                for index, step in enumerate(steps):
                    operand = self.apply(frame, operand, step, way.within("parts", index, before))
                    before += (written(step),)
                return operand if steps else renewed(Value(operand.raw))
            case Repeat(stage, count):
                self.run.use(count)
                for index in range(count.raw):
                    operand = self.apply(frame, operand, stage, way.within("repetition", index))
                return operand if count.raw else renewed(Value(operand.raw))
            case Combine(left, operator, right):
                sides = []
                for index, side in enumerate((left, right)):
                    inner = way.within("parts", index, (written(left),) if index else ())
                    sides.append(self.apply(frame, operand, side, inner) if isinstance(side.raw, Stage) else side)
                return self.combine(frame, operator, *sides)
            case Shared():
                return self._shared(frame, operand, raw, way)
        tensors = self._operands(operand)
        match raw:
            case Op(name, given, _):
                return self._op(frame, name, given, tensors)
            case Block(node=node):
                segment = self.segment(way, node, raw.name)
                return self._block(frame, raw, self.completed(frame, raw, {}, segment), segment, tensors)
            case BlockCall(block, given, node):
                return self._block(frame, block, given, self.segment(way, node, block.name), tensors)
            case Scan(cell):
                return self._scan(frame, cell, way, tensors)
        raise AssertionError(f"{raw} is no stage")

    def _fan_out(self, frame: Frame, operand: Value, stages: tuple[Value, ...], way: Way) -> Value:
        """One tensor through each stage, or each of several through the stage at its place."""
        if isinstance(operand.raw, tuple):
            if len(operand.raw) != len(stages):
                raise Fails
            pairs = zip(operand.raw, stages, strict=True)
            return Value(tuple(self.apply(frame, a, b, way.within("list", i)) for i, (a, b) in enumerate(pairs)))
        apart = way.at.items if isinstance(way.at, Listing) and len(way.at.items) == len(stages) else ()
        results = []
        for index, item in enumerate(stages):
            inner = Way(apart[index] if apart else way.at, way.turns).within("list", index)
            results.append(item if isinstance(item.raw, Tensor) else self.apply(frame, operand, item, inner))
        return Value(tuple(results))

    def segment(self, way: Way, node: Node | None, name: str) -> str:
        return segment(self.setting.mentions, way, node, name)

    def _operands(self, operand: Value) -> list[Tensor]:
        if isinstance(operand.raw, Tensor):
            return [operand.raw]
        assert isinstance(operand.raw, tuple), f"{operand.raw} cannot flow"
        self.run.use(*operand.raw)
        return [item.raw for item in operand.raw]

    def _shared(self, frame: Frame, operand: Value, shared: Shared, way: Way) -> Value:
        body, path, around = shared.body, frame.path, frame.shared
        assert frame.body is body
        body.shared.append(shared)
        body.leaves = 0
        frame.path, frame.shared = shared.path, True
        try:
            return self.apply(frame, operand, shared.stage, Way(way.at, shared=shared.word))
        finally:
            frame.path, frame.shared = path, around
            body.shared.pop()

    def _add(self, frame: Frame, made: Made, leaf: bool = True) -> tuple[Tensor, ...]:
        assert frame.body is not None
        try:
            return frame.body.add(made, leaf)
        except KeyError:
            raise Fails from None

    def _op(self, frame: Frame, name: str, given: dict[str, Value], tensors: list[Tensor]) -> Value:
        self.run.use(*given.values())
        assert set(given) <= set(SIGNATURES[name])
        try:
            made = ops.make(name, {key: value.raw for key, value in given.items()}, [t.shape for t in tensors])
        except Unfit:
            raise Fails from None
        outputs = self._add(frame, Made(name, tensors, made.outputs, made.weights, made.macs))
        return Value(tuple(map(Value, outputs)) if made.several else outputs[0])

    def combine(self, frame: Frame, operator: str, left: Value, right: Value) -> Value:
        """Arithmetic with a tensor on one side at least."""
        self.run.use(left, right)
        tensors = [side.raw for side in (left, right) if isinstance(side.raw, Tensor)]
        if any(isinstance(side.raw, tuple) for side in (left, right)):
            raise Fails
        try:
            made = ops.join([tensor.shape for tensor in tensors])
        except Unfit:
            raise Fails from None
        return Value(self._add(frame, Made(operator, tensors, made.outputs, (), 0), leaf=False)[0])

    # --- bodies ------------------------------------------------------------------------------------------------

    def run_body(
        self, frame: Frame, block: Block, given: dict[str, Value], segment: str, shapes: tuple[Shape, ...]
    ) -> tuple[Body, Value]:
        """A body that was made, and what it returns."""
        definition = block.definition
        body = Body(shapes)
        places = self.setting.places[definition.name]
        inner = frame.within(places, *([segment] if segment else []), body=body, kind=block.kind, locals=dict(given))
        inner.inputs = tuple(each.name for each in definition.inputs)
        inner.lasting = lasting(definition)
        if block.kind == "cell":
            inner.path, inner.cell, inner.arguments = (block.name,), block.name, _unlike(block, given)
        if len(shapes) != len(definition.inputs):
            raise Fails
        for index, (each, shape) in enumerate(zip(definition.inputs, shapes, strict=True)):
            if each.type is not None and self.sizes(inner, each.type) != shape:
                raise Fails
            inner.locals[each.name] = Value(Tensor(body, -1, index, shape))
        result = self.execute(inner, definition.body)
        if result is None:
            raise Fails
        self.use_all(result)
        body.outputs = _tensors(result)
        return body, result

    def use_all(self, value: Value) -> None:
        """A body's result is used, with all that stands in it."""
        self.run.use(value)
        for item in value.raw if isinstance(value.raw, tuple) else ():
            self.use_all(item)

    def _block(self, frame: Frame, block: Block, given: dict[str, Value], segment: str, tensors: list[Tensor]) -> Value:
        body, result = self.run_body(frame, block, given, segment, tuple(tensor.shape for tensor in tensors))
        made = Made(block.name, tensors, tuple(tensor.shape for tensor in body.outputs), body, 0)
        outputs = list(self._add(frame, made))
        return _rebuilt(result, outputs)

    def _scan(self, frame: Frame, cell: Value, way: Way, tensors: list[Tensor]) -> Value:
        self.run.use(cell)
        raw = cell.raw
        assert isinstance(raw, Block | BlockCall)
        block = raw if isinstance(raw, Block) else raw.block
        segment = self.segment(way, raw.node, block.name)
        given = raw.given if isinstance(raw, BlockCall) else self.completed(frame, block, {}, segment)
        length, *element = tensors[0].shape
        states = [tensor.shape for tensor in tensors[1:]]
        if not states:
            scope = frame.within(self.setting.places[block.definition.name], segment, locals=given)
            states = [self.sizes(scope, each.type) for each in block.definition.inputs[1:]]
        body, _ = self.run_body(frame, block, given, segment, (tuple(element), *states))
        after = body.outputs[len(body.outputs) - len(states) :]
        if [tensor.shape for tensor in after] != states:
            raise Fails
        stacked = (length, *body.outputs[0].shape)
        made = Made(block.name, tensors, (stacked, *states), body, 0, length=length)
        return Value(self._add(frame, made)[0])


def _unlike(block: Block, given: dict[str, Value]) -> str:
    """The arguments that are not the defaults, as text: those that decide what the body is, where there are such."""
    texts = {}
    for parameter in block.definition.parameters:
        default = block.defaults.get(parameter.name)
        if default is None and isinstance(parameter.default, Literal):
            default = Value(parameter.default.value)
        value = show(given[parameter.name])
        if default is None or show(default) != value:
            texts[parameter.name] = f"{parameter.name} = {value}"
    steers = steering(block.definition)
    return ", ".join([text for name, text in texts.items() if name in steers] or texts.values())


def lasting(definition: Definition) -> tuple[str, ...]:
    """Inputs and locals that get a value once, in order of the text; what a loop sets gets many."""
    counts = {each.name: 1 for each in definition.inputs}
    in_loops = {id(node) for loop in walk(definition.body) if isinstance(loop, For) for node in walk(loop)}
    for node in walk(definition.body):
        for target in node.targets if isinstance(node, Assign | For) else ():
            counts[target] = counts.get(target, 0) + (2 if id(node) in in_loops else 1)
    return tuple(name for name, count in counts.items() if count == 1)


def _tensors(value: Value) -> list[Tensor]:
    if isinstance(value.raw, Tensor):
        return [value.raw]
    if not isinstance(value.raw, tuple) or not value.raw:
        raise Fails
    return [tensor for item in value.raw for tensor in _tensors(item)]


def _rebuilt(value: Value, outputs: list[Tensor]) -> Value:
    """What a body returns, as its caller has it; `outputs` are used up."""
    if isinstance(value.raw, Tensor):
        return Value(outputs.pop(0), value.deps)
    return Value(tuple(_rebuilt(item, outputs) for item in value.raw), value.deps)
