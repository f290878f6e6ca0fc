"""The recursion limit and the garbage collector are the host's: untouched, whatever is elaborated, in any thread."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import archdsl
from archdsl.diagnostics.model import ArchError, Diagnostics
from archdsl.elaborate import deep
from archdsl.elaborate.elaborator import value_of
from archdsl.elaborate.spec import Spec
from archdsl.network import check_text
from archdsl.source import Source

NEST = 95  # of 100 brackets

DEEP = {
    "functions": "fn f(n) = 0 if n == 0 else 1 + f(n - 1)\nA = f(120)",
    "endless functions": "fn f(n) = f(n + 1)\nA = f(0)",
    "blocks": "block b(x; n) { if n == 0 { return x }\n return x -> b(n - 1) }\nnetwork n(x: [4]) = x -> b(180)",
    "endless blocks": "block b(x; n) = x -> b(n + 1)\nnetwork n(x: [4]) = x -> b(0)",
    "stages as arguments": "block b(x; f) = x -> f\nfn g(n) = relu if n == 0 else b(g(n - 1))\n"
    "network n(x: [4]) = x -> g(60)",
    "statements": "block b(x; n) {\n"
    + "if true {\nfor i in range(1) {\n" * 40
    + "if n > 0 { x = x -> b(n - 1) }\n"
    + "}\n}\n" * 40
    + "return x }\nnetwork n(x: [4]) = x -> b(90)",
    "lists": "fn f(n) = [1] if n == 0 else [f(n - 1)]\nA = f(120) == f(120)",
    "nested stages": "fn wrap(f, n) = f if n == 0 else wrap((f -> id) as one, n - 1)\n"
    "block b(x; n, f) = x -> f if n == 0 else x -> b(n - 1, f)\nnetwork n(x: [4]) = x -> b(40, wrap(relu, 60))",
    "brackets": f"A = {'(1 + ' * NEST}1{')' * NEST}",
    "constants": "A0 = 1\n" + "\n".join(f"A{i} = A{i - 1} + 1" for i in range(1, 300)) + "\nA = A299",
    "variants": "network n0(x: [4]; a = 1) = x -> relu\n"
    + "\n".join(f"network n{i} = n{i - 1}(a = {i})" for i in range(1, 390)),
    "clauses": f"A = [1 {' '.join(f'for a{i} in [1]' for i in range(3000))}]",
}


@pytest.fixture(autouse=True)
def untouched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody sets the limit or the collector, not even for a moment."""

    def refuse(*_: object) -> None:
        raise AssertionError("the host's")

    for module, name in ((sys, "setrecursionlimit"), (gc, "disable"), (gc, "enable"), (gc, "freeze")):
        monkeypatch.setattr(module, name, refuse)
    before = (sys.getrecursionlimit(), gc.isenabled(), gc.get_threshold())
    yield
    assert (sys.getrecursionlimit(), gc.isenabled(), gc.get_threshold()) == before


def answer(text: str) -> list[tuple[str, str]]:
    return [(d.code, d.message) for d in check_text(text)]


def nested(depth: int, run: Callable[[], Any]) -> Any:
    return run() if depth == 0 else nested(depth - 1, run)


def frames() -> int:
    frame, count = sys._getframe(), 0
    while frame.f_back is not None:
        frame, count = frame.f_back, count + 1
    return count


@pytest.mark.parametrize("kind", DEEP)
def test_depth_ends_in_the_budget_and_not_in_python(kind: str) -> None:
    """The same from the top of a thread, and from a host that has used up nearly all of its own frames."""
    text = DEEP[kind]
    codes = {code for code, _ in answer(text)} - {"unused-parameter"}
    assert codes <= {"recursion-too-deep", "nested-too-deep", "definition-cycle"}
    assert ("endless" in kind or kind == "clauses") == bool(codes)
    room = sys.getrecursionlimit() - frames() - 150
    assert nested(room, lambda: answer(text)) == answer(text)


def test_threads_at_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(answer, [*DEEP.values()] * 3))
    assert found[: len(DEEP)] == found[len(DEEP) : 2 * len(DEEP)] == found[2 * len(DEEP) :]


def test_what_is_raised_in_a_thread_of_ours_is_raised_here() -> None:
    def fail() -> None:
        raise KeyError("there")

    room = sys.getrecursionlimit() - frames() - 100
    with pytest.raises(KeyError, match="there"):
        nested(room, lambda: deep.with_room(fail))
    threads = {nested(room, lambda: deep.with_room(lambda: threading.current_thread().name)) for _ in range(2)}
    assert threads == {"archdsl"}
    assert deep.with_room(threading.current_thread) is threading.current_thread()


def test_symbolic_sizes_deep_down() -> None:
    text = "block b(x; n) { if n == 0 { return x }\n return x -> conv(3, 3) -> b(n - 1) }\n"
    network = archdsl.loads(text + "network n(x: [3, 64, 64]) = x -> b(150)")
    assert network.sizes().at(32).outputs == ((3, 32, 32),)


def test_a_long_line_of_imports(tmp_path: Path) -> None:
    for i in range(400):
        (tmp_path / f"f{i}.arch").write_text(f"import f{i + 1}: it\n")
    (tmp_path / "f400.arch").write_text("it = 7\n")
    diagnostics = Diagnostics()
    assert value_of(Spec.read(tmp_path / "f0.arch"), "it", diagnostics) == 7
    with pytest.raises(ArchError):
        archdsl.load(tmp_path / "f0.arch", "it")
    assert value_of(Spec(Source("<t>", "A = 1")), "A", diagnostics) == 1
