"""The page on paper: all of the drawing, with its colours, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from tests.page.conftest import Open


def test_print(open_page: Open, tmp_path: Path) -> None:
    """All of the drawing on paper, and nothing else; afterwards all is as before."""
    page = open_page("googlenet", "#open=*")
    before = page.locator("#world").inner_html()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#drawing").get_attribute("viewBox")
    assert page.locator(".node").count() == page.evaluate("page.states.boxes(page.state)") - 2 * 9
    assert page.locator(".tools").is_hidden() and page.locator("#source").is_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    page.wait_for_timeout(200)
    assert page.locator("#world").inner_html() == before
    for paper in ("A4", "Letter"):
        assert pages(page.pdf(format=paper)) == 1
    assert pages(open_page("nasnetalarge", "#open=*").pdf(format="Letter")) == 1


def test_paper_has_the_colours_of_the_legend_and_no_frame_of_focus(open_page: Open) -> None:
    """Browsers leave backgrounds of HTML out, unless they are told."""
    page = open_page("resnet50")
    page.press("c")
    page.node("3").click()
    page.press("ArrowDown")
    page.emulate_media(media="print")
    style = "e => (({ printColorAdjust: a, backgroundColor: b, outlineStyle: c }) => [a, b, c])(getComputedStyle(e))"
    swatches = page.locator("#legend i").evaluate_all(f"all => all.map({style})")
    assert len({colour for _, colour, _ in swatches}) > 4 and {adjust for adjust, _, _ in swatches} == {"exact"}
    assert page.locator("#drawing:focus-visible").count() == 1
    assert page.locator("#drawing").evaluate(style)[2] == "none"


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))
