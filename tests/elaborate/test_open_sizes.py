"""Checks `_` in the types of inputs, and with it the words of the standard library given tensors of other ranks."""

from __future__ import annotations

import re

import pytest

from archdsl import library, std_reference
from archdsl.diagnostics.model import ArchError
from archdsl.network import Network, check_source, loads
from archdsl.source import Source
from archdsl.syntax.read import read_source

READER = "<text>"  # what loads calls its text
STAGES = [word for word, example in std_reference.EXAMPLES.items() if "->" in example]


def _given(word: str, axes: int) -> tuple[str, Network | ArchError]:
    """The example of a word with inputs of so many axes more (of 8 places) or fewer, all inputs alike."""
    shapes, stage = std_reference.EXAMPLES[word].split(" -> ", 1)
    types = [[int(n) for n in re.findall(r"\d+", type)] for type in re.findall(r"\[[^]]*\]", shapes)]
    types = [(type + [8] * axes) if axes > 0 else type[: len(type) + axes] for type in types]
    letters = "xyz"[: len(types)]
    inputs = ", ".join(f"{letter}: {type}" for letter, type in zip(letters, types, strict=True))
    text = f"import std: {word}\nnetwork n({inputs}) = [{', '.join(letters)}] -> {stage}\n"
    try:
        return text, loads(text)
    except ArchError as error:
        return text, error


@pytest.mark.parametrize("axes", [-2, -1, 1, 2])
@pytest.mark.parametrize("word", STAGES)
def test_a_word_given_another_rank_keeps_its_axes_or_refuses(word: str, axes: int) -> None:
    if "x: []" in (made := _given(word, axes))[0]:
        return
    text, found = made
    if isinstance(found, ArchError):
        assert all(d.span is not None and d.span.source.name == READER and d.help for d in found.diagnostics), text
        return
    usual = _given(word, 0)[1]
    assert isinstance(usual, Network)
    assert found.graph.output_types[0].rank == usual.graph.output_types[0].rank + axes, text


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ("[5, 7]", None),
        ("[7, 5]", None),
        ("[5]", "wrong-rank"),
        ("[5, 7, 1]", "wrong-rank"),
        ("int[5, 7]", "shape-mismatch"),
    ],
)
def test_any_size_fits_but_no_other_rank_or_kind(given: str, wrong: str | None) -> None:
    text = f"block f(x: [_, _]) = x -> concat\nnetwork n(x: {given}) = x -> f\n"
    found = [d.code for d in check_source(Source("f.arch", text))]
    assert found == ([] if wrong is None else [wrong])


def test_beside_sizes_that_are_written() -> None:
    text = "block f(x: [c, _]; c = 4) = x -> relu\nnetwork n(x: [{}, 9]) = x -> f\n"
    assert loads(text.format(4)).graph.output_types[0].shape == (4, 9)
    with pytest.raises(ArchError, match=r"x of f is \[4, _\], this gives \[5, 9\]"):
        loads(text.format(5))


@pytest.mark.parametrize(
    "text",
    [
        "network n(x: [3, _]) = x -> relu",
        "block f(x, h: [_]) = [x, h] -> add\nnetwork n(x: [4, 3]) = x -> scan(f)",
    ],
)
def test_what_is_made_has_sizes(text: str) -> None:
    with pytest.raises(ArchError) as caught:
        loads(text)
    assert [d.code for d in caught.value.diagnostics] == ["bad-input-size"]


# Each gives a warning inside of what came with archdsl: the message stands at the reader's own call.
LED_INTO = [
    "import std: mlp\nnetwork n(x: [3, 64, 64]) = x -> conv(8, 8, 8) -> mlp(4)\n",
    "import std: mlp\nblock f(x; k) = x -> mlp(k)\nnetwork n(x: [3, 64, 64]) = x -> conv(8, 8, 8) -> f(4)\n",
]


@pytest.mark.parametrize("text", LED_INTO)
def test_warnings_lead_to_the_readers_own_call(text: str) -> None:
    warnings = loads(text).warnings
    assert warnings
    for warning in warnings:
        assert warning.span is not None and not library.is_bundled(warning.span.source.name, READER)
        assert warning.span.text.startswith("mlp(")
        assert warning.notes[0].startswith("in mlp(") and "called at line" in warning.notes[0]
        assert "mlp" in warning.help


def test_the_library_reads_as_it_is_checked() -> None:
    assert not list(check_source(read_source(library.STANDARD / "std.arch")))
