"""Checks that no text at all makes the parser fail other than by diagnostics with places inside the file."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archdsl.diagnostics.model import ArchError, Diagnostics
from archdsl.source import Source
from archdsl.syntax import tree
from archdsl.syntax.format import format_source
from archdsl.syntax.parse import parse
from archdsl.syntax.read import decode, read_source
from tests.few import few
from tests.work import work

EXAMPLES = (Path(__file__).parent / "design_examples.arch").read_text(encoding="utf-8")
WORDS = [
    *str.split("import fn block cell network @ shared return for in if elif else as and or not true false x f 3"),
    *str.split("4.09G 2% 'a' \"b{i}\" -> ( ) [ ] { } , ; : . = == < + - * / // % ** # ## arch 1 → é def lambda None"),
    *["\n", "\\", '"', "'", "\0", ")", "}", "]"],
]


def check(text: str) -> None:
    diagnostics = Diagnostics()
    source = Source("fuzz.arch", text)
    files: list[tree.File] = []
    assert work(lambda: files.append(parse(source, diagnostics))) < 500 * len(text) + 20_000
    (file,) = files
    for d in diagnostics:
        assert d.span is not None and d.help and d.message
        for span in (d.span, *(label.span for label in d.labels)):
            assert 0 <= span.start <= span.end <= len(text)
    for item in file.items:
        assert 0 <= item.offset + item.declaration.start <= item.offset + item.declaration.end <= len(text)
    if not len(diagnostics):
        once = format_source(source)
        assert format_source(Source("again", once)) == once


@settings(max_examples=few(600), deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40), st.sampled_from([" ", "", "\n"]))
def test_word_soup(words: list[str], joint: str) -> None:
    check(joint.join(words))
    check("block b(x) {\n" + joint.join(words) + "\n}")


@settings(max_examples=few(300), deadline=None)
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    check(text)


@settings(max_examples=few(200), deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    try:
        source = decode("fuzz.arch", data)
    except ArchError as error:
        assert [d.code for d in error.diagnostics] == ["not-utf8"]
    else:
        check(source.text)


@pytest.mark.parametrize("seed", range(40))
def test_damaged_examples(seed: int) -> None:
    """Characters deleted, doubled, swapped; pieces cut out."""
    chance = random.Random(seed)
    text = list(EXAMPLES)
    for _ in range(chance.choice([1, 3, 30])):
        at = chance.randrange(len(text) - 40)
        match chance.randrange(4):
            case 0:
                del text[at]
            case 1:
                text.insert(at, text[at])
            case 2:
                text[at], text[at + 1] = text[at + 1], text[at]
            case _:
                del text[at : at + chance.randrange(40)]
    check("".join(text))


def test_reading(tmp_path: Path) -> None:
    def code(path: Path | str) -> str:
        with pytest.raises(ArchError) as caught:
            read_source(path)
        (diagnostic,) = caught.value.diagnostics
        assert diagnostic.help and diagnostic.span is None
        return diagnostic.code

    file = tmp_path / "a.arch"
    assert code(file) == "file-not-found"
    assert code(tmp_path) == "is-a-directory"
    assert code("a\0b") == "unreadable-file"
    file.write_bytes(b"A = '\xff'")
    assert code(file) == "not-utf8"
    file.write_bytes(b"#" * (2**20 + 1))
    assert code(file) == "file-too-large"
    file.write_bytes(b"\xef\xbb\xbfA = 1\r\n")
    assert read_source(file).text == "A = 1\r\n"
