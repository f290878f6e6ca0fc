"""Finds selections that together take some of a list: `i, j = someof([a, b, c], 2)`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from archdsl.choices.nodes import Decision, Diagram
from archdsl.ir.alternatives import Alternatives
from archdsl.ir.graph import Ref
from archdsl.spaces.reach import by_text

Rows = list[tuple[Ref, ...]]  # which tensors each text takes


def taking_some(body: Alternatives, needed: Mapping[int, Diagram]) -> Iterator[tuple[int, tuple[list[int], Rows]]]:
    """Such selections: by the first of them, all of them, and which tensors each text takes."""
    by_decision: defaultdict[Decision, list[int]] = defaultdict(list)
    for index in needed:
        node = body.nodes[index]
        if by_text(node):
            by_decision[node.refs.decision].append(index)  # type: ignore[union-attr]
    for decision, selections in by_decision.items():
        known = [by_text(body.nodes[index]) for index in selections]
        # What is made of the tensors may be chosen by the same decision again.
        found = [number for number, column in enumerate(known) if all(r.node < selections[0] for r in column.values())]
        columns = [known[number] for number in found]
        if len(found) < 2 or any(column.keys() != columns[0].keys() for column in columns):
            continue
        rows = [tuple([column[text] for column in columns]) for text in decision.texts if text in columns[0]]
        items = list(dict.fromkeys(ref for row in rows for ref in row))
        if rows == list(combinations(items, len(found))):
            yield selections[0], ([selections[number] for number in found], rows)


def items_of(texts: Sequence[str], taken: Sequence[tuple[int, ...]], count: int) -> tuple[str, ...]:
    """The texts of the items of a list, of which each text joins some; "" where these do not tell."""
    found: list[set[str]] = [set() for _ in range(count)]
    for text, numbers in zip(texts, taken, strict=True):
        parts = text.split(" + ")
        for place, number in enumerate(numbers):
            found[number].add(parts[place] if len(parts) == len(numbers) else "")
    return tuple([parts.pop() if len(parts) == 1 else "" for parts in found])
