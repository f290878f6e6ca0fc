"""The functions of the language, as far as random spaces call them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.space.flow import Flow
from tests.space.program import Given, Node
from tests.space.run import Fails, Frame
from tests.space.values import Scan, Tensor, Value

TOTALS: dict[str, Callable[..., Any]] = {"min": min, "max": max, "sum": sum}
BUILTINS = {"range", "len", "enumerate", "zip", "reversed", "loose", "scan", *TOTALS}


class Functions(Flow):
    """What is called and is neither op, block nor fn. What evaluates is a `Machine`."""

    def evaluate(self, frame: Frame, node: Node) -> Value:
        raise NotImplementedError

    def builtin(self, name: str, frame: Frame, given: tuple[Given, ...]) -> Value:
        """A call of a function of the language: they use all that they are given."""
        if name == "loose":
            return self._loose(frame, bool(given))
        values = [self.evaluate(frame, item.value) for item in given]
        if name == "scan":
            return Value(Scan(values[0]))
        self.run.use(*values)
        first = values[0].raw
        if name in ("range", "len"):
            if name == "len":
                return Value(len(first))
            return Value(tuple(map(Value, range(*(value.raw for value in values)))))
        if name == "enumerate":
            return Value(tuple(Value((Value(i), item)) for i, item in enumerate(first)))
        if name == "zip":
            if len({len(value.raw) for value in values}) > 1:
                raise Fails
            return Value(tuple(map(Value, zip(*(value.raw for value in values), strict=True))))
        if name == "reversed":
            return Value(first[::-1])
        numbers = first if isinstance(first, tuple) else values
        self.run.use(*numbers)
        return Value(TOTALS[name](item.raw for item in numbers))

    def _loose(self, frame: Frame, with_inputs: bool) -> Value:
        body = frame.body
        assert body is not None and frame.kind == "cell"
        held = [frame.locals[name] for name in frame.inputs]
        self.run.use(*held)
        rebound = [value.raw for value in held]
        found = [Tensor(body, -1, index, shape) for index, shape in enumerate(body.inputs)] if with_inputs else []
        for index, node in enumerate(body.nodes):
            found += [Tensor(body, index, output, shape) for output, shape in enumerate(node.outputs)]
        consumed = {tensor for node in body.nodes for tensor in node.operands}
        loose = [t for t in found if t not in consumed and (with_inputs or t not in rebound)]
        return Value(tuple(map(Value, loose)))
