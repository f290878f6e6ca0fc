"""Hostile specs are answered in seconds and within 1 GB, with the diagnostics that they deserve."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from click.testing import CliRunner

from archdsl.cli import main
from tests.fuzz.bad_inputs import LONG, TEXTS

SECONDS = 10.0  # of processor time
MEBIBYTES = 1000


@pytest.fixture(scope="module")
def limited() -> Iterator[tuple[IO[str], IO[str]]]:
    """A process that runs cases by name, each within limits."""
    command = [sys.executable, "-m", "tests.fuzz.run_limited"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdin is not None and process.stdout is not None
        yield process.stdin, process.stdout
        process.stdin.close()


def answer(limited: tuple[IO[str], IO[str]], name: str) -> dict[str, Any]:
    """What `run_limited` says of a case."""
    limited[0].write(name + "\n")
    limited[0].flush()
    result: dict[str, Any] = json.loads(limited[1].readline())
    return result


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow if n in LONG else ()) for n in TEXTS])
def test_a_hostile_spec_is_answered(name: str, limited: tuple[IO[str], IO[str]]) -> None:
    result = answer(limited, name)
    assert "raised" not in result and "died" not in result, result
    assert set(result["codes"]) == TEXTS[name][1]
    assert result["helpless"] == [] and result["outside"] == []
    assert result["seconds"] < SECONDS and result["mebibytes"] < MEBIBYTES, result


def test_limits_are_seen_to_be_crossed(limited: tuple[IO[str], IO[str]]) -> None:
    assert answer(limited, "!sleeps")["died"] == "SIGXCPU"
    assert answer(limited, "!eats")["raised"] == "MemoryError"


FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "no-network"),
    "binary": (bytes(range(256)) * 1000, "not-utf8"),
    "nul bytes": (b"\0" * 1000, "bad-character"),
    "utf-16": ("network net(x: [3, 8, 8]) = x".encode("utf-16"), "not-utf8"),
    "picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "not-utf8"),
    "ten megabytes": (b"a = 1\n" * 1_700_000, "file-too-large"),
    "broken": (b"network net(x: [3, 8, 8]) = x ->", "expected-stage"),
    "wrong": (b"network net(x: [3, 8, 8]) = x -> conv(-1)", "bad-argument"),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("command", ["check", "analyze", "compile", "draw"])
def test_the_command_line_says_what_is_wrong(name: str, command: str, tmp_path: Path) -> None:
    content, code = FILES[name]
    spec = tmp_path / "spec.arch"
    spec.write_bytes(content)
    output = {"compile": ["-o", str(tmp_path / "x.py")], "draw": ["-o", str(tmp_path / "x.svg")]}.get(command, [])
    result = CliRunner().invoke(main, [command, str(spec), *output])
    if name == "empty" and command == "check":
        assert result.exit_code == 0
        return
    assert isinstance(result.exception, SystemExit) and result.exit_code == 1, result.exception
    assert f"error[{code}]" in result.stderr and "help: " in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["spec.arch"]


@pytest.mark.parametrize("command", ["check", "analyze", "compile", "fmt"])
def test_a_folder_or_nothing_is_no_spec(command: str, tmp_path: Path) -> None:
    for path, code in ((tmp_path, "is-a-directory"), (tmp_path / "missing.arch", "file-not-found")):
        result = CliRunner().invoke(main, [command, str(path)])
        assert isinstance(result.exception, SystemExit) and result.exit_code == 1
        assert f"error[{code}]" in result.stderr


IMPORTS = {
    "itself": ({"a": "import a: b\n"}, {"import-cycle"}),
    "each other": ({"a": "import b: c\n", "b": "import a: c\n"}, {"import-cycle"}),
    "each other as files": ({"a": "import b as p\n", "b": "import c as q\n", "c": "import a as r\n"}, {"import-cycle"}),
    "broken": ({"a": "import b: c\nnetwork n(x: [3]) = x -> c\n", "b": "block c(x) = \n"}, {"expected-expression"}),
    "missing": ({"a": "import b: c, d\n", "b": "block c(x) = x\n"}, {"unknown-import"}),
    "tower": (
        {"a": "import m0: c\n", **{f"m{i}": f"import m{i + 1}: c\n" for i in range(300)}, "m300": "block c(x) = x\n"},
        set(),
    ),
}


@pytest.mark.parametrize("name", IMPORTS)
def test_imports(name: str, tmp_path: Path) -> None:
    files, expected = IMPORTS[name]
    for stem, text in files.items():
        (tmp_path / f"{stem}.arch").write_text(text)
    result = CliRunner().invoke(main, ["check", "--json", str(tmp_path / "a.arch")])
    assert isinstance(result.exception, SystemExit | None), result.exception
    found = json.loads(result.stdout)
    assert {d["code"] for d in found} == expected, found
    assert result.exit_code == (1 if expected else 0)


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"#" * (1 << 20) + b"\n"])
def test_what_cannot_be_imported(content: bytes | None, tmp_path: Path) -> None:
    if content is None:
        (tmp_path / "b.arch").mkdir()
    else:
        (tmp_path / "b.arch").write_bytes(content)
    (tmp_path / "a.arch").write_text("import b: c\nnetwork net(x: [3, 8, 8]) = x -> c\n")
    result = CliRunner().invoke(main, ["check", str(tmp_path / "a.arch")])
    assert isinstance(result.exception, SystemExit) and result.exit_code == 1, result.exception
    assert result.stderr.count("error[") == 1
