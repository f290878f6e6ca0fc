"""Drives the page in the distribution's Chromium; where that or Playwright is missing, these tests are skipped."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import archdsl

_PLACES = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((found for place in _PLACES if place and (found := shutil.which(place))), None)

FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks all tests of this folder: `make test` leaves them out, `make test-page` runs them."""
    for item in items:
        if item.path.parent == FOLDER:
            item.add_marker("page")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    api = pytest.importorskip("playwright.sync_api", reason="pip install playwright, or `make test-page`")
    if CHROMIUM is None:
        pytest.skip("apt-get install chromium, or set CHROMIUM to where one is")
    with api.sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield made
        made.close()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pages are written."""
    return tmp_path_factory.mktemp("pages")


class Opened:
    """A page in the browser; what goes wrong in it, and what it asks the world for, is kept."""

    def __init__(self, browser: Any, address: str, size: tuple[int, int] = (1280, 800), **options: Any) -> None:
        self.wrong: list[str] = []
        self.asked: list[str] = []
        self.page = browser.new_page(viewport={"width": size[0], "height": size[1]}, **options)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(address)
        self.page.wait_for_selector("html[data-ready]")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.page, name)

    @property
    def hash(self) -> str:
        """The fragment of the address, once it is written."""
        self.page.wait_for_timeout(250)
        return str(self.page.evaluate("decodeURIComponent(location.hash)"))

    @property
    def open(self) -> str:
        """What is open, as the address says it."""
        return str(self.page.evaluate("page.states.write(page.state)"))

    @property
    def selected(self) -> str:
        """The place that is selected."""
        return str(self.page.evaluate("page.selected ? page.selected.join('.') : ''"))

    def node(self, place: str) -> Any:
        """The element of a place."""
        return self.page.locator(f'[data-place="{place}"]')

    def press(self, *keys: str) -> None:
        """Keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)


Open = Callable[..., Opened]


@pytest.fixture
def open_page(browser: Any, folder: Path) -> Iterator[Open]:
    """Opens the page of a network of the zoo, or of a spec, from disk; it must raise no error and ask for nothing."""
    made: list[Opened] = []

    def show(spec: str, fragment: str = "", **options: Any) -> Opened:
        path = folder / f"{abs(hash(spec))}.html"
        if not path.exists():
            (archdsl.loads(spec) if "\n" in spec else archdsl.load(spec)).view(path)
        made.append(Opened(browser, path.as_uri() + fragment, **options))
        return made[-1]

    yield show
    for page in made:
        assert page.wrong == []
        assert all(url.startswith(("file:", "blob:")) for url in page.asked)
        page.close()
