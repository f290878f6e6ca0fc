"""The smallest receptive field over channels: known values, and every single channel of the flat graph."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import archdsl
from archdsl.analysis.narrowest import MOST_CLASSES, narrowest
from archdsl.ir.graph import Graph
from archdsl.ops.base import Window, spatial_axes
from tests.analysis.flat import Application, flatten
from tests.analysis.random_windows import CHANNELS_APART, Program, graph_of, programs
from tests.few import few


@pytest.mark.parametrize(
    ("target", "size", "exact"),
    [
        ("densenet.arch:densenet121", 1047, True),  # the first channel of torchvision's trunk, by its gradient
        ("resnet.arch:resnet50", 427, True),
        ("inception.arch:googlenet", 379 - 2 * 32, True),  # the last 1x1 branch beside a 3x3 at stride 32
    ],
)
def test_networks(target: str, size: int, exact: bool) -> None:
    graph = archdsl.load(f"specs/{target}").graph
    assert [(found.size, found.exact) for found in narrowest(graph)[0]] == [(size, exact)] * 2


def smallest(text: str) -> tuple[int | None, bool]:
    (found,) = narrowest(archdsl.loads(f"arch 1\n{text}").graph)[0]
    return found.size, found.exact


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("[x, x -> conv(4, 3)] -> concat", (1, True)),
        ("[x -> conv(4, 5), x -> conv(4, 3)] -> concat -> bn -> relu", (3, True)),
        ("[x, x -> conv(4, 3)] -> concat -> conv(4, 3)", (5, True)),
        ("[x, x -> conv(4, 3)] -> concat -> depthwise(3)", (3, True)),
        # Which channel meets which is not followed: all channels see 3, but two that see 1 could have met.
        ("([x -> conv(4, 3), x] -> concat) + ([x, x -> conv(4, 3)] -> concat)", (1, False)),
        ("([x, x -> conv(4, 3)] -> concat -> split([4, 4]))[1]", (1, False)),
        ("([x, x -> conv(4, 3)] -> concat -> split([4, 4]))[1] -> relu", (1, False)),
        ("([x, x -> conv(4, 3)] -> concat -> split([4, 4]))[1] -> conv(4)", (3, True)),
        ("[x, x -> conv(4, 3)] -> concat -> global_avg_pool -> linear(3)", (1, True)),
        ("[x, x -> conv(4, 3)] -> concat -> linear(3)", (1, True)),
        ("[x -> conv(4, 5), x -> conv(4, 3)] -> concat -> reshape([4, 2, 32])", (None, True)),
    ],
)
def test_small_graphs(body: str, expected: tuple[int | None, bool]) -> None:
    assert smallest(f"network n(x: [4, 32]) = {body}") == expected


@pytest.mark.parametrize("groups", [1, 2, 4, 8])
@pytest.mark.parametrize("out", [8, 16, 24])
@pytest.mark.parametrize(
    "op", ["conv({out}, 3, groups = {groups})", "conv_transpose({out}, 3, 1, 1, groups = {groups})"]
)
def test_grouped_convolutions(op: str, out: int, groups: int) -> None:
    """Four channels that see 1 and four that see 3: an output channel sees 2 more than the widest of its group."""
    size, exact = smallest(
        f"network n(x: [4, 32]) = [x, x -> conv(4, 3)] -> concat -> {op.format(out=out, groups=groups)}"
    )
    sees, part = [1] * 4 + [3] * 4, 8 // groups
    truth = min(max(sees[k : k + part]) for k in range(0, 8, part)) + 2
    assert size is not None
    assert (size == truth and exact) if groups == 1 or groups == out else (size <= truth and not exact)


def test_composition_over_bodies() -> None:
    text = """
block dense(x) = [x, x -> conv(4, 3)] -> concat
block act(x) = x -> bn -> relu
block both(a, b) = [a -> act, b -> conv(4)] -> concat
network n(x: [4, 32]) = """
    assert smallest(text + "x -> dense -> act -> dense -> act") == (1, True)
    assert smallest(text + "x -> conv(4, 5) -> dense -> conv(4, 3) -> dense") == (9, True)
    assert smallest(text + "[x -> conv(4, 7) -> dense, x -> conv(4, 5)] -> both") == (5, True)


def test_too_many_kinds_of_channels_are_not_told() -> None:
    crops = ", ".join(f"x -> crop((({i}, {MOST_CLASSES - i}), (0, 0)))" for i in range(MOST_CLASSES + 1))
    graph = archdsl.loads(f"arch 1\nnetwork n(x: [1, 64, 2]) = [{crops}] -> concat").graph
    assert [found.size for found in narrowest(graph)[0]] == [None, 1]


Channel = dict[tuple[str, int], dict[Fraction, tuple[Fraction, Fraction]]]  # (input, axis) -> stride -> begin, end


def channels_of(graph: Graph) -> list[list[Channel]]:
    """Per output what each single channel sees, followed channel by channel through the flat graph."""
    flat = flatten(graph)
    tensors: dict[Any, list[Channel]] = {}
    for (name, number), x in zip(flat.inputs, graph.inputs, strict=True):
        here = {(graph.input_names[number], a): {Fraction(1): (Fraction(0), Fraction(0))} for a in spatial_axes(x)}
        tensors[name, number] = [here] * x.shape[0]
    for a in flat.applications:
        given = [tensors[tensor] for tensor in a.operands]
        for k, x in enumerate(a.outputs):
            parts = [[moved(channel, a, k, i) for channel in channels] for i, channels in enumerate(given)]
            tensors[a.name, k] = placed(a, k, x.shape[0], parts)
    return [tensors[output] for output in flat.outputs]


def moved(channel: Channel, a: Application, output: int, operand: int) -> Channel:
    found: Channel = {}
    for (name, axis), windows in channel.items():
        reach = a.op.reach(a.inputs)[output][operand][axis - 1]
        found[name, axis] = windows
        if isinstance(reach, Window):
            found[name, axis] = {
                s * reach.stride: (b + s * reach.begin, e + s * (reach.begin + reach.size - 1))
                for s, (b, e) in windows.items()
            }
    return found


def union(channels: list[Channel]) -> Channel:
    found: Channel = {}
    for channel in channels:
        for key, windows in channel.items():
            for s, (b, e) in windows.items():
                low, high = found.setdefault(key, {}).get(s, (b, e))
                found[key][s] = min(low, b), max(high, e)
    return found


def placed(a: Application, output: int, count: int, parts: list[list[Channel]]) -> list[Channel]:
    """Which channels make which: by what the op does to channels."""
    match a.op.name:
        case "conv":
            return [union(parts[0])] * count
        case "concat":
            return [channel for part in parts for channel in part]
        case "channel_shuffle":
            return [parts[0][i % 2 * (count // 2) + i // 2] for i in range(count)]
        case "chunk":
            start = sum(x.shape[0] for x in a.outputs[:output])
            return parts[0][start : start + count]
    return [union(list(channels)) for channels in zip(*parts, strict=True)]


@given(programs(CHANNELS_APART))
@settings(max_examples=few(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_channel_sees_less(drawn: list[Program]) -> None:
    graph = graph_of(drawn, (19,))
    for found, channels in zip(narrowest(graph), channels_of(graph), strict=True):
        for one in found:
            views = [channel[one.input, one.axis] for channel in channels if (one.input, one.axis) in channel]
            if not views:  # a split left out all channels that see this input
                assert not one.exact
                continue
            if one.size is None or any(len(windows) > 1 for windows in views):
                continue
            truth = min(int(e - b) + 1 for windows in views for b, e in windows.values())
            assert one.size == truth if one.exact else one.size <= truth
