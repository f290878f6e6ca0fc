"""Keeps elaboration finite: counts what a spec makes, and refuses what crosses a limit."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from archdsl.choices.nodes import Decision
from archdsl.diagnostics.display import brief
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.elaborate.values import ListValue, Value
from archdsl.source import Span

if TYPE_CHECKING:
    from archdsl.elaborate.session import BodyFrame, Frame


NODE = 3


@dataclass(frozen=True)
class Limits:
    """What one elaboration may use; sizes count as if nothing were shared (language.md, *Budgets*)."""

    elements: int = 1_000_000  # of one list or text
    flat_ops: int = 1_000_000  # of one body, calls expanded
    nodes: int = 250_000  # made by one elaboration, each body once
    steps: int = 1_000_000  # loop steps and calls, all together
    evaluations: int = 2_000_000  # expressions evaluated, all together
    depth: int = 400  # expressions and calls inside each other
    nesting: int = 200  # lists or stages inside each other
    integer: int = 2**63

    def __post_init__(self) -> None:
        """Refuse what is no limit.

        Raises:
            ArchError: a number that is not whole, or not from 1 to 2**63 (bad-argument).
        """
        for one in fields(self):
            value = getattr(self, one.name)
            if type(value) is not int or not 0 < value <= 2**63:
                message = f"the limit {one.name} cannot be {brief(value)}"
                raise ArchError([Diagnostic("bad-argument", message, None, help="give an int from 1 to 2**63")])


@dataclass
class Budget:
    """What has been used so far."""

    limits: Limits
    nodes: int = 0
    steps: int = 0
    evaluations: int = 0
    depth: int = 0
    most_depth: int = field(init=False)  # two limits at hand, since every expression asks for them
    most_evaluations: int = field(init=False)

    def __post_init__(self) -> None:
        self.most_depth = self.limits.depth
        self.most_evaluations = self.limits.evaluations

    @property
    def work(self) -> int:
        """What has been done, in expressions evaluated: a node costs as much as `NODE` of them."""
        return self.evaluations + NODE * self.nodes


def over_budget(frame: Frame, node: Any) -> Exception:
    """The end of an elaboration that nests too deep or evaluates too much."""
    budget = frame.session.budget
    if budget.depth > budget.limits.depth:
        return frame.problem(
            node,
            "recursion-too-deep",
            f"expressions and calls are nested more than {budget.limits.depth} deep here",
            help="does it end? Stop it with `if n == 1 { return … }`, or use `for`",
            fatal=True,
        )
    return frame.problem(
        node,
        "too-many-evaluations",
        f"this spec takes more than {budget.limits.evaluations:,} evaluations to elaborate",
        help="a recursion or nested loops grow too fast, or look at long lists and texts too often: shorten them",
        fatal=True,
    )


def charge_now(frame: Frame, elements: int, where: Any) -> None:
    """Charge work that goes on without an expression in between.

    Raises:
        Exhausted: the budget is used up.
    """
    session = frame.session
    session.charge(elements)
    if session.budget.evaluations > session.budget.most_evaluations:
        raise over_budget(frame, where)


def count_step(frame: Frame, where: Any) -> None:
    """Charge one loop step or call to the budget.

    Raises:
        Exhausted: the budget is used up.
    """
    budget = frame.session.budget
    budget.steps += 1
    if budget.steps > budget.limits.steps:
        raise frame.problem(
            where,
            "too-many-steps",
            f"this spec takes more than {budget.limits.steps:,} loop steps and calls to elaborate",
            help="shorten the loop, or raise the limit with --max-steps",
            fatal=True,
        )


def too_many_cases(frame: Frame, where: Any, decisions: Collection[Decision]) -> Exception:
    """The end of an elaboration that meets a value of too many cases, by these decisions, where they are known."""
    names = [decision.name for decision in sorted(decisions, key=attrgetter("order"))]
    by = f", by {len(names)} decision{'s' if len(names) > 1 else ''}" if names else ""
    return frame.problem(
        where,
        "space-too-large",
        f"this has too many cases to be followed{by}",
        notes=[f"decisions: {', '.join(names[:6])}{', …' if len(names) > 6 else ''}"] if names else [],
        help="choose where the value is used, not before, and of fewer options; or pick: `--pick NAME=OPTION`",
        fatal=True,
    )


def check_flat_ops(frame: BodyFrame, more: int, where: Span) -> None:
    """Refuse a body of too many ops, calls expanded, and an elaboration that makes too many nodes."""
    limits, budget = frame.session.limits, frame.session.budget
    if frame.body.flat_ops + more > limits.flat_ops:
        message = f"this body would have over {limits.flat_ops:,} ops, all calls expanded"
    elif budget.nodes > limits.nodes:
        message = f"this spec makes over {limits.nodes:,} nodes, each body counted once"
    else:
        return
    raise frame.problem(
        where,
        "too-many-ops",
        message,
        help="make it smaller, put what repeats into a block, or raise the limit with --max-ops",
        fatal=True,
    )


def check_stage_size(frame: Frame, size: int, depth: int, where: Any) -> None:
    """Refuse a stage that is too large or too deep when it is built, before anything walks it."""
    limits = frame.session.limits
    if size > limits.flat_ops:
        raise frame.problem(
            where,
            "too-many-ops",
            f"this stage holds {size:,} applications; the limit is {limits.flat_ops:,}",
            help="make it smaller, or raise the limit with --max-ops",
            fatal=True,
        )
    if depth > limits.nesting:
        raise frame.problem(
            where,
            "nested-too-deep",
            f"stages or lists are nested {depth} deep; the limit is {limits.nesting}",
            help="write a chain `f -> g` or a list instead of nesting one in the other",
            fatal=True,
        )


def keep(memo: dict[Any, Any], key: Any, found: Any, most: int) -> Any:
    """Remember what was found, in a memo of at most so many: a full one begins anew."""
    if len(memo) >= most:
        memo.clear()
    memo[key] = found
    return found


def sized(frame: Frame, size: int, nodes: tuple[Any, Any], make: Callable[[], Value]) -> Value:
    """Make a list or text of `size` elements, unless that is over the limit. Copying is charged to the budget."""
    limit = frame.session.limits.elements
    if size > limit:
        raise frame.problem(
            frame.join(nodes),
            "list-too-long",
            f"this list or text is too long: over {limit:,} elements",
            help="make it smaller, or raise the limit with --max-elements",
            fatal=True,
        )
    frame.session.charge(size >> 2)
    value = make()
    if isinstance(value, ListValue) and value.size > max(limit, 64):  # elements that are lists hold more
        return sized(frame, value.size, nodes, make)
    if isinstance(value, ListValue) and value.depth > frame.session.limits.nesting:
        check_stage_size(frame, 0, value.depth, frame.join(nodes))
    return value


def bounded(frame: Frame, value: ListValue, node: Any) -> Value:
    """A list that was made, unless it is over a limit."""
    limits = frame.session.limits
    if value.size <= limits.elements and value.depth <= limits.nesting:
        frame.session.charge(value.size >> 2)
        return value
    return sized(frame, value.size, (node, node), lambda: value)


def check_number(frame: Frame, result: Any, nodes: tuple[Any, Any]) -> Value:
    """Refuse ints beyond 64 bits, and floats that are no finite number."""
    if isinstance(result, int):
        if abs(result) >= frame.session.limits.integer:
            raise overflow(frame, nodes)
    elif not math.isfinite(result):
        raise frame.problem(
            frame.join(nodes),
            "number-too-large",
            "the result is too large: it is no finite number",
            help="check the factors; `inf` is an argument, not a number to calculate with",
        )
    return result


def overflow(frame: Frame, nodes: tuple[Any, Any]) -> Exception:
    return frame.problem(
        frame.join(nodes),
        "number-too-large",
        "the result is too large: ints stay below 2**63",
        help="no number of channels, ops or elements comes near: check the factors",
    )
