"""Checks where imports are found: beside the file, in the standard library, in the zoo; from files, text and stdin."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from archdsl import load, loads
from archdsl.diagnostics.model import ArchError
from archdsl.elaborate.elaborator import complete_networks
from archdsl.elaborate.spec import Spec
from archdsl.ir.hashing import exact_hash
from archdsl.network import check_source, check_text
from archdsl.syntax.read import read_source
from tests.zoo_sample import swept

BOTTLENECK = "import resnet: bottleneck\nnetwork n(x: [64, 56, 56]) = x -> bottleneck(64)\n"
PARAMS = 75_008  # of torchvision's resnet50.layer1[0]


def first_network(path: Path) -> str:
    """The first network of a spec that has a value for every parameter."""
    return complete_networks(Spec.read(path))[0]


@pytest.mark.parametrize("path", swept())
def test_every_spec_of_the_zoo_is_importable_and_can_be_copied(path: Path, tmp_path: Path) -> None:
    name = first_network(path)
    known = exact_hash(load(path, name).graph)
    text = f"import {path.stem}: {name}\nimport {path.stem} as zoo\nnetwork again = {name}\nnetwork same = zoo.{name}\n"
    assert exact_hash(loads(text, "again").graph) == exact_hash(loads(text, "same").graph)
    assert loads(text, "again").params == load(path, name).params
    (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    assert exact_hash(load(tmp_path / path.name, name).graph) == known


def test_from_text_and_from_standard_input(tmp_path: Path) -> None:
    assert loads(BOTTLENECK).params == PARAMS
    command = [sys.executable, "-m", "archdsl", "analyze", "-", "--json"]
    done = subprocess.run(command, input=BOTTLENECK, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0 and f'"params": {PARAMS}' in done.stdout, done.stderr


def test_the_own_folder_comes_first(tmp_path: Path) -> None:
    for name in ("resnet", "std"):
        (tmp_path / f"{name}.arch").write_text("block bottleneck(x; w) = x -> conv(w)\n", encoding="utf-8")
    (tmp_path / "n.arch").write_text(BOTTLENECK, encoding="utf-8")
    (tmp_path / "m.arch").write_text(BOTTLENECK.replace("resnet", "std"), encoding="utf-8")
    assert load(tmp_path / "n.arch").params == load(tmp_path / "m.arch").params == 64 * 64 + 64
    # What the zoo imports is the zoo's, whatever stands in the reader's folder.
    (tmp_path / "k.arch").write_text("import resnet_d: resnet50d\nnetwork n = resnet50d", encoding="utf-8")
    assert load(tmp_path / "k.arch").params == load("resnet50d").params


@pytest.mark.parametrize("given", ["resnet.arch", "./resnet.arch", "../own/resnet.arch", "{folder}/resnet.arch"])
def test_a_file_never_imports_itself(given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One's own resnet.arch takes blocks from the zoo's; a name that only it has would be its own import."""
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "resnet.arch").write_text(BOTTLENECK, encoding="utf-8")
    assert load(given.format(folder=folder)).params == PARAMS
    (folder / "mine.arch").write_text("import mine: f\nnetwork n(x: [3, 8, 8]) = x -> f", encoding="utf-8")
    (found,) = check_source(read_source(given.format(folder=folder).replace("resnet", "mine")))
    assert (found.code, found.message) == ("import-cycle", "mine.arch imports itself")


def test_a_mistake_inside_the_zoo_stands_at_the_own_call() -> None:
    (found,) = check_text("import resnet: bottleneck\nnetwork n(x: [64, 56, 56]) = x -> bottleneck(64, stride = 0)\n")
    assert found.span is not None and (found.span.source.name, found.span.text) == (
        "<text>",
        "bottleneck(64, stride = 0)",
    )
    assert any("stride = 0" in note for note in found.notes)


def test_an_unknown_file_says_where_files_are_looked_for() -> None:
    (found,) = check_text("import resnets: bottleneck\nnetwork n(x: [64, 56, 56]) = x -> bottleneck(64)\n")
    assert found.code == "unknown-file" and found.help == "did you mean resnet?"
    (found,) = check_text("import papers: bottleneck\nnetwork n(x: [64, 56, 56]) = x -> bottleneck(64)\n")
    assert "archdsl zoo" in found.help


def test_a_name_of_the_zoo_is_told_where_to_import_it_from() -> None:
    with pytest.raises(ArchError) as error:
        loads("network n(x: [3, 224, 224]) = x -> mobilenet_v2")
    assert "import mobilenet_v2: mobilenet_v2" in error.value.diagnostics[0].help
