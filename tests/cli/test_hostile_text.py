"""No control character of a user's text reaches the terminal, whether a name of a file, an argument or a comment."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import archdsl
from archdsl.cli import main

BAD = "\x1b[31m\x07\x9b1m\u202e\u2066\u200b\r\udcff\nerror[fake]: é"  # colours, bidi, a byte that is no text, a line
SPEC = f"""## A network {BAD.replace(chr(10), " ").replace(chr(0xDCFF), "").replace(chr(13), "")}
block unit(x; note) = x -> conv(8, 3) -> relu  # \x1b[2J\u202e
network n(x: [3, 8, 8]; classes = 10) = x -> unit("a\\tb") -> max_pool(2) -> global_avg_pool -> linear(classes)
network m = n(classes = 5)
"""
BROKEN = 'network n(x: [3, 8, 8]) = x -> conv(4, kernal = "\x1b[31m\u202e") -> \x1b  # \x07\n'
PACKAGE = Path(archdsl.__file__).parent

# Command lines without a file, and with one: {} is a spec's hostile path, {o} an output's.
ALONE = [
    [BAD],
    ["--" + BAD],
    ["ops", BAD],
    ["explain", BAD],
    ["schema", BAD],
    ["zoo", "--match", BAD],
    ["zoo", "--format", BAD],
    ["zoo", "--match", "lenet", "--plot", "{o}" + ".svg"],
    ["check", BAD],
    ["fmt", BAD],
    *([command, BAD] for command in str.split("access analyze compile field lint memory sizes structure")),
    *([command, "resnet18:" + BAD] for command in str.split("access analyze compile field lint memory sizes")),
    ["diff", BAD, "resnet18"],
    ["fit", BAD, "--over", "w", "--macs", "3M"],
    ["space", BAD],
    ["sweep", BAD, "--vary", "w=1"],
]
ON_FILE = [
    ["check", "{}"],
    ["fmt", "--check", "{}"],
    ["fmt", "{}"],
    ["lint", "{}"],
    ["lint", "{}:n"],
    ["lint", "{}", "--severity", BAD],
    ["lint", "{}", "--select", BAD],
    ["access", "{}:n"],
    ["analyze", "{}"],
    ["analyze", "{}:n"],
    ["analyze", "{}:n", "--all", "--depth", "3"],
    ["analyze", "{}:n", "--count", "fvcore"],
    ["analyze", "{}:n", "--count", BAD],
    ["analyze", "{}:n", "--set", BAD],
    ["analyze", "{}:n", "--set", f"{BAD}=3"],
    ["analyze", "{}:n", "--set", f"classes={BAD}"],
    ["analyze", "{}:n", "--input", BAD],
    ["analyze", "{}:n", "--input", f"{BAD}=3x8x8"],
    ["analyze", "{}:n", "--pick", BAD],
    ["analyze", "{}", "--network", BAD],
    ["compile", "{}:n"],
    ["compile", "{}:n", "-o", "{o}.py"],
    ["compile", "{}:n", "-o", "{o}/no/folder.py"],
    ["draw", "{}:n", "-o", "{o}.svg"],
    ["draw", "{}:n", "-o", "{o}." + BAD],
    ["draw", "{}:n", "{}:m", "-o", "{o}.svg"],
    ["draw", "{}:n", BAD, "-o", "{o}.svg"],
    ["plot", "{}:n", "-o", "{o}.svg"],
    ["plot", "{}:n", "-o", "{o}." + BAD],
    ["plot", "{}:n", "-o", "{o}.svg", "--what", BAD],
    ["view", "{}:n", "-o", "{o}.html"],
    ["view", "{}:n", "{}:m", "-o", "{o}.html"],
    ["field", "{}:n"],
    ["field", "{}:n", "--at", BAD],
    ["memory", "{}:n", "--steps"],
    ["sizes", "{}:n"],
    ["sizes", "{}:n", "--at", "16"],
    ["sizes", "{}:n", "--at", BAD],
    ["sizes", "{}:n", "--axis", BAD],
    ["spec", "{}:n"],
    ["spec", "{}:n", "-o", "{o}.arch"],
    ["structure", "{}:n"],
    ["diff", "{}:n", "{}:m"],
    ["diff", "{}:n", "{}:n", "--set-new", f"{BAD}=1"],
    ["fit", "{}:n", "--over", "classes", "--macs", "1M"],
    ["fit", "{}:n", "--over", BAD, "--macs", "1M"],
    ["fit", "{}:n", "--over", "classes", "--at-most", f"{BAD}=1"],
    ["fit", "{}:n", "--over", "classes", "--macs", BAD],
    ["fit", "{}:n", "--over", "classes", "--macs", "1M", "--between", BAD],
    ["fit", "{}:n", "--over", "classes", "--macs", "1M", "--step", BAD],
    ["fit", "{}:n", "--over", "phi", "--macs", "1M", "--rule", f"{BAD}=1"],
    ["space", "{}:n", "--enumerate"],
    ["space", "{}:n", "--plot", "{o}.svg"],
    ["space", "{}:n", "--where", BAD],
    ["space", "{}:n", "--where", f"{BAD} < 3"],
    ["space", "{}:n", "--pareto", BAD],
    ["space", "{}:n", "--range", BAD],
    ["space", "{}:n", "--metric", BAD],
    ["sweep", "{}:n", "--vary", "classes=1,2"],
    ["sweep", "{}:n", "--vary", "classes=1,2", "--csv"],
    ["sweep", "{}:n", "--vary", "classes=1,2", "--plot", "{o}.svg"],
    ["sweep", "{}:n", "--vary", BAD],
    ["sweep", "{}:n", "--vary", f"{BAD}=1"],
    ["sweep", "{}:n", "--vary", "classes=1", "--metric", BAD],
]


def assert_harmless(result: Result) -> None:
    """Only characters that can be seen, and line breaks; none that begins a line of ours."""
    assert isinstance(result.exception, SystemExit | None), result.exc_info
    assert result.exit_code in (0, 1, 2)
    for shown in (result.stdout, result.stderr):
        odd = {character for line in shown.split("\n") for character in line if not character.isprintable()}
        assert odd == set(), shown
        assert not any(line.startswith("error[fake]") for line in shown.split("\n")), shown


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # As on a terminal, but without colours: what no terminal reads may be anything.
    for module, seen in (("command_line", False), ("commands.lint", False), ("terminal", True)):
        monkeypatch.setattr(f"archdsl.{module}.is_terminal", lambda stderr=False, seen=seen: seen)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(arguments: list[str], folder: Path, text: str = SPEC) -> Result:
    """The command on a spec of this text under a hostile name."""
    spec = folder / f"{BAD}.arch"
    spec.write_text(text)
    filled = [a.replace("{o}", str(folder / f"out{BAD}")).replace("{}", str(spec)) for a in arguments]
    return CliRunner().invoke(main, filled)


@pytest.mark.parametrize("arguments", ALONE, ids=lambda a: " ".join(a)[:30].encode("unicode_escape").decode())
def test_arguments(arguments: list[str], folder: Path) -> None:
    result = run(arguments, folder)
    assert_harmless(result)
    assert result.stdout or result.stderr


@pytest.mark.parametrize("arguments", ON_FILE, ids=lambda a: " ".join(a)[:40].encode("unicode_escape").decode())
def test_names_of_files_and_what_is_in_them(arguments: list[str], folder: Path) -> None:
    assert_harmless(run(arguments, folder))
    assert_harmless(run(arguments, folder, BROKEN))


def test_every_command_is_tried() -> None:
    tried = {arguments[0] for arguments in (*ALONE, *ON_FILE)}
    assert {path.stem for path in (PACKAGE / "commands").glob("*.py")} - {"__init__"} <= tried


def test_a_spec_from_stdin(folder: Path) -> None:
    for command in ("check", "fmt", "analyze"):
        assert_harmless(CliRunner().invoke(main, [command, "-"], input=SPEC))
        assert_harmless(CliRunner().invoke(main, [command, "-"], input=BROKEN))


def test_what_no_terminal_reads_is_handed_over_as_it_is() -> None:
    text = "# \x1b[2J\u202e é\nnetwork n(x: [3]) = x -> relu\n"
    assert CliRunner().invoke(main, ["fmt", "-"], input=text).stdout == text


def writers(text: str) -> Iterator[str]:
    """Calls that write to the terminal, except through the door."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called == "print" or called.endswith(("click.echo", "click.secho", "stdout.write", "stderr.write")):
                yield f"line {node.lineno}: {called}"


def test_there_is_one_door() -> None:
    """Everything that commands and what they call print goes through archdsl/terminal.py."""
    found = {
        str(path.relative_to(PACKAGE)): lines
        for path in sorted(PACKAGE.rglob("*.py"))
        if (lines := list(writers(path.read_text(encoding="utf-8")))) and path.name != "terminal.py"
    }
    assert found == {}
    assert list(writers("import click\nclick.echo(x, err=True)\nprint(1)")) == ["line 2: click.echo", "line 3: print"]
