"""A drawing by hand with every mark and hostile text in it, and random drawings; what the writers are tested on."""

from __future__ import annotations

import random
from collections.abc import Iterator

from archdsl.emit.marks.font import text_width
from archdsl.emit.marks.model import CircleMark, Drawing, GroupMark, Leaf, Mark, PathMark, PathStep, RectMark, TextMark
from archdsl.emit.marks.palettes import COST_STEPS, STYLES, cost_role

# Text that has broken a writer of some format somewhere.
HOSTILE = (
    r"\input{/etc/passwd} %$#&_^~{}",
    "]]><script>alert(1)</script>&amp;'\"",
    "a\0b\x07\x1b[31m\ud800",
    "\u202eturned\u202c\u2066x",
    "line\nbreak\r\ttab  two",
    "( ( \\) ) \\\\ (",
    "^^M ^^5c \\endinput --> -- <!--",
    "中文 \N{ROBOT FACE} é e\u0301 שלום",
    "αβ × ÷ − ⊕ ⊗ ↻ → ← ↑ ↓ … · ∑ √ ≤ ≥ ≠ ∞ ½ ² ³ ₂ Žluťoučký «kůň» “q” – —",
)


def box(name: str, x: float, y: float, lines: tuple[str, ...], style: str, dashed: bool = False) -> GroupMark:
    """A box of two sizes of text, as figures have them."""
    width = max(text_width(line, 10 if not i else 8, not i) for i, line in enumerate(lines)) + 14
    height = 12.5 + 10 * (len(lines) - 1) + 9
    radius = 4 if style == "block" else 1.5
    outline = RectMark(x, y, width, height, f"{style}.fill", f"{style}.border", 0.9, radius, (3, 2) if dashed else ())
    texts = [TextMark(x + width / 2, y + 13.5, lines[0], 10, bold=True, anchor="middle")]
    texts += [
        TextMark(x + width / 2, y + 13.5 + 10 * i, line, 8, "soft", anchor="middle")
        for i, line in enumerate(lines[1:], 1)
    ]
    return GroupMark((outline, *texts), name, "box", f"box {name}")


def demo() -> Drawing:
    """Two pages: a residual block beside a column of all styles, then shares of cost and hostile text."""

    def wire(name: str, *steps: PathStep, shape: str = "") -> GroupMark:
        label = (TextMark(99, float(steps[-1][2]) - 7, shape, 8, "soft"),) if shape else ()
        return GroupMark((PathMark(steps, arrow=True), *label), name, "edge")

    plus = CircleMark(95, 205, 8.5, "merge.fill", "merge.border", 0.9), TextMark(95, 208.6, "+", 10, anchor="middle")
    around = ("C", 180, 84, 180, 100, 180, 120), ("L", 180, 190), ("C", 180, 205, 150, 205, 103.5, 205)
    marks: list[Mark] = [
        TextMark(14, 26, "resnet50", 16, bold=True),
        TextMark(14, 40, "25.6 M parameters, 4.09 G multiply-accumulates", 10, "soft"),
        RectMark(14, 52, 210, 190, "frame.fill", "frame", 0.8, 3),
        TextMark(24, 70, "bottleneck", 12, bold=True),
        TextMark(92, 70, "× 12, stride 1: identity", 10, "soft"),
        box("f0.b0", 60, 90, ("conv 1×1, 64", "norm, relu"), "convolution"),
        box("f0.b1", 60, 140, ("conv 3×3, 64", "norm, relu"), "convolution"),
        GroupMark(plus, "f0.b2", "box"),
        wire("f0.e0", ("M", 95, 78), ("L", 95, 90)),
        wire("f0.e1", ("M", 95, 121.5), ("L", 95, 140), shape="64×56×56"),
        wire("f0.e2", ("M", 95, 171.5), ("L", 95, 196.5)),
        wire("f0.e3", ("M", 95, 82), *around),
        PathMark((("M", 40, 230), ("L", 200, 230)), dashes=(4, 2)),
        PathMark((("M", 205, 60), ("L", 215, 60), ("L", 210, 68), ("L", 205, 60)), stroke=None, fill="#cc0000"),
    ]
    y = 52.0
    for i, style in enumerate((*STYLES, "port")):
        marks.append(box(f"f1.b{i}", 240, y, (style, "out 64, stride 2"), style, dashed=style == "other"))
        y += 40
    costs: list[Mark] = []
    for step in range(COST_STEPS):
        role = cost_role((step + 0.5) / COST_STEPS)
        costs.append(RectMark(14 + 30 * step, 14, 30, 24, role, "cost.border"))
        costs.append(TextMark(29 + 30 * step, 30, f"{step}0 %", 8, f"{role}.ink", anchor="middle"))
    for i, text in enumerate(HOSTILE):
        width = text_width(text, 10, i % 2 > 0)
        costs.append(RectMark(14, 50 + 20 * i, width, 14, "frame.fill", "frame", 0.4))
        costs.append(GroupMark((TextMark(14, 61 + 20 * i, text, 10, bold=i % 2 > 0),), f"t {i}/{text}", text, text))
    leaves = (Leaf(370, 390, tuple(marks)), Leaf(420, 250, tuple(costs)))
    return Drawing(leaves, "resnet50 <&\0>", "A residual block, and what breaks writers: ]]> \\ ( ) \ud800.", "d1-")


def random_drawing(draw: random.Random, count: int) -> Drawing:
    """Marks of all kinds at random places, groups inside groups; arrows may have no length."""
    identifiers = iter(range(10**9))
    dashes = ((), (), (3.0, 1.5))

    def at() -> float:
        return draw.choice((0.0, 1 / 3, draw.uniform(-20, 500)))

    def text() -> TextMark:
        characters = [
            chr(draw.randrange(draw.choice((128, 0x500, 0x3000, 0x110000)))) for _ in range(draw.randrange(9))
        ]
        anchor, size = draw.choice(("start", "middle", "end")), draw.choice((6, 8, 10.5))
        return TextMark(at(), at(), "".join(characters), size, "ink", draw.random() < 0.5, anchor)

    def path(fill: str | None) -> PathMark:
        steps: list[PathStep] = [("M", at(), at())]
        for _ in range(draw.randrange(1, 4)):
            steps.append(("L", at(), at()) if draw.random() < 0.7 else ("C", at(), at(), at(), at(), at(), at()))
        stroke, arrow = draw.choice(("wire", None)), draw.random() < 0.5
        return PathMark(tuple(steps), stroke, fill, 1.2, arrow, draw.choice(dashes))

    def mark(depth: int) -> Mark:
        kind = draw.randrange(5 if depth < 3 else 4)
        fill, stroke = (draw.choice((None, "ink", "pool.fill", "#12ab9f")) for _ in "fs")
        if kind == 0:
            return text()
        if kind == 1:
            radius = draw.choice((0, 2.0))
            return RectMark(at(), at(), abs(at()), abs(at()), fill, stroke, 0.8, radius, draw.choice(dashes))
        if kind == 2:
            return CircleMark(at(), at(), abs(at()), fill, stroke)
        if kind == 3:
            return path(fill)
        inside = tuple(mark(depth + 1) for _ in range(draw.randrange(4)))
        return GroupMark(inside, f"g{next(identifiers)}", draw.choice(("", "box")), draw.choice(("", "a <title>")))

    leaves = tuple(
        Leaf(draw.uniform(1, 600), draw.uniform(1, 600), tuple(mark(0) for _ in range(count)))
        for _ in range(draw.choice((1, 1, 2, 3)))
    )
    return Drawing(leaves, draw.choice(HOSTILE), draw.choice(("", *HOSTILE)), draw.choice(("", "p-")))


def flat(marks: tuple[Mark, ...]) -> Iterator[Mark]:
    """All marks, groups before what is in them."""
    for mark in marks:
        yield mark
        if isinstance(mark, GroupMark):
            yield from flat(mark.marks)
