"""Two networks in one drawing: both sides are whole, what differs has its sign, and nothing leaves the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest

import archdsl
from archdsl.diagnostics.model import Diagnostics
from archdsl.emit.figure import compose
from archdsl.emit.figure.look import PAPERS, look
from archdsl.emit.figure.marking import NEW, OLD, Sign, marked
from archdsl.emit.figure.pairs import drawing_of_two
from archdsl.emit.marks.model import CircleMark, Drawing, GroupMark, Leaf, Mark, RectMark, TextMark

PAIRS = [
    ("resnet50", "resnext50_32x4d"),
    ("vgg16", "vgg16_bn"),
    ("resnet18", "resnet50"),
    ("nasnetalarge", "pnasnet5large"),
    ("googlenet", "bn_inception"),
    ("lstm_lm_small", "lstm_lm_medium"),
    ("wrn16_8", "wrn16_10"),
    ("alexnet", "alexnet"),
]


SVG = "{http://www.w3.org/2000/svg}"
SLOW = pytest.mark.slow


def drawn(old: str, new: str, **options: str) -> Drawing:
    asked, odd = look(**options), Diagnostics()  # type: ignore[arg-type]
    one, other = (compose(archdsl.load(name).graph, asked, odd) for name in (old, new))
    return drawing_of_two(one, other, asked, odd)


def all_marks(marks: tuple[Mark, ...]) -> Iterator[Mark]:
    for mark in marks:
        yield mark
        if isinstance(mark, GroupMark):
            yield from all_marks(mark.marks)


def boxes(drawing: Drawing) -> list[GroupMark]:
    found = [m for leaf in drawing.leaves for m in all_marks(leaf.marks) if isinstance(m, GroupMark)]
    return [m for m in found if re.fullmatch(r"panel-\d+(\.box-\d+)+", m.id)]


def has_badge(box: GroupMark) -> bool:
    return any(isinstance(m, CircleMark) and m.fill is not None and m.fill.endswith(".border") for m in box.marks)


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_every_marked_box_has_its_sign_and_colour_and_no_other(old: str, new: str) -> None:
    scenes = [compose(archdsl.load(name).graph, look(), Diagnostics()) for name in (old, new)]
    marks = marked(scenes[OLD], scenes[NEW])
    drawing = drawn(old, new)
    shown = boxes(drawing)
    lines = [m.text for leaf in drawing.leaves for m in all_marks(leaf.marks) if isinstance(m, TextMark)]
    told = sum(re.match(r"[+−~] \d+: ", line) is not None for line in lines)  # of variants that are not drawn
    signed = [box for box in shown if has_badge(box)]
    expected = sum(
        mark.sign is not Sign.SAME
        for scene, known in zip(scenes, marks, strict=True)
        for panel, found in zip(scene.panels, known, strict=True)
        for mark in found.values()
        if any(mark.sign is not Sign.SAME for mark in found.values())
    )
    assert len(signed) + told == expected
    fills = {m.fill for box in signed for m in box.marks if isinstance(m, RectMark)}
    assert fills <= {"added.fill", "removed.fill", "changed.fill", "frame.fill"}  # a body drawn in place stays plain
    plain = {m.fill for box in shown if not has_badge(box) for m in box.marks if isinstance(m, RectMark)}
    assert plain <= {"frame.fill"}


@pytest.mark.parametrize(("old", "new"), PAIRS)
@pytest.mark.parametrize("width", ["", "a4", pytest.param("5.5in", marks=SLOW), pytest.param("slide", marks=SLOW)])
def test_nothing_leaves_the_page(old: str, new: str, width: str) -> None:
    drawing = drawn(old, new, **({"width": width} if width else {}))
    for leaf in drawing.leaves:
        check_page(leaf)
        if width in PAPERS:
            assert (leaf.width, leaf.height) == (PAPERS[width].width, PAPERS[width].height)
    ids = [m.id for leaf in drawing.leaves for m in all_marks(leaf.marks) if isinstance(m, GroupMark) and m.id]
    assert len(ids) == len(set(ids))
    texts = {m.text for leaf in drawing.leaves for m in all_marks(leaf.marks) if isinstance(m, TextMark)}
    assert f"{old} → {new}" in texts and {old, new} <= texts
    assert ("no op or block is added, removed or changed" in texts) == (old == new)


def check_page(leaf: Leaf) -> None:
    for mark in all_marks(leaf.marks):
        if isinstance(mark, RectMark):
            assert mark.x >= -0.01 and mark.x + mark.width <= leaf.width + 0.01
            assert mark.y >= -0.01 and mark.y + mark.height <= leaf.height + 0.01
        elif isinstance(mark, TextMark):
            assert 0 <= mark.y <= leaf.height


def test_numbers_of_both_stand_above_with_what_the_new_one_has_more() -> None:
    shown = [m.text for m in all_marks(drawn("vgg16", "vgg16_bn").leaves[0].marks) if isinstance(m, TextMark)]
    assert shown[:2] == ["vgg16 → vgg16_bn", "network"] or shown[:3] == ["vgg16 →", "vgg16_bn", "network"]
    table = shown[shown.index("network") : shown.index("network") + 12]
    assert table == [
        *("network", "parameters", "multiply-accumulates"),
        *("vgg16", "138 M", "15.5 G"),
        *("vgg16_bn", "138 M", "15.5 G"),
        *("difference", "+8.45 k", "±0"),
    ]


def test_both_sides_say_what_was_lost_or_gained() -> None:
    lists = marked(*(compose(archdsl.load(name).graph, look(), Diagnostics()) for name in ("vgg16", "vgg16_bn")))
    notes = [[note for known in marks for mark in known.values() for note in mark.notes] for marks in lists]
    assert set(notes[OLD]) == set(notes[NEW]) == {"2 × bn added", "3 × bn added"}


def test_in_python_and_what_is_refused() -> None:
    old, new = archdsl.load("resnet18"), archdsl.load("resnet50")
    picture = old.draw(other=new, format="svg")
    assert picture == archdsl.load("resnet18").draw(other=archdsl.load("resnet50"))
    assert b"basic" in picture and b"bottleneck" in picture
    only = old.draw(other=new, block="basic")
    assert b">basic a<" in only and b">bottleneck a<" in only and b"global avg pool" not in only
    with pytest.raises(KeyError):
        old.draw(other=new, block="basics")
    with pytest.raises(ValueError, match="color"):
        old.draw(other=new, color="macs")
    with pytest.raises(ValueError, match="verify"):
        old.draw(other=new, verify=True)
    with pytest.raises(TypeError, match="takes a Network or None as other"):
        old.draw(other="resnet50")  # type: ignore[arg-type]
    with pytest.raises(archdsl.ArchError) as caught:
        old.draw(other=new, format="dot")
    assert [d.code for d in caught.value.diagnostics] == ["unknown-format"]


@pytest.mark.parametrize("op", ["FIRST + b", "FIRST * b", "[FIRST, b] -> concat"])
def test_what_has_no_room_inside_says_below_the_title_what_changed(op: str) -> None:
    """Circles and bars; a note that one panel has twice is said once."""
    text = f"""
network n(x: [8, 9, 9]) {{
    a = x -> conv(8, 3) as first
    b = a -> conv(8, 3) as second
    c = {op}
    d = c -> conv(8, 3)
    e = {op}
    return d, e
}}
"""
    old, new = (archdsl.loads(text.replace("FIRST", first)) for first in "ax")
    shown = " ".join("".join(node.itertext()) for node in ET.fromstring(old.draw(other=new)).iter(f"{SVG}text"))
    assert shown.count(": reads x, second instead of first, second") == 2  # one in each of the panels


BLOCKS = """
block f(x; c = 8) = x -> conv(c, 3)
block g(x; c = 8) = x -> f(c) -> relu -> conv(c, 1) -> relu
network before(x: [8, 16, 16]) = x -> f -> g -> g -> flatten -> linear(4) as head
network after(x: [8, 16, 16]) = x -> f(9) -> g -> g(16) -> conv(8) as more -> flatten -> linear(4) as head
network without(x: [8, 16, 16]) = x -> relu
"""


@pytest.mark.parametrize(("old", "new"), [("before", "after"), ("after", "before"), ("before", "without")])
@pytest.mark.parametrize("names", [["network"], ["before"], ["f"], ["g"], ["network", "f"], ["g", "before"]])
def test_what_can_be_drawn_alone_of_one_network_can_be_of_two(old: str, new: str, names: list[str]) -> None:
    """The network itself, by either name, and blocks so small that elsewhere they are drawn where they are called."""
    nets = [archdsl.loads(BLOCKS, network=name) for name in (old, new)]
    shown = texts_of(nets[0].draw(other=nets[1], block=names))
    whole = any(name in ("network", "before") for name in names)
    assert ("numbers of the whole" in " ".join(shown)) == (not whole)
    drawn = shown[len(shown) - shown[::-1].index("difference") :]  # below the numbers of both
    assert (old in drawn) == (new in drawn) == whole
    for name in set(names) - {"network", "before"}:
        assert name in shown
    with pytest.raises(KeyError):
        nets[0].draw(other=nets[1], block=["between", *names])


def texts_of(picture: bytes) -> list[str]:
    return ["".join(node.itertext()) for node in ET.fromstring(picture).iter(f"{SVG}text")]
