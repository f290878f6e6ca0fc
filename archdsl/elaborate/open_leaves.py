"""Applies an op or a block where the types of its operands depend on picks: once for each, in one node or several."""

from __future__ import annotations

import operator
from collections.abc import Hashable, Sequence
from functools import partial
from typing import Any

from archdsl.choices.diagram import Diagrams
from archdsl.choices.nodes import Diagram, leaves
from archdsl.elaborate.builder import add_node, add_op, leaf_label, resolve, weights_of
from archdsl.elaborate.calls import elaborate_block
from archdsl.elaborate.constants import constants
from archdsl.elaborate.definitions import Block
from archdsl.elaborate.exploring import Exploring, Way
from archdsl.elaborate.forced import Forced
from archdsl.elaborate.op_problems import op_problem
from archdsl.elaborate.open_bodies import Explored
from archdsl.elaborate.open_builder import OpenBuilder, OpenTensor, types_of_one
from archdsl.elaborate.open_statements import exploring_of
from archdsl.elaborate.open_values import Chosen
from archdsl.elaborate.session import BodyFrame
from archdsl.elaborate.values import UNKNOWN, ListValue, OpStage, Tensor, Value
from archdsl.ir.alternatives import Alternative, Alternatives, NodeForm, needed
from archdsl.ir.graph import Ref
from archdsl.ops.base import Op, OpError, Types, apply
from archdsl.source import Span

_Called = tuple[Diagram, Types, Explored]  # a call: where it is, at which types, and of what


def types_of_all(exploring: Exploring, operands: list[Tensor]) -> Diagram:
    """The types of the operands that are there, as a diagram of tuples."""
    diagrams = exploring.diagrams
    key = tuple([(types_of_one(exploring, tensor), getattr(tensor, "present", None)) for tensor in operands])
    found = exploring.together.get(key)
    if found is None:
        found = diagrams.leaf(())
        for types, present in key:
            longer = diagrams.map(lambda so_far, one: (*so_far, one), found, types, under=present)
            joined = longer if present is None else diagrams.ite(present, longer, found)
            assert joined is not None
            found = joined
        exploring.together[key] = found
    return exploring.restricted(found)


def apply_open_op(
    frame: BodyFrame,
    op: Op,
    operands: list[Tensor],
    stage: OpStage | None,
    named: tuple[Span, str | None, str | None] | None,
    spans: tuple[Span, ...],
    nodes: Any = None,
) -> Value:
    """Apply an op; `named`: the place, the word and the label of the module that it makes, None where it is none.

    Raises:
        Problem: the operands fit nowhere.
    """
    exploring = exploring_of(frame)
    diagrams = exploring.diagrams
    if frame.body.has_constants and (given := constants(frame, operands)):
        plain = [tensor for _, tensor in given]
        target, results = resolve(frame, op, plain, spans[0], None, stage, nodes)
        where, word, label = named or (spans[0], None, None)
        leaf = None if named is None else leaf_label(frame, target, plain, where, word or target.name, label)
        return add_op(frame, target, plain, results, leaf, spans)

    def resolved(types: Types) -> NodeForm:
        try:
            target, results = apply(op, types)
        except OpError as error:
            plain = [Tensor(t.ref, type, t.body) for t, type in zip(operands, types, strict=False)]
            raise op_problem(
                frame, error, plain, spans[0], stage, nodes if len(plain) == len(operands) else None
            ) from None
        return NodeForm(target, types, results)

    types_of = types_of_all(exploring, operands)
    cases = exploring.each(types_of, resolved)
    if not cases:
        return UNKNOWN
    forms = {variant.operands: diagrams.leaf(variant) for _, variant in cases}
    variants = diagrams.replaced(types_of, forms.get)
    assert variants is not None
    first = cases[0][1]
    if len({len(variant.types) for _, variant in cases}) > 1:
        counts = exploring.restricted(variants)
        raise Forced(counts, exploring.pc)
    leaf = None if named is None else _label(frame, variants, first, *named)
    index = add_node(frame, first.target, operands, first.types, leaf, spans, variants=variants)
    made = [_tensor(frame, index, k, variants) for k in range(len(first.types))]
    return ListValue(tuple(made)) if first.target.gives_list else made[0]


def _tensor(frame: BodyFrame, index: int, output: int, variants: Diagram) -> Tensor:
    assert isinstance(frame.body, OpenBuilder)
    types = exploring_of(frame).diagrams.map(lambda variant: variant.types[output], variants)
    assert types is not None
    return frame.body.tensor(Ref(index, output), types)


def _label(
    frame: BodyFrame, variants: Diagram, first: NodeForm, where: Span, word: str | None, label: str | None
) -> int:
    """As `leaf_label`; where a shared stage would need other weights, that fails under its condition."""
    body = frame.body
    assert isinstance(body, OpenBuilder)
    before = None if body.shared_use is None else body.shared_before(body.shared_use)
    if before is not None:
        slot = body.nodes[before].slot
        found = None
        for earlier, leaf in zip(body.alternatives[before:], body.leaves[before:], strict=True):
            if isinstance(earlier, Alternative) and earlier.node.slot == slot:
                there = _serve_both(frame, earlier, variants, where)
                found = leaf if there and found is None else found
        if found is not None:
            return found  # else it is applied where none of those before is
    return body.labels.leaf(word or first.target.name) if label is None else body.labels.leaf(label, fixed=True)


def label_of_scan(
    frame: BodyFrame, target: Alternatives, types: Types, named: tuple[Span, str | None, str | None]
) -> int:
    """As `leaf_label`, of a body with which a shared stage scans operands of these types."""
    form = NodeForm(target, types, ())
    return _label(frame, exploring_of(frame).diagrams.leaf(form), form, *named)


def _serve_both(frame: BodyFrame, earlier: Alternative, variants: Diagram, where: Span) -> bool:
    """Fail where the weights of an earlier application cannot serve this one; whether any design has both."""
    exploring, diagrams = exploring_of(frame), exploring_of(frame).diagrams
    under = diagrams.both(exploring.pc, earlier.guard)
    known: dict[NodeForm, Diagram] = {}
    weights = partial(_weights, diagrams, known)
    one, other = (diagrams.replaced(variant, weights) for variant in (earlier.variants, variants))
    equal = None if one is None or other is None else diagrams.map(operator.eq, one, other, under=under)
    wrong = diagrams.false if equal is None else diagrams.where(equal, lambda found: not found, under)
    if wrong is not diagrams.false:
        message = "one set of weights cannot serve all that it is applied to"
        problem = frame.problem(
            where, "shared-mismatch", message, help="apply a shared stage to inputs with equal channels"
        )
        with exploring.under(wrong):
            exploring.fail(problem.diagnostic)
    return diagrams.both(under, exploring.outer) is not diagrams.false


def _weights(diagrams: Diagrams, known: dict[NodeForm, Diagram], form: NodeForm) -> Diagram:
    """What two applications with one set of weights must have in common, as `weights_of`: of a body, that of its nodes
    with what each is.
    """
    if not isinstance(form.target, Alternatives):
        return diagrams.leaf(weights_of(form.target, form.operands))
    found = known.get(form)
    if found is None:
        found = diagrams.leaf(())
        for index, live in needed(diagrams, form.target).items():
            node = form.target.nodes[index]
            if isinstance(node, Alternative):
                found = _longer(diagrams, known, found, node, live)
        known[form] = found
    return found


def _longer(
    diagrams: Diagrams, known: dict[NodeForm, Diagram], found: Diagram, node: Alternative, live: Diagram
) -> Diagram:
    """The weights of the nodes before, and where it is needed those of a node."""
    own = diagrams.replaced(node.variants, partial(_weights, diagrams, known))
    if own is None:
        return found
    added = lambda before, form, weights: (*before, (form.target.name, weights))  # noqa: E731
    longer = diagrams.ite(live, diagrams.map(added, found, node.variants, own, under=live), found)
    assert longer is not None
    return longer


def apply_open_block(
    frame: BodyFrame,
    block: Block,
    arguments: tuple[Value, ...],
    operands: list[Tensor],
    spans: tuple[Span, ...],
    named: tuple[Span, str | None, str | None],
    written: Span | None,
) -> Value:
    """Apply a block: a body for each of the types that its operands may have."""
    exploring = exploring_of(frame)
    where = named[0]
    for tensor in operands:
        if isinstance(tensor, OpenTensor) and tensor.present is not None:
            raise Forced(tensor.present, exploring.pc)

    def called(types: Types) -> Value:
        made = elaborate_block(frame, block, arguments, types, spans[0], (where, written or spans[-1]))
        return UNKNOWN if made is None else (types, made)

    alike: dict[Hashable, list[_Called]] = {}
    types_of = types_of_all(exploring, operands)
    for condition, (types, made) in exploring.each(types_of, called):
        how = _how(made.graph)
        alike.setdefault(how, []).append((condition, types, made))
    results = [_call(frame, cases, block, types_of, operands, spans, named) for cases in alike.values()]
    return one_tensor_each(frame, exploring.merge([way for ways in results for way in ways]))


def _how(body: Alternatives) -> Hashable:
    """What bodies have in common that make one node: what they return, and which ops they are made of, sizes aside."""
    ((_, structure), *more) = body.structures
    ops = []
    for node in body.nodes:
        target = leaves(node.variants)[0].value.target if isinstance(node, Alternative) else None
        ops.append(_how(target) if isinstance(target, Alternatives) else type(target))
    return id(body) if more else (structure, len(body.outputs), tuple(ops))


def one_tensor_each(frame: BodyFrame, value: Value) -> Value:
    """What several calls, or the options of a chosen stage, give, as one tensor or a list of such: what goes on takes
    tensors.
    """
    if isinstance(value, Chosen) and all(isinstance(one, Tensor) for one in value.values):
        assert isinstance(frame.body, OpenBuilder)
        return frame.body.select(value.diagram)
    if isinstance(value, ListValue) and value.holds_open:
        return ListValue(tuple([one_tensor_each(frame, item) for item in value.items]))
    return value


def _call(
    frame: BodyFrame,
    cases: Sequence[_Called],
    block: Block,
    types_of: Diagram,
    operands: list[Tensor],
    spans: tuple[Span, ...],
    named: tuple[Span, str | None, str | None],
) -> list[Way]:
    """One node for calls at different types that return alike; what it gives, by how that is made up."""
    exploring, diagrams = exploring_of(frame), exploring_of(frame).diagrams
    where, word, label = named
    found: list[Way] = []
    with exploring.under(diagrams.either(*[condition for condition, _, _ in cases])):
        if exploring.pc is diagrams.false:
            return []
        forms = {types: _forms(diagrams, types, made) for _, types, made in cases}
        variants = diagrams.replaced(types_of, forms.get)
        assert variants is not None
        _, types, first = cases[0]
        leaf = _label(frame, variants, NodeForm(first.graph, types, ()), where, word or block.name, label)
        frame.body.asked += sum(made.graph.decisions for _, _, made in cases)
        ops = max(made.ops for _, _, made in cases)
        index = add_node(frame, first.graph, operands, first.first_types, leaf, spans, ops, variants=variants)  # type: ignore[arg-type]
        given = [_tensor(frame, index, output, variants) for output in range(len(first.types))]
        for condition, structure in first.graph.structures:
            here = diagrams.both(exploring.pc, condition) if len(first.graph.structures) > 1 else exploring.pc
            found.append((here, _structured(structure, given)))
    return found


def _forms(diagrams: Diagrams, types: Types, made: Explored) -> Diagram:
    forms = diagrams.map(lambda *results: NodeForm(made.graph, types, results), *made.types)
    assert forms is not None
    return forms


def _structured(structure: Any, given: Sequence[Tensor]) -> Value:
    if isinstance(structure, tuple):
        return ListValue(tuple([_structured(part, given) for part in structure]))
    return given[structure]
