"""Makes and applies `each`: a stage applied to every element of sequences, with one set of weights and no state."""

from __future__ import annotations

from dataclasses import replace

from archdsl.elaborate.arguments import bind
from archdsl.elaborate.builder import spans_of, structured
from archdsl.elaborate.calls import elaborate_block
from archdsl.elaborate.definitions import Block
from archdsl.elaborate.op_problems import history
from archdsl.elaborate.picking import closed
from archdsl.elaborate.scans import add_scan
from archdsl.elaborate.session import BodyFrame, Frame, Problem
from archdsl.elaborate.shown import kind_of
from archdsl.elaborate.stages_given import refuse_shared, stage_given
from archdsl.elaborate.values import (
    UNKNOWN,
    BlockStage,
    ListValue,
    Scan,
    Stage,
    Tensor,
    Value,
    Worded,
    place,
    stages_in,
    tensors_in,
)
from archdsl.ir.graph import stacked
from archdsl.source import Span
from archdsl.syntax import tree
from archdsl.types import TensorType, known

_HELP = "`frames -> each(conv(64, 7, 2) -> bn)` applies the stage to each element along the first axis"


class Each(Scan):
    """`each(stage)`: what is no block by itself becomes one, in which `word` may name it."""

    __slots__ = ("word",)

    def __init__(self, cell: BlockStage, word: str, span: Span) -> None:
        super().__init__(cell, False, span)
        self.word = word

    @property
    def key(self) -> tuple[object, ...]:
        return ("each", self.cell, self.word, place(self.span))


class StageBlock(Block):
    """A stage as a block of its own, which stands where it was written."""

    def __init__(self, frame: Frame, stage: Stage | ListValue, node: tree.Expr, inputs: int) -> None:
        at = (node.start, node.end)
        names = [tree.Name(*at, f"x{i}" if inputs > 1 else "x") for i in range(inputs)]
        operand = names[0] if inputs == 1 else tree.ListExpr(*at, list(names))
        value = tree.Number(*at, stage, "")  # type: ignore[arg-type]
        body: list[tree.Statement] = [tree.Return(*at, tree.Chain(*at, [operand, value]))]
        tensors = [tree.TensorInput(name.id, None, "float", *at) for name in names]
        definition = tree.Definition("block", "each", tensors, [], body, *at, *at)
        super().__init__("block", "each", frame.item, definition, frame.item, frame.module, {})
        self.span = frame.span(node)
        self.doc = ""
        self.made_of = (frame, stage, node)

    @classmethod
    def of(cls, frame: Frame, stage: Stage | ListValue, node: tree.Expr, inputs: int = 1) -> StageBlock:
        """The one for equal stages."""
        key = ("each", frame.session.identity(stage), inputs)
        found = frame.session.memo.get(key) or frame.session.memo.setdefault(key, cls(frame, stage, node, inputs))
        return found  # type: ignore[no-any-return]


def make_each(frame: Frame, node: tree.Call) -> Value:
    """`each(stage)`: a stage.

    Raises:
        Problem: unfit arguments.
    """
    bound = bind(frame, "each", ("stage",), node.arguments, node)
    if "stage" not in bound:
        raise frame.problem(node, "missing-argument", "each needs its argument stage", help=_HELP)
    stage, argument = bound["stage"]
    if stage is UNKNOWN:
        return UNKNOWN
    stage = closed(frame, stage, argument)
    refuse_shared(frame, stage, argument, "each", "share what each makes instead: `shared f = each(stage)`")
    inner = stage_given(frame, stage, argument)
    if inner is UNKNOWN:
        return UNKNOWN
    if isinstance(inner, BlockStage):
        return Each(inner, inner.block.name, frame.span(node))
    if not isinstance(inner, Stage) and not (stages_in(inner) and not tensors_in(inner)):
        raise frame.problem(argument, "not-a-stage", f"each applies a stage, this is {kind_of(inner)}", help=_HELP)
    block = StageBlock.of(frame, inner, argument.value)
    word = stage.word if isinstance(stage, Worded) else block.name
    return Each(BlockStage(block, (), frame.span(argument.value)), word, frame.span(node))


def apply_each(
    frame: BodyFrame, stage: Each, operands: list[Tensor], where: Span, word: str | None, label: str | None
) -> Value:
    """What the stage gives for each element, stacked.

    Raises:
        Problem: the operands are no sequences of one length, or their elements are not what the stage takes.
    """
    spans = spans_of(frame, where, stage.span)
    length, elements = _cut(frame, operands, spans[0])
    block, cell = stage.cell.block, stage.cell
    if isinstance(block, StageBlock) and len(operands) != 1:
        block = StageBlock.of(*block.made_of, len(operands))
    try:
        made = elaborate_block(frame, block, cell.arguments, elements, spans[0], (where, cell.span))
    except Problem as problem:
        parts = ", ".join(f"{element} of {t.type}" for element, t in zip(elements, operands, strict=True))
        raise Problem(
            replace(problem.diagnostic, notes=(*problem.diagnostic.notes, f"each gives it {parts}"))
        ) from None
    if made is None:
        return UNKNOWN
    if frame.session.ways is not None:
        made = frame.session.ways.closed_body(frame, made)
    results = stacked(made.types, length)
    named = (where, word or stage.word, label)
    index = add_scan(frame, made, operands, results, named, spans, length, each=True)
    return structured(frame, made.structure, index, results)


def _cut(frame: BodyFrame, operands: list[Tensor], where: Span) -> tuple[int, tuple[TensorType, ...]]:
    """The length of the sequences, and what their elements are."""
    for tensor in operands:
        x = tensor.type
        if x.rank < 2:
            raise frame.problem(
                where,
                "not-a-sequence",
                f"each goes along the first axis of {x}, whose elements are single numbers",
                notes=[history(frame, tensor, "the sequence")],
                help="each takes tensors like [T, C, H, W]: T elements [C, H, W]; a vector needs no each",
            )
    lengths = [known(tensor.type.shape[0]) for tensor in operands]
    if len(set(lengths)) != 1:
        raise frame.problem(
            where,
            "shape-mismatch",
            f"each cuts all that it is given alike, these have {', '.join(map(str, lengths))} elements",
            notes=[history(frame, tensor, f"operand {i + 1}") for i, tensor in enumerate(operands[:4])],
            help="give sequences of one length: what all elements need is repeated, `[y] * n -> stack`",
        )
    return lengths[0], tuple([TensorType(t.type.shape[1:], t.type.dtype) for t in operands])
