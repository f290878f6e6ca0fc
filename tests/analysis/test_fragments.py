"""Fragments against the definition on the flat graph, and against the counts that papers give."""

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings

import archdsl
from archdsl.analysis.fragments import METRICS, BlockFragments, fragments
from archdsl.analysis.not_defined import NotDefined
from archdsl.ir.graph import INPUT, Graph, Ref
from archdsl.ops.base import Kind
from tests.analysis import flat as naive
from tests.analysis.random_graphs import graphs
from tests.analysis.test_antichain import naive_width
from tests.few import few


def counted(body: Graph) -> tuple[int, int, int]:
    """Fragments, longest chain and largest antichain of a body without depthwise convolutions, on the flat graph."""
    flat = naive.flatten(body)
    place = {a.name: i for i, a in enumerate(flat.applications)}
    before = [sorted({place[name] for name, _ in a.operands if name in place}) for a in flat.applications]
    chosen = [a.op.kind in (Kind.CONVOLUTION, Kind.POOL) for a in flat.applications]
    depth: list[int] = []
    for earlier, counts in zip(before, chosen, strict=True):
        depth.append(counts + max((depth[j] for j in earlier), default=0))
    return sum(chosen), max(depth, default=0), naive_width(before, chosen)


def is_stage(body: Graph) -> bool:
    chain = all(n.operands == (Ref(i - 1) if i else Ref(INPUT, 0),) for i, n in enumerate(body.nodes))
    calls = [n.body for n in body.nodes if n.body is not None]
    return chain and len(calls) > 1 and any(counted(call)[0] > 1 for call in calls)


def blocks(graph: Graph) -> list[Graph]:
    """Every application of a building block, by the definition, when there are no cells."""
    found: list[Graph] = []
    for node in graph.nodes:
        if node.body is not None:
            found += (blocks(node.body) if is_stage(node.body) else [node.body]) * node.steps
    return found


@given(graphs())
@settings(max_examples=few(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_blocks_equal_those_of_the_flat_graph(root: Graph) -> None:
    expected = Counter((b.name, counted(b)) for b in blocks(root) if counted(b)[0])
    found: Counter[tuple[str, tuple[int, int, int]]] = Counter()
    for b in fragments(root).blocks:
        found[b.name, (b.fragments, b.series, b.parallel)] += b.applications
    assert found == expected


def measured(text: str) -> tuple[BlockFragments, ...]:
    return fragments(archdsl.loads("arch 1\n" + text).graph).blocks


def sizes(text: str) -> list[tuple[str, int, int, int, int]]:
    return [(b.name, b.fragments, b.series, b.parallel, b.applications) for b in measured(text)]


# ShuffleNet v2, section 2, G3: NASNet-A has 13 in a cell, ResNet 2 or 3 (4 here: a projection counts).
PUBLISHED = {
    "resnet.arch:resnet18": {"basic": {2, 3}},
    "resnet.arch:resnet50": {"bottleneck": {3, 4}},
    "nasnet.arch:nasnetalarge": {"normal": {13}, "reduction": {14}},
}


@pytest.mark.parametrize("target", PUBLISHED)
def test_counts_of_papers(target: str) -> None:
    found: dict[str, set[int]] = {}
    for block in fragments(archdsl.load(f"specs/{target}").graph).blocks:
        found.setdefault(block.name, set()).add(block.fragments)
    assert found == PUBLISHED[target]


def test_the_series_and_parallel_blocks_of_shufflenet_v2_table_3() -> None:
    text = """
block one(x; c) = x -> conv(c)
block series(x; c, n) = x -> conv(c) * n
block parallel(x; c) = x -> [conv(c), conv(c), conv(c), conv(c)] -> add
network net(x: [8, 8, 8]) = x -> one(8) -> series(4, 4) -> parallel(4) -> one(8) -> one(8)
"""
    assert sizes(text) == [
        ("one", 1, 1, 1, 2),
        ("series", 4, 4, 1, 1),
        ("parallel", 4, 1, 4, 1),
        ("one", 1, 1, 1, 1),  # of 4 channels
    ]


def test_the_mean_is_over_applications() -> None:
    text = """
block one(x) = x -> conv(8)
block four(x) = x -> conv(8) * 4
network net(x: [8, 8, 8]) = x -> one * 3 -> four -> max_pool(2)
"""
    graph = archdsl.loads("arch 1\n" + text).graph
    assert fragments(graph).mean == Fraction(7, 4)
    assert METRICS["fragments"](graph) == 4


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("x -> depthwise(3) -> conv(8)", 1),
        ("x -> depthwise(3) -> bn -> conv(8)", 2),
        ("x -> depthwise(3) -> conv(8, 3)", 2),
        ("x -> depthwise(3)", 1),
        ("x -> depthwise(3) -> depthwise(3) -> conv(8)", 2),
        ("x -> pool(3) -> global_avg_pool", 1),
        ("x -> dw -> conv(8)", 1),
    ],
)
def test_what_counts(body: str, count: int) -> None:
    body = body.replace("pool(3) ->", "max_pool(3, 1) ->")
    text = f"block dw(x) = x -> depthwise(3)\nblock b(x) = {body}\nnetwork net(x: [8, 8, 8]) = x -> b"
    assert [b.fragments for b in measured(text)] == [count]


def test_a_depthwise_result_that_two_read_stays_a_fragment_of_its_own() -> None:
    text = """
block b(x) {
    y = x -> depthwise(3)
    return (y -> conv(8)) + y
}
network net(x: [8, 8, 8]) = x -> b
"""
    assert [b.fragments for b in measured(text)] == [2]


def test_stages_and_blocks_around_cells_are_opened() -> None:
    text = """
block unit(x) = x -> conv(8) -> conv(8)
block stage(x) = x -> unit -> unit -> unit
cell c(x) = x -> unit -> unit -> conv(8)
block wrapped(x) = x -> conv(8) -> c
network net(x: [8, 8, 8]) = x -> stage -> wrapped
"""
    assert sizes(text) == [("unit", 2, 2, 1, 3), ("c", 5, 5, 1, 1)]


@pytest.mark.parametrize(
    ("kind", "calibration", "tail", "count"),
    [
        ("cell", "p -> relu -> conv(8) -> bn", "h", 2),
        ("cell", "p -> fit", "h", 2),
        ("block", "p -> relu -> conv(8) -> bn", "h", 3),
        ("cell", "p -> relu -> conv(8) -> bn", "p", 3),  # p is read elsewhere too
        ("cell", "p -> conv(8, 3)", "h", 3),
    ],
)
def test_calibration_of_an_input_counts_in_cells_only_if_it_does_more(
    kind: str, calibration: str, tail: str, count: int
) -> None:
    text = f"""
block fit(x) = [x -> max_pool(1, 1) -> conv(4), x -> conv(4)] -> concat -> bn
{kind} c(h, p) {{
    q = {calibration}
    return (h -> conv(8, 3)) + (q -> conv(8, 3)) + {tail}
}}
network net(x: [8, 8, 8]) = [x, x] -> c
"""
    assert [b.fragments for b in measured(text)] == [count]


def test_a_network_without_blocks_has_none() -> None:
    found = fragments(archdsl.loads("arch 1\nnetwork net(x: [8, 8, 8]) = x -> conv(8)").graph)
    assert (found.blocks, found.maximum, found.mean, found.not_counted) == ((), 0, 0, ())


def test_a_block_too_large_to_be_written_out_is_named() -> None:
    text = "arch 1\nblock huge(x) = x -> conv(8) * 10_001\nnetwork net(x: [8, 8, 8]) = x -> huge"
    graph = archdsl.loads(text).graph
    assert fragments(graph).not_counted == ("huge",)
    with pytest.raises(NotDefined, match="not defined: fragments of net: huge has more than 10,000 ops"):
        METRICS["fragments"](graph)
