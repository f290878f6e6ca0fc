"""Turns the values in which the instances of a block differ into constructor parameters and expressions over them."""

from __future__ import annotations

import itertools
import operator as operator_module
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from archdsl.emit.pytorch.code import Atom, Binary, Code, Local, Not, Ternary, literal
from archdsl.emit.pytorch.names import identifier, unique
from archdsl.emit.pytorch.unify import ABSENT, DECISION, FormLeaf, LeafValue, LeafValues, same
from archdsl.ir.graph import Graph
from archdsl.ops.torch_form import Channels

Builder = Callable[[list[Local]], Code]

OPTION = "option"
NO_DEFAULT = ABSENT

# Arguments by these names are about windows, so equality with a number of channels is chance.
_WINDOW_WORDS = frozenset(("stride", "kernel", "kernel_size", "padding", "dilation", "groups", "s", "k"))
_LARGEST_FACTOR = 64
_USUAL: dict[str, LeafValue] = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": True, OPTION: False}


@dataclass(eq=False, slots=True)
class ConstructorParam:
    """One constructor parameter: its value in every instance; `role` is torch's name for what it is used as."""

    name: str
    role: str
    values: LeafValues
    rank: tuple[int, int] = (0, 0)
    default: LeafValue = NO_DEFAULT

    @property
    def annotation(self) -> str:
        """Its type hint."""
        return " | ".join(dict.fromkeys(_hint(v) for v in sorted(self.values, key=_hint_order)))


def _hint_order(value: LeafValue) -> int:
    return 2 if value is None else int(isinstance(value, tuple))


def _hint(value: LeafValue) -> str:
    if value is None:
        return "None"
    if isinstance(value, tuple):
        if len({_hint(v) for v in value}) == 1 and len(value) > 3:
            return f"tuple[{_hint(value[0])}, ...]"
        return f"tuple[{', '.join(_hint(v) for v in value)}]" if value else "tuple[()]"
    return type(value).__name__


@dataclass
class Solver:
    """Parameters of one class. `calls` says how often each instance is called (for choosing defaults)."""

    graphs: Sequence[Graph]
    calls: Sequence[int]
    taken: set[str]
    params: list[ConstructorParam] = field(default_factory=list)
    _candidates: list[ConstructorParam] = field(default_factory=list)

    def __post_init__(self) -> None:
        first = self.graphs[0]
        for i, name in enumerate(first.input_names):
            if all(g.inputs[i].rank for g in self.graphs):
                last = any(g.inputs[i].rank == 2 for g in self.graphs)
                kind = "features" if last else "channels"
                label = f"in_{kind}" if i == 0 else f"{identifier(name)}_{kind}"
                values = tuple(g.inputs[i].shape[-1 if last else 0] for g in self.graphs)
                self._candidates.append(ConstructorParam(label, Channels("in_channels"), values, (0, i)))
        channels = list(self._candidates)
        for i, (name, _) in enumerate(first.arguments):
            values = tuple(dict(g.arguments).get(name, ABSENT) for g in self.graphs)
            if not all(_is_value(v) for v in values):
                continue
            param = ConstructorParam(identifier(name), "", values, (1, i))
            equal = [c for c in channels if fits(param, c.role) and agree(c.values, values)]
            if equal and len(self.graphs) > 1:
                equal[0].name = "channels"  # as many out as in: one number
            else:
                self._candidates.append(param)

    # --- leaves ------------------------------------------------------------------------------------------------

    def solve(
        self, leaves: Sequence[FormLeaf], masks: Sequence[tuple[tuple[bool, ...], str]], near: Callable[[int], str]
    ) -> None:
        """Give every leaf its code: equal values first, then expressions, then a parameter of its own.

        `masks` are the options, each with the name that a parameter for it would get. `near` is what a row is called:
        it tells apart two parameters for the same kind of thing.
        """
        soft = [leaf for leaf in leaves if leaf.soft]
        rest = [leaf for leaf in leaves if not leaf.soft and not self._equal(leaf)]
        for leaf in sorted(rest, key=_order):
            if self._equal(leaf) or self._known(leaf, leaves) or self._half_kernel(leaf, leaves) or self._below(leaf):
                continue
            if isinstance(leaf.role, Channels) and (self._derived(leaf) or self._optional(leaf, masks)):
                continue
            values = _filled(leaf.values)
            name = leaf.name if identifier(leaf.name) not in self.taken else f"{near(leaf.row)}_{leaf.name}"
            param = ConstructorParam(identifier(name), leaf.role, values, (2, len(self.params)))
            leaf.code = Local(self._activate(param).name)
        for leaf in soft:
            self._active_only(leaf, leaves)

    def _active_only(self, leaf: FormLeaf, leaves: Sequence[FormLeaf]) -> None:
        """Write an optional node's number as a parameter that the class has anyway, else as it is."""
        matches = [p for p in self.params if agree(leaf.values, p.values) and fits(p, leaf.role)]
        if matches:
            leaf.code = Local(max(matches, key=lambda p: _affinity(p, leaf.role)).name)
            return
        if self._known(leaf, leaves):
            return
        leaf.code = literal(next(v for v in leaf.values if v is not ABSENT))

    def _equal(self, leaf: FormLeaf) -> bool:
        matches = [p for p in (*self.params, *self._candidates) if agree(leaf.values, p.values) and fits(p, leaf.role)]
        if not matches:
            return False
        best = max(matches, key=lambda p: _affinity(p, leaf.role))
        leaf.code = Local(self._activate(best, leaf.role).name)
        return True

    def _known(self, leaf: FormLeaf, leaves: Sequence[FormLeaf]) -> bool:
        """The code of another leaf with these values: groups = 6 * c beside out_channels = 6 * c."""
        for other in leaves:
            counts = leaf.role == "groups" or isinstance(leaf.role, Channels)
            alike = leaf.role == other.role or (counts and isinstance(other.role, Channels))
            if alike and other.code is not None and agree(leaf.values, other.values):
                leaf.code = other.code
                return True
        return False

    def _below(self, leaf: FormLeaf) -> bool:
        """name + ".op", where a name of decisions begins with another."""
        if leaf.role != DECISION:
            return False
        for param in self.params:
            pairs = list(zip(leaf.values, param.values, strict=True)) if param.role == DECISION else []
            rests = {None if w is ABSENT else w.removeprefix(v) if w.startswith(f"{v}.") else "" for w, v in pairs}
            rests.discard(None)
            if len(rests) == 1 and (rest := rests.pop()):
                leaf.code = Binary("+", Local(param.name), literal(rest))
                return True
        return False

    def _half_kernel(self, leaf: FormLeaf, leaves: Sequence[FormLeaf]) -> bool:
        """padding = kernel_size // 2, when the kernel of the same row is a parameter."""
        if leaf.role != "padding":
            return False
        for other in leaves:
            if other.role == "kernel_size" and other.row == leaf.row and isinstance(other.code, Local):
                pairs = [(p, k) for p, k in zip(leaf.values, other.values, strict=True) if p is not ABSENT]
                if all(type(p) is int and type(k) is int and p == k // 2 for p, k in pairs):
                    param = next(p for p in self.params if p.name == other.code.name)
                    if all(type(k) is int for k in param.values):
                        leaf.code = Binary("//", other.code, Atom("2"))
                        return True
        return False

    def _derived(self, leaf: FormLeaf) -> bool:
        """k * a, a // k, a * b, a + b, a - b, a + k over arguments and input channels, simplest first."""
        sources = [p for p in (*self.params, *self._candidates) if self._countable(p)]
        for used, build in _expressions(leaf.values, sources, len(self.graphs)):
            names = [Local(self._activate(p, leaf.role).name) for p in used]
            leaf.code = build(names)
            return True
        return False

    def _optional(self, leaf: FormLeaf, masks: Sequence[tuple[tuple[bool, ...], str]]) -> bool:
        """`a if option else b`."""
        if any(v is ABSENT for v in leaf.values):
            return False
        sources = [p for p in (*self.params, *self._candidates) if fits(p, leaf.role)]
        for mask, name in masks:
            for p, q in itertools.permutations(sources, 2):
                chosen = tuple(a if c else b for a, b, c in zip(p.values, q.values, mask, strict=True))
                if agree(leaf.values, chosen):
                    test = self.condition(mask, name)
                    then, otherwise = (Local(self._activate(x, leaf.role).name) for x in (p, q))
                    if isinstance(test, Not):
                        test, then, otherwise = test.value, otherwise, then
                    leaf.code = Ternary(then, test, otherwise)
                    return True
        return False

    def _countable(self, param: ConstructorParam) -> bool:
        """A number of something, not the size of a window: arithmetic on it can mean something."""
        if not isinstance(param.role, Channels) and (param.role or param.name in _WINDOW_WORDS):
            return False
        return all(type(v) is int and v > 0 for v in param.values) and len(set(param.values)) > 1

    def _activate(self, param: ConstructorParam, role: str = "") -> ConstructorParam:
        """Make a candidate a parameter of the class."""
        if param in self.params:
            return param
        param.name = unique(param.name, self.taken)
        self.taken.add(param.name)
        param.role = param.role or role
        self.params.append(param)
        if param in self._candidates:
            self._candidates.remove(param)
        return param

    # --- options -----------------------------------------------------------------------------------------------

    def condition(self, present: tuple[bool, ...], name: str) -> Code:
        """Code that is true in exactly the instances of `present`: an argument, a test of one, or a new bool."""
        absent = tuple(not p for p in present)
        for param in (*self.params, *self._candidates):
            if all(type(v) is bool for v in param.values):
                if param.values == present:
                    return Local(self._activate(param, OPTION).name)
                if param.values == absent:
                    return Not(Local(self._activate(param, OPTION).name))
        for param in self.params:
            if all(type(v) is int for v in param.values) and (param.role == "stride" or param.rank[0] == 1):
                if present == tuple(v != 1 for v in param.values):
                    return Binary("!=", Local(param.name), Atom("1"))
                if present == tuple(v == 1 for v in param.values):
                    return Binary("==", Local(param.name), Atom("1"))
        return Local(self._activate(ConstructorParam(identifier(name), OPTION, present, (3, len(self.params)))).name)

    # --- signature ---------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Choose defaults and put the parameters in order: inputs, arguments, others, options; defaults last."""
        for param in self.params:
            if isinstance(param.role, Channels) or param.role == DECISION:
                continue
            counts: Counter[str] = Counter()
            for value, calls in zip(param.values, self.calls, strict=True):
                counts[repr(value)] += calls
            text, most = counts.most_common(1)[0]
            usual = _USUAL.get(param.role, ABSENT) if param.role != OPTION or param.rank[0] == 3 else ABSENT
            if any(same(v, usual) for v in param.values):
                param.default = usual
            elif 2 * most >= sum(self.calls) or param.role == OPTION:
                param.default = next(v for v in param.values if repr(v) == text)
        self.params.sort(key=lambda p: (p.default is not NO_DEFAULT, p.rank))


def _order(leaf: FormLeaf) -> tuple[Any, ...]:
    """What is solved first: counts before groups, what all instances have, short names of decisions."""
    length = min(len(value) for value in leaf.values if value is not ABSENT) if leaf.role == DECISION else 0
    return leaf.role == "groups", leaf.values.count(ABSENT), length


def _is_value(value: LeafValue) -> bool:
    if isinstance(value, tuple):
        return all(_is_value(v) for v in value)
    return isinstance(value, int | float | bool)


def _filled(values: LeafValues) -> LeafValues:
    """Instances that lack the row take the value most common among the others; nothing reads it."""
    counts = Counter(repr(v) for v in values if v is not ABSENT)
    text = counts.most_common(1)[0][0]
    common = next(v for v in values if v is not ABSENT and repr(v) == text)
    return tuple(common if v is ABSENT else v for v in values)


def agree(wanted: LeafValues, values: LeafValues) -> bool:
    """Equal wherever `wanted` has a value."""
    return all(w is ABSENT or same(w, v) for w, v in zip(wanted, values, strict=True))


def fits(param: ConstructorParam, role: str) -> bool:
    """Whether a parameter may stand for a value of `role`: channels never for windows, by name or by earlier use."""
    if param.role == OPTION or role == OPTION:
        return param.role == role or not param.role
    channels = isinstance(param.role, Channels)
    if param.role:
        return channels if isinstance(role, Channels) else param.role == role or (role == "groups" and channels)
    return not (isinstance(role, Channels) and param.name in _WINDOW_WORDS)


def _affinity(param: ConstructorParam, role: str) -> tuple[int, ...]:
    """How well a parameter's name and origin suit a role."""
    name = param.name
    return (
        int(name == role),
        int(param.rank[0] == 0 and role in ("in_channels", "in_features", "num_features")),
        int(name in role or role in name),
        int(param.role == role),
        int(param.rank[0] == 1),
        -param.rank[1],
    )


def _expressions(
    wanted: LeafValues, sources: list[ConstructorParam], count: int
) -> Iterator[tuple[list[ConstructorParam], Builder]]:
    """Ways to compute `wanted` from the sources, simplest first (a sum with a constant needs three instances)."""
    places = [i for i, w in enumerate(wanted) if w is not ABSENT]
    target = [wanted[i] for i in places]
    if not all(type(t) is int for t in target):
        return
    columns = [(p, [p.values[i] for i in places]) for p in sources]
    columns = [(p, column) for p, column in columns if len(set(column)) > 1]
    for p, column in columns:
        k = target[0] // column[0]
        if 1 < k <= _LARGEST_FACTOR and target == [k * v for v in column]:
            yield [p], _times(k)
    for p, column in columns:
        k = column[0] // target[0] if target[0] else 0
        if 1 < k <= _LARGEST_FACTOR and target == [v // k for v in column]:
            yield [p], _with("//", k)
    for operator, apply in _PAIRS:
        for p, left in columns:
            for q, right in columns:
                if p is not q and target == [apply(a, b) for a, b in zip(left, right, strict=True)]:
                    yield [p, q], _pair(operator)
    for p, column in columns:
        k = target[0] - column[0]
        if count > 2 and k > 0 and target == [v + k for v in column]:
            yield [p], _with("+", k)


def _times(k: int) -> Builder:
    return lambda names: Binary("*", Atom(str(k)), names[0])


def _with(operator: str, k: int) -> Builder:
    return lambda names: Binary(operator, names[0], Atom(str(k)))


def _pair(operator: str) -> Builder:
    return lambda names: Binary(operator, names[0], names[1])


_PAIRS: tuple[tuple[str, Callable[[int, int], int]], ...] = (
    ("*", operator_module.mul),
    ("+", operator_module.add),
    ("-", operator_module.sub),
)
