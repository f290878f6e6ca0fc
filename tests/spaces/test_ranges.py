"""`analyze` of a space: each number against those of its designs, rows that only some have, and when it is a space."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archdsl.cli import main
from archdsl.ir.graph import Graph
from archdsl.spaces.ranges_table import text
from tests.cli.test_json import validator
from tests.spaces.test_space import CLASH, DEEP, space

# Of all kinds of steering: a width, an optional edge, a choice in a repeated block, one of several inputs, no op.
SPACES = [
    DEEP,
    """
network n(x: [3, 8, 8]) {
    y = x -> conv(oneof([4, 8])) -> bn
    z = [y] + oneof([[], [y -> relu]]) -> concat
    return oneof([y, z]) -> conv(8, oneof([1, 3])) -> global_avg_pool
}
""",
    """
cell c(x; stride = 1) = x -> oneof([conv(x.channels, 3, stride), avg_pool(3, stride)] + ([id] if stride == 1 else []))
network n(x: [4, 8, 8]) = x -> c -> c(2) -> c -> relu -> linear(2)
""",
]


COSTS = ("params", "macs", "elementwise_ops", "line")


def places(graph: Graph, around: tuple[Any, ...] = ()) -> Iterator[Any]:
    for node in graph.nodes:
        here = (*around, node.site, node.word)
        yield here
        if node.body is not None:
            yield from places(node.body, here)


def ends(values: list[Any]) -> Any:
    return values[0] if len(set(values)) == 1 else {"least": min(values), "most": max(values)}


@pytest.mark.parametrize("source", SPACES)
def test_ranges_are_those_of_the_designs(source: str) -> None:
    """Each total, each sum per op, and each row of a module."""
    found = space(source)
    plain = [found.network(design).analyze().to_json(depth=5) for design in found]
    made = found.analyze(depth=5, everything=True).to_json()
    assert made["space"] == {"designs": len(plain), "which": "all", "seed": None, "looked_at": len(plain), "exact": []}
    ranges = made["ranges"]
    for name in plain[0]["totals"]:
        assert ranges["totals"][name] == ends([one["totals"][name] for one in plain]), name
    for word, costs in ranges["by_word"].items():
        assert costs["macs"] == ends([one["by_word"].get(word, {"macs": 0})["macs"] for one in plain]), word
    seen: dict[Any, list[Any]] = {}
    for design, one in zip(found, plain, strict=True):
        for place, row in zip(places(found.network(design).graph), one["rows"], strict=True):
            seen.setdefault(place, []).append(row)
    rows = [(rows[0]["word"], len(rows), *[ends([row[k] for row in rows]) for k in COSTS]) for rows in seen.values()]
    told = [(row["word"], row["designs"], *[row[k] for k in COSTS]) for row in ranges["rows"]]
    assert sorted(map(repr, told)) == sorted(map(repr, rows))
    names = list(ranges["metrics"])
    for name in names:
        values = [found.network(design).metric(name) for design in found]
        assert ranges["metrics"][name] == ends([int(v) if isinstance(v, int) else float(v) for v in values]), name


@pytest.mark.parametrize("source", SPACES)
def test_rows_stand_in_the_order_of_each_design(source: str) -> None:
    """What comes first in a design comes first in the table."""
    found = space(source)
    order = [(row["path"], row["word"]) for row in found.analyze(depth=5).to_json()["ranges"]["rows"] if row["path"]]
    for design in found:
        rows = [(row.path, row.word) for row in found.network(design).analyze().rows(5) if row.path]
        places = [order.index(row) for row in rows]
        assert places == sorted(places)


ROWS = """
y.conv     conv       8x8x8       32               1,536    6
y.unit     unit       8x8x8       88 to 600        4,096 to 36,864    6
y.unit_1   (unit)     8x8x8       88 to 600        4,096 to 36,864    6
y.unit_2   (unit)     8x8x8       88 to 600        4,096 to 36,864    6
relu       (relu)     8x8x8       0                0    7
silu       (silu)     8x8x8       0                0    7
"""


def test_the_table() -> None:
    """One number where all designs have it; what some lack stands in parentheses; the totals; what was looked at."""
    said = str(space().analyze())
    assert said.startswith("n: x 3x8x8 -> 8x8x8\n\nmodule")
    assert [line.split() for line in ROWS.splitlines()[1:]] == [line.split() for line in said.splitlines()[4:10]]
    assert "parameters            120 to 1,832 (and 17 to 51 in buffers)\n" in said
    assert said.endswith(
        "28 designs, and these numbers are of all of them. What stands in (…) is in some\n"
        "of them. `archdsl space n` tells more."
    )


STAGES = """
block unit(x; width) = x -> conv(width, oneof([1, 3])) -> bn
network n(x: [3, 8, 8]) {
    for width in [4, 8, 16] {
        x = x -> unit(width)
        x = x -> unit(width) * (oneof([1, 2, 3]) - 1)
        x = oneof([x, x -> tanh as half{width}])
    }
    return x -> relu -> [relu, silu][oneof([0, 1])]
}
""".replace("half{width}", '"half{width}"')


def test_a_row_is_one_place_in_all_designs() -> None:
    """Modules are numbered in each design: one that is the third in one is the sixth in another."""
    made = space(STAGES).analyze()
    rows = [row for row in made.to_json()["ranges"]["rows"] if row["word"] == "unit"]
    assert [row["outputs"] for row in rows] == [[[width, 8, 8]] for width in (4, 4, 4, 8, 8, 8, 16, 16, 16)]
    assert [row["path"] for row in rows] == [
        "unit", "unit_1", "unit_2", "unit_1–3", "unit_2–4", "unit_3–5", "unit_2–6", "unit_3–7", "unit_4–8"
    ]  # fmt: skip
    assert [row["path"] for row in made.to_json()["ranges"]["rows"][-3:]] == ["relu", "silu", "relu_1"]
    assert "some of them. unit_1–3 is one module, whose number differs." in " ".join(str(made).split())


def test_equal_rows_are_one() -> None:
    """Only where they are equal in each design: two cells, not two blocks that choose for themselves."""
    cell = "cell c(x) = x -> oneof([conv(3), relu])\nnetwork n(x: [3, 8, 8]) = x -> c * 3 -> relu"
    assert "c × 3" in str(space(cell).analyze())
    assert " 0 to 36 " in str(space(cell).analyze())
    assert "×" not in str(space(cell.replace("cell", "block")).analyze())


@pytest.mark.parametrize("by", ["op", "kind", "stage"])
def test_sums(by: str) -> None:
    """By kind of op, and by its size; the largest first."""
    said = text(space(SPACES[1]).analyze(), by, "params")
    assert said.splitlines()[2].split() == [by, "count", "params", "MACs", "memory", "access"]
    assert len(said.splitlines()[4]) <= 80 and " to " in said.splitlines()[4]


def test_many_designs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large space some are looked at, the same ones each time; what tables give is of all; it is said."""
    large = "network n(x: [3, 8, 8]) = x" + "".join(f" -> conv(oneof([{k}, 18, 19]))" for k in range(1, 7))
    found = space(large).analyze()
    said = " ".join(str(found).split()).replace("- ", "-")
    assert "729 designs; parameters, multiply-accumulates, element-wise ops, activations in all are of all" in said
    assert "of all of them, other numbers of 200 at random. `archdsl space n` tells more." in said
    document = found.to_json()
    assert document == space(large).analyze().to_json() and document["space"]["which"] == "sample"
    least, most = (space(large).network(space(large).unrank(number)).params for number in (0, 728))
    assert document["ranges"]["totals"]["params"] == {"least": least, "most": most}
    monkeypatch.setattr("archdsl.spaces.ranges.proven", lambda *_: None)
    assert "729 designs; these numbers are of 200 at random, not of all." in str(space(large).analyze())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "n.arch").write_text(DEEP)
    (tmp_path / "clash.arch").write_text(CLASH.replace("a = x -> oneof([conv(4), conv(8)])", "a = x -> conv(8)"))
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_when_it_is_a_space() -> None:
    """Until everything is decided; a first design that fails hides none of the others."""
    run = CliRunner().invoke
    picked = ["--pick", "depth=1", "--pick", "out=silu", "--pick"]
    found = run(main, ["analyze", "n.arch", *picked, "depth=1"])
    assert found.exit_code == 2
    found = run(main, ["analyze", "n.arch", *picked[:-1]])
    assert found.stdout.splitlines()[-2].startswith("2 designs, and these numbers are of all of them.")
    assert found.stderr == ""
    found = run(main, ["analyze", "n.arch", *picked, "unit[0].out=conv(8)"])
    assert "parameters            120 (and 17 in buffers)\n" in found.stdout and " to " not in found.stdout
    failing = run(main, ["analyze", "clash.arch"])
    assert failing.exit_code == 0 and failing.stdout.splitlines()[-1].startswith("1 design elaborates. `archdsl space")


@pytest.mark.parametrize("command", ["analyze", "draw"])
def test_a_space_that_is_too_large_to_be_had(folder: Path, command: str) -> None:
    """It is one network all the same, that of the first options; why, and which they are, is told."""
    counted = "for k in range(12) { total = total + oneof([0, 2 ** k]) }"
    steps = f"{{ total = 0\n{counted}\nfor i in range(total) {{ x = x -> relu }}\nreturn x -> conv(4) }}"
    (folder / "large.arch").write_text(f"network n(x: [3, 8, 8]) {steps}")
    words = {"analyze": [], "draw": ["-o", "-"]}[command]
    found = CliRunner().invoke(main, [command, "large.arch", *words])
    assert found.exit_code == 0 and ("16 parameters" in found.stdout or "parameters            16\n" in found.stdout)
    assert "warning[space-too-large]" in found.stderr and "12 choices left open by `oneof` were taken" in found.stderr


@pytest.mark.usefixtures("folder")
def test_plain_data() -> None:
    """As its schema says, with all metrics."""
    document = json.loads(CliRunner().invoke(main, ["analyze", "n.arch", "--json", "--all", "--depth", "3"]).stdout)
    assert [*validator("analyze SPACE").iter_errors(document)] == []
    assert document["ranges"]["totals"]["params"] == {"least": 120, "most": 1832}
