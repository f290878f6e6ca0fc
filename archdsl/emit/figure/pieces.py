"""Turns a body into what a paper draws as one box each: small wrappers opened, BN and ReLU joined to their conv."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from archdsl.analysis.cost import NOTHING, Cost, node_cost, node_params_and_macs
from archdsl.ir.chosen import Choosing, OneOf, Several, has_choices
from archdsl.ir.graph import INPUT, Graph, Node, Ref, SiteKey
from archdsl.ir.per_body import per_body
from archdsl.ops.base import Kind, Op
from archdsl.source import Span
from archdsl.types import TensorType

# A chain of at most this many ops, one of them a layer, is drawn in its callers instead of in a panel of its own.
WRAPPER_PIECES = 4
_LAYER = frozenset({Kind.CONVOLUTION, Kind.LINEAR})
_SIDE = frozenset({Kind.NORM, Kind.ACTIVATION, Kind.DROP})
_ALONG = _LAYER | _SIDE
_POOLED = frozenset({Kind.POOL, Kind.GLOBAL_POOL})

# Where an op or call stands in a body: the index of its node; for what comes out of an opened wrapper, the index of
# the wrapper's node, then that inside the wrapper, and so on.
Place = tuple[int, ...]


class Piece(NamedTuple):
    """One op or call of a body whose wrappers are opened; `operands` count the pieces of that body.

    `place` is where it stands in the body. `origin` is the site of its node: that of the wrapper, for what comes out of
    one. `path` is the dotted module path from the body ("" for what is no module), `span` where the body applies it,
    `node` its own node, which stands in `home`; pieces with equal `weights` own one set together.
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
    home: Graph
    node: Node
    weights: tuple[int, ...]
    kind: Kind | None  # the op's; None for a call
    length: int | None = None  # the steps of a scan


class Origin(NamedTuple):
    """What a box stands for, in the body that its panel shows.

    `definition` is the file and name of the block that is called, None where the box is about ops; `pieces` are the
    members: how they hang together, the box says.
    """

    definition: tuple[str, str] | None
    pieces: tuple[Piece, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """The dotted module paths of the members from the body, "" for what is no module."""
        return tuple([piece.path for piece in self.pieces])

    @property
    def spans(self) -> tuple[Span, ...]:
        """Where the text applies them."""
        return tuple([piece.span for piece in self.pieces if piece.span is not None])

    @property
    def is_open(self) -> bool:
        """Whether what they are, and so what they cost, depends on what is picked."""
        types = [type for piece in self.pieces for type in (*piece.given, *piece.types)]
        several = any(isinstance(size, Several) for type in types for size in type.shape)
        return several or any(isinstance(piece.target, Choosing) or has_choices(piece.target) for piece in self.pieces)

    @property
    def cost(self) -> Cost:
        """What they cost together, each applied once, and weights once per set."""
        total, owners = NOTHING, set()
        for piece in self.pieces:
            total = total.plus(node_cost(piece.home, piece.node), weight_sets=int(piece.weights not in owners))
            owners.add(piece.weights)
        return total

    @property
    def params_and_macs(self) -> tuple[int, int]:
        """Of `cost` these two, found with less work."""
        owned: dict[tuple[int, ...], int] = {}
        macs = 0
        for piece in self.pieces:
            params, more = node_params_and_macs(piece.home, piece.node)
            owned[piece.weights] = params
            macs += more
        return sum(owned.values()), macs


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


def dotted(outer: str, inner: str) -> str:
    """The module path of what lies at `inner` in a module at `outer`; "" is no module of its own."""
    return f"{outer}.{inner}" if outer and inner else outer or inner


@per_body
def opened(graph: Graph) -> Opened:
    """A body with calls of small wrappers replaced by what they hold."""
    pieces: list[Piece] = []
    places: list[tuple[Ref, ...]] = []  # per node of the graph, where its outputs are now
    uses: dict[int, int] = {}
    for node in graph.nodes:
        if node.slot is not None:
            uses[node.slot] = uses.get(node.slot, 0) + 1

    def place(ref: Ref) -> Ref:
        return ref if ref.node == INPUT else places[ref.node][ref.output]

    for number, node in enumerate(graph.nodes):
        operands = tuple([place(ref) for ref in node.operands])
        span = node.spans[0] if node.spans else None
        owner: tuple[int, ...] = (-1 - number if node.slot is None else node.slot,)
        shared = node.slot is not None and uses[node.slot] > 1
        inner = opened(node.target) if isinstance(node.target, Graph) else None
        if inner is None or node.length is not None or not _is_wrapper(inner):
            places.append(tuple([Ref(len(pieces), i) for i in range(len(node.types))]))
            here: Place = (number,)
            kind = None if isinstance(node.target, Graph) else node.target.kind
            facts = here, node.site, shared, node.label, span, graph, node, owner, kind, node.length
            pieces.append(Piece(node.target, operands, graph.operand_types(node), node.types, *facts))
            continue
        first = len(pieces)

        def moved(ref: Ref, first: int = first, operands: tuple[Ref, ...] = operands) -> Ref:
            return operands[ref.output] if ref.node == INPUT else Ref(first + ref.node, ref.output)

        for s in inner.pieces:
            inputs = tuple([moved(ref) for ref in s.operands])
            path = dotted(node.label, s.path)
            there, others = (number, *s.place), shared or s.shared
            where = there, node.site, others, path, span, s.home, s.node, (*owner, *s.weights)
            pieces.append(Piece(s.target, inputs, s.given, s.types, *where, s.kind, s.length))
        places.append(tuple([moved(ref) for ref in inner.outputs]))
    return Opened(graph, tuple(pieces), tuple([place(ref) for ref in graph.outputs]))


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
    before = Ref(INPUT)
    for i, piece in enumerate(body.pieces):
        if piece.operands != (before,) or len(piece.types) != 1 or piece.kind not in _ALONG:
            return False
        before = Ref(i)
    return True


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
        pieces = tuple([body.pieces[i] for i in group])
        layer = next((i for i, piece in enumerate(pieces) if not is_side(piece)), None)
        made.append(Unit(pieces, layer, tuple([place(ref) for ref in pieces[0].operands])))
    return tuple(made), tuple([place(ref) for ref in body.outputs])


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
    if isinstance(layer.target, OneOf):
        return all(ref.node != INPUT and _made_by_layer(body, ref) for ref in layer.operands)
    if layer.kind in _LAYER:
        lead = pieces[: pieces.index(layer)]
        return not any(s.kind is Kind.NORM for s in lead)
    return layer.kind in _POOLED and (piece.kind is Kind.DROP or _is_flatten(piece))


def _made_by_layer(body: Opened, ref: Ref) -> bool:
    return body.pieces[ref.node].kind in _LAYER


def is_side(piece: Piece) -> bool:
    """Whether a piece is drawn as a word in another's box."""
    return len(piece.operands) == 1 and (piece.kind in _SIDE or _is_flatten(piece))


def _is_flatten(piece: Piece) -> bool:
    """Whether a piece only says that a map is read as a vector from here on."""
    return piece.kind is Kind.RESHAPE and piece.types[0].rank == 1
