"""Makes the stage that scores features by the rows of a shared embedding: `tied(embed)`."""

from __future__ import annotations

from archdsl.elaborate.binding import bind
from archdsl.elaborate.session import Frame
from archdsl.elaborate.values import UNKNOWN, Labelled, OpName, OpStage, Shared, Value, Worded, kind_of
from archdsl.ops.linear import Linear
from archdsl.ops.sequence import Embedding
from archdsl.syntax import tree


def make_tied(frame: Frame, node: tree.Call) -> Value:
    """`tied(embed)`: linear, without bias, by the weights of the shared embedding, which must have been applied.

    Raises:
        Problem: unfit arguments.
    """
    bound = bind(frame, "tied", ("embedding",), node.arguments, node)
    help = "`shared embed = embedding(10_000, 650)`, then `words -> embed`, then `… -> tied(embed)`"
    if "embedding" not in bound:
        raise frame.problem(node, "missing-argument", "tied needs its argument embedding", help=help)
    value, argument = bound["embedding"]
    if value is UNKNOWN:
        return UNKNOWN
    shared = value if isinstance(value, Shared) else None
    stage = shared.stage if shared is not None else None
    while isinstance(stage, (Labelled, Worded)):
        stage = stage.stage  # type: ignore[assignment]
    if shared is None or not isinstance(stage, OpStage) or not isinstance(stage.op, Embedding):
        what = f"shared {shared.word} is no embedding" if shared is not None else f"this is {kind_of(value)}"
        if isinstance(value, OpName):
            what = f"this is the op {value.op.name}"
        raise frame.problem(argument, "not-an-embedding", f"tied takes a shared embedding, {what}", help=help)
    if shared.body is frame.body and not shared.body.was_applied(shared):
        raise frame.problem(argument, "not-an-embedding", f"{shared.word} is not applied before this", help=help)
    span = frame.span(node)
    linear = OpStage(Linear(out=stage.op.count, bias=False), span, frame.item, {})
    return Shared(linear, shared.word, shared.body, span, of=shared)
