"""Proves that a figure shows its network: the scene against the IR, and each edge of the scene as an element drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.emit.figure.scene import Scene, Sketch
from archdsl.emit.figure.verify import verify

_IDS = re.compile(rb' id="([^"]*)"')


def prove(scene: Scene, drawn: Scene, svg: bytes) -> str:
    """What the figure of `scene` was found to cover, in a sentence; `drawn` are those panels of it that `svg` holds.

    Raises:
        ArchError: it says something else than the network, or an edge is not drawn (figure-differs).
    """
    covered = verify(scene)
    ids = {found.decode() for found in _IDS.findall(svg)}
    lost = [f"{name} is not drawn" for name in edge_ids(drawn) if name not in ids]
    if found := [*covered.differences, *lost]:
        message = f"the figure of {scene.root.name} does not show the network"
        help = "this is a mistake of archdsl: please report it, with the spec"
        raise ArchError([Diagnostic("figure-differs", message, None, notes=tuple(found[:20]), help=help)])
    return (
        f"verified: the figure shows {covered.ops:,} ops and calls and their {covered.edges:,} operands, "
        f"of {covered.instances:,} bodies; as svg, each edge is drawn"
    )


def edge_ids(scene: Scene) -> Iterator[str]:
    """The ids of all edges that the panels of a scene draw; those of what is told in words have none."""
    for number, panel in enumerate(scene.panels, 1):
        if not panel.words:
            yield from _ids(panel.sketch, f"panel-{number}")


def _ids(sketch: Sketch, name: str) -> Iterator[str]:
    yield from (f"{name}.edge-{i}" for i in range(1, len(sketch.edges) + 1))
    for i, box in enumerate(sketch.boxes, 1):
        if box.inside is not None:
            yield from _ids(box.inside, f"{name}.box-{i}")
