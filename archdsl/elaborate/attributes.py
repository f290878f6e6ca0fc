"""Reads attributes: what is known of a tensor, and the names of imported files."""

from __future__ import annotations

from archdsl.elaborate.advice import missing_attribute
from archdsl.elaborate.definitions import Block, Module
from archdsl.elaborate.modules import lookup
from archdsl.elaborate.open_values import Chosen
from archdsl.elaborate.picking import closed
from archdsl.elaborate.session import Frame, Problem
from archdsl.elaborate.shown import kind_of
from archdsl.elaborate.spec import no_such_name
from archdsl.elaborate.values import (
    UNKNOWN,
    BlockName,
    ListValue,
    Tensor,
    Value,
)
from archdsl.syntax import tree


def attribute(frame: Frame, node: tree.Attribute) -> Value:
    """`value.name`: what is known of a tensor, or a name of an imported file.

    Raises:
        Problem: there is none.
    """
    value = frame.session.evaluate_open(frame, node.value)
    if value is UNKNOWN:
        return UNKNOWN
    if value.__class__ is Chosen:
        return frame.session.picking.carry(value, lambda one: _attribute_of(frame, one, node))
    return _attribute_of(frame, closed(frame, value, node), node)


def _attribute_of(frame: Frame, value: Value, node: tree.Attribute) -> Value:
    if isinstance(value, Module):
        found = lookup(frame.session, value, node.name)
        if found is not None:
            return BlockName(found, frame.span(node)) if isinstance(found, Block) else found
        raise Problem(no_such_name(value, node.name, frame.span(node)))
    if isinstance(value, Tensor):
        if value.__class__ is not Tensor and frame.session.ways is not None:
            return frame.session.ways.of_types(frame, value, lambda tensor: tensor_attribute(frame, tensor, node))
        return tensor_attribute(frame, value, node)
    raise frame.problem(
        node, "no-attribute", f"{kind_of(value)} has no .{node.name}", help=missing_attribute(node.name, value)
    )


def tensor_attribute(frame: Frame, tensor: Tensor, node: tree.Attribute) -> Value:
    """`.channels .features .height .width .depth .rank .shape .size` of a tensor.

    Raises:
        Problem: the tensor has no such axis, or there is no such attribute.
    """
    shape, name = tensor.type.shape, node.name
    if name == "rank":
        return len(shape)
    if name == "channels" and shape:
        return shape[0]
    if name == "features" and shape:
        return shape[-1]
    if len(shape) > 1:
        tensor.body.reads_size = True
    if name == "shape":
        return ListValue(shape)
    if name == "size":
        return tensor.type.size
    axis = {"width": 1, "height": 2, "depth": 3}.get(name)
    if axis is not None and len(shape) > axis:
        return shape[-axis]
    wrong = (
        f"a tensor {tensor.type} has no .{name}"
        if axis or name in ("channels", "features")
        else f"tensors have no .{name}"
    )
    raise frame.problem(node, "no-attribute", wrong, help=missing_attribute(name, tensor))
