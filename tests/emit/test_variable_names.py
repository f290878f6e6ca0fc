"""What variables, parameters and classes are called when a name is in use: counted on, x2 and then x3, never x22."""

from __future__ import annotations

import ast
import re

import archdsl
from archdsl.emit.pytorch import source
from archdsl.emit.pytorch.names import next_variable, unique
from tests.emit.random_variants import elaborated, spec

# Outputs are collected in a loop that cannot be one: the modules of a row differ.
COLLECTED = """
block unit(x; dilation) {
    z = x -> conv(8, 3, dilation = dilation) -> tanh
    return x + (z -> conv(4) as residual), z -> conv(6) as skip
}
network net(x: [4, 40]) {
    skips = []
    for i in range(12) {
        x, NAME = x -> unit(2 ** (i % 3))
        skips = skips + [NAME]
    }
    OTHER = skips -> add -> relu -> conv(3)
    return OTHER + (OTHER -> global_avg_pool)
}
"""


def forward(text: str) -> str:
    """The last `forward` of the emitted file."""
    return archdsl.loads(text).source().rpartition("def forward")[2]


def test_a_second_output_is_counted_by_its_own_name() -> None:
    text = forward(COLLECTED.replace("NAME", "y").replace("OTHER", "z"))
    assert re.findall(r"[x_], (\w+) = ", text) == ["y", *(f"y{n}" for n in range(2, 13))]


def test_a_name_that_ends_in_a_digit_is_counted_on() -> None:
    text = forward(COLLECTED.replace("NAME", "s1").replace("OTHER", "s4"))
    assert re.findall(r"[x_], (\w+) = ", text) == ["s1", "s2", "s3", *(f"s{n}" for n in range(5, 14))]


def test_parts_of_parts_are_counted_on() -> None:
    text = forward("network n(x: [8, 4]) = [(p -> split(2))[1] for p in x -> conv(8) -> split(2)] + [x] -> concat")
    numbers = [int(n) for n in re.findall(r"\bx(\d+)\b", text)]
    assert max(numbers) <= 4


def test_how_names_are_counted() -> None:
    assert [next_variable("x", {"x", "x2"}), next_variable("x2", {"x2"}), next_variable("x9", {"x9"})] == [
        "x3",
        "x3",
        "x10",
    ]
    assert [unique("unit", {"unit"}), unique("NormalV1", {"NormalV1"}), unique("k3", {"k3", "k3_2"})] == [
        "unit2",
        "NormalV1_2",  # V2 would say something else
        "k3_3",
    ]


def test_random_names_are_counted_one_by_one() -> None:
    """A number that the spec does not write is at most how many variables a method has, or classes a file."""
    counted = 0
    for seed in range(60):
        network = elaborated(made := spec(seed), seed)
        if network is None:
            continue
        tree = ast.parse(source(network.graph))
        scopes: list[list[str]] = [[part.name for part in tree.body if isinstance(part, ast.ClassDef)]]
        for method in ast.walk(tree):
            if isinstance(method, ast.FunctionDef):
                stored = [n.id for n in ast.walk(method) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
                scopes.append([*(argument.arg for argument in method.args.args), *stored])
        for names in scopes:
            for name in set(names):
                end = re.fullmatch(r"(?:.*\D)?(\d+)", name)
                if end is not None and not re.search(rf"\b{name}\b", made):
                    counted += 1
                    assert int(end[1]) <= len(set(names)) + 1, (seed, name)
    assert counted > 20, counted
