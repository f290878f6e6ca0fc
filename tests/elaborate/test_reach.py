"""What `check` refuses, loading refuses: all that a network leads to is right, whether it is taken or not."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import archdsl
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.elaborate.elaborator import complete_networks
from archdsl.network import check_source, check_text
from archdsl.source import Source
from archdsl.syntax.read import read_source
from tests.fuzz.test_mutated_specs import TOKENS, WORDS, mutated

# Shared case check-and-load: an unknown name in a branch that is not taken.
NOT_TAKEN = """block f(x; d) { return x -> reluu if d else x -> relu }
network n(x: [8, 8, 8]) = x -> f(false)
"""

KINDS = ["delete", "insert", "replace", "duplicate", "swap", "cut", "repeat"]  # of mutations

# How a definition can be wrong without being run, by the code of the message. NAME is its name.
POISON = {
    "unknown-name": [
        "block NAME(x; d = false) = x -> ghost if d else x",
        "block NAME(x; d = true) { if d { return x }\n return x -> conv(ghost) }",
        "block NAME(x; d = [ghost for i in range(0)]) = x",
        "fn NAME(n = 1) = n if n == 1 else ghost(n)",
        'block NAME(x) { for i in range(0) { x = x -> (relu -> relu) as "{ghost}" }\n return x }',
        "NAME = 1 if true else ghost",
        "network NAME(x: [4]; d = false) = x -> ghost if d else x",
    ],
    "division-by-zero": ["NAME = 1 // 0"],
    "not-a-variant": ["block NAME = len"],
    "bad-variant": ["block NAME = 4"],
    "unknown-argument": ["block base_NAME(x; a = 1) = x\nblock NAME = base_NAME(b = 1)"],
    "definition-cycle": ["NAME = other_NAME\nother_NAME = NAME"],
    "duplicate-definition": ["NAME = 1\nNAME = 2", "block NAME(x) = x\nblock NAME(x) = x -> relu"],
    "unknown-file": ["import nowhere: NAME", "import nowhere as NAME"],
    "unknown-import": [
        "import std: NAME",
        "import std as NAME\nblock use_NAME(x; d = false) = x -> NAME.ghost if d else x",
    ],
    "unknown-attribute": ["@expects(params = 1)\nblock NAME(x) = x"],
    "bad-citation": ["@cite(4)\nblock NAME(x) = x"],
    "unknown-metric": ["@expect(prams = 1)\nnetwork NAME(x: [4]) = x"],
    "expected-stage": ["block NAME(x) = x -> -> relu", "fn NAME(n) = n -> -> n"],
}
# Ways to mention a name without running what it means, in the middle of a body or at the top of a file.
MENTIONS = [
    "block NAME(x; d = false) { if d { return x -> OTHER }\n return x }",
    "block NAME(x) = x -> (relu if true else OTHER)",
    "block NAME(x; stage = relu) = x -> stage if 1 == 1 or OTHER else x",
    "block NAME(x) { for i in range(0) { y = OTHER }\n return x }",
    "fn NAME(n = 0) = [OTHER for i in range(n)]",
    "fn NAME() = true or not OTHER",
    "NAME = 3 if true else OTHER",
    "block base_NAME(x; a = 1) = x\nblock NAME = base_NAME(a = 2 if true else OTHER)",
]


@dataclass
class Written:
    """A random file, and what each of its definitions leads to and has wrong."""

    text: list[str] = field(default_factory=list)
    uses: dict[str, set[str]] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)

    def expected(self, name: str) -> set[str]:
        """The codes of what is wrong in all that `name` leads to."""
        done: set[str] = set()
        pending = [name]
        while pending:
            one = pending.pop()
            if one not in done:
                done.add(one)
                pending.extend(self.uses[one])
        return {self.wrong[one] for one in done if one in self.wrong}


def written(seed: int) -> Written:
    """Definitions that mention each other at random, circles included; some are wrong; the last three are networks."""
    dice = random.Random(seed)
    made = Written()
    names = [f"d{i}" for i in range(dice.randint(2, 9))]
    for name in names:
        if dice.random() < 0.25:
            code = dice.choice(sorted(POISON))
            text = dice.choice(POISON[code])
            made.uses[name], made.wrong[name] = set(), code
            made.text.append(text.replace("NAME", name))
            if "use_NAME" in text:
                made.uses[name] = set()
                del made.wrong[name]
                made.uses[f"use_{name}"], made.wrong[f"use_{name}"] = {name}, code
            continue
        pattern = dice.choice(MENTIONS)
        # Only blocks and functions may mention each other in a circle: they are not run.
        other = dice.choice(
            names if pattern.startswith(("block NAME(", "fn")) else names[: names.index(name)] or ["relu"]
        )
        made.uses[name] = {other} & set(names)
        made.text.append(pattern.replace("NAME", name).replace("OTHER", other))
    for i in range(3):
        other = dice.choice(sorted(made.uses))
        made.uses[f"n{i}"] = {other}
        made.text.append(f"network n{i}(x: [4]; d = false) = x -> {other} if d else x -> relu")
    dice.shuffle(made.text)
    return made


def check(seed: int) -> None:
    made = written(seed)
    text = "\n".join(made.text)
    checked = places(check_text(text))
    assert {code for code, _ in checked} == set(made.wrong.values()), text
    for network in ("n0", "n1", "n2"):
        found = refused(text, network)
        assert {code for code, _ in found} == made.expected(network), (network, text)
        assert found <= checked


def test_the_case() -> None:
    assert [d.code for d in check_text(NOT_TAKEN)] == ["unknown-name"]
    assert {code for code, _ in refused(NOT_TAKEN, "n")} == {"unknown-name"}


@pytest.mark.parametrize("code", sorted(POISON))
def test_each_mistake_stops_the_network_that_leads_to_it(code: str) -> None:
    for text in POISON[code]:
        name = "use_d0" if "use_NAME" in text else "d0"
        for mention in MENTIONS:
            spec = f"{text.replace('NAME', 'd0')}\n{mention.replace('NAME', 'm').replace('OTHER', name)}\n"
            spec += "network n(x: [4]; d = false) = x -> m if d else x\nnetwork alone(x: [4]) = x -> relu"
            assert {c for c, _ in refused(spec, "n")} == {d.code for d in check_text(spec)} == {code}, spec
            assert refused(spec, "alone") == set(), spec


@pytest.mark.parametrize("seed", range(150))
def test_random_files(seed: int) -> None:
    check(seed)


@pytest.mark.slow
def test_random_files_at_length() -> None:
    for seed in range(1000, 21_000):
        check(seed)


CLAIMS = {"expect-mismatch", "expect-without-network"}  # what is said of a network is no part of it
Found = set[tuple[str, object]]


def places(diagnostics: list[Diagnostic]) -> Found:
    """Code and place of each error."""
    return {(d.code, d.span and (d.span.source.name, d.span.start)) for d in diagnostics if d.severity == "error"}


def without_others(text: str, name: str) -> tuple[str, list[str]]:
    """The text, blank where it defines networks that this one does not lead to; and the networks that it leads to."""
    spec = archdsl.Spec(Source("<text>", text))
    led = {reached for module, reached in spec.reach(name).definitions if module is spec.root}
    for item in spec.root.file.items:
        if item.kind == "network" and item.name not in led:
            end = item.offset + len(item.text)
            text = text[: item.offset] + re.sub(r"[^\n]", " ", text[item.offset : end]) + text[end:]
    return text, [other for other in spec.networks if other in led and other != name]


def assert_one_answer(text: str, dice: random.Random) -> bool:
    """What loading refuses, `check` refuses; and what it loads is right in all that the network leads to.

    A mistake that comes from an argument belongs to the network that gives it (language, section 9), so other networks
    are taken away before a network that loads is checked; a network that it leads to answers for its own arguments.
    """
    checked = places(check_text(text))
    if any(code.startswith("too-many-") for code, _ in checked):  # a budget, which check gives to all networks at once
        return False
    spec = archdsl.Spec(Source("<text>", text))
    names = complete_networks(spec)
    for name in dice.sample(names, min(3, len(names))):
        found = refused(text, name)
        assert found <= checked, (name, found - checked)
        if found:
            continue
        alone, led = without_others(text, name)
        items = [m.names[reached] for m, reached in spec.reach(name).definitions if m is spec.root]
        inside = [(item.offset, item.offset + len(item.text)) for item in items]
        theirs = set().union(*[refused(alone, other) for other in led])
        for d in check_text(alone):
            if d.severity == "error" and d.code not in CLAIMS and d.span is not None and not places([d]) <= theirs:
                assert not any(start <= d.span.start < end for start, end in inside), (name, d)
    return bool(names)


def refused(text: str, network: str) -> Found:
    """Code and place of each error that loading gives."""
    try:
        archdsl.loads(text, network)
    except ArchError as error:
        return places(error.diagnostics)
    return set()


def mutation(seed: int) -> tuple[str, random.Random]:
    dice = random.Random(seed)
    how = [
        (dice.choice(KINDS), dice.randrange(10**6), dice.randrange(10**6), dice.choice(WORDS), "")
        for _ in range(dice.randint(1, 3))
    ]
    return mutated(TOKENS[dice.choice(sorted(TOKENS))], how), dice


@pytest.mark.parametrize("seed", range(25))
def test_changed_specs(seed: int) -> None:
    assert_one_answer(*mutation(seed))


@pytest.mark.slow
def test_changed_specs_at_length() -> None:
    assert sum(assert_one_answer(*mutation(seed)) for seed in range(100, 2100)) > 1000


def test_through_files(tmp_path: Path) -> None:
    (tmp_path / "parts.arch").write_text(
        "block good(x) = x -> relu\nblock bad(x; d = false) = x -> ghost if d else x\nblock worse(x) = x -> -> relu\n"
        "block user(x; d = false) = x -> bad if d else x\n"
    )
    main = tmp_path / "main.arch"
    main.write_text(
        "import parts: good, bad, worse\nimport parts as p\n"
        "network a(x: [4]) = x -> good\nnetwork b(x: [4]) = x -> (relu if true else bad)\n"
        "network c(x: [4]) = x -> (relu if true else worse)\nnetwork d(x: [4]) = x -> (relu if true else p.user)\n"
        "network e(x: [4]) = x -> (relu if true else p.nothing)\n"
    )
    codes = {}
    for name in "abcde":
        try:
            archdsl.load(main, name)
        except ArchError as error:
            codes[name] = [d.code for d in error.diagnostics]
    assert codes == {
        "b": ["unknown-name"],
        "c": ["expected-stage"],
        "d": ["unknown-name"],
        "e": ["unknown-import"],
    }
    assert sorted({d.code for d in check_source(read_source(main))}) == [
        "expected-stage",
        "unknown-import",
        "unknown-name",
    ]


@pytest.mark.parametrize("order", [1, -1])
def test_long_lines_of_constants_are_no_recursion(order: int) -> None:
    """Whichever comes first in the file, `check` and loading agree."""
    lines = ["A0 = 1", *[f"A{i} = A{i - 1} + 1" for i in range(1, 1500)], "network n(x: [4]) = x -> linear(A1499)"]
    text = "\n".join(lines[::order])
    assert check_text(text) == [] and archdsl.loads(text).sizes is not None
    assert archdsl.loads(text).graph.output_types[0].shape == (1500,)


def test_choices_at_the_top_are_asked_where_they_are_used() -> None:
    text = "A = oneof([1, 2])\nB = oneof([3, 4])\nnetwork n(x: [4]) = x -> linear(B) -> linear(A)"
    network = archdsl.loads(text, picks={"B": 4})
    assert [node.types[0].shape for node in network.graph.nodes] == [(4,), (1,)]
    assert [choice.options for choice in network.choices.values()] == [("3", "4"), ("1", "2")]


@pytest.mark.parametrize(
    "body", ["x -> conv(4) as None -> relu", "x -> conv(4) as", "x -> conv(4", "x -> ghost", "x -> $"]
)
@pytest.mark.parametrize("others", ["", "\nnetwork m(x: [4]) = x -> relu", "\nblock b(x) = x -> n -> True"])
def test_a_mistake_is_told_once(body: str, others: str) -> None:
    text = f"network n(x: [4, 5, 5]) = {body}{others}\n"
    with pytest.raises(ArchError) as caught:
        archdsl.loads(text, "n")
    found = [(d.code, d.span) for d in caught.value.diagnostics]
    assert found and len(found) == len(set(found))
