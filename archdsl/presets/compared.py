"""Tells which of torch's names were compared with the tools: where a tool has no rule for one, it counts nothing."""

from __future__ import annotations

import re
from functools import cache

from archdsl.ops import registry
from archdsl.ops.base import apply
from archdsl.ops.examples import op_of
from archdsl.ops.torch_form import Helper
from archdsl.presets.executed_op import ExecutedOp, names_in

_RANK = re.compile(r"[123]d")


def not_compared(executed: ExecutedOp) -> list[str]:
    """The names that the op calls and no op of this package does; none if it says that they were compared.

    tests/presets compare what every op of this package calls, for all ranks, with every tool.
    """
    op = executed.op
    if op.compared or (op.name in registry.names() and registry.load(op.name) is type(op)):
        return []
    names, helpers = _called()
    foreign = {h.name for h in executed.form.helpers if h not in helpers and not _RANK.search(h.name)}
    return [name for name in executed.names if name in foreign or _RANK.sub("", name) not in names]


@cache
def _called() -> tuple[frozenset[str], frozenset[Helper]]:
    """What the ops of this package call in their examples, without the number of axes; and their helpers."""
    names = {"F.linear"}  # of a tied layer, which no form tells
    helpers: set[Helper] = set()
    for example in (example for word in registry.names() for example in getattr(registry.load(word), "examples", ())):
        op, _ = apply(op_of(example.call), example.inputs)
        form = op.torch(example.inputs)
        for part in (form.module, form.function, form.before):
            names.update(_RANK.sub("", name) for name in names_in(part))
        helpers.update(form.helpers)
    return frozenset(names), frozenset(helpers)
