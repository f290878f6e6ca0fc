"""How one diagnostic reads: the layout of the language design's section 4, and what hostile files may not do."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archdsl.diagnostics.catalog import codes, page, similar
from archdsl.diagnostics.display import width
from archdsl.diagnostics.json import to_json
from archdsl.diagnostics.model import WARNING, Diagnostic, Label
from archdsl.diagnostics.render import render, summary
from archdsl.source import Source, Span


def at(source: Source, text: str, occurrence: int = 0) -> Span:
    start = -1
    for _ in range(occurrence + 1):
        start = source.text.index(text, start + 1)
    return Span(source, start, start + len(text))


def snippet(diagnostic: Diagnostic) -> list[str]:
    """The lines between the place and the notes."""
    lines = render(diagnostic).split("\n")
    return [line for line in lines[2:] if re.match(r" *\d* \||\.\.\.| *:::", line)]


def test_the_design_example() -> None:
    source = Source("resnet.arch", "\n" * 13 + "    return residual + shortcut -> relu\n")
    diagnostic = Diagnostic(
        "shape-mismatch",
        "cannot add [256, 56, 56] and [64, 56, 56]",
        at(source, "residual + shortcut"),
        labels=(
            Label(at(source, "residual"), "[256, 56, 56]"),
            Label(at(source, "shortcut"), "[64, 56, 56]"),
        ),
        notes=(
            "residual is 256 x 56 x 56 since line 13: conv_bn(4 * width, 1)",
            "shortcut is 64 x 56 x 56 since line 9: x",
            "in bottleneck(width = 64), called at line 21",
        ),
        help="project the shortcut, for example: x -> conv_bn(256)",
    )
    assert (
        render(diagnostic)
        == """\
error[shape-mismatch]: cannot add [256, 56, 56] and [64, 56, 56]
  --> resnet.arch:14:12
   |
14 |     return residual + shortcut -> relu
   |            ^^^^^^^^ - ^^^^^^^^ [64, 56, 56]
   |            [256, 56, 56]
   = residual is 256 x 56 x 56 since line 13: conv_bn(4 * width, 1)
   = shortcut is 64 x 56 x 56 since line 9: x
   = in bottleneck(width = 64), called at line 21
help: project the shortcut, for example: x -> conv_bn(256)"""
    )


def test_labels_outside_the_main_span_are_dashed_and_lines_left_out_are_dotted() -> None:
    source = Source("a.arch", "x = 1\n\n\n\ny = x -> relu\n")
    diagnostic = Diagnostic(
        "c", "m", at(source, "relu"), WARNING, (Label(at(source, "x"), "made here"), Label(at(source, "x", 1), "used"))
    )
    assert render(diagnostic).split("\n") == [
        "warning[c]: m",
        " --> a.arch:5:10",
        "  |",
        "1 | x = 1",
        "  | - made here",
        "...",
        "5 | y = x -> relu",
        "  |     -    ^^^^",
        "  |     used",
    ]


def test_many_remarks_on_one_line_hang_below_each_other() -> None:
    source = Source("a.arch", "aa bb cc")
    labels = tuple(Label(at(source, word), f"remark on {word}") for word in ("aa", "bb", "cc"))
    assert snippet(Diagnostic("c", "m", at(source, "aa bb cc"), labels=labels)) == [
        "  |",
        "1 | aa bb cc",
        "  | ^^ ^^ ^^ remark on cc",
        "  | |  remark on bb",
        "  | remark on aa",
    ]


def test_a_span_over_several_lines_marks_its_first_and_last() -> None:
    source = Source("a.arch", "x = [\n  1,\n  2,\n  3,\n]\n")
    assert snippet(Diagnostic("c", "m", at(source, "[\n  1,\n  2,\n  3,\n]"))) == [
        "  |",
        "1 | x = [",
        "  |     ^",
        "...",
        "5 | ]",
        "  | ^",
    ]


def test_tabs_and_wide_characters_keep_the_underline_in_place() -> None:
    source = Source("a.arch", "\tx = 漢字 + bad # 漢")
    _, line, under = snippet(Diagnostic("c", "m", at(source, "bad")))
    assert line == "1 |     x = 漢字 + bad # 漢"
    assert width(line[: line.index("bad")]) == under.index("^^^")


@pytest.mark.parametrize("start", [0, 5_000, 10_000])
def test_a_long_line_is_clipped_around_the_span(start: int) -> None:
    source = Source("a.arch", "x" * start + " bad " + "y" * (10_000 - start))
    _, line, under = snippet(Diagnostic("c", "m", at(source, "bad")))
    assert len(line) <= 80
    assert line[under.index("^^^") : under.index("^^^") + 3] == "bad"


@pytest.mark.parametrize("offset", [0, 3, 4])
def test_an_empty_span_gets_one_caret_also_past_the_end(offset: int) -> None:
    source = Source("a.arch", "abc\n")
    span = Span(source, offset, offset)
    assert render(Diagnostic("c", "m", span)).split("\n")[-1].count("^") == 1


def test_no_place_and_no_text_have_no_snippet() -> None:
    assert render(Diagnostic("c", "m", None, help="h")) == "error[c]: m\nhelp: h"
    assert render(Diagnostic("c", "m", Span(Source("e.arch", ""), 0, 0))) == "error[c]: m\n --> e.arch:1:1"


def test_a_label_in_another_file_is_shown_below() -> None:
    one, two = Source("one.arch", "abc"), Source("two.arch", "def")
    text = render(Diagnostic("c", "m", at(one, "abc"), labels=(Label(at(two, "def"), "there"),)))
    assert "\n ::: two.arch:1:1\n  |\n1 | def\n  | --- there" in text


any_text = st.text(st.characters(exclude_categories=()), max_size=40)


@given(st.data(), any_text, any_text, any_text, st.booleans())
def test_hostile_text_never_reaches_the_terminal(
    data: st.DataObject, text: str, name: str, remark: str, color: bool
) -> None:
    source = Source(name, text)
    places = st.integers(0, len(text))

    def span() -> Span:
        start, end = sorted((data.draw(places), data.draw(places)))
        return Span(source, start, end)

    diagnostic = Diagnostic("c", remark, span(), labels=(Label(span(), remark), Label(span(), "")), notes=(remark,))
    shown = render(diagnostic, color=color)
    shown.encode()  # no lone surrogates
    if color:
        shown = re.sub(r"\x1b\[[0-9;]*m", "", shown)
        assert shown.split() == render(diagnostic).split()  # the first line may be broken
    assert all(character.isprintable() or character == "\n" for character in shown)
    assert "^" in shown or not text
    json.dumps(to_json(diagnostic))


def test_summary_counts_by_severity() -> None:
    error, warning = Diagnostic("c", "m", None), Diagnostic("c", "m", None, WARNING)
    assert summary([error, error, warning]) == "2 errors, 1 warning"
    assert summary([warning, warning]) == "2 warnings"
    assert summary([]) == "no problems"


def test_json_counts_from_one_and_ends_after_the_last_character() -> None:
    source = Source("a.arch", "x\nyy zz\n")
    data = to_json(Diagnostic("c", "m", at(source, "yy"), labels=(Label(at(source, "zz"), "t"),), help="h"))
    assert data["file"] == "a.arch"
    assert (data["line"], data["column"], data["end_line"], data["end_column"]) == (2, 1, 2, 3)
    assert data["labels"] == [{"file": "a.arch", "line": 2, "column": 4, "end_line": 2, "end_column": 6, "text": "t"}]
    assert to_json(Diagnostic("c", "m", None))["line"] is None


def test_pages_are_found_by_name_and_never_by_path() -> None:
    for code in codes():
        assert page(code).startswith(f"# {code}\n")
    for wrong in ("../model", "no-such-code", ""):
        with pytest.raises(KeyError):
            page(wrong)
    if "shape-mismatch" in codes():
        assert "shape-mismatch" in similar("shape_mismach")


def test_a_clipped_line_shows_the_main_span_rather_than_a_far_label() -> None:
    source = Source("a.arch", "first " + "x" * 500 + " bad")
    diagnostic = Diagnostic("c", "m", at(source, "bad"), labels=(Label(at(source, "first"), "there"),))
    _, line, under, *_ = snippet(diagnostic)
    assert line[under.index("^^^") :].startswith("bad")
