"""Turns applications of ops into a labelled graph in which nothing stands that only the spelling of a network tells.

Left out are parts that no output needs, ops that give what they are given, and zeros in sums with all that makes them
zeros. A sum of sums is one sum, and operands of sums and products have no order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import fields
from typing import Any, NamedTuple

from archdsl.ops.arithmetic import Add, broadcast
from archdsl.ops.base import Op, Types
from archdsl.ops.identities import why_identity
from archdsl.ops.zeros import gives_zeros
from archdsl.remembered import remembered
from archdsl.spaces.dag import Dag, Link
from archdsl.types import TensorType


class OpAt(NamedTuple):
    """An op at the types it is given and gives, with what tells it from others.

    `apart` is what two equal applications to one tensor are: a module each (convolution, pool, activation), while a
    sum or a reshape is but an expression.
    """

    op: Op
    inputs: Types
    results: Types
    label: str
    owns: bool
    apart: bool
    identity: bool
    zeros: bool  # whatever it is given


class Made(NamedTuple):
    """An application that made vertices."""

    at: OpAt
    operands: Sequence[int]
    results: Sequence[int]


@remembered
def op_at(op: Op, inputs: Types, results: Types) -> OpAt:
    """What there is to know of a resolved op at these types."""
    form = op.torch(inputs)
    return OpAt(
        op,
        inputs,
        results,
        label=f"{op.name}({', '.join(_text(getattr(op, f.name)) for f in fields(op))})",
        owns=bool(op.weights(inputs)),
        apart=form.module is not None or form.parameter is not None,
        identity=bool(why_identity(op, inputs)),
        zeros=gives_zeros(op, inputs, [False] * len(inputs)),
    )


def _text(value: Any) -> str:
    """Equal for equal numbers: 1 and 1.0 are one."""
    if isinstance(value, tuple):
        return f"({', '.join(map(_text, value))})"
    return repr(int(value) if isinstance(value, float) and value.is_integer() else value)


class Simplifier:
    """Takes applications in order and gives the tensors of the simplified graph, as numbers of vertices.

    `unordered` are the applications, by number, of concats whose order of operands says nothing; `alone` are weights
    that one application has for itself, though others that no output needs share them.
    """

    def __init__(
        self,
        expressions: bool,
        zero_passes_norm: bool,
        unordered: Collection[int] = (),
        alone: Collection[Hashable] = (),
    ) -> None:
        self._expressions = expressions
        self._zero_passes_norm = zero_passes_norm
        self._unordered = unordered
        self._alone = alone
        self._labels: list[str] = []
        self._links: list[tuple[Link, ...]] = []
        self._known: dict[Hashable, int] = {}
        self._terms: dict[int, Counter[int]] = {}  # of vertices that are sums
        self._types: dict[int, TensorType] = {}
        self._zeros: set[int] = set()
        self._owners: dict[Hashable, list[int]] = {}
        self._count = 0
        self.made: dict[int, Made] = {}  # by number of the application

    def vertex(self, label: str, links: Sequence[Link], *, apart: bool = False, weights: Hashable = None) -> int:
        """A vertex; unless it is `apart`, the one that there is where nothing differs. `weights` are shared ones."""
        key = None if apart and not self._expressions else (label, links, weights)
        found = None if key is None else self._known.get(key)
        if found is None:
            found = len(self._labels)
            self._labels.append(label)
            self._links.append(tuple(links))
            if key is not None:
                self._known[key] = found
            if weights is not None:
                self._owners.setdefault(weights, []).append(found)
        return found

    def tensor(self, label: str, links: Sequence[Link], kind: TensorType, *, apart: bool = False) -> int:
        """A tensor that no op makes: an input, an element of a sequence."""
        found = self.vertex(label, links, apart=apart)
        self._types[found] = kind
        return found

    def zeros(self, kind: TensorType) -> int:
        """The tensor of zeros of a type."""
        found = self.tensor(f"zeros {kind}", (), kind)
        self._zeros.add(found)
        return found

    def is_zero(self, tensor: int) -> bool:
        """Whether a tensor is zeros."""
        return tensor in self._zeros

    def apply(self, at: OpAt, operands: Sequence[int], weights: Hashable = None) -> list[int]:
        """The results of an op; `weights` names those that it shares with other applications."""
        self._count += 1
        if at.identity:
            return list(operands)
        if isinstance(at.op, Add):
            return [self._sum(at, operands)]
        if at.zeros or (not self._zeros.isdisjoint(operands) and self._stay_zeros(at, operands)):
            return [self.zeros(kind) for kind in at.results]
        if at.op.commutes or self._count in self._unordered:
            links = sorted(Counter(operands).items())
        else:
            links = [(tensor, place) for place, tensor in enumerate(operands)]
        if not at.owns or weights in self._alone:
            weights = None
        made = self.vertex(at.label, tuple(links), apart=at.apart, weights=weights)
        results = self.parts(made, at.results)
        self.made[self._count] = Made(at, operands, results)
        return results

    def parts(self, made: int, kinds: Types) -> list[int]:
        """The results of a vertex: itself where it gives one tensor."""
        results = [made] if len(kinds) == 1 else [self.vertex(f"result {k}", ((made, 0),)) for k in range(len(kinds))]
        self._types.update(zip(results, kinds, strict=True))
        return results

    def _stay_zeros(self, at: OpAt, operands: Sequence[int]) -> bool:
        zero = [tensor in self._zeros for tensor in operands]
        return gives_zeros(at.op, at.inputs, zero, self._zero_passes_norm)

    def _sum(self, at: OpAt, operands: Sequence[int]) -> int:
        """The sum of what is not zero, operands that are sums themselves written out."""
        terms: Counter[int] = Counter()
        for tensor in operands:
            terms.update(self._terms.get(tensor, {tensor: 1}))
        (kind,) = at.results
        some = [tensor for tensor in terms if tensor not in self._zeros]
        if len(some) < len(terms):
            terms = Counter({tensor: terms[tensor] for tensor in some})
            if not terms:
                return self.zeros(kind)
            if broadcast("add", tuple([self._types[tensor] for tensor in terms])) != kind:
                terms[self.zeros(kind)] = 1  # they stretch the others
        if len(terms) == 1 and terms.total() == 1:
            return next(iter(terms))
        found = self.vertex("add()", tuple(sorted(terms.items())))
        self._terms[found] = terms
        self._types[found] = kind
        kinds = tuple([self._types[tensor] for tensor in terms])
        self.made[self._count] = Made(at._replace(inputs=kinds), tuple(terms), (found,))
        return found

    @property
    def size(self) -> int:
        """The number of vertices, dead ones too."""
        return len(self._labels)

    def live(self, outputs: Sequence[int]) -> set[int]:
        """The vertices that outputs need."""
        live, waiting = set(outputs), list(outputs)
        while waiting:
            for below, _ in self._links[waiting.pop()]:
                if below not in live:
                    live.add(below)
                    waiting.append(below)
        return live

    def shared(self, live: Collection[int]) -> Iterator[tuple[Hashable, list[int]]]:
        """Of weights that were called shared the vertices that have them, which may be one alone."""
        for weights, owners in self._owners.items():
            if some := [v for v in owners if v in live]:
                yield weights, some

    def dag(self, outputs: Sequence[int]) -> Dag:
        """The graph: outputs in order are the operands of its last vertex, shared weights operands of what has them."""
        live = self.live(outputs)
        labels: list[str] = []
        weights_of: dict[int, int] = {}
        for _, owners in self.shared(live):
            if len(owners) > 1:
                weights_of.update(dict.fromkeys(owners, len(labels)))
                labels.append("weights")
        links: list[tuple[Link, ...]] = [()] * len(labels)
        place: dict[int, int] = {}
        for v in sorted(live):
            place[v] = len(labels)
            labels.append(self._labels[v])
            below = [(place[o], n) for o, n in self._links[v]]
            links.append((*below, (weights_of[v], 0)) if v in weights_of else tuple(below))
        labels.append("outputs")
        links.append(tuple([(place[v], k) for k, v in enumerate(outputs)]))
        return Dag(labels, links)
