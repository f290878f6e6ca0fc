"""Folds batch norms into the convolutions and linear layers before them: the same function with fewer ops.

In evaluation a batch norm is affine per channel, and so is what it does to the result of a linear map (Jacob et al.
2018, arXiv:1712.05877, section 3.2, equation 14; the bias moves along). With scale g, shift b, running mean m and
variance v, and s = g / sqrt(v + eps):

    bn(W x + c) = s (W x + c - m) + b = (s W) x + (s (c - m) + b)

A convolution of one channel with weight 3 and no bias, before a norm with g = 2, b = 1, m = 3, v = 4 (eps left out):
s = 2 / 2 = 1, so the weight stays 3 and the bias is 1 * (0 - 3) + 1 = -2. Of the pixel 5 both make 13.

A norm folds if it is the only reader of what a convolution or a linear layer of the same body gives. Bodies are decided
once, however often they are called: what one of them gives to its callers is not folded into it, because other calls
may do something else with it. Layers that share weights fold together or not at all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.ir.graph import INPUT, Graph, Node, Ref, bodies
from archdsl.ir.per_body import per_body, per_body_alone
from archdsl.ir.weights import Owned, owners, owns
from archdsl.ops.base import Weight
from archdsl.ops.conv import Conv, ConvTranspose, Depthwise
from archdsl.ops.linear import Linear, counts_as_vector
from archdsl.ops.norm import BatchNorm
from archdsl.source import Span
from archdsl.transform.carry import Formula
from archdsl.transform.rewrite import Edit, rewrite

Layer: TypeAlias = Conv | Depthwise | ConvTranspose | Linear


@dataclass(frozen=True, slots=True)
class Left:
    """A batch norm that does not fold: in which body, where it is written, and why."""

    body: Graph
    span: Span | None
    reason: str


@dataclass(frozen=True, slots=True)
class Folded:
    """A graph without the batch norms that fold.

    `folded` counts those among its modules, `left` lists the norms that do not fold, each once per distinct body.
    `formulas` are for `transform.carry`.
    """

    graph: Graph
    formulas: dict[Graph, dict[str, Formula]]
    folded: int
    left: tuple[Left, ...]


def fold_batch_norm(root: Graph) -> Folded:
    """`root` with each batch norm that can be folded into the layer before it.

    In evaluation mode it computes the same function with the weights that `transform.carry.carry` makes; in training it
    is another network. Where nothing folds, `graph` is `root` itself.
    """
    order = list(bodies(root))
    kept: set[Graph] = set()
    while torn := _torn(order, kept):
        kept |= torn
    formulas: dict[Graph, dict[str, Formula]] = {}
    left: list[Left] = []

    def change(body: Graph, current: Graph) -> Graph:
        pairs, reasons = ({}, _all_left(body)) if body in kept else _decide(body)
        left.extend(reasons)
        if not pairs:
            return current
        edit = Edit(current)
        made: dict[str, Formula] = {}
        for norm, layer in pairs.items():
            made |= _fold(edit, body, layer, norm)
        new = edit.body()
        formulas[new] = made
        return new

    graph = rewrite(root, change)
    return Folded(graph, formulas, batch_norms(root) - batch_norms(graph), tuple(left))


def fold_some(root: Graph) -> Folded:
    """As `fold_batch_norm`.

    Raises:
        ArchError: nothing folds; one diagnostic for each batch norm says why.
    """
    found = fold_batch_norm(root)
    if found.folded:
        return found
    hint = "only a batch norm behind a convolution or linear layer that nothing else reads folds into it"
    message = f"no batch norm of {root.name} can be folded"
    reasons = [Diagnostic("nothing-to-fold", f"{message}: {x.reason}", x.span, help=hint) for x in found.left]
    raise ArchError(reasons or [Diagnostic("nothing-to-fold", f"{root.name} has no batch norm", None, help=hint)])


@per_body
def batch_norms(graph: Graph) -> int:
    """How many modules are batch norms; a shared one is one."""
    return sum(
        batch_norms(node.target) if isinstance(node.target, Graph) else isinstance(node.target, BatchNorm)
        for node, owned in zip(graph.nodes, owns(graph), strict=True)
        if owned
    )


# --- what folds ---------------------------------------------------------------------------------------------------


@per_body_alone
def _decide(body: Graph) -> tuple[dict[int, int], list[Left]]:
    """The norms of a body that fold, each with its layer, and why the others do not."""
    readers = Counter(ref for node in body.nodes for ref in node.operands) + Counter(body.outputs)
    pairs: dict[int, int] = {}
    reasons: dict[int, str] = {}
    for index, node in enumerate(body.nodes):
        if isinstance(node.target, BatchNorm):
            reason = _obstacle(body, node, readers)
            if reason:
                reasons[index] = reason
            else:
                pairs[index] = node.operands[0].node
    for norm, layer in _parted(body, pairs):
        del pairs[norm]
        reasons[norm] = f"it or {_called(body.nodes[layer])} shares weights with applications that do not fold"
    return pairs, [Left(body, _span(body.nodes[i]), reason) for i, reason in sorted(reasons.items())]


def _obstacle(body: Graph, norm: Node, readers: Counter[Ref]) -> str:
    """Why a norm cannot fold, shared weights left out; "" if it can."""
    (given,) = norm.operands
    if given.node == INPUT:
        return f"it reads an input of {body.name}, which each caller makes in its own way"
    maker = body.nodes[given.node]
    if maker.body is not None:
        return f"it reads what {_called(maker)} gives, whose other calls may be read by something else"
    if not isinstance(maker.target, Layer):
        return f"it reads what {_called(maker)} gives, which is no convolution or linear layer"
    if isinstance(maker.target, Linear) and not counts_as_vector(maker.types[0]):
        return f"it scales positions, and {_called(maker)} mixes features"
    if readers[given] > 1:
        return f"what {_called(maker)} gives is read elsewhere too"
    return ""


def _parted(body: Graph, pairs: dict[int, int]) -> list[tuple[int, int]]:
    """Those of `pairs` whose weights are shared with a layer or a norm that has no such partner."""
    owner = owners(body)
    sharers = Counter(owner)
    together = Counter((owner[norm], owner[layer]) for norm, layer in pairs.items())
    return [
        (norm, layer)
        for norm, layer in pairs.items()
        if not together[owner[norm], owner[layer]] == sharers[owner[norm]] == sharers[owner[layer]]
    ]


def _torn(order: list[Graph], kept: set[Graph]) -> set[Graph]:
    """More bodies that must stay as they are: calls that share weights apply several bodies that fold differently."""
    folds: dict[Graph, frozenset[str]] = {}  # names of the layers inside that take a norm in
    for body in order:
        inside = {body.nodes[layer].label for layer in _decide(body)[0].values()} if body not in kept else set()
        inside |= {f"{node.label}.{name}" for _, node, callee in body.calls for name in folds[callee]}
        folds[body] = frozenset(inside)
    found: set[Graph] = set()
    for body in order:
        groups: defaultdict[int, set[Graph]] = defaultdict(set)
        for index, _, callee in body.calls:
            groups[owners(body)[index]].add(callee)
        for group in groups.values():
            if len({folds[callee] for callee in group}) > 1:
                found.update(inner for callee in group for inner in bodies(callee) if inner not in kept)
    return found


def _all_left(body: Graph) -> list[Left]:
    reason = f"{body.name} shares its weights with an application of it in which they do not all fold"
    return [Left(body, _span(node), reason) for node in body.nodes if isinstance(node.target, BatchNorm)]


def _called(node: Node) -> str:
    return node.label.rpartition(".")[2] or node.word


def _span(node: Node) -> Span | None:
    return node.spans[0] if node.spans else None


# --- folding ------------------------------------------------------------------------------------------------------


def _fold(edit: Edit, body: Graph, layer: int, norm: int) -> dict[str, Formula]:
    """Take one norm into its layer; the new weights of the layer by name."""
    node, bn = body.nodes[layer], body.nodes[norm].target
    op: Any = node.target
    assert isinstance(bn, BatchNorm)
    edit.replace(layer, node._replace(target=replace(op, bias=True)))
    edit.remove(norm, Ref(layer))

    def name(index: int, weight: str) -> str:
        return Owned("", body, owners(body)[index], Weight(weight, ())).name

    norms = [name(norm, x) for x in ("running_mean", "running_var", *(("weight", "bias") if bn.affine else ()))]
    given = [name(layer, "bias")] if op.bias else []

    return {
        name(layer, "weight"): Formula((name(layer, "weight"), *norms), partial(_weight, op, bn)),
        name(layer, "bias"): Formula((*norms, *given), partial(_bias, op, bn)),
    }


def _factor(bn: BatchNorm, variance: Any, scale: Any) -> Any:
    return scale / (variance + bn.eps) ** 0.5


def _weight(op: Layer, bn: BatchNorm, old: Any, _mean: Any, variance: Any, scale: Any = 1.0, _shift: Any = 0.0) -> Any:
    return _scaled(op, old, _factor(bn, variance, scale))


def _bias(op: Layer, bn: BatchNorm, mean: Any, variance: Any, *more: Any) -> Any:
    scale, shift = more[:2] if bn.affine else (1.0, 0.0)
    return ((more[-1] if op.bias else 0.0) - mean) * _factor(bn, variance, scale) + shift


def _scaled(op: Layer, weight: Any, factor: Any) -> Any:
    """The weight with each output channel times its factor."""
    shape = tuple(weight.shape)
    if not isinstance(op, ConvTranspose):  # [out, …]
        return weight * factor.reshape(-1, *[1] * (len(shape) - 1))
    groups, axes = op.groups, [1] * (len(shape) - 2)  # [in, out / groups, …], the groups along the first axis
    return (weight.reshape(groups, -1, *shape[1:]) * factor.reshape(groups, 1, -1, *axes)).reshape(shape)
