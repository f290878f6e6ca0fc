"""Bodies made again at other input types from a recording must equal those whose statements were run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import archdsl
from archdsl.diagnostics.model import ArchError
from archdsl.elaborate import calls, replay
from archdsl.ir.graph import Graph, bodies
from archdsl.ir.text import print_graph

ELABORATED = (
    "densenet121",
    "inception_v3",
    "nasnetalarge",
    "shufflenet_v2_x1_0",
    "efficientnet_b0",
    "fractalnet20",
)

# The second application of `f` differs from the first in shapes alone.
TWICE = """
block g(x) = x -> max_pool(3, 2)
block f(x) { {body} }
network net(x: [4, 32, 32]) = x -> f -> conv({channels}, 3, {stride}) -> f
"""


def _everything(graph: Graph) -> str:
    """The text form, and what it leaves out."""
    rest = [[(n.label, n.spans, n.site, n.slot) for n in body.nodes] for body in bodies(graph)]
    flags = [(body.kind, body.arguments, body.decisions, body.reads_size) for body in bodies(graph)]
    return f"{print_graph(graph, spans=True)}\n{rest}\n{flags}"


def _outcome(make: Callable[[], archdsl.Network]) -> str:
    try:
        network = make()
    except ArchError as error:
        return "\n".join(f"{d.code} {d.message} {d.span} {d.labels} {d.notes}" for d in error.diagnostics)
    return _everything(network.graph) + "\n".join(f"{d.code} {d.span}" for d in network.warnings)


@pytest.fixture
def replayed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], archdsl.Network]], int]:
    """Checks that `make` gives the same with and without recordings; returns how many bodies came from one."""

    def check(make: Callable[[], archdsl.Network]) -> int:
        made: list[bool] = []

        def counted(*arguments: object) -> object:
            found = replay.replay(*arguments)  # type: ignore[arg-type]
            made.append(found is not None)
            return found

        with monkeypatch.context() as patch:
            patch.setattr(calls, "replay", counted)
            again = _outcome(make)
        with monkeypatch.context() as patch:
            patch.setattr(calls, "record", lambda *_: None)
            assert again == _outcome(make)
        return sum(made)

    return check


@pytest.mark.parametrize("name", ELABORATED)
def test_networks(name: str, replayed: Callable[[Callable[[], archdsl.Network]], int]) -> None:
    count = replayed(lambda: archdsl.load(name))
    assert count > 50 or name != "densenet121"


@pytest.mark.parametrize(
    ("body", "channels", "stride", "count"),
    [
        ("return x -> conv(8, 3) -> g", 5, 2, 2),  # g too
        ("a, b = x -> split(2)  return [b, a] -> concat", 6, 1, 1),
        ("return x + 1.0 -> relu", 5, 1, 1),
        ("return x -> conv(x.channels)", 5, 1, 0),  # asks for a shape
        ("return x -> conv(4 if x.height > 20 else 8)", 4, 2, 0),
        ("shared s = conv(4, 3)  return x -> s -> s", 4, 2, 0),
        ("y = x -> relu  return x", 5, 1, 0),  # a result is left out
        ("return x -> oneof([conv(4), relu])", 5, 1, 0),
        ("return x", 5, 1, 1),
        ("return x -> conv(8, groups = 4)", 6, 1, 0),  # does not fit the second time
        ("return x + x -> g -> conv(3, 9, padding = 0)", 4, 2, 1),  # only g fits the second time
    ],
)
def test_second_application(
    body: str, channels: int, stride: int, count: int, replayed: Callable[[Callable[[], archdsl.Network]], int]
) -> None:
    text = TWICE.replace("{body}", body.replace("  ", "\n")).replace("{channels}", str(channels))
    assert replayed(lambda: archdsl.loads(text.replace("{stride}", str(stride)), "net")) == count
