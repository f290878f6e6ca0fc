"""Turns the common body of some instances into one class: parameters, modules and what `forward` does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from archdsl.emit.pytorch import code
from archdsl.emit.pytorch.actions import Plan
from archdsl.emit.pytorch.buffers import hold_constants
from archdsl.emit.pytorch.code import Apply, Atom, Binary, Code, Local, Not
from archdsl.emit.pytorch.designs import OPTION_BODIES, DesignMask, test_code
from archdsl.emit.pytorch.forward import Writer
from archdsl.emit.pytorch.modules import Modules, arrange
from archdsl.emit.pytorch.names import RESERVED, input_names
from archdsl.emit.pytorch.parameters import NO_DEFAULT, ConstructorParam, Solver
from archdsl.emit.pytorch.plan import plan
from archdsl.emit.pytorch.template import InstanceMask, Mask, Template
from archdsl.emit.pytorch.unify import Incompatible, InlineCall, Unifier, same
from archdsl.ir.graph import Graph
from archdsl.ops.base import Kind
from archdsl.ops.torch_form import Call, Helper

# Names that constructors use besides their parameters.
_IN_INIT = frozenset(("self", "nn", "torch", "OrderedDict", "range", "super", "i", "_", "str"))


@dataclass(eq=False)
class PythonClass:
    """One class of the file."""

    name: str
    template: Template
    solver: Solver
    modules: Modules = field(default_factory=Modules)
    plan: Plan | None = None
    conditions: dict[Mask, Code] = field(default_factory=dict)
    inline: bool = False  # its constructor is written where it is called

    @property
    def params(self) -> list[ConstructorParam]:
        """Constructor parameters in order."""
        return self.solver.params

    def condition(self, mask: Mask) -> Code:
        """Code over the constructor's parameters, or the design, that is true in the instances of `mask`."""
        if isinstance(mask, DesignMask):
            return test_code(self.template.tests[mask])
        if mask in self.conditions:
            return self.conditions[mask]
        opposite = tuple(not p for p in mask)
        if opposite in self.conditions:
            return negate(self.conditions[opposite])
        side = self.side(mask)
        self.conditions[side] = self.solver.condition(side, _option_name(self.template, side))
        return self.condition(mask)

    def side(self, mask: InstanceMask) -> InstanceMask:
        """`mask` or its opposite: the one that gives the option its name."""
        opposite = tuple(not p for p in mask)
        return min((mask, opposite), key=lambda p: _option_rank(self.template, p))


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


def _option_rank(template: Template, mask: InstanceMask) -> tuple[bool, int]:
    """Which side of an option gives it its name: the one that adds less, if it adds anything."""
    added = sum(site.when == mask for site in template.sites)
    return added == 0, added


def _option_name(template: Template, mask: InstanceMask) -> str:
    """The label of what the option brings, else what it does."""
    sites = [s for s in template.sites if s.when == mask]
    for site in sorted(sites, key=lambda s: not s.owns):
        if site.label:
            return site.word if site.label[0] in template.counted else site.label[0]
    return "shortcut" if any(s.kind is Kind.ARITHMETIC and len(s.operands) > 1 for s in sites) else sites[0].word


@dataclass
class PythonClasses:
    """All classes of a file, in order of definition; `find` gives the class of a body and which instance it is."""

    all: list[PythonClass] = field(default_factory=list)
    helpers: dict[str, Helper] = field(default_factory=dict)
    _where: dict[int, tuple[PythonClass, int]] = field(default_factory=dict)

    def find(self, graph: Graph) -> tuple[PythonClass, int]:
        """The class that `graph` became, and its number among the instances."""
        return self._where[id(graph)]

    def construct(self, callees: Sequence[Graph], unifier: Unifier) -> Call:
        """The constructor call that makes each of `callees`; differing values become leaves.

        Raises:
            Incompatible: they became different classes.
        """
        found = [self.find(callee) for callee in callees]
        made = found[0][0]
        if any(b is not made for b, _ in found):
            raise Incompatible
        if made.inline:
            args = [unifier.leaf([p.values[i] for _, i in found], p.role or p.name, p.name) for p in made.params]
            assert made.modules.options is not None
            body = Apply(Atom(OPTION_BODIES[callees[0].kind]), (("", made.modules.options),))
            return InlineCall(made.name, tuple(args), (), (), body, tuple([p.name for p in made.params]))
        args, kwargs = [], []
        for param in made.params:
            values = [param.values[i] for _, i in found]
            role = param.role if param.role else param.name
            value = unifier.leaf(values, role, param.name)
            if param.default is NO_DEFAULT:
                args.append(value)
            elif not all(same(v, param.default) for v in values):
                kwargs.append((param.name, value))
        return Call(made.name, tuple(args), tuple(kwargs))

    def add(self, made: PythonClass) -> None:
        """Register a finished class."""
        self.all.append(made)
        for number, graph in enumerate(made.template.graphs):
            self._where[id(graph)] = (made, number)


def make_class(name: str, template: Template, classes: PythonClasses, calls: Sequence[int]) -> PythonClass:
    """The class for the instances of `template`; `calls` says how often each of them runs."""
    taken = {*_IN_INIT, *classes.helpers, *(b.name for b in classes.all), name}
    solver = Solver(template.graphs, [max(c, 1) for c in calls], taken)
    made = PythonClass(name, template, solver)
    sides = [made.side(p) for p in dict.fromkeys(s.option for s in template.sites if s.option is not None)]
    masks = [(side, _option_name(template, side)) for side in dict.fromkeys(sides)]
    of_options = template.graphs[0].kind in OPTION_BODIES  # whose labels are texts of options
    labels = [site.word if of_options else "_".join(site.label) or site.word for site in template.sites]
    solver.solve(template.leaves, masks, labels.__getitem__)
    for site in template.sites:
        if site.when is not None:
            made.condition(site.when)
    made.modules = arrange(template, made.condition)
    hold_constants(template, made.modules)
    options = made.modules.options is not None
    made.plan = Plan(template, made.modules) if options else plan(template, made.modules, made.condition)
    solver.finish()
    _drop_unused(made)
    return made


def _drop_unused(made: PythonClass) -> None:
    """A condition or a dead site may have asked for a parameter that nothing reads in the end, when it is written."""
    if not made.params:
        return
    used: set[str] = set()

    def note(local: Local) -> Code:
        used.add(local.name)
        return local

    options = [] if made.modules.options is None else [made.modules.options]
    for item in (*(made.modules.sequential or ()), *options):
        code.transform(item, lambda atom: atom, note)
    for statement in made.modules.statements:
        code.transform(statement.value, lambda atom: atom, note)
        if statement.when is not None:
            code.transform(made.condition(statement.when), lambda atom: atom, note)

    def noted(name: str) -> str:
        used.add(name)
        return name

    def test(mask: Mask) -> Code:
        return code.transform(made.condition(mask), lambda atom: atom, note)

    assert made.plan is not None
    inputs = input_names(made.template.graphs[0].input_names, RESERVED)
    Writer(made.plan, inputs, RESERVED, test, noted).write()  # what both sides of a condition do is not written twice
    made.solver.params = [p for p in made.solver.params if p.name in used]
