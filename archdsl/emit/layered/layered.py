"""Lays out a graph in rows from above to below: the steps of Sugiyama, Tagawa, Toda 1981 in turn.

    nodes a, b, c of 40 x 20;  links a -> b, b -> c, a -> c
    rows: a | b | c (`ranks`); a -> c passes b's row in a lane (`grid`), to its right (`order`); a, b, c are one
    column, the lane stands beside it (`columns`); c is met at two places (`ports`); a -> c goes down, right on a
    track (`channels`), past b, left on a track, down (`wires`)

`sides`, `centres` and `jogs` make it look as a person would draw it. `archdsl/emit/view/layered.js` is the same for the
page, to the last bit: who changes one changes the other.
"""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.emit.layered.centres import centre_blocks
from archdsl.emit.layered.columns import alignments, place_columns
from archdsl.emit.layered.grid import Grid
from archdsl.emit.layered.jogs import remove_jogs
from archdsl.emit.layered.model import LayeredGaps, LayeredLink, LayeredNode, LayeredPlan
from archdsl.emit.layered.order import order_rows
from archdsl.emit.layered.ports import meet_nodes, settle_drops, settle_ends, settle_ports
from archdsl.emit.layered.sides import choose_sides
from archdsl.emit.layered.wires import draw_wires


def layered(nodes: Sequence[LayeredNode], links: Sequence[LayeredLink], gaps: LayeredGaps | None = None) -> LayeredPlan:
    """Places of nodes, wires and texts; equal input gives an equal plan, to the last bit.

    For a picture from left to right swap widths and heights of all that goes in, and x and y of all that comes out.
    """
    grid = Grid(nodes, links, LayeredGaps() if gaps is None else gaps)
    meet_nodes(grid)
    order_rows(grid)
    settle_ends(grid)
    choose_sides(grid)
    above, below = alignments(grid)
    middles = place_columns(grid, above, below)
    centre_blocks(grid, middles, above, below)
    settle_ports(grid, middles)
    remove_jogs(grid, middles)
    settle_drops(grid, middles)
    return draw_wires(grid, middles)
