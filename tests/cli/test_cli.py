"""Runs the command line as a person does: exit codes, stdout and stderr, files written whole or not at all."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archdsl.cli import main
from archdsl.lint import registry

ROOT = Path(__file__).parents[2]
RESNET = str(ROOT / "specs" / "resnet.arch")
BROKEN = "network n(x: [3, 8, 8]) = x -> conv(4, kernal = 3)\n"
SMALL = "network n(x: [3, 8, 8]; classes = 10) = x -> conv(4, 3) -> relu -> global_avg_pool -> linear(classes)\n"
SPACE = "network n(x: [3, 8, 8]) = x -> oneof([conv(4), conv(8, 3), conv(16)]) -> global_avg_pool\n"


def run(*arguments: str, input: str | None = None) -> Result:
    """The command with these arguments; stdout and stderr apart."""
    return CliRunner().invoke(main, arguments, input=input)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.arch"
    path.write_text(SMALL)
    return path


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.arch"
    path.write_text(BROKEN)
    return path


def test_check_says_that_nothing_is_wrong(small: Path) -> None:
    result = run("check", str(small))
    assert (result.exit_code, result.stdout) == (0, "1 file checked: nothing wrong\n")


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("", "base was not run: w, d have no value (archdsl analyze -:base --set w=… --set d=…)"),
        ("network mid = base(w = 3)\nnetwork leaf = mid(d = 3)\n", ""),
        (
            "network mid = base(w = 3)\n",
            "2 networks were not run, as parameters have no value: base, mid (why: --json)",
        ),
        ("network leaf = base(w = 3, d = 0)\n", None),
    ],
)
def test_check_says_what_was_not_run(rest: str, said: str | None) -> None:
    text = "network base(x: [3, 8, 8]; w, d) = x -> conv(w) -> conv(d)\n" + rest
    result = run("check", "-", input=text)
    listed = json.loads(run("check", "--json", "-", input=text).stdout)
    if said is None:  # the variant ran the base, to its mistake
        assert (result.exit_code, [d["severity"] for d in listed]) == (1, ["error"])
        assert "was not run" not in result.stderr
        return
    assert result.exit_code == 0
    wanted = "; ".join(["1 file checked: nothing wrong", *[part for part in [said] if part]])
    assert result.stdout.replace("<stdin>", "-") == wanted + "\n"
    assert {d["code"] for d in listed} == ({"not-run"} if said else set())


def test_check_reports_on_stderr_and_exits_with_1(broken: Path) -> None:
    result = run("check", str(broken))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "error[unknown-argument]" in result.stderr
    assert "did you mean kernel?" in result.stderr
    assert "1 error" in result.stderr


def test_check_goes_on_with_the_other_files(small: Path, broken: Path) -> None:
    result = run("check", str(broken), "nowhere.arch", str(small))
    assert result.exit_code == 1
    assert "unknown-argument" in result.stderr and "file-not-found" in result.stderr


def test_check_json_lists_diagnostics(broken: Path) -> None:
    result = run("check", "--json", str(broken))
    (diagnostic,) = json.loads(result.stdout)
    assert result.exit_code == 1
    assert diagnostic["code"] == "unknown-argument"
    assert diagnostic["line"] == 1


def test_check_reads_stdin() -> None:
    assert run("check", "-", input=SMALL).exit_code == 0
    assert "<stdin>:1" in run("check", "-", input=BROKEN).stderr


def test_a_flood_of_mistakes_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "flood.arch"
    path.write_text(
        "network n(x: [3, 8, 8]) {\n" + "".join(f"    y{i} = nothing{i}\n" for i in range(300)) + "    return x\n}\n"
    )
    result = run("check", str(path))
    assert result.stderr.count("error[unknown-name]") == 50
    assert "… and 250 more" in result.stderr and "300 errors" in result.stderr
    assert len(json.loads(run("check", "--json", str(path)).stdout)) == 300


def test_warnings_do_not_fail(tmp_path: Path) -> None:
    path = tmp_path / "odd.arch"
    path.write_text("network n(x: [3, 8, 8]) {\n    y = x -> conv(4)\n    return x -> conv(5)\n}\n")
    result = run("check", str(path))
    assert result.exit_code == 0
    assert "warning[unused-tensor]" in result.stderr


def test_analyze_prints_exact_totals_within_80_columns() -> None:
    result = run("analyze", f"{RESNET}:resnet50")
    assert result.exit_code == 0
    assert "25,557,032" in result.stdout and "4,089,184,256" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


@pytest.mark.parametrize("by", ["block", "op", "kind"])
@pytest.mark.parametrize("sort", ["order", "params", "macs", "memory"])
def test_analyze_tables_stay_within_80_columns(by: str, sort: str) -> None:
    result = run("analyze", f"{RESNET}:resnet18", "--by", by, "--sort", sort, "--depth", "2")
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "11,689,512" in result.stdout


def test_analyze_json_adds_up() -> None:
    report = json.loads(run("analyze", f"{RESNET}:resnet18", "--json").stdout)
    assert report["totals"]["params"] == 11_689_512
    assert sum(row["params"] * row["repeats"] for row in report["rows"]) == 11_689_512
    assert {"file", "line"} <= report["rows"][0].keys()


def test_analyze_all_lists_every_metric_or_says_why_not(tmp_path: Path) -> None:
    text = run("analyze", f"{RESNET}:resnet50", "--all").stdout
    assert re.search(r"^receptive_field +427$", text, re.MULTILINE)
    path = tmp_path / "words.arch"
    path.write_text("network n(ids: int[16]) = ids -> embedding(100, 8) -> linear(4)\n")
    metrics = json.loads(run("analyze", str(path), "--all", "--json").stdout)["metrics"]
    assert metrics["params"] == 836
    assert "not defined" in metrics["receptive_field"]["not_defined"]


def test_input_and_parameters_can_be_overridden(small: Path) -> None:
    result = run("analyze", f"{small}:n", "--input", "3x16x16", "--set", "classes=5", "--json")
    report = json.loads(result.stdout)
    assert report["inputs"] == {"x": [3, 16, 16]}
    assert report["outputs"] == [[5]]
    assert result.stderr == "input x is 3x16x16, classes = 5\n"


@pytest.mark.parametrize("words", [["n=[1,", "2]"], ["n=[1,", "2,", "3]"], ["n=(1", "+", "2)"]], ids=" ".join)
@pytest.mark.parametrize("command", ["analyze", "draw", "diff"])
def test_a_value_that_a_shell_cut_at_its_spaces_is_told_so(small: Path, command: str, words: list[str]) -> None:
    option = "--set-new" if command == "diff" else "--set"
    result = run(command, str(small), *([str(small)] * (command == "diff")), option, *words)
    assert result.exit_code == 2 and f"{words[0]!r} breaks off: quote what has spaces" in result.stderr


def test_what_is_set_is_told_of_the_network_that_it_is_for(small: Path) -> None:
    """Of two networks it says which."""
    for command in (["diff"], ["draw", "-o", "-"], ["view", "-o", "-"]):
        result = run(*command, str(small), str(small), "--set-new", "classes=3", "--set-old", "classes=4")
        assert result.stderr == "classes = 4 in the first network\nclasses = 3 in the second network\n"


def test_what_claims_nothing_is_not_told_to_be_unjudged(tmp_path: Path) -> None:
    for above, told in (("", False), ('@cite("x")\n', False), ("@expect(params = 1)\n", True)):
        path = tmp_path / "claims.arch"
        path.write_text(f"{above}network n(x: [3, 8, 8]; w = 4) = x -> conv(w)\nnetwork v = n(5)\n")
        assert ("@expect" in run("analyze", f"{path}:n", "--set", "w=5").stderr) == told
        assert "@expect" not in run("analyze", f"{path}:v", "--set", "w=6").stderr


TWO = "network two(x: [3, 8, 8], ids: int[16]; n = 4) = [x -> conv(n) -> global_avg_pool, ids -> embedding(9, n)]\n"


def test_inputs_are_changed_by_name(tmp_path: Path) -> None:
    path = tmp_path / "two.arch"
    path.write_text(TWO)
    for size, said in (
        ("3x16x16", "input x is 3x16x16"),
        ("ids=8", "input ids is 8"),
        ("x=3x4x4 --input ids=8 --set n=2", "input x is 3x4x4, input ids is 8, n = 2"),
    ):
        result = run("analyze", str(path), "--input", *size.split())
        assert (result.exit_code, result.stderr) == (0, f"{said}\n"), result.output
    for size in ("ids=8 --input ids=9", "3x4x4 --input 8", "=3x4x4", "ids=", "ids=8 --set n=2 --set n=3"):
        assert run("analyze", str(path), "--input", *size.split()).exit_code == 2
    assert "its inputs are: x, ids" in run("analyze", str(path), "--input", "y=8").stderr


def test_every_command_says_what_input_changes() -> None:
    for command in [
        "access",
        "analyze",
        "compile",
        "draw",
        "field",
        "fit",
        "lint",
        "memory",
        "sizes",
        "space",
        "structure",
        "sweep",
        "view",
        "diff",
    ]:
        text = " ".join(run(command, "--help").stdout.split())
        assert "Of several inputs, the first; x=3x224x224 sets x." in text, command


def test_picks_are_taken_and_reported(tmp_path: Path) -> None:
    path = tmp_path / "space.arch"
    path.write_text(SPACE)
    assert "1 choice left open by `oneof` was taken: --pick 'out=conv(4)'" in run("memory", str(path)).stderr
    picked = run("analyze", str(path), "--pick", "out=conv(8, 3)", "--json")
    assert json.loads(picked.stdout)["totals"]["params"] == 8 * 3 * 9 + 8
    assert run("analyze", str(path), "--pick", "out=7").exit_code == 1
    assert run("analyze", str(path), "--pick", "op=conv(8)").exit_code == 1
    assert "is given twice" in run("analyze", str(path), "--pick", "out=conv(8)", "--pick", "out=conv(8, 3)").stderr


def test_compile_writes_source_or_prints_it(small: Path, tmp_path: Path) -> None:
    output = tmp_path / "small.py"
    result = run("compile", str(small), "-o", str(output))
    assert result.exit_code == 0 and result.stdout == ""
    assert output.read_text() == run("compile", str(small)).stdout
    assert ast.get_docstring(ast.parse(output.read_text()))


@pytest.mark.parametrize("command", ["compile", "draw", "view"])
def test_nothing_is_left_behind_by_a_failure(command: str, broken: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    result = run(command, str(broken), "-o", str(tmp_path / "out.svg"))
    assert result.exit_code == 1
    assert sorted(tmp_path.iterdir()) == before


def test_a_file_that_cannot_be_written_is_a_diagnostic(small: Path, tmp_path: Path) -> None:
    result = run("compile", str(small), "-o", str(tmp_path / "no" / "such" / "folder.py"))
    assert result.exit_code == 1
    assert "error[cannot-write]" in result.stderr


def test_what_stands_at_the_output_keeps_its_kind(small: Path, tmp_path: Path) -> None:
    private, link, pipe = tmp_path / "private.py", tmp_path / "link.py", tmp_path / "pipe"
    private.touch(mode=0o600)
    link.symlink_to(private)
    assert run("compile", str(small), "-o", str(link)).exit_code == 0
    assert link.is_symlink()
    assert "class N" in private.read_text()
    assert private.stat().st_mode & 0o777 == 0o600
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert run("compile", str(small), "-o", str(pipe)).exit_code == 0
    assert b"class N" in os.read(reader, 65536)
    os.close(reader)
    assert pipe.is_fifo()


def test_fmt_rewrites_and_check_only_tells(tmp_path: Path) -> None:
    path = tmp_path / "ugly.arch"
    ugly = "network n( x:[3,8,8] )=x->conv( 4,3 )  # a comment\n"
    path.write_text(ugly)
    assert run("fmt", "--check", str(path)).exit_code == 1
    assert path.read_text() == ugly
    assert run("fmt", str(path)).exit_code == 0
    assert path.read_text() == run("fmt", "-", input=ugly).stdout != ugly
    assert "# a comment" in path.read_text()
    assert run("fmt", "--check", str(path)).exit_code == 0


def test_fmt_writes_nothing_that_could_not_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "long.arch"
    text = "".join(f"a{n}=[1,2,3]\n" for n in range(1000))
    text = f"# {'c' * (2**20 - len(text) - 3)}\n{text}"
    path.write_text(text)
    assert len(text) == 2**20
    for arguments, given in ((["fmt", str(path)], None), (["fmt", "-"], text), (["fmt", "--check", str(path)], None)):
        done = run(*arguments, input=given)
        assert done.exit_code == 1 and "error[file-too-large]" in done.stderr and not done.stdout
    assert path.read_text() == text


@pytest.mark.parametrize("end", [":", "::", "::n", ":::n"])
def test_a_colon_too_many_leads_to_the_file(end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("n.arch").write_text(SMALL)
    done = run("analyze", f"n.arch{end}")
    wanted = "write n.arch:n" if end.endswith("n") else "write n.arch, or n.arch:NAME"
    assert done.exit_code == 1 and wanted in done.stderr
    Path("m:").write_text(SMALL)  # a colon in a file's own name
    assert run("analyze", "m:").exit_code == run("analyze", "m::n").exit_code == 0


def test_ops_and_explain() -> None:
    assert "max_pool" in run("ops").stdout
    assert "kernel" in run("ops", "max_pool").stdout
    assert run("ops", "maxpool").stdout == run("ops", "max_pool").stdout
    assert "maxpool is called max_pool here" in run("ops", "maxpool").stderr
    assert run("ops", "max_poool").exit_code == 1
    assert "did you mean max_pool?" in run("ops", "max_poool").stderr
    assert "shape-mismatch" in run("explain").stdout
    assert "error[shape-mismatch]" in run("explain", "shape-mismatch").stdout
    assert run("explain", "no-such-code").exit_code == 1


def test_every_code_and_rule_is_explained_however_it_was_copied() -> None:
    for name in run("explain").stdout.split():
        for written in (name, f"error[{name}]", f"warning[{name}]:", f"[{name}]"):
            result = run("explain", written)
            assert result.exit_code == 0 and result.stdout.startswith(f"# {name}\n"), written


def test_a_rule_without_a_page_is_explained_by_what_it_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(registry, "_PAGES", tmp_path)
    result = run("explain", "g2-grouped")
    rule = registry.rules()["g2-grouped"]
    assert result.exit_code == 0 and rule.summary in result.stdout and rule.reason in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["analyze"],
        ["analyze", RESNET, "--input", "big"],
        ["analyze", RESNET, "--set", "classes"],
        ["analyze", RESNET, "--pick", "a"],
        ["analyze", RESNET, "--pick", "=²"],
        ["analyze", RESNET, "--input", "²x3x3"],
        ["analyze", RESNET, "--depth", "0"],
        ["draw", RESNET],
        ["frobnicate"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([RESNET], "which-network"),
        ([f"{RESNET}:resnet51"], "unknown-network"),
        ([f"{RESNET}:resnet50", "--set", "clases=10"], "unknown-parameter"),
        ([f"{RESNET}:resnet50", "--set", "classes=]"], "error["),
        ([f"{RESNET}:resnet50", "--input", "y=3x8x8"], "unknown-input"),
        ([f"{RESNET}:resnet50", "--input", "3x0x8"], "bad-input-size"),
        ([f"{RESNET}:resnet50", "--input", "3x8"], "error["),
        (["nowhere.arch"], "file-not-found"),
        ([str(ROOT)], "is-a-directory"),
    ],
)
def test_wrong_targets_are_diagnostics(arguments: list[str], code: str) -> None:
    result = run("analyze", *arguments)
    assert result.exit_code == 1
    assert code in result.stderr
    assert "help:" in result.stderr


def test_a_network_of_stdin_is_named_by_an_option() -> None:
    result = run("analyze", "-", "--network", "n", "--json", input=SMALL + SMALL.replace("n(x", "m(x"))
    assert json.loads(result.stdout)["name"] == "n"


def test_a_reader_that_stops_early_is_no_error(small: Path) -> None:
    command = f"{sys.executable} -m archdsl explain | head -1; exit ${{PIPESTATUS[0]}}"
    result = subprocess.run(["bash", "-c", command], check=False, capture_output=True, text=True)
    assert result.returncode == 0
    assert "Traceback" not in result.stderr


def test_completion_knows_files_and_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    env = {
        "_ARCHDSL_COMPLETE": "bash_complete",
        "COMP_WORDS": "archdsl analyze specs/resnet.arch:resnet5",
        "COMP_CWORD": "2",
    }
    result = CliRunner().invoke(main, [], prog_name="archdsl", env=env)
    assert "specs/resnet.arch:resnet50" in result.stdout
