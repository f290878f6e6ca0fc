"""Stages that still wait for arguments: what a call gives that leaves out a required one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from archdsl.elaborate.values import Stage, Value, measure
from archdsl.source import Span

if TYPE_CHECKING:
    from archdsl.elaborate.definitions import Block
    from archdsl.ops.base import Op

Given = dict[str, tuple[Value, Span]]  # by the names of their parameters, with the places where they stand


class Waiting(Stage):
    """An op or block with some of its arguments, `given` in the order of the signature.

    Two are equal where target and arguments are, wherever they were written: what they make is made where they are
    called for the last time.
    """

    __slots__ = ("given", "names", "span", "target", "values")
    made_of = ("values",)

    def __init__(
        self, target: type[Op] | Block, names: tuple[str, ...], given: Mapping[str, tuple[Value, Any]], span: Span
    ) -> None:
        self.target = target
        self.names = names  # that it can be given, in order
        self.given: Given = {name: given[name] for name in names if name in given}
        self.values = tuple([value for value, _ in self.given.values()])
        self.span = span  # of the last call
        self._measure(*measure(self.values))

    @property
    def key(self) -> tuple[Any, ...]:
        return ("waiting", self.target, tuple(self.given), self.values)
