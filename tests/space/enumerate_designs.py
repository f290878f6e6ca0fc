"""Every design of a random space, by plain enumeration: depth first over the decisions that are used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.space.machine import Machine
from tests.space.program import Program
from tests.space.run import Fails, Run, Setting, Unpicked


class TooMany(Exception):
    """The space has more designs than were wanted."""


@dataclass(frozen=True)
class Design:
    """One design: options by name. `fails`: it does not elaborate, and the picks end where it fails.

    `surely`: each decision is used where another option surely gives another value.
    """

    picks: Mapping[str, str]
    fails: bool
    params: int = 0
    macs: int = 0
    surely: bool = True
    indices: Mapping[str, int] = field(default_factory=dict)  # of the options


def run_design(setting: Setting, run: Run) -> Design:
    """What one run gives.

    Raises:
        Unpicked: a decision is used for which there is no pick.
    """
    fails, params, macs = False, 0, 0
    try:
        params, macs = Machine(setting, run).network()
    except Fails:
        fails = True
    surely = run.surely >= set(run.asked)
    return Design(run.design(), fails, params, macs, surely, run.indices())


def every_design(program: Program, most: int = 10**6) -> list[Design]:
    """All designs, in the order of the options.

    Raises:
        TooMany: there are more.
    """
    setting = Setting.of(program)
    found: list[Design] = []
    pending: list[dict[str, int]] = [{}]
    while pending:
        picks = pending.pop()
        try:
            found.append(run_design(setting, Run(picks)))
        except Unpicked as unpicked:
            decision = unpicked.decision
            pending += [{**picks, decision.name: i} for i in range(len(decision.options))][::-1]
        if len(found) + len(pending) > most:
            raise TooMany
    return found


def design_of(program: Program, texts: Mapping[str, str]) -> Design:
    """The design with these picks by text; the first option where there is none."""
    return run_design(Setting.of(program), Run({}, texts, first=True))
