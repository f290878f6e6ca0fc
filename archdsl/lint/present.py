"""Turns findings into diagnostics for a terminal, and into plain data for JSON."""

from __future__ import annotations

from typing import Any

from archdsl.analysis.report import json_int
from archdsl.diagnostics.json import to_json
from archdsl.diagnostics.model import Diagnostic, Label
from archdsl.diagnostics.render import render, summary
from archdsl.emit.html import html_table
from archdsl.lint.finding import Finding

# What the numbers of a cost are called, in the order in which they are told.
UNITS = {
    "params": "parameters",
    "macs": "multiply-accumulates",
    "memory_access": "elements of memory access",
    "elementwise_ops": "element-wise operations",
    "activations": "elements of results",
    "ops": "ops",
}


class Findings(tuple[Finding, ...]):
    """Findings, worst first: `print` shows them as `archdsl lint` does, a notebook as a table."""

    def __str__(self) -> str:
        """What `archdsl lint` prints."""
        said = [diagnostic(finding) for finding in self]
        return "\n\n".join([*map(render, said), summary(said) if said else "nothing to advise"])

    def __repr__(self) -> str:
        names = ", ".join(dict.fromkeys(finding.rule.name for finding in self))
        return f"<Findings: {len(self)} of {names}>" if self else "<Findings: none>"

    def _repr_html_(self) -> str:
        rows = [["severity", "where", "what", "how much", "instead", "rule"]]
        for one in self:
            rows.append([one.severity, str(one.span), one.message, "; ".join(_costs(one)), one.edit, one.rule.name])
        return html_table(f"{len(self)} finding{'s' * (len(self) != 1)}", rows, len(rows[0]))

    def to_json(self) -> list[dict[str, Any]]:
        """The same as plain data, as `archdsl lint --json` prints it."""
        return [as_json(finding) for finding in self]


def diagnostic(finding: Finding) -> Diagnostic:
    """The finding as a message: what, its cost and how often, why, and what to write instead."""
    rule = finding.rule
    notes = [*_costs(finding), *finding.notes]
    if rule.check is not None:
        notes.append(f"{rule.reason} ({rule.source})")
    return Diagnostic(
        code=rule.name,
        message=finding.message,
        span=finding.span,
        severity=finding.severity,
        labels=tuple(Label(span) for span in finding.spans[1:] if not _covers(finding, span)),
        notes=tuple(notes),
        help=finding.edit,
    )


def _covers(finding: Finding, span: Any) -> bool:
    return any(s is not span and s.start <= span.start and span.end <= s.end for s in finding.spans)


def _costs(finding: Finding) -> list[str]:
    """The cost in all and its share of the network; how often, and in which networks."""
    numbers = {unit: getattr(finding.cost, name) for name, unit in UNITS.items()}
    more = ", ".join(f"{number:,} {unit}" for unit, number in numbers.items() if number > 0)
    fewer = ", ".join(f"{-number:,} {unit}" for unit, number in numbers.items() if number < 0)
    share = f" ({_percent(finding.share[1])} of the network's {_shared(finding.share[0])})" if finding.share else ""
    notes = [f"costs {more}{share}" + (f", but spares {fewer}" if fewer else "")] if more else []
    if finding.networks:
        others = len(finding.networks) - 1
        where = f"in {finding.networks[0]}"
        where += f" and {others} more network{'s' if others > 1 else ''} of this file" if others else ""
        times = "" if finding.applications == 1 else f"{finding.applications:,} times "
        kinds = (
            ""
            if finding.variants == 1
            else f", of {finding.variants} kinds; this is the {'dearest' if more else 'first'}"
        )
        notes.append(f"{times}{where}{kinds}")
    return notes


def _shared(name: str) -> str:
    return UNITS[name].removeprefix("elements of ")


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.995 else f"{100 * share:.0f} %"


def as_json(finding: Finding) -> dict[str, Any]:
    """The finding as plain data; integers beyond 64 bits as text, lines and columns from 1."""
    place = to_json(diagnostic(finding))
    keys = ("file", "line", "column", "end_line", "end_column")
    return {
        "rule": finding.rule.name,
        "severity": finding.severity,
        "message": finding.message,
        **{key: place[key] for key in keys},
        "applications": json_int(finding.applications),
        "variants": finding.variants,
        "cost": {_field(name): json_int(value) for name, value in finding.cost._asdict().items()},
        "share": None if finding.share is None else {"of": _field(finding.share[0]), "fraction": finding.share[1]},
        "networks": list(finding.networks),
        "notes": list(finding.notes),
        "reason": finding.rule.reason,
        "source": finding.rule.source,
        "edit": finding.edit,
    }


def _field(name: str) -> str:
    return {"memory_access": "memory_access_elements", "activations": "activation_elements"}.get(name, name)
