"""Builds the wheel and uses it away from the repository: tables, standard library, specs and pages travel along."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the contents of a freshly built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("archdsl-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_carries_every_data_file(unpacked: Path) -> None:
    """What the package reads at run time is in the wheel, and nothing of the repository's tests or docs."""
    package = ROOT / "archdsl"
    data = {
        p.relative_to(package)
        for p in package.rglob("*")
        if p.suffix in {".arch", ".md", ".json", ".z", ".txt", ".js", ".css", ".html"}
    }
    assert [str(path) for path in sorted(data) if not (unpacked / "archdsl" / path).is_file()] == []
    assert {path.name.partition("-")[0] for path in unpacked.iterdir()} == {"archdsl"}


def test_licenses_travel_along_and_name_what_comes_along(unpacked: Path) -> None:
    (info,) = unpacked.glob("archdsl-*.dist-info")
    for name in ("LICENSE", "THIRD-PARTY.md", "archdsl/emit/marks/fonts/OFL.txt"):
        assert (info / "licenses" / name).read_text(encoding="utf-8") == (ROOT / name).read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(name for extra in project["optional-dependencies"].values() for name in extra)]
    named = (ROOT / "THIRD-PARTY.md").read_text(encoding="utf-8")
    assert [line for line in asked if re.split(r"[<>=]", line)[0] not in named] == []


def test_the_wheel_works_without_the_repository(unpacked: Path, tmp_path: Path) -> None:
    """A spec that imports the standard library, a network and a space by name count from the unpacked wheel alone."""
    code = """
import sys
sys.path.insert(0, sys.argv[1])
import archdsl
assert archdsl.__file__.startswith(sys.argv[1]), archdsl.__file__
spec = "import std: conv_bn\\nnetwork n(x: [3, 8, 8]) = x -> conv_bn(4)"
print(archdsl.loads(spec).params)
print(archdsl.load("resnet50").params)
print(archdsl.space("mobilenet_v1_space").size)
"""
    command = [sys.executable, "-P", "-c", code, str(unpacked)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "20\n25557032\n16\n"), done.stderr
