"""Draws a space: all that its networks consist of, and where they part."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from archdsl.diagnostics.model import ArchError, Diagnostic, Diagnostics
from archdsl.emit.cells import number_text
from archdsl.emit.plots.scale import short
from archdsl.lazy import load_module
from archdsl.pictured import Pictured, look_of
from archdsl.spaces.ends import proven
from archdsl.spaces.following import difference
from archdsl.spaces.outline import Outliner

if TYPE_CHECKING:
    from archdsl.spaces.space import Space

_FOLLOWED = 100  # designs by which a figure is proven


class SpaceFigure(Pictured):
    """What can be seen of a space; its `graph` says what is chosen by ops of its own (`archdsl.ir.chosen`)."""

    def __init__(self, space: Space) -> None:
        """The figure of a space, in which what it picks is marked.

        Raises:
            ArchError: its inputs may be of sizes that make other networks.
        """
        outliner = Outliner(space.made.asked, space.picks)
        roots = [outliner.body(root.graph) for _, root in space.made.roots]
        found = outliner.joined.body(roots)
        if found is None:
            message, hint = f"{space.name} is another network at each of its input sizes", "give one with --input"
            raise ArchError([Diagnostic("bad-argument", message, None, help=hint)])
        self.space, self.graph, self.files = space, found, space.family.spec.files

    def figure(self, format: str = "svg", other: Pictured | None = None, **options: Any) -> tuple[bytes, Diagnostics]:
        """What `draw` gives, and what is odd about it."""
        look, odd = _look(other, options), Diagnostics()
        return load_module("archdsl.emit.figure").draw(self.graph, format, look, odd, self.caption), odd

    def figure_proof(self, format: str = "svg", **options: Any) -> str:
        """As of a network; and that designs lead through the figure to their networks, all where they are few.

        Raises:
            ArchError: it shows something else (figure-differs), or it cannot be drawn.
        """
        told = load_module("archdsl.emit.figure").proof(self.graph, _look(None, options), format, self.caption)
        space, rng = self.space, Random(0)
        few = space.size <= _FOLLOWED
        numbers = range(space.size) if few else [rng.randrange(space.size) for _ in range(_FOLLOWED)]
        for number in numbers:
            design = space.unrank(number)
            if wrong := difference(self.graph, space.network(design).graph, design):
                picks = ", ".join(f"{name} = {text}" for name, text in design.items())
                message = f"the figure of {space.name} does not show design {number_text(number)}"
                help = "this is a mistake of archdsl: please report it, with the spec"
                raise ArchError([Diagnostic("figure-differs", message, None, notes=(wrong, picks), help=help)])
        which = f"all {len(numbers):,} designs" if few else f"each of {_FOLLOWED} designs at random"
        return f"{told}; {which} lead{'' if few else 's'} through it to its network"

    @property
    def caption(self) -> str:
        """How many designs there are, and what they cost where that is known of all."""
        space, names = self.space, ("params", "macs")
        told = f"{number_text(space.size)} designs"
        ends = proven(space, names)
        for place, (name, what) in enumerate(zip(names, ("parameters", "multiply-accumulates"), strict=True)):
            if ends is not None:
                least, most = [short(int(one.numbers[place] or 0)) for one in ends[name]]
                told += f", {least if least == most else f'{least} to {most}'} {what}"
        return told


def _look(other: object, options: dict[str, Any]) -> Any:
    """How to draw.

    Raises:
        ValueError: `options` ask for what a space has not.
        TypeError: there is no such option.
    """
    if other is not None:
        raise ValueError("a space is drawn alone: pick what is open, and draw the two networks")
    look = look_of(options)
    if look.color != "kind":
        raise ValueError("color says what boxes cost, which in a space depends on what is picked")
    return look
