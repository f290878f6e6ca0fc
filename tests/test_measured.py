"""What Python has of commands: the text and the data that they print, shown in notebooks as a terminal shows them."""

from __future__ import annotations

import inspect
import json
import pickle
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from click.testing import CliRunner

import archdsl
from archdsl.cli import main
from archdsl.network import Network
from tests.emit.test_html_table import Table

NAMES = ("squeezenet1_0", "lstm_lm_medium")
CALLS: dict[str, Callable[[Network], Any]] = {
    "diff squeezenet1_1": lambda network: network.diff(archdsl.load("squeezenet1_1")),
    "diff squeezenet1_1 --depth 3": lambda network: network.diff(archdsl.load("squeezenet1_1"), depth=3),
    "memory": lambda network: network.memory(),
    "memory --order minimal --steps": lambda network: network.memory(order="minimal", steps=True),
    "field --depth 2": lambda network: network.field(depth=2),
    "access": lambda network: network.access(),
    "access --most 3": lambda network: network.access(most=3),
    "structure": lambda network: network.structure(),
    "analyze --count torchinfo": lambda network: network.count("torchinfo"),
}


def printed(command: str, name: str, *options: str) -> str:
    word, *rest = command.split()
    done = CliRunner().invoke(main, [word, name, *rest, *options])
    assert done.exit_code == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("command", CALLS)
def test_python_has_what_the_command_prints(command: str, name: str) -> None:
    found = CALLS[command](archdsl.load(name))
    assert str(found) == printed(command, name).rstrip("\n")
    assert found.to_json() == json.loads(printed(command, name, "--json"))
    assert unescape(found._repr_html_().partition(">")[2]).startswith(str(found))


def test_one_module_has_its_field_and_a_name_that_is_none_is_told() -> None:
    network = archdsl.load("resnet18")
    assert [row["path"] for row in network.field(at="layer1.0").to_json()["rows"]] == ["layer1.0"]
    with pytest.raises(KeyError, match=r"there is no module called layer1.9; did you mean layer1"):
        network.field(at="layer1.9")
    with pytest.raises(ValueError, match="there are written, minimal"):
        network.memory("best")


def test_sweeps_and_fits_are_what_their_commands_print() -> None:
    network = archdsl.load("mobilenet_v1_100", classes=10)
    words = ["mobilenet_v1_100", "--set", "classes=10"]
    swept = archdsl.sweep(network, {"width": [0.5, 1.0], "input": [128, 0]})
    done = CliRunner().invoke(main, ["sweep", *words, "--vary", "width=0.5,1.0", "--vary", "input=128,0", "--json"])
    assert swept.to_json() == json.loads(done.stdout)
    table = Table(swept._repr_html_()).rows
    assert table[0] == ["width", "input", "params", "macs", "remark"] and len(table) == 1 + len(swept.points)
    assert table[1][:2] == ["0.5", "128"] and table[2][-1].startswith("does not elaborate: ")
    fitted = archdsl.fit(network, {"params": 10**6}, "width")
    done = CliRunner().invoke(main, ["fit", *words, "--params", "1M", "--over", "width", "--json"])
    assert fitted.to_json() == json.loads(done.stdout) and "archdsl analyze" in fitted._repr_html_()


def test_a_loaded_network_keeps_its_settings_where_others_vary() -> None:
    text = "network n(x: [3, 8, 8]; width = 4, k = 1) = x -> oneof([conv(width, k), conv(width, 3)])\n"
    network = archdsl.loads(text, k=5, input=(1, 9, 9), picks={"out": "conv(width, k)"})
    [point] = archdsl.sweep(network, {"width": [6]}).points
    assert point.numbers == (
        archdsl.loads(text, k=5, input=(1, 9, 9), picks={"out": "conv(width, k)"}, width=6).params,
        6 * 25 * 81,
    )
    with pytest.raises(archdsl.ArchError, match="k varies, and has a value that stays the same"):
        archdsl.sweep(network, {"k": [1]})
    with pytest.raises(ValueError, match="not made from a spec"):
        archdsl.fit(archdsl.load("resnet18").fold_batch_norm(), {"params": 10}, "classes")


def test_sizes_are_told_as_the_command_tells_them() -> None:
    """But for what is said of the module of PyTorch."""
    for name in ("resnet18", "inception_v3"):
        found = archdsl.load(name).sizes()
        assert str(found) == printed("sizes", name).rstrip("\n")
        assert "size of the maps" in found._repr_html_()  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["resnet50", "lstm_lm_medium"])
def test_advice_is_what_the_command_prints_and_a_table(name: str) -> None:
    found = archdsl.load(name).lint()
    assert f"{found}\n" == CliRunner().invoke(main, ["lint", name]).stdout or not found
    assert found.to_json() == json.loads(CliRunner().invoke(main, ["lint", name, "--json"]).stdout)
    table = Table(found._repr_html_())
    assert [row[-1] for row in table.rows[1:]] == [finding.rule.name for finding in found]
    assert repr(pickle.loads(pickle.dumps(found))) == repr(found)


def test_what_a_network_gives_says_what_it_is_in_a_line() -> None:
    """No dump of its parts: a notebook shows the last line of a cell by `repr`, or by HTML where there is some."""
    network = archdsl.load("squeezenet1_0")
    for name, method in inspect.getmembers(Network, inspect.isfunction):
        needed = [one for one in inspect.signature(method).parameters.values() if one.default is one.empty]
        if name.startswith("_") or name in ("build", "source", "spec", "to_networkx") or len(needed) > 1:
            continue
        if "options" in inspect.signature(method).parameters and name != "draw":  # figure gives what draw does
            continue
        try:
            found = getattr(network, name)()
        except archdsl.ArchError:
            continue  # nothing folds
        assert len(repr(found)) < 300 and " at 0x" not in repr(found), name
        for part in found[:3] if isinstance(found, tuple) else ():
            assert len(repr(part)) < 300 and " at 0x" not in repr(part), name
