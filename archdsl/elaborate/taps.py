"""Makes taps: a network as a stage that gives what it has at labels of its own body, in place of what it returns."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from archdsl.elaborate.advice import nearest
from archdsl.elaborate.arguments import bind, missing
from archdsl.elaborate.budget import charge_now
from archdsl.elaborate.builder import BodyBuilder
from archdsl.elaborate.definitions import Block
from archdsl.elaborate.labels import paths
from archdsl.elaborate.picking import closed
from archdsl.elaborate.session import BodyFrame, Frame
from archdsl.elaborate.shown import kind_of
from archdsl.elaborate.stages_given import stage_given
from archdsl.elaborate.values import UNKNOWN, BlockStage, ListValue, Stage, Value
from archdsl.syntax import tree

PARAMETERS = ("network", "labels")
SHOWN = 12  # labels that a message lists
_USE = 'taps takes a network and labels: `c4, c5 = x -> taps(resnet50, ["layer3", "layer4"])`'


def make_taps(frame: Frame, node: tree.Call) -> Value:
    """`taps(network, labels)`: a stage.

    Raises:
        Problem: unfit arguments.
    """
    bound = bind(frame, "taps", PARAMETERS, node.arguments, node)
    for name in PARAMETERS:
        if name not in bound:
            raise missing(frame, "taps", name, PARAMETERS, node)
    network, labels = (closed(frame, *bound[name]) for name in PARAMETERS)
    if network is UNKNOWN or labels is UNKNOWN:
        return UNKNOWN
    argument, list_argument = (bound[name][1] for name in PARAMETERS)
    network = stage_given(frame, network, argument)
    if network is UNKNOWN:
        return UNKNOWN
    if not isinstance(network, BlockStage):
        what = "a stage that is neither" if isinstance(network, Stage) else kind_of(network)
        raise frame.problem(
            argument, "not-a-stage", f"taps takes a network or a block as network, this is {what}", help=_USE
        )
    items = labels.items if isinstance(labels, ListValue) else ()
    if not items or not all(isinstance(item, str) for item in items):
        what = "an empty list" if isinstance(labels, ListValue) and not items else kind_of(labels)
        raise frame.problem(
            list_argument, "wrong-kind", f"taps takes a list of labels as labels, this is {what}", help=_USE
        )
    return BlockStage(_tapped(network.block, items), network.arguments, frame.span(node))


def _tapped(block: Block, labels: tuple[Any, ...]) -> Block:
    """The block that gives what is at these labels: one for equal labels, so that its bodies are found again."""
    found = block.tapped.get(labels)
    if found is None:
        found = block.tapped[labels] = replace(block, taps=labels, tapped={})
    return found


def at_labels(frame: BodyFrame, there: Collection[int] | None = None) -> Value:
    """What a body that was run has at the labels at which its block is tapped; `there`: the nodes that are made.

    Raises:
        Problem: it has no such label.
    """
    body = frame.body
    nodes: dict[int, list[int]] = {}  # by the number of their module: several where a shared stage was applied again
    for index, leaf in enumerate(body.leaves):
        if leaf is not None and (there is None or index in there):
            nodes.setdefault(leaf, []).append(index)
    charge = lambda written: charge_now(frame, written >> 6, frame.item.declaration)  # noqa: E731
    numbers = dict(paths(body.labels.events, charge, nodes))
    results = []
    for label in frame.block.taps:
        inside = {path: number for path, number in numbers.items() if f"{path}.".startswith(f"{label}.")}
        if not inside:
            calls = [path for path, number in numbers.items() if number in nodes and body.nodes[nodes[number][0]].body]
            raise _unknown(frame, label, [*numbers], calls)
        times = max(len(nodes.get(number, ())) for number in inside.values())
        if times > 1:
            raise _several(frame, label, times)
        number = inside[_last(label, inside)]
        results.append(body.given[number] if number in body.given else _results(body, *nodes[number]))
    return ListValue(tuple(results))


def _last(label: str, inside: Mapping[str, int]) -> str:
    """What is called so; where longer labels alone begin so, the last of what they name."""
    if label in inside:
        return label
    stem = last = max(inside, key=inside.__getitem__)
    while (stem := stem.rpartition(".")[0]) != label:
        last = stem if stem in inside else last
    return last


def _results(body: BodyBuilder, index: int) -> Value:
    """What a module gives."""
    node = body.nodes[index]
    tensors = tuple([body.result(index, output) for output in range(len(node.types))])
    return tensors[0] if len(tensors) == 1 and not getattr(node.target, "gives_list", False) else ListValue(tensors)


def _several(frame: BodyFrame, label: str, times: int) -> Exception:
    name, where = frame.block.name, frame.call or frame.block.span
    message = f"{label} of {name} is shared and applied {times} times, so it is no single tensor"
    help = f"tap what stands before or behind the application that is meant, or let {name} return it"
    return frame.problem(where, "unknown-label", message, help=help)


def _unknown(frame: BodyFrame, label: str, known: list[str], calls: Collection[str]) -> Exception:
    name = frame.block.name
    where = frame.call or frame.block.span
    outer = next((call for call in calls if label.startswith(f"{call}.")), None)
    if outer is not None:
        message = f"{label} is inside {outer}, which is a block, and taps gives what {name} has in its own body"
        help = f'"{outer}" is what that block returns: tap that, or let the block return more'
        return frame.problem(where, "unknown-label", message, help=help)
    near = nearest(label, [other for other in known if other.count(".") == label.count(".")])
    few = ", ".join(known[:SHOWN]) + (", …" if len(known) > SHOWN else "")
    help = f"did you mean {near}? " if near else f"it has {few}; " if known else ""
    help += f"`archdsl analyze` of {name} shows all labels"
    return frame.problem(where, "unknown-label", f"{name} has nothing that is labelled {label}", help=help)
