"""Holds what every command prints with `--json` to its schema, on networks of the zoo, random specs and mistakes."""

from __future__ import annotations

import itertools
import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from archdsl.cli import main
from archdsl.library import networks as zoo
from archdsl.library import specs
from archdsl.network import networks
from archdsl.schemas import outputs
from tests.analysis.random_specs import SPECS, spec

ROOT = Path(__file__).parents[2]
# A network for every kind of thing: two inputs, a scan, tokens, several outputs, resizing, attention, a tied embedding.
KINDS = ["resnet18", "lstm_lm_small", "transformer_base", "fcn8s", "vit_base_patch16", "googlenet", "darts_v2_rnn"]
# What each output is asked with; {} stands for the network.
CALLS = {
    "analyze": ["analyze {}", "analyze {} --all --depth 3"],
    "analyze --count": ["analyze {} --count fvcore", "analyze {} --count ptflops"],
    "field": ["field {}", "field {} --depth 2"],
    "memory": ["memory {}", "memory {} --order minimal --steps"],
    "access": ["access {}"],
    "structure": ["structure {}"],
    "sizes": ["sizes {}"],
    "lint": ["lint {}"],
    "diff": ["diff {} resnet18", "diff {} {}"],
    "sweep": ["sweep {} --vary input=32,0 --metric receptive_field --metric paths"],
    "space": ["space {}", "space {} --enumerate --pareto params,depth:max --where macs>=0"],
    "fit": ["fit {} --over input --macs 9G"],
}


@cache
def validator(output: str) -> Draft202012Validator:
    """The check of one output, or of "failure"."""
    schema = outputs.FAILURE if output == "failure" else outputs.OUTPUTS[output]
    return Draft202012Validator({"$schema": outputs.DIALECT, **schema})


def printed(command: str, input: str | None = None) -> tuple[int, Any]:
    """Exit code and what a command prints, which must be one JSON document of ASCII without NaN."""
    result = CliRunner().invoke(main, [*command.split(), "--json"], input=input)
    assert result.exit_code in (0, 1) and isinstance(result.exception, SystemExit | None), (command, result.output)
    assert result.stdout.isascii()
    return result.exit_code, json.loads(result.stdout, parse_constant=lambda name: pytest.fail(f"{command}: {name}"))


def check(output: str, command: str, input: str | None = None) -> str:
    """ "" for a document of this output, "failure" for diagnostics; fails for anything else."""
    code, document = printed(command, input)
    failed = isinstance(document, dict) and "diagnostics" in document
    assert not failed or (code == 1 and document["diagnostics"])
    if output == "analyze" and "ranges" in document:
        output = "analyze SPACE"  # the network leaves choices open
    for error in validator("failure" if failed else output).iter_errors(document):
        pytest.fail(f"{command}: {error.json_path}: {error.message[:300]}")
    return "failure" if failed else ""


def test_the_schemas_are_schemas() -> None:
    for command in outputs.commands():
        Draft202012Validator.check_schema(outputs.schema(command))
        shown = CliRunner().invoke(main, ["schema", command]).stdout
        assert json.loads(shown) == outputs.schema(command)


def test_every_command_with_json_has_a_schema() -> None:
    """And none has one that does not print JSON."""
    context = click.Context(main)
    with_json = {
        name
        for name in main.list_commands(context)
        if any(p.name == "as_json" for p in main.get_command(context, name).params)  # type: ignore[union-attr]
    }
    assert with_json == set(outputs.commands())
    assert CALLS.keys() | {
        "analyze SPACE",
        "check",
        "zoo",
        "zoo --check",
        "zoo --spaces",
        "fmt",
        "ops",
        "ops NAME",
        "explain",
        "explain NAME",
    } == set(outputs.OUTPUTS)


def test_the_page_is_fresh() -> None:
    assert (ROOT / "docs" / "json.md").read_text(encoding="utf-8") == outputs.page()


# Of each network some outputs, and of each output some networks; the other pairs are slow.
PAIRS = [
    pytest.param(network, output, marks=pytest.mark.slow if (i + j) % 3 else ())
    for (i, network), (j, output) in itertools.product(enumerate([*KINDS, "sample"]), enumerate(CALLS))
]


@pytest.mark.parametrize(("network", "output"), PAIRS)
def test_networks_of_the_zoo(network: str, output: str) -> None:
    """One network of every kind, and for each output one that differs from run to run of the tests' text only."""
    if network == "sample":
        network = random.Random(output).choice(sorted(zoo()))
    for command in CALLS[output]:
        failed = check(output, command.format(network, network))
        assert not failed or output in ("sweep", "fit", "sizes") or network not in KINDS


@pytest.mark.slow
@pytest.mark.parametrize("path", specs(), ids=lambda path: path.stem)
def test_the_whole_zoo(path: Path) -> None:
    """The networks of a spec share out all the commands: their documents differ in numbers, not in kind."""
    commands = [(output, command) for output, given in CALLS.items() for command in given]
    names = networks(path)
    complete = [name for name in names if check("analyze", f"analyze {name}") == ""]  # the others take arguments
    for turn in range(max(len(complete), len(commands))):
        name, (output, command) = complete[turn % len(complete)], commands[turn % len(commands)]
        check(output, command.format(name, name))


@given(drawn=SPECS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
def test_random_specs(drawn: Any) -> None:
    """Whether they elaborate or not."""
    text = spec(drawn, (20, 24))
    for output in ("analyze", "field", "memory", "structure", "access", "sizes", "lint"):
        for command in CALLS[output]:
            check(output, command.format("-"), text)
    check("check", "check -", text)
    check("fmt", "fmt -", text)


@pytest.mark.parametrize("output", sorted(CALLS))
@pytest.mark.parametrize(
    "text",
    [
        "network n(x: [3, 8, 8]) = x -> cnv(4)",
        "network n(x: [3, 8, 8]) = x -> -> conv(4)",
        "network n(x: [3, 8, 8]) { y = x -> conv(4)\n return y + x }",
        "block b(x) = x",
        'network n(x: [3, 8, 8]) = x -> conv(4, "\x1b[31m")',
        "",
    ],
)
def test_mistakes_are_documents_too(output: str, text: str) -> None:
    for command in CALLS[output]:
        if command.count("{}") == 1:
            failed = check(output, command.format("-"), text) == "failure"
            assert failed or (output == "lint" and "network" not in text)


def test_files_and_arguments_that_are_wrong() -> None:
    for output, commands in CALLS.items():
        assert check(output, commands[0].format("nowhere.arch", "nowhere.arch")) == "failure"
        assert check(output, commands[0].format("resnet19", "resnet19")) == "failure"
    assert check("analyze", "analyze resnet18 --input y=3x8x8") == "failure"
    assert check("analyze", "analyze resnet18 --set wdth=3") == "failure"
    assert check("check", "check nowhere.arch") == ""  # messages are what it prints


def test_numbers_beyond_64_bits(tmp_path: Path) -> None:
    text = "network n(x: [8, 64, 64]) { for i in range(80) { x = x + x }\n return x }"
    for output in ("analyze", "structure", "diff", "sweep"):
        path = tmp_path / "many.arch"
        path.write_text(text)
        check(output, CALLS[output][0].format(path, path))
    assert printed(f"analyze {path}")[1]["totals"]["paths"] == str(2**80)


def test_the_other_commands(tmp_path: Path) -> None:
    path = tmp_path / "x.arch"
    path.write_text("network n(x: [3,8,8]) = x->conv(4)\n")
    for output, command in (
        ("check", f"check {path}"),
        ("fmt", f"fmt --check {path}"),
        ("fmt", f"fmt {path}"),
        ("zoo", "zoo --match resnet18"),
        ("zoo", "zoo --match nothing_is_called_so"),
        ("zoo --spaces", "zoo --spaces mobilenet"),
        ("zoo --spaces", "zoo --spaces --match nothing_is_called_so"),
        ("ops", "ops"),
        ("ops NAME", "ops conv"),
        ("explain", "explain"),
        ("explain NAME", "explain unknown-name"),
        ("explain NAME", "explain g4-elementwise"),
    ):
        assert check(output, command) == ""
    for name in printed("ops")[1]:
        assert check("ops NAME", f"ops {name['name']}") == ""
