"""Checks the table of networks against their references: worst over sizes, dashes for what was not compared."""

from __future__ import annotations

from tests.oracle.table import merged, table


def test_sizes_merge_into_one_row() -> None:
    """Errors become the worst of all sizes, seconds add up, one difference makes the row differ."""
    rows = merged(
        [
            {"network": "b", "params": 1234567, "reference_params": 1234567},
            {
                "network": "a",
                "verdict": "equal",
                "output_error": 1e-12,
                "train_error": None,
                "sizes": "9x9",
                "seconds": 1.0,
            },
            {"network": "b", "verdict": "equal", "output_error": 2e-12, "sizes": "7x7", "seconds": 0.5},
            {"network": "a", "verdict": "DIFFERS", "output_error": 3e-2, "sizes": "9x8", "seconds": 2.0},
        ]
    )
    assert rows == [
        {"network": "b", "params": 1234567, "reference_params": 1234567, "verdict": "equal",
         "output_error": 2e-12, "sizes": "7x7", "seconds": 0.5},
        {"network": "a", "verdict": "DIFFERS", "output_error": 3e-2, "sizes": "9x9 9x8", "seconds": 3.0},
    ]  # fmt: skip
    head, b, a = table(rows)
    assert head.split()[:3] == ["network", "params", "reference"]
    assert b.split() == ["b", "1,234,567", "1,234,567", "-", "-", "-", "7x7", "2.0e-12", "-", "-", "0.5", "equal"]
    assert a.split()[-1] == "DIFFERS"
