"""Turns a page into one DOT text with every position fixed: frames, boxes, their text, edges, legend and title."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from archdsl.emit.diagram import dot
from archdsl.emit.diagram.layout import LABEL, Figure, PlacedBox, PlacedEdge, Position
from archdsl.emit.diagram.measure import line_height, text_width
from archdsl.emit.diagram.page import Page
from archdsl.emit.diagram.scene import MAIN, SMALL, TITLE, Outline, Style, TextLine

_INK, _SOFT, _WIRE, _FRAME, _SHEET = "#1b1f24", "#57606a", "#4b535c", "#c4cad1", "#f8f9fa"
# Fill and border; the fills differ in lightness too, so that they stay apart in grey print.
COLOURS: Mapping[Style, tuple[str, str]] = {
    Style.CONVOLUTION: ("#cfe0f5", "#4a74a8"),
    Style.LINEAR: ("#b9b3dd", "#5d5496"),
    Style.POOL: ("#f3c9b8", "#b0624a"),
    Style.NORM: ("#fbf0c9", "#a98f35"),
    Style.MERGE: ("#cbe6cf", "#4d8a58"),
    Style.OTHER: ("#e4e7ea", "#7b848d"),
    Style.BLOCK: ("#ffffff", "#1b1f24"),
    Style.PORT: ("#ffffff", "#ffffff"),
    Style.GAP: ("#ffffff", "#7b848d"),
}
_LEGEND = (Style.CONVOLUTION, Style.LINEAR, Style.POOL, Style.NORM, Style.MERGE, Style.OTHER, Style.BLOCK)
_HEADLINE = 16.0  # size of the network's name, in points
_BORDER = 14.0  # around the page, in points
_SPARE = 24.0  # more than Graphviz pads a label with, in points


class _Canvas:
    """Collects DOT statements; points count downwards from the upper left corner."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.count = 0

    def node(self, center: Position, size: tuple[float, float], values: Mapping[str, str]) -> str:
        """Adds a node and gives its name."""
        name = f"n{self.count}"
        self.count += 1
        place = {
            "pos": f'"{dot.number(center[0])},{dot.number(-center[1])}"',
            "width": dot.inches(size[0]),
            "height": dot.inches(size[1]),
        }
        self.lines.append(f"{name} {dot.attributes({**place, **values})}")
        return name

    def text(self, line: TextLine, at: Position, colour: str = _INK, left: bool = False) -> None:
        """Adds a line of text centred at a point, or starting there."""
        width, height = text_width(line.text, line.size, line.bold), line_height(line.size)
        if left:  # Graphviz starts the line at the left border only of a node with room to spare
            width += _SPARE
        center = (at[0] + width / 2, at[1]) if left else at
        values = {
            "class": "text",
            "shape": "none" if left else "plain",
            "label": dot.label(line.text, "l" if left else ""),
            "fontsize": dot.number(line.size),
            "fontcolor": dot.quoted(colour),
        }
        if left:
            values |= {"margin": "0", "fixedsize": "true"}
        if line.bold:
            values["fontname"] = '"Helvetica-Bold"'
        self.node(center, (width, height), values)


def paint(page: Page, name: str, caption: str) -> str:
    """The page as DOT for the layout that keeps positions."""
    canvas = _Canvas()
    top = line_height(_HEADLINE) + (line_height(MAIN) if caption else 0) + 8
    legend = _legend_items(page)
    width = max(page.width, text_width(name, _HEADLINE, True), text_width(caption, MAIN), sum(w for _, w in legend))
    height = top + page.height + (26 if legend else 0)
    size = (width + 2 * _BORDER, height + 2 * _BORDER)
    canvas.node(
        (width / 2, height / 2), size, {"class": "page", "style": "filled", "fillcolor": "white", "color": "white"}
    )
    canvas.text(TextLine(name, _HEADLINE, True), (0.0, line_height(_HEADLINE) / 2), left=True)
    if caption:
        canvas.text(TextLine(caption, MAIN), (0.0, line_height(_HEADLINE) + line_height(MAIN) / 2), _SOFT, left=True)
    for figure, (x, y) in page.figures:
        _figure(canvas, figure, (x, y + top))
    _legend(canvas, legend, top + page.height + 16)
    head = [
        "digraph {",
        "graph [outputorder=nodesfirst, splines=true, pad=0, bgcolor=white]",
        'node [shape=box, label="", fixedsize=true, fontname="Helvetica", penwidth=0.9]',
        f'edge [arrowsize=0.5, penwidth=0.8, color="{_WIRE}", fontname="Helvetica", fontsize={LABEL}, '
        f'fontcolor="{_SOFT}"]',
    ]
    return "\n".join([*head, *canvas.lines, "}"]) + "\n"


def _figure(canvas: _Canvas, figure: Figure, corner: Position) -> None:
    width, height = figure.frame
    values = {"class": "frame", "style": '"filled"', "fillcolor": f'"{_SHEET}"', "color": f'"{_FRAME}"'}
    canvas.node((corner[0] + width / 2, corner[1] + height / 2), (width, height), values)
    y = corner[1] + 8 + line_height(TITLE) / 2
    title = figure.panel.title
    canvas.text(TextLine(title.name, TITLE, True), (corner[0] + 11, y), left=True)
    if title.uses:
        after = corner[0] + 11 + text_width(title.name, TITLE, True) + TITLE / 2
        canvas.text(TextLine(title.uses, MAIN), (after, y), _SOFT, left=True)
    y += line_height(TITLE) / 2 + line_height(SMALL) / 2
    for remark in title.remarks:
        canvas.text(TextLine(remark, SMALL), (corner[0] + 11, y), _SOFT, left=True)
        y += line_height(SMALL)
    origin = (corner[0] + figure.origin[0], corner[1] + figure.origin[1])
    names = [_box(canvas, placed, origin) for placed in figure.boxes]
    for placed in figure.edges:
        _edge(canvas, placed, names, origin)


def _box(canvas: _Canvas, placed: PlacedBox, origin: Position) -> str:
    box = placed.box
    x, y = origin[0] + placed.center[0], origin[1] + placed.center[1]
    fill, border = COLOURS[box.style]
    values = {"class": dot.quoted(box.shape), "fillcolor": f'"{fill}"', "color": f'"{border}"'}
    style = "filled,dashed" if box.dashed else "filled"
    values["style"] = f'"{style},rounded"' if box.style is Style.BLOCK else f'"{style}"'
    if box.shape is Outline.CIRCLE:
        values["shape"] = "ellipse"
    if box.shape is Outline.TEXT:
        values["style"] = "invis"
    if box.deep:
        back = {**values, "class": "sheet"}
        canvas.node((x + 2.5, y + 2.5), box.size, back)
    name = canvas.node((x, y), box.size, values)
    y -= sum(line_height(line.size) for line in box.lines) / 2
    for line in box.lines:
        y += line_height(line.size) / 2
        canvas.text(line, (x, y), _INK if line.size > SMALL else _SOFT)
        y += line_height(line.size) / 2
    return name


def _edge(canvas: _Canvas, placed: PlacedEdge, names: list[str], origin: Position) -> None:
    def at(point: Position) -> str:
        return f"{dot.number(origin[0] + point[0])},{dot.number(-origin[1] - point[1])}"

    spline = " ".join([f"e,{at(placed.tip)}", *map(at, placed.spline)])
    values = {"pos": f'"{spline}"'}
    if placed.edge.dashed:
        values["style"] = "dashed"
    if placed.edge.label and placed.label_at is not None:
        values |= {"label": dot.label(placed.edge.label), "lp": f'"{at(placed.label_at)}"'}
    canvas.lines.append(f"{names[placed.edge.source]} -> {names[placed.edge.target]} {dot.attributes(values)}")


def _boxes(page: Page) -> Iterable[PlacedBox]:
    return (placed for figure, _ in page.figures for placed in figure.boxes)


def _legend_items(page: Page) -> list[tuple[tuple[Style, bool], float]]:
    """What the legend explains, each with its width: the styles that occur, and dashed boxes."""
    used = {placed.box.style for placed in _boxes(page)}
    items = [(style, False) for style in _LEGEND if style in used]
    if any(placed.box.dashed and placed.box.style is not Style.GAP for placed in _boxes(page)):
        items.append((Style.PORT, True))
    return [(item, 24 + text_width(_legend_text(*item), SMALL) + 12) for item in items]


def _legend_text(style: Style, dashed: bool) -> str:
    return "not in every instance" if dashed else str(style)


def _legend(canvas: _Canvas, items: list[tuple[tuple[Style, bool], float]], y: float) -> None:
    x = 0.0
    for (style, dashed), width in items:
        fill, border = COLOURS[Style.GAP if dashed else style]
        shape = "filled,rounded,dashed" if dashed else "filled,rounded"
        values = {"class": "legend", "style": f'"{shape}"', "fillcolor": f'"{fill}"', "color": f'"{border}"'}
        canvas.node((x + 9, y), (18, 10), values)
        canvas.text(TextLine(_legend_text(style, dashed), SMALL), (x + 24, y), _SOFT, left=True)
        x += width
