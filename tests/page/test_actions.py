"""Whatever a reader does, in any order: nothing is raised, nothing covers anything, the address says where one is."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import archdsl
from tests.emit_view.geometry import PLANS, faults
from tests.page.conftest import Opened

# Says what is wrong with a page at rest.
WRONG = """
() => {
  const { stage, state, selected, nest } = page, wrong = [], say = (words) => wrong.push(words);
  const { x, y, scale } = stage.view, { left, top, right, bottom } = stage.area();
  const shown = (place) => {
    const around = page.states.at(state, place.slice(0, -1));
    return around && nest.plan(around, place.length > 1).boxes[place.at(-1)];
  };
  const overlap = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1.5
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1.5;
  if (![x, y, scale].every(Number.isFinite) || scale < 0.01 || scale > 8) say("a view " + [x, y, scale]);
  if (selected && !shown(selected)) say("what is selected is hidden: " + selected);
  const places = new Set([...document.querySelectorAll("#world [data-place]")].map((node) => node.dataset.place));
  for (const { place, at, x, y } of stage.spots) {
    const inView = x < right && y < bottom && x + at.width > left && y + at.height > top;
    if (places.size && inView && !places.has(place.join("."))) say("not drawn: " + place);
    if (!shown(place)) say("drawn, and hidden: " + place);
  }
  const shapes = [...document.querySelectorAll(".node:not(.open) > .shape:last-of-type")];
  const closed = shapes.map((shape) => shape.getBoundingClientRect());
  closed.sort((a, b) => a.top - b.top);
  closed.forEach((a, i) => {
    for (let k = i + 1; k < closed.length && closed[k].top < a.bottom; k++) {
      if (overlap(a, closed[k])) say("boxes overlap");
    }
  });
  const moved = document.getElementById("world").getAttribute("transform");
  if (moved !== `scale(${scale}) translate(${-x} ${-y})`) say("drawn elsewhere: " + moved);
  for (const part of document.querySelectorAll("html, body, main, #stage")) {
    const wide = part.scrollWidth > part.clientWidth + 1;
    if (wide || part.scrollTop || part.scrollLeft) say("scrolls: " + (part.id || part.tagName));
  }
  for (const name of ["source", "details"]) {
    const there = document.getElementById(name).offsetWidth > 0;
    const pressed = document.querySelector(`.tools [data-do=${name}]`).getAttribute("aria-pressed");
    if (there !== page.panelShown(name) || String(there) !== pressed) say("a panel: " + name);
  }
  if (document.getElementById("colour").value !== page.colour) say("another colour is chosen");
  const searched = document.activeElement.id === "search";
  if (!document.getElementById("hits").hidden && !searched) say("hits are listed for nobody");
  return wrong;
}
"""
STATE = """
() => {
  const { theme } = document.documentElement.dataset, open = page.states.write(page.state);
  return { open, selected: String(page.selected), colour: page.colour, theme,
    panels: ["source", "details"].filter((name) => page.panelShown(name)).join() };
}
"""
VIEW = "() => { const { x, y, scale } = page.stage.view; return [x, y, scale]; }"
KEYS = (
    *("Enter", " ", "*", "]", "[", "}", "{", "ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "PageDown", "PageUp"),
    *("f", "0", "z", "+", "=", "-", "_", "Shift+ArrowDown", "Shift+ArrowRight", "c", "s", "d", "t", "m", "n", "Escape"),
    *("/", "Tab", "Shift+Tab", "?"),
)
SIZES = ((1280, 800), (1920, 1080), (390, 844), (800, 500), (1000, 300))
WORDS = ("conv", "relu 3", "kernel=(3, 3)", "0.conv", "zzz", "(", "pool", "x", "* +", "linear")


class Reader:
    """Does what readers do, by chance; `done` tells it."""

    def __init__(self, page: Opened, seed: str) -> None:
        self.page, self.chance, self.done = page, random.Random(seed), list[str]()
        self.seen: set[str] = set()
        self.at = self.last = 0  # in the history of the tab
        self.acts: tuple[Callable[[], str], ...] = (
            *(self.click, self.click, self.twice, self.twice, self.sign, self.key, self.key, self.key),
            *(self.button, self.search, self.colour, self.drag, self.wheel, self.resize, self.line, self.map),
            *(self.fact, self.hover, self.go, self.back, self.forward),
        )

    def act(self) -> None:
        self.done.append(self.chance.choice(self.acts)())

    def spot(self, blocks: bool = False) -> tuple[float, float, str] | None:
        """The middle of a box that is in view, in the window's coordinates, and its place."""
        script = """(blocks) => {
            const { left, top } = document.getElementById("drawing").getBoundingClientRect();
            const { x, y, scale } = page.stage.view;
            return page.stage.spots.flatMap((spot) => {
                const a = (spot.x + spot.at.width / 2 - x) * scale + left;
                const b = (spot.y + spot.at.height / 2 - y) * scale + top;
                const seen = document.elementFromPoint(a, b)?.closest("#drawing");
                return seen && (!blocks || spot.box.open >= 0) ? [[a, b, spot.place.join(".")]] : [];
            });
        }"""
        found = self.page.evaluate(script, blocks)
        return tuple(self.chance.choice(found)) if found else None

    def corner(self) -> tuple[float, float]:
        box = self.page.locator("#drawing").bounding_box()
        part = self.chance.uniform(0.05, 0.95), self.chance.uniform(0.05, 0.95)
        return box["x"] + part[0] * box["width"], box["y"] + part[1] * box["height"]

    def click(self) -> str:
        spot = self.spot()
        x, y = spot[:2] if spot else self.corner()
        self.page.mouse.click(x, y)
        return f"click {spot}"

    def twice(self) -> str:
        spot = self.spot(True)
        if spot:
            self.page.mouse.dblclick(spot[0], spot[1])
        return f"double click {spot}"

    def sign(self) -> str:
        signs = self.page.locator("#world .triangle")
        count = signs.count()
        box = signs.nth(self.chance.randrange(count)).bounding_box() if count else None
        if box:
            self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        return f"sign {box}"

    def key(self) -> str:
        key = self.chance.choice(KEYS)
        self.page.press(key)
        if key == "?" and self.page.evaluate("document.getElementById('help').open"):
            self.page.press(self.chance.choice(("Escape", "?")))
            self.page.evaluate("document.getElementById('help').close()")
        return f"key {key}"

    def button(self) -> str:
        names = self.page.evaluate("[...document.querySelectorAll('.tools [data-do]')].map((b) => b.dataset.do)")
        name = self.chance.choice([name for name in names if name not in ("save", "help")])
        self.page.locator(f".tools [data-do={name}]").click()
        return f"button {name}"

    def search(self) -> str:
        words = self.chance.choice(WORDS)
        self.page.locator("#search").fill(words)
        keys = [self.chance.choice(("ArrowDown", "ArrowUp", "ArrowDown")) for _ in range(self.chance.randrange(4))]
        end = self.chance.choice(("Enter", "Escape", "Tab"))
        for key in [*keys, end]:
            self.page.locator("#search").press(key)
        return f"search {words} {keys} {end}"

    def colour(self) -> str:
        name = self.chance.choice(self.page.evaluate("page.colours"))
        self.page.locator("#colour").select_option(name)
        return f"colour {name}"

    def drag(self) -> str:
        begin, end = self.corner(), self.corner()
        self.page.mouse.move(*begin)
        self.page.mouse.down()
        self.page.mouse.move(*end, steps=3)
        self.page.mouse.up()
        return f"drag {begin} {end}"

    def wheel(self) -> str:
        by = self.chance.choice((-900, -300, 200, 700))
        self.page.mouse.move(*self.corner())
        self.page.mouse.wheel(0, by)
        self.page.wait_for_timeout(50)
        return f"wheel {by}"

    def resize(self) -> str:
        width, height = self.chance.choice(SIZES)
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.wait_for_timeout(100)
        return f"resize {width} {height}"

    def line(self) -> str:
        return self.one_of("#lines .live .number")

    def fact(self) -> str:
        return self.one_of("#facts button")

    def one_of(self, selector: str) -> str:
        """Clicks one of those that can be seen."""
        spots = self.page.evaluate(
            """(selector) => [...document.querySelectorAll(selector)].flatMap((part) => {
                const { left, top, width, height } = part.getBoundingClientRect();
                const x = left + width / 2, y = top + height / 2;
                return part.contains(document.elementFromPoint(x, y)) ? [[x, y, part.textContent]] : [];
            })""",
            selector,
        )
        if not spots:
            return f"no {selector}"
        x, y, text = self.chance.choice(spots)
        self.page.mouse.click(x, y)
        return f"{selector} {text}"

    def map(self) -> str:
        box = self.page.locator("#map").bounding_box()
        if not self.page.locator("#map").is_visible() or not box:
            return "no map"
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + self.chance.uniform(0.1, 0.9) * box["height"])
        return "map"

    def hover(self) -> str:
        self.page.mouse.move(*self.corner(), steps=3)
        return "hover"

    def go(self) -> str:
        """To where one was, by a link: the address is followed while the page is shown."""
        address = self.page.hash
        self.seen.add(address)
        to = self.chance.choice(sorted(self.seen))
        if to != address:
            self.at = self.last = self.at + 1
        self.page.evaluate("(to) => { location.hash = to; }", to)
        self.page.wait_for_timeout(100)
        return f"go {to}"

    def back(self) -> str:
        if not self.at:
            return self.go()
        self.at -= 1
        self.page.evaluate("history.back()")
        self.page.wait_for_timeout(150)
        return "back"

    def forward(self) -> str:
        if self.at == self.last:
            return self.back()
        self.at += 1
        self.page.evaluate("history.forward()")
        self.page.wait_for_timeout(150)
        return "forward"


def check(reader: Reader, judged: set[str]) -> None:
    page, story = reader.page, reader.done[-12:]
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert page.wrong == [], story
    assert page.evaluate(WRONG) == [], story
    if page.open not in judged:
        judged.add(page.open)
        plans = page.evaluate(f"() => ({PLANS})(page.nest, page.state)")
        assert [fault for plan in plans for fault in faults(plan)] == [], story


def check_address(reader: Reader, browser: Any) -> None:
    """A fresh tab shows the same; where nothing of the drawing is in view it begins where something is."""
    page, story = reader.page, reader.done[-12:]
    page.evaluate("page.writeAddress()")
    size = page.viewport_size
    other = Opened(browser, page.url, (size["width"], size["height"]))
    other.evaluate("page.writeAddress()")
    assert other.evaluate(STATE) == page.evaluate(STATE), story
    if page.evaluate("page.stage.shows()"):
        assert other.url == page.url, story
        for now, then in zip(page.evaluate(VIEW), other.evaluate(VIEW), strict=True):
            assert abs(now - then) <= 0.06, story
    assert other.wrong == []
    other.close()


@pytest.mark.parametrize(
    "names",
    ["alexnet", "googlenet", "nasnetalarge", "transformer_base", "efficientnet_b0", "resnet50 resnext50_32x4d"],
)
def test_random_actions(browser: Any, folder: Path, names: str) -> None:
    path = folder / f"{names.replace(' ', '-')}.html"
    first, *second = map(archdsl.load, names.split())
    first.view(path, *second)
    walk(browser, path.as_uri(), names, 40)


def walk(browser: Any, address: str, seed: str, count: int) -> None:
    page = Opened(browser, address)
    reader, judged = Reader(page, seed), set[str]()
    for number in range(count):
        reader.act()
        check(reader, judged)
        if number % 10 == 9:
            check_address(reader, browser)
    assert len(judged) > 1
    page.close()
