"""Checks that what never ends is said at once, or soon, with one message."""

from __future__ import annotations

from pathlib import Path

import pytest

from archdsl.network import check_source, check_text
from archdsl.syntax.read import read_source

NETWORK = "network n(x: [1, 8, 8]) = x -> "
ENDLESS = {
    "itself": ("block a(x) = x -> a\n" + NETWORK + "a", "endless-recursion"),
    "each other": ("block a(x) = x -> b\nblock b(x) = x -> a\n" + NETWORK + "a", "endless-recursion"),
    "a network": (NETWORK + "n", "endless-recursion"),
    "a stage argument": ("block a(x; f) = x -> f -> a(f)\n" + NETWORK + "a(relu)", "endless-recursion"),
    "new arguments": ("block a(x; i) = x -> a(i + 1)\n" + NETWORK + "a(0)", "recursion-too-deep"),
    "new sizes": ("block a(x) = x -> conv(x.channels + 1) -> a\n" + NETWORK + "a", "recursion-too-deep"),
    "growing stages": ("block a(x; f) = x -> a(f -> f)\n" + NETWORK + "a(relu)", "too-many-ops"),
    "growing lists": ("fn f(xs) = f(xs + xs)\n" + NETWORK + "conv(f([1]))", "list-too-long"),
    "functions": ("fn f(i) = g(i)\nfn g(i) = f(i)\n" + NETWORK + "conv(f(1))", "recursion-too-deep"),
    "two calls each": (
        "fn f(i) = i if i < 2 else f(i - 1) + f(i - 2)\n" + NETWORK + "conv(f(60))",
        "too-many-evaluations",
    ),
    "constants": ("A = B\nB = [A]\n" + NETWORK + "conv(A)", "definition-cycle"),
    "a default": ("A = f()\nfn f(a = A) = a\n" + NETWORK + "conv(A)", "definition-cycle"),
    "variants": ("block a = b(1)\nblock b = a(2)\n" + NETWORK + "a", "definition-cycle"),
    "loops": (NETWORK + "conv(sum([1 for i in range(10**6) for j in range(10**6)]))", "too-many-steps"),
}


@pytest.mark.parametrize("case", ENDLESS)
def test_what_never_ends(case: str) -> None:
    text, code = ENDLESS[case]
    assert [d.code for d in check_text(text)] == [code]


def test_recursion_that_ends() -> None:
    text = "block a(x; i) { if i == 0 { return x }\n return x -> relu -> a(i - 1) }\n" + NETWORK + "a(50)"
    assert check_text(text) == []


def check_files(folder: Path, **files: str) -> list[tuple[str, str, str]]:
    """(file, code, message) of what is wrong with the first of these files."""
    for name, text in files.items():
        (folder / f"{name}.arch").write_text(text, encoding="utf-8")
    found = check_source(read_source(str(folder / f"{next(iter(files))}.arch")))
    return [(Path(d.span.source.name).stem if d.span else "", d.code, d.message) for d in found]


def test_a_circle_of_three_files(tmp_path: Path) -> None:
    found = check_files(
        tmp_path,
        a="import b: f\n" + NETWORK + "f",
        b="import c: g\nblock f(x) = x -> g",
        c="import a: n\nblock g(x) = x -> n",
    )
    cycle = "these files import each other: a.arch -> b.arch -> c.arch -> a.arch"
    assert found == [("c", "import-cycle", cycle)]


def test_a_diamond_is_no_circle(tmp_path: Path) -> None:
    found = check_files(
        tmp_path,
        a="import b: f\nimport c: g\n" + NETWORK + "f -> g",
        b="import d: W\nblock f(x) = x -> conv(W)",
        c="import d: W\nblock g(x) = x -> conv(W)",
        d="W = 8",
    )
    assert found == []


def test_a_mistake_in_an_imported_file_is_reported_there_once(tmp_path: Path) -> None:
    found = check_files(
        tmp_path,
        a="import b: f\nimport b: g\n" + NETWORK + "f -> g -> f",
        b="block f(x) = x -> ghost\nblock g(x) = x -> f",
    )
    assert [(file, code) for file, code, _ in found] == [("b", "unknown-name")]


def test_an_imported_file_that_does_not_parse(tmp_path: Path) -> None:
    found = check_files(tmp_path, a="import b: f\n" + NETWORK + "f -> conv(0)", b="block f(x) = x -> -> relu")
    assert sorted((file, code) for file, code, _ in found) == [("a", "bad-argument"), ("b", "expected-stage")]
