"""Turns a network into findings: runs the rules, and tells what they hit once per source line, dearest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from archdsl.analysis.cost import NOTHING, Cost, cost
from archdsl.diagnostics.model import Diagnostic
from archdsl.ir.graph import Graph
from archdsl.lint.finding import OFF, SEVERITIES, Finding, Hit, Rule
from archdsl.lint.registry import rules
from archdsl.lint.subject import Subject
from archdsl.source import Span

# The numbers of a network that a finding may be a part of.
SHARED = ("macs", "params", "memory_access", "elementwise_ops", "activations")


@dataclass(slots=True)
class _LineHits:
    """What one rule hits in one line so far."""

    rule: Rule
    worst: Hit
    worst_cost: Cost = NOTHING
    cost: Cost = NOTHING
    applications: int = 0
    spans: dict[Span, tuple[float, ...]] = field(default_factory=dict)
    messages: set[str] = field(default_factory=set)


def lint(
    graph: Graph, severities: Mapping[str, str] | None = None, warnings: Iterable[Diagnostic] = ()
) -> tuple[Finding, ...]:
    """The findings of all rules that are not off, worst severity first, then dearest; ignores are not looked at.

    `severities` overrides those that rules have by default. `warnings` are what elaboration found odd in the network:
    a result that nobody uses is no longer in the graph, so only they know of it.
    """
    chosen = {name: (severities or {}).get(name, rule.severity) for name, rule in rules().items()}
    subject, whole = Subject(graph), cost(graph)
    found: list[Finding] = []
    for name, rule in rules().items():
        if chosen[name] == OFF or rule.check is None:
            continue
        lines: dict[tuple[str, int], _LineHits] = {}
        for hit in rule.check(subject):
            _note(subject, rule, hit, lines)
        found += [_finding(line, chosen[name], whole, graph.name) for line in lines.values()]
    return in_order([*found, *of_warnings(warnings, chosen, (graph.name,))])


def in_order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Worst severity first, then the largest share of the network, then reading order."""
    return tuple(
        sorted(found, key=lambda f: (SEVERITIES.index(f.severity), -(f.share[1] if f.share else 0), f.place))
    )  # fmt: skip


def of_warnings(
    warnings: Iterable[Diagnostic], severities: Mapping[str, str], networks: tuple[str, ...] = ()
) -> Iterator[Finding]:
    """Results that elaboration left out because nobody uses them, as findings; no number counts them."""
    rule = rules()["dead-branch"]
    severity = severities.get(rule.name, rule.severity)
    for warning in warnings:
        if warning.code == "unused-tensor" and warning.span is not None and severity != OFF:
            spans = (warning.span,)
            yield Finding(rule, severity, warning.message, warning.help, (), spans, NOTHING, None, 1, 1, networks)


def _note(subject: Subject, rule: Rule, hit: Hit, lines: dict[tuple[str, int], _LineHits]) -> None:
    for span, applications, weight_sets in subject.places(hit.body, hit.span):
        line = lines.setdefault((span.source.name, span.line), _LineHits(rule, hit))
        part = NOTHING.plus(hit.cost, applications, weight_sets)
        line.cost = line.cost.plus(part)
        line.applications += applications
        line.messages.add(hit.message)
        line.spans[span] = max(line.spans.get(span, _weight(NOTHING)), _weight(part))
        if _weight(part) > _weight(line.worst_cost):
            line.worst, line.worst_cost = hit, part


def _weight(cost: Cost) -> tuple[float, ...]:
    return cost.macs, cost.memory_access, cost.params, cost.elementwise_ops, cost.activations, cost.ops


def _finding(line: _LineHits, severity: str, whole: Cost, network: str) -> Finding:
    hit = line.worst
    shares = [(name, getattr(line.cost, name) / getattr(whole, name)) for name in SHARED if getattr(whole, name)]
    spans = tuple(sorted(line.spans, key=lambda span: (*(-n for n in line.spans[span]), span.start)))
    return Finding(
        rule=line.rule,
        severity=severity,
        message=hit.message,
        edit=hit.edit,
        notes=hit.notes,
        spans=spans,
        cost=line.cost,
        share=max((s for s in shares if s[1] > 0), key=lambda s: s[1], default=None),
        applications=line.applications,
        variants=len(line.messages),
        networks=(network,),
    )


def merged(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings of several networks of a file, one per (rule, line): that of the network where it weighs most."""
    lines: dict[tuple[str, tuple[str, int]], list[Finding]] = {}
    for finding in found:
        lines.setdefault((finding.rule.name, finding.place), []).append(finding)
    kept = []
    for same in lines.values():
        same.sort(key=lambda f: -(f.share[1] if f.share else 0))
        networks = dict.fromkeys(name for finding in same for name in finding.networks)
        kept.append(replace(same[0], networks=tuple(networks)))
    return in_order(kept)
