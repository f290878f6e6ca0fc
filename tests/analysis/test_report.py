"""The report holds every number once, and goes to JSON whatever its size."""

import json

import pytest

from archdsl.analysis.registry import metric
from archdsl.analysis.report import json_int, report
from tests.analysis.test_depth import residual


def test_totals_are_the_metrics() -> None:
    root = residual(3)
    totals = report(root).to_json()["totals"]
    assert totals == {name: metric(name)(root) for name in totals}
    assert totals["params"] == 3 * 38


def test_json_rows_name_their_line_and_add_up() -> None:
    data = report(residual(3)).to_json(depth=2)
    assert [row["path"] for row in data["rows"] if row["level"] == 0] == ["u0", "u1", "u2"]
    assert sum(row["macs"] for row in data["rows"] if row["level"] == 0) == data["totals"]["macs"]
    assert {(row["file"], row["line"]) for row in data["rows"]} == {("random.arch", 1)}
    assert [row.word for row in report(residual(3)).ops()] == ["conv", "merge"] * 3
    json.dumps(data)


def test_counts_beyond_64_bits_are_text() -> None:
    data = report(residual(100)).to_json()
    assert data["totals"]["paths"] == str(2**100)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (0, 0),
        (2**63 - 1, 2**63 - 1),
        (2**63, "9223372036854775808"),
        (-(2**63), "-9223372036854775808"),
        (10**3999, "1" + "0" * 3999),
        (123 * 10**4100, "1.230000000000000e+4102"),
        (-(10**5000), "-1.000000000000000e+5000"),
        (10**5000 - 1, "9.999999999999999e+4999"),
    ],
    ids=["0", "2^63 - 1", "2^63", "-2^63", "4000 digits", "4103 digits", "-10^5000", "10^5000 - 1"],
)
def test_json_int(value: int, wanted: object) -> None:
    assert json_int(value) == wanted
