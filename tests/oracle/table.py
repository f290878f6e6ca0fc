"""Turns what the oracle tests recorded into the lines of a table, one row per network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

# Column title, key of the recorded fact, how to print it.
COLUMNS: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("network", "network", str),
    ("params", "params", lambda n: f"{n:,}"),
    ("reference", "reference_params", lambda n: f"{n:,}"),
    ("MACs", "macs", lambda n: f"{n:,}"),
    ("reference", "reference_macs", lambda n: f"{n:,}"),
    ("weights by", "mapping", str),
    ("sizes", "sizes", str),
    ("outputs", "output_error", lambda e: f"{e:.1e}"),
    ("gradients", "gradient_error", lambda e: f"{e:.1e}"),
    ("training", "train_error", lambda e: f"{e:.1e}"),
    ("seconds", "seconds", lambda s: f"{s:.1f}"),
    ("", "verdict", str),
)


# How the facts of several sizes of one network become one; a later fact replaces an earlier one otherwise.
MERGE: dict[str, Callable[[Any, Any], Any]] = {
    "output_error": max,
    "gradient_error": max,
    "train_error": max,
    "seconds": lambda a, b: a + b,
    "sizes": lambda a, b: f"{a} {b}",
    "mapping": lambda a, b: a if b in a else f"{a}, {b}",
    "verdict": min,  # "DIFFERS" sorts before "equal"
}


def merged(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row per network, in order of the first record of each; errors become the worst, times add up."""
    rows: dict[str, dict[str, Any]] = {}
    for record in records:
        row = rows.setdefault(record["network"], {})
        for key, fact in record.items():
            if fact is None:
                continue
            row[key] = MERGE[key](row[key], fact) if key in MERGE and key in row else fact
    return list(rows.values())


def table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The table as lines; a fact that a row lacks is a dash. Errors are relative, the largest over all sizes."""
    cells = [[title for title, _, _ in COLUMNS]]
    cells += [["-" if row.get(key) is None else show(row[key]) for _, key, show in COLUMNS] for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(COLUMNS))]
    left = {0, 5, 6, len(COLUMNS) - 1}
    return [
        "  ".join(
            c.ljust(w) if i in left else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
