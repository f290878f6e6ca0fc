"""Turns a body into what a paper draws as one box each: small wrappers opened, BN and ReLU joined to their conv."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from archdsl.analysis.cost import Cost, node_cost, op_costs
from archdsl.emit.figure.scene import Place
from archdsl.emit.figure.variables import variables
from archdsl.ir.graph import INPUT, Graph, Ref, SiteKey
from archdsl.ir.per_body import per_body
from archdsl.ops.base import Kind, Op
from archdsl.source import Span
from archdsl.types import TensorType

# A chain of at most this many ops, one of them a layer, is drawn in its callers instead of in a panel of its own.
WRAPPER_PIECES = 4
_LAYER = frozenset({Kind.CONVOLUTION, Kind.LINEAR})
_SIDE = frozenset({Kind.NORM, Kind.ACTIVATION, Kind.DROP})
_POOLED = frozenset({Kind.POOL, Kind.GLOBAL_POOL})


class Piece(NamedTuple):
    """One op or call of a body whose wrappers are opened; `operands` count the pieces of that body.

    `place` is where it stands in the body. `origin` is the site of its node: that of the wrapper, for what comes out of
    one. `path` is the dotted
    module path from the body ("" for what is no module), `span` where the body applies it, `cost` what that costs;
    pieces with equal `weights` own one set together. `variable` is what the spec calls the result, "" if unknown.
    """

    target: Op | Graph
    operands: tuple[Ref, ...]
    given: tuple[TensorType, ...]
    types: tuple[TensorType, ...]
    place: Place
    origin: SiteKey
    shared: bool
    path: str
    span: Span | None
    cost: Cost
    weights: tuple[int, ...]
    kind: Kind | None  # the op's; None for a call
    length: int | None = None  # the steps of a scan
    variable: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A body with its wrappers opened."""

    graph: Graph
    pieces: tuple[Piece, ...]
    outputs: tuple[Ref, ...]


class Unit:
    """Pieces drawn as one box: a layer with the norms and activations around it, or a single op or call.

    `layer` is the index in `pieces` of what the box is about; None when it holds norms and activations only.
    `operands` count the units of the body, `given` are their types, and `types` those of the outputs. `main` is the
    piece that the box is about, `call` the body called if that is a call.
    """

    __slots__ = ("call", "given", "layer", "main", "operands", "pieces", "types")

    def __init__(self, pieces: tuple[Piece, ...], layer: int | None, operands: tuple[Ref, ...]) -> None:
        """A unit of these pieces."""
        self.pieces = pieces
        self.layer = layer
        self.operands = operands
        self.given = pieces[0].given
        self.types = pieces[-1].types
        self.main = pieces[layer or 0]
        self.call = self.main.target if isinstance(self.main.target, Graph) else None


@per_body
def opened(graph: Graph) -> Opened:
    """A body with calls of small wrappers replaced by what they hold."""
    pieces: list[Piece] = []
    places: list[tuple[Ref, ...]] = []  # per node of the graph, where its outputs are now
    named = variables(graph)
    uses: dict[int, int] = {}
    for node in graph.nodes:
        if node.slot is not None:
            uses[node.slot] = uses.get(node.slot, 0) + 1

    def place(ref: Ref) -> Ref:
        return ref if ref.node == INPUT else places[ref.node][ref.output]

    for number, (node, alone) in enumerate(zip(graph.nodes, op_costs(graph), strict=True)):
        operands = tuple([place(ref) for ref in node.operands])
        span = node.spans[0] if node.spans else None
        owner: tuple[int, ...] = (-1 - number if node.slot is None else node.slot,)
        shared = node.slot is not None and uses[node.slot] > 1
        inner = opened(node.target) if isinstance(node.target, Graph) else None
        if inner is None or node.length is not None or not _is_wrapper(inner):
            places.append(tuple([Ref(len(pieces), i) for i in range(len(node.types))]))
            here: Place = (number,)
            whole = alone if inner is None else node_cost(graph, node)
            kind = None if isinstance(node.target, Graph) else node.target.kind
            facts = here, node.site, shared, node.label, span, whole, owner, kind, node.length
            called = named.get(number, "")
            pieces.append(Piece(node.target, operands, graph.operand_types(node), node.types, *facts, called))
            continue
        first = len(pieces)

        def moved(ref: Ref, first: int = first, operands: tuple[Ref, ...] = operands) -> Ref:
            return operands[ref.output] if ref.node == INPUT else Ref(first + ref.node, ref.output)

        for s in inner.pieces:
            inputs = tuple(moved(ref) for ref in s.operands)
            path = ".".join(filter(None, (node.label, s.path)))
            facts = (
                (number, *s.place),
                node.site,
                shared or s.shared,
                path,
                span,
                s.cost,
                (*owner, *s.weights),
                s.kind,
                s.length,
            )
            pieces.append(Piece(s.target, inputs, s.given, s.types, *facts))
        places.append(tuple(moved(ref) for ref in inner.outputs))
    return Opened(graph, tuple(pieces), tuple(place(ref) for ref in graph.outputs))


def _is_wrapper(body: Opened) -> bool:
    """Whether a body is too small for a panel: nothing, one piece, or one layer with norms and activations in a row.

    A network is none, however small: it stands beside another one.
    """
    if body.graph.kind == "network":
        return False
    if len(body.pieces) < 2:
        return True
    if len(body.pieces) > WRAPPER_PIECES or sum(piece.kind in _LAYER for piece in body.pieces) > 1:
        return False
    if body.outputs != (Ref(len(body.pieces) - 1),) or len(body.graph.inputs) != 1:
        return False
    chain = all(
        piece.operands == (Ref(i - 1) if i else Ref(INPUT),) and len(piece.types) == 1
        for i, piece in enumerate(body.pieces)
    )
    return chain and all(piece.kind in _LAYER or piece.kind in _SIDE for piece in body.pieces)


def units(body: Opened) -> tuple[tuple[Unit, ...], tuple[Ref, ...]]:
    """The units of a body in order, and its outputs as places in them.

    1. Norms, activations and dropout after a layer join it: conv -> BN -> ReLU.
    2. Those before a layer that follow nothing join it too: ReLU -> conv -> BN.
    3. A layer that has a norm before it (pre-activation) takes none after it: they belong to the next one.
    4. Where a norm comes before all layers, each norm that leads to a layer belongs to that one, whatever is before it.
    """
    joined = _join(body)
    index = {piece: (number, group[-1] == piece) for number, group in enumerate(joined) for piece in group}

    def place(ref: Ref) -> Ref:
        return ref if ref.node == INPUT else Ref(index[ref.node][0], ref.output)

    made = []
    for group in joined:
        pieces = tuple(body.pieces[i] for i in group)
        layer = next((i for i, piece in enumerate(pieces) if not is_side(piece)), None)
        made.append(Unit(pieces, layer, tuple(place(ref) for ref in pieces[0].operands)))
    return tuple(made), tuple(place(ref) for ref in body.outputs)


def _join(body: Opened) -> list[list[int]]:
    """Indices of the pieces that each unit holds."""
    consumers = [0] * len(body.pieces)
    leading = _leading(body)
    for ref in [ref for piece in body.pieces for ref in piece.operands] + list(body.outputs):
        if ref.node != INPUT:
            consumers[ref.node] += 1
    groups: list[list[int]] = []
    group_of: dict[int, list[int]] = {}
    for i, piece in enumerate(body.pieces):
        before = piece.operands[0].node if len(piece.operands) == 1 else INPUT
        group = group_of.get(before)
        if (
            group is not None
            and group[-1] == before
            and consumers[before] == 1
            and i not in leading
            and _joins(body, group, piece)
        ):
            group.append(i)
        else:
            group = [i]
            groups.append(group)
        group_of[i] = group
    return sorted(groups, key=lambda group: group[-1])


def _leading(body: Opened) -> set[int]:
    """The norms behind layers that a later layer takes, by norms and activations alone, where a norm comes first."""
    first = next((piece.kind for piece in body.pieces if piece.kind is Kind.NORM or piece.kind in _LAYER), None)
    if first is not Kind.NORM:
        return set()
    found: set[int] = set()
    waiting: dict[int, tuple[int, ...]] = {}  # by side piece, the norms that it goes on with
    for i, piece in enumerate(body.pieces):
        before = waiting.get(piece.operands[0].node, ()) if len(piece.operands) == 1 else ()
        if piece.kind in _LAYER:
            found.update(before)
        elif is_side(piece):
            waiting[i] = (*before, i) if piece.kind is Kind.NORM else before
    return found


def _joins(body: Opened, group: list[int], piece: Piece) -> bool:
    """Whether `piece`, the only consumer of a group's last piece, is drawn in its box."""
    pieces = [body.pieces[i] for i in group]
    layer = next((s for s in pieces if not is_side(s)), None)
    if layer is None:
        return is_side(piece) or piece.kind in _LAYER
    if not is_side(piece):
        return False
    if layer.kind in _LAYER:
        lead = pieces[: pieces.index(layer)]
        return not any(s.kind is Kind.NORM for s in lead)
    return layer.kind in _POOLED and (piece.kind is Kind.DROP or _is_flatten(piece))


def is_side(piece: Piece) -> bool:
    """Whether a piece is drawn as a word in another's box."""
    return len(piece.operands) == 1 and (piece.kind in _SIDE or _is_flatten(piece))


def _is_flatten(piece: Piece) -> bool:
    """Whether a piece only says that a map is read as a vector from here on."""
    return piece.kind is Kind.RESHAPE and piece.types[0].rank == 1
