"""`archdsl access`: the bound of G1 on the bricks of ShuffleNet V2, totals that are the report's, 80 columns."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

import archdsl
from archdsl.analysis.intensity import least_memory_access
from archdsl.cli import main


def run(*words: str) -> str:
    result = CliRunner().invoke(main, ["access", *words])
    assert result.exit_code == 0, result.output
    assert "--json" in words or all(len(line) <= 80 for line in result.stdout.splitlines())
    return result.stdout


@pytest.mark.parametrize(("network", "inner", "outer"), [("g1_ratio_1", 128, 128), ("g1_ratio_12", 36, 432)])
def test_bricks_of_table_1(network: str, inner: int, outer: int) -> None:
    """Ma et al. 2018, section 2, G1: h w (c1 + c2) + c1 c2, at least 2 sqrt(h w B) + B / (h w), equal if c1 = c2."""
    found = json.loads(run(network, "--json"))["convolutions"]
    macs = 56 * 56 * inner * outer
    for row in found:
        assert row["memory_access"] == 56 * 56 * (inner + outer) + inner * outer
        assert row["least_memory_access"] == pytest.approx(least_memory_access(56, 56, macs))
        assert row["over_bound"] == pytest.approx(0, abs=1e-12) if inner == outer else row["over_bound"] > 0.8
    assert sum(row["applications"] for row in found) == 20


def test_totals() -> None:
    found = json.loads(run("mobilenet_v1_100", "--json"))
    report = archdsl.load("mobilenet_v1_100").analyze()
    assert found["memory_access_elements"] == report.total.memory_access == sum(found["by_kind_elements"].values())
    assert found["memory_access_bytes"] == 4 * report.total.memory_access
    text = run("mobilenet_v1_100")
    assert "conv_dw" not in text and "depthwise *" in text


def test_a_network_without_convolutions() -> None:
    assert "convolutions" not in run("transformer_base").split("\n\n", 1)[1]
