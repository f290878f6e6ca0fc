"""What `taps` takes out of a network: what its modules give, in every design what it gives alone."""

from __future__ import annotations

import pytest
import torch

from archdsl import library
from archdsl.diagnostics.model import ArchError
from archdsl.ir.graph import bodies
from archdsl.ir.hashing import exact_hash
from archdsl.ir.verify import verify
from archdsl.network import Network, load, loads
from tests.elaborate.each_design import assert_agreement

BACKBONE = """
block unit(x; width) = x -> conv(width, 3) -> bn -> relu
network backbone(x: [3, 8, 8]) {
    shared same = conv(4, 3)
    x = x -> unit(4) as stem
    y = x -> same -> relu -> same
    x = y -> (unit(4) * 2) as layer1 -> (unit(6) -> unit(8)) as "layers.second"
    z = x -> conv(8) -> unit(8)
    return z -> global_avg_pool -> linear(10) as fc
}
"""
LABELS = ["fc", "z", "layers.second", "layers.second.0", "layer1", "layer1.1", "layer1.0", "layers", "stem", "stem"]


def network(body: str) -> Network:
    return loads(f"{BACKBONE}\nnetwork n(x: [3, 8, 8]) {body}", "n")


def test_a_label_gives_what_its_module_gives() -> None:
    torch.manual_seed(0)
    whole = loads(BACKBONE, "backbone").build().double().eval()
    tapped = network(f"= x -> taps(backbone, {LABELS}) as body".replace("'", '"')).build().double().eval()
    seen: dict[str, torch.Tensor] = {}
    modules = dict(whole.named_modules())
    for label in LABELS:
        name = {"z": "z.unit", "layers": "layers.second"}.get(label, label)  # what has no module of its own
        modules[name].register_forward_hook(lambda _, __, result, label=label: seen.update({label: result}))
    tapped.load_state_dict({f"body.{key}": value for key, value in whole.state_dict().items()})
    x = torch.randn(2, 3, 8, 8, dtype=torch.float64)
    whole(x)
    for label, result in zip(LABELS, tapped(x), strict=True):
        assert torch.equal(result, seen[label]), label


@pytest.mark.parametrize("stage", ["conv(3)", "conv(3) -> relu"])
def test_what_is_applied_several_times_is_refused(stage: str) -> None:
    text = f"block b(x) {{\n    shared f = {stage}\n    return x -> f -> f -> relu\n}}\n"
    with pytest.raises(ArchError, match="f of b is shared and applied 2 times") as caught:
        loads(f'{text}network n(x: [3, 8, 8]) = x -> taps(b, ["f"])', "n")
    assert caught.value.diagnostics[0].code == "unknown-label"


def test_what_only_later_parts_need_is_left_out() -> None:
    whole, tapped = loads(BACKBONE, "backbone"), network('= x -> taps(backbone, ["layer1.0"]) as body')
    keys = [f"body.{key}" for key in whole.build().state_dict() if key.startswith(("stem", "same", "layer1.0"))]
    assert list(tapped.build().state_dict()) == keys


def test_the_last_label_gives_the_network_itself() -> None:
    whole, tapped = network("= x -> backbone as body"), network('= x -> taps(backbone, ["fc"]) as body')
    assert exact_hash(tapped.graph) == exact_hash(whole.graph)


def test_equal_taps_share_a_body_and_others_have_their_own() -> None:
    found = network(
        '= x -> [taps(backbone, ["stem"])] * 2 + [taps(backbone, ["fc"]), backbone] -> [flatten] * 4 -> concat'
    )
    assert sum(body.name == "backbone" for body in bodies(found.graph)) == 3


def test_what_flows_out_of_a_container_is_more_than_its_last_module() -> None:
    text = "network b(x: [4, 8, 8]) = x -> (id + conv(4)) as sum -> conv(2)\n"
    found = loads(text + 'network n(x: [4, 8, 8]) = x -> taps(b, ["sum"])', "n")
    assert [node.word for node in bodies(found.graph).__next__().nodes] == ["conv", "add"]


# Bodies of `b`, whose choices decide what is at the labels "a" and "conv", and how many designs there are and fail.
CHOSEN = {
    "what a label gives": ("{ x = x -> oneof([conv(4), conv(6)]) as a -> conv(4) as conv; return x -> relu }", 2, 0),
    "how often it is made": ("{ for i in range(oneof([1, 2])) { x = x -> conv(4) }; return x -> relu as a }", 2, 0),
    "which counts": ("{ if oneof([true, false]) { x = x -> conv(4, 3) }; return x -> conv(6) as a -> conv(4) }", 2, 0),
    "whether it is there": ("{ if oneof([true, false]) { x = x -> relu as a }; return x -> conv(4) }", 1, 1),
    "what is in a container": ("= x -> (oneof([conv(4), id]) -> conv(4, 3)) as a -> conv(8)", 2, 0),
    "what comes later": ("= x -> conv(4) -> relu as a -> conv(oneof([4, 8]))", 2, 0),
    "a list": ("= x -> conv(oneof([4, 8])) -> split(2) as a -> concat", 2, 0),
}  # fmt: skip


@pytest.mark.parametrize(("body", "designs", "failing"), CHOSEN.values(), ids=CHOSEN)
def test_each_design_is_what_it_is_alone(body: str, designs: int, failing: int) -> None:
    result = 'x -> taps(b, ["a", "conv"])'
    text = f"block b(x) {body}\nnetwork n(x: [4, 6, 6]) = {result}"
    assert assert_agreement(text, failing).size == designs


@pytest.mark.parametrize("name", ["scan", "taps"])
def test_a_word_that_takes_stages_is_no_stage_and_no_op(name: str) -> None:
    with pytest.raises(ArchError, match="must be a stage") as caught:
        network(f"= x -> {name}")
    assert caught.value.diagnostics[0].help == "a stage is an op or block, with its arguments: `x -> conv(64, 3)`"


@pytest.mark.parametrize("stage", ["waits", "waits(act = tanh)"])
def test_what_waits_for_an_argument_is_not_tapped(stage: str) -> None:
    text = "network waits(x: [3, 8, 8]; width, act = relu) = x -> conv(width) as a -> act\n"
    with pytest.raises(ArchError, match="waits needs its argument width"):
        loads(f'{text}network n(x: [3, 8, 8]) = x -> taps({stage}, ["a"])', "n")


@pytest.mark.slow
def test_networks_of_the_zoo_are_tapped_at_all_their_labels() -> None:
    tapped = 0
    for name, path in library.networks().items():
        try:
            graph = load(str(path), name).graph
        except ArchError:  # it waits for arguments
            continue
        parts = [node.label.split(".") for node in graph.nodes if node.label and node.slot is None]
        labels = sorted({".".join(one[:end]) for one in parts for end in range(1, len(one) + 1)})
        kinds = ["" if type.dtype == "float" else type.dtype for type in graph.inputs]
        inputs = [f"i{i}: {kinds[i]}{[*type.shape]}" for i, type in enumerate(graph.inputs)]
        stage = f"taps({name}, [{', '.join(map(repr, labels))}])".replace("'", '"')
        given = ", ".join([f"i{i}" for i in range(len(inputs))])
        text = f"import {path.stem}: {name}\nnetwork n({', '.join(inputs)}) = [{given}] -> {stage}"
        found = loads(text, "n")
        verify(found.graph)
        assert len(found.graph.outputs) >= len(labels)
        tapped += 1
    assert tapped > 300
