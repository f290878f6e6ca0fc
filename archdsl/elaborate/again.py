"""Elaborates one network again at other input sizes, its file read once: a graph, or what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archdsl.diagnostics.model import ERROR, Diagnostic, Diagnostics
from archdsl.elaborate.budget import Budget, Limits
from archdsl.elaborate.decisions import Decisions
from archdsl.elaborate.elaborator import elaborate_network, find_network, open_session, room_to_recurse
from archdsl.ir.graph import Graph
from archdsl.source import Source

Shapes = Mapping[str, tuple[int, ...]]


class _Refused(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class _FirstError(Diagnostics):
    """Stops at the first error: what comes after it only costs time."""

    def add(self, diagnostic: Diagnostic) -> None:
        if diagnostic.severity == ERROR:
            raise _Refused(diagnostic)


class Again:
    """A network of `source` with all settings but its input shapes."""

    def __init__(
        self, source: Source, name: str, parameters: Mapping[str, Any], pick: Sequence[int], limits: Limits | None
    ) -> None:
        self._source = source
        self._name = name
        self._parameters = dict(parameters)
        self._pick = tuple(pick)
        self._limits = limits
        self._session: Any = None

    def at(self, shapes: Shapes, symbolic: bool = False) -> Graph | Diagnostic:
        """The network's Graph at these input shapes by name, or the Diagnostic of the first error.

        Nothing is kept between calls but the parsed files, and numbers by which values are told apart. `symbolic`: the
        shapes hold sizes of `archdsl.analysis.traced`.
        """
        session = self._session
        if session is None:
            session = self._session = open_session(self._source, Diagnostics(), self._limits)
        session.diagnostics = _FirstError()
        session.decisions = Decisions(self._pick)
        session.budget = Budget(session.limits)
        session.symbolic = symbolic
        session.failures = 0
        for kept in (session.memo, session.interned, session.op_stages, session.stages, session.recordings):
            kept.clear()
        session.frames.clear()
        try:
            with room_to_recurse():
                block = find_network(session, self._name)
                made = None if block is None else elaborate_network(session, block, self._parameters, shapes)
        except _Refused as refused:
            return refused.diagnostic
        assert made is not None, "a failure without an error"
        return made.graph
