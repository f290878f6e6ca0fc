"""Turns what a counting tool prints for a network into text for a terminal: from our number to the tool's."""

from __future__ import annotations

import textwrap

from archdsl.emit.tables import count_text
from archdsl.presets.result import Count, Predicted

_WIDTH = 80


def text(found: Count) -> str:
    """The sums, at most 80 columns."""
    head = f"{found.network} as {found.tool} ({found.version}) counts it: the emitted module, batch 1, eval mode, CPU"
    lines = textwrap.wrap(head, _WIDTH)
    for number in found.numbers:
        lines += ["", f"{number.name} = {number.call}", *_sum(number)]
    return "\n".join(lines) + "\n"


def _sum(number: Predicted) -> list[str]:
    times = "" if number.times == 1 else f"{number.times} x "
    lines = _line(f"{times}our {number.measure}", count_text(number.times * number.ours))
    for row in number.rows:
        lines += _line(row.reason, ("+" if row.amount > 0 else "-") + count_text(abs(row.amount)))
    value = count_text(number.value)
    lines += _line(number.name, f"at least {value}" if number.missing else value)
    for missing in number.missing:
        line = f"not predicted: {missing.op} ({count_text(missing.applications)} times), because {missing.reason}"
        lines += textwrap.wrap(line, _WIDTH, initial_indent="  ", subsequent_indent="    ")
    return lines


def _line(what: str, amount: str) -> list[str]:
    """A row; the amount on a line of its own where both are too long for one."""
    space = _WIDTH - 2 - len(what) - len(amount)
    return [f"  {what}{' ' * space}{amount}"] if space > 0 else [f"  {what}", amount.rjust(_WIDTH)]
