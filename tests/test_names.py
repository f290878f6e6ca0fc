"""Names written a little otherwise lead to what is meant; and positions show themselves short."""

from __future__ import annotations

import random
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from click.testing import CliRunner

import archdsl
from archdsl import library
from archdsl.analysis import registry
from archdsl.cli import main
from archdsl.network import check_text
from archdsl.source import Source, Span
from archdsl.synonyms.names import WORDS
from archdsl.synonyms.names import meaning as meant
from archdsl.target import near_networks, wants_values


@pytest.mark.parametrize("name", [n for n in registry.names() if len(n) > 4])
def test_a_metric_with_a_letter_less_is_suggested(name: str) -> None:
    written = name[:-1]
    (found,) = check_text(f"@expect({written} = 1)\nnetwork n(x: [3, 8, 8]) = x -> relu")
    assert found.code == "unknown-metric"
    assert found.help.startswith("did you mean ") and found.help.count(",") == 0


def test_a_metric_that_is_near_none_gets_the_list() -> None:
    (found,) = check_text("@expect(zzzz = 1)\nnetwork n(x: [3, 8, 8]) = x -> relu")
    assert "it can be one of: " in found.help and "params" in found.help


@pytest.mark.parametrize("name", random.Random(5).sample(sorted(library.networks()), 40))
def test_a_network_in_another_spelling_is_suggested(name: str) -> None:
    for written in (name.upper(), name.replace("_", "-"), name.replace("_", "").title(), name[0] + "-" + name[1:]):
        assert name in near_networks(written), written
        if written not in library.networks():
            with pytest.raises(archdsl.ArchError) as error:
                archdsl.load(written)
            assert name in error.value.diagnostics[0].help


def test_what_is_near_is_suggested_only_where_it_can_be_made() -> None:
    """A base of variants wants values: its name alone draws nothing."""
    names = library.networks()
    assert wants_values("resnet") == {"unit", "depths"} and wants_values("resnet_d")
    assert not wants_values("resnet50")
    for name in random.Random(3).sample(sorted(names), 40):
        for near in near_networks(name + "x"):
            archdsl.load(near)
    with pytest.raises(archdsl.ArchError) as error:
        archdsl.load("resnet5")
    assert "did you mean resnet50 or " in error.value.diagnostics[0].help


@pytest.mark.parametrize("folder", ["", "specs/", "/no/such/"])
def test_a_file_named_as_a_network_of_the_zoo_is_told_of_it(folder: str) -> None:
    for name, known in (("resnet50", True), ("no_such_net", False)):
        with pytest.raises(archdsl.ArchError) as error:
            archdsl.load(f"{folder}{name}.arch")
        assert ("did you mean resnet50, which is a network of the zoo?" in error.value.diagnostics[0].help) is known


def test_the_commands_suggest_networks() -> None:
    for arguments in (["analyze", "resnet-50"], ["zoo", "resnet-50"], ["zoo", "--match", "ResNet-50"]):
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 1 and "did you mean resnet50?" in result.output, result.output


@pytest.mark.parametrize("name", [names.split()[0] for names in WORDS.values() if names.split()])
def test_a_page_is_found_under_the_names_of_others(name: str) -> None:
    word = meant(name).word  # type: ignore[union-attr]
    result = CliRunner().invoke(main, ["ops", name])
    page = CliRunner().invoke(main, ["ops", word])
    assert result.exit_code == page.exit_code
    if not page.exit_code:
        assert result.stdout == page.stdout
        assert word == name or f"{name} is called {word} here" in result.stderr


def test_positions_show_themselves_without_the_text() -> None:
    source = Source("resnet.arch", "# a secret\nnetwork n(x: [1]) = x\n" * 1000)
    assert repr(source) == "Source('resnet.arch')"
    assert repr(Span(source, 14, 17)) == "Span('resnet.arch', 2:4)"


def parts_of(value: Any, seen: set[int]) -> list[Any]:
    """A value and all that can be reached from it by fields and elements of our own."""
    if id(value) in seen or len(seen) > 3000:
        return []
    seen.add(id(value))
    inside: list[Any] = []
    if isinstance(value, (list, tuple)):
        inside = list(value)
    elif is_dataclass(value):
        inside = [getattr(value, f.name) for f in fields(value)]
    return [value, *(part for item in inside for part in parts_of(item, seen))]


def test_no_result_shows_the_text_of_the_spec() -> None:
    mark = "a remark that stands nowhere else"
    text = f"# {mark}\nnetwork n(x: [3, 8, 8]) = x -> conv(8, 3) -> bn -> relu -> flatten -> linear(9)\n"
    network = archdsl.loads(text)
    results = [network, *network.analyze().rows(), *network.lint(), network.graph, network.warnings]
    for result in results:
        for part in parts_of(result, set()):
            assert isinstance(part, str) or mark not in repr(part), type(part)


def test_a_file_with_several_networks_says_which_need_parameters() -> None:
    text = "network base(x: [3, 8, 8]; w, d) = x -> conv(w) * d\nnetwork a = base(4, 1)\nnetwork b = base(8, 1)\n"
    with pytest.raises(archdsl.ArchError) as error:
        archdsl.loads(text)
    (found,) = error.value.diagnostics
    assert found.help.endswith("it has a, b; base needs w, d")
