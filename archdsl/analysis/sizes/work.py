"""Counts the work that goes into formulas, so that no spec makes it go on without end."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import update_wrapper
from typing import Generic, ParamSpec, TypeVar

from archdsl.analysis.sizes.sets import TooIrregular
from archdsl.remembered import remembered

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

# A step of work takes about a microsecond: a segment of a formula looked at, a box of a region compared.
MOST_WORK = 2**22  # for all formulas of a network; the zoo's take up to two thirds of it
EVALUATION = 8  # steps for an expression that is evaluated, with what measures the network that comes of it
MOST_EVALUATIONS = MOST_WORK // EVALUATION  # where sizes are elaborated one by one


class OutOfWork(TooIrregular):
    """The budget is used up."""

    has_place = False


class Work:
    """What may still be done, in steps."""

    def __init__(self) -> None:
        self.most = self.left = MOST_WORK

    def spend(self, amount: int) -> None:
        """Take so much.

        Raises:
            TooIrregular: it is more than was left.
        """
        self.left -= amount
        if self.left < 0:
            raise OutOfWork(f"formulas take more than {self.most:,} steps of work")


# What is spent now; outside of an exploration nobody counts.
WORK: ContextVar[Work | None] = ContextVar("work", default=None)


def spend(amount: int) -> None:
    """Charge the work that is going on.

    Raises:
        TooIrregular: it is more than was left of it.
    """
    work = WORK.get()
    if work is not None:
        work.spend(amount)


class Charged(Generic[Arguments, Result]):
    """A function that is remembered, and charges each time what it took to find its result.

    The answer to a network then does not depend on what was asked before.
    """

    def __init__(self, function: Callable[Arguments, Result]) -> None:
        @remembered
        def found(*arguments: Arguments.args, **_none: Arguments.kwargs) -> tuple[Result, int]:
            outer, own = WORK.get(), Work()
            token = WORK.set(own)
            try:
                return function(*arguments, **_none), own.most - own.left
            except TooIrregular:
                if outer is not None:
                    outer.spend(own.most - own.left)
                raise
            finally:
                WORK.reset(token)

        self.memo = found
        update_wrapper(self, function)

    def __call__(self, *arguments: Arguments.args, **_none: Arguments.kwargs) -> Result:
        """What the function gives for `arguments`."""
        result, cost = self.memo(*arguments, **_none)
        spend(cost)
        return result


def charged(function: Callable[Arguments, Result]) -> Charged[Arguments, Result]:
    """Remember what `function` gives and what it costs."""
    return Charged(function)
