"""What the process remembers between calls is bounded in bytes, and little: nothing of a spec."""

from __future__ import annotations

import ast
import gc
import random
import weakref
from pathlib import Path

import pytest

import archdsl
from archdsl import remembered
from archdsl.analysis import cost, views
from archdsl.analysis.sizes import forms, sets
from archdsl.analysis.sizes.work import Charged
from archdsl.remembered import MOST, Remembered, size_in_memory
from archdsl.source import Source

PACKAGE = Path(archdsl.__file__).parent
# Functions of one argument that names one of few things of the package; they raise for any other.
OF_FEW = {
    ("ops/registry.py", "_classes"),
    ("synonyms/arguments.py", "_inverted"),
    ("analysis/registry.py", "metric"),
    ("emit/marks/font.py", "font"),  # the two weights
    ("emit/marks/font.py", "advances"),
    ("emit/view/page.py", "_file"),  # the page's own
    ("emit/view/page.py", "_script"),  # of the page, of the watched page
}
# Methods that change a container.
CHANGES = {
    *("add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem", "popleft", "remove"),
    *("setdefault", "update"),
}


def test_what_is_remembered_for_ever_depends_on_nothing() -> None:
    """`lru_cache` counts entries, which may be of any size: a memo is `remembered`, or a constant."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                marks = [ast.unparse(mark) for mark in node.decorator_list]
                assert not any("lru_cache" in mark for mark in marks), (path, node.name)
                if "cache" in marks and (str(path.relative_to(PACKAGE)), node.name) not in OF_FEW:
                    assert not node.args.args, (path, node.name)


def filled(text: str) -> set[str]:
    """Names at the top of a module or of its classes that functions of the module change: memory without a mark."""
    module = ast.parse(text)
    tops = {name for node in module.body for name in _assigned(node)}
    shared = {
        name
        for node in module.body
        if isinstance(node, ast.ClassDef)
        for part in node.body
        if isinstance(getattr(part, "value", None), ast.Dict | ast.List | ast.Set | ast.DictComp | ast.ListComp)
        for name in _assigned(part)
    }
    found: set[str] = set()
    for function in ast.walk(module):
        if not isinstance(function, ast.FunctionDef | ast.Lambda):
            continue
        own = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
        own |= {
            node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        for node in ast.walk(function):
            changed: ast.AST | None = None
            if isinstance(node, ast.Global):
                found.update(node.names)
            elif isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
                changed = node.value
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
                changed = node.func.value
            if isinstance(changed, ast.Name) and changed.id in tops - own:
                found.add(changed.id)
            if isinstance(changed, ast.Attribute) and changed.attr in shared:
                found.add(changed.attr)
    return found


def _assigned(node: ast.AST) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def test_no_function_fills_what_stands_at_the_top_of_a_module() -> None:
    assert {path: names for path in PACKAGE.rglob("*.py") if (names := filled(path.read_text(encoding="utf-8")))} == {}


@pytest.mark.parametrize(
    "text",
    [
        "A: dict = {}\ndef f(x):\n    A[x] = 1",
        "A = []\ndef f(x):\n    A.append(x)",
        "A = set()\ndef f(x):\n    def g():\n        A.add(x)",
        "A = None\ndef f(x):\n    global A\n    A = x",
        "class B:\n    A = {}\n    def f(self, x):\n        self.A[x] = 1",
        "class B:\n    A = []\ndef f(x):\n    B.A.append(x)",
        "A = B()\ndef f(x):\n    A.last = x",
        "A = {}\nf = lambda x: A.setdefault(x, 1)",
    ],
)
def test_what_functions_fill_is_found(text: str) -> None:
    assert filled(text) == {"A"}


def test_what_is_a_functions_own_is_its_own() -> None:
    assert not filled("A = {}\nclass B:\n    C: dict = field()\n    def f(self, A):\n        A[1] = self.C[1] = 2")


def test_a_memo_stays_within_its_bytes() -> None:
    dice = random.Random(4)

    @remembered.remembered
    def doubled(items: tuple[int, ...]) -> tuple[int, ...]:
        return items + items

    for _ in range(600):
        items = (*range(dice.choice([0, 3, 500, 2000])), dice.randrange(10**6))
        assert doubled(items) == doubled(items) == items * 2
        assert doubled.bytes <= MOST
    assert sum(size_in_memory(pair, MOST) for pair in doubled._known.items()) <= 2 * MOST
    assert doubled(tuple(range(10**5))) == tuple(range(10**5)) * 2
    assert all(len(key[0]) < 10**5 for key in doubled._known)


def test_sizes_with_large_numbers_stay_within_bounds() -> None:
    for stride in (2, 3, 5):
        archdsl.loads(f"network n(x: [3, 64, 64]) = x -> conv(4, 3, {stride}) -> max_pool(3, {stride})").sizes()
    memos = [m for module in (forms, sets, cost, views) for m in vars(module).values()]
    known = [m.memo if isinstance(m, Charged) else m for m in memos if isinstance(m, Charged | Remembered)]
    assert len(known) > 8 and all(m.bytes <= MOST for m in known)


def test_nothing_of_a_spec_outlives_it() -> None:
    source = Source("<text>", "block f(x) = x -> conv(4)\nnetwork n(x: [3, 8, 8]) = x -> f")
    spec = archdsl.Spec(source)
    network = archdsl.load(spec)
    assert network.params and network.macs and network.analyze() and network.source() and network.lint() is not None
    alive = [weakref.ref(one) for one in (source, spec, network)]
    del source, spec, network
    gc.collect()
    assert [one() for one in alive] == [None] * 3
