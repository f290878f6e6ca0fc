"""`archdsl memory` and `archdsl structure`: numbers of the literature, 80 columns, networks without such numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from archdsl.cli import main


def run(*words: str) -> str:
    result = CliRunner().invoke(main, list(words))
    assert result.exit_code == 0, result.output
    assert all(len(line) <= 80 for line in result.stdout.splitlines()) or "--json" in words
    return result.stdout


def test_memory_of_resnet50() -> None:
    """10.53 MiB is what PyTorch holds on the meta device (shared/design/analysis.md, section 4)."""
    text = run("memory", "resnet50")
    assert "as written, eager      10.527 MiB" in text
    assert "layer1.0.downsample.0 conv" in text


def test_the_best_order_of_nasnet_is_shown() -> None:
    found = json.loads(run("memory", "nasnetalarge", "--order", "minimal", "--steps", "--json"))
    assert found["exact"] is True
    assert (
        max(step["during_bytes"] for step in found["steps"]) == found["peak_minimal_bytes"] < found["peak_ideal_bytes"]
    )
    assert sum(held["bytes"] for held in found["peak"]["held"]) == found["peak"]["bytes"] == found["peak_minimal_bytes"]
    assert "in the best order" in run("memory", "nasnetalarge", "--order", "minimal", "--steps")


def test_memory_of_a_network_that_is_its_input(tmp_path: Path) -> None:
    path = tmp_path / "same.arch"
    path.write_text("network same(x: [3, 8, 8]) = x -> id\n")
    assert "before the first op" in run("memory", str(path))


@pytest.mark.parametrize(
    ("network", "longest", "shortest", "paths", "width"),
    [
        ("resnet50", 50, 6, 2**16, 2),
        ("densenet121", 124, 8, 2**58, 1),
        ("googlenet", 25, 25, 262_144, 4),
        ("inception_v3", 49, 18, 5_308_416, 6),
    ],
)
def test_structure(network: str, longest: int, shortest: int, paths: int, width: int) -> None:
    """Anchors of shared/design/analysis.md, section 5, made from fx graphs."""
    found = json.loads(run("structure", network, "--json"))
    assert (found["longest_layers"], found["paths"], found["width"]) == (longest, paths, width)
    assert network == "googlenet" or found["shortest_layers"] == shortest
    assert sum(int(count) for count in found["path_lengths"].values()) == paths


def test_fragments_of_nasnet() -> None:
    """13 in a normal cell: Ma et al. 2018, section 2, G3."""
    text = run("structure", "nasnetalarge")
    assert "normal                                    37     18         13" in text
    assert "fragments of a block: 14 at most, 13.18 on average" in text


def test_structure_without_paths_and_blocks(tmp_path: Path) -> None:
    path = tmp_path / "token.arch"
    path.write_text("network token(x: [4]) = learned([4])\n")
    text = run("structure", str(path))
    assert "no output depends on an input" in text
    assert "no building block" in text


@pytest.mark.parametrize("cell", ["rnn(x, h: [4]) = [x, h] -> concat -> linear(4) -> tanh", "rnn(x, h: [4]) = x, h"])
def test_scans_too_long_to_be_written_out(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "long.arch"
    path.write_text(f"arch 1\nblock {cell}\nnetwork long(x: [90_000, 4]) = x -> scan(rnn)\n")
    assert "not defined: a scan of 90,000 steps is over 10,000" in run("memory", str(path))
    assert "not_defined" in json.loads(run("memory", str(path), "--json"))["peak_eager_bytes"]
    assert "not defined" in run("structure", str(path))
    assert "not defined" in run("analyze", str(path), "--all")


def test_memory_of_a_scan_tells_its_steps(tmp_path: Path) -> None:
    path = tmp_path / "short.arch"
    path.write_text("arch 1\nimport std: lstm\nnetwork short(x: [3, 4]) = x -> scan(lstm(4))\n")
    text = run("memory", str(path), "--steps")
    assert text.count("lstm.gates linear") >= 3
    assert all(f"  {word} " in text for word in ("unbind", "zeros", "stack"))


def test_titles_of_long_names_fit_the_terminal(tmp_path: Path) -> None:
    """Also where a name is long, and where there are many axes."""
    spec = tmp_path / "long.arch"
    spec.write_text("arch 1\nnetwork a_rather_long_name(a: [3, 32, 32], b: [3, 32, 32]) = a + b\n")
    for command in ("memory", "sizes", "structure", "access", "field"):
        result = CliRunner().invoke(main, [command, str(spec)])
        assert result.exit_code == 0, result.output
        assert max(map(len, result.stdout.splitlines())) <= 80, result.stdout
