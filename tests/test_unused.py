"""What nothing uses is told, and only that: random files against what they were made to use; the zoo is quiet."""

from __future__ import annotations

import json
import random
from fractions import Fraction

import pytest
from click.testing import CliRunner

import archdsl
from archdsl import library
from archdsl.cli import main
from archdsl.diagnostics.model import ArchError
from archdsl.elaborate.spec import Spec
from archdsl.explore.fit import fit
from archdsl.explore.settings import NetworkFamily
from archdsl.explore.sweep import sweep
from archdsl.network import check_text
from archdsl.source import Source
from archdsl.unused import unused

WAYS = [  # how a number is used, in a body that may return before
    "    if {0} == 77 {{ return x }}",
    "    for i in range(2) {{ x = x -> conv({0}) if i == {0} else x }}",
    '    x = x -> dropout(0.5) as "drop{{{0}}}"',
    "    widths = [w * {0} for w in [1, 2]]\n    x = x -> conv(widths[0])",
    "    shared f{0} = conv({0})\n    x = x -> f{0}",
    "    p, q = {0}, 2\n    x = x -> conv(p + q)",
]
HIDES = [  # what has the name of a number and does not read it
    "    x = x -> relu as {0}",
    "    y = [0 for {0} in [1, 2]]",
    "    {0} = 3",
]


def random_file(rng: random.Random) -> tuple[str, set[tuple[str, str]]]:
    """A file with networks, and the (code, name) that it must be warned of."""
    wanted: set[tuple[str, str]] = set()
    body: list[str] = []

    def use(name: str, code: str) -> None:
        if rng.random() < 0.6:
            body.append(rng.choice(WAYS).format(name))
            return
        if rng.random() < 0.5:
            body.append(rng.choice(HIDES).format(name))
        if not name.startswith("_"):
            wanted.add((code, name))

    params = [rng.choice(["p", "_p"]) + str(i) for i in range(rng.randrange(4))]
    constants = [rng.choice(["C", "_C"]) + str(i) for i in range(rng.randrange(3))]
    for name in params:
        use(name, "unused-parameter")
    for name in constants:
        use(name, "unused-definition")
    imports = rng.sample(library.words(), rng.randrange(3))
    for name in imports:
        if rng.random() < 0.5:
            body.append(f"    keep_{name} = {name}")
        else:
            wanted.add(("unused-import", name))
    rng.shuffle(body)
    head = [f"import std: {', '.join(imports)}"] if imports else []
    head += [f"{name} = 4" for name in constants]
    signature = "; ".join(part for part in ["x: [4, 8, 8]", ", ".join(f"{p} = 4" for p in params)] if part)
    return "\n".join([*head, f"network n({signature}) {{", *body, "    return x", "}", ""]), wanted


@pytest.mark.parametrize("seed", range(8))
def test_random_files(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(60):
        text, wanted = random_file(rng)
        found = list(unused(Spec(Source("n.arch", text))))
        assert {(d.code, d.span.text) for d in found if d.span} == wanted, text
        assert len(found) == len(wanted) and all(d.help for d in found)


def test_the_zoo_and_the_library_are_quiet() -> None:
    for path in [*library.specs(), library.STANDARD / "std.arch"]:
        assert not list(unused(Spec.read(path))), path


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cell c(x; k, groups = 1) = x -> conv(k)\nnetwork n(x: [4, 8, 8]) = x -> c(8)\n", False),
        ("block c(x; k, groups = 1) = x -> conv(k)\nnetwork n(x: [4, 8, 8]) = x -> c(8)\n", True),
        ("block c(x; k = 4) = x -> relu\nnetwork n(x: [4, 8, 8]) = x -> c\n", True),
        ("block c(x; k = 4) = x -> relu\nnetwork n(x: [4, 8, 8]; f = c) = x -> f(4)\n", False),
        ("block c(x; k = 4) = x -> relu\nnetwork n(x: [4, 8, 8]) = x -> [c, relu][0]\n", False),
        ("block c(x; k = 4) = x -> relu\nblock d = c(k = 3)\nnetwork n(x: [4, 8, 8]) = x -> d(4)\n", True),
        ("block c(x; k = 4, j = k) = x -> conv(j)\nnetwork n(x: [4, 8, 8]) = x -> c\n", False),
        ("network n(x: [4, size, size]; size = 8) = x -> relu\n", False),
        ("fn f(a, b = 2) = a\nnetwork n(x: [4, 8, 8]) = x -> conv(f(2))\n", True),
        ("WIDTH = 4\nimport std: cbr\nblock f(x) = x -> relu\n", False),
    ],
)
def test_a_common_signature_is_no_mistake(text: str, told: bool) -> None:
    assert bool(archdsl.check_text(text)) == told


def test_with_errors_nothing_is_said_to_be_unused() -> None:
    text = "import std: cbr\nnetwork n(x: [4, 8, 8]) = x -> cbrr(8)\n"
    assert [d.code for d in archdsl.check_text(text)] == ["unknown-name"]


TEXT = "network n(x: [3, 8, 8]; width = 8, dpeth = 3) = x -> conv(width)\n"


def target() -> NetworkFamily:
    return NetworkFamily(Spec(Source("n.arch", TEXT)), "n")


def test_a_sweep_says_what_changes_nothing() -> None:
    made = sweep(target(), {"width": [2, 4], "dpeth": [1, 2, 3]})
    assert made.without_effect == ("dpeth",)
    assert "dpeth changes none of these numbers (params, macs)" in str(made)
    assert sweep(target(), {"input": [8, 16]}, ("params",)).without_effect == ("input",)
    assert sweep(target(), {"input": [8, 16]}).without_effect == ()
    assert sweep(target(), {"dpeth": [1]}).without_effect == ()


def test_the_command_tells_programs(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "n.arch"
    file.write_text(TEXT)
    done = CliRunner().invoke(main, ["sweep", str(file), "--vary", "dpeth=1,2", "--json"])
    assert json.loads(done.stdout)["without_effect"] == ["dpeth"]


@pytest.mark.parametrize(("metric", "over"), [("params", "dpeth"), ("macs", "dpeth"), ("params", "input")])
def test_a_fit_refuses_what_changes_nothing(metric: str, over: str) -> None:
    with pytest.raises(ArchError, match=f"{metric} does not depend on {over}") as caught:
        fit(target(), {metric: 10**6}, over)
    assert [d.code for d in caught.value.diagnostics] == ["no-effect"]


def test_few_values_that_cost_the_same_are_no_reason_to_refuse() -> None:
    found = fit(target(), {"params": 10**6}, "dpeth", low=Fraction(1), high=Fraction(3))
    assert found.best.value == 3 and "cost grows" not in str(found)


@pytest.mark.parametrize("label, meant", [("last", "{last}"), ('"stage.last"', "stage.{last}"), ("head", "")])
def test_a_parameter_as_a_bare_label_is_told_how_to_give_its_value(label: str, meant: str) -> None:
    text = f"block b(x; last) = x -> relu as {label}\nnetwork n(x: [3, 8, 8]) = x -> b(1)"
    (found,) = check_text(text)
    assert found.code == "unused-parameter"
    assert (f'write `as "{meant}"`' in found.help) == bool(meant)


def test_a_command_that_is_nearly_one() -> None:
    result = CliRunner().invoke(main, ["analyse", "resnet50"])
    assert result.exit_code == 2 and "did you mean analyze?" in result.output
