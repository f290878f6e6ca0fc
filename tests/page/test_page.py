"""What a reader does with the page: unfold, search, select, colour, follow links, press keys, save, print."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import archdsl
from tests.page.conftest import Open, Opened

SVG = "{http://www.w3.org/2000/svg}"


def texts(page: Opened, selector: str) -> list[str]:
    return [text.strip() for text in page.locator(selector).all_text_contents()]


def test_blocks_unfold_in_place(open_page: Open) -> None:
    """By the triangle, by double click, by key; runs into what they stand for."""
    page = open_page("resnet50")
    assert page.open == "" and page.node("3").get_attribute("aria-expanded") == "false"
    before = page.node("3").locator(".triangle").bounding_box()
    page.mouse.click(before["x"] + 2, before["y"] + 3)
    assert page.open == "3" and page.node("3").get_attribute("aria-expanded") == "true"
    after = page.node("3").locator(".triangle").bounding_box()
    assert page.node("3.1").count() == page.node("3.3").count() == 1
    page.node("3.2").dblclick()
    assert page.open == "3(2)" and page.node("3.2.1").count() == 1
    page.mouse.click(page.node("3.2.1").bounding_box()["x"] + 30, page.node("3.2.1").bounding_box()["y"] + 20)
    assert page.selected == "3.2.1"
    page.press("PageUp", "Enter")
    assert page.open == "3" and page.selected == "3.2"
    assert abs(after["x"] - before["x"]) < 30 and abs(after["y"] - before["y"]) < 30


def test_all_and_by_levels(open_page: Open) -> None:
    page = open_page("resnet50")
    page.get_by_role("button", name="All", exact=True).click()
    assert page.open == "*"
    page.get_by_role("button", name="None", exact=True).click()
    assert page.open == ""
    page.get_by_role("button", name="Unfold one level").click()
    assert page.open == "3,4,5,6"
    page.press("]")
    assert page.open == "*"
    page.press("[")
    assert page.open == "3,4,5,6"
    page.press("{")
    assert page.open == ""


def test_details(open_page: Open) -> None:
    """Arguments, shapes, cost with its share, field, path, line; as the library says them."""
    page = open_page("resnet50", "#open=3(1)&at=3.1.2")
    details = page.locator("#details").inner_text()
    row = next(r for r in archdsl.load("resnet50").analyze().rows() if r.path == "layer1.0.conv2")
    for said in ("layer1.0.conv2", f"{row.inclusive.macs:,}", "64 × 56 × 56 → 64 × 56 × 56", "kernel", "(3, 3)"):
        assert said in details, said
    assert f"resnet.arch, line {row.span.line}" in details
    assert "receptive field 19, stride 4" in details and "2.8 %" in details
    page.get_by_role("button", name="resnet.arch, line 21").first.click()
    assert page.locator(".row.lit .number").first.inner_text() == "21"
    page.locator("#facts nav button").first.click()
    assert page.selected == "3"
    page.locator("#facts").get_by_role("button", name="Fold").click()
    assert page.open == ""
    page.press("Escape", "Escape")
    whole = page.locator("#details").inner_text()
    assert page.selected == "" and "25,557,032" in whole and "(3, 4, 6, 3)" in whole
    page.get_by_role("button", name="Hide the facts").click()
    assert page.locator("#details").is_hidden()
    page.get_by_role("button", name="Facts").click()
    assert page.locator("#details").is_visible()


def test_search(open_page: Open) -> None:
    """By path, op and argument; what hides a hit is unfolded."""
    page = open_page("resnet50")
    page.press("/")
    page.keyboard.type("layer3.5 conv2")
    assert texts(page, "#hits [data-hit] span") == ["layer3.5.conv2"]
    page.press("Enter")
    assert page.open == "5(6)" and page.selected == "5.6.2"
    assert page.evaluate("document.activeElement.id") == "drawing"
    page.press("/")
    page.keyboard.type("conv kernel=(7, 7)")
    assert texts(page, "#hits [data-hit] span") == ["conv1"]
    page.press("ArrowDown")
    assert page.selected == "1"
    for words in ("conv 3x3 kernel=(3, 3) layer1.0", "Conv3x3 layer1.0.conv2", "3×3 layer1.0"):
        page.locator("#search").fill(words)
        assert "layer1.0.conv2" in texts(page, "#hits [data-hit] span"), words
    page.press("Escape", "Escape", "/")
    page.keyboard.type("max_pool")
    page.locator("[data-hit]").first.click()
    assert page.selected == "2"
    page.press("/")
    page.keyboard.type("no such thing")
    assert texts(page, "#hits li") == ["nothing found"]
    assert page.locator("#spoken").text_content() == "nothing found"
    page.locator("#search").fill("bottleneck")
    assert texts(page, "#hits .told") == ["20 found"]  # four runs, and sixteen calls


def test_the_text_and_the_drawing_light_each_other(open_page: Open) -> None:
    page = open_page("resnet50", "#open=3(1)")
    page.locator('[data-line="0:22"]').hover()
    assert page.locator("#marks .lit").count() >= 1
    assert (
        page.evaluate("getComputedStyle(document.querySelector('#marks .lit')).fill") == "none"
    )  # it keeps its colour
    lit = page.evaluate("page.lit.map(String)")
    assert "3,1,3" in lit and "4" in lit  # what is hidden lights what hides it
    page.node("3.1.2").hover()
    assert "21" in texts(page, ".row.lit .number")
    page.locator('[data-line="0:20"]').click()
    assert page.selected == "3.1.1"
    page.locator('[data-line="0:20"]').click()
    assert page.selected == "3.2.1"  # the next that this line made
    page.locator('[data-line="0:30"]').focus()
    page.press("Enter")
    assert page.selected == "1"


def test_the_text_begins_where_the_body_does(open_page: Open) -> None:
    """Also of a variant, which stands below what it runs; in windows of any height."""
    for name in ("resnet50", "vgg19", "mobilenet_v2"):
        for height in (400, 800):
            page = open_page(name, size=(1280, height))
            pane = page.locator("#lines").bounding_box()
            lines = (
                "page.net.bodies[page.net.root].boxes.flatMap((box) => box.pieces.map((p) => page.net.spans[p.span]))"
            )
            first = page.evaluate(f"Math.min(...{lines}.filter((s) => s && s[0] === 0).map((s) => s[1]))")
            row = page.locator(f'[data-line="0:{first}"]').bounding_box()
            assert pane["y"] <= row["y"] and row["y"] + row["height"] <= pane["y"] + pane["height"], (name, height)


SHARES = """
block twice(x) {
    shared f = conv(8, 3)
    return x -> f -> relu -> f
}
network n(x: [8, 9, 9]) = x -> twice as first -> twice as a_longer_name_than_this -> sigmoid
"""


def test_shared_weights_are_called_by_their_path(open_page: Open) -> None:
    """Two calls of a block have a set of weights each; the words stay in their boxes."""
    page = open_page(SHARES, "#open=*")
    said = [text for text in texts(page, ".node text") if "shared" in text]
    paths = ["first.f", "a_longer_name_than_this.f"]
    assert [re.findall(r"shared (\S+)", text)[0] for text in said] == [path for path in paths for _ in range(2)]
    for node in page.locator(".node:not(.open)").filter(has_text="shared").all():
        box, text = node.locator(".shape").last.bounding_box(), node.locator("text").last.bounding_box()
        assert box["x"] <= text["x"] and text["x"] + text["width"] <= box["x"] + box["width"]
        page.evaluate(f"page.select([{node.get_attribute('data-place').replace('.', ',')}])")
        assert node.locator("text").last.text_content() in page.locator("#facts h2").inner_text()


def test_colours(open_page: Open) -> None:
    page = open_page("resnet50")
    fill = "getComputedStyle(document.querySelector('[data-place=\"1\"] .shape')).fill"
    kind = page.evaluate(fill)
    page.locator("#colour").select_option("macs")
    assert page.evaluate(fill) != kind and re.fullmatch(r"\d+ % of the network", texts(page, "#legend span")[-1])
    assert page.hash.split("&")[0] == "#colour=macs"
    page.locator("#drawing").focus()
    page.press("c", "c")
    assert page.locator("#colour").input_value() == "kind" and page.evaluate(fill) == kind
    assert "convolution" in texts(page, "#legend span")
    page.evaluate("page.paintBy('macs')")
    costs = page.evaluate("page.net.bodies[0].boxes.map((box) => (box.port ? 0 : box.cost[1]))")
    whole = archdsl.load("resnet50").macs
    assert texts(page, "#legend span")[-1] == f"{100 * max(costs) / whole:.0f} % of the network"
    for place, box in enumerate(costs):
        wanted = "port" if place in (0, 9) else f"m{min(9, 10 * box // max(costs))}"
        assert wanted in page.node(str(place)).get_attribute("class").split()
    page.evaluate("page.change(page.states.all())")
    assert float(texts(page, "#legend span")[-1].split()[0]) < 5  # the largest of what is open now


def test_the_address_keeps_all(open_page: Open) -> None:
    """A link shows what it was copied from, and may be followed while the page is shown."""
    page = open_page("nasnetalarge")
    page.evaluate("page.toggle([7]); page.select([7, 3]); page.paintBy('params'); page.stage.zoom(1.5)")
    page.press("s", "t")
    address = page.hash
    assert {part.split("=")[0] for part in address[1:].split("&")} == {
        "open",
        "at",
        "colour",
        "theme",
        "source",
        "view",
    }
    other = open_page("nasnetalarge", address)
    look = "[page.states.write(page.state), page.selected, page.colour, page.theme].join() + document.body.className"
    assert other.evaluate(look) == page.evaluate(look)
    views = [p.evaluate("[page.stage.view.x, page.stage.view.y, page.stage.view.scale]") for p in (page, other)]
    assert all(abs(a - b) < 0.6 for a, b in zip(*views, strict=True))
    assert other.hash == address
    other.evaluate("location.hash = '#open=5&at=5.4'")
    other.wait_for_timeout(100)
    assert (other.open, other.selected) == ("5", "5.4")
    other.evaluate("location.hash = '#open=5&at=5.2'")  # where a tensor comes in, which is no box
    other.wait_for_timeout(100)
    assert (other.open, other.selected) == ("5", "")
    for wrong in (
        "#open=99(3)&at=1.2.3.4&view=x",
        "#at=",
        "#%%%",
        "#open=((&colour=blue&view=1,2,-3",
        "#view=1e99,0,1",
    ):
        other.evaluate(f"location.hash = {wrong!r}")
        other.wait_for_timeout(50)
        assert other.locator(".node").count() > 0


def test_moving_and_zooming(open_page: Open) -> None:
    page = open_page("densenet121")
    view = "[page.stage.view.x, page.stage.view.y, page.stage.view.scale]"
    x, y, scale = page.evaluate(view)
    box = page.locator("#drawing").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 60, middle[1] + 40, steps=4)
    page.mouse.up()
    after = page.evaluate(view)
    assert abs(x - after[0] - 60 / scale) < 1 and abs(y - after[1] - 40 / scale) < 1
    assert page.selected == ""  # a drag is no click
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(50)
    assert page.evaluate(view)[2] > scale
    page.press("+")
    nearer = page.evaluate(view)[2]
    page.press("-", "-")
    assert page.evaluate(view)[2] < nearer
    page.press("Shift+ArrowDown")
    page.press("f")
    left, top, right, bottom = page.evaluate("Object.values(page.stage.area())")
    plan = page.evaluate("[page.stage.plan.width, page.stage.plan.height]")
    assert left <= 0 and top <= 0 and right >= plan[0] and bottom >= plan[1]
    page.evaluate("page.act('all')")
    corner = page.locator("#map").bounding_box()
    page.mouse.click(corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] - 8)
    assert page.evaluate("page.stage.view.y") > page.evaluate("page.stage.plan.height") / 2
    page.press("m")
    assert page.evaluate("getComputedStyle(document.getElementById('map')).visibility") == "hidden"


def test_only_what_is_in_view_is_drawn(open_page: Open) -> None:
    page = open_page("nasnetalarge", "#open=*")
    whole = page.evaluate("page.states.boxes(page.state)")
    page.evaluate("page.stage.look(0, 0, 1.2)")
    assert 0 < page.locator(".node").count() < whole / 4
    page.press("f")
    assert page.locator(".node").count() == 0 and page.locator("#world path").count() < 30  # small: shapes alone


def test_keys_alone(open_page: Open) -> None:
    """Everything can be reached and is said aloud."""
    page = open_page("resnet50")
    page.press("Tab")
    page.locator("#drawing").focus()
    page.press("ArrowDown")
    assert page.selected == "0"
    page.press("ArrowDown", "ArrowDown", "ArrowDown")
    assert page.selected == "3"
    assert page.locator("#drawing").get_attribute("aria-activedescendant") == "at-3"
    assert "bottleneck" in page.locator("#spoken").text_content()
    page.press("Enter")
    assert page.open == "3" and page.locator("#spoken").text_content().endswith("a, then b × 2 unfolded")
    page.press("PageDown")
    assert page.selected == "3.1"
    page.press("*")
    assert page.open == "3(1)"
    page.press("PageDown", "ArrowRight")
    assert page.selected == "3.1.4" or page.selected.startswith("3.1.")
    page.press("z")
    page.press("Escape")
    assert page.selected == ""
    page.press("?")
    assert page.locator("#help").is_visible()
    keys = " ".join(texts(page, "#keys kbd"))
    assert all(key in keys for key in ("Enter", "]", "[", "}", "{", "/", "f", "z", "c", "s", "t", "m", "x", "?", "Esc"))
    page.press("Escape")
    assert page.locator("#help").is_hidden()
    roles = page.evaluate("[...new Set([...document.querySelectorAll('[role]')].map((e) => e.getAttribute('role')))]")
    assert {"tree", "treeitem", "toolbar", "search", "listbox", "status"} <= set(roles)
    unnamed = page.evaluate(
        "[...document.querySelectorAll('button, input, select')]"
        ".filter((e) => !e.textContent.trim() && !e.getAttribute('aria-label') && !e.labels?.length).length"
    )
    assert unnamed == 0


def test_a_page_begins_as_asked(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    archdsl.load("resnet18").view(path, color="macs", theme="dark")
    page = Opened(browser, path.as_uri())
    assert page.evaluate("[page.colour, page.theme]") == ["macs", "dark"]
    page.locator("#colour").select_option("kind")
    assert "colour=kind" in page.hash
    page.close()


def test_dark_and_light(open_page: Open) -> None:
    page = open_page("resnet50", color_scheme="dark")
    shade = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(shade)
    page.locator("#drawing").focus()
    page.press("t")
    assert page.evaluate(shade) != dark and page.hash.endswith("theme=light")
    page.press("t")
    assert page.evaluate(shade) == dark


def test_the_drawing_is_saved(open_page: Open, tmp_path: Path) -> None:
    """As a file of its own that other programs draw."""
    page = open_page("googlenet", "#open=7")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as SVG").click()
    assert download.value.suggested_filename == "googlenet.svg"
    download.value.save_as(tmp_path / "g.svg")
    text = (tmp_path / "g.svg").read_text(encoding="utf-8")
    root = ET.fromstring(text)
    assert root.find(f"{SVG}title").text == "googlenet"  # type: ignore[union-attr]
    assert "var(" not in text and "http" not in text.replace("http://www.w3.org/2000/svg", "")
    boxes = [g for g in root.iter(f"{SVG}g") if g.get("data-place")]
    assert len(boxes) == page.evaluate("page.states.boxes(page.state)") - 2  # but for the ports of what is open
    words = {t.text for t in root.iter(f"{SVG}text")}
    assert {"3×3 max pool", "concat", "googlenet", "convolution"} <= words and "triangle" not in text.split("</style>")[
        1
    ]


HOSTILE = """
## </script><script>window.broken = 1</script> <img src=x onerror=window.broken=1>
block odd(x; note = "</script><script>window.broken = 1</script>", quotes = "' \\" & < > ` $", more = LONG) {
    y = x -> conv(4, 3) -> relu
    return y -> conv(4, 3) as "a_b"
}
network n(x: [3, 8, 8]) = x -> odd -> odd
""".replace("LONG", '"' + "x<" * 3000 + '"')


def test_hostile_text_is_text(open_page: Open) -> None:
    page = open_page(HOSTILE)
    page.evaluate("page.act('all')")
    page.press("/")
    page.keyboard.type("</script>")
    assert page.locator("[data-hit]").count() > 0
    page.evaluate("page.goTo([1])")
    assert "window.broken" in page.locator("#details").inner_text()
    page.evaluate("page.picture()")
    assert page.evaluate("window.broken") is None
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 5  # the last is what the page unpacked


def test_a_notebook(browser: Any, tmp_path: Path) -> None:
    """The page works in the frame that a notebook shows, where it has no address of its own."""
    frame = archdsl.load("resnet18")._repr_html_()
    (tmp_path / "notebook.html").write_text(f"<!doctype html><body>{frame}</body>", encoding="utf-8")
    page = browser.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto((tmp_path / "notebook.html").as_uri())
    inside = page.frame_locator("iframe")
    inside.locator("html[data-ready]").wait_for()
    inside.locator('[data-place="3"]').dblclick()
    inside.locator('[data-place="3.1"]').wait_for()
    page.wait_for_timeout(300)
    assert wrong == []
    page.close()
