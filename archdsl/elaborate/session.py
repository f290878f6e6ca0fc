"""Holds the state of one elaboration: files, budgets, decisions, bodies made so far, and where evaluation stands."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from archdsl.diagnostics.model import Diagnostic, Diagnostics, Label
from archdsl.elaborate.budget import Budget, Limits
from archdsl.elaborate.open_values import OPEN
from archdsl.elaborate.shown import show
from archdsl.elaborate.values import SCALARS, ListValue, Stage, Tensor, Value
from archdsl.ir.graph import Graph
from archdsl.library import is_bundled
from archdsl.ops.base import Op, Types
from archdsl.source import Span
from archdsl.syntax import tree
from archdsl.syntax.items import Item

if TYPE_CHECKING:
    from archdsl.elaborate.builder import BodyBuilder
    from archdsl.elaborate.decisions import Decisions
    from archdsl.elaborate.definitions import Block, Module
    from archdsl.elaborate.picking import Picking
    from archdsl.elaborate.spec import Spec
    from archdsl.elaborate.turns import LoopTurn


class Mistake(Exception):
    """A mistake in the spec, on its way to whoever reports it."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class Problem(Mistake):
    """It spoils the statement or expression where it is caught, which becomes unknown."""


class Exhausted(Mistake):
    """A budget is used up: the whole elaboration stops."""


@dataclass(slots=True)
class Elaborated:
    """A finished body, and how its outputs make up what its `return` gave: an index, or nested tuples of them.

    `types` are those of the outputs, `ops` counts its ops, all calls expanded. `shares`: a stage may be shared in it.
    """

    graph: Graph
    structure: Any
    types: Types
    ops: int
    shares: bool


class Ways(Protocol):
    """What is done otherwise where all ways to pick are followed (archdsl/elaborate/open.py)."""

    def flow(self, frame: Frame, value: Value, target: Value, nodes: tuple[Any, Any]) -> Value:
        """`value -> target`, of which one is open."""

    def apply_op(self, frame: BodyFrame, op: Op, operands: list[Tensor], stage: Any, named: Any, spans: Any) -> Value:
        """Apply an op to tensors of which one is chosen."""

    def apply_block(
        self,
        frame: BodyFrame,
        block: Block,
        arguments: Any,
        operands: list[Tensor],
        spans: Any,
        named: Any,
        written: Any,
    ) -> Value:
        """Apply a block."""

    def label(self, frame: BodyFrame, target: Any, types: Types, named: Any) -> int:
        """The name of a body that a shared stage scans operands of these types with."""

    def builder(self, frame: Frame, types: Types) -> BodyBuilder:
        """A new body."""

    def arguments(self, frame: Frame, arguments: tuple[Value, ...]) -> tuple[Value, ...]:
        """What is passed to a block, as far as it occurs where evaluation stands."""

    def known(self, frame: Frame, key: Hashable) -> Any:
        """The body of a cell that was kept under this condition or a wider one; None where there is none."""

    def keep(self, frame: Frame, key: Hashable, made: Any) -> None:
        """Keep the body of a cell that asks: at another condition it may ask otherwise."""

    def run_body(self, frame: BodyFrame, arguments: tuple[Value, ...]) -> Any:
        """What a body may be."""

    def again(self, frame: Frame, made: Any) -> None:
        """Call a body that is known."""

    def closed_body(self, frame: BodyFrame, made: Any) -> Elaborated:
        """A body of which one design is at hand."""

    def of_types(self, frame: Frame, tensor: Tensor, read: Callable[[Tensor], Value]) -> Value:
        """What `read` says of a tensor, whose type may be one of several."""

    def loose(self, frame: BodyFrame, with_inputs: bool) -> Value:
        """What `loose` lists."""

    def comprehension(self, frame: Frame, node: tree.Comprehension) -> Value:
        """The value of a comprehension."""


MISTAKE = 100  # a mistake costs as much as so many expressions: it may stand in a long loop
MOST_NODES = 100_000  # that a session keeps when it goes on: some 100 MB
MANY = 200  # mistakes, repeated ones counted
FAILED = object()
IN_PROGRESS = object()


@dataclass
class Session:
    """One elaboration, or several one after the other.

    `evaluate`, `execute` are hooks that break the circle expressions -> calls -> statements.
    """

    spec: Spec
    diagnostics: Diagnostics
    decisions: Decisions
    evaluate: Callable[[Frame, tree.Expr], Value]
    evaluate_open: Callable[[Frame, tree.Expr], Value]
    execute: Callable[[Frame, Sequence[tree.Statement]], Value]
    observe: Callable[[Frame, tree.Expr, Value], None] | None = None  # is told the value of every expression
    symbolic: bool = False  # sizes are formulas, whose comparisons matter: no op's result stands for another's
    values: dict[Module, dict[str, Value]] = field(default_factory=dict)  # of the names at the top of files
    evaluating: list[tuple[Module, str]] = field(default_factory=list)
    memo: dict[Hashable, Any] = field(default_factory=dict)
    interned: dict[Hashable, Elaborated] = field(default_factory=dict)
    limits: Limits = field(init=False)
    budget: Budget = field(init=False)
    failures: int = 0
    shares: bool = False  # a shared stage was applied
    frames: list[Frame] = field(default_factory=list)  # calls being elaborated, outermost first
    picking: Picking = field(init=False)  # what answers where a choice is used
    home: Module = field(init=False)  # the file of the network that is elaborated
    ways: Ways | None = None  # how what is chosen is made, where all ways to pick are followed
    _identities: dict[Hashable, int] = field(default_factory=dict)
    _nodes: int = 0  # made by the elaborations before, what is kept
    _work: int = 0

    def __post_init__(self) -> None:
        self.limits = self.spec.limits
        self.home = self.spec.root
        self.budget = Budget(self.limits)

    @property
    def work(self) -> int:
        """What all its elaborations took (`Budget.work`)."""
        return self._work + self.budget.work

    def go_on(self, diagnostics: Diagnostics, decisions: Decisions) -> None:
        """Begin the next elaboration: at many widths most bodies are those of the last one.

        Nothing is kept where a choice was asked or something reported, which may be otherwise the next time, nor after
        `MOST_NODES` nodes.
        """
        self._work, self._nodes = self.work, self._nodes + self.budget.nodes
        if len(self.diagnostics) or self.decisions.offered or self._nodes > MOST_NODES:
            self._forget()
            self._nodes, self.failures, self.shares = 0, 0, False
        self.diagnostics, self.decisions, self.budget = diagnostics, decisions, Budget(self.limits)

    def decide(self, decisions: Decisions) -> None:
        """Take other answers for the next network of the same elaboration; what was chosen before is forgotten."""
        if self.decisions.offered:
            self._forget()
        self.decisions = decisions

    def _forget(self) -> None:
        for kept in (self.values, self.evaluating, self.memo, self.interned, self.frames, self._identities):
            kept.clear()
        self.picking = type(self.picking)(self)

    def report(self, diagnostic: Diagnostic) -> None:
        """Keep a mistake; `failures` counts it even when the same one was reported for another instance."""
        self.failures += 1
        self.budget.evaluations += MISTAKE
        self.diagnostics.add(diagnostic)

    def charge(self, elements: int) -> None:
        """Count work on so many elements (of text: 64 characters) beyond the one expression that asks for it.

        The budget is looked at before the next expression: no single piece of work is larger than a list may be.
        """
        self.budget.evaluations += elements

    @property
    def exhausted(self) -> bool:
        """Whether a budget that all networks of a file share is used up."""
        used, limits = self.budget, self.limits
        return used.steps > limits.steps or used.evaluations > limits.evaluations or used.nodes > limits.nodes

    def identity(self, value: Value) -> Hashable:
        """Something equal for equal values: numbers by type and value, stages by value and written position."""
        if not isinstance(value, (ListValue, Stage)):
            if value.__class__ is str:
                self.charge(len(value) >> 6)  # texts are compared where their hashes are equal
            elif isinstance(value, Tensor):
                return value.body, value.ref, value.known_type
            elif value.__class__ in OPEN:
                return value.identity  # type: ignore[no-any-return]
            return (type(value).__name__, value if not isinstance(value, float) else value.hex())
        if value.identity is None:
            if isinstance(value, ListValue):
                self.charge(len(value.items))
                parts: Iterable[Any] = ("list", *map(self.identity, value.items))
            else:
                parts = map(self._part, value.key)
            value.identity = self._identities.setdefault(tuple(parts), len(self._identities))
        return value.identity

    def identities(self, values: tuple[Value, ...]) -> Hashable:
        """Something equal for equal values in equal order."""
        kinds = tuple(map(type, values))
        if SCALARS.issuperset(kinds) and not (float in kinds and 0 in values):  # 0.0 == -0.0
            if str in kinds:
                self.charge(sum(len(value) for value in values if value.__class__ is str) >> 6)
            return kinds, values
        return tuple(map(self.identity, values))

    def _part(self, part: Any) -> Hashable:
        if isinstance(part, tuple):
            return tuple(map(self._part, part))
        if isinstance(part, (ListValue, Stage, bool, int, float)):
            return (type(part).__name__, self.identity(part))
        return part  # type: ignore[no-any-return]


# What is called: its name, its definition, and the values of its parameters.
Callee = tuple[str, tree.Definition, tuple[Value, ...]]


class Frame:
    """Where evaluation at compile time stands: a call of a function, a default or type of a block, the top of a file.

    No tensor flows here: nodes are made in a `BodyFrame`.
    """

    __slots__ = (
        "asker", "at", "call", "callee", "caller", "entered", "in_loop", "item", "locals", "module", "path", "session",
        "turns", "unknown", "written",
    )  # fmt: skip

    def __init__(
        self, session: Session, module: Module, item: Item, callee: Callee | None = None, call: Span | None = None
    ) -> None:
        self.session = session
        self.module = module
        self.item = item
        self.locals: dict[str, Value] = {}
        self.callee = callee
        self.call = call  # where it is called
        self.caller: Frame | None = None  # which evaluates this for itself
        self.entered = ""  # the name of what it calls
        self.at: Span | None = None  # the place where it does, in its text
        self.written: Span | None = None  # the place where the stage that it applies was written
        self.path: list[Any] = []  # the loop steps and repetitions that lead to what is being evaluated
        self.turns: list[LoopTurn] = []  # the same, and where in a composed stage it stands, for the names of choices
        self.in_loop = 0  # `for` loops around the statement being run
        self.unknown = False  # a statement failed, perhaps for a mistake outside that was reported before
        self.asker: BodyBuilder | None = None  # the body for which this is evaluated

    @property
    def shown(self) -> str:
        """The call as a message names it: "bottleneck(width = 64)"."""
        if self.callee is None:
            return "the top of the file"
        name, definition, values = self.callee
        return f"{name}({', '.join(f'{p.name} = {show(v)}' for p, v in zip(definition.params, values, strict=True))})"

    def evaluate_for(self, caller: Frame, where: Any, name: str, written: Span | None = None) -> None:
        """What a function or a default asks, called at `where` by that name, is a choice of the body that calls."""
        self.asker = caller.asker
        self.enter(caller, name, caller.place(where), written)

    def enter(self, caller: Frame, name: str, at: Span, written: Span | None = None) -> None:
        """Remember the way that leads here (archdsl/elaborate/naming.py)."""
        self.caller, self.entered, self.at, self.written = caller, name, at, written

    def span(self, node: Any) -> Span:
        """The place of a tree node (anything with start and end)."""
        item = self.item
        offset = item.offset
        return Span(item.source, offset + node.start, offset + node.end)

    def join(self, nodes: tuple[Any, Any]) -> Span:
        """The place from the first of two tree nodes to the second."""
        first, last = nodes
        return self.item.span(first.start, max(first.end, last.end))

    def problem(
        self,
        where: Any,
        code: str,
        message: str,
        *,
        help: str,
        notes: Sequence[str] = (),
        labels: Sequence[tuple[Any, str]] = (),
        fatal: bool = False,
    ) -> Mistake:
        """An exception to raise; `where` and the labels' places are tree nodes or spans."""
        span = self.place(where)
        caller = _own_call(self.session, span)
        self.session.charge((span.end - span.start) >> 6)
        diagnostic = Diagnostic(
            code,
            message,
            caller or span,
            labels=() if caller else tuple(Label(self.place(node), text) for node, text in labels),
            notes=(*notes, *call_notes(self.session, everything=fatal)),
            help=help,
        )
        return (Exhausted if fatal else Problem)(diagnostic)

    def warn(self, where: Any, code: str, message: str, *, help: str) -> None:
        """Report a warning, as errors are: with the calls that lead to it."""
        span = self.place(where)
        caller = _own_call(self.session, span)
        if caller is not None:
            help = "what flows into the block, or its arguments, decide it; or write a block of your own in its place"
        notes = tuple(call_notes(self.session, everything=False))
        self.session.diagnostics.add(Diagnostic(code, message, caller or span, "warning", (), notes, help))

    def place(self, where: Any) -> Span:
        return where if isinstance(where, Span) else self.span(where)


class BodyFrame(Frame):
    """Where the body of a block, cell or network is run: what flows makes nodes of `body`."""

    __slots__ = ("block", "body")

    def __init__(self, session: Session, block: Block, body: BodyBuilder, callee: Callee, call: Span | None) -> None:
        super().__init__(session, block.module, block.body_item, callee, call)
        self.block = block
        self.body = self.asker = body
        self.path = body.path


def _own_call(session: Session, span: Span) -> Span | None:
    """The reader's own call that led into the standard library or the zoo, where `span` is; None for other spans."""
    if not _came_along(session, span):
        return None
    calls = [frame.call for frame in session.frames if frame.call is not None]
    return next((call for call in reversed(calls) if not _came_along(session, call)), None)


def line_of(session: Session, span: Span) -> str:
    """`line 52`, or `line 52 of std.arch`: a message about what came with archdsl stands at the reader's own call."""
    return f"line {span.line}" + (f" of {Path(span.source.name).name}" if _came_along(session, span) else "")


def _came_along(session: Session, span: Span) -> bool:
    return is_bundled(span.source.name, session.spec.root.source.name)


def call_notes(session: Session, everything: bool) -> list[str]:
    """The chain of calls that leads to a mistake: the innermost, or (for budgets) the first and last few."""
    calls = [frame for frame in session.frames if frame.call is not None]
    if not everything:
        few = session.failures <= MANY  # values take time to show, and nobody reads so many messages
        return [_call_note(session, frame) for frame in calls[-2:][::-1]] if few else []
    if len(calls) <= 6:
        return [_call_note(session, frame) for frame in calls]
    first, last = ([_call_note(session, frame) for frame in part] for part in (calls[:3], calls[-2:]))
    return [*first, f"… {len(calls) - 5} more calls …", *last]


def _call_note(session: Session, frame: Frame) -> str:
    assert frame.call is not None
    place = line_of(session, frame.call) if frame.call.source is frame.item.source else str(frame.call)
    return f"in {frame.shown}, called at {place}"
