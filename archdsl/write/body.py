"""Writes the body of a definition: chains of stages, joined by names, with labels where the words do not suffice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from archdsl.elaborate.advice import library_words
from archdsl.ir.graph import INPUT, Node, Ref
from archdsl.ir.weights import owners
from archdsl.ops.arithmetic import Scalar
from archdsl.syntax import tree
from archdsl.syntax.print_tree import RESERVED, is_name, print_expression
from archdsl.write.definition import ARITHMETIC, DefinitionTemplate
from archdsl.write.module_names import AppliedModule, Scope, settle
from archdsl.write.repeats import contained, repeated, rolled
from archdsl.write.trees import arithmetic, assign, call, chain, integer, labelled, name

_MOST_UNPACKED = 4  # results of one node that get a name each
Range = tuple[int, int]  # first and last node of a statement
_FRESH = ("y", "z", "a", "b", "c", "d", "e")


@dataclass(slots=True)
class WrittenStatement:
    """One statement: nodes `first` to `last`, each fed by the one before; `targets` are what the results are called."""

    first: int
    last: int
    scope: Scope
    targets: list[str]
    operands: list[tree.Expr]  # what the names stand for when the statement runs
    inside: list[WrittenStatement | None] = field(
        default_factory=list
    )  # for each operand what stands there instead of a name


class BodyWriter:
    """The statements of one template."""

    def __init__(self, template: DefinitionTemplate) -> None:
        self.template = template
        self.graph = template.graph
        self.nodes = self.graph.nodes
        self.owner = owners(self.graph)
        self.reads = Counter(ref for node in self.nodes for ref in node.operands) + Counter(self.graph.outputs)
        self.last_read = {ref: i for i, node in enumerate(self.nodes) for ref in node.operands}
        self.last_read.update(dict.fromkeys(self.graph.outputs, len(self.nodes)))
        self.names: dict[Ref, str] = {Ref(INPUT, k): label for k, label in enumerate(template.inputs)}
        self.lists: dict[int, str] = {}  # nodes whose results are one list, with its name
        self.taken = {*library_words(), *RESERVED, *template.words, *template.signature.columns}
        self.shared = dict(self._shared())

    def statements(self) -> list[tree.Statement]:
        """All statements, `return` last."""
        lines = [self._line(*ranges) for ranges in self._joined(self._ranges())]
        settle([line.scope for line in lines])
        used = {
            *self.taken,
            *self.template.inputs,
            *self.shared.values(),
            *(target for line in lines for target in line.targets),
        }
        found: list[tree.Statement] = [self._declared(owner) for owner in self.shared]
        for line in lines:
            items = self._items(line)
            if self._may_loop(line):
                before, items = rolled(items, print_expression(line.operands[0]), used)
                found += before
            if not line.targets:
                return [*found, tree.Return(0, 0, chain(items))]
            if len(items) > 1 or not self._may_loop(line):
                found.append(assign(line.targets, chain(items)))
        results = [self._value(ref) for ref in self.graph.outputs]
        return [*found, tree.Return(0, 0, results[0] if len(results) == 1 else tree.ListExpr(0, 0, results))]

    # --- chains -----------------------------------------------------------------------------------------------

    def _ranges(self) -> list[Range]:
        """The nodes of each statement: as long as each is fed by the one before, which feeds nothing else."""
        ranges: list[Range] = []
        for index, node in enumerate(self.nodes):
            if ranges and self._follows(index, node):
                ranges[-1] = ranges[-1][0], index
            else:
                ranges.append((index, index))
        return ranges

    def _joined(self, ranges: list[Range]) -> list[list[Range]]:
        """Each range behind those that stand in its head instead of names.

        `a.f` and `a.g`, which are summed to a, are `a = (x -> f) + (y -> g)`; a sum with an earlier tensor too.
        """
        kept: list[list[Range]] = []
        for own in ranges:
            makers: list[Range] = []
            operands = len(self.nodes[own[0]].operands)
            for count in (operands, 1) if 1 < operands <= len(kept) else (1,):  # all of them, or one of two
                near = [part[0] for part in kept[-count:] if len(part) == 1]
                if len(near) == count and self._fits(own, near, own is ranges[-1]):
                    makers = near
                    break
            kept[len(kept) - len(makers) :] = [[*makers, own]]
        return kept

    def _fits(self, own: Range, makers: list[Range], ends: bool) -> bool:
        """Whether all of `makers`, in order, may stand in the head of `own` without a change of labels."""
        operands = self.nodes[own[0]].operands
        ends_of = [end for _, end in makers]
        if [ref.node for ref in operands if ref.node in ends_of] != ends_of or len(operands) < 2:
            return False
        if any(self._is_list(end) or self.reads[Ref(end)] != 1 for end in ends_of):
            return False
        labels = [[self.nodes[i].label for i in range(a, b + 1) if self.nodes[i].label] for a, b in makers]
        mine = [self.nodes[i].label for i in range(own[0], own[1] + 1) if self.nodes[i].label]
        if any(self.nodes[i].slot is not None for a, b in [*makers, own] for i in range(a, b + 1)) or not all(labels):
            return False
        stems = {label.partition(".")[0] for part in labels for label in part}
        if len(makers) == 1 and len(operands) == 2 and not mine and not ends:
            return len(stems) == 1
        dotted = all("." in label for label in [*mine, *(label for part in labels for label in part)])
        return len(makers) == len(operands) and len(stems | {label.partition(".")[0] for label in mine}) == 1 and dotted

    def _follows(self, index: int, node: Node) -> bool:
        before = [Ref(index - 1, k) for k in range(self._results(index - 1))]
        return (
            self.template.applies(index)
            and list(node.operands) == before
            and all(self.reads[ref] == 1 for ref in before)
        )

    def _results(self, index: int) -> int:
        """How many tensors the node gives: of a scan whose states nobody reads, its outputs alone."""
        node = self.nodes[index]
        if node.states and all(self.reads[Ref(index, k)] == 0 for k in range(1, len(node.types))):
            return 1
        return len(node.types)

    def _is_list(self, index: int) -> bool:
        op = self.nodes[index].op
        return self._results(index) > 1 or (op is not None and op.gives_list)

    def _line(self, *ranges: Range) -> WrittenStatement:
        makers = {part[1]: self._part(*part) for part in ranges[:-1]}
        first, last = ranges[-1]
        operands = self.nodes[first].operands
        line = self._part(first, last, [makers.get(ref.node) for ref in operands] if makers else [])
        read = {ref for part in [*makers.values(), line] for ref in self.nodes[part.first].operands}
        mentioned = {self._name_of(ref) for ref in read if ref.node not in makers}
        line.targets = self._targets(last, line.scope, mentioned)
        if len(line.targets) == 1 and line.targets[0] not in mentioned:
            line.scope.target = line.targets[0]
        live = self._live(last)
        self.names = {ref: label for ref, label in self.names.items() if label in live}
        return line

    def _part(self, first: int, last: int, inside: Sequence[WrittenStatement | None] = ()) -> WrittenStatement:
        scope = Scope()
        for part in inside:
            if part is not None:
                shift = len(scope.modules)
                scope.modules += part.scope.modules
                scope.containers += [(a + shift, b + shift, label) for a, b, label in part.scope.containers]
        start = len(scope.modules)
        for index in range(first, last + 1):
            node = self.nodes[index]
            if node.label:
                word = self.template.word(node)
                shared = "" if node.slot is None else self.shared[self.owner[index]]
                scope.modules.append(AppliedModule(index, word, node.label, shared))
        self._find_containers(scope, start)
        operands = [
            name("") if inside and inside[k] is not None else self._value(ref)
            for k, ref in enumerate(self.nodes[first].operands)
        ]
        return WrittenStatement(first, last, scope, [], operands, list(inside))

    def _find_containers(self, scope: Scope, place: int) -> None:
        """From module `place` on, runs of modules called `p.0`, `p.1`, … that are all of `p` in this body."""
        labels = [module.label for module in scope.modules]
        while place < len(labels):
            prefix, _, number = labels[place].rpartition(".")
            end = place
            if prefix and number == "0":
                while end < len(labels) and labels[end] == f"{prefix}.{end - place}" and not scope.modules[end].shared:
                    end += 1
            if end > place and self._contiguous(scope, place, end) and self._members(prefix) == end - place:
                scope.containers.append((place, end, prefix))
                place = end
            else:
                place += 1

    def _members(self, prefix: str) -> int:
        """How many modules of this body are inside the container `prefix`."""
        return sum(node.label.startswith(f"{prefix}.") for node in self.nodes)

    @staticmethod
    def _contiguous(scope: Scope, first: int, end: int) -> bool:
        return scope.modules[end - 1].node - scope.modules[first].node == end - 1 - first

    # --- names ------------------------------------------------------------------------------------------------

    def _name_of(self, ref: Ref) -> str:
        return self.names.get(ref) or self.lists[ref.node]

    def _value(self, ref: Ref) -> tree.Expr:
        if ref in self.names:
            return name(self.names[ref])
        return tree.Index(0, 0, name(self.lists[ref.node]), integer(ref.output))

    def _targets(self, last: int, scope: Scope, mentioned: set[str]) -> list[str]:
        """What the results of a statement are called; nothing for those that the body returns as they are."""
        results = tuple(Ref(last, k) for k in range(self._results(last)))
        returned = last == len(self.nodes) - 1 and self.graph.outputs == results
        if returned and all(self.reads[ref] == 1 for ref in results) and not self._gives_list_of_one(last):
            return []
        if not self._is_list(last):
            label = self._free_name(last, scope, mentioned)
            self.names[results[0]] = label
            return [label]
        if 1 < len(results) <= _MOST_UNPACKED:
            labels: list[str] = []
            while len(labels) < len(results):
                labels.append(self._fresh(last, labels))
            self.names.update(zip(results, labels, strict=True))
            return labels
        self.lists[last] = self._free_name(last, scope, mentioned)
        return [self.lists[last]]

    def _gives_list_of_one(self, index: int) -> bool:
        return self._is_list(index) and self._results(index) == 1

    def _live(self, after: int) -> set[str]:
        """Names that are still read behind node `after`."""
        found = {label for ref, label in self.names.items() if self.last_read.get(ref, -1) > after}
        for index, label in self.lists.items():
            if any(self.last_read.get(Ref(index, k), -1) > after for k in range(len(self.nodes[index].types))):
                found.add(label)
        return found

    def _free_name(self, last: int, scope: Scope, mentioned: set[str]) -> str:
        """The name that makes the labels: else one that is read here for the last time, else a new one."""
        live = self._live(last)
        stems = {module.label.partition(".")[0] for module in scope.modules if not module.shared}
        contained = {m.node for first, end, _ in scope.containers for m in scope.modules[first:end]}
        if len(stems) == 1 and not contained:
            (stem,) = stems
            words = {module.word for module in scope.modules}
            if is_name(stem) and stem not in {*self.taken, *live, *words, *mentioned, *self.shared.values()}:
                return stem
        node = self.nodes[scope.modules[0].node if scope.modules else last]
        for label in [self._name_of(ref) for ref in node.operands if ref in self.names or ref.node in self.lists]:
            if label in mentioned and label not in live:
                return label
        for label in sorted(mentioned):
            if label not in live:
                return label
        return self._fresh(last, [])

    def _fresh(self, last: int, more: list[str]) -> str:
        avoided = {*self.taken, *self._live(last), *more, *self.shared.values()}
        for label in _FRESH:
            if label not in avoided:
                return label
        number = 1
        while f"t{number}" in avoided:
            number += 1
        return f"t{number}"

    # --- shared stages ----------------------------------------------------------------------------------------

    def _shared(self) -> Iterator[tuple[int, str]]:
        """Names of the shared stages, by the node that owns the weights."""
        used = {*self.taken, *self.template.inputs}
        for index, node in enumerate(self.nodes):
            if node.slot is not None and self.owner[index] == index:
                label, number = node.label if is_name(node.label) else node.label.rpartition(".")[2], 1
                label = label if is_name(label) else "shared_stage"
                stem = label
                while label in used:
                    number += 1
                    label = f"{stem}_{number}"
                used.add(label)
                yield index, label

    def _declared(self, owner: int) -> tree.Statement:
        label, stage = self.shared[owner], self.template.stages[owner]
        assert stage is not None
        wanted = self.nodes[owner].label
        return assign([label], stage if label == wanted else labelled(stage, wanted), shared=True)

    # --- expressions ------------------------------------------------------------------------------------------

    def _head(self, line: WrittenStatement) -> tree.Expr | None:
        """What the statement begins with; None where a node without operands does."""
        node = self.nodes[line.first]
        operands = [
            self._chain(part) if part is not None else value
            for part, value in zip(line.inside or [None] * len(line.operands), line.operands, strict=True)
        ]
        if self.template.applies(line.first):
            if not operands:
                return None
            return operands[0] if len(operands) == 1 else tree.ListExpr(0, 0, operands)
        if isinstance(node.target, Scalar):
            number = self.template.stages[line.first]
            assert number is not None
            left, right = (number, operands[0]) if node.target.reverse else (operands[0], number)
            return arithmetic(left, node.target.operator, right)
        return arithmetic(operands[0], ARITHMETIC[node.word], operands[1])

    def _may_loop(self, line: WrittenStatement) -> bool:
        """Whether a statement may be cut in two: it goes on with what it began with, or returns it."""
        node = self.nodes[line.first]
        if line.scope.target or line.inside or len(node.operands) != 1 or not self.template.applies(line.first):
            return False
        (begins,) = line.operands
        return isinstance(begins, tree.Name) and line.targets in ([], [begins.id])

    def _chain(self, line: WrittenStatement) -> tree.Expr:
        return chain(self._items(line))

    def _items(self, line: WrittenStatement) -> list[tree.Expr]:
        """The parts between the arrows of a statement."""
        fixed = {module.node for module in line.scope.modules if module.fixed and not module.shared}
        start = line.first if self.template.applies(line.first) else line.first + 1
        stages = {index: self._stage(index, index in fixed) for index in range(start, line.last + 1)}
        head = self._head(line)
        items: list[tree.Expr] = [] if head is None else [head]
        if head is None and not self.nodes[line.first].operands:
            items.append(stages.pop(line.first))
        run: list[tree.Expr] = []
        ends = {
            line.scope.modules[first].node: (line.scope.modules[end - 1].node, label)
            for first, end, label in line.scope.containers
        }
        index = start
        while index <= line.last:
            if index in ends and index in stages:
                items += repeated(run)
                run = []
                last, label = ends[index]
                items.append(contained([stages[i] for i in range(index, last + 1)], label))
                index = last + 1
                continue
            if index in stages:
                run.append(stages[index])
            index += 1
        return [*items, *repeated(run)]

    def _stage(self, index: int, fixed: bool) -> tree.Expr:
        node = self.nodes[index]
        if node.slot is not None:
            label = self.shared[self.owner[index]]
            stage = self.template.stages[index]
            return name(label) if stage is not None else call("tied", [(None, name(label))])
        stage = self.template.stages[index]
        assert stage is not None
        return labelled(stage, node.label) if fixed else stage
