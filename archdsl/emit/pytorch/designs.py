"""Holds what the body of a space has beside that of a network: conditions on the design that runs, chosen tensors.

A body with alternatives goes through the same passes as any other. What of it runs is decided by the design at each
call, where options of a class are decided when it is built: `if design["depth"] == "2":` beside `if stride != 1:`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from archdsl.emit.pytorch.code import Apply, Atom, Binary, Code, SequenceDisplay, item, literal
from archdsl.emit.pytorch.unify import Incompatible, Unifier, render
from archdsl.ir.graph import Graph, Node
from archdsl.ops.base import Kind, Op, Types
from archdsl.ops.torch_form import Call, Helper, Operand, OptionTable, TorchForm

DESIGN = Atom("design")
SPACE_IMPORTS = ("Callable", "Mapping", "reduce")  # what its file may import beside what a network's does


@dataclass(frozen=True, slots=True)
class Picks:
    """That the design picks one of `texts` for a decision; `holds` false: none of them.

    `weighed`: the design may weigh this decision; then all its options hold. `default` is what is taken as picked where
    the design has no such decision, None: it always has.
    """

    decision: Any  # its name, or a FormLeaf
    texts: tuple[str, ...]
    weighed: bool = False
    default: str | None = None
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Combined:
    """`and` or `or` of some tests."""

    word: str
    parts: tuple[DesignTest, ...]


DesignTest = Picks | Combined


@dataclass(eq=False, slots=True)
class Condition:
    """A test, and the one that holds otherwise (None: options may be weighed, so both may hold)."""

    test: DesignTest
    opposite: Condition | None = None


@dataclass(frozen=True, slots=True)
class DesignMask:
    """The condition under which something is there, of every instance of a class; as an `InstanceMask`, but tested when
    it runs.
    """

    conditions: tuple[Condition, ...]

    @property
    def opposite(self) -> DesignMask | None:
        """Where it is not there."""
        others = tuple([one.opposite for one in self.conditions])
        return None if None in others else DesignMask(others)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SpaceGraph(Graph):
    """A body with its alternatives. `asks`: its last input is the design.

    `taken` gives the types that a node takes, for which its target is resolved: at other picks there may be others.
    `whens` has the conditions of nodes that are not always there; `present` those of the operands, None for always.
    `keys`: of a body of kind "channels", whose nodes are alternatives, the channels that each takes. `helpers`, of the
    root alone, is what the classes of a whole space may need.
    """

    asks: bool = False
    taken: dict[Node, Types] = field(default_factory=dict)
    whens: dict[Node, Condition] = field(default_factory=dict)
    present: dict[Node, tuple[Condition | None, ...]] = field(default_factory=dict)
    keys: tuple[tuple[int, ...], ...] = ()
    helpers: tuple[Helper, ...] = ()

    def operand_types(self, node: Node) -> Types:
        """As of `Graph`, for the picks at which the node's target is resolved."""
        return self.taken[node]


CHOICE_BODY = "choice"
CHANNELS_BODY = "channels"
ALL_CHANNELS_BODY = "all channels"
# Bodies of options: their kinds, and the classes that they extend.
OPTION_BODIES = {CHOICE_BODY: "Choice", CHANNELS_BODY: "ByChannels", ALL_CHANNELS_BODY: "ByAllChannels"}


@dataclass(frozen=True, slots=True)
class SelectByDesign(Op):
    """The first operand where a condition holds, else the second: no node of any network, but a tensor's name."""

    name: ClassVar[str] = "select"
    kind: ClassVar[Kind] = Kind.CONCAT
    arity: ClassVar[tuple[int, int | None]] = (2, 2)

    condition: Condition

    def torch(self, inputs: Types) -> TorchForm:
        """Only to compare bodies: it is written as the choice that it is."""
        return TorchForm(function=Call("select", (Operand(0), Operand(1))))


def runs_later(form: Any) -> bool:
    """Whether an expression runs only the operands that the design picks."""
    return isinstance(form, Call) and any(
        isinstance(argument, OptionTable) and argument.later for argument in form.args
    )


def united(tests: Sequence[DesignTest], unifier: Unifier) -> DesignTest:
    """One test for those of all instances: names of decisions may differ.

    Raises:
        Incompatible: they differ in more.
    """
    first = tests[0]
    if isinstance(first, Picks):
        if any(not isinstance(t, Picks) or _but_name(t) != _but_name(first) for t in tests):
            raise Incompatible
        names = [t.decision for t in tests if isinstance(t, Picks)]
        return Picks(unifier.decision(names), first.texts, first.weighed, first.default, first.holds)
    alike = [t for t in tests if isinstance(t, Combined) and (t.word, len(t.parts)) == (first.word, len(first.parts))]
    if len(alike) < len(tests):
        raise Incompatible
    return Combined(first.word, tuple([united([t.parts[i] for t in alike], unifier) for i in range(len(first.parts))]))


def _but_name(test: Picks) -> tuple[Any, ...]:
    return test.texts, test.weighed, test.default, test.holds


def test_code(test: DesignTest) -> Code:
    """`design["depth"] in ("2", "3")`."""
    if isinstance(test, Combined):
        first, *rest = [test_code(part) for part in test.parts]
        for part in rest:
            first = Binary(test.word, first, part)
        return first
    name = render(test.decision)
    picked = item(DESIGN, name, None if test.default is None else literal(test.default))
    if test.weighed:
        return Apply(Atom("takes"), (("", picked), *[("", literal(text)) for text in test.texts]))
    if len(test.texts) == 1:
        return Binary("==" if test.holds else "!=", picked, literal(test.texts[0]))
    texts = SequenceDisplay(tuple(map(literal, test.texts)), "()")
    return Binary("in" if test.holds else "not in", picked, texts)
