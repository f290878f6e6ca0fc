"""The numbers of `each`: those of an element times the length, or as they are for one."""

from __future__ import annotations

import archdsl
from archdsl.analysis.cost import cost
from archdsl.analysis.receptive_field import receptive_field
from archdsl.ir.graph import bodies

CNN = "block cnn(x; w) = x -> conv(w, 7, 2) -> bn -> relu -> conv(w, 3, dilation = 2) -> max_pool(3, 2)\n"
CLIP = archdsl.loads(CNN + "network n(x: [5, 3, 64, 48]) = x -> each(cnn(8) -> depthwise(3)) -> each(relu)")
IMAGE = archdsl.loads(CNN + "network n(x: [3, 64, 48]) = x -> cnn(8) -> depthwise(3) -> relu")


def test_work_is_that_of_the_elements_and_weights_are_those_of_one() -> None:
    one, all = cost(IMAGE.graph), cost(CLIP.graph)
    assert (all.params, all.buffers) == (one.params, one.buffers)
    for name in ("macs", "flops", "elementwise_ops", "activations", "memory_access"):
        assert getattr(all, name) == 5 * getattr(one, name), name
    for name in ("depth", "critical_path_macs", "kernel_params"):
        assert CLIP.metric(name) == IMAGE.metric(name), name
    assert [CLIP.metric(name) for name in ("paths", "width", "average_parallelism")] == [
        25,
        5,
        5,
    ]  # a sequence is one tensor


def test_an_element_sees_what_it_sees_by_itself() -> None:
    found = {field.name: (field.rf, field.at_most) for field in receptive_field(CLIP.graph).outputs[0]}
    alone = {field.name: (field.rf, field.at_most) for field in receptive_field(IMAGE.graph).outputs[0]}
    assert {name: found[name] for name in alone} == alone
    assert CLIP.metric("receptive_field") == IMAGE.metric("receptive_field")


def test_equal_stages_have_one_body() -> None:
    text = """block two(x) = x -> each(conv(3, 3) -> relu) -> each(conv(3, 3) -> relu)
network n(x: [5, 3, 8, 8], y: [7, 3, 8, 8]) = x -> two -> two, y -> two"""
    network = archdsl.loads(text)
    assert [body.name for body in bodies(network.graph)].count("each") == 2  # written at two places
    assert network.params == 6 * (3 * 3 * 9 + 3)
