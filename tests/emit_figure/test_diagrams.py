"""DOT and Mermaid, which others lay out: every box and edge is in them, and text stays text."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator

import pytest

import archdsl
from archdsl.diagnostics.model import Diagnostics
from archdsl.emit.figure import compose, draw
from archdsl.emit.figure.look import look
from archdsl.emit.figure.scene import Scene, Sketch
from archdsl.ir.graph import Graph
from tests.emit_figure.random_specs import random_spec

HOSTILE = ("a] } \\ \\N \\l <b>&lt; | ;", '#35; %% end `x` --> "]]>', "</text><script>&amp;")
ARROW = re.compile(r"^\s*(p\w+) -->(?:\|\"([^\"]*)\"\|)? (p\w+)$")
LINK = re.compile(r"^(p\w+) -> (p\w+) \[")


def hostile(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("{", "{{")


SPEC = f"""
block unit(x; note) = x -> conv(8, 3) -> relu -> conv(8, 3)
network n(x: [8, 8, 8]) = x -> {" -> relu -> ".join(f'unit("{hostile(text)}")' for text in HOSTILE)}
"""


def leaves(sketch: Sketch, name: str) -> Iterator[str]:
    """Names of the boxes that are not open, by a walk of its own."""
    for number, box in enumerate(sketch.boxes, 1):
        if box.inside is None:
            yield f"{name}b{number}"
        else:
            yield from leaves(box.inside, f"{name}b{number}")


def counted(scene: Scene) -> Counter[str]:
    """How many edges each panel and each open box has."""
    found: Counter[str] = Counter()

    def count(sketch: Sketch, name: str) -> None:
        found[name] += len(sketch.edges)
        for number, box in enumerate(sketch.boxes, 1):
            if box.inside is not None:
                count(box.inside, f"{name}b{number}")

    for number, panel in enumerate(scene.panels, 1):
        count(panel.sketch, f"p{number}")
    return found


def judged(graph: Graph, depth: int) -> None:
    """Boxes are all there, edges are as many as in each sketch, and lead from and to boxes of it or inside of these."""
    asked = look(depth=depth)
    scene = compose(graph, asked, Diagnostics())
    boxes = {name for i, panel in enumerate(scene.panels, 1) for name in leaves(panel.sketch, f"p{i}")}
    dot = draw(graph, "dot", asked, Diagnostics()).decode().split("\n")
    mermaid = draw(graph, "mermaid", asked, Diagnostics()).decode().split("\n")
    links = [(found[1], found[2]) for line in dot if (found := LINK.match(line))]
    arrows = [(found[1], found[3]) for line in mermaid if (found := ARROW.match(line))]
    assert Counter(links) == Counter(arrows) and len(links) == sum(counted(scene).values())
    assert {end for link in links for end in link} <= boxes
    assert {line.split(" ")[0] for line in dot if re.match(r"p[\db]+ \[", line)} == boxes
    assert {word for line in mermaid for word in re.findall(r"^\s+(p[\db]+)(?:\(|\[)", line)} == boxes


def test_every_box_and_edge_of_random_specs() -> None:
    count = 0
    for seed in range(40):
        try:
            graph = archdsl.loads(random_spec(seed)).graph
        except archdsl.ArchError:
            continue
        judged(graph, random.Random(seed).choice([0, 1, 3]))
        count += 1
    assert count > 30


@pytest.mark.parametrize("name", ["nasnet_mobile", "shufflenet_v2_x1_0", "transformer_base"])
def test_every_box_and_edge_of_networks(name: str) -> None:
    for depth in (0, 1, 2):
        judged(archdsl.load(name).graph, depth)


def test_text_of_mermaid_means_itself() -> None:
    chart = archdsl.loads(SPEC).draw(format="mermaid").decode()
    for line in chart.split("\n"):
        for quoted in re.findall(r'"([^"]*)"', line):
            assert re.fullmatch(r"(?:[^#&<>;`\\]|#\d+;|<br/>)*", quoted), quoted
    assert "script" not in [word for word in re.findall(r"<(\w+)", chart) if word != "br"]
    codes = re.sub(r"#(\d+);", lambda code: chr(int(code[1])), chart)
    assert all(text in codes for text in HOSTILE)


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz's program is not installed")
def test_dot_draws_it_and_reads_the_text_as_it_is() -> None:
    text = archdsl.loads(SPEC).draw(format="dot")
    done = subprocess.run(["dot", "-Tjson"], input=text, capture_output=True, check=True, timeout=60)
    assert done.stderr == b""
    drawn = json.loads(done.stdout)
    shown = [
        "".join(part["text"] + "\n" for part in item.get("_ldraw_", ()) if part["op"] == "T")
        for item in drawn["objects"]
    ]
    assert all(any(text in said for said in shown) for text in HOSTILE), shown
    judged(archdsl.loads(SPEC).graph, 1)


def test_tables_and_totals_stand_beside() -> None:
    for form in ("dot", "mermaid"):
        drawn = archdsl.load("resnet50").draw(format=form).decode()
        told = re.sub(r"#(\d+);", lambda code: chr(int(code[1])), drawn)
        assert "25.6 M parameters" in told and "width | stride | x | output" in told
        assert "512 | 2 | 1024 × 14 × 14 | 2048 × 7 × 7" in told
