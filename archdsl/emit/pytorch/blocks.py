"""Turns all bodies below a network into classes: instances of a definition grouped by structure, callees first."""

from __future__ import annotations

import graphlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.emit.pytorch import code
from archdsl.emit.pytorch.actions import Plan, plan
from archdsl.emit.pytorch.code import Atom, Binary, Code, Local, Not
from archdsl.emit.pytorch.label_tree import label_trees
from archdsl.emit.pytorch.modules import Modules, arrange
from archdsl.emit.pytorch.names import class_name, unique
from archdsl.emit.pytorch.parameters import NO_DEFAULT, OPTION, Param, Solver
from archdsl.emit.pytorch.template import Pattern, Template, build_template
from archdsl.emit.pytorch.unify import Incompatible, Unifier, same
from archdsl.ir.graph import Graph, Node, bodies
from archdsl.ops.base import Call, Helper, Kind

# Names that constructors use besides their parameters.
_IN_INIT = frozenset(("self", "nn", "torch", "OrderedDict", "range", "super", "i", "_", "str"))


@dataclass(eq=False)
class Block:
    """One class of the file."""

    name: str
    template: Template
    solver: Solver
    modules: Modules = field(default_factory=Modules)
    plan: Plan | None = None
    conditions: dict[Pattern, Code] = field(default_factory=dict)

    @property
    def params(self) -> list[Param]:
        """Constructor parameters in order."""
        return self.solver.params

    def condition(self, pattern: Pattern) -> Code:
        """Code over the constructor's parameters that is true in the instances of `pattern`."""
        if pattern in self.conditions:
            return self.conditions[pattern]
        opposite = tuple(not p for p in pattern)
        if opposite in self.conditions:
            return negate(self.conditions[opposite])
        side = self.side(pattern)
        self.conditions[side] = self.solver.condition(side, _option_name(self.template, side))
        return self.condition(pattern)

    def side(self, pattern: Pattern) -> Pattern:
        """`pattern` or its opposite: the one that gives the option its name."""
        opposite = tuple(not p for p in pattern)
        return min((pattern, opposite), key=lambda p: _option_rank(self.template, p))


def negate(test: Code) -> Code:
    """The opposite test, without a double negation."""
    match test:
        case Not(value):
            return value
        case Binary("==", left, right):
            return Binary("!=", left, right)
        case Binary("!=", left, right):
            return Binary("==", left, right)
    return Not(test)


def _option_rank(template: Template, pattern: Pattern) -> tuple[bool, int]:
    """Which side of an option gives it its name: the one that adds less, if it adds anything."""
    added = sum(step.when == pattern for step in template.steps)
    return added == 0, added


def _option_name(template: Template, pattern: Pattern) -> str:
    """The label of what the option brings, else what it does."""
    steps = [s for s in template.steps if s.when == pattern]
    for step in sorted(steps, key=lambda s: not s.owns):
        if step.label:
            return step.word if step.label[0] in template.counted else step.label[0]
    return "shortcut" if any(s.kind is Kind.ARITHMETIC and len(s.operands) > 1 for s in steps) else steps[0].word


@dataclass
class Classes:
    """All classes of a file, in order of definition; `find` gives the class of a body and which instance it is."""

    blocks: list[Block] = field(default_factory=list)
    helpers: dict[str, Helper] = field(default_factory=dict)
    _where: dict[int, tuple[Block, int]] = field(default_factory=dict)

    def find(self, graph: Graph) -> tuple[Block, int]:
        """The class that `graph` became, and its number among the instances."""
        return self._where[id(graph)]

    def construct(self, callees: Sequence[Graph], unifier: Unifier) -> Call:
        """The constructor call that makes each of `callees`; differing values become leaves.

        Raises:
            Incompatible: they became different classes.
        """
        found = [self.find(callee) for callee in callees]
        block = found[0][0]
        if any(b is not block for b, _ in found):
            raise Incompatible
        args, kwargs = [], []
        for param in block.params:
            values = [param.values[i] for _, i in found]
            role = param.role if param.role else param.name
            value = unifier.leaf(values, role, param.name)
            if param.default is NO_DEFAULT:
                args.append(value)
            elif not all(same(v, param.default) for v in values):
                kwargs.append((param.name, value))
        return Call(block.name, tuple(args), tuple(kwargs))

    def add(self, block: Block) -> None:
        """Register a finished class."""
        self.blocks.append(block)
        for number, graph in enumerate(block.template.graphs):
            self._where[id(graph)] = (block, number)


def make_classes(root: Graph, root_name: str) -> Classes:
    """The classes for `root` and everything below it, in an order in which each uses only earlier ones."""
    graphs = list(bodies(root))
    calls = _count_calls(graphs)
    classes = Classes()
    for graph in graphs:
        for node in graph.nodes:
            if node.op is not None:
                for helper in node.op.torch(graph.operand_types(node)).helpers:
                    classes.helpers.setdefault(helper.name, helper)
    taken = {root_name, *classes.helpers}
    for instances in _families(graphs):
        groups = _groups(instances, classes)
        groups.sort(key=lambda group: -sum(calls[id(g)] for g in group))
        for number, group in enumerate(groups):
            whole = any(g is root for g in group)
            name = root_name if whole else unique(_class_name(instances, group, number), taken)
            taken.add(name)
            classes.add(_block(name, group, classes, [calls[id(g)] for g in group]))
    for graph in graphs:
        _check_shared(graph, classes)
    return classes


def _check_shared(graph: Graph, classes: Classes) -> None:
    """A shared module is built once, so all its applications must need the same constructor call.

    Raises:
        ArchError: a module of equal weights but other settings (a window that follows the size) would be needed.
    """
    firsts: dict[int, Node] = {}
    for node in graph.nodes:
        if node.slot is None or _one_module(graph, firsts.setdefault(node.slot, node), node, classes):
            continue
        first, second = (", ".join(map(str, graph.operand_types(n))) for n in (firsts[node.slot], node))
        message = f"one PyTorch module of {graph.name} cannot serve {first} and {second}: its settings follow the input"
        hint = "apply the shared stage to inputs of one size and rank, or share only what does not depend on them"
        raise ArchError([Diagnostic("shared-mismatch", message, node.spans[0] if node.spans else None, help=hint)])


def _one_module(graph: Graph, first: Node, node: Node, classes: Classes) -> bool:
    """Whether one constructor call makes the module of both applications."""
    if first.target is node.target and first.body is not None:
        return True
    if first.body is not None and node.body is not None:
        (block, i), (other, j) = classes.find(first.body), classes.find(node.body)
        return block is other and all(same(p.values[i], p.values[j]) for p in block.params)
    if first.op is None or node.op is None:
        return False
    if first.op.kind is Kind.EMBEDDING and node.op.kind is Kind.LINEAR:
        return True  # tied: `F.linear` with the embedding's weights
    types = [graph.operand_types(n) for n in (first, node)]
    form, other_form = first.op.torch(types[0]), node.op.torch(types[1])
    if not first.op.weights(types[0]) and form.function is not None:
        return True  # a function of its own at each place
    return repr((form.module, form.parameter)) == repr((other_form.module, other_form.parameter))


def _count_calls(graphs: Sequence[Graph]) -> Counter[int]:
    """How often each body runs in one pass through the network, which comes last."""
    calls = Counter({id(graphs[-1]): 1})
    for graph in reversed(graphs):
        for node in graph.nodes:
            if isinstance(node.target, Graph):
                calls[id(node.target)] += calls[id(graph)]
    return calls


def _class_name(instances: Sequence[Graph], group: Sequence[Graph], number: int) -> str:
    """CamelCase of the block's name; a later group gets what sets it apart from the first, if that is one argument."""
    names = {g.name for g in group}
    name = class_name(names.pop() if len(names) == 1 else group[0].definition[1])
    if not number:
        return name
    others = [dict(g.arguments) for g in instances if not any(g is own for own in group)]
    varied = {a for a, _ in group[0].arguments if len({repr(o.get(a)) for o in others}) > 1}
    for argument, value in sorted(group[0].arguments, key=lambda pair: pair[0] in varied):
        constant = all(same(dict(g.arguments).get(argument), value) for g in group)
        if not constant or any(same(o.get(argument), value) for o in others):
            continue
        if value is True:
            return name + class_name(argument)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return f"{name}{class_name(argument)}{value}"
        if isinstance(value, str) and (word := re.search(r"[A-Za-z]\w*", value)):
            return name + class_name(word[0])
    return name


def _families(graphs: Sequence[Graph]) -> Iterable[list[Graph]]:
    """Bodies that may share a class: one definition, and, where definitions are recursive, one height of recursion."""
    below: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for graph in graphs:
        reached = below.setdefault(graph.definition, set())
        reached.update(n.target.definition for n in graph.nodes if isinstance(n.target, Graph))
    reach = {start: _reachable(start, below) for start in below}
    height: dict[int, int] = {}
    families: dict[tuple[tuple[str, str], int], list[Graph]] = {}
    order: graphlib.TopologicalSorter[tuple[tuple[str, str], int]] = graphlib.TopologicalSorter()
    for graph in graphs:
        callees = {id(n.target): n.target for n in graph.nodes if isinstance(n.target, Graph)}
        rank = 0
        for callee in callees.values():
            recursive = graph.definition in reach[callee.definition]
            rank = max(rank, height[id(callee)] + 1 if recursive else 0)
        height[id(graph)] = rank
        key = (graph.definition, rank)
        families.setdefault(key, []).append(graph)
        order.add(key, *((c.definition, height[id(c)]) for c in callees.values()))
    return [families[key] for key in order.static_order()]


def _reachable(start: tuple[str, str], below: dict[tuple[str, str], set[tuple[str, str]]]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    stack = [start]
    while stack:
        for definition in below[stack.pop()] - found:
            found.add(definition)
            stack.append(definition)
    return found


def _groups(instances: Sequence[Graph], classes: Classes) -> list[list[Graph]]:
    """Instances that fit one class together: equal structure first, then structures that differ by options."""
    buckets: dict[object, list[Graph]] = {}
    for graph in instances:
        buckets.setdefault(_structure(graph, classes), []).append(graph)
    groups: list[list[Graph]] = []
    for bucket in buckets.values():
        if not _unite(bucket, classes):
            groups += [[graph] for graph in bucket]
            continue
        for group in groups:
            if _unite([*group, *bucket], classes):
                group.extend(bucket)
                break
        else:
            groups.append(list(bucket))
    return groups


def _unite(graphs: Sequence[Graph], classes: Classes) -> bool:
    try:
        _template(graphs, classes)
    except Incompatible:
        return False
    return True


def _template(graphs: Sequence[Graph], classes: Classes) -> Template:
    """The common body of `graphs`.

    Raises:
        Incompatible: it cannot be one class.
    """
    template = build_template(graphs, classes.construct)
    if template.counted:
        chains = {tree.key for tree in label_trees(template) if tree.chain is not None and not tree.steps}
        if not template.counted <= chains:
            raise Incompatible
    return template


def _structure(graph: Graph, classes: Classes) -> object:
    """What two bodies share when they differ in values only."""
    nodes = []
    for node in graph.nodes:
        if isinstance(node.target, Graph):
            target: object = (id(classes.find(node.target)[0]), node.length is None)
        else:
            form = node.target.torch(graph.operand_types(node))
            target = (type(node.target), repr(_skeleton(form)))
        nodes.append((node.site, node.label, node.slot, node.operands, len(node.types), target))
    return (graph.input_names, graph.outputs, tuple(nodes))


def _skeleton(form: object) -> object:
    """A form without its values."""
    if isinstance(form, Call):
        return (form.function, len(form.args), tuple(n for n, _ in form.kwargs), [_skeleton(a) for a in form.args])
    if isinstance(form, tuple):
        return "value"
    fields = getattr(form, "__dataclass_fields__", None)
    if fields is None:
        return "value"
    return (type(form).__name__, [_named(name, getattr(form, name)) for name in fields])


def _named(name: str, value: object) -> object:
    return value if name in ("operator", "name", "index", "helpers") else None if value is None else _skeleton(value)


def _block(name: str, group: Sequence[Graph], classes: Classes, calls: Sequence[int]) -> Block:
    template = _template(group, classes)
    taken = {*_IN_INIT, *classes.helpers, *(b.name for b in classes.blocks), name}
    solver = Solver(group, [max(c, 1) for c in calls], taken)
    block = Block(name, template, solver)
    sides = [block.side(p) for p in dict.fromkeys(s.when for s in template.steps if s.when is not None)]
    solver.solve(template.leaves, [(side, _option_name(template, side)) for side in dict.fromkeys(sides)])
    for step in template.steps:
        if step.when is not None:
            block.condition(step.when)
    block.modules = arrange(template, block.condition)
    block.plan = plan(template, block.modules, block.condition)
    solver.finish()
    _drop_unused(block)
    return block


def _drop_unused(block: Block) -> None:
    """A condition or a dead step may have asked for a parameter that nothing reads in the end."""
    used: set[str] = set()

    def note(local: Local) -> Code:
        used.add(local.name)
        return local

    for item in block.modules.sequential or ():
        code.transform(item, lambda atom: atom, note)
    for statement in block.modules.statements:
        code.transform(statement.value, lambda atom: atom, note)
        if statement.when is not None:
            code.transform(block.condition(statement.when), lambda atom: atom, note)
    assert block.plan is not None
    for action in block.plan.actions:
        code.transform(action.write([Atom("x")] * len(action.operands)), lambda atom: atom, note)
        if action.when is not None:
            code.transform(block.condition(action.when), lambda atom: atom, note)
        for ref in action.operands:
            for choice in block.plan.choices(ref):
                code.transform(block.condition(choice.pattern), lambda atom: atom, note)
    block.solver.params = [p for p in block.solver.params if p.name in used]


__all__ = ["OPTION", "Block", "Classes", "make_classes", "negate"]
