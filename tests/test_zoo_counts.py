"""The zoo's numbers against two tables made independently of its specs: what papers print, what others measured."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from archdsl import expect, zoo

DATA = Path(__file__).parent / "oracle" / "data"

# Printed numbers that may be trusted, and to which the true one does not round: why.
OFF = {
    ("alexnet_two_towers", "params"): "60,965,224, cut off",
    ("alexnet_two_towers", "macs"): "724M, rounded to two digits",
    ("conv_mobilenet", "macs"): "the classifier is left out",
    ("dpn131", "params"): "0.3 % off, no reason is known",
    ("efficientnet_b1", "macs"): "rounded to one digit",
    ("efficientnet_b2", "params"): "the averages of batch norm are counted",
    ("efficientnet_b7", "macs"): "2 % off, no reason is known",
    ("fractalnet20", "params"): "fractalnet20_widened has them",
    ("inception_v3", "macs"): "the auxiliary head is counted",
    ("mobilenet_v1_100_160", "macs"): "290.675M, cut off",
    ("nasnetalarge", "params"): "the averages of batch norm are counted",
    ("pnasnet5mobile", "macs"): "0.1 % off, no reason is known",
    ("preresnet1001_cifar", "params"): "batch norm is left out",
    ("res2net50_26w_4s", "macs"): "4.255G, cut off",
    ("resnext101_64x4d", "params"): "0.2 % off, no reason is known",
    ("resnext101_64x4d", "macs"): "printed with a tilde",
    ("se_resnet50", "macs"): "0.2 % off, as the whole table",
    ("se_resnet101", "macs"): "0.3 % off, as the whole table",
    ("se_resnet152", "macs"): "0.3 % off, as the whole table",
    ("se_resnext50", "macs"): "0.4 % off, as the whole table",
    ("se_resnext101", "macs"): "0.3 % off, as the whole table",
    ("shufflenet_v1_g2", "macs"): "140.8M, cut off",
    ("shufflenet_v1_g4", "macs"): "1 % off, no reason is known",
    ("shufflenet_v1_g8", "macs"): "1 % off; the authors' code prints 138M",
    ("shufflenet_v2_x0_5", "macs"): "printed for the authors' code, whose strided units differ from torchvision's",
    ("shufflenet_v2_x1_0", "macs"): "as x0_5",
    ("shufflenet_v2_x1_5", "macs"): "as x0_5",
    ("shufflenet_v2_x2_0", "macs"): "as x0_5",
    ("squeezenet1_0", "macs"): "printed for 227 x 227",
    ("vgg16", "macs"): "the convolutions alone",
    ("xception", "macs"): "0.3 % off, no reason is known",
}


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a table of `data`, whose first lines are comments that name its source."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


@pytest.fixture
def networks(entries: list[zoo.Entry]) -> dict[str, zoo.Entry]:
    return {entry.network: entry for entry in entries}


def trusted(verdict: str, metric: str) -> bool:
    """Whether a verdict ("yes", "yes (0.4%)", "params only", "params; macs loose 5%", "no", ...) covers this number."""
    return verdict.startswith(("yes", metric))


def test_cited_numbers_are_those_of_the_table(networks: dict[str, zoo.Entry]) -> None:
    """Digit for digit, whatever the verdict."""
    for row in rows("published.csv"):
        cited = getattr(networks[row["network"]], f"published_{row['metric']}")
        claim = expect.read_claim(cited)
        assert claim is not None and (claim.low + claim.high) / 2 == int(row["printed"]), (row, cited)


def test_true_numbers_round_to_the_trusted_ones(networks: dict[str, zoo.Entry]) -> None:
    off = set()
    for row in rows("published.csv"):
        entry, metric = networks[row["network"]], row["metric"]
        if trusted(row["usable_as_oracle"], metric):
            deviation = zoo.deviation(getattr(entry, f"published_{metric}"), getattr(entry, metric))
            if deviation:
                off.add((entry.network, metric))
    assert off == OFF.keys()


def test_few_trusted_numbers_are_off() -> None:
    """Most of the table is a check indeed."""
    checked = [row for row in rows("published.csv") if trusted(row["usable_as_oracle"], row["metric"])]
    assert len(checked) - len(OFF) > 100


def test_counts_equal_those_of_reference_implementations(networks: dict[str, zoo.Entry]) -> None:
    """Parameters and macs of each network are exactly those that others measured on a reference, at the same input."""
    found = rows("measured.csv")
    for row in found:
        entry = networks[row["network"]]
        expected = (row["input_CxHxW"], int(row["params"]), int(row["macs"]))
        assert (entry.input, entry.params, entry.macs) == expected, row
    assert len({row["network"] for row in found}) == len(found) > 180
