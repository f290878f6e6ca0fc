"""Turns a spec into the findings in all its networks, each told once per source line."""

from __future__ import annotations

from collections.abc import Mapping

from archdsl.diagnostics.model import ArchError, Diagnostics
from archdsl.elaborate.budget import Limits
from archdsl.elaborate.decisions import Decisions
from archdsl.elaborate.elaborator import elaborate_network, find_network, open_parameters, open_session, tell
from archdsl.elaborate.spec import Spec
from archdsl.elaborate.written_picks import written_picks
from archdsl.lint.driver import in_order, lint, merged, of_warnings
from archdsl.lint.finding import Finding
from archdsl.lint.ignores import advice, without_ignored
from archdsl.source import Source


def lint_source(
    source: Source, severities: Mapping[str, str] | None = None, limits: Limits | None = None
) -> tuple[Finding, ...]:
    """What the rules say of the networks of a file at their defaults, and of its ignore comments.

    A network whose parameters have no defaults is the base of others, and is looked at in those.

    Raises:
        ArchError: the spec has errors; `.diagnostics` lists them.
    """
    severities = severities or {}
    diagnostics = Diagnostics()
    spec = Spec(source, limits)
    session = open_session(spec, diagnostics)
    tell(session, spec.reach_of_all().diagnostics)
    found: list[Finding] = []
    for name in spec.networks:
        session.decide(Decisions(written=written_picks(spec, name)))
        block = find_network(session, name)
        if block is None or open_parameters(block):
            continue
        made = elaborate_network(session, block)
        if made is not None:
            found += lint(made.graph, severities)
    if diagnostics.errors:
        raise ArchError(diagnostics.errors)
    found = list(merged([*found, *of_warnings(diagnostics, severities)]))
    return in_order([*without_ignored(found), *advice(source, found, severities)])
