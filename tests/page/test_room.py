"""What is seen where there is little room: on a phone, in a narrow window, of a block that is larger than the view."""

from __future__ import annotations

from tests.page.conftest import Open


def test_what_unfolds_is_in_view(open_page: Open) -> None:
    """As a whole if there is room, else its beginning; and nothing beside it leaves the view that needs not to."""
    for name, size in (("nasnetalarge", (1280, 800)), ("transformer_base", (1280, 800)), ("googlenet", (390, 844))):
        page = open_page(name, size=size)
        for box in page.evaluate("page.states.openable(0)"):
            page.evaluate(f"page.act('none'); page.toggle([{box}])")
            spot, view, whole = page.evaluate(
                f"[page.stage.plan.boxes[{box}], page.stage.area(), page.stage.plan.width]"
            )
            assert view["left"] <= spot["x"] and view["top"] <= spot["y"] < view["bottom"]
            room = view["right"] - view["left"]
            assert spot["x"] + spot["width"] <= view["right"] or spot["x"] - view["left"] < 0.15 * room
            if whole + 60 / page.evaluate("page.stage.view.scale") < room:
                assert view["left"] <= 0 and whole <= view["right"]


def test_a_phone(open_page: Open) -> None:
    """Panels become drawers; nothing is wider than the screen; a tap selects, two fingers zoom."""
    page = open_page("resnet50", size=(390, 844), has_touch=True, is_mobile=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("#source").is_hidden()
    box = page.node("1").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.selected == "1"
    drawer = page.locator("#details").bounding_box()
    assert drawer["x"] == 0 and drawer["width"] == 390 and drawer["y"] > 400
    page.get_by_role("button", name="Hide the facts").tap()
    page.evaluate("page.select([9])")
    page.get_by_role("button", name="Facts", exact=True).tap()
    box, drawer = page.node("9").bounding_box(), page.locator("#details").bounding_box()
    assert box["y"] + box["height"] < drawer["y"]
    page.get_by_role("button", name="Hide the facts").tap()
    page.evaluate("page.act('fit')")
    box = page.node("8").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    box = page.node("8").bounding_box()
    assert page.selected == "8" and box["y"] + box["height"] < page.locator("#details").bounding_box()["y"]
    page.get_by_role("button", name="Text").tap()
    assert page.locator("#source").bounding_box()["width"] > 300
    page.get_by_role("button", name="Hide the text").tap()
    before = page.evaluate("page.stage.view.scale")
    page.evaluate(
        """() => {
        const svg = document.getElementById("drawing");
        const send = (kind, id, x, y) => svg.dispatchEvent(new PointerEvent(kind, { pointerId: id, pointerType: "touch",
            clientX: x, clientY: y, bubbles: true, button: 0, buttons: 1 }));
        svg.setPointerCapture = () => {};
        send("pointerdown", 1, 150, 300); send("pointerdown", 2, 250, 300);
        send("pointermove", 1, 100, 300); send("pointermove", 2, 300, 300);
        send("pointerup", 1, 100, 300); send("pointerup", 2, 300, 300);
    }"""
    )
    assert 1.8 < page.evaluate("page.stage.view.scale") / before < 2.2


def test_a_window_that_becomes_narrow(open_page: Open) -> None:
    """Panels stand beside the drawing or nowhere: as drawers they come when they are asked for."""
    page = open_page("resnet50")
    shown = [page.locator("#source"), page.locator("#details")]
    for width, wanted in ((700, False), (1280, True), (390, False)):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(100)
        assert [panel.is_visible() for panel in shown] == [wanted, wanted], width


def test_nothing_lies_on_the_drawing_that_could_stand_beside_it(open_page: Open) -> None:
    """The legend has a place of its own, in windows of any size, however many lines it takes."""
    for size in ((1280, 800), (800, 500), (1000, 300), (390, 844)):
        page = open_page("googlenet", size=size)
        for colour in ("kind", "macs"):
            page.select_option("#colour", colour)
            drawing, legend = (page.locator(name).bounding_box() for name in ("#drawing", "#legend"))
            assert drawing["y"] + drawing["height"] <= legend["y"] + 0.5 and drawing["height"] > 80
            assert legend["y"] + legend["height"] <= size[1] + 0.5 and legend["height"] > 10


def test_the_map_covers_no_box_while_nothing_moves(open_page: Open) -> None:
    """It stands in another corner, or gives way until the drawing moves."""
    seen = set()
    meets = "(r) => r.left + 2 < B.x + B.width && r.right - 2 > B.x && r.top + 2 < B.y + B.height && r.bottom - 2 > B.y"
    rects = "[...document.querySelectorAll('.node:not(.open)')].map((node) => node.getBoundingClientRect())"
    for name, place, width in (("resnet50", "", 1280), ("googlenet", "#open=*", 1280), ("googlenet", "#open=*", 500)):
        page = open_page(name, place, size=(width, 600))
        middle = page.evaluate("page.stage.plan.width / 2 - page.stage.size.width / 3")
        for x, scale in ((-600, 0.6), (0, 0.6), (middle, 1.5)):
            page.evaluate(f"page.stage.look({x}, 1500, {scale})")
            assert page.locator("#map.moving").evaluate("e => getComputedStyle(e).pointerEvents") == "auto"
            page.wait_for_selector("#map:not(.moving)", state="attached")
            page.wait_for_timeout(300)
            shown = page.locator("#map").evaluate("e => Number(getComputedStyle(e).opacity)") > 0
            box = page.locator("#map").bounding_box()
            assert not (shown and page.evaluate(f"(B) => {rects}.some({meets})", box)), (name, x)
            seen.add((shown, page.locator("#map.left").count()))
    assert {(True, 0), (True, 1), (False, 0)} == seen


def test_open_boxes_say_which_ones_they_are(open_page: Open) -> None:
    """By module path, in their head, where it has room beside the name and the wires; a run is no single module."""
    found = set()
    for name in ("resnet18", "googlenet", "mobilenet_v2"):
        page = open_page(name)
        page.press("]", "]", "0")
        page.evaluate("page.act('fit'); page.stage.once(() => page.stage.look(0, 0, 1))")
        for node in page.locator(".node.open:has(.which)").all():
            place = node.get_attribute("data-place")
            which, title = node.locator(".which").bounding_box(), node.locator(".title").bounding_box()
            frame = page.locator(f'.frame[data-frame="{place}"]').bounding_box()
            assert frame["x"] <= which["x"] and which["x"] + which["width"] <= frame["x"] + frame["width"]
            assert which["x"] + which["width"] <= title["x"] or title["x"] + title["width"] <= which["x"]
            page.evaluate(f"page.select([{place.replace('.', ',')}])")
            assert node.locator(".which").text_content() == page.locator("#facts h3 code").first.text_content()
            found.add((name, node.locator(".which").text_content()))
    assert {("resnet18", "layer1.0"), ("resnet18", "layer1.1")} <= found and len({name for name, _ in found}) > 1
    assert len(found) > 6
