"""Instances of one definition meet at their sites, in an order that every instance keeps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archdsl.ir.align import Misaligned, align, locate, row_ref
from archdsl.ir.graph import INPUT, Graph, Ref
from archdsl.ops.registry import load
from tests.emit.build_graph import Builder


def chain(sites: list[object]) -> Graph:
    """relu after relu, one a site."""
    b = Builder("chain", {"x": (1,)})
    ref = b[0]
    for site in sites:
        ref = b.add(load("relu")(), ref, site=site)
    return b.build(ref)


def sites(*instances: list[object]) -> list[tuple[object, tuple[int | None, ...]]]:
    return [(row.site[0], row.nodes) for row in align([chain(i) for i in instances])]


def test_absent_sites() -> None:
    assert sites(["a", "b", "d"], ["a", "c", "d"]) == [("a", (0, 0)), ("b", (1, None)), ("c", (None, 1)), ("d", (2, 2))]


def test_sites_of_later_instances_come_where_they_belong() -> None:
    assert [site for site, _ in sites(["a", "z"], ["a", "b", "c", "z"])] == ["a", "b", "c", "z"]


def test_a_repeated_site_is_told_apart_by_occurrence() -> None:
    assert sites(["a", "a", "b"], ["a", "b"]) == [("a", (0, 0)), ("a", (1, None)), ("b", (2, 1))]


def test_opposite_orders_do_not_align() -> None:
    with pytest.raises(Misaligned):
        align([chain(["a", "b"]), chain(["b", "a"])])


def test_refs_by_row() -> None:
    rows = align([chain(["a", "c"]), chain(["a", "b", "c"])])
    located = locate(rows, 0)
    assert located == {0: 0, 1: 2}
    assert row_ref(Ref(1), located) == Ref(2)
    assert row_ref(Ref(INPUT, 3), located) == Ref(INPUT, 3)


@given(st.lists(st.lists(st.integers(0, 12), unique=True).map(sorted), min_size=1, max_size=4))
def test_rows_are_the_union_and_keep_every_order(instances: list[list[int]]) -> None:
    rows = align([chain(list(i)) for i in instances])
    assert sorted(row.site[0] for row in rows) == sorted(set().union(*instances))
    for number, instance in enumerate(instances):
        present = [row for row in rows if row.present[number]]
        assert [row.nodes[number] for row in present] == list(range(len(instance)))
        assert [row.site[0] for row in present] == instance
