"""How fast the page is, against the bars of its design, and that no state of it covers anything; in milliseconds."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

import archdsl
from archdsl.emit.view.data import page_data
from tests.emit_view.geometry import PLANS, faults
from tests.emit_view.test_nest import some_open
from tests.page.conftest import Open

TIMED = """
async () => {
  const begin = performance.now();
  WORK;
  document.body.getBoundingClientRect();
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - begin;
}
"""
STEPS = {
    "move": "page.stage.move(60, 90)",
    "move far": "page.stage.move(900, 2000)",
    "nearer": "page.stage.zoom(1.6)",
    "much nearer": "page.stage.zoom(5)",
    "farther": "page.stage.zoom(0.3)",
    "colour": "page.paintBy('macs')",
    "fold": "page.state.kids.size && page.toggle([[...page.state.kids.keys()][0]])",
    "unfold": "page.toggle([page.net.bodies[0].boxes.findIndex((box) => box.open >= 0)])",
    "fold a level": "page.act('shallower')",
    "all": "page.act('all')",
}


def tower(count: int) -> str:
    """A network of about `count` boxes in blocks."""
    return f"""
block unit(x; width) {{
    y = x -> conv(width, 3) -> tanh
    return (y -> conv(8, 1) -> sigmoid) + x
}}
network net(x: [8, 8, 8]) {{
    for i in range({count // 7}) {{
        x = x -> unit(8 + i % 5) -> conv(8, 1) -> max_pool(3, 1)
    }}
    return x
}}
"""


def flat(count: int) -> str:
    """A network of about `count` boxes in one body, with a way around each three."""
    return f"""
network net(x: [8, 32, 32]) {{
    for i in range({count // 3}) {{
        y = x -> conv(8, 3) -> relu
        x = (y -> conv(8, 1 + 2 * (i % 3))) + x
    }}
    return x
}}
"""


def unlike(count: int) -> str:
    """A network of about `count` boxes in one body, no two of which are alike."""
    return f"""
network net(x: [8, 32, 32]) {{
    for i in range({count}) {{
        x = x -> conv(8 + i, 3)
    }}
    return x
}}
"""


def timed(page: Any, work: str) -> float:
    """Until the next frame is painted, what is laid out and drawn for it included."""
    return float(page.evaluate(TIMED.replace("WORK", work)))


@pytest.mark.parametrize(
    ("spec", "ready", "all"),
    [
        ("resnet50", 500, 500),
        ("nasnetalarge", 500, 500),
        ("densenet264", 500, 500),
        (tower(4000), 500, 1500),
        (tower(10_000), 500, 3000),
        (flat(4000), 500, 1500),
        (flat(10_000), 500, 3000),
        (unlike(10_000), 500, 3000),
    ],
    ids=[
        *(
            "resnet50",
            "nasnetalarge",
            "densenet264",
            "4,000 in blocks",
            "10,000 in blocks",
            "4,000 flat",
            "10,000 flat",
        ),
        "10,000 unlike",
    ],
)
def test_bars(open_page: Open, spec: str, ready: int, all: int, record_property: Any) -> None:
    """The best of three, for what else the machine does; each from a page that has laid nothing out yet."""
    bars = {"ready": ready, "unfolded": all, **dict.fromkeys(STEPS, 200), "fold a level": all, "all": all}
    best = dict.fromkeys(bars, 1e9)
    for _ in range(3):
        page = open_page(spec)
        took = {"ready": page.evaluate("performance.getEntriesByName('ready')[0].startTime")}
        took["unfolded"] = timed(page, "page.act('all')")
        took |= {name: timed(page, work) for name, work in STEPS.items()}
        best = {name: min(best[name], took[name]) for name in bars}
        if not [name for name in bars if best[name] >= bars[name]]:
            break
    record_property("milliseconds", {name: round(value) for name, value in best.items()})
    print(page.evaluate("page.states.boxes(page.states.all())"), {name: round(value) for name, value in best.items()})
    assert {name: value for name, value in best.items() if value >= bars[name]} == {}


@pytest.mark.parametrize(
    "name",
    [
        *("resnet50", "nasnetalarge", "googlenet", "transformer_base", "densenet121"),
        *("inception_v4", "efficientnet_b0", "dla34", "shufflenet_v1_g3", "senet154"),
    ],
)
def test_random_states(open_page: Open, name: str) -> None:
    """In 50 of each network no box covers another, and no wire passes under a box."""
    page = open_page(name)
    data = page_data(archdsl.load(name).graph)
    chance = random.Random(name)
    for _ in range(50):
        text = some_open(data, chance, chance.uniform(0.2, 1.0))
        plans = page.evaluate(f"(text) => ({PLANS})(page.nest, page.states.read(text))", text)
        assert [fault for plan in plans for fault in faults(plan)] == [], text


def test_what_is_drawn_is_what_is_laid_out(open_page: Open, tmp_path: Path) -> None:
    """The boxes on the screen do not overlap either, but for those that hold others."""
    page = open_page("googlenet", "#open=*")
    page.evaluate("page.stage.look(0, 0, 0.6)")
    boxes = page.evaluate(
        "[...document.querySelectorAll('.node:not(.open) > .shape:last-of-type')].map((e) => e.getBoundingClientRect())"
        ".map((r) => [r.left, r.top, r.right, r.bottom])"
    )
    assert len(boxes) > 10
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            assert min(a[2], b[2]) - max(a[0], b[0]) < 1.5 or min(a[3], b[3]) - max(a[1], b[1]) < 1.5
