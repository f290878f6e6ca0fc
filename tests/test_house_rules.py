"""Checks the rules that keep the code readable: sizes, opening sentences, names, no machine paths."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILE_LINES = 400
FUNCTION_LINES = 60
PART_LINES = 70  # of a part of a file that may stand beside another one without a word of it
TEXT = {".py", ".arch", ".md", ".toml", ".lark", ".txt", ".json", ".yml", ".yaml", ".svg", ".dot", ""}
VAGUE = {"utils", "util", "common", "misc", "helpers", "helper", "stuff"}
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|farm|root|home|Users)/")

# Names that two classes share because they are one idea: an expression of the language, and either the expression of
# Python or the op that it becomes; a chain as it is written, and as a value.
ONE_IDEA = {"Attribute", "Call", "Chain", "Index", "Not", "Power", "Slice", "Ternary"}

# Functions that may be longer: they hand each case of one closed list to its own function, and read best in one piece.
DISPATCHERS: set[tuple[str, str]] = set()


def repository_files() -> list[Path]:
    """Every file that git tracks or would track, relative to the root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in sorted(set(listed.split("\0"))) if name and (ROOT / name).is_file()]


def python_files(under: str = "") -> list[Path]:
    """The Python files below a top-level folder, or all; golden files, which are outputs, left out."""
    return [p for p in repository_files() if p.suffix == ".py" and p.parts[:2] != ("tests", "golden")
            and (not under or p.parts[0] == under)]  # fmt: skip


def opening_problem(text: str) -> str | None:
    """What is wrong with the opening of a module; None if its docstring begins with one sentence on one line."""
    docstring = ast.get_docstring(ast.parse(text))
    if docstring is None:
        return "no docstring"
    first, _, rest = docstring.partition("\n")
    if not first.endswith("."):
        return "the first line of the docstring is not a sentence"
    if re.search(r"[a-z)]\. [A-Z]", first):
        return "the docstring opens with more than one sentence on its line"
    if rest and not rest.startswith("\n"):
        return "the opening sentence is not followed by a blank line"
    return None


def long_functions(text: str) -> dict[str, int]:
    """Lengths of the functions that are over the limit."""
    functions = (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    lengths = {f.name: (f.end_lineno or f.lineno) - f.lineno + 1 for f in functions}
    return {name: length for name, length in lengths.items() if length > FUNCTION_LINES}


def type_names(text: str) -> list[str]:
    """Names of the classes of a module and of the types that it gives a name at its top, without leading `_`."""
    module = ast.parse(text)
    names = [node.name for node in ast.walk(module) if isinstance(node, ast.ClassDef)]
    for node in module.body:
        variable = isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)  # a TypeVar names no one type
        targets = node.targets if isinstance(node, ast.Assign) and not variable else [getattr(node, "target", None)]
        names += [t.id for t in targets if isinstance(t, ast.Name) and re.match("_?[A-Z][A-Za-z]*[a-z]", t.id)]
    return [name.lstrip("_") for name in names]


def separate_parts(text: str) -> list[list[str]]:
    """The long parts of a module that never mention each other: the names of each, largest part first.

    Definitions are in one part where one names the other, as a word, in text, or by a method of its own.
    """
    group: dict[str, str] = {}  # of each name at the top, and of methods
    lines: Counter[str] = Counter()
    bodies: list[tuple[str, ast.stmt]] = []
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = [node.name]
        else:
            names = [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
        if names:
            methods = [n.name for n in getattr(node, "body", []) if isinstance(n, ast.FunctionDef)]
            group.update(dict.fromkeys([*names, *(f".{name}" for name in methods)], names[0]))
            lines[names[0]] += (node.end_lineno or node.lineno) - node.lineno + 1
            bodies.append((names[0], node))
    graph = {name: {name} for name in lines}
    for name, body in bodies:
        for node in ast.walk(body):
            word = getattr(node, "id", None) or getattr(node, "value", None)
            word = f".{node.attr}" if isinstance(node, ast.Attribute) else word
            if isinstance(word, str) and word in group and graph[group[word]] is not graph[name]:
                graph[name] |= graph[group[word]]
                graph.update(dict.fromkeys(graph[name], graph[name]))
    parts = {id(part): sorted(part) for part in graph.values()}.values()
    long = [part for part in parts if sum(lines[name] for name in part) >= PART_LINES]
    return sorted(long, key=lambda part: -sum(lines[name] for name in part))


def smells(text: str) -> list[str]:
    """Star imports and exceptions swallowed whole."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            found.append(f"line {node.lineno}: star import")
        if isinstance(node, ast.ExceptHandler) and len(node.body) == 1 and isinstance(node.body[0], ast.Pass):
            found.append(f"line {node.lineno}: swallowed exception")
    return found


def stubs(texts: Iterable[str]) -> set[str]:
    """Names of functions that raise NotImplementedError and that no class defines anew."""
    functions = [
        node
        for text in texts
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    names = Counter(function.name for function in functions)
    open_ends = {
        function.name
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Raise) and node.exc is not None and "NotImplementedError" in ast.unparse(node.exc)
    }
    return {name for name in open_ends if names[name] == 1}


def read(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_files_are_short() -> None:
    """No Python file is over the hard limit."""
    sizes = {str(path): len(read(path).splitlines()) for path in python_files()}
    assert {path: lines for path, lines in sizes.items() if lines > FILE_LINES} == {}


def test_files_have_one_subject() -> None:
    """No file of the package holds two long parts that have nothing to do with each other."""
    found = {str(path): separate_parts(read(path)) for path in python_files("archdsl")}
    assert {path: parts for path, parts in found.items() if len(parts) > 1} == {}


def test_functions_are_short() -> None:
    """No function of the package is over the limit, except the dispatchers, each of which really is."""
    found = {(str(path), name) for path in python_files("archdsl") for name in long_functions(read(path))}
    assert found == DISPATCHERS


def test_modules_open_with_a_sentence() -> None:
    """Every module of the package says first what it turns into what."""
    texts = {str(path): read(path) for path in python_files("archdsl")}
    problems = {path: opening_problem(text) for path, text in texts.items() if text.strip()}
    assert {path: problem for path, problem in problems.items() if problem} == {}


def test_no_two_modules_open_alike() -> None:
    """What a module says first is true of no other."""
    docstrings = [ast.get_docstring(ast.parse(read(path))) or "" for path in python_files("archdsl")]
    openings = Counter(docstring.partition("\n")[0] for docstring in docstrings)
    assert [opening for opening, count in openings.items() if opening and count > 1] == []


def test_a_type_name_has_one_meaning() -> None:
    """No two classes or named types are called alike, except those that are one idea."""
    found = Counter(name for path in python_files("archdsl") for name in type_names(read(path)))
    assert {name for name, count in found.items() if count > 1} == ONE_IDEA


# Which page says what each file of a folder is for, and the paragraphs of it that do.
MAPS = {
    "archdsl": ("docs/map.md", "Data flows", "Inside `elaborate/`"),
    "archdsl/elaborate": ("docs/map.md", "Inside `elaborate/`", "Inside `emit/`"),
    "archdsl/emit/pytorch": ("docs/emit-pytorch.md", "", None),
}


def map_problems(text: str, files: Iterable[str]) -> list[str]:
    """Files that a text does not name, and names of files that are not there or named again."""
    named = Counter(re.findall(r"`(\w+\.py)`", text))
    files = {*files}
    return [*sorted(files - named.keys()), *sorted(name for name, n in named.items() if name not in files or n > 1)]


@pytest.mark.parametrize("folder", MAPS)
def test_maps_name_every_file_once(folder: str) -> None:
    """Who changes the compiler finds each file on the map, and none that is gone."""
    page, start, end = MAPS[folder]
    text = read(Path(page))
    text = text[text.index(start) : None if end is None else text.index(end)]
    files = [path.name for path in python_files("archdsl") if str(path.parent) == folder]
    assert map_problems(text, (name for name in files if not name.startswith("__"))) == []


def test_no_vague_names() -> None:
    """No file or folder is a drawer for the rest."""
    assert [str(path) for path in repository_files() if {*path.parts[:-1], path.stem} & VAGUE] == []


def test_no_smells() -> None:
    """No star imports or swallowed exceptions in the package."""
    found = {str(path): smells(read(path)) for path in python_files("archdsl")}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_no_stubs() -> None:
    """What raises NotImplementedError is a method that subclasses write."""
    assert stubs(read(path) for path in python_files("archdsl")) == set()


def test_no_machine_paths() -> None:
    """Nothing in the repository knows where one machine keeps its files."""
    texts = [path for path in repository_files() if path.suffix in TEXT]
    found = [str(path) for path in texts if MACHINE_PATH.search((ROOT / path).read_text("utf-8", errors="replace"))]
    assert found == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x = 1\n", "no docstring"),
        ('"""Turns a into b"""\n', "not a sentence"),
        ('"""Turns a into b. Also c into d."""\n', "more than one sentence"),
        ('"""Turns a into b.\nAlso c."""\n', "not followed by a blank line"),
    ],
)
def test_a_bad_opening_is_seen(text: str, problem: str) -> None:
    """The check of openings fails where it must."""
    assert problem in (opening_problem(text) or "")


def test_the_other_checks_can_fail() -> None:
    """Each check sees the thing it is there for."""
    body = "    x = 1\n" * FUNCTION_LINES
    assert long_functions(f"def short():\n    x = 1\ndef long():\n{body}") == {"long": FUNCTION_LINES + 1}
    assert len(smells("from a import *\ntry:\n    x\nexcept E:\n    pass\n")) == 2
    stub = "def f():\n    raise NotImplementedError\n"
    assert stubs([stub]) == {"f"}
    assert stubs([stub, "def f():\n    return 1\n"]) == set()
    def_a, def_b = (f"def {name}():\n" + "    x = 1\n" * PART_LINES for name in "ab")
    assert separate_parts(def_a + def_b) == [["a"], ["b"]]
    assert separate_parts(def_a + def_b + "def c():\n    return a() + b()\n") == [["a", "b", "c"]]
    class_b = "class B:\n" + "    x = 1\n" * PART_LINES + "    def f(self): pass\n"
    assert separate_parts(def_a + class_b + "def c(x):\n    return x.f(a)\n") == [["B", "a", "c"]]
    assert type_names("class _A:\n    class B: pass\nCd = int\nEf: type = str\nT = TypeVar('T')\nN = 1\n") == [
        "A",
        "B",
        "Cd",
        "Ef",
    ]
    assert map_problems("`a.py`, `b.py`, `b.py` and `c.py`", ["a.py", "b.py", "d.py"]) == ["d.py", "b.py", "c.py"]
    assert MACHINE_PATH.search("see " + "/".join(["", "work", "main"]))
    assert not MACHINE_PATH.search("https://example.org/" + "work/main")
