"""What is said to select a variant holds for all bodies of its panel, and for none of the block's other panels."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator

import archdsl
from archdsl.emit.figure.scene import Panel, Scene
from archdsl.emit.figure.scenes import scene
from archdsl.emit.figure.verify import verify
from archdsl.emit.figure.verify_titles import table_words
from archdsl.emit.figure.words import shape_text, value_text
from archdsl.ir.graph import Graph
from archdsl.network import networks
from tests.emit_figure.random_specs import random_spec
from tests.few import few
from tests.zoo_sample import sample


def parts(text: str) -> Iterator[str]:
    """The parts of a condition: what stands between commas outside of brackets."""
    depth, begin = 0, 0
    for place, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            yield text[begin:place].strip()
            begin = place + 1
    yield text[begin:].strip()


def read(condition: str) -> list[tuple[str, list[str]]]:
    """Facts and the values that they may have: a list ends with its `or`, and goes over commas."""
    waiting, found = list(parts(condition)), list[tuple[str, list[str]]]()
    while waiting:
        listed = [waiting.pop(0)]
        while waiting and " or " not in listed[-1] and not STARTS.match(waiting[0]):
            if STARTS.match(listed[0]) and any(part.endswith(" in") for part in waiting):
                break
            listed.append(waiting.pop(0))
        head, _, _ = listed[0].partition(" = ")
        values = [value for part in listed for value in part.removeprefix(f"{head} = ").split(" or ")]
        if listed[0].startswith("channels "):
            found.append(("channels", values))
        elif listed[-1].endswith(" channels in"):
            found.append(("channels in", [value.removesuffix(" channels in") for value in values]))
        elif listed[-1].endswith(" in"):
            found.append(("in", [value.removesuffix(" in") for value in values]))
        else:
            found.append((head, values))
    return found


STARTS = re.compile(r"\w+ = |channels |\w+ (as large|larger|smaller) ")


def holds(condition: str, body: Graph) -> bool:
    arguments = {name: value_text(value) for name, value in body.arguments}
    facts = []
    for name, values in read(condition):
        size = re.fullmatch(r"(\w+) (as large as|larger than|smaller than) (\w+)", name)
        shapes = [shape_text(x) for x in body.inputs]
        channels, _, sizes = shapes[0].partition(" × ") if shapes else ("", "", "")
        if size is not None:
            inputs = dict(zip(body.input_names, body.inputs, strict=True))
            a, b = inputs[size[1]].shape[1:], inputs[size[3]].shape[1:]
            facts.append({"as": a == b, "larger": a > b, "smaller": a < b}[size[2].split()[0]])
        elif name == "channels":
            kept = body.inputs[0].shape[0] == body.output_types[0].shape[0]
            facts.append(values == [f"channels {'kept' if kept else 'changed'}"])
        elif name == "channels in":
            facts.append(channels in values)
        elif name == "in":
            facts.append(sizes in values or all(shape in ", ".join(values) for shape in shapes))
        else:
            facts.append(arguments[name] in values)
    return all(facts)


def blocks(found: Scene) -> Iterator[list[Panel]]:
    by_name = defaultdict(list)
    for panel in found.panels[1:]:
        graph = panel.sketch.graph
        by_name[(*graph.definition, graph.name)].append(panel)
    yield from (panels for panels in by_name.values() if len(panels) > 1)


def checked(found: Scene, count: Counter[str]) -> None:
    for panels in blocks(found):
        for panel in panels:
            condition = next((text for text in panel.title.remarks if not re.match(r"C(\(.*\))?: ", text)), "")
            assert condition, (found.root.name, panel.title)
            place = condition.startswith("at ") or condition == "otherwise"  # of which others are to be true
            count["place" if place else "said"] += 1
            condition = "" if place else condition
            for other in panels if condition else []:
                for one in other.instances:
                    assert holds(condition, one.graph) == (other is panel), (found.root.name, panel.title, one.graph)


def test_conditions_of_the_zoo_select_what_they_say() -> None:
    count = Counter[str]()
    for path in sample():
        try:
            checked(scene(archdsl.load(path, networks(path)[-1]).graph), count)
        except archdsl.ArchError:
            continue
    assert count["said"] > 3 * count["place"] and count["said"] > 30, count


def test_conditions_of_random_specs_select_what_they_say() -> None:
    count = Counter[str]()
    for seed in range(200, 200 + few(100)):
        try:
            checked(scene(archdsl.loads(random_spec(seed)).graph), count)
        except archdsl.ArchError:
            continue
    assert count["said"] > few(50)


def test_switches_select_before_widths() -> None:
    """What a spec branches on is said, two of it if need be, and not a width that happens to differ."""
    block = (
        "block u(x; out, k, d) = x -> conv(9) -> conv(out) -> (relu -> conv(out) if k else id) -> (tanh if d else id)"
    )
    calls = "u(4, true, true) -> u(8, true, false) -> u(16, false, true) -> u(32, true, true)"
    text = f"{block}\nnetwork n(x: [3, 8, 8]) = x -> {calls}"
    told = {panel.title.remarks[0] for panel in scene(archdsl.loads(text).graph).panels[1:]}
    assert told == {"k = true, d = true", "d = false", "k = false"}


def test_what_tells_apart_by_accident_selects_nothing() -> None:
    """An argument that no condition asks for is not said, however well it tells the variants apart."""
    text = (
        "block u(x; out, k, gate, stride) {\n"
        "    y = x -> conv(out, k, stride) -> bn -> (sigmoid -> conv(out) if gate else id) -> conv(out)\n"
        "    return x + y if stride == 1 and out == x.channels else y\n}\n"
        "network n(x: [8, 32, 32]) = x -> u(16, 3, false, 2) -> u(16, 5, true, 1) -> u(16, 5, true, 1)"
        " -> u(24, 5, true, 2) -> u(24, 3, false, 1)"
    )
    told = {panel.title.remarks[0] for panel in scene(archdsl.loads(text).graph).panels[1:]}
    assert told == {
        "gate = false, stride = 2", "gate = true, stride = 1", "gate = true, stride = 2", "gate = false, stride = 1"
    }  # fmt: skip


def test_the_proof_reads_the_conditions_of_random_branches_as_they_are_meant() -> None:
    """Blocks of one or two random conditions, called at random: what stands over a variant is read back as true."""
    told = 0
    for seed in range(120):
        chance = random.Random(seed)
        tests = ["w > 20", "k == 3", "w % 16 == 0", "x.channels == w", "x.channels > 20", "on"]
        asked = [" and ".join(chance.sample(tests, chance.choice((1, 2)))) for _ in range(chance.choice((1, 2)))]
        ways = [f"    if {test} {{ return [x -> conv(w){' -> relu' * i}, x -> conv(w)] -> mul }}\n" for i, test in
                enumerate(asked)]  # fmt: skip
        calls = [f"q({chance.choice((8, 16, 24, 32, 48))}, {chance.choice((1, 3))}, {chance.choice(('true', 'false'))})"
                 for _ in range(6)]  # fmt: skip
        text = (
            f"block q(x; w, k, on) {{\n{''.join(ways)}"
            "    return [x -> conv(w), x -> conv(w) -> sigmoid] -> maximum\n}\n"
            f"network n(x: [24, 8, 8]) = x -> {' -> '.join(calls)}"
        )
        found = scene(archdsl.loads(text).graph)
        told += sum(bool(panel.title.remarks) for panel in found.panels)
        assert verify(found).differences == (), text
    assert told > 150


def test_an_input_is_larger_only_if_no_side_is_smaller() -> None:
    text = (
        "block u(x, y; out) = (x -> conv(out) -> global_avg_pool) + (y -> (conv(out, 3) if y.height > x.height else\n"
        "    conv(out)) -> global_avg_pool)\n"
        "network n(x: [3, 8, 64], y: [3, 16, 4], z: [3, 4, 64]) {\n"
        "    return ([x, y] -> u(4)) + ([x, z] -> u(4))\n}"
    )
    told = [remark for panel in scene(archdsl.loads(text).graph).panels for remark in panel.title.remarks]
    assert not any(" than " in remark and "larger" in remark for remark in told)


def test_every_word_of_a_panel_is_in_its_table_or_explained() -> None:
    """And every number of a row that a call says stands in the table of a panel, or below its title."""
    said = 0
    for name in ("densenet121", "polynet", "shufflenet_v1_g3", "mobilenet_v3_large", "resnext50_32x4d", "dpn92"):
        found = scene(archdsl.load(name).graph)
        for panel in found.panels:
            head = panel.table.head if panel.table is not None else ()
            explained = {text.partition(": ")[0] for text in panel.title.remarks if ": channels of " in text}
            for word in table_words(panel.sketch):
                said += 1
                for part in re.split("[·/]", word):
                    assert part.isdigit() or part in head or part in explained, (found.root.name, panel.title, word)
            numbers = {one.graph: dict(one.values).get("no.") for one in panel.instances}
            if any(numbers.values()):
                assert "no." in head or any(text.startswith("no. ") for text in panel.title.remarks)
    assert said > 60


def test_an_argument_of_its_own_value_selects_each_of_many_variants() -> None:
    """However many they are, and whether some are called once or twice: the value says more than a place."""
    for count in (5, 9, 33):
        calls = "\n".join(f"    x = x -> v({i}, {8 + i % 3}) * {1 + i % 2} -> conv(8)" for i in range(1, count + 1))
        found = scene(
            archdsl.loads(
                "block v(x; i, c) {\n"
                "    for j in range(i) { x = x + (x -> conv(8, 2 * j + 1) -> conv(c) -> conv(8)) }\n"
                f"    return x\n}}\nnetwork n(x: [8, 6, 6]) {{\n{calls}\n    return x\n}}"
            ).graph
        )
        assert verify(found).differences == ()
        titles = [panel.title for panel in found.panels if panel.title.name == "v"]
        assert [title.remarks[0] for title in titles] == [f"i = {i}" for i in range(1, count + 1)]
