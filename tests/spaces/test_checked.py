"""What `archdsl check` says of a space: how many designs it has, and which of them do not elaborate."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

import archdsl
from archdsl.analysis import registry
from archdsl.diagnostics.model import Diagnostic
from archdsl.source import Source
from tests.elaborate.each_design import Picks, every_design
from tests.spaces.test_space import CLASH, DEEP

Place = tuple[str, int, int]  # of a mistake: its code, and where


def told(text: str) -> list[tuple[str, str]]:
    """Codes and last notes."""
    return [(one.code, one.notes[-1] if one.notes else "") for one in archdsl.check_text(text)]


def test_designs_that_fail() -> None:
    """At the line of the mistake, with the picks at which it happens."""
    both = "so it is in designs where a is conv(4), and b is conv(8); or a is conv(8), and b is conv(4)"
    assert told(CLASH) == [("shape-mismatch", both)]
    assert told(DEEP) == []


MISTAKES = {  # of networks of few designs; each option is one word
    "in a block": "block u(x) = x + (x -> conv(oneof([8, 16])))\nnetwork n(x: [8, 8, 8]) = x -> u -> relu\n",
    "in several units": "block u(x) = x + (x -> conv(oneof([8, 16, 12])))\nnetwork n(x: [8, 8, 8]) = x -> u * 2\n",
    "two sizes": "network n(x: [8, 8, 8]) {\n    a, b = oneof([8, 16]), oneof([8, 16, 12])\n"
    "    return (x -> conv(a)) + (x -> conv(b))\n}\n",
    "groups": "network n(x: [12, 8, 8]) {\n    w = oneof([12, 24, 36, 30])\n    g = oneof([1, 4, 5])\n"
    "    return x -> conv(w) -> conv(60, groups = g)\n}\n",
    "one mistake or another": "network n(x: [8, 8, 8]) {\n    y = x -> conv(oneof([8, 9, 12]))\n"
    "    z = y -> conv(24, groups = 4)\n    return (z -> conv(oneof([8, 16]))) + x\n}\n",
    "a result that only a design that fails would use": "network n(x: [8, 8, 8]) {\n"
    "    wide = x -> conv(oneof([8, 16]))\n    return oneof([x, x + wide])\n}\n",
}


@pytest.mark.parametrize("backwards", [False, True], ids=["first design sound", "first design fails"])
@pytest.mark.parametrize("what", MISTAKES)
def test_each_place_tells_what_a_design_tells_and_all_that_fail_there(what: str, backwards: bool) -> None:
    """Whatever comes first among the options: the words hold of just the designs that fail at that place."""
    text = MISTAKES[what]
    if backwards:
        text = re.sub(r"oneof\(\[(.*?)\]\)", lambda m: f"oneof([{', '.join(m[1].split(', ')[::-1])}])", text)
    spec = archdsl.Spec(Source("<text>", text))
    fails: dict[Place, list[tuple[Picks, Diagnostic]]] = {}
    sound = []
    for design, network in every_design(spec):
        if network is not None:
            sound.append(design)
            continue
        with pytest.raises(archdsl.ArchError) as raised:
            archdsl.load(spec, picks=design)
        wrong = raised.value.diagnostics[0]
        fails.setdefault(_place(wrong), []).append((design, wrong))
    assert fails and sound
    found = archdsl.check_text(text)
    assert {*map(_place, found)} == fails.keys() and len(found) == len(fails)
    for one in found:
        here = fails[_place(one)]
        *notes, when = one.notes
        assert str(replace(one, notes=tuple(notes))) in [str(wrong) for _, wrong in here]
        elsewhere = [design for place, those in fails.items() if place != _place(one) for design, _ in those]
        assert all(_holds(when, design) for design, _ in here)
        assert not any(_holds(when, design) for design in (*sound, *elsewhere))


def _place(wrong: Diagnostic) -> Place:
    assert wrong.span
    return wrong.code, wrong.span.start, wrong.span.end


def _holds(when: str, design: Picks) -> bool:
    """Whether words hold of a design: `so it is in designs where a is 8, and b is 16 or 12; or a is not 16`."""
    cases = when.removeprefix("so it is in designs where ").split("; or ")
    return any(all(_picked(*one.split(" is "), design) for one in case.split(", and ")) for case in cases)


def _picked(name: str, texts: str, design: Picks) -> bool:
    if texts.startswith("not "):
        return name in design and design[name] != texts.removeprefix("not ")
    return design.get(name) in re.split(", | or ", texts)


TENSORS = (
    "[x, y]", "[x, x -> oneof([relu, tanh])]", "oneof([[x], [x, y]])", "[t for t in [x, y] if oneof([true, false])]",
    "[t for t in [x, y] if oneof([false, true])]", "[x, y] if oneof([true, false]) else [x]", "[]",
    "oneof([x, y])", "someof([x, y], 1)",
)  # fmt: skip


@pytest.mark.parametrize("given", TENSORS)
@pytest.mark.parametrize("op", ["add", "mul"])
def test_tensors_in_parentheses_are_told_alike(op: str, given: str) -> None:
    """By a space and by its first design, whatever that makes of the list."""
    text = "network n(x: [3, 8, 8]) {\n    y = x -> conv(oneof([3, 6]), 1) -> conv(3)\n"
    text += f"    return [y, y] -> {op}({given})\n}}\n"
    with pytest.raises(archdsl.ArchError) as raised:
        archdsl.space(archdsl.Spec(Source("<text>", text)))
    told = [(one.code, one.help) for one in archdsl.check_text(text)]
    assert told == [(one.code, one.help) for one in raised.value.diagnostics]
    assert told[0][0] == "tensor-in-parentheses"
    assert "this is a value" not in str(raised.value)


def test_what_cannot_be_followed_is_said() -> None:
    """Not all designs were looked at: half of these do not elaborate."""
    text = "network n(x: [3, 8, 8]) {\n    ws = [oneof([1, 2]) for _ in range(12)]\n    w = 1\n"
    text += "    for i in range(12) { w = w + ws[i] * 2 ** i }\n    y = [x -> relu for _ in range(w)] -> concat\n"
    text += "    unread = x -> tanh if w == 4096 else x\n    return (x -> conv(8)) + (y -> conv(oneof([8, 16])))\n}\n"
    (found,) = archdsl.check_text(text)
    assert (found.code, found.severity, found.span and found.span.line) == ("space-too-large", "warning", 5)
    assert found.notes[-1] == "so not all designs of n were looked at: some may not elaborate"


def test_only_what_is_left_open() -> None:
    """`@picks` decides some of it: what cannot come up then is no mistake."""
    free = CLASH.replace("network n", "@picks(a = conv(4), b = conv(4))\nnetwork n")
    assert told(free) == []
    half = CLASH.replace("network n", "@picks(a = conv(4))\nnetwork n")
    assert told(half) == [("shape-mismatch", "so it is in designs where b is conv(8)")]


@pytest.mark.parametrize(
    ("reads", "warned"),
    [("oneof([[], [a]])", [3]), ("oneof([[a], []])", [3]), ("oneof([[a], [b]])", []), ("oneof([[], []])", [2, 3])],
)
def test_results_that_nobody_uses(reads: str, warned: list[int]) -> None:
    """They are those of all designs, not of the first one."""
    text = f"network n(x: [3, 8, 8]) {{\na = x -> relu\nb = x -> tanh\nreads = {reads}\nreturn [x] + reads -> add\n}}\n"
    first = reads[reads.index("[") + 1 : reads.index("]") + 1]
    for design in ("", f"@picks(reads = {first})\nnetwork found = n\n"):  # of a design that leaves nothing open, too
        found = archdsl.check_text(text + design)
        assert [(one.code, one.span and one.span.line) for one in found] == [("unused-tensor", line) for line in warned]


@pytest.mark.parametrize(
    ("attributes", "codes"),
    [
        ("@expect(designs = 28)", []),
        ("@expect(designs = 28, params = 120)", []),
        ("@expect(designs = approx(30, 10%))", []),
        ("@expect(designs = 27)", ["expect-mismatch"]),
        ("@picks(depth = 2)\n@expect(designs = 8)", []),
        ("@picks(depth = 2)\n@expect(designs = 28)", ["expect-mismatch"]),
        ("@expect(design = 28)", ["unknown-metric"]),
    ],
)
def test_claims_about_designs(attributes: str, codes: list[str]) -> None:
    """They are counted, of what the spec itself leaves open."""
    assert [code for code, _ in told(DEEP.replace("network n", f"{attributes}\nnetwork n"))] == codes


def test_networks_are_no_claim() -> None:
    """What can be claimed of a space is said, with what counts the rest."""
    (wrong,) = archdsl.check_text(DEEP.replace("network n", "@expect(networks = 28)\nnetwork n"))
    assert wrong.code == "unknown-metric" and "`archdsl space --networks`" in wrong.help and "designs" in wrong.help


def test_designs_of_a_closed_network() -> None:
    """There is one."""
    assert told("@expect(designs = 1)\nnetwork n(x: [3, 8, 8]) = x -> relu\n") == []
    (wrong,) = archdsl.check_text("@expect(designs = 2)\nnetwork n(x: [3, 8, 8]) = x -> relu\n")
    assert wrong.message == "designs of n is 1, not 2" and "`archdsl space` shows each decision" in wrong.help


REQUIRED = ["params {} {}", "macs {} {}", "activations {} {}"]


@pytest.mark.parametrize("symbol", ["<", "<=", ">", ">=", "=="])
@pytest.mark.parametrize("required", REQUIRED)
def test_what_no_design_is_allowed_to_be(required: str, symbol: str) -> None:
    """It is told at just the bounds that no design meets and that a sum proves: those beyond the least and the most."""
    metric = required.split()[0]
    numbers = sorted({*_numbers(DEEP, metric)})
    beyond = {"<": numbers[0], "<=": numbers[0] - 1, ">": numbers[-1], ">=": numbers[-1] + 1, "==": numbers[-1] + 1}
    within = {"<": numbers[0] + 1, "<=": numbers[0], ">": numbers[-1] - 1, ">=": numbers[-1], "==": numbers[1]}
    for bound, codes in ((beyond[symbol], ["nothing-fits"]), (within[symbol], [])):
        text = DEEP.replace("network n", f"@require({required.format(symbol, bound)})\nnetwork n")
        assert [code for code, _ in told(text)] == codes
        if codes:
            with pytest.raises(archdsl.ArchError, match="nothing-fits"):
                archdsl.space(archdsl.Spec(Source("n.arch", text))).survey().refuse_nothing()


def test_what_a_design_is_allowed_to_be_that_is_picked() -> None:
    """The bounds are those of what `@picks` leaves open."""
    low, least = (min(_numbers(DEEP, "params", depth=depth)) for depth in ("1", "3"))
    text = DEEP.replace("network n", f"@require(params <= {low})\nnetwork n") + "@picks(depth = 3)\nnetwork m = n\n"
    (found,) = archdsl.check_text(text)
    assert low < least and (found.code, found.span and found.span.line) == ("nothing-fits", text.count("\n"))
    assert f"no design of m has params <= {low}: params is {least} to" in found.message.replace("_", "")


def _numbers(text: str, metric: str, **picks: str) -> list[int]:
    networks = [network for _, network in every_design(archdsl.Spec(Source("n.arch", text)), picks)]
    return [int(registry.metric(metric)(network.graph)) for network in networks if network is not None]


@pytest.mark.parametrize(
    ("attributes", "notes"),
    [
        ("@expect(params = 1)", "n leaves choices open; this is its design of the first options, depth = 1, "),
        ("@picks(depth = 2)\n@expect(params = 1)", "this is its design of the first options, unit[0].out = conv(8), "),
        ("@expect(designs = 1)", None),
        ('@picks(depth = 1, "unit[0].out" = conv(8), out = relu)\n@expect(params = 1)', None),
    ],
)
def test_whose_numbers_are_claimed(attributes: str, notes: str | None) -> None:
    """Those of the first options, where some are open, and then that is said."""
    (found,) = archdsl.check_text(DEEP.replace("network n", f"{attributes}\nnetwork n"))
    assert found.code == "expect-mismatch"
    assert ("first options" in str(found), "@picks" in found.help) == (notes is not None,) * 2
    assert notes is None or notes in found.notes[-1]


IDLE = {  # bodies, and the lines of the choices that no design uses
    "k = oneof([3, 5]); return x -> conv(8)": [2],
    "k = oneof([3, 5]); return x -> conv(oneof([8, 16]))": [2],
    "k = oneof([3, 5]); return x -> conv(8, k)": [],
    "k = oneof([3, 5]); return x -> oneof([relu, conv(8, k)])": [],
    "k = [oneof([3, 5]) for i in range(3)]; return x -> conv(8, k[1])": [],
    "k = [oneof([3, 5]) for i in range(3)]; return x -> conv(oneof([8, 4]))": [2],
    "k = oneof([3, 5]); return x -> conv(8, k if wide else 1)": [2],
}


@pytest.mark.parametrize("body", IDLE)
def test_choices_that_nothing_uses(body: str) -> None:
    """They leave nothing open; used in some design, or by a variant, they do."""
    first, rest = body.split("; ")
    text = f"network n(x: [3, 8, 8]; wide = false) {{\n    {first}\n    {rest} -> conv(4 if wide else 8)\n}}\n"
    found = archdsl.check_text(text)
    assert [(one.code, one.span and one.span.line) for one in found] == [("unused-definition", n) for n in IDLE[body]]
    variant = archdsl.check_text(text + "network m = n(wide = true)\n")
    assert len(variant) == (0 if "wide" in body else len(found))
