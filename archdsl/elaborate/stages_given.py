"""Takes a stage as the argument of scan, each or taps: a block, with all that it needs, and weights of its own."""

from __future__ import annotations

from typing import Any

from archdsl.elaborate.arguments import bind_block, unfilled
from archdsl.elaborate.session import Frame
from archdsl.elaborate.values import BlockName, Stage, Value, plain, shared_in
from archdsl.elaborate.waiting import Waiting


def stage_given(frame: Frame, stage: Value, argument: Any) -> Value:
    """A stage as the argument of scan, each or taps: a block by its name alone has its defaults; UNKNOWN if it failed.

    Raises:
        Problem: it still waits for an argument.
    """
    inner = plain(stage) if isinstance(stage, Stage) else stage
    if isinstance(inner, BlockName):
        inner = bind_block(frame, inner.block, [], argument)
    if isinstance(inner, Waiting):
        raise unfilled(frame, inner, argument)
    return inner


def refuse_shared(frame: Frame, stage: Value, argument: Any, who: str, help: str) -> None:
    """Refuse a stage whose weights are shared to who applies weights of its own.

    Raises:
        Problem: it is shared, or a part of it.
    """
    shared = shared_in(stage)
    if shared is not None:
        message = f"{shared.word} is shared, and {who} applies a set of weights of its own"
        raise frame.problem(argument, "shared-escapes", message, help=help)
