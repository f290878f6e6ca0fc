"""Picks and designs as people and their tools give them: rows of tables, other spellings, what is not asked."""

from __future__ import annotations

import csv
import io

import pytest

import archdsl
from archdsl.diagnostics.model import ArchError
from archdsl.spaces.table import csv_text
from tests.spaces.test_space import DEEP, message, space, spec


def test_rows_of_a_table_are_designs() -> None:
    """Each that `csv_text` wrote, as it is read by csv, or by what makes numbers of columns and nan of empty cells."""
    found = space(
        DEEP.replace("relu, silu", "relu, tanh")
        .replace("[1, 2, 3]", "[1.0, 2.0, 3.0]")
        .replace("* depth", "* int(depth)")
    )
    for one in (space(), found):
        rows = [*csv.DictReader(io.StringIO(csv_text(one.survey(metrics=["params", "macs", "depth"]))))]
        assert len(rows) == one.size
        for number, row in enumerate(rows):
            numbered = {name: _as_number(text) for name, text in row.items()}
            assert one.rank(row) == one.rank(numbered) == int(row["design"]) == number
            assert one.numbers(row)["params"] == int(row["params"]) and one.spec(row) == one.spec(one.unrank(number))
    assert (
        message(lambda: space().rank({**rows[0], "unit[1].out": "conv(8)"}))[1]
        == "this design does not ask unit[1].out"
    )
    assert message(lambda: space().rank({"macs": 3, **space().unrank(0)}))[1] == "n decides nothing called macs"


def _as_number(text: str) -> object:
    try:
        return float(text or "nan")
    except ValueError:
        return text


def test_what_is_refused_is_told_once() -> None:
    """Whatever picks are wrong, of a design or a space: no other error is shown before it."""
    for wrong in ({"dept": "1"}, {"depth": "9"}, {}, {"depth": "1", "unit[1].out": "conv(8)"}):
        for call in (space().rank, space().spec, space().mutate, lambda picks: space(picks={**picks, "x": 1})):
            with pytest.raises(ArchError) as caught:
                call(wrong)
            assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_options_however_they_are_spelled() -> None:
    """Blanks say nothing, and equal numbers are equal; where several are meant, none is."""
    assert space(picks={"unit[0].out": "conv( 8,3 )", "depth": "2.0"}).size == 4
    text = "network n(x: [8, 4, 4]) = x -> conv(oneof([8, 16])) -> dropout(oneof([0.5, 0.25])) -> "
    text += "oneof([max_pool(2), max_pool(3, 1)])"
    picks = {"out": "16.0", "p": 0.250, "out_2": "max_pool(3,1)"}
    assert [one.picked for one in archdsl.loads(text, picks=picks).choices.values()] == ["16", "0.25", "max_pool(3, 1)"]
    words = 'network n(x: [8, 4, 4]) = x -> max_pool(3, padding = 1 if oneof(["a b", "ab"]) == "ab" else 0)'
    (name,) = archdsl.loads(words).choices
    assert (
        archdsl.loads(words, picks={name: "ab"}).graph.outputs[0]
        and message(lambda: archdsl.loads(words, picks={name: "a  b"}))[0] == "bad-pick"
    )


def test_a_pick_of_what_is_not_asked_is_told_alike() -> None:
    """By a network, by its spec, by the space, by a design: when it is asked."""
    two = {"depth": "1", "unit[1].out": "conv(8)"}
    above = f'{DEEP}\n@picks(depth = 1, "unit[1].out" = conv(8))\nnetwork found = n\n'
    told = ("bad-pick", "this design does not ask unit[1].out", "it is asked where depth is 2 or 3; leave it out")
    assert message(lambda: archdsl.loads(DEEP, picks=two)) == message(lambda: archdsl.loads(above, "found")) == told
    assert message(lambda: space().rank({**two, "unit[0].out": "conv(8)", "out": "relu"})) == told
    (checked,) = archdsl.check_text(above)
    assert (
        (checked.code, checked.message, checked.help) == told
        and checked.span
        and checked.span.line == above.count("\n") - 1
    )
    of_none = (told[0], "no design with these picks asks unit[1].out", told[2])
    assert message(lambda: space(picks=two)) == message(lambda: archdsl.space(spec(above), "found")) == of_none
    assert archdsl.space(spec(above), "found", picks={"depth": "2"}).size == 4
    assert space(picks={"unit[1].out": "conv(8)"}).size == 4 + 4 + 8
