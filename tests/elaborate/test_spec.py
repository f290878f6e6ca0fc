"""One Spec gives many networks: each as if it were alone, in any order, from any number of threads."""

from __future__ import annotations

import random
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import archdsl
from archdsl.diagnostics.model import ArchError, Diagnostics
from archdsl.elaborate.elaborator import open_session
from archdsl.elaborate.session import Session
from archdsl.ir.text import print_graph
from archdsl.network import from_source, from_spec
from archdsl.source import Source
from archdsl.syntax.read import read_source

SPECS = Path(__file__).parents[2] / "specs"

SPACE = """import std: cbr
OP = oneof([relu, tanh])
WIDTHS = [8 * i for i in range(1, 5)]
fn width(i) = WIDTHS[i]
cell c(x; w) = x -> oneof([conv(w), cbr(w)]) -> OP
network n(x: [3, size, size]; size = 16, w = width(1), act = OP) = x -> c(w) -> act -> c(2 * w)
network wide = n(w = 32)
network odd(x: [3, 8, 8]) = x -> c(0)
"""


def outcome(spec: archdsl.Spec | Source, network: str, options: dict[str, Any]) -> str:
    """All that loading gives, as text."""
    options = dict(options)
    where = {"input": options.pop("input", None), "picks": options.pop("picks", None)}
    try:
        made = (
            from_source(spec, network, options, **where)
            if isinstance(spec, Source)
            else from_spec(spec, network, options, **where)
        )
    except ArchError as error:
        return "\n".join(f"{d.code} {d.message} {d.notes} {d.help}" for d in error.diagnostics)
    return print_graph(made.graph, spans=True) + str([(c.options, c.index) for c in made.choices.values()])


def requests(seed: int, count: int) -> list[tuple[str, dict[str, Any]]]:
    """Random networks, arguments, sizes and picks, some of which do not fit."""
    random.seed(seed)
    found = []
    for _ in range(count):
        drawn = random.choices(
            [("OP", "tanh"), ("c.out", "cbr(w)"), ("c.out", "none"), ("other", 1)], (9, 9, 1, 1), k=2
        )
        options: dict[str, Any] = {"picks": dict(drawn[: random.randrange(3)])}
        if random.random() < 0.5:
            options["w"] = random.choice([0, 1, 4, "width(9)", "width(2)", "ghost", 2.5])
        if random.random() < 0.3:
            options["act"] = random.choice(["relu", "conv(3)", "c(4)", "OP"])
        if random.random() < 0.3:
            options["input"] = random.choice([(3, 8, 8), (1, 5, 7), (0, 1), (3, 8)])
        found.append((random.choice(["n", "wide", "odd", "c", "none"]), options))
    return found


@pytest.mark.parametrize("seed", range(3))
def test_a_network_does_not_depend_on_those_before_it(seed: int) -> None:
    source = Source("<text>", SPACE)
    spec = archdsl.Spec(source)
    for network, options in requests(seed, 60):
        assert outcome(spec, network, options) == outcome(source, network, options), (network, options)


def test_threads_share_a_spec() -> None:
    asked = requests(3, 80)
    source = Source("<text>", SPACE)
    alone = [outcome(source, *one) for one in asked]
    for _ in range(3):
        spec = archdsl.Spec(source)  # nothing parsed yet: all threads begin with it
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(lambda one, spec=spec: outcome(spec, *one), asked)) == alone


def test_threads_elaborate_the_zoo() -> None:
    spec = archdsl.Spec.read(SPECS / "nasnet.arch")
    with ThreadPoolExecutor(6) as pool:
        counts = list(pool.map(lambda _: archdsl.load(spec, "nasnetalarge").params, range(6)))
    assert set(counts) == {88_753_150}


def test_a_choice_at_the_top_of_a_file_is_asked_each_time() -> None:
    spec = archdsl.Spec(Source("<text>", "F = oneof([relu, tanh])\nnetwork n(x: [4]) = x -> F"))
    words = [archdsl.load(spec, picks={"F": pick}).graph.nodes[0].word for pick in ("tanh", "relu", "tanh")]
    assert words == ["tanh", "relu", "tanh"]
    network = archdsl.load(spec, picks={"F": "tanh"})
    assert [c.index for c in network.choices.values()] == [1]


def test_what_nothing_leads_to_is_not_parsed() -> None:
    spec = archdsl.Spec(read_source(SPECS / "resnet.arch"))
    archdsl.load(spec, "resnet18")
    parsed = {item.name for item in spec.root.file.items if item.parsed}
    assert "resnet18" in parsed and "resnet152" not in parsed and len(spec.networks) > 3


def test_sizes_of_a_network_with_choices() -> None:
    text = "F = oneof([1, 2])\nnetwork n(x: [3, 16, 16]) = x -> conv(4, 3, F) -> oneof([relu, max_pool(2)])"
    network = archdsl.loads(text, picks={"F": 2, "out": "max_pool(2)"})
    assert network.sizes().at(16).outputs == (network.graph.output_types[0].shape,) == ((4, 4, 4),)


@pytest.mark.parametrize("seed", range(3))
def test_a_session_that_goes_on_gives_what_each_gives_alone(seed: int) -> None:
    """Bodies of networks before are found again, also after some that failed, warned or asked choices."""
    source = Source("<text>", SPACE)
    spec = archdsl.Spec(source)
    session = open_session(spec, Diagnostics())
    for network, options in requests(seed + 10, 60):
        options = {**options, "w": options.get("w", 16)}

        def once(going_on: Session | None, network: str = network, options: dict[str, Any] = options) -> str:
            rest = {key: value for key, value in options.items() if key not in ("input", "picks")}
            asked = {"input": options.get("input"), "picks": options.get("picks")}
            try:
                made = from_spec(spec, network, rest, **asked, session=going_on)
            except ArchError as error:
                return "\n".join(f"{d.code} {d.message} {d.notes} {d.help}" for d in error.diagnostics)
            return print_graph(made.graph, spans=True) + str([(c.options, c.index) for c in made.choices.values()])

        assert once(session) == once(None), (network, options)


def test_a_session_over_widths() -> None:
    spec = archdsl.Spec.read(SPECS / "mobilenet_v2.arch")
    session = open_session(spec, Diagnostics())
    for width in [0.25, 0.26, 0.5, "ghost", 0.5, 1.4, 0.25]:
        alone, again = [], []
        for found, one in ((alone, None), (again, session)):
            try:
                made = from_spec(spec, "mobilenet_v2", {"width": width}, session=one)
                found.append(print_graph(made.graph, spans=True) + f"{made.params} {made.macs}")
            except ArchError as error:
                found.append(str(error))
        assert alone == again


def test_lines_are_counted_alike_by_all_threads() -> None:
    """The first who asks for a line counts them all; nobody sees half of them."""
    text = "\n" * 3000 + "x"
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            for _ in range(40):
                source = Source("long.arch", text)
                lines = {place[0] for place in pool.map(source.line_column, [3000] * 32)}
                assert lines == {3001}
    finally:
        sys.setswitchinterval(interval)


BROKEN = "network n(x: [3, 8, 8]) = x -> conv(4 ->\n"
WHOLE = "network m(x: [3, 8, 8]) = x -> conv(4)\n"
STRAY = "x -> conv(4)\n"


@pytest.mark.parametrize(
    ("text", "network", "code"),
    [
        (BROKEN + WHOLE, None, "unclosed-bracket"),
        (BROKEN + WHOLE, "n", "unclosed-bracket"),
        (BROKEN + WHOLE, "m", None),
        (BROKEN + WHOLE + WHOLE.replace("m(", "o("), None, "which-network"),
        (STRAY + WHOLE, "q", "stray-statement"),
        ("block b(x) = x -> relu\n" * 20_000 + WHOLE, "m", "too-many-tokens"),
    ],
)
def test_what_is_not_found_may_be_broken(text: str, network: str | None, code: str | None) -> None:
    """Who asks for a network is told what hides it, not that there is none."""
    try:
        archdsl.loads(text, network)
    except ArchError as error:
        assert code in {d.code for d in error.diagnostics}
    else:
        assert code is None
