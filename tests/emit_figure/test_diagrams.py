"""DOT and Mermaid, which others lay out: every box and edge is in them, and text stays text."""

from __future__ import annotations

import html
import json
import random
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import archdsl
from archdsl.diagnostics.model import Diagnostics
from archdsl.emit.figure import compose, draw
from archdsl.emit.figure.look import look
from archdsl.emit.figure.scene import Scene, Sketch
from archdsl.emit.figure.verify import verify
from archdsl.emit.figure.words import value_text
from archdsl.emit.marks.palettes import COST_STEPS, PALETTES
from archdsl.ir.graph import INPUT, Graph, Node, Ref
from archdsl.network import networks
from archdsl.ops.base import Op
from tests.emit_figure.random_specs import random_spec
from tests.few import few
from tests.zoo_sample import swept

HOSTILE = ("a] } \\ \\N \\l <b>&lt; | ;", '#35; %% end `x` --> "]]>', "</text><script>&amp;")
HOSTILE += ("a] } \\ \\N \\l <b>& | x #35",)  # without what a figure shows as a spec writes it
ARROW = re.compile(r"^\s*(p\w+) -->(?:\|\"([^\"]*)\"\|)? (p\w+)$")
SHARE = re.compile(r"(?:< )?[\d.]+ %")
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
    assert all(value_text(text) in codes for text in HOSTILE)


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
    assert all(any(value_text(text) in said for said in shown) for text in HOSTILE), shown
    judged(archdsl.loads(SPEC).graph, 1)


def test_tables_and_totals_stand_beside() -> None:
    for form in ("dot", "mermaid"):
        drawn = archdsl.load("resnet50").draw(format=form).decode()
        told = re.sub(r"#(\d+);", lambda code: chr(int(code[1])), drawn)
        assert "25.6 M parameters" in told and "width | stride | x | output" in told
        assert "512 | 2 | 1024 × 14 × 14 | 2048 × 7 × 7" in told


# --- the operands and results of edges, read from the text alone

DOT_EDGE = re.compile(r'^(p\w+) -> (p\w+) \[(?:label="([^"]*)")?(?:, )?(?:headlabel="([^"]*)")?\]$')
RESULT = re.compile(r"output (\d+)")
NUMBERED = re.compile(r"(\d+)(?: to (\d+))?(?::.*)?")


def read_edges(form: str, text: str) -> list[tuple[str, str, str, str]]:
    """Source, target, what is said at the head and beside it, of each edge of a diagram in order."""
    found = []
    for line in text.split("\n"):
        if form == "dot" and (edge := DOT_EDGE.match(line)):
            found.append((edge[1], edge[2], edge[4] or "", edge[3] or ""))
        elif form == "mermaid" and (arrow := ARROW.match(line)):
            words = re.sub(r"#(\d+);", lambda code: chr(int(code[1])), arrow[2] or "").split(", ")
            beside = [word for word in words if RESULT.match(word) or (" × " in word and ":" not in word)]
            head = words[0] if words[0] not in beside and words[0] != "last but one" else ""
            found.append((arrow[1], arrow[3], head, ", ".join(words)))
    return found


def sketches_of(scene: Scene) -> Iterator[tuple[Sketch, Sketch]]:
    """Sketches as drawn, each with that of a body, in the order in which their edges are written."""

    def inner(drawn: Sketch, own: Sketch) -> Iterator[tuple[Sketch, Sketch]]:
        for box, mine in zip(drawn.boxes, own.boxes, strict=True):
            if box.inside is not None and mine.inside is not None:
                yield from inner(box.inside, mine.inside)
        yield drawn, own

    for panel in scene.panels:
        yield from inner(panel.sketch, panel.instances[0].sketch)


def node_at(graph: Graph, place: tuple[int, ...]) -> Node:
    for index in place[:-1]:
        body = graph.nodes[index].body
        assert body is not None
        graph = body
    return graph.nodes[place[-1]]


def operands_said(node: Node, head: str, count: int) -> list[int] | None:
    """Which operands of an op or call an edge brings, by the text at its head; None if it does not matter."""
    if count == 1 or (isinstance(node.target, Op) and node.target.commutes):
        return None
    names = list(node.target.input_names if isinstance(node.target, Graph) else node.target.operands)
    if head in names:
        return [names.index(head)]
    numbers = NUMBERED.fullmatch(head)
    assert numbers is not None, (node.word, head)
    return list(range(int(numbers[1]) - 1, int(numbers[2] or numbers[1])))


def read_back(graph: Graph, depth: int = 0) -> int:
    """A reader finds from the text which operand and which result each edge is; the scene is proved against the IR."""
    scene = compose(graph, look(depth=depth), Diagnostics())
    assert verify(scene).differences == ()
    count = 0
    for form in ("dot", "mermaid"):
        read = iter(read_edges(form, draw(graph, form, look(depth=depth), Diagnostics()).decode()))
        for drawn, own in sketches_of(scene):
            for edge, (_, _, head, beside) in zip(drawn.edges, read, strict=False):
                source, target = own.boxes[edge.source], own.boxes[edge.target]
                if source.units:
                    results = len(node_at(own.graph, source.units[-1][-1]).types)
                    said = RESULT.search(beside)
                    assert (int(said[1]) - 1 if said else None) == (edge.output if results > 1 else None)
                    assert ("last but one" in beside) == (edge.back > 0)
                if target.units:
                    node = node_at(own.graph, target.units[0][0])
                    wanted = operands_said(node, head, len(node.operands))
                    assert wanted is None or tuple(wanted) == edge.operands, (node.word, head, edge.operands)
                count += 1
        assert next(read, None) is None
    return count


def test_operands_and_results_are_read_from_the_text_of_random_specs() -> None:
    count = 0
    for seed in range(few(60)):
        try:
            count += read_back(archdsl.loads(random_spec(seed)).graph, seed % 3)
        except archdsl.ArchError:
            continue
    assert count > few(2000)


@pytest.mark.parametrize("path", swept())
def test_operands_and_results_are_read_from_the_text_of_the_zoo(path: Path) -> None:
    read_back(archdsl.load(path, networks(path)[-1]).graph)


SPLIT = """
network n(x: [8, 6, 6]) {
    a, b = x -> split(2)
    c, d = [b, a] -> concat -> split(2)
    e = [a, d, c, d] -> concat -> conv(4)
    f = [c, e] -> stack -> reshape([8, 6, 6])
    return [a - e, f, b - c] -> concat, a
}
"""


def mended(graph: Graph, number: int, operands: tuple[Ref, ...]) -> Graph:
    nodes = list(graph.nodes)
    nodes[number] = nodes[number]._replace(operands=operands)
    return replace(graph, nodes=tuple(nodes))


def test_networks_that_differ_in_one_operand_have_other_text() -> None:
    """Operands of one type change places, or one is another result of the same op: no figure can stay as it was."""
    graph = archdsl.loads(SPLIT).graph
    shown = {form: draw(graph, form, look(), Diagnostics()) for form in ("dot", "mermaid", "svg")}
    changed = 0
    for number, node in enumerate(graph.nodes):
        given = graph.operand_types(node)
        for i, ref in enumerate(node.operands):
            several = ref.node != INPUT and len(graph.nodes[ref.node].types) == 2
            others = [Ref(ref.node, 1 - ref.output)] if several else []
            trials = [(*node.operands[:i], other, *node.operands[i + 1 :]) for other in others]
            for j in range(i):
                if given[i] == given[j] and node.operands[i] != node.operands[j]:
                    swapped = list(node.operands)
                    swapped[i], swapped[j] = swapped[j], swapped[i]
                    trials.append(tuple(swapped))
            for trial in trials:
                changed += 1
                for form, text in shown.items():
                    assert draw(mended(graph, number, trial), form, look(), Diagnostics()) != text, (form, node.word)
    assert changed > 12


@pytest.mark.parametrize("options", [{}, {"depth": 1, "theme": "dark"}])
@pytest.mark.parametrize("metric", ["macs", "params", "memory"])
@pytest.mark.parametrize("name", ["resnet50", "shufflenet_v2_x1_0", "transformer_base"])
def test_shares_of_the_cost_are_those_of_the_svg(name: str, metric: str, options: dict[str, Any]) -> None:
    """Each box says its share, and is the darker, the larger that is; a scale says what the colours mean."""
    network = archdsl.load(name)
    plain = {form: network.draw(format=form, **options).decode() for form in ("svg", "dot", "mermaid")}
    drawn = {form: network.draw(format=form, color=metric, **options).decode() for form in plain}
    drawn["mermaid"] = re.sub(r"#(\d+);", lambda code: chr(int(code[1])), drawn["mermaid"])
    shares = {form: Counter(SHARE.findall(html.unescape(text))) for form, text in drawn.items()}
    assert shares["svg"] == shares["dot"] == shares["mermaid"] and sum(shares["svg"].values()) > 10
    assert all("share of " in text and "share of " not in plain[form] for form, text in drawn.items())
    palette = PALETTES[str(options.get("theme", "light"))]
    fills = Counter(re.findall(r'fillcolor="(#\w+)"', drawn["dot"]))
    classes = Counter(re.findall(r":::cost(\d)", drawn["mermaid"]))
    steps = {palette[f"cost.{step}"]: str(step) for step in range(COST_STEPS)}
    assert {steps[fill]: count for fill, count in fills.items() if fill in steps} == classes
