"""Texts that blocks are given: two of them never read alike, and what a format has no letters for is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import archdsl
from archdsl.emit.figure.series import series
from archdsl.emit.figure.verify_words import listed
from archdsl.emit.figure.words import value_text
from archdsl.emit.marks.font import printable

ODD = "ab \n\t\r\x00\\\"';{}nt\u00a0\u200f\u0301e\u00e9\u1100\u1161\u11a8\uac00\uac01\ud800\U0001f600\ue000u\u65e5"
TEXTS = st.text(st.sampled_from(ODD), max_size=5)


@given(TEXTS, TEXTS)
def test_texts_that_differ_read_otherwise(one: str, other: str) -> None:
    """As all writers of pictures set them: on one line, composed, without what has no look."""
    assert (printable(value_text(one)) == printable(value_text(other))) == (one == other)


@given(TEXTS)
def test_a_text_is_one_line(text: str) -> None:
    shown = value_text(text)
    assert printable(shown) == shown and shown.strip() == shown != ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("same", "same"),
        ("a b", "a b"),
        ("a\nb", '"a\\nb"'),
        ("a\tb", '"a\\tb"'),
        ("\n\u0301", '"\\n\\u{301}"'),
        ("a\\nb", "a\\nb"),
        ('"', '"\\""'),
    ],
)
def test_texts_that_need_it_stand_as_specs_write_them(text: str, shown: str) -> None:
    assert value_text(text) == shown


SPEC = """
block unit(x; name) = x -> conv(8, 3) -> relu -> conv(8, 3)
network n(x: [8, 8, 8]) = x -> unit("{}") -> tanh -> unit("{}")
"""


@pytest.mark.parametrize("format", ["svg", "pdf", "png", "tikz", "dot", "mermaid"])
@pytest.mark.parametrize(
    ("texts", "lacking"), [(("a", "Ωж²→"), ""), (("日", "本日"), "日 (U+65E5) and 1 more"), (("א", "a"), "א")]
)
def test_letters_that_fonts_lack_are_told(format: str, texts: tuple[str, str], lacking: str) -> None:
    network = archdsl.loads(SPEC.format(*texts))
    for other in (None, archdsl.loads(SPEC.format("a", "b"))) if format not in ("dot", "mermaid") else (None,):
        told = [item.message for item in network.figure(format, other)[1] if item.code == "not-in-fonts"]
        if lacking and format in ("pdf", "png", "tikz"):
            assert len(told) == 1 and f"the fonts of a {format} lack {lacking}" in told[0]
        else:
            assert told == []


LIKE_SERIES = (
    "a",
    "b",
    "a × 2",
    "a, then b",
    'a", then "b',
    "a, then b, then a",
    "1",
    "2",
    "3",
    "1 to 3",
    "true",
    "√2",
    "(1, 2)",
)
GIVEN = st.sampled_from([*LIKE_SERIES, 1, 2, 3, True, 2**0.5, (1, 2)])


@given(st.lists(GIVEN, min_size=1, max_size=4))
def test_a_run_of_texts_reads_as_these_and_no_others(given: list[object]) -> None:
    texts = [value_text(value) for value in given]
    assert listed(series(texts), len(texts)) == texts
    told = dict(zip(texts, given, strict=True))
    assert all((type(told[text]), told[text]) == (type(x), x) for text, x in zip(texts, given, strict=True))


def test_runs_of_texts_that_look_like_series_are_proved() -> None:
    spec = "block unit(x; s) = x -> conv(8, 3) -> relu -> conv(8, 3)\nnetwork n(x: [8, 8, 8]) = x -> {}"
    for first in LIKE_SERIES:
        escaped = first.replace('"', '\\"')
        archdsl.loads(spec.format(f'unit("{escaped}") -> unit("b") -> unit("b")')).figure_proof()
