"""What docs/pictures.md says of a figure in a paper, run as it is written, by each LaTeX that is there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner

from archdsl.cli import main
from tests.emit_marks.test_tikz import compiled

PAGE = (Path(__file__).parents[2] / "docs" / "pictures.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## In a paper\n")[2].partition("\n## ")[0]
COMMANDS = re.findall(r"^    archdsl (.*)$", SECTION, re.MULTILINE)
INCLUDED, SET = re.findall(r"```latex\n(.*?)```", SECTION, re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize("program", ["lualatex", "pdflatex"])
def test_a_paper_takes_a_figure_as_the_page_says(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    monkeypatch.chdir(tmp_path)
    for command in COMMANDS:
        assert CliRunner().invoke(main, command.split()).exit_code == 0
    source = Path("net.tex").read_bytes()
    [alone] = compiled(source, tmp_path, program)
    [drawn] = pypdfium2.PdfDocument("net.pdf")
    assert alone.get_size() == pytest.approx(drawn.get_size(), abs=0.1)
    said = re.search(r"^`(% .*?)` on, as a file `(\w+\.tex)`", SECTION, re.MULTILINE)
    assert said is not None
    preamble = source.decode().partition("\\begin{document}")[0]
    Path(said[2]).write_text(said[1] + preamble.partition(said[1])[2])
    before, after = SET.split("…\n")
    parts = [r"\documentclass{article}", r"\usepackage[margin=1in]{geometry}\usepackage{graphicx}", before]
    paper = [*parts, r"\begin{document}", INCLUDED, r"\clearpage", after, r"\end{document}"]
    one, other = compiled("\n".join(paper).encode(), tmp_path, program)
    words = [word for word in drawn.get_textpage().get_text_range().split() if re.fullmatch("[A-Za-z0-9]+", word)]
    for page in (one, other):
        found = page.get_textpage().get_text_range().split()
        assert "resnet18" in found and len([word for word in words if word in found]) > 0.9 * len(words)
    sizes = [_extent(page, ["resnet18", "1000"]) for page in (drawn, one, other)]
    assert sizes[1] == pytest.approx(sizes[0], abs=1) and sizes[2] == pytest.approx(sizes[0], abs=4)


def _extent(page: pypdfium2.PdfPage, words: list[str]) -> float:
    """How far the first of two words stands above the last one, in points."""
    text = page.get_textpage()
    places = [text.search(word) for word in words]
    boxes = []
    for word, found in zip(words, places, strict=True):
        hits = []
        while (hit := found.get_next()) is not None:
            hits.append(text.get_charbox(hit[0])[1])
        assert hits, word
        boxes.append(max(hits) if word == words[0] else min(hits))
    return boxes[0] - boxes[1]
