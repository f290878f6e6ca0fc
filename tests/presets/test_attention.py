"""Where torch fuses attention its counter sees nothing: which operands let it is predicted, or said to be unknown."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import archdsl
from archdsl.emit.pytorch import build
from archdsl.ir.graph import Graph, Ref
from archdsl.ops.base import OpError
from archdsl.presets.count import count
from tests.emit.build_graph import Builder
from tests.few import few
from tests.ops.torch_interpreter import op_of
from tests.presets.measure import inputs_of, measured

# Ways from a map of three axes to another one; shapes stay small, whatever comes together.
STEPS = (
    "transpose(0, 1)", "transpose(0, 2)", "transpose(1, 2)", "permute([1, 2, 0])", "permute([1, 0, 2])",
    "conv(4)", "conv(2, 3)", "bn", "relu", "gelu", "sigmoid", "softmax(axis = 0)", "layer_norm", "group_norm(1)",
    "max_pool(3, 1)", "avg_pool(3, 1)", "upsample(size = (3, 4))", "pad(1)", "prelu", "dropout", "instance_norm",
    "slice(0, step = 2)", "slice(0, step = 2, axis = 2)", "slice(1, axis = 1)", "channel_shuffle(1)", "shift(1)",
    'scalar("*", 2)', "local_response_norm(2)",
)  # fmt: skip
JOINS = ("add", "mul", "maximum", "concat", "concat(axis = 2)", "concat(axis = 1)", "reshape", "flatten", "split")
CHAIN = st.lists(st.sampled_from((*STEPS, *JOINS)), max_size=6)


class Chain:
    """Puts steps one after the other in one body; those that do not fit are left out."""

    def __init__(self, builder: Builder) -> None:
        self.b = builder

    def put(self, ref: Ref, step: str) -> Ref:
        shape = self.b.type_of(ref).shape
        if step == "reshape":
            return self.op(f"reshape([{shape[1]}, {shape[0]}, {shape[2]}])", ref)
        if step == "flatten":
            rows = self.op("flatten(1)", ref)
            return self.op(f"reshape([{shape[0]}, {shape[2]}, {shape[1]}])", rows)
        if step == "split":
            return self.op(f"split([1, {shape[1] - 1}], axis = 1)", ref)._replace(output=1) if shape[1] > 1 else ref
        if step in JOINS:
            return self.op(step, ref, self.op("relu", ref))
        try:
            return self.op(step, ref)
        except OpError:
            return ref

    def op(self, call: str, *operands: Ref) -> Ref:
        return self.b.add(op_of(call), *operands, label=f"op{len(self.b.nodes)}")

    def all(self, ref: Ref, steps: list[str]) -> Ref:
        for step in steps:
            ref = self.put(ref, step)
        return ref


def network(outer: list[str], inner: list[str], queries: list[str]) -> Graph:
    """Steps, then a block that takes more and attends, its queries on a way of their own where that keeps the shape."""
    top = Builder("net", {"x": (2, 3, 4)}, kind="network")
    made = Chain(top).all(top[0], outer)
    block = Builder("attend", {"x": top.type_of(made).shape})
    chain = Chain(block)
    keys = chain.all(block[0], inner)
    asked = chain.all(keys, queries)
    asked = asked if block.type_of(asked) == block.type_of(keys) else keys
    attended = block.build(chain.op("sdpa", asked, keys, keys))
    return top.build(top.add(attended, made, label="attended"))


@settings(max_examples=few(50), deadline=None, suppress_health_check=list(HealthCheck))
@given(CHAIN, CHAIN, CHAIN)
def test_what_is_called_exact_is(outer: list[str], inner: list[str], queries: list[str]) -> None:
    graph = network(outer, inner, queries)
    found = count(graph, "flop_counter")
    printed = measured("flop_counter", build(graph), inputs_of(graph))["flops"]
    assert found["flops"] == printed if found.exact else found["flops"] <= printed


def exact(*chains: list[str]) -> bool:
    return count(network(*chains), "flop_counter").exact


def test_it_is_unknown_only_after_moves_of_the_last_axis() -> None:
    assert exact([], [], [])
    assert exact(["conv(4)", "relu"], ["transpose(0, 1)", "split"], ["relu"])
    assert not exact([], ["transpose(1, 2)"], [])
    assert not exact(["transpose(0, 2)", "relu"], [], [])  # through the call
    assert not exact([], [], ["permute([0, 2, 1])", "permute([0, 2, 1])"])  # in truth it is back in place


def test_products_of_tokens_are_exact() -> None:
    """Linear layers make new tensors, whatever the strides of their operand."""
    call = "network n(x: [6, 4, 4]) = x -> flatten(1) -> transpose -> self_attention(2)"
    net = archdsl.loads(f"import std: self_attention\n{call}\n")
    found = net.count("flop_counter")
    assert found.exact
    assert found["flops"] == measured("flop_counter", net.build(), inputs_of(net.graph))["flops"]
