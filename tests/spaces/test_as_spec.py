"""Designs are written down as specs: what is read back is the design."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

import archdsl
from archdsl.diagnostics.model import ArchError
from archdsl.elaborate.spec import Spec
from archdsl.ir.hashing import exact_hash
from archdsl.source import Source
from archdsl.syntax.format import format_source
from tests.space.random_spaces import space

COUNT = int(os.environ.get("ARCHDSL_SPACES", "6"))
ODD = """arch 1
network n(x: [8, 8, 8]; size = 8, word = oneof(["a \\{b\\}", "say \\"hi\\"", "two\\nlines", "3", "back\\\\slash"])) {
    n = oneof([3, "3"])
    x = x -> oneof([conv(4), conv(4), conv(4, 3) -> relu, [relu, tanh] -> concat])
    return x -> conv(1 if word == "3" else 2) -> oneof([relu, id] if n == 3 else [tanh, sigmoid]) -> conv(size)
}
"""


@pytest.mark.parametrize("seed", range(COUNT))
def test_designs_of_random_spaces_come_back(seed: int, tmp_path: Path) -> None:
    (tmp_path / "made.arch").write_text(space(seed).text, encoding="utf-8")
    _come_back(archdsl.space(tmp_path / "made.arch", space(seed).network), tmp_path / "found.arch", Random(seed))


def test_designs_of_odd_options_come_back(tmp_path: Path) -> None:
    """Braces, quotation marks, line breaks, texts that look like numbers, options that are called alike."""
    (tmp_path / "odd.arch").write_text(ODD, encoding="utf-8")
    found = archdsl.space(tmp_path / "odd.arch")
    options = {option for one in found.decisions for option in one.options}
    assert {"conv(4) #2", '"3"', "3"} < options
    for design in list(found)[::7]:
        _comes_back(found, design, tmp_path / "found.arch")


def _come_back(found: archdsl.Space, path: Path, rng: Random) -> None:
    for _ in range(5):
        _comes_back(found, found.sample(rng), path)


def _comes_back(found: archdsl.Space, design: dict[str, str], path: Path) -> None:
    text = found.spec(design)
    assert format_source(Source("found.arch", text)) == text
    path.write_text(text, encoding="utf-8")
    again = archdsl.space(path)
    assert list(again) == [design]
    assert exact_hash(archdsl.load(path).graph) == exact_hash(found.network(design).graph)


TOPS = {  # what is chosen at the top of files, and what it is called
    "a constant": ("K = oneof([1, 3])\nnetwork n(x: [8, 8, 8]) = x -> conv(8, K)", ["K"]),
    "a variant": (
        "cell c = d(f = oneof([8, 16]))\ncell d(x; f) = x -> conv(f)\nnetwork n(x: [8, 8, 8]) = x -> c",
        ["c.f"],
    ),
    "constants of one name": (
        "import other: K as _, OTHER\nK = oneof([1, 3, 5])\nnetwork n(x: [8, 8, 8]) = x -> conv(8, K) -> OTHER",
        ["K", "other.K"],
    ),
    "a variant of a network": (
        "network base(x: [8, 8, 8]; k) = x -> conv(8, k)\nnetwork n = base(k = oneof([1, 3]))",
        ["k"],
    ),
}


@pytest.mark.parametrize("kind", TOPS)
def test_what_is_chosen_at_the_top_of_a_file_is_called_the_same_from_another(kind: str, tmp_path: Path) -> None:
    text, names = TOPS[kind]
    (tmp_path / "other.arch").write_text("arch 1\nK = oneof([1, 3])\nOTHER = conv(8, K)\n", encoding="utf-8")
    (tmp_path / "made.arch").write_text(f"arch 1\n{text.replace('K as _, ', '')}\n", encoding="utf-8")
    found = archdsl.space(tmp_path / "made.arch", "n")
    assert [one.name for one in found.decisions] == names
    for design in found:
        _comes_back(found, design, tmp_path / "found.arch")


def test_parameters_are_written_and_sizes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.arch"
    path.write_text(ODD, encoding="utf-8")
    found = archdsl.space(path, size=16)
    text = found.spec(found.unrank(0), "mine")
    assert text.startswith("arch 1\nimport odd: n\n\n@picks(\n") and text.endswith("\nnetwork mine = n(size = 16)\n")
    (tmp_path / "mine.arch").write_text(text, encoding="utf-8")
    own = archdsl.load(path, size=16, picks=found.unrank(0))
    assert exact_hash(archdsl.load(tmp_path / "mine.arch").graph) == exact_hash(own.graph)
    with pytest.raises(ArchError, match="a spec cannot say at which input size n is taken"):
        other = archdsl.space(path, input=(8, 4, 4))
        other.spec(other.unrank(0))
    with pytest.raises(ArchError, match="n is the space itself"):
        found.spec(found.unrank(0), "n")
    with pytest.raises(TypeError):
        found.spec(found.unrank(0), "no name")


def test_some_of_a_list_are_no_sum(tmp_path: Path) -> None:
    """They are written in quotation marks; all else as it is."""
    text = (
        "network n(x: [8, 8, 8]) = x -> someof([conv(8), conv(8, 3), relu], 2) -> add -> oneof([relu, conv(4) -> tanh])"
    )
    (tmp_path / "some.arch").write_text(f"arch 1\n{text}\n", encoding="utf-8")
    found = archdsl.space(tmp_path / "some.arch")
    assert 'out = "conv(8) + conv(8, 3)",\n    out_2 = conv(4) -> tanh,\n' in found.spec(found.unrank(1))
    for design in found:
        _comes_back(found, design, tmp_path / "found.arch")


def test_what_is_in_no_file_stands_below_its_space() -> None:
    """There is nothing to import; the rest is the same."""
    found = archdsl.space(Spec(Source("<text>", ODD)))
    text = found.spec(found.unrank(1))
    assert "import" not in text
    both = Spec(Source("<text>", ODD + text.removeprefix("arch 1\n")))
    assert list(archdsl.space(both, "found")) == [found.unrank(1)]
