"""Turns the common body of some instances into one class: parameters, modules and what `forward` does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from archdsl.emit.pytorch import code
from archdsl.emit.pytorch.actions import Plan
from archdsl.emit.pytorch.code import Atom, Binary, Code, Local, Not
from archdsl.emit.pytorch.modules import Modules, arrange
from archdsl.emit.pytorch.parameters import NO_DEFAULT, Param, Solver
from archdsl.emit.pytorch.plan import plan
from archdsl.emit.pytorch.template import Pattern, Template
from archdsl.emit.pytorch.unify import Incompatible, Unifier, same
from archdsl.ir.graph import Graph
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


def make_block(name: str, template: Template, classes: Classes, calls: Sequence[int]) -> Block:
    """The class for the instances of `template`; `calls` says how often each of them runs."""
    taken = {*_IN_INIT, *classes.helpers, *(b.name for b in classes.blocks), name}
    solver = Solver(template.graphs, [max(c, 1) for c in calls], taken)
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
