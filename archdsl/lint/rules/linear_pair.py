"""Finds two convolutions or linear layers in a row that one can do for less."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from archdsl.analysis.cost import Cost
from archdsl.diagnostics.model import WARNING
from archdsl.lint.finding import Hit, Rule
from archdsl.lint.measure import less, price, scaled_weights
from archdsl.lint.neighbours import Pair, inputs_of
from archdsl.lint.subject import Subject
from archdsl.ops.base import Op
from archdsl.ops.conv import Conv
from archdsl.ops.linear import Linear


def check(subject: Subject) -> Iterator[Hit]:
    """Pairs that are exactly one op, where that one has no more multiply-accumulates.

    (1) Two linear layers. (2) A convolution, then a 1x1 convolution without padding. (3) A 1x1 convolution of stride 1
    without padding, then one without padding, or, if the first has no bias, any other (with a bias the border would
    differ). All ungrouped. A narrow layer between two wide ones saves work and is left alone.
    """
    together = [(pair, op, found) for pair in subject.pairs for op, found in _merged(subject, pair)]
    always = set(map(id, subject.always(pair for pair, _, _ in together)))
    for pair, op, found in together:
        if id(pair) not in always:
            continue
        first, last = pair.made_by, pair.read_by
        assert first.op is not None and last.op is not None
        yield Hit(
            pair.body,
            subject.place_of(pair.reader),
            f"this {last.word} and the {first.word} before it are one linear map, with nothing in between",
            f"one {_shown(op)} does the same; or put a norm or an activation between the two",
            scaled_weights(found, subject.once(pair.reader)),
        )


def _merged(subject: Subject, pair: Pair) -> Iterator[tuple[Op, Cost]]:
    """The op that does the work of both, and what it saves; nothing where there is none or it costs more."""
    first, last = pair.made_by.op, pair.read_by.op
    if not isinstance(last, (Linear, Conv)):  # a join may have thousands of operands, and as many makers
        return
    inputs, between = inputs_of(pair.maker), inputs_of(pair.reader)
    if isinstance(first, Linear) and isinstance(last, Linear):
        op: Op = Linear(last.out, first.bias or last.bias)
    elif isinstance(first, Conv) and isinstance(last, Conv) and first.groups == last.groups == 1:
        bias = first.bias or last.bias
        if _is_pointwise(last, between):
            stride = tuple(a * b for a, b in zip(first.stride, last.stride, strict=True))
            op = replace(first, out=last.out, stride=stride, bias=bias)
        elif _is_pointwise(first, inputs) and {*first.stride} == {1}:
            if first.bias and any(map(any, last.pads(between))):
                return
            op = replace(last, bias=bias)
        else:
            return
        if isinstance(op, Conv) and op.padding == "same" and op.stride != first.stride:
            return  # it would pad otherwise
    else:
        return
    if op.results(inputs) != pair.read_by.types:
        return
    found = less(price((first, inputs), (last, between)), price((op, inputs)))
    if found.macs >= 0 and subject.once(pair.maker) == subject.once(pair.reader):
        yield op, found


def _is_pointwise(op: Conv, inputs: tuple) -> bool:  # type: ignore[type-arg]
    return {*op.kernel} == {1} and not any(map(any, op.pads(inputs)))


def _shown(op: Op) -> str:
    if isinstance(op, Conv):
        sizes = [str(op.out), *(_compact(v) for v in (op.kernel, op.stride))]
        return f"conv({', '.join(sizes)})"
    return f"linear({op.out})" if isinstance(op, Linear) else op.name


def _compact(sizes: object) -> str:
    values = sizes if isinstance(sizes, tuple) else (sizes,)
    return str(values[0]) if len({*values}) == 1 else str(values)


RULE = Rule(
    "linear-pair",
    WARNING,
    "two convolutions or linear layers in a row that one can do for less",
    "the composition of two linear maps is a linear map: without anything in between the second adds no function",
    "elementary; He et al. 2015, arXiv:1512.03385, section 3.2, on a linear layer y = W1 x + x",
    check,
)
