"""Finds what is computed and then thrown away: results that nobody uses, and branches times 0."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.analysis.cost import Cost, cost
from archdsl.diagnostics.model import WARNING
from archdsl.ir.graph import INPUT, Graph, Node, Ref
from archdsl.lint.finding import Hit, Rule
from archdsl.lint.measure import price, scaled_weights
from archdsl.lint.subject import Subject, span_of
from archdsl.ops.arithmetic import Scalar
from archdsl.ops.merge import Concat


def check(subject: Subject) -> Iterator[Hit]:
    """Tensors times 0, with all in their body that leads there only; weights that are shared are not counted.

    Left out are products on which nothing else hangs and which concats alone read: they fill channels with zeros, as
    the shortcuts of He et al. 2015 (arXiv:1512.03385, section 4.2, option A) do. Results that nobody uses are not in
    the graph: elaboration finds those (see `driver.lint`).
    """
    for body in subject.bodies:
        lost = _lost(body)
        filling = _filling(body) if lost else set()
        for index, found in lost.items():
            ops = found.ops - 1
            if not ops and Ref(index) in filling:
                continue
            yield Hit(
                body,
                span_of(body.nodes[index], body),
                "this is times 0: nothing of what leads here reaches the result",
                "remove the branch, or the factor",
                found,
                (f"{ops} op{'s' if ops > 1 else ''} lead{'' if ops > 1 else 's'} here only",) if ops else (),
            )


def _filling(body: Graph) -> set[Ref]:
    """The tensors that concats read, and nothing else."""
    joined = {ref for node in body.nodes if isinstance(node.op, Concat) for ref in node.operands}
    return joined.difference(body.outputs, *(node.operands for node in body.nodes if not isinstance(node.op, Concat)))


def _lost(body: Graph) -> dict[int, Cost]:
    """For each node that multiplies by 0 what it costs together with the nodes that only it, or another such, reads."""
    readers: list[list[int]] = [[] for _ in body.nodes]
    for index, node in enumerate(body.nodes):
        for ref in node.operands:
            if ref.node != INPUT:
                readers[ref.node].append(index)
    kept = {ref.node for ref in body.outputs}
    owner: dict[int, int] = {}
    costs: dict[int, Cost] = {}
    for index in range(len(body.nodes) - 1, -1, -1):
        node = body.nodes[index]
        if isinstance(node.op, Scalar) and node.op.operator == "*" and node.op.value == 0:
            owner[index] = index
        elif readers[index] and index not in kept and all(reader in owner for reader in readers[index]):
            owner[index] = owner[readers[index][0]]
        else:
            continue
        costs[owner[index]] = costs.get(owner[index], Cost()).plus(_cost(body, node))
    return costs


def _cost(body: Graph, node: Node) -> Cost:
    found = cost(node.target) if isinstance(node.target, Graph) else price((node.target, body.operand_types(node)))
    return scaled_weights(Cost().plus(found, node.steps), int(node.slot is None))


RULE = Rule(
    "dead-branch",
    WARNING,
    "results that nobody uses, and branches times 0",
    "what does not reach an output is work for nothing; most often something was forgotten",
    "elementary; archdsl leaves unused results out of the network (docs/decisions/0001)",
    check,
)
