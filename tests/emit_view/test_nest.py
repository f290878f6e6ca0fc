"""The page's layout of what is open, run as a pure function by QuickJS: with nothing, all and some of it open."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import quickjs
from hypothesis import HealthCheck, given, settings

import archdsl
from archdsl.emit.view.data import page_data
from archdsl.emit.view.page import live_page, unpacked
from archdsl.library import folder, specs
from archdsl.network import networks
from tests.analysis.random_specs import SPECS, spec
from tests.emit_view.geometry import PLANS, faults
from tests.emit_view.test_page import Elements

SCRIPTS = folder().parent / "archdsl/emit/view"
PURE = ("layered", "data", "fold", "parts", "nest")


def machine(data: dict[str, Any], part: int = 24) -> quickjs.Context:
    """QuickJS with the pure part of the page's script, a page's data as `net`; `part` nodes are laid out at once."""
    text = "\n".join((SCRIPTS / f"{name}.js").read_text(encoding="utf-8") for name in PURE)
    text = text.replace("const PART = 24;", f"const PART = {part};")
    context = quickjs.Context()
    context.eval(text)
    context.eval(f"var net = readNetwork({json.dumps(data)}), states = new States(net), nest = new Nest(net, layered);")
    context.eval(f"var plans = {PLANS};")
    return context


def plans(context: quickjs.Context, text: str) -> list[dict[str, Any]]:
    """The plans of the state that an address names."""
    found: list[dict[str, Any]] = json.loads(context.eval(f"JSON.stringify(plans(nest, states.read({text!r})))"))
    return found


def some_open(data: dict[str, Any], chance: random.Random, share: float) -> str:
    """An address that opens about a share of what can be opened."""

    def write(body: int, share: float) -> str:
        parts = []
        for index, row in enumerate(data["bodies"][body][7]):
            if len(row) > 3 and row[3] and chance.random() < share:
                inside = write(row[3] - 1, share * 0.8)
                parts.append(f"{index}({inside})" if inside else str(index))
        return ",".join(parts)

    return write(data["root"], share)


SMALL = """
block pair(a, b; width) {
    y = a -> conv(width, 1)
    z = b -> conv(width, 3) -> relu
    return y + z, z
}
block outer(x) {
    p, q = [x, x -> tanh] -> pair(8)
    r, s = [q, p] -> pair(8)
    return [p, r, s] -> concat
}
block apart(x) {
    parts = [x -> conv(4, 1) -> relu -> conv(4, 3) for i in range(4)]
    return parts -> concat -> conv(8, 1)
}
network net(x: [8, 8, 8]) {
    x = x -> outer -> conv(8, 1) -> apart -> apart -> apart -> outer
    return x, x -> max_pool(2)
}
"""


@pytest.mark.parametrize("name", ["", "resnet18", "googlenet", "resnext50_32x4d", "densenet121", "transformer_base"])
def test_states(name: str) -> None:
    """Nothing open, all, and some at random, by a seed."""
    network = archdsl.load(name) if name else archdsl.loads(SMALL)
    data = page_data(network.graph)
    context = machine(data)
    chance = random.Random(7)
    for text in ["", "*", *(some_open(data, chance, 0.6) for _ in range(6))]:
        for plan in plans(context, text):
            assert faults(plan) == [], text


LONG = """
block tapped(x) {
    y = x -> conv(8, 3) -> relu
    return y + x, y -> max_pool(3, 1) -> conv(4, 1)
}
network net(x: [8, 8, 8], late: [8, 8, 8]) {
    heads = []
    for i in range(12) {
        x, head = x -> tapped
        x = x -> conv(8, 1 + 2 * (i % 3)) -> max_pool(3, 1)
        x = x + late if i == 7 else x
        x = x * (x -> global_avg_pool -> sigmoid) if i % 4 == 1 else x
        heads = heads + [head] if i % 5 == 2 else heads
    }
    return x, heads[0], heads[1]
}
"""


def test_what_is_laid_out_in_parts() -> None:
    """Long bodies with inputs and outputs in their middle, cut wherever they can be, are as free of faults."""
    data = page_data(archdsl.loads(LONG).graph)
    whole, parts = machine(data, part=10**6), machine(data, part=1)
    chance = random.Random(5)
    cut = 0
    for text in ["", "*", *(some_open(data, chance, 0.5) for _ in range(12))]:
        found, wanted = plans(parts, text), plans(whole, text)
        assert [fault for plan in found for fault in faults(plan)] == [], text
        assert [len(plan["wires"]) for plan in found] == [len(plan["wires"]) for plan in wanted]
        cut += found != wanted
    assert cut
    assert parts.eval("nest.parts.size") > 10 and whole.eval("nest.parts.size") == 0


@given(drawn=SPECS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_specs(drawn: Any) -> None:
    """Cut wherever they can be, all open and folded."""
    try:
        data = page_data(archdsl.loads(spec(drawn, (20, 24))).graph)
    except archdsl.ArchError:
        return
    context = machine(data, part=1)
    for text in ("", "*"):
        assert [fault for plan in plans(context, text) for fault in faults(plan)] == [], text


@pytest.mark.slow
@pytest.mark.parametrize("path", specs(), ids=lambda path: path.stem)
def test_states_of_the_whole_zoo(path: Path) -> None:
    for name in networks(path):
        try:
            data = page_data(archdsl.load(path, name).graph)
        except archdsl.ArchError:
            continue
        context, chance = machine(data), random.Random(name)
        for text in ["", "*", *(some_open(data, chance, 0.6) for _ in range(4))]:
            assert [fault for plan in plans(context, text) for fault in faults(plan)] == [], (name, text)


def test_faults_are_seen() -> None:
    """The judge says what is wrong where something is."""
    plan = plans(machine(page_data(archdsl.loads(SMALL).graph)), "")[0]
    assert faults(plan) == []
    first, second = [i for i, box in enumerate(plan["boxes"]) if box][1:3]
    plan["boxes"][second][1] = plan["boxes"][first][1]
    said = " ".join(faults(plan))
    assert "overlap" in said and "does not meet" in said


def test_a_page_holds_its_data() -> None:
    page = archdsl.loads(SMALL).view()
    assert unpacked(Elements(page).inside[2]) == json.loads(json.dumps(page_data(archdsl.loads(SMALL).graph)))


def test_all_scripts_compile() -> None:
    """Those too that only a browser can run: `make test-page` does."""
    for text in (archdsl.loads(SMALL).view(), live_page(archdsl.loads(SMALL).graph)[0], live_page()[0]):
        *_, code, runner = Elements(text).inside
        for script in (unpacked(code), runner):
            assert quickjs.Context().eval(f"typeof (() => {{ {script} }})") == "function"
    with pytest.raises(quickjs.JSException):
        quickjs.Context().eval("typeof (() => { const a = 1; const a = 2; })")


def test_addresses() -> None:
    """What is open is written and read back; what an address says wrongly is left out."""
    data = page_data(archdsl.load("resnet50").graph)
    context = machine(data)
    chance = random.Random(3)
    for text in ["", "*", *(some_open(data, chance, 0.7) for _ in range(20))]:
        written = context.eval(f"states.write(states.read({text!r}))")
        assert context.eval(f"states.read({written!r}) === states.read({text!r})")
    for text in ["99", "3(", "3(0,99(1)),4x", "((((", "-1", "3*4", "1e9", "0(0)"]:
        assert context.eval(f"states.write(states.read({text!r})).length") < 40
    assert context.eval("states.toggle(states.toggle(states.closed(), [3]), [3]) === states.closed()")
    assert context.eval("states.shallower(states.deeper(states.closed())) === states.closed()")


def test_equal_parts_are_laid_out_once() -> None:
    """However often a long body repeats itself; what differs in a part has a layout of its own."""
    text = """
network net(x: [8, 8, 8]) {{
    for i in range(120) {{
        y = x -> conv(8, 3) -> relu
        x = (y -> conv(8, {kernel})) + x
    }}
    return x
}}
"""
    same = machine(page_data(archdsl.loads(text.format(kernel="1")).graph))
    other = machine(page_data(archdsl.loads(text.format(kernel="11 if i == 60 else 1")).graph))
    for context in (same, other):
        assert len(plans(context, "")[0]["boxes"]) > 360
    assert same.eval("nest.parts.size") <= 4
    assert same.eval("nest.parts.size") < other.eval("nest.parts.size") <= 6
