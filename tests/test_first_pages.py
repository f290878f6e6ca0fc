"""Does what docs/first-op.md, first-analysis.md and first-spec.md say, in a copy of the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from archdsl.cli import main

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in that language."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def copy(folder: Path, *parts: str) -> Path:
    """A copy of these parts of the repository."""
    for part in ("archdsl", "grammar", "specs", "pyproject.toml", *parts):
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy(source, folder / part)
    return folder


def run(folder: Path, *arguments: str) -> str:
    """What Python prints, run in `folder` with the package that lies there."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def edit(path: Path, old: str, new: str) -> None:
    """Replace one place of a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path.name} has {old!r} {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def with_hardshrink(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository with the op of docs/first-op.md, as the page says."""
    folder = copy(tmp_path_factory.mktemp("op"), "tests", "docs")
    (code,) = blocks("first-op.md", "python")
    (folder / "archdsl/ops/hardshrink.py").write_text(code, encoding="utf-8")
    edit(folder / "archdsl/synonyms/otherwise.py", "Hardshrink Threshold", "Threshold")
    page = run(folder, "-c", "from archdsl.emit import ops_reference as o; print(o.reference(), end='')")
    (folder / "docs" / "ops.md").write_text(page, encoding="utf-8")
    return folder


SUITES = ["tests/ops", "tests/emit/test_ops.py", "tests/presets/test_ops.py", "tests/synonyms"]


def test_the_first_op(with_hardshrink: Path) -> None:
    assert "else 0" in run(with_hardshrink, "-m", "archdsl", "ops", "hardshrink")
    out = run(
        with_hardshrink, "-m", "pytest", "-q", "-n", "0", *SUITES, "-k", "hardshrink or Hardshrink or fresh or twice"
    )
    assert int(re.findall(r"(\d+) passed", out)[0]) > 25


@pytest.mark.slow
def test_the_first_op_in_all_suites(with_hardshrink: Path) -> None:
    run(with_hardshrink, "-m", "pytest", "-q", "-x", "-n", "0", *SUITES, "tests/analysis", "tests/lint")


def test_the_first_analysis(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    (code,) = blocks("first-analysis.md", "python")
    (folder / "archdsl" / "analysis" / "joins.py").write_text(code, encoding="utf-8")
    text = (DOCS / "first-analysis.md").read_text(encoding="utf-8")
    ((command, printed),) = re.findall(r'\$ \.venv/bin/python -c "(.*)"\n    (\d+)', text)
    assert run(folder, "-c", command).strip() == printed


def test_the_first_spec(tmp_path: Path) -> None:
    (spec,) = blocks("first-spec.md", "arch")
    text = (DOCS / "first-spec.md").read_text(encoding="utf-8")
    claim = re.search(r'    @cite\("arXiv:1709.01507"\)\n    (@expect\(.*\))\n    network mine', text)
    assert claim is not None
    (tmp_path / "mine.arch").write_text(spec.replace("network mine", f"{claim[1]}\nnetwork mine"), encoding="utf-8")
    (checked,) = re.findall(r"\$ archdsl check mine.arch\n    (.*)", text)
    for command in re.findall(r"^    \$ archdsl (.*)$", text, re.MULTILINE):
        out = subprocess.run(
            [sys.executable, "-m", "archdsl", *command.split()],
            capture_output=True, text=True, check=False, cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert out.returncode == 0, out.stderr
        assert command != "check mine.arch" or checked in out.stdout + out.stderr
    run(tmp_path, "-c", "import torch, mine; print(mine.Mine()(torch.zeros(1, 3, 32, 32)).shape)")
    assert (tmp_path / "mine.svg").read_text(encoding="utf-8").count("<svg") == 1


def test_the_readme_shows_what_its_text_gives(tmp_path: Path) -> None:
    """Every line of the table below the first spec of README.md is one that `archdsl analyze` prints for it."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (tmp_path / "mine.arch").write_text(re.findall(r"```arch\n(.*?)```", text, re.DOTALL)[0], encoding="utf-8")
    shown = text[text.index("$ archdsl analyze mine.arch") :].split("![")[0].splitlines()[1:]
    found = CliRunner().invoke(main, ["analyze", str(tmp_path / "mine.arch")]).stdout.splitlines()
    lines = [line.strip() for line in shown if line.strip() not in ("", "…")]
    assert len(lines) == 8
    assert [line for line in lines if line not in [one.strip() for one in found]] == []
