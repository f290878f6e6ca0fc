"""Finds which variable of the spec holds what an op gives, where that is sure: the i, f, o, g of an LSTM."""

from __future__ import annotations

from archdsl.ir.graph import INPUT, Graph, Node
from archdsl.ir.per_body import per_body_alone


@per_body_alone
def variables(graph: Graph) -> dict[int, str]:
    """By number of a node the variable that a statement gives its result.

    That is sure of a statement with one variable, and of one that ends with a list of stages, one for each variable.
    """
    statements: dict[tuple[str, ...], list[int]] = {}
    read: set[tuple[int, tuple[str, ...]]] = set()  # nodes, and the names of statements that read them
    for number, node in enumerate(graph.nodes):
        if node.names:
            statements.setdefault(node.names, []).append(number)
        read |= {(ref.node, node.names) for ref in node.operands if ref.node != INPUT}
    found: dict[int, str] = {}
    for names, numbers in statements.items():
        last = [number for number in numbers if (number, names) not in read and len(graph.nodes[number].types) == 1]
        if len(last) == len(names) and (len(names) == 1 or _is_list([graph.nodes[number] for number in last])):
            found |= dict(zip(last, names, strict=True))
    return found


def _is_list(nodes: list[Node]) -> bool:
    """Whether nodes are the stages of one list, with which its line ends."""
    spans = {node.spans[0] if node.spans else None for node in nodes}
    span = spans.pop()
    if spans or span is None or not (span.text.startswith("[") and span.text.endswith("]")):
        return False
    line = span.source.text[span.end :].partition("\n")[0]
    return not line.partition("#")[0].strip()
