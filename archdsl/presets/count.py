"""Turns a network into the numbers that a counting tool prints for its emitted module, and why they are not ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from archdsl.analysis.cost import cost
from archdsl.emit.pytorch.executed import Executed, How, executed
from archdsl.ir.graph import Graph, Node, bodies
from archdsl.ir.weights import owners
from archdsl.presets import registry
from archdsl.presets.compared import not_compared
from archdsl.presets.executed_op import Difference, ExecutedOp, NotPredictable
from archdsl.presets.reads import Reads, Wanted
from archdsl.presets.result import Count, DifferenceRow, NotPredicted, Predicted
from archdsl.presets.tool import NodeKey, Operations, Parameters

UNREAD = "never computed: nothing reads it"
UNCALLED = "modules that are never called"
UNHELD = "learned tensors: no layer holds them"


def count(root: Graph, name: str) -> Count:
    """What the tool called `name` prints for `root`.

    Raises:
        KeyError: there is no preset for this tool; `registry.names` lists them.
        ArchError: no module can be emitted for `root`.
    """
    tool = registry.load(name)
    became = executed(root)
    numbers = tuple(
        _operations(root, number, became) if isinstance(number, Operations) else _parameters(root, number, became)
        for number in tool.numbers
    )
    return Count(root.name, tool.name, tool.version, numbers)


@dataclass
class _Sum:
    """Differences by reason, and what is not predicted by (op, reason)."""

    rows: Counter[str] = field(default_factory=Counter)
    missing: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: _Sum, times: int) -> None:
        """Add `other`, so many times."""
        for reason, amount in other.rows.items():
            self.rows[reason] += times * amount
        for key, applications in other.missing.items():
            self.missing[key] += times * applications

    def predicted(self, number: Operations | Parameters, measure: str, ours: int, times: int) -> Predicted:
        rows = tuple(DifferenceRow(reason, amount) for reason, amount in self.rows.items() if amount)
        rows = tuple(sorted(rows, key=lambda row: (-abs(row.amount), row.reason)))
        missing = tuple(NotPredicted(op, reason, n) for (op, reason), n in sorted(self.missing.items()))
        value = times * ours + sum(row.amount for row in rows)
        return Predicted(number.name, number.call, value, measure, ours, times, rows, missing)


# --- operations ------------------------------------------------------------------------------------------------


def _operations(root: Graph, number: Operations, became: Mapping[int, Executed]) -> Predicted:
    sums: dict[tuple[int, Wanted], _Sum] = {}
    unsure = number.unsure(root) if number.unsure else {}
    reads = Reads(root, became, number.traced)
    for graph, wanted in reads.uses():
        found = sums[id(graph), wanted] = _Sum()
        read = reads.nodes(graph, wanted)
        _add_ops(found, graph, read, number, became[id(graph)], unsure)
        calls: Counter[tuple[int, Wanted]] = Counter()
        for index, node in enumerate(graph.nodes):
            if node.body is not None:
                ran = read.get(index, {})
                calls.update({(id(node.target), outputs): times for outputs, times in ran.items()})
                found.rows[UNREAD] -= number.times * cost(node.body).macs * (node.steps - sum(ran.values()))
        for key, times in calls.items():
            found.add(sums[key], times)
    return sums[id(root), reads.everything].predicted(number, "macs", cost(root).macs, number.times)


def _add_ops(
    found: _Sum,
    graph: Graph,
    read: Container[int],
    number: Operations,
    became: Executed,
    unsure: Mapping[NodeKey, str],
) -> None:
    """What the tool makes of the ops in one body, and of what is left out there."""
    for index, node in enumerate(graph.nodes):
        how = became.nodes.get(index)
        if node.op is None:
            continue
        if how is None or index not in read:
            found.rows[UNREAD] -= number.times * node.op.macs(graph.operand_types(node), node.types)
        else:
            executed = ExecutedOp(node.op, graph.operand_types(node), node.types, how)
            _add(found, executed, number, unsure.get((id(graph), index)))
    if number.per_class is not None:
        for reason, amount in number.per_class(graph, became):
            found.rows[reason] += amount


def _add(found: _Sum, executed: ExecutedOp, number: Operations, doubt: str | None) -> None:
    """Add what the tool makes of one application; what is not predicted counts as nothing."""
    try:
        differences = _differences(executed, number)
    except NotPredictable as error:
        doubt = str(error)
    if doubt is not None:
        found.missing[executed.op.name, doubt] += 1
        differences = [(f"{executed.word}: not predicted", -number.times * executed.macs)]
    for reason, amount in differences:
        found.rows[reason] += amount


def _differences(executed: ExecutedOp, number: Operations) -> list[Difference]:
    """By the rules of every name that the op calls.

    Raises:
        NotPredictable: a name was never compared with the tool, or a rule cannot tell.
    """
    ruled = [name for name in executed.names if name in number.rules]
    if len(ruled) < len(executed.names):
        for name in not_compared(executed):
            if name not in number.rules:
                raise NotPredictable(f"there is no rule for {name}")
    if ruled and (ruled != [executed.names[0]] or not executed.plain):
        raise NotPredictable(f"{ruled[-1]} is called on something else than the op's operand")
    if not ruled and executed.macs:
        return [(_unruled(executed), -number.times * executed.macs)]
    return list(number.rules[ruled[0]](executed)) if ruled else []


def _unruled(executed: ExecutedOp) -> str:
    return f"{executed.word}: no rule for {executed.names[0]}"


# --- parameters ------------------------------------------------------------------------------------------------


def _parameters(root: Graph, number: Parameters, became: Mapping[int, Executed]) -> Predicted:
    sums: dict[int, _Sum] = {}
    for graph in bodies(root) if number.layers is not None else ():
        modules: dict[int, list[int]] = {}
        for index, owner in enumerate(owners(graph)):
            modules.setdefault(owner, []).append(index)
        found = sums[id(graph)] = _Sum()
        for indices in modules.values():
            hows = [became[id(graph)].nodes[i] for i in indices if i in became[id(graph)].nodes]
            first = graph.nodes[indices[0]]
            if not hows:
                found.rows[UNCALLED] -= _params(graph, first)
            elif isinstance(first.target, Graph):
                found.add(sums[id(first.target)], 1)
            else:
                executed = ExecutedOp(first.target, graph.operand_types(first), first.types, hows[0])
                found.rows[_why_lost(executed, number.layers or frozenset())] -= executed.params
        found.rows.pop("", None)
    return sums.get(id(root), _Sum()).predicted(number, "params", cost(root).params, 1)


def _params(graph: Graph, node: Node) -> int:
    if isinstance(node.target, Graph):
        return cost(node.target).params
    return sum(weight.size for weight in node.target.weights(graph.operand_types(node)) if weight.trainable)


def _why_lost(executed: ExecutedOp, layers: frozenset[str]) -> str:
    """Why the tool misses the op's parameters; "" when it counts them."""
    if executed.how is How.PARAMETER:
        return UNHELD
    return "" if not executed.names or executed.names[0] in layers else _unruled(executed)
