"""Lines of levels in plots, such as a peak, and the words that say what they are."""

from __future__ import annotations

import pytest

import archdsl
from archdsl.emit.figure.look import paper
from archdsl.emit.marks.model import PathMark, TextMark
from archdsl.emit.plots import page as plots
from tests.emit.test_plots import SMALL, marks_in
from tests.emit_figure.geometry import text_span


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("width", [None, "3.5in", "slide"])
def test_no_line_of_a_level_strikes_words(name: str, width: str | None) -> None:
    """What reaches below the base line of words, such as a p or a bracket, keeps clear of the line that they name."""
    made = plots.draw(archdsl.load(name).graph, (), None if width is None else paper(width))
    seen = 0
    for leaf in made.leaves:
        marks = list(marks_in(leaf.marks))
        lines = [m for m in marks if isinstance(m, PathMark) and m.stroke == "ink" and m.dashes]
        for _, top, _, bottom in (text_span(m) for m in marks if isinstance(m, TextMark) and m.colour == "ink"):
            for line in lines:
                y = float(line.steps[0][2])
                assert not top < y < bottom + 0.8
                seen += 1
    assert seen
