"""Turns a graph into its nodes in order of application, calls opened no deeper than asked and only when read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from archdsl.ir.graph import Graph, Node
from archdsl.ir.weights import owns


@dataclass(frozen=True, slots=True)
class WalkedNode:
    """A node where it is applied: node `index` of `body`, `level` calls inside the root.

    `path` is the dotted module name from the root ("" parts are left out). `repeats` > 1 stands for that many equal
    applications in sequence, of which this is the first; `times` is `repeats` multiplied by those of the calls that it
    is inside and by their steps, `copies` the same without steps. Its weights are `shared` where an earlier one has
    them. It `opens` where the nodes inside it follow.
    """

    body: Graph
    index: int
    path: str
    level: int
    repeats: int
    times: int
    copies: int
    shared: bool
    opens: bool

    @property
    def node(self) -> Node:
        """The node itself."""
        return self.body.nodes[self.index]


def walked(graph: Graph, depth: float = inf, *, fold: bool = False, scans: bool = True) -> Iterator[WalkedNode]:
    """The nodes of `graph` in order of application, a call before what is inside it.

    `depth` is how many levels are listed: 1 lists the root's own nodes. With `fold`, equal neighbours in a body that
    have weights of their own are one, and are opened once. Without `scans`, those are not opened.
    """
    stack = [_applied(graph, None, depth, fold, scans)]
    while stack:
        here = next(stack[-1], None)
        if here is None:
            stack.pop()
            continue
        yield here
        if here.opens and here.node.body is not None:
            stack.append(_applied(here.node.body, here, depth, fold, scans))


def _applied(body: Graph, call: WalkedNode | None, depth: float, fold: bool, scans: bool) -> Iterator[WalkedNode]:
    """The nodes of a body that is called from `call`, or of the root."""
    prefix, level, times, copies, shared = "", 0, 1, 1, False
    if call is not None:
        prefix, level, shared = call.path, call.level + 1, call.shared
        times, copies = call.times * call.node.steps, call.copies
    index = 0
    while index < len(body.nodes):
        node = body.nodes[index]
        repeats = run_length(body, index) if fold else 1
        yield WalkedNode(
            body=body,
            index=index,
            path=".".join(part for part in (prefix, node.label) if part),
            level=level,
            repeats=repeats,
            times=times * repeats,
            copies=copies * repeats,
            shared=shared or not owns(body)[index],
            opens=node.body is not None
            and bool(node.body.nodes)
            and level + 1 < depth
            and (scans or node.length is None),
        )
        index += repeats


def run_length(graph: Graph, index: int) -> int:
    """How many nodes from `index` on are the same application in sequence, each fed by the one before."""
    first = graph.nodes[index]
    end = index + 1
    while end < len(graph.nodes) and first.slot is None:
        node = graph.nodes[end]
        same = node.target is first.target or (not isinstance(node.target, Graph) and node.target == first.target)
        same = same and node.length == first.length
        fed = len(node.operands) == 1 and node.operands[0] == (end - 1, 0)
        if not (same and fed and node.slot is None and graph.operand_types(node) == graph.operand_types(first)):
            break
        end += 1
    return end - index
