"""Decisions of the spaces of papers keep their names while what has nothing to do with them changes in the spec."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import archdsl
from archdsl import Spec, library
from archdsl.diagnostics.model import Diagnostics
from archdsl.source import Source
from archdsl.syntax.parse import parse

# A space of each spec but that of NAS-Bench-101, which takes long.
SPACES = {
    path: next(name for name, file in library.spaces().items() if file == path and not name.endswith("_found"))
    for path in library.space_specs()
    if path.stem != "nasbench101"
}
NAMES = [path.stem for path in SPACES]
Edit = Callable[[str], str]


SLOW = ("nasnet_space", "auto_deeplab_space", "amoebanet_space", "enas_rnn_space", "enas_micro_space")


def slow_if(path: Path) -> list[pytest.MarkDecorator]:
    """The largest take as long as ten times the others together."""
    return [pytest.mark.slow] if path.stem in SLOW else []


def remarks(text: str) -> str:
    """Empty lines and comments, between definitions and in them."""
    return re.sub(r"\{\n", "{\n\n    # a remark\n", text).replace("arch 1\n", "arch 1\n# another\n\n", 1)


def statements(text: str) -> str:
    """A name that nobody uses at the start of each body."""
    return re.sub(r"\{\n", "{\n    unused = 3\n", text)


def definitions(text: str) -> str:
    """A constant, a function, a block and a cell that nobody uses, first and last; they ask, too."""
    first = "UNUSED = oneof([1, 2])\nfn unused_fn() = oneof([1, 2])\n"
    last = "block unused_block(x) = x -> oneof([relu, tanh])\ncell unused_cell(x) = x -> unused_block -> oneof([id])\n"
    return text.replace("arch 1\n", f"arch 1\n{first}", 1) + f"\n{last}"


def shuffled(text: str) -> str:
    """All that stands at the top of the file in another order."""
    found = [item.text.rstrip() for item in parse(Source("<text>", text), Diagnostics()).items]
    random.Random(1).shuffle(found)
    return "arch 1\n" + "\n\n".join(found) + "\n"


def all_of_these(text: str) -> str:
    """At once."""
    return shuffled(definitions(statements(remarks(text))))


def other_order(text: str) -> str:
    """Options in the other order."""

    def turned(match: re.Match[str]) -> str:
        return match[1] + ", ".join(reversed(match[2].split(", "))) + "]"

    text = re.sub(r"((?:OPS|ACTIVATIONS) = \[)([^\[\]]*)\]", turned, text)
    text = re.sub(r"(oneof\(\[(?:to for to in \[)?)([^\[\]]*)\]", turned, text)
    text = text.replace("oneof([[], [tensor]])", "oneof([[tensor], []])").replace("oneof(OPS)", "oneof(OPS + [])")
    return re.sub(r"oneof\((range\([^()]*\))\)", r"oneof(reversed(\1))", text)


def opened(path: Path, text: str) -> archdsl.Space:
    return archdsl.space(Spec(Source(str(path), text)), SPACES[path])


def offered(space: archdsl.Space) -> dict[str, list[str]]:
    return {one.name: sorted(one.options) for one in space.decisions}


def held(path: Path, *edits: Edit) -> None:
    """The space is the same: names, texts of options, and which are asked and offered when."""
    text = path.read_text(encoding="utf-8")
    space = opened(path, text)
    texts = {edit(text) for edit in edits} - {text}
    assert texts
    for changed in sorted(texts):
        again = opened(path, changed)
        assert (offered(again), again.hash) == (offered(space), space.hash)


@pytest.mark.parametrize("path", [pytest.param(path, marks=slow_if(path)) for path in SPACES], ids=NAMES)
def test_unrelated_changes(path: Path) -> None:
    held(path, all_of_these, other_order)


@pytest.mark.slow
@pytest.mark.parametrize("path", SPACES, ids=NAMES)
def test_each_unrelated_change(path: Path) -> None:
    held(path, remarks, statements, definitions, shuffled)


def test_options_in_another_order() -> None:
    """Only their order changes, so that designs have other numbers."""
    for path in SPACES:
        if path.stem in ("darts_rnn_space", "mobilenet_v1_space", "ofa_space", "enas_macro_space"):
            text = path.read_text(encoding="utf-8")
            space, turned = opened(path, text), opened(path, other_order(text))
            design = space.unrank(space.size - 1)
            assert turned.rank(design) == 0
            assert turned.unrank(turned.rank(design)) == design
            assert turned.network(design).macs == space.network(design).macs
