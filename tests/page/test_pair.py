"""Two networks on one page in a browser: signs, the key that goes from one to the next, and what folds together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import archdsl
from tests.page.conftest import Opened


@pytest.fixture
def pair(browser: Any, folder: Path) -> Iterator[Opened]:
    """The page of ResNet-50 and ResNeXt-50; it must raise no error and ask for nothing."""
    path = folder / "pair.html"
    archdsl.load("resnet50").view(path, archdsl.load("resnext50_32x4d"))
    page = Opened(browser, path.as_uri(), (1500, 900))
    yield page
    assert page.wrong == []
    assert all(url.startswith("file:") for url in page.asked)
    page.close()


def roots(page: Opened) -> list[int]:
    """The two boxes of the networks."""
    return list(page.evaluate("page.net.bodies[0].boxes.flatMap((box, i) => (box.port ? [] : [i]))"))


def test_both_are_open_and_differences_have_signs(pair: Opened) -> None:
    old, new = roots(pair)
    assert pair.open == f"{old},{new}"
    assert pair.locator("h1").inner_text() == "resnet50 → resnext50_32x4d"
    assert "25.6 M → 25.0 M parameters" in pair.locator(".name p").inner_text()
    for root in (old, new):
        assert pair.locator(f'[data-place^="{root}."] > .badge text').all_text_contents() == ["~"] * 4
        assert pair.locator(f'[data-place^="{root}."].d3').count() == 4
    left, right = (pair.node(str(root)).bounding_box() for root in (old, new))
    assert left["x"] + left["width"] <= right["x"]
    assert "64 boxes differ" in pair.locator("#facts").inner_text()
    assert pair.locator("#facts thead th").all_text_contents() == ["resnet50", "resnext50_32x4d"]
    assert "changed" in pair.locator("#legend").inner_text()
    told = pair.locator("#facts dd").all_text_contents()  # what both take and give, once
    assert told == ["x, 3 × 224 × 224", "1000"]
    ends = pair.locator(".text:not(:has(.triangle)) text").all_text_contents()
    assert sorted(ends) == sorted(["x", "3 × 224 × 224", "1000"] * 2)


def test_what_two_take_and_give_is_told_by_network_where_it_differs(browser: Any, folder: Path) -> None:
    text = """
network one(x: [3, 8, 8]) = x -> conv(4)
network other(y: [3, 8, 8]) {
    z = y -> conv(4)
    return z, z -> relu
}
"""
    archdsl.loads(text, network="one").view(folder / "ends.html", archdsl.loads(text, network="other"))
    page = Opened(browser, (folder / "ends.html").as_uri())
    assert page.locator("#facts dd").all_text_contents() == [
        *("one: x, 3 × 8 × 8", "other: y, 3 × 8 × 8"),
        *("one: 4 × 8 × 8", "other: output 1, 4 × 8 × 8", "other: output 2, 4 × 8 × 8, added"),
    ]
    assert page.wrong == []
    page.close()


def test_both_begin_at_one_height(browser: Any, folder: Path) -> None:
    """However much longer one is; wires end at the boxes that they meet."""
    for names in (("resnet18", "resnet34"), ("resnet34", "resnet18")):
        archdsl.load(names[0]).view(folder / "heights.html", archdsl.load(names[1]))
        page = Opened(browser, (folder / "heights.html").as_uri())
        page.press("}")
        plan = page.evaluate("(({ boxes, wires }) => ({ boxes, wires }))(page.stage.plan)")
        one, other = (plan["boxes"][root] for root in roots(page))
        assert one["y"] == other["y"] and abs(one["height"] - other["height"]) > 100
        for wire in plan["wires"]:
            source, target = (plan["boxes"][wire["edge"][end]] for end in ("source", "target"))
            heights = [y for _, y in wire["line"]]
            assert heights == sorted(heights)
            assert abs(heights[0] - source["y"] - source["height"]) < 0.1 and abs(heights[-1] - target["y"]) < 0.1
        assert page.wrong == []
        page.close()


def test_a_key_goes_from_difference_to_difference(pair: Opened) -> None:
    said = []
    for _ in range(3):
        pair.press("n")
        said.append(pair.locator("#facts .change").inner_text())
    assert said[0].startswith("changed: out 64 → 128") and "groups 1 → 32" in said[1]
    assert pair.locator("#marks .twin").count() == 1  # its counterpart in the other network


def test_modules_of_one_name_fold_together(pair: Opened) -> None:
    old, new = roots(pair)
    block = pair.evaluate(f"page.net.bodies[page.net.bodies[0].boxes[{old}].open].boxes.findIndex((b) => b.open >= 0)")
    pair.node(f"{old}.{block}").dblclick()
    assert pair.open == f"{old}({block}),{new}({block})"
    pair.node(f"{new}.{block}").locator(".triangle").first.click()
    assert pair.open == f"{old},{new}"


def test_colours_and_the_address(pair: Opened) -> None:
    pair.select_option("#colour", "macs")
    assert "colour=macs" in pair.hash
    old, _ = roots(pair)
    assert pair.locator(f'[data-place^="{old}."].m0').count() > 0
    pair.select_option("#colour", "change")
    assert "colour" not in pair.hash
    pair.evaluate(f"page.toggle([{old}])")
    assert pair.open == "" and "open=" in pair.hash  # which says that nothing is open, though all began open
    pair.goto("about:blank")
    pair.go_back()
    pair.wait_for_selector("html[data-ready]")
    assert pair.open == ""
    pair.press("}")
    assert pair.open == "*"
    pair.get_by_role("button", name="None", exact=True).click()
    assert pair.open == ",".join(map(str, roots(pair)))
