"""Checks numbers that a person gives beside a spec: exact, within bounds, and never an error of Python's own."""

from __future__ import annotations

import contextlib
import random
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import archdsl
from archdsl.cli import main
from archdsl.elaborate.spec import Spec
from archdsl.explore import table
from archdsl.explore.settings import NetworkFamily, read_variation
from archdsl.ir.read_text import ReadError, read_graph
from archdsl.ir.text import print_graph
from archdsl.numerals import BEYOND, decimal_text, exact
from archdsl.source import Source

NET = """network net(x: [3, 32, 32]; width = 8, scale = 1.0) =
    x -> conv(width, 3) -> relu -> global_avg_pool -> linear(10)
"""
NINES = "9" * 5000
HOSTILE = [
    *(NINES, f"-{NINES}", f"0.{NINES}", f"1e{NINES}", f"{NINES}/7", "9" * 99, "9" * 19, "10**5000"),
    *("1e5000", "1e400", "1e300", "1e-300", "1e999999999", "1e-999999999", "1e99999k"),
    *("nan", "inf", "1/0", "٣", "-0"),
]
COMMANDS = [
    "analyze net.arch --set width={}",
    "analyze net.arch --set scale={} --json",
    "analyze net.arch --input 3x{}x32",
    "analyze net.arch --depth {}",
    "analyze net.arch --max-ops {}",
    "analyze net.arch --pick {}",
    "access net.arch --most {}",
    "sizes net.arch --at {}",
    "sizes net.arch --at 1-{}",
    "sizes net.arch --range 1-{}",
    "sweep net.arch --vary width={},4",
    "sweep net.arch --vary width=1:{}",
    "sweep net.arch --vary width={0}:{0}:1 --json",
    "sweep net.arch --vary scale=0.5:2.0:{}",
    "sweep net.arch --vary input={}",
    "fit net.arch --over width --macs {}",
    "fit net.arch --over width --at-most depth={}",
    "fit net.arch --over width --macs 1M --between 1:{}",
    "fit net.arch --over scale --macs 1M --between {0}:{0}",
    "fit net.arch --over width --macs 1M --step {}",
    "fit net.arch --over phi --macs 1M --between 0:40 --step 1 --rule width=1.1,scale={}",
]


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("net.arch").write_text(NET, encoding="utf-8")
    return "net.arch"


@pytest.mark.parametrize("command", COMMANDS)
def test_any_number_on_a_command_line_is_answered(spec: str, command: str) -> None:
    """An answer, diagnostics or wrong usage; nothing of Python's own, and no number repeated in full."""
    for number in HOSTILE:
        result = CliRunner().invoke(main, command.format(number).split())
        assert result.exception is None or isinstance(result.exception, SystemExit), (number, result.exception)
        assert result.exit_code in (0, 1, 2)
        assert "Exceeds the limit" not in result.output
        assert NINES[:1000] not in result.output


CALLS: dict[str, Callable[[Any], object]] = {
    "parameter": lambda number: archdsl.load("net.arch", width=number),
    "list": lambda number: archdsl.load("net.arch", width=[number]),
    "input": lambda number: archdsl.load("net.arch", input=(3, number, 32)),
    "pick": lambda number: archdsl.load("net.arch", pick=[number]),
    "sizes": lambda number: archdsl.load("net.arch").sizes((1, number)),
    "sweep": lambda number: archdsl.sweep("net.arch", {"width": [number]}),
    "sweep input": lambda number: archdsl.sweep("net.arch", {"input": [number]}),
    "fit": lambda number: str(archdsl.fit("net.arch", {"macs": number}, "width")),
    "fit from": lambda number: str(archdsl.fit("net.arch", {"macs": 10**6}, "width", low=number)),
    "fit to": lambda number: str(archdsl.fit("net.arch", {"macs": 10**6}, "width", high=number)),
    "fit by": lambda number: str(archdsl.fit("net.arch", {"macs": 10**6}, "width", step=number)),
    "fit rule": lambda number: str(archdsl.fit("net.arch", {"macs": 10**6}, "phi", rule={"width": number})),
}


@pytest.mark.parametrize("call", CALLS)
def test_any_number_in_python_is_answered(spec: str, call: str) -> None:
    """A result, or an error that is documented."""
    for number in (10**5000, -(10**5000), 10**400, 2**70, float("inf"), float("nan"), 1e308, 5e-324, Fraction(1, 3)):
        try:
            CALLS[call](number)
        except (archdsl.ArchError, TypeError, ValueError) as error:
            assert not isinstance(error, UnicodeError) and "Exceeds the limit" not in str(error), number


def test_exact() -> None:
    """What Decimal reads, exactly; and only below 1e300."""
    draw = random.Random(7)
    for _ in range(2000):
        digits = draw.choice(["{}", "{}.{}", "-{}", "{}e{}", "{}.{}e-{}"])
        text = digits.format(draw.randrange(10**6), draw.randrange(200), draw.randrange(90))
        assert exact(text) == Fraction(Decimal(text)), text
    assert exact("9" * 99) == 10**99 - 1 < BEYOND
    for text in ("1e300", "9" * 101, "1e301", f"1e{NINES}", "1" * 99 + "e290"):
        with pytest.raises(ValueError, match="is out of range: write a number below 1e300"):
            exact(text)
    for text in ("", "x", "1/0", "nan", "inf", "1e", "0x10"):
        with pytest.raises(ValueError, match="is no number: write for example"):
            exact(text)


def test_ranges() -> None:
    """`a:b:c` is a, a + c, … up to b in decimals, as counting in whole units of the last digit gives them."""
    draw = random.Random(8)
    for _ in range(500):
        places, start, step, count = (
            draw.randrange(1, 6),
            draw.randrange(10**4),
            draw.randrange(1, 500),
            draw.randrange(40),
        )
        written = [format(Decimal(n).scaleb(-places), "f") for n in (start, start + step * count, step)]
        values = read_variation(f"x={':'.join(written)}").values
        assert [Decimal(value) for value in values] == [
            Decimal(start + i * step).scaleb(-places) for i in range(count + 1)
        ]
        assert all("." in value for value in values)


def test_long_decimals_have_an_exponent() -> None:
    """The language reads no literal of more than 100 characters."""
    assert [decimal_text(Fraction(10) ** n) for n in (-3, 0, 3, 299, -299)] == [
        "0.001",
        "1.0",
        "1000.0",
        "1e+299",
        "1e-299",
    ]


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ("params = 100", "it differs by +12"),
        ("params = 1_234_567", "it differs by -1,234,455"),
        ("params = 4.09G", "it differs by -4,089,999,888"),
        ("params = 1e300", "it differs by -1e+300"),
        ("elementwise_share = 0.5", "it differs by -0.5"),
        ("average_parallelism = 1.4", "it differs by -0.4"),
    ],
)
def test_differences_have_the_digits_that_are_known(claim: str, said: str) -> None:
    """A claim that fails is told by how much: never by nothing, and by no digits that a float made up."""
    text = f"@expect({claim})\nnetwork net(x: [3, 8, 8]) = x -> conv(4, 3)\n"
    (found,) = archdsl.check_text(text)
    assert found.notes == (said,)


def test_counts_of_thousands_of_digits_are_written() -> None:
    """In tables, as CSV and as JSON; no axis of a plot holds them, which is said."""
    text = """
block unit(x) = x + (x -> conv(3, 3))
block many(x) = x -> unit * 150
network net(x: [3, 8, 8]; k = 1) {
    y = x
    for i in range(k) { y = y -> many }
    return y
}
"""
    family = NetworkFamily(Spec(Source("net.arch", text)), "net")
    sweep = archdsl.sweep(family, {"k": [1, 2, 110]}, ["paths"])
    assert [line.split(maxsplit=1)[1] for line in str(sweep).splitlines()[3:]] == [
        "1.427e+45",
        "2.037e+90",
        "about 2^16500",
    ]
    assert table.csv_text(sweep).splitlines()[3] == "110,9.883902569349275e+4966,"
    with pytest.raises(archdsl.ArchError, match="paths grows beyond 1e300, which no axis shows"):
        table.picture(sweep, "svg")


def test_numbers_of_a_graph_in_text() -> None:
    """A text form with a number of thousands of digits anywhere is refused as any other that is none."""
    text = print_graph(archdsl.loads(NET).graph)
    for match in re.finditer(r"[0-9]+", text):
        with contextlib.suppress(ReadError):
            read_graph(text[: match.start()] + NINES + text[match.end() :])
