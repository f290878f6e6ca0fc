"""Finds tensors that are chosen among chosen tensors, all by the same decisions, so that these can be asked first.

Each op of `states[i] -> oneof(OPS)(stride = 2 if i < 2 else 1)` is two modules, and `i` tells which. What the spec
makes is a choice of ops, each chosen by `i`. A person writes it the other way round, as two choices of ops:

    if design["i"] == "2":
        x = self.ops_1(x, design["ops"])
    else:
        x = self.ops(x, design["ops"])
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from archdsl.choices.diagram import Diagrams
from archdsl.choices.nodes import Decision, Diagram, leaves
from archdsl.ir.alternatives import Alternative, Alternatives, Selection
from archdsl.ir.graph import INPUT, Ref
from archdsl.supernet.module_forms import ModuleForms


class JointSelections:
    """The selections of a body that are joint: `first`, by index, are the decisions by which their parts are chosen.

    `parts` are the indices of the parts: other selections, and nodes that are another module for each of these picks.
    """

    def __init__(
        self, diagrams: Diagrams, forms: ModuleForms, source: Alternatives, nodes: Sequence[Alternative | Selection]
    ) -> None:
        self.diagrams = diagrams
        self.forms = forms
        self.nodes = nodes
        self.first: dict[int, frozenset[Decision]] = {}
        self.parts: set[int] = set()
        self._read = Counter(source.outputs)
        for node in nodes:
            if isinstance(node, Selection):
                self._read.update(ending.value for ending in leaves(node.refs))
            else:
                self._read.update(ref for ref, _ in node.operands)
        for index, node in enumerate(nodes):
            if isinstance(node, Selection):
                self._find(index, node)

    def _find(self, index: int, node: Selection) -> None:
        refs = [ending.value for ending in leaves(node.refs)]
        ways = [self._chosen_by(ref) for ref in refs]
        known = [way for way in ways if way is not None]
        if len(refs) < 2 or len(known) < len(refs):
            return
        cases = [frozenset([where for _, where in self.diagrams.cases(way, self.diagrams.true)]) for way in known]
        first = self.diagrams.support(known[0])
        if len(set(cases)) == 1 and not first & self.diagrams.support(node.refs):
            self.first[index] = first
            self.parts.update(ref.node for ref in refs)

    def _chosen_by(self, ref: Ref) -> Diagram | None:
        """What tells which of several tensors another is, if nobody else reads that."""
        if ref.node == INPUT or self._read[ref] > 1 or ref.node in self.first:
            return None
        node = self.nodes[ref.node]
        if isinstance(node, Selection):
            return node.refs
        found = [ending.value for ending in leaves(node.variants)]
        apart = len(found) > 1 and not self.forms.are_one(found) and self.forms.by_channels(found) is None
        return node.variants if apart else None
