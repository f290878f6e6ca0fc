"""Every op's examples against torch itself: shapes, parameters, state_dict names, multiply-accumulates."""

from __future__ import annotations

from itertools import chain

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from archdsl.ops import registry
from archdsl.ops.base import Example, Kind, Op, apply, spatial_axes
from archdsl.ops.examples import op_of
from archdsl.ops.torch_form import Channels
from archdsl.types import TensorType
from tests.ops.torch_interpreter import make, shapes, tensors

torch.set_num_threads(1)

OPS = [op for name in registry.names() if (op := registry.load(name)) is not None]
EXAMPLES = [pytest.param(example, id=f"{op.name}-{i}") for op in OPS for i, example in enumerate(op.examples)]


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize("functional", [False, True], ids=["module", "function"])
def test_example_is_what_torch_does(example: Example, functional: bool) -> None:
    op, results = apply(op_of(example.call), example.inputs)
    assert results == example.outputs
    form = make(op, example.inputs, functional).eval()
    with FlopCounterMode(display=False) as counter:
        outputs = form(*tensors(example.inputs, batch=1))
    assert shapes(outputs) == tuple(t.shape for t in results)
    assert isinstance(outputs, tuple | list) == (len(results) > 1)
    assert sum(p.numel() for p in form.parameters()) == example.params
    assert op.macs(example.inputs, results) == example.macs
    if op.name != "sdpa":  # the counter gives 0 for it on the CPU (pytorch#195460); test_sdpa_macs below
        assert counter.get_total_flops() == 2 * example.macs


ONE_PART = {
    "split": ("split(1)", "split([3], axis = 1)"),
    "chunk": ("chunk(1)", "chunk(1, axis = -1)"),
    "unbind": ("unbind",),
}


def test_one_part_is_a_tensor() -> None:
    """What gives a list gives its only part in PyTorch, for emitted code takes nothing out of a list of one."""
    assert ONE_PART.keys() == {op.name for op in OPS if op.gives_list}
    inputs = (TensorType((1, 3)),)
    for call in chain(*ONE_PART.values()):
        op, results = apply(op_of(call), inputs)
        (x,) = tensors(inputs)
        torch.testing.assert_close(make(op, inputs)(x), x.reshape(2, *results[0].shape), rtol=0, atol=0)


@pytest.mark.parametrize("example", EXAMPLES)
def test_weights_are_the_state_dict(example: Example) -> None:
    op, _ = apply(op_of(example.call), example.inputs)
    form = make(op, example.inputs)
    if form.parameter is not None:
        (weight,) = op.weights(example.inputs)
        assert (weight.shape, weight.trainable) == (tuple(form.parameter.shape), True)
        return
    holder = form.module if form.module is not None else torch.nn.Module()
    trainable = dict(holder.named_parameters())
    state = [(name, tuple(t.shape), name in trainable) for name, t in holder.state_dict().items()]
    assert state == [(w.name, w.shape, w.trainable) for w in op.weights(example.inputs)]
    assert sum(w.size for w in op.weights(example.inputs) if w.trainable) == example.params


@pytest.mark.parametrize("example", EXAMPLES)
def test_resolving_twice_changes_nothing(example: Example) -> None:
    op, results = apply(op_of(example.call), example.inputs)
    again, results_again = apply(op, example.inputs)
    assert (again, results_again) == (op, results)
    assert hash(again) == hash(op)


@pytest.mark.parametrize("example", EXAMPLES)
def test_reach_has_one_entry_per_output_input_and_axis(example: Example) -> None:
    op, results = apply(op_of(example.call), example.inputs)
    reach = op.reach(example.inputs)
    assert len(reach) == len(results)
    for per_input in reach:
        assert [len(axes) for axes in per_input] == [len(spatial_axes(x)) for x in example.inputs]


@pytest.mark.parametrize("example", EXAMPLES)
def test_module_and_function_agree_and_have_gradients(example: Example) -> None:
    op, _ = apply(op_of(example.call), example.inputs)
    operands = [t.requires_grad_(t.is_floating_point()) for t in tensors(example.inputs, dtype=torch.float64)]
    form = make(op, example.inputs).double()
    outputs = form(*operands)
    outputs = list(outputs) if isinstance(outputs, tuple | list) else [outputs]
    loss = sum((o * torch.randn_like(o)).sum() for o in outputs)
    if op.kind is Kind.PARAMETER and not op.weights(example.inputs):
        assert not loss.requires_grad  # zeros depend on nothing
    else:
        loss.backward()
    if form.form.module and form.form.function:
        (expected,) = outputs
        assert torch.equal(make(op, example.inputs, functional=True)(*operands), expected)


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_view_lies_in_the_storage_of_the_first_operand(example: Example) -> None:
    op, _ = apply(op_of(example.call), example.inputs)
    operands = tensors(example.inputs)
    outputs = make(op, example.inputs).eval()(*operands)
    held = operands[0].untyped_storage().data_ptr() if operands else 0
    for output in outputs if isinstance(outputs, tuple | list) else [outputs]:
        assert (output.untyped_storage().data_ptr() == held) == (
            op.is_view or (len(operands) == 1 and output is operands[0])
        )


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_keeps_the_last_axis_has_it_innermost(example: Example) -> None:
    op, _ = apply(op_of(example.call), example.inputs)
    outputs = make(op, example.inputs).eval()(*tensors(example.inputs))
    for output in outputs if isinstance(outputs, tuple | list) else [outputs]:
        if output.dim() > 1 and output.shape[-1] > 1:
            assert output.stride(-1) == 1 or not op.keeps_last_axis(example.inputs)


@pytest.mark.parametrize("example", EXAMPLES)
def test_channels_of_a_module_with_weights_are_named(example: Example) -> None:
    """The emitter works out numbers of channels from the input's only where the form says that they are such."""
    op, _ = apply(op_of(example.call), example.inputs)
    module = op.torch(example.inputs).module
    if module is None or not op.weights(example.inputs):
        return
    assert len(module.names) == len(module.args)
    given = {*zip(module.names, module.args, strict=True), *module.kwargs}
    weight = op.weights(example.inputs)[0]
    assert any(isinstance(name, Channels) and value in weight.shape for name, value in given) or weight.size == 1


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_every_op_is_documented_by_examples(op: type[Op]) -> None:
    assert op.examples
    assert op.__doc__ and op.__doc__ != Op.__doc__
    least, most = op.arity
    for example in op.examples:
        assert least <= len(example.inputs) <= (most or len(example.inputs))


def test_every_kind_has_an_op() -> None:
    assert {op.kind for op in OPS} == set(Kind)


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_products_alone_have_macs(op: type[Op]) -> None:
    products = {Kind.CONVOLUTION, Kind.LINEAR, Kind.MATMUL}
    assert (op.kind in products) == (op.macs is not Op.macs)


def test_sdpa_macs_are_those_of_its_two_products() -> None:
    op = op_of("sdpa")
    query, key, value = tensors(op.examples[1].inputs, batch=1)
    with FlopCounterMode(display=False) as counter:
        torch.softmax(query @ key.transpose(-2, -1), -1) @ value
    assert counter.get_total_flops() == 2 * op.macs(op.examples[1].inputs, op.examples[1].outputs)
