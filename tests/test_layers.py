"""Checks who may import whom: the layers of the package, outside packages per layer, no imports hidden in functions."""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "archdsl"

# What each part of the package may import of the others, lowest first. A part is a folder or file of archdsl/.
_GROUND = {"source", "types", "diagnostics"}
LAYERS: dict[str, set[str]] = {
    "remembered": set(),
    "source": set(),
    "types": set(),
    "lazy": set(),
    "takes": {"diagnostics", "numerals"},
    "diagnostics": {"source", "lazy"},
    "numerals": {"diagnostics"},
    "files": {"source", "diagnostics"},
    "terminal": {"source", "diagnostics"},
    "ops": _GROUND,
    "ir": _GROUND | {"ops", "choices", "remembered"},
    "transform": _GROUND | {"ops", "ir"},
    "syntax": {"source", "diagnostics", "numerals"},
    "library": set(),
    "target": {"library", "diagnostics", "lazy", "elaborate"},
    "synonyms": {"ops"},
    "choices": {"source"},
    "elaborate": _GROUND | {"numerals", "ops", "ir", "syntax", "remembered", "library", "synonyms", "choices"},
    "record": _GROUND | {"ops", "syntax", "elaborate"},
    "unused": _GROUND | {"syntax", "elaborate"},
    "analysis": _GROUND | {"numerals", "ops", "ir", "transform", "lazy", "remembered", "library"},
    "expect": _GROUND | {"numerals", "ir", "syntax", "analysis"},
    "require": _GROUND | {"ir", "syntax", "elaborate", "analysis", "expect"},
    "attributes": _GROUND | {"syntax", "expect", "require"},
    "write": _GROUND | {"ops", "ir", "transform", "syntax", "elaborate"},
    "emit": _GROUND | {"ops", "ir", "analysis", "files", "lazy", "remembered", "takes"},
}
LAYERS["option_costs"] = {"choices", "elaborate", "ir", "analysis"}
LAYERS["designs"] = _GROUND | {"choices", "elaborate", "option_costs"}
LAYERS["presets"] = {*LAYERS} - {"expect"}
LAYERS["lint"] = {*LAYERS} - {"expect", "presets"}
LAYERS["checking"] = {*LAYERS}
LAYERS["pictured"] = {*LAYERS}
LAYERS["measured"] = {*LAYERS}
LAYERS["network"] = {*LAYERS}
LAYERS["zoo"] = {*LAYERS}
LAYERS["zoo_spaces"] = {*LAYERS}
LAYERS["std_reference"] = {*LAYERS}
LAYERS["synonyms_reference"] = {*LAYERS}
LAYERS["explore"] = {*LAYERS}
LAYERS["supernet"] = {*LAYERS}
LAYERS["spaces"] = {*LAYERS}
LAYERS["schemas"] = set()
LAYERS["completion"] = {*LAYERS}
LAYERS["command_output"] = {*LAYERS}
LAYERS["command_pictures"] = {*LAYERS}
LAYERS["command_line"] = {*LAYERS}
LAYERS["command_sides"] = {*LAYERS}
LAYERS["commands"] = {*LAYERS}
LAYERS["cli"] = {"lazy", "completion", "commands", "command_line", "diagnostics", "terminal"}
LAYERS["__main__"] = {"cli"}

# The parts that may import a package from outside the standard library.
OUTSIDE: dict[str, set[str]] = {
    "networkx": {"ir", "analysis", "transform"},
    "torch": {"emit"},
    "click": {"cli", "command_line", "command_output", "command_pictures", "command_sides", "commands", "completion"},
    "pypdfium2": {"emit"},
}
# These may be missing or take seconds to import, so a function may import them when it needs them.
OPTIONAL = {"torch", "pypdfium2"}
# The sanctioned points that import by name: the public face, and registries that list a folder and import on demand.
BY_NAME_CALL = re.compile(r"importlib\.import_module\(|from importlib import|__import__\(")
BY_NAME = {"archdsl", "archdsl.lazy", "archdsl.ops.registry", "archdsl.analysis.registry"}


@dataclass(frozen=True)
class Import:
    """One import of `target` by `module`.

    `depth` says where: "module", "typing" (for types only), "function", or "lazy" (through `archdsl.lazy`).
    """

    module: str
    target: str
    line: int
    depth: str


def imports_of(module: str, text: str, is_package: bool = False) -> list[Import]:
    """All imports in the source of `module`, relative ones made absolute; `from a import b` counts as a.b."""
    found: list[Import] = []

    def visit(node: ast.AST, depth: str) -> None:
        if isinstance(node, ast.Import):
            found.extend(Import(module, alias.name, node.lineno, depth) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = module.split(".") if is_package else module.split(".")[:-1]
                stem = parents[: len(parents) - node.level + 1]
                base = ".".join([*stem, *([base] if base else [])])
            found.extend(Import(module, f"{base}.{alias.name}", node.lineno, depth) for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("load_module"):
            names = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            found.extend(Import(module, name, node.lineno, "lazy") for name in names)
        inside = "function" if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) else depth
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            inside = "typing"
        for child in ast.iter_child_nodes(node):
            visit(child, inside)

    visit(ast.parse(text), "module")
    return found


def part_of(module: str) -> str:
    """The part of archdsl that holds a dotted module name; "" for the package itself."""
    return module.split(".")[1] if "." in module else ""


def violations(found: list[Import]) -> list[str]:
    """What is wrong with these imports, one line each."""
    wrong = []
    for item in found:
        where = f"{item.module}:{item.line} imports {item.target}"
        top, mine, theirs = item.target.split(".")[0], part_of(item.module), part_of(item.target)
        if item.depth == "function" and top not in OPTIONAL:
            wrong.append(f"{where} inside a function")
        if mine == "":
            continue  # the public face gathers from everywhere, lazily
        if top == "archdsl":
            if theirs not in {mine, "__version__"} and theirs not in LAYERS.get(mine, set()):
                wrong.append(f"{where}: {mine} may not import {theirs or 'the public face'}")
        elif item.depth != "typing" and top not in sys.stdlib_module_names and mine not in OUTSIDE.get(top, set()):
            wrong.append(f"{where}: {mine} may not import {top}")
    return wrong


def modules() -> dict[str, tuple[str, bool]]:
    """Source of every module of the package by dotted name, and whether it is a package."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        found[".".join(parts[:-1] if is_package else parts)] = (path.read_text(encoding="utf-8"), is_package)
    return found


def all_imports() -> list[Import]:
    """Every import in the package."""
    return [item for name, (text, package) in modules().items() for item in imports_of(name, text, package)]


def test_every_part_has_a_layer() -> None:
    """A new folder or file at the top of the package must be given its place."""
    assert {part_of(name) for name in modules()} - {""} <= LAYERS.keys()


def test_layers_are_acyclic() -> None:
    """The table itself is an order."""
    assert set(graphlib.TopologicalSorter(LAYERS).static_order()) == LAYERS.keys()


def test_imports_follow_the_layers() -> None:
    """No module imports from above, from where it may not, or inside a function."""
    assert violations(all_imports()) == []


def test_only_sanctioned_modules_import_by_name() -> None:
    """`importlib.import_module` and `__import__` would go round every rule above."""
    by_name = {name for name, (text, _) in modules().items() if BY_NAME_CALL.search(text)}
    assert by_name <= BY_NAME


def test_modules_import_each_other_without_cycles() -> None:
    """Inside a part too: imports for types alone do not count."""
    known = modules()
    graph: dict[str, set[str]] = {name: set() for name in known}
    for item in all_imports():
        target = item.target if item.target in known else item.target.rpartition(".")[0]
        if item.depth == "module" and target in known and target != item.module:
            graph[item.module].add(target)
    assert set(graphlib.TopologicalSorter(graph).static_order()) == known.keys()


def upwards(page: str, found: Iterable[Import]) -> list[str]:
    """Imports of what stands on a later line of the page's table than the importing part; types and lazy ones apart."""
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    place = {part: i for i, row in enumerate(rows) for part in re.findall(r"`(\w+)(?:\.py|/)`", row)}
    return [
        f"{item.module}:{item.line} imports {item.target}"
        for item in found
        if item.depth == "module" and item.target.startswith("archdsl.") and part_of(item.module) in place
        if place.get(part_of(item.target), -1) > place[part_of(item.module)]
    ]


def test_the_map_is_in_order() -> None:
    """Nothing on a line of docs/map.md imports what stands below it."""
    page = (PACKAGE.parent / "docs/map.md").read_text(encoding="utf-8")
    assert upwards(page, all_imports()) == []
    found = imports_of("archdsl.ops.conv", "from archdsl.ir.graph import Node\nfrom archdsl.types import TensorType")
    assert upwards(page, found) == ["archdsl.ops.conv:1 imports archdsl.ir.graph.Node"]


@pytest.mark.parametrize(
    ("module", "text", "message"),
    [
        ("archdsl.ops.conv", "from archdsl.ir.graph import Node", "ops may not import ir"),
        ("archdsl.ops.conv", "import torch", "ops may not import torch"),
        ("archdsl.ops.conv", "from ..ir import graph", "ops may not import ir"),
        ("archdsl.syntax.parse", "from archdsl.elaborate import values", "syntax may not import elaborate"),
        ("archdsl.analysis.macs", "def f():\n    from archdsl.ir import graph", "inside a function"),
        ("archdsl.analysis.macs", "class C:\n    def f(self):\n        import json", "inside a function"),
        ("archdsl.ir.verify", "import archdsl", "ir may not import the public face"),
        ("archdsl.emit.dot", "from archdsl.cli import main", "emit may not import cli"),
        (
            "archdsl.analysis.report",
            "def f():\n    return load_module('archdsl.emit.dot')",
            "analysis may not import emit",
        ),
        ("archdsl.emit.dot", "import numpy", "emit may not import numpy"),
    ],
)
def test_a_wrong_import_is_seen(module: str, text: str, message: str) -> None:
    """The check fails where it must."""
    (wrong,) = violations(imports_of(module, text))
    assert message in wrong


def test_allowed_imports_pass() -> None:
    """The check does not fail where it must not; a type may be named without its package being loaded."""
    text = """from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import numpy
from archdsl.ir.graph import Graph
from . import other
def f():
    import torch
"""
    assert violations(imports_of("archdsl.emit.build", text)) == []


def test_the_public_face_is_light() -> None:
    """`import archdsl` leaves the heavy packages alone; they are loaded when first needed."""
    assert OUTSIDE.keys() & _modules_after("import archdsl") == set()


def test_numbers_need_no_torch_and_no_pictures() -> None:
    """Loading a spec and counting loads neither torch nor networkx nor what draws or prints."""
    code = "import archdsl\nassert archdsl.loads('network n(x: [3, 8, 8]) = x -> conv(4)').params == 16"
    loaded = _modules_after(code)
    assert {"torch", "lark", "networkx", "click"} & loaded == set()


def test_builtin_words_look_for_no_plugins() -> None:
    """Only a name that is neither an op nor a built-in asks what plugins are installed, which takes 0.05 s."""
    code = "import archdsl\narchdsl.loads('network n(x: [3, 8, 8]) = x -> conv(len(range(4)))').params"
    assert "importlib.metadata" not in _modules_after(code)


def _modules_after(code: str) -> set[str]:
    """Names of all modules that a fresh interpreter holds after running `code`."""
    command = [sys.executable, "-c", f"{code}\nimport sys\nprint('\\n'.join(sys.modules))"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    return set(done.stdout.split())
