"""Proves that a figure shows its network: the scene against the IR, and each edge in the SVG as written."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.emit.figure.reading import read_figure
from archdsl.emit.figure.scene import Scene
from archdsl.emit.figure.unused import with_ends
from archdsl.emit.figure.verify import verify
from archdsl.ir.graph import bodies

_DRAWN = ("svg", "pdf", "png", "tikz")  # all from one drawing


def prove(scene: Scene, drawn: Scene, svg: bytes, format: str = "svg", blocks: Sequence[str] = ()) -> str:
    """What the figure of `scene` was found to cover, in a sentence.

    `drawn` are those panels of it that `svg` holds: all, or those of `blocks`, by name or title. `format` is what is
    written of them.

    Raises:
        ArchError: it says something else than the network, or an edge does not join its boxes (figure-differs).
    """
    covered = verify(scene, drawn.panels)
    shown = {id(instance.graph): instance.graph.name for panel in drawn.panels for instance in panel.instances}
    names = [panel.sketch.graph.name for panel in drawn.panels if panel is not scene.panels[0]] if blocks else []
    counts = {name: (list(shown.values()).count(name), _count(scene, name)) for name in dict.fromkeys(names)}
    whole = {name: counts.get(name, (0, most)) for name in blocks if (most := _count(scene, name))}
    lost = [f"{name}: {most - count} bodies are not shown" for name, (count, most) in whole.items() if count != most]
    figure = read_figure(svg) if svg else None
    for number, panel in enumerate(drawn.panels, 1):
        name = f"panel-{number}"
        if figure is None:
            lost.append(f"{name} is not drawn")
        elif not panel.words:
            lost += figure.differences(with_ends(panel.sketch), name, name)
    if found := [*covered.differences, *lost]:
        message = f"the figure of {scene.root.name} does not show the network"
        help = "this is a mistake of archdsl: please report it, with the spec"
        raise ArchError([Diagnostic("figure-differs", message, None, notes=tuple(found[:20]), help=help)])
    of = f"of {covered.instances:,} {'body' if covered.instances == 1 else 'bodies'}"
    if counts:
        of = " and ".join(f"of {count:,} of {most:,} bodies of {name}" for name, (count, most) in counts.items())
    told = sum(bool(panel.words) for panel in drawn.panels)
    each = "each edge of those that are drawn" if told else "each edge"
    lines = [f"verified: the figure shows {covered.ops:,} ops and calls and their {covered.edges:,} operands, {of}"]
    lines += [f"{told} of {len(drawn.panels)} panels are told line by line"] * bool(told)
    lines += [f"as svg, {each} leads from its box to its box{_not_read(format)}"] * (told < len(drawn.panels))
    return "; ".join(lines)


def _count(scene: Scene, name: str) -> int:
    return sum(body.name == name for body in bodies(scene.root) if body is not scene.root)


def _not_read(format: str) -> str:
    """What the proof leaves open where something else than an svg is written."""
    if format == "svg":
        return ""
    made = "is made from the same drawing" if format in _DRAWN else "is made from the same data"
    return f"; the {format} {made}, and was not read back"
